// Pipelined unsigned division: quotient_o = floor(num_i / den_i), restoring, two bits a stage.
// Latency: Width / 2 + 1 cycles. Throughput: one division a cycle. A tag travels along.
`default_nettype none

module divider_pipe #(
  parameter Width   = 32,  // even
  parameter TagBits = 1
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               valid_i,
  input  logic [TagBits-1:0] tag_i,
  input  logic [Width-1:0]   num_i,
  input  logic [Width-1:0]   den_i,  // not 0
  output logic               valid_o,
  output logic [TagBits-1:0] tag_o,
  output logic [Width-1:0]   quotient_o
);

  localparam Stages = Width / 2;

  logic [Stages:0] valid_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid_q <= '0;
    else valid_q <= {valid_q[Stages-1:0], valid_i};
  end
  assign valid_o = valid_q[Stages];

  // Remainder, and number: its undivided bits above, the quotient's bits below.
  function automatic logic [2*Width-1:0] next_bit(input logic [Width-1:0] rem,
                                                  input logic [Width-1:0] num,
                                                  input logic [Width-1:0] den);
    logic [Width:0]   trial;
    logic [Width-1:0] rest;
    begin
      trial = {rem, num[Width-1]};
      rest  = trial[Width-1:0] - den;
      if (trial >= {1'b0, den}) next_bit = {rest, num[Width-2:0], 1'b1};
      else next_bit = {trial[Width-1:0], num[Width-2:0], 1'b0};
    end
  endfunction

  // The registers are private to this block, later stages first, so that each sees what the one
  // before held; an idle pipe costs a simulator nothing.
  logic [TagBits-1:0] tag[0:Stages-1];
  logic [Width-1:0]   num[0:Stages-1], den[0:Stages-1], rem[0:Stages-1];

  // verilator lint_off BLKSEQ
  task automatic step;
    logic [Width-1:0] r, n;
    begin
      for (integer g = Stages - 1; g >= 0; g = g - 1) begin
        {r, n} = next_bit(rem[g], num[g], den[g]);
        {r, n} = next_bit(r, n, den[g]);
        if (g == Stages - 1) begin
          tag_o      <= tag[g];
          quotient_o <= n;
        end else begin
          tag[g+1] = tag[g];
          num[g+1] = n;
          den[g+1] = den[g];
          rem[g+1] = r;
        end
      end
      tag[0] = tag_i;
      num[0] = num_i;
      den[0] = den_i;
      rem[0] = '0;
    end
  endtask

  always_ff @(posedge clk_i) begin
    if (valid_i || valid_q[Stages-1:0] != '0) step;
  end
  // verilator lint_on BLKSEQ

endmodule

`default_nettype wire
