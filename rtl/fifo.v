// First-in first-out queue of Depth words; its head is visible one cycle after it was pushed.
// Latency: 1. Throughput: one push and one pop per cycle; full_o is registered, so that a pop in
// cycle t makes room for a push in t + 1.
`default_nettype none

module fifo #(
  parameter Width = 8,
  parameter Depth = 4
) (
  input  wire             clk_i,
  input  wire             rst_ni,
  input  wire             push_i,
  input  wire [Width-1:0] data_i,
  output wire             full_o,
  input  wire             pop_i,
  output wire             valid_o,
  output wire [Width-1:0] data_o
);
  localparam PtrBits = Depth > 1 ? $clog2(Depth) : 1;
  localparam CountBits = $clog2(Depth + 1);
  localparam [PtrBits-1:0] LastPtr = PtrBits'(Depth - 1);

  reg [Width-1:0]     mem [0:Depth-1];
  reg [PtrBits-1:0]   wr_ptr_q, rd_ptr_q;
  reg [CountBits-1:0] count_q;

  assign full_o = count_q == CountBits'(Depth);
  assign valid_o = count_q != '0;
  assign data_o = mem[rd_ptr_q];

  always_ff @(posedge clk_i) begin
    if (push_i) mem[wr_ptr_q] <= data_i;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      wr_ptr_q <= '0;
      rd_ptr_q <= '0;
      count_q <= '0;
    end else begin
      if (push_i) wr_ptr_q <= wr_ptr_q == LastPtr ? '0 : wr_ptr_q + 1'b1;
      if (pop_i) rd_ptr_q <= rd_ptr_q == LastPtr ? '0 : rd_ptr_q + 1'b1;
      if (push_i && !pop_i) count_q <= count_q + 1'b1;
      if (pop_i && !push_i) count_q <= count_q - 1'b1;
    end
  end

`ifndef SYNTHESIS
  always @(posedge clk_i or negedge rst_ni) begin
    if (rst_ni) begin
      if (push_i && full_o) $error("A full queue was pushed.");
      if (pop_i && !valid_o) $error("An empty queue was popped.");
    end
  end
`endif
endmodule

`default_nettype wire
