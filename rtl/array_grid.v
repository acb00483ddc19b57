// Systolic array as a grid of PE modules: the form one draws, and synthesises.
// Activations enter skewed from the left, partial sums leave at the bottom, column c one cycle after
// column c - 1. Swap and load waves enter PE(0,0), run down the first column and right along rows.
// Latency: Rows + c cycles from an activation vector's first element to the sum of column c.
// Throughput: one vector per cycle.
`default_nettype none

module array_grid #(
  parameter Rows = 4,
  parameter Cols = 4,
  parameter WeightBuffers = 2,
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
  // what leaves PE(r,c): element r * Cols + c
  wire [Rows*Cols*8-1:0]     act;
  wire [Rows*Cols*32-1:0]    sum;
  wire [Rows*Cols-1:0]       swap;
  wire [Rows*Cols*Buses-1:0] wave;
  wire [Rows*Cols-1:0]       transposed;
  wire unused = &{1'b0, rows_inside_i, act, swap, wave, transposed, bus_i};

  assign sum_o = sum[(Rows-1)*Cols*32 +: Cols*32];

  genvar r, c, b;
  generate
    for (r = 0; r < Rows; r = r + 1) begin : g_row
      for (c = 0; c < Cols; c = c + 1) begin : g_col
        wire [Buses*8-1:0] top, left;
        for (b = 0; b < Buses; b = b + 1) begin : g_bus
          assign top[b*8 +: 8] = bus_i[(b*BusLanes + c)*8 +: 8];
          assign left[b*8 +: 8] = bus_i[(b*BusLanes + r)*8 +: 8];
        end
        wire [7:0]       act_in;
        wire [31:0]      sum_in;
        wire             swap_in, transposed_in;
        wire [Buses-1:0] wave_in;
        if (r == 0) begin : g_top
          assign sum_in = '0;
        end else begin : g_below
          assign sum_in = sum[((r-1)*Cols+c)*32 +: 32];
        end
        if (c > 0) begin : g_right
          assign act_in = act[(r*Cols+c-1)*8 +: 8];
          assign swap_in = swap[r*Cols+c-1];
          assign wave_in = wave[(r*Cols+c-1)*Buses +: Buses];
          assign transposed_in = transposed[r*Cols+c-1];
        end else begin : g_first
          assign act_in = act_i[r*8 +: 8];
          if (r > 0) begin : g_down
            assign swap_in = swap[(r-1)*Cols];
            assign wave_in = wave[(r-1)*Cols*Buses +: Buses];
            assign transposed_in = transposed[(r-1)*Cols];
          end else begin : g_corner
            assign swap_in = swap_i;
            assign wave_in = wave_i;
            assign transposed_in = wave_transposed_i;
          end
        end
        pe #(.WeightBuffers(WeightBuffers), .Buses(Buses)) u_pe (
          .clk_i             (clk_i),
          .rst_ni            (rst_ni),
          .act_i             (act_in),
          .act_o             (act[(r*Cols+c)*8 +: 8]),
          .sum_i             (sum_in),
          .sum_o             (sum[(r*Cols+c)*32 +: 32]),
          .swap_i            (swap_in),
          .swap_o            (swap[r*Cols+c]),
          .wave_i            (wave_in),
          .wave_transposed_i (transposed_in),
          .wave_o            (wave[(r*Cols+c)*Buses +: Buses]),
          .wave_transposed_o (transposed[r*Cols+c]),
          .top_i             (top),
          .left_i            (left)
        );
      end
    end
  endgenerate
endmodule

`default_nettype wire
