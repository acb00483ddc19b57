/* Layer norms written out: ReduceMean, Sub, Pow, ReduceMean, Add, Sqrt, Div and perhaps Mul, Add with
 * learned vectors; RMS norms: Pow, ReduceMean, Add, Sqrt, Div or Reciprocal and Mul, Mul. The walk comes to
 * the first ReduceMean, looks at what follows, makes one NORM and marks the nodes as done. */
#include <string.h>

#include "import/onnx_lower.h"

#define MAX_PARTS 16

struct pattern {
  struct sa_lower *l;
  uint32_t parts[MAX_PARTS]; /* nodes that become part of the NORM */
  int count;
  uint32_t x;                /* what is normalised */
};

static bool is_op(const struct pattern *p, uint32_t node, const char *op) {
  return node != SA_ONNX_NONE && sa_span_is(p->l->model->nodes[node].op, op);
}

static uint32_t input_of(const struct pattern *p, uint32_t node, uint32_t i) {
  return sa_onnx_input(p->l->model, &p->l->model->nodes[node], i);
}

static uint32_t output_of(const struct pattern *p, uint32_t node) {
  return sa_onnx_output(p->l->model, &p->l->model->nodes[node], 0);
}

static bool take(struct pattern *p, uint32_t node) {
  if (p->count == MAX_PARTS) return false;
  p->parts[p->count++] = node;
  return true;
}

/* The only reader of a node's output, if it is this operator; it joins the pattern. */
static uint32_t next(struct pattern *p, uint32_t node, const char *op) {
  const uint32_t user = sa_lower_sole_use(p->l, output_of(p, node));
  return is_op(p, user, op) && take(p, user) ? user : SA_ONNX_NONE;
}

/* The other operand of a binary node, of which `value` is one. */
static uint32_t other_operand(const struct pattern *p, uint32_t node, uint32_t value) {
  return input_of(p, node, input_of(p, node, 0) == value ? 1 : 0);
}

/* From the mean of squares over epsilon to the square root: Add, Sqrt. */
static uint32_t match_root(struct pattern *p, uint32_t squares) {
  const uint32_t sum = next(p, squares, "Add");
  if (sum == SA_ONNX_NONE ||
      !sa_lower_is_constant(p->l, other_operand(p, sum, output_of(p, squares)), 1))
    return SA_ONNX_NONE;
  return next(p, sum, "Sqrt");
}

/* Division of `value` (or of one of its two twins) by the root. */
static uint32_t match_division(struct pattern *p, uint32_t root, const uint32_t values[2]) {
  uint32_t last = next(p, root, "Div");
  if (last != SA_ONNX_NONE) {
    if (input_of(p, last, 1) != output_of(p, root)) return SA_ONNX_NONE;
  } else {
    const uint32_t inverse = next(p, root, "Reciprocal");
    if (inverse == SA_ONNX_NONE) return SA_ONNX_NONE;
    root = inverse;
    last = next(p, root, "Mul");
    if (last == SA_ONNX_NONE) return SA_ONNX_NONE;
  }
  const uint32_t divided = other_operand(p, last, output_of(p, root));
  return divided == values[0] || divided == values[1] ? last : SA_ONNX_NONE;
}

/* The mean's readers subtract it from x; their readers square and divide. */
static uint32_t match_layer_norm(struct pattern *p) {
  const struct sa_lower *l = p->l;
  const uint32_t mean = output_of(p, l->node);
  uint32_t subs[2] = {SA_ONNX_NONE, SA_ONNX_NONE}, sub_count = 0, square = SA_ONNX_NONE;
  for (uint32_t k = l->first_use[mean]; k < l->first_use[mean + 1]; k++) {
    const uint32_t user = l->uses[k];
    if (sub_count == 2 || !is_op(p, user, "Sub") || input_of(p, user, 0) != p->x ||
        input_of(p, user, 1) != mean || !take(p, user))
      return SA_ONNX_NONE;
    subs[sub_count++] = user;
  }
  uint32_t values[2] = {SA_ONNX_NONE, SA_ONNX_NONE};
  for (uint32_t s = 0; s < sub_count; s++) {
    values[s] = output_of(p, subs[s]);
    if (values[s] == SA_ONNX_NONE) return SA_ONNX_NONE;
    for (uint32_t k = l->first_use[values[s]]; k < l->first_use[values[s] + 1]; k++)
      if (is_op(p, l->uses[k], "Pow") ||
          (is_op(p, l->uses[k], "Mul") && input_of(p, l->uses[k], 0) == input_of(p, l->uses[k], 1)))
        square = l->uses[k];
  }
  if (square == SA_ONNX_NONE || !take(p, square)) return SA_ONNX_NONE;
  const uint32_t variance = next(p, square, "ReduceMean");
  if (variance == SA_ONNX_NONE) return SA_ONNX_NONE;
  const uint32_t root = match_root(p, variance);
  return root == SA_ONNX_NONE ? SA_ONNX_NONE : match_division(p, root, values);
}

/* A value that is read within the pattern only, or by its last node. */
static bool is_closed(const struct pattern *p, uint32_t last) {
  for (int i = 0; i < p->count; i++) {
    if (p->parts[i] == last) continue;
    const uint32_t value = output_of(p, p->parts[i]);
    if (value == SA_ONNX_NONE || p->l->model->values[value].is_output) return false;
    for (uint32_t k = p->l->first_use[value]; k < p->l->first_use[value + 1]; k++) {
      bool inside = false;
      for (int j = 0; j < p->count; j++) inside |= p->parts[j] == p->l->uses[k];
      if (!inside) return false;
    }
  }
  return true;
}

/* A following Mul or Add with a learned vector over the channels. */
static uint32_t match_vector(struct pattern *p, uint32_t last, const char *op, uint64_t channels) {
  const uint32_t user = sa_lower_sole_use(p->l, output_of(p, last));
  if (!is_op(p, user, op) ||
      !sa_lower_is_constant(p->l, other_operand(p, user, output_of(p, last)), channels))
    return last;
  return output_of(p, user) != SA_ONNX_NONE && take(p, user) ? user : last;
}

enum sa_status sa_lower_match_norm(struct sa_lower *l, bool *matched) {
  struct pattern p = {.l = l, .x = sa_onnx_input(l->model, sa_lower_node(l), 0)};
  const struct sa_value *in = sa_lower_in(l, 0);
  const struct sa_view *view = &in->view;
  *matched = false;
  if (!is_op(&p, l->node, "ReduceMean") || in->kind != SA_VALUE_TENSOR || view->rank < 1 ||
      !sa_view_is_axis(view, view->rank - 1, SA_AXIS_C, sa_lower_shape(l, view)))
    return SA_OK;
  /* the mean keeps all dimensions but the last */
  const struct sa_onnx_shape *from = &sa_lower_in_info(l, 0)->shape, *to = &sa_lower_out_info(l, 0)->shape;
  if (to->rank != from->rank ||
      sa_onnx_elems(to) * (uint64_t)from->dims[from->rank - 1] != sa_onnx_elems(from) ||
      to->dims[to->rank - 1] != 1)
    return SA_OK;
  const bool rms = in->func == SA_FUNC_POLYNOMIAL; /* the mean of x^2 */
  uint32_t last;
  if (rms) {
    const uint32_t square = l->model->values[p.x].producer;
    if (square == SA_ONNX_NONE) return SA_OK;
    p.x = input_of(&p, square, 0);
    const uint32_t values[2] = {p.x, SA_ONNX_NONE}, root = match_root(&p, l->node);
    last = root == SA_ONNX_NONE ? SA_ONNX_NONE : match_division(&p, root, values);
  } else {
    last = match_layer_norm(&p);
  }
  if (last == SA_ONNX_NONE || !is_closed(&p, last) || output_of(&p, last) == SA_ONNX_NONE) return SA_OK;
  const uint64_t channels = view->from.c_count;
  last = match_vector(&p, last, "Mul", channels);
  if (!rms) last = match_vector(&p, last, "Add", channels);
  struct sa_view x;
  enum sa_status status = sa_lower_settle(l, p.x, &x, NULL);
  if (status) return status;
  struct sa_layer norm = {.kind = SA_LAYER_NORM, .rms = rms, .inputs = {x.from}, .input_count = 1};
  uint32_t number;
  status = sa_lower_emit(l, &norm, &number);
  if (status) return status;
  x.from = (struct sa_layer_input){.layer = number, .c_count = l->net->layers[number].out.c};
  l->values[output_of(&p, last)] = (struct sa_value){.kind = SA_VALUE_TENSOR, .view = x};
  for (int i = 0; i < p.count; i++) l->absorbed[p.parts[i]] = true;
  *matched = true;
  return SA_OK;
}
