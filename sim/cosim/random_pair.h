/* A machine and a program, both random: the program either a raw legal instruction stream or what the
 * mapper makes of random layers. Everything depends on the seed and the pair's number alone. */
#ifndef SA_COSIM_RANDOM_PAIR_H
#define SA_COSIM_RANDOM_PAIR_H
#include "base/memory.h"
#include "machine/config.h"
#include "net/net.h"
#include "program/program.h"

enum sa_random_programs {
  SA_RANDOM_BOTH,   /* pairs with odd numbers from layers, the others raw */
  SA_RANDOM_RAW,
  SA_RANDOM_LAYERS
};

struct sa_random_draw {
  uint64_t seed;
  uint64_t pairs, builds; /* pairs are spread over builds; timing is drawn anew for each pair */
  enum sa_random_programs programs;
};

/* The part of a pair's program that is wanted, for shrinking; zeros: all of it. */
struct sa_random_part {
  uint32_t instructions;            /* raw: its length, at least 10 */
  uint32_t first_layer, last_layer; /* layers: from 1, inputs not counted; what comes before are inputs */
};

struct sa_random_pair {
  struct sa_config config;
  bool from_layers;          /* false too if no network that was drawn fits the machine */
  uint32_t instructions;     /* raw: length asked for */
  uint32_t layers;           /* from layers: how many, inputs not counted */
  struct sa_net net;         /* from layers: the network; owned */
  struct sa_program program; /* owned */
  struct sa_memory *memory;  /* before the run; owned */
};

/* The build that serves pair `index`, and its machine, timing aside. */
uint64_t sa_random_build_of(const struct sa_random_draw *draw, uint64_t index);
void sa_random_build(const struct sa_random_draw *draw, uint64_t build, struct sa_config *config);

/* Draws pair `index`. part: null or what is wanted of it; SA_ERR_LIMIT if that part of the layers does
 * not fit the machine by itself. On success the caller releases *pair. */
enum sa_status sa_random_pair_draw(const struct sa_random_draw *draw, uint64_t index,
                                   const struct sa_random_part *part, struct sa_random_pair *pair,
                                   struct sa_error *error) SA_CHECKED;
/* An empty pair, and a pair's end. */
void sa_random_pair_init(struct sa_random_pair *pair);
void sa_random_pair_release(struct sa_random_pair *pair);
#endif
