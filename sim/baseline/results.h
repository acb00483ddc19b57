/* What a baseline found, to be printed, saved, and read back on another machine: JSON as in
 * docs/baseline.md, schema "systole-baseline". */
#ifndef SA_BASELINE_RESULTS_H
#define SA_BASELINE_RESULTS_H
#include <stdio.h>

#include "baseline/host.h"
#include "baseline/measure.h"
#include "baseline/roofline.h"

#define SA_BASELINE_MAX_RUNS (SA_PROVIDERS * SA_DTYPES)

struct sa_baseline {
  struct sa_host host;
  char network[SA_NET_NAME_CHARS];
  uint32_t batch;
  struct sa_roofline roofline;
  struct sa_baseline_run runs[SA_BASELINE_MAX_RUNS]; /* owned */
  size_t run_count;
  char skipped[SA_PROVIDERS][128]; /* "openblas: built without OpenBLAS" */
  size_t skipped_count;
  bool complete; /* false: interrupted */
};

void sa_baseline_release(struct sa_baseline *baseline);
/* The run with the shortest median of a data type among the complete ones; null if there is none. */
const struct sa_baseline_run *sa_baseline_best(const struct sa_baseline *baseline, enum sa_dtype dtype);

void sa_baseline_write_table(const struct sa_baseline *baseline, FILE *out);
void sa_baseline_write_csv(const struct sa_baseline *baseline, FILE *out);
enum sa_status sa_baseline_write_json(const struct sa_baseline *baseline, FILE *out, struct sa_error *error) SA_CHECKED;
/* Reads what sa_baseline_write_json wrote. On success the caller releases *baseline. */
enum sa_status sa_baseline_load(const char *path, struct sa_baseline *baseline, struct sa_error *error) SA_CHECKED;
#endif
