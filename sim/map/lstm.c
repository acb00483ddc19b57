/* One step of an LSTM. */
#include "map/cell.h"
#include "net/quant.h"

/* Parts of the scratch: the gates in the order of the weights, the cell state, two intermediate results. */
enum { GATE_I, GATE_F, GATE_G, GATE_O, CELL, KEPT, ADDED };

static void combine(struct sa_cell *l, uint8_t opcode, int a, int b, int to, enum sa_lstm_step step) {
  const uint32_t scale = sa_quant_lstm_scale(step);
  sa_cell_combine(l, opcode, a, b, to, scale, scale);
}

void sa_lstm_step(struct sa_cell *l) {
  sa_cell_gate(l, GATE_I, SA_ACT_SIGMOID, NULL);
  sa_cell_gate(l, GATE_F, SA_ACT_SIGMOID, NULL);
  sa_cell_gate(l, GATE_O, SA_ACT_SIGMOID, NULL);
  sa_cell_gate(l, GATE_G, SA_ACT_TANH, NULL);
  if (l->step == 0) { /* the cell was 0 */
    combine(l, SA_OP_VMUL, GATE_I, GATE_G, CELL, SA_LSTM_INPUT);
  } else {
    combine(l, SA_OP_VMUL, GATE_F, CELL, KEPT, SA_LSTM_FORGET);
    combine(l, SA_OP_VMUL, GATE_I, GATE_G, ADDED, SA_LSTM_INPUT);
    combine(l, SA_OP_VADD, KEPT, ADDED, CELL, SA_LSTM_SUM);
  }
  const struct sa_cell_value cell = sa_cell_part(l, CELL), o = sa_cell_part(l, GATE_O);
  struct sa_cell_value squashed = sa_cell_part(l, KEPT);
  squashed.written = l->written[KEPT] =
      sa_cell_step(l, SA_OP_VMOV, &cell, NULL, &squashed.view, sa_scale_word(1, 0), 0, true);
  sa_cell_finish(l, SA_OP_VMUL, &o, &squashed, sa_quant_lstm_scale(SA_LSTM_OUTPUT), 0);
}
