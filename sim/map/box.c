/* Which part of an operand a tile of an operation's result needs. */
#include "map/mapper.h"

static uint32_t input_channels(const struct sa_op *op, uint32_t k) {
  return k == SA_OPERAND_A ? op->a.c_count : k == SA_OPERAND_B ? op->b.c_count : op->residual.c_count;
}

/* ATTENTION: queries' and keys' widths of one head. */
static struct sa_box attention_box(const struct sa_mapper *m, const struct sa_op *op, uint32_t k,
                                   const struct sa_tile *t) {
  const struct sa_layer *layer = &m->net->layers[op->layer];
  const uint32_t head = t->row, width = op->b.c_count / layer->kv_heads;
  const uint32_t keys = m->graph->tensors[op->b.tensor].shape.w;
  struct sa_box box = {t->image, t->images, 0, t->col, 1, t->cols, 0, 0};
  const bool scores = (k == SA_OPERAND_A) != layer->transpose_b; /* [heads][queries][keys] */
  switch (k) {
    case SA_OPERAND_B:
      box.col = 0;
      box.cols = keys;
      box.channels = width;
      if (m->graph->tensors[op->b.tensor].shape.c == width) /* one head a row: a cache */
        box.row = head / (layer->heads / layer->kv_heads);
      else
        box.channel = op->b.c_first + head / (layer->heads / layer->kv_heads) * width;
      return box;
    case SA_OPERAND_A:
    case SA_OPERAND_OUT:
    default: {
      const struct sa_ref *ref = k == SA_OPERAND_A ? &op->a : k == SA_OPERAND_OUT ? &op->out : &op->residual;
      if (scores) {
        box.row = head;
        box.channel = ref->c_first;
        box.channels = keys;
      } else {
        box.channel = ref->c_first + head * width;
        box.channels = width;
      }
      return box;
    }
  }
}

/* The part of a window's box inside the tensor. */
static void clip_box(const struct sa_shape *shape, struct sa_box *box) {
  const int64_t row_end = box->row + box->rows, col_end = box->col + box->cols;
  if (box->row < 0) box->row = 0;
  if (box->col < 0) box->col = 0;
  box->rows = (uint32_t)((row_end < shape->h ? row_end : shape->h) - box->row);
  box->cols = (uint32_t)((col_end < shape->w ? col_end : shape->w) - box->col);
}

static struct sa_box unclipped_box(const struct sa_mapper *m, uint32_t index, uint32_t k,
                                   const struct sa_tile *t) {
  const struct sa_op *op = &m->graph->ops[index];
  const struct sa_window *w = &op->window;
  if (op->kind == SA_KIND_ATTENTION) return attention_box(m, op, k, t);
  const struct sa_ref *ref = &m->plans[index].operands[k].ref;
  struct sa_box box = {t->image, t->images, t->row, t->col, t->rows, t->cols, ref->c_first,
                       k == SA_OPERAND_OUT ? op->out.c_count : input_channels(op, k)};
  if (k == SA_OPERAND_OUT && op->kind == SA_KIND_UPSAMPLE) {
    box.row *= w->kernel_h;
    box.rows *= w->kernel_h;
    box.col *= w->kernel_w;
    box.cols *= w->kernel_w;
  } else if (k == SA_OPERAND_B && op->spread_b) {
    box.row = box.col = 0;
    box.rows = box.cols = 1;
  } else if (k == SA_OPERAND_A && op->kind != SA_KIND_UPSAMPLE) {
    box.row = (int64_t)t->row * w->stride_h - w->pad_top;
    box.rows = (t->rows - 1) * w->stride_h + (w->kernel_h - 1) * w->dilation_h + 1;
    box.col = (int64_t)t->col * w->stride_w - w->pad_left;
    box.cols = (t->cols - 1) * w->stride_w + (w->kernel_w - 1) * w->dilation_w + 1;
  }
  return box;
}

struct sa_box sa_operand_box(const struct sa_mapper *m, uint32_t index, uint32_t k,
                             const struct sa_tile *t) {
  const struct sa_op *op = &m->graph->ops[index];
  struct sa_box box = unclipped_box(m, index, k, t);
  box.image += op->image_first - m->graph->tensors[m->plans[index].operands[k].ref.tensor].image_first;
  if ((k == SA_OPERAND_OUT || k == SA_OPERAND_RESIDUAL) && op->kind == SA_KIND_GEMM) {
    box.channel += m->plans[index].block_first;
    box.channels = m->plans[index].block_channels;
  }
  if (k == SA_OPERAND_A && op->kind != SA_KIND_GEMM) /* pools read no halo */
    clip_box(&m->graph->tensors[op->a.tensor].shape, &box);
  return box;
}

uint64_t sa_slot_bytes(const struct sa_mapper *m, uint32_t op, uint32_t k, const struct sa_choice *c) {
  struct sa_tile t = c->size;
  t.image = t.row = t.col = 0;
  const struct sa_box box = unclipped_box(m, op, k, &t);
  const struct sa_shape *shape = &m->graph->tensors[m->plans[op].operands[k].ref.tensor].shape;
  const bool clips = m->graph->ops[op].kind != SA_KIND_GEMM;
  const uint64_t rows = clips && box.rows > shape->h ? shape->h : box.rows;
  const uint64_t cols = clips && box.cols > shape->w ? shape->w : box.cols;
  uint64_t channels = box.channels;
  if ((k == SA_OPERAND_OUT || k == SA_OPERAND_RESIDUAL) && c->n_block < m->mapping->ops[op].n_tiles)
    channels = (uint64_t)c->n_block * m->config->array_cols; /* one block of tiles of N */
  if (channels > box.channels) channels = box.channels;
  return box.images * rows * cols * channels;
}
