/* Addresses in DRAM: weights tile by tile in fetch order, parameters, tables, and the tensors that live
 * there. First the repetitions of a repeated block, each with all its own in one part; then everything else. A tile never straddles more bursts than it must; everything else begins with a burst. */
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

/* Next free byte of the part of DRAM that an op's or a tensor's data lie in: of its repetition, or of what is
 * not repeated. Parts begin at 0 until their sizes are known. */
struct parts {
  uint64_t shared;
  uint64_t *repeated; /* [kept] */
};

static uint64_t *part_of(struct parts *parts, uint32_t repetition) {
  return repetition == SA_NONE ? &parts->shared : &parts->repeated[repetition];
}

static bool same_folds(const struct sa_op_map *a, const struct sa_op_map *b) {
  return a->fold_count == b->fold_count && a->n_tiles == b->n_tiles &&
         memcmp(a->folds, b->folds, a->fold_count * sizeof *a->folds) == 0;
}

/* Takes over folds and addresses of the second repetition, if they are the same and begin at the same byte. */
static bool borrow(struct sa_mapper *m, uint32_t index, uint64_t first) {
  const uint32_t k = sa_repeat_of_op(m, index);
  if (k == SA_NONE || k < 2) return false;
  struct sa_op_map *map = &m->mapping->ops[index];
  const struct sa_op_map *model = map - (k - 1) * m->repeat.ops;
  if (!same_folds(map, model) || model->tile_addr[0] != first) return false;
  free(map->folds);
  map->folds = model->folds;
  map->tile_addr = model->tile_addr;
  map->tiles_end = model->tiles_end;
  map->weight_bytes = model->weight_bytes;
  map->borrowed = true;
  return true;
}

static enum sa_status place_weights(struct sa_mapper *m, uint32_t index, uint64_t *next) {
  const struct sa_op *op = &m->graph->ops[index];
  struct sa_op_map *map = &m->mapping->ops[index];
  if (op->kind != SA_KIND_GEMM && op->kind != SA_KIND_LSTM) return SA_OK;
  const size_t count = (size_t)map->n_tiles * map->fold_count;
  const uint64_t burst = m->config->port[sa_config_port_of(m->config, SA_WLOAD)].burst_bytes;
  *next = sa_round_up(*next, burst);
  if (borrow(m, index, *next)) {
    *next = map->tiles_end;
    return SA_OK;
  }
  map->tile_addr = malloc(count * sizeof *map->tile_addr);
  if (!map->tile_addr) return sa_fail(m->error, SA_ERR_MEMORY, "mapping: out of memory for %zu tiles", count);
  const struct sa_op_map *first = &m->mapping->ops[op->part_of];
  if (op->part_of != index && same_folds(map, first)) { /* another part of the batch has placed them */
    memcpy(map->tile_addr, first->tile_addr, count * sizeof *map->tile_addr);
    return SA_OK;
  }
  uint64_t *address = map->tile_addr;
  for (uint32_t n = 0; n < map->n_tiles; n++) {
    const uint32_t n_used = sa_n_tile(m->config, op, n).n_used;
    for (uint32_t f = 0; f < map->fold_count; f++) {
      const uint64_t bytes = map->depthwise ? n_used : (uint64_t)map->folds[f].k_used * n_used;
      *address++ = take(next, bytes, tile_alignment(bytes, burst));
      map->weight_bytes += bytes;
    }
  }
  map->tiles_end = *next;
  return SA_OK;
}

uint64_t sa_param_bytes(const struct sa_mapper *m, uint32_t index) {
  const struct sa_op *op = &m->graph->ops[index];
  const struct sa_layer *layer = &m->net->layers[op->layer];
  const uint64_t channels = op->out.c_count;
  switch (op->kind) {
    case SA_KIND_GEMM: return PARAM_BYTES * channels;
    case SA_KIND_ATTENTION: return PARAM_BYTES * layer->gemm_n; /* the same for every head */
    case SA_KIND_LSTM: return PARAM_BYTES * op->gates * channels;
    case SA_KIND_NORM: return (layer->rms ? 1 : 2) * channels;  /* gamma, beta */
    default: return 0;
  }
}

/* Which tensors need a place in DRAM. */
static bool wants_dram(const struct sa_mapper *m, uint32_t i) {
  const struct sa_tensor *t = &m->graph->tensors[i];
  if (t->appended != SA_NONE) return true; /* its new tokens are stored even if nobody reads it */
  if (t->first_op == SA_NONE) return false;
  return t->is_input || t->is_output || !m->mapping->tensors[i].resident || m->options->store_all;
}

uint64_t sa_dram_address(const struct sa_mapping *mapping, uint32_t tensor, uint64_t image, uint64_t row,
                         uint64_t col, uint64_t channel) {
  const struct sa_tensor *t = &mapping->graph.tensors[tensor];
  const uint64_t base = mapping->tensors[tensor].dram_addr;
  const struct sa_shape *s = &t->shape;
  if (t->home == SA_NONE) return base + ((image * s->h + row) * s->w + col) * s->c + channel;
  const struct sa_shape *home = &mapping->graph.tensors[t->home].shape;
  const uint64_t head = channel / home->c, token = home->w - s->w + col;
  return base + (((t->image_first + image) * home->h + head) * home->w + token) * home->c + channel % home->c;
}

/* Tokens that are appended to a cache: their addresses count from the cache's. */
static void place_in_homes(struct sa_mapper *m) {
  for (uint32_t i = 0; i < m->graph->tensor_count; i++) {
    const uint32_t home = m->graph->tensors[i].home;
    if (home != SA_NONE) m->mapping->tensors[i].dram_addr = m->mapping->tensors[home].dram_addr;
  }
}

/* Parameters, tables and tensors behind the weights. */
static void place_others(struct sa_mapper *m, struct parts *parts, uint64_t align) {
  for (uint32_t i = 0; i < m->graph->op_count; i++) {
    struct sa_op_map *map = &m->mapping->ops[i];
    const uint32_t first = m->graph->ops[i].part_of;
    map->param_bytes = sa_param_bytes(m, i);
    if (first != i) map->param_addr = m->mapping->ops[first].param_addr;
    else if (map->param_bytes) map->param_addr = take(part_of(parts, sa_repeat_of_op(m, i)), map->param_bytes, align);
    for (uint32_t k = 0; k < m->plans[i].table_count; k++)
      m->mapping->table_used[m->plans[i].tables[k]] = true;
  }
  for (uint32_t i = 0; i < SA_TABLE_COUNT; i++)
    if (m->mapping->table_used[i]) m->mapping->table_addr[i] = take(&parts->shared, TABLE_BYTES, align);
  for (uint32_t i = 0; i < m->graph->tensor_count; i++) {
    struct sa_tensor_map *map = &m->mapping->tensors[i];
    const struct sa_tensor *t = &m->graph->tensors[i];
    map->in_dram = wants_dram(m, i);
    if (!map->in_dram || t->home != SA_NONE) continue;
    const uint64_t image_bytes = (uint64_t)t->shape.h * t->shape.w * t->shape.c;
    map->dram_bytes = image_bytes * t->shape.n;
    const struct sa_tensor_map *first = &m->mapping->tensors[t->part_of];
    if (t->part_of != i && first->in_dram) /* parts of a batch lie side by side */
      map->dram_addr = first->dram_addr + t->image_first * image_bytes;
    else
      map->dram_addr = take(part_of(parts, sa_repeat_of_layer(m, t->layer)), image_bytes * t->whole_images, align);
  }
}

/* Where the part of a repetition, or what is not repeated, begins. */
static uint64_t origin_of(const struct sa_mapper *m, uint32_t repetition) {
  return m->repeat_bytes * (repetition == SA_NONE ? m->repeat.count : repetition);
}

static void move_parts(struct sa_mapper *m) {
  for (uint32_t i = 0; i < m->graph->op_count; i++) {
    const uint64_t origin = origin_of(m, sa_repeat_of_op(m, i));
    m->mapping->ops[i].tile_base = origin;
    m->mapping->ops[i].param_addr += origin;
  }
  for (uint32_t i = 0; i < SA_TABLE_COUNT; i++) m->mapping->table_addr[i] += origin_of(m, SA_NONE);
  for (uint32_t i = 0; i < m->graph->tensor_count; i++)
    m->mapping->tensors[i].dram_addr += origin_of(m, sa_repeat_of_layer(m, m->graph->tensors[i].layer));
}

enum sa_status sa_layout(struct sa_mapper *m) {
  const uint64_t burst0 = m->config->port[0].burst_bytes, burst1 = m->config->port[1].burst_bytes;
  const uint64_t align = burst0 > burst1 ? burst0 : burst1;
  struct parts parts = {.repeated = calloc((size_t)m->kept + 1, sizeof *parts.repeated)};
  if (!parts.repeated) return sa_fail(m->error, SA_ERR_MEMORY, "mapping: out of memory");
  enum sa_status status = SA_OK;
  for (uint32_t i = 0; i < m->graph->op_count && status == SA_OK; i++)
    status = place_weights(m, i, part_of(&parts, sa_repeat_of_op(m, i)));
  if (status == SA_OK) {
    place_others(m, &parts, align);
    m->repeat_bytes = 0;
    for (uint32_t k = 0; k < m->kept; k++)
      if (sa_round_up(parts.repeated[k], align) > m->repeat_bytes)
        m->repeat_bytes = sa_round_up(parts.repeated[k], align);
    move_parts(m);
    place_in_homes(m);
    m->mapping->dram_bytes = origin_of(m, SA_NONE) + sa_round_up(parts.shared, align);
    if (m->mapping->dram_bytes >> 48)
      status = sa_fail(m->error, SA_ERR_LIMIT, "network %s needs %" PRIu64 " bytes of DRAM; addresses have 48 bits",
                       m->net->name, m->mapping->dram_bytes);
  }
  free(parts.repeated);
  return status;
}
