/* Timing of one DRAM port: the only function that decides when a burst completes. Linked into the C
 * engine and into the RTL's test bench. Data bus with fixed latency and an exact fractional
 * bandwidth, first come first served; docs/machine.md section 3. Banks, rows, turnaround and refresh
 * can be added behind the same call: it is given the address, the direction and the size. */
#ifndef SA_DRAM_DRAM_H
#define SA_DRAM_DRAM_H
#include <stdbool.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

struct sa_dram {
  uint64_t bytes_per_cycle_num; /* > 0 */
  uint64_t bytes_per_cycle_den; /* > 0, reduced against num; burst bytes * den fits 64 bits */
  uint64_t latency_cycles;      /* >= 1 */
  uint64_t free_cycle;          /* the data bus is free from free_cycle + free_fraction / num */
  uint64_t free_fraction;       /* 0 .. num - 1 */
  uint64_t burst_cycles;        /* a burst of burst_bytes takes burst_cycles + burst_fraction / num: */
  uint64_t burst_fraction;      /* the last size asked for, so that its division is done once */
  uint32_t burst_bytes;         /* 0: none yet */
};

/* An idle port at cycle 0. */
void sa_dram_init(struct sa_dram *dram, uint64_t num, uint64_t den, uint64_t latency_cycles);

/* Accepts a burst in `cycle` (not before the last accepted one) and returns its completion: the
 * cycle in which the last beat of a read is on the port, or the response of a write. */
uint64_t sa_dram_accept(struct sa_dram *dram, uint64_t cycle, uint64_t address, uint32_t bytes,
                        bool is_write);
#ifdef __cplusplus
}
#endif
#endif
