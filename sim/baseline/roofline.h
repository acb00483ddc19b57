/* The host's roofline, measured: what its arithmetic units give when nothing leaves the registers, per data
 * type, and what its memory gives to a triad over arrays that no cache holds. */
#ifndef SA_BASELINE_ROOFLINE_H
#define SA_BASELINE_ROOFLINE_H
#include "baseline/kernel.h"

struct sa_roofline {
  double macs_per_s[SA_DTYPES]; /* one thread; 0: not measured */
  char kernel[SA_DTYPES][32];   /* which instruction gave it */
  double bytes_per_s;           /* one thread: a[i] = b[i] + s c[i], 3 x 8 bytes an element, STREAM's count */
};

/* Takes about half a second. SA_ERR_MEMORY if the arrays cannot be had. */
enum sa_status sa_roofline_measure(enum sa_isa isa, struct sa_roofline *roofline, struct sa_error *error) SA_CHECKED;
#endif
