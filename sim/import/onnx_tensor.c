/* Attributes, tensors and types of an ONNX model: see onnx_model.h. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "import/names.h"
#include "import/onnx_model.h"

/* Field numbers of onnx.proto. */
enum { NODE_ATTRIBUTE = 5 };
enum { ATTRIBUTE_NAME = 1, ATTRIBUTE_F = 2, ATTRIBUTE_I = 3, ATTRIBUTE_S = 4, ATTRIBUTE_T = 5,
       ATTRIBUTE_INTS = 8 };
enum { TENSOR_DIMS = 1, TENSOR_TYPE = 2, TENSOR_FLOATS = 4, TENSOR_INT32S = 5, TENSOR_INT64S = 7,
       TENSOR_RAW = 9, TENSOR_DOUBLES = 10, TENSOR_UINT64S = 11, TENSOR_LOCATION = 14 };
enum { TYPE_TENSOR = 1, TENSOR_TYPE_ELEM = 1, TENSOR_TYPE_SHAPE = 2, SHAPE_DIM = 1, DIM_VALUE = 1,
       DIM_NAME = 2 };

static double float_of(uint32_t bits) {
  float f;
  memcpy(&f, &bits, sizeof f);
  return f;
}

static double double_of(uint64_t bits) {
  double d;
  memcpy(&d, &bits, sizeof d);
  return d;
}

/* IEEE 754 half precision. */
static double half_of(uint16_t bits) {
  const int exponent = (bits >> 10) & 31;
  const double mantissa = bits & 1023, sign = bits & 0x8000 ? -1 : 1;
  if (exponent == 31) return mantissa != 0 ? (double)NAN : sign * (double)INFINITY;
  return sign * (exponent ? ldexp(1024 + mantissa, exponent - 25) : ldexp(mantissa, -24));
}

static enum sa_status read_attribute(const struct sa_onnx_model *model, struct sa_span message,
                                     struct sa_onnx_attribute *attribute, struct sa_error *error) {
  *attribute = (struct sa_onnx_attribute){.self = message};
  struct sa_wire wire = sa_wire_open(&model->file, message);
  struct sa_wire_field field;
  enum sa_status status;
  while (!(status = sa_wire_next(&wire, &field, error)) && field.number) {
    if (field.number == ATTRIBUTE_NAME) attribute->name = field.bytes;
    if (field.number == ATTRIBUTE_F) attribute->f = float_of((uint32_t)field.value);
    if (field.number == ATTRIBUTE_I) attribute->i = (int64_t)field.value;
    if (field.number == ATTRIBUTE_S) attribute->s = field.bytes;
    if (field.number == ATTRIBUTE_T) attribute->t = field.bytes;
  }
  return status;
}

enum sa_status sa_onnx_attribute(const struct sa_onnx_model *model, const struct sa_onnx_node *node,
                                 const char *name, bool *found, struct sa_onnx_attribute *attribute,
                                 struct sa_error *error) {
  *found = false;
  struct sa_wire wire = sa_wire_open(&model->file, node->self);
  struct sa_wire_field field;
  enum sa_status status;
  while (!(status = sa_wire_next(&wire, &field, error)) && field.number) {
    if (field.number != NODE_ATTRIBUTE) continue;
    status = sa_wire_expect(&wire, &field, SA_WIRE_BYTES, "a node's attribute", error);
    if (!status) status = read_attribute(model, field.bytes, attribute, error);
    if (status || sa_span_is(attribute->name, name)) {
      *found = !status;
      return status;
    }
  }
  return status;
}

enum sa_status sa_onnx_int(const struct sa_onnx_model *model, const struct sa_onnx_node *node,
                           const char *name, int64_t fallback, int64_t *value, struct sa_error *error) {
  struct sa_onnx_attribute attribute;
  bool found;
  const enum sa_status status = sa_onnx_attribute(model, node, name, &found, &attribute, error);
  *value = found ? attribute.i : fallback;
  return status;
}

/* Walks a repeated integer field, packed or not: calls for each value until it returns false. */
struct int_walk {
  int64_t *values;
  uint64_t capacity, count; /* count goes on past capacity */
};

static void take(struct int_walk *walk, uint64_t value) {
  if (walk->count < walk->capacity) walk->values[walk->count] = (int64_t)value;
  walk->count++;
}

static enum sa_status walk_ints(const struct sa_onnx_model *model, struct sa_span message,
                                uint32_t number, struct int_walk *walk, struct sa_error *error) {
  struct sa_wire wire = sa_wire_open(&model->file, message);
  struct sa_wire_field field;
  enum sa_status status;
  while (!(status = sa_wire_next(&wire, &field, error)) && field.number) {
    if (field.number != number) continue;
    if (field.type == SA_WIRE_VARINT) {
      take(walk, field.value);
      continue;
    }
    status = sa_wire_expect(&wire, &field, SA_WIRE_BYTES, "a list of integers", error);
    if (status) return status;
    struct sa_wire packed = sa_wire_open(&model->file, field.bytes);
    while (packed.at < packed.end) {
      uint64_t value;
      status = sa_wire_varint(&packed, &value, error);
      if (status) return status;
      take(walk, value);
    }
  }
  return status;
}

enum sa_status sa_onnx_ints(const struct sa_onnx_model *model, const struct sa_onnx_node *node,
                            const char *name, int64_t *values, int capacity, int *count,
                            struct sa_error *error) {
  struct sa_onnx_attribute attribute;
  bool found;
  *count = -1;
  enum sa_status status = sa_onnx_attribute(model, node, name, &found, &attribute, error);
  if (status || !found) return status;
  struct int_walk walk = {values, (uint64_t)capacity, 0};
  status = walk_ints(model, attribute.self, ATTRIBUTE_INTS, &walk, error);
  if (status) return status;
  if (walk.count > (uint64_t)capacity)
    return sa_onnx_node_fail(model, node, SA_ERR_INPUT, error,
                             "attribute %s has %" PRIu64 " values; at most %d are understood", name,
                             walk.count, capacity);
  *count = (int)walk.count;
  return SA_OK;
}

uint64_t sa_onnx_elems(const struct sa_onnx_shape *shape) {
  uint64_t elems = 1;
  for (int i = 0; i < shape->rank; i++)
    if (__builtin_mul_overflow(elems, (uint64_t)shape->dims[i], &elems)) return UINT64_MAX;
  return elems;
}

enum sa_status sa_onnx_tensor_read(const struct sa_onnx_model *model, struct sa_span message,
                                   struct sa_onnx_tensor *tensor, struct sa_error *error) {
  *tensor = (struct sa_onnx_tensor){.values = message};
  struct int_walk dims = {tensor->shape.dims, SA_ONNX_MAX_RANK, 0};
  enum sa_status status = walk_ints(model, message, TENSOR_DIMS, &dims, error);
  struct sa_wire wire = sa_wire_open(&model->file, message);
  struct sa_wire_field field;
  while (!status && !(status = sa_wire_next(&wire, &field, error)) && field.number) {
    if (field.number == TENSOR_TYPE) tensor->type = (int32_t)field.value;
    if (field.number == TENSOR_RAW) tensor->raw = field.bytes;
    if (field.number == TENSOR_LOCATION) tensor->external = field.value == 1;
  }
  if (status) return status;
  if (dims.count > SA_ONNX_MAX_RANK)
    return sa_onnx_fail(model, message.data, SA_ERR_LIMIT, error,
                        "a tensor has %" PRIu64 " dimensions; at most %d are understood", dims.count,
                        SA_ONNX_MAX_RANK);
  tensor->shape.rank = (int)dims.count;
  for (int i = 0; i < tensor->shape.rank; i++)
    if (tensor->shape.dims[i] < 0 || tensor->shape.dims[i] > SA_ONNX_MAX_DIM)
      return sa_onnx_fail(model, message.data, SA_ERR_INPUT, error,
                          "a tensor's dimension %d is %" PRId64 "; it must be between 0 and %" PRId64, i,
                          tensor->shape.dims[i], SA_ONNX_MAX_DIM);
  if (sa_onnx_elems(&tensor->shape) > (uint64_t)1 << 40)
    return sa_onnx_fail(model, message.data, SA_ERR_LIMIT, error,
                        "a tensor claims more than 2^40 elements");
  return SA_OK;
}

static unsigned type_bytes(int32_t type) {
  switch (type) {
    case SA_ONNX_UINT8: case SA_ONNX_INT8: case SA_ONNX_BOOL: return 1;
    case SA_ONNX_UINT16: case SA_ONNX_INT16: case SA_ONNX_FLOAT16: case SA_ONNX_BFLOAT16: return 2;
    case SA_ONNX_FLOAT: case SA_ONNX_INT32: case SA_ONNX_UINT32: return 4;
    case SA_ONNX_INT64: case SA_ONNX_UINT64: case SA_ONNX_DOUBLE: return 8;
    default: return 0;
  }
}

static uint64_t raw_value(const uint8_t *at, unsigned bytes) {
  uint64_t value = 0;
  for (unsigned i = 0; i < bytes; i++) value |= (uint64_t)at[i] << (8 * i);
  return value;
}

static enum sa_status count_fail(const struct sa_onnx_model *model, const struct sa_onnx_tensor *tensor,
                                 uint64_t count, const char *what, struct sa_error *error) {
  return sa_onnx_fail(model, tensor->values.data, SA_ERR_INPUT, error,
                      "a tensor of %" PRIu64 " elements has %" PRIu64 " %s", sa_onnx_elems(&tensor->shape),
                      count, what);
}

enum sa_status sa_onnx_tensor_ints(const struct sa_onnx_model *model, const struct sa_onnx_tensor *tensor,
                                   int64_t *values, bool *known, struct sa_error *error) {
  const uint64_t elems = sa_onnx_elems(&tensor->shape);
  const unsigned size = type_bytes(tensor->type);
  *known = false;
  if (tensor->external || !sa_onnx_type_is_integer(tensor->type)) return SA_OK;
  if (tensor->raw.data) {
    if (tensor->raw.bytes != elems * size)
      return count_fail(model, tensor, tensor->raw.bytes, "bytes", error);
    for (uint64_t i = 0; i < elems; i++) {
      const uint64_t bits = raw_value(tensor->raw.data + i * size, size);
      const bool is_signed = tensor->type == SA_ONNX_INT8 || tensor->type == SA_ONNX_INT16 ||
                             tensor->type == SA_ONNX_INT32;
      const uint64_t sign = is_signed ? (uint64_t)1 << (8 * size - 1) : 0;
      values[i] = (int64_t)((bits ^ sign) - sign);
    }
  } else {
    struct int_walk walk = {values, elems, 0};
    const uint32_t field = tensor->type == SA_ONNX_INT64 ? TENSOR_INT64S
                           : tensor->type == SA_ONNX_UINT64 || tensor->type == SA_ONNX_UINT32
                               ? TENSOR_UINT64S : TENSOR_INT32S;
    const enum sa_status status = walk_ints(model, tensor->values, field, &walk, error);
    if (status) return status;
    if (walk.count != elems) return count_fail(model, tensor, walk.count, "values", error);
  }
  *known = true;
  return SA_OK;
}

/* float_data and double_data: fixed fields, packed or not. */
static enum sa_status walk_fixed(const struct sa_onnx_model *model, const struct sa_onnx_tensor *tensor,
                                 double *values, uint64_t elems, uint64_t *count, struct sa_error *error) {
  const bool wide = tensor->type == SA_ONNX_DOUBLE;
  const unsigned size = wide ? 8 : 4;
  struct sa_wire wire = sa_wire_open(&model->file, tensor->values);
  struct sa_wire_field field;
  enum sa_status status;
  *count = 0;
  while (!(status = sa_wire_next(&wire, &field, error)) && field.number) {
    if (field.number != (wide ? TENSOR_DOUBLES : TENSOR_FLOATS)) continue;
    const uint64_t in_field = field.type == SA_WIRE_BYTES ? field.bytes.bytes / size : 1;
    for (uint64_t i = 0; i < in_field; i++) {
      const uint64_t bits =
          field.type == SA_WIRE_BYTES ? raw_value(field.bytes.data + i * size, size) : field.value;
      if (*count < elems) values[*count] = wide ? double_of(bits) : float_of((uint32_t)bits);
      ++*count;
    }
  }
  return status;
}

enum sa_status sa_onnx_tensor_doubles(const struct sa_onnx_model *model,
                                      const struct sa_onnx_tensor *tensor, double *values, bool *known,
                                      struct sa_error *error) {
  const uint64_t elems = sa_onnx_elems(&tensor->shape);
  const unsigned size = type_bytes(tensor->type);
  *known = false;
  if (tensor->external || !sa_onnx_type_is_float(tensor->type)) return SA_OK;
  if (!tensor->raw.data) {
    if (size == 2) return SA_OK; /* halves in int32_data are not worth the code: not known */
    uint64_t count;
    const enum sa_status status = walk_fixed(model, tensor, values, elems, &count, error);
    if (status) return status;
    if (count != elems) return count_fail(model, tensor, count, "values", error);
  } else {
    if (tensor->raw.bytes != elems * size)
      return count_fail(model, tensor, tensor->raw.bytes, "bytes", error);
    for (uint64_t i = 0; i < elems; i++) {
      const uint64_t bits = raw_value(tensor->raw.data + i * size, size);
      values[i] = size == 8                            ? double_of(bits)
                  : size == 4                          ? float_of((uint32_t)bits)
                  : tensor->type == SA_ONNX_BFLOAT16 ? float_of((uint32_t)bits << 16)
                                                       : half_of((uint16_t)bits);
    }
  }
  *known = true;
  return SA_OK;
}

static enum sa_status read_dim(const struct sa_onnx_model *model, struct sa_span message,
                               struct sa_onnx_dim *dim, struct sa_error *error) {
  struct sa_wire wire = sa_wire_open(&model->file, message);
  struct sa_wire_field field;
  enum sa_status status;
  *dim = (struct sa_onnx_dim){.value = -1};
  while (!(status = sa_wire_next(&wire, &field, error)) && field.number) {
    if (field.number == DIM_VALUE) dim->value = (int64_t)field.value;
    if (field.number == DIM_NAME) dim->name = field.bytes;
  }
  if (!status && dim->value > SA_ONNX_MAX_DIM)
    return sa_onnx_fail(model, message.data, SA_ERR_INPUT, error, "a dimension is %" PRId64
                        "; it must be between 0 and %" PRId64, dim->value, SA_ONNX_MAX_DIM);
  if (!status && dim->value < 0) dim->value = -1;
  return status;
}

static enum sa_status read_dims(const struct sa_onnx_model *model, struct sa_span message, int *rank,
                                struct sa_onnx_dim dims[SA_ONNX_MAX_RANK], struct sa_error *error) {
  struct sa_wire wire = sa_wire_open(&model->file, message);
  struct sa_wire_field field;
  enum sa_status status;
  *rank = 0;
  while (!(status = sa_wire_next(&wire, &field, error)) && field.number) {
    if (field.number != SHAPE_DIM) continue;
    if (*rank == SA_ONNX_MAX_RANK)
      return sa_onnx_fail(model, message.data, SA_ERR_LIMIT, error,
                          "a tensor has more than %d dimensions", SA_ONNX_MAX_RANK);
    status = read_dim(model, field.bytes, &dims[(*rank)++], error);
    if (status) return status;
  }
  return status;
}

enum sa_status sa_onnx_type_read(const struct sa_onnx_model *model, struct sa_span message, int32_t *type,
                                 int *rank, struct sa_onnx_dim dims[SA_ONNX_MAX_RANK],
                                 struct sa_error *error) {
  struct sa_wire wire = sa_wire_open(&model->file, message);
  struct sa_wire_field field;
  struct sa_span tensor = {NULL, 0};
  enum sa_status status;
  *type = SA_ONNX_UNDEFINED;
  *rank = -1;
  while (!(status = sa_wire_next(&wire, &field, error)) && field.number)
    if (field.number == TYPE_TENSOR) tensor = field.bytes;
  if (status || !tensor.data) return status;
  wire = sa_wire_open(&model->file, tensor);
  while (!status && !(status = sa_wire_next(&wire, &field, error)) && field.number) {
    if (field.number == TENSOR_TYPE_ELEM) *type = (int32_t)field.value;
    if (field.number == TENSOR_TYPE_SHAPE) status = read_dims(model, field.bytes, rank, dims, error);
  }
  return status;
}
