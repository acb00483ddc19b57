/* Reads one layer of a network file. Everything a layer may say is one row of the table of keys; which
 * types there are is the table of types. docs/networks.md documents both. */
#include <stdio.h>
#include <string.h>

#include "base/vec.h"
#include "net/reader.h"

#define WHAT 160 /* "layer NAME: KEY" */

/* ---- Types ---- */

enum type {
  TYPE_INPUT, TYPE_CONV, TYPE_DWCONV, TYPE_FC, TYPE_MATMUL, TYPE_MAXPOOL, TYPE_AVGPOOL, TYPE_ADD,
  TYPE_MUL, TYPE_ACT, TYPE_REQUANTISE, TYPE_SOFTMAX, TYPE_NORM, TYPE_CONCAT, TYPE_LSTM, TYPE_GRU, TYPE_RNN, TYPE_CACHE,
  TYPE_UPSAMPLE, TYPES
};

/* Words of the file, in the order of the enumeration. */
static const char *const type_names[TYPES] = {
    "input", "conv", "dwconv", "fc", "matmul", "maxpool", "avgpool", "add",
    "mul", "act", "requantise", "softmax", "norm", "concat", "lstm", "gru", "rnn", "cache",
    "upsample"};

static const enum sa_layer_kind type_kinds[TYPES] = {
    SA_LAYER_INPUT,   SA_LAYER_CONV,    SA_LAYER_CONV, SA_LAYER_FC,   SA_LAYER_MATMUL, SA_LAYER_MAXPOOL,
    SA_LAYER_AVGPOOL, SA_LAYER_ADD,     SA_LAYER_MUL,  SA_LAYER_ACT,  SA_LAYER_ACT,    SA_LAYER_SOFTMAX,
    SA_LAYER_NORM,    SA_LAYER_CONCAT,  SA_LAYER_LSTM, SA_LAYER_GRU,
    SA_LAYER_RNN,     SA_LAYER_CACHE,   SA_LAYER_UPSAMPLE};

/* What the readers of keys are given. */
struct context {
  struct sa_net_reader *reader;
  const struct sa_net_scope *scope;
  struct sa_yaml_node node; /* the layer's mapping */
  enum type type;
  struct sa_layer *layer;   /* being filled */
  const char *what;         /* "layer NAME: KEY" */
};

/* ---- Inputs ---- */

static enum sa_status read_reference(const struct context *context, struct sa_yaml_node value,
                                     struct sa_layer_input *input, struct sa_error *error) {
  return sa_net_read_reference(context->reader, context->scope, value, context->what, input, error);
}

static enum sa_status read_input(const struct context *context, struct sa_yaml_node value,
                                 struct sa_error *error) {
  context->layer->input_count = 1;
  return read_reference(context, value, &context->layer->inputs[0], error);
}

static enum sa_status read_inputs(const struct context *context, struct sa_yaml_node value,
                                  struct sa_error *error) {
  enum sa_status status = sa_yaml_expect(value, SA_YAML_SEQUENCE, context->what, error);
  const size_t count = sa_yaml_count(value);
  if (!status && (count < 1 || count > SA_LAYER_MAX_INPUTS))
    return sa_yaml_fail(value, error, "%s has %zu names; it must have between 1 and %d", context->what,
                        count, SA_LAYER_MAX_INPUTS);
  for (size_t i = 0; i < count && !status; i++)
    status = read_reference(context, sa_yaml_item(value, i), &context->layer->inputs[i], error);
  context->layer->input_count = (uint32_t)count;
  return status;
}

static enum sa_status read_add(const struct context *context, struct sa_yaml_node value,
                               struct sa_error *error) {
  context->layer->has_residual = true;
  return read_reference(context, value, &context->layer->residual, error);
}

/* Height, width and channels of the first input, for keys that depend on them. */
static struct sa_shape input_shape(const struct context *context) {
  const struct sa_layer_input *input = &context->layer->inputs[0];
  struct sa_shape shape = context->reader->net->layers[input->layer].out;
  if (input->c_count) shape.c = input->c_count;
  return shape;
}

/* ---- Keys ---- */

static enum sa_status read_shape(const struct context *context, struct sa_yaml_node value,
                                 struct sa_error *error) {
  return sa_net_read_shape(context->reader, value, context->what, &context->layer->out, error);
}

static enum sa_status read_kernel(const struct context *context, struct sa_yaml_node value,
                                  struct sa_error *error) {
  struct sa_layer *layer = context->layer;
  const enum sa_status status = sa_net_read_pair(context->reader, value, context->what, 1, SA_NET_MAX_KERNEL, &layer->kernel_h,
                                          &layer->kernel_w, error);
  if (context->type == TYPE_MAXPOOL || context->type == TYPE_AVGPOOL) { /* unless it says otherwise */
    layer->stride_h = layer->kernel_h;
    layer->stride_w = layer->kernel_w;
  }
  return status;
}

static enum sa_status read_stride(const struct context *context, struct sa_yaml_node value,
                                  struct sa_error *error) {
  struct sa_layer *layer = context->layer;
  return sa_net_read_pair(context->reader, value, context->what, 1, SA_NET_MAX_STRIDE, &layer->stride_h, &layer->stride_w, error);
}

static enum sa_status read_dilation(const struct context *context, struct sa_yaml_node value,
                                    struct sa_error *error) {
  struct sa_layer *layer = context->layer;
  return sa_net_read_pair(context->reader, value, context->what, 1, SA_NET_MAX_KERNEL, &layer->dilation_h, &layer->dilation_w,
                   error);
}

/* TensorFlow's rule: ceil(in / stride) outputs, the odd element of padding behind. */
static void pad_same(uint32_t in, uint32_t kernel, uint32_t stride, uint32_t dilation, uint32_t *before,
                     uint32_t *after) {
  const uint64_t steps = (in + (uint64_t)stride - 1) / stride - 1;
  const uint64_t covered = steps * stride + (uint64_t)dilation * (kernel - 1) + 1;
  const uint32_t total = covered > in ? (uint32_t)(covered - in) : 0;
  *before = total / 2;
  *after = total - total / 2;
}

static enum sa_status read_pad(const struct context *context, struct sa_yaml_node value,
                               struct sa_error *error) {
  struct sa_layer *layer = context->layer;
  uint32_t *const sides[] = {&layer->pad_top, &layer->pad_left, &layer->pad_bottom, &layer->pad_right};
  if (strcmp(sa_yaml_text(value), "same") == 0) {
    const struct sa_shape in = input_shape(context);
    pad_same(in.h, layer->kernel_h, layer->stride_h, layer->dilation_h, &layer->pad_top,
             &layer->pad_bottom);
    pad_same(in.w, layer->kernel_w, layer->stride_w, layer->dilation_w, &layer->pad_left,
             &layer->pad_right);
    return SA_OK;
  }
  if (sa_yaml_kind(value) == SA_YAML_SEQUENCE && sa_yaml_count(value) == 4) {
    enum sa_status status = SA_OK;
    for (size_t i = 0; i < 4 && !status; i++)
      status = sa_net_read_u32(context->reader, sa_yaml_item(value, i), context->what, 0, SA_NET_MAX_SIZE, sides[i], error);
    return status;
  }
  if (sa_yaml_kind(value) == SA_YAML_SEQUENCE && sa_yaml_count(value) != 2)
    return sa_yaml_fail(value, error, "%s has %zu numbers; it must be one number, [h, w], "
                        "[top, left, bottom, right] or same", context->what, sa_yaml_count(value));
  const enum sa_status status =
      sa_net_read_pair(context->reader, value, context->what, 0, SA_NET_MAX_SIZE, &layer->pad_top, &layer->pad_left, error);
  layer->pad_bottom = layer->pad_top;
  layer->pad_right = layer->pad_left;
  return status;
}

static enum sa_status read_out(const struct context *context, struct sa_yaml_node value,
                               struct sa_error *error) {
  return sa_net_read_u32(context->reader, value, context->what, 1, SA_NET_MAX_SIZE, &context->layer->out.c, error);
}

static enum sa_status read_groups(const struct context *context, struct sa_yaml_node value,
                                  struct sa_error *error) {
  return sa_net_read_u32(context->reader, value, context->what, 1, SA_NET_MAX_SIZE, &context->layer->groups, error);
}

static enum sa_status read_heads(const struct context *context, struct sa_yaml_node value,
                                 struct sa_error *error) {
  return sa_net_read_u32(context->reader, value, context->what, 1, SA_NET_MAX_SIZE, &context->layer->heads, error);
}

static enum sa_status read_kv_heads(const struct context *context, struct sa_yaml_node value,
                                    struct sa_error *error) {
  return sa_net_read_u32(context->reader, value, context->what, 1, SA_NET_MAX_SIZE, &context->layer->kv_heads, error);
}

static enum sa_status read_flatten(const struct context *context, struct sa_yaml_node value,
                                   struct sa_error *error) {
  return sa_yaml_read_bool(value, context->what, &context->layer->flatten, error);
}

static enum sa_status read_transpose(const struct context *context, struct sa_yaml_node value,
                                     struct sa_error *error) {
  return sa_yaml_read_bool(value, context->what, &context->layer->transpose_b, error);
}

static enum sa_status read_rms(const struct context *context, struct sa_yaml_node value,
                               struct sa_error *error) {
  return sa_yaml_read_bool(value, context->what, &context->layer->rms, error);
}

static enum sa_status read_rotate(const struct context *context, struct sa_yaml_node value,
                                  struct sa_error *error) {
  return sa_yaml_read_bool(value, context->what, &context->layer->rotate, error);
}

static enum sa_status read_length(const struct context *context, struct sa_yaml_node value,
                                  struct sa_error *error) {
  return sa_net_read_u32(context->reader, value, context->what, 1, SA_NET_MAX_SIZE, &context->layer->out.w, error);
}

static enum sa_status read_bias(const struct context *context, struct sa_yaml_node value,
                                struct sa_error *error) {
  return sa_yaml_read_bool(value, context->what, &context->layer->has_bias, error);
}

/* A layer has a bias unless it says no or a batch norm takes its place. */
static enum sa_status read_batch_norm(const struct context *context, struct sa_yaml_node value,
                                      struct sa_error *error) {
  const enum sa_status status =
      sa_yaml_read_bool(value, context->what, &context->layer->has_batch_norm, error);
  if (!status) context->layer->has_bias = !context->layer->has_batch_norm;
  return status;
}

static enum sa_status read_act(const struct context *context, struct sa_yaml_node value,
                               struct sa_error *error) {
  const char *words[SA_ACT_SWISH + 1];
  const size_t count = sizeof words / sizeof *words;
  for (size_t i = 0; i < count; i++) words[i] = sa_activation_name((enum sa_activation)i);
  size_t index = 0;
  const enum sa_status status = sa_yaml_read_word(value, context->what, words, count, &index, error);
  context->layer->activation = (enum sa_activation)index;
  return status;
}

static enum sa_status read_global(const struct context *context, struct sa_yaml_node value,
                                  struct sa_error *error) {
  bool global = false;
  const enum sa_status status = sa_yaml_read_bool(value, context->what, &global, error);
  if (status || !global) return status;
  if (sa_yaml_kind(sa_yaml_get(context->node, "kernel")) != SA_YAML_NONE)
    return sa_yaml_fail(value, error, "%s is true and there is a kernel; it must be one or the other",
                        context->what);
  const struct sa_shape in = input_shape(context);
  if (in.h > SA_NET_MAX_KERNEL || in.w > SA_NET_MAX_KERNEL)
    return sa_yaml_fail(value, error, "%s needs a window of %u x %u; it must be at most %u",
                        context->what, in.h, in.w, SA_NET_MAX_KERNEL);
  context->layer->kernel_h = in.h;
  context->layer->kernel_w = in.w;
  return SA_OK;
}

#define T(type) (1u << TYPE_##type)
#define WINDOWS (T(CONV) | T(DWCONV) | T(MAXPOOL) | T(AVGPOOL))
#define LEARNED (T(CONV) | T(DWCONV) | T(FC))
#define CELLS (T(LSTM) | T(GRU) | T(RNN))
#define PAIRS (T(MATMUL) | T(ADD) | T(MUL) | T(CONCAT))
#define ALL ((1u << TYPES) - 1)

/* Read in this order: a key may look at what those above it said. */
static const struct key {
  const char *name;
  uint32_t types;    /* that have it */
  uint32_t required; /* of those, the ones that must have it */
  bool own;          /* not allowed under `defaults` */
  enum sa_status (*read)(const struct context *context, struct sa_yaml_node value, struct sa_error *error);
} keys[] = {
    {"name", ALL, ALL, true, NULL}, /* these two are read before the table is walked */
    {"type", ALL, ALL, true, NULL},
    {"when", ALL, 0, true, NULL}, /* and this one by net_yaml.c */
    {"shape", T(INPUT), T(INPUT), true, read_shape},
    {"input", ALL & ~(PAIRS | T(INPUT)), 0, true, read_input},
    {"inputs", PAIRS, PAIRS, true, read_inputs},
    {"add", LEARNED | T(MATMUL), 0, true, read_add},
    {"out", LEARNED | CELLS, T(CONV) | T(FC) | CELLS, false, read_out},
    {"global", T(MAXPOOL) | T(AVGPOOL), 0, true, read_global},
    {"kernel", WINDOWS, WINDOWS, false, read_kernel}, /* or global */
    {"factor", T(UPSAMPLE), T(UPSAMPLE), false, read_kernel},
    {"stride", WINDOWS, 0, false, read_stride},
    {"dilation", T(CONV) | T(DWCONV), 0, false, read_dilation},
    {"pad", WINDOWS, 0, false, read_pad},
    {"groups", T(CONV), 0, false, read_groups},
    {"batch_norm", LEARNED, 0, false, read_batch_norm},
    {"bias", LEARNED | CELLS, 0, false, read_bias},
    {"act", LEARNED | T(MATMUL) | T(ADD) | T(MUL) | T(ACT), T(ACT), false, read_act},
    {"flatten", T(FC), 0, false, read_flatten},
    {"heads", T(MATMUL), 0, false, read_heads},
    {"kv_heads", T(MATMUL), 0, false, read_kv_heads},
    {"transpose_b", T(MATMUL), 0, false, read_transpose},
    {"rms", T(NORM), 0, false, read_rms},
    {"rotate", T(MUL), 0, false, read_rotate},
    {"length", T(CACHE), T(CACHE), false, read_length},
};
#define KEYS (sizeof keys / sizeof *keys)

/* Keys of a type, for checks and suggestions. Returns how many. */
static size_t keys_of(enum type type, bool defaults, const char *names[KEYS]) {
  size_t count = 0;
  for (size_t i = 0; i < KEYS; i++)
    if (keys[i].types >> type & 1 && !(defaults && keys[i].own)) names[count++] = keys[i].name;
  return count;
}

enum sa_status sa_net_check_defaults(struct sa_yaml_node defaults, struct sa_error *error) {
  enum sa_status status = sa_yaml_check_keys(defaults, "defaults", type_names, TYPES, error);
  for (size_t i = 0; i < sa_yaml_count(defaults) && !status; i++) {
    size_t type = 0;
    status = sa_yaml_read_word(sa_yaml_key(defaults, i), "type", type_names, TYPES, &type, error);
    if (status) break;
    const char *names[KEYS];
    const size_t count = keys_of((enum type)type, true, names);
    char what[WHAT];
    snprintf(what, sizeof what, "defaults of %s", type_names[type]);
    status = sa_yaml_check_keys(sa_yaml_value(defaults, i), what, names, count, error);
  }
  return status;
}

/* Walks the table of keys over the mapping and the defaults of its type. */
static enum sa_status read_keys(struct context *context, struct sa_error *error) {
  const struct sa_yaml_node defaults = sa_yaml_get(context->reader->defaults, type_names[context->type]);
  for (size_t i = 0; i < KEYS; i++) {
    const struct key *key = &keys[i];
    if (!(key->types >> context->type & 1) || !key->read) continue;
    struct sa_yaml_node value = sa_yaml_get(context->node, key->name);
    if (sa_yaml_kind(value) == SA_YAML_NONE && !key->own) value = sa_yaml_get(defaults, key->name);
    if (sa_yaml_kind(value) == SA_YAML_NONE) {
      const bool given = key->read == read_kernel && context->layer->kernel_h; /* by global */
      if (key->required >> context->type & 1 && !given)
        return sa_yaml_fail(context->node, error, "layer %s: %s needs the key \"%s\"",
                            context->layer->name, type_names[context->type], key->name);
      continue;
    }
    char what[WHAT];
    snprintf(what, sizeof what, "layer %s: %s", context->layer->name, key->name);
    context->what = what;
    const enum sa_status status = key->read(context, value, error);
    if (status) return status;
  }
  return SA_OK;
}

enum sa_status sa_net_append(struct sa_net_reader *reader, const struct sa_layer *layer,
                             struct sa_yaml_node place, struct sa_error *error) {
  struct sa_net *net = reader->net;
  if (net->layer_count >= SA_NET_MAX_LAYERS)
    return sa_yaml_fail(place, error, "the network has more than %u layers", SA_NET_MAX_LAYERS);
  if (sa_names_find(&reader->names, net, layer->name) != UINT32_MAX)
    return sa_yaml_fail(place, error, "two layers are named %s", layer->name);
  struct sa_layer *grown =
      sa_vec_grow(net->layers, &reader->capacity, (size_t)net->layer_count + 1, sizeof *grown);
  if (!grown) return sa_fail(error, SA_ERR_MEMORY, "out of memory for %u layers", net->layer_count);
  net->layers = grown;
  net->layers[net->layer_count++] = *layer;
  enum sa_status status = sa_net_finish_layer(net, net->layer_count - 1, error);
  if (status)
    return sa_error_locate(error, status, sa_yaml_file(place), sa_yaml_line(place),
                           sa_yaml_column(place));
  return sa_names_add(&reader->names, net, net->layer_count - 1, error);
}

enum sa_status sa_net_read_layer(struct sa_net_reader *reader, const struct sa_net_scope *scope,
                                 struct sa_yaml_node node, struct sa_error *error) {
  struct sa_layer layer = {.stride_h = 1, .stride_w = 1, .dilation_h = 1, .dilation_w = 1};
  layer.block = scope->block;
  enum sa_status status = sa_yaml_expect(node, SA_YAML_MAPPING, "a layer", error);
  if (status) return status;
  const struct sa_yaml_node name = sa_yaml_get(node, "name"), word = sa_yaml_get(node, "type");
  if (sa_yaml_kind(name) == SA_YAML_NONE)
    return sa_yaml_fail(node, error, "a layer needs the key \"name\"");
  status = sa_net_read_name(scope, name, "a layer's name", layer.name, error);
  if (status) return status;
  char what[WHAT];
  snprintf(what, sizeof what, "layer %s: type", layer.name);
  if (sa_yaml_kind(word) == SA_YAML_NONE)
    return sa_yaml_fail(node, error, "layer %s needs the key \"type\"", layer.name);
  size_t type = 0;
  status = sa_yaml_read_word(word, what, type_names, TYPES, &type, error);
  if (status) return status;
  layer.kind = type_kinds[type];

  const char *known[KEYS];
  const size_t count = keys_of((enum type)type, false, known);
  snprintf(what, sizeof what, "layer %s (%s)", layer.name, type_names[type]);
  status = sa_yaml_check_keys(node, what, known, count, error);
  if (status) return status;

  struct context context = {reader, scope, node, (enum type)type, &layer, NULL};
  const uint32_t bit = 1u << type;
  layer.has_bias = (bit & (LEARNED | CELLS)) != 0;
  if (!(bit & (PAIRS | T(INPUT)))) { /* the layer before, unless it says otherwise */
    layer.inputs[0].layer = sa_net_find_layer(reader, scope, "prev");
    layer.input_count = 1;
  }
  status = read_keys(&context, error);
  if (status) return status;
  if (type == TYPE_DWCONV) {
    layer.groups = input_shape(&context).c;
    if (layer.out.c == 0) layer.out.c = layer.groups;
  }
  return sa_net_append(reader, &layer, name, error);
}
