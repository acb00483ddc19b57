/* Operators from layers: see op.h. */
#include "baseline/op.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "net/quant.h"

#define SEED 1u
#define DRAWN_RMS 37.0f /* of sa_quant_weight */
#define UNIT_RMS 30.0f  /* int8 values that stand for 1.0 in fp32 */

const char *sa_dtype_name(enum sa_dtype dtype) {
  static const char *const names[] = {"fp32", "bf16", "int8"};
  assert(dtype < SA_DTYPES);
  return names[dtype];
}

size_t sa_dtype_bytes(enum sa_dtype dtype) {
  static const size_t bytes[] = {4, 2, 1};
  assert(dtype < SA_DTYPES);
  return bytes[dtype];
}

float sa_dtype_load(enum sa_dtype dtype, const void *data, uint64_t index) {
  switch (dtype) {
    case SA_DTYPE_FP32: return ((const float *)data)[index];
    case SA_DTYPE_BF16: return sa_bf16_to_float(((const uint16_t *)data)[index]);
    case SA_DTYPE_INT8: return ((const int8_t *)data)[index];
    case SA_DTYPES: break;
  }
  assert(0);
  return 0;
}

void sa_dtype_store(enum sa_dtype dtype, void *data, uint64_t index, float value) {
  switch (dtype) {
    case SA_DTYPE_FP32: ((float *)data)[index] = value; return;
    case SA_DTYPE_BF16: ((uint16_t *)data)[index] = sa_float_to_bf16(value); return;
    case SA_DTYPE_INT8: {
      const float rounded = nearbyintf(value);
      ((int8_t *)data)[index] = (int8_t)(rounded < -128 ? -128 : rounded > 127 ? 127 : rounded);
      return;
    }
    case SA_DTYPES: break;
  }
  assert(0);
}

void sa_dtype_load_row(enum sa_dtype dtype, const void *from, uint64_t count, float *row) {
  switch (dtype) {
    case SA_DTYPE_FP32: memcpy(row, from, count * sizeof *row); return;
    case SA_DTYPE_BF16:
      for (uint64_t i = 0; i < count; i++) row[i] = sa_bf16_to_float(((const uint16_t *)from)[i]);
      return;
    case SA_DTYPE_INT8:
      for (uint64_t i = 0; i < count; i++) row[i] = ((const int8_t *)from)[i];
      return;
    case SA_DTYPES: break;
  }
  assert(0);
}

/* 1.5 * 2^23: adding and subtracting it rounds a small float to the nearest integer, even at a tie. */
#define ROUNDER 12582912.0f

void sa_dtype_store_row(enum sa_dtype dtype, void *to, uint64_t count, const float *row) {
  switch (dtype) {
    case SA_DTYPE_FP32: memcpy(to, row, count * sizeof *row); return;
    case SA_DTYPE_BF16:
      for (uint64_t i = 0; i < count; i++) ((uint16_t *)to)[i] = sa_float_to_bf16(row[i]);
      return;
    case SA_DTYPE_INT8:
      for (uint64_t i = 0; i < count; i++) {
        const float clamped = row[i] < -128 ? -128 : row[i] > 127 ? 127 : row[i];
        ((int8_t *)to)[i] = (int8_t)((clamped + ROUNDER) - ROUNDER);
      }
      return;
    case SA_DTYPES: break;
  }
  assert(0);
}

float sa_cpu_op_activate(const struct sa_cpu_op *op, float x) {
  switch (op->layer->activation) {
    case SA_ACT_NONE: return x;
    case SA_ACT_RELU: return x > 0 ? x : 0;
    case SA_ACT_RELU6: return x < 0 ? 0 : x > op->cap ? op->cap : x;
    case SA_ACT_GELU: return x * 0.5f * (1 + erff(x * 0.70710678f));
    case SA_ACT_SIGMOID: return 1 / (1 + expf(-x));
    case SA_ACT_TANH: return tanhf(x);
    case SA_ACT_SWISH: return x / (1 + expf(-x));
  }
  assert(0);
  return x;
}

/* A scale word of docs/machine.md section 5 as a number: mult / 2^shift. */
static float scale_value(uint32_t word) {
  const int32_t mult = (int32_t)(word << 6) >> 6;
  return ldexpf((float)mult, -(int)(word >> 26));
}

static void set_operand(struct sa_operand *operand, const struct sa_net *net,
                        const struct sa_layer_input *input) {
  const struct sa_shape *shape = &net->layers[input->layer].out;
  *operand = (struct sa_operand){.layer = input->layer, .shape = *shape, .first = input->c_first,
                                 .pitch = shape->c};
  operand->shape.c = input->c_count;
}

/* Units of the activation tables (net/quant.h): input in 1/32, sigmoid's in 1/16; outputs 32, 128, 127. */
static void set_activation(struct sa_cpu_op *op) {
  op->pre = op->post = 1;
  op->cap = op->dtype == SA_DTYPE_INT8 ? 96 : 6;
  if (op->dtype != SA_DTYPE_INT8) return;
  switch (op->layer->activation) {
    case SA_ACT_GELU:
    case SA_ACT_SWISH: op->pre = 1 / 32.0f; op->post = 32; break;
    case SA_ACT_TANH: op->pre = 1 / 32.0f; op->post = 127; break;
    case SA_ACT_SIGMOID: op->pre = 1 / 16.0f; op->post = 128; break;
    case SA_ACT_NONE:
    case SA_ACT_RELU:
    case SA_ACT_RELU6: break;
  }
}

static enum sa_status out_of_memory(const struct sa_cpu_op *op, struct sa_error *error) {
  return sa_fail(error, SA_ERR_MEMORY, "layer %s: out of memory for its weights", op->layer->name);
}

/* Factor from drawn integers to floats such that a sum of k products has root mean square 1, or 1/2
 * beside a residual. */
static float weight_gain(const struct sa_cpu_op *op) {
  const float spread = (float)op->net->layers[op->in[0].layer].spread / (16 * UNIT_RMS);
  return (op->has_residual ? 0.5f : 1.0f) / (DRAWN_RMS * spread * sqrtf((float)op->k));
}

static enum sa_status draw_weights(struct sa_cpu_op *op, struct sa_error *error) {
  const uint64_t count = op->k * op->n;
  op->weights = malloc(count * sa_dtype_bytes(op->dtype));
  if (!op->weights) return out_of_memory(op, error);
  const float gain = op->dtype == SA_DTYPE_INT8 ? 1 : weight_gain(op);
  for (uint64_t k = 0; k < op->k; k++)
    for (uint64_t n = 0; n < op->n; n++)
      sa_dtype_store(op->dtype, op->weights, k * op->n + n,
                     gain * (float)sa_quant_weight(SEED, op->net, op->index, k, n));
  return SA_OK;
}

static enum sa_status draw_bias(struct sa_cpu_op *op, struct sa_error *error) {
  if (!op->layer->has_bias && !op->layer->has_batch_norm) return SA_OK;
  op->bias = malloc(op->n * sizeof *op->bias);
  if (!op->bias) return out_of_memory(op, error);
  for (uint64_t n = 0; n < op->n; n++) {
    const float bias = (float)sa_quant_bias(SEED, op->net, op->index, n);
    const float scale = scale_value(sa_quant_scale(op->net, op->index, n));
    op->bias[n] = op->dtype == SA_DTYPE_INT8 ? bias : bias * scale / UNIT_RMS;
  }
  return SA_OK;
}

/* What multiplies the sum: per channel where there are weights, else one number. */
static enum sa_status set_scales(struct sa_cpu_op *op, struct sa_error *error) {
  const bool int8 = op->dtype == SA_DTYPE_INT8;
  op->scale_count = int8 && op->weights ? op->n : 1;
  op->scale = malloc(op->scale_count * sizeof *op->scale);
  if (!op->scale) return out_of_memory(op, error);
  for (uint64_t n = 0; n < op->scale_count; n++)
    op->scale[n] = int8 ? scale_value(sa_quant_scale(op->net, op->index, n)) : 1;
  if (!int8 && op->layer->kind == SA_LAYER_MATMUL && op->layer->transpose_b)
    op->scale[0] = 1 / sqrtf((float)op->layer->gemm_k); /* attention: Q K^T / sqrt(d) */
  const float second = int8 ? scale_value(sa_quant_scale_b(op->net, op->index)) : 1;
  op->residual_scale = second;
  op->in_scale[0] = op->scale[0];
  op->in_scale[1] = op->layer->kind == SA_LAYER_MUL ? 1 : second;
  return SA_OK;
}

/* int8: (d / sigma) * gamma / 64 * 30 + beta, which is VNORM of the machine without its roundings. */
static enum sa_status set_norm(struct sa_cpu_op *op, struct sa_error *error) {
  const uint32_t c = op->out.shape.c;
  const float unit = op->dtype == SA_DTYPE_INT8 ? UNIT_RMS : 1;
  op->gamma = malloc(c * sizeof *op->gamma);
  op->beta = calloc(c, sizeof *op->beta);
  if (!op->gamma || !op->beta) return out_of_memory(op, error);
  for (uint32_t i = 0; i < c; i++) {
    op->gamma[i] = (float)sa_quant_norm(SEED, op->net, op->index, 0, i) / 64 * unit;
    if (!op->layer->rms) op->beta[i] = (float)sa_quant_norm(SEED, op->net, op->index, 1, i) / UNIT_RMS * unit;
  }
  return SA_OK;
}

enum sa_status sa_cpu_op_init(struct sa_cpu_op *op, const struct sa_net *net, uint32_t index, enum sa_dtype dtype,
                          struct sa_error *error) {
  const struct sa_layer *layer = &net->layers[index];
  *op = (struct sa_cpu_op){.net = net, .layer = layer, .index = index, .dtype = dtype,
                       .has_residual = layer->has_residual};
  for (uint32_t i = 0; i < layer->input_count; i++) set_operand(&op->in[i], net, &layer->inputs[i]);
  op->out = (struct sa_operand){.layer = index, .shape = layer->out, .pitch = layer->out.c};
  if (layer->has_residual) set_operand(&op->residual, net, &layer->residual);
  op->rows = (uint64_t)layer->out.n * layer->out.h * layer->out.w;
  set_activation(op);
  op->k = layer->gemm_k;
  op->n = layer->kind == SA_LAYER_LSTM ? 4ull * layer->out.c : layer->out.c;
  enum sa_status status = SA_OK;
  if (layer->weights) status = draw_weights(op, error);
  if (!status && layer->weights) status = draw_bias(op, error);
  if (!status) status = set_scales(op, error);
  if (!status && layer->kind == SA_LAYER_NORM) status = set_norm(op, error);
  if (status) sa_cpu_op_release(op);
  return status;
}

void sa_cpu_op_release(struct sa_cpu_op *op) {
  free(op->weights);
  free(op->bias);
  free(op->scale);
  free(op->gamma);
  free(op->beta);
  *op = (struct sa_cpu_op){0};
}

uint64_t sa_cpu_op_bytes(const struct sa_cpu_op *op) {
  uint64_t elems = sa_shape_elems(&op->layer->out) + op->layer->weights;
  for (uint32_t i = 0; i < op->layer->input_count; i++) elems += sa_shape_elems(&op->in[i].shape);
  if (op->has_residual) elems += sa_shape_elems(&op->residual.shape);
  return elems * sa_dtype_bytes(op->dtype);
}
