/* Operations of VECTOR alone: element by element, reductions over channels; pools are in pool.c. */
#include <assert.h>

#include "map/vecpass.h"
#include "net/quant.h"

/* ADD, MUL, MOVE. Channels beyond the limit of n go in pieces. */
static uint32_t element_wise(struct sa_mapper *m, uint32_t index, const struct sa_tile *t,
                             const struct sa_tile_views *v) {
  const struct sa_op *op = &m->graph->ops[index];
  const enum sa_activation activation =
      op->copy_scale ? SA_ACT_NONE : m->net->layers[op->layer].activation;
  const uint8_t opcode = op->kind == SA_KIND_ADD ? SA_OP_VADD : op->kind == SA_KIND_MUL ? SA_OP_VMUL : SA_OP_VMOV;
  uint32_t last = 0;
  for (uint32_t c = 0; c < op->out.c_count; c += SA_PASS_MAX_COUNT) {
    const uint32_t left = op->out.c_count - c;
    struct sa_pass p = sa_pass_new(opcode, t, left < SA_PASS_MAX_COUNT ? left : SA_PASS_MAX_COUNT);
    p.args[SA_PASS_A] = sa_pass_arg(&v->a);
    p.args[SA_PASS_D] = sa_pass_arg(&v->out);
    sa_view_wait(m, &v->a, &v->a_box, &p.wait);
    if (op->kind != SA_KIND_MOVE) {
      p.args[SA_PASS_B] = sa_pass_arg(&v->b);
      p.args[SA_PASS_B].origin += c;
      if (op->spread_b) p.args[SA_PASS_B].row = p.args[SA_PASS_B].pixel = 0;
      sa_view_wait(m, &v->b, &v->b_box, &p.wait);
    }
    p.args[SA_PASS_A].origin += c;
    p.args[SA_PASS_D].origin += c;
    p.instr.u.vec.w14 = op->copy_scale ? op->copy_scale : sa_quant_scale(m->net, op->layer, 0);
    if (op->kind == SA_KIND_ADD) p.instr.u.vec.w15 = sa_quant_scale_b(m->net, op->layer);
    sa_quant_clamp(activation, &p.instr.u.vec.lo, &p.instr.u.vec.hi);
    if (sa_quant_uses_table(activation)) {
      sa_use_table(m, index, activation);
      p.instr.flags |= SA_F_TABLE;
    }
    last = sa_pass_emit(m, &p);
  }
  return last;
}

/* One pass of a MUL whose b is repeated: `n` channels of each group of op->period, from `from` on in a and
 * from `to` on in b and the result; groups take the place of rows. */
static uint32_t multiply_groups(struct sa_mapper *m, uint32_t index, const struct sa_tile *t,
                                const struct sa_tile_views *v, uint32_t from, uint32_t to, uint32_t n) {
  const struct sa_op *op = &m->graph->ops[index];
  const enum sa_activation activation = m->net->layers[op->layer].activation;
  uint32_t last = 0;
  for (uint32_t row = 0; row < t->rows; row++) {
    struct sa_tile line = *t;
    line.rows = op->out.c_count / op->period;
    struct sa_pass p = sa_pass_new(SA_OP_VMUL, &line, n);
    p.args[SA_PASS_A] = sa_pass_arg(&v->a);
    p.args[SA_PASS_B] = sa_pass_arg(&v->b);
    p.args[SA_PASS_D] = sa_pass_arg(&v->out);
    if (op->spread_b) p.args[SA_PASS_B].row = p.args[SA_PASS_B].pixel = 0;
    p.args[SA_PASS_A].origin += row * v->a.row + from;
    p.args[SA_PASS_B].origin += row * p.args[SA_PASS_B].row + to;
    p.args[SA_PASS_D].origin += row * v->out.row + to;
    p.args[SA_PASS_A].row = p.args[SA_PASS_D].row = op->period;
    p.args[SA_PASS_B].row = 0;
    sa_view_wait(m, &v->a, &v->a_box, &p.wait);
    sa_view_wait(m, &v->b, &v->b_box, &p.wait);
    p.instr.u.vec.w14 = sa_quant_scale(m->net, op->layer, 0);
    sa_quant_clamp(activation, &p.instr.u.vec.lo, &p.instr.u.vec.hi);
    if (sa_quant_uses_table(activation)) {
      sa_use_table(m, index, activation);
      p.instr.flags |= SA_F_TABLE;
    }
    last = sa_pass_emit(m, &p);
  }
  return last;
}

/* As rotary positions need it: a times a table that all heads share, or the table times a's halves swapped. */
static uint32_t multiply_periodic(struct sa_mapper *m, uint32_t index, const struct sa_tile *t,
                                  const struct sa_tile_views *v) {
  const struct sa_op *op = &m->graph->ops[index];
  const uint32_t half = op->period / 2;
  if (!op->rotate) return multiply_groups(m, index, t, v, 0, 0, op->period);
  multiply_groups(m, index, t, v, half, 0, half);
  return multiply_groups(m, index, t, v, 0, half, half);
}

static uint32_t upsample(struct sa_mapper *m, uint32_t index, const struct sa_tile *t,
                         const struct sa_tile_views *v) {
  const struct sa_op *op = &m->graph->ops[index];
  uint32_t last = 0;
  for (uint32_t y = 0; y < op->window.kernel_h; y++)
    for (uint32_t x = 0; x < op->window.kernel_w; x++)
      for (uint32_t c = 0; c < op->out.c_count; c += SA_PASS_MAX_COUNT) {
        const uint32_t left = op->out.c_count - c;
        struct sa_pass p = sa_pass_new(SA_OP_VMOV, t, left < SA_PASS_MAX_COUNT ? left : SA_PASS_MAX_COUNT);
        p.args[SA_PASS_A] = sa_pass_arg(&v->a);
        p.args[SA_PASS_D] = sa_pass_arg(&v->out);
        p.args[SA_PASS_A].origin += c;
        p.args[SA_PASS_D].origin += y * v->out.row + x * v->out.pixel + c;
        p.args[SA_PASS_D].row *= op->window.kernel_h;
        p.args[SA_PASS_D].pixel *= op->window.kernel_w;
        p.instr.u.vec.w14 = sa_quant_scale(m->net, op->layer, 0);
        sa_view_wait(m, &v->a, &v->a_box, &p.wait);
        last = sa_pass_emit(m, &p);
      }
  return last;
}

/* ---- Reductions over channels ---- */

static uint32_t reduction(struct sa_mapper *m, uint32_t index, const struct sa_tile *t,
                          const struct sa_tile_views *v) {
  const struct sa_op *op = &m->graph->ops[index];
  const bool norm = op->kind == SA_KIND_NORM;
  struct sa_pass p = sa_pass_new(norm ? SA_OP_VNORM : SA_OP_VSOFTMAX, t, op->out.c_count);
  p.whole_rows = true;
  p.args[SA_PASS_A] = sa_pass_arg(&v->a);
  p.args[SA_PASS_D] = sa_pass_arg(&v->out);
  p.instr.u.vec.w14 = sa_quant_scale(m->net, op->layer, 0);
  sa_view_wait(m, &v->a, &v->a_box, &p.wait);
  if (norm) {
    const bool rms = m->net->layers[op->layer].rms;
    uint32_t ready;
    const uint32_t gamma = sa_params_address(m, index, 0, 0, op->out.c_count, &ready);
    p.instr.flags |= rms ? SA_F_RMS : 0;
    p.instr.u.vec.b = gamma;
    p.instr.u.vec.b_s0 = rms ? 0 : (int32_t)op->out.c_count;
    sa_stamp_add(&p.wait, SA_EV_LOAD, ready);
    p.param_region = m->plans[index].param_region;
    p.param_bytes = (rms ? 1 : 2) * op->out.c_count;
  } else {
    sa_use_table(m, index, SA_TABLE_EXP);
    sa_use_table(m, index, SA_TABLE_EXP + 1);
  }
  return sa_pass_emit(m, &p);
}

void sa_vector_tile(struct sa_mapper *m, uint32_t index, const struct sa_tile *t) {
  const struct sa_tile_views v = sa_tile_views(m, index, t);
  uint32_t seq = 0;
  switch (m->graph->ops[index].kind) {
    case SA_KIND_ADD:
    case SA_KIND_MUL:
    case SA_KIND_MOVE:
      seq = m->graph->ops[index].period ? multiply_periodic(m, index, t, &v) : element_wise(m, index, t, &v);
      break;
    case SA_KIND_UPSAMPLE: seq = upsample(m, index, t, &v); break;
    case SA_KIND_MAXPOOL:
    case SA_KIND_AVGPOOL: seq = sa_pool_tile(m, index, t, &v); break;
    case SA_KIND_SOFTMAX:
    case SA_KIND_NORM: seq = reduction(m, index, t, &v); break;
    case SA_KIND_GEMM:
    case SA_KIND_ATTENTION:
    case SA_KIND_LSTM: assert(0 && "an operation of the array");
  }
  sa_view_written(m, &v.out, &v.out_box, seq);
}
