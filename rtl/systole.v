// Systole: a TPU-style weight-stationary systolic array machine, whole (docs/machine.md).
// The host streams instructions in over valid/ready; one or two memory ports carry bursts; counters
// and events come out. Burst size and outstanding limits are inputs that stay constant after reset.
// Reset: asynchronous, active low. State that decides anything is reset; data (memories, pipelines of
// data, the array) is not; buffer and accumulators are 0 at power-up, everything else is written
// before it is used. No input may be X after reset.
`default_nettype none
`include "systole_isa.vh"
`include "systole_latency.vh"

module systole #(
  parameter Rows = 4,
  parameter Cols = 4,
  parameter WeightBuffers = 2,
  parameter ShiftRows = 1,
  parameter BufferBytes = 16384,
  parameter Banks = 8,
  parameter AccRows = 64,       // of each of the two banks
  parameter FifoTiles = 2,
  parameter Lanes = 4,
  parameter LoadQueue = 4,      // queue depths
  parameter StoreQueue = 4,
  parameter WloadQueue = 4,
  parameter MatmulQueue = 4,
  parameter VectorQueue = 4,
  parameter Ports = 1,          // 2: WLOAD has port 1
  parameter Port0Bytes = 16,    // beat width
  parameter Port1Bytes = 16,    // equal to Port0Bytes if Ports is 1
  parameter ArrayGrid = 0       // 1: PE modules (synthesis); 0: flat arrays (fast simulation)
) (
  input  wire                    clk_i,
  input  wire                    rst_ni,
  // settings, constant from the last cycle of reset on
  input  wire [12:0]             burst0_bytes_i,
  input  wire [12:0]             burst1_bytes_i,
  input  wire [8:0]              outstanding0_i,
  input  wire [8:0]              outstanding1_i,
  // host
  input  wire                    instr_valid_i,
  input  wire [511:0]            instr_i,
  output wire                    instr_ready_o,
  // memory port 0
  output wire                    m0_req_valid_o,
  output wire                    m0_req_write_o,
  output wire [1:0]              m0_req_id_o,
  output wire [47:0]             m0_req_addr_o,
  input  wire                    m0_rd_valid_i,
  input  wire                    m0_rd_last_i,
  input  wire [1:0]              m0_rd_id_i,
  input  wire [Port0Bytes*8-1:0] m0_rd_data_i,
  output wire                    m0_wr_valid_o,
  output wire                    m0_wr_last_o,
  output wire [Port0Bytes*8-1:0] m0_wr_data_o,
  output wire [Port0Bytes-1:0]   m0_wr_strb_o,
  input  wire                    m0_resp_valid_i,
  // memory port 1: only read, by WLOAD; idle if Ports is 1
  output wire                    m1_req_valid_o,
  output wire [47:0]             m1_req_addr_o,
  input  wire                    m1_rd_valid_i,
  input  wire                    m1_rd_last_i,
  input  wire [Port1Bytes*8-1:0] m1_rd_data_i,
  // events of this cycle, by unit: LOAD, STORE, WLOAD, MATMUL, VECTOR
  output wire [4:0]              start_o,
  output wire [4:0]              end_o,
  output wire                    done_o,        // the program has ended
  output wire                    collision_o,   // sticky: the bank rule was broken
  input  wire [6:0]              counter_sel_i,
  output wire [63:0]             counter_o
);
  // derived sizes, docs/machine.md section 1
  localparam MaxSide = Rows > Cols ? Rows : Cols;
  localparam Least = MaxSide > 16 ? MaxSide : 16;
  localparam LeastLanes = Least > Lanes ? Least : Lanes;
  localparam LineBytes = 1 << $clog2(LeastLanes > Port0Bytes ? LeastLanes : Port0Bytes);
  localparam TileLineBytes = 1 << $clog2(Least > Port1Bytes ? Least : Port1Bytes);
  localparam ShiftCycles = (Rows + ShiftRows - 1) / ShiftRows;
  localparam BankBytes = BufferBytes / Banks;
  // a slot holds a tile that begins anywhere in a line, or a row or column per line
  localparam SlotLines = 2 * (MaxSide / 2 + 1);
  localparam OffsetBits = $clog2(SlotLines * TileLineBytes);
  // tiles that can be on their way into the array at once
  localparam ShiftsAtOnce = (MaxSide + ShiftCycles - 1) / ShiftCycles;
  localparam Buses = FifoTiles < ShiftsAtOnce ? FifoTiles : ShiftsAtOnce;
  localparam SlotsPerBank = (FifoTiles + Buses - 1) / Buses;
  localparam SlotBits = SlotsPerBank > 1 ? $clog2(SlotsPerBank) : 1;
  localparam BusBits = Buses > 1 ? $clog2(Buses) : 1;
  localparam MaxOutstanding = 256;

`ifndef SYNTHESIS
  initial begin
    if (`SA_LAT_UB_READ != 2 || `SA_LAT_LOAD_WRITE != 1 || `SA_LAT_ACC_UPDATE != 2) begin
      $error("The buffer, the accumulators and LOAD are built for latencies of 2, 2 and 1.");
    end
  end
`endif

  // settings, taken over in reset and after
  reg [12:0] burst0_q, burst1_q;
  reg [8:0]  outstanding0_q, outstanding1_q;
  always_ff @(posedge clk_i) begin
    burst0_q <= burst0_bytes_i;
    burst1_q <= Ports == 1 ? burst0_bytes_i : burst1_bytes_i;
    outstanding0_q <= outstanding0_i;
    outstanding1_q <= Ports == 1 ? outstanding0_i : outstanding1_i;
  end

  // sequencer and queues
  wire [4:0]    push, full, head_valid, start, blocked;
  wire [511:0]  push_data;
  wire [2559:0] head;
  wire          own, ended;

  sequencer u_sequencer (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .instr_valid_i (instr_valid_i),
    .instr_i       (instr_i),
    .instr_ready_o (instr_ready_o),
    .queue_full_i  (full),
    .push_o        (push),
    .push_data_o   (push_data),
    .blocked_o     (blocked),
    .own_o         (own),
    .ended_o       (ended)
  );

  genvar u;
  generate
    for (u = 0; u < 5; u = u + 1) begin : g_queue
      localparam Depth = u == 0 ? LoadQueue : u == 1 ? StoreQueue : u == 2 ? WloadQueue :
                         u == 3 ? MatmulQueue : VectorQueue;
      fifo #(.Width(512), .Depth(Depth)) u_queue (
        .clk_i   (clk_i),
        .rst_ni  (rst_ni),
        .push_i  (push[u]),
        .data_i  (push_data),
        .full_o  (full[u]),
        .pop_i   (start[u]),
        .valid_o (head_valid[u]),
        .data_o  (head[u*512 +: 512])
      );
    end
  endgenerate

  wire [511:0] load_head = head[511:0];
  wire [511:0] store_head = head[1023:512];
  wire [511:0] wload_head = head[1535:1024];
  wire [511:0] matmul_head = head[2047:1536];
  wire [511:0] vector_head = head[2559:2048];

  // tokens
  wire [4:0]  tokens_ok, done, busy;
  wire [34:0] unmet;
  wire [4:0]  load_give, store_give, wload_give;
  wire [4:0]  matmul_give_read, matmul_give_done, vector_give_read, vector_give_done;
  wire        matmul_read, vector_read, vector_event;

  tokens u_tokens (
    .clk_i   (clk_i),
    .rst_ni  (rst_ni),
    .event_i ({vector_event, vector_read, done[3], matmul_read, done[2:0]}),
    .give_i  ({vector_give_done, vector_give_read, matmul_give_done, matmul_give_read, wload_give,
               store_give, load_give}),
    .take_i  ({vector_head[`SA_F_TAKE], matmul_head[`SA_F_TAKE], wload_head[`SA_F_TAKE],
               store_head[`SA_F_TAKE], load_head[`SA_F_TAKE]}),
    .start_i (start),
    .unmet_o (unmet),
    .ok_o    (tokens_ok)
  );

  // memory ports
  wire [2:0]  request, grant0, grant1, rd_valid0, rd_valid1;
  wire [8:0]  request_class;
  wire [47:0] load_addr, store_addr, wload_addr;
  wire [2:0]  grant = grant0 | grant1;

  memory_port u_port0 (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .burst_bytes_i (burst0_q),
    .request_i     (Ports == 1 ? request : request & 3'b011),
    .load_addr_i   (load_addr),
    .store_addr_i  (store_addr),
    .wload_addr_i  (wload_addr),
    .grant_o       (grant0),
    .rd_valid_o    (rd_valid0),
    .req_valid_o   (m0_req_valid_o),
    .req_write_o   (m0_req_write_o),
    .req_id_o      (m0_req_id_o),
    .req_addr_o    (m0_req_addr_o),
    .rd_valid_i    (m0_rd_valid_i),
    .rd_last_i     (m0_rd_last_i),
    .rd_id_i       (m0_rd_id_i),
    .resp_valid_i  (m0_resp_valid_i)
  );

  wire       m1_req_write;
  wire [1:0] m1_req_id;
  memory_port u_port1 (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .burst_bytes_i (burst1_q),
    .request_i     (Ports == 1 ? 3'b000 : request & 3'b100),
    .load_addr_i   (load_addr),
    .store_addr_i  (store_addr),
    .wload_addr_i  (wload_addr),
    .grant_o       (grant1),
    .rd_valid_o    (rd_valid1),
    .req_valid_o   (m1_req_valid_o),
    .req_write_o   (m1_req_write),
    .req_id_o      (m1_req_id),
    .req_addr_o    (m1_req_addr_o),
    .rd_valid_i    (Ports == 1 ? 1'b0 : m1_rd_valid_i),
    .rd_last_i     (m1_rd_last_i),
    .rd_id_i       (2'd2),
    .resp_valid_i  (1'b0)
  );

  wire                    wload_rd_valid, wload_rd_last;
  wire [Port1Bytes*8-1:0] wload_rd_data;
  generate
    if (Ports == 1) begin : g_one_port
      wire unused = &{1'b0, m1_rd_last_i, m1_rd_data_i, rd_valid1};
      assign wload_rd_valid = rd_valid0[2];
      assign wload_rd_last = m0_rd_last_i;
      assign wload_rd_data = m0_rd_data_i;
    end else begin : g_two_ports
      assign wload_rd_valid = rd_valid1[2];
      assign wload_rd_last = m1_rd_last_i;
      assign wload_rd_data = m1_rd_data_i;
    end
  endgenerate
  wire unused = &{1'b0, m1_req_write, m1_req_id, rd_valid0, rd_valid1, unmet, ub_rd_data};

  // unified buffer: readers MATMUL, VECTOR, STORE, WLOAD; writers LOAD, VECTOR
  localparam LineBits = LineBytes * 8;
  wire [3:0]            ub_rd_en;
  wire [127:0]          ub_rd_addr;
  wire [63:0]           ub_rd_bytes;
  wire [4*LineBits-1:0] ub_rd_data;
  wire [1:0]            ub_wr_en;
  wire [63:0]           ub_wr_addr;
  wire [31:0]           ub_wr_bytes;
  wire [2*LineBits-1:0] ub_wr_data;

  unified_buffer #(
    .Banks     (Banks),
    .BankBytes (BankBytes),
    .LineBytes (LineBytes)
  ) u_buffer (
    .clk_i       (clk_i),
    .rst_ni      (rst_ni),
    .rd_en_i     (ub_rd_en),
    .rd_addr_i   (ub_rd_addr),
    .rd_bytes_i  (ub_rd_bytes),
    .rd_data_o   (ub_rd_data),
    .wr_en_i     (ub_wr_en),
    .wr_addr_i   (ub_wr_addr),
    .wr_bytes_i  (ub_wr_bytes),
    .wr_data_i   (ub_wr_data),
    .collision_o (collision_o)
  );

  // LOAD, STORE
  load #(
    .PortBytes      (Port0Bytes),
    .LineBytes      (LineBytes),
    .MaxOutstanding (MaxOutstanding)
  ) u_load (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .burst_bytes_i (burst0_q),
    .outstanding_i (outstanding0_q),
    .head_valid_i  (head_valid[0]),
    .head_i        (load_head),
    .tokens_ok_i   (tokens_ok[0]),
    .start_o       (start[0]),
    .req_valid_o   (request[0]),
    .req_addr_o    (load_addr),
    .req_class_o   (request_class[2:0]),
    .req_grant_i   (grant[0]),
    .rd_valid_i    (rd_valid0[0]),
    .rd_last_i     (m0_rd_last_i),
    .rd_data_i     (m0_rd_data_i),
    .ub_wr_en_o    (ub_wr_en[0]),
    .ub_wr_addr_o  (ub_wr_addr[31:0]),
    .ub_wr_bytes_o (ub_wr_bytes[15:0]),
    .ub_wr_data_o  (ub_wr_data[LineBits-1:0]),
    .done_o        (done[0]),
    .give_o        (load_give),
    .busy_o        (busy[0])
  );

  store #(
    .PortBytes      (Port0Bytes),
    .LineBytes      (LineBytes),
    .MaxOutstanding (MaxOutstanding)
  ) u_store (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .burst_bytes_i (burst0_q),
    .outstanding_i (outstanding0_q),
    .head_valid_i  (head_valid[1]),
    .head_i        (store_head),
    .tokens_ok_i   (tokens_ok[1]),
    .start_o       (start[1]),
    .ub_rd_en_o    (ub_rd_en[2]),
    .ub_rd_addr_o  (ub_rd_addr[95:64]),
    .ub_rd_bytes_o (ub_rd_bytes[47:32]),
    .ub_rd_data_i  (ub_rd_data[3*LineBits-1:2*LineBits]),
    .req_valid_o   (request[1]),
    .req_addr_o    (store_addr),
    .req_class_o   (request_class[5:3]),
    .req_grant_i   (grant[1]),
    .wr_valid_o    (m0_wr_valid_o),
    .wr_last_o     (m0_wr_last_o),
    .wr_data_o     (m0_wr_data_o),
    .wr_strb_o     (m0_wr_strb_o),
    .resp_valid_i  (m0_resp_valid_i),
    .done_o        (done[1]),
    .give_o        (store_give),
    .busy_o        (busy[1])
  );

  // WLOAD, weight FIFO, weight shift
  wire                       slot_free, alloc, tile_wr_en, tile_done;
  wire [9:0]                 alloc_k, alloc_n;
  wire [1:0]                 alloc_kind;
  wire [19:0]                alloc_bytes;
  wire [OffsetBits-1:0]      alloc_base, alloc_pitch, tile_wr_offset;
  wire [TileLineBytes-1:0]   tile_wr_lanes;
  wire [TileLineBytes*8-1:0] tile_wr_data;
  wire [12:0]                tile_wr_bytes;

  wload #(
    .PortBytes      (Port1Bytes),
    .LineBytes      (LineBytes),
    .TileLineBytes  (TileLineBytes),
    .OffsetBits     (OffsetBits),
    .MaxOutstanding (MaxOutstanding)
  ) u_wload (
    .clk_i            (clk_i),
    .rst_ni           (rst_ni),
    .burst_bytes_i    (burst1_q),
    .outstanding_i    (outstanding1_q),
    .head_valid_i     (head_valid[2]),
    .head_i           (wload_head),
    .tokens_ok_i      (tokens_ok[2]),
    .start_o          (start[2]),
    .req_valid_o      (request[2]),
    .req_addr_o       (wload_addr),
    .req_class_o      (request_class[8:6]),
    .req_grant_i      (grant[2]),
    .rd_valid_i       (wload_rd_valid),
    .rd_last_i        (wload_rd_last),
    .rd_data_i        (wload_rd_data),
    .ub_rd_en_o       (ub_rd_en[3]),
    .ub_rd_addr_o     (ub_rd_addr[127:96]),
    .ub_rd_bytes_o    (ub_rd_bytes[63:48]),
    .ub_rd_data_i     (ub_rd_data[4*LineBits-1:3*LineBits]),
    .slot_free_i      (slot_free),
    .alloc_o          (alloc),
    .alloc_k_o        (alloc_k),
    .alloc_n_o        (alloc_n),
    .alloc_kind_o     (alloc_kind),
    .alloc_bytes_o    (alloc_bytes),
    .alloc_base_o     (alloc_base),
    .alloc_pitch_o    (alloc_pitch),
    .tile_wr_en_o     (tile_wr_en),
    .tile_wr_offset_o (tile_wr_offset),
    .tile_wr_lanes_o  (tile_wr_lanes),
    .tile_wr_data_o   (tile_wr_data),
    .tile_wr_bytes_o  (tile_wr_bytes),
    .tile_done_o      (tile_done),
    .done_o           (done[2]),
    .give_o           (wload_give),
    .busy_o           (busy[2])
  );

  wire                        tile_ready, shift, slot_release;
  wire [9:0]                  tile_k, tile_n;
  wire [1:0]                  tile_kind;
  wire [19:0]                 tile_bytes;
  wire [OffsetBits-1:0]       tile_base, tile_pitch;
  wire [BusBits-1:0]          tile_bank;
  wire [SlotBits-1:0]         tile_slot;
  wire [Buses-1:0]            tile_rd_en;
  wire [Buses*SlotBits-1:0]   tile_rd_slot;
  wire [Buses*OffsetBits-1:0] tile_rd_offset;
  wire [Buses*10-1:0]         tile_rd_first, tile_rd_count;
  wire [Buses*MaxSide*8-1:0]  tile_rd_data;
  wire [6:0]                  slots_taken;

  weight_fifo #(
    .Tiles     (FifoTiles),
    .Banks     (Buses),
    .LineBytes (TileLineBytes),
    .SlotLines (SlotLines),
    .Lanes     (MaxSide)
  ) u_weight_fifo (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .slot_free_o   (slot_free),
    .alloc_i       (alloc),
    .alloc_k_i     (alloc_k),
    .alloc_n_i     (alloc_n),
    .alloc_kind_i  (alloc_kind),
    .alloc_bytes_i (alloc_bytes),
    .alloc_base_i  (alloc_base),
    .alloc_pitch_i (alloc_pitch),
    .wr_en_i       (tile_wr_en),
    .wr_offset_i   (tile_wr_offset),
    .wr_lanes_i    (tile_wr_lanes),
    .wr_data_i     (tile_wr_data),
    .tile_done_i   (tile_done),
    .head_ready_o  (tile_ready),
    .head_k_o      (tile_k),
    .head_n_o      (tile_n),
    .head_kind_o   (tile_kind),
    .head_bytes_o  (tile_bytes),
    .head_base_o   (tile_base),
    .head_pitch_o  (tile_pitch),
    .head_bank_o   (tile_bank),
    .head_slot_o   (tile_slot),
    .pop_i         (shift),
    .release_i     (slot_release),
    .rd_en_i       (tile_rd_en),
    .rd_slot_i     (tile_rd_slot),
    .rd_offset_i   (tile_rd_offset),
    .rd_first_i    (tile_rd_first),
    .rd_count_i    (tile_rd_count),
    .rd_data_o     (tile_rd_data),
    .taken_o       (slots_taken)
  );

  wire                       consume, reload, shadow_full, shadow_empty;
  wire [9:0]                 shadow_k, shadow_n;
  wire [Buses*MaxSide*8-1:0] weight_bus;
  wire [Buses-1:0]           wave;
  wire                       wave_transposed;

  weight_shift #(
    .WeightBuffers (WeightBuffers),
    .ShiftCycles   (ShiftCycles),
    .Banks         (Buses),
    .Lanes         (MaxSide),
    .SlotBits      (SlotBits),
    .OffsetBits    (OffsetBits)
  ) u_weight_shift (
    .clk_i             (clk_i),
    .rst_ni            (rst_ni),
    .consume_i         (consume),
    .reload_i          (reload),
    .shadow_full_o     (shadow_full),
    .shadow_empty_o    (shadow_empty),
    .shadow_k_o        (shadow_k),
    .shadow_n_o        (shadow_n),
    .head_ready_i      (tile_ready),
    .head_k_i          (tile_k),
    .head_n_i          (tile_n),
    .head_kind_i       (tile_kind),
    .head_base_i       (tile_base),
    .head_pitch_i      (tile_pitch),
    .head_bank_i       (tile_bank),
    .head_slot_i       (tile_slot),
    .shift_o           (shift),
    .release_o         (slot_release),
    .rd_en_o           (tile_rd_en),
    .rd_slot_o         (tile_rd_slot),
    .rd_offset_o       (tile_rd_offset),
    .rd_first_o        (tile_rd_first),
    .rd_count_o        (tile_rd_count),
    .rd_data_i         (tile_rd_data),
    .bus_o             (weight_bus),
    .wave_o            (wave),
    .wave_transposed_o (wave_transposed)
  );

  // MATMUL
  wire        row, acc_add, acc_bank, rows_inside, drained;
  wire [15:0] acc_row;

  matmul #(.Rows(Rows), .Cols(Cols)) u_matmul (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .head_valid_i  (head_valid[3]),
    .head_i        (matmul_head),
    .tokens_ok_i   (tokens_ok[3]),
    .start_o       (start[3]),
    .shadow_full_i (shadow_full),
    .consume_o     (consume),
    .reload_o      (reload),
    .row_o         (row),
    .ub_rd_en_o    (ub_rd_en[0]),
    .ub_rd_addr_o  (ub_rd_addr[31:0]),
    .ub_rd_bytes_o (ub_rd_bytes[15:0]),
    .acc_add_o     (acc_add),
    .acc_bank_o    (acc_bank),
    .acc_row_o     (acc_row),
    .rows_inside_o (rows_inside),
    .drained_o     (drained),
    .read_o        (matmul_read),
    .give_read_o   (matmul_give_read),
    .done_o        (done[3]),
    .give_done_o   (matmul_give_done),
    .busy_o        (busy[3])
  );

  reg [9:0] active_k_q, active_n_q;
  always_ff @(posedge clk_i) begin
    if (consume) begin
      active_k_q <= shadow_k;
      active_n_q <= shadow_n;
    end
  end

  wire [8:0] cause;
  matmul_cause #(.WeightBuffers(WeightBuffers)) u_cause (
    .row_i             (row),
    .start_i           (start[3]),
    .head_valid_i      (head_valid[3]),
    .head_i            (matmul_head),
    .unmet_i           (unmet[27:21]),
    .vector_busy_i     (busy[4]),
    .rows_inside_i     (rows_inside),
    .drained_i         (drained),
    .shadow_empty_i    (shadow_empty),
    .fifo_head_ready_i (tile_ready),
    .cause_o           (cause)
  );

  // array: the swap enters with the row's first byte, UB_READ cycles after its issue; the place in
  // the accumulators reaches column 0 with its sum, Rows cycles later
  wire               swap;
  wire               sum_en, sum_add, sum_bank;
  wire [15:0]        sum_row;
  wire [Rows*8-1:0]  act;
  wire [Cols*32-1:0] sum;

  delay_line #(.Width(1), .Cycles(`SA_LAT_UB_READ)) u_swap (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .data_i (consume),
    .data_o (swap)
  );

  delay_line #(.Width(19), .Cycles(`SA_LAT_UB_READ + Rows)) u_place (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .data_i ({row, acc_add, acc_bank, acc_row}),
    .data_o ({sum_en, sum_add, sum_bank, sum_row})
  );

  skew #(.Lanes(Rows)) u_skew (
    .clk_i  (clk_i),
    .en_i   (rows_inside),
    .data_i (ub_rd_data[Rows*8-1:0]),
    .data_o (act)
  );

  // accumulators, read by VECTOR
  wire               acc_rd_en, acc_rd_bank;
  wire [15:0]        acc_rd_row;
  wire [Cols*32-1:0] acc_rd_data;

  generate
    if (ArrayGrid != 0) begin : g_grid
      array_grid #(
        .Rows          (Rows),
        .Cols          (Cols),
        .WeightBuffers (WeightBuffers),
        .Buses         (Buses),
        .BusLanes      (MaxSide)
      ) u_array (
        .clk_i             (clk_i),
        .rst_ni            (rst_ni),
        .rows_inside_i     (rows_inside),
        .act_i             (act),
        .swap_i            (swap),
        .wave_i            (wave),
        .wave_transposed_i (wave_transposed),
        .bus_i             (weight_bus),
        .sum_o             (sum)
      );
      accumulators #(.Cols(Cols), .AccRows(AccRows)) u_accumulators (
        .clk_i         (clk_i),
        .rst_ni        (rst_ni),
        .rows_inside_i (rows_inside),
        .en_i          (sum_en),
        .add_i         (sum_add),
        .bank_i        (sum_bank),
        .row_i         (sum_row),
        .sum_i         (sum),
        .rd_en_i       (acc_rd_en),
        .rd_bank_i     (acc_rd_bank),
        .rd_row_i      (acc_rd_row),
        .rd_data_o     (acc_rd_data)
      );
    end else begin : g_flat
      array_flat #(
        .Rows          (Rows),
        .Cols          (Cols),
        .WeightBuffers (WeightBuffers),
        .ShiftCycles   (ShiftCycles),
        .Buses         (Buses),
        .BusLanes      (MaxSide)
      ) u_array (
        .clk_i             (clk_i),
        .rst_ni            (rst_ni),
        .rows_inside_i     (rows_inside),
        .act_i             (act),
        .swap_i            (swap),
        .wave_i            (wave),
        .wave_transposed_i (wave_transposed),
        .bus_i             (weight_bus),
        .sum_o             (sum)
      );
      accumulators_flat #(.Cols(Cols), .AccRows(AccRows)) u_accumulators (
        .clk_i         (clk_i),
        .rst_ni        (rst_ni),
        .rows_inside_i (rows_inside),
        .en_i          (sum_en),
        .add_i         (sum_add),
        .bank_i        (sum_bank),
        .row_i         (sum_row),
        .sum_i         (sum),
        .rd_en_i       (acc_rd_en),
        .rd_bank_i     (acc_rd_bank),
        .rd_row_i      (acc_rd_row),
        .rd_data_o     (acc_rd_data)
      );
    end
  endgenerate

  // VECTOR
  vector #(
    .Cols      (Cols),
    .Lanes     (Lanes),
    .LineBytes (LineBytes)
  ) u_vector (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .head_valid_i  (head_valid[4]),
    .head_i        (vector_head),
    .tokens_ok_i   (tokens_ok[4]),
    .start_o       (start[4]),
    .ub_rd_en_o    (ub_rd_en[1]),
    .ub_rd_addr_o  (ub_rd_addr[63:32]),
    .ub_rd_bytes_o (ub_rd_bytes[31:16]),
    .ub_rd_data_i  (ub_rd_data[2*LineBits-1:LineBits]),
    .acc_rd_en_o   (acc_rd_en),
    .acc_rd_bank_o (acc_rd_bank),
    .acc_rd_row_o  (acc_rd_row),
    .acc_rd_data_i (acc_rd_data),
    .ub_wr_en_o    (ub_wr_en[1]),
    .ub_wr_addr_o  (ub_wr_addr[63:32]),
    .ub_wr_bytes_o (ub_wr_bytes[31:16]),
    .ub_wr_data_o  (ub_wr_data[2*LineBits-1:LineBits]),
    .ev_read_o     (vector_read),
    .ev_done_o     (vector_event),
    .give_read_o   (vector_give_read),
    .give_done_o   (vector_give_done),
    .busy_o        (busy[4]),
    .end_o         (done[4])
  );

  // counters
  assign start_o = start;
  assign end_o = done;

  counters u_counters (
    .clk_i           (clk_i),
    .rst_ni          (rst_ni),
    .ended_i         (ended),
    .own_i           (own),
    .queued_i        (head_valid),
    .start_i         (start),
    .end_i           (done),
    .busy_i          (busy),
    .blocked_i       (blocked),
    .cause_i         (cause),
    .row_i           (row),
    .row_add_i       (acc_add),
    .tile_k_i        (consume ? shadow_k : active_k_q),
    .tile_n_i        (consume ? shadow_n : active_n_q),
    .acc_rd_i        (acc_rd_en),
    .request_i       (request),
    .grant_i         (grant),
    .class_i         (request_class),
    .burst0_i        (burst0_q),
    .burst1_i        (burst1_q),
    .ub_rd_bytes_i   ({ub_rd_en[1] ? ub_rd_bytes[31:16] : 16'd0,
                       ub_rd_en[0] ? ub_rd_bytes[15:0] : 16'd0,
                       ub_rd_en[3] ? ub_rd_bytes[63:48] : 16'd0,
                       ub_rd_en[2] ? ub_rd_bytes[47:32] : 16'd0, 16'd0}),
    .ub_wr_bytes_i   ({ub_wr_en[1] ? ub_wr_bytes[31:16] : 16'd0, 48'd0,
                       ub_wr_en[0] ? ub_wr_bytes[15:0] : 16'd0}),
    .fifo_wr_i       (tile_wr_en),
    .fifo_wr_bytes_i (tile_wr_bytes),
    .shift_i         (shift),
    .shift_bytes_i   (tile_bytes),
    .fifo_taken_i    (slots_taken),
    .done_o          (done_o),
    .sel_i           (counter_sel_i),
    .value_o         (counter_o)
  );
endmodule

`default_nettype wire
