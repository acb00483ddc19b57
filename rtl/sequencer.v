// Takes the stream's instructions in order, one per cycle, adds base registers to DRAM addresses and
// pushes each into its unit's queue; BASE and END it executes itself.
// Latency: an instruction is pushed in the cycle in which it is looked at. Throughput: one per cycle;
// a full queue holds the stream up. After END nothing more is taken.
`default_nettype none
`include "systole_isa.vh"

module sequencer (
  input  wire         clk_i,
  input  wire         rst_ni,
  // the host's stream
  input  wire         instr_valid_i,
  input  wire [511:0] instr_i,
  output wire         instr_ready_o,
  // unit queues: LOAD, STORE, WLOAD, MATMUL, VECTOR
  input  wire [4:0]   queue_full_i,
  output wire [4:0]   push_o,
  output wire [511:0] push_data_o,
  // events
  output wire [4:0]   blocked_o,  // the unit's full queue blocks in this cycle
  output wire         own_o,      // a BASE or END is taken in this cycle
  output wire         ended_o     // END has been taken, registered
);
  reg [47:0] base_q [0:7];
  reg        ended_q;

  wire [7:0] opcode = instr_i[`SA_F_OPCODE];
  wire       valid = instr_valid_i && !ended_q;
  wire       is_own = opcode[7:4] == 4'd0;
  wire [4:0] unit = {opcode[7:4] == 4'd5, opcode[7:4] == 4'd4, opcode[7:4] == 4'd3,
                     opcode[7:4] == 4'd2, opcode[7:4] == 4'd1};
  wire       has_dram = opcode == `SA_OP_LOAD || opcode == `SA_OP_STORE || opcode == `SA_OP_WLOAD;

  wire [47:0] base = base_q[instr_i[`SA_F_DRAM_REG]];
  wire [47:0] dram_addr = instr_i[`SA_F_DRAM_ADDR] + base;

  assign own_o = valid && is_own;
  assign push_o = valid ? unit & ~queue_full_i : '0;
  assign blocked_o = valid ? unit & queue_full_i : '0;
  assign push_data_o = {instr_i[511:176], has_dram ? dram_addr : instr_i[175:128], instr_i[127:0]};
  assign instr_ready_o = own_o || push_o != '0;
  assign ended_o = ended_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) ended_q <= 1'b0;
    else if (own_o && opcode == `SA_OP_END) ended_q <= 1'b1;
  end

  genvar r;
  generate
    for (r = 0; r < 8; r = r + 1) begin : g_base
      always_ff @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) begin
          base_q[r] <= '0;
        end else if (own_o && opcode != `SA_OP_END && instr_i[`SA_F_BASE_REG] == r) begin
          base_q[r] <= instr_i[`SA_F_BASE_VALUE];
        end
      end
    end
  endgenerate
endmodule

`default_nettype wire
