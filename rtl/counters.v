// Hardware counters: all of sim/machine/counters.def, in its order on the read port.
// Latency: an event of cycle t is counted from t + 1; value_o is that of the last cycle's sel_i, once
// the program has ended.
// Throughput: every counter in every cycle. Counting ends with the program: done_o is set in every
// cycle behind the last end of an instruction, in which a left-over tile may still be shifted.
`default_nettype none

module counters (
  input  wire         clk_i,
  input  wire         rst_ni,
  // program
  input  wire         ended_i,       // END was taken, registered
  input  wire         own_i,         // BASE or END taken
  input  wire [4:0]   queued_i,      // queue not empty
  input  wire [4:0]   start_i,
  input  wire [4:0]   end_i,
  input  wire [4:0]   busy_i,
  input  wire [4:0]   blocked_i,
  // MATMUL
  input  wire [8:0]   cause_i,
  input  wire         row_i,
  input  wire         row_add_i,
  input  wire [9:0]   tile_k_i,      // active tile of the row
  input  wire [9:0]   tile_n_i,
  input  wire         acc_rd_i,
  // memory ports: LOAD, STORE, WLOAD
  input  wire [2:0]   request_i,
  input  wire [2:0]   grant_i,
  input  wire [8:0]   class_i,       // three bits each, of the request
  input  wire [12:0]  burst0_i,      // bytes of a burst of LOAD and STORE
  input  wire [12:0]  burst1_i,      // of WLOAD
  // unified buffer: bytes of this cycle, by unit
  input  wire [79:0]  ub_rd_bytes_i,
  input  wire [79:0]  ub_wr_bytes_i,
  // weight FIFO
  input  wire         fifo_wr_i,
  input  wire [12:0]  fifo_wr_bytes_i,
  input  wire         shift_i,
  input  wire [19:0]  shift_bytes_i,
  input  wire [6:0]   fifo_taken_i,
  // read port
  output wire         done_o,
  input  wire [6:0]   sel_i,
  output wire [63:0]  value_o
);
  reg [63:0]   now_q, cycles_q, macs_q, acc_writes_q, acc_adds_q, acc_reads_q;
  reg [63:0]   fifo_writes_q, fifo_reads_q, fifo_peak_q, shifts_q;
  reg [9*64-1:0] cause_q;
  reg [5*64-1:0] busy_q, instructions_q, blocked_q, ub_reads_q, ub_writes_q;
  reg [3*64-1:0] waits_q, bursts_q;
  reg [8*64-1:0] dram_reads_q, dram_writes_q;

  wire running = !ended_i || queued_i != '0 || busy_i != '0;
  assign done_o = !running;

  // bytes granted in this cycle, by requester
  wire [63:0] load_bytes = grant_i[0] ? {51'd0, burst0_i} : '0;
  wire [63:0] store_bytes = grant_i[1] ? {51'd0, burst0_i} : '0;
  wire [63:0] wload_bytes = grant_i[2] ? {51'd0, burst1_i} : '0;

  wire [65*64-1:0] all = {
    shifts_q, fifo_peak_q, fifo_reads_q, fifo_writes_q, acc_reads_q, acc_adds_q, acc_writes_q,
    ub_writes_q, ub_reads_q, bursts_q, dram_writes_q, dram_reads_q, waits_q, blocked_q,
    instructions_q, busy_q, macs_q, cause_q, cycles_q
  };
  reg [63:0] value_q;
  assign value_o = value_q;
  always_ff @(posedge clk_i) begin
    if (done_o) value_q <= sel_i < 7'd65 ? all[{sel_i, 6'd0} +: 64] : '0;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      now_q <= '0;
      cycles_q <= '0;
      macs_q <= '0;
      acc_writes_q <= '0;
      acc_adds_q <= '0;
      acc_reads_q <= '0;
      fifo_writes_q <= '0;
      fifo_reads_q <= '0;
      fifo_peak_q <= '0;
      shifts_q <= '0;
    end else begin
      now_q <= now_q + 1'b1;
      if (own_i || end_i != '0) cycles_q <= now_q + 1'b1;
      if (row_i) begin
        macs_q <= macs_q + {44'd0, {10'd0, tile_k_i} * {10'd0, tile_n_i}};
        acc_writes_q <= acc_writes_q + 1'b1;
        if (row_add_i) acc_adds_q <= acc_adds_q + 1'b1;
      end
      if (acc_rd_i) acc_reads_q <= acc_reads_q + 1'b1;
      if (fifo_wr_i) fifo_writes_q <= fifo_writes_q + {51'd0, fifo_wr_bytes_i};
      if (running && shift_i) begin
        shifts_q <= shifts_q + 1'b1;
        fifo_reads_q <= fifo_reads_q + {44'd0, shift_bytes_i};
      end
      if ({57'd0, fifo_taken_i} > fifo_peak_q) fifo_peak_q <= {57'd0, fifo_taken_i};
    end
  end

  genvar i;
  generate
    for (i = 0; i < 9; i = i + 1) begin : g_cause
      always_ff @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) cause_q[i*64 +: 64] <= '0;
        else if (running && cause_i[i]) cause_q[i*64 +: 64] <= cause_q[i*64 +: 64] + 1'b1;
      end
    end
    for (i = 0; i < 5; i = i + 1) begin : g_unit
      always_ff @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) begin
          busy_q[i*64 +: 64] <= '0;
          instructions_q[i*64 +: 64] <= '0;
          blocked_q[i*64 +: 64] <= '0;
          ub_reads_q[i*64 +: 64] <= '0;
          ub_writes_q[i*64 +: 64] <= '0;
        end else begin
          if (busy_i[i]) busy_q[i*64 +: 64] <= busy_q[i*64 +: 64] + 1'b1;
          if (start_i[i]) instructions_q[i*64 +: 64] <= instructions_q[i*64 +: 64] + 1'b1;
          if (blocked_i[i]) blocked_q[i*64 +: 64] <= blocked_q[i*64 +: 64] + 1'b1;
          if (ub_rd_bytes_i[i*16 +: 16] != '0) begin
            ub_reads_q[i*64 +: 64] <= ub_reads_q[i*64 +: 64] + {48'd0, ub_rd_bytes_i[i*16 +: 16]};
          end
          if (ub_wr_bytes_i[i*16 +: 16] != '0) begin
            ub_writes_q[i*64 +: 64] <= ub_writes_q[i*64 +: 64] + {48'd0, ub_wr_bytes_i[i*16 +: 16]};
          end
        end
      end
    end
    for (i = 0; i < 3; i = i + 1) begin : g_requester
      always_ff @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) begin
          waits_q[i*64 +: 64] <= '0;
          bursts_q[i*64 +: 64] <= '0;
        end else begin
          if (request_i[i] && !grant_i[i]) waits_q[i*64 +: 64] <= waits_q[i*64 +: 64] + 1'b1;
          if (grant_i[i]) bursts_q[i*64 +: 64] <= bursts_q[i*64 +: 64] + 1'b1;
        end
      end
    end
    for (i = 0; i < 8; i = i + 1) begin : g_class
      wire load_here = grant_i[0] && class_i[2:0] == i;
      wire store_here = grant_i[1] && class_i[5:3] == i;
      wire wload_here = grant_i[2] && class_i[8:6] == i;
      always_ff @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) begin
          dram_reads_q[i*64 +: 64] <= '0;
          dram_writes_q[i*64 +: 64] <= '0;
        end else begin
          if (load_here || wload_here) begin
            dram_reads_q[i*64 +: 64] <= dram_reads_q[i*64 +: 64] +
                (load_here ? load_bytes : '0) + (wload_here ? wload_bytes : '0);
          end
          if (store_here) dram_writes_q[i*64 +: 64] <= dram_writes_q[i*64 +: 64] + store_bytes;
        end
      end
    end
  endgenerate
endmodule

`default_nettype wire
