/* Builds small ONNX models byte by byte, so that tests need no exporter and can build wrong ones too. */
#ifndef SA_TESTS_ONNX_BUILD_H
#define SA_TESTS_ONNX_BUILD_H
#include <stddef.h>
#include <stdint.h>

/* A protobuf message being written. */
struct pb {
  uint8_t data[1 << 18];
  size_t bytes;
};

void pb_varint(struct pb *pb, uint64_t value);
void pb_int(struct pb *pb, uint32_t field, uint64_t value);
void pb_bytes(struct pb *pb, uint32_t field, const void *data, size_t bytes);
void pb_text(struct pb *pb, uint32_t field, const char *text);
void pb_message(struct pb *pb, uint32_t field, const struct pb *message);

/* The graph of the model being built; one at a time. */
extern struct pb onnx_graph, onnx_attributes;

/* Empties the graph and the attributes. */
void onnx_begin(void);
/* An input, or with field 12 an output, 13 value_info: float, of these sizes; a size of -1 is the symbolic
 * dimension "N". The list ends with -2. */
void onnx_value(uint32_t field, const char *name, int type, const int64_t *dims);
#define ONNX_INPUT(name, ...) onnx_value(11, name, 1, (const int64_t[]){__VA_ARGS__, -2})
#define ONNX_OUTPUT(name, ...) onnx_value(12, name, 1, (const int64_t[]){__VA_ARGS__, -2})
/* A float initializer without data. */
void onnx_weight(const char *name, const int64_t *dims);
#define ONNX_WEIGHT(name, ...) onnx_weight(name, (const int64_t[]){__VA_ARGS__, -2})
/* An initializer of 64-bit integers, rank 1 (count >= 0), and a float scalar. */
void onnx_ints(const char *name, const int64_t *values, int count);
#define ONNX_INTS(name, ...)                      \
  onnx_ints(name, (const int64_t[]){__VA_ARGS__}, \
            (int)(sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t)))
void onnx_float(const char *name, float value);
/* Attributes of the next node. */
void onnx_attr_int(const char *name, int64_t value);
void onnx_attr_text(const char *name, const char *text);
void onnx_attr_list(const char *name, const int64_t *values, int count);
#define ONNX_ATTR_INTS(name, ...)                      \
  onnx_attr_list(name, (const int64_t[]){__VA_ARGS__}, \
                 (int)(sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t)))
/* A node; inputs and outputs are separated by blanks, "-" is an omitted one. The node is named after its
 * first output. */
void onnx_node(const char *op, const char *inputs, const char *outputs);
/* The finished model in a temporary file; the path is static. */
const char *onnx_file(int64_t ir_version, int64_t opset);
/* The same bytes. */
void onnx_model(struct pb *model, int64_t ir_version, int64_t opset);
#endif
