// Proof of tokens: a counter is what was given less what was taken, exactly: it neither loses nor
// makes a token, and never goes below 0, assuming that a unit starts only when the counters say so
// and that no counter passes 4095 (a legal program). One counter stands for all, which are generated
// alike: MATMUL's of LOAD's events, and VECTOR's of MATMUL_DONE.
// BUG: a give in the cycle of a start is lost.
module formal_tokens (input wire clk, input wire [6:0] events, input wire [34:0] give,
                      input wire [139:0] take, input wire [4:0] start);
  reg rst_n = 1'b0;
  always @(posedge clk) rst_n <= 1'b1;
  wire [34:0] unmet;
  wire [4:0] ok;
  tokens dut (.clk_i(clk), .rst_ni(rst_n), .event_i(events), .give_i(give), .take_i(take),
              .start_i(start), .unmet_o(unmet), .ok_o(ok));

  reg [16:0] a = 0, b = 0;  // of 17 bits: neither wraps before the assertion sees it
  wire [3:0] take_a = take[3*28 +: 4], take_b = take[4*28 + 4*4 +: 4];
  wire give_a = events[0] && give[3], give_b = events[4] && give[4*5 + 4];
  always @(posedge clk) if (rst_n) begin
    a <= a + give_a - (start[3] ? take_a : 0);
    b <= b + give_b - (start[4] ? take_b : 0);
  end

  always @* if (rst_n) begin
    assume ((start & ~ok) == 0);
    assume (!(give_a && a == 4095 && !(start[3] && take_a != 0)));
    assume (!(give_b && b == 4095 && !(start[4] && take_b != 0)));
    assert (a <= 4095 && b <= 4095);
    assert (unmet[3*7] == (a < take_a));
    assert (unmet[4*7 + 4] == (b < take_b));
    if (start[3]) assert (a >= take_a);
    if (start[4]) assert (b >= take_b);
  end else begin
    assume (start == 0);
  end
endmodule
