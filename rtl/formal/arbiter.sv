// Proof of arbiter: at most one grant, only to a request, and one whenever there is a request; and,
// assuming that a request stays until it is granted, it waits for at most two cycles.
// The first grant after reset goes to the first of LOAD, STORE, WLOAD that asks.
// BUG: a grant to WLOAD does not move the pointer, so that one requester can be passed over.
module formal_arbiter (input wire clk, input wire [2:0] request);
  reg rst_n = 1'b0;
  always @(posedge clk) rst_n <= 1'b1;
  wire [2:0] grant;
  arbiter dut (.clk_i(clk), .rst_ni(rst_n), .request_i(request), .grant_o(grant));

  reg [2:0] waiting = 0;
  reg granted = 0;
  reg [5:0] waited = 0;  // cycles for which each has waited, two bits each
  integer i;
  always @(posedge clk) if (rst_n) begin
    waiting <= request & ~grant;
    granted <= granted || grant != 0;
    for (i = 0; i < 3; i = i + 1)
      waited[2*i +: 2] <= request[i] && !grant[i] ? waited[2*i +: 2] + 1 : 0;
  end

  always @* if (rst_n) begin
    assume ((waiting & ~request) == 0);
    assert ((grant & ~request) == 0);
    assert ((grant & (grant - 3'd1)) == 0);
    assert ((request == 0) == (grant == 0));
    if (!granted && request[0]) assert (grant[0]);
    if (!granted && request == 3'b110) assert (grant[1]);
    assert (waited[1:0] <= 2 && waited[3:2] <= 2 && waited[5:4] <= 2);
    if (waited[1:0] == 2) assert (grant[0] || !request[0]);
    if (waited[3:2] == 2) assert (grant[1] || !request[1]);
    if (waited[5:4] == 2) assert (grant[2] || !request[2]);
  end else begin
    assume (request == 0);
  end
endmodule
