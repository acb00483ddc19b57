/* Random machines and programs for timing alone: tokens and the weight FIFO are legal and no bank is
 * shared, but the data of units may race, which no cycle depends on. */
#ifndef SA_TESTS_ENGINE_RANDOM_H
#define SA_TESTS_ENGINE_RANDOM_H
#include "base/rng.h"
#include "machine/config.h"
#include "program/program.h"

/* A small machine, not finished. */
struct sa_config random_timing_config(struct sa_rng *rng);
/* About `length` instructions over `layers` layers, in one or two blocks. */
void random_timing_program(struct sa_rng *rng, const struct sa_config *config, unsigned length,
                           uint32_t layers, struct sa_program *program);
#endif
