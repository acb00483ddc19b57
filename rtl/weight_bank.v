// One bank of the weight FIFO: Slots tiles in an even-line and an odd-line memory, read a row at a
// time from any byte address, written by whole or partial lines.
// Latency: the row's bytes two cycles after rd_en_i, lane i = byte i of the row; lanes outside
// [rd_first_i, rd_first_i + rd_count_i) are zero. Throughput: one row and one line per cycle.
`default_nettype none

module weight_bank #(
  parameter LineBytes = 16,
  parameter SlotLines = 18,  // even
  parameter Slots = 2,
  parameter Lanes = 16,
  parameter SlotBits = Slots > 1 ? $clog2(Slots) : 1,
  parameter OffsetBits = $clog2(SlotLines * LineBytes)
) (
  input  wire                   clk_i,
  input  wire                   rd_en_i,
  input  wire [SlotBits-1:0]    rd_slot_i,
  input  wire [OffsetBits-1:0]  rd_offset_i,
  input  wire [9:0]             rd_first_i,
  input  wire [9:0]             rd_count_i,
  output wire [Lanes*8-1:0]     rd_data_o,
  input  wire                   wr_en_i,
  input  wire [SlotBits-1:0]    wr_slot_i,
  input  wire [OffsetBits-1:0]  wr_offset_i,  // of a line
  input  wire [LineBytes-1:0]   wr_lanes_i,
  input  wire [LineBytes*8-1:0] wr_data_i
);
  localparam LineShift = $clog2(LineBytes);
  localparam Depth = Slots * (SlotLines / 2);
  localparam AddrBits = Depth > 1 ? $clog2(Depth) : 1;
  localparam LineBits = OffsetBits - LineShift;

  // a slot begins at an even line: slot s, line 2 i + parity is word s * SlotLines / 2 + i
  wire [LineBits-1:0]  rd_line = rd_offset_i[OffsetBits-1:LineShift];
  wire [LineBits-1:0]  wr_line = wr_offset_i[OffsetBits-1:LineShift];
  wire [31:0]          rd_slot_word = 32'(rd_slot_i) * (SlotLines / 2);
  wire [31:0]          wr_slot_word = 32'(wr_slot_i) * (SlotLines / 2);
  wire [31:0]          rd_pair = 32'(rd_line) >> 1;
  wire [31:0]          wr_pair = 32'(wr_line) >> 1;
  wire [AddrBits-1:0]  rd_even = AddrBits'(rd_slot_word + rd_pair + 32'(rd_line[0]));
  wire [AddrBits-1:0]  rd_odd = AddrBits'(rd_slot_word + rd_pair);
  wire [AddrBits-1:0]  wr_word = AddrBits'(wr_slot_word + wr_pair);
  wire [LineBytes*8-1:0] even_data, odd_data;

  ram_1r1w #(.Depth(Depth), .Lanes(LineBytes), .LaneBits(8)) u_even (
    .clk_i      (clk_i),
    .rd_en_i    (rd_en_i),
    .rd_addr_i  (rd_even),
    .rd_data_o  (even_data),
    .wr_en_i    (wr_en_i && !wr_line[0]),
    .wr_addr_i  (wr_word),
    .wr_lanes_i (wr_lanes_i),
    .wr_data_i  (wr_data_i)
  );

  ram_1r1w #(.Depth(Depth), .Lanes(LineBytes), .LaneBits(8)) u_odd (
    .clk_i      (clk_i),
    .rd_en_i    (rd_en_i),
    .rd_addr_i  (rd_odd),
    .rd_data_o  (odd_data),
    .wr_en_i    (wr_en_i && wr_line[0]),
    .wr_addr_i  (wr_word),
    .wr_lanes_i (wr_lanes_i),
    .wr_data_i  (wr_data_i)
  );

  reg                 en_q, odd_first_q;
  reg [LineShift-1:0] shift_q;
  reg [9:0]           first_q, end_q;
  reg [Lanes*8-1:0]   data_q;

  wire [LineBytes*16-1:0] lines = odd_first_q ? {even_data, odd_data} : {odd_data, even_data};
  wire [LineBytes*16-1:0] moved = lines >> {shift_q, 3'd0};
  wire [Lanes*8-1:0]      from_first = {Lanes*8{1'b1}} << {first_q, 3'd0};
  wire [Lanes*8-1:0]      from_end = {Lanes*8{1'b1}} << {end_q, 3'd0};
  wire                    unused = &{1'b0, moved[LineBytes*16-1:Lanes*8], wr_offset_i};

  assign rd_data_o = data_q;

  always_ff @(posedge clk_i) begin
    en_q <= rd_en_i;
    if (rd_en_i) begin
      odd_first_q <= rd_line[0];
      shift_q <= rd_offset_i[LineShift-1:0];
      first_q <= rd_first_i;
      end_q <= rd_first_i + rd_count_i;
    end
    if (en_q) data_q <= moved[Lanes*8-1:0] & from_first & ~from_end;
  end
endmodule

`default_nettype wire
