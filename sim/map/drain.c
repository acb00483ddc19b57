/* From accumulators to a tensor: VACC with bias, scale, residual, activation, as few instructions as two
 * levels of strides allow. */
#include "map/mapper.h"
#include "net/quant.h"

enum { MAX_COUNT = 65535 };

/* The levels of VECTOR for images x rows x cols; what does not fit is left as separate instructions. */
struct levels {
  uint32_t n0, n1, instructions;
  bool images_outer; /* level 1 walks images, not rows */
};

static bool continues(uint32_t inner, int64_t inner_pitch, int64_t outer_pitch) {
  return outer_pitch == inner * inner_pitch;
}

static struct levels find_levels(const struct sa_drain *d) {
  const struct sa_view *b = d->residual;
  struct levels l = {d->cols, d->rows, d->images, false};
  if (continues(d->cols, d->out.pixel, d->out.row) && (!b || continues(d->cols, b->pixel, b->row)) &&
      (uint64_t)d->rows * d->cols <= MAX_COUNT) { /* rows side by side are one */
    l.n0 = d->cols * d->rows;
    l.n1 = 1;
  }
  if (l.n1 == 1 && d->images > 1) {
    l.n1 = d->images;
    l.images_outer = true;
    l.instructions = 1;
  }
  return l;
}

/* An operand's two strides; zero where a level is one step. */
static void set_strides(const struct levels *l, const struct sa_view *v, int32_t *s0, int32_t *s1,
                        int64_t *span) {
  const int64_t outer = l->images_outer ? v->image : v->row;
  *s0 = l->n0 > 1 ? (int32_t)v->pixel : 0;
  *s1 = l->n1 > 1 ? (int32_t)outer : 0;
  *span = (l->n0 - 1) * v->pixel + (l->n1 - 1) * (l->n1 > 1 ? outer : 0);
}

uint32_t sa_drain_group(struct sa_mapper *m, const struct sa_drain *d) {
  const struct sa_op_plan *plan = &m->plans[d->op];
  const struct levels l = find_levels(d);
  struct sa_instr instr = {.opcode = SA_OP_VACC};
  int64_t span_d, span_b = 0;
  instr.u.vec.n0 = (uint16_t)l.n0;
  instr.u.vec.n1 = (uint16_t)l.n1;
  instr.u.vec.n = (uint16_t)d->n_used;
  instr.u.vec.tap_x = instr.u.vec.tap_y = 1;
  instr.u.vec.a_s0 = l.n0 > 1;
  instr.u.vec.a_s1 = l.n1 > 1 ? (int32_t)l.n0 : 0;
  set_strides(&l, &d->out, &instr.u.vec.d_s0, &instr.u.vec.d_s1, &span_d);
  sa_quant_clamp(d->activation, &instr.u.vec.lo, &instr.u.vec.hi);
  if (sa_quant_uses_table(d->activation)) {
    sa_use_table(m, d->op, d->activation);
    instr.flags |= SA_F_TABLE;
  }
  if (d->residual) {
    instr.flags |= SA_F_RESIDUAL;
    set_strides(&l, d->residual, &instr.u.vec.b_s0, &instr.u.vec.b_s1, &span_b);
    instr.u.vec.w15 = sa_quant_scale_b(m->net, m->graph->ops[d->op].layer);
  }
  uint32_t last = 0;
  for (uint32_t i = 0; i < l.instructions; i++) {
    struct sa_instr one = instr;
    struct sa_stamp wait = {{0}};
    sa_stamp_add(&wait, SA_EV_MATMUL_DONE, d->matmul_done);
    one.u.vec.a = (d->acc_row + i * l.n0 * l.n1) | d->bank << 16;
    if (m->params_op != d->op || m->params_tile != d->n_tile) {
      uint32_t ready;
      const uint32_t address = sa_params_address(m, d->op, d->n_tile, d->n_first, d->n_used, &ready);
      one.flags |= SA_F_PARAMS;
      one.u.vec.w14 = address;
      sa_stamp_add(&wait, SA_EV_LOAD, ready);
      sa_region_read(m, plan->param_region, SA_VECTOR, address, address + 8 * (int64_t)d->n_used, &wait);
      m->params_op = d->op;
      m->params_tile = d->n_tile;
    }
    if (d->residual) {
      const int64_t b = d->residual->origin + i * d->residual->image;
      struct sa_box part = d->residual_box;
      if (l.instructions > 1) {
        part.image += i;
        part.images = 1;
      }
      sa_view_wait(m, d->residual, &part, &wait);
      one.u.vec.b = (uint32_t)b;
      sa_region_read(m, d->residual->region, SA_VECTOR, b, b + span_b + d->n_used, &wait);
    }
    const int64_t out = d->out.origin + i * d->out.image;
    one.u.vec.d = (uint32_t)out;
    sa_region_write(m, d->out.region, SA_VECTOR, out, out + span_d + d->n_used, &wait);
    last = sa_emit(&m->emitter, &one, &wait);
  }
  return last;
}
