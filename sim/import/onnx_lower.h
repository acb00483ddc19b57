/* Lowering: the nodes of an ONNX graph become layers of a network, in the file's order. Inside of the
 * import; the public face is onnx_import.h. Each operator's rule (onnx_ops.def) turns the values of the
 * node's inputs into values of its outputs, appending layers where something is computed. Layers come out
 * one an operation; net_fuse.h then folds activations and residuals into the layers before. */
#ifndef SA_IMPORT_ONNX_LOWER_H
#define SA_IMPORT_ONNX_LOWER_H
#include "import/names.h"
#include "import/notes.h"
#include "import/onnx_infer.h"
#include "import/onnx_view.h"

enum sa_value_kind {
  SA_VALUE_UNSET,
  SA_VALUE_CONSTANT, /* the same in every run: weights, shapes */
  SA_VALUE_INDEX,    /* made of integer inputs: token numbers, masks; no layer computes it */
  SA_VALUE_TENSOR,   /* in a layer's output */
  SA_VALUE_UNKNOWN   /* behind a skipped operator, its shape unknown */
};

/* What still has to be applied to each element. Chains of one-value operators are followed in this
 * algebra, since exporters write GELU as Erf and four others; scaling and constant offsets cost nothing
 * behind a requantisation and are left out. Made a layer when something other than such a chain asks. */
enum sa_func {
  SA_FUNC_NONE,
  SA_FUNC_RELU, SA_FUNC_RELU6, SA_FUNC_GELU, SA_FUNC_SIGMOID, SA_FUNC_TANH, SA_FUNC_SWISH,
  SA_FUNC_POLYNOMIAL, /* x^2, x + a x^3 */
  SA_FUNC_ERF,
  SA_FUNC_TANH_POLYNOMIAL, /* inside of GELU's tanh form */
  SA_FUNC_OTHER            /* any other function, a table */
};

struct sa_value {
  enum sa_value_kind kind;
  enum sa_func func;
  struct sa_view view;
  uint32_t pad[4]; /* zeros still to be put around h and w: top, left, bottom, right */
};

/* A network input in the middle of the graph, to be told if it is still read in the end. */
struct sa_restart {
  uint32_t layer;
  struct sa_onnx_shape shape;
  const char *why;
};

struct sa_lower {
  const struct sa_onnx_model *model;
  struct sa_onnx_shapes *shapes;
  struct sa_net *net;
  struct sa_notes *notes;
  struct sa_error *error;
  struct sa_value *values; /* owned; one a value of the model */
  bool *absorbed;          /* owned; nodes that became part of an earlier one */
  uint32_t *first_use;     /* owned; value_count + 1: where its consumers begin in uses */
  uint32_t *uses;          /* owned; node numbers */
  bool *is_output;         /* owned; layers that the network's user gets; capacity as net's layers */
  struct sa_restart *restarts; /* owned */
  size_t layer_capacity, output_capacity, restart_capacity, restart_count;
  struct sa_name_table names;
  uint32_t node;           /* being lowered */
  bool batch_known;
  bool cannot;             /* the last failure means: this node cannot be expressed */
};

typedef enum sa_status sa_lower_rule(struct sa_lower *l);
#define SA_ONNX_OP(name, shape_rule, rule) sa_lower_rule sa_lower_##rule;
#include "import/onnx_ops.def"
#undef SA_ONNX_OP

static inline const struct sa_onnx_node *sa_lower_node(const struct sa_lower *l) {
  return &l->model->nodes[l->node];
}
/* Shape and contents of input or output i as inferred; null if omitted. */
const struct sa_onnx_info *sa_lower_in_info(const struct sa_lower *l, uint32_t i);
const struct sa_onnx_info *sa_lower_out_info(const struct sa_lower *l, uint32_t i);
/* Value of input or output i; null if omitted. */
struct sa_value *sa_lower_in(const struct sa_lower *l, uint32_t i);
struct sa_value *sa_lower_out(const struct sa_lower *l, uint32_t i);
/* The node's attributes by the functions of onnx_infer.h. */
struct sa_infer sa_lower_infer(struct sa_lower *l, uint64_t *fold_left);

/* The node cannot be expressed: fails, and the walk may go on by request. */
enum sa_status sa_lower_cannot(struct sa_lower *l, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Input i as a tensor with nothing left to apply: a pending function becomes a layer, pending padding
 * is an error unless `pad` takes it. */
enum sa_status sa_lower_tensor(struct sa_lower *l, uint32_t i, struct sa_view *view,
                               uint32_t pad[4]) SA_CHECKED;
/* The same for any value of the model. */
enum sa_status sa_lower_settle(struct sa_lower *l, uint32_t value, struct sa_view *view,
                               uint32_t pad[4]) SA_CHECKED;
const struct sa_shape *sa_lower_shape(const struct sa_lower *l, const struct sa_view *view);

/* Appends a layer, named after the node, and finishes it. */
enum sa_status sa_lower_emit(struct sa_lower *l, struct sa_layer *layer, uint32_t *number) SA_CHECKED;
/* Output i is the whole new layer in these dimensions. */
void sa_lower_set(struct sa_lower *l, uint32_t i, uint32_t layer, int rank, const enum sa_axis *axes);
void sa_lower_set_view(struct sa_lower *l, uint32_t i, const struct sa_view *view);
/* Output i is `view` with another layer of the same geometry below. */
void sa_lower_set_like(struct sa_lower *l, uint32_t i, const struct sa_view *view, uint32_t layer);

/* A tensor of the node comes from outside: a new network input of its shape. For what the machine has
 * no layer for and the host does between two networks. `image`: four dimensions are N, C, H, W; else
 * N, heads, tokens, width. */
enum sa_status sa_lower_restart(struct sa_lower *l, const struct sa_onnx_shape *shape, bool image,
                                const char *why, struct sa_view *view) SA_CHECKED;
/* As a network input of the graph: axes by rank and by who reads it. */
enum sa_status sa_lower_graph_input(struct sa_lower *l, uint32_t value) SA_CHECKED;

/* The only node that reads a value, if it is no output of the graph; else SA_ONNX_NONE. */
uint32_t sa_lower_sole_use(const struct sa_lower *l, uint32_t value);
/* An initializer-like input of `elems` elements (0: any number). */
bool sa_lower_is_constant(const struct sa_lower *l, uint32_t value, uint64_t elems);

/* Normalisations written out as ReduceMean, Sub, Pow, Sqrt, Div; onnx_lower_norm.c. *matched false:
 * the ReduceMean is something else. */
enum sa_status sa_lower_match_norm(struct sa_lower *l, bool *matched) SA_CHECKED;

/* Runs over all nodes. skip: what cannot be expressed is left out and counted. */
enum sa_status sa_lower_run(struct sa_lower *l, bool skip, uint32_t *skipped) SA_CHECKED;
void sa_lower_release(struct sa_lower *l);
#endif
