/* sa_map: lowering, plan, layout, emission in turn. */
#include "map/map.h"

#include <stdlib.h>
#include <string.h>

#include "map/mapper.h"

void sa_mapping_init(struct sa_mapping *mapping) {
  memset(mapping, 0, sizeof *mapping);
  sa_graph_init(&mapping->graph);
  sa_program_init(&mapping->program);
}

void sa_mapping_release(struct sa_mapping *mapping) {
  for (uint32_t i = 0; mapping->ops && i < mapping->graph.op_count; i++) {
    if (mapping->ops[i].borrowed) continue;
    free(mapping->ops[i].folds);
    free(mapping->ops[i].tile_addr);
  }
  free(mapping->ops);
  free(mapping->tensors);
  sa_graph_release(&mapping->graph);
  sa_program_release(&mapping->program);
  sa_mapping_init(mapping);
}

/* One way to map: a graph and its plan. */
struct attempt {
  struct sa_mapping mapping;
  struct sa_mapper m;
  uint64_t cost; /* estimated cycles */
};

static void attempt_release(struct attempt *a) {
  sa_places_release(&a->m.places);
  free(a->m.plans);
  free(a->m.tensors);
  free(a->m.frugal);
  free(a->m.apart);
  free(a->m.tail_blocks);
  free(a->m.event_pool);
  free(a->m.ghosts);
  free(a->m.fold_order);
  free(a->m.fold_wait);
  sa_mapping_release(&a->mapping);
  memset(a, 0, sizeof *a);
}

/* Sum of the layers' estimates. */
static uint64_t estimate(const struct sa_mapping *mapping) {
  uint64_t sum = 0;
  for (uint32_t i = 0; i < mapping->graph.op_count; i++) {
    const struct sa_op_map *op = &mapping->ops[i];
    uint64_t most = op->array_cycles;
    if (op->weight_cycles > most) most = op->weight_cycles;
    if (op->vector_cycles > most) most = op->vector_cycles;
    if (op->memory_cycles > most) most = op->memory_cycles;
    sum += most + op->tail_cycles;
  }
  return sum;
}

/* What is mapped: all of a network, or as many repetitions of its repeated block as are kept. */
struct task {
  const struct sa_config *config;
  const struct sa_net *net;
  const struct sa_map_options *options;
  const struct sa_graph *whole;
  struct sa_repeat repeat; /* count 0: none is looked at */
  uint32_t kept, tail;
  struct sa_error *error;
};

/* The network's operations as this machine does them. */
static enum sa_status lower(const struct sa_config *config, const struct sa_net *net, struct sa_graph *graph,
                            struct sa_error *error) {
  enum sa_status status = sa_lower(net, config->array_rows, graph, error);
  if (status != SA_OK) return status;
  sa_merge_groups(config, graph);
  status = sa_slice_pools(config, graph, error);
  if (status != SA_OK) sa_graph_release(graph);
  return status;
}

static enum sa_status make_graph(const struct task *task, struct sa_graph *graph) {
  if (task->kept < task->repeat.count)
    return sa_graph_shorten(task->net, task->whole, &task->repeat, task->kept, graph, task->error);
  return lower(task->config, task->net, graph, task->error);
}

/* Plans the graph that attempt->mapping holds. */
static enum sa_status plan(struct attempt *a, const struct task *task) {
  const struct sa_graph *g = &a->mapping.graph;
  struct sa_mapper *m = &a->m;
  *m = (struct sa_mapper){.config = task->config,
                          .net = task->net,
                          .options = task->options,
                          .mapping = &a->mapping,
                          .graph = g,
                          .error = task->error,
                          .repeat = task->repeat,
                          .kept = task->kept,
                          .tail = task->tail};
  sa_places_init(&m->places, task->config);
  a->mapping.ops = calloc((size_t)g->op_count + 1, sizeof *a->mapping.ops);
  a->mapping.tensors = calloc((size_t)g->tensor_count + 1, sizeof *a->mapping.tensors);
  m->plans = calloc((size_t)g->op_count + 1, sizeof *m->plans);
  m->tensors = calloc((size_t)g->tensor_count + 1, sizeof *m->tensors);
  m->frugal = calloc((size_t)g->op_count + 1, sizeof *m->frugal);
  m->apart = calloc((size_t)g->op_count + 1, sizeof *m->apart);
  if (!m->apart || !a->mapping.ops || !a->mapping.tensors || !m->plans || !m->tensors || !m->frugal)
    return sa_fail(task->error, SA_ERR_MEMORY, "mapping: out of memory for %u operations", g->op_count);
  const enum sa_status status = sa_plan(m);
  if (status == SA_OK) a->cost = estimate(&a->mapping);
  return status;
}

/* The ops between the first and the last use of tensors that found no place; false if there are none, or
 * what lies between them cannot be split. */
static bool find_stretch(const struct sa_mapping *mapping, uint32_t *first, uint32_t *last) {
  *first = SA_NONE;
  *last = 0;
  for (uint32_t i = 0; i < mapping->graph.tensor_count; i++) {
    const struct sa_tensor *t = &mapping->graph.tensors[i];
    if (mapping->tensors[i].resident || t->first_op == SA_NONE || t->is_input) continue;
    if (t->first_op < *first) *first = t->first_op;
    if (t->last_op > *last) *last = t->last_op;
  }
  if (*first == SA_NONE) return false;
  for (uint32_t i = *first; i <= *last; i++) {
    const struct sa_op *op = &mapping->graph.ops[i];
    if (op->kind == SA_KIND_LSTM || op->images != mapping->graph.ops[*first].images) return false;
  }
  return true;
}

/* Where tensors of a batch find no place in the buffer, the stretch of ops that uses them may do with parts of
 * the batch: halves, quarters ... single images. Keeps the way with the least estimate; *parts: it is one. */
static enum sa_status try_parts(struct attempt *best, const struct task *task, bool *parts) {
  uint32_t first, last;
  *parts = false;
  if (!find_stretch(&best->mapping, &first, &last)) return SA_OK;
  struct sa_graph whole; /* what is split; best may change */
  const uint32_t batch = best->mapping.graph.ops[first].images;
  if (batch < 2) return SA_OK;
  struct task of_parts = *task;
  of_parts.repeat.count = of_parts.kept = 0;
  enum sa_status status = make_graph(task, &whole);
  if (status != SA_OK) return status;
  for (uint32_t images = (batch + 1) / 2; status == SA_OK; images = (images + 1) / 2) {
    struct attempt next = {.cost = 0};
    sa_mapping_init(&next.mapping);
    status = sa_graph_split(&whole, first, last, images, &next.mapping.graph, task->error);
    if (status == SA_OK) status = plan(&next, &of_parts);
    if (status == SA_OK && next.cost < best->cost) {
      attempt_release(best);
      *best = next;
      best->m.mapping = &best->mapping; /* it points into itself */
      best->m.graph = &best->mapping.graph;
      *parts = true;
    } else {
      attempt_release(&next);
    }
    if (status == SA_ERR_LIMIT) status = SA_OK;
    if (images == 1) break;
  }
  sa_graph_release(&whole);
  return status;
}

/* Maps the task's graph. *done is false if the short cut of leaving repetitions out does not work. */
static enum sa_status run_task(const struct task *task, struct sa_graph *whole, struct sa_mapping *mapping,
                               bool *done) {
  const bool is_short = task->kept < task->repeat.count;
  struct attempt best = {.cost = 0};
  bool parts = false;
  sa_mapping_init(&best.mapping);
  *done = false;
  enum sa_status status = make_graph(task, &best.mapping.graph);
  if (status == SA_OK) status = plan(&best, task);
  if (status == SA_OK) status = try_parts(&best, task, &parts);
  if (status == SA_OK && best.m.repeat.count && sa_repeat_cut(&best.m) == SA_NONE) {
    best.m.repeat.count = best.m.kept = 0;
  }
  if (status == SA_OK && (!is_short || best.m.repeat.count)) {
    status = sa_layout(&best.m);
    if (status == SA_OK) status = sa_emit_program(&best.m, done);
    if (status == SA_OK && *done && is_short) status = sa_repeat_expand(&best.m, whole);
  }
  if (status == SA_OK && *done) {
    best.mapping.buffer_peak_bytes = best.m.places.peak_bytes;
    best.mapping.repeat = best.m.repeat;
    best.mapping.expanded = is_short;
    *mapping = best.mapping;
    sa_mapping_init(&best.mapping); /* moved */
  }
  attempt_release(&best);
  return status;
}

/* Whether a user's choice for one layer makes a repetition unlike the others. */
static bool overrides_one(const struct sa_map_options *options, const struct sa_repeat *r) {
  for (size_t i = 0; i < options->override_count; i++) {
    const uint32_t layer = options->overrides[i].layer;
    if (layer >= r->first_layer && layer - r->first_layer < r->layers * r->count) return true;
  }
  return false;
}

/* Repetitions that are mapped, and how many of them may differ at the end: two to compare in between, and more
 * where more of the first or of the last ones differ. */
static const struct { uint32_t kept, tail; } ways[] = {{4, 1}, {5, 1}, {5, 2}, {6, 2}};

enum sa_status sa_map(const struct sa_config *config, const struct sa_net *net,
                      const struct sa_map_options *options, struct sa_mapping *mapping,
                      struct sa_error *error) {
  static const struct sa_map_options defaults;
  struct sa_graph whole;
  sa_mapping_init(mapping);
  struct task task = {.config = config,
                      .net = net,
                      .options = options ? options : &defaults,
                      .whole = &whole,
                      .error = error};
  enum sa_status status = lower(config, net, &whole, error);
  if (status != SA_OK) return status;
  bool done = false;
  sa_graph_find_repeat(net, &whole, &task.repeat);
  const bool may_leave_out = !task.options->every_block && !overrides_one(task.options, &task.repeat);
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    task.kept = ways[i].kept;
    task.tail = ways[i].tail;
    if (may_leave_out && task.kept < task.repeat.count && !done && status == SA_OK)
      status = run_task(&task, &whole, mapping, &done);
  }
  task.kept = task.repeat.count;
  if (!done && status == SA_OK) status = run_task(&task, &whole, mapping, &done);
  sa_graph_release(&whole);
  return status;
}
