/* The counters of one run, from counters.def. */
#ifndef SA_MACHINE_COUNTERS_H
#define SA_MACHINE_COUNTERS_H
#include <stdint.h>

struct sa_counters {
#define SA_COUNTER(field, count, unit, meaning) uint64_t field[count];
#include "machine/counters.def"
#undef SA_COUNTER
};

/* Index into matmul_cause[]; docs/machine.md section 6. */
enum sa_cause {
  SA_CAUSE_ACTIVE, SA_CAUSE_NON_MATRIX, SA_CAUSE_DRAIN, SA_CAUSE_IDLE, SA_CAUSE_INPUT_STALL,
  SA_CAUSE_RAW_STALL, SA_CAUSE_ACC_STALL, SA_CAUSE_WEIGHT_STALL, SA_CAUSE_WEIGHT_SHIFT, SA_CAUSES
};
#endif
