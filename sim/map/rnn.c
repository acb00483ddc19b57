/* One step of a plain RNN: h is the tanh of one sum. */
#include "map/cell.h"
#include "net/quant.h"

void sa_rnn_step(struct sa_cell *l) {
  sa_cell_gate(l, 0, SA_ACT_TANH, NULL);
  const struct sa_cell_value sum = sa_cell_part(l, 0);
  sa_cell_finish(l, SA_OP_VMOV, &sum, NULL, sa_scale_word(1, 0), 0);
}
