// One reader of the unified buffer: finds the even and the odd line of an access and their banks,
// and brings its bytes to the bottom of a line.
// Latency: data two cycles after en_i (UB_READ); bytes beyond bytes_i are zero. Throughput: one
// access per cycle.
`default_nettype none

module ub_read_port #(
  parameter Banks = 4,
  parameter BankBytes = 4096,
  parameter LineBytes = 16,
  parameter Words = BankBytes / (2 * LineBytes),
  parameter WordBits = Words > 1 ? $clog2(Words) : 1,
  parameter BankBits = Banks > 1 ? $clog2(Banks) : 1
) (
  input  wire                         clk_i,
  input  wire                         en_i,
  input  wire [31:0]                  addr_i,
  input  wire [15:0]                  bytes_i,
  output wire [LineBytes*8-1:0]       data_o,
  // banks
  output wire [Banks-1:0]             even_en_o,
  output wire [Banks-1:0]             odd_en_o,
  output wire [WordBits-1:0]          even_word_o,
  output wire [WordBits-1:0]          odd_word_o,
  output wire [BankBits-1:0]          even_bank_o,  // of the last access: which bank's lines it wants
  output wire [BankBits-1:0]          odd_bank_o,
  input  wire [LineBytes*8-1:0]       even_line_i,
  input  wire [LineBytes*8-1:0]       odd_line_i
);
  localparam LineShift = $clog2(LineBytes);
  localparam BankShift = $clog2(BankBytes);
  localparam [31:0] WordMask = Words - 1;

  // An access takes its first line and, if it reaches beyond, the next one. The odd line is always
  // in the first line's pair of lines; the even one behind an odd line is in the next pair.
  wire        odd_first = addr_i[LineShift];
  wire        two_lines = 32'(addr_i[LineShift-1:0]) + {16'd0, bytes_i} > LineBytes;
  wire [31:0] even_addr = odd_first ? addr_i + LineBytes : addr_i;
  wire [BankBits-1:0] even_bank = BankBits'(even_addr >> BankShift);
  wire [BankBits-1:0] odd_bank = BankBits'(addr_i >> BankShift);
  wire        even_en = en_i && (!odd_first || two_lines);
  wire        odd_en = en_i && (odd_first || two_lines);

  assign even_en_o = even_en ? Banks'(1) << even_bank : '0;
  assign odd_en_o = odd_en ? Banks'(1) << odd_bank : '0;
  assign even_word_o = WordBits'((even_addr >> (LineShift + 1)) & WordMask);
  assign odd_word_o = WordBits'((addr_i >> (LineShift + 1)) & WordMask);

  reg                   en_q, odd_first_q;
  reg [BankBits-1:0]    even_bank_q, odd_bank_q;
  reg [LineShift-1:0]   shift_q;
  reg [15:0]            bytes_q;
  reg [LineBytes*8-1:0] data_q;

  wire [LineBytes*16-1:0] lines = odd_first_q ? {even_line_i, odd_line_i} :
                                                {odd_line_i, even_line_i};
  wire [LineBytes*16-1:0] moved = lines >> {shift_q, 3'd0};
  wire [LineBytes*8-1:0]  beyond = {LineBytes*8{1'b1}} << {bytes_q, 3'd0};
  wire                    unused = &{1'b0, moved[LineBytes*16-1:LineBytes*8]};

  assign data_o = data_q;
  assign even_bank_o = even_bank_q;
  assign odd_bank_o = odd_bank_q;

  always_ff @(posedge clk_i) begin
    en_q <= en_i;
    if (en_i) begin
      odd_first_q <= odd_first;
      even_bank_q <= even_bank;
      odd_bank_q <= odd_bank;
      shift_q <= addr_i[LineShift-1:0];
      bytes_q <= bytes_i;
    end
    if (en_q) data_q <= moved[LineBytes*8-1:0] & ~beyond;
  end
endmodule

`default_nettype wire
