/* The C engine: runs a program's stream on a machine and returns counters and, on request, the
 * timeline. sa_engine_run skips from event to event; sa_engine_run_plain looks at every cycle and is
 * the oracle: both return the same for any legal program. docs/machine.md. */
#ifndef SA_ENGINE_ENGINE_H
#define SA_ENGINE_ENGINE_H
#include "base/error.h"
#include "machine/config.h"
#include "machine/counters.h"
#include "program/program.h"

/* One instruction's life. index counts the stream from 0. */
struct sa_instr_event {
  uint64_t index;
  enum sa_unit unit;
  const struct sa_instr *instr; /* valid during the call */
  uint32_t layer;
  uint64_t start, end;
};

/* One granted burst. */
struct sa_burst_event {
  enum sa_unit unit;
  uint64_t cycle, completion; /* granted, completed */
  uint64_t address;           /* burst aligned */
  uint32_t bytes;
  bool is_write;
  uint32_t layer;
};

struct sa_engine_options {
  /* Called once per instruction, in no stated order across units, in program order per unit; null
   * to skip. END and BASE are not reported. */
  void (*on_instr)(void *user, const struct sa_instr_event *event);
  void (*on_burst)(void *user, const struct sa_burst_event *event);
  /* Called once per weight tile, in the order of the WLOADs: the cycle in which its shift into the
   * array begins (docs/machine.md, Weight shift). A tile that a program leaves behind may be reported
   * with a cycle that the run does not reach. */
  void (*on_shift)(void *user, uint64_t cycle);
  /* Called now and then with the simulated cycle and the share of the stream done (0..1). */
  void (*on_progress)(void *user, uint64_t cycle, double done);
  /* Called with each stretch that was passed over because the machine's state repeats (every_call). */
  void (*on_skip)(void *user, uint64_t instructions, uint64_t cycles);
  void *user;
  /* Simulate every call of a program; else, without listeners for instructions, bursts and shifts, periods in which
   * the machine's state repeats are passed over and counted. The result is the same. */
  bool every_call;
};

/* Per layer, filled when the caller asks (layers non-null): the increase of the running maximum of
 * ends, so that layers add up to cycles, and the layer's share of every additive counter. */
struct sa_layer_counters {
  uint64_t cycles;
  struct sa_counters counters; /* matmul_cause: cycles charged while this layer was at MATMUL's head */
};

/* Runs the program. On success fills *counters. SA_ERR_STUCK: no progress possible; the message
 * holds every queue's head and what it waits for. SA_ERR_ILLEGAL: a bank rule was broken.
 * layers: null, or an array of layer_count records. */
enum sa_status sa_engine_run(const struct sa_config *config, const struct sa_program *program,
                             const struct sa_engine_options *options, struct sa_counters *counters,
                             struct sa_layer_counters *layers, size_t layer_count,
                             struct sa_error *error) SA_CHECKED;

/* As sa_engine_run without layers, cycle by cycle. */
enum sa_status sa_engine_run_plain(const struct sa_config *config,
                                   const struct sa_program *program,
                                   const struct sa_engine_options *options,
                                   struct sa_counters *counters, struct sa_error *error) SA_CHECKED;
#endif
