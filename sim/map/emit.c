/* Waits to tokens; see emit.h. */
#include "map/emit.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "lower/lower.h"

/* Instructions of a shadow that are not the model's: so many, and one in sixteen; of the model, that the shadow
 * leaves out at once. */
enum { MOST_OTHERS = 64, MOST_LEFT_OUT = 4 };

static const enum sa_unit giver[SA_STREAMS] = {SA_LOAD,   SA_STORE,  SA_WLOAD, SA_MATMUL,
                                               SA_MATMUL, SA_VECTOR, SA_VECTOR};

void sa_emitter_init(struct sa_emitter *e, const struct sa_config *config, struct sa_program *program,
                     uint32_t grain, struct sa_error *error) {
  memset(e, 0, sizeof *e);
  e->config = config;
  e->program = program;
  e->grain = grain;
  e->error = error;
  while (UINT64_C(1) << e->bank_shift < config->bank_bytes) e->bank_shift++;
}

void sa_emit_end(struct sa_emitter *e) {
  for (int u = 0; u < SA_UNITS; u++) {
    free(e->position[u]);
    e->position[u] = NULL;
  }
}

void sa_emitter_release(struct sa_emitter *e) {
  sa_emit_end(e);
  for (size_t i = 0; e->blocks && i < e->block_count; i++) {
    free(e->blocks[i].shadow);
    free(e->blocks[i].others.instrs);
    free(e->blocks[i].others.layers);
  }
  free(e->blocks);
  memset(e, 0, sizeof *e);
}

void sa_emit_block(struct sa_emitter *e, uint64_t base, uint32_t layer, size_t model) {
  if (e->status != SA_OK) return;
  struct sa_emit_block *grown = sa_vec_grow(e->blocks, &e->block_capacity, e->block_count + 1, sizeof *grown);
  if (!grown) {
    e->status = sa_fail(e->error, SA_ERR_MEMORY, "mapping: out of memory for a block");
    return;
  }
  e->blocks = grown;
  grown[e->block_count++] =
      (struct sa_emit_block){.base = base, .layer = layer, .first = e->total, .model = model};
  uint32_t number;
  e->status = sa_program_add_block(e->program, &number, e->error);
}

void sa_emit_bank(struct sa_emitter *e, enum sa_unit unit, bool writes, uint64_t first, uint64_t end,
                  struct sa_stamp *wait) {
  static const enum sa_stream stream[2][SA_UNITS] = {
      {SA_EV_LOAD, SA_EV_STORE, SA_EV_WLOAD, SA_EV_MATMUL_READ, SA_EV_VECTOR_READ},
      {SA_EV_LOAD, SA_EV_STORE, SA_EV_WLOAD, SA_EV_MATMUL_DONE, SA_EV_VECTOR_DONE}};
  assert(first < end && end <= e->config->buffer_bytes);
  for (uint64_t b = first >> e->bank_shift; b <= (end - 1) >> e->bank_shift; b++) {
    uint32_t *last = e->bank_last[b][writes];
    for (int u = 0; u < SA_UNITS; u++)
      if (u != (int)unit) sa_stamp_add(wait, stream[writes][u], last[u]);
    last[unit] = e->count[unit] + 1;
  }
}

/* Has the instruction of the stream's unit give the event to a unit. */
static void give(const struct sa_emitter *e, enum sa_stream stream, uint32_t seq, enum sa_unit to) {
  const enum sa_unit unit = giver[stream];
  assert(seq >= 1 && seq <= e->count[unit]);
  const uint32_t position = e->position[unit][seq - 1];
  size_t number = e->block_count - 1;
  while (e->blocks[number].first > position) number--;
  struct sa_emit_block *block = &e->blocks[number];
  const bool at_read = stream == SA_EV_MATMUL_READ || stream == SA_EV_VECTOR_READ;
  const size_t at = position - block->first;
  if (at < block->shadowed) {
    block->shadow[at].gives[at_read ? 0 : 1] |= (uint8_t)(1u << to);
    return;
  }
  struct sa_instr *from = &e->program->blocks[number].instrs[at - block->shadowed];
  *(at_read ? &from->give_read : &from->give_done) |= (uint8_t)(1u << to);
}

static void take(struct sa_emitter *e, struct sa_instr *instr, enum sa_unit unit,
                 enum sa_stream stream, uint32_t seq) {
  if (seq <= e->taken[unit][stream]) return;
  if (e->grain > 1) {
    const uint32_t last = e->count[giver[stream]];
    const uint32_t coarse = (seq + e->grain - 1) / e->grain * e->grain;
    seq = coarse < last ? coarse : last;
  }
  e->taken[unit][stream] = seq;
  instr->take[stream] = 1;
  give(e, stream, seq, unit);
}

static bool grow(struct sa_emitter *e, enum sa_unit unit) {
  uint32_t *grown = sa_vec_grow(e->position[unit], &e->position_capacity[unit],
                                (size_t)e->count[unit] + 1, sizeof *grown);
  if (!grown) return false;
  e->position[unit] = grown;
  return true;
}

bool sa_emit_same(const struct sa_instr *a, const struct sa_instr *b) {
  struct sa_instr like = *b;
  uint32_t one[SA_INSTR_WORDS], two[SA_INSTR_WORDS];
  like.give_read = a->give_read;
  like.give_done = a->give_done;
  if (memcmp(a, &like, sizeof *a) == 0) return true; /* else bytes between fields may differ */
  if (a->opcode != b->opcode) return false;
  sa_instr_encode(a, one);
  sa_instr_encode(&like, two);
  return memcmp(one, two, sizeof one) == 0;
}

/* The model's next instruction, or one just behind, that an instruction is; SA_NONE: none. */
static uint32_t find_in_model(const struct sa_block *model, uint32_t next, const struct sa_instr *instr, uint32_t layer) {
  for (uint32_t i = next; i < model->count && i <= next + MOST_LEFT_OUT; i++)
    if (model->layers[i] == layer && sa_emit_same(instr, &model->instrs[i])) return i;
  return SA_NONE;
}

/* Compares the next instruction of a shadow. False: it has to be stored, as all that follow. */
static bool is_shadow(struct sa_emitter *e, struct sa_emit_block *block, const struct sa_instr *instr, uint32_t layer) {
  if (block->model == SA_NO_MODEL || e->total - block->first != block->shadowed) return false;
  const struct sa_block *model = &e->program->blocks[block->model];
  if (block->next == model->count || block->others.count > MOST_OTHERS + block->shadowed / 16) return false;
  struct sa_shadow *shadow = sa_vec_grow(block->shadow, &block->capacity, block->shadowed + 1, sizeof *shadow);
  if (!shadow) {
    e->status = sa_fail(e->error, SA_ERR_MEMORY, "mapping: out of memory");
    return true;
  }
  block->shadow = shadow;
  const uint32_t found = find_in_model(model, block->next, instr, layer);
  if (found == SA_NONE) e->status = sa_block_append(&block->others, instr, layer, e->error);
  else block->next = found + 1;
  shadow[block->shadowed++] = (struct sa_shadow){.model = found};
  return true;
}

/* An address in the repeated part becomes relative to the block's base. */
static void make_relative(const struct sa_emitter *e, uint64_t base, struct sa_instr *instr) {
  const uint64_t mask = (UINT64_C(1) << 48) - 1;
  switch (instr->opcode) {
    case SA_OP_LOAD:
    case SA_OP_STORE:
      if (instr->u.mem.dram_addr >= e->repeat_bytes) return;
      instr->u.mem.dram_addr = (instr->u.mem.dram_addr - base) & mask;
      instr->u.mem.base_reg = SA_REPEAT_REG;
      break;
    case SA_OP_WLOAD:
      if (instr->u.wload.dram_addr >= e->repeat_bytes) return;
      instr->u.wload.dram_addr = (instr->u.wload.dram_addr - base) & mask;
      instr->u.wload.base_reg = SA_REPEAT_REG;
      break;
    default: break;
  }
}

uint32_t sa_emit(struct sa_emitter *e, struct sa_instr *instr, const struct sa_stamp *wait) {
  const enum sa_unit unit = sa_instr_unit(instr->opcode);
  assert(unit < SA_UNITS);
  if (e->status != SA_OK) return e->count[unit];
  for (int s = 0; s < SA_STREAMS; s++)
    if (giver[s] != unit) take(e, instr, unit, (enum sa_stream)s, wait->seq[s]);
  const uint32_t count = e->count[unit];
  if (unit == SA_VECTOR && wait->seq[SA_EV_VECTOR_DONE] > e->fenced) {
    instr->flags |= SA_F_FENCE;
    e->fenced = count;
  }
  if (count == e->position_capacity[unit] && !grow(e, unit)) {
    e->status = sa_fail(e->error, SA_ERR_MEMORY, "mapping: out of memory");
    return count;
  }
  struct sa_emit_block *block = &e->blocks[e->block_count - 1];
  const uint32_t layer = (e->gap && e->layer >= e->gap_first ? e->layer - e->gap : e->layer) - block->layer;
  e->position[unit][count] = e->total;
  make_relative(e, block->base, instr);
  if (!is_shadow(e, block, instr, layer))
    e->status = sa_block_append(&e->program->blocks[e->block_count - 1], instr, layer, e->error);
  e->total++;
  return ++e->count[unit];
}

void sa_hold_tokens(const struct sa_block *block, struct sa_held_tokens *held) {
  for (size_t i = 0; i < block->count; i++) {
    const struct sa_instr *instr = &block->instrs[i];
    static const uint8_t none[SA_STREAMS];
    const enum sa_unit unit = sa_instr_unit(instr->opcode);
    if (memcmp(instr->take, none, sizeof none) != 0)
      for (int s = 0; s < SA_STREAMS; s++) held->count[unit][s] -= instr->take[s];
    if (!(instr->give_read | instr->give_done)) continue;
    for (int s = 0; s < SA_STREAMS; s++) {
      if (giver[s] != unit) continue;
      const bool at_read = s == SA_EV_MATMUL_READ || s == SA_EV_VECTOR_READ;
      const uint8_t mask = at_read ? instr->give_read : instr->give_done;
      for (int u = 0; u < SA_UNITS; u++)
        if (mask >> u & 1 && ++held->count[u][s] > held->peak) held->peak = held->count[u][s];
    }
  }
}
