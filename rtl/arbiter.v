// Round-robin arbiter of a memory port: grants one of the requests of LOAD, STORE, WLOAD per cycle,
// beginning after the last one granted (at reset: with LOAD).
// Latency: none, the grant is combinational. Throughput: one grant per cycle.
`default_nettype none

module arbiter (
  input  wire       clk_i,
  input  wire       rst_ni,
  input  wire [2:0] request_i,
  output wire [2:0] grant_o
);
  reg [2:0] last_q;  // one-hot

  wire [2:0] after_load = request_i[1] ? 3'b010 : request_i[2] ? 3'b100 : request_i & 3'b001;
  wire [2:0] after_store = request_i[2] ? 3'b100 : request_i[0] ? 3'b001 : request_i & 3'b010;
  wire [2:0] after_wload = request_i[0] ? 3'b001 : request_i[1] ? 3'b010 : request_i & 3'b100;

  assign grant_o = last_q[0] ? after_load : last_q[1] ? after_store : last_q[2] ? after_wload : '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) last_q <= 3'b100;
    else if (grant_o != '0) last_q <= grant_o;
  end
endmodule

`default_nettype wire
