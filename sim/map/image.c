/* The memory image: weights tile by tile, parameter planes, tables and inputs, seeded; and outputs back. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "map/mapper.h"
#include "net/quant.h"

enum { PARAM_BYTES = 8, TABLE_BYTES = 256 };

struct image {
  const struct sa_config *config;
  const struct sa_net *net;
  const struct sa_mapping *mapping;
  uint64_t seed;
  struct sa_memory *memory;
  struct sa_error *error;
};

/* Place in the layer's reduction of byte k of the packed window: an interleaved input holds
 * [kernel_w][kernel_h][c], all others [kernel_h][kernel_w][c]. */
static uint64_t reduction_index(const struct image *im, const struct sa_op *op, uint64_t k) {
  const struct sa_tensor *a = &im->mapping->graph.tensors[op->a.tensor];
  if (a->interleave == 0 || op->kind != SA_KIND_GEMM) return k;
  const uint64_t c = a->source_channels, kh = a->interleave, kw = op->window.kernel_w;
  const uint64_t kx = k / (kh * c), ky = k / c % kh;
  return (ky * kw + kx) * c + k % c;
}

/* Weight k of the packed window for output channel n. Of merged groups each has its own inputs and outputs, the
 * rest of the window is zero. */
static int8_t weight_at(const struct image *im, const struct sa_op *op, uint64_t k, uint32_t n) {
  uint64_t index = reduction_index(im, op, k);
  if (op->merged > 1) {
    const uint32_t wide = op->a.c_count / op->groups, c = wide / op->merged;
    const uint32_t group_n = op->out.c_count / op->groups / op->merged;
    const uint32_t channel = (uint32_t)(index % wide);
    if (channel / c != n / group_n % op->merged) return 0;
    index = index / wide * c + channel % c;
  }
  return sa_quant_weight(im->seed, im->net, op->layer, index, n);
}

static enum sa_status write_weights(const struct image *im, uint32_t index) {
  const struct sa_op *op = &im->mapping->graph.ops[index];
  const struct sa_op_map *map = &im->mapping->ops[index];
  if (!map->tile_addr) return SA_OK;
  int8_t *tile = malloc((size_t)im->config->array_rows * im->config->array_cols);
  if (!tile) return sa_fail(im->error, SA_ERR_MEMORY, "image: out of memory for a tile");
  enum sa_status status = SA_OK;
  for (uint32_t j = 0; j < map->n_tiles; j++) {
    const struct sa_n_tile n = sa_n_tile(im->config, op, j);
    for (uint32_t f = 0; f < map->fold_count && status == SA_OK; f++) {
      const struct sa_fold *fold = &map->folds[f];
      const uint32_t rows = map->depthwise ? 1 : fold->k_used;
      for (uint32_t r = 0; r < rows; r++)
        for (uint32_t c = 0; c < n.n_used; c++)
          tile[(size_t)r * n.n_used + c] = weight_at(im, op, fold->k_first + r, n.n_first + c);
      status = sa_memory_write(im->memory, sa_tile_address(map, j, f), tile,
                               (size_t)rows * n.n_used, im->error);
    }
  }
  free(tile);
  return status;
}

static uint64_t param_word(const struct image *im, const struct sa_op *op, uint64_t n) {
  const uint32_t bias = (uint32_t)sa_quant_bias(im->seed, im->net, op->layer, n);
  return bias | (uint64_t)sa_quant_scale(im->net, op->layer, n) << 32;
}

/* Planes of one tile of N. */
static void fill_planes(const struct image *im, const struct sa_op *op, uint32_t n_first, uint32_t n_used,
                        uint8_t *out) {
  for (uint32_t c = 0; c < n_used; c++) {
    const uint64_t word = param_word(im, op, n_first + c);
    for (uint32_t plane = 0; plane < PARAM_BYTES; plane++)
      out[(size_t)plane * n_used + c] = (uint8_t)(word >> 8 * plane);
  }
}

static enum sa_status write_params(const struct image *im, uint32_t index) {
  const struct sa_op *op = &im->mapping->graph.ops[index];
  const struct sa_op_map *map = &im->mapping->ops[index];
  if (map->param_bytes == 0) return SA_OK;
  uint8_t *bytes = malloc(map->param_bytes);
  if (!bytes) return sa_fail(im->error, SA_ERR_MEMORY, "image: out of memory for parameters");
  if (op->kind == SA_KIND_NORM) {
    const uint32_t n = op->out.c_count;
    for (uint64_t i = 0; i < map->param_bytes; i++)
      bytes[i] = (uint8_t)sa_quant_norm(im->seed, im->net, op->layer, (uint32_t)(i / n), i % n);
  } else {
    for (uint32_t j = 0; j < map->n_tiles; j++) {
      struct sa_n_tile n = sa_n_tile(im->config, op, j);
      if (op->kind == SA_KIND_ATTENTION) {
        const uint64_t left = map->param_bytes / PARAM_BYTES - (uint64_t)j * im->config->array_cols;
        n.n_first = j * im->config->array_cols;
        n.n_used = left < im->config->array_cols ? (uint32_t)left : im->config->array_cols;
      }
      fill_planes(im, op, n.n_first, n.n_used, bytes + (size_t)PARAM_BYTES * n.n_first);
    }
  }
  const enum sa_status status =
      sa_memory_write(im->memory, map->param_addr, bytes, map->param_bytes, im->error);
  free(bytes);
  return status;
}

static enum sa_status write_table(const struct image *im, uint32_t index) {
  uint8_t bytes[TABLE_BYTES];
  if (!im->mapping->table_used[index]) return SA_OK;
  if (index < SA_TABLE_EXP) {
    sa_quant_table((enum sa_activation)index, bytes);
  } else {
    uint16_t table[TABLE_BYTES];
    sa_quant_exp_table(table);
    for (int i = 0; i < TABLE_BYTES; i++)
      bytes[i] = (uint8_t)(index == SA_TABLE_EXP ? table[i] & 255 : table[i] >> 8);
  }
  return sa_memory_write(im->memory, im->mapping->table_addr[index], bytes, sizeof bytes, im->error);
}

/* One row of an input; an interleaved one gathers its source rows, zeros beyond the edges. */
static void fill_row(const struct image *im, const struct sa_tensor *t, uint64_t image, uint32_t row,
                     int8_t *out) {
  const uint64_t w = t->shape.w, c = t->shape.c, h = t->shape.h;
  if (t->appended != SA_NONE) { /* a cache's row is a head of all tokens */
    for (uint64_t i = 0; i < w * c; i++)
      out[i] = sa_quant_input(im->seed, im->net, t->layer, ((image * w + i / c) * h + row) * c + i % c);
    return;
  }
  if (t->interleave == 0) {
    const uint64_t first = (image * t->shape.h + row) * w * c;
    for (uint64_t i = 0; i < w * c; i++) out[i] = sa_quant_input(im->seed, im->net, t->layer, first + i);
    return;
  }
  const uint64_t sc = t->source_channels;
  for (uint32_t ky = 0; ky < t->interleave; ky++) {
    const int64_t y = (int64_t)row * t->interleave_stride + (int64_t)ky * t->interleave_dilation -
                      t->interleave_pad;
    const bool inside = y >= 0 && y < t->source_height;
    for (uint64_t x = 0; x < w; x++)
      for (uint64_t ch = 0; ch < sc; ch++) {
        const uint64_t at = ((image * t->source_height + (uint64_t)y) * w + x) * sc + ch;
        out[x * c + ky * sc + ch] = inside ? sa_quant_input(im->seed, im->net, t->layer, at) : 0;
      }
  }
}

static enum sa_status write_input(const struct image *im, uint32_t index) {
  const struct sa_tensor *t = &im->mapping->graph.tensors[index];
  if (!t->is_input || !im->mapping->tensors[index].in_dram) return SA_OK;
  const uint64_t row_bytes = (uint64_t)t->shape.w * t->shape.c;
  int8_t *row = malloc(row_bytes);
  if (!row) return sa_fail(im->error, SA_ERR_MEMORY, "image: out of memory for an input's row");
  enum sa_status status = SA_OK;
  uint64_t address = im->mapping->tensors[index].dram_addr;
  for (uint64_t n = 0; n < t->shape.n; n++)
    for (uint32_t y = 0; y < t->shape.h && status == SA_OK; y++, address += row_bytes) {
      fill_row(im, t, n, y, row);
      status = sa_memory_write(im->memory, address, row, row_bytes, im->error);
    }
  free(row);
  return status;
}

enum sa_status sa_map_image(const struct sa_config *config, const struct sa_net *net,
                            const struct sa_mapping *mapping, uint64_t seed, struct sa_memory *memory,
                            struct sa_error *error) {
  const struct image im = {config, net, mapping, seed, memory, error};
  enum sa_status status = SA_OK;
  for (uint32_t i = 0; i < mapping->graph.op_count && status == SA_OK; i++) {
    status = write_weights(&im, i);
    if (status == SA_OK) status = write_params(&im, i);
  }
  for (uint32_t i = 0; i < SA_TABLE_COUNT && status == SA_OK; i++) status = write_table(&im, i);
  for (uint32_t i = 0; i < mapping->graph.tensor_count && status == SA_OK; i++) status = write_input(&im, i);
  return status;
}

bool sa_map_has_output(const struct sa_mapping *mapping, uint32_t layer) {
  const struct sa_graph *g = &mapping->graph;
  const uint32_t tensor = g->layers[layer].tensor;
  if (!mapping->tensors[tensor].in_dram || g->tensors[tensor].interleave) return false;
  if (g->tensors[tensor].shape.n == g->tensors[tensor].whole_images) return true;
  for (uint32_t i = 0; i < g->tensor_count; i++) /* every part of the batch */
    if (g->tensors[i].part_of == tensor && !mapping->tensors[i].in_dram) return false;
  return true;
}

void sa_map_read_output(const struct sa_mapping *mapping, const struct sa_memory *memory,
                        uint32_t layer, int8_t *out) {
  const struct sa_ref *ref = &mapping->graph.layers[layer];
  const struct sa_tensor *t = &mapping->graph.tensors[ref->tensor];
  assert(sa_map_has_output(mapping, layer));
  const bool is_cache = t->appended != SA_NONE; /* its rows are heads */
  const uint32_t rows = is_cache ? 1 : t->shape.h;
  uint32_t run = ref->c_count; /* channels side by side */
  if (is_cache) run = t->shape.c;
  else if (t->home != SA_NONE) run = mapping->graph.tensors[t->home].shape.c;
  for (uint64_t n = 0; n < t->whole_images; n++)
    for (uint64_t y = 0; y < rows; y++)
      for (uint64_t x = 0; x < t->shape.w; x++)
        for (uint32_t c = 0, count; c < ref->c_count; c += count, out += count) {
          const uint32_t left = ref->c_count - c, channel = ref->c_first + c;
          count = run == ref->c_count ? run : run - channel % run;
          if (count > left) count = left;
          const uint64_t address = is_cache ? sa_dram_address(mapping, ref->tensor, n, channel / run, x, channel % run)
                                            : sa_dram_address(mapping, ref->tensor, n, y, x, channel);
          sa_memory_read(memory, address, out, count);
        }
}
