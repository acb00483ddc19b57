// Runs rtl/vector.v again over the cycles that vector_bench.cpp recorded, and compares every output
// that means something in the cycle. What was not read comes as unknown: none may get through.
// Usage: vvp vector_replay +record=FILE
`default_nettype none
`timescale 1ns / 1ns

module vector_replay;
  parameter Cols      = 4;
  parameter Lanes     = 4;
  parameter LineBytes = 16;

  reg                    clk = 1'b0, rst_n = 1'b0;
  reg                    head_valid = 1'b0, tokens_ok = 1'b0;
  reg  [511:0]           head;
  reg  [LineBytes*8-1:0] ub_data;
  reg  [Cols*32-1:0]     acc_data;

  wire                   start, busy, rd_en, acc_en, acc_bank, wr_en, ev_read, ev_done, ended;
  wire [31:0]            rd_addr, wr_addr;
  wire [15:0]            rd_bytes, acc_row, wr_bytes;
  wire [LineBytes*8-1:0] wr_data;
  wire [4:0]             give_read, give_done;

  // What the record says.
  reg                    r_start, r_busy, r_rd_en, r_acc_en, r_acc_bank, r_wr_en, r_ev_read;
  reg                    r_ev_done;
  reg  [31:0]            r_rd_addr, r_wr_addr;
  reg  [15:0]            r_rd_bytes, r_acc_row, r_wr_bytes;
  reg  [LineBytes*8-1:0] r_wr_data, mask;
  reg  [4:0]             r_give_read, r_give_done;

  vector #(
    .Cols     (Cols),
    .Lanes    (Lanes),
    .LineBytes(LineBytes)
  ) u_vector (
    .clk_i        (clk),
    .rst_ni       (rst_n),
    .head_valid_i (head_valid),
    .head_i       (head),
    .tokens_ok_i  (tokens_ok),
    .start_o      (start),
    .ub_rd_en_o   (rd_en),
    .ub_rd_addr_o (rd_addr),
    .ub_rd_bytes_o(rd_bytes),
    .ub_rd_data_i (ub_data),
    .acc_rd_en_o  (acc_en),
    .acc_rd_bank_o(acc_bank),
    .acc_rd_row_o (acc_row),
    .acc_rd_data_i(acc_data),
    .ub_wr_en_o   (wr_en),
    .ub_wr_addr_o (wr_addr),
    .ub_wr_bytes_o(wr_bytes),
    .ub_wr_data_o (wr_data),
    .ev_read_o    (ev_read),
    .give_read_o  (give_read),
    .ev_done_o    (ev_done),
    .give_done_o  (give_done),
    .busy_o       (busy),
    .end_o        (ended)
  );

  reg [8*512-1:0] name;
  integer         file, fields, cycle, bad;

  initial begin
    if (!$value$plusargs("record=%s", name)) begin
      $display("vector_replay: +record=FILE is missing");
      $finish;
    end
    file  = $fopen(name, "r");
    cycle = 0;
    bad   = file == 0;
    #1 clk = 1'b1;
    #1 clk = 1'b0;
    rst_n = 1'b1;
    fields = 20;
    while (bad == 0 && fields == 20) begin
      fields = $fscanf(file, "%h %h %h %h %h %h %h %h %h %h %h %h %h %h %h %h %h %h %h %h %h\n",
                       head_valid, tokens_ok, head, ub_data, acc_data, r_start, r_busy, r_rd_en,
                       r_rd_addr, r_rd_bytes, r_acc_en, r_acc_bank, r_acc_row, r_wr_en, r_wr_addr,
                       r_wr_bytes, r_wr_data, r_ev_read, r_give_read, r_ev_done, r_give_done) - 1;
      if (fields == 20) begin
        #1;
        mask = ~({LineBytes * 8{1'b1}} << {r_wr_bytes, 3'b000});
        if ({start, busy, rd_en, acc_en, wr_en, ev_read, ev_done, ended} !==
            {r_start, r_busy, r_rd_en, r_acc_en, r_wr_en, r_ev_read, r_ev_done, r_ev_done} ||
            (r_rd_en && {rd_addr, rd_bytes} !== {r_rd_addr, r_rd_bytes}) ||
            (r_acc_en && {acc_bank, acc_row} !== {r_acc_bank, r_acc_row}) ||
            (r_wr_en && {wr_addr, wr_bytes, wr_data & mask} !==
             {r_wr_addr, r_wr_bytes, r_wr_data & mask}) ||
            (r_ev_read && give_read !== r_give_read) || (r_ev_done && give_done !== r_give_done))
        begin
          bad = 1;
          $display("vector_replay: cycle %0d differs from the record", cycle);
        end
        #1 clk = 1'b1;
        #1 clk = 1'b0;
        cycle = cycle + 1;
      end
    end
    if (bad == 0) $display("vector_replay: %0d cycles agree", cycle);
    $finish;
  end
endmodule

`default_nettype wire
