/* A small GEMM as a program without a mapper, for the wavefront: ifmap[M][K] times filter[K][N], folds of
 * R x C, K innermost, results in the accumulators. Also the numbers of the worked example. */
#ifndef SA_REPORT_WAVEFRONT_GEMM_H
#define SA_REPORT_WAVEFRONT_GEMM_H
#include "base/memory.h"
#include "machine/config.h"
#include "program/program.h"

struct sa_small_gemm {
  uint32_t m, k, n;
  int8_t *ifmap;  /* owned; [m][k] */
  int8_t *filter; /* owned; [k][n] */
};

void sa_small_gemm_release(struct sa_small_gemm *gemm);

/* The worked example: M = 6, N = 4, K = 4 times `folds` (1 .. SA_EXAMPLE_FOLDS); small numbers. */
#define SA_EXAMPLE_FOLDS 3
enum sa_status sa_small_gemm_example(uint32_t folds, struct sa_small_gemm *gemm, struct sa_error *error)
    SA_CHECKED;
/* Reads both matrices from files of whole numbers, -128 .. 127, a row a line, separated by commas or
 * blanks. The filter has as many rows as the ifmap has columns. */
enum sa_status sa_small_gemm_load(const char *ifmap, const char *filter, struct sa_small_gemm *gemm,
                                  struct sa_error *error) SA_CHECKED;

/* Writes the operands into memory and appends the program to an initialised, empty one: a LOAD of the
 * ifmap, then a WLOAD and a MATMUL a fold. Accumulator row of (m, tile of N j): j M + m, bank 0. A GEMM
 * that the machine's memories do not hold is SA_ERR_LIMIT. */
enum sa_status sa_small_gemm_program(const struct sa_config *config, const struct sa_small_gemm *gemm,
                                     struct sa_memory *memory, struct sa_program *program,
                                     struct sa_error *error) SA_CHECKED;
#endif
