/* Emission of instructions with their dependencies. Callers say which events an instruction waits for,
 * by stream and number; this turns waits into takes and gives. Events of a stream happen in program
 * order, so a wait for event e is satisfied by anything that waited for a later one: each unit keeps
 * the latest event it has waited for, a later wait marks exactly one new event with a give and takes
 * one token. Every take is therefore 0 or 1. */
#ifndef SA_MAP_EMIT_H
#define SA_MAP_EMIT_H
#include <stdbool.h>
#include <stdint.h>

#include "machine/config.h"
#include "program/program.h"

/* One event per stream, numbered from 1; 0: none. */
struct sa_stamp { uint32_t seq[SA_STREAMS]; };

static inline void sa_stamp_add(struct sa_stamp *stamp, enum sa_stream stream, uint32_t seq) {
  if (seq > stamp->seq[stream]) stamp->seq[stream] = seq;
}
static inline void sa_stamp_merge(struct sa_stamp *stamp, const struct sa_stamp *other) {
  for (int s = 0; s < SA_STREAMS; s++)
    if (other->seq[s] > stamp->seq[s]) stamp->seq[s] = other->seq[s];
}

enum { SA_MAX_BANKS = 64 };

/* An instruction of a shadow: its number in the model (SA_NONE: it is another), what it gives at READ and DONE. */
struct sa_shadow { uint32_t model; uint8_t gives[2]; };

/* A block of the program: what its layers and DRAM addresses are relative to. A shadow is compared with an
 * earlier block, its model: as long as few of its instructions are others than the model's, only those are
 * stored, and what all give. */
struct sa_emit_block {
  uint64_t base;      /* of addresses below sa_emitter.repeat_bytes, which base register SA_REPEAT_REG holds */
  uint32_t layer;
  uint32_t first;     /* position in the program of its first instruction */
  size_t model;       /* block, or SA_NO_MODEL */
  struct sa_shadow *shadow; /* owned; instructions that were compared; all behind them are in the program's block */
  size_t shadowed, capacity;
  struct sa_block others;   /* those of them that are not the model's */
  uint32_t next;            /* of the model, to be compared with the next instruction */
};
#define SA_NO_MODEL SIZE_MAX
enum { SA_REPEAT_REG = 1 };

struct sa_emitter {
  const struct sa_config *config;
  struct sa_program *program;         /* instructions go to the end of its last block */
  struct sa_emit_block *blocks;       /* owned; one for each block of the program */
  size_t block_count, block_capacity;
  uint64_t repeat_bytes;              /* addresses below it are relative to the block's base */
  uint32_t layer;                     /* of the next instructions */
  uint32_t gap_first, gap;            /* layers from gap_first on count as if `gap` before them were missing */
  uint32_t total;                     /* instructions so far */
  uint32_t count[SA_UNITS];           /* instructions so far */
  uint32_t *position[SA_UNITS];       /* [count] in the program */
  size_t position_capacity[SA_UNITS];
  uint32_t taken[SA_UNITS][SA_STREAMS]; /* latest event waited for */
  uint32_t grain;                     /* waits are rounded up to multiples of this where possible */
  uint32_t bank_shift;
  uint32_t bank_last[SA_MAX_BANKS][2][SA_UNITS]; /* [reads, writes] last instruction of each unit */
  uint32_t fenced;                    /* VECTOR's instructions up to this one ended before the last fence */
  struct sa_error *error;
  enum sa_status status;              /* first failure; later emissions do nothing */
};

/* The program is empty. */
void sa_emitter_init(struct sa_emitter *e, const struct sa_config *config, struct sa_program *program,
                     uint32_t grain, struct sa_error *error);
void sa_emitter_release(struct sa_emitter *e);

/* No more instructions follow; what was kept for tokens is freed. */
void sa_emit_end(struct sa_emitter *e);

/* The next instructions form a new block of the program, the shadow of an earlier one or of none. */
void sa_emit_block(struct sa_emitter *e, uint64_t base, uint32_t layer, size_t model);
/* Whether two instructions are the same but for what they give. */
bool sa_emit_same(const struct sa_instr *a, const struct sa_instr *b);

/* Notes that the unit's next instruction reads or writes buffer bytes [first, end) and makes it wait for
 * other units' last use of the same banks in the same direction. */
void sa_emit_bank(struct sa_emitter *e, enum sa_unit unit, bool writes, uint64_t first, uint64_t end,
                  struct sa_stamp *wait);

/* Appends the instruction behind its waits (its own unit's streams are ignored, but VECTOR gets `fence` if it
 * waits for a VECTOR_DONE behind the last fence). Returns its number in its unit, from 1. */
uint32_t sa_emit(struct sa_emitter *e, struct sa_instr *instr, const struct sa_stamp *wait);

/* Tokens given and not yet taken, for each taking unit and stream. */
struct sa_held_tokens { uint32_t count[SA_UNITS][SA_STREAMS], peak; };
/* What is held when a block has run in program order, and the most that any counter held by then. */
void sa_hold_tokens(const struct sa_block *block, struct sa_held_tokens *held);
#endif
