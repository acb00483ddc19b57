/* The machine that measures: what it is, and how quiet it is. What the system does not tell stays empty. */
#ifndef SA_BASELINE_HOST_H
#define SA_BASELINE_HOST_H
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct sa_host {
  char cpu[128];      /* model name */
  char isa[32];       /* best of enum sa_isa */
  char governor[32];  /* frequency governor of the pinned core; "" unknown */
  char kernel[96];    /* operating system */
  unsigned cores;     /* online */
  uint64_t l1d_bytes, l2_bytes, l3_bytes; /* 0 unknown */
  double load;        /* one-minute load average when it was read */
};

void sa_host_read(struct sa_host *host);
/* Whether /proc/cpuinfo lists a flag. */
bool sa_host_has_flag(const char *flag);

/* Binds the process, and threads it starts later, to `threads` cores that it may use: the last ones, since
 * the system's interrupts prefer the first. */
enum sa_status sa_host_pin(unsigned threads, struct sa_error *error) SA_CHECKED;

/* Seconds of a monotonic clock. */
double sa_host_now(void);
/* Times this thread was taken off its core against its will. */
uint64_t sa_host_preemptions(void);
/* Seconds that a hypervisor gave to others, all cores, since boot. */
double sa_host_stolen(void);
/* Joules of the package's energy counter, or negative if the system offers none. Wraps now and then. */
double sa_host_energy(void);
#endif
