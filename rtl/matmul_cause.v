// Charges every cycle to exactly one cause, the first that applies (docs/machine.md section 6).
// Latency: none, combinational. Throughput: one cause per cycle.
`default_nettype none
`include "systole_isa.vh"

module matmul_cause #(
  parameter WeightBuffers = 2
) (
  input  wire         row_i,           // a row is issued
  input  wire         start_i,         // an instruction starts
  input  wire         head_valid_i,
  input  wire [511:0] head_i,
  input  wire [6:0]   unmet_i,         // streams whose tokens the head waits for
  input  wire         vector_busy_i,
  input  wire         rows_inside_i,
  input  wire         drained_i,
  input  wire         shadow_empty_i,
  input  wire         fifo_head_ready_i,
  output wire [8:0]   cause_o          // one-hot
);
  wire [7:0] flags = head_i[`SA_F_FLAGS];
  wire is_matmul = head_i[`SA_F_OPCODE] == `SA_OP_MATMUL;
  wire next_tile = is_matmul && flags[`SA_FLAG_NEXT_TILE];
  wire one_buffer_drain = WeightBuffers == 1 && unmet_i == '0 && next_tile && fifo_head_ready_i &&
                          shadow_empty_i && !drained_i;
  wire unused = &{1'b0, head_i, flags};

  reg [8:0] cause;
  assign cause_o = cause;

  always_comb begin
    if (row_i) cause = 9'b000000001;                                     // active
    else if (!head_valid_i && vector_busy_i) cause = 9'b000000010;       // non_matrix
    else if (!head_valid_i && rows_inside_i) cause = 9'b000000100;       // drain
    else if (!head_valid_i || start_i) cause = 9'b000001000;             // idle
    else if (one_buffer_drain) cause = 9'b000000100;                     // drain
    else if (unmet_i[2:0] != '0) cause = 9'b000010000;                   // input_stall
    else if (unmet_i[6]) cause = 9'b000100000;                           // raw_stall
    else if (unmet_i[5]) cause = 9'b001000000;                           // acc_stall
    else if (shadow_empty_i && !fifo_head_ready_i) cause = 9'b010000000; // weight_stall
    else cause = 9'b100000000;                                           // weight_shift
  end
endmodule

`default_nettype wire
