/* The cross-check on random machines and programs: draws, runs both engines, shrinks a failure. */
#ifndef SA_COSIM_RANDOM_CHECK_H
#define SA_COSIM_RANDOM_CHECK_H
#include "cosim/crosscheck.h"
#include "cosim/random_pair.h"
#include "engine/coverage.h"

struct sa_random_options {
  struct sa_random_draw draw;
  uint64_t only;              /* UINT64_MAX, or the one pair to run */
  struct sa_random_part part; /* of every pair; zeros: whole programs, and a failure is shrunk */
  void (*on_pair)(void *user, uint64_t done, uint64_t pairs); /* may be null */
  void (*on_build)(void *user); /* may be null; told before a build, which takes some 10 s */
  void *user;
};

struct sa_random_result {
  uint64_t pairs, builds; /* run */
  uint64_t from_layers;   /* pairs whose program the mapper made */
  uint64_t mismatches;
  uint64_t instrs, bursts, bytes, cycles; /* compared in all */
  struct sa_coverage coverage;
  /* the first mismatch */
  uint64_t failed_pair;
  struct sa_random_part failed_part; /* after shrinking */
  struct sa_random_pair shrunk;      /* that part; owned, empty if none failed */
  char failed[1024];                 /* how it differs */
};

/* Runs them all; a mismatch is no error, see mismatches. The caller calls sa_random_release, after a
 * failure too. */
enum sa_status sa_random_check(const struct sa_random_options *options, struct sa_random_result *result,
                               struct sa_error *error) SA_CHECKED;
void sa_random_release(struct sa_random_result *result);
#endif
