/* An LSTM, step by step: gates from [x, h] into a scratch region, then the cell's element-wise steps. x is
 * multiplied first, so that the array works while h of the step before is finished. */
#include "map/mapper.h"
#include "net/quant.h"

/* Scratch: four gates, the cell state and two intermediate results, each images x hidden bytes. */
enum { GATE_I, GATE_F, GATE_G, GATE_O, CELL, KEPT, ADDED, SCRATCH_PARTS };

uint64_t sa_lstm_scratch_bytes(const struct sa_mapper *m, uint32_t index) {
  const struct sa_op *op = &m->graph->ops[index];
  return SCRATCH_PARTS * (uint64_t)m->graph->tensors[op->out.tensor].shape.n * op->out.c_count;
}

/* One LSTM at work. */
struct lstm {
  struct sa_mapper *m;
  uint32_t index, step, image, images; /* images: of this part of the batch */
  const struct sa_op *op;
  uint32_t hidden, batch;
  uint32_t written[SCRATCH_PARTS];     /* VECTOR's event of the last write */
};

/* A part of the scratch for the images at hand. */
static struct sa_view scratch(const struct lstm *l, int part) {
  const uint32_t region = l->m->plans[l->index].scratch_region;
  const int64_t size = (int64_t)l->batch * l->hidden;
  return (struct sa_view){.origin = l->m->places.regions[region].address + part * size +
                                    (int64_t)l->image * l->hidden,
                          .image = l->hidden,
                          .row = l->hidden,
                          .pixel = l->hidden,
                          .region = region,
                          .tensor = SA_NONE};
}

static struct sa_box step_box(const struct lstm *l, const struct sa_ref *ref, uint32_t step) {
  return (struct sa_box){l->image, l->images, 0, step, 1, 1, ref->c_first, ref->c_count};
}

static uint32_t stream_gate(struct lstm *l, uint32_t n_tile, uint32_t n_used, const struct sa_slot *slot) {
  struct sa_mapper *m = l->m;
  const struct sa_op_map *map = &m->mapping->ops[l->index];
  uint32_t seq = 0, position = 0;
  for (uint32_t f = 0; f < map->fold_count; f++) {
    const struct sa_fold *fold = &map->folds[f];
    if (fold->ky && l->step == 0) break; /* h is 0 */
    const uint32_t k = fold->ky ? SA_OPERAND_OUT : SA_OPERAND_A;
    const struct sa_operand *operand = &m->plans[l->index].operands[k];
    struct sa_box box = step_box(l, &operand->ref, l->step - fold->ky);
    const struct sa_view v = sa_operand_view(m, operand, &box);
    struct sa_stamp wait = {{0}};
    box.channel += fold->byte;
    box.channels = fold->k_used;
    sa_view_wait(m, &v, &box, &wait);
    const uint64_t tile = sa_tile_address(map, n_tile, f);
    const bool fetch = m->active_tile != tile + 1;
    if (fetch) sa_fetch_tile(m, tile, fold->k_used, n_used, false);
    m->active_tile = tile + 1;
    const struct sa_fold_rows s = {.region = v.region,
                                .address = v.origin + fold->byte,
                                .n0 = l->images,
                                .n1 = 1,
                                .n2 = 1,
                                .s0 = v.image,
                                .k_used = fold->k_used};
    seq = sa_stream_fold(m, &s, slot, position++, fetch, &wait);
  }
  return seq;
}

static void gate(struct lstm *l, int which, enum sa_activation activation) {
  struct sa_mapper *m = l->m;
  const uint32_t tiles = m->mapping->ops[l->index].n_tiles / 4;
  for (uint32_t j = 0; j < tiles; j++) {
    const uint32_t n_tile = (uint32_t)which * tiles + j;
    const struct sa_n_tile n = sa_n_tile(m->config, l->op, n_tile);
    const struct sa_slot slot = sa_slot_next(m, l->images, false);
    const uint32_t done = stream_gate(l, n_tile, n.n_used, &slot);
    struct sa_drain d = {.op = l->index,
                         .n_tile = n_tile,
                         .n_first = n.n_first,
                         .n_used = n.n_used,
                         .images = l->images,
                         .rows = 1,
                         .cols = 1,
                         .bank = slot.bank,
                         .acc_row = slot.row,
                         .matmul_done = done,
                         .activation = activation,
                         .out = scratch(l, which)};
    d.out.origin += n.n_first - (uint32_t)which * l->hidden;
    l->written[which] = sa_drain_group(m, &d);
    sa_slot_drained(m, &slot, l->written[which]);
  }
}

/* An operand of an element-wise step: a view, and the VECTOR event that wrote it. */
struct value { struct sa_view view; uint32_t written; };

static struct value part(const struct lstm *l, int which) {
  return (struct value){scratch(l, which), l->written[which]};
}

/* One element-wise VECTOR operation over images x hidden. */
static uint32_t element_wise(struct lstm *l, uint8_t opcode, const struct value *a, const struct value *b,
                             const struct sa_view *d, uint32_t scale, bool tanh_table) {
  struct sa_mapper *m = l->m;
  struct sa_instr i = {.opcode = opcode};
  struct sa_stamp wait = {{0}};
  if (tanh_table) {
    sa_use_table(m, l->index, SA_ACT_TANH);
    i.flags |= SA_F_TABLE;
  }
  const int64_t n = l->hidden, more = l->images - 1;
  i.u.vec.n0 = (uint16_t)l->images;
  i.u.vec.n1 = 1;
  i.u.vec.n = (uint16_t)l->hidden;
  i.u.vec.tap_x = i.u.vec.tap_y = 1;
  i.u.vec.lo = -128;
  i.u.vec.hi = 127;
  i.u.vec.w14 = scale;
  i.u.vec.a = (uint32_t)a->view.origin;
  i.u.vec.d = (uint32_t)d->origin;
  i.u.vec.a_s0 = more ? (int32_t)a->view.image : 0;
  i.u.vec.d_s0 = more ? (int32_t)d->image : 0;
  sa_stamp_add(&wait, SA_EV_VECTOR_DONE, a->written);
  sa_region_read(m, a->view.region, SA_VECTOR, a->view.origin, a->view.origin + more * a->view.image + n, &wait);
  if (b) {
    i.u.vec.b = (uint32_t)b->view.origin;
    i.u.vec.b_s0 = more ? (int32_t)b->view.image : 0;
    if (opcode == SA_OP_VADD) i.u.vec.w15 = scale;
    sa_stamp_add(&wait, SA_EV_VECTOR_DONE, b->written);
    sa_region_read(m, b->view.region, SA_VECTOR, b->view.origin, b->view.origin + more * b->view.image + n, &wait);
  }
  sa_region_write(m, d->region, SA_VECTOR, d->origin, d->origin + more * d->image + n, &wait);
  return sa_emit(&m->emitter, &i, &wait);
}

static void combine(struct lstm *l, uint8_t opcode, int a, int b, int to, enum sa_lstm_step step) {
  const struct value first = part(l, a), second = part(l, b);
  const struct sa_view d = scratch(l, to);
  l->written[to] = element_wise(l, opcode, &first, &second, &d, sa_quant_lstm_scale(step), false);
}

static void one_step(struct lstm *l) {
  struct sa_mapper *m = l->m;
  gate(l, GATE_I, SA_ACT_SIGMOID);
  gate(l, GATE_F, SA_ACT_SIGMOID);
  gate(l, GATE_O, SA_ACT_SIGMOID);
  gate(l, GATE_G, SA_ACT_TANH);
  if (l->step == 0) { /* the cell was 0 */
    combine(l, SA_OP_VMUL, GATE_I, GATE_G, CELL, SA_LSTM_INPUT);
  } else {
    combine(l, SA_OP_VMUL, GATE_F, CELL, KEPT, SA_LSTM_FORGET);
    combine(l, SA_OP_VMUL, GATE_I, GATE_G, ADDED, SA_LSTM_INPUT);
    combine(l, SA_OP_VADD, KEPT, ADDED, CELL, SA_LSTM_SUM);
  }
  const struct value cell = part(l, CELL);
  const struct sa_view squashed = scratch(l, KEPT);
  l->written[KEPT] = element_wise(l, SA_OP_VMOV, &cell, NULL, &squashed, sa_scale_word(1, 0), true);
  const struct sa_operand *out = &m->plans[l->index].operands[SA_OPERAND_OUT];
  const struct sa_box box = step_box(l, &out->ref, l->step);
  const struct sa_view h = sa_operand_view(m, out, &box);
  const struct value o = part(l, GATE_O), t = part(l, KEPT);
  const uint32_t seq = element_wise(l, SA_OP_VMUL, &o, &t, &h, sa_quant_lstm_scale(SA_LSTM_OUTPUT), false);
  sa_view_written(m, &h, &box, seq);
}

void sa_lstm(struct sa_mapper *m, uint32_t index) {
  const struct sa_op *op = &m->graph->ops[index];
  const struct sa_shape *shape = &m->graph->tensors[op->out.tensor].shape;
  struct sa_op_plan *plan = &m->plans[index];
  struct sa_box all = {0, shape->n, 0, 0, 1, shape->w, op->a.c_first, op->a.c_count};
  sa_operand_fetch(m, &plan->operands[SA_OPERAND_A], &all);
  struct lstm l = {.m = m, .index = index, .op = op, .hidden = op->out.c_count, .batch = shape->n};
  for (l.image = 0; l.image < l.batch; l.image += l.images) {
    const uint32_t left = l.batch - l.image, most = m->config->accumulator_rows;
    l.images = left < most ? left : most;
    if (l.images > UINT16_MAX) l.images = UINT16_MAX;
    for (l.step = 0; l.step < shape->w; l.step++) one_step(&l);
  }
  all.channel = op->out.c_first;
  all.channels = op->out.c_count;
  sa_operand_store(m, &plan->operands[SA_OPERAND_OUT], &all);
}
