/* One program on both engines: everything observable is compared, exactly. Instructions' starts and ends,
 * bursts (unit, cycle, completion, address, size, direction), every counter, and every byte of memory
 * (the RTL's against the values of sim/engine/exec.h). */
#ifndef SA_COSIM_CROSSCHECK_H
#define SA_COSIM_CROSSCHECK_H
#include "base/memory.h"
#include "cosim/record.h"
#include "cosim/rtl.h"

struct sa_crosscheck {
  struct sa_record engine, rtl;
  uint64_t instrs, bursts, counters, bytes; /* compared; bytes: those that STOREs name */
  uint64_t differences;                     /* instructions, bursts, counters that differ, and 1 for memory */
  uint64_t first_cycle;                     /* of the earliest event that differs; UINT64_MAX: no event */
  uint32_t first_layer;                     /* its layer; UINT32_MAX: none or not known */
  char first[512];                          /* the first difference in a sentence; "" = none */
};

void sa_crosscheck_init(struct sa_crosscheck *check);
void sa_crosscheck_release(struct sa_crosscheck *check);

/* Runs the program on the C engine, for its values, and on the RTL, all from `memory` (null: timing only,
 * the memory is empty and not compared), which holds the values' result afterwards. files: null or what
 * the RTL's run also writes. A difference is no error: see differences. */
enum sa_status sa_crosscheck_run(const struct sa_rtl *rtl, const struct sa_config *config,
                                 const struct sa_program *program, struct sa_memory *memory,
                                 const struct sa_rtl_files *files, struct sa_crosscheck *check,
                                 struct sa_error *error) SA_CHECKED;

/* The part of it that compares the two records: instructions, bursts, counters. */
void sa_crosscheck_compare(struct sa_crosscheck *check);

/* Cycles of each layer in both records (docs/metrics.md), the bytes of its bursts in both, and the bytes
 * that its STOREs name. The RTL knows no layers: the n-th instruction or burst of a unit is the engine's. */
struct sa_crosscheck_layer {
  uint64_t engine_cycles, rtl_cycles;
  uint64_t engine_traffic, rtl_traffic;
  uint64_t bytes;
};
enum sa_status sa_crosscheck_layers(const struct sa_crosscheck *check, const struct sa_program *program,
                                    struct sa_crosscheck_layer *layers, size_t layer_count,
                                    struct sa_error *error) SA_CHECKED;
#endif
