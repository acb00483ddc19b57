/* Random machines and programs for timing alone: tokens and the weight FIFO are legal, but the data of
 * units may race, which no cycle depends on. */
#ifndef SA_TESTS_ENGINE_RANDOM_H
#define SA_TESTS_ENGINE_RANDOM_H
#include "base/rng.h"
#include "machine/config.h"
#include "program/program.h"

/* A small machine, not finished. */
struct sa_config random_timing_config(struct sa_rng *rng);
struct random_shape {
  unsigned length;     /* instructions, about */
  uint32_t layers;
  bool shares_banks;   /* units may break the bank rule; else each has banks of its own */
};

/* In one or two blocks. */
void random_timing_program(struct sa_rng *rng, const struct sa_config *config,
                           const struct random_shape *shape, struct sa_program *program);
#endif
