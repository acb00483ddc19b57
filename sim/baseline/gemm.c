/* Layers as GEMMs: see gemm.h. */
#include "baseline/gemm.h"

#include <assert.h>
#include <string.h>

bool sa_cpu_op_has_gemm(const struct sa_cpu_op *op) {
  return op->layer->kind == SA_LAYER_CONV || op->layer->kind == SA_LAYER_FC ||
         op->layer->kind == SA_LAYER_MATMUL;
}

struct sa_gemm sa_gemm_of(const struct sa_cpu_op *op) {
  const struct sa_layer *layer = op->layer;
  return (struct sa_gemm){layer->gemm_m, layer->gemm_k, layer->gemm_n, layer->gemm_count};
}

static const char *at(const struct sa_cpu_op *op, const struct sa_operand *operand, uint64_t element) {
  return (const char *)operand->data + element * sa_dtype_bytes(op->dtype);
}

/* Part of a matmul: image and head. */
struct place { uint64_t image, head; };

static struct place place_of(const struct sa_cpu_op *op, uint64_t part) {
  return (struct place){part / op->layer->heads, part % op->layer->heads};
}

const void *sa_gemm_rows(const struct sa_cpu_op *op, uint64_t part, uint64_t *pitch) {
  const struct sa_layer *layer = op->layer;
  const struct sa_operand *in = &op->in[0];
  *pitch = in->pitch;
  switch (layer->kind) {
    case SA_LAYER_MATMUL: {
      const struct place p = place_of(op, part);
      if (layer->transpose_b)
        return at(op, in, p.image * in->shape.w * in->pitch + p.head * layer->gemm_k);
      return at(op, in, (p.image * layer->heads + p.head) * in->shape.w * in->pitch);
    }
    case SA_LAYER_FC:
      if (!layer->flatten) return in->data;
      *pitch = layer->gemm_k;
      return in->pitch == in->shape.c ? in->data : NULL;
    case SA_LAYER_CONV: {
      const bool pointwise = layer->kernel_h == 1 && layer->kernel_w == 1 && layer->stride_h == 1 &&
                             layer->stride_w == 1;
      return pointwise ? at(op, in, part * layer->gemm_k) : NULL;
    }
    default: assert(0); return NULL;
  }
}

static void gather_window(const struct sa_cpu_op *op, uint64_t part, uint64_t m, char *patch) {
  const struct sa_layer *layer = op->layer;
  const struct sa_operand *in = &op->in[0];
  const size_t bytes = sa_dtype_bytes(op->dtype);
  const uint64_t channels = in->shape.c / layer->groups;
  const uint64_t ox = m % layer->out.w, oy = m / layer->out.w % layer->out.h;
  const uint64_t image = m / layer->out.w / layer->out.h;
  for (uint32_t ky = 0; ky < layer->kernel_h; ky++) {
    const int64_t y = (int64_t)(oy * layer->stride_h + (uint64_t)ky * layer->dilation_h) - layer->pad_top;
    for (uint32_t kx = 0; kx < layer->kernel_w; kx++, patch += channels * bytes) {
      const int64_t x = (int64_t)(ox * layer->stride_w + (uint64_t)kx * layer->dilation_w) - layer->pad_left;
      if (y < 0 || x < 0 || y >= in->shape.h || x >= in->shape.w) {
        memset(patch, 0, channels * bytes);
        continue;
      }
      const uint64_t position = (image * in->shape.h + (uint64_t)y) * in->shape.w + (uint64_t)x;
      memcpy(patch, at(op, in, position * in->pitch + part * channels), channels * bytes);
    }
  }
}

void sa_gemm_gather(const struct sa_cpu_op *op, uint64_t part, uint64_t m, void *patch) {
  uint64_t pitch;
  const size_t bytes = sa_dtype_bytes(op->dtype);
  const char *rows = sa_gemm_rows(op, part, &pitch);
  if (rows) {
    memcpy(patch, rows + m * pitch * bytes, op->layer->gemm_k * bytes);
  } else if (op->layer->kind == SA_LAYER_CONV) {
    gather_window(op, part, m, patch);
  } else { /* a flattened slice */
    const struct sa_operand *in = &op->in[0];
    const uint64_t positions = (uint64_t)in->shape.h * in->shape.w;
    for (uint64_t i = 0; i < positions; i++)
      memcpy((char *)patch + i * in->shape.c * bytes, at(op, in, (m * positions + i) * in->pitch),
             in->shape.c * bytes);
  }
}

const void *sa_gemm_filter(const struct sa_cpu_op *op, uint64_t part, uint64_t *pitch, bool *transposed) {
  const struct sa_layer *layer = op->layer;
  *transposed = false;
  if (layer->kind != SA_LAYER_MATMUL) {
    *pitch = op->n;
    return (const char *)op->weights + part * layer->gemm_n * sa_dtype_bytes(op->dtype);
  }
  const struct sa_operand *in = &op->in[1];
  const struct place p = place_of(op, part);
  const uint64_t head = p.head / (layer->heads / layer->kv_heads), width = in->shape.c / layer->kv_heads;
  *pitch = in->pitch;
  *transposed = layer->transpose_b;
  return at(op, in, p.image * in->shape.w * in->pitch + head * width);
}

void *sa_gemm_out(const struct sa_cpu_op *op, uint64_t part, uint64_t m) {
  const struct sa_layer *layer = op->layer;
  uint64_t element;
  if (layer->kind != SA_LAYER_MATMUL) {
    element = m * op->out.pitch + part * layer->gemm_n;
  } else {
    const struct place p = place_of(op, part);
    element = layer->transpose_b ? (part * layer->gemm_m + m) * layer->gemm_n
                                 : (p.image * layer->gemm_m + m) * op->out.pitch + p.head * layer->gemm_n;
  }
  return (char *)op->out.data + element * sa_dtype_bytes(op->dtype);
}

uint64_t sa_gemm_channel(const struct sa_cpu_op *op, uint64_t part) {
  return op->layer->kind == SA_LAYER_MATMUL ? 0 : part * op->layer->gemm_n;
}

#define CHUNK 64u

void sa_gemm_finish(const struct sa_cpu_op *op, const float *sums, uint64_t channel, uint64_t count, void *out) {
  const size_t bytes = sa_dtype_bytes(op->dtype);
  float y[CHUNK], other[CHUNK];
  for (uint64_t first = 0; first < count; first += CHUNK) {
    const uint64_t n = count - first < CHUNK ? count - first : CHUNK, c = channel + first;
    void *to = (char *)out + first * bytes;
    for (uint64_t i = 0; i < n; i++) y[i] = sums[first + i];
    if (op->bias)
      for (uint64_t i = 0; i < n; i++) y[i] += op->bias[c + i];
    if (op->scale_count > 1)
      for (uint64_t i = 0; i < n; i++) y[i] *= op->scale[c + i];
    else
      for (uint64_t i = 0; i < n; i++) y[i] *= op->scale[0];
    if (op->has_residual) {
      sa_dtype_load_row(op->dtype, to, n, other);
      for (uint64_t i = 0; i < n; i++) y[i] += op->residual_scale * other[i];
    }
    if (op->layer->activation == SA_ACT_RELU)
      for (uint64_t i = 0; i < n; i++) y[i] = y[i] > 0 ? y[i] : 0;
    else if (op->layer->activation != SA_ACT_NONE)
      for (uint64_t i = 0; i < n; i++) y[i] = op->post * sa_cpu_op_activate(op, op->pre * y[i]);
    sa_dtype_store_row(op->dtype, to, n, y);
  }
}
