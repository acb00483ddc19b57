// Proof of fifo: assuming that a full queue is never pushed and an empty one never popped, the count
// stays within 0 .. Depth, full and valid say what the count says, and words leave in the order in
// which they entered (a word that the solver picks is followed from its push to its pop).
// BUG: the count forgets the pop that comes with a push.
module formal_fifo (input wire clk, input wire push, input wire pop, input wire [1:0] data);
  localparam Depth = 3;
  reg rst_n = 1'b0;
  always @(posedge clk) rst_n <= 1'b1;
  wire full, valid;
  wire [1:0] head;
  fifo #(.Width(2), .Depth(Depth)) dut (
    .clk_i(clk), .rst_ni(rst_n), .push_i(push), .data_i(data), .full_o(full),
    .pop_i(pop), .valid_o(valid), .data_o(head));

  // a model in one shift register: entry 0 is the head
  reg [2*Depth-1:0] model = 0;
  reg [2:0] count = 0;
  wire [2:0] left = pop ? count - 1 : count;
  wire [2*Depth-1:0] rest = pop ? model >> 2 : model;
  always @(posedge clk) if (rst_n) begin
    count <= push ? left + 1 : left;
    model <= push ? (rest & ~(6'd3 << (2 * left))) | ({4'd0, data} << (2 * left)) : rest;
  end

  always @* if (rst_n) begin
    assume (!(push && full));
    assume (!(pop && !valid));
    assert (count <= Depth);
    assert (full == (count == Depth));
    assert (valid == (count != 0));
    if (valid) assert (head == model[1:0]);
  end else begin
    assume (!push && !pop);
  end
endmodule
