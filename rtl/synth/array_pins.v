// Array and accumulators behind a few pins, to be placed and routed alone where the whole machine does
// not fit (scripts/synth): inputs come from a shift register, outputs leave through another.
// Latency and throughput: those of array_grid and accumulators, a register before and behind.
`default_nettype none

module array_pins #(
  parameter Rows = 4,
  parameter Cols = 4,
  parameter WeightBuffers = 2,
  parameter AccRows = 256
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire serial_i,  // moves all inputs on by one bit
  input  wire load_i,    // takes the outputs; else they move out by one bit
  output wire serial_o
);
  localparam MaxSide = Rows > Cols ? Rows : Cols;
  localparam InBits = Rows * 8 + 1 + 1 + 1 + MaxSide * 8 + 3 + 16 + 2 + 16;
  localparam OutBits = Cols * 32;

  reg [InBits-1:0]  in_q;
  reg [OutBits-1:0] out_q;

  wire [Rows*8-1:0]    act;
  wire                 swap, wave, wave_transposed, en, add, bank, rd_en, rd_bank;
  wire [MaxSide*8-1:0] bus;
  wire [15:0]          row, rd_row;
  wire [OutBits-1:0]   sum, rd_data;

  assign {act, swap, wave, wave_transposed, bus, en, add, bank, row, rd_en, rd_bank, rd_row} = in_q;
  assign serial_o = out_q[0];

  always_ff @(posedge clk_i) begin
    in_q <= {in_q[InBits-2:0], serial_i};
    out_q <= load_i ? rd_data : {1'b0, out_q[OutBits-1:1]};
  end

  array_grid #(
    .Rows          (Rows),
    .Cols          (Cols),
    .WeightBuffers (WeightBuffers),
    .Buses         (1),
    .BusLanes      (MaxSide)
  ) u_array (
    .clk_i             (clk_i),
    .rst_ni            (rst_ni),
    .rows_inside_i     (1'b1),
    .act_i             (act),
    .swap_i            (swap),
    .wave_i            (wave),
    .wave_transposed_i (wave_transposed),
    .bus_i             (bus),
    .sum_o             (sum)
  );

  accumulators #(.Cols(Cols), .AccRows(AccRows)) u_accumulators (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .rows_inside_i (1'b1),
    .en_i          (en),
    .add_i         (add),
    .bank_i        (bank),
    .row_i         (row),
    .sum_i         (sum),
    .rd_en_i       (rd_en),
    .rd_bank_i     (rd_bank),
    .rd_row_i      (rd_row),
    .rd_data_o     (rd_data)
  );
endmodule

`default_nettype wire
