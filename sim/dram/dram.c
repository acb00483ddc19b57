/* DRAM port timing: see dram.h and docs/machine.md section 3. Times are cycle + fraction / num, never
 * a floating-point number, so that any engine gets the same cycle on any machine. */
#include "dram/dram.h"

void sa_dram_init(struct sa_dram *dram, uint64_t num, uint64_t den, uint64_t latency_cycles) {
  dram->bytes_per_cycle_num = num;
  dram->bytes_per_cycle_den = den;
  dram->latency_cycles = latency_cycles;
  dram->free_cycle = 0;
  dram->free_fraction = 0;
}

uint64_t sa_dram_accept(struct sa_dram *dram, uint64_t cycle, uint64_t address, uint32_t bytes,
                        bool is_write) {
  (void)address;
  (void)is_write;
  const uint64_t earliest = cycle + dram->latency_cycles;
  if (dram->free_cycle < earliest) { /* the bus idles: the fraction is dropped */
    dram->free_cycle = earliest;
    dram->free_fraction = 0;
  }
  const uint64_t parts = bytes * dram->bytes_per_cycle_den; /* in 1/num cycles */
  dram->free_cycle += parts / dram->bytes_per_cycle_num;
  dram->free_fraction += parts % dram->bytes_per_cycle_num;
  if (dram->free_fraction >= dram->bytes_per_cycle_num) {
    dram->free_fraction -= dram->bytes_per_cycle_num;
    dram->free_cycle++;
  }
  return dram->free_cycle + (dram->free_fraction ? 1 : 0) - 1;
}
