// Pipelined unsigned division: quotient_o = floor(num_i / den_i), restoring, two bits a stage.
// Latency: Width / 2 cycles. Throughput: one division a cycle. A tag travels along.
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

  // Stage g works on num_q[g]: the bits not yet divided above, the quotient's bits below.
  logic [Stages:0]    valid;
  logic [TagBits-1:0] tag_q[0:Stages];
  logic [Width-1:0]   num_q[0:Stages];
  logic [Width-1:0]   den_q[0:Stages];
  logic [Width-1:0]   rem_q[0:Stages];

  assign valid[0] = valid_i;
  always_comb begin
    tag_q[0] = tag_i;
    num_q[0] = num_i;
    den_q[0] = den_i;
    rem_q[0] = '0;
  end

  for (genvar g = 0; g < Stages; g++) begin : gen_stage
    logic [Width:0] trial_hi, trial_lo, next_hi, next_lo;
    logic           bit_hi, bit_lo, valid_q;

    assign trial_hi = {rem_q[g], num_q[g][Width-1]};
    assign bit_hi   = trial_hi >= {1'b0, den_q[g]};
    assign next_hi  = bit_hi ? trial_hi - {1'b0, den_q[g]} : trial_hi;
    assign trial_lo = {next_hi[Width-1:0], num_q[g][Width-2]};
    assign bit_lo   = trial_lo >= {1'b0, den_q[g]};
    assign next_lo  = bit_lo ? trial_lo - {1'b0, den_q[g]} : trial_lo;

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) valid_q <= 1'b0;
      else valid_q <= valid[g];
    end
    assign valid[g+1] = valid_q;

    always_ff @(posedge clk_i) begin
      if (valid[g]) begin
        tag_q[g+1] <= tag_q[g];
        num_q[g+1] <= {num_q[g][Width-3:0], bit_hi, bit_lo};
        den_q[g+1] <= den_q[g];
        rem_q[g+1] <= next_lo[Width-1:0];
      end
    end

    // A remainder is below its divisor, so its top bit is clear.
    logic unused;
    assign unused = ^{next_hi[Width], next_lo[Width]};
  end

  assign valid_o    = valid[Stages];
  assign tag_o      = tag_q[Stages];
  assign quotient_o = num_q[Stages];

  logic unused_end;
  assign unused_end = ^{den_q[Stages], rem_q[Stages]};

endmodule

`default_nettype wire
