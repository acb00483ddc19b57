// Walk of the vector unit: which step of an instruction this cycle's is, and the addresses of its
// read and of its output. Step 0 is the start cycle itself. docs/machine.md, sections 4 and 8.
//
// Latency: none, outputs belong to this cycle. Throughput: one step a cycle.
`default_nettype none
`include "systole_latency.vh"
`include "systole_isa.vh"
`include "vector_kind.vh"

module vector_walk #(
  parameter Lanes = 4
) (
  input  logic         clk_i,
  input  logic         start_i,   // instr_i starts in this cycle
  input  logic         active_i,  // it has a step in this cycle
  // verilator lint_off UNUSEDSIGNAL
  input  logic [511:0] instr_i,   // tokens, clamp and scales mean nothing here
  // verilator lint_on UNUSEDSIGNAL

  output logic [2:0]   phase_o,
  output logic [7:0]   index_o,      // step within a gap, plane, table line, operand
  output logic         tap_first_o,
  output logic [15:0]  off_o,        // first element of the chunk
  output logic [15:0]  count_o,      // elements of the chunk
  output logic [7:0]   row_o,        // i1 * n0 + i0, in row reductions
  output logic         group_last_o, // last step of a chunk of an output
  output logic         pass_last_o,  // last step of a pass over all outputs
  output logic         last_o,       // last step of the instruction

  output logic [31:0]  rd_addr_o,
  output logic [15:0]  rd_bytes_o,
  output logic [15:0]  acc_row_o,
  output logic [31:0]  out_addr_o
);

  // Fields.
  logic [7:0]  op;
  // verilator lint_off UNUSEDSIGNAL
  logic [7:0]  flags;  // each op has its own
  // verilator lint_on UNUSEDSIGNAL
  logic [15:0] n0, n1, n;
  logic [7:0]  tx, ty;
  logic [31:0] a_base, a_s0, a_s1, b_base, b_s0, b_s1, d_base, d_s0, d_s1, w14;

  assign op         = instr_i[`SA_F_OPCODE];
  assign flags      = instr_i[`SA_F_FLAGS];
  assign n0         = instr_i[`SA_F_VEC_N0];
  assign n1         = instr_i[`SA_F_VEC_N1];
  assign n          = instr_i[`SA_F_VEC_N];
  assign tx         = instr_i[`SA_F_VEC_TX];
  assign ty         = instr_i[`SA_F_VEC_TY];
  assign a_base     = instr_i[`SA_F_VEC_A];
  assign a_s0       = instr_i[`SA_F_VEC_A_S0];
  assign a_s1       = instr_i[`SA_F_VEC_A_S1];
  assign b_base     = instr_i[`SA_F_VEC_B];
  assign b_s0       = instr_i[`SA_F_VEC_B_S0];
  assign b_s1       = instr_i[`SA_F_VEC_B_S1];
  assign d_base     = instr_i[`SA_F_VEC_D];
  assign d_s0       = instr_i[`SA_F_VEC_D_S0];
  assign d_s1       = instr_i[`SA_F_VEC_D_S1];
  assign w14        = instr_i[`SA_F_VEC_W14];

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
    if (start_i) begin
      if (is_acc && flags[`SA_FLAG_PARAMS]) phase = `SA_VP_PARAM;
      else if (op == `SA_OP_VTABLE) phase = `SA_VP_TABLE;
      else if (is_softmax) phase = `SA_VP_MAX;
      else if (is_norm) phase = `SA_VP_SUM;
      else phase = `SA_VP_OUT;
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

  assign walks      = phase == `SA_VP_MAX || phase == `SA_VP_SUM || phase == `SA_VP_OUT;
  assign tap_x_last = !is_pool || jx == tx - 8'd1;
  assign tap_y_last = !is_pool || jy == ty - 8'd1;
  always_comb begin
    if (!walks) group_last = 1'b0;
    else if (is_two) group_last = k == 8'd1;
    else if (is_norm && phase == `SA_VP_OUT) group_last = k == 8'd2;
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
    last_o    = is_sync && active_i;
    case (phase)
      `SA_VP_PARAM: begin
        k_d   = k + 8'd1;
        tap_d = tap + {16'd0, n};
        if (k == `SA_LAT_VEC_PARAM - 1) begin
          phase_d = `SA_VP_OUT;
          k_d     = 8'd0;
          tap_d   = 32'd0;
        end
      end
      `SA_VP_TABLE: begin
        k_d   = k + 8'd1;
        tap_d = tap + 32'd16;
        if (k == `SA_LAT_VEC_TABLE - 1) last_o = active_i;
      end
      `SA_VP_MAX: if (pass_last) phase_d = `SA_VP_MAX_GAP;
      `SA_VP_MAX_GAP: begin
        k_d = k + 8'd1;
        if (k == `SA_LAT_VEC_MAX_GAP - 1) begin
          phase_d = `SA_VP_SUM;
          k_d     = 8'd0;
        end
      end
      `SA_VP_SUM: if (pass_last) phase_d = `SA_VP_SUM_GAP;
      `SA_VP_SUM_GAP: begin
        k_d = k + 8'd1;
        if (k == (is_norm ? `SA_LAT_VEC_ROOT_GAP - 1 : `SA_LAT_VEC_RECIP_GAP - 1)) begin
          phase_d = `SA_VP_OUT;
          k_d     = 8'd0;
        end
      end
      default: begin
        if (pass_last) last_o = active_i;
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

  always_ff @(posedge clk_i) begin
    if (active_i) begin
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

  // The read of this step.
  logic [31:0] row_base;
  always_comb begin
    row_base = a_base;
    case (phase)
      `SA_VP_PARAM: begin
        rd_addr_o  = w14 + tap;
        rd_bytes_o = n;
      end
      `SA_VP_TABLE: begin
        rd_addr_o  = row_base + tap;
        rd_bytes_o = 16'd16;
      end
      default: begin
        row_base = a_r0 + tap;
        if (phase == `SA_VP_OUT) begin
          if (is_acc || (is_two && k == 8'd1)) row_base = b_r0;
          else if (is_norm && k == 8'd0) row_base = b_base;         // gamma
          else if (is_norm && k == 8'd1) row_base = b_base + b_s0;  // beta
        end
        rd_addr_o  = row_base + {16'd0, off};
        rd_bytes_o = count;
      end
    endcase
  end

  assign phase_o      = phase;
  assign index_o      = k;
  assign tap_first_o  = jx == 8'd0 && jy == 8'd0;
  assign off_o        = off;
  assign count_o      = count;
  assign row_o        = row;
  assign group_last_o = group_last;
  assign pass_last_o  = pass_last;
  assign acc_row_o    = a_r0[15:0];
  assign out_addr_o   = d_r0 + {16'd0, off};

endmodule

`default_nettype wire
