// Row statistics of VSOFTMAX and VNORM: reduction trees over the lanes, a memory of 256 rows, and
// the sweep that turns each row's sums into its centre and its scale, one row a cycle.
//
//   softmax  centre = maximum                 scale = floor(2^31 / max(1, sum))
//   norm     centre = rnd(sum * i, 24)        scale = floor(2^20 / isqrt(var << 12))
//            i = floor(2^24 / n)              var = max(1, rnd(sumsq * i, 20) - (centre^2 << 4))
//
// Latency: a step's elements (red_*) are accumulated 4 cycles later; a row's scale is readable at
// most 32 cycles after its turn in the sweep, its centre 5. Throughput: one chunk, one row a cycle.
`default_nettype none

module vector_rows #(
  parameter Lanes = 4
) (
  input  logic                clk_i,
  input  logic                rst_ni,

  // One chunk of one row: 32 signed bits a lane. Unused lanes hold the reduction's neutral element.
  input  logic                red_valid_i,
  input  logic                red_max_i,    // a maximum, else sums
  input  logic                red_first_i,  // first chunk of the row: starts it
  input  logic [7:0]          red_row_i,
  input  logic [Lanes*32-1:0] red_data_i,

  // Norm: n of the row, at the instruction's start.
  input  logic                recip_valid_i,
  input  logic [15:0]         recip_n_i,

  // Sweep over rows 0 .. sweep_last_i, from the cycle after sweep_i.
  input  logic                sweep_i,
  input  logic                sweep_norm_i,
  input  logic                sweep_rms_i,  // the centre is 0
  input  logic [7:0]          sweep_last_i,

  // Reads; the answer comes in the next cycle.
  input  logic [7:0]          centre_row_i,
  output logic [7:0]          centre_o,
  input  logic [7:0]          scale_row_i,
  output logic [31:0]         scale_o
);

  // Trees: eight to one a stage, three stages for up to 512 lanes.
  localparam GroupsA = (Lanes + 7) / 8;
  localparam GroupsB = (GroupsA + 7) / 8;

  logic signed [7:0]  max_a[0:GroupsA-1], max_b[0:GroupsB-1], max_c_q;
  logic signed [31:0] sum_a[0:GroupsA-1], sum_b[0:GroupsB-1], sum_c_q;
  logic signed [31:0] sq_a[0:GroupsA-1], sq_b[0:GroupsB-1], sq_c_q;

  logic [2:0] valid_q;  // stages a, b, c
  logic       max_a_q, max_b_q, max_c_kind_q, first_a_q, first_b_q, first_c_q;
  logic [7:0] row_a_q, row_b_q, row_c_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid_q <= 3'b000;
    else valid_q <= {valid_q[1:0], red_valid_i};
  end

  always_ff @(posedge clk_i) begin
    if (red_valid_i) {max_a_q, first_a_q, row_a_q} <= {red_max_i, red_first_i, red_row_i};
    if (valid_q[0]) {max_b_q, first_b_q, row_b_q} <= {max_a_q, first_a_q, row_a_q};
    if (valid_q[1]) {max_c_kind_q, first_c_q, row_c_q} <= {max_b_q, first_b_q, row_b_q};
  end

  // Later stages first, so that every stage sees what the one before held: the arrays are private
  // to this block, and loops over them simulate fast.
  // verilator lint_off BLKSEQ
  task automatic stage_c;
    logic signed [7:0]  best;
    logic signed [31:0] total, squares;
    begin
      best    = max_b[0];
      total   = sum_b[0];
      squares = sq_b[0];
      for (integer g = 1; g < GroupsB; g = g + 1) begin
        if (max_b[g] > best) best = max_b[g];
        total   = total + sum_b[g];
        squares = squares + sq_b[g];
      end
      max_c_q <= best;
      sum_c_q <= total;
      sq_c_q  <= squares;
    end
  endtask

  task automatic stage_b;
    logic signed [7:0]  best;
    logic signed [31:0] total, squares;
    begin
      for (integer g = 0; g < GroupsB; g = g + 1) begin
        best    = max_a[8*g];
        total   = sum_a[8*g];
        squares = sq_a[8*g];
        for (integer j = 1; j < 8; j = j + 1) begin
          if (8 * g + j < GroupsA) begin
            if (max_a[8*g+j] > best) best = max_a[8*g+j];
            total   = total + sum_a[8*g+j];
            squares = squares + sq_a[8*g+j];
          end
        end
        max_b[g] = best;
        sum_b[g] = total;
        sq_b[g]  = squares;
      end
    end
  endtask

  task automatic stage_a;
    logic signed [7:0]  best, byte_v;
    logic signed [31:0] total, squares, value;
    begin
      for (integer g = 0; g < GroupsA; g = g + 1) begin
        best    = red_data_i[256*g +: 8];
        total   = red_data_i[256*g +: 32];
        squares = best * best;
        for (integer j = 1; j < 8; j = j + 1) begin
          if (8 * g + j < Lanes) begin
            value  = red_data_i[256*g + 32*j +: 32];
            byte_v = value[7:0];
            if (byte_v > best) best = byte_v;
            total   = total + value;
            squares = squares + byte_v * byte_v;
          end
        end
        max_a[g] = best;
        sum_a[g] = total;
        sq_a[g]  = squares;
      end
    end
  endtask

  always_ff @(posedge clk_i) begin
    if (valid_q[1]) stage_c;
    if (valid_q[0]) stage_b;
    if (red_valid_i) stage_a;
  end
  // verilator lint_on BLKSEQ

  // Memories: one synchronous read, one write a cycle. The row being accumulated is read while the
  // tree's last stage adds; if the cycle before wrote the same row, that value is taken instead.
  logic [7:0]  centre_mem[0:255];
  logic [31:0] sum_mem[0:255];
  logic [31:0] sq_mem[0:255];
  logic [31:0] scale_mem[0:255];

  logic        sweep_q, sweep_norm_q, sweep_rms_q;
  logic [7:0]  sweep_row_q, sweep_last_q;

  logic        forward_q;
  logic [7:0]  centre_q, centre_last_q;
  logic [31:0] sum_q, sq_q, sum_last_q, sq_last_q;
  logic [7:0]  centre_old, centre_new, centre_raddr;
  logic [31:0] sum_old, sq_old, sum_new, sq_new;
  logic [7:0]  sum_raddr;

  assign centre_raddr = valid_q[1] && max_b_q ? row_b_q : centre_row_i;
  assign sum_raddr    = sweep_q ? sweep_row_q : row_b_q;
  assign centre_old   = forward_q ? centre_last_q : centre_q;
  assign sum_old      = forward_q ? sum_last_q : sum_q;
  assign sq_old       = forward_q ? sq_last_q : sq_q;
  assign centre_new   = first_c_q || max_c_q > $signed(centre_old) ? max_c_q : centre_old;
  assign sum_new      = first_c_q ? sum_c_q : sum_old + sum_c_q;
  assign sq_new       = first_c_q ? sq_c_q : sq_old + sq_c_q;

  // Norm's centre arrives from the sweep, when no maximum is being accumulated.
  logic        mean_valid_q;
  logic [7:0]  mean_row_q, mean_q;
  logic        quotient_valid, quotient_is_recip;
  logic [7:0]  quotient_row;
  logic [31:0] quotient;
  logic [31:0] recip_q;  // 2^24 / n

  always_ff @(posedge clk_i) begin
    if (valid_q[1] || sweep_q) begin
      sum_q <= sum_mem[sum_raddr];
      sq_q  <= sq_mem[sum_raddr];
    end
    centre_q  <= centre_mem[centre_raddr];
    scale_o   <= scale_mem[scale_row_i];
    forward_q <= valid_q[2] && row_c_q == row_b_q;
    if (valid_q[2]) begin
      centre_last_q <= centre_new;
      sum_last_q    <= sum_new;
      sq_last_q     <= sq_new;
    end
    if (valid_q[2] && !max_c_kind_q) begin
      sum_mem[row_c_q] <= sum_new;
      sq_mem[row_c_q]  <= sq_new;
    end
    if (valid_q[2] && max_c_kind_q) centre_mem[row_c_q] <= centre_new;
    else if (mean_valid_q) centre_mem[mean_row_q] <= mean_q;
    if (quotient_valid && quotient_is_recip) recip_q <= quotient;
    if (quotient_valid && !quotient_is_recip) scale_mem[quotient_row] <= quotient;
  end
  assign centre_o = centre_q;

  // Sweep. f0: row read; f1: multiplied by i; f2: rounded; f3: variance; then root and division.
  logic               f1_q, f2_q, f3_q;
  logic [7:0]         f1_row_q, f2_row_q, f3_row_q;
  logic signed [63:0] sum_prod_q, sq_prod_q, sum_round, sq_round;
  logic signed [7:0]  mean;
  logic signed [15:0] mean_sq;
  logic [31:0]        mean_sq_q, msq_q, var_d;
  logic [19:0]        var_q;
  logic               root_valid, start_valid_q;
  logic [7:0]         root_row;
  logic [15:0]        root, start_n_q;

  assign sum_round = (sum_prod_q + (64'sd1 << 23)) >>> 24;
  assign sq_round  = (sq_prod_q + (64'sd1 << 19)) >>> 20;
  assign mean      = sweep_rms_q ? 8'sd0 : sum_round[7:0];
  assign mean_sq   = mean * mean;
  assign var_d     = $signed(msq_q) > $signed(mean_sq_q) ? msq_q - mean_sq_q : 32'd1;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      sweep_q       <= 1'b0;
      f1_q          <= 1'b0;
      f2_q          <= 1'b0;
      mean_valid_q  <= 1'b0;
      f3_q          <= 1'b0;
      start_valid_q <= 1'b0;
    end else begin
      sweep_q       <= sweep_i || (sweep_q && sweep_row_q != sweep_last_q);
      f1_q          <= sweep_q;
      f2_q          <= f1_q && sweep_norm_q;
      mean_valid_q  <= f2_q;
      f3_q          <= mean_valid_q;
      start_valid_q <= recip_valid_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (recip_valid_i) start_n_q <= recip_n_i;
    if (sweep_i) begin
      {sweep_norm_q, sweep_rms_q, sweep_last_q} <= {sweep_norm_i, sweep_rms_i, sweep_last_i};
      sweep_row_q <= 8'd0;
    end else if (sweep_q) begin
      sweep_row_q <= sweep_row_q + 8'd1;
      f1_row_q    <= sweep_row_q;
    end
    if (f1_q) begin
      sum_prod_q <= $signed({{32{sum_q[31]}}, sum_q}) * $signed({32'd0, recip_q});
      sq_prod_q  <= $signed({32'd0, sq_q}) * $signed({32'd0, recip_q});
      f2_row_q   <= f1_row_q;
    end
    if (f2_q) begin
      mean_q     <= mean;
      mean_sq_q  <= {12'd0, mean_sq, 4'd0};
      msq_q      <= sq_round[31:0];
      mean_row_q <= f2_row_q;
    end
    if (mean_valid_q) begin
      var_q    <= var_d[19:0];
      f3_row_q <= mean_row_q;
    end
  end

  // |mean| <= 128 and var <= 2^18: the bits above are copies of the sign, or clear.
  logic unused;
  assign unused = ^{sum_round[63:8], sq_round[63:32], var_d[31:20]};

  // var <= 2^18, so the radicand var << 12 fits 32 bits.
  sqrt_pipe #(
    .RootBits(16),
    .TagBits (8)
  ) u_sqrt (
    .clk_i,
    .rst_ni,
    .valid_i   (f3_q),
    .tag_i     (f3_row_q),
    .radicand_i({var_q, 12'd0}),
    .valid_o   (root_valid),
    .tag_o     (root_row),
    .root_o    (root)
  );

  // The divider's three users take turns: 2^24 / n at a norm's start, 2^31 / sum in softmax's
  // sweep, 2^20 / root behind norm's.
  logic        div_valid;
  logic [8:0]  div_tag;
  logic [31:0] div_num, div_den;

  always_comb begin
    div_valid = 1'b1;
    if (start_valid_q) begin
      div_tag = {1'b1, 8'd0};
      div_num = 32'd1 << 24;
      div_den = {16'd0, start_n_q};
    end else if (root_valid) begin
      div_tag = {1'b0, root_row};
      div_num = 32'd1 << 20;
      div_den = {16'd0, root};
    end else begin
      div_valid = f1_q && !sweep_norm_q;
      div_tag   = {1'b0, f1_row_q};
      div_num   = 32'd1 << 31;
      div_den   = sum_q == 32'd0 ? 32'd1 : sum_q;
    end
  end

  divider_pipe #(
    .Width  (32),
    .TagBits(9)
  ) u_divider (
    .clk_i,
    .rst_ni,
    .valid_i   (div_valid),
    .tag_i     (div_tag),
    .num_i     (div_num),
    .den_i     (div_den),
    .valid_o   (quotient_valid),
    .tag_o     ({quotient_is_recip, quotient_row}),
    .quotient_o(quotient)
  );

endmodule

`default_nettype wire
