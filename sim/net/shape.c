/* The rules of single layers: which inputs a kind takes, the shape that comes out, the GEMM it is and
 * what it costs. One function a kind, one table. docs/networks.md says the same in words. */
#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "net/net.h"
#include "net/quant.h"

/* A failure of one layer: the message begins with its name. */
static enum sa_status fail(struct sa_error *error, enum sa_status status,
                           const struct sa_layer *layer, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static enum sa_status fail(struct sa_error *error, enum sa_status status,
                           const struct sa_layer *layer, const char *format, ...) {
  char text[768];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  return sa_fail(error, status, "layer %s: %s", layer->name, text);
}

#define SHAPE_FORMAT "%u x %u x %u x %u"
#define SHAPE_ARGS(s) (s).n, (s).h, (s).w, (s).c

static bool same_shape(const struct sa_shape *a, const struct sa_shape *b) {
  return a->n == b->n && a->h == b->h && a->w == b->w && a->c == b->c;
}

/* a * b, or more than any limit of this file if that passes 64 bits. */
static uint64_t product(uint64_t a, uint64_t b) {
  uint64_t result;
  return __builtin_mul_overflow(a, b, &result) ? UINT64_MAX : result;
}

static void one_if_zero(uint32_t *value) {
  if (*value == 0) *value = 1;
}

/* The shape of an input as the layer sees it (after the channel slice), completing c_count. */
static enum sa_status resolve_input(const struct sa_net *net, uint32_t index,
                                    struct sa_layer_input *input, struct sa_shape *shape,
                                    struct sa_error *error) {
  const struct sa_layer *layer = &net->layers[index];
  if (input->layer >= index)
    return fail(error, SA_ERR_INPUT, layer, "its input is layer number %u, which is not before it",
                input->layer);
  const struct sa_layer *from = &net->layers[input->layer];
  *shape = from->out;
  if (input->c_count == 0 && input->c_first < shape->c) input->c_count = shape->c - input->c_first;
  if (input->c_first >= shape->c || input->c_count > shape->c - input->c_first)
    return fail(error, SA_ERR_INPUT, layer, "channels %u to %" PRIu64 " of %s are asked for; it has %u",
                input->c_first, (uint64_t)input->c_first + input->c_count, from->name, shape->c);
  shape->c = input->c_count;
  return SA_OK;
}

/* Fills the GEMM and what follows from it. k, n: of one group, head or step. */
static void set_gemm(struct sa_layer *layer, uint64_t m, uint64_t k, uint64_t n, uint64_t count) {
  layer->gemm_m = m;
  layer->gemm_k = k;
  layer->gemm_n = n;
  layer->gemm_count = count;
  layer->macs = product(product(m, k), product(n, count));
}

/* Learned weights k x n, with bias and batch norm of `channels`. */
static void set_params(struct sa_layer *layer, uint64_t k, uint64_t n, uint64_t channels) {
  layer->weights = product(k, n);
  const uint64_t per_channel = (layer->has_bias ? 1u : 0u) + (layer->has_batch_norm ? 2u : 0u);
  layer->params = layer->weights + per_channel * channels;
}

/* Output size of a window along one axis; 0 if the window does not fit. */
static uint32_t window_out(uint32_t in, uint32_t kernel, uint32_t stride, uint32_t dilation,
                           uint32_t pad_before, uint32_t pad_after) {
  const uint64_t span = (uint64_t)dilation * (kernel - 1) + 1;
  const uint64_t padded = (uint64_t)in + pad_before + pad_after;
  return padded < span ? 0 : (uint32_t)((padded - span) / stride) + 1;
}

/* Checks kernel, stride, dilation and padding, and computes out.h and out.w. */
static enum sa_status finish_window(struct sa_layer *layer, const struct sa_shape *in,
                                    struct sa_error *error) {
  one_if_zero(&layer->stride_h);
  one_if_zero(&layer->stride_w);
  one_if_zero(&layer->dilation_h);
  one_if_zero(&layer->dilation_w);
  if (layer->kernel_h == 0 || layer->kernel_w == 0)
    return fail(error, SA_ERR_INPUT, layer, "kernel is %u x %u; it must be between 1 and %u",
                layer->kernel_h, layer->kernel_w, SA_NET_MAX_KERNEL);
  if (layer->kernel_h > SA_NET_MAX_KERNEL || layer->kernel_w > SA_NET_MAX_KERNEL)
    return fail(error, SA_ERR_LIMIT, layer, "kernel is %u x %u; it must be between 1 and %u",
                layer->kernel_h, layer->kernel_w, SA_NET_MAX_KERNEL);
  if (layer->stride_h > SA_NET_MAX_STRIDE || layer->stride_w > SA_NET_MAX_STRIDE)
    return fail(error, SA_ERR_LIMIT, layer, "stride is %u x %u; it must be between 1 and %u",
                layer->stride_h, layer->stride_w, SA_NET_MAX_STRIDE);
  if (layer->dilation_h > SA_NET_MAX_KERNEL || layer->dilation_w > SA_NET_MAX_KERNEL)
    return fail(error, SA_ERR_LIMIT, layer, "dilation is %u x %u; it must be between 1 and %u",
                layer->dilation_h, layer->dilation_w, SA_NET_MAX_KERNEL);
  const uint32_t span_h = layer->dilation_h * (layer->kernel_h - 1) + 1;
  const uint32_t span_w = layer->dilation_w * (layer->kernel_w - 1) + 1;
  if (layer->pad_top >= span_h || layer->pad_bottom >= span_h || layer->pad_left >= span_w ||
      layer->pad_right >= span_w)
    return fail(error, SA_ERR_INPUT, layer,
                "padding [%u, %u, %u, %u] must be smaller than the window, %u x %u", layer->pad_top,
                layer->pad_left, layer->pad_bottom, layer->pad_right, span_h, span_w);
  layer->out.h = window_out(in->h, layer->kernel_h, layer->stride_h, layer->dilation_h,
                            layer->pad_top, layer->pad_bottom);
  layer->out.w = window_out(in->w, layer->kernel_w, layer->stride_w, layer->dilation_w,
                            layer->pad_left, layer->pad_right);
  if (layer->out.h == 0 || layer->out.w == 0)
    return fail(error, SA_ERR_INPUT, layer,
                "its window of %u x %u does not fit into the padded input of %" PRIu64 " x %" PRIu64,
                span_h, span_w, (uint64_t)in->h + layer->pad_top + layer->pad_bottom,
                (uint64_t)in->w + layer->pad_left + layer->pad_right);
  return SA_OK;
}

static enum sa_status finish_input(struct sa_layer *layer, const struct sa_shape *in,
                                   struct sa_error *error) {
  (void)layer, (void)in, (void)error; /* its shape is given; the common checks suffice */
  return SA_OK;
}

static enum sa_status finish_conv(struct sa_layer *layer, const struct sa_shape *in,
                                  struct sa_error *error) {
  one_if_zero(&layer->groups);
  const uint32_t groups = layer->groups;
  if (in[0].c % groups || layer->out.c % groups)
    return fail(error, SA_ERR_INPUT, layer, "%u groups do not divide %u input and %u output channels",
                groups, in[0].c, layer->out.c);
  const enum sa_status status = finish_window(layer, &in[0], error);
  if (status != SA_OK) return status;
  layer->out.n = in[0].n;
  const uint64_t k = (uint64_t)layer->kernel_h * layer->kernel_w * (in[0].c / groups);
  set_gemm(layer, product((uint64_t)layer->out.h * layer->out.w, in[0].n), k, layer->out.c / groups,
           groups);
  set_params(layer, k, layer->out.c, layer->out.c);
  return SA_OK;
}

static enum sa_status finish_fc(struct sa_layer *layer, const struct sa_shape *in,
                                struct sa_error *error) {
  (void)error;
  layer->out.n = in[0].n;
  layer->out.h = layer->flatten ? 1 : in[0].h;
  layer->out.w = layer->flatten ? 1 : in[0].w;
  const uint64_t k = layer->flatten ? (uint64_t)in[0].h * in[0].w * in[0].c : in[0].c;
  set_gemm(layer, product((uint64_t)layer->out.h * layer->out.w, in[0].n), k, layer->out.c, 1);
  set_params(layer, k, layer->out.c, layer->out.c);
  return SA_OK;
}

static enum sa_status finish_matmul(struct sa_layer *layer, const struct sa_shape *in,
                                    struct sa_error *error) {
  one_if_zero(&layer->heads);
  if (layer->kv_heads == 0) layer->kv_heads = layer->heads;
  const struct sa_shape a = in[0], b = in[1];
  const uint32_t heads = layer->heads, kv_heads = layer->kv_heads;
  if (heads % kv_heads)
    return fail(error, SA_ERR_INPUT, layer, "heads (%u) is not a multiple of kv_heads (%u)", heads,
                kv_heads);
  if (b.h != 1 || b.c % kv_heads)
    return fail(error, SA_ERR_INPUT, layer,
                "its second input is " SHAPE_FORMAT "; it must have h = 1 and c a multiple of kv_heads "
                "(%u)", SHAPE_ARGS(b), kv_heads);
  const uint32_t width = b.c / kv_heads; /* d: what one head is wide */
  const struct sa_shape want = layer->transpose_b
                                   ? (struct sa_shape){b.n, 1, a.w, product(width, heads) > UINT32_MAX
                                                                        ? 0 : width * heads}
                                   : (struct sa_shape){b.n, heads, a.w, b.w};
  if (!same_shape(&a, &want))
    return fail(error, SA_ERR_INPUT, layer,
                "its first input is " SHAPE_FORMAT " and its second " SHAPE_FORMAT "; with %u heads, "
                "kv_heads %u and transpose_b %s the first must be %u x %u x (any) x %" PRIu64,
                SHAPE_ARGS(a), SHAPE_ARGS(b), heads, kv_heads, layer->transpose_b ? "true" : "false",
                want.n, want.h, layer->transpose_b ? product(width, heads) : want.c);
  if (layer->transpose_b) {
    layer->out = (struct sa_shape){a.n, heads, a.w, b.w};
    set_gemm(layer, a.w, width, b.w, product(a.n, heads));
  } else {
    if (product(width, heads) > UINT32_MAX)
      return fail(error, SA_ERR_LIMIT, layer, "%u heads of %u channels pass 2^32 channels", heads,
                  width);
    layer->out = (struct sa_shape){a.n, 1, a.w, width * heads};
    set_gemm(layer, a.w, b.w, width, product(a.n, heads));
  }
  return SA_OK;
}

static enum sa_status finish_pool(struct sa_layer *layer, const struct sa_shape *in,
                                  struct sa_error *error) {
  if (layer->kernel_h == 0 && layer->kernel_w == 0) { /* global */
    layer->kernel_h = in[0].h;
    layer->kernel_w = in[0].w;
  }
  const enum sa_status status = finish_window(layer, &in[0], error);
  if (status != SA_OK) return status;
  if (layer->dilation_h != 1 || layer->dilation_w != 1)
    return fail(error, SA_ERR_INPUT, layer, "a pool has no dilation; it is %u x %u",
                layer->dilation_h, layer->dilation_w);
  layer->out.n = in[0].n;
  layer->out.c = in[0].c;
  return SA_OK;
}

static enum sa_status finish_pair(struct sa_layer *layer, const struct sa_shape *in,
                                  struct sa_error *error) {
  const bool spread = in[1].h == 1 && in[1].w == 1 && in[1].n == in[0].n && in[1].c == in[0].c;
  if (!spread && !same_shape(&in[0], &in[1]))
    return fail(error, SA_ERR_INPUT, layer,
                "its inputs are " SHAPE_FORMAT " and " SHAPE_FORMAT "; they must be equal, or the "
                "second must be %u x 1 x 1 x %u", SHAPE_ARGS(in[0]), SHAPE_ARGS(in[1]), in[0].n,
                in[0].c);
  layer->out = in[0];
  return SA_OK;
}

/* As a pair, or b's channels are repeated over a's. */
static enum sa_status finish_mul(struct sa_layer *layer, const struct sa_shape *in, struct sa_error *error) {
  struct sa_shape b = in[1];
  if (layer->rotate && in[1].c % 2)
    return fail(error, SA_ERR_INPUT, layer, "its second input has %u channels; to rotate it needs an even number",
                in[1].c);
  if (in[0].c % in[1].c == 0) b.c = in[0].c;
  const struct sa_shape pair[2] = {in[0], b};
  return finish_pair(layer, pair, error);
}

static enum sa_status finish_same(struct sa_layer *layer, const struct sa_shape *in,
                                  struct sa_error *error) {
  (void)error;
  layer->out = in[0];
  return SA_OK;
}

static enum sa_status finish_norm(struct sa_layer *layer, const struct sa_shape *in,
                                  struct sa_error *error) {
  (void)error;
  layer->out = in[0];
  layer->params = (uint64_t)(layer->rms ? 1 : 2) * in[0].c;
  return SA_OK;
}

static enum sa_status finish_concat(struct sa_layer *layer, const struct sa_shape *in,
                                    struct sa_error *error) {
  layer->out = in[0];
  for (uint32_t i = 1; i < layer->input_count; i++) {
    if (in[i].n != in[0].n || in[i].h != in[0].h || in[i].w != in[0].w)
      return fail(error, SA_ERR_INPUT, layer,
                  "its inputs are " SHAPE_FORMAT " and " SHAPE_FORMAT "; they may differ in channels "
                  "only", SHAPE_ARGS(in[0]), SHAPE_ARGS(in[i]));
    if (in[i].c > UINT32_MAX - layer->out.c)
      return fail(error, SA_ERR_LIMIT, layer, "the joined channels pass 2^32");
    layer->out.c += in[i].c;
  }
  return SA_OK;
}

/* LSTM, GRU, RNN: one matrix for [x, h], its columns gate by gate. */
static enum sa_status finish_cell(struct sa_layer *layer, const struct sa_shape *in,
                                  struct sa_error *error) {
  if (in[0].h != 1)
    return fail(error, SA_ERR_INPUT, layer, "its input is " SHAPE_FORMAT "; it must have h = 1, w steps",
                SHAPE_ARGS(in[0]));
  const uint64_t k = (uint64_t)in[0].c + layer->out.c, n = sa_layer_gates(layer) * (uint64_t)layer->out.c;
  layer->out.n = in[0].n;
  layer->out.h = 1;
  layer->out.w = in[0].w;
  set_gemm(layer, in[0].n, k, n, in[0].w);
  set_params(layer, k, n, n);
  return SA_OK;
}

static enum sa_status finish_cache(struct sa_layer *layer, const struct sa_shape *in,
                                   struct sa_error *error) {
  if (in[0].h != 1 || in[0].w > layer->out.w)
    return fail(error, SA_ERR_INPUT, layer, "its input is " SHAPE_FORMAT "; it must have h = 1 and at most %u tokens, "
                "which is the cache's length", SHAPE_ARGS(in[0]), layer->out.w);
  layer->out = (struct sa_shape){in[0].n, 1, layer->out.w, in[0].c};
  return SA_OK;
}

static enum sa_status finish_upsample(struct sa_layer *layer, const struct sa_shape *in,
                                      struct sa_error *error) {
  if (layer->kernel_h == 0 || layer->kernel_h > SA_NET_MAX_KERNEL || layer->kernel_w == 0 ||
      layer->kernel_w > SA_NET_MAX_KERNEL)
    return fail(error, SA_ERR_INPUT, layer, "its factors are %u x %u; they must be between 1 and %u",
                layer->kernel_h, layer->kernel_w, SA_NET_MAX_KERNEL);
  const uint64_t h = (uint64_t)in[0].h * layer->kernel_h, w = (uint64_t)in[0].w * layer->kernel_w;
  if (h > UINT32_MAX || w > UINT32_MAX)
    return fail(error, SA_ERR_LIMIT, layer, "%" PRIu64 " x %" PRIu64 " positions pass 2^32", h, w);
  layer->out = (struct sa_shape){in[0].n, (uint32_t)h, (uint32_t)w, in[0].c};
  return SA_OK;
}

/* What a kind takes, and its function. */
static const struct kind_rule {
  enum sa_status (*finish)(struct sa_layer *layer, const struct sa_shape *in, struct sa_error *error);
  uint32_t min_inputs, max_inputs;
  bool residual, activation, bias, batch_norm;
} rules[] = {
    [SA_LAYER_INPUT] = {finish_input, 0, 0, false, false, false, false},
    [SA_LAYER_CONV] = {finish_conv, 1, 1, true, true, true, true},
    [SA_LAYER_FC] = {finish_fc, 1, 1, true, true, true, true},
    [SA_LAYER_MATMUL] = {finish_matmul, 2, 2, true, true, false, false},
    [SA_LAYER_MAXPOOL] = {finish_pool, 1, 1, false, false, false, false},
    [SA_LAYER_AVGPOOL] = {finish_pool, 1, 1, false, false, false, false},
    [SA_LAYER_ADD] = {finish_pair, 2, 2, false, true, false, false},
    [SA_LAYER_MUL] = {finish_mul, 2, 2, false, true, false, false},
    [SA_LAYER_ACT] = {finish_same, 1, 1, false, true, false, false},
    [SA_LAYER_SOFTMAX] = {finish_same, 1, 1, false, false, false, false},
    [SA_LAYER_NORM] = {finish_norm, 1, 1, false, false, false, false},
    [SA_LAYER_CONCAT] = {finish_concat, 1, SA_LAYER_MAX_INPUTS, false, false, false, false},
    [SA_LAYER_LSTM] = {finish_cell, 1, 1, false, false, true, false},
    [SA_LAYER_GRU] = {finish_cell, 1, 1, false, false, true, false},
    [SA_LAYER_RNN] = {finish_cell, 1, 1, false, false, true, false},
    [SA_LAYER_CACHE] = {finish_cache, 1, 1, false, false, false, false},
    [SA_LAYER_UPSAMPLE] = {finish_upsample, 1, 1, false, false, false, false},
};

/* What a kind cannot have. */
static enum sa_status check_extras(const struct sa_layer *layer, const struct kind_rule *rule,
                                   struct sa_error *error) {
  const char *kind = sa_layer_kind_name(layer->kind);
  if (layer->input_count < rule->min_inputs || layer->input_count > rule->max_inputs) {
    if (rule->min_inputs == rule->max_inputs)
      return fail(error, SA_ERR_INPUT, layer, "it has %u inputs; %s takes %u", layer->input_count, kind,
                  rule->min_inputs);
    return fail(error, SA_ERR_INPUT, layer, "it has %u inputs; %s takes %u to %u", layer->input_count,
                kind, rule->min_inputs, rule->max_inputs);
  }
  if (layer->has_residual && !rule->residual)
    return fail(error, SA_ERR_INPUT, layer, "%s has no fused residual", kind);
  if (layer->activation != SA_ACT_NONE && !rule->activation)
    return fail(error, SA_ERR_INPUT, layer, "%s has no activation", kind);
  if (layer->has_bias && !rule->bias) return fail(error, SA_ERR_INPUT, layer, "%s has no bias", kind);
  if (layer->has_batch_norm && !rule->batch_norm)
    return fail(error, SA_ERR_INPUT, layer, "%s has no batch norm", kind);
  return SA_OK;
}

/* Every size at least 1, the tensor and the MACs within the limits. */
static enum sa_status check_size(const struct sa_layer *layer, struct sa_error *error) {
  const struct sa_shape *out = &layer->out;
  if (out->n == 0 || out->h == 0 || out->w == 0 || out->c == 0 || out->n > INT32_MAX ||
      out->h > INT32_MAX || out->w > INT32_MAX || out->c > INT32_MAX)
    return fail(error, SA_ERR_INPUT, layer,
                "its output is " SHAPE_FORMAT "; every size must be between 1 and %d",
                SHAPE_ARGS(*out), INT32_MAX);
  if (product(product(out->n, out->h), product(out->w, out->c)) > SA_NET_MAX_TENSOR_BYTES)
    return fail(error, SA_ERR_LIMIT, layer, "its output of " SHAPE_FORMAT " passes 2^40 bytes",
                SHAPE_ARGS(*out));
  if (layer->weights > SA_NET_MAX_TENSOR_BYTES)
    return fail(error, SA_ERR_LIMIT, layer, "its weights pass 2^40 bytes");
  if (layer->macs > SA_NET_MAX_MACS)
    return fail(error, SA_ERR_LIMIT, layer, "it passes 2^60 MACs");
  return SA_OK;
}

enum sa_status sa_net_finish_layer(struct sa_net *net, uint32_t index, struct sa_error *error) {
  assert(index < net->layer_count);
  struct sa_layer *layer = &net->layers[index];
  assert((size_t)layer->kind < sizeof rules / sizeof *rules);
  const struct kind_rule *rule = &rules[layer->kind];
  enum sa_status status = check_extras(layer, rule, error);
  struct sa_shape in[SA_LAYER_MAX_INPUTS] = {{0, 0, 0, 0}};
  for (uint32_t i = 0; i < layer->input_count && status == SA_OK; i++)
    status = resolve_input(net, index, &layer->inputs[i], &in[i], error);
  if (status != SA_OK) return status;
  layer->macs = layer->weights = layer->params = 0;
  layer->gemm_m = layer->gemm_k = layer->gemm_n = layer->gemm_count = 0;
  status = rule->finish(layer, in, error);
  if (status == SA_OK) status = check_size(layer, error);
  if (status != SA_OK) return status;
  if (layer->has_residual) {
    struct sa_shape residual;
    status = resolve_input(net, index, &layer->residual, &residual, error);
    if (status != SA_OK) return status;
    if (!same_shape(&residual, &layer->out))
      return fail(error, SA_ERR_INPUT, layer,
                  "the residual is " SHAPE_FORMAT " and the output " SHAPE_FORMAT "; they must be equal",
                  SHAPE_ARGS(residual), SHAPE_ARGS(layer->out));
  }
  layer->spread = sa_quant_spread(net, index);
  return SA_OK;
}
