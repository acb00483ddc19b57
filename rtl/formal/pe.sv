// Proof of pe with two weight buffers: what it passes right is last cycle's activation and swap, and
// the sum it passes down is last cycle's sum plus activation times the active weight; the active
// weight changes only with a swap, to the last weight that was loaded. Assuming operands of two bits,
// sign extended: the products of whole bytes are beyond the solver.
// BUG: the swap is not passed on.
module formal_pe (input wire clk, input wire [7:0] act, input wire [31:0] sum, input wire swap,
                  input wire wave, input wire transposed, input wire [7:0] top, input wire [7:0] left);
  reg rst_n = 1'b0;
  always @(posedge clk) rst_n <= 1'b1;
  wire [7:0] act_o;
  wire [31:0] sum_o;
  wire swap_o, wave_o, transposed_o;
  pe #(.WeightBuffers(2), .Buses(1)) dut (
    .clk_i(clk), .rst_ni(rst_n), .act_i(act), .act_o(act_o), .sum_i(sum), .sum_o(sum_o),
    .swap_i(swap), .swap_o(swap_o), .wave_i(wave), .wave_transposed_i(transposed), .wave_o(wave_o),
    .wave_transposed_o(transposed_o), .top_i(top), .left_i(left));

  reg [7:0] shadow, active, last_act;
  reg [31:0] expected;
  reg last_swap = 0, last_wave = 0, loaded = 0, known = 0, seen = 0;
  wire [7:0] weight = swap ? shadow : active;
  wire signed [31:0] product = $signed(act) * $signed(weight);
  always @(posedge clk) if (rst_n) begin
    if (wave) begin
      shadow <= transposed ? left : top;
      loaded <= 1;
    end
    active <= weight;
    known <= swap ? loaded : known;
    last_act <= act;
    last_swap <= swap;
    last_wave <= wave;
    expected <= sum + product;
    seen <= swap ? loaded : known;
  end

  always @* begin
    assume (act[7:2] == {6{act[1]}});
    assume (top[7:2] == {6{top[1]}} && left[7:2] == {6{left[1]}});
  end
  always @* if (rst_n) begin
    assert (swap_o == last_swap);
    assert (wave_o == last_wave);
    if (seen) assert (act_o == last_act);
    if (seen) assert (sum_o == expected);
  end else begin
    assume (!swap && !wave);
  end
endmodule
