// LOAD unit: copies rows from DRAM to the unified buffer (LOAD) or fills rows of it with a byte
// (FILL); SYNC only takes and gives.
// Latency: start in t, first request visible to the arbiter in t + 2; the last beat on the port is
// written one cycle later, which is the instruction's end. FILL: a line per cycle from t + 1.
// Throughput: one burst request per cycle while credits last, one beat or one line per cycle.
`default_nettype none
`include "systole_isa.vh"

module load #(
  parameter PortBytes = 16,
  parameter LineBytes = 16,
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
  // memory port
  output wire                   req_valid_o,
  output wire [47:0]            req_addr_o,
  output wire [2:0]             req_class_o,
  input  wire                   req_grant_i,
  input  wire                   rd_valid_i,
  input  wire                   rd_last_i,
  input  wire [PortBytes*8-1:0] rd_data_i,
  // unified buffer
  output wire                   ub_wr_en_o,
  output wire [31:0]            ub_wr_addr_o,
  output wire [15:0]            ub_wr_bytes_o,
  output wire [LineBytes*8-1:0] ub_wr_data_o,
  // events
  output wire                   done_o,
  output wire [4:0]             give_o,
  output wire                   busy_o
);
  localparam [12:0] BeatBytes = 13'(PortBytes);

  wire [7:0] opcode = head_i[`SA_F_OPCODE];
  wire       is_load = opcode == `SA_OP_LOAD;
  wire       is_fill = opcode == `SA_OP_FILL;

  // front end
  reg        filling_q, sync_q, req_valid_q;
  reg [47:0] req_addr_q;
  reg [2:0]  class_q, req_class_q;
  reg [4:0]  give_q;
  reg [7:0]  byte_q;
  reg [8:0]  used_q;  // credits taken

  wire        walk_active, walk_last;
  wire [47:0] walk_burst;
  wire [12:0] walk_offset, walk_bytes;
  wire [31:0] walk_ub;

  wire load_step = walk_active && !filling_q && (!req_valid_q || req_grant_i) &&
                   used_q < outstanding_i;
  wire fill_step = walk_active && filling_q;
  wire burst_back = rd_valid_i && rd_last_i;

  assign start_o = head_valid_i && tokens_ok_i && !walk_active && !sync_q &&
                   (is_load || used_q == '0);

  burst_walker u_walker (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .start_i       (start_o && (is_load || is_fill)),
    .addr_i        (is_load ? head_i[`SA_F_DRAM_ADDR] : 48'd0),
    .ub_addr_i     (head_i[`SA_F_UB_ADDR]),
    .bytes_i       (head_i[`SA_F_BYTES]),
    .n0_i          (head_i[`SA_F_MEM_N0]),
    .n1_i          (head_i[`SA_F_MEM_N1]),
    .dp0_i         (is_load ? head_i[`SA_F_DP0] : 32'd0),
    .dp1_i         (is_load ? head_i[`SA_F_DP1] : 32'd0),
    .up0_i         (head_i[`SA_F_UP0]),
    .up1_i         (head_i[`SA_F_UP1]),
    .burst_bytes_i (filling_q ? 13'(LineBytes) : burst_bytes_i),
    .step_i        (load_step || fill_step),
    .active_o      (walk_active),
    .burst_addr_o  (walk_burst),
    .offset_o      (walk_offset),
    .bytes_o       (walk_bytes),
    .ub_addr_o     (walk_ub),
    .last_o        (walk_last)
  );

  assign req_valid_o = req_valid_q;
  assign req_addr_o = req_addr_q;
  assign req_class_o = req_class_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      filling_q <= 1'b0;
      sync_q <= 1'b0;
      req_valid_q <= 1'b0;
      used_q <= '0;
    end else begin
      if (start_o) filling_q <= is_fill;
      else if (fill_step && walk_last) filling_q <= 1'b0;
      sync_q <= start_o && !is_load && !is_fill;
      if (load_step) req_valid_q <= 1'b1;
      else if (req_grant_i) req_valid_q <= 1'b0;
      if (load_step && !burst_back) used_q <= used_q + 1'b1;
      if (burst_back && !load_step) used_q <= used_q - 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_o) begin
      class_q <= head_i[`SA_F_CLASS];
      give_q <= head_i[`SA_F_GIVE_DONE];
      byte_q <= head_i[`SA_F_FILL_BYTE];
    end
    if (load_step) begin
      req_addr_q <= walk_burst;
      req_class_q <= class_q;
    end
  end

  // bursts under way, in the order in which they come back
  wire        info_valid, info_last, info_full;
  wire [4:0]  info_give;
  wire [12:0] info_offset, info_bytes;
  wire [31:0] info_ub;

  fifo #(.Width(64), .Depth(MaxOutstanding)) u_info (
    .clk_i   (clk_i),
    .rst_ni  (rst_ni),
    .push_i  (load_step),
    .data_i  ({walk_last, give_q, walk_offset, walk_bytes, walk_ub}),
    .full_o  (info_full),
    .pop_i   (burst_back),
    .valid_o (info_valid),
    .data_o  ({info_last, info_give, info_offset, info_bytes, info_ub})
  );
  wire unused = &{1'b0, info_valid, info_full, head_i};

  // beats: the part [low, high) of the burst that this beat carries of the row
  reg [12:0] beat_q;
  reg        wr_en_q, done_q;
  reg [4:0]  done_give_q;
  reg [31:0] wr_addr_q;
  reg [12:0] wr_bytes_q;
  reg [PortBytes*8-1:0] wr_data_q;

  wire [12:0] beat_end = beat_q + BeatBytes;
  wire [12:0] info_end = info_offset + info_bytes;
  wire [12:0] low = info_offset > beat_q ? info_offset : beat_q;
  wire [12:0] high = info_end < beat_end ? info_end : beat_end;
  wire [12:0] lane = low - beat_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      beat_q <= '0;
      wr_en_q <= 1'b0;
      done_q <= 1'b0;
    end else begin
      if (rd_valid_i) beat_q <= rd_last_i ? '0 : beat_end;
      wr_en_q <= rd_valid_i && low < high;
      done_q <= burst_back && info_last;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rd_valid_i) begin
      done_give_q <= info_give;
      wr_addr_q <= info_ub + {19'd0, low - info_offset};
      wr_bytes_q <= high - low;
      wr_data_q <= rd_data_i >> {lane, 3'd0};
    end
  end

  assign ub_wr_en_o = wr_en_q || fill_step;
  assign ub_wr_addr_o = fill_step ? walk_ub : wr_addr_q;
  assign ub_wr_bytes_o = {3'd0, fill_step ? walk_bytes : wr_bytes_q};
  assign ub_wr_data_o = fill_step ? {LineBytes{byte_q}} : (LineBytes*8)'(wr_data_q);

  wire fill_done = fill_step && walk_last;
  assign done_o = done_q || sync_q || fill_done;
  assign give_o = done_q ? done_give_q : give_q;

  in_flight u_in_flight (
    .clk_i   (clk_i),
    .rst_ni  (rst_ni),
    .start_i (start_o),
    .end_i   (done_o),
    .busy_o  (busy_o)
  );
endmodule

`default_nettype wire
