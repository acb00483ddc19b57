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
  logic [18:0] final3_q, final4_q, final5_q, final6_q;  // residual, rms, lookup, hi, lo
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
      final3_q     <= {residual_i, rms_i, lookup_i, hi_i, lo_i};
    end
    if (kind3_q != `SA_VK_NONE) begin
      count4_q     <= count3_q;
      offset4_q    <= offset3_q;
      scale_a4_q   <= scale_a3_q;
      scale_b4_q   <= scale_b3_q;
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
  (* ram_style = "distributed" *)
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

  // Set in the first cycle after reset, which clears the column parameters.
  logic clear_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) clear_q <= 1'b1;
    else clear_q <= 1'b0;
  end

  // The lanes' registers are private to this block, its stages in descending order so that each
  // sees what the one before held; loops over plain arrays of machine words simulate fast. Needed
  // are 33 bits of x, 59 of p and y, 35 of s and z; the bits above are copies of the sign.
  // r: residual or second addend.
  localparam Words    = (Lanes + 3) / 4;               // 32-bit words of output
  localparam Chunked  = Lanes < Cols;                  // a row takes several chunks
  localparam AccLanes = Lanes < Cols ? Lanes : Cols;

  logic [31:0]        bias[0:Cols-1], scale[0:Cols-1];  // column parameters
  logic signed [7:0]  hold[0:Lanes-1], gamma[0:Lanes-1], beta[0:Lanes-1], beta5[0:Lanes-1];
  logic signed [63:0] x3[0:Lanes-1], x4[0:Lanes-1], x5[0:Lanes-1];
  logic signed [7:0]  r3[0:Lanes-1], r4[0:Lanes-1], r5[0:Lanes-1];
  logic signed [63:0] p6[0:Lanes-1], s6[0:Lanes-1], y7[0:Lanes-1], z7[0:Lanes-1];
  logic [7:0]         v8[0:4*Words-1];

  // verilator lint_off BLKSEQ
  task automatic stage_7;
    logic signed [63:0]     y, lo, hi;
    logic [LineBytes*8-1:0] out;
    begin
      if (kind7_q != `SA_VK_NONE) begin
        lo = {{56{final7_q[7]}}, final7_q[7:0]};
        hi = {{56{final7_q[15]}}, final7_q[15:8]};
        for (integer i = 0; i < Lanes; i = i + 1) begin
          y = y7[i] + z7[i];
          if (y < lo) y = lo;
          else if (y > hi) y = hi;
          v8[i] = y[7:0];
        end
        if (final7_q[16]) begin
          for (integer i = 0; i < Lanes; i = i + 1) begin
            v8[i] = table_q[{2'd0, v8[i][7:4]}][{v8[i][3:0], 3'b000} +: 8];
          end
        end
        for (integer i = Lanes; i < 4 * Words; i = i + 1) v8[i] = 8'd0;
        out = {LineBytes * 8{1'b0}};
        for (integer i = 0; i < Words; i = i + 1) begin
          out[32*i +: 32] = {v8[4*i+3], v8[4*i+2], v8[4*i+1], v8[4*i]};
        end
        out_data_o <= out;
      end
    end
  endtask

  // Shifted once too far to the left first: the lowest bit is what rounding adds.
  task automatic stage_6;
    logic signed [63:0] y;
    logic [5:0]         shift;
    integer             col;
    begin
      if (kind6_q == `SA_VK_ACC) begin
        for (integer i = 0; i < AccLanes; i = i + 1) begin
          col = Chunked ? {16'd0, offset6_q} + i : i;
          if (col < Cols) begin
            shift = scale[col][31:26];
            y     = (p6[i] <<< 1) >>> shift;
            y7[i] = (y >>> 1) + (y & 64'sd1);
          end
        end
      end else if (kind6_q != `SA_VK_NONE) begin
        for (integer i = 0; i < Lanes; i = i + 1) begin
          y     = (p6[i] <<< 1) >>> shift_a6_q;
          y7[i] = (y >>> 1) + (y & 64'sd1);
        end
      end
      if (kind6_q == `SA_VK_ACC && final6_q[18]) begin
        for (integer i = 0; i < Lanes; i = i + 1) begin
          y     = (s6[i] <<< 1) >>> shift_b6_q;
          z7[i] = (y >>> 1) + (y & 64'sd1);
        end
      end else if (kind6_q == `SA_VK_NORM_OUT && !final6_q[17]) begin
        for (integer i = 0; i < Lanes; i = i + 1) z7[i] = {{56{beta5[i][7]}}, beta5[i]};
      end else if (kind6_q != `SA_VK_NONE) begin
        for (integer i = 0; i < Lanes; i = i + 1) z7[i] = 64'sd0;
      end
    end
  endtask

  task automatic stage_5;
    logic signed [63:0] x, wide, mult, mult_s;
    integer             col;
    begin
      mult   = {{38{scale_a5_q[25]}}, scale_a5_q[25:0]};
      mult_s = {{38{scale_b5_q[25]}}, scale_b5_q[25:0]};
      if (kind5_q == `SA_VK_ACC) begin
        for (integer i = 0; i < AccLanes; i = i + 1) begin
          col = Chunked ? {16'd0, offset5_q} + i : i;
          if (col < Cols) begin
            mult  = {{38{scale[col][25]}}, scale[col][25:0]};
            x     = {{31{x5[i][32]}}, x5[i][32:0]};
            p6[i] = x * mult;
          end
        end
        if (final5_q[18]) begin
          for (integer i = 0; i < Lanes; i = i + 1) begin
            wide  = {{56{r5[i][7]}}, r5[i]};
            s6[i] = wide * mult_s;
          end
        end
      end else if (kind5_q == `SA_VK_ADD) begin
        for (integer i = 0; i < Lanes; i = i + 1) begin
          wide  = {{56{r5[i][7]}}, r5[i]};
          x     = {{31{x5[i][32]}}, x5[i][32:0]};
          p6[i] = x * mult + wide * mult_s;
        end
      end else if (kind5_q != `SA_VK_NONE) begin
        for (integer i = 0; i < Lanes; i = i + 1) begin
          x     = {{31{x5[i][32]}}, x5[i][32:0]};
          p6[i] = x * mult;
        end
      end
    end
  endtask

  task automatic stage_4;
    logic signed [63:0]  x, row_scale;
    logic [31:0]         word;
    logic [Lanes*32-1:0] red;
    begin
      if (reduces(kind4_q)) begin
        for (integer i = 0; i < Lanes; i = i + 1) begin
          word = x4[i][31:0];
          if (i >= {16'd0, count4_q}) word = kind4_q == `SA_VK_SOFT_MAX ? -32'sd128 : 32'sd0;
          red[32*i +: 32] = word;
        end
        red_data_o <= red;
      end else if (kind4_q == `SA_VK_SOFT_OUT || kind4_q == `SA_VK_NORM_OUT) begin
        row_scale = {32'd0, row_scale_i};
        for (integer i = 0; i < Lanes; i = i + 1) begin
          x     = {{47{x4[i][16]}}, x4[i][16:0]};
          x5[i] = x * row_scale;
        end
        // Beta moves on with the row: the next chunk's arrives before the last row has used it.
        for (integer i = 0; i < Lanes; i = i + 1) beta5[i] = beta[i];
      end else if (gives_output(kind4_q)) begin
        for (integer i = 0; i < Lanes; i = i + 1) x5[i] = x4[i];
        for (integer i = 0; i < Lanes; i = i + 1) r5[i] = r4[i];
      end
    end
  endtask

  task automatic stage_3;
    logic signed [63:0] x, wide;
    begin
      if (kind3_q == `SA_VK_SOFT_SUM || kind3_q == `SA_VK_SOFT_OUT) begin
        for (integer i = 0; i < Lanes; i = i + 1) begin
          x4[i] = {48'd0, table_q[{2'd2, x3[i][7:4]}][{x3[i][3:0], 3'b000} +: 8],
                   table_q[{2'd1, x3[i][7:4]}][{x3[i][3:0], 3'b000} +: 8]};
        end
      end else if (kind3_q == `SA_VK_NORM_OUT) begin
        for (integer i = 0; i < Lanes; i = i + 1) begin
          wide  = {{56{gamma[i][7]}}, gamma[i]};
          x     = {{55{x3[i][8]}}, x3[i][8:0]};
          x4[i] = x * wide;
        end
      end else if (gives_output(kind3_q) || reduces(kind3_q)) begin
        for (integer i = 0; i < Lanes; i = i + 1) x4[i] = x3[i];
        for (integer i = 0; i < Lanes; i = i + 1) r4[i] = r3[i];
      end
    end
  endtask

  task automatic stage_2;
    logic signed [63:0] wide, centre;
    integer             col;
    begin
      centre = {{56{centre_i[7]}}, centre_i};
      if (clear_q) begin
        for (integer i = 0; i < Cols; i = i + 1) bias[i] = 32'd0;
        for (integer i = 0; i < Cols; i = i + 1) scale[i] = 32'd0;
      end
      case (kind_i)
        `SA_VK_PARAM:
          // The planes of a word arrive from its lowest byte on.
          for (integer i = 0; i < Cols; i = i + 1) begin
            if (i < {16'd0, count_i}) begin
              if (index_i[2]) scale[i] = {ub_data_i[8*i +: 8], scale[i][31:8]};
              else bias[i] = {ub_data_i[8*i +: 8], bias[i][31:8]};
            end
          end
        `SA_VK_ACC: begin
          for (integer i = 0; i < AccLanes; i = i + 1) begin
            col = Chunked ? {16'd0, offset_i} + i : i;
            if (col < Cols) begin
              x3[i] = {{32{acc_data_i[32*col+31]}}, acc_data_i[32*col +: 32]} +
                      {{32{bias[col][31]}}, bias[col]};
            end
          end
          for (integer i = 0; i < Lanes; i = i + 1) r3[i] = ub_data_i[8*i +: 8];
        end
        `SA_VK_HOLD: for (integer i = 0; i < Lanes; i = i + 1) hold[i] = ub_data_i[8*i +: 8];
        `SA_VK_NORM_GAMMA: for (integer i = 0; i < Lanes; i = i + 1) gamma[i] = ub_data_i[8*i +: 8];
        `SA_VK_NORM_BETA: for (integer i = 0; i < Lanes; i = i + 1) beta[i] = ub_data_i[8*i +: 8];
        `SA_VK_ADD:
          for (integer i = 0; i < Lanes; i = i + 1) begin
            x3[i] = {{56{hold[i][7]}}, hold[i]};
            r3[i] = ub_data_i[8*i +: 8];
          end
        `SA_VK_MUL:
          for (integer i = 0; i < Lanes; i = i + 1) begin
            wide  = {{56{ub_data_i[8*i+7]}}, ub_data_i[8*i +: 8]};
            x3[i] = wide * hold[i];
          end
        `SA_VK_TAP_MAX, `SA_VK_TAP_SUM:
          for (integer i = 0; i < Lanes; i = i + 1) begin
            wide = {{56{ub_data_i[8*i+7]}}, ub_data_i[8*i +: 8]};
            if (tap_first_i) x3[i] = wide;
            else if (kind_i == `SA_VK_TAP_SUM) x3[i] = x3[i] + wide;
            else if (wide > x3[i]) x3[i] = wide;
          end
        `SA_VK_SOFT_SUM, `SA_VK_SOFT_OUT:
          for (integer i = 0; i < Lanes; i = i + 1) begin
            wide  = {{56{ub_data_i[8*i+7]}}, ub_data_i[8*i +: 8]};
            x3[i] = centre - wide;
          end
        `SA_VK_NORM_OUT:
          for (integer i = 0; i < Lanes; i = i + 1) begin
            wide  = {{56{ub_data_i[8*i+7]}}, ub_data_i[8*i +: 8]};
            x3[i] = wide - centre;
          end
        `SA_VK_MOVE, `SA_VK_SOFT_MAX, `SA_VK_NORM_SUM:
          for (integer i = 0; i < Lanes; i = i + 1) begin
            x3[i] = {{56{ub_data_i[8*i+7]}}, ub_data_i[8*i +: 8]};
          end
        default: ;
      endcase
    end
  endtask

  always_ff @(posedge clk_i) begin
    stage_7;
    stage_6;
    stage_5;
    stage_4;
    stage_3;
    stage_2;
  end
  // verilator lint_on BLKSEQ

endmodule

`default_nettype wire
