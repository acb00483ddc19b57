/* The plain C loop nest: the operator as its definition reads, one output at a time, no packing, no
 * vectors. The filter is read down its columns, as one writes it first. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "baseline/gemm.h"
#include "baseline/kernel.h"

static inline float one_fp32(float value) { return value; }
static inline float one_bf16(uint16_t value) { return sa_bf16_to_float(value); }
static inline int32_t one_int8(int8_t value) { return value; }

/* One output of a convolution: the sum over its window. */
#define SA_WINDOW_OF(type, element, scalar)                                                                 \
  static float window_##type(const struct sa_cpu_op *op, uint64_t image, int64_t top, int64_t left,              \
                             uint64_t group, uint64_t n) {                                                   \
    const struct sa_layer *layer = op->layer;                                                                \
    const struct sa_operand *in = &op->in[0];                                                                \
    const element *data = in->data, *weights = op->weights;                                                  \
    const uint64_t channels = in->shape.c / layer->groups;                                                   \
    scalar sum = 0;                                                                                          \
    for (uint32_t ky = 0; ky < layer->kernel_h; ky++)                                                        \
      for (uint32_t kx = 0; kx < layer->kernel_w; kx++) {                                                    \
        const int64_t y = top + (int64_t)ky * layer->dilation_h, x = left + (int64_t)kx * layer->dilation_w; \
        if (y < 0 || x < 0 || y >= in->shape.h || x >= in->shape.w) continue;                                \
        const uint64_t position = (image * in->shape.h + (uint64_t)y) * in->shape.w + (uint64_t)x;           \
        const uint64_t k = ((uint64_t)ky * layer->kernel_w + kx) * channels;                                 \
        for (uint64_t c = 0; c < channels; c++)                                                              \
          sum += one_##type(data[position * in->pitch + group * channels + c]) *                             \
                 one_##type(weights[(k + c) * op->n + n]);                                                   \
      }                                                                                                      \
    return (float)sum;                                                                                       \
  }                                                                                                          \
  static float product_##type(const void *a, const void *b, uint64_t k, uint64_t b_step) {                   \
    const element *x = a, *y = b;                                                                            \
    scalar sum = 0;                                                                                          \
    for (uint64_t i = 0; i < k; i++) sum += one_##type(x[i]) * one_##type(y[i * b_step]);                    \
    return (float)sum;                                                                                       \
  }

SA_WINDOW_OF(fp32, float, float)
SA_WINDOW_OF(bf16, uint16_t, float)
SA_WINDOW_OF(int8, int8_t, int32_t)

static void run_conv(struct sa_kernel *kernel) {
  static float (*const windows[SA_DTYPES])(const struct sa_cpu_op *, uint64_t, int64_t, int64_t, uint64_t,
                                           uint64_t) = {window_fp32, window_bf16, window_int8};
  const struct sa_cpu_op *op = kernel->op;
  const struct sa_layer *layer = op->layer;
  char *out = op->out.data;
  for (uint64_t image = 0; image < layer->out.n; image++)
    for (uint64_t oy = 0; oy < layer->out.h; oy++)
      for (uint64_t ox = 0; ox < layer->out.w; ox++)
        for (uint64_t n = 0; n < layer->out.c; n++, out += sa_dtype_bytes(op->dtype)) {
          const float sum = windows[op->dtype](op, image, (int64_t)(oy * layer->stride_h) - layer->pad_top,
                                               (int64_t)(ox * layer->stride_w) - layer->pad_left,
                                               n / layer->gemm_n, n);
          sa_gemm_finish(op, &sum, n, 1, out);
        }
}

static void run_gemm(struct sa_kernel *kernel) {
  static float (*const products[SA_DTYPES])(const void *, const void *, uint64_t, uint64_t) = {
      product_fp32, product_bf16, product_int8};
  const struct sa_cpu_op *op = kernel->op;
  const size_t bytes = sa_dtype_bytes(op->dtype);
  const struct sa_gemm gemm = sa_gemm_of(op);
  for (uint64_t part = 0; part < gemm.parts; part++) {
    uint64_t a_pitch, b_pitch;
    bool transposed;
    const char *a = sa_gemm_rows(op, part, &a_pitch);
    const char *b = sa_gemm_filter(op, part, &b_pitch, &transposed);
    for (uint64_t m = 0; m < gemm.m; m++)
      for (uint64_t n = 0; n < gemm.n; n++) {
        const float sum = products[op->dtype](a + m * a_pitch * bytes, b + n * (transposed ? b_pitch : 1) * bytes,
                                              gemm.k, transposed ? 1 : b_pitch);
        sa_gemm_finish(op, &sum, sa_gemm_channel(op, part) + n, 1,
                       (char *)sa_gemm_out(op, part, m) + n * bytes);
      }
  }
}

static void free_kernel(struct sa_kernel *kernel) { free(kernel); }

static enum sa_status prepare(struct sa_provider *provider, const struct sa_cpu_op *op, struct sa_kernel **kernel,
                              struct sa_error *error) {
  static const struct sa_kernel_class conv_class = {run_conv, free_kernel}, gemm_class = {run_gemm, free_kernel};
  (void)provider;
  *kernel = NULL;
  const bool conv = op->layer->kind == SA_LAYER_CONV;
  uint64_t pitch;
  if (!sa_cpu_op_has_gemm(op) || (!conv && !sa_gemm_rows(op, 0, &pitch))) return SA_OK;
  *kernel = malloc(sizeof **kernel);
  if (!*kernel) return sa_fail(error, SA_ERR_MEMORY, "layer %s: out of memory", op->layer->name);
  **kernel = (struct sa_kernel){.class = conv ? &conv_class : &gemm_class, .op = op};
  snprintf((*kernel)->implementation, sizeof (*kernel)->implementation, "c:plain");
  return SA_OK;
}

/* ---- GEMMs of a layer that has several ---- */

struct plain_sums {
  struct sa_sums base;
  const void *b; /* not owned: the op's weights */
};

static void run_sums(struct sa_sums *base, const void *a, uint64_t a_pitch, float *out) {
  static float (*const products[SA_DTYPES])(const void *, const void *, uint64_t, uint64_t) = {
      product_fp32, product_bf16, product_int8};
  const struct plain_sums *sums = (const struct plain_sums *)base;
  const size_t bytes = sa_dtype_bytes(base->dtype);
  for (uint64_t m = 0; m < base->m; m++)
    for (uint64_t n = 0; n < base->n; n++)
      out[m * base->n + n] = products[base->dtype]((const char *)a + m * a_pitch * bytes,
                                                   (const char *)sums->b + n * bytes, base->k, base->n);
}

static void free_sums(struct sa_sums *sums) { free(sums); }

static enum sa_status prepare_sums(struct sa_provider *provider, enum sa_dtype dtype, uint64_t m, uint64_t k,
                                   uint64_t n, uint64_t a_pitch, const void *b, struct sa_sums **sums,
                                   struct sa_error *error) {
  (void)provider, (void)a_pitch;
  struct plain_sums *made = malloc(sizeof *made);
  if (!made) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  *made = (struct plain_sums){.base = {run_sums, free_sums, dtype, m, k, n, "c:plain"}, .b = b};
  *sums = &made->base;
  return SA_OK;
}

static enum sa_status open_provider(const struct sa_provider_options *options, struct sa_provider **provider,
                                    struct sa_error *error) {
  (void)options, (void)error;
  *provider = NULL; /* it has no state */
  return SA_OK;
}

static void close_provider(struct sa_provider *provider) { assert(!provider); (void)provider; }

static void version(struct sa_provider *provider, char *text, size_t size) {
  (void)provider;
  if (size) text[0] = '\0';
}

const struct sa_provider_class sa_provider_plain = {
    .name = "plain", .meaning = "C loop nest as its definition reads, one thread", .dtypes = {true, true, true},
    .open = open_provider, .close = close_provider, .prepare = prepare, .prepare_sums = prepare_sums,
    .version = version};
