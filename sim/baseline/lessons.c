/* First programs of a weighted sum and of a GEMM: see lessons.h. */
#include "baseline/lessons.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "baseline/host.h"
#include "baseline/vector.h"

#define RUNS 20
#define ENOUGH_S 0.1

#if defined __clang__
#define UNOPTIMISED __attribute__((optnone, noinline))
#define SCALAR __attribute__((noinline))
#else
#define UNOPTIMISED __attribute__((optimize("O0"), noinline))
#define SCALAR __attribute__((optimize("no-tree-vectorize"), noinline))
#endif

const char *sa_lesson_name(enum sa_lesson lesson) {
  static const char *const names[] = {"C, not optimised", "C", "C, in memory order"};
  assert(lesson < SA_LESSONS);
  return names[lesson];
}

UNOPTIMISED static float sum_unoptimised(const float *a, const float *b, uint64_t n) {
  float sum = 0;
  for (uint64_t i = 0; i < n; i++) sum += a[i] * b[i];
  return sum;
}

SCALAR static float sum_naive(const float *a, const float *b, uint64_t n) {
  float sum = 0;
  for (uint64_t i = 0; i < n; i++) sum += a[i] * b[i];
  return sum;
}

/* An addition need not wait for the one before. */
SCALAR static float sum_friendly(const float *a, const float *b, uint64_t n) {
  float sums[4] = {0};
  uint64_t i = 0;
  for (; i + 4 <= n; i += 4) {
    sums[0] += a[i] * b[i];
    sums[1] += a[i + 1] * b[i + 1];
    sums[2] += a[i + 2] * b[i + 2];
    sums[3] += a[i + 3] * b[i + 3];
  }
  for (; i < n; i++) sums[0] += a[i] * b[i];
  return sums[0] + sums[1] + (sums[2] + sums[3]);
}

/* One row of the result. */
UNOPTIMISED static void row_unoptimised(const float *a, const float *b, float *c, uint64_t n) {
  for (uint64_t j = 0; j < n; j++) {
    float sum = 0;
    for (uint64_t k = 0; k < n; k++) sum += a[k] * b[k * n + j];
    c[j] = sum;
  }
}

SCALAR static void row_naive(const float *a, const float *b, float *c, uint64_t n) {
  for (uint64_t j = 0; j < n; j++) {
    float sum = 0;
    for (uint64_t k = 0; k < n; k++) sum += a[k] * b[k * n + j];
    c[j] = sum;
  }
}

SCALAR static void row_friendly(const float *a, const float *b, float *c, uint64_t n) {
  for (uint64_t j = 0; j < n; j++) c[j] = 0;
  for (uint64_t k = 0; k < n; k++)
    for (uint64_t j = 0; j < n; j++) c[j] += a[k] * b[k * n + j];
}

static float *draw(uint64_t count, uint64_t seed) {
  float *values = malloc(count * sizeof *values);
  for (uint64_t i = 0; values && i < count; i++)
    values[i] = (float)(int8_t)sa_rng_mix(seed + i) / 64; /* -2 .. 2 */
  return values;
}

static double exact(const float *a, const float *b, uint64_t n, uint64_t step, double *size) {
  double sum = 0;
  *size = 1;
  for (uint64_t i = 0; i < n; i++) {
    sum += (double)a[i] * b[i * step];
    *size += fabs((double)a[i] * b[i * step]);
  }
  return sum;
}

static enum sa_status check(const char *name, double got, double expected, double size, struct sa_error *error) {
  if (fabs(got - expected) <= 1e-4 * size) return SA_OK;
  return sa_fail(error, SA_ERR_ILLEGAL, "%s gave %g; it should be %g", name, got, expected);
}

typedef float sum_function(const float *a, const float *b, uint64_t n);

static enum sa_status time_sum(sum_function *sum, const char *name, uint64_t n, double *seconds, struct sa_error *error) {
  float *a = draw(n, 1), *b = draw(n, UINT64_C(1) << 40);
  enum sa_status status = a && b ? SA_OK : sa_fail(error, SA_ERR_MEMORY, "out of memory");
  double size = 0;
  for (int run = 0; run <= RUNS && !status; run++) {
    const double begin = sa_host_now();
    const float got = sum(a, b, n);
    const double gone = sa_host_now() - begin;
    if (run == 0) status = check(name, (double)got, exact(a, b, n, 1, &size), size, error); /* and warm */
    if (run == 1 || (run > 1 && gone < *seconds)) *seconds = gone;
  }
  free(a);
  free(b);
  return status;
}

enum sa_status sa_lesson_sum(enum sa_lesson lesson, uint64_t n, uint64_t *macs, double *seconds, struct sa_error *error) {
  static sum_function *const sums[SA_LESSONS] = {sum_unoptimised, sum_naive, sum_friendly};
  *macs = n;
  return time_sum(sums[lesson], sa_lesson_name(lesson), n, seconds, error);
}

enum sa_status sa_lesson_vector_sum(enum sa_isa isa, uint64_t n, uint64_t *macs, double *seconds, struct sa_error *error) {
  const struct sa_vector_tile *tile = sa_vector_tile_for(isa);
  *macs = n;
  return time_sum(tile->dot, tile->name, n, seconds, error);
}

enum sa_status sa_lesson_gemm(enum sa_lesson lesson, uint64_t n, uint64_t *macs, double *seconds, struct sa_error *error) {
  static void (*const rows[SA_LESSONS])(const float *, const float *, float *, uint64_t) = {row_unoptimised, row_naive,
                                                                                            row_friendly};
  float *a = draw(n * n, 1), *b = draw(n * n, UINT64_C(1) << 40), *c = malloc(n * sizeof *c);
  enum sa_status status = a && b && c ? SA_OK : sa_fail(error, SA_ERR_MEMORY, "out of memory");
  if (!status) {
    rows[lesson](a, b, c, n);
    double size;
    for (uint64_t j = 0; j < n && !status; j += n / 7 + 1) {
      const double expected = exact(a, b + j, n, n, &size);
      status = check(sa_lesson_name(lesson), (double)c[j], expected, size, error);
    }
  }
  const double begin = sa_host_now();
  for (uint64_t i = 0; i < n && !status && (i == 0 || sa_host_now() - begin < ENOUGH_S); i++) {
    const double row_begin = sa_host_now();
    rows[lesson](a + i * n, b, c, n);
    const double gone = sa_host_now() - row_begin;
    if (i == 0 || gone < *seconds) *seconds = gone;
  }
  *macs = n * n;
  free(a);
  free(b);
  free(c);
  return status;
}
