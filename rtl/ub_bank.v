// One bank of the unified buffer: a memory of the even lines and one of the odd lines, each with one
// read and one write port, which the clients that hit the bank in this cycle share. Two clients in
// one cycle and direction are a collision: the one with the lower number is served.
// Latency: read data one cycle after the enable. Throughput: one read and one write per cycle.
`default_nettype none

module ub_bank #(
  parameter Readers = 4,
  parameter Writers = 2,
  parameter LineBytes = 16,
  parameter Words = 128,
  parameter WordBits = Words > 1 ? $clog2(Words) : 1
) (
  input  wire                           clk_i,
  input  wire [Readers-1:0]             rd_even_i,
  input  wire [Readers-1:0]             rd_odd_i,
  input  wire [Readers*WordBits-1:0]    rd_even_word_i,
  input  wire [Readers*WordBits-1:0]    rd_odd_word_i,
  output wire [LineBytes*8-1:0]         even_data_o,
  output wire [LineBytes*8-1:0]         odd_data_o,
  input  wire [Writers-1:0]             wr_even_i,
  input  wire [Writers-1:0]             wr_odd_i,
  input  wire [Writers*WordBits-1:0]    wr_even_word_i,
  input  wire [Writers*WordBits-1:0]    wr_odd_word_i,
  input  wire [Writers*LineBytes-1:0]   wr_even_lanes_i,
  input  wire [Writers*LineBytes-1:0]   wr_odd_lanes_i,
  input  wire [Writers*LineBytes*8-1:0] wr_even_data_i,
  input  wire [Writers*LineBytes*8-1:0] wr_odd_data_i,
  output wire                           collision_o
);
  reg [WordBits-1:0]    rd_even_word, rd_odd_word, wr_even_word, wr_odd_word;
  reg [LineBytes-1:0]   wr_even_lanes, wr_odd_lanes;
  reg [LineBytes*8-1:0] wr_even_data, wr_odd_data;

  wire [Readers-1:0] rd = rd_even_i | rd_odd_i;
  wire [Writers-1:0] wr = wr_even_i | wr_odd_i;
  assign collision_o = (rd & (rd - 1'b1)) != '0 || (wr & (wr - 1'b1)) != '0;

  integer i;
  always_comb begin
    rd_even_word = '0;
    rd_odd_word = '0;
    for (i = Readers - 1; i >= 0; i = i - 1) begin
      if (rd_even_i[i]) rd_even_word = rd_even_word_i[i*WordBits +: WordBits];
      if (rd_odd_i[i]) rd_odd_word = rd_odd_word_i[i*WordBits +: WordBits];
    end
  end

  integer j;
  always_comb begin
    wr_even_word = '0;
    wr_even_lanes = '0;
    wr_even_data = '0;
    wr_odd_word = '0;
    wr_odd_lanes = '0;
    wr_odd_data = '0;
    for (j = Writers - 1; j >= 0; j = j - 1) begin
      if (wr_even_i[j]) begin
        wr_even_word = wr_even_word_i[j*WordBits +: WordBits];
        wr_even_lanes = wr_even_lanes_i[j*LineBytes +: LineBytes];
        wr_even_data = wr_even_data_i[j*LineBytes*8 +: LineBytes*8];
      end
      if (wr_odd_i[j]) begin
        wr_odd_word = wr_odd_word_i[j*WordBits +: WordBits];
        wr_odd_lanes = wr_odd_lanes_i[j*LineBytes +: LineBytes];
        wr_odd_data = wr_odd_data_i[j*LineBytes*8 +: LineBytes*8];
      end
    end
  end

  ram_1r1w #(.Depth(Words), .Lanes(LineBytes), .LaneBits(8)) u_even (
    .clk_i      (clk_i),
    .rd_en_i    (rd_even_i != '0),
    .rd_addr_i  (rd_even_word),
    .rd_data_o  (even_data_o),
    .wr_en_i    (wr_even_i != '0),
    .wr_addr_i  (wr_even_word),
    .wr_lanes_i (wr_even_lanes),
    .wr_data_i  (wr_even_data)
  );

  ram_1r1w #(.Depth(Words), .Lanes(LineBytes), .LaneBits(8)) u_odd (
    .clk_i      (clk_i),
    .rd_en_i    (rd_odd_i != '0),
    .rd_addr_i  (rd_odd_word),
    .rd_data_o  (odd_data_o),
    .wr_en_i    (wr_odd_i != '0),
    .wr_addr_i  (wr_odd_word),
    .wr_lanes_i (wr_odd_lanes),
    .wr_data_i  (wr_odd_data)
  );
endmodule

`default_nettype wire
