// WLOAD unit: fetches weight tiles from DRAM (WLOAD) or from the unified buffer (WLOAD_UB) into the
// next slot of the weight FIFO; SYNC only takes and gives.
// A DRAM tile lies in its slot as its bytes lie in DRAM, beginning at the same place of a line; a
// tile from the buffer has one row (column, when transposed) per line.
// Latency: start in t, first request visible in t + 2, tile complete one cycle after its last beat.
// From the buffer: one row per cycle from t + 1, complete UB_READ cycles after the last.
// Throughput: one burst request per cycle while credits last, one beat or one row per cycle.
`default_nettype none
`include "systole_isa.vh"

module wload #(
  parameter PortBytes = 16,
  parameter LineBytes = 16,   // of the unified buffer
  parameter TileLineBytes = 16,  // of the weight FIFO
  parameter OffsetBits = 10,  // byte offset within a slot
  parameter MaxOutstanding = 256
) (
  input  wire                       clk_i,
  input  wire                       rst_ni,
  // settings, constant after reset
  input  wire [12:0]                burst_bytes_i,
  input  wire [8:0]                 outstanding_i,
  // queue
  input  wire                       head_valid_i,
  input  wire [511:0]               head_i,
  input  wire                       tokens_ok_i,
  output wire                       start_o,
  // memory port
  output wire                       req_valid_o,
  output wire [47:0]                req_addr_o,
  output wire [2:0]                 req_class_o,
  input  wire                       req_grant_i,
  input  wire                       rd_valid_i,
  input  wire                       rd_last_i,
  input  wire [PortBytes*8-1:0]     rd_data_i,
  // unified buffer
  output wire                       ub_rd_en_o,
  output wire [31:0]                ub_rd_addr_o,
  output wire [15:0]                ub_rd_bytes_o,
  input  wire [LineBytes*8-1:0]     ub_rd_data_i,  // two cycles after ub_rd_en_o
  // weight FIFO
  input  wire                       slot_free_i,
  output wire                       alloc_o,        // the next slot is taken by this tile:
  output wire [9:0]                 alloc_k_o,
  output wire [9:0]                 alloc_n_o,
  output wire [1:0]                 alloc_kind_o,   // bit 0 transposed, bit 1 diagonal
  output wire [19:0]                alloc_bytes_o,
  output wire [OffsetBits-1:0]      alloc_base_o,   // of its first byte
  output wire [OffsetBits-1:0]      alloc_pitch_o,  // of its rows, or columns when transposed
  output wire                       tile_wr_en_o,   // writes into the oldest slot not complete
  output wire [OffsetBits-1:0]      tile_wr_offset_o,  // of a whole line
  output wire [TileLineBytes-1:0]   tile_wr_lanes_o,
  output wire [TileLineBytes*8-1:0] tile_wr_data_o,
  output wire [12:0]                tile_wr_bytes_o,
  output wire                       tile_done_o,    // a tile is complete
  // events
  output wire                       done_o,
  output wire [4:0]                 give_o,
  output wire                       busy_o
);
  localparam [12:0] BeatBytes = 13'(PortBytes);
  localparam LineShift = $clog2(TileLineBytes);
  localparam RowBytes = LineBytes < TileLineBytes ? LineBytes : TileLineBytes;

  wire [7:0]  opcode = head_i[`SA_F_OPCODE];
  wire        is_dram = opcode == `SA_OP_WLOAD;
  wire        is_buffer = opcode == `SA_OP_WLOAD_UB;
  wire [9:0]  tile_k = head_i[`SA_F_TILE_K];
  wire [9:0]  tile_n = head_i[`SA_F_TILE_N];
  wire [7:0]  flags = head_i[`SA_F_FLAGS];
  wire        transposed = flags[`SA_FLAG_TRANSPOSED];
  wire        diagonal = flags[`SA_FLAG_DIAGONAL];
  wire [19:0] tile_bytes = diagonal ? {10'd0, tile_k} : {10'd0, tile_k} * {10'd0, tile_n};
  wire [9:0]  row_bytes = transposed || diagonal ? tile_k : tile_n;

  // DRAM front end
  reg        sync_q, req_valid_q;
  reg [47:0] req_addr_q;
  reg [2:0]  class_q, req_class_q;
  reg [4:0]  give_q;
  reg [8:0]  used_q;  // credits taken

  wire        walk_active, walk_last;
  wire [47:0] walk_burst;
  wire [12:0] walk_offset, walk_bytes;
  wire [31:0] walk_slot;  // offset within the slot

  wire load_step = walk_active && (!req_valid_q || req_grant_i) && used_q < outstanding_i;
  wire burst_back = rd_valid_i && rd_last_i;

  // buffer front end and its two cycles through the buffer
  reg        rows_q;
  reg [9:0]  rows_left_q, rows_bytes_q;
  reg [31:0] rows_addr_q, rows_pitch_q;
  reg        pipe1_q, pipe2_q, last1_q, last2_q;
  wire       row_last = rows_left_q == '0;

  assign start_o = head_valid_i && tokens_ok_i && !walk_active && !rows_q && !sync_q &&
                   (is_dram ? slot_free_i :
                    is_buffer ? slot_free_i && used_q == '0 :
                    used_q == '0 && !pipe1_q && !pipe2_q);

  wire [47:0] dram_addr = head_i[`SA_F_DRAM_ADDR];
  wire [OffsetBits-1:0] dram_base = OffsetBits'(dram_addr[LineShift-1:0]);

  assign alloc_o = start_o && (is_dram || is_buffer);
  assign alloc_k_o = tile_k;
  assign alloc_n_o = tile_n;
  assign alloc_kind_o = {diagonal, transposed};
  assign alloc_bytes_o = tile_bytes;
  assign alloc_base_o = is_dram ? dram_base : '0;
  assign alloc_pitch_o = diagonal ? '0 :
                         is_dram ? OffsetBits'(row_bytes) : OffsetBits'(TileLineBytes);

  burst_walker u_walker (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .start_i       (start_o && is_dram),
    .addr_i        (dram_addr),
    .ub_addr_i     (32'(dram_base)),
    .bytes_i       ({12'd0, tile_bytes}),
    .n0_i          (16'd1),
    .n1_i          (16'd1),
    .dp0_i         (32'd0),
    .dp1_i         (32'd0),
    .up0_i         (32'd0),
    .up1_i         (32'd0),
    .burst_bytes_i (burst_bytes_i),
    .step_i        (load_step),
    .active_o      (walk_active),
    .burst_addr_o  (walk_burst),
    .offset_o      (walk_offset),
    .bytes_o       (walk_bytes),
    .ub_addr_o     (walk_slot),
    .last_o        (walk_last)
  );

  assign req_valid_o = req_valid_q;
  assign req_addr_o = req_addr_q;
  assign req_class_o = req_class_q;
  assign ub_rd_en_o = rows_q;
  assign ub_rd_addr_o = rows_addr_q;
  assign ub_rd_bytes_o = {6'd0, rows_bytes_q};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      sync_q <= 1'b0;
      req_valid_q <= 1'b0;
      used_q <= '0;
      rows_q <= 1'b0;
      pipe1_q <= 1'b0;
      pipe2_q <= 1'b0;
    end else begin
      sync_q <= start_o && !is_dram && !is_buffer;
      if (load_step) req_valid_q <= 1'b1;
      else if (req_grant_i) req_valid_q <= 1'b0;
      if (load_step && !burst_back) used_q <= used_q + 1'b1;
      if (burst_back && !load_step) used_q <= used_q - 1'b1;
      if (start_o && is_buffer) rows_q <= 1'b1;
      else if (row_last) rows_q <= 1'b0;
      pipe1_q <= rows_q;
      pipe2_q <= pipe1_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_o) begin
      class_q <= head_i[`SA_F_CLASS];
      give_q <= head_i[`SA_F_GIVE_DONE];
    end
    if (load_step) begin
      req_addr_q <= walk_burst;
      req_class_q <= class_q;
    end
    if (start_o && is_buffer) begin
      rows_addr_q <= head_i[`SA_F_UB_ADDR];
      rows_pitch_q <= head_i[`SA_F_UP0];
      rows_bytes_q <= row_bytes;
      rows_left_q <= diagonal ? '0 : (transposed ? tile_n : tile_k) - 1'b1;
    end else begin
      rows_addr_q <= rows_addr_q + rows_pitch_q;
      rows_left_q <= rows_left_q - 1'b1;
    end
    last1_q <= row_last;
    last2_q <= last1_q;
  end

  // bursts under way, in the order in which they come back
  wire                  info_valid, info_full, info_last;
  wire [4:0]            info_give;
  wire [12:0]           info_offset, info_bytes;
  wire [OffsetBits-1:0] info_slot;

  fifo #(.Width(32 + OffsetBits), .Depth(MaxOutstanding)) u_info (
    .clk_i   (clk_i),
    .rst_ni  (rst_ni),
    .push_i  (load_step),
    .data_i  ({walk_last, give_q, walk_offset, walk_bytes, walk_slot[OffsetBits-1:0]}),
    .full_o  (info_full),
    .pop_i   (burst_back),
    .valid_o (info_valid),
    .data_o  ({info_last, info_give, info_offset, info_bytes, info_slot})
  );
  wire unused = &{1'b0, info_valid, info_full, walk_slot, flags, head_i};

  // beats: the part [low, high) of the burst that this beat carries of the tile, and the place of
  // its first byte in the slot
  reg [12:0]            beat_q;
  reg                   wr_en_q, dram_done_q;
  reg [4:0]             dram_give_q;
  reg [OffsetBits-1:0]  wr_offset_q;
  reg [12:0]            wr_bytes_q;
  reg [PortBytes*8-1:0] wr_data_q;  // the tile's first byte at 0

  wire [12:0]           beat_end = beat_q + BeatBytes;
  wire [12:0]           info_end = info_offset + info_bytes;
  wire [12:0]           low = info_offset > beat_q ? info_offset : beat_q;
  wire [12:0]           high = info_end < beat_end ? info_end : beat_end;
  wire [12:0]           lane = low - beat_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      beat_q <= '0;
      wr_en_q <= 1'b0;
      dram_done_q <= 1'b0;
    end else begin
      if (rd_valid_i) beat_q <= rd_last_i ? '0 : beat_end;
      wr_en_q <= rd_valid_i && low < high;
      dram_done_q <= burst_back && info_last;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rd_valid_i) begin
      dram_give_q <= info_give;
      wr_offset_q <= info_slot + OffsetBits'({19'd0, low - info_offset});
      wr_bytes_q <= high - low;
      wr_data_q <= rd_data_i >> {lane, 3'd0};
    end
  end

  // rows from the buffer: one a line
  reg [OffsetBits-1:0] row_offset_q;
  wire                 buffer_done = pipe2_q && last2_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) row_offset_q <= '0;
    else if (buffer_done) row_offset_q <= '0;
    else if (pipe2_q) row_offset_q <= row_offset_q + OffsetBits'(TileLineBytes);
  end

  wire [LineShift-1:0] wr_lane = wr_offset_q[LineShift-1:0];
  wire [12:0]          wr_bytes = pipe2_q ? {3'd0, rows_bytes2_q} : wr_bytes_q;
  reg  [9:0]           rows_bytes1_q, rows_bytes2_q;
  always_ff @(posedge clk_i) begin
    rows_bytes1_q <= rows_bytes_q;
    rows_bytes2_q <= rows_bytes1_q;
  end

  assign tile_wr_en_o = wr_en_q || pipe2_q;
  assign tile_wr_offset_o = pipe2_q ? row_offset_q :
      {wr_offset_q[OffsetBits-1:LineShift], {LineShift{1'b0}}};
  assign tile_wr_lanes_o = pipe2_q ? ~({TileLineBytes{1'b1}} << wr_bytes) :
      (~({TileLineBytes{1'b1}} << wr_bytes)) << wr_lane;
  assign tile_wr_data_o = pipe2_q ? (TileLineBytes*8)'(ub_rd_data_i[RowBytes*8-1:0]) :
      (TileLineBytes*8)'(wr_data_q) << {wr_lane, 3'd0};
  assign tile_wr_bytes_o = wr_bytes;
  assign tile_done_o = dram_done_q || buffer_done;

  assign done_o = tile_done_o || sync_q;
  assign give_o = dram_done_q ? dram_give_q : buffer_done ? buffer_give_q : give_q;

  reg [4:0] buffer_give1_q, buffer_give_q;
  always_ff @(posedge clk_i) begin
    buffer_give1_q <= give_q;
    buffer_give_q <= buffer_give1_q;
  end

  in_flight u_in_flight (
    .clk_i   (clk_i),
    .rst_ni  (rst_ni),
    .start_i (start_o),
    .end_i   (done_o),
    .busy_o  (busy_o)
  );
endmodule

`default_nettype wire
