/* The ladder: one weighted sum and one GEMM from a loop in Python to the simulated array, each rung measured
 * on this computer (the array's: simulated). */
#ifndef SA_CMD_LADDER_H
#define SA_CMD_LADDER_H
#include <stdbool.h>
#include <stdio.h>

#include "report/report.h"

/* What one rung gave. */
struct sa_rung {
  char problem[32]; /* "sum 1000000", "gemm 1000" */
  char name[64], by[192];
  const char *dtype;
  uint64_t macs;    /* timed */
  double seconds;   /* 0: not there; `by` says why */
};

#define SA_LADDER_MAX 96

struct sa_ladder {
  struct sa_rung rungs[SA_LADDER_MAX];
  size_t count;
  bool complete; /* false after Ctrl-C */
};

/* Climbs. Every rung that needs a library or a ceiling of its own runs in a process of its own. `machines`:
 * configs to simulate at the top. */
enum sa_status sa_ladder_climb(struct sa_ladder *ladder, const char *const *machines, size_t machine_count,
                               struct sa_error *error) SA_CHECKED;
enum sa_status sa_ladder_write(const struct sa_ladder *ladder, enum sa_format format, FILE *out,
                               struct sa_error *error) SA_CHECKED;
#endif
