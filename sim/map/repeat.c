/* Repetitions of a network's repeated block. Each is a call of its own in the program, from one op that begins
 * a chain to the same one of the next repetition; weights, parameters and tensors of one lie in DRAM as those
 * of any other, so that a call's base register is all that tells them apart.
 *
 * Of a block repeated often only a few repetitions are mapped: the first ones and the last. The model is the
 * last one but two of them. If the one behind it comes out as the same instructions, with the same waits and
 * tokens, then so would all that follow, and the program calls the model's block for them:
 *
 *     mapped   0 1 2 3         called   0 1 1 1 1 1 3
 *                ^ model
 *
 * If not, more are mapped, in the end all. Places in the buffer are those of the repetition before wherever
 * they are free (sa_place.like), so that repetitions become alike soon. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "map/mapper.h"

/* ---- Numbers ---- */

/* Repetition, of those kept, that number x belongs to. The last one kept is the last one of all; in the list
 * of all layers it has its place there, behind `left_out` others. */
static uint32_t repetition_of(const struct sa_mapper *m, uint32_t x, uint32_t first, uint32_t each, uint32_t left_out) {
  if (m->repeat.count == 0 || x < first) return SA_NONE;
  uint32_t k = (x - first) / each;
  if (k >= m->kept - 1 + left_out) k -= left_out;
  return k < m->kept ? k : SA_NONE;
}

uint32_t sa_repeat_of_op(const struct sa_mapper *m, uint32_t op) {
  return repetition_of(m, op, m->repeat.first_op, m->repeat.ops, 0);
}

uint32_t sa_repeat_of_layer(const struct sa_mapper *m, uint32_t layer) {
  return repetition_of(m, layer, m->repeat.first_layer, m->repeat.layers, m->repeat.count - m->kept);
}

uint32_t sa_repeat_earlier_op(const struct sa_mapper *m, uint32_t op) {
  const uint32_t k = sa_repeat_of_op(m, op);
  return k == SA_NONE || k == 0 ? SA_NONE : op - m->repeat.ops;
}

uint32_t sa_repeat_earlier_tensor(const struct sa_mapper *m, uint32_t tensor) {
  const struct sa_repeat *r = &m->repeat;
  const uint32_t layer = m->graph->tensors[tensor].layer, k = sa_repeat_of_layer(m, layer);
  if (k == SA_NONE || k == 0) return SA_NONE;
  const uint32_t left_out = k + 1 == m->kept ? r->count - m->kept : 0;
  return m->graph->layers[layer - (left_out + 1) * r->layers].tensor;
}

uint32_t sa_repeat_cut(const struct sa_mapper *m) {
  for (uint32_t op = 0; op < m->repeat.ops; op++) {
    bool begins = true;
    for (uint32_t k = 1; k < m->kept && begins; k++)
      begins = !m->plans[m->repeat.first_op + k * m->repeat.ops + op].joined;
    if (begins) return op;
  }
  return SA_NONE;
}

void sa_repeat_begin(struct sa_mapper *m, uint32_t k) {
  sa_emit_block(&m->emitter, k * m->repeat_bytes, m->repeat.first_layer + k * m->repeat.layers);
  /* accumulators begin anew, so that every repetition finds the same turn */
  m->acc_turn = (m->acc_turn + 3) / 4 * 4;
}

/* ---- Calls ---- */

/* Of those kept, the one that stands for all between it and the last. */
static uint32_t model_repetition(const struct sa_mapper *m) { return m->kept < 3 ? 0 : m->kept - 3; }

static bool same_instr(const struct sa_instr *a, const struct sa_instr *b) {
  uint32_t one[SA_INSTR_WORDS], two[SA_INSTR_WORDS];
  if (memcmp(a, b, sizeof *a) == 0) return true; /* else bytes between fields may differ */
  sa_instr_encode(a, one);
  sa_instr_encode(b, two);
  return memcmp(one, two, sizeof one) == 0;
}

static bool same_block(const struct sa_block *a, const struct sa_block *b) {
  if (a->count != b->count || memcmp(a->layers, b->layers, a->count * sizeof *a->layers) != 0) return false;
  for (size_t i = 0; i < a->count; i++)
    if (!same_instr(&a->instrs[i], &b->instrs[i])) return false;
  return true;
}

/* Whether a block leaves as many tokens as it finds, whatever they are. */
static bool keeps_tokens(const struct sa_block *block) {
  struct sa_held_tokens held = {.peak = 0};
  sa_hold_tokens(block, &held);
  for (int u = 0; u < SA_UNITS; u++)
    for (int s = 0; s < SA_STREAMS; s++)
      if (held.count[u][s] != 0) return false;
  return true;
}

static void drop_block(struct sa_program *program, size_t number) {
  free(program->blocks[number].instrs);
  free(program->blocks[number].layers);
  program->block_count--;
  memmove(&program->blocks[number], &program->blocks[number + 1],
          (program->block_count - number) * sizeof *program->blocks);
}

enum sa_status sa_repeat_calls(struct sa_mapper *m, bool *alike) {
  struct sa_program *program = &m->mapping->program;
  const struct sa_repeat *r = &m->repeat;
  const bool short_cut = r->count > m->kept;
  const size_t model = model_repetition(m);
  const size_t calls = r->count ? r->count : 1;
  *alike = true;
  if (short_cut) {
    assert(program->block_count == m->kept);
    const struct sa_block *block = &program->blocks[model];
    *alike = same_block(block, block + 1) && keeps_tokens(block);
    if (!*alike) return SA_OK;
    drop_block(program, model + 1);
  }
  enum sa_status status = SA_OK;
  for (size_t i = 0; i < calls && status == SA_OK; i++) {
    struct sa_call call = {.block = (uint32_t)i};
    if (short_cut && i > model) call.block = (uint32_t)(i + 1 < calls ? model : model + 1);
    if (i > 0) call.first_layer = r->first_layer + (uint32_t)i * r->layers;
    call.base[SA_REPEAT_REG] = i * m->repeat_bytes;
    status = sa_program_add_call(program, &call, m->error);
  }
  return status;
}

/* ---- The mapping of all repetitions ---- */

/* Repetition, of those kept, that stands for repetition k of all. */
static uint32_t stands_for(const struct sa_mapper *m, uint32_t k) {
  const uint32_t model = model_repetition(m);
  return k + 1 == m->repeat.count ? m->kept - 1 : k < model ? k : model;
}

/* The op or layer of the short graph that stands for x of the whole one; *moved: how many repetitions behind
 * it x lies. */
static uint32_t model_of(const struct sa_mapper *m, uint32_t x, uint32_t first, uint32_t each, uint32_t *moved) {
  *moved = 0;
  if (x < first) return x;
  const uint32_t k = (x - first) / each;
  if (k >= m->repeat.count) return x - (m->repeat.count - m->kept) * each;
  const uint32_t kept = stands_for(m, k);
  *moved = k - kept;
  return x - *moved * each;
}

static void expand_ops(struct sa_mapper *m, const struct sa_graph *whole, struct sa_op_map *ops) {
  struct sa_op_map *from = m->mapping->ops;
  const struct sa_repeat *r = &m->repeat;
  for (uint32_t i = 0; i < whole->op_count; i++) {
    uint32_t moved;
    const uint32_t model = model_of(m, i, r->first_op, r->ops, &moved);
    ops[i] = from[model];
    if (moved) {
      ops[i].tile_base += moved * m->repeat_bytes;
      ops[i].param_addr += moved * m->repeat_bytes;
      /* the last repetition is nobody's but its own model's */
      ops[i].borrowed = from[model].borrowed || i < r->first_op + (r->count - 1) * r->ops;
    }
  }
  /* those of the one that the model was compared with stand for nothing */
  for (uint32_t i = r->first_op + (m->kept - 2) * r->ops; i < r->first_op + (m->kept - 1) * r->ops; i++) {
    if (from[i].borrowed) continue;
    free(from[i].folds);
    free(from[i].tile_addr);
  }
}

static void expand_tensors(struct sa_mapper *m, const struct sa_graph *whole, struct sa_tensor_map *tensors) {
  const struct sa_repeat *r = &m->repeat;
  for (uint32_t i = 0; i < whole->tensor_count; i++) {
    const uint32_t layer = whole->tensors[i].layer;
    uint32_t moved = 0, model = layer;
    if (layer >= r->first_layer && layer < r->first_layer + (r->count - 1) * r->layers)
      model = model_of(m, layer, r->first_layer, r->layers, &moved);
    else if (layer < r->first_layer + r->count * r->layers && layer >= r->first_layer)
      moved = r->count - m->kept; /* the last one: layers have their numbers, addresses those of one kept */
    tensors[i] = m->mapping->tensors[m->graph->layers[model].tensor];
    if (tensors[i].in_dram) tensors[i].dram_addr += moved * m->repeat_bytes;
  }
}

enum sa_status sa_repeat_expand(struct sa_mapper *m, struct sa_graph *whole) {
  struct sa_op_map *ops = calloc((size_t)whole->op_count + 1, sizeof *ops);
  struct sa_tensor_map *tensors = calloc((size_t)whole->tensor_count + 1, sizeof *tensors);
  if (!ops || !tensors) {
    free(ops);
    free(tensors);
    return sa_fail(m->error, SA_ERR_MEMORY, "mapping: out of memory for %u operations", whole->op_count);
  }
  expand_ops(m, whole, ops);
  expand_tensors(m, whole, tensors);
  free(m->mapping->ops);
  free(m->mapping->tensors);
  m->mapping->ops = ops;
  m->mapping->tensors = tensors;
  sa_graph_release(&m->mapping->graph);
  m->mapping->graph = *whole;
  sa_graph_init(whole);
  return SA_OK;
}
