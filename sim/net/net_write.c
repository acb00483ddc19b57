/* Writes networks: see net_write.h. */
#include "net/net_write.h"

#include <assert.h>
#include <inttypes.h>

struct writer {
  const struct sa_net *net;
  const struct sa_layer *layer;
  FILE *out;
};

/* `, key: value`, or `, key: [h, w]` where the two differ. */
static void write_pair(const struct writer *w, const char *key, uint32_t h, uint32_t v) {
  if (h == v)
    fprintf(w->out, ", %s: %" PRIu32, key, h);
  else
    fprintf(w->out, ", %s: [%" PRIu32 ", %" PRIu32 "]", key, h, v);
}

static void write_number(const struct writer *w, const char *key, uint32_t value) {
  fprintf(w->out, ", %s: %" PRIu32, key, value);
}

static void write_flag(const struct writer *w, const char *key, bool value) {
  if (value) fprintf(w->out, ", %s: true", key);
}

/* NAME, or "NAME[first:end]" where not all channels are read. */
static void write_reference(const struct writer *w, const struct sa_layer_input *input) {
  const struct sa_layer *from = &w->net->layers[input->layer];
  if (input->c_first == 0 && input->c_count == from->out.c)
    fputs(from->name, w->out);
  else
    fprintf(w->out, "\"%s[%" PRIu32 ":%" PRIu32 "]\"", from->name, input->c_first,
            input->c_first + input->c_count);
}

static void write_shape(const struct writer *w, const struct sa_shape *shape) {
  fprintf(w->out, "shape: [");
  if (shape->h > 1) fprintf(w->out, "%" PRIu32 ", ", shape->h);
  if (shape->h > 1 || shape->w > 1) fprintf(w->out, "%" PRIu32 ", ", shape->w);
  fprintf(w->out, "%" PRIu32 "]", shape->c);
}

static void write_inputs(const struct writer *w, bool is_list) {
  fputs(is_list ? ", inputs: [" : ", input: ", w->out);
  for (uint32_t i = 0; i < w->layer->input_count; i++) {
    if (i > 0) fputs(", ", w->out);
    write_reference(w, &w->layer->inputs[i]);
  }
  if (is_list) fputs("]", w->out);
}

/* Bias and batch norm of a layer with weights; the file's default is a bias unless there is a batch norm. */
static void write_learned(const struct writer *w) {
  const struct sa_layer *l = w->layer;
  write_flag(w, "batch_norm", l->has_batch_norm);
  if (l->has_bias == l->has_batch_norm) fprintf(w->out, ", bias: %s", l->has_bias ? "true" : "false");
}

/* What may be fused behind a layer. */
static void write_tail(const struct writer *w) {
  if (w->layer->has_residual) {
    fputs(", add: ", w->out);
    write_reference(w, &w->layer->residual);
  }
  if (w->layer->activation) fprintf(w->out, ", act: %s", sa_activation_name(w->layer->activation));
}

static void write_window(const struct writer *w, bool is_pool) {
  const struct sa_layer *l = w->layer;
  write_pair(w, "kernel", l->kernel_h, l->kernel_w);
  const bool is_default = is_pool ? l->stride_h == l->kernel_h && l->stride_w == l->kernel_w
                                  : l->stride_h == 1 && l->stride_w == 1;
  if (!is_default) write_pair(w, "stride", l->stride_h, l->stride_w);
  if (l->dilation_h > 1 || l->dilation_w > 1) write_pair(w, "dilation", l->dilation_h, l->dilation_w);
  if (l->pad_top != l->pad_bottom || l->pad_left != l->pad_right)
    fprintf(w->out, ", pad: [%" PRIu32 ", %" PRIu32 ", %" PRIu32 ", %" PRIu32 "]", l->pad_top, l->pad_left,
            l->pad_bottom, l->pad_right);
  else if (l->pad_top || l->pad_left)
    write_pair(w, "pad", l->pad_top, l->pad_left);
}

static void write_layer(const struct writer *w) {
  const struct sa_layer *l = w->layer;
  const bool is_requantise = l->kind == SA_LAYER_ACT && l->activation == SA_ACT_NONE;
  fprintf(w->out, "- {name: %s, type: %s", l->name,
          is_requantise ? "requantise" : sa_layer_kind_name(l->kind));
  switch (l->kind) {
    case SA_LAYER_INPUT:
      fputs(", ", w->out);
      write_shape(w, &l->out);
      break;
    case SA_LAYER_CONV:
      write_inputs(w, false);
      write_window(w, false);
      write_number(w, "out", l->out.c);
      if (l->groups > 1) write_number(w, "groups", l->groups);
      write_learned(w);
      break;
    case SA_LAYER_FC:
      write_inputs(w, false);
      write_number(w, "out", l->out.c);
      write_flag(w, "flatten", l->flatten);
      write_learned(w);
      break;
    case SA_LAYER_MATMUL:
      write_inputs(w, true);
      write_number(w, "heads", l->heads);
      if (l->kv_heads != l->heads) write_number(w, "kv_heads", l->kv_heads);
      write_flag(w, "transpose_b", l->transpose_b);
      break;
    case SA_LAYER_MAXPOOL:
    case SA_LAYER_AVGPOOL:
      write_inputs(w, false);
      write_window(w, true);
      break;
    case SA_LAYER_LSTM:
    case SA_LAYER_GRU:
    case SA_LAYER_RNN:
      write_inputs(w, false);
      write_number(w, "out", l->out.c);
      if (!l->has_bias) fputs(", bias: false", w->out);
      break;
    case SA_LAYER_UPSAMPLE:
      write_inputs(w, false);
      write_pair(w, "factor", l->kernel_h, l->kernel_w);
      break;
    case SA_LAYER_NORM:
      write_inputs(w, false);
      write_flag(w, "rms", l->rms);
      break;
    case SA_LAYER_ACT:
    case SA_LAYER_SOFTMAX:
      write_inputs(w, false);
      break;
    case SA_LAYER_CACHE:
      write_inputs(w, false);
      write_number(w, "length", l->out.w);
      break;
    case SA_LAYER_ADD:
    case SA_LAYER_MUL:
    case SA_LAYER_CONCAT:
      write_inputs(w, true);
      write_flag(w, "rotate", l->rotate);
      break;
  }
  write_tail(w);
  fputs("}\n", w->out);
}

void sa_net_write(const struct sa_net *net, FILE *out) {
  struct writer w = {.net = net, .out = out};
  assert(net->layer_count > 0 && net->layers[0].kind == SA_LAYER_INPUT);
  if (net->name[0]) fprintf(out, "name: %s\n", net->name);
  if (net->batch > 1) fprintf(out, "batch: %" PRIu32 "\n", net->batch);
  fprintf(out, "input: {name: %s, ", net->layers[0].name);
  write_shape(&w, &net->layers[0].out);
  fputs("}\n", out);
  if (net->phase) fprintf(out, "parameters: {phase: %s}\n", net->phase == SA_PHASE_DECODE ? "decode" : "prefill");
  if (net->tokens) fprintf(out, "tokens: %" PRIu64 "\n", net->tokens);
  if (net->extra_params) fprintf(out, "extra_params: %" PRIu64 "\n", net->extra_params);
  fputs("layers:\n", out);
  for (uint32_t i = 1; i < net->layer_count; i++) {
    w.layer = &net->layers[i];
    write_layer(&w);
  }
}
