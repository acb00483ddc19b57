// The even or the odd lines of a bank: a memory with one read and one write port and byte enables,
// each port given to the client with the lowest number that asks. The choice among writers stands
// inside the write, so that a simulator moves a line only when one is written.
// Latency: read data one cycle after rd_i. A line may be read while other bytes of it are written:
// the read returns what the line held before. Throughput: one read and one write per cycle.
// Reset: none; all bytes are 0 at power-up, as block RAM is.
`default_nettype none

module ub_lines #(
  parameter Readers = 4,
  parameter LineBytes = 16,
  parameter Words = 128,
  parameter WordBits = Words > 1 ? $clog2(Words) : 1
) (
  input  wire                        clk_i,
  input  wire [Readers-1:0]          rd_i,
  input  wire [Readers*WordBits-1:0] rd_word_i,
  output wire [LineBytes*8-1:0]      rd_data_o,
  input  wire [1:0]                  wr_i,
  input  wire [2*WordBits-1:0]       wr_word_i,
  input  wire [2*LineBytes-1:0]      wr_lanes_i,
  input  wire [2*LineBytes*8-1:0]    wr_data_i
);
  reg [LineBytes*8-1:0] mem [0:Words-1];
  reg [LineBytes*8-1:0] rd_data_q;
  assign rd_data_o = rd_data_q;

  initial begin : power_up
    reg [31:0] i;
    for (i = 0; i < Words; i = i + 1) mem[WordBits'(i)] = '0;
  end

  reg [WordBits-1:0] rd_word;
  integer            reader;
  always_comb begin
    rd_word = '0;
    for (reader = Readers - 1; reader >= 0; reader = reader - 1) begin
      if (rd_i[reader]) rd_word = rd_word_i[reader*WordBits +: WordBits];
    end
  end

  // One block reads before it writes, so that the blocking write cannot race with the read.
  /* verilator lint_off BLKSEQ */
  always @(posedge clk_i) begin : access
    reg [31:0]            lane;
    reg [WordBits-1:0]    word;
    reg [LineBytes-1:0]   lanes;
    reg [LineBytes*8-1:0] data;
    if (rd_i != '0) rd_data_q <= mem[rd_word];
    if (wr_i != '0) begin
      word = wr_i[0] ? wr_word_i[WordBits-1:0] : wr_word_i[2*WordBits-1:WordBits];
      lanes = wr_i[0] ? wr_lanes_i[LineBytes-1:0] : wr_lanes_i[2*LineBytes-1:LineBytes];
      data = wr_i[0] ? wr_data_i[LineBytes*8-1:0] : wr_data_i[2*LineBytes*8-1:LineBytes*8];
      if (&lanes) begin
        mem[word] = data;
      end else begin
        for (lane = 0; lane < LineBytes; lane = lane + 1) begin
          if (lanes[lane]) mem[word][lane*8 +: 8] = data[lane*8 +: 8];
        end
      end
    end
  end
  /* verilator lint_on BLKSEQ */
endmodule

`default_nettype wire
