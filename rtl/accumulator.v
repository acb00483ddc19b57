// Accumulators of one column: two banks of AccRows words, into which the sums that leave the array
// are written or added, and from which VECTOR reads.
// Latency: a sum visible in cycle t is in memory from t + ACC_UPDATE (2): memory read in t, addition
// and write in t + 1; adds into one row may follow each other without a gap. VECTOR's read: two
// cycles. Throughput: one sum and one read per cycle, in the same bank too: each bank is kept twice,
// once for MATMUL's reads and once for VECTOR's.
`default_nettype none

module accumulator #(
  parameter AccRows = 16
) (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        en_i,
  input  wire        add_i,
  input  wire        bank_i,
  input  wire [15:0] row_i,
  input  wire [31:0] sum_i,
  input  wire        rd_en_i,
  input  wire        rd_bank_i,
  input  wire [15:0] rd_row_i,
  output wire [31:0] rd_data_o
);
  localparam RowBits = AccRows > 1 ? $clog2(AccRows) : 1;

  // stage 1: the row's old value comes out of memory; stage 2: what was written last, for an add
  // into the same row right behind
  reg               en1_q, add1_q, bank1_q, en2_q, bank2_q;
  reg [RowBits-1:0] row1_q, row2_q;
  reg [31:0]        sum1_q, value2_q;
  reg               rd_bank1_q;
  reg [31:0]        rd_data_q;

  wire [63:0] old, seen;  // of each bank: for MATMUL, for VECTOR
  wire        behind = en2_q && bank2_q == bank1_q && row2_q == row1_q;
  wire [31:0] present = behind ? value2_q : old[bank1_q*32 +: 32];
  wire [31:0] value = sum1_q + (add1_q ? present : 32'd0);
  wire        unused = &{1'b0, row_i, rd_row_i};

  assign rd_data_o = rd_data_q;

  genvar bank;
  generate
    for (bank = 0; bank < 2; bank = bank + 1) begin : g_bank
      ram_1r1w #(.Depth(AccRows), .Lanes(1), .LaneBits(32)) u_matmul (
        .clk_i      (clk_i),
        .rd_en_i    (en_i && add_i && bank_i == bank),
        .rd_addr_i  (row_i[RowBits-1:0]),
        .rd_data_o  (old[bank*32 +: 32]),
        .wr_en_i    (en1_q && bank1_q == bank),
        .wr_addr_i  (row1_q),
        .wr_lanes_i (1'b1),
        .wr_data_i  (value)
      );
      ram_1r1w #(.Depth(AccRows), .Lanes(1), .LaneBits(32)) u_vector (
        .clk_i      (clk_i),
        .rd_en_i    (rd_en_i && rd_bank_i == bank),
        .rd_addr_i  (rd_row_i[RowBits-1:0]),
        .rd_data_o  (seen[bank*32 +: 32]),
        .wr_en_i    (en1_q && bank1_q == bank),
        .wr_addr_i  (row1_q),
        .wr_lanes_i (1'b1),
        .wr_data_i  (value)
      );
    end
  endgenerate

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      en1_q <= 1'b0;
      en2_q <= 1'b0;
    end else begin
      en1_q <= en_i;
      en2_q <= en1_q;
    end
  end

  always_ff @(posedge clk_i) begin
    add1_q <= add_i;
    bank1_q <= bank_i;
    row1_q <= row_i[RowBits-1:0];
    sum1_q <= sum_i;
    bank2_q <= bank1_q;
    row2_q <= row1_q;
    value2_q <= value;
    rd_bank1_q <= rd_bank_i;
    rd_data_q <= seen[rd_bank1_q*32 +: 32];
  end
endmodule

`default_nettype wire
