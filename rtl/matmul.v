// MATMUL unit: walks the rows of its instructions through the unified buffer, one per cycle, and
// sends with each where it goes in the accumulators and whether a new tile becomes active with it.
// Latency: the first row is issued in the start cycle; the last is accumulated MM_LATENCY cycles
// after its issue. Throughput: one row per cycle, instructions follow without a gap.
`default_nettype none
`include "systole_isa.vh"
`include "systole_latency.vh"

module matmul #(
  parameter Rows = 4,
  parameter Cols = 4,
  parameter MmLatency = `SA_LAT_UB_READ + Rows + Cols - 1 + `SA_LAT_ACC_UPDATE
) (
  input  wire         clk_i,
  input  wire         rst_ni,
  // queue
  input  wire         head_valid_i,
  input  wire [511:0] head_i,
  input  wire         tokens_ok_i,
  output wire         start_o,
  // weight shift
  input  wire         shadow_full_i,
  output wire         consume_o,  // the shadow's tile becomes active with this row
  output wire         reload_o,   // with one weight buffer: the array is drained and the head needs
                                  // a new tile
  // the row issued in this cycle
  output wire         row_o,
  output wire         ub_rd_en_o,
  output wire [31:0]  ub_rd_addr_o,
  output wire [15:0]  ub_rd_bytes_o,
  output wire         acc_add_o,
  output wire         acc_bank_o,
  output wire [15:0]  acc_row_o,
  output wire         rows_inside_o,    // rows may be between the buffer and the accumulators
  output wire         drained_o,        // the last row has left the array's last PE's neighbour
  // events
  output wire         read_o,
  output wire [4:0]   give_read_o,
  output wire         done_o,
  output wire [4:0]   give_done_o,
  output wire         busy_o
);
  localparam AgeBits = $clog2(MmLatency + 2);

  wire [7:0] flags = head_i[`SA_F_FLAGS];
  wire       is_matmul = head_i[`SA_F_OPCODE] == `SA_OP_MATMUL;
  wire       next_tile = is_matmul && flags[`SA_FLAG_NEXT_TILE];

  wire       unused = &{1'b0, head_i, flags};

  // the instruction's walk; in the start cycle it comes from the head
  reg        streaming_q;
  reg [31:0] addr_q, addr1_q, addr2_q;  // this row; row with i0 = 0; row with i0 = i1 = 0
  reg [15:0] i0_q, i1_q, i2_q;          // rows left after this one
  reg [15:0] n0_q, n1_q;                // less one
  reg [31:0] s0_q, s1_q, s2_q;
  reg [9:0]  k_q;
  reg [15:0] acc_row_q;
  reg        acc_bank_q, add_q;
  reg [4:0]  give_read_q, give_done_q;

  wire        begins = start_o && is_matmul;
  wire [31:0] addr = begins ? head_i[`SA_F_UB_ADDR] : addr_q;
  wire [31:0] addr1 = begins ? head_i[`SA_F_UB_ADDR] : addr1_q;
  wire [31:0] addr2 = begins ? head_i[`SA_F_UB_ADDR] : addr2_q;
  wire [15:0] n0 = begins ? head_i[`SA_F_MM_N0] - 1'b1 : n0_q;
  wire [15:0] n1 = begins ? head_i[`SA_F_MM_N1] - 1'b1 : n1_q;
  wire [15:0] i0 = begins ? n0 : i0_q;
  wire [15:0] i1 = begins ? n1 : i1_q;
  wire [15:0] i2 = begins ? head_i[`SA_F_MM_N2] - 1'b1 : i2_q;
  wire [31:0] s0 = begins ? head_i[`SA_F_MM_S0] : s0_q;
  wire [31:0] s1 = begins ? head_i[`SA_F_MM_S1] : s1_q;
  wire [31:0] s2 = begins ? head_i[`SA_F_MM_S2] : s2_q;
  wire [9:0]  k = begins ? head_i[`SA_F_MM_K] : k_q;
  wire [15:0] acc_row = begins ? head_i[`SA_F_MM_ACC_ROW] : acc_row_q;
  wire        last = i0 == '0 && i1 == '0 && i2 == '0;

  assign start_o = head_valid_i && tokens_ok_i && !streaming_q && (!next_tile || shadow_full_i);
  assign consume_o = start_o && next_tile;
  assign row_o = begins || streaming_q;
  assign ub_rd_en_o = row_o;
  assign ub_rd_addr_o = addr;
  assign ub_rd_bytes_o = {6'd0, k};
  assign acc_add_o = begins ? flags[`SA_FLAG_ACCUMULATE] : add_q;
  assign acc_bank_o = begins ? head_i[`SA_F_MM_ACC_BANK] : acc_bank_q;
  assign acc_row_o = acc_row;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) streaming_q <= 1'b0;
    else if (row_o) streaming_q <= !last;
  end

  always_ff @(posedge clk_i) begin
    if (row_o) begin
      if (i0 != '0) begin
        i0_q <= i0 - 1'b1;
        i1_q <= i1;
        i2_q <= i2;
        addr_q <= addr + s0;
        addr1_q <= addr1;
        addr2_q <= addr2;
      end else if (i1 != '0) begin
        i0_q <= n0;
        i1_q <= i1 - 1'b1;
        i2_q <= i2;
        addr_q <= addr1 + s1;
        addr1_q <= addr1 + s1;
        addr2_q <= addr2;
      end else begin
        i0_q <= n0;
        i1_q <= n1;
        i2_q <= i2 - 1'b1;
        addr_q <= addr2 + s2;
        addr1_q <= addr2 + s2;
        addr2_q <= addr2 + s2;
      end
      acc_row_q <= acc_row + 1'b1;
    end
    if (begins) begin
      n0_q <= n0;
      n1_q <= n1;
      s0_q <= s0;
      s1_q <= s1;
      s2_q <= s2;
      k_q <= k;
      acc_bank_q <= acc_bank_o;
      add_q <= acc_add_o;
      give_read_q <= head_i[`SA_F_GIVE_READ];
      give_done_q <= head_i[`SA_F_GIVE_DONE];
    end
  end

  // cycles since the last row, saturating: beyond MmLatency nothing is left inside
  reg [AgeBits-1:0] age_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) age_q <= AgeBits'(MmLatency + 1);
    else if (row_o) age_q <= AgeBits'(1);
    else if (rows_inside_o) age_q <= age_q + 1'b1;
  end
  assign rows_inside_o = age_q <= AgeBits'(MmLatency);
  assign drained_o = age_q >= AgeBits'(Rows + Cols - 1);
  assign reload_o = !streaming_q && head_valid_i && next_tile && drained_o;

  // events
  wire       ends = (row_o && last) || (start_o && !is_matmul);
  wire [4:0] give_done = start_o ? head_i[`SA_F_GIVE_DONE] : give_done_q;

  assign read_o = ends;
  assign give_read_o = start_o ? head_i[`SA_F_GIVE_READ] : give_read_q;

  delay_line #(.Width(6), .Cycles(MmLatency)) u_done (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .data_i ({ends, give_done}),
    .data_o ({done_o, give_done_o})
  );

  in_flight u_in_flight (
    .clk_i   (clk_i),
    .rst_ni  (rst_ni),
    .start_i (start_o),
    .end_i   (done_o),
    .busy_o  (busy_o)
  );
endmodule

`default_nettype wire
