/* Runs a program on both C engines and fails the test where they differ: every instruction's start
 * and end, every burst's grant and completion, every shift of a tile, every counter, the sums over
 * layers. */
#ifndef SA_TESTS_BOTH_ENGINES_H
#define SA_TESTS_BOTH_ENGINES_H
#include <stddef.h>

#include "engine/engine.h"

/* One engine's run. */
struct engine_run {
  enum sa_status status;
  struct sa_error error;
  struct sa_counters counters;    /* on success */
  struct sa_instr_event *instrs;  /* owned; by index in the stream */
  struct sa_burst_event *bursts;  /* owned; by cycle, then unit */
  uint64_t *shifts;               /* owned; cycle in which each tile's shift begins */
  size_t instr_count, instr_capacity, burst_count, burst_capacity, shift_count, shift_capacity;
};

/* Fills *run with what the cycle-by-cycle engine reports, once the event-driven one was seen to
 * report the same. context: begins the message of a failure. */
void both_engines_run(const struct sa_config *config, const struct sa_program *program,
                      const char *context, struct engine_run *run);
void engine_run_release(struct engine_run *run);
#endif
