/* DRAM port timing: see dram.h and docs/machine.md section 3. Times are cycle + fraction / num, never
 * a floating-point number, so that any engine gets the same cycle on any machine. */
#include "dram/dram_inline.h"

void sa_dram_init(struct sa_dram *dram, uint64_t num, uint64_t den, uint64_t latency_cycles) {
  dram->bytes_per_cycle_num = num;
  dram->bytes_per_cycle_den = den;
  dram->latency_cycles = latency_cycles;
  dram->free_cycle = 0;
  dram->free_fraction = 0;
  dram->burst_bytes = 0;
  dram->burst_cycles = 0;
  dram->burst_fraction = 0;
}

uint64_t sa_dram_accept(struct sa_dram *dram, uint64_t cycle, uint64_t address, uint32_t bytes,
                        bool is_write) {
  return sa_dram_accept_inline(dram, cycle, address, bytes, is_write);
}
