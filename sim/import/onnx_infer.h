/* Inside of shape inference: what the rules of onnx_shape_view.c, onnx_shape_nn.c and onnx_fold.c share. */
#ifndef SA_IMPORT_ONNX_INFER_H
#define SA_IMPORT_ONNX_INFER_H
#include "import/onnx_shape.h"

/* One node being inferred. Its outputs begin unknown and take the first input's type. */
struct sa_infer {
  const struct sa_onnx_model *model;
  struct sa_onnx_shapes *shapes;
  const struct sa_onnx_node *node;
  uint64_t *fold_left; /* values that may still be kept */
  struct sa_error *error;
};

typedef enum sa_status sa_infer_rule(struct sa_infer *n);
#define SA_ONNX_OP(name, rule, lower) sa_infer_rule sa_infer_##rule;
#include "import/onnx_ops.def"
#undef SA_ONNX_OP

/* Input i, or null if the node omits it. */
const struct sa_onnx_info *sa_infer_in(const struct sa_infer *n, uint32_t i);
/* Output i, or null if the node omits it. */
struct sa_onnx_info *sa_infer_out(const struct sa_infer *n, uint32_t i);

enum sa_status sa_infer_fail(const struct sa_infer *n, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Sets an output's shape after checking every size (0..2^31-1) and the number of elements (2^40). A
 * null output takes nothing. */
enum sa_status sa_infer_set(const struct sa_infer *n, struct sa_onnx_info *out,
                            const struct sa_onnx_shape *shape) SA_CHECKED;
/* Room for an output's values, whose shape is set; null if there are too many of them to keep. */
union sa_onnx_elem *sa_infer_room(const struct sa_infer *n, struct sa_onnx_info *out);
/* Copies known values; shapes may differ, the number of elements does not. */
void sa_infer_copy(const struct sa_infer *n, const struct sa_onnx_info *in, struct sa_onnx_info *out);

/* Values of a small tensor of the file into an info whose type and shape are set. */
enum sa_status sa_infer_read_elems(const struct sa_infer *n, const struct sa_onnx_tensor *tensor,
                                   struct sa_onnx_info *info) SA_CHECKED;

/* Integers of input i, if known: *count of them. */
const union sa_onnx_elem *sa_infer_ints(const struct sa_infer *n, uint32_t i, int64_t *count);
/* A list that is an attribute in old operator sets and input i in new ones. *count -1: neither is given.
 * *known false: the input is there, its values are not. */
enum sa_status sa_infer_list(const struct sa_infer *n, const char *attribute, uint32_t i,
                             int64_t values[SA_ONNX_MAX_RANK], int *count, bool *known) SA_CHECKED;
/* An axis from -rank to rank - 1, made positive. */
enum sa_status sa_infer_axis(const struct sa_infer *n, int64_t axis, int rank, int *positive) SA_CHECKED;

/* Elements before, at and behind an axis. */
struct sa_infer_split { uint64_t outer, size, inner; };
struct sa_infer_split sa_infer_split_at(const struct sa_onnx_shape *shape, int axis);
#endif
