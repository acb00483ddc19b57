/* One step of a GRU: the candidate is computed from x and the reset state, so it waits for the reset gate. */
#include "map/cell.h"
#include "net/quant.h"

/* Parts of the scratch: the gates in the order of the weights, the reset state, two intermediate results. */
enum { GATE_R, GATE_Z, GATE_N, RESET, TAKEN, KEPT };

void sa_gru_step(struct sa_cell *l) {
  const uint32_t product = sa_quant_gru_scale(SA_GRU_PRODUCT);
  const uint32_t plus = sa_quant_gru_scale(SA_GRU_PLUS), minus = sa_quant_gru_scale(SA_GRU_MINUS);
  sa_cell_gate(l, GATE_R, SA_ACT_SIGMOID, NULL);
  sa_cell_gate(l, GATE_Z, SA_ACT_SIGMOID, NULL);
  struct sa_cell_value reset = sa_cell_part(l, RESET);
  if (l->step > 0) {
    const struct sa_cell_value r = sa_cell_part(l, GATE_R), h = sa_cell_state(l);
    reset.written = sa_cell_step(l, SA_OP_VMUL, &r, &h, &reset.view, product, 0, false);
  }
  sa_cell_gate(l, GATE_N, SA_ACT_TANH, &reset);
  const struct sa_cell_value n = sa_cell_part(l, GATE_N), z = sa_cell_part(l, GATE_Z);
  sa_cell_combine(l, SA_OP_VMUL, GATE_Z, GATE_N, TAKEN, product, 0);
  const struct sa_cell_value taken = sa_cell_part(l, TAKEN);
  if (l->step == 0) { /* no state to keep */
    sa_cell_finish(l, SA_OP_VADD, &n, &taken, plus, minus);
    return;
  }
  const struct sa_cell_value h = sa_cell_state(l);
  struct sa_cell_value kept = sa_cell_part(l, KEPT);
  sa_cell_combine(l, SA_OP_VADD, GATE_N, TAKEN, TAKEN, plus, minus);
  kept.written = sa_cell_step(l, SA_OP_VMUL, &z, &h, &kept.view, product, 0, false);
  const struct sa_cell_value replaced = sa_cell_part(l, TAKEN);
  sa_cell_finish(l, SA_OP_VADD, &replaced, &kept, plus, plus);
}
