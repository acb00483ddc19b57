/* Layers as GEMMs: ofmap[m][n] = ifmap[m][k] * filter[k][n], `parts` times (groups of a convolution, heads
 * and images of an attention matmul). Where the rows, the filter and the output of each part lie. */
#ifndef SA_BASELINE_GEMM_H
#define SA_BASELINE_GEMM_H
#include "baseline/op.h"

struct sa_gemm { uint64_t m, k, n, parts; };

/* CONV, FC and MATMUL have one; of an LSTM see lstm.h. */
bool sa_cpu_op_has_gemm(const struct sa_cpu_op *op);
struct sa_gemm sa_gemm_of(const struct sa_cpu_op *op);

/* Address of row m of the ifmap if its k elements lie side by side (1 x 1 convolutions, FC, MATMUL), and
 * the distance of rows in elements; null if they have to be gathered. */
const void *sa_gemm_rows(const struct sa_cpu_op *op, uint64_t part, uint64_t *pitch);
/* Copies row m's k elements to `patch`, with zeros beyond the edges: one row of an im2col. */
void sa_gemm_gather(const struct sa_cpu_op *op, uint64_t part, uint64_t m, void *patch);
/* First element of the filter and the distance of its rows; with *transposed it is stored [n][k]. */
const void *sa_gemm_filter(const struct sa_cpu_op *op, uint64_t part, uint64_t *pitch, bool *transposed);
/* First element of output row m. */
void *sa_gemm_out(const struct sa_cpu_op *op, uint64_t part, uint64_t m);
/* Channel of column 0 of this part, for bias and scales. */
uint64_t sa_gemm_channel(const struct sa_cpu_op *op, uint64_t part);

/* The end of a sum: bias, scale, residual (found in `out`), activation, rounding. `sums` are those of the
 * channels from `channel` on; `out` is where they go. */
void sa_gemm_finish(const struct sa_cpu_op *op, const float *sums, uint64_t channel, uint64_t count, void *out);
#endif
