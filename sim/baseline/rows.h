/* The operators without a GEMM, in C, a row of channels at a time: pooling, element-wise operations,
 * softmax, norms, concatenation, upsampling. Shared by all providers; a library's own takes precedence. */
#ifndef SA_BASELINE_ROWS_H
#define SA_BASELINE_ROWS_H
#include "baseline/kernel.h"

/* A kernel for a layer without a GEMM. */
enum sa_status sa_rows_prepare(const struct sa_cpu_op *op, struct sa_kernel **kernel, struct sa_error *error)
    SA_CHECKED;

/* Added to the variance of a norm; layer norm of BERT. */
#define SA_NORM_EPSILON 1e-12f
#endif
