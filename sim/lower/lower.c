/* From layers to operations; see lower.h. */
#include "lower/lower.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* A network input is interleaved if its convolution needs at most this share of the folds then. */
enum { INTERLEAVE_MAX_CHANNELS = 4, INTERLEAVE_GAIN_NUM = 4, INTERLEAVE_GAIN_DEN = 5 };

/* Where a layer's output is written: into itself or into a range of a CONCAT's output. */
struct alias { uint32_t layer, c_first; };

struct lowering {
  const struct sa_net *net;
  struct sa_graph *graph;
  uint32_t array_rows;
  struct alias *aliases; /* [layer_count]; layer == own number: none */
  uint32_t *uses;        /* [layer_count] how often an output is read */
  uint32_t *heads;       /* [layer_count] heads of keys or values in it, if it is read as nothing else; else 1 */
};

void sa_graph_init(struct sa_graph *graph) { memset(graph, 0, sizeof *graph); }

void sa_graph_release(struct sa_graph *graph) {
  free(graph->tensors);
  free(graph->ops);
  free(graph->layers);
  sa_graph_init(graph);
}

static void count_uses(struct lowering *l) {
  for (uint32_t i = 0; i < l->net->layer_count; i++) {
    const struct sa_layer *layer = &l->net->layers[i];
    for (uint32_t k = 0; k < layer->input_count; k++) {
      const struct sa_layer_input *in = &layer->inputs[k];
      const bool whole = in->c_count == l->net->layers[in->layer].out.c;
      const uint32_t heads = layer->kind == SA_LAYER_MATMUL && k == 1 && whole ? layer->kv_heads : 1;
      const uint32_t so_far = l->heads[in->layer];
      l->heads[in->layer] = l->uses[in->layer]++ == 0 || so_far == heads ? heads : 1;
    }
    if (layer->has_residual) {
      l->uses[layer->residual.layer]++;
      l->heads[layer->residual.layer] = 1;
    }
  }
}

/* A CONCAT's input is written in place if it is a whole computed tensor that no other CONCAT took. */
static void find_aliases(struct lowering *l) {
  for (uint32_t i = 0; i < l->net->layer_count; i++) l->aliases[i] = (struct alias){i, 0};
  for (uint32_t i = 0; i < l->net->layer_count; i++) {
    const struct sa_layer *layer = &l->net->layers[i];
    if (layer->kind != SA_LAYER_CONCAT) continue;
    uint32_t c_first = 0;
    for (uint32_t k = 0; k < layer->input_count; k++) {
      const struct sa_layer_input *in = &layer->inputs[k];
      const struct sa_layer *from = &l->net->layers[in->layer];
      if (from->kind != SA_LAYER_INPUT && from->kind != SA_LAYER_CACHE && in->c_count == from->out.c &&
          l->aliases[in->layer].layer == in->layer)
        l->aliases[in->layer] = (struct alias){i, c_first};
      c_first += in->c_count;
    }
  }
}

static uint32_t add_tensor(struct sa_graph *g, uint32_t layer, const struct sa_shape *shape) {
  g->tensors[g->tensor_count] = (struct sa_tensor){.shape = *shape,
                                                   .layer = layer,
                                                   .first_op = SA_NONE,
                                                   .last_op = SA_NONE,
                                                   .home = SA_NONE,
                                                   .appended = SA_NONE,
                                                   .part_of = g->tensor_count,
                                                   .whole_images = shape->n};
  return g->tensor_count++;
}

/* Every layer's place, CONCATs after their inputs resolved from the end. */
static void place_layers(struct lowering *l) {
  struct sa_graph *g = l->graph;
  for (uint32_t i = l->net->layer_count; i-- > 0;) {
    const struct sa_layer *layer = &l->net->layers[i];
    const struct alias *alias = &l->aliases[i];
    if (alias->layer != i) {
      const struct sa_ref *in = &g->layers[alias->layer];
      g->layers[i] = (struct sa_ref){in->tensor, in->c_first + alias->c_first, layer->out.c};
      continue;
    }
    if (layer->kind == SA_LAYER_CACHE) continue; /* lower_cache decides */
    g->layers[i] = (struct sa_ref){add_tensor(g, i, &layer->out), 0, layer->out.c};
    g->tensors[g->layers[i].tensor].is_input = layer->kind == SA_LAYER_INPUT;
  }
  for (uint32_t i = 0; i < l->net->layer_count; i++)
    if (l->uses[i] == 0 && l->net->layers[i].kind != SA_LAYER_INPUT && l->net->layers[i].kind != SA_LAYER_CACHE)
      g->tensors[g->layers[i].tensor].is_output = true;
}

static struct sa_ref ref_of(const struct lowering *l, const struct sa_layer_input *in) {
  const struct sa_ref *from = &l->graph->layers[in->layer];
  return (struct sa_ref){from->tensor, from->c_first + in->c_first, in->c_count};
}

static uint32_t ceil_div(uint32_t a, uint32_t b) { return (a + b - 1) / b; }

/* Folds of one filter of a convolution, plain and interleaved. */
static bool interleaving_pays(const struct lowering *l, const struct sa_layer *layer, uint32_t c) {
  const uint32_t r = l->array_rows, kh = layer->kernel_h, kw = layer->kernel_w;
  uint64_t plain, interleaved;
  if (layer->dilation_w == 1) {
    plain = (uint64_t)kh * ceil_div(kw * c, r);
    interleaved = ceil_div(kh * kw * c, r);
  } else {
    plain = (uint64_t)kh * kw * ceil_div(c, r);
    interleaved = (uint64_t)kw * ceil_div(kh * c, r);
  }
  return interleaved * INTERLEAVE_GAIN_DEN <= plain * INTERLEAVE_GAIN_NUM;
}

/* Stores the input of a convolution row-interleaved if it may be and pays; then the kernel is one row. */
static void try_interleave(struct lowering *l, const struct sa_layer *layer, struct sa_op *op) {
  const struct sa_layer_input *in = &layer->inputs[0];
  const struct sa_layer *from = &l->net->layers[in->layer];
  if (from->kind != SA_LAYER_INPUT || l->uses[in->layer] != 1 || in->c_count != from->out.c ||
      in->c_count > INTERLEAVE_MAX_CHANNELS || layer->groups != 1 || layer->kernel_h == 1 ||
      !interleaving_pays(l, layer, in->c_count))
    return;
  struct sa_tensor *tensor = &l->graph->tensors[op->a.tensor];
  tensor->source_height = tensor->shape.h;
  tensor->source_channels = tensor->shape.c;
  tensor->interleave = layer->kernel_h;
  tensor->interleave_stride = layer->stride_h;
  tensor->interleave_dilation = layer->dilation_h;
  tensor->interleave_pad = layer->pad_top;
  tensor->shape.h = layer->out.h;
  tensor->shape.c *= layer->kernel_h;
  op->a.c_count = tensor->shape.c;
  op->window.kernel_h = op->window.stride_h = op->window.dilation_h = 1;
  op->window.pad_top = 0;
}

/* The halo that an op's window reads outside of its input. */
static void widen_halo(struct lowering *l, const struct sa_layer *layer, const struct sa_op *op) {
  struct sa_tensor *t = &l->graph->tensors[op->a.tensor];
  const struct sa_window *w = &op->window;
  const uint32_t rows = (layer->out.h - 1) * w->stride_h + (w->kernel_h - 1) * w->dilation_h + 1;
  const uint32_t cols = (layer->out.w - 1) * w->stride_w + (w->kernel_w - 1) * w->dilation_w + 1;
  const uint32_t bottom = rows > w->pad_top + t->shape.h ? rows - w->pad_top - t->shape.h : 0;
  const uint32_t right = cols > w->pad_left + t->shape.w ? cols - w->pad_left - t->shape.w : 0;
  if (w->pad_top > t->pad_top) t->pad_top = w->pad_top;
  if (w->pad_left > t->pad_left) t->pad_left = w->pad_left;
  if (bottom > t->pad_bottom) t->pad_bottom = bottom;
  if (right > t->pad_right) t->pad_right = right;
}

static struct sa_op *append_op(struct lowering *l, enum sa_op_kind kind, uint32_t layer) {
  struct sa_op *op = &l->graph->ops[l->graph->op_count++];
  *op = (struct sa_op){.kind = kind,
                       .layer = layer,
                       .a = {SA_NONE, 0, 0},
                       .b = {SA_NONE, 0, 0},
                       .residual = {SA_NONE, 0, 0},
                       .out = l->graph->layers[layer],
                       .window = {1, 1, 1, 1, 1, 1, 0, 0},
                       .groups = 1,
                       .merged = 1,
                       .images = l->net->layers[layer].out.n,
                       .part_of = l->graph->op_count - 1};
  return op;
}

/* A copy of a tensor's channels, value for value. */
static void append_copy(struct lowering *l, uint32_t layer, struct sa_ref from, struct sa_ref to) {
  struct sa_op *op = append_op(l, SA_KIND_MOVE, layer);
  op->a = from;
  op->out = to;
  op->copy_scale = 1; /* times 1, shift 0 */
}

/* The copies that a CONCAT still needs. */
static void lower_concat(struct lowering *l, uint32_t index) {
  const struct sa_layer *layer = &l->net->layers[index];
  uint32_t c_first = l->graph->layers[index].c_first;
  for (uint32_t k = 0; k < layer->input_count; k++) {
    const struct sa_layer_input *in = &layer->inputs[k];
    const struct sa_ref from = ref_of(l, in);
    const struct sa_ref to = {l->graph->layers[index].tensor, c_first, in->c_count};
    c_first += in->c_count;
    if (from.tensor == to.tensor && from.c_first == to.c_first) continue; /* written in place */
    append_copy(l, index, from, to);
  }
}

/* A cache: the new tokens are stored by whoever computes them, behind the tokens that lie in DRAM; attention
 * loads all of them. Without earlier tokens it reads the new ones where they are, and DRAM gets a copy. */
static void lower_cache(struct lowering *l, uint32_t index) {
  struct sa_graph *g = l->graph;
  const struct sa_layer *layer = &l->net->layers[index];
  struct sa_ref from = ref_of(l, &layer->inputs[0]);
  const struct sa_tensor *t = &g->tensors[from.tensor];
  const bool earlier = layer->out.w > t->shape.w;
  if (from.c_count != t->shape.c || t->is_input || t->is_cache) { /* no tensor of the cache's own */
    struct sa_shape shape = layer->out;
    shape.w = t->shape.w;
    const struct sa_ref copy = {add_tensor(g, index, &shape), 0, layer->out.c};
    append_copy(l, index, from, copy);
    from = copy;
  }
  g->tensors[from.tensor].is_cache = g->tensors[from.tensor].is_output = true;
  g->layers[index] = from;
  if (!earlier) return;
  const uint32_t heads = l->uses[index] ? l->heads[index] : 1;
  const struct sa_shape shape = {layer->out.n, heads, layer->out.w, layer->out.c / heads};
  const uint32_t home = add_tensor(g, index, &shape);
  g->tensors[home].is_input = g->tensors[home].is_cache = true;
  g->tensors[home].appended = from.tensor;
  g->tensors[from.tensor].home = home;
  g->layers[index].tensor = home;
}

static void lower_layer(struct lowering *l, uint32_t index) {
  static const enum sa_op_kind kinds[] = {
      [SA_LAYER_CONV] = SA_KIND_GEMM,       [SA_LAYER_FC] = SA_KIND_GEMM,
      [SA_LAYER_MATMUL] = SA_KIND_ATTENTION, [SA_LAYER_MAXPOOL] = SA_KIND_MAXPOOL,
      [SA_LAYER_AVGPOOL] = SA_KIND_AVGPOOL, [SA_LAYER_ADD] = SA_KIND_ADD,
      [SA_LAYER_MUL] = SA_KIND_MUL,         [SA_LAYER_ACT] = SA_KIND_MOVE,
      [SA_LAYER_SOFTMAX] = SA_KIND_SOFTMAX, [SA_LAYER_NORM] = SA_KIND_NORM,
      [SA_LAYER_LSTM] = SA_KIND_LSTM,       [SA_LAYER_GRU] = SA_KIND_LSTM,
      [SA_LAYER_RNN] = SA_KIND_LSTM,
      [SA_LAYER_UPSAMPLE] = SA_KIND_UPSAMPLE};
  const struct sa_layer *layer = &l->net->layers[index];
  if (layer->kind == SA_LAYER_INPUT) return;
  if (layer->kind == SA_LAYER_CONCAT) {
    lower_concat(l, index);
    return;
  }
  if (layer->kind == SA_LAYER_CACHE) {
    lower_cache(l, index);
    return;
  }
  struct sa_op *op = append_op(l, kinds[layer->kind], index);
  op->a = ref_of(l, &layer->inputs[0]);
  if (layer->input_count > 1) {
    op->b = ref_of(l, &layer->inputs[1]);
    const struct sa_shape *b = &l->net->layers[layer->inputs[1].layer].out;
    op->spread_b = (op->kind == SA_KIND_ADD || op->kind == SA_KIND_MUL) &&
                   (b->h != layer->out.h || b->w != layer->out.w);
    if (op->kind == SA_KIND_MUL && (op->b.c_count != op->a.c_count || layer->rotate)) op->period = op->b.c_count;
    op->rotate = layer->rotate;
  }
  if (op->kind == SA_KIND_LSTM) op->gates = sa_layer_gates(layer);
  if (layer->has_residual) op->residual = ref_of(l, &layer->residual);
  switch (layer->kind) {
    case SA_LAYER_CONV:
    case SA_LAYER_MAXPOOL:
    case SA_LAYER_AVGPOOL:
      op->window = (struct sa_window){layer->kernel_h, layer->kernel_w, layer->stride_h, layer->stride_w,
                                      layer->dilation_h, layer->dilation_w, layer->pad_top,
                                      layer->pad_left};
      if (layer->kind == SA_LAYER_CONV) {
        op->groups = layer->groups;
        try_interleave(l, layer, op);
        widen_halo(l, layer, op);
      }
      break;
    case SA_LAYER_FC:
      if (layer->flatten) {
        const struct sa_shape *in = &l->net->layers[layer->inputs[0].layer].out;
        op->window.kernel_h = in->h;
        op->window.kernel_w = in->w;
      }
      break;
    case SA_LAYER_UPSAMPLE:
      op->window.kernel_h = layer->kernel_h;
      op->window.kernel_w = layer->kernel_w;
      break;
    default: break;
  }
}

static void touch(struct sa_graph *g, const struct sa_ref *ref, uint32_t op) {
  if (ref->tensor == SA_NONE) return;
  struct sa_tensor *t = &g->tensors[ref->tensor];
  if (t->first_op == SA_NONE) t->first_op = op;
  t->last_op = op;
}

void sa_graph_find_lifetimes(struct sa_graph *g) {
  for (uint32_t i = 0; i < g->tensor_count; i++) g->tensors[i].first_op = g->tensors[i].last_op = SA_NONE;
  for (uint32_t i = 0; i < g->op_count; i++) {
    touch(g, &g->ops[i].a, i);
    touch(g, &g->ops[i].b, i);
    touch(g, &g->ops[i].residual, i);
    touch(g, &g->ops[i].out, i);
  }
}

enum sa_status sa_lower(const struct sa_net *net, uint32_t array_rows, struct sa_graph *graph,
                        struct sa_error *error) {
  sa_graph_init(graph);
  uint32_t max_ops = 0;
  for (uint32_t i = 0; i < net->layer_count; i++)
    max_ops += net->layers[i].kind == SA_LAYER_CONCAT ? net->layers[i].input_count : 1;
  struct lowering l = {.net = net, .graph = graph, .array_rows = array_rows};
  l.aliases = calloc((size_t)net->layer_count + 1, sizeof *l.aliases);
  l.uses = calloc((size_t)net->layer_count + 1, sizeof *l.uses);
  l.heads = calloc((size_t)net->layer_count + 1, sizeof *l.heads);
  graph->tensors = calloc(2 * (size_t)net->layer_count + 1, sizeof *graph->tensors); /* caches may have two */
  graph->layers = calloc((size_t)net->layer_count + 1, sizeof *graph->layers);
  graph->ops = calloc((size_t)max_ops + 1, sizeof *graph->ops);
  const bool complete = l.aliases && l.uses && l.heads && graph->tensors && graph->layers && graph->ops;
  if (complete) {
    count_uses(&l);
    find_aliases(&l);
    place_layers(&l);
    for (uint32_t i = 0; i < net->layer_count; i++) lower_layer(&l, i);
    sa_graph_find_lifetimes(graph);
  }
  free(l.aliases);
  free(l.uses);
  free(l.heads);
  if (complete) return SA_OK;
  sa_graph_release(graph);
  return sa_fail(error, SA_ERR_MEMORY, "lowering: out of memory for %u layers", net->layer_count);
}
