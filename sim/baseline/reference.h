/* The check of a kernel: what it wrote against the definition of the layer, computed in double precision
 * one output at a time, by code that shares nothing with the kernels. */
#ifndef SA_BASELINE_REFERENCE_H
#define SA_BASELINE_REFERENCE_H
#include "baseline/op.h"

struct sa_check {
  uint64_t checked; /* outputs compared: all, or as many, spread evenly, as the budget allows */
  double error;     /* largest difference: int8 in units, else relative to |expected| + the outputs' root mean square */
  double tolerance; /* what `error` may be */
};

/* Compares the output of op with its inputs. `residual`: the residual tensor as it was before, dense, as
 * its buffer may have been overwritten; null if the layer has none. `budget`: about how many multiplications
 * to spend. */
void sa_check_op(const struct sa_cpu_op *op, const void *residual, uint64_t budget, struct sa_check *check);
#endif
