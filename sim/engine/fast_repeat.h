/* Jumps over repeated states; see fast_repeat.c. */
#ifndef SA_ENGINE_FAST_REPEAT_H
#define SA_ENGINE_FAST_REPEAT_H
#include "engine/fast.h"

/* ---- fast_state.c ---- */

/* All of a machine's state that bears upon its future, as numbers relative to the sequencer's cycle, its place in
 * the stream, the first layer and the base registers of its call. Equal numbers mean equal futures. */
struct fast_state {
  uint64_t *words; /* owned */
  size_t count, capacity;
  uint32_t low_layer; /* least layer that something under way belongs to, or the call's first */
};
/* False if memory ends. */
bool fast_state_save(struct fast *f, struct fast_state *state);

/* What a period adds to the state, several times over. */
struct fast_move {
  uint64_t cycles;
  uint32_t layers;
  uint64_t base[SA_BASE_REGS]; /* modulo 2^48 */
};
void fast_state_move(struct fast *f, const struct fast_move *move);

/* ---- fast_repeat.c ---- */

struct fast_repeat;
/* Null if memory ends. */
struct fast_repeat *fast_repeat_create(void);
void fast_repeat_free(struct fast_repeat *repeat);
/* The sequencer may have come to another call, and no unit can advance. */
void fast_repeat_look(struct fast *f);
#endif
