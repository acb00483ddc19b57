/* Register-resident kernels and a triad: see roofline.h. Each kernel keeps enough independent accumulators
 * to cover the latency of its instruction, and the best of several short runs counts. */
#include "baseline/roofline.h"

#include <stdio.h>
#include <stdlib.h>

#include "baseline/host.h"

#define ROUNDS 40000u /* of the inner loop: some 100 us a run */
#define RUNS 60
#define CHAINS 12     /* accumulators */

struct peak {
  enum sa_isa isa;
  enum sa_dtype dtype;
  const char *name;
  unsigned macs;              /* of one instruction (pair) */
  float (*run)(unsigned rounds);
};

#if defined __x86_64__
#include <immintrin.h>

/* y and the outer x are of a value that keeps sums small. `step` is applied to every accumulator in each round; the sum of all is returned so that none is dropped. */
#define SA_PEAK(name, isa, vector, zero, one, step, add, result)            \
  __attribute__((target(isa), noinline)) static float name(unsigned rounds) { \
    vector acc[CHAINS], x = one, y = one;                                   \
    for (int i = 0; i < CHAINS; i++) acc[i] = zero;                         \
    for (unsigned r = 0; r < rounds; r++)                                   \
      _Pragma("GCC unroll 12") for (int i = 0; i < CHAINS; i++) {           \
        __asm__("" : "+x"(x)); /* no instruction, but x counts as new: no product is used twice */ \
        acc[i] = step;                                                      \
      }                                                                     \
    for (int i = 1; i < CHAINS; i++) acc[0] = add(acc[0], acc[i]);          \
    return result(acc[0]);                                                  \
  }

SA_PEAK(sse_fp32, "sse4.1", __m128, _mm_setzero_ps(), _mm_set1_ps(1e-9f),
        _mm_add_ps(acc[i], _mm_mul_ps(x, y)), _mm_add_ps, _mm_cvtss_f32)
SA_PEAK(avx2_fp32, "avx2,fma", __m256, _mm256_setzero_ps(), _mm256_set1_ps(1e-9f),
        _mm256_fmadd_ps(x, y, acc[i]), _mm256_add_ps, _mm256_cvtss_f32)
SA_PEAK(avx512_fp32, "avx512f", __m512, _mm512_setzero_ps(), _mm512_set1_ps(1e-9f),
        _mm512_fmadd_ps(x, y, acc[i]), _mm512_add_ps, _mm512_cvtss_f32)

/* Before VNNI: pairs of bytes to 16 bits, pairs of those to 32, and an addition. */
#define FIRST128(v) (float)_mm_cvtsi128_si32(v)
#define FIRST256(v) (float)_mm_cvtsi128_si32(_mm256_castsi256_si128(v))
#define FIRST512(v) (float)_mm_cvtsi128_si32(_mm512_castsi512_si128(v))
SA_PEAK(sse_int8, "sse4.1", __m128i, _mm_setzero_si128(), _mm_set1_epi8(1),
        _mm_add_epi32(acc[i], _mm_madd_epi16(_mm_maddubs_epi16(x, y), x)), _mm_add_epi32, FIRST128)
SA_PEAK(avx2_int8, "avx2", __m256i, _mm256_setzero_si256(), _mm256_set1_epi8(1),
        _mm256_add_epi32(acc[i], _mm256_madd_epi16(_mm256_maddubs_epi16(x, y), x)), _mm256_add_epi32, FIRST256)
SA_PEAK(avx512_int8, "avx512f,avx512bw", __m512i, _mm512_setzero_si512(), _mm512_set1_epi8(1),
        _mm512_add_epi32(acc[i], _mm512_madd_epi16(_mm512_maddubs_epi16(x, y), x)), _mm512_add_epi32, FIRST512)
SA_PEAK(vnni_int8, "avx512f,avx512vnni", __m512i, _mm512_setzero_si512(), _mm512_set1_epi8(1),
        _mm512_dpbusd_epi32(acc[i], x, y), _mm512_add_epi32, FIRST512)

/* The bits are a pair of small bf16 numbers in each lane. */
__attribute__((target("avx512f,avx512bf16"), noinline)) static float bf16_bf16(unsigned rounds) {
  __m512 acc[CHAINS];
  __m512i pairs = _mm512_set1_epi32(0x30003000);
  for (int i = 0; i < CHAINS; i++) acc[i] = _mm512_setzero_ps();
  for (unsigned r = 0; r < rounds; r++)
    _Pragma("GCC unroll 12") for (int i = 0; i < CHAINS; i++) {
      __asm__("" : "+x"(pairs));
      acc[i] = _mm512_dpbf16_ps(acc[i], (__m512bh)pairs, (__m512bh)pairs);
    }
  for (int i = 1; i < CHAINS; i++) acc[0] = _mm512_add_ps(acc[0], acc[i]);
  return _mm512_cvtss_f32(acc[0]);
}

static const struct peak peaks[] = {
    {SA_ISA_SSE41, SA_DTYPE_FP32, "mulps, addps", 4, sse_fp32},
    {SA_ISA_AVX2, SA_DTYPE_FP32, "vfmadd ymm", 8, avx2_fp32},
    {SA_ISA_AVX512, SA_DTYPE_FP32, "vfmadd zmm", 16, avx512_fp32},
    {SA_ISA_SSE41, SA_DTYPE_INT8, "pmaddubsw, pmaddwd xmm", 16, sse_int8},
    {SA_ISA_AVX2, SA_DTYPE_INT8, "vpmaddubsw, vpmaddwd ymm", 32, avx2_int8},
    {SA_ISA_AVX512, SA_DTYPE_INT8, "vpmaddubsw, vpmaddwd zmm", 64, avx512_int8},
    {SA_ISA_VNNI, SA_DTYPE_INT8, "vpdpbusd zmm", 64, vnni_int8},
    {SA_ISA_BF16, SA_DTYPE_BF16, "vdpbf16ps zmm", 32, bf16_bf16},
};
#else
static float scalar_fp32(unsigned rounds) {
  volatile float one = 1e-9f;
  float acc[CHAINS] = {0};
  for (unsigned r = 0; r < rounds; r++) {
    const float x = one;
    for (int i = 0; i < CHAINS; i++) acc[i] += x * x;
  }
  float sum = 0;
  for (int i = 0; i < CHAINS; i++) sum += acc[i];
  return sum;
}

static const struct peak peaks[] = {{SA_ISA_SSE41, SA_DTYPE_FP32, "compiled C", 1, scalar_fp32}};
#endif

static double best_rate(const struct peak *peak) {
  double best = 0;
  volatile float kept = 0;
  for (int i = 0; i < RUNS; i++) {
    const double begin = sa_host_now();
    kept = kept + peak->run(ROUNDS);
    const double rate = (double)ROUNDS * CHAINS * peak->macs / (sa_host_now() - begin);
    if (rate > best) best = rate;
  }
  return best;
}

/* Four times the last-level cache and at least 64 MiB an array. */
static enum sa_status triad(struct sa_roofline *roofline, struct sa_error *error) {
  struct sa_host host;
  sa_host_read(&host);
  size_t count = ((size_t)64 << 20) / sizeof(double);
  if (host.l3_bytes * 4 / sizeof(double) / 3 > count) count = host.l3_bytes * 4 / sizeof(double) / 3;
  double *a = malloc(count * sizeof *a), *b = malloc(count * sizeof *b), *c = malloc(count * sizeof *c);
  enum sa_status status = SA_OK;
  if (!a || !b || !c) {
    status = sa_fail(error, SA_ERR_MEMORY, "out of memory for three arrays of %zu bytes", count * sizeof *a);
  } else {
    for (size_t i = 0; i < count; i++) a[i] = 0, b[i] = (double)i, c[i] = 1;
    for (int run = 0; run < 4; run++) {
      const double begin = sa_host_now();
      for (size_t i = 0; i < count; i++) a[i] = b[i] + 3.0 * c[i];
      const double rate = 3.0 * (double)count * sizeof *a / (sa_host_now() - begin);
      if (rate > roofline->bytes_per_s) roofline->bytes_per_s = rate;
      __asm__ volatile("" : : "r"(a) : "memory");
    }
  }
  free(a);
  free(b);
  free(c);
  return status;
}

enum sa_status sa_roofline_measure(enum sa_isa isa, struct sa_roofline *roofline, struct sa_error *error) {
  *roofline = (struct sa_roofline){0};
  for (size_t i = 0; i < sizeof peaks / sizeof *peaks; i++) {
    const struct peak *peak = &peaks[i];
    if (peak->isa > isa || !sa_isa_present(peak->isa)) continue;
    const double rate = best_rate(peak);
    if (rate <= roofline->macs_per_s[peak->dtype]) continue;
    roofline->macs_per_s[peak->dtype] = rate;
    snprintf(roofline->kernel[peak->dtype], sizeof roofline->kernel[0], "%s", peak->name);
  }
  if (roofline->macs_per_s[SA_DTYPE_BF16] <= 0) { /* without bf16 instructions it is converted to fp32 */
    roofline->macs_per_s[SA_DTYPE_BF16] = roofline->macs_per_s[SA_DTYPE_FP32];
    snprintf(roofline->kernel[SA_DTYPE_BF16], sizeof roofline->kernel[0], "%.20s (as fp32)", roofline->kernel[SA_DTYPE_FP32]);
  }
  return triad(roofline, error);
}
