/* Definitions of the layers, an output at a time: see reference.h. */
#include "baseline/reference.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "baseline/lstm.h"
#include "baseline/rows.h"

/* fp32 sums of thousands of products in any order; bf16 results are rounded to 8 bits. */
static double tolerance(enum sa_dtype dtype) {
  static const double tolerances[SA_DTYPES] = {1e-4, 1.0 / 64, 1};
  return tolerances[dtype];
}

static double value(const struct sa_cpu_op *op, const struct sa_operand *in, uint64_t n, int64_t h, int64_t w,
                    uint64_t c) {
  if (h < 0 || w < 0 || h >= in->shape.h || w >= in->shape.w) return 0;
  const uint64_t position = (n * in->shape.h + (uint64_t)h) * in->shape.w + (uint64_t)w;
  return sa_dtype_load(op->dtype, in->data, position * in->pitch + c);
}

static double weight(const struct sa_cpu_op *op, uint64_t k, uint64_t n) {
  return sa_dtype_load(op->dtype, op->weights, k * op->n + n);
}

struct output { uint64_t n, h, w, c; };

static double conv_sum(const struct sa_cpu_op *op, struct output o) {
  const struct sa_layer *l = op->layer;
  const uint64_t channels = op->in[0].shape.c / l->groups, group = o.c / (l->out.c / l->groups);
  double sum = 0;
  for (uint32_t ky = 0; ky < l->kernel_h; ky++)
    for (uint32_t kx = 0; kx < l->kernel_w; kx++)
      for (uint64_t c = 0; c < channels; c++)
        sum += value(op, &op->in[0], o.n, (int64_t)(o.h * l->stride_h + (uint64_t)ky * l->dilation_h) - l->pad_top,
                     (int64_t)(o.w * l->stride_w + (uint64_t)kx * l->dilation_w) - l->pad_left,
                     group * channels + c) *
               weight(op, ((uint64_t)ky * l->kernel_w + kx) * channels + c, o.c);
  return sum;
}

static double fc_sum(const struct sa_cpu_op *op, struct output o) {
  const struct sa_shape *in = &op->in[0].shape;
  double sum = 0;
  for (uint64_t k = 0; k < op->k; k++) {
    const uint64_t c = k % in->c, w = k / in->c % in->w, h = k / in->c / in->w;
    sum += (op->layer->flatten ? value(op, &op->in[0], o.n, (int64_t)h, (int64_t)w, c)
                               : value(op, &op->in[0], o.n, (int64_t)o.h, (int64_t)o.w, k)) * weight(op, k, o.c);
  }
  return sum;
}

static double matmul_sum(const struct sa_cpu_op *op, struct output o) {
  const struct sa_layer *l = op->layer;
  const struct sa_operand *a = &op->in[0], *b = &op->in[1];
  const uint64_t d = b->shape.c / l->kv_heads, share = l->heads / l->kv_heads;
  double sum = 0;
  if (l->transpose_b)
    for (uint64_t i = 0; i < d; i++)
      sum += value(op, a, o.n, 0, (int64_t)o.w, o.h * d + i) * value(op, b, o.n, 0, (int64_t)o.c, o.h / share * d + i);
  else
    for (uint64_t j = 0; j < b->shape.w; j++)
      sum += value(op, a, o.n, (int64_t)(o.c / d), (int64_t)o.w, j) *
             value(op, b, o.n, 0, (int64_t)j, o.c / d / share * d + o.c % d);
  return sum;
}

static double pool(const struct sa_cpu_op *op, struct output o) {
  const struct sa_layer *l = op->layer;
  const bool max = l->kind == SA_LAYER_MAXPOOL;
  double result = max ? -INFINITY : 0;
  for (uint32_t ky = 0; ky < l->kernel_h; ky++)
    for (uint32_t kx = 0; kx < l->kernel_w; kx++) {
      const int64_t y = (int64_t)(o.h * l->stride_h + ky) - l->pad_top, x = (int64_t)(o.w * l->stride_w + kx) - l->pad_left;
      if (y < 0 || x < 0 || y >= op->in[0].shape.h || x >= op->in[0].shape.w) continue;
      const double v = value(op, &op->in[0], o.n, y, x, o.c);
      result = !max ? result + v : v > result ? v : result;
    }
  return max ? result : result / ((double)l->kernel_h * l->kernel_w);
}

static double second(const struct sa_cpu_op *op, struct output o) {
  const struct sa_shape *b = &op->in[1].shape;
  const bool spread = b->h == 1 && b->w == 1;
  return value(op, &op->in[1], o.n, spread ? 0 : (int64_t)o.h, spread ? 0 : (int64_t)o.w, o.c % b->c);
}

/* Which channel of the first operand: the other half of its group if that is rotated. */
static uint64_t first_channel(const struct sa_cpu_op *op, uint64_t c) {
  const uint64_t period = op->in[1].shape.c;
  if (op->layer->kind != SA_LAYER_MUL || !op->layer->rotate) return c;
  return c - c % period + (c % period + period / 2) % period;
}

/* A token of a cache: the earlier ones are what they are. */
static double cached(const struct sa_cpu_op *op, struct output o, uint64_t index) {
  const uint64_t earlier = op->layer->out.w - op->in[0].shape.w;
  if (o.w < earlier) return sa_dtype_load(op->dtype, op->out.data, index);
  return value(op, &op->in[0], o.n, 0, (int64_t)(o.w - earlier), o.c);
}

static double softmax(const struct sa_cpu_op *op, struct output o) {
  const double unit = op->dtype == SA_DTYPE_INT8 ? 1 / 16.0 : 1, one = op->dtype == SA_DTYPE_INT8 ? 127 : 1;
  const double here = value(op, &op->in[0], o.n, (int64_t)o.h, (int64_t)o.w, o.c);
  double sum = 0;
  for (uint64_t c = 0; c < op->layer->out.c; c++)
    sum += exp((value(op, &op->in[0], o.n, (int64_t)o.h, (int64_t)o.w, c) - here) * unit);
  return one / sum;
}

static double norm(const struct sa_cpu_op *op, struct output o) {
  const uint64_t count = op->layer->out.c;
  double mean = 0, square = 0;
  for (uint64_t c = 0; c < count && !op->layer->rms; c++)
    mean += value(op, &op->in[0], o.n, (int64_t)o.h, (int64_t)o.w, c) / (double)count;
  for (uint64_t c = 0; c < count; c++) {
    const double d = value(op, &op->in[0], o.n, (int64_t)o.h, (int64_t)o.w, c) - mean;
    square += d * d / (double)count;
  }
  const double d = value(op, &op->in[0], o.n, (int64_t)o.h, (int64_t)o.w, o.c) - mean;
  return d / sqrt(square + (double)SA_NORM_EPSILON) * op->gamma[o.c] + op->beta[o.c];
}

static double concat(const struct sa_cpu_op *op, struct output o) {
  uint32_t i = 0;
  while (o.c >= op->in[i].shape.c) o.c -= op->in[i++].shape.c;
  return value(op, &op->in[i], o.n, (int64_t)o.h, (int64_t)o.w, o.c);
}

static double activation(const struct sa_cpu_op *op, double x) {
  x *= op->pre;
  switch (op->layer->activation) {
    case SA_ACT_NONE: break;
    case SA_ACT_RELU: x = fmax(x, 0); break;
    case SA_ACT_RELU6: x = fmin(fmax(x, 0), op->cap); break;
    case SA_ACT_GELU: x = x * 0.5 * (1 + erf(x / sqrt(2))); break;
    case SA_ACT_SIGMOID: x = 1 / (1 + exp(-x)); break;
    case SA_ACT_TANH: x = tanh(x); break;
    case SA_ACT_SWISH: x = x / (1 + exp(-x)); break;
  }
  return x * op->post;
}

static double finished(const struct sa_cpu_op *op, const void *residual, struct output o, uint64_t index, double sum) {
  double y = (sum + (op->bias ? op->bias[o.c] : 0)) * op->scale[op->scale_count > 1 ? o.c : 0];
  if (residual) y += (double)op->residual_scale * sa_dtype_load(op->dtype, residual, index);
  return activation(op, y);
}

static double output_value(const struct sa_cpu_op *op, const void *residual, struct output o, uint64_t index) {
  const struct sa_layer *l = op->layer;
  const double first = l->kind == SA_LAYER_ADD || l->kind == SA_LAYER_MUL || l->kind == SA_LAYER_ACT
                           ? value(op, &op->in[0], o.n, (int64_t)o.h, (int64_t)o.w, first_channel(op, o.c)) * op->in_scale[0] : 0;
  switch (l->kind) {
    case SA_LAYER_CONV: return finished(op, residual, o, index, conv_sum(op, o));
    case SA_LAYER_FC: return finished(op, residual, o, index, fc_sum(op, o));
    case SA_LAYER_MATMUL: return finished(op, residual, o, index, matmul_sum(op, o));
    case SA_LAYER_MAXPOOL:
    case SA_LAYER_AVGPOOL: return pool(op, o);
    case SA_LAYER_ADD: return activation(op, first + second(op, o) * op->in_scale[1]);
    case SA_LAYER_MUL: return activation(op, first * second(op, o));
    case SA_LAYER_ACT: return activation(op, first);
    case SA_LAYER_SOFTMAX: return softmax(op, o);
    case SA_LAYER_NORM: return norm(op, o);
    case SA_LAYER_CONCAT: return concat(op, o);
    case SA_LAYER_UPSAMPLE:
      return value(op, &op->in[0], o.n, (int64_t)(o.h / l->kernel_h), (int64_t)(o.w / l->kernel_w), o.c);
    case SA_LAYER_CACHE: return cached(op, o, index);
    case SA_LAYER_INPUT:
    case SA_LAYER_GRU:
    case SA_LAYER_RNN:
    case SA_LAYER_LSTM: break;
  }
  assert(0);
  return 0;
}

/* Multiplications that one output costs. */
static uint64_t cost(const struct sa_cpu_op *op) {
  switch (op->layer->kind) {
    case SA_LAYER_CONV:
    case SA_LAYER_FC:
    case SA_LAYER_MATMUL: return op->layer->gemm_k;
    case SA_LAYER_SOFTMAX:
    case SA_LAYER_NORM: return 4ull * op->layer->out.c;
    case SA_LAYER_MAXPOOL:
    case SA_LAYER_AVGPOOL: return (uint64_t)op->layer->kernel_h * op->layer->kernel_w;
    default: return 4;
  }
}

/* rms: root mean square of the kernel's outputs, so that what is near zero is held to the size of its
 * neighbours. Garbage cannot hide behind it: zeros differ from |expected| by all of it. */
struct tally { double rms, worst; uint64_t count; };

static void compare(const struct sa_cpu_op *op, double expected, double got, struct tally *tally) {
  const bool int8 = op->dtype == SA_DTYPE_INT8;
  if (int8) expected = fmin(fmax(expected, -128), 127);
  const double difference = fabs(got - expected), size = fabs(expected) + tally->rms;
  const double error = int8 || size == 0 ? difference : difference / size;
  tally->count++;
  if (!(error <= tally->worst)) tally->worst = isnan(error) ? INFINITY : error;
}

/* Steps depend on each other: as many whole steps as the budget allows, with the kernel's own h before. */
static void check_lstm(const struct sa_cpu_op *op, uint64_t budget, struct tally *tally) {
  const struct sa_shape *out = &op->layer->out;
  const uint64_t features = op->in[0].shape.c, step = op->k * op->n * out->n;
  const uint64_t steps = budget / step < 2 ? 2 : budget / step;
  float *sums = malloc(op->n * sizeof *sums), *cells = calloc((size_t)out->n * out->c, sizeof *cells);
  for (uint64_t t = 0; sums && cells && t < out->w && t < steps; t++)
    for (uint64_t n = 0; n < out->n; n++) {
      for (uint64_t g = 0; g < op->n; g++) {
        double sum = 0;
        for (uint64_t k = 0; k < op->k; k++)
          if (k < features)
            sum += value(op, &op->in[0], n, 0, (int64_t)t, k) * weight(op, k, g);
          else if (t)
            sum += value(op, &op->out, n, 0, (int64_t)t - 1, k - features) * weight(op, k, g);
        sums[g] = (float)sum;
      }
      for (uint32_t c = 0; c < out->c; c++)
        compare(op, sa_lstm_cell(op, sums, c, &cells[n * out->c + c]), value(op, &op->out, n, 0, (int64_t)t, c), tally);
    }
  free(sums);
  free(cells);
}

static double output_rms(const struct sa_cpu_op *op) {
  const uint64_t count = sa_shape_elems(&op->layer->out);
  double square = 0;
  for (uint64_t i = 0; i < count; i++) {
    const double value_here = sa_dtype_load(op->dtype, op->out.data, i);
    square += value_here * value_here;
  }
  return sqrt(square / (double)count);
}

void sa_check_op(const struct sa_cpu_op *op, const void *residual, uint64_t budget, struct sa_check *check) {
  const struct sa_shape *out = &op->layer->out;
  struct tally tally = {.rms = output_rms(op)};
  *check = (struct sa_check){.tolerance = tolerance(op->dtype)};
  if (op->layer->kind == SA_LAYER_INPUT) return;
  if (op->layer->kind == SA_LAYER_LSTM) {
    check_lstm(op, budget, &tally);
  } else {
    const uint64_t all = sa_shape_elems(out), affordable = budget / cost(op) + 1;
    /* an odd step that shares no factor with the usual sizes visits every channel and position */
    uint64_t step = all > affordable ? all / affordable | 1 : 1;
    while (step > 1 && (step % 3 == 0 || step % 5 == 0 || step % 7 == 0)) step += 2;
    for (uint64_t i = 0; i < all; i += step) {
      const uint64_t position = i / out->c;
      const struct output o = {position / out->w / out->h, position / out->w % out->h, position % out->w, i % out->c};
      compare(op, output_value(op, residual, o, i), sa_dtype_load(op->dtype, op->out.data, i), &tally);
    }
  }
  check->checked = tally.count;
  check->error = tally.worst;
}
