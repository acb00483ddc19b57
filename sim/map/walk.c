/* Emission: operation by operation, tile by tile. While one tile is worked on, the data of the next is on
 * its way; at the beginning of an operation the next one's parameters and tables are. */
#include <assert.h>
#include <stdlib.h>

#include "map/mapper.h"

enum { PARAM_BYTES = 8, TABLE_BYTES = 256, MAX_TOKENS = 4095, MAX_TAKE = 15 };

/* ---- Parameters and tables ---- */

uint32_t sa_params_address(struct sa_mapper *m, uint32_t index, uint32_t n_tile, uint32_t n_first,
                           uint32_t n_used, uint32_t *ready) {
  struct sa_op_plan *plan = &m->plans[index];
  const struct sa_region *region = &m->places.regions[plan->param_region];
  if (plan->param_slots == 0) {
    *ready = plan->param_ready[0];
    return region->address + PARAM_BYTES * n_first;
  }
  const uint32_t slot_bytes = PARAM_BYTES * m->config->array_cols;
  for (uint32_t s = 0; s < plan->param_slots; s++)
    if (plan->param_held[s] == n_tile + 1) {
      *ready = plan->param_ready[s];
      return region->address + s * slot_bytes;
    }
  const uint32_t slot = plan->param_next;
  plan->param_next = (slot + 1) % plan->param_slots;
  plan->param_held[slot] = n_tile + 1;
  sa_region_recycle(m, plan->param_region);
  const uint64_t dram = m->mapping->ops[index].param_addr + PARAM_BYTES * (uint64_t)n_first;
  *ready = plan->param_ready[slot] = sa_load_bytes(m, plan->param_region, slot * (uint64_t)slot_bytes, dram,
                                                   PARAM_BYTES * (uint64_t)n_used, SA_CLASS_PARAMS);
  return region->address + slot * slot_bytes;
}

void sa_use_table(struct sa_mapper *m, uint32_t index, uint32_t table) {
  const uint32_t number = table >= SA_TABLE_EXP ? 1 + table - SA_TABLE_EXP : 0;
  if (m->table_held[number] == table) return;
  const struct sa_op_plan *plan = &m->plans[index];
  uint32_t at = 0;
  while (plan->tables[at] != table) at++;
  assert(at < plan->table_count);
  const uint32_t address = m->places.regions[plan->table_region].address + at * TABLE_BYTES;
  struct sa_instr instr = {.opcode = SA_OP_VTABLE, .flags = (uint8_t)(number << SA_F_TABLE_SHIFT)};
  instr.u.vec.a = address;
  struct sa_stamp wait = {{0}};
  sa_stamp_add(&wait, SA_EV_LOAD, plan->table_ready);
  sa_region_read(m, plan->table_region, SA_VECTOR, address, (int64_t)address + TABLE_BYTES, &wait);
  sa_emit(&m->emitter, &instr, &wait);
  m->table_held[number] = table;
}

/* Loads what op keeps beside its tensors, if its place exists by now and it is not there yet. */
static void load_early(struct sa_mapper *m, uint32_t index) {
  if (index >= m->graph->op_count) return;
  struct sa_op_plan *plan = &m->plans[index];
  const struct sa_op_map *map = &m->mapping->ops[index];
  m->emitter.layer = m->graph->ops[index].layer;
  if (plan->param_region != SA_NONE && plan->param_slots == 0 && !plan->param_ready[0] &&
      plan->param_region < m->next_region)
    plan->param_ready[0] =
        sa_load_bytes(m, plan->param_region, 0, map->param_addr, map->param_bytes, SA_CLASS_PARAMS);
  if (plan->table_region != SA_NONE && !plan->table_ready && plan->table_region < m->next_region)
    for (uint32_t k = 0; k < plan->table_count; k++)
      plan->table_ready = sa_load_bytes(m, plan->table_region, k * (uint64_t)TABLE_BYTES,
                                        m->mapping->table_addr[plan->tables[k]], TABLE_BYTES, SA_CLASS_PARAMS);
}

/* ---- Tiles ---- */

/* The tile behind one in order images, rows, columns; false after the last. */
static bool next_tile(const struct sa_op_plan *plan, struct sa_tile *t) {
  const struct sa_tile *all = &plan->whole, *size = &plan->tile;
  t->col += t->cols;
  if (t->col == all->cols) {
    t->col = 0;
    t->row += t->rows;
    if (t->row == all->rows) {
      t->row = 0;
      t->image += t->images;
      if (t->image == all->images) return false;
    }
  }
  const uint32_t images = all->images - t->image, rows = all->rows - t->row, cols = all->cols - t->col;
  t->images = images < size->images ? images : size->images;
  t->rows = rows < size->rows ? rows : size->rows;
  t->cols = cols < size->cols ? cols : size->cols;
  return true;
}

static void fetch(struct sa_mapper *m, uint32_t index, const struct sa_tile *t, uint32_t last) {
  for (uint32_t k = SA_OPERAND_A; k <= last; k++) {
    struct sa_operand *operand = &m->plans[index].operands[k];
    if (operand->ref.tensor == SA_NONE) continue;
    const struct sa_box box = sa_operand_box(m, index, k, t);
    sa_operand_fetch(m, operand, &box);
  }
}

static bool prefetches(const struct sa_op_plan *plan) {
  for (uint32_t k = SA_OPERAND_A; k <= SA_OPERAND_RESIDUAL; k++)
    if (plan->operands[k].streamed && plan->operands[k].slots == 1) return false;
  return true;
}

/* Loads for the tile after t; behind the last tile of M of a block of tiles of N, what the first one needs again
 * but its residual, which is that of the next block. */
static void fetch_ahead(struct sa_mapper *m, uint32_t index, const struct sa_tile *t) {
  const struct sa_op_plan *plan = &m->plans[index];
  struct sa_tile ahead = *t;
  if (plan->joined || !prefetches(plan)) return;
  if (next_tile(plan, &ahead)) fetch(m, index, &ahead, SA_OPERAND_RESIDUAL);
  else if (m->graph->ops[index].kind == SA_KIND_GEMM && plan->block + plan->n_block < m->mapping->ops[index].n_tiles)
    fetch(m, index, &plan->tile, SA_OPERAND_A);
}

static void do_tile(struct sa_mapper *m, uint32_t index, const struct sa_tile *t) {
  const struct sa_op_plan *plan = &m->plans[index];
  const uint32_t n_tiles = m->mapping->ops[index].n_tiles;
  switch (m->graph->ops[index].kind) {
    case SA_KIND_GEMM:
      sa_gemm_begin(m, index, t);
      for (uint32_t n = plan->block; n < n_tiles && n < plan->block + plan->n_block; n++)
        sa_gemm_group(m, index, t, n);
      break;
    case SA_KIND_ATTENTION: sa_attention_tile(m, index, t); break;
    default: sa_vector_tile(m, index, t);
  }
}

/* Channels of the block of tiles of N that begins with plan->block. */
static void set_block(struct sa_mapper *m, uint32_t index) {
  const struct sa_op *op = &m->graph->ops[index];
  struct sa_op_plan *plan = &m->plans[index];
  if (op->kind != SA_KIND_GEMM) return;
  const uint32_t n_tiles = m->mapping->ops[index].n_tiles, end = plan->block + plan->n_block;
  const struct sa_n_tile last = sa_n_tile(m->config, op, (end < n_tiles ? end : n_tiles) - 1);
  plan->block_first = sa_n_tile(m->config, op, plan->block).n_first;
  plan->block_channels = last.n_first + last.n_used - plan->block_first;
}

static void start_op(struct sa_mapper *m, uint32_t index) {
  struct sa_op_plan *plan = &m->plans[index];
  plan->now = plan->tile;
  plan->done = false;
  plan->lines_done = plan->block = 0;
  set_block(m, index);
}

/* To the next tile: of M, then the next block of tiles of N. */
static void next_step(struct sa_mapper *m, uint32_t index) {
  struct sa_op_plan *plan = &m->plans[index];
  if (next_tile(plan, &plan->now)) return;
  plan->now = plan->tile;
  plan->block += plan->n_block;
  if (m->graph->ops[index].kind == SA_KIND_GEMM && plan->block < m->mapping->ops[index].n_tiles)
    set_block(m, index);
  else
    plan->done = true;
}

static void advance(struct sa_mapper *m, uint32_t index);

/* Stores a tile's result if it is wanted in DRAM. Keys and values that stay in the buffer go with their last
 * block of channels, whole tokens at once: a block alone would be a part of a burst for each token. */
static void store_tile(struct sa_mapper *m, uint32_t index, struct sa_box box, bool complete) {
  struct sa_operand *out = &m->plans[index].operands[SA_OPERAND_OUT];
  if (m->graph->tensors[out->ref.tensor].is_cache && !out->streamed) {
    if (!complete) return;
    box.channel = out->ref.c_first;
    box.channels = out->ref.c_count;
  }
  sa_operand_store(m, out, &box);
}

/* One tile: the next one's data in, its work, its result out; then joined ops go on. */
static void step_op(struct sa_mapper *m, uint32_t index) {
  struct sa_op_plan *plan = &m->plans[index];
  struct sa_operand *out = &plan->operands[SA_OPERAND_OUT];
  const struct sa_tile t = plan->now;
  m->emitter.layer = m->graph->ops[index].layer;
  fetch(m, index, &t, SA_OPERAND_RESIDUAL);
  fetch_ahead(m, index, &t);
  const struct sa_box box = sa_operand_box(m, index, SA_OPERAND_OUT, &t);
  if (plan->in_place) { /* others may still read the operand */
    sa_region_recycle(m, m->tensors[out->ref.tensor].region);
    m->tensors[out->ref.tensor].filled = m->tensors[plan->operands[SA_OPERAND_A].ref.tensor].filled;
  }
  sa_operand_begin(m, out, &box);
  do_tile(m, index, &t);
  const bool complete = plan->block + plan->n_block >= m->mapping->ops[index].n_tiles;
  store_tile(m, index, box, complete);
  next_step(m, index);
  if (complete) sa_join_done(m, index, &t);
  if (complete && index + 1 < m->graph->op_count && m->plans[index + 1].joined) advance(m, index + 1);
}

/* Does the tiles of a joined op whose operands are complete. */
static void advance(struct sa_mapper *m, uint32_t index) {
  struct sa_op_plan *plan = &m->plans[index];
  const uint32_t layer = m->emitter.layer;
  while (!plan->done && sa_join_ready(m, index, &plan->now)) step_op(m, index);
  m->emitter.layer = layer;
}

/* Space, loads and halos of an op and of those joined to it; loads of the op behind them. Returns that. */
static uint32_t begin_chain(struct sa_mapper *m, uint32_t index) {
  const uint32_t first_region = m->next_region;
  uint32_t end = index + 1;
  while (end < m->graph->op_count && m->plans[end].joined) end++;
  sa_regions_activate(m, m->plans[index].phase);
  for (uint32_t i = index; i < end; i++) {
    start_op(m, i);
    load_early(m, i);
  }
  for (uint32_t i = index; i < end; i++) { /* a result's halo is filled when it gets its place */
    const uint32_t tensor = m->graph->ops[i].out.tensor;
    const uint32_t region = m->tensors[tensor].region;
    m->emitter.layer = m->graph->ops[i].layer;
    if (region != SA_NONE && region >= first_region && !m->plans[i].in_place && m->graph->tensors[tensor].first_op == i)
      sa_tensor_fill_halo(m, tensor);
  }
  load_early(m, end);
  m->emitter.layer = m->graph->ops[index].layer;
  return end;
}

/* Halos of inputs whose place begins now. */
static void fill_inputs(struct sa_mapper *m, uint32_t index) {
  const struct sa_op *op = &m->graph->ops[index];
  const uint32_t read[3] = {op->a.tensor, op->b.tensor, op->residual.tensor};
  for (int k = 0; k < 3; k++) {
    if (read[k] == SA_NONE) continue;
    const struct sa_tensor *t = &m->graph->tensors[read[k]];
    const bool first = k == 0 || read[k] != read[0];
    if (t->is_input && t->first_op == index && first && m->tensors[read[k]].region != SA_NONE)
      sa_tensor_fill_halo(m, read[k]);
  }
}

static enum sa_status emit_all(struct sa_mapper *m, uint32_t grain, bool *alike) {
  struct sa_emitter *e = &m->emitter;
  const struct sa_repeat *r = &m->repeat;
  const uint32_t cut = r->first_op + sa_repeat_cut(m);
  uint32_t repetition = 1; /* the first one follows what comes before it in one block */
  sa_program_release(&m->mapping->program);
  sa_emitter_init(e, m->config, &m->mapping->program, grain, m->error);
  e->repeat_bytes = m->kept * m->repeat_bytes;
  e->gap = r->layers * (r->count - m->kept);
  e->gap_first = r->first_layer + r->layers * (r->count - 1);
  sa_emit_block(e, 0, 0, SA_NO_MODEL);
  for (uint32_t i = 0; i < 3; i++) m->table_held[i] = SA_NONE;
  m->params_op = m->params_tile = SA_NONE;
  uint32_t end;
  for (uint32_t i = 0; i < m->graph->op_count && m->emitter.status == SA_OK; i = end) {
    if (repetition < m->kept && i == cut + repetition * r->ops) sa_repeat_begin(m, repetition++);
    if (repetition == m->kept && sa_repeat_unlike(m)) break;
    end = begin_chain(m, i);
    for (uint32_t k = i; k < end; k++) fill_inputs(m, k);
    if (m->graph->ops[i].kind == SA_KIND_LSTM) sa_cell(m, i);
    else while (!m->plans[i].done) step_op(m, i);
  }
  enum sa_status status = m->emitter.status;
  sa_emit_end(e);
  if (status == SA_OK) status = sa_repeat_settle(m, alike);
  sa_emitter_release(&m->emitter);
  return status;
}

/* Everything that emission changes, as it was before. */
static enum sa_status reset(struct sa_mapper *m) {
  size_t events = 0;
  uint32_t most_folds = 1;
  for (uint32_t i = 0; i < m->graph->tensor_count; i++)
    events += (size_t)m->tensors[i].lines * (m->tensors[i].parts + 1);
  for (uint32_t i = 0; i < m->graph->op_count; i++)
    if (m->mapping->ops[i].fold_count > most_folds) most_folds = m->mapping->ops[i].fold_count;
  free(m->event_pool);
  free(m->ghosts);
  free(m->fold_order);
  free(m->fold_wait);
  m->event_pool = calloc(events + 1, sizeof *m->event_pool);
  m->ghosts = malloc(((size_t)m->places.count + 1) * sizeof *m->ghosts);
  m->fold_order = malloc(most_folds * sizeof *m->fold_order);
  m->fold_wait = malloc(most_folds * sizeof *m->fold_wait);
  if (!m->event_pool || !m->ghosts || !m->fold_order || !m->fold_wait)
    return sa_fail(m->error, SA_ERR_MEMORY, "mapping: out of memory for dependencies");
  uint32_t *next = m->event_pool;
  for (uint32_t i = 0; i < m->graph->tensor_count; i++) {
    struct sa_tensor_state *s = &m->tensors[i];
    s->written = next;
    next += (size_t)s->lines * s->parts;
    s->stored = m->mapping->tensors[i].in_dram && !m->graph->tensors[i].is_input ? next : NULL;
    next += s->lines;
    s->filled = s->requested = s->last_load = s->part_stored = 0;
  }
  for (uint32_t i = 0; i < m->places.count; i++) {
    static const struct sa_stamp none;
    m->places.regions[i].before = m->places.regions[i].uses = none;
  }
  for (uint32_t i = 0; i < m->graph->op_count; i++) {
    struct sa_op_plan *plan = &m->plans[i];
    for (uint32_t k = 0; k < SA_OPERANDS; k++) {
      plan->operands[k].full[0] = plan->operands[k].full[1] = false;
      plan->operands[k].next = 0;
    }
    plan->param_held[0] = plan->param_held[1] = plan->param_ready[0] = plan->param_ready[1] = 0;
    plan->param_next = plan->table_ready = 0;
  }
  m->ghost_count = m->next_region = m->acc_turn = 0;
  m->active_tile = 0;
  for (int b = 0; b < 2; b++) m->acc_read[b][0] = m->acc_read[b][1] = 0;
  return SA_OK;
}

/* What a counter may hold in program order: it also holds what instructions take that wait in a queue. */
static uint32_t most_tokens(const struct sa_config *config) {
  uint32_t deepest = 0;
  for (int unit = 0; unit < SA_UNITS; unit++)
    if (config->queue_depth[unit] > deepest) deepest = config->queue_depth[unit];
  return MAX_TOKENS - MAX_TAKE * deepest;
}

enum sa_status sa_emit_program(struct sa_mapper *m, bool *alike) {
  enum sa_status status = SA_OK;
  *alike = true;
  /* a counter that would overflow is relieved by waiting for later events, fewer of which are marked */
  for (uint32_t grain = 1; status == SA_OK; grain *= 2) {
    status = reset(m);
    if (status == SA_OK) status = emit_all(m, grain, alike);
    if (status == SA_OK && (!*alike || sa_repeat_peak_tokens(m) <= most_tokens(m->config))) break;
  }
  return status == SA_OK && *alike ? sa_repeat_calls(m) : status;
}
