// Weight FIFO: Tiles slots in ring order, spread over Banks banks so that as many tiles as can be on
// their way into the array are read at once; tile j lies in bank j mod Banks.
// Latency: a tile that is complete in cycle t is at the head from t + 1; a row is there two cycles
// after its read. Throughput: one line written and one row read per bank per cycle.
`default_nettype none

module weight_fifo #(
  parameter Tiles = 4,
  parameter Banks = 1,
  parameter LineBytes = 16,
  parameter SlotLines = 18,
  parameter Lanes = 16,
  parameter Slots = (Tiles + Banks - 1) / Banks,  // of a bank
  parameter SlotBits = Slots > 1 ? $clog2(Slots) : 1,
  parameter BankBits = Banks > 1 ? $clog2(Banks) : 1,
  parameter OffsetBits = $clog2(SlotLines * LineBytes)
) (
  input  wire                         clk_i,
  input  wire                         rst_ni,
  // WLOAD
  output wire                         slot_free_o,
  input  wire                         alloc_i,
  input  wire [9:0]                   alloc_k_i,
  input  wire [9:0]                   alloc_n_i,
  input  wire [1:0]                   alloc_kind_i,
  input  wire [19:0]                  alloc_bytes_i,
  input  wire [OffsetBits-1:0]        alloc_base_i,
  input  wire [OffsetBits-1:0]        alloc_pitch_i,
  input  wire                         wr_en_i,
  input  wire [OffsetBits-1:0]        wr_offset_i,
  input  wire [LineBytes-1:0]         wr_lanes_i,
  input  wire [LineBytes*8-1:0]       wr_data_i,
  input  wire                         tile_done_i,
  // weight shift: the head tile
  output wire                         head_ready_o,
  output wire [9:0]                   head_k_o,
  output wire [9:0]                   head_n_o,
  output wire [1:0]                   head_kind_o,
  output wire [19:0]                  head_bytes_o,
  output wire [OffsetBits-1:0]        head_base_o,
  output wire [OffsetBits-1:0]        head_pitch_o,
  output wire [BankBits-1:0]          head_bank_o,
  output wire [SlotBits-1:0]          head_slot_o,
  input  wire                         pop_i,      // its shift starts
  input  wire                         release_i,  // the oldest slot becomes free
  // rows, bank by bank
  input  wire [Banks-1:0]             rd_en_i,
  input  wire [Banks*SlotBits-1:0]    rd_slot_i,
  input  wire [Banks*OffsetBits-1:0]  rd_offset_i,
  input  wire [Banks*10-1:0]          rd_first_i,
  input  wire [Banks*10-1:0]          rd_count_i,
  output wire [Banks*Lanes*8-1:0]     rd_data_o,
  // statistics
  output wire [6:0]                   taken_o
);
  localparam [BankBits-1:0] LastBank = BankBits'(Banks - 1);
  localparam [SlotBits-1:0] LastSlot = SlotBits'(Slots - 1);

  reg [BankBits-1:0] wr_bank_q, rd_bank_q;
  reg [SlotBits-1:0] wr_slot_q, rd_slot_q;
  reg [6:0]          taken_q, ready_q;

  wire meta_valid, meta_full;
  fifo #(.Width(42 + 2*OffsetBits), .Depth(Tiles)) u_meta (
    .clk_i   (clk_i),
    .rst_ni  (rst_ni),
    .push_i  (alloc_i),
    .data_i  ({alloc_k_i, alloc_n_i, alloc_kind_i, alloc_bytes_i, alloc_base_i, alloc_pitch_i}),
    .full_o  (meta_full),
    .pop_i   (pop_i),
    .valid_o (meta_valid),
    .data_o  ({head_k_o, head_n_o, head_kind_o, head_bytes_o, head_base_o, head_pitch_o})
  );
  wire unused = &{1'b0, meta_valid, meta_full};

  assign slot_free_o = taken_q < 7'(Tiles);
  assign taken_o = taken_q;
  assign head_ready_o = ready_q != '0;
  assign head_bank_o = rd_bank_q;
  assign head_slot_o = rd_slot_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      taken_q <= '0;
      ready_q <= '0;
      wr_bank_q <= '0;
      wr_slot_q <= '0;
      rd_bank_q <= '0;
      rd_slot_q <= '0;
    end else begin
      if (alloc_i && !release_i) taken_q <= taken_q + 1'b1;
      if (release_i && !alloc_i) taken_q <= taken_q - 1'b1;
      if (tile_done_i && !pop_i) ready_q <= ready_q + 1'b1;
      if (pop_i && !tile_done_i) ready_q <= ready_q - 1'b1;
      if (tile_done_i) begin
        wr_bank_q <= wr_bank_q == LastBank ? '0 : wr_bank_q + 1'b1;
        if (wr_bank_q == LastBank) wr_slot_q <= wr_slot_q == LastSlot ? '0 : wr_slot_q + 1'b1;
      end
      if (pop_i) begin
        rd_bank_q <= rd_bank_q == LastBank ? '0 : rd_bank_q + 1'b1;
        if (rd_bank_q == LastBank) rd_slot_q <= rd_slot_q == LastSlot ? '0 : rd_slot_q + 1'b1;
      end
    end
  end

  genvar bank;
  generate
    for (bank = 0; bank < Banks; bank = bank + 1) begin : g_bank
      weight_bank #(
        .LineBytes (LineBytes),
        .SlotLines (SlotLines),
        .Slots     (Slots),
        .Lanes     (Lanes)
      ) u_bank (
        .clk_i       (clk_i),
        .rd_en_i     (rd_en_i[bank]),
        .rd_slot_i   (rd_slot_i[bank*SlotBits +: SlotBits]),
        .rd_offset_i (rd_offset_i[bank*OffsetBits +: OffsetBits]),
        .rd_first_i  (rd_first_i[bank*10 +: 10]),
        .rd_count_i  (rd_count_i[bank*10 +: 10]),
        .rd_data_o   (rd_data_o[bank*Lanes*8 +: Lanes*8]),
        .wr_en_i     (wr_en_i && wr_bank_q == BankBits'(bank)),
        .wr_slot_i   (wr_slot_q),
        .wr_offset_i (wr_offset_i),
        .wr_lanes_i  (wr_lanes_i),
        .wr_data_i   (wr_data_i)
      );
    end
  endgenerate
endmodule

`default_nettype wire
