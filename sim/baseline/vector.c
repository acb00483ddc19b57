/* The vectorised loops around the tile: packing, gathering of windows, depthwise convolutions. */
#include "baseline/vector.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "baseline/gemm.h"

const struct sa_vector_tile *sa_vector_tile_for(enum sa_isa isa) {
#if defined __x86_64__
  if (isa >= SA_ISA_AVX512) return &sa_vector_tile_avx512;
  if (isa >= SA_ISA_AVX2) return &sa_vector_tile_avx2;
#endif
  (void)isa;
  return &sa_vector_tile_base;
}

static uint64_t blocks_of(const struct sa_vector_tile *tile, uint64_t n) {
  return (n + tile->cols - 1) / tile->cols;
}

/* b[k][n] (or its transpose) into [block][k][cols], zeros beyond n. */
static void pack(const struct sa_vector_tile *tile, size_t bytes, const char *b, uint64_t pitch,
                 bool transposed, uint64_t k, uint64_t n, char *packed) {
  for (uint64_t first = 0; first < n; first += tile->cols)
    for (uint64_t i = 0; i < k; i++, packed += tile->cols * bytes) {
      const uint64_t count = n - first < tile->cols ? n - first : tile->cols;
      memset(packed, 0, tile->cols * bytes);
      if (!transposed)
        memcpy(packed, b + (i * pitch + first) * bytes, count * bytes);
      else
        for (uint64_t j = 0; j < count; j++)
          memcpy(packed + j * bytes, b + ((first + j) * pitch + i) * bytes, bytes);
    }
}

struct vector_kernel {
  struct sa_kernel base;
  const struct sa_vector_tile *tile;
  char *packed;  /* owned: filters of all parts; of one part where they are activations */
  char *patches; /* owned: SA_VECTOR_ROWS gathered rows */
  float *sums;   /* owned: one row of a depthwise convolution */
  size_t part_bytes;
};

static void run_part(struct vector_kernel *kernel, uint64_t part, const char *packed) {
  const struct sa_cpu_op *op = kernel->base.op;
  const struct sa_vector_tile *tile = kernel->tile;
  const struct sa_gemm gemm = sa_gemm_of(op);
  const size_t bytes = sa_dtype_bytes(op->dtype);
  uint64_t pitch;
  const char *rows = sa_gemm_rows(op, part, &pitch);
  float sums[SA_VECTOR_ROWS][SA_VECTOR_MAX_COLS];
  for (uint64_t m = 0; m < gemm.m; m += SA_VECTOR_ROWS) {
    const unsigned count = gemm.m - m < SA_VECTOR_ROWS ? (unsigned)(gemm.m - m) : SA_VECTOR_ROWS;
    const void *a[SA_VECTOR_ROWS];
    for (unsigned r = 0; r < SA_VECTOR_ROWS; r++) {
      const unsigned source = r < count ? r : 0; /* rows beyond the last repeat the first */
      char *patch = kernel->patches + source * gemm.k * bytes;
      if (!rows && r < count) sa_gemm_gather(op, part, m + r, patch);
      a[r] = rows ? rows + (m + source) * pitch * bytes : patch;
    }
    for (uint64_t n = 0; n < gemm.n; n += tile->cols) {
      tile->tile[op->dtype](a, gemm.k, packed + n * gemm.k * bytes, sums);
      const uint64_t cols = gemm.n - n < tile->cols ? gemm.n - n : tile->cols;
      for (unsigned r = 0; r < count; r++)
        sa_gemm_finish(op, sums[r], sa_gemm_channel(op, part) + n, cols,
                       (char *)sa_gemm_out(op, part, m + r) + n * bytes);
    }
  }
}

static void run(struct sa_kernel *base) {
  struct vector_kernel *kernel = (struct vector_kernel *)base;
  const struct sa_cpu_op *op = base->op;
  const struct sa_gemm gemm = sa_gemm_of(op);
  for (uint64_t part = 0; part < gemm.parts; part++) {
    const char *packed = kernel->packed + (op->weights ? part * kernel->part_bytes : 0);
    if (!op->weights) {
      bool transposed;
      uint64_t pitch;
      const char *b = sa_gemm_filter(op, part, &pitch, &transposed);
      pack(kernel->tile, sa_dtype_bytes(op->dtype), b, pitch, transposed, gemm.k, gemm.n, kernel->packed);
    }
    run_part(kernel, part, packed);
  }
}

/* One multiply-add of a whole row of channels per tap. */
static void run_depthwise(struct sa_kernel *base) {
  struct vector_kernel *kernel = (struct vector_kernel *)base;
  const struct sa_cpu_op *op = base->op;
  const struct sa_layer *layer = op->layer;
  const struct sa_operand *in = &op->in[0];
  const size_t bytes = sa_dtype_bytes(op->dtype);
  const uint64_t c = layer->out.c;
  for (uint64_t position = 0; position < op->rows; position++) {
    const uint64_t ox = position % layer->out.w, oy = position / layer->out.w % layer->out.h;
    const uint64_t image = position / layer->out.w / layer->out.h;
    memset(kernel->sums, 0, c * sizeof *kernel->sums);
    for (uint32_t ky = 0; ky < layer->kernel_h; ky++)
      for (uint32_t kx = 0; kx < layer->kernel_w; kx++) {
        const int64_t y = (int64_t)(oy * layer->stride_h + (uint64_t)ky * layer->dilation_h) - layer->pad_top;
        const int64_t x = (int64_t)(ox * layer->stride_w + (uint64_t)kx * layer->dilation_w) - layer->pad_left;
        if (y < 0 || x < 0 || y >= in->shape.h || x >= in->shape.w) continue;
        const uint64_t from = (image * in->shape.h + (uint64_t)y) * in->shape.w + (uint64_t)x;
        kernel->tile->multiply_add[op->dtype](
            (const char *)in->data + from * in->pitch * bytes,
            (const char *)op->weights + ((uint64_t)ky * layer->kernel_w + kx) * c * bytes, c, kernel->sums);
      }
    sa_gemm_finish(op, kernel->sums, 0, c, (char *)op->out.data + position * op->out.pitch * bytes);
  }
}

static void free_kernel(struct sa_kernel *base) {
  struct vector_kernel *kernel = (struct vector_kernel *)base;
  free(kernel->packed);
  free(kernel->patches);
  free(kernel->sums);
  free(kernel);
}

static enum sa_status out_of_memory(const struct sa_cpu_op *op, struct sa_error *error) {
  return sa_fail(error, SA_ERR_MEMORY, "layer %s: out of memory", op->layer->name);
}

static enum sa_status allocate(struct vector_kernel *kernel, const struct sa_cpu_op *op, bool depthwise,
                               struct sa_error *error) {
  const struct sa_gemm gemm = sa_gemm_of(op);
  const size_t bytes = sa_dtype_bytes(op->dtype);
  if (depthwise) {
    kernel->sums = malloc(op->layer->out.c * sizeof *kernel->sums);
    return kernel->sums ? SA_OK : out_of_memory(op, error);
  }
  kernel->part_bytes = blocks_of(kernel->tile, gemm.n) * kernel->tile->cols * gemm.k * bytes;
  kernel->packed = malloc(kernel->part_bytes * (op->weights ? gemm.parts : 1));
  kernel->patches = malloc(SA_VECTOR_ROWS * gemm.k * bytes);
  if (!kernel->packed || !kernel->patches) return out_of_memory(op, error);
  for (uint64_t part = 0; op->weights && part < gemm.parts; part++) {
    bool transposed;
    uint64_t pitch;
    const char *b = sa_gemm_filter(op, part, &pitch, &transposed);
    pack(kernel->tile, bytes, b, pitch, transposed, gemm.k, gemm.n, kernel->packed + part * kernel->part_bytes);
  }
  return SA_OK;
}

enum sa_status sa_vector_prepare(enum sa_isa isa, const struct sa_cpu_op *op, struct sa_kernel **kernel,
                                 struct sa_error *error) {
  static const struct sa_kernel_class class = {run, free_kernel}, depthwise_class = {run_depthwise, free_kernel};
  const struct sa_layer *layer = op->layer;
  const bool depthwise =
      layer->kind == SA_LAYER_CONV && layer->groups == layer->out.c && layer->groups == op->in[0].shape.c &&
      layer->groups > 1;
  struct vector_kernel *made = calloc(1, sizeof *made);
  if (!made) return out_of_memory(op, error);
  made->base = (struct sa_kernel){.class = depthwise ? &depthwise_class : &class, .op = op};
  made->tile = sa_vector_tile_for(isa);
  snprintf(made->base.implementation, sizeof made->base.implementation, "c:vector %s", made->tile->name);
  const enum sa_status status = allocate(made, op, depthwise, error);
  if (status)
    free_kernel(&made->base);
  else
    *kernel = &made->base;
  return status;
}

/* ---- GEMMs of a layer that has several ---- */

struct vector_sums {
  struct sa_sums base;
  const struct sa_vector_tile *tile;
  char *packed; /* owned */
};

static void run_sums(struct sa_sums *base, const void *a, uint64_t a_pitch, float *out) {
  const struct vector_sums *sums = (const struct vector_sums *)base;
  const size_t bytes = sa_dtype_bytes(base->dtype);
  float tile[SA_VECTOR_ROWS][SA_VECTOR_MAX_COLS];
  for (uint64_t m = 0; m < base->m; m += SA_VECTOR_ROWS) {
    const unsigned count = base->m - m < SA_VECTOR_ROWS ? (unsigned)(base->m - m) : SA_VECTOR_ROWS;
    const void *rows[SA_VECTOR_ROWS];
    for (unsigned r = 0; r < SA_VECTOR_ROWS; r++)
      rows[r] = (const char *)a + (m + (r < count ? r : 0)) * a_pitch * bytes;
    for (uint64_t n = 0; n < base->n; n += sums->tile->cols) {
      const uint64_t cols = base->n - n < sums->tile->cols ? base->n - n : sums->tile->cols;
      sums->tile->tile[base->dtype](rows, base->k, sums->packed + n * base->k * bytes, tile);
      for (unsigned r = 0; r < count; r++) memcpy(out + (m + r) * base->n + n, tile[r], cols * sizeof *out);
    }
  }
}

static void free_sums(struct sa_sums *base) {
  free(((struct vector_sums *)base)->packed);
  free(base);
}

enum sa_status sa_vector_prepare_sums(enum sa_isa isa, enum sa_dtype dtype, uint64_t m, uint64_t k,
                                      uint64_t n, const void *b, struct sa_sums **sums,
                                      struct sa_error *error) {
  const struct sa_vector_tile *tile = sa_vector_tile_for(isa);
  struct vector_sums *made = calloc(1, sizeof *made);
  char *packed = malloc(blocks_of(tile, n) * tile->cols * k * sa_dtype_bytes(dtype));
  if (!made || !packed) {
    free(made);
    free(packed);
    return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  }
  *made = (struct vector_sums){.base = {run_sums, free_sums, dtype, m, k, n, ""}, .tile = tile, .packed = packed};
  snprintf(made->base.implementation, sizeof made->base.implementation, "c:vector %s", tile->name);
  pack(tile, sa_dtype_bytes(dtype), b, n, false, k, n, packed);
  *sums = &made->base;
  return SA_OK;
}

/* ---- The provider ---- */

struct sa_provider { enum sa_isa isa; };

static enum sa_status open_provider(const struct sa_provider_options *options, struct sa_provider **provider,
                                    struct sa_error *error) {
  *provider = malloc(sizeof **provider);
  if (!*provider) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  (*provider)->isa = options->isa;
  return SA_OK;
}

static void close_provider(struct sa_provider *provider) { free(provider); }

static enum sa_status prepare(struct sa_provider *provider, const struct sa_cpu_op *op, struct sa_kernel **kernel,
                              struct sa_error *error) {
  *kernel = NULL;
  return sa_cpu_op_has_gemm(op) ? sa_vector_prepare(provider->isa, op, kernel, error) : SA_OK;
}

static enum sa_status prepare_sums(struct sa_provider *provider, enum sa_dtype dtype, uint64_t m, uint64_t k,
                                   uint64_t n, uint64_t a_pitch, const void *b, struct sa_sums **sums,
                                   struct sa_error *error) {
  (void)a_pitch;
  return sa_vector_prepare_sums(provider->isa, dtype, m, k, n, b, sums, error);
}

static void version(struct sa_provider *provider, char *text, size_t size) {
  (void)provider;
  if (size) text[0] = '\0';
}

const struct sa_provider_class sa_provider_vector = {
    .name = "vector", .meaning = "C with vector types, tiled, one thread", .dtypes = {true, true, true},
    .open = open_provider, .close = close_provider, .prepare = prepare, .prepare_sums = prepare_sums,
    .version = version};
