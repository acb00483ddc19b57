/* Cells of recurrent layers: see cell.h. */
#include "map/cell.h"

/* What is done in each step, and in how many parts of the scratch. */
static const struct cell_kind { uint32_t parts; void (*step)(struct sa_cell *cell); } *kind_of(
    const struct sa_mapper *m, uint32_t index) {
  static const struct cell_kind lstm = {SA_LSTM_PARTS, sa_lstm_step}, gru = {SA_GRU_PARTS, sa_gru_step},
                                rnn = {SA_RNN_PARTS, sa_rnn_step};
  const enum sa_layer_kind kind = m->net->layers[m->graph->ops[index].layer].kind;
  return kind == SA_LAYER_RNN ? &rnn : kind == SA_LAYER_GRU ? &gru : &lstm;
}

uint64_t sa_cell_scratch_bytes(const struct sa_mapper *m, uint32_t index) {
  const struct sa_op *op = &m->graph->ops[index];
  return kind_of(m, index)->parts * (uint64_t)m->graph->tensors[op->out.tensor].shape.n * op->out.c_count;
}

/* A part of the scratch for the images at hand. */
static struct sa_view scratch(const struct sa_cell *l, int part) {
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

static struct sa_box step_box(const struct sa_cell *l, const struct sa_ref *ref, uint32_t step) {
  return (struct sa_box){l->image, l->images, 0, step, 1, 1, ref->c_first, ref->c_count};
}

static uint32_t stream_gate(struct sa_cell *l, uint32_t n_tile, uint32_t n_used, const struct sa_slot *slot,
                            const struct sa_cell_value *hidden) {
  struct sa_mapper *m = l->m;
  const struct sa_op_map *map = &m->mapping->ops[l->index];
  uint32_t seq = 0, position = 0;
  for (uint32_t f = 0; f < map->fold_count; f++) {
    const struct sa_fold *fold = &map->folds[f];
    if (fold->ky && l->step == 0) break; /* h is 0 */
    const uint32_t k = fold->ky ? SA_OPERAND_OUT : SA_OPERAND_A;
    const struct sa_operand *operand = &m->plans[l->index].operands[k];
    struct sa_box box = step_box(l, &operand->ref, l->step - fold->ky);
    const bool is_value = fold->ky && hidden;
    const struct sa_view v = is_value ? hidden->view : sa_operand_view(m, operand, &box);
    struct sa_stamp wait = {{0}};
    box.channel += fold->byte;
    box.channels = fold->k_used;
    if (is_value) sa_stamp_add(&wait, SA_EV_VECTOR_DONE, hidden->written);
    else sa_view_wait(m, &v, &box, &wait);
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

void sa_cell_gate(struct sa_cell *l, int which, enum sa_activation activation,
                  const struct sa_cell_value *hidden) {
  struct sa_mapper *m = l->m;
  const uint32_t tiles = m->mapping->ops[l->index].n_tiles / l->op->gates;
  for (uint32_t j = 0; j < tiles; j++) {
    const uint32_t n_tile = (uint32_t)which * tiles + j;
    const struct sa_n_tile n = sa_n_tile(m->config, l->op, n_tile);
    const struct sa_slot slot = sa_slot_next(m, l->images, false);
    const uint32_t done = stream_gate(l, n_tile, n.n_used, &slot, hidden);
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

struct sa_cell_value sa_cell_part(const struct sa_cell *l, int part) {
  return (struct sa_cell_value){scratch(l, part), l->written[part]};
}

struct sa_cell_value sa_cell_state(struct sa_cell *l) {
  const struct sa_operand *out = &l->m->plans[l->index].operands[SA_OPERAND_OUT];
  const struct sa_box box = step_box(l, &out->ref, l->step - 1);
  struct sa_stamp wait = {{0}};
  struct sa_cell_value value = {.view = sa_operand_view(l->m, out, &box)};
  sa_view_wait(l->m, &value.view, &box, &wait);
  value.written = wait.seq[SA_EV_VECTOR_DONE];
  return value;
}

uint32_t sa_cell_step(struct sa_cell *l, uint8_t opcode, const struct sa_cell_value *a,
                      const struct sa_cell_value *b, const struct sa_view *d, uint32_t scale, uint32_t scale_b,
                      bool tanh_table) {
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
    if (opcode == SA_OP_VADD) i.u.vec.w15 = scale_b;
    sa_stamp_add(&wait, SA_EV_VECTOR_DONE, b->written);
    sa_region_read(m, b->view.region, SA_VECTOR, b->view.origin, b->view.origin + more * b->view.image + n, &wait);
  }
  sa_region_write(m, d->region, SA_VECTOR, d->origin, d->origin + more * d->image + n, &wait);
  return sa_emit(&m->emitter, &i, &wait);
}

void sa_cell_combine(struct sa_cell *l, uint8_t opcode, int a, int b, int to, uint32_t scale, uint32_t scale_b) {
  const struct sa_cell_value first = sa_cell_part(l, a), second = sa_cell_part(l, b);
  const struct sa_view d = scratch(l, to);
  l->written[to] = sa_cell_step(l, opcode, &first, &second, &d, scale, scale_b, false);
}

void sa_cell_finish(struct sa_cell *l, uint8_t opcode, const struct sa_cell_value *a,
                    const struct sa_cell_value *b, uint32_t scale, uint32_t scale_b) {
  const struct sa_operand *out = &l->m->plans[l->index].operands[SA_OPERAND_OUT];
  const struct sa_box box = step_box(l, &out->ref, l->step);
  const struct sa_view h = sa_operand_view(l->m, out, &box);
  sa_view_written(l->m, &h, &box, sa_cell_step(l, opcode, a, b, &h, scale, scale_b, false));
}

void sa_cell(struct sa_mapper *m, uint32_t index) {
  const struct sa_op *op = &m->graph->ops[index];
  const struct sa_shape *shape = &m->graph->tensors[op->out.tensor].shape;
  struct sa_op_plan *plan = &m->plans[index];
  struct sa_box all = {0, shape->n, 0, 0, 1, shape->w, op->a.c_first, op->a.c_count};
  sa_operand_fetch(m, &plan->operands[SA_OPERAND_A], &all);
  struct sa_cell l = {.m = m, .index = index, .op = op, .hidden = op->out.c_count, .batch = shape->n};
  for (l.image = 0; l.image < l.batch; l.image += l.images) {
    const uint32_t left = l.batch - l.image, most = m->config->accumulator_rows;
    l.images = left < most ? left : most;
    if (l.images > UINT16_MAX) l.images = UINT16_MAX;
    for (l.step = 0; l.step < shape->w; l.step++) kind_of(m, index)->step(&l);
  }
  all.channel = op->out.c_first;
  all.channels = op->out.c_count;
  sa_operand_store(m, &plan->operands[SA_OPERAND_OUT], &all);
}
