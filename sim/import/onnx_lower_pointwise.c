/* Lowering of operators that work on one element at a time: the algebra of pending functions, constants
 * folded into scales and biases, sums and products of two tensors. */
#include <string.h>

#include "import/onnx_lower.h"

/* What a function of a function is, where one table does it. SA_FUNC_NONE: the inner one must become a
 * layer first. */
static enum sa_func compose(enum sa_func outer, enum sa_func inner) {
  if (inner == SA_FUNC_NONE) return outer;
  if (inner == SA_FUNC_POLYNOMIAL) return outer == SA_FUNC_TANH ? SA_FUNC_TANH_POLYNOMIAL : SA_FUNC_OTHER;
  return inner == SA_FUNC_OTHER ? SA_FUNC_OTHER : SA_FUNC_NONE;
}

/* Output 0 is `func` of input i. */
static enum sa_status apply(struct sa_lower *l, uint32_t i, enum sa_func func) {
  struct sa_value *in = sa_lower_in(l, i), *out = sa_lower_out(l, 0);
  if (!in || in->kind != SA_VALUE_TENSOR) return sa_lower_cannot(l, "its operand is no computed tensor");
  enum sa_func both = compose(func, in->func);
  if (both == SA_FUNC_NONE && in->func) {
    struct sa_view view;
    const enum sa_status status = sa_lower_tensor(l, i, &view, NULL);
    if (status) return status;
    both = func;
  }
  *out = *in;
  out->func = both;
  return SA_OK;
}

static void note_stand_in(struct sa_lower *l, const char *stand_in) {
  const struct sa_span op = sa_lower_node(l)->op;
  char text[40];
  sa_notes_add(l->notes, "%s runs as %s: the same cycles, other values",
               sa_name_show((const char *)op.data, op.bytes, text, sizeof text), stand_in);
}

enum sa_status sa_lower_activation(struct sa_lower *l) {
  static const struct {
    const char *op;
    enum sa_func func;
    const char *stand_in; /* null: exactly this */
  } table[] = {{"Relu", SA_FUNC_RELU, NULL},          {"Sigmoid", SA_FUNC_SIGMOID, NULL},
               {"Tanh", SA_FUNC_TANH, NULL},          {"Erf", SA_FUNC_ERF, NULL},
               {"Gelu", SA_FUNC_GELU, NULL},          {"LeakyRelu", SA_FUNC_RELU, "relu"},
               {"PRelu", SA_FUNC_RELU, "relu"},       {"HardSigmoid", SA_FUNC_SIGMOID, "sigmoid"},
               {"HardSwish", SA_FUNC_SWISH, "swish"}, {"Elu", SA_FUNC_SWISH, "swish"},
               {"Selu", SA_FUNC_SWISH, "swish"},      {"Celu", SA_FUNC_SWISH, "swish"},
               {"Mish", SA_FUNC_SWISH, "swish"},      {"Softplus", SA_FUNC_OTHER, NULL}};
  for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
    if (!sa_span_is(sa_lower_node(l)->op, table[k].op)) continue;
    if (table[k].stand_in) note_stand_in(l, table[k].stand_in);
    return apply(l, 0, table[k].func);
  }
  return sa_lower_cannot(l, "it is no activation");
}

enum sa_status sa_lower_table(struct sa_lower *l) { return apply(l, 0, SA_FUNC_OTHER); }

/* Neg: a scale of -1. */
enum sa_status sa_lower_affine(struct sa_lower *l) { return sa_lower_identity(l); }

/* A scalar constant given as input i, or as an attribute of old operator sets. */
static enum sa_status bound(struct sa_lower *l, uint32_t i, const char *name, bool *known, double *value) {
  const struct sa_onnx_info *info = sa_lower_in_info(l, i);
  struct sa_onnx_attribute a;
  *known = info && info->elems && sa_onnx_type_is_float(info->type) && sa_onnx_elems(&info->shape) == 1;
  if (*known) *value = info->elems->f;
  if (info) return SA_OK;
  const enum sa_status status = sa_onnx_attribute(l->model, sa_lower_node(l), name, known, &a, l->error);
  if (*known) *value = a.f;
  return status;
}

enum sa_status sa_lower_clip(struct sa_lower *l) {
  bool has_low, has_high;
  double low = 0, high = 0;
  enum sa_status status = bound(l, 1, "min", &has_low, &low);
  if (!status) status = bound(l, 2, "max", &has_high, &high);
  if (status) return status;
  if (has_low && low == 0 && has_high && high == 6) return apply(l, 0, SA_FUNC_RELU6);
  if (has_low && low == 0 && !has_high) return apply(l, 0, SA_FUNC_RELU);
  note_stand_in(l, "relu6");
  return apply(l, 0, SA_FUNC_RELU6);
}

enum sa_status sa_lower_pow(struct sa_lower *l) {
  const struct sa_onnx_info *exponent = sa_lower_in_info(l, 1);
  const bool known = exponent && exponent->elems && sa_onnx_elems(&exponent->shape) == 1;
  const double p = !known                                  ? 0
                   : sa_onnx_type_is_float(exponent->type) ? exponent->elems->f
                                                           : (double)exponent->elems->i;
  return apply(l, 0, p == 2 || p == 3 ? SA_FUNC_POLYNOMIAL : SA_FUNC_OTHER);
}

/* Two functions of one tensor, multiplied or added, are one function of it. SA_FUNC_NONE with *known
 * false: no table does that. */
static enum sa_func combine(bool is_mul, enum sa_func a, enum sa_func b, bool *known) {
  if (a != SA_FUNC_NONE && b == SA_FUNC_NONE) return combine(is_mul, b, a, known);
  *known = a == SA_FUNC_NONE;
  if (!*known) return SA_FUNC_NONE;
  switch (b) {
    case SA_FUNC_NONE: return is_mul ? SA_FUNC_POLYNOMIAL : SA_FUNC_NONE;
    case SA_FUNC_POLYNOMIAL: return SA_FUNC_POLYNOMIAL;
    case SA_FUNC_SIGMOID: return is_mul ? SA_FUNC_SWISH : SA_FUNC_OTHER;
    case SA_FUNC_RELU6: return is_mul ? SA_FUNC_SWISH : SA_FUNC_OTHER; /* x relu6(x + 3) / 6 */
    case SA_FUNC_ERF:
    case SA_FUNC_TANH_POLYNOMIAL: return is_mul ? SA_FUNC_GELU : SA_FUNC_OTHER;
    default: return SA_FUNC_OTHER;
  }
}

static bool same_tensor(const struct sa_value *a, const struct sa_value *b) {
  return a->view.from.layer == b->view.from.layer && a->view.from.c_first == b->view.from.c_first &&
         a->view.from.c_count == b->view.from.c_count && sa_view_same(&a->view, &b->view);
}

static bool no_positions(const struct sa_shape *shape) { return shape->h == 1 && shape->w == 1; }

/* ADD or MUL of two tensors. */
static enum sa_status pair(struct sa_lower *l, enum sa_layer_kind kind) {
  const struct sa_value *x = sa_lower_in(l, 0), *y = sa_lower_in(l, 1);
  if (same_tensor(x, y)) {
    bool known;
    const enum sa_func func = combine(kind == SA_LAYER_MUL, x->func, y->func, &known);
    if (known) {
      *sa_lower_out(l, 0) = *x;
      sa_lower_out(l, 0)->func = func;
      return SA_OK;
    }
  }
  struct sa_view a, b;
  enum sa_status status = sa_lower_tensor(l, 0, &a, NULL);
  if (!status) status = sa_lower_tensor(l, 1, &b, NULL);
  if (status) return status;
  const struct sa_shape *sa = sa_lower_shape(l, &a), *sb = sa_lower_shape(l, &b);
  const bool equal = sa->n == sb->n && sa->h == sb->h && sa->w == sb->w &&
                     a.from.c_count == b.from.c_count && sa_view_same(&a, &b);
  const bool b_spreads = no_positions(sb) && a.from.c_count == b.from.c_count && sa_view_spread(&a, &b);
  const bool a_spreads = no_positions(sa) && a.from.c_count == b.from.c_count && sa_view_spread(&b, &a);
  if (!equal && !b_spreads && !a_spreads) {
    char one[120], two[120];
    return sa_lower_cannot(l, "its inputs of %s and %s lie differently in their layers",
                           sa_onnx_shape_text(&sa_lower_in_info(l, 0)->shape, one, sizeof one),
                           sa_onnx_shape_text(&sa_lower_in_info(l, 1)->shape, two, sizeof two));
  }
  const bool swap = !equal && !b_spreads;
  struct sa_layer layer = {
      .kind = kind, .inputs = {swap ? b.from : a.from, swap ? a.from : b.from}, .input_count = 2};
  uint32_t number;
  status = sa_lower_emit(l, &layer, &number);
  if (!status) sa_lower_set_like(l, 0, swap ? &b : &a, number);
  return status;
}

/* How a constant meets a tensor whose dimensions are `view`, aligned at the last. */
enum reach { REACH_SCALAR, REACH_CHANNEL, REACH_ALL, REACH_PART };

static enum reach reach_of(const struct sa_lower *l, const struct sa_view *view,
                           const struct sa_onnx_shape *constant) {
  const struct sa_shape *shape = sa_lower_shape(l, view);
  if (sa_onnx_elems(constant) == 1) return REACH_SCALAR;
  bool channel = true, all = true;
  for (int k = 1; k <= view->rank; k++) {
    const int d = view->rank - k;
    const bool varies = k <= constant->rank && constant->dims[constant->rank - k] != 1;
    const bool is_c = sa_view_is_axis(view, d, SA_AXIS_C, shape);
    const bool is_batch = sa_view_is_axis(view, d, SA_AXIS_N, shape);
    channel &= varies == (is_c && view->from.c_count > 1);
    all &= varies || is_batch || sa_view_dim(view, d) == 1;
  }
  return channel ? REACH_CHANNEL : all ? REACH_ALL : REACH_PART;
}

/* A learned constant as a tensor in DRAM, read like an input. */
static enum sa_status add_constant_operand(struct sa_lower *l, enum sa_layer_kind kind,
                                           const struct sa_view *view, bool per_channel,
                                           uint64_t elems) {
  const struct sa_shape *shape = sa_lower_shape(l, view);
  struct sa_layer constant = {.kind = SA_LAYER_INPUT,
                              .out = {shape->n, shape->h, shape->w, view->from.c_count}};
  if (per_channel) constant.out.h = constant.out.w = 1;
  uint32_t operand, number;
  enum sa_status status = sa_lower_emit(l, &constant, &operand);
  if (status) return status;
  struct sa_layer layer = {.kind = kind, .inputs = {view->from, {.layer = operand}}, .input_count = 2};
  status = sa_lower_emit(l, &layer, &number);
  if (status) return status;
  l->net->extra_params += elems;
  sa_lower_set_like(l, 0, view, number);
  return SA_OK;
}

/* A constant (input c) and a tensor (input t). */
static enum sa_status with_constant(struct sa_lower *l, enum sa_layer_kind kind, uint32_t t, uint32_t c) {
  struct sa_value *in = sa_lower_in(l, t), *out = sa_lower_out(l, 0);
  const struct sa_onnx_shape *constant = &sa_lower_in_info(l, c)->shape;
  if (sa_onnx_elems(&sa_lower_out_info(l, 0)->shape) != sa_onnx_elems(&sa_lower_in_info(l, t)->shape))
    return sa_lower_cannot(l, "a constant makes its computed input larger");
  const enum reach reach = reach_of(l, &in->view, constant);
  if (reach == REACH_SCALAR || sa_lower_in(l, c)->kind == SA_VALUE_INDEX || reach == REACH_PART) {
    if (reach != REACH_SCALAR) sa_notes_add(l->notes, "a mask has no layer: every position is computed");
    *out = *in;
    return SA_OK;
  }
  struct sa_view view;
  const enum sa_status status = sa_lower_tensor(l, t, &view, NULL);
  if (status) return status;
  struct sa_layer *from = &l->net->layers[view.from.layer];
  const bool folds =
      (from->kind == SA_LAYER_CONV || from->kind == SA_LAYER_FC) && view.from.c_count == from->out.c;
  if (reach == REACH_CHANNEL && folds) { /* into bias or scale */
    if (kind == SA_LAYER_ADD) from->has_bias = true;
    *out = *in;
    return sa_net_finish_layer(l->net, view.from.layer, l->error);
  }
  if (reach == REACH_ALL && kind == SA_LAYER_ADD &&
      from->kind == SA_LAYER_INPUT) { /* the host adds positions */
    l->net->extra_params += sa_onnx_elems(constant);
    *out = *in;
    return SA_OK;
  }
  return add_constant_operand(l, kind, &view, reach == REACH_CHANNEL, sa_onnx_elems(constant));
}

static enum sa_status binary(struct sa_lower *l, enum sa_layer_kind kind) {
  const struct sa_value *a = sa_lower_in(l, 0), *b = sa_lower_in(l, 1);
  if (!a || !b) return sa_lower_cannot(l, "it lacks an input");
  if (a->kind == SA_VALUE_TENSOR && b->kind == SA_VALUE_TENSOR) return pair(l, kind);
  return a->kind == SA_VALUE_TENSOR ? with_constant(l, kind, 0, 1) : with_constant(l, kind, 1, 0);
}

/* Add, Sub: a difference is a sum with a negative scale. */
enum sa_status sa_lower_add(struct sa_lower *l) { return binary(l, SA_LAYER_ADD); }

/* Mul, Div by a constant. */
enum sa_status sa_lower_mul(struct sa_lower *l) {
  const struct sa_value *b = sa_lower_in(l, 1), *a = sa_lower_in(l, 0);
  if (sa_span_is(sa_lower_node(l)->op, "Div") && b && b->kind == SA_VALUE_TENSOR) {
    if (a && a->kind == SA_VALUE_CONSTANT && sa_onnx_elems(&sa_lower_in_info(l, 0)->shape) == 1)
      return apply(l, 1, SA_FUNC_OTHER); /* a reciprocal */
    return sa_lower_cannot(l, "it divides by a computed tensor");
  }
  return binary(l, SA_LAYER_MUL);
}
