/* The operators without a GEMM: see rows.h. A row is converted to float, computed, and stored. */
#include "baseline/rows.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rows_kernel {
  struct sa_kernel base;
  float *row, *other; /* owned [c] of the output */
};

static const char *at(const struct sa_cpu_op *op, const struct sa_operand *operand, uint64_t element) {
  return (const char *)operand->data + element * sa_dtype_bytes(op->dtype);
}

static void activate(const struct sa_cpu_op *op, float *row, uint64_t count) {
  if (op->layer->activation == SA_ACT_NONE) return;
  for (uint64_t i = 0; i < count; i++) row[i] = op->post * sa_cpu_op_activate(op, op->pre * row[i]);
}

/* Positions (n, h, w) that contribute to one of the output, through a window; visits `count` of them. */
static void pool(struct rows_kernel *kernel, uint64_t position) {
  const struct sa_cpu_op *op = kernel->base.op;
  const struct sa_layer *layer = op->layer;
  const struct sa_operand *in = &op->in[0];
  const uint32_t c = layer->out.c;
  const bool max = layer->kind == SA_LAYER_MAXPOOL;
  const uint64_t ox = position % layer->out.w, oy = position / layer->out.w % layer->out.h;
  const uint64_t image = position / layer->out.w / layer->out.h;
  for (uint32_t i = 0; i < c; i++) kernel->row[i] = max ? -INFINITY : 0;
  for (uint32_t ky = 0; ky < layer->kernel_h; ky++)
    for (uint32_t kx = 0; kx < layer->kernel_w; kx++) {
      const int64_t y = (int64_t)(oy * layer->stride_h + ky) - layer->pad_top;
      const int64_t x = (int64_t)(ox * layer->stride_w + kx) - layer->pad_left;
      if (y < 0 || x < 0 || y >= in->shape.h || x >= in->shape.w) continue;
      const uint64_t from = (image * in->shape.h + (uint64_t)y) * in->shape.w + (uint64_t)x;
      sa_dtype_load_row(op->dtype, at(op, in, from * in->pitch), c, kernel->other);
      if (max)
        for (uint32_t i = 0; i < c; i++)
          kernel->row[i] = kernel->other[i] > kernel->row[i] ? kernel->other[i] : kernel->row[i];
      else
        for (uint32_t i = 0; i < c; i++) kernel->row[i] += kernel->other[i];
    }
  if (max) return;
  const float share = 1.0f / (float)(layer->kernel_h * layer->kernel_w);
  for (uint32_t i = 0; i < c; i++) kernel->row[i] *= share;
}

/* b repeated over a's channels, a's groups perhaps with their halves swapped. */
static void multiply_groups(const struct sa_cpu_op *op, float *row, const float *b) {
  const uint32_t period = op->in[1].shape.c, half = op->layer->rotate ? period / 2 : 0;
  for (float *group = row; group < row + op->layer->out.c; group += period) {
    for (uint32_t i = 0; i < half; i++) {
      const float first = group[i];
      group[i] = group[half + i];
      group[half + i] = first;
    }
    for (uint32_t i = 0; i < period; i++) group[i] *= b[i] * op->in_scale[0];
  }
}

static void pair(struct rows_kernel *kernel, uint64_t position) {
  const struct sa_cpu_op *op = kernel->base.op;
  const struct sa_operand *b = &op->in[1];
  const struct sa_shape *out = &op->layer->out;
  const bool spread = b->shape.h == 1 && b->shape.w == 1; /* one row for a whole image */
  const uint64_t b_position = spread ? position / ((uint64_t)out->h * out->w) : position;
  sa_dtype_load_row(op->dtype, at(op, &op->in[0], position * op->in[0].pitch), out->c, kernel->row);
  sa_dtype_load_row(op->dtype, at(op, b, b_position * b->pitch), b->shape.c, kernel->other);
  const float sa = op->in_scale[0], sb = op->in_scale[1];
  if (op->layer->kind == SA_LAYER_ADD)
    for (uint32_t i = 0; i < out->c; i++) kernel->row[i] = kernel->row[i] * sa + kernel->other[i] * sb;
  else if (!sa_cpu_op_is_periodic(op))
    for (uint32_t i = 0; i < out->c; i++) kernel->row[i] = kernel->row[i] * kernel->other[i] * sa;
  else
    multiply_groups(op, kernel->row, kernel->other);
  activate(op, kernel->row, out->c);
}

static void act(struct rows_kernel *kernel, uint64_t position) {
  const struct sa_cpu_op *op = kernel->base.op;
  const uint32_t c = op->layer->out.c;
  sa_dtype_load_row(op->dtype, at(op, &op->in[0], position * op->in[0].pitch), c, kernel->row);
  for (uint32_t i = 0; i < c; i++) kernel->row[i] *= op->in_scale[0];
  activate(op, kernel->row, c);
}

/* Softmax of the machine reads int8 in units of 1/16 and gives 127 for a probability of one. */
static void softmax(struct rows_kernel *kernel, uint64_t position) {
  const struct sa_cpu_op *op = kernel->base.op;
  const uint32_t c = op->layer->out.c;
  const bool int8 = op->dtype == SA_DTYPE_INT8;
  float *row = kernel->row;
  sa_dtype_load_row(op->dtype, at(op, &op->in[0], position * op->in[0].pitch), c, row);
  float largest = row[0], sum = 0;
  for (uint32_t i = 1; i < c; i++) largest = row[i] > largest ? row[i] : largest;
  const float unit = int8 ? 1 / 16.0f : 1;
  for (uint32_t i = 0; i < c; i++) row[i] = expf((row[i] - largest) * unit);
  for (uint32_t i = 0; i < c; i++) sum += row[i];
  const float factor = (int8 ? 127.0f : 1.0f) / sum;
  for (uint32_t i = 0; i < c; i++) row[i] *= factor;
}

static void norm(struct rows_kernel *kernel, uint64_t position) {
  const struct sa_cpu_op *op = kernel->base.op;
  const uint32_t c = op->layer->out.c;
  float *row = kernel->row, mean = 0, square = 0;
  sa_dtype_load_row(op->dtype, at(op, &op->in[0], position * op->in[0].pitch), c, row);
  if (!op->layer->rms) {
    for (uint32_t i = 0; i < c; i++) mean += row[i];
    mean /= (float)c;
  }
  for (uint32_t i = 0; i < c; i++) square += (row[i] - mean) * (row[i] - mean);
  const float factor = 1 / sqrtf(square / (float)c + SA_NORM_EPSILON);
  for (uint32_t i = 0; i < c; i++) row[i] = (row[i] - mean) * factor * op->gamma[i] + op->beta[i];
}

static void concat(const struct sa_cpu_op *op, uint64_t position) {
  char *to = (char *)op->out.data + position * op->out.pitch * sa_dtype_bytes(op->dtype);
  for (uint32_t i = 0; i < op->layer->input_count; i++) {
    const size_t bytes = op->in[i].shape.c * sa_dtype_bytes(op->dtype);
    memcpy(to, at(op, &op->in[i], position * op->in[i].pitch), bytes);
    to += bytes;
  }
}

static void upsample(const struct sa_cpu_op *op, uint64_t position) {
  const struct sa_layer *layer = op->layer;
  const struct sa_operand *in = &op->in[0];
  const uint64_t x = position % layer->out.w / layer->kernel_w;
  const uint64_t y = position / layer->out.w % layer->out.h / layer->kernel_h;
  const uint64_t image = position / layer->out.w / layer->out.h;
  memcpy((char *)op->out.data + position * op->out.pitch * sa_dtype_bytes(op->dtype),
         at(op, in, ((image * in->shape.h + y) * in->shape.w + x) * in->pitch),
         layer->out.c * sa_dtype_bytes(op->dtype));
}

/* New tokens go behind those that were there. */
static void append(const struct sa_cpu_op *op, uint64_t position) {
  const struct sa_operand *in = &op->in[0];
  const uint32_t w = op->layer->out.w, earlier = w - in->shape.w;
  const uint64_t image = position / w, token = position % w;
  if (token < earlier) return;
  memcpy((char *)op->out.data + position * op->out.pitch * sa_dtype_bytes(op->dtype),
         at(op, in, (image * in->shape.w + token - earlier) * in->pitch), op->layer->out.c * sa_dtype_bytes(op->dtype));
}

static void run(struct sa_kernel *base) {
  struct rows_kernel *kernel = (struct rows_kernel *)base;
  const struct sa_cpu_op *op = base->op;
  for (uint64_t position = 0; position < op->rows; position++) {
    switch (op->layer->kind) {
      case SA_LAYER_CONCAT: concat(op, position); continue;
      case SA_LAYER_UPSAMPLE: upsample(op, position); continue;
      case SA_LAYER_CACHE: append(op, position); continue;
      case SA_LAYER_MAXPOOL:
      case SA_LAYER_AVGPOOL: pool(kernel, position); break;
      case SA_LAYER_ADD:
      case SA_LAYER_MUL: pair(kernel, position); break;
      case SA_LAYER_ACT: act(kernel, position); break;
      case SA_LAYER_SOFTMAX: softmax(kernel, position); break;
      case SA_LAYER_NORM: norm(kernel, position); break;
      default: assert(0);
    }
    sa_dtype_store_row(op->dtype, (char *)op->out.data + position * op->out.pitch * sa_dtype_bytes(op->dtype),
              op->layer->out.c, kernel->row);
  }
}

static void free_kernel(struct sa_kernel *base) {
  struct rows_kernel *kernel = (struct rows_kernel *)base;
  free(kernel->row);
  free(kernel->other);
  free(kernel);
}

enum sa_status sa_rows_prepare(const struct sa_cpu_op *op, struct sa_kernel **kernel, struct sa_error *error) {
  static const struct sa_kernel_class class = {run, free_kernel};
  struct rows_kernel *made = calloc(1, sizeof *made);
  if (made) {
    made->row = malloc(op->layer->out.c * sizeof *made->row);
    made->other = malloc(op->layer->out.c * sizeof *made->other);
  }
  if (!made || !made->row || !made->other) {
    if (made) free_kernel(&made->base);
    return sa_fail(error, SA_ERR_MEMORY, "layer %s: out of memory", op->layer->name);
  }
  made->base = (struct sa_kernel){.class = &class, .op = op};
  snprintf(made->base.implementation, sizeof made->base.implementation, "c:rows");
  *kernel = &made->base;
  return SA_OK;
}
