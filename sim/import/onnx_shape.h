/* Shapes of an ONNX graph's tensors, inferred node by node from the graph's inputs and weights, and the
 * values of small integer and float tensors, folded where everything they are made of is known: the
 * chains of Shape, Gather, Concat that exporters write in front of Reshape, and scalar constants. What a
 * rule can't tell is taken from the model's own value_info, if that is complete. */
#ifndef SA_IMPORT_ONNX_SHAPE_H
#define SA_IMPORT_ONNX_SHAPE_H
#include "import/onnx_model.h"

#define SA_ONNX_FOLD_ELEMS 4096u        /* largest tensor whose values are kept */
#define SA_ONNX_FOLD_TOTAL (4u << 20)   /* values kept in all */

/* Fixes a symbolic dimension: --dim N=1. */
struct sa_onnx_dim_override {
  const char *name;
  int64_t value;
};

/* By the tensor's type: integer or bool `i`, float `f`. */
union sa_onnx_elem {
  int64_t i;
  double f;
};

struct sa_onnx_info {
  int32_t type;               /* enum sa_onnx_type */
  struct sa_onnx_shape shape;
  bool is_constant;           /* the same in every run: made of initializers and shapes alone */
  union sa_onnx_elem *elems;  /* owned; null if not known */
};

struct sa_onnx_shapes {
  struct sa_onnx_info *infos; /* owned; one a value of the model */
  uint32_t count;
};

/* Infers everything. With allow_unknown an operator without a rule leaves its outputs unknown (rank -1)
 * unless value_info tells them; else it must not occur (the caller checked). */
enum sa_status sa_onnx_shapes_infer(struct sa_onnx_shapes *shapes, const struct sa_onnx_model *model,
                                    const struct sa_onnx_dim_override *dims, size_t dim_count,
                                    struct sa_error *error) SA_CHECKED;
void sa_onnx_shapes_release(struct sa_onnx_shapes *shapes);

/* Whether the operator has a row in onnx_ops.def. */
bool sa_onnx_op_known(const struct sa_onnx_node *node);

/* "1 x 64 x 56 x 56", "scalar" or "unknown" into text; returns text. */
char *sa_onnx_shape_text(const struct sa_onnx_shape *shape, char *text, size_t size);
#endif
