/* The vectorised loops: every GEMM-like layer in tiles of four rows by two vectors, weights packed so that
 * the inner loop reads them in order. What a person writes in an afternoon, not what a library does in years. */
#ifndef SA_BASELINE_VECTOR_H
#define SA_BASELINE_VECTOR_H
#include "baseline/kernel.h"

enum sa_status sa_vector_prepare(enum sa_isa isa, const struct sa_cpu_op *op, struct sa_kernel **kernel,
                                 struct sa_error *error) SA_CHECKED;
enum sa_status sa_vector_prepare_sums(enum sa_isa isa, enum sa_dtype dtype, uint64_t m, uint64_t k,
                                      uint64_t n, const void *b, struct sa_sums **sums,
                                      struct sa_error *error) SA_CHECKED;

#define SA_VECTOR_ROWS 4
#define SA_VECTOR_MAX_COLS 32

/* One compilation of the tile for one vector width (vector_tile.c). */
struct sa_vector_tile {
  const char *name;
  unsigned cols; /* of a tile */
  /* sums[r][j] = sum over k of a[r][k] * packed[k][j], for SA_VECTOR_ROWS rows; packed is [k][cols]. */
  void (*tile[SA_DTYPES])(const void *const a[SA_VECTOR_ROWS], uint64_t k, const void *packed,
                          float sums[SA_VECTOR_ROWS][SA_VECTOR_MAX_COLS]);
  /* sums[i] += a[i] * b[i]: depthwise convolutions. */
  void (*multiply_add[SA_DTYPES])(const void *a, const void *b, uint64_t count, float *sums);
  /* sum of a[i] * b[i] */
  float (*dot)(const float *a, const float *b, uint64_t count);
};

/* The widest that the ceiling allows. */
const struct sa_vector_tile *sa_vector_tile_for(enum sa_isa isa);

extern const struct sa_vector_tile sa_vector_tile_base;
#if defined __x86_64__
extern const struct sa_vector_tile sa_vector_tile_avx2, sa_vector_tile_avx512;
#endif
#endif
