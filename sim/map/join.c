/* Joined ops: an operation of VECTOR alone whose operand the op before computes does each of its tiles as
 * soon as the rows it reads are written, so that VECTOR uses the time between the array's groups. */
#include "map/mapper.h"

/* More ops in a chain would only keep more tensors alive at once. */
enum { MAX_CHAIN = 4 };

static bool vector_alone(const struct sa_op *op) {
  return op->kind != SA_KIND_GEMM && op->kind != SA_KIND_ATTENTION && op->kind != SA_KIND_LSTM;
}

static bool reads(const struct sa_op *op, uint32_t tensor) {
  return op->a.tensor == tensor || op->b.tensor == tensor || op->residual.tensor == tensor;
}

/* Whether op `index` may join the chain that begins with `first`: it reads the result before it, and all
 * that it reads from the chain is in the buffer. */
static bool may_join(const struct sa_mapper *m, uint32_t first, uint32_t index) {
  const struct sa_op *op = &m->graph->ops[index];
  if (index - first >= MAX_CHAIN || m->apart[index] || !vector_alone(op) || op[-1].kind == SA_KIND_LSTM ||
      !reads(op, op[-1].out.tensor))
    return false;
  for (uint32_t i = first; i < index; i++) {
    const uint32_t tensor = m->graph->ops[i].out.tensor;
    if (reads(op, tensor) && !m->mapping->tensors[tensor].resident) return false;
  }
  return true;
}

void sa_join_ops(struct sa_mapper *m) {
  uint32_t first = 0;
  for (uint32_t i = 0; i < m->graph->op_count; i++) {
    m->plans[i].joined = i > 0 && may_join(m, first, i);
    if (!m->plans[i].joined) first = i;
    m->plans[i].phase = first;
  }
}

void sa_join_done(struct sa_mapper *m, uint32_t index, const struct sa_tile *t) {
  const struct sa_op *op = &m->graph->ops[index];
  const struct sa_shape *shape = &m->graph->tensors[op->out.tensor].shape;
  struct sa_op_plan *plan = &m->plans[index];
  const bool last_col = t->col + t->cols == plan->whole.cols;
  const uint32_t image = sa_operand_box(m, index, SA_OPERAND_OUT, t).image + t->images - 1;
  const uint32_t scale = op->kind == SA_KIND_UPSAMPLE ? op->window.kernel_h : 1;
  if (op->kind == SA_KIND_ATTENTION && shape->h != plan->whole.rows) {
    /* heads side by side in the channels: lines are complete with the last head */
    if (last_col && t->row + 1 == plan->whole.rows) plan->lines_done = (image + 1) * shape->w;
  } else if (shape->h > 1) {
    plan->lines_done = image * shape->h + scale * (last_col ? t->row + t->rows : t->row);
  } else if (op->kind != SA_KIND_UPSAMPLE) {
    plan->lines_done = image * shape->w + t->col + t->cols;
  } else if (last_col) {
    plan->lines_done = (image + 1) * shape->w;
  }
}

/* Lines of the tensor, in order, up to the last that a box reads. */
static uint32_t lines_needed(const struct sa_shape *shape, const struct sa_box *box) {
  const int64_t end = shape->h > 1 ? box->row + box->rows : box->col + box->cols;
  const uint32_t size = shape->h > 1 ? shape->h : shape->w;
  return (box->image + box->images - 1) * size + (end < size ? (uint32_t)end : size);
}

bool sa_join_ready(const struct sa_mapper *m, uint32_t index, const struct sa_tile *t) {
  const struct sa_op_plan *plan = &m->plans[index];
  for (uint32_t k = SA_OPERAND_A; k <= SA_OPERAND_RESIDUAL; k++) {
    const uint32_t tensor = plan->operands[k].ref.tensor;
    if (tensor == SA_NONE) continue;
    const struct sa_box box = sa_operand_box(m, index, k, t);
    const uint32_t needed = lines_needed(&m->graph->tensors[tensor].shape, &box);
    for (uint32_t i = plan->phase; i < index; i++)
      if (m->graph->ops[i].out.tensor == tensor && m->plans[i].lines_done < needed) return false;
  }
  return true;
}
