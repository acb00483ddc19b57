// Vector unit: starts instructions, issues one step a cycle - a read of the unified buffer, of the
// accumulators - and writes what the lanes make of them. docs/machine.md, sections 4 and 5.
//
// Step 0 is issued in the start cycle t itself, straight from the queue's head, and the next
// instruction may start in t + N: instructions follow each other without a bubble.
// Latency: VEC_LATENCY from an output's last read to its write. Throughput: one step a cycle.
`default_nettype none
`include "systole_latency.vh"
`include "systole_isa.vh"
`include "vector_kind.vh"

module vector #(
  parameter Cols      = 4,
  parameter Lanes     = 4,
  parameter LineBytes = 16
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,

  // Queue's head; start_o pops it and takes its tokens.
  input  logic                   head_valid_i,
  input  logic [511:0]           head_i,
  input  logic                   tokens_ok_i,
  output logic                   start_o,

  // Reads: data come 2 cycles after the enable, byte 0 (column 0) in the lowest bits. Bytes beyond
  // ub_rd_bytes_o may be anything.
  output logic                   ub_rd_en_o,
  output logic [31:0]            ub_rd_addr_o,
  output logic [15:0]            ub_rd_bytes_o,
  input  logic [LineBytes*8-1:0] ub_rd_data_i,
  output logic                   acc_rd_en_o,
  output logic                   acc_rd_bank_o,
  output logic [15:0]            acc_rd_row_o,
  input  logic [Cols*32-1:0]     acc_rd_data_i,

  output logic                   ub_wr_en_o,
  output logic [31:0]            ub_wr_addr_o,
  output logic [15:0]            ub_wr_bytes_o,
  output logic [LineBytes*8-1:0] ub_wr_data_o,

  // Events, and the units that each gives a token to.
  output logic                   ev_read_o,
  output logic [4:0]             give_read_o,
  output logic                   ev_done_o,
  output logic [4:0]             give_done_o,
  output logic                   busy_o,  // some instruction with start <= t <= end
  output logic                   end_o
);

  // Row sums are in their memory 9 cycles after their last step; norm's 2^24 / n is there 19 cycles
  // after the start, and needed in the sweep's second cycle. So the sweep begins 18 cycles after
  // the last step of the sums.
  localparam [7:0] SweepGap = 8'd16;

  // verilator lint_off UNUSEDSIGNAL
  logic [511:0] instr, instr_q;                   // takes and tensor class mean nothing here
  logic         run_q;                            // a step is due in this cycle
  logic [`SA_LAT_VEC_LATENCY:1] last_q, write_q;  // bit s: such a step was issued s cycles ago
  logic         active, last, writes;
  logic [7:0]   head_flags, flags;                // each op has its own flags
  // verilator lint_on UNUSEDSIGNAL

  assign head_flags = head_i[`SA_F_FLAGS];
  assign start_o = head_valid_i && tokens_ok_i && !run_q &&
                   (!head_flags[`SA_FLAG_FENCE] || last_q == '0);
  assign active  = start_o || run_q;
  assign busy_o  = active || last_q != '0;
  assign instr   = start_o ? head_i : instr_q;

  logic [7:0]  op;
  logic        is_sync, is_norm;
  logic [2:0]  phase;
  logic [7:0]  k, row;
  logic [15:0] off, count;
  logic [31:0] out_addr;
  logic        tap_first, group_last, pass_last;

  assign op      = instr[`SA_F_OPCODE];
  assign flags   = instr[`SA_F_FLAGS];
  assign is_sync = op == `SA_OP_VECTOR_SYNC;
  assign is_norm = op == `SA_OP_VNORM;

  vector_walk #(
    .Lanes(Lanes)
  ) u_walk (
    .clk_i,
    .start_i     (start_o),
    .active_i    (active),
    .instr_i     (instr),
    .phase_o     (phase),
    .index_o     (k),
    .tap_first_o (tap_first),
    .off_o       (off),
    .count_o     (count),
    .row_o       (row),
    .group_last_o(group_last),
    .pass_last_o (pass_last),
    .last_o      (last),
    .rd_addr_o   (ub_rd_addr_o),
    .rd_bytes_o  (ub_rd_bytes_o),
    .acc_row_o   (acc_rd_row_o),
    .out_addr_o  (out_addr)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      run_q   <= 1'b0;
      last_q  <= '0;
      write_q <= '0;
    end else begin
      run_q   <= active && !last;
      last_q  <= {last_q[`SA_LAT_VEC_LATENCY-1:1], last};
      write_q <= {write_q[`SA_LAT_VEC_LATENCY-1:1], writes};
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_o) instr_q <= head_i;
  end

  // What the lanes do with this step.
  logic [4:0] kind;

  always_comb begin
    kind = `SA_VK_NONE;
    case (phase)
      `SA_VP_PARAM: kind = `SA_VK_PARAM;
      `SA_VP_TABLE: kind = `SA_VK_TABLE;
      `SA_VP_MAX: kind = `SA_VK_SOFT_MAX;
      `SA_VP_SUM: kind = is_norm ? `SA_VK_NORM_SUM : `SA_VK_SOFT_SUM;
      `SA_VP_OUT: begin
        case (op)
          `SA_OP_VACC: kind = `SA_VK_ACC;
          `SA_OP_VMOV: kind = `SA_VK_MOVE;
          `SA_OP_VADD: kind = k == 8'd0 ? `SA_VK_HOLD : `SA_VK_ADD;
          `SA_OP_VMUL: kind = k == 8'd0 ? `SA_VK_HOLD : `SA_VK_MUL;
          `SA_OP_VMAX: kind = `SA_VK_TAP_MAX;
          `SA_OP_VAVG: kind = `SA_VK_TAP_SUM;
          `SA_OP_VSOFTMAX: kind = `SA_VK_SOFT_OUT;
          `SA_OP_VNORM:
            kind = k == 8'd0 ? `SA_VK_NORM_GAMMA : k == 8'd1 ? `SA_VK_NORM_BETA : `SA_VK_NORM_OUT;
          default: ;
        endcase
      end
      default: ;
    endcase
    if (!active) kind = `SA_VK_NONE;
  end

  assign writes        = active && phase == `SA_VP_OUT && group_last && !is_sync;
  assign ub_rd_en_o    = kind != `SA_VK_NONE &&
                         (kind != `SA_VK_ACC || flags[`SA_FLAG_RESIDUAL]);
  assign acc_rd_en_o   = kind == `SA_VK_ACC;
  assign acc_rd_bank_o = instr[`SA_F_VEC_ACC_BANK];

  // The step's way to stage 2, where its data are; rows go on to stage 5, where reductions leave
  // the lanes.
  localparam StepBits = 122;
  logic [StepBits-1:0] step, step1_q, step2_q;
  logic [4:0]          kind1_q, kind2_q;
  logic [9:0]          row_tag, row1_q, row2_q, row3_q, row4_q, row5_q;  // max, first chunk, row

  assign row_tag = {phase == `SA_VP_MAX, off == 16'd0, row};
  assign step = {
    ub_rd_bytes_o, off, k[3:0], flags[`SA_FLAG_TABLE_NUMBER], tap_first,
    flags[`SA_FLAG_RESIDUAL], flags[`SA_FLAG_RMS], flags[`SA_FLAG_TABLE],
    op == `SA_OP_VMAX ? 32'd1 : instr[`SA_F_VEC_W14], instr[`SA_F_VEC_W15],
    instr[`SA_F_VEC_LO], instr[`SA_F_VEC_HI]
  };

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      kind1_q <= `SA_VK_NONE;
      kind2_q <= `SA_VK_NONE;
    end else begin
      kind1_q <= kind;
      kind2_q <= kind1_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (busy_o) begin
      step1_q <= step;
      step2_q <= step1_q;
      row1_q  <= row_tag;
      row2_q  <= row1_q;
      row3_q  <= row2_q;
      row4_q  <= row3_q;
      row5_q  <= row4_q;
    end
  end

  logic [15:0] step_count, step_off;
  logic [3:0]  step_index;
  logic [1:0]  step_table;
  logic        step_tap_first, step_residual, step_rms, step_lookup;
  logic [31:0] step_scale_a, step_scale_b;
  logic [7:0]  step_lo, step_hi;

  assign {step_count, step_off, step_index, step_table, step_tap_first, step_residual,
          step_rms, step_lookup, step_scale_a, step_scale_b, step_lo,
          step_hi} = step2_q;

  // What comes out VEC_LATENCY later: a ring with one entry a cycle.
  localparam [3:0] RingLag = `SA_LAT_VEC_LATENCY;
  logic [52:0] ring_q[0:15];
  logic [3:0]  ring_at_q, ring_out;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) ring_at_q <= 4'd0;
    else if (busy_o) ring_at_q <= ring_at_q + 4'd1;
  end

  always_ff @(posedge clk_i) begin
    if (active) ring_q[ring_at_q] <= {instr[`SA_F_GIVE_DONE], count, out_addr};
  end

  assign ring_out = ring_at_q - RingLag;
  assign {give_done_o, ub_wr_bytes_o, ub_wr_addr_o} = ring_q[ring_out];
  assign ub_wr_en_o  = write_q[`SA_LAT_VEC_LATENCY];
  assign ev_read_o   = last;
  assign give_read_o = instr[`SA_F_GIVE_READ];
  assign ev_done_o   = last_q[`SA_LAT_VEC_LATENCY];
  assign end_o       = ev_done_o;

  logic [7:0]          centre;
  logic [31:0]         row_scale;
  logic                red_valid;
  logic [Lanes*32-1:0] red_data;

  vector_lanes #(
    .Cols     (Cols),
    .Lanes    (Lanes),
    .LineBytes(LineBytes)
  ) u_lanes (
    .clk_i,
    .rst_ni,
    .kind_i     (kind2_q),
    .index_i    (step_index),
    .table_i    (step_table),
    .tap_first_i(step_tap_first),
    .residual_i (step_residual),
    .rms_i      (step_rms),
    .lookup_i   (step_lookup),
    .offset_i   (step_off),
    .count_i    (step_count),
    .scale_a_i  (step_scale_a),
    .scale_b_i  (step_scale_b),
    .lo_i       (step_lo),
    .hi_i       (step_hi),
    .ub_data_i  (ub_rd_data_i),
    .acc_data_i (acc_rd_data_i),
    .centre_i   (centre),
    .row_scale_i(row_scale),
    .red_valid_o(red_valid),
    .red_data_o (red_data),
    .out_data_o (ub_wr_data_o)
  );

  // The sweep covers the rows of the sums' last step.
  logic [7:0] sweep_last_q;
  always_ff @(posedge clk_i) begin
    if (active && phase == `SA_VP_SUM && pass_last) sweep_last_q <= row;
  end

  vector_rows #(
    .Lanes(Lanes)
  ) u_rows (
    .clk_i,
    .rst_ni,
    .red_valid_i  (red_valid),
    .red_max_i    (row5_q[9]),
    .red_first_i  (row5_q[8]),
    .red_row_i    (row5_q[7:0]),
    .red_data_i   (red_data),
    .recip_valid_i(start_o && is_norm),
    .recip_n_i    (instr[`SA_F_VEC_N]),
    .sweep_i      (active && phase == `SA_VP_SUM_GAP && k == SweepGap),
    .sweep_norm_i (is_norm),
    .sweep_rms_i  (flags[`SA_FLAG_RMS]),
    .sweep_last_i (sweep_last_q),
    .centre_row_i (row1_q[7:0]),
    .centre_o     (centre),
    .scale_row_i  (row3_q[7:0]),
    .scale_o      (row_scale)
  );

endmodule

`default_nettype wire
