/* An ONNX model as views on its mapped file: nodes, values (every tensor name, numbered), initializers,
 * graph inputs. Nothing is copied but names' positions; memory is bounded by the limits below, whatever
 * a file claims. Subgraphs (If, Loop, Scan) are not looked into. Checked here: IR version and operator
 * set, single assignment, and that every node comes after those it reads, so that a cyclic graph is an
 * error. */
#ifndef SA_IMPORT_ONNX_MODEL_H
#define SA_IMPORT_ONNX_MODEL_H
#include "import/onnx_wire.h"

#define SA_ONNX_MIN_IR 3
#define SA_ONNX_MAX_IR 11
#define SA_ONNX_MIN_OPSET 7
#define SA_ONNX_MAX_OPSET 22
#define SA_ONNX_MAX_RANK 8
#define SA_ONNX_MAX_NODES 100000u
#define SA_ONNX_MAX_VALUES 400000u    /* tensors with a name */
#define SA_ONNX_MAX_REFS 1000000u     /* inputs and outputs of all nodes */
#define SA_ONNX_MAX_DIM INT64_C(0x7fffffff)
#define SA_ONNX_NONE UINT32_MAX

/* TensorProto.DataType, as far as it is told apart here. */
enum sa_onnx_type {
  SA_ONNX_UNDEFINED = 0, SA_ONNX_FLOAT = 1, SA_ONNX_UINT8 = 2, SA_ONNX_INT8 = 3, SA_ONNX_UINT16 = 4,
  SA_ONNX_INT16 = 5, SA_ONNX_INT32 = 6, SA_ONNX_INT64 = 7, SA_ONNX_STRING = 8, SA_ONNX_BOOL = 9,
  SA_ONNX_FLOAT16 = 10, SA_ONNX_DOUBLE = 11, SA_ONNX_UINT32 = 12, SA_ONNX_UINT64 = 13,
  SA_ONNX_BFLOAT16 = 16
};

/* Rank and sizes; rank -1: not known. */
struct sa_onnx_shape {
  int rank;
  int64_t dims[SA_ONNX_MAX_RANK];
};

/* A tensor with data in the file, in another file, or left out. */
struct sa_onnx_tensor {
  int32_t type;               /* enum sa_onnx_type */
  struct sa_onnx_shape shape; /* rank known */
  struct sa_span raw;         /* raw_data */
  struct sa_span values;      /* the message, for the typed repeated fields */
  bool external;              /* data_location EXTERNAL */
};

struct sa_onnx_attribute {
  struct sa_span name;
  int64_t i;
  double f;
  struct sa_span s;    /* text */
  struct sa_span t;    /* TensorProto */
  struct sa_span self; /* the message, for repeated ints and floats */
};

struct sa_onnx_node {
  struct sa_span op, domain, name, self;
  uint32_t first_ref;              /* of inputs, then outputs, in refs */
  uint32_t input_count, output_count;
};

struct sa_onnx_value {
  struct sa_span name;
  struct sa_span tensor;  /* initializer's TensorProto; null data if none */
  struct sa_span type;    /* TypeProto of a graph input, output or value_info; null data if none */
  uint32_t producer;      /* node, or SA_ONNX_NONE */
  uint32_t uses;          /* by nodes, and as a graph output */
  bool is_input, is_output; /* of the graph */
};

struct sa_onnx_model {
  struct sa_mapped_file file;
  int64_t ir_version, opset;
  struct sa_span graph_name;
  struct sa_onnx_node *nodes; /* owned */
  uint32_t node_count;
  uint32_t *refs;             /* owned; value numbers; SA_ONNX_NONE for an omitted input */
  struct sa_onnx_value *values; /* owned; numbered by sorted names */
  uint32_t value_count;
  uint32_t *inputs, *outputs; /* owned; values of the graph, in the file's order; inputs without
                               * initializers */
  uint32_t input_count, output_count;
};

/* Opens and checks the file. Released by sa_onnx_model_close, also after a failure. */
enum sa_status sa_onnx_model_open(struct sa_onnx_model *model, const char *path, struct sa_error *error)
    SA_CHECKED;
void sa_onnx_model_close(struct sa_onnx_model *model);

static inline uint32_t sa_onnx_input(const struct sa_onnx_model *model, const struct sa_onnx_node *node,
                                     uint32_t i) {
  return i < node->input_count ? model->refs[node->first_ref + i] : SA_ONNX_NONE;
}
static inline uint32_t sa_onnx_output(const struct sa_onnx_model *model,
                                      const struct sa_onnx_node *node, uint32_t i) {
  return i < node->output_count ? model->refs[node->first_ref + node->input_count + i] : SA_ONNX_NONE;
}

bool sa_span_is(struct sa_span span, const char *text);

/* Looks an attribute up; *found false if the node lacks it. */
enum sa_status sa_onnx_attribute(const struct sa_onnx_model *model, const struct sa_onnx_node *node,
                                 const char *name, bool *found, struct sa_onnx_attribute *attribute,
                                 struct sa_error *error) SA_CHECKED;
/* An integer attribute, or its default. */
enum sa_status sa_onnx_int(const struct sa_onnx_model *model, const struct sa_onnx_node *node,
                           const char *name, int64_t fallback, int64_t *value, struct sa_error *error)
    SA_CHECKED;
/* A list of integers: at most `capacity`, *count of them; *count is -1 if the node lacks it. */
enum sa_status sa_onnx_ints(const struct sa_onnx_model *model, const struct sa_onnx_node *node,
                            const char *name, int64_t *values, int capacity, int *count,
                            struct sa_error *error) SA_CHECKED;

/* Reads a TensorProto's head. Its dimensions are checked: not negative, 2^40 elements at most. */
enum sa_status sa_onnx_tensor_read(const struct sa_onnx_model *model, struct sa_span message,
                                   struct sa_onnx_tensor *tensor, struct sa_error *error) SA_CHECKED;
/* Number of elements; 1 for rank 0. Rank must be known and sizes not negative. Saturates. */
uint64_t sa_onnx_elems(const struct sa_onnx_shape *shape);
/* Values of a small tensor, as integers or as doubles (`values` has room for all its elements). *known is
 * false if they are not in this file. */
enum sa_status sa_onnx_tensor_ints(const struct sa_onnx_model *model, const struct sa_onnx_tensor *tensor,
                                   int64_t *values, bool *known, struct sa_error *error) SA_CHECKED;
enum sa_status sa_onnx_tensor_doubles(const struct sa_onnx_model *model,
                                      const struct sa_onnx_tensor *tensor, double *values, bool *known,
                                      struct sa_error *error) SA_CHECKED;
static inline bool sa_onnx_type_is_integer(int32_t type) {
  return (type >= SA_ONNX_UINT8 && type <= SA_ONNX_INT64) || type == SA_ONNX_BOOL ||
         type == SA_ONNX_UINT32 || type == SA_ONNX_UINT64;
}
static inline bool sa_onnx_type_is_float(int32_t type) {
  return type == SA_ONNX_FLOAT || type == SA_ONNX_DOUBLE || type == SA_ONNX_FLOAT16 ||
         type == SA_ONNX_BFLOAT16;
}

/* A dimension of a TypeProto: `value` >= 0, or -1 with `name` of a symbolic one (perhaps empty). */
struct sa_onnx_dim {
  int64_t value;
  struct sa_span name;
};
/* Reads a TypeProto: element type, rank (-1: not stated, or not a tensor) and dimensions. */
enum sa_status sa_onnx_type_read(const struct sa_onnx_model *model, struct sa_span message, int32_t *type,
                                 int *rank, struct sa_onnx_dim dims[SA_ONNX_MAX_RANK],
                                 struct sa_error *error) SA_CHECKED;

/* Fails with "node 'name' (Op, offset N): ...", strings made printable. */
enum sa_status sa_onnx_node_fail(const struct sa_onnx_model *model, const struct sa_onnx_node *node,
                                 enum sa_status status, struct sa_error *error, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* Fails with "offset N: ...". */
enum sa_status sa_onnx_fail(const struct sa_onnx_model *model, const uint8_t *at, enum sa_status status,
                            struct sa_error *error, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
#endif
