// Memory of Depth words with one read and one write port; each lane of LaneBits bits has its own
// write enable. Maps to block RAM.
// Latency: read data one cycle after rd_en_i; they stay until the next read. What a read of the word
// being written returns must not be used, so that a synthesis tool adds nothing to a block RAM; here
// it is the old word. Throughput: one read and one write per cycle.
// Reset: none; all words are 0 at power-up, as block RAM is.
`default_nettype none

module ram_1r1w #(
  parameter Depth = 16,
  parameter Lanes = 4,
  parameter LaneBits = 8,
  parameter AddrBits = Depth > 1 ? $clog2(Depth) : 1
) (
  input  wire                       clk_i,
  input  wire                       rd_en_i,
  input  wire [AddrBits-1:0]        rd_addr_i,
  output wire [Lanes*LaneBits-1:0]  rd_data_o,
  input  wire                       wr_en_i,
  input  wire [AddrBits-1:0]        wr_addr_i,
  input  wire [Lanes-1:0]           wr_lanes_i,
  input  wire [Lanes*LaneBits-1:0]  wr_data_i
);
  (* no_rw_check *)
  reg [Lanes*LaneBits-1:0] mem [0:Depth-1];
  reg [Lanes*LaneBits-1:0] rd_data_q;

  assign rd_data_o = rd_data_q;

  initial begin : power_up
    reg [31:0] i;
    for (i = 0; i < Depth; i = i + 1) mem[AddrBits'(i)] = '0;
  end

  // One block reads before it writes, so that the blocking write, which a loop over lanes of a
  // memory needs under Verilator, cannot race with the read.
  /* verilator lint_off BLKSEQ */
  always @(posedge clk_i) begin : access
    reg [31:0] lane;
    if (rd_en_i) rd_data_q <= mem[rd_addr_i];
    if (wr_en_i) begin
      if (&wr_lanes_i) begin
        mem[wr_addr_i] = wr_data_i;
      end else begin
        for (lane = 0; lane < Lanes; lane = lane + 1) begin
          if (wr_lanes_i[lane]) begin
            mem[wr_addr_i][lane*LaneBits +: LaneBits] = wr_data_i[lane*LaneBits +: LaneBits];
          end
        end
      end
    end
  end
  /* verilator lint_on BLKSEQ */
endmodule

`default_nettype wire
