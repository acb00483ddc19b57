/* Where everything lives: walks over the operations in order with the buffer's free space, gives every
 * tensor a place from its first to its last use, every op its parameters, tables and staging, and where
 * space runs out sends a tensor to DRAM and starts again. */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "map/mapper.h"
#include "net/quant.h"

enum { PARAM_BYTES = 8, TABLE_BYTES = 256, MAX_PARTS = 64 };

/* ---- Halo and pitches ---- */

static uint32_t max32(uint32_t a, uint32_t b) { return a > b ? a : b; }

/* Bytes of a resident tensor with its halo; fills the pitches. The halo behind a row is the one before
 * the next, and so for images. */
static uint64_t tensor_bytes(const struct sa_tensor *t, struct sa_tensor_state *s, uint64_t *lead) {
  const uint64_t c = t->shape.c;
  const uint64_t row = (t->shape.w + (uint64_t)max32(t->pad_left, t->pad_right)) * c;
  const uint64_t image = (t->shape.h + (uint64_t)max32(t->pad_top, t->pad_bottom)) * row;
  s->row = (int64_t)row;
  s->image = (int64_t)image;
  *lead = t->pad_top * row + t->pad_left * c;
  return *lead + (t->shape.n - 1) * image + (t->shape.h - 1) * row + t->shape.w * c +
         t->pad_bottom * row + t->pad_right * c;
}

/* ---- Banks that a tensor had better not share ----
 * Units that work at the same time should read different banks, and write different banks. VECTOR
 * works on an op while the array is at the one before or behind; LOAD is one op ahead. */

static uint64_t tensor_banks(const struct sa_mapper *m, uint32_t tensor) {
  if (tensor == SA_NONE || m->tensors[tensor].region == SA_NONE) return 0;
  return sa_region_banks(&m->places, m->tensors[tensor].region);
}

/* Banks that MATMUL or WLOAD reads in an op, as far as they are placed. */
static uint64_t array_reads(const struct sa_mapper *m, const struct sa_op *op) {
  return sa_op_on_array(op) ? tensor_banks(m, op->a.tensor) | tensor_banks(m, op->b.tensor) : 0;
}

/* Banks that VECTOR reads in an op. */
static uint64_t vector_reads(const struct sa_mapper *m, const struct sa_op *op) {
  const struct sa_op_plan *plan = &m->plans[op - m->graph->ops];
  uint64_t banks = tensor_banks(m, op->residual.tensor);
  if (plan->param_region != SA_NONE) banks |= sa_region_banks(&m->places, plan->param_region);
  if (!sa_op_on_array(op)) banks |= tensor_banks(m, op->a.tensor) | tensor_banks(m, op->b.tensor);
  return banks;
}

typedef uint64_t bank_use(const struct sa_mapper *m, const struct sa_op *op);

/* A use of banks by an op and its neighbours. */
static uint64_t around(const struct sa_mapper *m, uint32_t index, bank_use *use) {
  uint64_t banks = use(m, &m->graph->ops[index]);
  if (index > 0) banks |= use(m, &m->graph->ops[index - 1]);
  if (index + 1 < m->graph->op_count) banks |= use(m, &m->graph->ops[index + 1]);
  return banks;
}

static uint64_t input_of(const struct sa_mapper *m, uint32_t tensor) {
  return tensor != SA_NONE && m->graph->tensors[tensor].is_input ? tensor_banks(m, tensor) : 0;
}

/* Banks that LOAD writes for an op, and those that VECTOR writes. */
static uint64_t load_writes(const struct sa_mapper *m, const struct sa_op *op) {
  return input_of(m, op->a.tensor) | input_of(m, op->b.tensor) | input_of(m, op->residual.tensor);
}

static uint64_t vector_writes(const struct sa_mapper *m, const struct sa_op *op) {
  return tensor_banks(m, op->out.tensor);
}

static uint64_t banks_to_avoid(const struct sa_mapper *m, uint32_t tensor) {
  const struct sa_tensor *t = &m->graph->tensors[tensor];
  uint64_t avoid = around(m, t->first_op, t->is_input ? vector_writes : load_writes);
  if (!t->is_input && t->first_op > 0) avoid |= vector_writes(m, &m->graph->ops[t->first_op - 1]);
  for (uint32_t i = t->first_op; i <= t->last_op; i++) {
    const struct sa_op *op = &m->graph->ops[i];
    const bool a_or_b = op->a.tensor == tensor || op->b.tensor == tensor;
    if (a_or_b && sa_op_on_array(op)) {
      avoid |= around(m, i, vector_reads);
      if (op->b.tensor != SA_NONE) avoid |= array_reads(m, op);
    }
    if ((a_or_b && !sa_op_on_array(op)) || op->residual.tensor == tensor) avoid |= around(m, i, array_reads);
  }
  return avoid;
}

/* ---- Places ---- */

static bool place_tensor(struct sa_mapper *m, uint32_t tensor, uint32_t op) {
  const struct sa_tensor *t = &m->graph->tensors[tensor];
  struct sa_tensor_state *s = &m->tensors[tensor];
  struct sa_tensor_map *map = &m->mapping->tensors[tensor];
  uint64_t lead;
  const uint64_t bytes = tensor_bytes(t, s, &lead);
  const uint32_t earlier = sa_repeat_earlier_tensor(m, tensor);
  const struct sa_place place = {.bytes = bytes,
                                 .first = m->plans[op].phase,
                                 .last = m->plans[t->last_op].phase,
                                 .avoid = banks_to_avoid(m, tensor),
                                 .like = earlier == SA_NONE ? SA_NONE : m->tensors[earlier].region};
  s->region = sa_places_add(&m->places, &place);
  if (s->region == SA_NONE) return false;
  map->ub_addr = m->places.regions[s->region].address;
  map->ub_bytes = (uint32_t)bytes;
  s->origin = (int64_t)(map->ub_addr + lead);
  return true;
}

/* Whether an op can write its result over its operand: element by element, nobody reads that later. */
static bool may_overwrite(const struct sa_mapper *m, uint32_t index) {
  const struct sa_op *op = &m->graph->ops[index];
  const bool in_place = op->kind == SA_KIND_ADD || op->kind == SA_KIND_MUL || op->kind == SA_KIND_MOVE ||
                        op->kind == SA_KIND_SOFTMAX || op->kind == SA_KIND_NORM;
  const struct sa_tensor *a = &m->graph->tensors[op->a.tensor], *out = &m->graph->tensors[op->out.tensor];
  return in_place && !op->rotate && m->tensors[op->a.tensor].region != SA_NONE && a->last_op == index && !a->is_input &&
         !a->is_output && op->b.tensor != op->a.tensor && out->first_op == index &&
         op->a.c_count == a->shape.c && op->out.c_count == out->shape.c && a->shape.n == out->shape.n &&
         a->shape.c == out->shape.c && a->shape.w == out->shape.w && a->shape.h == out->shape.h && a->pad_top == out->pad_top &&
         a->pad_left == out->pad_left && a->pad_bottom == out->pad_bottom && a->pad_right == out->pad_right;
}

/* The result takes its operand's place. */
static void overwrite(struct sa_mapper *m, uint32_t index) {
  const struct sa_op *op = &m->graph->ops[index];
  const struct sa_tensor_state *a = &m->tensors[op->a.tensor];
  struct sa_tensor_state *out = &m->tensors[op->out.tensor];
  out->region = a->region;
  out->origin = a->origin;
  out->row = a->row;
  out->image = a->image;
  m->places.regions[a->region].last = m->plans[m->graph->tensors[op->out.tensor].last_op].phase;
  m->plans[index].in_place = true;
  m->mapping->tensors[op->out.tensor].ub_addr = m->mapping->tensors[op->a.tensor].ub_addr;
  m->mapping->tensors[op->out.tensor].ub_bytes = m->mapping->tensors[op->a.tensor].ub_bytes;
}

static bool needs_params(const struct sa_op *op) {
  return sa_op_on_array(op) || op->kind == SA_KIND_NORM;
}

/* The plan of the op that corresponds to this one in the repetition before; null: none. */
static const struct sa_op_plan *earlier_plan(const struct sa_mapper *m, uint32_t index) {
  const uint32_t earlier = sa_repeat_earlier_op(m, index);
  return earlier == SA_NONE ? NULL : &m->plans[earlier];
}

/* The whole block, or if `in_slots` allows slots of one tile of N, two or one of them. */
static bool place_params(struct sa_mapper *m, uint32_t index, uint32_t now, bool in_slots) {
  struct sa_op_plan *plan = &m->plans[index];
  const struct sa_op *op = &m->graph->ops[index];
  if (!needs_params(op) || plan->param_region != SA_NONE) return true;
  const uint64_t whole = sa_param_bytes(m, index), slot = PARAM_BYTES * (uint64_t)m->config->array_cols;
  const struct sa_op_plan *earlier = earlier_plan(m, index);
  struct sa_place place = {.bytes = whole,
                           .first = m->plans[now].phase,
                           .last = plan->phase,
                           .avoid = around(m, index, array_reads) | vector_writes(m, op),
                           .high = true,
                           .like = earlier ? earlier->param_region : SA_NONE};
  const bool may_slots = op->kind != SA_KIND_NORM && slot < whole;
  plan->param_slots = 0;
  if (!m->frugal[index] || !may_slots)
    plan->param_region = sa_places_add(&m->places, &place);
  for (uint32_t slots = m->frugal[index] ? 1 : 2; slots > 0 && may_slots && in_slots; slots--) {
    if (plan->param_region != SA_NONE) break;
    if (slots * slot >= whole) continue;
    plan->param_slots = slots;
    place.bytes = slots * slot;
    plan->param_region = sa_places_add(&m->places, &place);
  }
  return plan->param_region != SA_NONE;
}

/* Tables that an op needs, as indices into table_addr. */
static uint32_t tables_of(const struct sa_mapper *m, const struct sa_op *op, uint32_t tables[2]) {
  const struct sa_layer *layer = &m->net->layers[op->layer];
  if (op->kind == SA_KIND_SOFTMAX) {
    tables[0] = SA_TABLE_EXP;
    tables[1] = SA_TABLE_EXP + 1;
    return 2;
  }
  if (layer->kind == SA_LAYER_RNN) {
    tables[0] = SA_ACT_TANH;
    return 1;
  }
  if (op->kind == SA_KIND_LSTM) {
    tables[0] = SA_ACT_SIGMOID;
    tables[1] = SA_ACT_TANH;
    return 2;
  }
  if (op->copy_scale || !sa_quant_uses_table(layer->activation)) return 0;
  tables[0] = layer->activation;
  return 1;
}

/* Whether VECTOR still holds an op's tables from ops before; then updates what it holds. */
static bool holds_tables(const struct sa_op *op, const uint32_t tables[2], uint32_t count,
                         uint32_t held[2]) {
  if (op->kind == SA_KIND_LSTM) {
    held[0] = SA_NONE;
    return false;
  }
  const uint32_t kind = op->kind == SA_KIND_SOFTMAX; /* 0 activation, 1 exponential */
  const bool holds = held[kind] == tables[0];
  if (count) held[kind] = tables[0];
  return holds;
}

/* Whether the ops of the chain that begins here, which run in turns, need different activation tables. */
static bool mixes_tables(const struct sa_mapper *m, uint32_t index) {
  const uint32_t phase = m->plans[index].phase;
  uint32_t seen = SA_NONE;
  for (uint32_t i = phase; i < m->graph->op_count && m->plans[i].phase == phase; i++) {
    uint32_t tables[2];
    const struct sa_op *op = &m->graph->ops[i];
    if (op->kind == SA_KIND_SOFTMAX || !tables_of(m, op, tables)) continue;
    if (seen != SA_NONE && tables[0] != seen) return true;
    seen = tables[0];
  }
  return false;
}

/* Which ops bring tables along: those that VECTOR does not hold since an op before, and all of a chain that
 * takes turns with different ones. */
static void plan_tables(struct sa_mapper *m) {
  uint32_t held[2] = {SA_NONE, SA_NONE};
  for (uint32_t i = 0; i < m->graph->op_count; i++) {
    const struct sa_op *op = &m->graph->ops[i];
    struct sa_op_plan *plan = &m->plans[i];
    const uint32_t count = tables_of(m, op, plan->tables);
    if (count == 0) continue;
    if (op->kind != SA_KIND_SOFTMAX && mixes_tables(m, i)) held[0] = SA_NONE;
    if (!holds_tables(op, plan->tables, count, held)) plan->table_count = count;
    if (op->kind != SA_KIND_SOFTMAX && mixes_tables(m, i)) held[0] = SA_NONE;
  }
}

static bool place_tables(struct sa_mapper *m, uint32_t index, uint32_t now) {
  struct sa_op_plan *plan = &m->plans[index];
  if (plan->table_count == 0 || plan->table_region != SA_NONE) return true;
  const struct sa_op_plan *earlier = earlier_plan(m, index);
  const struct sa_place place = {.bytes = plan->table_count * (uint64_t)TABLE_BYTES,
                                 .first = m->plans[now].phase,
                                 .last = plan->phase,
                                 .high = true,
                                 .like = earlier ? earlier->table_region : SA_NONE};
  plan->table_region = sa_places_add(&m->places, &place);
  return plan->table_region != SA_NONE;
}

/* ---- Plans ---- */

static void set_operand(struct sa_mapper *m, struct sa_operand *operand, const struct sa_ref *ref) {
  *operand = (struct sa_operand){.ref = *ref};
  operand->streamed = ref->tensor != SA_NONE && !m->mapping->tensors[ref->tensor].resident;
}

static void reset_plans(struct sa_mapper *m) {
  sa_places_clear(&m->places);
  for (uint32_t i = 0; i < m->graph->tensor_count; i++) m->tensors[i].region = SA_NONE;
  for (uint32_t i = 0; i < m->graph->op_count; i++) {
    const struct sa_op *op = &m->graph->ops[i];
    struct sa_op_plan *plan = &m->plans[i];
    memset(plan, 0, sizeof *plan);
    set_operand(m, &plan->operands[SA_OPERAND_A], &op->a);
    set_operand(m, &plan->operands[SA_OPERAND_B], &op->b);
    set_operand(m, &plan->operands[SA_OPERAND_RESIDUAL], &op->residual);
    set_operand(m, &plan->operands[SA_OPERAND_OUT], &op->out);
    const struct sa_layer *layer = &m->net->layers[op->layer];
    struct sa_shape s = m->graph->tensors[op->out.tensor].shape;
    if (op->kind == SA_KIND_UPSAMPLE) s = m->graph->tensors[op->a.tensor].shape;
    if (op->kind == SA_KIND_ATTENTION) s.h = layer->heads;
    plan->whole = (struct sa_tile){0, op->images, 0, s.h, 0, s.w};
    plan->n_block = 1;
    plan->param_region = plan->table_region = plan->scratch_region = SA_NONE;
  }
  sa_join_ops(m);
  plan_tables(m);
}

static bool is_resident(const struct sa_mapper *m, uint32_t tensor) {
  return tensor != SA_NONE && m->mapping->tensors[tensor].resident;
}

/* Places resident inputs whose first reader is this op. */
static bool place_inputs(struct sa_mapper *m, uint32_t index, uint32_t now) {
  const struct sa_op *op = &m->graph->ops[index];
  const uint32_t read[3] = {op->a.tensor, op->b.tensor, op->residual.tensor};
  for (int k = 0; k < 3; k++)
    if (is_resident(m, read[k]) && m->graph->tensors[read[k]].is_input &&
        m->tensors[read[k]].region == SA_NONE && !place_tensor(m, read[k], now))
      return false;
  return true;
}

/* Space for as long as an op runs. */
static uint32_t place_scratch(struct sa_mapper *m, uint32_t index, uint64_t bytes, uint64_t avoid) {
  const uint32_t phase = m->plans[index].phase;
  const struct sa_op_plan *earlier = earlier_plan(m, index);
  const struct sa_place place = {.bytes = bytes,
                                 .first = phase,
                                 .last = phase,
                                 .avoid = avoid,
                                 .high = true,
                                 .like = earlier ? earlier->scratch_region : SA_NONE};
  return sa_places_add(&m->places, &place);
}

/* What one op must have; false if something finds no room. *least: bytes that it needs at least. */
static bool place_op(struct sa_mapper *m, uint32_t index, uint64_t *least, enum sa_status *status) {
  const struct sa_op *op = &m->graph->ops[index];
  struct sa_op_plan *plan = &m->plans[index];
  bool fits = place_inputs(m, index, index);
  if (fits && is_resident(m, op->out.tensor) && m->tensors[op->out.tensor].region == SA_NONE) {
    if (m->overwrite && may_overwrite(m, index)) overwrite(m, index);
    else fits = place_tensor(m, op->out.tensor, index);
  }
  fits = fits && place_params(m, index, index, true) && place_tables(m, index, index);
  uint64_t scratch = 0, staging = 0;
  if (op->kind == SA_KIND_LSTM) {
    if ((*status = sa_fold_lstm(m, index)) != SA_OK) return false;
    scratch = sa_cell_scratch_bytes(m, index);
    plan->scratch_region = fits ? place_scratch(m, index, scratch, 0) : SA_NONE;
    fits = plan->scratch_region != SA_NONE;
    if (plan->operands[SA_OPERAND_A].streamed || plan->operands[SA_OPERAND_OUT].streamed) {
      struct sa_tensor_state s;
      uint64_t lead;
      staging = tensor_bytes(&m->graph->tensors[op->a.tensor], &s, &lead) +
                tensor_bytes(&m->graph->tensors[op->out.tensor], &s, &lead);
      fits = false;
    }
  } else {
    if (op->kind == SA_KIND_GEMM && (*status = sa_fold_gemm(m, index)) != SA_OK) return false;
    if (op->kind == SA_KIND_ATTENTION && (*status = sa_fold_attention(m, index)) != SA_OK) return false;
    const bool chosen = sa_choose(m, index, &staging);
    fits = fits && chosen;
    const uint64_t bytes = fits && op->kind == SA_KIND_MAXPOOL ? sa_pool_scratch_bytes(m, index, &plan->tile) : 0;
    if (bytes) /* a pool does without where there is no room */
      plan->scratch_region = place_scratch(m, index, bytes, around(m, index, array_reads));
  }
  uint64_t params = needs_params(op) ? sa_param_bytes(m, index) : 0;
  const uint64_t slot = PARAM_BYTES * (uint64_t)m->config->array_cols;
  if (op->kind != SA_KIND_NORM && params > slot) params = slot;
  *least = staging + scratch + params + plan->table_count * (uint64_t)TABLE_BYTES;
  return fits;
}

/* What the next op can have early: its parameters, tables and inputs are loaded while this one runs. */
static void place_early(struct sa_mapper *m, uint32_t next, uint32_t now) {
  if (!m->prefetch || next >= m->graph->op_count) return;
  if (!m->frugal[next]) place_params(m, next, now, false);
  place_tables(m, next, now);
  place_inputs(m, next, now);
}

/* The resident tensor that op i can best do without: rather one that it does not use, rather a large
 * one. SA_NONE if there is none. */
static uint32_t find_victim(const struct sa_mapper *m, uint32_t index) {
  const struct sa_op *op = &m->graph->ops[index];
  uint32_t victim = SA_NONE;
  uint64_t best = 0;
  for (uint32_t i = 0; i < m->graph->tensor_count; i++) {
    const struct sa_tensor *t = &m->graph->tensors[i];
    if (!m->mapping->tensors[i].resident || t->first_op > index || t->last_op < index) continue;
    const bool used = op->a.tensor == i || op->b.tensor == i || op->residual.tensor == i || op->out.tensor == i;
    if (used && op->kind == SA_KIND_LSTM) continue;
    const uint64_t worth = sa_shape_elems(&t->shape) + (used ? 0 : UINT64_C(1) << 48);
    if (victim == SA_NONE || worth > best) {
      victim = i;
      best = worth;
    }
  }
  return victim;
}

/* One attempt. SA_ERR_LIMIT: op *failed finds no room. */
static enum sa_status try_plan(struct sa_mapper *m, uint32_t *failed, uint64_t *least) {
  reset_plans(m);
  enum sa_status status = SA_OK;
  for (uint32_t i = 0; i < m->graph->op_count; i++) {
    sa_places_expire(&m->places, m->plans[i].phase);
    if (!place_op(m, i, least, &status)) {
      *failed = i;
      if (m->places.out_of_memory) return sa_fail(m->error, SA_ERR_MEMORY, "mapping: out of memory");
      return status != SA_OK ? status : SA_ERR_LIMIT;
    }
    place_early(m, i + 1, i);
  }
  return SA_OK;
}

/* Pitches and events of a tensor. */
static void shape_events(const struct sa_mapper *m, uint32_t i) {
  const struct sa_tensor *t = &m->graph->tensors[i];
  struct sa_tensor_state *s = &m->tensors[i];
  s->lines = t->shape.n * (t->shape.h > 1 ? t->shape.h : t->shape.w);
  s->part_channels = max32(m->config->array_cols, sa_ceil_div(t->shape.c, MAX_PARTS));
  s->parts = sa_ceil_div(t->shape.c, s->part_channels);
  s->by_load = t->is_input;
}

/* Plans until everything has its place. What is given up for want of space, in this order: results
 * beside their operands, joined ops, tensors in the buffer, early loads and separate banks, whole blocks
 * of parameters. SA_ERR_LIMIT: in vain. */
static enum sa_status plan_all(struct sa_mapper *m, uint32_t *failed) {
  m->prefetch = true;
  m->overwrite = m->places.compact = false;
  memset(m->frugal, 0, m->graph->op_count * sizeof *m->frugal);
  memset(m->apart, 0, m->graph->op_count * sizeof *m->apart);
  for (uint32_t i = 0; i < m->graph->tensor_count; i++) {
    struct sa_tensor_state s;
    uint64_t lead;
    m->mapping->tensors[i].resident = tensor_bytes(&m->graph->tensors[i], &s, &lead) <= m->config->buffer_bytes;
  }
  for (;;) {
    uint64_t least = 0;
    const enum sa_status status = try_plan(m, failed, &least);
    if (status != SA_ERR_LIMIT) return status;
    const uint32_t victim = find_victim(m, *failed);
    if (!m->overwrite) {
      m->overwrite = true;
    } else if (m->plans[*failed].joined) {
      m->apart[*failed] = true;
    } else if (victim != SA_NONE) {
      m->mapping->tensors[victim].resident = false;
    } else if (m->prefetch) {
      m->prefetch = false;
      m->places.compact = true;
    } else if (!m->frugal[*failed]) {
      m->frugal[*failed] = true;
    } else {
      return SA_ERR_LIMIT;
    }
  }
}

/* Whether everything finds a place in a buffer of this size. */
static bool fits_in(struct sa_mapper *m, uint64_t bytes) {
  const struct sa_config *config = m->config;
  struct sa_config other = *config;
  other.buffer_bytes = other.bank_bytes = bytes;
  m->config = m->places.config = &other;
  uint32_t failed = 0;
  const bool fits = plan_all(m, &failed) == SA_OK;
  m->config = m->places.config = config;
  return fits;
}

/* Smallest buffer for the network: from what the ops need one by one, by halving. */
static uint64_t smallest_buffer(struct sa_mapper *m) {
  uint64_t least = 0, enough;
  m->prefetch = false;
  for (uint32_t i = 0; i < m->graph->tensor_count; i++) m->mapping->tensors[i].resident = false;
  reset_plans(m);
  for (uint32_t i = 0; i < m->graph->op_count; i++) {
    uint64_t of_op = 0;
    enum sa_status status = SA_OK;
    sa_places_clear(&m->places);
    place_op(m, i, &of_op, &status);
    if (of_op > least) least = of_op;
  }
  if (least <= m->config->buffer_bytes) least = m->config->buffer_bytes + 1;
  for (enough = least; enough <= UINT32_MAX && !fits_in(m, enough); enough *= 2) least = enough + 1;
  while (least < enough) {
    const uint64_t middle = least + (enough - least) / 2;
    if (fits_in(m, middle)) enough = middle;
    else least = middle + 1;
  }
  return enough;
}

/* The first size from `bytes` on that a machine may have, with banks of its own. */
static uint64_t legal_size(const struct sa_config *config, uint64_t bytes) {
  const uint64_t step = 2ull * config->line_bytes;
  for (uint64_t size = sa_round_up(bytes, step); size <= UINT32_MAX; size += step) {
    struct sa_config other = *config;
    other.buffer_bytes = size;
    other.buffer_banks = 0;
    if (sa_config_finish(&other, NULL) == SA_OK) return size;
  }
  return bytes;
}

enum sa_status sa_plan(struct sa_mapper *m) {
  uint32_t failed = 0;
  for (uint32_t i = 0; i < m->graph->tensor_count; i++) shape_events(m, i);
  const enum sa_status status = plan_all(m, &failed);
  if (status != SA_ERR_LIMIT) return status;
  const char *layer = m->net->layers[m->graph->ops[failed].layer].name;
  return sa_fail(m->error, SA_ERR_LIMIT,
                 "layer %s: unified_buffer.size is %" PRIu64 " bytes; the smallest that would do for this "
                 "network is %" PRIu64, layer, m->config->buffer_bytes, legal_size(m->config, smallest_buffer(m)));
}
