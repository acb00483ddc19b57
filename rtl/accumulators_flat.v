// Accumulators of all columns as one flat array, the form that Verilator runs fast. Same ports and,
// for legal programs, the same values as accumulators: a sum is in memory one cycle earlier, which
// no reader can see.
// Latency: sum visible in t, in memory from t + 1; VECTOR's read: two cycles. Throughput: one sum
// per column and one read per cycle.
`default_nettype none

module accumulators_flat #(
  parameter Cols = 4,
  parameter AccRows = 16
) (
  input  wire               clk_i,
  input  wire               rst_ni,
  input  wire               rows_inside_i,
  // for the sum of column 0
  input  wire               en_i,
  input  wire               add_i,
  input  wire               bank_i,
  input  wire [15:0]        row_i,
  input  wire [Cols*32-1:0] sum_i,
  // VECTOR
  input  wire               rd_en_i,
  input  wire               rd_bank_i,
  input  wire [15:0]        rd_row_i,
  output wire [Cols*32-1:0] rd_data_o
);
  // Memories have powers of two of words, so that an index needs no check.
  localparam PlaceBits = $clog2(2 * Cols * AccRows);
  localparam Depth = 1 << $clog2(Cols + 1);

  // column c, bank b, row r is word (c * 2 + b) * AccRows + r
  reg [31:0]        value [0:(1<<PlaceBits)-1];
  // what passes from column to column: en, add, row of both banks; element Cols is column 0's
  reg [1:0]         control [0:Depth-1];
  reg [31:0]        place [0:Depth-1];
  reg               rd_en1_q;
  reg [31:0]        rd_place1_q;
  reg [Cols*32-1:0] rd_data_q;

  assign rd_data_o = rd_data_q;

  initial begin : power_up
    reg [31:0] i;
    for (i = 0; i < 2 * Cols * AccRows; i = i + 1) value[PlaceBits'(i)] = '0;
  end

  // The block reads for VECTOR before it writes.
  /* verilator lint_off BLKSEQ */
  integer unsigned i;
  reg [PlaceBits-1:0] at;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      for (i = 0; i <= Cols; i = i + 1) control[i] = 2'b00;
      rd_en1_q <= 1'b0;
    end else begin
      rd_en1_q <= rd_en_i;
      rd_place1_q <= (rd_bank_i ? AccRows : 0) + 32'(rd_row_i);
      if (rd_en1_q) begin
        for (i = 0; i < Cols; i = i + 1) rd_data_q[i*32 +: 32] <= value[PlaceBits'(i*2*AccRows + rd_place1_q)];
      end
      if (rows_inside_i) begin
        control[Cols] = {en_i, add_i};
        place[Cols] = (bank_i ? AccRows : 0) + 32'(row_i);
        for (i = 1; i <= Cols; i = i + 1) begin
          if (control[i][1]) begin
            at = PlaceBits'((Cols - i) * (2 * AccRows) + place[i]);
            value[at] = sum_i[(Cols-i)*32 +: 32] + (control[i][0] ? value[at] : 32'd0);
          end
          control[i-1] = control[i];
          place[i-1] = place[i];
        end
      end
    end
  end
  /* verilator lint_on BLKSEQ */
endmodule

`default_nettype wire
