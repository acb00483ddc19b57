// Replays a run that the bench recorded (--record) and compares every output of every cycle with it;
// then writes the counters, one a line. For simulators other than the bench's.
// Plusargs: +record=FILE +counters=FILE +burst0=N +burst1=N +outstanding0=N +outstanding1=N.
`default_nettype none
`timescale 1ns / 1ns

module replay #(
  parameter Rows = 4, Cols = 4, WeightBuffers = 2, ShiftRows = 1, BufferBytes = 16384, Banks = 8,
  parameter AccRows = 64, FifoTiles = 2, Lanes = 4, LoadQueue = 4, StoreQueue = 4, WloadQueue = 4,
  parameter MatmulQueue = 4, VectorQueue = 4, Ports = 1, Port0Bytes = 16, Port1Bytes = 16,
  parameter ArrayGrid = 0
);
  reg clk = 1'b0, rst_n = 1'b0;
  reg [12:0] burst0, burst1;
  reg [8:0]  outstanding0, outstanding1;

  // inputs, and outputs as recorded
  reg                     instr_valid = 1'b0, rd0_valid = 1'b0, rd1_valid = 1'b0, resp = 1'b0;
  reg [511:0]             instr = 512'd0;
  reg                     rd0_last = 1'b0, rd1_last = 1'b0;
  reg [1:0]               rd0_id = 2'd0;
  reg [Port0Bytes*8-1:0]  rd0_data = 0;
  reg [Port1Bytes*8-1:0]  rd1_data = 0;
  reg [6:0]               sel = 7'd0;
  reg                     x_ready, x_done, x_req0, x_write, x_wr, x_wr_last, x_req1;
  reg [4:0]               x_start, x_end;
  reg [1:0]               x_id;
  reg [47:0]              x_addr0, x_addr1;
  reg [Port0Bytes*8-1:0]  x_data;
  reg [Port0Bytes-1:0]    x_strb;

  wire                    ready, done, req0, write, wr, wr_last, req1, collision;
  wire [4:0]              start, stop;
  wire [1:0]              id;
  wire [47:0]             addr0, addr1;
  wire [Port0Bytes*8-1:0] data;
  wire [Port0Bytes-1:0]   strb;
  wire [63:0]             counter;

  systole #(
    .Rows(Rows), .Cols(Cols), .WeightBuffers(WeightBuffers), .ShiftRows(ShiftRows),
    .BufferBytes(BufferBytes), .Banks(Banks), .AccRows(AccRows), .FifoTiles(FifoTiles),
    .Lanes(Lanes), .LoadQueue(LoadQueue), .StoreQueue(StoreQueue), .WloadQueue(WloadQueue),
    .MatmulQueue(MatmulQueue), .VectorQueue(VectorQueue), .Ports(Ports), .Port0Bytes(Port0Bytes),
    .Port1Bytes(Port1Bytes), .ArrayGrid(ArrayGrid)
  ) u_machine (
    .clk_i(clk), .rst_ni(rst_n), .burst0_bytes_i(burst0), .burst1_bytes_i(burst1),
    .outstanding0_i(outstanding0), .outstanding1_i(outstanding1), .instr_valid_i(instr_valid),
    .instr_i(instr), .instr_ready_o(ready), .m0_req_valid_o(req0), .m0_req_write_o(write),
    .m0_req_id_o(id), .m0_req_addr_o(addr0), .m0_rd_valid_i(rd0_valid), .m0_rd_last_i(rd0_last),
    .m0_rd_id_i(rd0_id), .m0_rd_data_i(rd0_data), .m0_wr_valid_o(wr), .m0_wr_last_o(wr_last),
    .m0_wr_data_o(data), .m0_wr_strb_o(strb), .m0_resp_valid_i(resp), .m1_req_valid_o(req1),
    .m1_req_addr_o(addr1), .m1_rd_valid_i(rd1_valid), .m1_rd_last_i(rd1_last),
    .m1_rd_data_i(rd1_data), .start_o(start), .end_o(stop), .done_o(done),
    .collision_o(collision), .counter_sel_i(sel), .counter_o(counter)
  );

  // data of a write beat whose byte is not enabled are no part of the contract
  function [Port0Bytes*8-1:0] enabled(input [Port0Bytes*8-1:0] bytes, input [Port0Bytes-1:0] lanes);
    integer i;
    for (i = 0; i < Port0Bytes; i = i + 1) begin
      enabled[i*8 +: 8] = lanes[i] ? bytes[i*8 +: 8] : 8'd0;
    end
  endfunction

  reg [8*256-1:0] record_path, counters_path;
  integer         record, counters, got, cycle, i;

  initial begin
    got = $value$plusargs("record=%s", record_path) && $value$plusargs("counters=%s", counters_path) &&
          $value$plusargs("burst0=%d", burst0) && $value$plusargs("burst1=%d", burst1) &&
          $value$plusargs("outstanding0=%d", outstanding0) &&
          $value$plusargs("outstanding1=%d", outstanding1);
    record = $fopen(record_path, "r");
    counters = $fopen(counters_path, "w");
    repeat (2) begin
      #1 clk = 1'b1;
      #1 clk = 1'b0;
    end
    rst_n = 1'b1;
    cycle = 0;
    got = 24;
    while (got == 24) begin
      got = $fscanf(record, "%h %h %h %h %h %h %h %h %h %h %h %h %h %h %h %h %h %h %h %h %h %h %h %h",
                    instr_valid, instr, rd0_valid, rd0_last, rd0_id, rd0_data, resp, rd1_valid,
                    rd1_last, rd1_data, x_ready, x_start, x_end, x_done, x_req0, x_write, x_id,
                    x_addr0, x_wr, x_wr_last, x_data, x_strb, x_req1, x_addr1);
      if (got == 24) begin
        #1;
        if (ready !== x_ready || start !== x_start || stop !== x_end || done !== x_done ||
            req0 !== x_req0 || wr !== x_wr || req1 !== x_req1 ||
            (x_req0 && {write, id, addr0} !== {x_write, x_id, x_addr0}) ||
            (x_req1 && addr1 !== x_addr1) ||
            (x_wr && {wr_last, strb} !== {x_wr_last, x_strb}) ||
            (x_wr && enabled(data, strb) !== enabled(x_data, x_strb))) begin
          $display("recorded: ready %b start %b end %b done %b port 0 %b %b %0d %h write %b %b %h %h port 1 %b %h",
                   x_ready, x_start, x_end, x_done, x_req0, x_write, x_id, x_addr0, x_wr, x_wr_last,
                   enabled(x_data, x_strb), x_strb, x_req1, x_addr1);
          $display("replayed: ready %b start %b end %b done %b port 0 %b %b %0d %h write %b %b %h %h port 1 %b %h",
                   ready, start, stop, done, req0, write, id, addr0, wr, wr_last,
                   enabled(data, strb), strb, req1, addr1);
          $display("cycle %0d: the outputs differ from the recorded ones", cycle);
          $finish;
        end
        clk = 1'b1;
        #1 clk = 1'b0;
        cycle = cycle + 1;
      end
    end
    for (i = 0; i < 65; i = i + 1) begin
      sel = i;
      #1 clk = 1'b1;
      #1 clk = 1'b0;
      $fdisplay(counters, "%0d", counter);
    end
    $fclose(counters);
    $display("replayed %0d cycles", cycle);
    $finish;
  end
endmodule

`default_nettype wire
