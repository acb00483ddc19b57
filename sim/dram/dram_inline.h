/* The body of sa_dram_accept, for dram.c and for the one loop that cannot afford a call (a stream of
 * bursts in the event-driven engine). Nobody else includes it. */
#ifndef SA_DRAM_DRAM_INLINE_H
#define SA_DRAM_DRAM_INLINE_H
#include "dram/dram.h"

static inline uint64_t sa_dram_accept_inline(struct sa_dram *dram, uint64_t cycle, uint64_t address,
                                             uint32_t bytes, bool is_write) {
  (void)address;
  (void)is_write;
  const uint64_t earliest = cycle + dram->latency_cycles;
  if (dram->free_cycle < earliest) { /* the bus idles: the fraction is dropped */
    dram->free_cycle = earliest;
    dram->free_fraction = 0;
  }
  if (bytes != dram->burst_bytes) {
    const uint64_t parts = bytes * dram->bytes_per_cycle_den; /* in 1/num cycles */
    dram->burst_bytes = bytes;
    dram->burst_cycles = parts / dram->bytes_per_cycle_num;
    dram->burst_fraction = parts % dram->bytes_per_cycle_num;
  }
  dram->free_cycle += dram->burst_cycles;
  dram->free_fraction += dram->burst_fraction;
  if (dram->free_fraction >= dram->bytes_per_cycle_num) {
    dram->free_fraction -= dram->bytes_per_cycle_num;
    dram->free_cycle++;
  }
  return dram->free_cycle + (dram->free_fraction ? 1 : 0) - 1;
}
#endif
