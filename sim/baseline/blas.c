/* OpenBLAS: layers as im2col (timed, as it is needed) and sgemm, fp32. */
#include <config.h>

#include "baseline/kernel.h"

#if HAVE_OPENBLAS
#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "baseline/gemm.h"
#include "baseline/library.h"

struct sa_provider {
  void *library;
  __typeof__(cblas_sgemm) *sgemm;
  __typeof__(openblas_set_num_threads) *set_threads;
  __typeof__(openblas_get_config) *get_config;
  __typeof__(openblas_get_corename) *get_core;
};

struct blas_kernel {
  struct sa_kernel base;
  const struct sa_provider *provider;
  float *patches; /* owned: the whole im2col of a part, if it needs one */
  float *sums;    /* owned: [m][n] of a part */
};

static void gemm_part(struct blas_kernel *kernel, uint64_t part) {
  const struct sa_cpu_op *op = kernel->base.op;
  const struct sa_gemm gemm = sa_gemm_of(op);
  uint64_t a_pitch, b_pitch;
  bool transposed;
  const float *a = sa_gemm_rows(op, part, &a_pitch), *b = sa_gemm_filter(op, part, &b_pitch, &transposed);
  if (!a) {
    for (uint64_t m = 0; m < gemm.m; m++) sa_gemm_gather(op, part, m, kernel->patches + m * gemm.k);
    a = kernel->patches;
    a_pitch = gemm.k;
  }
  kernel->provider->sgemm(CblasRowMajor, CblasNoTrans, transposed ? CblasTrans : CblasNoTrans,
                          (blasint)gemm.m, (blasint)gemm.n, (blasint)gemm.k, 1, a, (blasint)a_pitch, b,
                          (blasint)b_pitch, 0, kernel->sums, (blasint)gemm.n);
  for (uint64_t m = 0; m < gemm.m; m++)
    sa_gemm_finish(op, kernel->sums + m * gemm.n, sa_gemm_channel(op, part), gemm.n, sa_gemm_out(op, part, m));
}

static void run(struct sa_kernel *kernel) {
  for (uint64_t part = 0; part < kernel->op->layer->gemm_count; part++)
    gemm_part((struct blas_kernel *)kernel, part);
}

static void free_kernel(struct sa_kernel *base) {
  struct blas_kernel *kernel = (struct blas_kernel *)base;
  free(kernel->patches);
  free(kernel->sums);
  free(kernel);
}

static enum sa_status prepare(struct sa_provider *provider, const struct sa_cpu_op *op, struct sa_kernel **kernel,
                              struct sa_error *error) {
  static const struct sa_kernel_class class = {run, free_kernel};
  *kernel = NULL;
  /* with one column a GEMM is none: depthwise convolutions are left to the vectorised loops */
  if (!sa_cpu_op_has_gemm(op) || (op->layer->kind == SA_LAYER_CONV && op->layer->gemm_n == 1)) return SA_OK;
  const struct sa_gemm gemm = sa_gemm_of(op);
  struct blas_kernel *made = calloc(1, sizeof *made);
  if (!made) return sa_fail(error, SA_ERR_MEMORY, "layer %s: out of memory", op->layer->name);
  uint64_t pitch;
  const bool gather = !sa_gemm_rows(op, 0, &pitch);
  made->base = (struct sa_kernel){.class = &class, .op = op};
  made->provider = provider;
  made->patches = malloc(gather ? gemm.m * gemm.k * sizeof *made->patches : 1);
  made->sums = malloc(gemm.m * gemm.n * sizeof *made->sums);
  if (!made->patches || !made->sums) {
    free_kernel(&made->base);
    return sa_fail(error, SA_ERR_MEMORY, "layer %s: out of memory", op->layer->name);
  }
  snprintf(made->base.implementation, sizeof made->base.implementation, "%ssgemm %.40s",
           gather ? "im2col + " : "", provider->get_core());
  *kernel = &made->base;
  return SA_OK;
}

struct blas_sums {
  struct sa_sums base;
  const struct sa_provider *provider;
  const float *b; /* not owned */
};

static void run_sums(struct sa_sums *base, const void *a, uint64_t a_pitch, float *out) {
  const struct blas_sums *sums = (const struct blas_sums *)base;
  sums->provider->sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (blasint)base->m, (blasint)base->n,
                        (blasint)base->k, 1, a, (blasint)a_pitch, sums->b, (blasint)base->n, 0, out,
                        (blasint)base->n);
}

static void free_sums(struct sa_sums *sums) { free(sums); }

static enum sa_status prepare_sums(struct sa_provider *provider, enum sa_dtype dtype, uint64_t m, uint64_t k,
                                   uint64_t n, uint64_t a_pitch, const void *b, struct sa_sums **sums,
                                   struct sa_error *error) {
  (void)a_pitch;
  struct blas_sums *made = malloc(sizeof *made);
  if (!made) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  *made = (struct blas_sums){.base = {run_sums, free_sums, dtype, m, k, n, ""}, .provider = provider, .b = b};
  snprintf(made->base.implementation, sizeof made->base.implementation, "sgemm %.40s", provider->get_core());
  *sums = &made->base;
  return SA_OK;
}

/* OpenBLAS chooses its kernels when it is loaded, by this variable. */
static void limit_isa(enum sa_isa isa) {
  if (getenv("OPENBLAS_CORETYPE")) return;
  if (isa < SA_ISA_AVX2)
    setenv("OPENBLAS_CORETYPE", "Nehalem", 0);
  else if (isa < SA_ISA_AVX512)
    setenv("OPENBLAS_CORETYPE", "Haswell", 0);
}

static enum sa_status open_provider(const struct sa_provider_options *options, struct sa_provider **provider,
                                    struct sa_error *error) {
  struct sa_provider *opened = calloc(1, sizeof *opened);
  if (!opened) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  const struct sa_symbol symbols[] = {{"cblas_sgemm", &opened->sgemm},
                                      {"openblas_set_num_threads", &opened->set_threads},
                                      {"openblas_get_config", &opened->get_config},
                                      {"openblas_get_corename", &opened->get_core}};
  limit_isa(options->isa);
  const enum sa_status status = sa_library_open("libopenblas.so.0", symbols, sizeof symbols / sizeof *symbols,
                                                &opened->library, error);
  if (status) {
    free(opened);
    return status;
  }
  opened->set_threads((int)options->threads);
  *provider = opened;
  return SA_OK;
}

static void close_provider(struct sa_provider *provider) {
  if (provider) sa_library_close(provider->library);
  free(provider);
}

static void version(struct sa_provider *provider, char *text, size_t size) {
  snprintf(text, size, "%s", provider->get_config());
}

const struct sa_provider_class sa_provider_blas = {
    .name = "openblas", .meaning = "OpenBLAS: im2col and sgemm", .dtypes = {true, false, false},
    .open = open_provider, .close = close_provider, .prepare = prepare, .prepare_sums = prepare_sums,
    .version = version};

#else
static enum sa_status open_provider(const struct sa_provider_options *options, struct sa_provider **provider,
                                    struct sa_error *error) {
  (void)options, (void)provider;
  return sa_fail(error, SA_ERR_INPUT, "built without OpenBLAS");
}

/* It cannot be opened, so nothing else of it is ever called. */
const struct sa_provider_class sa_provider_blas = {
    .name = "openblas", .meaning = "OpenBLAS: im2col and sgemm", .dtypes = {true, false, false}, .open = open_provider};
#endif
