// What a step of the vector unit does with the data it read: control (vector.v) to lanes
// (vector_lanes.v).
`ifndef SYSTOLE_VECTOR_KIND_VH
`define SYSTOLE_VECTOR_KIND_VH
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
