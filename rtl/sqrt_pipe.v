// Pipelined square root: root_o = floor(sqrt(radicand_i)), digit by digit, two root bits a stage.
// Latency: RootBits / 2 cycles. Throughput: one root a cycle. A tag travels along.
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

  localparam Stages = RootBits / 2;
  localparam RemBits = RootBits + 2;  // a remainder is at most twice the root

  logic [Stages:0]       valid;
  logic [TagBits-1:0]    tag_q[0:Stages];
  logic [2*RootBits-1:0] rad_q[0:Stages];  // the digits not yet used, from the top
  logic [RemBits-1:0]    rem_q[0:Stages];
  logic [RootBits-1:0]   root_q[0:Stages];

  assign valid[0] = valid_i;
  always_comb begin
    tag_q[0]  = tag_i;
    rad_q[0]  = radicand_i;
    rem_q[0]  = '0;
    root_q[0] = '0;
  end

  for (genvar g = 0; g < Stages; g++) begin : gen_stage
    logic [RemBits+1:0]  trial_hi, trial_lo, next_hi, next_lo;
    logic                bit_hi, bit_lo, valid_q;
    logic [RootBits-1:0] root_hi;

    assign trial_hi = {rem_q[g], rad_q[g][2*RootBits-1 -: 2]};
    assign bit_hi   = trial_hi >= {2'b00, root_q[g], 2'b01};
    assign next_hi  = bit_hi ? trial_hi - {2'b00, root_q[g], 2'b01} : trial_hi;
    assign root_hi  = {root_q[g][RootBits-2:0], bit_hi};
    assign trial_lo = {next_hi[RemBits-1:0], rad_q[g][2*RootBits-3 -: 2]};
    assign bit_lo   = trial_lo >= {2'b00, root_hi, 2'b01};
    assign next_lo  = bit_lo ? trial_lo - {2'b00, root_hi, 2'b01} : trial_lo;

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) valid_q <= 1'b0;
      else valid_q <= valid[g];
    end
    assign valid[g+1] = valid_q;

    always_ff @(posedge clk_i) begin
      if (valid[g]) begin
        tag_q[g+1]  <= tag_q[g];
        rad_q[g+1]  <= {rad_q[g][2*RootBits-5:0], 4'b0000};
        rem_q[g+1]  <= next_lo[RemBits-1:0];
        root_q[g+1] <= {root_hi[RootBits-2:0], bit_lo};
      end
    end

    // Remainders fit RemBits; the root's top bit is clear until the last digit is in.
    logic unused;
    assign unused = ^{next_hi[RemBits+1:RemBits], next_lo[RemBits+1:RemBits], root_hi[RootBits-1],
                      root_q[g][RootBits-1]};
  end

  assign valid_o = valid[Stages];
  assign tag_o   = tag_q[Stages];
  assign root_o  = root_q[Stages];

  logic unused_end;
  assign unused_end = ^{rad_q[Stages], rem_q[Stages]};

endmodule

`default_nettype wire
