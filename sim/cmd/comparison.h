/* A simulated machine beside a measured CPU, layer by layer. */
#ifndef SA_CMD_COMPARISON_H
#define SA_CMD_COMPARISON_H
#include <stdio.h>

#include "baseline/results.h"
#include "report/report.h"

/* One layer, or the whole network. Times that are not known are NAN. */
struct sa_comparison {
  const char *name, *kind; /* not owned */
  uint64_t macs;
  double array_s, array_bytes, array_peak_gops;
  double cpu_s[SA_DTYPES], cpu_bytes[SA_DTYPES], cpu_peak_gops[SA_DTYPES];
  const char *array_bound;            /* the largest of the report's bounds: array, memory, vector */
  const char *cpu_bound[SA_DTYPES];   /* by the host's roofline: compute, memory; "" unknown */
};

struct sa_comparisons {
  const struct sa_report *report;     /* must outlive it, as must the baseline */
  const struct sa_baseline *baseline;
  const struct sa_baseline_run *best[SA_DTYPES]; /* the fastest run of each type, or null */
  struct sa_comparison *rows;         /* owned; the layers, then the total */
  size_t count;
};

/* Joins them by the names of the layers; the baseline must be of this network and batch. */
enum sa_status sa_comparisons_init(struct sa_comparisons *comparisons, const struct sa_report *report,
                                   const struct sa_baseline *baseline, struct sa_error *error) SA_CHECKED;
void sa_comparisons_release(struct sa_comparisons *comparisons);

enum sa_status sa_comparisons_write(const struct sa_comparisons *comparisons, enum sa_format format, FILE *out,
                                    struct sa_error *error) SA_CHECKED;
#endif
