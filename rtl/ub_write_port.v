// One writer of the unified buffer: finds the even and the odd line of an access and their banks,
// and brings the bytes to their places in the lines.
// Latency: none, combinational. Throughput: one access per cycle.
`default_nettype none

module ub_write_port #(
  parameter Banks = 4,
  parameter BankBytes = 4096,
  parameter LineBytes = 16,
  parameter Words = BankBytes / (2 * LineBytes),
  parameter WordBits = Words > 1 ? $clog2(Words) : 1
) (
  input  wire                   en_i,
  input  wire [31:0]            addr_i,
  input  wire [15:0]            bytes_i,
  input  wire [LineBytes*8-1:0] data_i,
  // banks
  output wire [Banks-1:0]       even_en_o,
  output wire [Banks-1:0]       odd_en_o,
  output wire [WordBits-1:0]    even_word_o,
  output wire [WordBits-1:0]    odd_word_o,
  output wire [LineBytes-1:0]   even_lanes_o,
  output wire [LineBytes-1:0]   odd_lanes_o,
  output wire [LineBytes*8-1:0] even_data_o,
  output wire [LineBytes*8-1:0] odd_data_o
);
  localparam LineShift = $clog2(LineBytes);
  localparam BankShift = $clog2(BankBytes);
  localparam BankBits = Banks > 1 ? $clog2(Banks) : 1;
  localparam [31:0] WordMask = Words - 1;

  wire [LineShift-1:0] shift = addr_i[LineShift-1:0];
  wire        odd_first = addr_i[LineShift];
  wire        two_lines = 32'(shift) + {16'd0, bytes_i} > LineBytes;
  wire [31:0] even_addr = odd_first ? addr_i + LineBytes : addr_i;
  wire [BankBits-1:0] even_bank = BankBits'(even_addr >> BankShift);
  wire [BankBits-1:0] odd_bank = BankBits'(addr_i >> BankShift);
  wire        even_en = en_i && (!odd_first || two_lines);
  wire        odd_en = en_i && (odd_first || two_lines);

  assign even_en_o = even_en ? Banks'(1) << even_bank : '0;
  assign odd_en_o = odd_en ? Banks'(1) << odd_bank : '0;
  assign even_word_o = WordBits'((even_addr >> (LineShift + 1)) & WordMask);
  assign odd_word_o = WordBits'((addr_i >> (LineShift + 1)) & WordMask);

  // both lines, the first one low; idle, so that a simulator has nothing wide to do
  reg [LineBytes*2-1:0]  lanes;
  reg [LineBytes*16-1:0] data;

  always_comb begin
    lanes = '0;
    data = '0;
    if (en_i) begin
      lanes = {{LineBytes{1'b0}}, ~({LineBytes{1'b1}} << bytes_i)} << shift;
      data = {{LineBytes*8{1'b0}}, data_i} << {shift, 3'd0};
    end
  end

  wire [LineBytes-1:0]   first_lanes = lanes[LineBytes-1:0];
  wire [LineBytes-1:0]   next_lanes = lanes[LineBytes*2-1:LineBytes];
  wire [LineBytes*8-1:0] first_data = data[LineBytes*8-1:0];
  wire [LineBytes*8-1:0] next_data = data[LineBytes*16-1:LineBytes*8];

  assign even_lanes_o = odd_first ? next_lanes : first_lanes;
  assign odd_lanes_o = odd_first ? first_lanes : next_lanes;
  assign even_data_o = odd_first ? next_data : first_data;
  assign odd_data_o = odd_first ? first_data : next_data;
endmodule

`default_nettype wire
