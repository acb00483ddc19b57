/* Candidates: sizes of tiles of M, and how many tiles of N each goes through. */
#include <assert.h>

#include "map/mapper.h"

enum { MAX_PARTS = 16, MAX_SIZES = 96, MAX_BLOCKS = 34, MAX_COUNT = 65535, REDUCTION_ROWS = 256 };

/* Rows of M that a tile may have. */
static uint64_t most_rows(const struct sa_mapper *m, const struct sa_op *op) {
  if (sa_op_on_array(op)) return m->config->accumulator_rows < MAX_COUNT ? m->config->accumulator_rows : MAX_COUNT;
  return sa_op_reduces(op) ? REDUCTION_ROWS : UINT32_MAX;
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
  assert(count > 0 && count <= MAX_SIZES);
  return count;
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

/* Blocks of tiles of N for one size of tile of M: all at once, and also fewer: where every operand is resident
 * one, if its single fold can stay in the array for all of M; where a result is staged powers of two of at
 * least a burst of columns, so that it is stored in whole bursts (a staged operand is then loaded again for
 * each block, but there is room for larger tiles of M, for which weights are fetched less often). */
static uint32_t list_blocks(const struct sa_mapper *m, uint32_t index, enum sa_order wish, uint32_t *blocks) {
  const struct sa_op *op = &m->graph->ops[index];
  const struct sa_op_plan *plan = &m->plans[index];
  const struct sa_op_map *map = &m->mapping->ops[index];
  const bool resident_in = !plan->operands[SA_OPERAND_A].streamed && !plan->operands[SA_OPERAND_RESIDUAL].streamed;
  const bool may_block = op->kind == SA_KIND_GEMM && map->n_tiles > 1 &&
                         (resident_in || plan->operands[SA_OPERAND_OUT].streamed);
  uint32_t count = 0;
  if (wish != SA_ORDER_N_OUTER || !may_block) blocks[count++] = map->n_tiles;
  if (!may_block || wish == SA_ORDER_M_OUTER) return count;
  if (!plan->operands[SA_OPERAND_OUT].streamed) {
    if (map->fold_count == 1 || wish == SA_ORDER_N_OUTER) blocks[count++] = 1;
    return count;
  }
  const uint32_t first = sa_ceil_div(m->config->port[0].burst_bytes, m->config->array_cols);
  for (uint64_t block = first; block < map->n_tiles; block *= 2) blocks[count++] = (uint32_t)block;
  if (count == 0) blocks[count++] = first < map->n_tiles ? first : map->n_tiles;
  return count;
}

uint32_t sa_list_choices(const struct sa_mapper *m, uint32_t index, struct sa_choice list[SA_MAX_CHOICES]) {
  const struct sa_map_override *o = override_of(m, m->graph->ops[index].layer);
  struct sa_tile sizes[MAX_SIZES];
  uint32_t blocks[MAX_BLOCKS];
  const uint32_t size_count = list_sizes(m, index, sizes);
  const uint32_t block_count = list_blocks(m, index, o ? o->order : SA_ORDER_AUTO, blocks);
  uint32_t count = 0;
  for (int relaxed = 0; relaxed < 2 && count == 0; relaxed++) /* wishes that nothing meets are dropped */
    for (uint32_t i = 0; i < size_count; i++)
      for (uint32_t b = 0; b < block_count && (relaxed || allowed(o, &sizes[i])); b++)
        if (count < SA_MAX_CHOICES) list[count++] = (struct sa_choice){sizes[i], blocks[b]};
  if (!o || o->choice == 0 || o->choice > count) return count;
  list[0] = list[o->choice - 1];
  return 1;
}
