// Counts a unit's instructions between start and end; busy_o is set in every cycle with
// start <= cycle <= end of some instruction.
// Latency: none, busy_o is combinational with start_i. Throughput: one start and one end per cycle.
`default_nettype none

module in_flight (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire start_i,
  input  wire end_i,
  output wire busy_o
);
  reg [11:0] count_q;

  assign busy_o = start_i || count_q != '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) count_q <= '0;
    else if (start_i && !end_i) count_q <= count_q + 1'b1;
    else if (end_i && !start_i) count_q <= count_q - 1'b1;
  end

`ifndef SYNTHESIS
  // MATMUL has the most on their way, one row each: fewer than 4 + 2 * 512
  always @(posedge clk_i or negedge rst_ni) begin
    if (rst_ni) begin
      if (start_i && !end_i && count_q == '1) $error("More instructions are under way than counted.");
      if (end_i && !start_i && count_q == '0) $error("An instruction ended that never started.");
    end
  end
`endif
endmodule

`default_nettype wire
