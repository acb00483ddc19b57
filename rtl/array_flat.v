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

  reg signed [7:0]  act [0:Size];
  reg signed [31:0] sum [0:Size-1];
  reg signed [7:0]  weight [0:Size-1];
  reg signed [7:0]  shadow [0:Size-1];
  reg [Cols*32-1:0] sum_q;

  assign sum_o = sum_q;

  // waves: diagonal reached (Diagonals: none), and for loads the bus
  reg [31:0] swap_at [0:Waves-1];
  reg [31:0] load_at [0:Waves-1];
  reg [31:0] load_bus [0:Waves-1];
  reg        load_transposed [0:Waves-1];
  reg        swaps_q, loads_q;  // some wave is on its way
  reg [31:0] swap_slot_q, load_slot_q;

  // Everything of the array is read and written in this one block.
  /* verilator lint_off BLKSEQ */
  integer unsigned i, w, d, c, low, high;
  reg still;
  reg [31:0] entering_bus;
  always @(posedge clk_i or negedge rst_ni) begin
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
          d = swap_at[w];
          if (d < Diagonals) begin
            low = d < Rows ? 0 : d - (Rows - 1);
            high = d < Cols ? d : Cols - 1;
            for (c = low; c <= high; c = c + 1) begin
              weight[(Rows-1-d)*Stride + Cols-1 + c*Cols] =
                  shadow[(Rows-1-d)*Stride + Cols-1 + c*Cols];
            end
            swap_at[w] = d + 1;
            still = 1'b1;
          end
        end
        swaps_q <= still;
      end

      if (rows_inside_i) begin
        for (i = 0; i < Rows; i = i + 1) act[(Rows-1-i)*Stride + Cols] = act_i[i*8 +: 8];
        /* verilator lint_off UNSIGNED */  // a single row has none below it
        for (i = 0; i < Top; i = i + 1) begin
          /* verilator lint_on UNSIGNED */
          sum[i] = sum[i+Stride] + 32'(act[i+1]) * 32'(weight[i]);
        end
        for (i = Top; i < Size; i = i + 1) sum[i] = 32'(act[i+1]) * 32'(weight[i]);
        for (i = 0; i < Size; i = i + 1) act[i] = act[i+1];
        for (i = 0; i < Cols; i = i + 1) sum_q[i*32 +: 32] <= sum[Cols-1-i];
      end

      // load: the diagonal takes its weights from the buses at the end of the cycle
      if (wave_i != '0 || loads_q) begin
        if (wave_i != '0) begin
          entering_bus = '0;
          for (w = 0; w < Buses; w = w + 1) if (wave_i[w]) entering_bus = w;
          load_at[load_slot_q] = 0;
          load_bus[load_slot_q] = entering_bus;
          load_transposed[load_slot_q] = wave_transposed_i;
          load_slot_q <= load_slot_q == Waves - 1 ? 32'd0 : load_slot_q + 1;
        end
        still = 1'b0;
        for (w = 0; w < Waves; w = w + 1) begin
          d = load_at[w];
          if (d < Diagonals) begin
            low = d < Rows ? 0 : d - (Rows - 1);
            high = d < Cols ? d : Cols - 1;
            for (c = low; c <= high; c = c + 1) begin
              if (WeightBuffers == 2) begin
                shadow[(Rows-1-d)*Stride + Cols-1 + c*Cols] =
                    bus_i[(load_bus[w]*BusLanes + (load_transposed[w] ? d - c : c))*8 +: 8];
              end else begin
                weight[(Rows-1-d)*Stride + Cols-1 + c*Cols] =
                    bus_i[(load_bus[w]*BusLanes + (load_transposed[w] ? d - c : c))*8 +: 8];
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
