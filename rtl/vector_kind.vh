// Phases of an instruction of the vector unit (vector_walk.v), and what a step does with the data
// it read: from control (vector.v) to lanes (vector_lanes.v).
`ifndef SYSTOLE_VECTOR_KIND_VH
`define SYSTOLE_VECTOR_KIND_VH
// Phases, in this order; each op has some of them.
`define SA_VP_PARAM 3'd0         // VACC: column parameters
`define SA_VP_TABLE 3'd1         // VTABLE
`define SA_VP_MAX 3'd2           // softmax: row maxima
`define SA_VP_MAX_GAP 3'd3
`define SA_VP_SUM 3'd4           // softmax, norm: row sums
`define SA_VP_SUM_GAP 3'd5
`define SA_VP_OUT 3'd6           // outputs; SYNC's only step
// Kinds of steps.
`define SA_VK_NONE 5'd0
`define SA_VK_PARAM 5'd1         // one byte plane of the column parameters
`define SA_VK_TABLE 5'd2         // 16 bytes of a table
`define SA_VK_HOLD 5'd3          // first operand of an addition or a product
`define SA_VK_ACC 5'd4           // accumulator row, and a residual
`define SA_VK_MOVE 5'd5
`define SA_VK_ADD 5'd6           // second operand
`define SA_VK_MUL 5'd7           // second operand
`define SA_VK_TAP_MAX 5'd8
`define SA_VK_TAP_SUM 5'd9
`define SA_VK_SOFT_MAX 5'd10     // softmax: maximum, sum, output
`define SA_VK_SOFT_SUM 5'd11
`define SA_VK_SOFT_OUT 5'd12
`define SA_VK_NORM_SUM 5'd13     // norm: sums, gamma, beta, output
`define SA_VK_NORM_GAMMA 5'd14
`define SA_VK_NORM_BETA 5'd15
`define SA_VK_NORM_OUT 5'd16
`endif
