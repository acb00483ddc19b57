/* Shape rules of operators that make constants and compute with them; values are folded where known. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "import/onnx_infer.h"

enum sa_status sa_infer_read_elems(const struct sa_infer *n, const struct sa_onnx_tensor *tensor,
                                   struct sa_onnx_info *info) {
  union sa_onnx_elem *room = sa_infer_room(n, info);
  if (!room) return SA_OK;
  bool known = false;
  const uint64_t elems = sa_onnx_elems(&tensor->shape);
  /* the two members of an element have one size, so an array of either can be filled in place */
  _Static_assert(sizeof(union sa_onnx_elem) == sizeof(int64_t) && sizeof(double) == sizeof(int64_t),
                 "elements are 8 bytes");
  enum sa_status status = SA_OK;
  if (sa_onnx_type_is_integer(info->type))
    status = sa_onnx_tensor_ints(n->model, tensor, &room->i, &known, n->error);
  else if (sa_onnx_type_is_float(info->type))
    status = sa_onnx_tensor_doubles(n->model, tensor, &room->f, &known, n->error);
  if (!known) {
    *n->fold_left += elems;
    free(room);
    info->elems = NULL;
  }
  return status;
}

enum sa_status sa_infer_constant(struct sa_infer *n) {
  struct sa_onnx_info *out = sa_infer_out(n, 0);
  struct sa_onnx_attribute a;
  bool found;
  if (!out) return SA_OK;
  enum sa_status status = sa_onnx_attribute(n->model, n->node, "value", &found, &a, n->error);
  if (!status && found) {
    struct sa_onnx_tensor tensor;
    status = sa_onnx_tensor_read(n->model, a.t, &tensor, n->error);
    if (status) return status;
    out->type = tensor.type;
    out->shape = tensor.shape;
    return sa_infer_read_elems(n, &tensor, out);
  }
  static const char *const scalars[] = {"value_int", "value_float"};
  for (int k = 0; k < 2 && !status; k++) {
    status = sa_onnx_attribute(n->model, n->node, scalars[k], &found, &a, n->error);
    if (status || !found) continue;
    out->type = k ? SA_ONNX_FLOAT : SA_ONNX_INT64;
    out->shape.rank = 0;
    union sa_onnx_elem *room = sa_infer_room(n, out);
    if (room && k) room->f = a.f;
    if (room && !k) room->i = a.i;
    return SA_OK;
  }
  int64_t ints[SA_ONNX_MAX_RANK];
  int count = -1;
  if (!status)
    status = sa_onnx_ints(n->model, n->node, "value_ints", ints, SA_ONNX_MAX_RANK, &count, n->error);
  if (status) return status;
  if (count < 0) return sa_infer_fail(n, "it has no value that is understood");
  out->type = SA_ONNX_INT64;
  out->shape = (struct sa_onnx_shape){.rank = 1, .dims = {count}};
  union sa_onnx_elem *room = sa_infer_room(n, out);
  for (int k = 0; k < count && room; k++) room[k].i = ints[k];
  return SA_OK;
}

enum sa_status sa_infer_constant_of_shape(struct sa_infer *n) {
  struct sa_onnx_info *out = sa_infer_out(n, 0);
  int64_t count;
  const union sa_onnx_elem *sizes = sa_infer_ints(n, 0, &count);
  if (!out || !sizes) return SA_OK;
  if (count > SA_ONNX_MAX_RANK) return sa_infer_fail(n, "its output has %" PRId64 " dimensions", count);
  struct sa_onnx_shape shape = {.rank = (int)count};
  for (int k = 0; k < count; k++) shape.dims[k] = sizes[k].i;
  struct sa_onnx_attribute a;
  bool found;
  enum sa_status status = sa_onnx_attribute(n->model, n->node, "value", &found, &a, n->error);
  out->type = SA_ONNX_FLOAT;
  union sa_onnx_elem fill = {.i = 0}; /* all bits zero: 0.0 too */
  bool known = true;
  struct sa_onnx_tensor tensor;
  if (!status && found) {
    status = sa_onnx_tensor_read(n->model, a.t, &tensor, n->error);
    if (!status && sa_onnx_elems(&tensor.shape) != 1) return sa_infer_fail(n, "its value is no scalar");
    out->type = tensor.type;
    known = false;
    if (!status && sa_onnx_type_is_integer(tensor.type))
      status = sa_onnx_tensor_ints(n->model, &tensor, &fill.i, &known, n->error);
    else if (!status)
      status = sa_onnx_tensor_doubles(n->model, &tensor, &fill.f, &known, n->error);
  }
  if (!status) status = sa_infer_set(n, out, &shape);
  union sa_onnx_elem *room = status || !known ? NULL : sa_infer_room(n, out);
  const uint64_t elems = room ? sa_onnx_elems(&out->shape) : 0;
  for (uint64_t k = 0; k < elems; k++) room[k] = fill;
  return status;
}

/* Shape and Size. */
enum sa_status sa_infer_shape(struct sa_infer *n) {
  const struct sa_onnx_info *in = sa_infer_in(n, 0);
  struct sa_onnx_info *out = sa_infer_out(n, 0);
  if (!in || !out) return SA_OK;
  out->type = SA_ONNX_INT64;
  out->is_constant = true;
  if (sa_span_is(n->node->op, "Size")) {
    out->shape.rank = 0;
    union sa_onnx_elem *room = sa_infer_room(n, out);
    if (room) room->i = (int64_t)sa_onnx_elems(&in->shape);
    return SA_OK;
  }
  const int rank = in->shape.rank;
  int64_t start, end;
  enum sa_status status = sa_onnx_int(n->model, n->node, "start", 0, &start, n->error);
  if (!status) status = sa_onnx_int(n->model, n->node, "end", rank, &end, n->error);
  if (status) return status;
  start = start < 0 ? start + rank : start;
  end = end < 0 ? end + rank : end;
  start = start < 0 ? 0 : start > rank ? rank : start;
  end = end < start ? start : end > rank ? rank : end;
  out->shape = (struct sa_onnx_shape){.rank = 1, .dims = {end - start}};
  union sa_onnx_elem *room = sa_infer_room(n, out);
  for (int64_t k = start; k < end && room; k++) room[k - start].i = in->shape.dims[k];
  return SA_OK;
}

enum sa_status sa_infer_range(struct sa_infer *n) {
  struct sa_onnx_info *out = sa_infer_out(n, 0);
  int64_t one[3];
  const union sa_onnx_elem *v[3];
  for (uint32_t k = 0; k < 3; k++) {
    v[k] = sa_infer_ints(n, k, &one[k]);
    if (!out || !v[k]) return SA_OK; /* not known, or float: value_info must tell */
    if (one[k] != 1) return sa_infer_fail(n, "start, limit and delta must be scalars");
  }
  const int64_t start = v[0]->i, limit = v[1]->i, delta = v[2]->i;
  if (delta == 0) return sa_infer_fail(n, "delta is 0");
  /* in doubles, since the difference of hostile bounds overflows; exact far past any size allowed */
  const double steps = ceil(((double)limit - (double)start) / (double)delta);
  if (steps > (double)SA_ONNX_MAX_DIM)
    return sa_infer_fail(n, "its output has more than 2^31 - 1 elements");
  const struct sa_onnx_shape shape = {.rank = 1, .dims = {steps > 0 ? (int64_t)steps : 0}};
  const enum sa_status status = sa_infer_set(n, out, &shape);
  union sa_onnx_elem *room = status ? NULL : sa_infer_room(n, out);
  for (int64_t k = 0; k < shape.dims[0] && room; k++)
    room[k].i = (int64_t)((uint64_t)start + (uint64_t)k * (uint64_t)delta);
  return status;
}

/* Multidirectional broadcasting. */
static enum sa_status broadcast(const struct sa_infer *n, const struct sa_onnx_shape *a,
                                struct sa_onnx_shape *both) {
  struct sa_onnx_shape wide = {.rank = a->rank > both->rank ? a->rank : both->rank};
  for (int k = 1; k <= wide.rank; k++) {
    const int64_t left = k <= a->rank ? a->dims[a->rank - k] : 1;
    const int64_t right = k <= both->rank ? both->dims[both->rank - k] : 1;
    if (left != right && left != 1 && right != 1) {
      char one[200], two[200];
      return sa_infer_fail(n, "its inputs of %s and %s cannot be broadcast to one shape",
                           sa_onnx_shape_text(both, two, sizeof two),
                           sa_onnx_shape_text(a, one, sizeof one));
    }
    wide.dims[wide.rank - k] = left == 1 ? right : left;
  }
  *both = wide;
  return SA_OK;
}

/* The element of `in` that belongs to element `index` of the broadcast shape. */
static uint64_t source_index(const struct sa_onnx_shape *wide, const struct sa_onnx_shape *in,
                             uint64_t index) {
  uint64_t source = 0, stride = 1;
  for (int k = 1; k <= wide->rank; k++) {
    const uint64_t size = (uint64_t)wide->dims[wide->rank - k], at = index % size;
    index /= size;
    if (k > in->rank) continue;
    const uint64_t in_size = (uint64_t)in->dims[in->rank - k];
    if (in_size > 1) source += at * stride;
    stride *= in_size;
  }
  return source;
}

static union sa_onnx_elem compute(const char *op, size_t op_length, bool is_float, union sa_onnx_elem a,
                                  union sa_onnx_elem b, bool *known) {
  const struct sa_span name = {(const uint8_t *)op, op_length};
  union sa_onnx_elem r = {.i = 0};
  const double x = is_float ? a.f : (double)a.i, y = is_float ? b.f : (double)b.i;
  if (sa_span_is(name, "Equal")) r.i = is_float ? x == y : a.i == b.i;
  else if (sa_span_is(name, "Less")) r.i = is_float ? x < y : a.i < b.i;
  else if (sa_span_is(name, "Greater")) r.i = is_float ? x > y : a.i > b.i;
  else if (sa_span_is(name, "LessOrEqual")) r.i = is_float ? x <= y : a.i <= b.i;
  else if (sa_span_is(name, "GreaterOrEqual")) r.i = is_float ? x >= y : a.i >= b.i;
  else if (sa_span_is(name, "And")) r.i = a.i && b.i;
  else if (sa_span_is(name, "Or")) r.i = a.i || b.i;
  else if (is_float && sa_span_is(name, "Add")) r.f = x + y;
  else if (is_float && sa_span_is(name, "Sub")) r.f = x - y;
  else if (is_float && sa_span_is(name, "Mul")) r.f = x * y;
  else if (is_float && sa_span_is(name, "Div")) r.f = x / y;
  else if (is_float && sa_span_is(name, "Pow")) r.f = pow(x, y);
  else if (is_float && sa_span_is(name, "Min")) r.f = x < y ? x : y;
  else if (is_float && sa_span_is(name, "Max")) r.f = x > y ? x : y;
  else if (is_float) *known = false;
  else if (sa_span_is(name, "Add")) r.i = (int64_t)((uint64_t)a.i + (uint64_t)b.i);
  else if (sa_span_is(name, "Sub")) r.i = (int64_t)((uint64_t)a.i - (uint64_t)b.i);
  else if (sa_span_is(name, "Mul")) r.i = (int64_t)((uint64_t)a.i * (uint64_t)b.i);
  else if (sa_span_is(name, "Min")) r.i = a.i < b.i ? a.i : b.i;
  else if (sa_span_is(name, "Max")) r.i = a.i > b.i ? a.i : b.i;
  else if (b.i == 0 || (b.i == -1 && a.i == INT64_MIN)) *known = false;
  else if (sa_span_is(name, "Div")) r.i = a.i / b.i;
  else if (sa_span_is(name, "Mod"))
    r.i = a.i % b.i + ((a.i % b.i != 0 && (a.i < 0) != (b.i < 0)) ? b.i : 0);
  else *known = false;
  return r;
}

static bool is_comparison(struct sa_span op) {
  static const char *const names[] = {"Equal",          "Less", "Greater", "LessOrEqual",
                                      "GreaterOrEqual", "And",  "Or"};
  for (size_t k = 0; k < sizeof names / sizeof *names; k++)
    if (sa_span_is(op, names[k])) return true;
  return false;
}

/* Operators of two tensors (Min and Max: of one or two), element by element. */
enum sa_status sa_infer_arithmetic(struct sa_infer *n) {
  struct sa_onnx_info *out = sa_infer_out(n, 0);
  const struct sa_onnx_info *a = sa_infer_in(n, 0), *b = sa_infer_in(n, 1);
  if (n->node->input_count > 2)
    return sa_infer_fail(n, "it has %u inputs; two are understood", n->node->input_count);
  if (!a || !out) return sa_infer_fail(n, "it lacks an input or output");
  if (!b) b = a;
  struct sa_onnx_shape shape = a->shape;
  enum sa_status status = broadcast(n, &b->shape, &shape);
  if (!status) status = sa_infer_set(n, out, &shape);
  if (status) return status;
  const bool is_float = sa_onnx_type_is_float(a->type);
  if (is_comparison(n->node->op)) out->type = SA_ONNX_BOOL;
  if (!a->elems || !b->elems || (is_float != sa_onnx_type_is_float(b->type))) return SA_OK;
  const uint64_t elems = sa_onnx_elems(&shape);
  bool known = elems > 0;
  union sa_onnx_elem *room = known ? sa_infer_room(n, out) : NULL;
  for (uint64_t k = 0; k < elems && room; k++)
    room[k] = compute((const char *)n->node->op.data, n->node->op.bytes, is_float,
                      a->elems[source_index(&shape, &a->shape, k)],
                      b->elems[source_index(&shape, &b->shape, k)], &known);
  if (room && !known) {
    *n->fold_left += elems;
    free(room);
    out->elems = NULL;
  }
  return SA_OK;
}

enum sa_status sa_infer_where(struct sa_infer *n) {
  struct sa_onnx_info *out = sa_infer_out(n, 0);
  const struct sa_onnx_info *c = sa_infer_in(n, 0), *a = sa_infer_in(n, 1), *b = sa_infer_in(n, 2);
  if (!a || !b || !c || !out) return sa_infer_fail(n, "it lacks an input or output");
  struct sa_onnx_shape shape = a->shape;
  enum sa_status status = broadcast(n, &b->shape, &shape);
  if (!status) status = broadcast(n, &c->shape, &shape);
  if (!status) status = sa_infer_set(n, out, &shape);
  if (status) return status;
  out->type = a->type;
  if (!a->elems || !b->elems || !c->elems) return SA_OK;
  union sa_onnx_elem *room = sa_infer_room(n, out);
  const uint64_t elems = room ? sa_onnx_elems(&shape) : 0;
  for (uint64_t k = 0; k < elems; k++)
    room[k] = c->elems[source_index(&shape, &c->shape, k)].i ? a->elems[source_index(&shape, &a->shape, k)]
                                                             : b->elems[source_index(&shape, &b->shape, k)];
  return SA_OK;
}

enum sa_status sa_infer_expand(struct sa_infer *n) {
  struct sa_onnx_info *out = sa_infer_out(n, 0);
  const struct sa_onnx_info *in = sa_infer_in(n, 0);
  int64_t count;
  const union sa_onnx_elem *sizes = sa_infer_ints(n, 1, &count);
  if (!in || !out || !sizes) return SA_OK;
  if (count > SA_ONNX_MAX_RANK) return sa_infer_fail(n, "its output has %" PRId64 " dimensions", count);
  struct sa_onnx_shape shape = {.rank = (int)count};
  for (int k = 0; k < count; k++) shape.dims[k] = sizes[k].i;
  enum sa_status status = broadcast(n, &in->shape, &shape);
  if (!status) status = sa_infer_set(n, out, &shape);
  if (status || !in->elems) return status;
  union sa_onnx_elem *room = sa_infer_room(n, out);
  const uint64_t elems = room ? sa_onnx_elems(&shape) : 0;
  for (uint64_t k = 0; k < elems; k++) room[k] = in->elems[source_index(&shape, &in->shape, k)];
  return SA_OK;
}

/* Operators of one tensor whose values can be folded. */
enum sa_status sa_infer_unary(struct sa_infer *n) {
  const struct sa_onnx_info *in = sa_infer_in(n, 0);
  struct sa_onnx_info *out = sa_infer_out(n, 0);
  if (!in || !out) return sa_infer_fail(n, "it lacks an input or output");
  const enum sa_status status = sa_infer_set(n, out, &in->shape);
  if (status || !in->elems) return status;
  union sa_onnx_elem *room = sa_infer_room(n, out);
  const uint64_t elems = room ? sa_onnx_elems(&in->shape) : 0;
  const bool is_float = sa_onnx_type_is_float(in->type);
  const struct sa_span op = n->node->op;
  for (uint64_t k = 0; k < elems; k++) {
    const union sa_onnx_elem x = in->elems[k];
    if (!is_float)
      room[k].i = sa_span_is(op, "Neg")   ? (int64_t)(0 - (uint64_t)x.i)
                  : sa_span_is(op, "Not") ? !x.i
                                          : x.i;
    else
      room[k].f = sa_span_is(op, "Neg")          ? -x.f
                  : sa_span_is(op, "Sqrt")       ? sqrt(x.f)
                  : sa_span_is(op, "Exp")        ? exp(x.f)
                  : sa_span_is(op, "Reciprocal") ? 1 / x.f
                  : sa_span_is(op, "Floor")      ? floor(x.f)
                                                 : ceil(x.f);
  }
  return SA_OK;
}

enum sa_status sa_infer_cast(struct sa_infer *n) {
  const struct sa_onnx_info *in = sa_infer_in(n, 0);
  struct sa_onnx_info *out = sa_infer_out(n, 0);
  if (!in || !out) return sa_infer_fail(n, "it lacks an input or output");
  int64_t to;
  enum sa_status status = sa_onnx_int(n->model, n->node, "to", in->type, &to, n->error);
  if (!status) status = sa_infer_set(n, out, &in->shape);
  out->type = (int32_t)to;
  if (status || !in->elems) return status;
  const bool from_float = sa_onnx_type_is_float(in->type), to_float = sa_onnx_type_is_float(out->type);
  if (!to_float && !sa_onnx_type_is_integer(out->type)) return SA_OK;
  union sa_onnx_elem *room = sa_infer_room(n, out);
  const uint64_t elems = room ? sa_onnx_elems(&in->shape) : 0;
  for (uint64_t k = 0; k < elems; k++) {
    const union sa_onnx_elem x = in->elems[k];
    if (to_float) room[k].f = from_float ? x.f : (double)x.i;
    else if (!from_float) room[k].i = x.i;
    else
      room[k].i =
          x.f > -9e18 && x.f < 9e18 ? (int64_t)x.f : 0; /* what is out of range is undefined in C */
  }
  return SA_OK;
}
