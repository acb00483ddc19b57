/* Groups on the array: all folds of one tile of M and one of N accumulate into one accumulator slot, VACC
 * drains it. Folds that read what was written last come last, so that a layer starts on the channels of
 * the one before that are complete. */
#include "map/mapper.h"

/* ---- Accumulators ----
 * Two banks in turn. Folds that accumulate read their bank, so VECTOR must have left it; a single fold
 * only writes and takes half a bank, so that VECTOR drains one half while the next groups fill others. */

struct sa_slot sa_slot_next(struct sa_mapper *m, uint32_t rows, bool single) {
  const uint32_t half = m->config->accumulator_rows / 2, turn = m->acc_turn++;
  struct sa_slot s = {.bank = turn & 1};
  if (single && rows <= half) {
    s.first_half = s.last_half = turn >> 1 & 1;
    s.row = s.first_half * half;
  } else {
    s.last_half = rows > half;
  }
  return s;
}

void sa_slot_drained(struct sa_mapper *m, const struct sa_slot *slot, uint32_t seq) {
  for (uint32_t h = slot->first_half; h <= slot->last_half; h++) m->acc_read[slot->bank][h] = seq;
}

uint32_t sa_stream_fold(struct sa_mapper *m, const struct sa_fold_rows *s, const struct sa_slot *slot,
                        uint32_t position, bool next_tile, struct sa_stamp *wait) {
  struct sa_instr instr = {.opcode = SA_OP_MATMUL};
  instr.flags = (uint8_t)((position ? SA_F_ACCUMULATE : 0) | (next_tile ? SA_F_NEXT_TILE : 0));
  instr.u.matmul.ub_addr = (uint32_t)s->address;
  instr.u.matmul.n0 = (uint16_t)s->n0;
  instr.u.matmul.n1 = (uint16_t)s->n1;
  instr.u.matmul.n2 = (uint16_t)s->n2;
  instr.u.matmul.k_used = (uint16_t)s->k_used;
  instr.u.matmul.stride0 = s->n0 > 1 ? (int32_t)s->s0 : 0;
  instr.u.matmul.stride1 = s->n1 > 1 ? (int32_t)s->s1 : 0;
  instr.u.matmul.stride2 = s->n2 > 1 ? (int32_t)s->s2 : 0;
  instr.u.matmul.acc_row = (uint16_t)slot->row;
  instr.u.matmul.acc_bank = (uint8_t)slot->bank;
  const uint32_t first = position ? 0 : slot->first_half, last = position ? 1 : slot->last_half;
  for (uint32_t h = first; h <= last; h++) sa_stamp_add(wait, SA_EV_VECTOR_READ, m->acc_read[slot->bank][h]);
  const int64_t span = (s->n0 - 1) * s->s0 + (s->n1 - 1) * s->s1 + (s->n2 - 1) * s->s2;
  sa_region_read(m, s->region, SA_MATMUL, s->address, s->address + span + s->k_used, wait);
  return sa_emit(&m->emitter, &instr, wait);
}

void sa_fetch_tile(struct sa_mapper *m, uint64_t address, uint32_t k, uint32_t n, bool diagonal) {
  static const struct sa_stamp nothing;
  struct sa_instr instr = {.opcode = SA_OP_WLOAD,
                           .flags = diagonal ? SA_F_DIAGONAL : 0,
                           .tensor_class = SA_CLASS_WEIGHTS};
  instr.u.wload.dram_addr = address;
  instr.u.wload.k_used = (uint16_t)k;
  instr.u.wload.n_used = (uint16_t)n;
  sa_emit(&m->emitter, &instr, &nothing);
}

/* ---- One tile of M ---- */

/* The part of the input box that a fold reads; channels only where it stays within one pixel. */
static struct sa_box fold_part(const struct sa_op *op, const struct sa_fold *f, const struct sa_tile *t,
                               const struct sa_box *box, uint32_t a_channel) {
  const uint32_t c = op->a.c_count / op->groups;
  struct sa_box part = *box;
  const uint64_t row_bytes = (uint64_t)op->window.kernel_w * c;
  if (f->byte + (uint64_t)f->k_used <= row_bytes) {
    part.row += (int64_t)f->ky * op->window.dilation_h;
    part.rows = (t->rows - 1) * op->window.stride_h + 1;
  }
  const uint32_t in_pixel = f->byte % c;
  if (in_pixel + f->k_used <= c) {
    part.channel += a_channel + in_pixel;
    part.channels = f->k_used;
  }
  return part;
}

static uint32_t latest(const struct sa_stamp *wait) {
  const uint32_t v = wait->seq[SA_EV_VECTOR_DONE], l = wait->seq[SA_EV_LOAD];
  return v > l ? v : l;
}

void sa_gemm_begin(struct sa_mapper *m, uint32_t index, const struct sa_tile *t) {
  const struct sa_op *op = &m->graph->ops[index];
  const struct sa_op_map *map = &m->mapping->ops[index];
  const struct sa_box box = sa_operand_box(m, index, SA_OPERAND_A, t);
  const struct sa_view a = sa_operand_view(m, &m->plans[index].operands[SA_OPERAND_A], &box);
  for (uint32_t f = 0; f < map->fold_count; f++) {
    struct sa_stamp wait = {{0}};
    struct sa_box part = fold_part(op, &map->folds[f], t, &box, 0);
    if (op->groups > 1) { /* each tile of N reads other channels: wait for all */
      part.channel = box.channel;
      part.channels = box.channels;
    }
    sa_view_wait(m, &a, &part, &wait);
    uint32_t at = f;
    const uint32_t key = latest(&wait);
    for (; at > 0 && latest(&m->fold_wait[m->fold_order[at - 1]]) > key; at--)
      m->fold_order[at] = m->fold_order[at - 1];
    m->fold_order[at] = f;
    m->fold_wait[f] = wait;
  }
}

static uint32_t stream_folds(struct sa_mapper *m, uint32_t index, const struct sa_tile *t, uint32_t n_tile,
                             const struct sa_n_tile *n, const struct sa_slot *slot) {
  const struct sa_op *op = &m->graph->ops[index];
  const struct sa_op_map *map = &m->mapping->ops[index];
  const struct sa_window *w = &op->window;
  const struct sa_box box = sa_operand_box(m, index, SA_OPERAND_A, t);
  const struct sa_view a = sa_operand_view(m, &m->plans[index].operands[SA_OPERAND_A], &box);
  uint32_t seq = 0;
  for (uint32_t position = 0; position < map->fold_count; position++) {
    const uint32_t f = m->fold_order[position];
    const struct sa_fold *fold = &map->folds[f];
    const uint64_t tile = sa_tile_address(map, n_tile, f);
    const uint32_t k = map->depthwise ? n->n_used : fold->k_used;
    const bool fetch = m->active_tile != tile + 1;
    if (fetch) sa_fetch_tile(m, tile, k, n->n_used, map->depthwise);
    m->active_tile = tile + 1;
    const struct sa_fold_rows s = {.region = a.region,
                                .address = a.origin + (int64_t)fold->ky * w->dilation_h * a.row +
                                           (int64_t)fold->kx * w->dilation_w * a.pixel + fold->byte +
                                           n->a_channel,
                                .n0 = t->cols,
                                .n1 = t->rows,
                                .n2 = t->images,
                                .s0 = w->stride_w * a.pixel,
                                .s1 = w->stride_h * a.row,
                                .s2 = a.image,
                                .k_used = k};
    struct sa_stamp wait = m->fold_wait[f];
    seq = sa_stream_fold(m, &s, slot, position, fetch, &wait);
  }
  return seq;
}

void sa_gemm_group(struct sa_mapper *m, uint32_t index, const struct sa_tile *t, uint32_t n_tile) {
  const struct sa_op *op = &m->graph->ops[index];
  struct sa_op_plan *plan = &m->plans[index];
  const struct sa_n_tile n = sa_n_tile(m->config, op, n_tile);
  const struct sa_slot slot =
      sa_slot_next(m, t->images * t->rows * t->cols, m->mapping->ops[index].fold_count == 1);
  const uint32_t done = stream_folds(m, index, t, n_tile, &n, &slot);
  struct sa_box out = sa_operand_box(m, index, SA_OPERAND_OUT, t);
  struct sa_drain d = {.op = index,
                       .n_tile = n_tile,
                       .n_first = n.n_first,
                       .n_used = n.n_used,
                       .images = t->images,
                       .rows = t->rows,
                       .cols = t->cols,
                       .bank = slot.bank,
                       .acc_row = slot.row,
                       .matmul_done = done,
                       .activation = m->net->layers[op->layer].activation,
                       .out = sa_operand_view(m, &plan->operands[SA_OPERAND_OUT], &out)};
  d.out.origin += n.n_first - plan->block_first;
  out.channel = op->out.c_first + n.n_first;
  out.channels = n.n_used;
  struct sa_view residual;
  if (op->residual.tensor != SA_NONE) {
    d.residual_box = sa_operand_box(m, index, SA_OPERAND_RESIDUAL, t);
    residual = sa_operand_view(m, &plan->operands[SA_OPERAND_RESIDUAL], &d.residual_box);
    residual.origin += n.n_first - plan->block_first;
    d.residual_box.channel += n.n_first - plan->block_first;
    d.residual_box.channels = n.n_used;
    d.residual = &residual;
  }
  const uint32_t seq = sa_drain_group(m, &d);
  sa_slot_drained(m, &slot, seq);
  sa_view_written(m, &d.out, &out, seq);
}
