// STORE unit: copies rows of the unified buffer to DRAM in whole bursts with byte enables, through
// two burst buffers; SYNC only takes and gives.
// Latency: start in t, first read of the buffer in t + 1; a burst is requested when it is complete,
// UB_READ cycles after its last read, and its beats follow the grant without a gap. An instruction
// ends with the response of its last burst.
// Throughput: one beat per cycle.
`default_nettype none
`include "systole_isa.vh"

module store #(
  parameter PortBytes = 16,
  parameter LineBytes = 16,
  parameter MaxBurstBytes = 4096,
  parameter MaxOutstanding = 256
) (
  input  wire                   clk_i,
  input  wire                   rst_ni,
  // settings, constant after reset
  input  wire [12:0]            burst_bytes_i,
  input  wire [8:0]             outstanding_i,
  // queue
  input  wire                   head_valid_i,
  input  wire [511:0]           head_i,
  input  wire                   tokens_ok_i,
  output wire                   start_o,
  // unified buffer
  output wire                   ub_rd_en_o,
  output wire [31:0]            ub_rd_addr_o,
  output wire [15:0]            ub_rd_bytes_o,
  input  wire [LineBytes*8-1:0] ub_rd_data_i,  // two cycles after ub_rd_en_o
  // memory port
  output wire                   req_valid_o,
  output wire [47:0]            req_addr_o,
  output wire [2:0]             req_class_o,
  input  wire                   req_grant_i,
  output wire                   wr_valid_o,
  output wire                   wr_last_o,
  output wire [PortBytes*8-1:0] wr_data_o,
  output wire [PortBytes-1:0]   wr_strb_o,
  input  wire                   resp_valid_i,
  // events
  output wire                   done_o,
  output wire [4:0]             give_o,
  output wire                   busy_o
);
  localparam [12:0] BeatBytes = 13'(PortBytes);
  localparam MaxBeats = MaxBurstBytes / PortBytes;
  localparam BeatBits = MaxBeats > 1 ? $clog2(MaxBeats) : 1;
  localparam PortShift = $clog2(PortBytes);

  wire is_store = head_i[`SA_F_OPCODE] == `SA_OP_STORE;

  // reading: bursts of the instruction, beats of the burst
  reg        active_q, sync_q, reading_q;
  reg [2:0]  class_q;
  reg [4:0]  give_q;
  reg [8:0]  used_q;  // credits taken
  reg [1:0]  free_q;  // burst buffers free
  reg        fill_buf_q;
  reg [12:0] beat_q;  // first byte of the beat within the burst
  reg [12:0] burst_offset_q, burst_end_q;
  reg [31:0] burst_ub_q;
  reg        burst_last_q;

  wire        walk_active, walk_last;
  wire [47:0] walk_burst;
  wire [12:0] walk_offset, walk_bytes;
  wire [31:0] walk_ub;

  wire begin_burst = walk_active && !reading_q && free_q != '0 && used_q < outstanding_i;
  wire read_beat = begin_burst || reading_q;

  burst_walker u_walker (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .start_i       (start_o && is_store),
    .addr_i        (head_i[`SA_F_DRAM_ADDR]),
    .ub_addr_i     (head_i[`SA_F_UB_ADDR]),
    .bytes_i       (head_i[`SA_F_BYTES]),
    .n0_i          (head_i[`SA_F_MEM_N0]),
    .n1_i          (head_i[`SA_F_MEM_N1]),
    .dp0_i         (head_i[`SA_F_DP0]),
    .dp1_i         (head_i[`SA_F_DP1]),
    .up0_i         (head_i[`SA_F_UP0]),
    .up1_i         (head_i[`SA_F_UP1]),
    .burst_bytes_i (burst_bytes_i),
    .step_i        (begin_burst),
    .active_o      (walk_active),
    .burst_addr_o  (walk_burst),
    .offset_o      (walk_offset),
    .bytes_o       (walk_bytes),
    .ub_addr_o     (walk_ub),
    .last_o        (walk_last)
  );

  // the beat read in this cycle: the part [low, high) of the burst that the row has of it
  wire [12:0] beat = begin_burst ? '0 : beat_q;
  wire [12:0] beat_end = beat + BeatBytes;
  wire        beat_last = beat_end == burst_bytes_i;
  wire [12:0] offset = begin_burst ? walk_offset : burst_offset_q;
  wire [12:0] row_end = begin_burst ? walk_offset + walk_bytes : burst_end_q;
  wire [31:0] row_ub = begin_burst ? walk_ub : burst_ub_q;
  wire        row_last = begin_burst ? walk_last : burst_last_q;
  wire [12:0] low = offset > beat ? offset : beat;
  wire [12:0] high = row_end < beat_end ? row_end : beat_end;

  assign start_o = head_valid_i && tokens_ok_i && !active_q && !sync_q &&
                   (is_store || (used_q == '0 && free_q == 2'd2));
  assign ub_rd_en_o = read_beat && low < high;
  assign ub_rd_addr_o = row_ub + {19'd0, low - offset};
  assign ub_rd_bytes_o = {3'd0, high - low};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      active_q <= 1'b0;
      sync_q <= 1'b0;
      reading_q <= 1'b0;
      used_q <= '0;
      free_q <= 2'd2;
      fill_buf_q <= 1'b0;
    end else begin
      if (start_o && is_store) active_q <= 1'b1;
      else if (read_beat && beat_last && row_last) active_q <= 1'b0;
      sync_q <= start_o && !is_store;
      if (read_beat) reading_q <= !beat_last;
      if (begin_burst && !resp_valid_i) used_q <= used_q + 1'b1;
      if (resp_valid_i && !begin_burst) used_q <= used_q - 1'b1;
      if (begin_burst && !sent) free_q <= free_q - 1'b1;
      if (sent && !begin_burst) free_q <= free_q + 1'b1;
      if (read_beat && beat_last) fill_buf_q <= !fill_buf_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_o) begin
      class_q <= head_i[`SA_F_CLASS];
      give_q <= head_i[`SA_F_GIVE_DONE];
    end
    if (read_beat) beat_q <= beat_end;
    if (begin_burst) begin
      burst_offset_q <= walk_offset;
      burst_end_q <= walk_offset + walk_bytes;
      burst_ub_q <= walk_ub;
      burst_last_q <= walk_last;
    end
  end

  // the read's way through the unified buffer: two cycles
  reg        pipe1_q, pipe2_q, last1_q, last2_q, data1_q, data2_q, buf1_q, buf2_q;
  reg [12:0] lane1_q, lane2_q, bytes1_q, bytes2_q;
  reg [BeatBits-1:0] index1_q, index2_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      pipe1_q <= 1'b0;
      pipe2_q <= 1'b0;
    end else begin
      pipe1_q <= read_beat;
      pipe2_q <= pipe1_q;
    end
  end

  always_ff @(posedge clk_i) begin
    last1_q <= beat_last;
    last2_q <= last1_q;
    data1_q <= low < high;
    data2_q <= data1_q;
    buf1_q <= fill_buf_q;
    buf2_q <= buf1_q;
    lane1_q <= low - beat;
    lane2_q <= lane1_q;
    bytes1_q <= high - low;
    bytes2_q <= bytes1_q;
    index1_q <= BeatBits'(beat >> PortShift);
    index2_q <= index1_q;
  end

  // burst buffers: two of MaxBeats words of data and strobes
  wire [PortBytes-1:0]   strobes = data2_q ?
      (~({PortBytes{1'b1}} << bytes2_q)) << lane2_q : '0;
  wire [PortBytes*8-1:0] data = ub_rd_data_i[PortBytes*8-1:0] << {lane2_q, 3'd0};

  reg                sending_q, send_buf_q;
  reg [12:0]         send_q;  // bytes of the burst that are out after this cycle
  reg [BeatBits-1:0] send_index_q;
  wire               sent = sending_q && send_q == burst_bytes_i;
  wire               fetch = req_grant_i || (sending_q && !sent);
  wire [BeatBits-1:0] fetch_index = req_grant_i ? '0 : send_index_q;
  wire               fetch_buf = req_grant_i ? next_buf_q : send_buf_q;

  ram_1r1w #(.Depth(2 * (1 << BeatBits)), .Lanes(1), .LaneBits(PortBytes*9)) u_buffers (
    .clk_i      (clk_i),
    .rd_en_i    (fetch),
    .rd_addr_i  ({fetch_buf, fetch_index}),
    .rd_data_o  ({wr_strb_o, wr_data_o}),
    .wr_en_i    (pipe2_q),
    .wr_addr_i  ({buf2_q, index2_q}),
    .wr_lanes_i (1'b1),
    .wr_data_i  ({strobes, data})
  );

  // requests: complete bursts, in order, a new one not before the last one's beats are nearly out
  reg [1:0]  ready_q;
  reg [12:0] gap_q;
  reg        next_buf_q;
  reg [47:0] addr_q [0:1];
  reg [2:0]  burst_class_q [0:1];
  reg [4:0]  burst_give_q [0:1];
  reg [1:0]  burst_is_last_q;

  wire complete = pipe2_q && last2_q;

  assign req_valid_o = ready_q != '0 && gap_q == '0;
  assign req_addr_o = addr_q[next_buf_q];
  assign req_class_o = burst_class_q[next_buf_q];
  assign wr_valid_o = sending_q;
  assign wr_last_o = sent;

  always_ff @(posedge clk_i) begin
    if (begin_burst) begin
      addr_q[fill_buf_q] <= walk_burst;
      burst_class_q[fill_buf_q] <= class_q;
      burst_give_q[fill_buf_q] <= give_q;
      burst_is_last_q[fill_buf_q] <= walk_last;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      ready_q <= '0;
      gap_q <= '0;
      next_buf_q <= 1'b0;
      sending_q <= 1'b0;
      send_buf_q <= 1'b0;
      send_q <= '0;
      send_index_q <= '0;
    end else begin
      if (complete && !req_grant_i) ready_q <= ready_q + 1'b1;
      if (req_grant_i && !complete) ready_q <= ready_q - 1'b1;
      if (req_grant_i) gap_q <= burst_bytes_i - BeatBytes;
      else if (gap_q != '0) gap_q <= gap_q - BeatBytes;
      if (req_grant_i) begin
        next_buf_q <= !next_buf_q;
        send_buf_q <= next_buf_q;
        sending_q <= 1'b1;
        send_q <= BeatBytes;
        send_index_q <= BeatBits'(1);
      end else if (sending_q) begin
        sending_q <= !sent;
        send_q <= send_q + BeatBytes;
        send_index_q <= send_index_q + 1'b1;
      end
    end
  end

  // responses
  wire       resp_last, resp_known, resp_full;
  wire [4:0] resp_give;

  fifo #(.Width(6), .Depth(MaxOutstanding)) u_responses (
    .clk_i   (clk_i),
    .rst_ni  (rst_ni),
    .push_i  (req_grant_i),
    .data_i  ({burst_is_last_q[next_buf_q], burst_give_q[next_buf_q]}),
    .full_o  (resp_full),
    .pop_i   (resp_valid_i),
    .valid_o (resp_known),
    .data_o  ({resp_last, resp_give})
  );
  wire unused = &{1'b0, resp_known, resp_full, head_i, ub_rd_data_i};

  wire store_done = resp_valid_i && resp_last;
  assign done_o = store_done || sync_q;
  assign give_o = store_done ? resp_give : give_q;

  in_flight u_in_flight (
    .clk_i   (clk_i),
    .rst_ni  (rst_ni),
    .start_i (start_o),
    .end_i   (done_o),
    .busy_o  (busy_o)
  );
endmodule

`default_nettype wire
