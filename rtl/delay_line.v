// Delays a word by a fixed number of cycles, 0 after reset: a ring that is written where it was just
// read.
// Latency: Cycles (at least 1). Throughput: one word per cycle.
`default_nettype none

module delay_line #(
  parameter Width = 1,
  parameter Cycles = 2
) (
  input  wire             clk_i,
  input  wire             rst_ni,
  input  wire [Width-1:0] data_i,
  output wire [Width-1:0] data_o
);
  localparam PtrBits = Cycles > 1 ? $clog2(Cycles) : 1;

  reg [Width-1:0]   mem [0:Cycles-1];
  reg [PtrBits-1:0] ptr_q;
  reg               filled_q;  // every word has been written once

  assign data_o = filled_q ? mem[ptr_q] : '0;

  always_ff @(posedge clk_i) mem[ptr_q] <= data_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      ptr_q <= '0;
      filled_q <= 1'b0;
    end else if (ptr_q == PtrBits'(Cycles - 1)) begin
      ptr_q <= '0;
      filled_q <= 1'b1;
    end else begin
      ptr_q <= ptr_q + 1'b1;
    end
  end
endmodule

`default_nettype wire
