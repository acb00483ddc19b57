// One bank of the unified buffer: a memory of the even lines and one of the odd lines, each with one
// read and one write port, which the clients that hit the bank in this cycle share. Two clients in
// one cycle and direction are a collision: the one with the lower number is served.
// Latency: read data one cycle after the enable. Throughput: one read and one write per cycle.
`default_nettype none

module ub_bank #(
  parameter Readers = 4,
  parameter LineBytes = 16,
  parameter Words = 128,
  parameter WordBits = Words > 1 ? $clog2(Words) : 1
) (
  input  wire                        clk_i,
  input  wire [Readers-1:0]          rd_even_i,
  input  wire [Readers-1:0]          rd_odd_i,
  input  wire [Readers*WordBits-1:0] rd_even_word_i,
  input  wire [Readers*WordBits-1:0] rd_odd_word_i,
  output wire [LineBytes*8-1:0]      even_data_o,
  output wire [LineBytes*8-1:0]      odd_data_o,
  // two writers
  input  wire [1:0]                  wr_even_i,
  input  wire [1:0]                  wr_odd_i,
  input  wire [2*WordBits-1:0]       wr_even_word_i,
  input  wire [2*WordBits-1:0]       wr_odd_word_i,
  input  wire [2*LineBytes-1:0]      wr_even_lanes_i,
  input  wire [2*LineBytes-1:0]      wr_odd_lanes_i,
  input  wire [2*LineBytes*8-1:0]    wr_even_data_i,
  input  wire [2*LineBytes*8-1:0]    wr_odd_data_i,
  output wire                        collision_o
);
  wire [Readers-1:0] rd = rd_even_i | rd_odd_i;
  wire [1:0]         wr = wr_even_i | wr_odd_i;
  assign collision_o = (rd & (rd - 1'b1)) != '0 || wr == 2'b11;

  ub_lines #(.Readers(Readers), .LineBytes(LineBytes), .Words(Words)) u_even (
    .clk_i      (clk_i),
    .rd_i       (rd_even_i),
    .rd_word_i  (rd_even_word_i),
    .rd_data_o  (even_data_o),
    .wr_i       (wr_even_i),
    .wr_word_i  (wr_even_word_i),
    .wr_lanes_i (wr_even_lanes_i),
    .wr_data_i  (wr_even_data_i)
  );

  ub_lines #(.Readers(Readers), .LineBytes(LineBytes), .Words(Words)) u_odd (
    .clk_i      (clk_i),
    .rd_i       (rd_odd_i),
    .rd_word_i  (rd_odd_word_i),
    .rd_data_o  (odd_data_o),
    .wr_i       (wr_odd_i),
    .wr_word_i  (wr_odd_word_i),
    .wr_lanes_i (wr_odd_lanes_i),
    .wr_data_i  (wr_odd_data_i)
  );
endmodule

`default_nettype wire
