// Vector unit: walks an instruction's steps, one a cycle, reads the unified buffer and the
// accumulators, and writes what the lanes make of them. docs/machine.md, sections 4 and 5.
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

  // Phases of an instruction, in this order; each op has some of them.
  localparam [2:0] PhParam = 3'd0;   // VACC: column parameters
  localparam [2:0] PhTable = 3'd1;   // VTABLE
  localparam [2:0] PhMax = 3'd2;     // softmax: row maxima
  localparam [2:0] PhMaxGap = 3'd3;
  localparam [2:0] PhSum = 3'd4;     // softmax, norm: row sums
  localparam [2:0] PhSumGap = 3'd5;
  localparam [2:0] PhOut = 3'd6;     // outputs; SYNC's only step

  // The sums of the last step are in their memory 9 cycles after it; norm's 2^24 / n is there 18
  // cycles after the start. So the sweep begins 18 cycles after the last step of the sums.
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

  // Fields.
  logic [7:0]  op;
  logic [15:0] n0, n1, n;
  logic [7:0]  tx, ty;
  logic [31:0] a_base, a_s0, a_s1, b_base, b_s0, b_s1, d_base, d_s0, d_s1, w14, w15;

  assign op         = instr[`SA_F_OPCODE];
  assign flags      = instr[`SA_F_FLAGS];
  assign n0         = instr[`SA_F_VEC_N0];
  assign n1         = instr[`SA_F_VEC_N1];
  assign n          = instr[`SA_F_VEC_N];
  assign tx         = instr[`SA_F_VEC_TX];
  assign ty         = instr[`SA_F_VEC_TY];
  assign a_base     = instr[`SA_F_VEC_A];
  assign a_s0       = instr[`SA_F_VEC_A_S0];
  assign a_s1       = instr[`SA_F_VEC_A_S1];
  assign b_base     = instr[`SA_F_VEC_B];
  assign b_s0       = instr[`SA_F_VEC_B_S0];
  assign b_s1       = instr[`SA_F_VEC_B_S1];
  assign d_base     = instr[`SA_F_VEC_D];
  assign d_s0       = instr[`SA_F_VEC_D_S0];
  assign d_s1       = instr[`SA_F_VEC_D_S1];
  assign w14        = instr[`SA_F_VEC_W14];
  assign w15        = instr[`SA_F_VEC_W15];

  logic is_sync, is_acc, is_pool, is_two, is_softmax, is_norm, is_rows;
  assign is_sync    = op == `SA_OP_VECTOR_SYNC;
  assign is_acc     = op == `SA_OP_VACC;
  assign is_two     = op == `SA_OP_VADD || op == `SA_OP_VMUL;
  assign is_pool    = op == `SA_OP_VMAX || op == `SA_OP_VAVG;
  assign is_softmax = op == `SA_OP_VSOFTMAX;
  assign is_norm    = op == `SA_OP_VNORM;
  assign is_rows    = is_softmax || is_norm;

  // Where this step is: registers, or an instruction's beginning in its start cycle.
  logic [2:0]  phase, phase_q, phase_d;
  logic [7:0]  k, k_q, k_d;                    // step within a gap, plane, operand
  logic [15:0] i0, i0_q, i0_d, i1, i1_q, i1_d; // output
  logic [15:0] off, off_q, off_d;              // first element of the chunk
  logic [7:0]  jx, jx_q, jx_d, jy, jy_q, jy_d; // tap
  logic [7:0]  row, row_q, row_d;              // i1 * n0 + i0, in row reductions
  // Addresses of row i1 (_r1) and of output (i1, i0) (_r0) of each operand; of the tap, of its row.
  logic [31:0] a_r1, a_r1_q, a_r1_d, a_r0, a_r0_q, a_r0_d;
  logic [31:0] b_r1, b_r1_q, b_r1_d, b_r0, b_r0_q, b_r0_d;
  logic [31:0] d_r1, d_r1_q, d_r1_d, d_r0, d_r0_q, d_r0_d;
  logic [31:0] tap, tap_q, tap_d, tap_row, tap_row_q, tap_row_d;

  always_comb begin
    if (start_o) begin
      if (is_acc && flags[`SA_FLAG_PARAMS]) phase = PhParam;
      else if (op == `SA_OP_VTABLE) phase = PhTable;
      else if (is_softmax) phase = PhMax;
      else if (is_norm) phase = PhSum;
      else phase = PhOut;
      k       = 8'd0;
      i0      = 16'd0;
      i1      = 16'd0;
      off     = 16'd0;
      jx      = 8'd0;
      jy      = 8'd0;
      row     = 8'd0;
      a_r1    = a_base;
      a_r0    = a_base;
      b_r1    = b_base;
      b_r0    = b_base;
      d_r1    = d_base;
      d_r0    = d_base;
      tap     = 32'd0;
      tap_row = 32'd0;
    end else begin
      phase   = phase_q;
      k       = k_q;
      i0      = i0_q;
      i1      = i1_q;
      off     = off_q;
      jx      = jx_q;
      jy      = jy_q;
      row     = row_q;
      a_r1    = a_r1_q;
      a_r0    = a_r0_q;
      b_r1    = b_r1_q;
      b_r0    = b_r0_q;
      d_r1    = d_r1_q;
      d_r0    = d_r0_q;
      tap     = tap_q;
      tap_row = tap_row_q;
    end
  end

  // The step, and what comes after it. A group: the steps that make one chunk of one output.
  logic        walks, group_last, tap_x_last, tap_y_last, chunk_last, i0_last, i1_last, rows_last;
  logic        row_step, chunk_step, pass_last;
  logic [15:0] chunk_end, count;

  assign walks      = phase == PhMax || phase == PhSum || phase == PhOut;
  assign tap_x_last = !is_pool || jx == tx - 8'd1;
  assign tap_y_last = !is_pool || jy == ty - 8'd1;
  always_comb begin
    if (!walks) group_last = 1'b0;
    else if (is_two) group_last = k == 8'd1;
    else if (is_norm && phase == PhOut) group_last = k == 8'd2;
    else group_last = tap_x_last && tap_y_last;
  end
  // n - off elements are left.
  assign chunk_end  = n - off;
  assign chunk_last = {16'd0, chunk_end} <= Lanes;
  assign count      = chunk_last ? chunk_end : Lanes[15:0];
  assign i0_last    = i0 == n0 - 16'd1;
  assign i1_last    = i1 == n1 - 16'd1;
  assign rows_last  = i0_last && i1_last;
  // Chunks are the inner loop, in row reductions the outer one.
  assign row_step   = group_last && (is_rows || chunk_last);
  assign chunk_step = group_last && (!is_rows || rows_last);
  assign pass_last  = group_last && chunk_last && rows_last;

  always_comb begin
    phase_d   = phase;
    k_d       = k;
    tap_d     = tap;
    tap_row_d = tap_row;
    jx_d      = jx;
    jy_d      = jy;
    last      = is_sync && active;
    case (phase)
      PhParam: begin
        k_d   = k + 8'd1;
        tap_d = tap + {16'd0, n};
        if (k == `SA_LAT_VEC_PARAM - 1) begin
          phase_d = PhOut;
          k_d     = 8'd0;
          tap_d   = 32'd0;
        end
      end
      PhTable: begin
        k_d   = k + 8'd1;
        tap_d = tap + 32'd16;
        if (k == `SA_LAT_VEC_TABLE - 1) last = active;
      end
      PhMax: if (pass_last) phase_d = PhMaxGap;
      PhMaxGap: begin
        k_d = k + 8'd1;
        if (k == `SA_LAT_VEC_MAX_GAP - 1) begin
          phase_d = PhSum;
          k_d     = 8'd0;
        end
      end
      PhSum: if (pass_last) phase_d = PhSumGap;
      PhSumGap: begin
        k_d = k + 8'd1;
        if (k == (is_norm ? `SA_LAT_VEC_ROOT_GAP - 1 : `SA_LAT_VEC_RECIP_GAP - 1)) begin
          phase_d = PhOut;
          k_d     = 8'd0;
        end
      end
      default: begin
        if (pass_last) last = active;
        if (is_two) begin
          k_d = {7'd0, !k[0]};
        end else if (is_norm) begin
          // Gamma, beta, then the chunk's rows.
          if (k == 8'd2) k_d = chunk_step ? 8'd0 : 8'd2;
          else k_d = flags[`SA_FLAG_RMS] ? 8'd2 : k + 8'd1;
        end else if (is_pool) begin
          jx_d = tap_x_last ? 8'd0 : jx + 8'd1;
          if (tap_x_last) jy_d = tap_y_last ? 8'd0 : jy + 8'd1;
          if (!tap_x_last) begin
            tap_d = tap + b_s0;
          end else begin
            tap_d     = tap_y_last ? 32'd0 : tap_row + b_s1;
            tap_row_d = tap_d;
          end
        end
      end
    endcase
  end

  always_comb begin
    off_d  = !chunk_step ? off : chunk_last ? 16'd0 : off + Lanes[15:0];
    i0_d   = i0;
    i1_d   = i1;
    row_d  = row;
    a_r1_d = a_r1;
    a_r0_d = a_r0;
    b_r1_d = b_r1;
    b_r0_d = b_r0;
    d_r1_d = d_r1;
    d_r0_d = d_r0;
    if (row_step) begin
      row_d  = rows_last ? 8'd0 : row + 8'd1;
      i0_d   = i0_last ? 16'd0 : i0 + 16'd1;
      a_r0_d = a_r0 + a_s0;
      b_r0_d = b_r0 + b_s0;
      d_r0_d = d_r0 + d_s0;
      if (i0_last) begin
        i1_d   = i1_last ? 16'd0 : i1 + 16'd1;
        a_r1_d = i1_last ? a_base : a_r1 + a_s1;
        b_r1_d = i1_last ? b_base : b_r1 + b_s1;
        d_r1_d = i1_last ? d_base : d_r1 + d_s1;
        a_r0_d = a_r1_d;
        b_r0_d = b_r1_d;
        d_r0_d = d_r1_d;
      end
    end
  end

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
    if (active) begin
      phase_q   <= phase_d;
      k_q       <= k_d;
      i0_q      <= i0_d;
      i1_q      <= i1_d;
      off_q     <= off_d;
      jx_q      <= jx_d;
      jy_q      <= jy_d;
      row_q     <= row_d;
      a_r1_q    <= a_r1_d;
      a_r0_q    <= a_r0_d;
      b_r1_q    <= b_r1_d;
      b_r0_q    <= b_r0_d;
      d_r1_q    <= d_r1_d;
      d_r0_q    <= d_r0_d;
      tap_q     <= tap_d;
      tap_row_q <= tap_row_d;
    end
  end

  // What the lanes do with this step, and its read.
  logic [4:0] kind;
  logic       reads_b;

  always_comb begin
    kind    = `SA_VK_NONE;
    reads_b = 1'b0;
    case (phase)
      PhParam: kind = `SA_VK_PARAM;
      PhTable: kind = `SA_VK_TABLE;
      PhMax: kind = `SA_VK_SOFT_MAX;
      PhSum: kind = is_norm ? `SA_VK_NORM_SUM : `SA_VK_SOFT_SUM;
      PhOut: begin
        reads_b = is_acc || (is_two && k == 8'd1) || (is_norm && k != 8'd2);
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

  assign writes = active && phase == PhOut && group_last && !is_sync;

  always_comb begin
    ub_rd_en_o = kind != `SA_VK_NONE && (kind != `SA_VK_ACC || flags[`SA_FLAG_RESIDUAL]);
    case (phase)
      PhParam: begin
        ub_rd_addr_o  = w14 + tap;
        ub_rd_bytes_o = n;
      end
      PhTable: begin
        ub_rd_addr_o  = a_base + tap;
        ub_rd_bytes_o = 16'd16;
      end
      default: begin
        if (is_norm && reads_b) ub_rd_addr_o = b_base + (k == 8'd1 ? b_s0 : 32'd0) + {16'd0, off};
        else if (reads_b) ub_rd_addr_o = b_r0 + {16'd0, off};
        else ub_rd_addr_o = a_r0 + tap + {16'd0, off};
        ub_rd_bytes_o = count;
      end
    endcase
  end

  assign acc_rd_en_o   = kind == `SA_VK_ACC;
  assign acc_rd_bank_o = instr[`SA_F_VEC_ACC_BANK];
  assign acc_rd_row_o  = a_r0[15:0];

  // The step's way to stage 2, where its data are; rows go on to stage 5, where reductions leave
  // the lanes.
  localparam StepBits = 123;
  logic [StepBits-1:0] step, step1_q, step2_q;
  logic [4:0]          kind1_q, kind2_q;
  logic [9:0]          row_tag, row1_q, row2_q, row3_q, row4_q, row5_q;  // max, first chunk, row

  assign row_tag = {phase == PhMax, off == 16'd0, row};
  assign step = {
    ub_rd_bytes_o, off, k[3:0], flags[`SA_FLAG_TABLE_NUMBER], jx == 8'd0 && jy == 8'd0,
    row == 8'd0, flags[`SA_FLAG_RESIDUAL], flags[`SA_FLAG_RMS], flags[`SA_FLAG_TABLE],
    op == `SA_OP_VMAX ? 32'd1 : w14, w15, instr[`SA_F_VEC_LO], instr[`SA_F_VEC_HI]
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
  logic        step_tap_first, step_row_first, step_residual, step_rms, step_lookup;
  logic [31:0] step_scale_a, step_scale_b;
  logic [7:0]  step_lo, step_hi;

  assign {step_count, step_off, step_index, step_table, step_tap_first, step_row_first,
          step_residual, step_rms, step_lookup, step_scale_a, step_scale_b, step_lo,
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
    if (active) ring_q[ring_at_q] <= {instr[`SA_F_GIVE_DONE], count, d_r0 + {16'd0, off}};
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
    .row_first_i(step_row_first),
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
    if (active && phase == PhSum && pass_last) sweep_last_q <= row;
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
    .recip_n_i    (n),
    .sweep_i      (active && phase == PhSumGap && k == SweepGap),
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
