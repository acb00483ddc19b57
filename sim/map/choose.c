/* Choice of tiles and order for one operation: every candidate gets an analytic cost in cycles, the
 * cheapest whose staging finds room wins. The cost is what the units need if each runs without a pause,
 * the largest of array, weights, VECTOR and memory, plus the tail: what the next operation must
 * wait for behind the last row. docs/mapper.md derives the terms. */
#include <assert.h>

#include "machine/latency.h"
#include "map/mapper.h"

enum { MAX_PARTS = 16, MAX_CANDIDATES = 128, MAX_COUNT = 65535, REDUCTION_ROWS = 256 };

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
      box.channel = op->b.c_first + head / (layer->heads / layer->kv_heads) * width;
      box.channels = width;
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
  if (k == SA_OPERAND_A && op->kind != SA_KIND_GEMM) /* pools read no halo */
    clip_box(&m->graph->tensors[op->a.tensor].shape, &box);
  return box;
}

/* Largest slot that operand k needs for tiles of this size. */
static uint64_t slot_bytes(const struct sa_mapper *m, uint32_t op, uint32_t k, const struct sa_tile *size) {
  struct sa_tile t = *size;
  t.image = t.row = t.col = 0;
  const struct sa_box box = unclipped_box(m, op, k, &t);
  const struct sa_shape *shape = &m->graph->tensors[m->plans[op].operands[k].ref.tensor].shape;
  const bool clips = m->graph->ops[op].kind != SA_KIND_GEMM;
  const uint64_t rows = clips && box.rows > shape->h ? shape->h : box.rows;
  const uint64_t cols = clips && box.cols > shape->w ? shape->w : box.cols;
  return box.images * rows * cols * box.channels;
}

/* ---- Candidates ---- */

struct candidate { struct sa_tile size; enum sa_order order; };

static bool is_reduction(const struct sa_op *op) {
  return op->kind == SA_KIND_SOFTMAX || op->kind == SA_KIND_NORM;
}

static bool on_array(const struct sa_op *op) {
  return op->kind == SA_KIND_GEMM || op->kind == SA_KIND_ATTENTION;
}

/* Rows of M that a tile may have. */
static uint64_t most_rows(const struct sa_mapper *m, const struct sa_op *op) {
  if (on_array(op)) return m->config->accumulator_rows < MAX_COUNT ? m->config->accumulator_rows : MAX_COUNT;
  return is_reduction(op) ? REDUCTION_ROWS : UINT32_MAX;
}

/* Sizes to try: whole images by halves, then parts of one image's rows, then parts of a row. */
static uint32_t list_sizes(const struct sa_mapper *m, uint32_t index, struct sa_tile *sizes) {
  const struct sa_op *op = &m->graph->ops[index];
  const struct sa_tile *all = &m->plans[index].whole;
  const uint64_t most = most_rows(m, op);
  uint32_t count = 0, parts_seen = 0;
  for (uint32_t images = all->images;; images = (images + 1) / 2) {
    if ((uint64_t)images * all->rows * all->cols <= most && op->kind != SA_KIND_ATTENTION)
      sizes[count++] = (struct sa_tile){0, images, 0, all->rows, 0, all->cols};
    if (images == 1) break;
  }
  uint32_t last = 0;
  for (uint32_t parts = op->kind == SA_KIND_ATTENTION ? all->rows : 2; parts <= all->rows && parts_seen < MAX_PARTS;) {
    const uint32_t rows = sa_ceil_div(all->rows, parts);
    if ((uint64_t)rows * all->cols <= most && rows != last) {
      sizes[count++] = (struct sa_tile){0, 1, 0, rows, 0, all->cols};
      parts_seen++;
      last = rows;
    }
    if (rows == 1) break;
    const uint32_t fitting = (uint32_t)((most / all->cols) ? most / all->cols : 1);
    const uint32_t skip = sa_ceil_div(all->rows, fitting);
    parts = parts < skip ? skip : parts < 4 ? parts + 1 : parts + (parts + 1) / 2;
    if (parts > all->rows) parts = all->rows;
  }
  parts_seen = 0;
  last = 0;
  for (uint32_t parts = 2; parts <= all->cols && parts_seen < 2 * MAX_PARTS;) {
    const uint32_t cols = sa_ceil_div(all->cols, parts);
    if (cols <= most && cols != last) {
      sizes[count++] = (struct sa_tile){0, 1, 0, 1, 0, cols};
      parts_seen++;
      last = cols;
    }
    if (cols == 1) break;
    const uint32_t skip = (uint32_t)((all->cols + most - 1) / most);
    parts = parts < skip ? skip : parts < 4 ? parts + 1 : parts + (parts + 1) / 2;
    if (parts > all->cols) parts = all->cols;
  }
  if (all->cols == 1 && count == 0) sizes[count++] = (struct sa_tile){0, 1, 0, 1, 0, 1};
  assert(count > 0 && count <= MAX_CANDIDATES);
  return count;
}

/* ---- Cost ---- */

/* Sizes of the tiles along one axis: `full` of size a, and one of size b if b > 0. */
struct split { uint32_t full, a, b; };

static struct split split_axis(uint32_t whole, uint32_t size) {
  return (struct split){whole / size, size, whole % size};
}

struct shape_cost {
  uint64_t tiles, array; /* array: cycles of one fold over all tiles */
};

/* Sum over all tiles of max(rows of M, S). */
static struct shape_cost cost_of_tiles(const struct sa_tile *all, const struct sa_tile *size,
                                       uint32_t shift_cycles) {
  const struct split s[3] = {split_axis(all->images, size->images), split_axis(all->rows, size->rows),
                             split_axis(all->cols, size->cols)};
  struct shape_cost cost = {0, 0};
  for (unsigned corner = 0; corner < 8; corner++) {
    uint64_t count = 1, rows = 1;
    for (unsigned axis = 0; axis < 3; axis++) {
      const bool rest = corner >> axis & 1;
      count *= rest ? (s[axis].b ? 1 : 0) : s[axis].full;
      rows *= rest ? s[axis].b : s[axis].a;
    }
    cost.tiles += count;
    cost.array += count * (rows > shift_cycles ? rows : shift_cycles);
  }
  return cost;
}

static uint64_t port_cycles(const struct sa_mapper *m, enum sa_unit unit, uint64_t bytes) {
  const uint32_t port = sa_config_port_of(m->config, unit);
  const __uint128_t scaled = (__uint128_t)bytes * m->config->bw_den[port];
  return (uint64_t)(scaled / m->config->bw_num[port]);
}

/* Bytes of all weight tiles as fetched: whole bursts. */
static uint64_t weight_traffic(const struct sa_mapper *m, uint32_t index) {
  const struct sa_op *op = &m->graph->ops[index];
  const struct sa_op_map *map = &m->mapping->ops[index];
  const uint64_t burst = m->config->port[sa_config_port_of(m->config, SA_WLOAD)].burst_bytes;
  if (op->kind == SA_KIND_ATTENTION) return 0; /* its weights are in the buffer */
  const uint32_t n = sa_n_tile(m->config, op, 0).n_used;
  uint64_t bytes = 0;
  for (uint32_t f = 0; f < map->fold_count; f++)
    bytes += sa_round_up(map->depthwise ? n : (uint64_t)map->folds[f].k_used * n, burst);
  return bytes * map->n_tiles;
}

/* Bytes of operand k that tiles of this size move: a tile as wide as the tensor is one run, else every row
 * is one; a run moves whole bursts, and half a burst more where it begins or ends within one. */
static uint64_t moved_bytes(const struct sa_mapper *m, uint32_t index, uint32_t k, const struct sa_tile *size,
                            uint64_t tiles) {
  const struct sa_ref *ref = &m->plans[index].operands[k].ref;
  const struct sa_tensor *tensor = &m->graph->tensors[ref->tensor];
  struct sa_tile t = *size;
  t.image = t.row = t.col = 0;
  const struct sa_box box = unclipped_box(m, index, k, &t);
  const uint64_t bytes = slot_bytes(m, index, k, size), burst = m->config->port[0].burst_bytes;
  const bool whole = box.cols >= tensor->shape.w && box.channels == tensor->shape.c;
  const uint64_t runs = whole ? box.images : (uint64_t)box.images * box.rows;
  const uint64_t run = (bytes + runs - 1) / runs;
  return runs * ((run + burst - 1) / burst * burst + (run % burst ? burst / 2 : 0)) * tiles;
}

/* Cycles of port 0 for the operands that are streamed: what they move, and the memory's latency once a
 * tile, half of which the other slot hides. */
static uint64_t streaming_cycles(const struct sa_mapper *m, uint32_t index, const struct sa_tile *size,
                                 uint64_t tiles, uint64_t more_bytes) {
  uint64_t bytes = more_bytes;
  bool any = false;
  for (uint32_t k = 0; k < SA_OPERANDS; k++)
    if (m->plans[index].operands[k].streamed) {
      bytes += moved_bytes(m, index, k, size, tiles);
      any = true;
    }
  return port_cycles(m, SA_LOAD, bytes) + (any ? tiles * m->config->port[0].latency_cycles / 2 : 0);
}

static uint64_t max64(uint64_t a, uint64_t b) { return a > b ? a : b; }

/* A group of the array: fold_count folds over `rows` rows into one accumulator slot, then VECTOR drains
 * it. With two slots a slot is free again after its folds, the array's latency and the drain. */
static uint64_t group_cycles(const struct sa_mapper *m, uint32_t folds, uint64_t rows, uint64_t steps) {
  const uint64_t array = folds * max64(rows, m->config->shift_cycles);
  const bool halves = folds == 1 && rows <= m->config->accumulator_rows / 2;
  const uint64_t turn = (array + m->config->matmul_latency + steps) / (halves ? 4 : 2);
  return max64(max64(array, steps), turn);
}

static uint64_t gemm_cost(const struct sa_mapper *m, uint32_t index, const struct candidate *c,
                          struct sa_op_map *out) {
  const struct sa_op *op = &m->graph->ops[index];
  const struct sa_op_map *map = &m->mapping->ops[index];
  const struct sa_tile *all = &m->plans[index].whole;
  const uint64_t rows = (uint64_t)c->size.images * c->size.rows * c->size.cols;
  const uint64_t m_rows = (uint64_t)all->images * all->rows * all->cols;
  const struct shape_cost shape = cost_of_tiles(all, &c->size, m->config->shift_cycles);
  const uint32_t n = op->kind == SA_KIND_ATTENTION ? m->config->array_cols
                                                   : sa_n_tile(m->config, op, 0).n_used;
  const uint64_t q = sa_ceil_div(n, m->config->vector_lanes);
  const bool keeps = map->fold_count == 1 && (c->order == SA_ORDER_N_OUTER || map->n_tiles == 1);
  const uint64_t fetched = weight_traffic(m, index) * (keeps ? 1 : shape.tiles);
  const uint64_t groups = shape.tiles * map->n_tiles;
  const uint64_t per_group = group_cycles(m, map->fold_count, m_rows / shape.tiles, m_rows * q / shape.tiles);
  out->array_cycles = max64(shape.array * map->fold_count * map->n_tiles, per_group * groups);
  out->weight_cycles = port_cycles(m, SA_WLOAD, fetched);
  out->vector_cycles = m_rows * q * map->n_tiles +
                       SA_LAT_VEC_PARAM * (c->order == SA_ORDER_M_OUTER ? groups : map->n_tiles);
  out->memory_cycles =
      streaming_cycles(m, index, &c->size, shape.tiles, m->config->memory_ports == 1 ? fetched : 0);
  /* Rows of the next op wait for the last group, unless other tiles of M or N come in between. */
  const uint64_t drain = m->config->matmul_latency + rows * q;
  const uint64_t hidden = shape.tiles > 1 ? drain : (map->n_tiles - 1) * rows;
  out->tail_cycles = drain > hidden ? drain - hidden : 0;
  return max64(max64(out->array_cycles, out->weight_cycles),
               max64(out->vector_cycles, out->memory_cycles)) + out->tail_cycles;
}

/* VECTOR alone: larger tiles are better, but the next op can start only behind the first. */
static uint64_t vector_cost(const struct sa_mapper *m, uint32_t index, const struct candidate *c,
                            struct sa_op_map *out) {
  const struct sa_op *op = &m->graph->ops[index];
  const struct sa_tile *all = &m->plans[index].whole;
  const struct shape_cost shape = cost_of_tiles(all, &c->size, 1);
  const uint64_t q = sa_ceil_div(op->out.c_count, m->config->vector_lanes);
  const uint64_t tile_rows = (uint64_t)c->size.images * c->size.rows * c->size.cols;
  uint64_t steps = tile_rows * q * (op->kind == SA_KIND_SOFTMAX ? 3 : op->kind == SA_KIND_MOVE ? 1 : 2);
  bool by_columns;
  if (op->kind == SA_KIND_MAXPOOL || op->kind == SA_KIND_AVGPOOL)
    steps = sa_pool_steps(m, index, &c->size, &by_columns);
  else if (op->kind == SA_KIND_UPSAMPLE)
    steps = tile_rows * q * op->window.kernel_h * op->window.kernel_w;
  const uint64_t gap = is_reduction(op) ? SA_LAT_VEC_MAX_GAP + SA_LAT_VEC_RECIP_GAP : SA_LAT_VEC_LATENCY;
  const uint64_t m_rows = (uint64_t)all->images * all->rows * all->cols;
  out->vector_cycles = (steps * m_rows + tile_rows - 1) / tile_rows + gap * shape.tiles;
  out->memory_cycles = streaming_cycles(m, index, &c->size, shape.tiles, 0);
  out->tail_cycles = steps;
  return max64(out->vector_cycles, out->memory_cycles) + out->tail_cycles;
}

static uint64_t cost_of(const struct sa_mapper *m, uint32_t index, const struct candidate *c,
                        struct sa_op_map *out) {
  out->array_cycles = out->weight_cycles = 0;
  return on_array(&m->graph->ops[index]) ? gemm_cost(m, index, c, out) : vector_cost(m, index, c, out);
}

/* ---- Staging ---- */

static void drop_staging(struct sa_mapper *m, uint32_t index) {
  struct sa_op_plan *plan = &m->plans[index];
  for (uint32_t k = SA_OPERANDS; k-- > 0;) {
    struct sa_operand *operand = &plan->operands[k];
    while (operand->slots > 0) sa_places_remove(&m->places, operand->region[--operand->slots]);
  }
}

static bool take_staging(struct sa_mapper *m, uint32_t index, const struct sa_tile *size, uint32_t slots) {
  struct sa_op_plan *plan = &m->plans[index];
  for (uint32_t k = 0; k < SA_OPERANDS; k++) {
    struct sa_operand *operand = &plan->operands[k];
    if (!operand->streamed) continue;
    const uint64_t bytes = slot_bytes(m, index, k, size);
    for (uint32_t s = 0; s < slots; s++) {
      const uint32_t region = sa_places_add(&m->places, bytes, plan->phase, plan->phase, 0, false);
      if (region == SA_NONE) {
        drop_staging(m, index);
        return false;
      }
      operand->region[operand->slots++] = region;
    }
  }
  return true;
}

static bool streams(const struct sa_op_plan *plan) {
  for (uint32_t k = 0; k < SA_OPERANDS; k++)
    if (plan->operands[k].streamed) return true;
  return false;
}

static uint64_t staging_bytes(const struct sa_mapper *m, uint32_t index, const struct sa_tile *size) {
  uint64_t bytes = 0;
  for (uint32_t k = 0; k < SA_OPERANDS; k++)
    if (m->plans[index].operands[k].streamed) bytes += slot_bytes(m, index, k, size);
  return bytes;
}

static const struct sa_map_override *override_of(const struct sa_mapper *m, uint32_t layer) {
  for (size_t i = 0; i < m->options->override_count; i++)
    if (m->options->overrides[i].layer == layer) return &m->options->overrides[i];
  return NULL;
}

/* Whether a user's wishes allow a size: no larger than asked for in any direction. */
static bool allowed(const struct sa_map_override *o, const struct sa_tile *size) {
  return !o || ((!o->images || size->images <= o->images) && (!o->rows || size->rows <= o->rows) &&
                (!o->cols || size->cols <= o->cols));
}

static uint32_t list_candidates(const struct sa_mapper *m, uint32_t index, struct candidate *list) {
  const struct sa_op *op = &m->graph->ops[index];
  const struct sa_op_plan *plan = &m->plans[index];
  const struct sa_map_override *o = override_of(m, op->layer);
  struct sa_tile sizes[MAX_CANDIDATES];
  const uint32_t size_count = list_sizes(m, index, sizes);
  /* n outer helps only if one fold can stay, and only where every tile of M is in the buffer */
  const bool may_n_outer = op->kind == SA_KIND_GEMM && !streams(plan);
  const bool pays = m->mapping->ops[index].fold_count == 1;
  uint32_t count = 0;
  for (int relaxed = 0; relaxed < 2 && count == 0; relaxed++)
    for (uint32_t i = 0; i < size_count; i++) {
      if (!relaxed && !allowed(o, &sizes[i])) continue;
      const enum sa_order wish = o ? o->order : SA_ORDER_AUTO;
      if (wish != SA_ORDER_N_OUTER || !may_n_outer)
        list[count++] = (struct candidate){sizes[i], SA_ORDER_M_OUTER};
      if (may_n_outer && (wish == SA_ORDER_N_OUTER || (wish == SA_ORDER_AUTO && pays)))
        list[count++] = (struct candidate){sizes[i], SA_ORDER_N_OUTER};
    }
  return count;
}

bool sa_choose(struct sa_mapper *m, uint32_t index, uint64_t *smallest) {
  struct sa_op_plan *plan = &m->plans[index];
  struct sa_op_map *map = &m->mapping->ops[index];
  struct candidate list[2 * MAX_CANDIDATES];
  const uint32_t count = list_candidates(m, index, list);
  const bool staged = streams(plan);
  const struct candidate *best = NULL;
  uint64_t best_cost = UINT64_MAX;
  uint32_t best_slots = 0;
  *smallest = UINT64_MAX;
  for (uint32_t slots = 2; slots > 0 && !best; slots--)
    for (uint32_t i = 0; i < count; i++) {
      const uint64_t needs = staging_bytes(m, index, &list[i].size);
      if (needs < *smallest) *smallest = needs;
      const uint64_t cost = cost_of(m, index, &list[i], map);
      if (cost >= best_cost) continue;
      if (staged) {
        if (!take_staging(m, index, &list[i].size, slots)) continue;
        drop_staging(m, index);
      }
      best = &list[i];
      best_cost = cost;
      best_slots = slots;
    }
  if (!best) return false;
  cost_of(m, index, best, map);
  if (staged && !take_staging(m, index, &best->size, best_slots)) return false;
  plan->tile = best->size;
  plan->order = best->order;
  map->images = best->size.images;
  map->rows = best->size.rows;
  map->cols = best->size.cols;
  map->order = best->order;
  map->candidates = count;
  map->m_tiles = (uint32_t)cost_of_tiles(&plan->whole, &best->size, 1).tiles;
  map->streams_in = plan->operands[SA_OPERAND_A].streamed || plan->operands[SA_OPERAND_B].streamed ||
                    plan->operands[SA_OPERAND_RESIDUAL].streamed;
  map->streams_out = plan->operands[SA_OPERAND_OUT].streamed;
  return true;
}
