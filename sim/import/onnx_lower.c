/* Lowering, the walk and what all rules share: see onnx_lower.h. */
#include "import/onnx_lower.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

static const struct lower_row {
  const char *name;
  sa_lower_rule *rule;
} rows[] = {
#define SA_ONNX_OP(name, shape_rule, rule) {#name, sa_lower_##rule},
#include "import/onnx_ops.def"
#undef SA_ONNX_OP
};

static sa_lower_rule *find_rule(const struct sa_onnx_node *node) {
  if (!sa_onnx_op_known(node)) return NULL;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (sa_span_is(node->op, rows[i].name)) return rows[i].rule;
  return NULL;
}

const struct sa_onnx_info *sa_lower_in_info(const struct sa_lower *l, uint32_t i) {
  const uint32_t value = sa_onnx_input(l->model, sa_lower_node(l), i);
  return value == SA_ONNX_NONE ? NULL : &l->shapes->infos[value];
}

const struct sa_onnx_info *sa_lower_out_info(const struct sa_lower *l, uint32_t i) {
  const uint32_t value = sa_onnx_output(l->model, sa_lower_node(l), i);
  return value == SA_ONNX_NONE ? NULL : &l->shapes->infos[value];
}

struct sa_value *sa_lower_in(const struct sa_lower *l, uint32_t i) {
  const uint32_t value = sa_onnx_input(l->model, sa_lower_node(l), i);
  return value == SA_ONNX_NONE ? NULL : &l->values[value];
}

struct sa_value *sa_lower_out(const struct sa_lower *l, uint32_t i) {
  const uint32_t value = sa_onnx_output(l->model, sa_lower_node(l), i);
  return value == SA_ONNX_NONE ? NULL : &l->values[value];
}

struct sa_infer sa_lower_infer(struct sa_lower *l, uint64_t *fold_left) {
  *fold_left = 0;
  return (struct sa_infer){l->model, l->shapes, sa_lower_node(l), fold_left, l->error};
}

enum sa_status sa_lower_cannot(struct sa_lower *l, const char *format, ...) {
  char text[600];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  l->cannot = true;
  return sa_onnx_node_fail(l->model, sa_lower_node(l), SA_ERR_INPUT, l->error, "%s", text);
}

const struct sa_shape *sa_lower_shape(const struct sa_lower *l, const struct sa_view *view) {
  return &l->net->layers[view->from.layer].out;
}

/* Room for one more layer in the net and in is_output. */
static enum sa_status make_room(struct sa_lower *l) {
  if (l->net->layer_count >= SA_NET_MAX_LAYERS)
    return sa_fail(l->error, SA_ERR_LIMIT, "the network would have more than %u layers", SA_NET_MAX_LAYERS);
  struct sa_layer *layers =
      sa_vec_grow(l->net->layers, &l->layer_capacity, l->net->layer_count + 1u, sizeof *layers);
  if (!layers) return sa_fail(l->error, SA_ERR_MEMORY, "out of memory");
  l->net->layers = layers;
  bool *outputs = sa_vec_grow(l->is_output, &l->output_capacity, l->net->layer_count + 1u, sizeof *outputs);
  if (!outputs) return sa_fail(l->error, SA_ERR_MEMORY, "out of memory");
  l->is_output = outputs;
  return SA_OK;
}

/* Appends and finishes; the name is made of the bytes. A layer that breaks a rule of networks is taken
 * back: the node cannot be expressed. */
static enum sa_status append(struct sa_lower *l, struct sa_layer *layer, struct sa_span name,
                             uint32_t *number) {
  enum sa_status status = make_room(l);
  if (!status)
    status = sa_name_table_make(&l->names, (const char *)name.data, name.bytes, "layer", layer->name,
                                l->error);
  if (status) return status;
  *number = l->net->layer_count++;
  l->net->layers[*number] = *layer;
  l->is_output[*number] = false;
  struct sa_error why;
  status = sa_net_finish_layer(l->net, *number, &why);
  if (!status) return SA_OK;
  l->net->layer_count--;
  return sa_lower_cannot(l, "%s", why.message);
}

/* A node's name, or its first output's. */
static struct sa_span node_name(const struct sa_lower *l, const struct sa_onnx_node *node) {
  const uint32_t out = sa_onnx_output(l->model, node, 0);
  return node->name.bytes || out == SA_ONNX_NONE ? node->name : l->model->values[out].name;
}

enum sa_status sa_lower_emit(struct sa_lower *l, struct sa_layer *layer, uint32_t *number) {
  return append(l, layer, node_name(l, sa_lower_node(l)), number);
}

void sa_lower_set_view(struct sa_lower *l, uint32_t i, const struct sa_view *view) {
  struct sa_value *out = sa_lower_out(l, i);
  if (out) *out = (struct sa_value){.kind = SA_VALUE_TENSOR, .view = *view};
}

void sa_lower_set(struct sa_lower *l, uint32_t i, uint32_t layer, int rank, const enum sa_axis *axes) {
  struct sa_view view;
  sa_view_init(&view, layer, &l->net->layers[layer].out, rank, axes);
  sa_lower_set_view(l, i, &view);
}

void sa_lower_set_like(struct sa_lower *l, uint32_t i, const struct sa_view *view, uint32_t layer) {
  struct sa_view next = *view;
  next.from = (struct sa_layer_input){.layer = layer, .c_count = l->net->layers[layer].out.c};
  sa_lower_set_view(l, i, &next);
}

/* The activation that stands for a function, and whether its values are other ones. */
static enum sa_activation activation_of(enum sa_func func, bool *exact) {
  *exact = func <= SA_FUNC_SWISH;
  switch (func) {
    case SA_FUNC_RELU: return SA_ACT_RELU;
    case SA_FUNC_RELU6: return SA_ACT_RELU6;
    case SA_FUNC_GELU: return SA_ACT_GELU;
    case SA_FUNC_SIGMOID: return SA_ACT_SIGMOID;
    case SA_FUNC_SWISH: return SA_ACT_SWISH;
    default: return SA_ACT_TANH;
  }
}

/* Makes a pending function a layer, named after the node that made the value. */
static enum sa_status settle_func(struct sa_lower *l, uint32_t number) {
  struct sa_value *value = &l->values[number];
  const struct sa_onnx_value *from = &l->model->values[number];
  const struct sa_span name =
      from->producer == SA_ONNX_NONE ? from->name : node_name(l, &l->model->nodes[from->producer]);
  bool exact;
  struct sa_layer act = {.kind = SA_LAYER_ACT, .inputs = {value->view.from}, .input_count = 1,
                         .activation = activation_of(value->func, &exact)};
  uint32_t layer;
  const enum sa_status status = append(l, &act, name, &layer);
  if (status) return status;
  if (!exact) {
    char text[80];
    sa_notes_add(l->notes,
                 "'%s': its function runs as tanh, a table as any other: the same cycles, other values",
                 sa_name_show((const char *)name.data, name.bytes, text, sizeof text));
  }
  value->view.from = (struct sa_layer_input){.layer = layer, .c_count = l->net->layers[layer].out.c};
  value->func = SA_FUNC_NONE;
  return SA_OK;
}

enum sa_status sa_lower_settle(struct sa_lower *l, uint32_t number, struct sa_view *view, uint32_t pad[4]) {
  struct sa_value *value = &l->values[number];
  if (value->kind != SA_VALUE_TENSOR)
    return sa_lower_cannot(l, "its operand is no tensor that a layer computes");
  const bool is_padded = value->pad[0] || value->pad[1] || value->pad[2] || value->pad[3];
  if (is_padded && !pad) return sa_lower_cannot(l, "it reads a padded tensor; convolutions and pools can");
  if (value->func) {
    const enum sa_status status = settle_func(l, number);
    if (status) return status;
  }
  *view = value->view;
  if (pad) memcpy(pad, value->pad, sizeof value->pad);
  return SA_OK;
}

enum sa_status sa_lower_tensor(struct sa_lower *l, uint32_t i, struct sa_view *view, uint32_t pad[4]) {
  const uint32_t number = sa_onnx_input(l->model, sa_lower_node(l), i);
  if (number == SA_ONNX_NONE) return sa_lower_cannot(l, "it lacks its input %u", i);
  return sa_lower_settle(l, number, view, pad);
}

uint32_t sa_lower_sole_use(const struct sa_lower *l, uint32_t value) {
  if (value == SA_ONNX_NONE) return SA_ONNX_NONE;
  const uint32_t first = l->first_use[value], last = l->first_use[value + 1];
  return last - first == 1 && !l->model->values[value].is_output ? l->uses[first] : SA_ONNX_NONE;
}

bool sa_lower_is_constant(const struct sa_lower *l, uint32_t value, uint64_t elems) {
  if (value == SA_ONNX_NONE || !l->shapes->infos[value].is_constant) return false;
  return elems == 0 || (l->shapes->infos[value].shape.rank >= 0 &&
                        sa_onnx_elems(&l->shapes->infos[value].shape) == elems);
}

/* Appends a network input whose dimensions are these axes. */
static enum sa_status add_input(struct sa_lower *l, const struct sa_onnx_shape *shape,
                                const enum sa_axis *axes, struct sa_span name, struct sa_view *view) {
  struct sa_shape out = {1, 1, 1, 1};
  uint32_t *const sizes[] = {&out.n, &out.h, &out.w, &out.c};
  for (int d = 0; d < shape->rank; d++) *sizes[axes[d]] = (uint32_t)shape->dims[d];
  if (!l->batch_known) {
    l->net->batch = out.n;
    l->batch_known = true;
  }
  if (out.n != l->net->batch)
    return sa_lower_cannot(l, "its batch would be %" PRIu32 " where the network's is %" PRIu32, out.n,
                           l->net->batch);
  struct sa_layer input = {.kind = SA_LAYER_INPUT, .out = out};
  uint32_t layer;
  const enum sa_status status = append(l, &input, name, &layer);
  if (!status) sa_view_init(view, layer, &out, shape->rank, axes);
  return status;
}

static const enum sa_axis CHANNELS_FIRST[4] = {SA_AXIS_N, SA_AXIS_C, SA_AXIS_H, SA_AXIS_W};

/* Axes of a tensor from outside: batch first where its size allows, channels last but for images. */
static bool outside_axes(const struct sa_lower *l, const struct sa_onnx_shape *shape, bool image,
                         enum sa_axis axes[4]) {
  const bool first = !l->batch_known || shape->dims[0] == l->net->batch;
  const bool second = l->batch_known && shape->rank > 1 && shape->dims[1] == l->net->batch;
  static const enum sa_axis tokens[3] = {SA_AXIS_N, SA_AXIS_W, SA_AXIS_C};
  switch (shape->rank) {
    case 1:
      axes[0] = SA_AXIS_C;
      return true;
    case 2:
      axes[0] = first ? SA_AXIS_N : SA_AXIS_W;
      axes[1] = SA_AXIS_C;
      return true;
    case 3:
      memcpy(axes, image ? (const enum sa_axis[]){SA_AXIS_N, SA_AXIS_C, SA_AXIS_W} : tokens,
             3 * sizeof *axes);
      if (!first && second && !image) axes[0] = SA_AXIS_W, axes[1] = SA_AXIS_N;
      return true;
    case 4:
      memcpy(axes, CHANNELS_FIRST, sizeof CHANNELS_FIRST);
      return true;
    default:
      return false;
  }
}

/* What the node reads goes to the host: its layers are outputs of the network. */
static enum sa_status hand_over(struct sa_lower *l) {
  for (uint32_t i = 0; i < sa_lower_node(l)->input_count; i++) {
    const struct sa_value *in = sa_lower_in(l, i);
    struct sa_view view;
    uint32_t pad[4];
    if (!in || in->kind != SA_VALUE_TENSOR) continue;
    const enum sa_status status = sa_lower_tensor(l, i, &view, pad);
    if (status) return status;
    l->is_output[view.from.layer] = true;
  }
  return SA_OK;
}

enum sa_status sa_lower_restart(struct sa_lower *l, const struct sa_onnx_shape *shape, bool image,
                                const char *why, struct sa_view *view) {
  enum sa_axis axes[4];
  struct sa_onnx_shape given = *shape;
  const bool heads = shape->rank == 4 && !image; /* N, heads, tokens, width of one */
  if (shape->rank < 1 || shape->rank > 4) return sa_lower_cannot(l, "%s", why);
  enum sa_status status = hand_over(l);
  if (status) return status;
  if (heads)
    given =
        (struct sa_onnx_shape){3, {shape->dims[0], shape->dims[2], shape->dims[1] * shape->dims[3]}};
  if (sa_onnx_elems(shape) == 0 || !outside_axes(l, &given, image, axes))
    return sa_lower_cannot(l, "%s", why);
  const struct sa_span name = node_name(l, sa_lower_node(l));
  status = add_input(l, &given, axes, name, view);
  if (status) return status;
  if (heads) {
    const int64_t split[4] = {shape->dims[0], shape->dims[2], shape->dims[1], shape->dims[3]};
    static const int64_t perm[4] = {0, 2, 1, 3};
    if (!sa_view_reshape(view, 4, split)) return sa_lower_cannot(l, "%s", why);
    sa_view_transpose(view, perm);
  }
  struct sa_restart *grown =
      sa_vec_grow(l->restarts, &l->restart_capacity, l->restart_count + 1, sizeof *grown);
  if (!grown) return sa_fail(l->error, SA_ERR_MEMORY, "out of memory");
  l->restarts = grown;
  grown[l->restart_count++] = (struct sa_restart){view->from.layer, *shape, why};
  return SA_OK;
}

/* Axes that the readers of a graph input give away. */
static void reader_axes(const struct sa_lower *l, uint32_t value, int rank, enum sa_axis axes[4]) {
  static const enum sa_axis last[4] = {SA_AXIS_N, SA_AXIS_H, SA_AXIS_W, SA_AXIS_C};
  for (uint32_t k = l->first_use[value]; k < l->first_use[value + 1]; k++) {
    const struct sa_onnx_node *node = &l->model->nodes[l->uses[k]];
    int64_t perm[SA_ONNX_MAX_RANK], layout = 0;
    int count = -1;
    struct sa_error ignored;
    if (sa_span_is(node->op, "LSTM") && rank == 3 &&
        !sa_onnx_int(l->model, node, "layout", 0, &layout, &ignored) && !layout)
      axes[0] = SA_AXIS_W, axes[1] = SA_AXIS_N;
    if (sa_span_is(node->op, "Conv") && rank == 3) axes[1] = SA_AXIS_C, axes[2] = SA_AXIS_W;
    if (sa_span_is(node->op, "Transpose") && rank == 4 &&
        !sa_onnx_ints(l->model, node, "perm", perm, SA_ONNX_MAX_RANK, &count, &ignored) && count == 4 &&
        perm[1] == 3)
      memcpy(axes, last, sizeof last); /* TensorFlow's images have their channels last */
  }
}

enum sa_status sa_lower_graph_input(struct sa_lower *l, uint32_t number) {
  const struct sa_onnx_info *info = &l->shapes->infos[number];
  struct sa_value *value = &l->values[number];
  if (!sa_onnx_type_is_float(info->type) && info->type != SA_ONNX_UNDEFINED && info->type != SA_ONNX_INT8 &&
      info->type != SA_ONNX_UINT8) {
    value->kind = SA_VALUE_INDEX;
    return SA_OK;
  }
  enum sa_axis axes[4];
  char text[80], size[100];
  const struct sa_span name = l->model->values[number].name;
  sa_name_show((const char *)name.data, name.bytes, text, sizeof text);
  if (info->shape.rank < 1 || !outside_axes(l, &info->shape, false, axes))
    return sa_onnx_fail(l->model, name.data, SA_ERR_INPUT, l->error,
                        "the input '%s' is %s; one to four dimensions are understood", text,
                        sa_onnx_shape_text(&info->shape, size, sizeof size));
  reader_axes(l, number, info->shape.rank, axes);
  const enum sa_status status = add_input(l, &info->shape, axes, name, &value->view);
  value->kind = SA_VALUE_TENSOR;
  if (status && l->cannot)
    return sa_onnx_fail(l->model, name.data, SA_ERR_INPUT, l->error,
                        "the input '%s' of %s does not fit the others' batch", text,
                        sa_onnx_shape_text(&info->shape, size, sizeof size));
  return status;
}

/* Lists the consumers of every value. */
static enum sa_status list_uses(struct sa_lower *l) {
  const struct sa_onnx_model *model = l->model;
  uint64_t total = 0;
  for (uint32_t i = 0; i < model->node_count; i++) total += model->nodes[i].input_count;
  l->first_use = calloc(model->value_count + 2u, sizeof *l->first_use);
  l->uses = calloc(total + 1, sizeof *l->uses);
  l->values = calloc(model->value_count + 1u, sizeof *l->values);
  l->absorbed = calloc(model->node_count + 1u, sizeof *l->absorbed);
  if (!l->first_use || !l->uses || !l->values || !l->absorbed)
    return sa_fail(l->error, SA_ERR_MEMORY, "out of memory for the model's %u tensors", model->value_count);
  for (uint32_t i = 0; i < model->node_count; i++)
    for (uint32_t k = 0; k < model->nodes[i].input_count; k++) {
      const uint32_t value = sa_onnx_input(model, &model->nodes[i], k);
      if (value != SA_ONNX_NONE) l->first_use[value + 2]++;
    }
  for (uint32_t v = 2; v <= model->value_count + 1; v++) l->first_use[v] += l->first_use[v - 1];
  for (uint32_t i = 0; i < model->node_count; i++) /* first_use[v + 1] moves from v's begin to its end */
    for (uint32_t k = 0; k < model->nodes[i].input_count; k++) {
      const uint32_t value = sa_onnx_input(model, &model->nodes[i], k);
      if (value != SA_ONNX_NONE) l->uses[l->first_use[value + 1]++] = i;
    }
  return SA_OK;
}

/* A node none of whose inputs is a tensor makes no tensor: true, and its outputs are set. A lookup in a
 * constant table by token numbers does make one. */
static bool lower_constant(struct sa_lower *l) {
  const struct sa_onnx_node *node = sa_lower_node(l);
  bool index = false;
  for (uint32_t i = 0; i < node->input_count; i++) {
    const struct sa_value *in = sa_lower_in(l, i);
    if (!in) continue;
    if (in->kind == SA_VALUE_TENSOR || in->kind == SA_VALUE_UNKNOWN) {
      if (!sa_span_is(node->op, "Shape") && !sa_span_is(node->op, "Size")) return false;
    }
    index |= in->kind == SA_VALUE_INDEX;
  }
  if (index && sa_span_is(node->op, "Gather") && sa_lower_in(l, 0)->kind == SA_VALUE_CONSTANT &&
      sa_onnx_type_is_float(sa_lower_in_info(l, 0)->type))
    return false;
  for (uint32_t i = 0; i < node->output_count; i++) {
    struct sa_value *out = sa_lower_out(l, i);
    if (out) out->kind = index ? SA_VALUE_INDEX : SA_VALUE_CONSTANT;
  }
  return true;
}

/* What stands for the outputs of a node that is skipped. */
static enum sa_status skip_node(struct sa_lower *l) {
  const struct sa_onnx_node *node = sa_lower_node(l);
  const struct sa_value *in = sa_lower_in(l, 0);
  const struct sa_onnx_info *in_info = sa_lower_in_info(l, 0);
  for (uint32_t i = 0; i < node->output_count; i++) {
    struct sa_value *out = sa_lower_out(l, i);
    const struct sa_onnx_info *info = sa_lower_out_info(l, i);
    if (!out) continue;
    struct sa_view view;
    const bool same = in && in->kind == SA_VALUE_TENSOR && in_info->shape.rank == info->shape.rank &&
                      memcmp(in_info->shape.dims, info->shape.dims, sizeof info->shape.dims) == 0;
    if (same) {
      *out = *in;
    } else if (info->shape.rank >= 0 && !sa_lower_restart(l, &info->shape, info->shape.rank == 4,
                                                          "what makes it is skipped", &view)) {
      sa_lower_set_view(l, i, &view);
    } else {
      out->kind = SA_VALUE_UNKNOWN;
    }
  }
  return SA_OK;
}

static enum sa_status lower_node(struct sa_lower *l, bool skip, uint32_t *skipped) {
  const struct sa_onnx_node *node = sa_lower_node(l);
  sa_lower_rule *rule = find_rule(node);
  bool unknown = !rule;
  if (rule && lower_constant(l)) return SA_OK;
  for (uint32_t i = 0; i < node->input_count; i++) {
    const struct sa_value *in = sa_lower_in(l, i);
    const struct sa_onnx_info *info = sa_lower_in_info(l, i);
    unknown |= in && (in->kind == SA_VALUE_UNKNOWN || info->shape.rank < 0);
  }
  const struct sa_onnx_info *out = sa_lower_out_info(l, 0);
  l->cannot = false;
  enum sa_status status = SA_OK;
  if (unknown)
    status = sa_lower_cannot(l, rule ? "the shape of an input is not known" : "this operator is not known");
  else if (!out || out->shape.rank < 0)
    status = sa_lower_cannot(l, "the shape of its output is not known");
  else
    status = rule(l);
  if (!(status && l->cannot && skip)) return status;
  if (!unknown) sa_notes_add(l->notes, "skipped: %s", l->error->message);
  ++*skipped;
  return skip_node(l);
}

/* The graph's outputs: pending functions become layers, and their layers are what the user gets. */
static enum sa_status settle_outputs(struct sa_lower *l) {
  for (uint32_t i = 0; i < l->model->output_count; i++) {
    const uint32_t number = l->model->outputs[i];
    if (l->values[number].kind != SA_VALUE_TENSOR) continue;
    struct sa_view view;
    uint32_t pad[4];
    l->node = l->model->values[number].producer;
    if (l->node == SA_ONNX_NONE) continue; /* an input handed through */
    const enum sa_status status = sa_lower_settle(l, number, &view, pad);
    if (status) return status;
    l->is_output[view.from.layer] = true;
  }
  return SA_OK;
}

enum sa_status sa_lower_run(struct sa_lower *l, bool skip, uint32_t *skipped) {
  const struct sa_onnx_model *model = l->model;
  sa_name_table_init(&l->names);
  *skipped = 0;
  enum sa_status status = list_uses(l);
  for (uint32_t i = 0; i < model->value_count && !status; i++)
    if (model->values[i].tensor.data) l->values[i].kind = SA_VALUE_CONSTANT;
  for (uint32_t i = 0; i < model->input_count && !status; i++)
    status = sa_lower_graph_input(l, model->inputs[i]);
  for (l->node = 0; l->node < model->node_count && !status; l->node++)
    if (!l->absorbed[l->node]) status = lower_node(l, skip, skipped);
  return status ? status : settle_outputs(l);
}

void sa_lower_release(struct sa_lower *l) {
  free(l->values);
  free(l->absorbed);
  free(l->first_use);
  free(l->uses);
  free(l->is_output);
  free(l->restarts);
  sa_name_table_release(&l->names);
}
