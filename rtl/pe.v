// Processing element of the weight-stationary array: multiplies the activation that passes to the
// right by its weight and adds the product to the partial sum that passes down.
// With two weight buffers a load fills the shadow register, and the swap bit that travels with the
// first activation of a tile makes it the active one; with one, a load replaces the weight.
// Latency: one cycle to the right and one down. Throughput: one MAC per cycle.
`default_nettype none

module pe #(
  parameter WeightBuffers = 2,
  parameter Buses = 1
) (
  input  wire               clk_i,
  input  wire               rst_ni,
  input  wire signed [7:0]  act_i,
  output wire signed [7:0]  act_o,
  input  wire signed [31:0] sum_i,
  output wire signed [31:0] sum_o,
  input  wire               swap_i,
  output wire               swap_o,
  // load wave: which bus, and whether from the left (transposed) or from the top
  input  wire [Buses-1:0]   wave_i,
  input  wire               wave_transposed_i,
  output wire [Buses-1:0]   wave_o,
  output wire               wave_transposed_o,
  input  wire [Buses*8-1:0] top_i,   // weight buses of the column
  input  wire [Buses*8-1:0] left_i   // weight buses of the row
);
  reg signed [7:0]  act_q, weight_q;
  reg signed [31:0] sum_q;
  reg               swap_q, transposed_q;
  reg [Buses-1:0]   wave_q;

  wire [Buses*8-1:0] bus = wave_transposed_i ? left_i : top_i;
  wire signed [7:0]  weight;
  reg  [7:0]         loaded;

  integer b;
  always_comb begin
    loaded = '0;
    for (b = 0; b < Buses; b = b + 1) loaded = loaded | (bus[b*8 +: 8] & {8{wave_i[b]}});
  end

  generate
    if (WeightBuffers == 1) begin : g_one
      assign weight = weight_q;
      always_ff @(posedge clk_i) if (wave_i != '0) weight_q <= loaded;
    end else begin : g_two
      reg signed [7:0] shadow_q;
      assign weight = swap_i ? shadow_q : weight_q;
      always_ff @(posedge clk_i) begin
        weight_q <= weight;
        if (wave_i != '0) shadow_q <= loaded;
      end
    end
  endgenerate

  assign act_o = act_q;
  assign sum_o = sum_q;
  assign swap_o = swap_q;
  assign wave_o = wave_q;
  assign wave_transposed_o = transposed_q;

  always_ff @(posedge clk_i) begin
    act_q <= act_i;
    sum_q <= sum_i + 32'(act_i) * 32'(weight);
    transposed_q <= wave_transposed_i;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      swap_q <= 1'b0;
      wave_q <= '0;
    end else begin
      swap_q <= swap_i;
      wave_q <= wave_i;
    end
  end
endmodule

`default_nettype wire
