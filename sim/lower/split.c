/* Splitting a stretch of a graph by images: the stretch is repeated for each part of the batch, on tensors
 * of its own where they live only inside of it. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lower/lower.h"

/* Whether a tensor lives only in ops first..last. */
static bool is_inside(const struct sa_tensor *t, uint32_t first, uint32_t last) {
  return !t->is_input && t->first_op != SA_NONE && t->first_op >= first && t->last_op <= last;
}

/* Tensor `tensor` as part `part` sees it. inside[]: first part's number, or SA_NONE. */
static uint32_t tensor_of(const uint32_t *inside, uint32_t tensor, uint32_t part) {
  return tensor == SA_NONE || inside[tensor] == SA_NONE ? tensor : part == 0 ? tensor : inside[tensor] + part - 1;
}

/* Appends the further parts of every tensor inside; inside[] gets the number of the second. */
static void split_tensors(const struct sa_graph *from, uint32_t first, uint32_t last, uint32_t images,
                          uint32_t parts, struct sa_graph *to, uint32_t *inside) {
  for (uint32_t i = 0; i < from->tensor_count; i++) {
    struct sa_tensor *t = &to->tensors[i];
    inside[i] = SA_NONE;
    if (!is_inside(&from->tensors[i], first, last)) continue;
    inside[i] = to->tensor_count;
    const uint32_t all = t->shape.n;
    t->shape.n = images;
    for (uint32_t part = 1; part < parts; part++) {
      struct sa_tensor *next = &to->tensors[to->tensor_count++];
      *next = *t;
      next->image_first = part * images;
      next->shape.n = all - next->image_first < images ? all - next->image_first : images;
    }
  }
}

static void append_part(const struct sa_graph *from, uint32_t index, uint32_t part, uint32_t images,
                        const uint32_t *inside, struct sa_graph *to, uint32_t first_part) {
  const struct sa_op *op = &from->ops[index];
  struct sa_op *copy = &to->ops[to->op_count++];
  *copy = *op;
  copy->image_first = part * images;
  copy->images = op->images - copy->image_first < images ? op->images - copy->image_first : images;
  copy->part_of = first_part;
  copy->a.tensor = tensor_of(inside, op->a.tensor, part);
  copy->b.tensor = tensor_of(inside, op->b.tensor, part);
  copy->residual.tensor = tensor_of(inside, op->residual.tensor, part);
  copy->out.tensor = tensor_of(inside, op->out.tensor, part);
}

enum sa_status sa_graph_split(const struct sa_graph *from, uint32_t first, uint32_t last, uint32_t images,
                              struct sa_graph *to, struct sa_error *error) {
  assert(first <= last && last < from->op_count && images >= 1 && images < from->ops[first].images);
  const uint32_t parts = (from->ops[first].images + images - 1) / images, stretch = last - first + 1;
  sa_graph_init(to);
  const size_t tensors = (size_t)from->tensor_count * parts, ops = from->op_count + (size_t)stretch * (parts - 1);
  uint32_t layers = 0;
  for (uint32_t i = 0; i < from->tensor_count; i++)
    if (from->tensors[i].layer >= layers) layers = from->tensors[i].layer + 1;
  for (uint32_t i = 0; i < from->op_count; i++)
    if (from->ops[i].layer >= layers) layers = from->ops[i].layer + 1;
  to->tensors = calloc(tensors + 1, sizeof *to->tensors);
  to->ops = calloc(ops + 1, sizeof *to->ops);
  to->layers = calloc((size_t)layers + 1, sizeof *to->layers);
  uint32_t *inside = calloc((size_t)from->tensor_count + 1, sizeof *inside);
  if (!to->tensors || !to->ops || !to->layers || !inside) {
    free(inside);
    sa_graph_release(to);
    return sa_fail(error, SA_ERR_MEMORY, "lowering: out of memory for %u parts of a batch", parts);
  }
  memcpy(to->tensors, from->tensors, from->tensor_count * sizeof *to->tensors);
  memcpy(to->layers, from->layers, layers * sizeof *to->layers);
  to->tensor_count = from->tensor_count;
  split_tensors(from, first, last, images, parts, to, inside);
  for (uint32_t i = 0; i < first; i++) to->ops[to->op_count++] = from->ops[i];
  for (uint32_t part = 0; part < parts; part++)
    for (uint32_t i = first; i <= last; i++) append_part(from, i, part, images, inside, to, i);
  for (uint32_t i = last + 1; i < from->op_count; i++) {
    struct sa_op *op = &to->ops[to->op_count];
    *op = from->ops[i];
    op->part_of = to->op_count++;
  }
  free(inside);
  sa_graph_find_lifetimes(to);
  return SA_OK;
}
