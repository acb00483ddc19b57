/* The lower rungs of the ladder: one weighted sum and one GEMM in C as one writes them first. fp32. */
#ifndef SA_BASELINE_LESSONS_H
#define SA_BASELINE_LESSONS_H
#include <stdint.h>

#include "base/error.h"
#include "baseline/kernel.h"

enum sa_lesson {
  SA_LESSON_UNOPTIMISED, /* compiled as with -O0: every variable lives in memory */
  SA_LESSON_NAIVE,       /* optimised; the GEMM's loops are i, j, k: B is read down its columns */
  SA_LESSON_FRIENDLY,    /* the GEMM's loops are i, k, j: everything is read in order (the sum: four accumulators) */
  SA_LESSONS
};

/* "C, -O0", ... */
const char *sa_lesson_name(enum sa_lesson lesson);

/* Best time of some runs. *macs: how many were timed. Of a GEMM of n x n x n the
 * fastest row counts, of as many as take about a tenth of a second. Inputs are seeded, of normal range, and the result is checked. */
enum sa_status sa_lesson_sum(enum sa_lesson lesson, uint64_t n, uint64_t *macs, double *seconds,
                             struct sa_error *error) SA_CHECKED;
/* The sum with vectors of the widest kind under a ceiling. */
enum sa_status sa_lesson_vector_sum(enum sa_isa isa, uint64_t n, uint64_t *macs, double *seconds,
                                    struct sa_error *error) SA_CHECKED;
enum sa_status sa_lesson_gemm(enum sa_lesson lesson, uint64_t n, uint64_t *macs, double *seconds,
                              struct sa_error *error) SA_CHECKED;
#endif
