// Accumulators of all columns; each column has the address, bank and add bit of its row one cycle
// after the column on its left, so that the array's sums need no deskew.
// Latency and throughput: accumulator's.
`default_nettype none

module accumulators #(
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
  wire [Cols-1:0]    en, add, bank;
  wire [Cols*16-1:0] row;
  wire               unused = &{1'b0, rows_inside_i};

  assign en[0] = en_i;
  assign add[0] = add_i;
  assign bank[0] = bank_i;
  assign row[15:0] = row_i;

  genvar c;
  generate
    for (c = 0; c < Cols; c = c + 1) begin : g_col
      if (c > 0) begin : g_pipe
        reg        en_q, add_q, bank_q;
        reg [15:0] row_q;
        assign en[c] = en_q;
        assign add[c] = add_q;
        assign bank[c] = bank_q;
        assign row[c*16 +: 16] = row_q;
        always_ff @(posedge clk_i or negedge rst_ni) begin
          if (!rst_ni) en_q <= 1'b0;
          else en_q <= en[c-1];
        end
        always_ff @(posedge clk_i) begin
          add_q <= add[c-1];
          bank_q <= bank[c-1];
          row_q <= row[(c-1)*16 +: 16];
        end
      end
      accumulator #(.AccRows(AccRows)) u_column (
        .clk_i     (clk_i),
        .rst_ni    (rst_ni),
        .en_i      (en[c]),
        .add_i     (add[c]),
        .bank_i    (bank[c]),
        .row_i     (row[c*16 +: 16]),
        .sum_i     (sum_i[c*32 +: 32]),
        .rd_en_i   (rd_en_i),
        .rd_bank_i (rd_bank_i),
        .rd_row_i  (rd_row_i),
        .rd_data_o (rd_data_o[c*32 +: 32])
      );
    end
  endgenerate
endmodule

`default_nettype wire
