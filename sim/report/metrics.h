/* The figures of one layer or of the whole run, and the table of all columns. */
#ifndef SA_REPORT_METRICS_H
#define SA_REPORT_METRICS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "machine/config.h"
#include "machine/counters.h"

/* Inputs of every column; columns.def computes from these alone. */
struct sa_metrics {
  const struct sa_config *config;
  const char *name, *kind, *binds; /* not owned */
  uint64_t gemm_m, gemm_k, gemm_n, gemm_count;
  uint64_t macs;
  uint64_t cycles;
  uint64_t tokens;       /* new ones of all sequences; 0: a layer, or no network of tokens */
  bool is_prompt;        /* they are a prompt: after them comes the first token of the answer */
  uint64_t bound_cycles, bound_array, bound_memory, bound_vector;
  struct sa_counters counters;
};

enum sa_column_type { SA_COLUMN_U, SA_COLUMN_F, SA_COLUMN_S };

struct sa_column {
  const char *key, *unit, *meaning;
  enum sa_column_type type;
};

union sa_value {
  uint64_t u;
  double f;
  const char *s;
};

extern const struct sa_column sa_columns[];
extern const size_t sa_column_count;

/* Value of column `index` for m; the member by the column's type. */
union sa_value sa_metrics_value(const struct sa_metrics *m, size_t index);

/* Index of a key, or sa_column_count. */
size_t sa_column_find(const char *key);

/* Checks the identities of docs/metrics.md for the whole run: cycles = sum of causes; R C cycles =
 * useful + useless + padding + R C x (each other cause). A violation is our own bug: SA_ERR_ILLEGAL
 * with the figures. */
enum sa_status sa_metrics_check_total(const struct sa_metrics *total, struct sa_error *error)
    SA_CHECKED;
#endif
