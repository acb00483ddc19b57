/* Building blocks of the random program generator, shared by random_*.c; nobody else includes it. */
#ifndef SA_ENGINE_RANDOM_BUILD_H
#define SA_ENGINE_RANDOM_BUILD_H
#include "engine/random.h"
#include "program/order.h"

/* DRAM as programs see it: region r, reached by base register r, holds RANDOM_REGION_BYTES of random
 * data; behind them lie planes of plausible VACC parameters, RANDOM_PLANE_PITCH bytes apart. */
enum {
  RANDOM_REGION_BYTES = 6144,
  RANDOM_PLANE_PITCH = 512,
  RANDOM_REGIONS = 3,
  RANDOM_PARAMS_KEPT = 4
};

struct random_build {
  struct sa_rng *rng;
  const struct sa_config *config;
  struct sa_program *program;
  struct sa_memory *memory;
  struct sa_order *order;
  struct sa_error *error;
  enum sa_status status;         /* the first failure; then nothing is appended any more */
  uint32_t block;                /* under construction */
  uint32_t layer;
  uint64_t index;                /* of the next instruction in the order's stream */
  uint64_t base[SA_BASE_REGS];   /* as the sequencer holds them */
  uint64_t delta[RANDOM_REGIONS];/* added to DRAM addresses, subtracted from bases: sums wrap */
  uint32_t made;                 /* instructions so far */
  bool has_tile;                 /* some MATMUL consumed one */
  bool table[3];
  /* per unit: block and position of each instruction, by ordinal, so that it can still give */
  struct random_place { uint32_t block, position; } *places[SA_UNITS];
  size_t place_count[SA_UNITS], place_capacity[SA_UNITS];
  struct { uint32_t address, n; } params[RANDOM_PARAMS_KEPT]; /* where VACC's parameters were loaded */
  uint32_t param_count;
};

/* Random numbers of a build. */
uint32_t random_between(struct random_build *b, uint32_t first, uint32_t last);
bool random_chance(struct random_build *b, uint32_t percent);

/* Moves the instruction's operands to random places in their memories. False if one does not fit. */
bool random_place_operands(struct random_build *b, struct sa_instr *instr);
/* Appends an instruction: takes and gives tokens so that it conflicts with nothing. */
void random_emit(struct random_build *b, const struct sa_instr *instr);
/* All units wait for all; afterwards no token is left. */
void random_barrier(struct random_build *b);
/* Appends one random instruction, or a few that belong together. */
void random_any(struct random_build *b);
/* Some data for the buffer and, often, all three tables, to begin with. */
void random_prologue(struct random_build *b);
/* Consumes the tiles that are left. */
void random_consume_tiles(struct random_build *b);
#endif
