/* LSTM layers: see lstm.h. */
#include "baseline/lstm.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "baseline/vector.h"

struct lstm_kernel {
  struct sa_kernel base;
  struct sa_sums *features, *hidden; /* owned */
  float *sums;  /* owned: [n * steps][4 c], of the features */
  float *step;  /* owned: [n][4 c], of the hidden state */
  float *cells; /* owned: [n][c] */
};

static float sigmoid(float x) { return 1 / (1 + expf(-x)); }

float sa_lstm_cell(const struct sa_cpu_op *op, const float *sums, uint32_t channel, float *cell) {
  const uint32_t c = op->layer->out.c;
  const bool int8 = op->dtype == SA_DTYPE_INT8;
  float gate[4]; /* i, f, g, o */
  for (uint32_t g = 0; g < 4; g++) {
    const uint64_t n = (uint64_t)g * c + channel;
    const float sum = (sums[n] + (op->bias ? op->bias[n] : 0)) * op->scale[op->scale_count > 1 ? n : 0];
    const float unit = !int8 ? 1 : g == 2 ? 1 / 32.0f : 1 / 16.0f; /* of the machine's tables */
    gate[g] = g == 2 ? tanhf(sum * unit) : sigmoid(sum * unit);
  }
  *cell = gate[1] * *cell + gate[0] * gate[2];
  return (int8 ? 127.0f : 1.0f) * gate[3] * tanhf(*cell);
}

static void run(struct sa_kernel *base) {
  struct lstm_kernel *kernel = (struct lstm_kernel *)base;
  const struct sa_cpu_op *op = base->op;
  const struct sa_shape *out = &op->layer->out;
  const size_t bytes = sa_dtype_bytes(op->dtype);
  const uint64_t gates = 4ull * out->c;
  kernel->features->run(kernel->features, op->in[0].data, op->in[0].pitch, kernel->sums);
  memset(kernel->cells, 0, (size_t)out->n * out->c * sizeof *kernel->cells);
  for (uint32_t t = 0; t < out->w; t++) {
    if (t)
      kernel->hidden->run(kernel->hidden, (const char *)op->out.data + (uint64_t)(t - 1) * out->c * bytes,
                          (uint64_t)out->w * out->c, kernel->step);
    for (uint32_t n = 0; n < out->n; n++) {
      const uint64_t position = (uint64_t)n * out->w + t;
      float *sums = kernel->sums + position * gates;
      for (uint64_t g = 0; t && g < gates; g++) sums[g] += kernel->step[n * gates + g];
      for (uint32_t c = 0; c < out->c; c++)
        sa_dtype_store(op->dtype, op->out.data, position * out->c + c,
                       sa_lstm_cell(op, sums, c, &kernel->cells[(uint64_t)n * out->c + c]));
    }
  }
}

static void free_kernel(struct sa_kernel *base) {
  struct lstm_kernel *kernel = (struct lstm_kernel *)base;
  if (kernel->features) kernel->features->free(kernel->features);
  if (kernel->hidden) kernel->hidden->free(kernel->hidden);
  free(kernel->sums);
  free(kernel->step);
  free(kernel->cells);
  free(kernel);
}

static enum sa_status prepare_sums(const struct sa_provider_class *class, struct sa_provider *provider,
                                   const struct sa_provider_options *options, enum sa_dtype dtype, uint64_t m,
                                   uint64_t k, uint64_t n, uint64_t a_pitch, const void *b,
                                   struct sa_sums **sums, struct sa_error *error) {
  *sums = NULL;
  const enum sa_status status = class->prepare_sums(provider, dtype, m, k, n, a_pitch, b, sums, error);
  if (status || *sums) return status;
  return sa_vector_prepare_sums(options->isa, dtype, m, k, n, b, sums, error);
}

enum sa_status sa_lstm_prepare(const struct sa_provider_class *class, struct sa_provider *provider,
                               const struct sa_provider_options *options, const struct sa_cpu_op *op,
                               struct sa_kernel **kernel, struct sa_error *error) {
  static const struct sa_kernel_class lstm_class = {run, free_kernel};
  const struct sa_shape *out = &op->layer->out;
  const uint64_t features = op->in[0].shape.c, gates = 4ull * out->c, positions = (uint64_t)out->n * out->w;
  const char *hidden = (const char *)op->weights + features * gates * sa_dtype_bytes(op->dtype);
  struct lstm_kernel *made = calloc(1, sizeof *made);
  if (!made) return sa_fail(error, SA_ERR_MEMORY, "layer %s: out of memory", op->layer->name);
  made->base = (struct sa_kernel){.class = &lstm_class, .op = op};
  made->sums = malloc(positions * gates * sizeof *made->sums);
  made->step = malloc(out->n * gates * sizeof *made->step);
  made->cells = malloc((size_t)out->n * out->c * sizeof *made->cells);
  enum sa_status status = SA_OK;
  if (!made->sums || !made->step || !made->cells)
    status = sa_fail(error, SA_ERR_MEMORY, "layer %s: out of memory", op->layer->name);
  if (!status)
    status = prepare_sums(class, provider, options, op->dtype, positions, features, gates, op->in[0].pitch,
                          op->weights, &made->features, error);
  if (!status)
    status = prepare_sums(class, provider, options, op->dtype, out->n, out->c, gates,
                          (uint64_t)out->w * out->c, hidden, &made->hidden, error);
  if (status) {
    free_kernel(&made->base);
    return status;
  }
  snprintf(made->base.implementation, sizeof made->base.implementation, "%.40s + c:cell",
           made->features->implementation);
  *kernel = &made->base;
  return SA_OK;
}
