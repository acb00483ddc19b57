/* Products of two activations: for each image and head B's tiles go from the buffer to the weight FIFO, K
 * transposed on the way (K is kept [keys][d]), V as it is. */
#include "map/mapper.h"

/* Part of B that is a tile of weights: keys and channels of one head. */
struct part { uint32_t key, keys, channel, channels; };

static void fetch_tile(struct sa_mapper *m, const struct sa_view *b, const struct sa_box *box,
                       const struct part *p, bool transposed) {
  struct sa_instr instr = {.opcode = SA_OP_WLOAD_UB, .flags = transposed ? SA_F_TRANSPOSED : 0};
  const int64_t first = b->origin + p->key * b->pixel + p->channel;
  instr.u.wload.ub_addr = (uint32_t)first;
  instr.u.wload.k_used = (uint16_t)(transposed ? p->channels : p->keys);
  instr.u.wload.n_used = (uint16_t)(transposed ? p->keys : p->channels);
  instr.u.wload.ub_pitch = p->keys > 1 ? (int32_t)b->pixel : 0;
  struct sa_stamp wait = {{0}};
  struct sa_box read = *box;
  read.col += p->key;
  read.cols = p->keys;
  read.channel += p->channel;
  read.channels = p->channels;
  sa_view_wait(m, b, &read, &wait);
  sa_region_read(m, b->region, SA_WLOAD, first, first + (p->keys - 1) * b->pixel + p->channels, &wait);
  sa_emit(&m->emitter, &instr, &wait);
}

/* Names the tile in the array if one tile is all of B's head, so that the next tile of M keeps it. */
static uint64_t tile_name(const struct sa_mapper *m, uint32_t index, const struct sa_box *b) {
  const struct sa_op_map *map = &m->mapping->ops[index];
  if (map->n_tiles != 1 || map->fold_count != 1) return 0;
  const struct sa_shape *s = &m->graph->tensors[m->graph->ops[index].b.tensor].shape;
  return UINT64_C(1) << 63 | (uint64_t)index << 40 | (((uint64_t)b->image * s->h + (uint64_t)b->row) * s->c + b->channel);
}

void sa_attention_tile(struct sa_mapper *m, uint32_t index, const struct sa_tile *t) {
  const struct sa_op *op = &m->graph->ops[index];
  const struct sa_op_map *map = &m->mapping->ops[index];
  const struct sa_layer *layer = &m->net->layers[op->layer];
  struct sa_operand *operands = m->plans[index].operands;
  const struct sa_box a_box = sa_operand_box(m, index, SA_OPERAND_A, t);
  const struct sa_box b_box = sa_operand_box(m, index, SA_OPERAND_B, t);
  const struct sa_box out_box = sa_operand_box(m, index, SA_OPERAND_OUT, t);
  const struct sa_view a = sa_operand_view(m, &operands[SA_OPERAND_A], &a_box);
  const struct sa_view b = sa_operand_view(m, &operands[SA_OPERAND_B], &b_box);
  const struct sa_view out = sa_operand_view(m, &operands[SA_OPERAND_OUT], &out_box);
  const uint32_t cols = m->config->array_cols, n_all = (uint32_t)layer->gemm_n;
  const uint64_t name = tile_name(m, index, &b_box);
  for (uint32_t j = 0; j < map->n_tiles; j++) {
    const uint32_t n_first = j * cols, n_used = n_all - n_first < cols ? n_all - n_first : cols;
    const struct sa_slot slot = sa_slot_next(m, t->cols, map->fold_count == 1);
    uint32_t done = 0;
    for (uint32_t f = 0; f < map->fold_count; f++) {
      const struct sa_fold *fold = &map->folds[f];
      const struct part part = layer->transpose_b
                                   ? (struct part){n_first, n_used, fold->byte, fold->k_used}
                                   : (struct part){fold->byte, fold->k_used, n_first, n_used};
      const bool fetch = !name || m->active_tile != name;
      if (fetch) fetch_tile(m, &b, &b_box, &part, layer->transpose_b);
      m->active_tile = name;
      struct sa_box read = a_box;
      read.channel += fold->byte;
      read.channels = fold->k_used;
      struct sa_stamp wait = {{0}};
      sa_view_wait(m, &a, &read, &wait);
      const struct sa_fold_rows s = {.region = a.region,
                                  .address = a.origin + fold->byte,
                                  .n0 = t->cols,
                                  .n1 = 1,
                                  .n2 = 1,
                                  .s0 = a.pixel,
                                  .k_used = fold->k_used};
      done = sa_stream_fold(m, &s, &slot, f, fetch, &wait);
    }
    struct sa_box written = out_box;
    written.channel += n_first;
    written.channels = n_used;
    struct sa_drain d = {.op = index,
                         .n_tile = j,
                         .n_first = n_first,
                         .n_used = n_used,
                         .images = 1,
                         .rows = 1,
                         .cols = t->cols,
                         .bank = slot.bank,
                         .acc_row = slot.row,
                         .matmul_done = done,
                         .activation = layer->activation,
                         .out = out};
    d.out.origin += n_first;
    struct sa_view residual;
    if (op->residual.tensor != SA_NONE) {
      d.residual_box = sa_operand_box(m, index, SA_OPERAND_RESIDUAL, t);
      residual = sa_operand_view(m, &operands[SA_OPERAND_RESIDUAL], &d.residual_box);
      residual.origin += n_first;
      d.residual_box.channel += n_first;
      d.residual_box.channels = n_used;
      d.residual = &residual;
    }
    const uint32_t seq = sa_drain_group(m, &d);
    sa_slot_drained(m, &slot, seq);
    sa_view_written(m, &d.out, &written, seq);
  }
}
