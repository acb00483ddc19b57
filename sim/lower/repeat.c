/* Repeated blocks in a graph: finding them, and the same graph with only some of the repetitions. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lower/lower.h"

enum { LEAST_COUNT = 6 }; /* with fewer, mapping all of them is as good */

/* ---- Layers ---- */

/* Whether an input of a layer in the repetition that begins with layer `start` is to it what `other` is to
 * the one that begins with `other_start`: a layer of the same repetition or the one before it, or one before
 * all of them. */
static bool same_source(const struct sa_repeat *r, uint32_t layer, uint32_t start, uint32_t other,
                        uint32_t other_start) {
  if (layer == other) return layer < r->first_layer;
  return layer + other_start == other + start && layer + r->layers >= start;
}

/* Whether two layers differ in nothing but their names and, if `linked`, their inputs are the corresponding
 * ones. All bytes are compared, so that no field can be forgotten. */
static bool same_layer(const struct sa_net *net, const struct sa_repeat *r, uint32_t one_start,
                       uint32_t two_start, uint32_t offset, bool linked) {
  struct sa_layer copies[2];
  const uint32_t starts[2] = {one_start, two_start};
  for (int k = 0; k < 2; k++) {
    struct sa_layer *copy = &copies[k];
    memcpy(copy, &net->layers[starts[k] + offset], sizeof *copy);
    memset(copy->name, 0, sizeof copy->name);
    copy->block = 0;
    for (uint32_t i = 0; i < copy->input_count; i++) copy->inputs[i].layer = 0;
    copy->residual.layer = 0;
    if (!linked) copy->spread = 0;
  }
  if (memcmp(&copies[0], &copies[1], sizeof copies[0]) != 0) return false;
  const struct sa_layer *one = &net->layers[one_start + offset], *two = &net->layers[two_start + offset];
  if (!linked) return true;
  for (uint32_t i = 0; i < one->input_count; i++)
    if (!same_source(r, one->inputs[i].layer, one_start, two->inputs[i].layer, two_start)) return false;
  return !one->has_residual || same_source(r, one->residual.layer, one_start, two->residual.layer, two_start);
}

/* The run of repetitions that begins with a layer: count 0 if they are few, or not all the same. */
static void find_run(const struct sa_net *net, uint32_t first, struct sa_repeat *r) {
  uint32_t end = first;
  *r = (struct sa_repeat){.first_layer = first};
  while (end < net->layer_count && net->layers[end].block == 1) end++;
  r->layers = end - first;
  uint32_t count = 1;
  for (bool same = true; same; count += same) {
    const uint32_t start = first + count * r->layers;
    same = r->layers <= net->layer_count - start;
    for (uint32_t i = 0; i < r->layers && same; i++) same = net->layers[start + i].block == count + 1;
  }
  if (count < LEAST_COUNT) return;
  for (uint32_t k = 0; k < count; k++) /* the first one's inputs come from elsewhere */
    for (uint32_t i = 0; i < r->layers; i++)
      if (k != 1 && !same_layer(net, r, first + r->layers, first + k * r->layers, i, k > 1)) return;
  r->count = count;
}

/* ---- Operations and tensors ---- */

static bool same_tensor(const struct sa_tensor *a, uint32_t a_start, const struct sa_tensor *b, uint32_t b_start) {
  if (a->first_op == SA_NONE || b->first_op == SA_NONE) return a->first_op == b->first_op;
  return a->first_op - a_start == b->first_op - b_start && a->last_op - a_start == b->last_op - b_start &&
         a->pad_top == b->pad_top && a->pad_left == b->pad_left && a->pad_bottom == b->pad_bottom &&
         a->pad_right == b->pad_right && a->is_input == b->is_input && a->is_output == b->is_output &&
         a->interleave == b->interleave;
}

/* Repetition of a layer, SA_NONE outside of them. */
static uint32_t repetition_of(const struct sa_repeat *r, uint32_t layer) {
  if (layer < r->first_layer) return SA_NONE;
  const uint32_t k = (layer - r->first_layer) / r->layers;
  return k < r->count ? k : SA_NONE;
}

/* Fills in the operations; false if those of the repetitions do not correspond. What the first and the last
 * one give to others may live longer or shorter. */
static bool find_ops(const struct sa_graph *g, struct sa_repeat *r) {
  uint32_t op = 0;
  while (op < g->op_count && g->ops[op].layer < r->first_layer) op++;
  r->first_op = op;
  while (op < g->op_count && g->ops[op].layer < r->first_layer + r->layers) op++;
  r->ops = op - r->first_op;
  if (r->ops == 0 || (uint64_t)r->ops * r->count > g->op_count - r->first_op) return false;
  for (uint32_t k = 0; k < r->count; k++)
    for (uint32_t i = 0; i < r->ops; i++) {
      const struct sa_op *a = &g->ops[r->first_op + i], *b = a + k * r->ops;
      if (a->kind != b->kind || a->layer + k * r->layers != b->layer || a->copy_scale != b->copy_scale) return false;
    }
  for (uint32_t i = 0; i < g->tensor_count; i++) { /* tensors are told apart by their layers */
    const struct sa_tensor *t = &g->tensors[i];
    if (g->layers[t->layer].tensor != i) return false;
    const uint32_t other = t->home != SA_NONE ? t->home : t->appended;
    if (other != SA_NONE && repetition_of(r, t->layer) != repetition_of(r, g->tensors[other].layer)) return false;
  }
  for (uint32_t k = 2; k + 1 < r->count; k++)
    for (uint32_t i = 0; i < r->layers; i++) {
      const uint32_t layer = r->first_layer + r->layers + i, other = layer + (k - 1) * r->layers;
      const struct sa_tensor *a = &g->tensors[g->layers[layer].tensor], *b = &g->tensors[g->layers[other].tensor];
      if (a->layer + (k - 1) * r->layers != b->layer ||
          !same_tensor(a, r->first_op + r->ops, b, r->first_op + k * r->ops))
        return false;
      /* nobody but the repetition itself and the next one reads it */
      if (b->last_op != SA_NONE && b->last_op >= r->first_op + (k + 2) * r->ops) return false;
    }
  return true;
}

bool sa_graph_find_repeat(const struct sa_net *net, const struct sa_graph *graph, struct sa_repeat *repeat) {
  *repeat = (struct sa_repeat){.count = 0};
  for (uint32_t i = 0; i < net->layer_count; i++) {
    if (net->layers[i].block != 1 || (i > 0 && net->layers[i - 1].block == 1)) continue;
    struct sa_repeat run;
    find_run(net, i, &run);
    if (run.count && find_ops(graph, &run) && run.ops * run.count > repeat->ops * repeat->count) *repeat = run;
  }
  return repeat->count > 0;
}

/* ---- Leaving repetitions out ---- */

/* Tensor of the same use in the short graph: what the last repetition reads of the one before it, it then
 * reads of the last one kept. */
static uint32_t keep(const struct sa_graph *from, const struct sa_repeat *r, uint32_t kept, const uint32_t *number,
                     uint32_t tensor) {
  if (tensor == SA_NONE || number[tensor] != SA_NONE) return tensor == SA_NONE ? tensor : number[tensor];
  const uint32_t layer = from->tensors[tensor].layer - (r->count - kept) * r->layers;
  return number[from->layers[layer].tensor];
}

static bool is_kept(uint32_t x, uint32_t first, uint32_t each, uint32_t count, uint32_t kept) {
  return x < first + (kept - 1) * each || x >= first + (count - 1) * each;
}

enum sa_status sa_graph_shorten(const struct sa_net *net, const struct sa_graph *from, const struct sa_repeat *r,
                                uint32_t kept, struct sa_graph *to, struct sa_error *error) {
  assert(kept >= 3 && kept < r->count);
  sa_graph_init(to);
  to->tensors = calloc((size_t)from->tensor_count + 1, sizeof *to->tensors);
  to->ops = calloc((size_t)from->op_count + 1, sizeof *to->ops);
  to->layers = calloc((size_t)net->layer_count + 1, sizeof *to->layers);
  uint32_t *number = malloc(((size_t)from->tensor_count + 1) * sizeof *number);
  if (!to->tensors || !to->ops || !to->layers || !number) {
    free(number);
    sa_graph_release(to);
    return sa_fail(error, SA_ERR_MEMORY, "lowering: out of memory for %u layers", net->layer_count);
  }
  for (uint32_t i = 0; i < from->tensor_count; i++) {
    number[i] = SA_NONE;
    if (!is_kept(from->tensors[i].layer, r->first_layer, r->layers, r->count, kept)) continue;
    number[i] = to->tensor_count++;
    to->tensors[number[i]] = from->tensors[i];
    to->tensors[number[i]].part_of = number[i];
    to->tensors[number[i]].first_op = to->tensors[number[i]].last_op = SA_NONE;
  }
  for (uint32_t i = 0; i < to->tensor_count; i++) {
    struct sa_tensor *t = &to->tensors[i];
    if (t->home != SA_NONE) t->home = number[t->home];
    if (t->appended != SA_NONE) t->appended = number[t->appended];
  }
  for (uint32_t i = 0; i < from->op_count; i++) {
    if (!is_kept(i, r->first_op, r->ops, r->count, kept)) continue;
    struct sa_op *op = &to->ops[to->op_count];
    *op = from->ops[i];
    op->part_of = to->op_count++;
    op->a.tensor = keep(from, r, kept, number, op->a.tensor);
    op->b.tensor = keep(from, r, kept, number, op->b.tensor);
    op->residual.tensor = keep(from, r, kept, number, op->residual.tensor);
    op->out.tensor = keep(from, r, kept, number, op->out.tensor);
  }
  for (uint32_t i = 0; i < net->layer_count; i++) {
    to->layers[i] = from->layers[i];
    to->layers[i].tensor = number[from->layers[i].tensor];
  }
  free(number);
  sa_graph_find_lifetimes(to);
  return SA_OK;
}
