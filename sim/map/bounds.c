/* Lower bounds of layers, from shapes alone; see bounds.h. */
#include "map/bounds.h"

#include <stdbool.h>

static uint64_t ceil_div(uint64_t a, uint64_t b) { return a / b + (a % b ? 1 : 0); }
static uint64_t max(uint64_t a, uint64_t b) { return a > b ? a : b; }

static bool is_depthwise(const struct sa_net *net, const struct sa_layer *layer) {
  return layer->kind == SA_LAYER_CONV && layer->groups > 1 && layer->groups == layer->out.c &&
         net->layers[layer->inputs[0].layer].out.c >= layer->groups && layer->gemm_n == 1;
}

static uint64_t array_cycles(const struct sa_config *config, const struct sa_net *net,
                             const struct sa_layer *layer) {
  if (!layer->gemm_count) return 0;
  const uint64_t rows = config->array_rows, cols = config->array_cols;
  if (sa_layer_is_recurrent(layer)) { /* the first step has no hidden state to multiply */
    const uint64_t hidden = layer->out.c, in = layer->gemm_k - hidden, steps = layer->out.w;
    return ceil_div(layer->gemm_n, cols) *
           (ceil_div(in, rows) * steps + ceil_div(hidden, rows) * (steps - 1)) *
           max(layer->out.n, config->shift_cycles);
  }
  const uint64_t stream = max(layer->gemm_m, config->shift_cycles);
  if (is_depthwise(net, layer)) { /* a diagonal tile per tap and min(R, C) channels */
    const uint64_t diagonal = rows < cols ? rows : cols;
    return layer->gemm_k * ceil_div(layer->out.c, diagonal) * stream;
  }
  if (layer->kind == SA_LAYER_CONV && layer->groups > 1) { /* a fold may hold parts of several groups */
    const uint64_t by_rows = ceil_div(layer->gemm_count * layer->gemm_k * ceil_div(layer->gemm_n, cols), rows);
    const uint64_t by_cols = ceil_div(layer->gemm_count * layer->gemm_n * ceil_div(layer->gemm_k, rows), cols);
    return max(by_rows, by_cols) * stream;
  }
  return layer->gemm_count * ceil_div(layer->gemm_k, rows) * ceil_div(layer->gemm_n, cols) * stream;
}

/* Bytes / (num / den bytes per cycle), rounded up; whole multiples of num apart, so that nothing
 * overflows. */
static uint64_t transfer_cycles(const struct sa_config *config, int port, uint64_t bytes) {
  const uint64_t num = config->bw_num[port], den = config->bw_den[port];
  return bytes / num * den + ceil_div(bytes % num * den, num);
}

static bool reads(const struct sa_layer *layer, uint32_t input) {
  for (uint32_t i = 0; i < layer->input_count; i++)
    if (layer->inputs[i].layer == input) return true;
  return layer->has_residual && layer->residual.layer == input;
}

static bool first_reader(const struct sa_net *net, uint32_t layer, uint32_t input) {
  for (uint32_t i = input + 1; i < layer; i++)
    if (reads(&net->layers[i], input)) return false;
  return true;
}

static bool is_read(const struct sa_net *net, uint32_t layer) {
  for (uint32_t i = layer + 1; i < net->layer_count; i++)
    if (reads(&net->layers[i], layer)) return true;
  return false;
}

/* Bytes of a cache that lie in DRAM before the run. */
static uint64_t earlier_tokens(const struct sa_net *net, const struct sa_layer *cache) {
  const uint32_t appended = net->layers[cache->inputs[0].layer].out.w;
  return (uint64_t)cache->out.n * (cache->out.w - appended) * cache->out.c;
}

/* Whether the whole output goes to a cache in DRAM. */
static bool is_appended(const struct sa_net *net, uint32_t layer) {
  for (uint32_t i = layer + 1; i < net->layer_count; i++)
    if (net->layers[i].kind == SA_LAYER_CACHE && net->layers[i].inputs[0].layer == layer &&
        net->layers[i].inputs[0].c_count == net->layers[layer].out.c)
      return true;
  return false;
}

static uint64_t memory_cycles(const struct sa_config *config, const struct sa_net *net, uint32_t index) {
  const struct sa_layer *layer = &net->layers[index];
  enum { PARAM_BYTES = 8 };
  const bool drains = layer->kind == SA_LAYER_CONV || layer->kind == SA_LAYER_FC;
  uint64_t data = drains ? (uint64_t)layer->out.c * PARAM_BYTES : 0;
  for (uint32_t i = 0; i < layer->input_count; i++) {
    const uint32_t input = layer->inputs[i].layer;
    const struct sa_layer *from = &net->layers[input];
    if (!first_reader(net, index, input)) continue;
    if (from->kind == SA_LAYER_INPUT) data += sa_shape_elems(&from->out);
    if (from->kind == SA_LAYER_CACHE) data += earlier_tokens(net, from);
  }
  if (layer->kind == SA_LAYER_CACHE) return 0; /* its bytes are its users' */
  if (is_appended(net, index)) data += sa_shape_elems(&layer->out);
  if (!is_read(net, index)) data += sa_shape_elems(&layer->out);
  uint64_t weights = layer->weights;
  if (sa_layer_is_recurrent(layer) && layer->out.w == 1)
    weights -= (uint64_t)layer->out.c * layer->gemm_n; /* no second step: the hidden state's stay where they are */
  if (config->memory_ports == 1) return transfer_cycles(config, 0, data + weights);
  return max(transfer_cycles(config, 0, data), transfer_cycles(config, 1, weights));
}

/* Steps of VECTOR per chunk of output (docs/machine.md, section 4). */
static uint64_t steps_per_output(const struct sa_net *net, const struct sa_layer *layer) {
  switch (layer->kind) {
    case SA_LAYER_INPUT: case SA_LAYER_CONCAT: return 0;
    case SA_LAYER_CONV: case SA_LAYER_FC: case SA_LAYER_MATMUL: case SA_LAYER_ACT:
    case SA_LAYER_UPSAMPLE: return 1;
    case SA_LAYER_ADD: case SA_LAYER_MUL: case SA_LAYER_NORM: return 2;
    case SA_LAYER_SOFTMAX: return 3;
    case SA_LAYER_MAXPOOL: /* whole windows, or columns and then rows */
      if ((uint64_t)layer->kernel_h * layer->kernel_w > layer->kernel_h + layer->kernel_w)
        return layer->kernel_h + layer->kernel_w;
      return (uint64_t)layer->kernel_h * layer->kernel_w;
    case SA_LAYER_AVGPOOL:
      if (layer->kernel_h) return (uint64_t)layer->kernel_h * layer->kernel_w;
      return (uint64_t)net->layers[layer->inputs[0].layer].out.h * net->layers[layer->inputs[0].layer].out.w;
    case SA_LAYER_CACHE: return 0;
    case SA_LAYER_RNN: return 2; /* drained, moved to its place */
    case SA_LAYER_GRU: return 13; /* three gates drained; three products, two sums */
    case SA_LAYER_LSTM: return 13; /* four gates drained; three products, a sum, a tanh */
  }
  return 0;
}

void sa_bound_layer(const struct sa_config *config, const struct sa_net *net, uint32_t layer,
                    struct sa_bound *bound) {
  const struct sa_layer *l = &net->layers[layer];
  bound->array_cycles = array_cycles(config, net, l);
  bound->memory_cycles = memory_cycles(config, net, layer);
  bound->vector_cycles = ceil_div(sa_shape_elems(&l->out), config->vector_lanes) * steps_per_output(net, l);
}
