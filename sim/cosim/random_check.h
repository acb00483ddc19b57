/* The cross-check on random machines and programs: draws, runs both engines, shrinks a failure. */
#ifndef SA_COSIM_RANDOM_CHECK_H
#define SA_COSIM_RANDOM_CHECK_H
#include "cosim/crosscheck.h"
#include "engine/coverage.h"

/* A draw is reproducible: machine b of `builds` and program i depend on the seed, b and i alone. */
struct sa_random_options {
  uint64_t seed;
  uint64_t pairs;        /* configuration-program pairs */
  uint64_t builds;       /* RTL builds among which they are spread; timing is drawn anew for each pair */
  uint64_t only;         /* UINT64_MAX, or the one pair to run */
  uint32_t instructions; /* 0: drawn for each pair, else the length of every program */
  void (*on_pair)(void *user, uint64_t done, uint64_t pairs); /* may be null */
  void *user;
};

struct sa_random_result {
  uint64_t pairs, builds, configs; /* run */
  uint64_t mismatches;
  uint64_t instrs, bursts, bytes, cycles; /* compared in all */
  struct sa_coverage coverage;
  /* the first mismatch */
  uint64_t failed_pair;
  uint32_t failed_instructions;    /* after shrinking */
  char failed[1024];
  struct sa_program shrunk;        /* owned; the shrunk program, empty if none failed */
};

/* Machine and program of pair `index`. The caller releases the program and frees *memory. */
enum sa_status sa_random_pair(const struct sa_random_options *options, uint64_t index,
                              uint32_t instructions, struct sa_config *config,
                              struct sa_program *program, struct sa_memory **memory,
                              struct sa_error *error) SA_CHECKED;

/* Runs them all; a mismatch is no error, see mismatches. The caller calls sa_random_release. */
enum sa_status sa_random_check(const struct sa_random_options *options, struct sa_random_result *result,
                               struct sa_error *error) SA_CHECKED;
void sa_random_release(struct sa_random_result *result);
#endif
