/* Waits to tokens; see emit.h. */
#include "map/emit.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

static const enum sa_unit giver[SA_STREAMS] = {SA_LOAD,   SA_STORE,  SA_WLOAD, SA_MATMUL,
                                               SA_MATMUL, SA_VECTOR, SA_VECTOR};

void sa_emitter_init(struct sa_emitter *e, const struct sa_config *config, struct sa_block *block,
                     uint32_t grain, struct sa_error *error) {
  memset(e, 0, sizeof *e);
  e->config = config;
  e->block = block;
  e->grain = grain;
  e->error = error;
  while (UINT64_C(1) << e->bank_shift < config->bank_bytes) e->bank_shift++;
}

void sa_emitter_release(struct sa_emitter *e) {
  for (int u = 0; u < SA_UNITS; u++) free(e->position[u]);
  memset(e, 0, sizeof *e);
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
  return &e->block->instrs[e->position[unit][seq - 1]];
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
  e->position[unit][count] = (uint32_t)e->block->count;
  e->status = sa_block_append(e->block, instr, e->layer, e->error);
  return ++e->count[unit];
}

uint32_t sa_emit_peak_tokens(const struct sa_block *block) {
  uint32_t held[SA_UNITS][SA_STREAMS] = {{0}}, peak = 0;
  for (size_t i = 0; i < block->count; i++) {
    const struct sa_instr *instr = &block->instrs[i];
    const enum sa_unit unit = sa_instr_unit(instr->opcode);
    for (int s = 0; s < SA_STREAMS; s++) held[unit][s] -= instr->take[s];
    for (int s = 0; s < SA_STREAMS; s++) {
      if (giver[s] != unit) continue;
      const bool at_read = s == SA_EV_MATMUL_READ || s == SA_EV_VECTOR_READ;
      const uint8_t mask = at_read ? instr->give_read : instr->give_done;
      for (int u = 0; u < SA_UNITS; u++)
        if (mask >> u & 1 && ++held[u][s] > peak) peak = held[u][s];
    }
  }
  return peak;
}
