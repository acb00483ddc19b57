/* Questions to a store: rows of the simulated points by filter and order, the best of each group, the
 * Pareto front. */
#ifndef SA_SWEEP_QUERY_H
#define SA_SWEEP_QUERY_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sweep/store.h"

/* A comma-separated list of columns, each with :min (default) or :max where an order is meant. */
struct sa_query {
  const char *columns;     /* null: inputs that differ, cycles, MAC utilisation, memory, and what is asked for */
  const char *where;       /* an SQL expression, or null */
  const char *sort;        /* null: by id */
  const char *pareto;      /* only points that no other one beats in all of these; or null */
  const char *best, *per;  /* only the best point of each group of equal `per`; or null */
  bool illegal;            /* instead: the points that were not simulated, with their reason */
  uint64_t limit;          /* 0: all */
};

struct sa_query_run;

/* An unknown column, a wrong filter: SA_ERR_INPUT. The store must outlive the run. */
enum sa_status sa_query_open(struct sa_store *store, const struct sa_query *query, struct sa_query_run **run,
                             struct sa_error *error) SA_CHECKED;
void sa_query_close(struct sa_query_run *run);
/* The statement that holds the current row's columns. */
sqlite3_stmt *sa_query_row(struct sa_query_run *run);
/* Columns to show: the first ones of the row. */
int sa_query_columns(const struct sa_query_run *run);
/* Goes to the next row; *there is false at the end, after which the run begins again. */
enum sa_status sa_query_next(struct sa_query_run *run, bool *there, struct sa_error *error) SA_CHECKED;
#endif
