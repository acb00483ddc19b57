/* Shape inference, the walk over the nodes and what all rules share: see onnx_shape.h. */
#include "import/onnx_shape.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import/names.h"
#include "import/onnx_infer.h"

static const struct op_rule {
  const char *name;
  sa_infer_rule *rule;
} rules[] = {
#define SA_ONNX_OP(name, rule, lower) {#name, sa_infer_##rule},
#include "import/onnx_ops.def"
#undef SA_ONNX_OP
};

static sa_infer_rule *find_rule(const struct sa_onnx_node *node) {
  if (node->domain.bytes && !sa_span_is(node->domain, "ai.onnx")) return NULL;
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
    if (sa_span_is(node->op, rules[i].name)) return rules[i].rule;
  return NULL;
}

bool sa_onnx_op_known(const struct sa_onnx_node *node) { return find_rule(node) != NULL; }

char *sa_onnx_shape_text(const struct sa_onnx_shape *shape, char *text, size_t size) {
  size_t used = 0;
  snprintf(text, size, "%s", shape->rank < 0 ? "unknown" : "scalar");
  for (int i = 0; i < shape->rank && used < size; i++)
    used += (size_t)snprintf(text + used, size - used, "%s%" PRId64, i ? " x " : "", shape->dims[i]);
  return text;
}

const struct sa_onnx_info *sa_infer_in(const struct sa_infer *n, uint32_t i) {
  const uint32_t value = sa_onnx_input(n->model, n->node, i);
  return value == SA_ONNX_NONE ? NULL : &n->shapes->infos[value];
}

struct sa_onnx_info *sa_infer_out(const struct sa_infer *n, uint32_t i) {
  const uint32_t value = sa_onnx_output(n->model, n->node, i);
  return value == SA_ONNX_NONE ? NULL : &n->shapes->infos[value];
}

enum sa_status sa_infer_fail(const struct sa_infer *n, const char *format, ...) {
  char text[600];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  return sa_onnx_node_fail(n->model, n->node, SA_ERR_INPUT, n->error, "%s", text);
}

enum sa_status sa_infer_set(const struct sa_infer *n, struct sa_onnx_info *out,
                            const struct sa_onnx_shape *shape) {
  if (!out) return SA_OK;
  char text[200];
  for (int i = 0; i < shape->rank; i++)
    if (shape->dims[i] < 0 || shape->dims[i] > SA_ONNX_MAX_DIM)
      return sa_infer_fail(n, "its output would be %s; sizes must be between 0 and %" PRId64,
                           sa_onnx_shape_text(shape, text, sizeof text), SA_ONNX_MAX_DIM);
  if (sa_onnx_elems(shape) > (uint64_t)1 << 40)
    return sa_infer_fail(n, "its output of %s has more than 2^40 elements",
                         sa_onnx_shape_text(shape, text, sizeof text));
  out->shape = *shape;
  return SA_OK;
}

union sa_onnx_elem *sa_infer_room(const struct sa_infer *n, struct sa_onnx_info *out) {
  if (!out || out->elems || out->shape.rank < 0) return NULL;
  const uint64_t elems = sa_onnx_elems(&out->shape);
  if (elems > SA_ONNX_FOLD_ELEMS || elems > *n->fold_left) return NULL;
  out->elems = calloc(elems ? elems : 1, sizeof *out->elems);
  if (out->elems) *n->fold_left -= elems;
  return out->elems;
}

void sa_infer_copy(const struct sa_infer *n, const struct sa_onnx_info *in, struct sa_onnx_info *out) {
  if (!in->elems || !out || sa_onnx_elems(&in->shape) != sa_onnx_elems(&out->shape)) return;
  union sa_onnx_elem *elems = sa_infer_room(n, out);
  if (elems) memcpy(elems, in->elems, (size_t)sa_onnx_elems(&in->shape) * sizeof *elems);
}

const union sa_onnx_elem *sa_infer_ints(const struct sa_infer *n, uint32_t i, int64_t *count) {
  const struct sa_onnx_info *in = sa_infer_in(n, i);
  if (!in || !in->elems || !sa_onnx_type_is_integer(in->type)) return NULL;
  *count = (int64_t)sa_onnx_elems(&in->shape);
  return in->elems;
}

enum sa_status sa_infer_list(const struct sa_infer *n, const char *attribute, uint32_t i,
                             int64_t values[SA_ONNX_MAX_RANK], int *count, bool *known) {
  *known = true;
  const enum sa_status status =
      sa_onnx_ints(n->model, n->node, attribute, values, SA_ONNX_MAX_RANK, count, n->error);
  if (status || *count >= 0 || !sa_infer_in(n, i)) return status;
  int64_t given;
  const union sa_onnx_elem *elems = sa_infer_ints(n, i, &given);
  *known = elems != NULL;
  if (!elems) return SA_OK;
  if (given > SA_ONNX_MAX_RANK)
    return sa_infer_fail(n, "its %s are %" PRId64 "; at most %d are understood", attribute, given,
                         SA_ONNX_MAX_RANK);
  for (int64_t k = 0; k < given; k++) values[k] = elems[k].i;
  *count = (int)given;
  return SA_OK;
}

enum sa_status sa_infer_axis(const struct sa_infer *n, int64_t axis, int rank, int *positive) {
  if (axis < -rank || axis >= rank)
    return sa_infer_fail(n, "axis is %" PRId64 "; its input has %d dimensions", axis, rank);
  *positive = (int)(axis < 0 ? axis + rank : axis);
  return SA_OK;
}

struct sa_infer_split sa_infer_split_at(const struct sa_onnx_shape *shape, int axis) {
  struct sa_infer_split split = {1, (uint64_t)shape->dims[axis], 1};
  for (int i = 0; i < axis; i++) split.outer *= (uint64_t)shape->dims[i];
  for (int i = axis + 1; i < shape->rank; i++) split.inner *= (uint64_t)shape->dims[i];
  return split;
}

/* An initializer's shape, and its values if they are few. */
static enum sa_status read_initializer(const struct sa_infer *n, uint32_t number) {
  struct sa_onnx_info *info = &n->shapes->infos[number];
  struct sa_onnx_tensor tensor;
  enum sa_status status =
      sa_onnx_tensor_read(n->model, n->model->values[number].tensor, &tensor, n->error);
  if (status) return status;
  info->type = tensor.type;
  info->shape = tensor.shape;
  info->is_constant = true;
  return sa_infer_read_elems(n, &tensor, info);
}

static enum sa_status fix_dim(const struct sa_infer *n, uint32_t number, int i,
                              const struct sa_onnx_dim *dim, const struct sa_onnx_dim_override *dims,
                              size_t dim_count, int64_t *size) {
  char name[80], param[80];
  *size = dim->value;
  sa_name_show((const char *)dim->name.data, dim->name.bytes, param, sizeof param);
  for (size_t k = 0; k < dim_count && dim->value < 0; k++)
    if (sa_span_is(dim->name, dims[k].name)) *size = dims[k].value;
  if (*size >= 1) return SA_OK;
  const struct sa_onnx_value *value = &n->model->values[number];
  sa_name_show((const char *)value->name.data, value->name.bytes, name, sizeof name);
  if (dim->value == 0)
    return sa_onnx_fail(n->model, value->name.data, SA_ERR_INPUT, n->error,
                        "dimension %d of the input '%s' is 0", i, name);
  if (dim->name.bytes == 0)
    return sa_onnx_fail(n->model, value->name.data, SA_ERR_INPUT, n->error,
                        "dimension %d of the input '%s' is neither a size nor a name", i, name);
  return sa_onnx_fail(n->model, value->name.data, SA_ERR_INPUT, n->error,
                      "dimension %d of the input '%s' is symbolic; give it a size with --dim %s=1", i, name,
                      param);
}

static enum sa_status read_input(const struct sa_infer *n, uint32_t number,
                                 const struct sa_onnx_dim_override *dims, size_t dim_count) {
  const struct sa_onnx_value *value = &n->model->values[number];
  struct sa_onnx_info *info = &n->shapes->infos[number];
  struct sa_onnx_dim given[SA_ONNX_MAX_RANK];
  int rank = -1;
  enum sa_status status = SA_OK;
  if (value->type.data)
    status = sa_onnx_type_read(n->model, value->type, &info->type, &rank, given, n->error);
  if (status) return status;
  if (rank < 0) {
    char name[80];
    return sa_onnx_fail(n->model, value->name.data, SA_ERR_INPUT, n->error, "the input '%s' has no shape",
                        sa_name_show((const char *)value->name.data, value->name.bytes, name, sizeof name));
  }
  struct sa_onnx_shape shape = {.rank = rank};
  for (int i = 0; i < rank && !status; i++)
    status = fix_dim(n, number, i, &given[i], dims, dim_count, &shape.dims[i]);
  if (!status && sa_onnx_elems(&shape) > (uint64_t)1 << 40)
    return sa_onnx_fail(n->model, value->name.data, SA_ERR_LIMIT, n->error,
                        "an input has more than 2^40 elements");
  info->shape = shape;
  return status;
}

/* What value_info says of an output that no rule told, if it is complete. */
static enum sa_status fall_back(const struct sa_infer *n, uint32_t number) {
  const struct sa_onnx_value *value = &n->model->values[number];
  struct sa_onnx_info *info = &n->shapes->infos[number];
  struct sa_onnx_dim given[SA_ONNX_MAX_RANK];
  int rank = -1;
  int32_t type;
  if (!value->type.data || info->shape.rank >= 0) return SA_OK;
  const enum sa_status status = sa_onnx_type_read(n->model, value->type, &type, &rank, given, n->error);
  if (status || rank < 0) return status;
  struct sa_onnx_shape shape = {.rank = rank};
  for (int i = 0; i < rank; i++) {
    if (given[i].value < 0) return SA_OK;
    shape.dims[i] = given[i].value;
  }
  if (type) info->type = type;
  return sa_infer_set(n, info, &shape);
}

/* Applies the node's rule where all its inputs are known. */
static enum sa_status infer_node(struct sa_infer *n) {
  sa_infer_rule *rule = find_rule(n->node);
  bool known = rule != NULL, constant = rule != NULL;
  for (uint32_t i = 0; i < n->node->input_count; i++) {
    const struct sa_onnx_info *in = sa_infer_in(n, i);
    if (!in) continue;
    known &= in->shape.rank >= 0;
    constant &= in->is_constant;
  }
  const struct sa_onnx_info *first = sa_infer_in(n, 0);
  for (uint32_t i = 0; i < n->node->output_count; i++) {
    struct sa_onnx_info *out = sa_infer_out(n, i);
    if (!out) continue;
    out->type = first ? first->type : SA_ONNX_UNDEFINED;
    out->is_constant = constant;
  }
  enum sa_status status = known ? rule(n) : SA_OK;
  for (uint32_t i = 0; i < n->node->output_count && !status; i++)
    if (sa_infer_out(n, i)) status = fall_back(n, sa_onnx_output(n->model, n->node, i));
  return status;
}

enum sa_status sa_onnx_shapes_infer(struct sa_onnx_shapes *shapes, const struct sa_onnx_model *model,
                                    const struct sa_onnx_dim_override *dims, size_t dim_count,
                                    struct sa_error *error) {
  uint64_t fold_left = SA_ONNX_FOLD_TOTAL;
  struct sa_infer n = {model, shapes, NULL, &fold_left, error};
  *shapes = (struct sa_onnx_shapes){.count = model->value_count};
  shapes->infos = calloc(model->value_count + 1u, sizeof *shapes->infos);
  if (!shapes->infos)
    return sa_fail(error, SA_ERR_MEMORY, "out of memory for %u tensors", model->value_count);
  enum sa_status status = SA_OK;
  for (uint32_t i = 0; i < model->value_count && !status; i++) {
    shapes->infos[i].shape.rank = -1;
    if (model->values[i].tensor.data) status = read_initializer(&n, i);
  }
  for (uint32_t i = 0; i < model->input_count && !status; i++)
    status = read_input(&n, model->inputs[i], dims, dim_count);
  for (uint32_t i = 0; i < model->node_count && !status; i++) {
    n.node = &model->nodes[i];
    status = infer_node(&n);
  }
  return status;
}

void sa_onnx_shapes_release(struct sa_onnx_shapes *shapes) {
  for (uint32_t i = 0; i < shapes->count && shapes->infos; i++) free(shapes->infos[i].elems);
  free(shapes->infos);
  *shapes = (struct sa_onnx_shapes){0};
}
