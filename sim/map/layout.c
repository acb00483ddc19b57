/* Addresses in DRAM: weights tile by tile in fetch order, parameters, tables, and the tensors that live
 * there. A tile never straddles more bursts than it must; everything else begins with a burst. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "map/mapper.h"

enum { PARAM_BYTES = 8, TABLE_BYTES = 256 };

static uint64_t take(uint64_t *next, uint64_t bytes, uint64_t align) {
  const uint64_t address = sa_round_up(*next, align);
  *next = address + bytes;
  return address;
}

/* Smallest power of two that holds the bytes, at most a burst. */
static uint64_t tile_alignment(uint64_t bytes, uint64_t burst) {
  uint64_t align = 1;
  while (align < bytes && align < burst) align *= 2;
  return align;
}

static bool same_folds(const struct sa_op_map *a, const struct sa_op_map *b) {
  return a->fold_count == b->fold_count && a->n_tiles == b->n_tiles &&
         memcmp(a->folds, b->folds, a->fold_count * sizeof *a->folds) == 0;
}

static enum sa_status place_weights(struct sa_mapper *m, uint32_t index, uint64_t *next) {
  const struct sa_op *op = &m->graph->ops[index];
  struct sa_op_map *map = &m->mapping->ops[index];
  if (op->kind != SA_KIND_GEMM && op->kind != SA_KIND_LSTM) return SA_OK;
  const size_t count = (size_t)map->n_tiles * map->fold_count;
  map->tile_addr = malloc(count * sizeof *map->tile_addr);
  if (!map->tile_addr) return sa_fail(m->error, SA_ERR_MEMORY, "mapping: out of memory for %zu tiles", count);
  const struct sa_op_map *first = &m->mapping->ops[op->part_of];
  if (op->part_of != index && same_folds(map, first)) { /* another part of the batch has placed them */
    memcpy(map->tile_addr, first->tile_addr, count * sizeof *map->tile_addr);
    return SA_OK;
  }
  const uint64_t burst = m->config->port[sa_config_port_of(m->config, SA_WLOAD)].burst_bytes;
  *next = sa_round_up(*next, burst);
  uint64_t *address = map->tile_addr;
  for (uint32_t n = 0; n < map->n_tiles; n++) {
    const uint32_t n_used = sa_n_tile(m->config, op, n).n_used;
    for (uint32_t f = 0; f < map->fold_count; f++) {
      const uint64_t bytes = map->depthwise ? n_used : (uint64_t)map->folds[f].k_used * n_used;
      *address++ = take(next, bytes, tile_alignment(bytes, burst));
      map->weight_bytes += bytes;
    }
  }
  return SA_OK;
}

uint64_t sa_param_bytes(const struct sa_mapper *m, uint32_t index) {
  const struct sa_op *op = &m->graph->ops[index];
  const struct sa_layer *layer = &m->net->layers[op->layer];
  const uint64_t channels = op->out.c_count;
  switch (op->kind) {
    case SA_KIND_GEMM: return PARAM_BYTES * channels;
    case SA_KIND_ATTENTION: return PARAM_BYTES * layer->gemm_n; /* the same for every head */
    case SA_KIND_LSTM: return PARAM_BYTES * 4 * channels;
    case SA_KIND_NORM: return (layer->rms ? 1 : 2) * channels;  /* gamma, beta */
    default: return 0;
  }
}

/* Which tensors need a place in DRAM. */
static bool wants_dram(const struct sa_mapper *m, uint32_t i) {
  const struct sa_tensor *t = &m->graph->tensors[i];
  if (t->first_op == SA_NONE) return false;
  return t->is_input || t->is_output || !m->mapping->tensors[i].resident || m->options->store_all;
}

enum sa_status sa_layout(struct sa_mapper *m) {
  const uint64_t burst0 = m->config->port[0].burst_bytes, burst1 = m->config->port[1].burst_bytes;
  const uint64_t align = burst0 > burst1 ? burst0 : burst1;
  uint64_t next = 0;
  for (uint32_t i = 0; i < m->graph->op_count; i++) {
    const enum sa_status status = place_weights(m, i, &next);
    if (status != SA_OK) return status;
  }
  for (uint32_t i = 0; i < m->graph->op_count; i++) {
    struct sa_op_map *map = &m->mapping->ops[i];
    const uint32_t first = m->graph->ops[i].part_of;
    map->param_bytes = sa_param_bytes(m, i);
    if (first != i) map->param_addr = m->mapping->ops[first].param_addr;
    else if (map->param_bytes) map->param_addr = take(&next, map->param_bytes, align);
    for (uint32_t k = 0; k < m->plans[i].table_count; k++)
      m->mapping->table_used[m->plans[i].tables[k]] = true;
  }
  for (uint32_t i = 0; i < SA_TABLE_COUNT; i++)
    if (m->mapping->table_used[i]) m->mapping->table_addr[i] = take(&next, TABLE_BYTES, align);
  for (uint32_t i = 0; i < m->graph->tensor_count; i++) {
    struct sa_tensor_map *map = &m->mapping->tensors[i];
    const struct sa_tensor *t = &m->graph->tensors[i];
    map->in_dram = wants_dram(m, i);
    if (!map->in_dram) continue;
    const uint64_t image_bytes = (uint64_t)t->shape.h * t->shape.w * t->shape.c;
    map->dram_bytes = image_bytes * t->shape.n;
    const struct sa_tensor_map *first = &m->mapping->tensors[t->part_of];
    if (t->part_of != i && first->in_dram) /* parts of a batch lie side by side */
      map->dram_addr = first->dram_addr + t->image_first * image_bytes;
    else
      map->dram_addr = take(&next, image_bytes * t->whole_images, align);
  }
  m->mapping->dram_bytes = sa_round_up(next, align);
  if (m->mapping->dram_bytes >> 48)
    return sa_fail(m->error, SA_ERR_LIMIT, "network %s needs %" PRIu64 " bytes of DRAM; addresses have 48 bits",
                   m->net->name, m->mapping->dram_bytes);
  return SA_OK;
}
