/* Analytic cost of a choice of tiles, in cycles: what the units need if each runs without a pause, the
 * largest of array, weights, VECTOR and memory, plus the tail: what the next operation must wait for
 * behind the last row. docs/mapper.md derives the terms. */
#include "machine/latency.h"
#include "map/mapper.h"

/* Sizes of the tiles along one axis: `full` of size a, and one of size b if b > 0. */
struct split { uint32_t full, a, b; };

static struct split split_axis(uint32_t whole, uint32_t size) {
  return (struct split){whole / size, size, whole % size};
}

struct shape_cost {
  uint64_t tiles, array; /* array: cycles of one fold over all tiles */
};

/* Cycles from one fold of `rows` rows to the next: behind each other with two weight buffers; with one the
 * array drains before the next tile is shifted in. */
static uint64_t fold_cycles(const struct sa_config *config, uint64_t rows) {
  if (config->weight_buffers == 1)
    return rows + config->shift_cycles + config->array_rows + config->array_cols - 2;
  return rows > config->shift_cycles ? rows : config->shift_cycles;
}

/* Tiles, and the sum of their folds. */
static struct shape_cost cost_of_tiles(const struct sa_config *config, const struct sa_tile *all,
                                       const struct sa_tile *size) {
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
    if (count) cost.array += count * fold_cycles(config, rows);
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

/* Bytes of operand k that a tile moves: a box as wide as the tensor is one run, else every row is one (every
 * pixel where channels are left out). A run that begins or ends within a burst moves on average one burst
 * more than its bytes fill. */
static uint64_t moved_bytes(const struct sa_mapper *m, uint32_t index, uint32_t k, const struct sa_choice *c) {
  const struct sa_tensor *tensor = &m->graph->tensors[m->plans[index].operands[k].ref.tensor];
  struct sa_tile t = c->size;
  t.image = t.row = t.col = 0;
  const struct sa_box box = sa_operand_box(m, index, k, &t);
  const uint64_t bytes = sa_slot_bytes(m, index, k, c), burst = m->config->port[0].burst_bytes;
  const struct sa_op *op = &m->graph->ops[index];
  const bool result = (k == SA_OPERAND_OUT || k == SA_OPERAND_RESIDUAL) && op->kind == SA_KIND_GEMM;
  const bool blocks = result && c->n_block < m->mapping->ops[index].n_tiles;
  const uint32_t channels = result ? op->out.c_count : box.channels;
  uint64_t runs = box.images;
  uint64_t pitch = tensor->shape.c;
  if (blocks || channels < tensor->shape.c) {
    runs *= (uint64_t)box.rows * box.cols;
  } else {
    pitch *= tensor->shape.w;
    if (box.cols < tensor->shape.w) runs *= box.rows;
  }
  const uint64_t run = (bytes + runs - 1) / runs;
  return runs * (run + (run % burst || pitch % burst ? burst : 0));
}

/* Cycles of port 0 for the operands that are streamed: what they move, and the memory's latency once a
 * tile, half of which the other slot hides. */
static uint64_t streaming_cycles(const struct sa_mapper *m, uint32_t index, const struct sa_choice *c,
                                 uint64_t tiles, uint64_t more_bytes) {
  const uint32_t n_tiles = m->mapping->ops[index].n_tiles;
  const uint64_t blocks = n_tiles ? sa_ceil_div(n_tiles, c->n_block) : 1;
  uint64_t bytes = more_bytes;
  bool any = false;
  for (uint32_t k = 0; k < SA_OPERANDS; k++)
    if (m->plans[index].operands[k].streamed) {
      bytes += moved_bytes(m, index, k, c) * tiles * blocks; /* of results and residuals a block each time */
      any = true;
    }
  return port_cycles(m, SA_LOAD, bytes) + (any ? tiles * m->config->port[0].latency_cycles / 2 : 0);
}

static uint64_t max64(uint64_t a, uint64_t b) { return a > b ? a : b; }

/* A group of the array: fold_count folds over `rows` rows into one accumulator slot, then VECTOR drains
 * it. With two slots a slot is free again after its folds, the array's latency and the drain. */
static uint64_t group_cycles(const struct sa_mapper *m, uint32_t folds, uint64_t rows, uint64_t steps) {
  const uint64_t array = folds * fold_cycles(m->config, rows);
  const bool halves = folds == 1 && rows <= m->config->accumulator_rows / 2;
  const uint64_t turn = (array + m->config->matmul_latency + steps) / (halves ? 4 : 2);
  return max64(max64(array, steps), turn);
}

static uint64_t gemm_cost(const struct sa_mapper *m, uint32_t index, const struct sa_choice *c,
                          struct sa_op_map *out) {
  const struct sa_op *op = &m->graph->ops[index];
  const struct sa_op_map *map = &m->mapping->ops[index];
  const struct sa_tile *all = &m->plans[index].whole;
  const uint64_t rows = (uint64_t)c->size.images * c->size.rows * c->size.cols;
  const uint64_t m_rows = (uint64_t)all->images * all->rows * all->cols;
  const struct shape_cost shape = cost_of_tiles(m->config, all, &c->size);
  const uint32_t n = op->kind == SA_KIND_ATTENTION ? m->config->array_cols
                                                   : sa_n_tile(m->config, op, 0).n_used;
  const uint64_t q = sa_ceil_div(n, m->config->vector_lanes);
  const bool keeps = map->fold_count == 1 && c->n_block == 1;
  const uint64_t fetched = weight_traffic(m, index) * (keeps ? 1 : shape.tiles);
  const uint64_t groups = shape.tiles * map->n_tiles;
  const uint64_t per_group = group_cycles(m, map->fold_count, m_rows / shape.tiles, m_rows * q / shape.tiles);
  out->array_cycles = max64(shape.array * map->fold_count * map->n_tiles, per_group * groups);
  out->weight_cycles = port_cycles(m, SA_WLOAD, fetched);
  out->vector_cycles = m_rows * q * map->n_tiles +
                       SA_LAT_VEC_PARAM * (c->n_block == 1 ? map->n_tiles : groups);
  out->memory_cycles = streaming_cycles(m, index, c, shape.tiles, m->config->memory_ports == 1 ? fetched : 0);
  /* Rows of the next op wait for the last group, unless other tiles of M or N come in between. */
  const uint64_t drain = m->config->matmul_latency + rows * q;
  const uint64_t hidden = shape.tiles > 1 ? drain : (map->n_tiles - 1) * rows;
  out->tail_cycles = drain > hidden ? drain - hidden : 0;
  return max64(max64(out->array_cycles, out->weight_cycles),
               max64(out->vector_cycles, out->memory_cycles)) + out->tail_cycles;
}

/* VECTOR alone: larger tiles are better, but the next op can start only behind the first. */
static uint64_t vector_cost(const struct sa_mapper *m, uint32_t index, const struct sa_choice *c,
                            struct sa_op_map *out) {
  const struct sa_op *op = &m->graph->ops[index];
  const struct sa_tile *all = &m->plans[index].whole;
  const struct shape_cost shape = cost_of_tiles(m->config, all, &c->size);
  const uint64_t q = sa_ceil_div(op->out.c_count, m->config->vector_lanes);
  const uint64_t tile_rows = (uint64_t)c->size.images * c->size.rows * c->size.cols;
  uint64_t steps = tile_rows * q * (op->kind == SA_KIND_SOFTMAX ? 3 : op->kind == SA_KIND_MOVE ? 1 : 2);
  bool by_columns;
  if (op->kind == SA_KIND_MAXPOOL || op->kind == SA_KIND_AVGPOOL)
    steps = sa_pool_steps(m, index, &c->size, &by_columns);
  else if (op->kind == SA_KIND_UPSAMPLE)
    steps = tile_rows * q * op->window.kernel_h * op->window.kernel_w;
  const uint64_t gap = sa_op_reduces(op) ? SA_LAT_VEC_MAX_GAP + SA_LAT_VEC_RECIP_GAP : SA_LAT_VEC_LATENCY;
  const uint64_t m_rows = (uint64_t)all->images * all->rows * all->cols;
  out->vector_cycles = (steps * m_rows + tile_rows - 1) / tile_rows + gap * shape.tiles;
  out->memory_cycles = streaming_cycles(m, index, c, shape.tiles, 0);
  out->tail_cycles = steps;
  return max64(out->vector_cycles, out->memory_cycles) + out->tail_cycles;
}

uint64_t sa_cost(const struct sa_mapper *m, uint32_t index, const struct sa_choice *c,
                        struct sa_op_map *out) {
  out->array_cycles = out->weight_cycles = 0;
  return sa_op_on_array(&m->graph->ops[index]) ? gemm_cost(m, index, c, out) : vector_cost(m, index, c, out);
}

uint32_t sa_count_tiles(const struct sa_tile *all, const struct sa_tile *size) {
  return sa_ceil_div(all->images, size->images) * sa_ceil_div(all->rows, size->rows) *
         sa_ceil_div(all->cols, size->cols);
}
