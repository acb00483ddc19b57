/* Seeded random machines and raw random legal programs: what the engines and the RTL are compared on.
 * Legality is by construction: a program is built with the vector clocks of program/order.h, and
 * every conflict that an instruction would have is resolved by tokens. */
#ifndef SA_ENGINE_RANDOM_H
#define SA_ENGINE_RANDOM_H
#include "base/memory.h"
#include "base/rng.h"
#include "machine/config.h"
#include "program/program.h"

/* A small machine: arrays up to 24 x 24, few lanes, banks, slots, queue entries. Finished. */
void sa_random_config(struct sa_rng *rng, struct sa_config *config);

/* Draws anew what a built machine takes at run time: latency, bandwidth, burst (within the widths) and
 * outstanding bursts. The config stays legal. */
void sa_random_timing(struct sa_rng *rng, struct sa_config *config);

/* Appends a legal program of about `instructions` instructions (at least 10), and everything that it
 * reads to the memory image. A smaller number from the same state of rng gives about the beginning of
 * the same program, for shrinking. The config is one that sa_config_finish accepted, of any size. */
enum sa_status sa_random_program(struct sa_rng *rng, const struct sa_config *config,
                                 uint32_t instructions, struct sa_program *program,
                                 struct sa_memory *memory, struct sa_error *error) SA_CHECKED;
#endif
