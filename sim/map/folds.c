/* How a GEMM's reduction is packed into folds and its columns into tiles of N. A fold is up to array.rows
 * contiguous bytes of one kernel row: the whole row's kernel_w x c bytes where pixels are side by side, of
 * one tap otherwise; kernel rows that are contiguous themselves (a kernel as wide as its input) are one. */
#include <stdlib.h>

#include "map/mapper.h"

/* Columns [index * cols, ...) of a run of n. */
static uint32_t used_of(uint32_t n, uint32_t cols, uint32_t index) {
  const uint32_t left = n - index * cols;
  return left < cols ? left : cols;
}

struct sa_n_tile sa_n_tile(const struct sa_config *config, const struct sa_op *op, uint32_t index) {
  const uint32_t n = op->out.c_count;
  if (op->kind == SA_KIND_LSTM) { /* gates, each n wide */
    const uint32_t tiles = sa_ceil_div(n, config->array_cols), in_gate = index % tiles;
    return (struct sa_n_tile){index / tiles * n + in_gate * config->array_cols,
                              used_of(n, config->array_cols, in_gate), 0};
  }
  if (sa_op_is_depthwise(op)) {
    const uint32_t side = config->array_rows < config->array_cols ? config->array_rows : config->array_cols;
    return (struct sa_n_tile){index * side, used_of(n, side, index), index * side};
  }
  const uint32_t group_n = n / op->groups, tiles = sa_ceil_div(group_n, config->array_cols);
  const uint32_t group = index / tiles, in_group = index % tiles;
  return (struct sa_n_tile){group * group_n + in_group * config->array_cols,
                            used_of(group_n, config->array_cols, in_group),
                            group * (op->a.c_count / op->groups)};
}

static uint32_t count_n_tiles(const struct sa_config *config, const struct sa_op *op) {
  if (sa_op_is_depthwise(op))
    return sa_ceil_div(op->out.c_count, config->array_rows < config->array_cols ? config->array_rows
                                                                               : config->array_cols);
  return op->groups * sa_ceil_div(op->out.c_count / op->groups, config->array_cols);
}

/* A run of contiguous bytes of the window, cut into folds. */
static void cut_run(struct sa_op_map *map, uint32_t rows, uint32_t ky, uint32_t kx, uint64_t bytes,
                    uint32_t *k) {
  for (uint64_t byte = 0; byte < bytes; byte += rows) {
    const uint32_t used = (uint32_t)(bytes - byte < rows ? bytes - byte : rows);
    map->folds[map->fold_count++] = (struct sa_fold){*k, used, ky, kx, (uint32_t)byte};
    *k += used;
  }
}

/* The shape of the runs: how many in each direction, and their length. */
struct runs { uint32_t ky, kx; uint64_t bytes; };

static struct runs find_runs(const struct sa_mapper *m, uint32_t index) {
  const struct sa_op *op = &m->graph->ops[index];
  const struct sa_window *w = &op->window;
  const struct sa_operand *a = &m->plans[index].operands[SA_OPERAND_A];
  const struct sa_tensor *t = &m->graph->tensors[a->ref.tensor];
  const uint32_t c = op->a.c_count / op->groups;
  const bool side_by_side = op->groups == 1 && w->dilation_w == 1 &&
                            (a->streamed || op->a.c_count == t->shape.c);
  if (!side_by_side) return (struct runs){w->kernel_h, w->kernel_w, c};
  const uint64_t row_bytes = (uint64_t)w->kernel_w * c;
  const bool rows_too = w->kernel_w == t->shape.w && w->dilation_h == 1 && w->pad_left == 0 &&
                        m->plans[index].whole.cols == 1 &&
                        (a->streamed || (t->pad_left == 0 && t->pad_right == 0));
  if (rows_too && row_bytes * w->kernel_h <= INT32_MAX)
    return (struct runs){1, 1, row_bytes * w->kernel_h};
  return (struct runs){w->kernel_h, 1, row_bytes};
}

/* Room for `count` folds of an op, none used. */
static enum sa_status reserve(struct sa_mapper *m, struct sa_op_map *map, uint64_t count) {
  struct sa_fold *folds = count <= SIZE_MAX / sizeof *folds ? realloc(map->folds, count * sizeof *folds) : NULL;
  if (!folds)
    return sa_fail(m->error, SA_ERR_MEMORY, "mapping: out of memory for %llu folds", (unsigned long long)count);
  map->folds = folds;
  map->fold_count = 0;
  return SA_OK;
}

static uint64_t folds_of(uint64_t bytes, uint32_t rows) { return (bytes + rows - 1) / rows; }

enum sa_status sa_fold_attention(struct sa_mapper *m, uint32_t index) {
  const struct sa_op *op = &m->graph->ops[index];
  const struct sa_layer *layer = &m->net->layers[op->layer];
  struct sa_op_map *map = &m->mapping->ops[index];
  map->n_tiles = (uint32_t)((layer->gemm_n + m->config->array_cols - 1) / m->config->array_cols);
  const enum sa_status status = reserve(m, map, folds_of(layer->gemm_k, m->config->array_rows));
  uint32_t k = 0;
  if (status == SA_OK) cut_run(map, m->config->array_rows, 0, 0, layer->gemm_k, &k);
  return status;
}

enum sa_status sa_fold_lstm(struct sa_mapper *m, uint32_t index) {
  const struct sa_op *op = &m->graph->ops[index];
  struct sa_op_map *map = &m->mapping->ops[index];
  const uint32_t rows = m->config->array_rows, features = op->a.c_count, hidden = op->out.c_count;
  map->n_tiles = op->gates * sa_ceil_div(hidden, m->config->array_cols);
  const enum sa_status status = reserve(m, map, folds_of(features, rows) + folds_of(hidden, rows));
  uint32_t k = 0;
  if (status == SA_OK) {
    cut_run(map, rows, 0, 0, features, &k); /* kernel row 0: x, 1: h of the step before */
    cut_run(map, rows, 1, 0, hidden, &k);
  }
  return status;
}

enum sa_status sa_fold_gemm(struct sa_mapper *m, uint32_t index) {
  const struct sa_op *op = &m->graph->ops[index];
  struct sa_op_map *map = &m->mapping->ops[index];
  const struct runs runs = find_runs(m, index);
  const uint32_t rows = m->config->array_rows;
  map->n_tiles = count_n_tiles(m->config, op);
  map->depthwise = sa_op_is_depthwise(op);
  const enum sa_status status =
      reserve(m, map, (uint64_t)runs.ky * runs.kx * folds_of(runs.bytes, rows));
  if (status != SA_OK) return status;
  uint32_t k = 0;
  for (uint32_t ky = 0; ky < runs.ky; ky++)
    for (uint32_t kx = 0; kx < runs.kx; kx++) cut_run(map, rows, ky, kx, runs.bytes, &k);
  return SA_OK;
}
