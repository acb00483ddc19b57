/* Builds small ONNX models: see onnx_build.h. Field numbers are those of onnx.proto. */
#include "onnx_build.h"

#include <check.h>
#include <string.h>

#include "temporary.h"

struct pb onnx_graph, onnx_attributes;

static void put(struct pb *pb, uint8_t byte) {
  ck_assert_uint_lt(pb->bytes, sizeof pb->data);
  pb->data[pb->bytes++] = byte;
}

void pb_varint(struct pb *pb, uint64_t value) {
  for (; value > 127; value >>= 7) put(pb, (uint8_t)(value | 128));
  put(pb, (uint8_t)value);
}

void pb_int(struct pb *pb, uint32_t field, uint64_t value) {
  pb_varint(pb, field << 3);
  pb_varint(pb, value);
}

void pb_bytes(struct pb *pb, uint32_t field, const void *data, size_t bytes) {
  pb_varint(pb, field << 3 | 2);
  pb_varint(pb, bytes);
  for (size_t i = 0; i < bytes; i++) put(pb, ((const uint8_t *)data)[i]);
}

void pb_text(struct pb *pb, uint32_t field, const char *text) { pb_bytes(pb, field, text, strlen(text)); }

void pb_message(struct pb *pb, uint32_t field, const struct pb *message) {
  pb_bytes(pb, field, message->data, message->bytes);
}

void onnx_begin(void) { onnx_graph.bytes = onnx_attributes.bytes = 0; }

void onnx_value(uint32_t field, const char *name, int type, const int64_t *dims) {
  static struct pb dim, shape, tensor, wrapped, value;
  shape.bytes = tensor.bytes = wrapped.bytes = value.bytes = 0;
  for (; *dims != -2; dims++) {
    dim.bytes = 0;
    if (*dims == -1)
      pb_text(&dim, 2, "N");
    else
      pb_int(&dim, 1, (uint64_t)*dims);
    pb_message(&shape, 1, &dim);
  }
  pb_int(&tensor, 1, (uint64_t)type);
  pb_message(&tensor, 2, &shape);
  pb_message(&wrapped, 1, &tensor);
  pb_text(&value, 1, name);
  pb_message(&value, 2, &wrapped);
  pb_message(&onnx_graph, field, &value);
}

void onnx_weight(const char *name, const int64_t *dims) {
  static struct pb tensor;
  tensor.bytes = 0;
  for (; *dims != -2; dims++) pb_int(&tensor, 1, (uint64_t)*dims);
  pb_int(&tensor, 2, 1);
  pb_text(&tensor, 8, name);
  pb_int(&tensor, 14, 1);
  pb_message(&onnx_graph, 5, &tensor);
}

void onnx_ints(const char *name, const int64_t *values, int count) {
  static struct pb tensor;
  tensor.bytes = 0;
  pb_int(&tensor, 1, (uint64_t)count);
  pb_int(&tensor, 2, 7);
  pb_text(&tensor, 8, name);
  pb_bytes(&tensor, 9, values,
           sizeof *values * (size_t)count); /* this machine is little-endian, as ONNX is */
  pb_message(&onnx_graph, 5, &tensor);
}

void onnx_float(const char *name, float value) {
  static struct pb tensor;
  tensor.bytes = 0;
  pb_int(&tensor, 2, 1);
  pb_text(&tensor, 8, name);
  pb_bytes(&tensor, 9, &value, sizeof value);
  pb_message(&onnx_graph, 5, &tensor);
}

void onnx_attr_int(const char *name, int64_t value) {
  static struct pb attribute;
  attribute.bytes = 0;
  pb_text(&attribute, 1, name);
  pb_int(&attribute, 3, (uint64_t)value);
  pb_message(&onnx_attributes, 5, &attribute);
}

void onnx_attr_text(const char *name, const char *text) {
  static struct pb attribute;
  attribute.bytes = 0;
  pb_text(&attribute, 1, name);
  pb_text(&attribute, 4, text);
  pb_message(&onnx_attributes, 5, &attribute);
}

void onnx_attr_list(const char *name, const int64_t *values, int count) {
  static struct pb attribute;
  attribute.bytes = 0;
  pb_text(&attribute, 1, name);
  for (int i = 0; i < count; i++) pb_int(&attribute, 8, (uint64_t)values[i]);
  pb_message(&onnx_attributes, 5, &attribute);
}

/* Each word of the list as a field. */
static void put_words(struct pb *pb, uint32_t field, const char *words) {
  while (*words) {
    const size_t length = strcspn(words, " ");
    if (length == 1 && *words == '-')
      pb_text(pb, field, "");
    else
      pb_bytes(pb, field, words, length);
    words += length + (words[length] == ' ');
  }
}

void onnx_node(const char *op, const char *inputs, const char *outputs) {
  static struct pb node;
  node.bytes = 0;
  put_words(&node, 1, inputs);
  put_words(&node, 2, outputs);
  pb_bytes(&node, 3, outputs, strcspn(outputs, " "));
  pb_text(&node, 4, op);
  for (size_t i = 0; i < onnx_attributes.bytes; i++) put(&node, onnx_attributes.data[i]);
  onnx_attributes.bytes = 0;
  pb_message(&onnx_graph, 1, &node);
}

void onnx_model(struct pb *model, int64_t ir_version, int64_t opset) {
  static struct pb set;
  set.bytes = model->bytes = 0;
  pb_text(&set, 1, "");
  pb_int(&set, 2, (uint64_t)opset);
  pb_int(model, 1, (uint64_t)ir_version);
  pb_message(model, 8, &set);
  pb_message(model, 7, &onnx_graph);
}

const char *onnx_file(int64_t ir_version, int64_t opset) {
  static struct pb model;
  onnx_model(&model, ir_version, opset);
  return temporary_file(".onnx", model.data, model.bytes);
}
