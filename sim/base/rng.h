/* Seeded random numbers, the same on every machine: xoshiro256** for streams (Blackman and Vigna,
 * 2018), splitmix64 for seeding and for values that are a function of an index. */
#ifndef SA_BASE_RNG_H
#define SA_BASE_RNG_H
#include <stdint.h>

struct sa_rng { uint64_t state[4]; };

/* Any seed is good, zero too. */
void sa_rng_init(struct sa_rng *rng, uint64_t seed);
/* Next 64 random bits. */
uint64_t sa_rng_next(struct sa_rng *rng);
/* Uniform in 0 .. bound - 1, without bias; bound > 0. */
uint64_t sa_rng_below(struct sa_rng *rng, uint64_t bound);
/* Uniform in first .. last, both included; first <= last. */
uint64_t sa_rng_range(struct sa_rng *rng, uint64_t first, uint64_t last);

/* splitmix64's finaliser: 64 well-mixed bits of x, a bijection. */
static inline uint64_t sa_rng_mix(uint64_t x) {
  x += UINT64_C(0x9e3779b97f4a7c15);
  x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
  return x ^ (x >> 31);
}
#endif
