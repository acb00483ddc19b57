/* Seeded random numbers: see rng.h. */
#include "base/rng.h"

#include <assert.h>

static uint64_t rotate_left(uint64_t x, unsigned by) { return x << by | x >> (64 - by); }

void sa_rng_init(struct sa_rng *rng, uint64_t seed) {
  /* splitmix64's own sequence: states one golden-ratio step apart, so never all zero */
  for (unsigned i = 0; i < 4; i++)
    rng->state[i] = sa_rng_mix(seed + i * UINT64_C(0x9e3779b97f4a7c15));
}

uint64_t sa_rng_next(struct sa_rng *rng) {
  uint64_t *s = rng->state;
  const uint64_t result = rotate_left(s[1] * 5, 7) * 9;
  const uint64_t t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotate_left(s[3], 45);
  return result;
}

uint64_t sa_rng_below(struct sa_rng *rng, uint64_t bound) {
  assert(bound > 0);
  /* the lowest 2^64 mod bound values would make small results likelier: draw again */
  const uint64_t threshold = (0 - bound) % bound;
  uint64_t x;
  do x = sa_rng_next(rng);
  while (x < threshold);
  return x % bound;
}

uint64_t sa_rng_range(struct sa_rng *rng, uint64_t first, uint64_t last) {
  assert(first <= last);
  const uint64_t count = last - first + 1;
  return count == 0 ? sa_rng_next(rng) : first + sa_rng_below(rng, count);
}
