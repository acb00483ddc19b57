/* Runs the points of a sweep that a store lacks, with some workers, and puts them into the store. */
#ifndef SA_SWEEP_RUN_H
#define SA_SWEEP_RUN_H
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "sweep/store.h"
#include "sweep/sweep.h"

struct sa_sweep_options {
  unsigned jobs;             /* workers, at least 1 */
  uint32_t shard, shards;    /* this part, 1..shards; shards 0 or 1: everything */
  struct sa_store *known;    /* what it holds is not run either; may be null */
  /* Called by the caller's thread some times a second; true ends the run early, with what is done
   * stored. May be null. */
  bool (*on_progress)(void *user, uint64_t done, uint64_t todo);
  void *user;
};

struct sa_sweep_summary {
  uint64_t points;            /* of this shard, not excluded */
  uint64_t excluded, present; /* by constraints; already in the store, or known */
  uint64_t done, illegal, failed;
  uint64_t others;            /* points in the store of another version or build of the simulator */
  bool stopped;
};

/* SA_ERR_INPUT if the constraints exclude every point: to be asked before a store is made. */
enum sa_status sa_sweep_check(const struct sa_sweep *sweep, struct sa_error *error) SA_CHECKED;

/* Fills points, excluded and present of *summary without running anything. */
enum sa_status sa_sweep_count(const struct sa_sweep *sweep, struct sa_store *store,
                              struct sa_sweep_summary *summary, struct sa_error *error) SA_CHECKED;

enum sa_status sa_sweep_run(const struct sa_sweep *sweep, const struct sa_sweep_options *options,
                            struct sa_store *store, struct sa_sweep_summary *summary,
                            struct sa_error *error) SA_CHECKED;
#endif
