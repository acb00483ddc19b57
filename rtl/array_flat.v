// Systolic array as flat arrays, updated in place by ascending loops: the form that Verilator runs
// fast. Same ports and same behaviour as array_grid, cycle by cycle, wherever a row's result is
// used; while rows_inside_i is 0 no partial sum is wanted and the MACs rest.
// PE(r,c) is element (Rows-1-r) * (Cols+1) + Cols-1-c: each reads its left neighbour at +1 and its
// upper one at Cols+1 above, which an ascending loop has not yet overwritten. Element Cols of each
// row holds the activation that enters it.
// Swap and load are diagonal waves, one diagonal per cycle; a tile's wave follows the one before by
// at least ShiftCycles, which bounds how many are on their way.
// Latency: Rows + c cycles from an activation vector's first element to the sum of column c.
// Throughput: one vector per cycle.
`default_nettype none

module array_flat #(
  parameter Rows = 4,
  parameter Cols = 4,
  parameter WeightBuffers = 2,
  parameter ShiftCycles = 4,
  parameter Buses = 1,
  parameter BusLanes = 4  // max(Rows, Cols)
) (
  input  wire                        clk_i,
  input  wire                        rst_ni,
  input  wire                        rows_inside_i,
  input  wire [Rows*8-1:0]           act_i,
  input  wire                        swap_i,
  input  wire [Buses-1:0]            wave_i,
  input  wire                        wave_transposed_i,
  input  wire [Buses*BusLanes*8-1:0] bus_i,
  output wire [Cols*32-1:0]          sum_o
);
  localparam Stride = Cols + 1;
  localparam Size = Rows * Stride;
  localparam Top = Size - Stride;  // first element of row 0
  localparam Diagonals = Rows + Cols - 1;
  localparam Waves = (Diagonals + ShiftCycles - 1) / ShiftCycles + 1;

  // Sizes are powers of two, so that an index needs no check: what lies beyond Size is not used.
  localparam DepthBits = $clog2(Size + 1);
  localparam Depth = 1 << DepthBits;

  // Activations and weights are kept sign extended: the low half of an unsigned product of two such
  // words is the signed product of the bytes, which a compiler can do sixteen at a time.
  reg [15:0] act [0:Depth-1];
  reg [31:0] sum [0:Depth-1];
  reg [15:0] weight [0:Depth-1];
  reg [15:0] shadow [0:Depth-1];
  reg [Cols*32-1:0] sum_q;

  assign sum_o = sum_q;

  // waves: diagonal reached (Diagonals: none), and for loads the bus
  localparam WaveDepth = 1 << $clog2(Waves + 1);
  reg [31:0] swap_at [0:WaveDepth-1];
  reg [31:0] load_at [0:WaveDepth-1];
  reg [31:0] load_bus [0:WaveDepth-1];
  reg        load_transposed [0:WaveDepth-1];
  reg        swaps_q, loads_q;  // some wave is on its way
  reg [31:0] swap_slot_q, load_slot_q;

  // Everything of the array is read and written in this one block.
  /* verilator lint_off BLKSEQ */
  always @(posedge clk_i or negedge rst_ni) begin : update
    reg [31:0] i, w, c, d, lane;
    reg [DepthBits-1:0] at;
    reg [15:0] product;
    reg        still;
    if (!rst_ni) begin
      for (w = 0; w < Waves; w = w + 1) begin
        swap_at[w] = Diagonals;
        load_at[w] = Diagonals;
      end
      swaps_q <= 1'b0;
      loads_q <= 1'b0;
      swap_slot_q <= '0;
      load_slot_q <= '0;
    end else begin
      // swap: the diagonal's shadow weights become active before this cycle's MACs
      if (WeightBuffers == 2 && (swap_i || swaps_q)) begin
        if (swap_i) begin
          swap_at[swap_slot_q] = 0;
          swap_slot_q <= swap_slot_q == Waves - 1 ? 32'd0 : swap_slot_q + 1;
        end
        still = 1'b0;
        for (w = 0; w < Waves; w = w + 1) begin
          if (swap_at[w] < Diagonals) begin
            d = swap_at[w];
            for (c = 0; c < Cols; c = c + 1) begin
              at = DepthBits'((Rows - 1 - d) * Stride + Cols - 1 + c * Cols);
              if (d - c < Rows) weight[at] = shadow[at];
            end
            swap_at[w] = d + 1;
            still = 1'b1;
          end
        end
        swaps_q <= still;
      end

      if (rows_inside_i) begin
        for (i = 0; i < Rows; i = i + 1) begin
          act[(Rows-1-i)*Stride + Cols] = {{8{act_i[i*8+7]}}, act_i[i*8 +: 8]};
        end
        /* verilator lint_off UNSIGNED */  // a single row has none below it
        for (i = 0; i < Top; i = i + 1) begin
          /* verilator lint_on UNSIGNED */
          product = act[i+1] * weight[i];
          sum[i] = sum[i+Stride] + {16'd0, product ^ 16'h8000} - 32'h8000;  // sign extended
        end
        for (i = Top; i < Size; i = i + 1) begin
          product = act[i+1] * weight[i];
          sum[i] = {16'd0, product ^ 16'h8000} - 32'h8000;
        end
        for (i = 0; i < Size; i = i + 1) act[i] = act[i+1];
        for (i = 0; i < Cols; i = i + 1) sum_q[i*32 +: 32] <= sum[Cols-1-i];
      end

      // load: the diagonal takes its weights from the buses at the end of the cycle
      if (wave_i != '0 || loads_q) begin
        if (wave_i != '0) begin
          load_at[load_slot_q] = 0;
          for (w = 0; w < Buses; w = w + 1) if (wave_i[w]) load_bus[load_slot_q] = w;
          load_transposed[load_slot_q] = wave_transposed_i;
          load_slot_q <= load_slot_q == Waves - 1 ? 32'd0 : load_slot_q + 1;
        end
        still = 1'b0;
        for (w = 0; w < Waves; w = w + 1) begin
          if (load_at[w] < Diagonals) begin
            d = load_at[w];
            for (c = 0; c < Cols; c = c + 1) begin
              at = DepthBits'((Rows - 1 - d) * Stride + Cols - 1 + c * Cols);
              lane = load_bus[w] * BusLanes + (load_transposed[w] ? d - c : c);
              if (d - c < Rows) begin
                if (WeightBuffers == 2) shadow[at] = {{8{bus_i[lane*8+7]}}, bus_i[lane*8 +: 8]};
                else weight[at] = {{8{bus_i[lane*8+7]}}, bus_i[lane*8 +: 8]};
              end
            end
            load_at[w] = d + 1;
            still = 1'b1;
          end
        end
        loads_q <= still;
      end
    end
  end
  /* verilator lint_on BLKSEQ */
endmodule

`default_nettype wire
