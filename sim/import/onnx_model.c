/* Opening an ONNX model: see onnx_model.h. The messages ModelProto, GraphProto and NodeProto are walked
 * once for counts and once for contents, so that every array is allocated in its final size. Reading
 * attributes and tensors is in onnx_tensor.c. */
#include "import/onnx_model.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import/names.h"

/* Field numbers of onnx.proto. */
enum { MODEL_IR = 1, MODEL_GRAPH = 7, MODEL_OPSET = 8, OPSET_DOMAIN = 1, OPSET_VERSION = 2 };
enum { GRAPH_NODE = 1, GRAPH_NAME = 2, GRAPH_INITIALIZER = 5, GRAPH_INPUT = 11, GRAPH_OUTPUT = 12,
       GRAPH_VALUE_INFO = 13, GRAPH_SPARSE_INITIALIZER = 15 };
enum { NODE_INPUT = 1, NODE_OUTPUT = 2, NODE_NAME = 3, NODE_OP = 4, NODE_DOMAIN = 7 };
enum { VALUE_NAME = 1, VALUE_TYPE = 2, TENSOR_NAME = 8 };

bool sa_span_is(struct sa_span span, const char *text) {
  return span.bytes == strlen(text) && (span.bytes == 0 || memcmp(span.data, text, span.bytes) == 0);
}

enum sa_status sa_onnx_fail(const struct sa_onnx_model *model, const uint8_t *at, enum sa_status status,
                            struct sa_error *error, const char *format, ...) {
  char text[800];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  return sa_fail_at(error, status, model->file.path, 0, 0, "offset %zu: %s",
                    sa_wire_offset(&model->file, at), text);
}

enum sa_status sa_onnx_node_fail(const struct sa_onnx_model *model, const struct sa_onnx_node *node,
                                 enum sa_status status, struct sa_error *error, const char *format, ...) {
  char text[700], name[80], op[40];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  return sa_fail_at(error, status, model->file.path, 0, 0, "node '%s' (%s, offset %zu): %s",
                    sa_name_show((const char *)node->name.data, node->name.bytes, name, sizeof name),
                    sa_name_show((const char *)node->op.data, node->op.bytes, op, sizeof op),
                    sa_wire_offset(&model->file, node->self.data), text);
}

/* A name met while reading, and where its number goes. */
struct mention {
  struct sa_span name;
  uint32_t *number;
};

struct loader {
  struct sa_onnx_model *model;
  struct sa_error *error;
  struct sa_span graph;
  struct mention *mentions; /* owned */
  size_t mention_count, mention_capacity;
  /* graph-level declarations: numbers and contents, in the file's order */
  struct declaration {
    struct sa_span content; /* TensorProto or TypeProto */
    uint32_t field;         /* GRAPH_... */
    uint32_t value;
  } *declarations; /* owned */
  uint32_t declaration_count, node_count, ref_count;
};

static enum sa_status no_memory(struct loader *l) {
  return sa_fail(l->error, SA_ERR_MEMORY, "out of memory for the model's %" PRIu32 " nodes", l->node_count);
}

/* Compares byte strings; shorter first among equal beginnings. */
static int compare_spans(struct sa_span a, struct sa_span b) {
  const size_t common = a.bytes < b.bytes ? a.bytes : b.bytes;
  const int order = common ? memcmp(a.data, b.data, common) : 0;
  return order ? order : (a.bytes > b.bytes) - (a.bytes < b.bytes);
}

static int compare_mentions(const void *a, const void *b) {
  const struct mention *left = a, *right = b;
  return compare_spans(left->name, right->name);
}

static void mention(struct loader *l, struct sa_span name, uint32_t *number) {
  *number = SA_ONNX_NONE;
  if (name.bytes == 0) return; /* an omitted optional input */
  assert(l->mention_count < l->mention_capacity);
  l->mentions[l->mention_count++] = (struct mention){name, number};
}

static enum sa_status read_opset(struct loader *l, struct sa_span message) {
  struct sa_wire wire = sa_wire_open(&l->model->file, message);
  struct sa_wire_field field;
  struct sa_span domain = {NULL, 0};
  int64_t version = 0;
  enum sa_status status;
  while (!(status = sa_wire_next(&wire, &field, l->error)) && field.number) {
    if (field.number == OPSET_DOMAIN) domain = field.bytes;
    if (field.number == OPSET_VERSION) version = (int64_t)field.value;
  }
  if (!status && (domain.bytes == 0 || sa_span_is(domain, "ai.onnx"))) l->model->opset = version;
  return status;
}

static enum sa_status read_model(struct loader *l) {
  struct sa_onnx_model *model = l->model;
  struct sa_wire wire = sa_wire_open(&model->file, (struct sa_span){model->file.data, model->file.bytes});
  struct sa_wire_field field;
  enum sa_status status;
  while (!(status = sa_wire_next(&wire, &field, l->error)) && field.number) {
    if (field.number == MODEL_IR && field.type == SA_WIRE_VARINT) model->ir_version = (int64_t)field.value;
    if (field.number == MODEL_OPSET && field.type == SA_WIRE_BYTES) {
      status = read_opset(l, field.bytes);
      if (status) return status;
    }
    if (field.number == MODEL_GRAPH) {
      status = sa_wire_expect(&wire, &field, SA_WIRE_BYTES, "the graph", l->error);
      if (status) return status;
      if (l->graph.data)
        return sa_onnx_fail(model, field.bytes.data, SA_ERR_INPUT, l->error,
                            "the model has a second graph");
      l->graph = field.bytes;
    }
  }
  if (status) return status;
  if (!l->graph.data)
    return sa_fail_at(l->error, SA_ERR_INPUT, model->file.path, 0, 0,
                      "the file has no graph; it is no ONNX model");
  if (model->ir_version < SA_ONNX_MIN_IR || model->ir_version > SA_ONNX_MAX_IR)
    return sa_fail_at(l->error, SA_ERR_INPUT, model->file.path, 0, 0,
                      "the IR version is %" PRId64 "; %d to %d are understood", model->ir_version,
                      SA_ONNX_MIN_IR, SA_ONNX_MAX_IR);
  if (model->opset < SA_ONNX_MIN_OPSET || model->opset > SA_ONNX_MAX_OPSET)
    return sa_fail_at(l->error, SA_ERR_INPUT, model->file.path, 0, 0,
                      "the operator set is %" PRId64 "; %d to %d are understood", model->opset,
                      SA_ONNX_MIN_OPSET, SA_ONNX_MAX_OPSET);
  return SA_OK;
}

static bool is_declaration(uint32_t field) {
  return field == GRAPH_INITIALIZER || field == GRAPH_INPUT || field == GRAPH_OUTPUT ||
         field == GRAPH_VALUE_INFO;
}

/* Inputs and outputs of one node; with `node` non-null reads it, else only counts. */
static enum sa_status read_node(struct loader *l, struct sa_span message, struct sa_onnx_node *node,
                                uint32_t *refs, uint32_t *ref_count) {
  struct sa_wire wire = sa_wire_open(&l->model->file, message);
  struct sa_wire_field field;
  enum sa_status status;
  uint32_t inputs = 0, outputs = 0;
  while (!(status = sa_wire_next(&wire, &field, l->error)) && field.number) {
    if (field.number > NODE_OP && field.number != NODE_DOMAIN) continue;
    status = sa_wire_expect(&wire, &field, SA_WIRE_BYTES, "a node's text", l->error);
    if (status) return status;
    if (field.number == NODE_INPUT) inputs++;
    if (field.number == NODE_OUTPUT) outputs++;
    if (!node) continue;
    if (field.number == NODE_INPUT) mention(l, field.bytes, &refs[inputs - 1]);
    if (field.number == NODE_OUTPUT) mention(l, field.bytes, &refs[node->input_count + outputs - 1]);
    if (field.number == NODE_NAME) node->name = field.bytes;
    if (field.number == NODE_OP) node->op = field.bytes;
    if (field.number == NODE_DOMAIN) node->domain = field.bytes;
  }
  if (status) return status;
  if (inputs > SA_ONNX_MAX_REFS || outputs > SA_ONNX_MAX_REFS ||
      inputs + outputs > SA_ONNX_MAX_REFS - *ref_count)
    return sa_onnx_fail(l->model, message.data, SA_ERR_LIMIT, l->error,
                        "the nodes have more than %u inputs and outputs", SA_ONNX_MAX_REFS);
  *ref_count += inputs + outputs;
  return SA_OK;
}

/* Counts a node's inputs, which must be known before its outputs can be placed behind them. */
static enum sa_status count_inputs(struct loader *l, struct sa_onnx_node *node) {
  struct sa_wire wire = sa_wire_open(&l->model->file, node->self);
  struct sa_wire_field field;
  enum sa_status status;
  while (!(status = sa_wire_next(&wire, &field, l->error)) && field.number) {
    if (field.number == NODE_INPUT) node->input_count++;
    if (field.number == NODE_OUTPUT) node->output_count++;
  }
  return status;
}

static enum sa_status count_graph(struct loader *l) {
  struct sa_wire wire = sa_wire_open(&l->model->file, l->graph);
  struct sa_wire_field field;
  enum sa_status status;
  while (!(status = sa_wire_next(&wire, &field, l->error)) && field.number) {
    if (field.number == GRAPH_SPARSE_INITIALIZER)
      return sa_onnx_fail(l->model, wire.at, SA_ERR_INPUT, l->error,
                          "sparse initializers are not understood");
    if (field.number != GRAPH_NODE && !is_declaration(field.number)) continue;
    status = sa_wire_expect(&wire, &field, SA_WIRE_BYTES, "a part of the graph", l->error);
    if (status) return status;
    if (field.number == GRAPH_NODE) {
      if (l->node_count == SA_ONNX_MAX_NODES)
        return sa_onnx_fail(l->model, field.bytes.data, SA_ERR_LIMIT, l->error,
                            "the graph has more than %u nodes", SA_ONNX_MAX_NODES);
      l->node_count++;
      status = read_node(l, field.bytes, NULL, NULL, &l->ref_count);
      if (status) return status;
    } else if (l->declaration_count++ == SA_ONNX_MAX_VALUES) {
      return sa_onnx_fail(l->model, field.bytes.data, SA_ERR_LIMIT, l->error,
                          "the graph declares more than %u tensors", SA_ONNX_MAX_VALUES);
    }
  }
  return status;
}

static enum sa_status read_declaration(struct loader *l, uint32_t kind, struct sa_span message,
                                       struct declaration *declaration) {
  const uint32_t name_field = kind == GRAPH_INITIALIZER ? TENSOR_NAME : VALUE_NAME;
  struct sa_wire wire = sa_wire_open(&l->model->file, message);
  struct sa_wire_field field;
  struct sa_span name = {NULL, 0};
  *declaration = (struct declaration){.field = kind};
  if (kind == GRAPH_INITIALIZER) declaration->content = message;
  enum sa_status status;
  while (!(status = sa_wire_next(&wire, &field, l->error)) && field.number) {
    if (field.number == name_field) name = field.bytes;
    if (kind != GRAPH_INITIALIZER && field.number == VALUE_TYPE) declaration->content = field.bytes;
  }
  if (status) return status;
  if (name.bytes == 0)
    return sa_onnx_fail(l->model, message.data, SA_ERR_INPUT, l->error,
                        "a tensor of the graph has no name");
  mention(l, name, &declaration->value);
  return SA_OK;
}

static enum sa_status read_graph(struct loader *l) {
  struct sa_onnx_model *model = l->model;
  l->mention_capacity = (size_t)l->ref_count + l->declaration_count;
  model->nodes = calloc(l->node_count + 1u, sizeof *model->nodes);
  model->refs = calloc(l->ref_count + 1u, sizeof *model->refs);
  l->mentions = calloc(l->mention_capacity + 1, sizeof *l->mentions);
  l->declarations = calloc(l->declaration_count + 1u, sizeof *l->declarations);
  if (!model->nodes || !model->refs || !l->mentions || !l->declarations) return no_memory(l);
  struct sa_wire wire = sa_wire_open(&model->file, l->graph);
  struct sa_wire_field field;
  uint32_t refs = 0, declarations = 0;
  enum sa_status status = SA_OK;
  while (!status && !(status = sa_wire_next(&wire, &field, l->error)) && field.number) {
    if (field.number == GRAPH_NAME) model->graph_name = field.bytes;
    if (field.number == GRAPH_NODE) {
      struct sa_onnx_node *node = &model->nodes[model->node_count++];
      *node = (struct sa_onnx_node){.self = field.bytes, .first_ref = refs};
      status = count_inputs(l, node);
      if (!status) status = read_node(l, field.bytes, node, &model->refs[refs], &refs);
    } else if (is_declaration(field.number)) {
      status = read_declaration(l, field.number, field.bytes, &l->declarations[declarations++]);
    }
  }
  return status;
}

/* Gives equal names equal numbers, in sorted order: no table that hostile names could slow down. */
static enum sa_status number_values(struct loader *l) {
  struct sa_onnx_model *model = l->model;
  qsort(l->mentions, l->mention_count, sizeof *l->mentions, compare_mentions);
  uint32_t count = 0;
  for (size_t i = 0; i < l->mention_count; i++) {
    if (i > 0 && compare_mentions(&l->mentions[i - 1], &l->mentions[i]) != 0) count++;
    *l->mentions[i].number = count;
  }
  count += l->mention_count > 0;
  if (count > SA_ONNX_MAX_VALUES)
    return sa_fail_at(l->error, SA_ERR_LIMIT, model->file.path, 0, 0, "the graph has more than %u tensors",
                      SA_ONNX_MAX_VALUES);
  model->values = calloc(count + 1u, sizeof *model->values);
  if (!model->values) return no_memory(l);
  model->value_count = count;
  for (size_t i = 0; i < l->mention_count; i++)
    model->values[*l->mentions[i].number].name = l->mentions[i].name;
  for (uint32_t i = 0; i < count; i++) model->values[i].producer = SA_ONNX_NONE;
  return SA_OK;
}

static enum sa_status value_fail(const struct loader *l, const struct sa_onnx_value *value,
                                 const char *what) {
  char name[80];
  return sa_onnx_fail(
      l->model, value->name.data, SA_ERR_INPUT, l->error, "the tensor '%s' %s",
      sa_name_show((const char *)value->name.data, value->name.bytes, name, sizeof name), what);
}

static enum sa_status apply_declarations(struct loader *l) {
  struct sa_onnx_model *model = l->model;
  model->inputs = calloc(l->declaration_count + 1u, sizeof *model->inputs);
  model->outputs = calloc(l->declaration_count + 1u, sizeof *model->outputs);
  if (!model->inputs || !model->outputs) return no_memory(l);
  for (uint32_t i = 0; i < l->declaration_count; i++) {
    const struct declaration *d = &l->declarations[i];
    struct sa_onnx_value *value = &model->values[d->value];
    if (d->field == GRAPH_INITIALIZER) {
      if (value->tensor.data) return value_fail(l, value, "has two initializers");
      value->tensor = d->content;
      continue;
    }
    if (d->content.data) value->type = d->content;
    if (d->field == GRAPH_INPUT && value->is_input) return value_fail(l, value, "is an input twice");
    if (d->field == GRAPH_INPUT) value->is_input = true;
    if (d->field != GRAPH_OUTPUT || value->is_output) continue;
    value->is_output = true;
    value->uses++;
    model->outputs[model->output_count++] = d->value;
  }
  for (uint32_t i = 0; i < l->declaration_count; i++) { /* old models list their weights as inputs too */
    const struct declaration *d = &l->declarations[i];
    if (d->field == GRAPH_INPUT && !model->values[d->value].tensor.data)
      model->inputs[model->input_count++] = d->value;
  }
  return SA_OK;
}

/* Single assignment, and definitions before uses. */
static enum sa_status check_order(struct loader *l) {
  struct sa_onnx_model *model = l->model;
  for (uint32_t i = 0; i < model->node_count; i++) {
    const struct sa_onnx_node *node = &model->nodes[i];
    for (uint32_t k = 0; k < node->input_count; k++) {
      const uint32_t number = sa_onnx_input(model, node, k);
      if (number == SA_ONNX_NONE) continue;
      struct sa_onnx_value *value = &model->values[number];
      value->uses++;
      if (value->producer != SA_ONNX_NONE || value->is_input || value->tensor.data) continue;
      char name[80];
      return sa_onnx_node_fail(
          model, node, SA_ERR_INPUT, l->error, "its input '%s' is made by no node before it",
          sa_name_show((const char *)value->name.data, value->name.bytes, name, sizeof name));
    }
    for (uint32_t k = 0; k < node->output_count; k++) {
      const uint32_t number = sa_onnx_output(model, node, k);
      if (number == SA_ONNX_NONE) continue;
      struct sa_onnx_value *value = &model->values[number];
      if (value->producer != SA_ONNX_NONE || value->is_input || value->tensor.data)
        return value_fail(l, value, "is made twice");
      value->producer = i;
    }
  }
  for (uint32_t i = 0; i < model->output_count; i++) {
    const struct sa_onnx_value *value = &model->values[model->outputs[i]];
    if (value->producer == SA_ONNX_NONE && !value->is_input && !value->tensor.data)
      return value_fail(l, value, "is an output of the graph, but no node makes it");
  }
  return SA_OK;
}

enum sa_status sa_onnx_model_open(struct sa_onnx_model *model, const char *path, struct sa_error *error) {
  *model = (struct sa_onnx_model){.file = {.path = path}};
  struct loader l = {.model = model, .error = error};
  enum sa_status status = sa_mapped_open(&model->file, path, error);
  if (!status) status = read_model(&l);
  if (!status) status = count_graph(&l);
  if (!status) status = read_graph(&l);
  if (!status) status = number_values(&l);
  if (!status) status = apply_declarations(&l);
  if (!status) status = check_order(&l);
  free(l.mentions);
  free(l.declarations);
  return status;
}

void sa_onnx_model_close(struct sa_onnx_model *model) {
  free(model->nodes);
  free(model->refs);
  free(model->values);
  free(model->inputs);
  free(model->outputs);
  sa_mapped_close(&model->file);
  *model = (struct sa_onnx_model){.file = {.path = model->file.path}};
}
