// Walks the rows of a LOAD, STORE or FILL: n1 x n0 rows of contiguous bytes, each split at burst
// boundaries of the DRAM address, ascending.
// Latency: the first burst is there one cycle after start_i. Throughput: one burst per cycle
// (step_i).
`default_nettype none

module burst_walker (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        start_i,
  input  wire [47:0] addr_i,
  input  wire [31:0] ub_addr_i,
  input  wire [31:0] bytes_i,
  input  wire [15:0] n0_i,
  input  wire [15:0] n1_i,
  input  wire [31:0] dp0_i,
  input  wire [31:0] dp1_i,
  input  wire [31:0] up0_i,
  input  wire [31:0] up1_i,
  input  wire [12:0] burst_bytes_i,  // a power of two
  input  wire        step_i,
  output wire        active_o,       // a burst is there
  output wire [47:0] burst_addr_o,   // aligned
  output wire [12:0] offset_o,       // of the row's first byte within the burst
  output wire [12:0] bytes_o,        // of the row in this burst
  output wire [31:0] ub_addr_o,      // of the first of these bytes
  output wire        last_o          // of the instruction
);
  reg        active_q;
  reg [47:0] addr_q, row_addr_q, base_addr_q;  // next byte; row start; start of row i0 = 0
  reg [31:0] ub_q, row_ub_q, base_ub_q;
  reg [31:0] left_q, bytes_q;
  reg [15:0] n0_q, i0_left_q, i1_left_q;       // rows left after this one
  reg [31:0] dp0_q, dp1_q, up0_q, up1_q;

  wire [12:0] offset = addr_q[12:0] & (burst_bytes_i - 1'b1);
  wire [12:0] room = burst_bytes_i - offset;
  wire        row_end = left_q <= {19'd0, room};
  wire [12:0] bytes = row_end ? left_q[12:0] : room;

  wire [47:0] row_addr_next = row_addr_q + {{16{dp0_q[31]}}, dp0_q};
  wire [31:0] row_ub_next = row_ub_q + up0_q;
  wire [47:0] base_addr_next = base_addr_q + {{16{dp1_q[31]}}, dp1_q};
  wire [31:0] base_ub_next = base_ub_q + up1_q;

  assign active_o = active_q;
  assign burst_addr_o = addr_q - {35'd0, offset};
  assign offset_o = offset;
  assign bytes_o = bytes;
  assign ub_addr_o = ub_q;
  assign last_o = row_end && i0_left_q == '0 && i1_left_q == '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) active_q <= 1'b0;
    else if (start_i) active_q <= 1'b1;
    else if (step_i && last_o) active_q <= 1'b0;
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      addr_q <= addr_i;
      row_addr_q <= addr_i;
      base_addr_q <= addr_i;
      ub_q <= ub_addr_i;
      row_ub_q <= ub_addr_i;
      base_ub_q <= ub_addr_i;
      left_q <= bytes_i;
      bytes_q <= bytes_i;
      n0_q <= n0_i - 1'b1;
      i0_left_q <= n0_i - 1'b1;
      i1_left_q <= n1_i - 1'b1;
      dp0_q <= dp0_i;
      dp1_q <= dp1_i;
      up0_q <= up0_i;
      up1_q <= up1_i;
    end else if (step_i) begin
      if (!row_end) begin
        addr_q <= addr_q + {35'd0, bytes};
        ub_q <= ub_q + {19'd0, bytes};
        left_q <= left_q - {19'd0, bytes};
      end else if (i0_left_q != '0) begin
        addr_q <= row_addr_next;
        row_addr_q <= row_addr_next;
        ub_q <= row_ub_next;
        row_ub_q <= row_ub_next;
        left_q <= bytes_q;
        i0_left_q <= i0_left_q - 1'b1;
      end else begin
        addr_q <= base_addr_next;
        row_addr_q <= base_addr_next;
        base_addr_q <= base_addr_next;
        ub_q <= base_ub_next;
        row_ub_q <= base_ub_next;
        base_ub_q <= base_ub_next;
        left_q <= bytes_q;
        i0_left_q <= n0_q;
        i1_left_q <= i1_left_q - 1'b1;
      end
    end
  end
endmodule

`default_nettype wire
