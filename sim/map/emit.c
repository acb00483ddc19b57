/* Waits to tokens; see emit.h. */
#include "map/emit.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

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

void sa_emitter_release(struct sa_emitter *e) {
  for (int u = 0; u < SA_UNITS; u++) free(e->position[u]);
  free(e->blocks);
  memset(e, 0, sizeof *e);
}

void sa_emit_block(struct sa_emitter *e, uint64_t base, uint32_t layer) {
  if (e->status != SA_OK) return;
  struct sa_emit_block *grown =
      sa_vec_grow(e->blocks, &e->block_capacity, e->program->block_count + 1, sizeof *grown);
  if (!grown) {
    e->status = sa_fail(e->error, SA_ERR_MEMORY, "mapping: out of memory for a block");
    return;
  }
  e->blocks = grown;
  grown[e->program->block_count] = (struct sa_emit_block){base, layer, e->total};
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

/* The instruction of the unit that gives the event. */
static struct sa_instr *giving(const struct sa_emitter *e, enum sa_stream stream, uint32_t seq) {
  const enum sa_unit unit = giver[stream];
  assert(seq >= 1 && seq <= e->count[unit]);
  const uint32_t position = e->position[unit][seq - 1];
  size_t block = e->program->block_count - 1;
  while (e->blocks[block].first > position) block--;
  return &e->program->blocks[block].instrs[position - e->blocks[block].first];
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
  struct sa_instr *from = giving(e, stream, seq);
  if (stream == SA_EV_MATMUL_READ || stream == SA_EV_VECTOR_READ)
    from->give_read |= (uint8_t)(1u << unit);
  else
    from->give_done |= (uint8_t)(1u << unit);
}

static bool grow(struct sa_emitter *e, enum sa_unit unit) {
  uint32_t *grown = sa_vec_grow(e->position[unit], &e->position_capacity[unit],
                                (size_t)e->count[unit] + 1, sizeof *grown);
  if (!grown) return false;
  e->position[unit] = grown;
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
  const size_t last = e->program->block_count - 1;
  const uint32_t layer = e->gap && e->layer >= e->gap_first ? e->layer - e->gap : e->layer;
  e->position[unit][count] = e->total++;
  make_relative(e, e->blocks[last].base, instr);
  e->status = sa_block_append(&e->program->blocks[last], instr, layer - e->blocks[last].layer, e->error);
  return ++e->count[unit];
}

void sa_hold_tokens(const struct sa_block *block, struct sa_held_tokens *held) {
  for (size_t i = 0; i < block->count; i++) {
    const struct sa_instr *instr = &block->instrs[i];
    const enum sa_unit unit = sa_instr_unit(instr->opcode);
    for (int s = 0; s < SA_STREAMS; s++) held->count[unit][s] -= instr->take[s];
    for (int s = 0; s < SA_STREAMS; s++) {
      if (giver[s] != unit) continue;
      const bool at_read = s == SA_EV_MATMUL_READ || s == SA_EV_VECTOR_READ;
      const uint8_t mask = at_read ? instr->give_read : instr->give_done;
      for (int u = 0; u < SA_UNITS; u++)
        if (mask >> u & 1 && ++held->count[u][s] > held->peak) held->peak = held->count[u][s];
    }
  }
}
