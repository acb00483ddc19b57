// Proof that the two forms of the array, grid and flat, are equal: 2 x 2 PEs with two weight buffers and
// operands of two bits, sign extended (the products of whole bytes are beyond the solver). From every
// row of activations that enters, both give the same sums of both columns, assuming what the machine
// keeps: rows_inside covers a row's way through the array; waves of weights, and swaps, are at least
// two cycles apart (ShiftCycles); a swap comes with a row, and the first row with a swap, behind a wave.
// BUG: the last row keeps its weights at a swap.
module formal_array (input wire clk, input wire row, input wire swap, input wire [3:0] activations,
                     input wire wave, input wire transposed, input wire [3:0] weights);
  reg rst_n = 1'b0;
  always @(posedge clk) rst_n <= 1'b1;

  // element r of a row enters r cycles behind element 0
  reg  [1:0]  late = 0;
  wire [15:0] act = {{6{late[1]}}, late, {6{activations[1]}}, activations[1:0]};
  wire [15:0] bus = {{6{weights[3]}}, weights[3:2], {6{weights[1]}}, weights[1:0]};
  reg  [2:0]  way = 0;  // rows that entered one, two, three cycles ago
  wire        inside = row || way[1:0] != 0;
  wire [63:0] grid_sum, flat_sum;
  array_grid #(.Rows(2), .Cols(2), .BusLanes(2)) grid (
    .clk_i(clk), .rst_ni(rst_n), .rows_inside_i(inside), .act_i(act), .swap_i(swap), .wave_i(wave),
    .wave_transposed_i(transposed), .bus_i(bus), .sum_o(grid_sum));
  array_flat #(.Rows(2), .Cols(2), .ShiftCycles(2), .BusLanes(2)) flat (
    .clk_i(clk), .rst_ni(rst_n), .rows_inside_i(inside), .act_i(act), .swap_i(swap), .wave_i(wave),
    .wave_transposed_i(transposed), .bus_i(bus), .sum_o(flat_sum));

  reg last_wave = 0, last_swap = 0, loaded = 0, active = 0;
  always @(posedge clk) if (rst_n) begin
    late <= activations[3:2];
    way <= {way[1:0], row};
    last_wave <= wave;
    last_swap <= swap;
    loaded <= loaded || wave;
    active <= active || swap;
  end

  always @* if (rst_n) begin
    assume (!(wave && last_wave) && !(swap && last_swap));
    assume (!swap || (row && loaded));
    assume (!row || swap || active);
    if (way[1]) assert (grid_sum[31:0] == flat_sum[31:0]);
    if (way[2]) assert (grid_sum[63:32] == flat_sum[63:32]);
  end else begin
    assume (!row && !swap && !wave);
  end
endmodule
