/* The tile of the vectorised loops, compiled once per vector width: SA_TILE names it, SA_VECTOR_BYTES is
 * the width. Written with the compilers' vector types, so that gcc and clang both make it of registers. */
#include <string.h>

#include "baseline/vector.h"

#define LANES (SA_VECTOR_BYTES / 4)
#define COLS (2 * LANES)

typedef float floats __attribute__((vector_size(SA_VECTOR_BYTES)));
typedef int32_t ints __attribute__((vector_size(SA_VECTOR_BYTES)));
typedef uint32_t words __attribute__((vector_size(SA_VECTOR_BYTES)));
typedef uint16_t halves __attribute__((vector_size(SA_VECTOR_BYTES / 2)));
typedef int8_t bytes __attribute__((vector_size(SA_VECTOR_BYTES / 4)));

static inline floats load_fp32(const float *from) {
  floats value;
  memcpy(&value, from, sizeof value);
  return value;
}

/* bf16 is the upper half of a float. */
static inline floats load_bf16(const uint16_t *from) {
  halves value;
  memcpy(&value, from, sizeof value);
  const words wide = __builtin_convertvector(value, words) << 16;
  floats result;
  memcpy(&result, &wide, sizeof result);
  return result;
}

static inline ints load_int8(const int8_t *from) {
  bytes value;
  memcpy(&value, from, sizeof value);
  return __builtin_convertvector(value, ints);
}

static inline float one_fp32(float value) { return value; }
static inline float one_bf16(uint16_t value) { return sa_bf16_to_float(value); }
static inline int32_t one_int8(int8_t value) { return value; }

#define SA_TILE_OF(type, element, vector, scalar)                                                        \
  static void tile_##type(const void *const a[SA_VECTOR_ROWS], uint64_t k, const void *packed,            \
                          float sums[SA_VECTOR_ROWS][SA_VECTOR_MAX_COLS]) {                               \
    const element *a0 = a[0], *a1 = a[1], *a2 = a[2], *a3 = a[3], *b = packed;                            \
    const vector zero = {0};                                                                              \
    vector s00 = zero, s01 = zero, s10 = zero, s11 = zero, s20 = zero, s21 = zero, s30 = zero, s31 = zero; \
    for (uint64_t i = 0; i < k; i++, b += COLS) {                                                         \
      const vector b0 = load_##type(b), b1 = load_##type(b + LANES);                                      \
      const scalar x0 = one_##type(a0[i]), x1 = one_##type(a1[i]);                                        \
      const scalar x2 = one_##type(a2[i]), x3 = one_##type(a3[i]);                                        \
      s00 += x0 * b0, s01 += x0 * b1, s10 += x1 * b0, s11 += x1 * b1;                                     \
      s20 += x2 * b0, s21 += x2 * b1, s30 += x3 * b0, s31 += x3 * b1;                                     \
    }                                                                                                     \
    const vector all[SA_VECTOR_ROWS][2] = {{s00, s01}, {s10, s11}, {s20, s21}, {s30, s31}};                \
    for (int r = 0; r < SA_VECTOR_ROWS; r++)                                                              \
      for (int j = 0; j < COLS; j++) sums[r][j] = (float)all[r][j / LANES][j % LANES];                    \
  }                                                                                                       \
  static void multiply_add_##type(const void *a, const void *b, uint64_t count, float *sums) {            \
    const element *x = a, *y = b;                                                                         \
    uint64_t i = 0;                                                                                       \
    for (; i + LANES <= count; i += LANES) {                                                              \
      const vector product = load_##type(x + i) * load_##type(y + i);                                     \
      const floats sum = load_fp32(sums + i) + __builtin_convertvector(product, floats);                  \
      memcpy(sums + i, &sum, sizeof sum);                                                                 \
    }                                                                                                     \
    for (; i < count; i++) sums[i] += (float)(one_##type(x[i]) * one_##type(y[i]));                       \
  }

SA_TILE_OF(fp32, float, floats, float)
SA_TILE_OF(bf16, uint16_t, floats, float)
SA_TILE_OF(int8, int8_t, ints, int32_t)

/* Four vectors of partial sums, so that an addition need not wait for the one before. */
static float dot(const float *a, const float *b, uint64_t count) {
  floats sums[4] = {{0}, {0}, {0}, {0}};
  uint64_t i = 0;
  for (; i + 4 * LANES <= count; i += 4 * LANES) {
    sums[0] += load_fp32(a + i) * load_fp32(b + i);
    sums[1] += load_fp32(a + i + LANES) * load_fp32(b + i + LANES);
    sums[2] += load_fp32(a + i + 2 * LANES) * load_fp32(b + i + 2 * LANES);
    sums[3] += load_fp32(a + i + 3 * LANES) * load_fp32(b + i + 3 * LANES);
  }
  const floats all = sums[0] + sums[1] + (sums[2] + sums[3]);
  float sum = 0;
  for (int j = 0; j < LANES; j++) sum += all[j];
  for (; i < count; i++) sum += a[i] * b[i];
  return sum;
}

#define SA_TEXT(x) #x
#define SA_NAME(x) SA_TEXT(x)
#define SA_JOIN(a, b) a##b
#define SA_TABLE(name) SA_JOIN(sa_vector_tile_, name)

const struct sa_vector_tile SA_TABLE(SA_TILE) = {
    .name = SA_NAME(SA_TILE),
    .cols = COLS,
    .tile = {tile_fp32, tile_bf16, tile_int8},
    .multiply_add = {multiply_add_fp32, multiply_add_bf16, multiply_add_int8},
    .dot = dot};
