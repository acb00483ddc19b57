// Lanes of the vector unit: from the bytes and accumulators a step read to the bytes it writes.
//
//   stage  work (stage s of a step issued in cycle t is cycle t + s; its data are there in stage 2)
//   2      gather operands: bias, held operand, taps, distance from the row's centre
//   3      exp table, times gamma
//   4      times the row's scale; the reduction's input leaves
//   5      multiply by the scale words
//   6      round and shift
//   7      add residual or beta, clamp, activation table
//   8      result on out_data_o
//
// Latency: 6 cycles from data to result. Throughput: one chunk of Lanes elements a cycle.
`default_nettype none
`include "vector_kind.vh"

module vector_lanes #(
  parameter Cols      = 4,
  parameter Lanes     = 4,
  parameter LineBytes = 16
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,

  // The step whose data are here (stage 2).
  input  logic [4:0]             kind_i,
  input  logic [3:0]             index_i,      // parameter plane, or 16-byte line of a table
  input  logic [1:0]             table_i,      // table being loaded
  input  logic                   tap_first_i,
  input  logic                   row_first_i,  // first row of a norm's chunk
  input  logic                   residual_i,   // accumulator step with residual
  input  logic                   rms_i,        // norm without beta
  input  logic                   lookup_i,     // activation table at the end
  input  logic [15:0]            offset_i,     // first element of the chunk
  input  logic [15:0]            count_i,      // elements of the chunk; parameter step: columns
  input  logic [31:0]            scale_a_i,
  input  logic [31:0]            scale_b_i,
  input  logic [7:0]             lo_i,
  input  logic [7:0]             hi_i,
  input  logic [LineBytes*8-1:0] ub_data_i,
  input  logic [Cols*32-1:0]     acc_data_i,
  input  logic [7:0]             centre_i,     // of the step's row
  input  logic [31:0]            row_scale_i,  // of the row of the step in stage 4

  output logic                   red_valid_o,  // stage 5
  output logic [Lanes*32-1:0]    red_data_o,
  output logic [LineBytes*8-1:0] out_data_o    // stage 8
);

  // What the later stages need of the step.
  logic [4:0]  kind3_q, kind4_q, kind5_q, kind6_q, kind7_q;
  logic [15:0] count3_q, count4_q, offset3_q, offset4_q, offset5_q, offset6_q;
  logic [31:0] scale_a3_q, scale_a4_q, scale_a5_q, scale_b3_q, scale_b4_q, scale_b5_q;
  logic [5:0]  shift_a6_q, shift_b6_q;
  logic        row_first3_q, row_first4_q;
  logic [17:0] final3_q, final4_q, final5_q, final6_q;  // rms, lookup, hi, lo
  logic [16:0] final7_q;

  function automatic logic gives_output(input logic [4:0] kind);
    case (kind)
      `SA_VK_ACC, `SA_VK_MOVE, `SA_VK_ADD, `SA_VK_MUL, `SA_VK_TAP_MAX, `SA_VK_TAP_SUM,
      `SA_VK_SOFT_OUT, `SA_VK_NORM_OUT: gives_output = 1'b1;
      default: gives_output = 1'b0;
    endcase
  endfunction

  function automatic logic reduces(input logic [4:0] kind);
    reduces = kind == `SA_VK_SOFT_MAX || kind == `SA_VK_SOFT_SUM || kind == `SA_VK_NORM_SUM;
  endfunction

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      kind3_q     <= `SA_VK_NONE;
      kind4_q     <= `SA_VK_NONE;
      kind5_q     <= `SA_VK_NONE;
      kind6_q     <= `SA_VK_NONE;
      kind7_q     <= `SA_VK_NONE;
      red_valid_o <= 1'b0;
    end else begin
      kind3_q     <= kind_i;
      kind4_q     <= kind3_q;
      kind5_q     <= gives_output(kind4_q) ? kind4_q : `SA_VK_NONE;
      kind6_q     <= kind5_q;
      kind7_q     <= kind6_q;
      red_valid_o <= reduces(kind4_q);
    end
  end

  always_ff @(posedge clk_i) begin
    if (kind_i != `SA_VK_NONE) begin
      count3_q     <= count_i;
      offset3_q    <= offset_i;
      scale_a3_q   <= scale_a_i;
      scale_b3_q   <= scale_b_i;
      row_first3_q <= row_first_i;
      final3_q     <= {rms_i, lookup_i, hi_i, lo_i};
    end
    if (kind3_q != `SA_VK_NONE) begin
      count4_q     <= count3_q;
      offset4_q    <= offset3_q;
      scale_a4_q   <= scale_a3_q;
      scale_b4_q   <= scale_b3_q;
      row_first4_q <= row_first3_q;
      final4_q     <= final3_q;
    end
    if (kind4_q != `SA_VK_NONE) begin
      offset5_q  <= offset4_q;
      scale_a5_q <= scale_a4_q;
      scale_b5_q <= scale_b4_q;
      final5_q   <= final4_q;
    end
    if (kind5_q != `SA_VK_NONE) begin
      offset6_q  <= offset5_q;
      shift_a6_q <= scale_a5_q[31:26];
      shift_b6_q <= scale_b5_q[31:26];
      final6_q   <= final5_q;
    end
    if (kind6_q != `SA_VK_NONE) final7_q <= final6_q[16:0];
  end

  // Tables: activation in lines 0-15, exp low bytes in 16-31, high bytes in 32-47. A line is
  // written when its step reaches stage 6, so that earlier steps still in the lanes find the old
  // table.
  logic [127:0] table_q[0:47];
  logic [3:0]   load_valid_q;
  logic [133:0] load3_q, load4_q, load5_q, load6_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) load_valid_q <= 4'b0000;
    else load_valid_q <= {load_valid_q[2:0], kind_i == `SA_VK_TABLE};
  end

  always_ff @(posedge clk_i) begin
    if (kind_i == `SA_VK_TABLE) load3_q <= {table_i, index_i, ub_data_i[127:0]};
    if (load_valid_q[0]) load4_q <= load3_q;
    if (load_valid_q[1]) load5_q <= load4_q;
    if (load_valid_q[2]) load6_q <= load5_q;
    if (load_valid_q[3]) table_q[load6_q[133:128]] <= load6_q[127:0];
  end

  // Column parameters, 32 bits of each a column. A word's planes arrive from its lowest byte on.
  logic [Cols*32-1:0] bias_q, scale_q, bias_d, scale_d;

  always_comb begin
    bias_d  = bias_q;
    scale_d = scale_q;
    if (kind_i == `SA_VK_PARAM) begin
      for (integer i = 0; i < Cols; i = i + 1) begin
        if (i < {16'd0, count_i}) begin
          if (index_i[2]) scale_d[32*i +: 32] = {ub_data_i[8*i +: 8], scale_q[32*i+8 +: 24]};
          else bias_d[32*i +: 32] = {ub_data_i[8*i +: 8], bias_q[32*i+8 +: 24]};
        end
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      bias_q  <= {Cols{32'd0}};
      scale_q <= {Cols{32'd0}};
    end else if (kind_i == `SA_VK_PARAM) begin
      bias_q  <= bias_d;
      scale_q <= scale_d;
    end
  end

  // The lanes' registers are private to this block, its stages in descending order so that each
  // sees what the one before held; loops over plain arrays simulate fast. r: residual or second
  // addend.
  logic signed [7:0]  hold[0:Lanes-1], gamma[0:Lanes-1], beta[0:Lanes-1], beta5[0:Lanes-1];
  logic signed [32:0] x3[0:Lanes-1], x4[0:Lanes-1], x5[0:Lanes-1];
  logic signed [7:0]  r3[0:Lanes-1], r4[0:Lanes-1], r5[0:Lanes-1];
  logic signed [58:0] p6[0:Lanes-1], y7[0:Lanes-1];
  logic signed [34:0] s6[0:Lanes-1], z7[0:Lanes-1];

  // verilator lint_off BLKSEQ
  always_ff @(posedge clk_i) begin
    logic signed [59:0]     y, twice, lo, hi;
    logic signed [32:0]     wide, centre;
    logic signed [35:0]     twice_s;
    logic [31:0]            word;
    logic [127:0]           line, line_hi;
    logic signed [7:0]      a;
    logic [LineBytes*8-1:0] out;
    logic [Lanes*32-1:0]    red;
    integer                 col;

    // Stage 7.
    if (kind7_q != `SA_VK_NONE) begin
      lo  = {{52{final7_q[7]}}, final7_q[7:0]};
      hi  = {{52{final7_q[15]}}, final7_q[15:8]};
      out = {LineBytes * 8{1'b0}};
      for (integer i = 0; i < Lanes; i = i + 1) begin
        y = {y7[i][58], y7[i]} + {{25{z7[i][34]}}, z7[i]};
        if (y < lo) a = final7_q[7:0];
        else if (y > hi) a = final7_q[15:8];
        else a = y[7:0];
        if (final7_q[16]) begin
          line = table_q[{2'd0, a[7:4]}];
          a    = line[{a[3:0], 3'b000} +: 8];
        end
        out[8*i +: 8] = a;
      end
      out_data_o <= out;
    end

    // Stage 6. Twice the result with one bit to spare: rounding adds that bit.
    if (kind6_q != `SA_VK_NONE) begin
      for (integer i = 0; i < Lanes; i = i + 1) begin
        word = {shift_a6_q, 26'd0};
        col  = {16'd0, offset6_q} + i;
        if (kind6_q == `SA_VK_ACC && col < Cols) word = scale_q[32*col +: 32];
        twice = $signed({p6[i], 1'b0}) >>> word[31:26];
        y7[i] = twice[59:1] + {58'd0, twice[0]};
      end
      for (integer i = 0; i < Lanes; i = i + 1) begin
        if (kind6_q == `SA_VK_ACC) begin
          twice_s = $signed({s6[i], 1'b0}) >>> shift_b6_q;
          z7[i]   = twice_s[35:1] + {34'd0, twice_s[0]};
        end else if (kind6_q == `SA_VK_NORM_OUT && !final6_q[17]) begin
          z7[i] = {{27{beta5[i][7]}}, beta5[i]};
        end else begin
          z7[i] = 35'sd0;
        end
      end
    end

    // Stage 5.
    if (kind5_q != `SA_VK_NONE) begin
      for (integer i = 0; i < Lanes; i = i + 1) begin
        word = scale_a5_q;
        col  = {16'd0, offset5_q} + i;
        if (kind5_q == `SA_VK_ACC && col < Cols) word = scale_q[32*col +: 32];
        p6[i] = x5[i] * $signed(word[25:0]);
      end
      if (kind5_q == `SA_VK_ACC || kind5_q == `SA_VK_ADD) begin
        for (integer i = 0; i < Lanes; i = i + 1) begin
          s6[i] = r5[i] * $signed(scale_b5_q[25:0]);
          if (kind5_q == `SA_VK_ADD) p6[i] = p6[i] + {{24{s6[i][34]}}, s6[i]};
        end
      end
    end

    // Stage 4.
    if (reduces(kind4_q)) begin
      for (integer i = 0; i < Lanes; i = i + 1) begin
        word = x4[i][31:0];
        if (i >= {16'd0, count4_q}) word = kind4_q == `SA_VK_SOFT_MAX ? -32'sd128 : 32'sd0;
        red[32*i +: 32] = word;
      end
      red_data_o <= red;
    end else if (kind4_q == `SA_VK_SOFT_OUT || kind4_q == `SA_VK_NORM_OUT) begin
      for (integer i = 0; i < Lanes; i = i + 1) begin
        x5[i] = $signed(x4[i][16:0]) * $signed({1'b0, row_scale_i});
      end
      // The chunk's beta moves on with its first row: the next chunk's may arrive before the last
      // row has used it.
      if (row_first4_q) begin
        for (integer i = 0; i < Lanes; i = i + 1) beta5[i] = beta[i];
      end
    end else if (gives_output(kind4_q)) begin
      for (integer i = 0; i < Lanes; i = i + 1) begin
        x5[i] = x4[i];
        r5[i] = r4[i];
      end
    end

    // Stage 3.
    if (kind3_q == `SA_VK_SOFT_SUM || kind3_q == `SA_VK_SOFT_OUT) begin
      for (integer i = 0; i < Lanes; i = i + 1) begin
        line    = table_q[{2'd1, x3[i][7:4]}];
        line_hi = table_q[{2'd2, x3[i][7:4]}];
        x4[i] = {17'd0, line_hi[{x3[i][3:0], 3'b000} +: 8], line[{x3[i][3:0], 3'b000} +: 8]};
      end
    end else if (kind3_q == `SA_VK_NORM_OUT) begin
      for (integer i = 0; i < Lanes; i = i + 1) x4[i] = $signed(x3[i][8:0]) * gamma[i];
    end else if (gives_output(kind3_q) || reduces(kind3_q)) begin
      for (integer i = 0; i < Lanes; i = i + 1) begin
        x4[i] = x3[i];
        r4[i] = r3[i];
      end
    end

    // Stage 2.
    centre = {{25{centre_i[7]}}, centre_i};
    case (kind_i)
      `SA_VK_ACC:
        for (integer i = 0; i < Lanes; i = i + 1) begin
          col = {16'd0, offset_i} + i;
          if (col < Cols) x3[i] = $signed(acc_data_i[32*col +: 32]) + $signed(bias_q[32*col +: 32]);
          r3[i] = residual_i ? ub_data_i[8*i +: 8] : 8'd0;
        end
      `SA_VK_HOLD: for (integer i = 0; i < Lanes; i = i + 1) hold[i] = ub_data_i[8*i +: 8];
      `SA_VK_NORM_GAMMA: for (integer i = 0; i < Lanes; i = i + 1) gamma[i] = ub_data_i[8*i +: 8];
      `SA_VK_NORM_BETA: for (integer i = 0; i < Lanes; i = i + 1) beta[i] = ub_data_i[8*i +: 8];
      `SA_VK_ADD:
        for (integer i = 0; i < Lanes; i = i + 1) begin
          x3[i] = {{25{hold[i][7]}}, hold[i]};
          r3[i] = ub_data_i[8*i +: 8];
        end
      `SA_VK_MUL:
        for (integer i = 0; i < Lanes; i = i + 1) begin
          x3[i] = hold[i] * $signed(ub_data_i[8*i +: 8]);
        end
      `SA_VK_TAP_MAX, `SA_VK_TAP_SUM:
        for (integer i = 0; i < Lanes; i = i + 1) begin
          wide = {{25{ub_data_i[8*i+7]}}, ub_data_i[8*i +: 8]};
          if (tap_first_i) x3[i] = wide;
          else if (kind_i == `SA_VK_TAP_SUM) x3[i] = x3[i] + wide;
          else if (wide > x3[i]) x3[i] = wide;
        end
      `SA_VK_SOFT_SUM, `SA_VK_SOFT_OUT:
        for (integer i = 0; i < Lanes; i = i + 1) begin
          wide  = {{25{ub_data_i[8*i+7]}}, ub_data_i[8*i +: 8]};
          x3[i] = centre - wide;
        end
      `SA_VK_NORM_OUT:
        for (integer i = 0; i < Lanes; i = i + 1) begin
          wide  = {{25{ub_data_i[8*i+7]}}, ub_data_i[8*i +: 8]};
          x3[i] = wide - centre;
        end
      `SA_VK_MOVE, `SA_VK_SOFT_MAX, `SA_VK_NORM_SUM:
        for (integer i = 0; i < Lanes; i = i + 1) begin
          x3[i] = {{25{ub_data_i[8*i+7]}}, ub_data_i[8*i +: 8]};
        end
      default: ;
    endcase
  end
  // verilator lint_on BLKSEQ

endmodule

`default_nettype wire
