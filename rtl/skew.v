// Skews a vector of bytes: lane i is delayed by i cycles, lane 0 not at all.
// Latency: i for lane i, in enabled cycles. Throughput: one vector per cycle.
// Reset: none; a lane is undefined until its first byte has come through.
`default_nettype none

module skew #(
  parameter Lanes = 4
) (
  input  wire               clk_i,
  input  wire               en_i,
  input  wire [Lanes*8-1:0] data_i,
  output wire [Lanes*8-1:0] data_o
);
  generate
    if (Lanes == 1) begin : g_one
      wire unused = &{1'b0, clk_i, en_i};
      assign data_o = data_i;
    end else begin : g_many
      // Lane i has registers i (i - 1) / 2 .. + i - 1, its output first. All move down by one; what
      // moves over from the next lane is replaced by the lane's input. A single ascending loop over
      // one array is what Verilator and the compiler turn into vector moves.
      localparam Registers = Lanes * (Lanes - 1) / 2;
      localparam Depth = 1 << $clog2(Registers + 1);  // a power of two: an index needs no check
      reg [7:0]             chain [0:Depth-1];
      reg [(Lanes-1)*8-1:0] out_q;

      assign data_o = {out_q, data_i[7:0]};

      /* verilator lint_off BLKSEQ */
      always @(posedge clk_i) begin : move
        reg [31:0] i;
        if (en_i) begin
          for (i = 0; i < Registers; i = i + 1) chain[i] = chain[i+1];
          for (i = 1; i < Lanes; i = i + 1) begin
            chain[i*(i+1)/2-1] = data_i[i*8 +: 8];
            out_q[(i-1)*8 +: 8] <= chain[i*(i-1)/2];
          end
        end
      end
      /* verilator lint_on BLKSEQ */
    end
  endgenerate
endmodule

`default_nettype wire
