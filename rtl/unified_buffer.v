// Unified buffer: Banks banks by high address bits. Readers are MATMUL, VECTOR, STORE and WLOAD,
// writers LOAD and VECTOR (in this order, from bit 0); each moves up to a line of contiguous bytes at
// any byte address per cycle.
// Latency: read data two cycles after the enable (UB_READ); what is written in cycle t is read from
// t + 1. Throughput: one read and one write per bank per cycle; programs keep clients of a direction
// in banks of their own, and collision_o, sticky, says that they did not.
`default_nettype none

module unified_buffer #(
  parameter Banks = 4,
  parameter BankBytes = 4096,
  parameter LineBytes = 16,
  parameter Readers = 4
) (
  input  wire                           clk_i,
  input  wire                           rst_ni,
  input  wire [Readers-1:0]             rd_en_i,
  input  wire [Readers*32-1:0]          rd_addr_i,
  input  wire [Readers*16-1:0]          rd_bytes_i,
  output wire [Readers*LineBytes*8-1:0] rd_data_o,
  input  wire [1:0]                     wr_en_i,
  input  wire [63:0]                   wr_addr_i,
  input  wire [31:0]                   wr_bytes_i,
  input  wire [2*LineBytes*8-1:0]       wr_data_i,
  output wire                           collision_o
);
  localparam Writers = 2;
  localparam Words = BankBytes / (2 * LineBytes);
  localparam WordBits = Words > 1 ? $clog2(Words) : 1;
  localparam BankBits = Banks > 1 ? $clog2(Banks) : 1;

  wire [Readers*Banks-1:0]       rd_even, rd_odd;
  wire [Readers*WordBits-1:0]    rd_even_word, rd_odd_word;
  wire [LineBytes*8-1:0]         even_data [0:Banks-1];
  wire [LineBytes*8-1:0]         odd_data [0:Banks-1];
  wire [Writers*Banks-1:0]       wr_even, wr_odd;
  wire [Writers*WordBits-1:0]    wr_even_word, wr_odd_word;
  wire [Writers*LineBytes-1:0]   wr_even_lanes, wr_odd_lanes;
  wire [Writers*LineBytes*8-1:0] wr_even_data, wr_odd_data;
  wire [Banks-1:0]               collision;
  reg                            collision_q;

  assign collision_o = collision_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) collision_q <= 1'b0;
    else if (collision != '0) collision_q <= 1'b1;
  end

  genvar p, b;
  generate
    for (p = 0; p < Readers; p = p + 1) begin : g_reader
      wire [BankBits-1:0] even_bank, odd_bank;
      ub_read_port #(
        .Banks     (Banks),
        .BankBytes (BankBytes),
        .LineBytes (LineBytes)
      ) u_port (
        .clk_i       (clk_i),
        .en_i        (rd_en_i[p]),
        .addr_i      (rd_addr_i[p*32 +: 32]),
        .bytes_i     (rd_bytes_i[p*16 +: 16]),
        .data_o      (rd_data_o[p*LineBytes*8 +: LineBytes*8]),
        .even_en_o   (rd_even[p*Banks +: Banks]),
        .odd_en_o    (rd_odd[p*Banks +: Banks]),
        .even_word_o (rd_even_word[p*WordBits +: WordBits]),
        .odd_word_o  (rd_odd_word[p*WordBits +: WordBits]),
        .even_bank_o (even_bank),
        .odd_bank_o  (odd_bank),
        .even_line_i (even_data[even_bank]),
        .odd_line_i  (odd_data[odd_bank])
      );
    end

    for (p = 0; p < Writers; p = p + 1) begin : g_writer
      ub_write_port #(
        .Banks     (Banks),
        .BankBytes (BankBytes),
        .LineBytes (LineBytes)
      ) u_port (
        .en_i         (wr_en_i[p]),
        .addr_i       (wr_addr_i[p*32 +: 32]),
        .bytes_i      (wr_bytes_i[p*16 +: 16]),
        .data_i       (wr_data_i[p*LineBytes*8 +: LineBytes*8]),
        .even_en_o    (wr_even[p*Banks +: Banks]),
        .odd_en_o     (wr_odd[p*Banks +: Banks]),
        .even_word_o  (wr_even_word[p*WordBits +: WordBits]),
        .odd_word_o   (wr_odd_word[p*WordBits +: WordBits]),
        .even_lanes_o (wr_even_lanes[p*LineBytes +: LineBytes]),
        .odd_lanes_o  (wr_odd_lanes[p*LineBytes +: LineBytes]),
        .even_data_o  (wr_even_data[p*LineBytes*8 +: LineBytes*8]),
        .odd_data_o   (wr_odd_data[p*LineBytes*8 +: LineBytes*8])
      );
    end

    for (b = 0; b < Banks; b = b + 1) begin : g_bank
      wire [Readers-1:0] bank_rd_even, bank_rd_odd;
      wire [Writers-1:0] bank_wr_even, bank_wr_odd;
      for (p = 0; p < Readers; p = p + 1) begin : g_rd
        assign bank_rd_even[p] = rd_even[p*Banks + b];
        assign bank_rd_odd[p] = rd_odd[p*Banks + b];
      end
      for (p = 0; p < Writers; p = p + 1) begin : g_wr
        assign bank_wr_even[p] = wr_even[p*Banks + b];
        assign bank_wr_odd[p] = wr_odd[p*Banks + b];
      end
      ub_bank #(
        .Readers   (Readers),
        .LineBytes (LineBytes),
        .Words     (Words)
      ) u_bank (
        .clk_i           (clk_i),
        .rd_even_i       (bank_rd_even),
        .rd_odd_i        (bank_rd_odd),
        .rd_even_word_i  (rd_even_word),
        .rd_odd_word_i   (rd_odd_word),
        .even_data_o     (even_data[b]),
        .odd_data_o      (odd_data[b]),
        .wr_even_i       (bank_wr_even),
        .wr_odd_i        (bank_wr_odd),
        .wr_even_word_i  (wr_even_word),
        .wr_odd_word_i   (wr_odd_word),
        .wr_even_lanes_i (wr_even_lanes),
        .wr_odd_lanes_i  (wr_odd_lanes),
        .wr_even_data_i  (wr_even_data),
        .wr_odd_data_i   (wr_odd_data),
        .collision_o     (collision[b])
      );
    end
  endgenerate
endmodule

`default_nettype wire
