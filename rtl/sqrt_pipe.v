// Pipelined square root: root_o = floor(sqrt(radicand_i)), digit by digit, two root bits a stage.
// Latency: RootBits / 2 + 1 cycles. Throughput: one root a cycle. A tag travels along.
`default_nettype none

module sqrt_pipe #(
  parameter RootBits = 16,  // even; the radicand has twice as many
  parameter TagBits  = 1
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  valid_i,
  input  logic [TagBits-1:0]    tag_i,
  input  logic [2*RootBits-1:0] radicand_i,
  output logic                  valid_o,
  output logic [TagBits-1:0]    tag_o,
  output logic [RootBits-1:0]   root_o
);

  localparam Stages  = RootBits / 2;
  localparam RadBits = 2 * RootBits;
  localparam RemBits = RootBits + 2;  // a remainder is at most twice the root

  logic [Stages:0] valid_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid_q <= '0;
    else valid_q <= {valid_q[Stages-1:0], valid_i};
  end
  assign valid_o = valid_q[Stages];

  // Remainder and root after the next digit, the two highest bits of rad.
  function automatic logic [RemBits+RootBits-1:0] next_bit(input logic [RemBits-1:0] rem,
                                                           input logic [RootBits-1:0] root,
                                                           input logic [1:0] digit);
    logic [RemBits+1:0] trial, odd;
    logic [RemBits-1:0] rest;
    begin
      trial = {rem, digit};
      odd   = {2'b00, root, 2'b01};
      rest  = trial[RemBits-1:0] - odd[RemBits-1:0];
      if (trial >= odd) next_bit = {rest, root[RootBits-2:0], 1'b1};
      else next_bit = {trial[RemBits-1:0], root[RootBits-2:0], 1'b0};
    end
  endfunction

  // The registers are private to this block, later stages first, so that each sees what the one
  // before held; an idle pipe costs a simulator nothing.
  logic [TagBits-1:0]  tag[0:Stages-1];
  logic [RadBits-1:0]  rad[0:Stages-1];
  logic [RemBits-1:0]  rem[0:Stages-1];
  logic [RootBits-1:0] root[0:Stages-1];

  // verilator lint_off BLKSEQ
  task automatic step;
    logic [RemBits-1:0]  r;
    logic [RootBits-1:0] n;
    begin
      for (integer g = Stages - 1; g >= 0; g = g - 1) begin
        {r, n} = next_bit(rem[g], root[g], rad[g][RadBits-1 -: 2]);
        {r, n} = next_bit(r, n, rad[g][RadBits-3 -: 2]);
        if (g == Stages - 1) begin
          tag_o  <= tag[g];
          root_o <= n;
        end else begin
          tag[g+1]  = tag[g];
          rad[g+1]  = {rad[g][RadBits-5:0], 4'b0000};
          rem[g+1]  = r;
          root[g+1] = n;
        end
      end
      tag[0]  = tag_i;
      rad[0]  = radicand_i;
      rem[0]  = '0;
      root[0] = '0;
    end
  endtask

  always_ff @(posedge clk_i) begin
    if (valid_i || valid_q[Stages-1:0] != '0) step;
  end
  // verilator lint_on BLKSEQ

endmodule

`default_nettype wire
