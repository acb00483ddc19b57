/* Shape rules of operators that compute: windows, products, reductions, recurrences. */
#include <inttypes.h>
#include <math.h>

#include "import/onnx_infer.h"
#include "import/onnx_window.h"

static enum sa_status ends(const struct sa_infer *n, const struct sa_onnx_info **in,
                           struct sa_onnx_info **out) {
  *in = sa_infer_in(n, 0);
  *out = sa_infer_out(n, 0);
  return *in && *out ? SA_OK : sa_infer_fail(n, "it lacks an input or output");
}

/* Input `i`, of at least `rank` dimensions. */
static enum sa_status operand(const struct sa_infer *n, uint32_t i, int rank,
                              const struct sa_onnx_info **in) {
  *in = sa_infer_in(n, i);
  if (!*in) return sa_infer_fail(n, "it lacks its input %u", i);
  if ((*in)->shape.rank < rank)
    return sa_infer_fail(n, "its input %u has %d dimensions; it must have %d", i, (*in)->shape.rank, rank);
  return SA_OK;
}

static enum sa_status set_window(const struct sa_infer *n, struct sa_onnx_info *out,
                                 const struct sa_onnx_shape *in, const struct sa_onnx_window *w,
                                 int64_t channels) {
  struct sa_onnx_shape shape = {.rank = in->rank, .dims = {in->dims[0], channels}};
  for (int k = 0; k < w->spatial; k++) shape.dims[2 + k] = w->out[2 - w->spatial + k];
  return sa_infer_set(n, out, &shape);
}

enum sa_status sa_infer_conv(struct sa_infer *n) {
  const struct sa_onnx_info *in, *weights;
  struct sa_onnx_info *out;
  struct sa_onnx_window w;
  int64_t groups;
  enum sa_status status = ends(n, &in, &out);
  if (!status) status = operand(n, 1, 3, &weights);
  if (!status) status = sa_onnx_window_read(n->model, n->node, &in->shape, &weights->shape, &w, n->error);
  if (!status) status = sa_onnx_int(n->model, n->node, "group", 1, &groups, n->error);
  if (status) return status;
  const int64_t channels = in->shape.dims[1];
  if (groups < 1 || channels % groups || weights->shape.dims[0] % groups ||
      weights->shape.dims[1] != channels / groups)
    return sa_infer_fail(n,
                         "%" PRId64 " groups, %" PRId64 " input channels and weights of %" PRId64
                         " x %" PRId64 " do not fit together",
                         groups, channels, weights->shape.dims[0], weights->shape.dims[1]);
  return set_window(n, out, &in->shape, &w, weights->shape.dims[0]);
}

enum sa_status sa_infer_pool(struct sa_infer *n) {
  const struct sa_onnx_info *in;
  struct sa_onnx_info *out;
  struct sa_onnx_window w;
  enum sa_status status = ends(n, &in, &out);
  if (!status) status = sa_onnx_window_read(n->model, n->node, &in->shape, NULL, &w, n->error);
  return status ? status : set_window(n, out, &in->shape, &w, in->shape.dims[1]);
}

enum sa_status sa_infer_global_pool(struct sa_infer *n) {
  const struct sa_onnx_info *in;
  struct sa_onnx_info *out;
  enum sa_status status = ends(n, &in, &out);
  if (status) return status;
  struct sa_onnx_shape shape = in->shape;
  for (int k = 2; k < shape.rank; k++) shape.dims[k] = 1;
  return sa_infer_set(n, out, &shape);
}

enum sa_status sa_infer_gemm(struct sa_infer *n) {
  const struct sa_onnx_info *a, *b;
  struct sa_onnx_info *out = sa_infer_out(n, 0);
  int64_t trans_a, trans_b;
  enum sa_status status = operand(n, 0, 2, &a);
  if (!status) status = operand(n, 1, 2, &b);
  if (!status) status = sa_onnx_int(n->model, n->node, "transA", 0, &trans_a, n->error);
  if (!status) status = sa_onnx_int(n->model, n->node, "transB", 0, &trans_b, n->error);
  if (status) return status;
  const int ta = trans_a != 0, tb = trans_b != 0;
  if (a->shape.rank != 2 || b->shape.rank != 2 || a->shape.dims[!ta] != b->shape.dims[tb])
    return sa_infer_fail(n, "its inputs' inner sizes, %" PRId64 " and %" PRId64 ", differ",
                         a->shape.dims[!ta], b->shape.dims[tb]);
  const struct sa_onnx_shape shape = {.rank = 2, .dims = {a->shape.dims[ta], b->shape.dims[!tb]}};
  return sa_infer_set(n, out, &shape);
}

enum sa_status sa_infer_matmul(struct sa_infer *n) {
  const struct sa_onnx_info *in_a, *in_b;
  struct sa_onnx_info *out = sa_infer_out(n, 0);
  enum sa_status status = operand(n, 0, 1, &in_a);
  if (!status) status = operand(n, 1, 1, &in_b);
  if (status) return status;
  struct sa_onnx_shape a = in_a->shape, b = in_b->shape;
  const bool row = a.rank == 1, column = b.rank == 1; /* vectors count as matrices of one row or column */
  if (row) a = (struct sa_onnx_shape){.rank = 2, .dims = {1, a.dims[0]}};
  if (column) b = (struct sa_onnx_shape){.rank = 2, .dims = {b.dims[0], 1}};
  if (a.dims[a.rank - 1] != b.dims[b.rank - 2])
    return sa_infer_fail(n, "its inputs' inner sizes, %" PRId64 " and %" PRId64 ", differ",
                         a.dims[a.rank - 1], b.dims[b.rank - 2]);
  const int batch_a = a.rank - 2, batch_b = b.rank - 2, batch = batch_a > batch_b ? batch_a : batch_b;
  struct sa_onnx_shape shape = {.rank = batch};
  for (int k = 1; k <= batch; k++) {
    const int64_t left = k <= batch_a ? a.dims[batch_a - k] : 1,
                  right = k <= batch_b ? b.dims[batch_b - k] : 1;
    if (left != right && left != 1 && right != 1)
      return sa_infer_fail(n, "its inputs' leading sizes, %" PRId64 " and %" PRId64 ", differ", left,
                           right);
    shape.dims[batch - k] = left == 1 ? right : left;
  }
  if (!row) shape.dims[shape.rank++] = a.dims[a.rank - 2];
  if (!column) shape.dims[shape.rank++] = b.dims[b.rank - 1];
  return sa_infer_set(n, out, &shape);
}

enum sa_status sa_infer_pad(struct sa_infer *n) {
  const struct sa_onnx_info *in;
  struct sa_onnx_info *out;
  int64_t count = 0, old[2 * SA_ONNX_MAX_RANK];
  int old_count = -1;
  enum sa_status status = ends(n, &in, &out);
  if (!status)
    status = sa_onnx_ints(n->model, n->node, "pads", old, 2 * SA_ONNX_MAX_RANK, &old_count, n->error);
  if (status) return status;
  const union sa_onnx_elem *pads = old_count < 0 ? sa_infer_ints(n, 1, &count) : NULL;
  if (old_count < 0 && !pads) return SA_OK;
  if (old_count >= 0) count = old_count;
  const int rank = in->shape.rank;
  if (count != 2 * rank || sa_infer_in(n, 3))
    return sa_infer_fail(
        n, "it has %" PRId64 " pads for %d dimensions, or axes, which are not understood", count, rank);
  struct sa_onnx_shape shape = in->shape;
  for (int k = 0; k < 2 * rank; k++) {
    const int64_t pad = pads ? pads[k].i : old[k];
    if (pad < -SA_ONNX_MAX_DIM || pad > SA_ONNX_MAX_DIM) return sa_infer_fail(n, "a pad is %" PRId64, pad);
    shape.dims[k % rank] += pad;
  }
  return sa_infer_set(n, out, &shape);
}

/* Resize and Upsample: by sizes, else by scales. */
enum sa_status sa_infer_resize(struct sa_infer *n) {
  const struct sa_onnx_info *in;
  struct sa_onnx_info *out;
  enum sa_status status = ends(n, &in, &out);
  if (status) return status;
  struct sa_onnx_shape shape = in->shape;
  int64_t count;
  const union sa_onnx_elem *sizes = sa_infer_ints(n, 3, &count);
  if (sizes && count == shape.rank) {
    for (int k = 0; k < shape.rank; k++) shape.dims[k] = sizes[k].i;
    return sa_infer_set(n, out, &shape);
  }
  const struct sa_onnx_info *scales =
      sa_infer_in(n, sa_span_is(n->node->op, "Upsample") || n->node->input_count == 2 ? 1 : 2);
  if (!scales || !scales->elems || !sa_onnx_type_is_float(scales->type) ||
      sa_onnx_elems(&scales->shape) != (uint64_t)shape.rank)
    return SA_OK; /* value_info must tell */
  for (int k = 0; k < shape.rank; k++) {
    const double size = floor((double)shape.dims[k] * scales->elems[k].f);
    if (!(size >= 0 && size <= (double)SA_ONNX_MAX_DIM))
      return sa_infer_fail(n, "a scale is %g", scales->elems[k].f);
    shape.dims[k] = (int64_t)size;
  }
  return sa_infer_set(n, out, &shape);
}

enum sa_status sa_infer_reduce(struct sa_infer *n) {
  const struct sa_onnx_info *in;
  struct sa_onnx_info *out;
  int64_t axes[SA_ONNX_MAX_RANK], keep, noop;
  int count = -1;
  bool known = true, reduced[SA_ONNX_MAX_RANK] = {false};
  enum sa_status status = ends(n, &in, &out);
  if (!status) status = sa_infer_list(n, "axes", 1, axes, &count, &known);
  if (!status) status = sa_onnx_int(n->model, n->node, "keepdims", 1, &keep, n->error);
  if (!status) status = sa_onnx_int(n->model, n->node, "noop_with_empty_axes", 0, &noop, n->error);
  if (status || !known) return status;
  const bool all = count <= 0 && !noop;
  for (int k = 0; k < in->shape.rank; k++) reduced[k] = all;
  for (int k = 0; k < count; k++) {
    int axis;
    status = sa_infer_axis(n, axes[k], in->shape.rank, &axis);
    if (status) return status;
    reduced[axis] = true;
  }
  struct sa_onnx_shape shape = {.rank = 0};
  for (int k = 0; k < in->shape.rank; k++)
    if (!reduced[k] || keep) shape.dims[shape.rank++] = reduced[k] ? 1 : in->shape.dims[k];
  status = sa_infer_set(n, out, &shape);
  if (status || !in->elems || sa_onnx_elems(&in->shape) == 0 || sa_onnx_elems(&shape) != 1 ||
      !sa_onnx_type_is_integer(in->type))
    return status;
  union sa_onnx_elem *room = sa_infer_room(n, out); /* of shapes: a product or sum of all sizes */
  const bool is_product = sa_span_is(n->node->op, "ReduceProd");
  if (!room) return SA_OK;
  room->i = is_product;
  for (uint64_t k = 0; k < sa_onnx_elems(&in->shape); k++)
    room->i = (int64_t)(is_product ? (uint64_t)room->i * (uint64_t)in->elems[k].i
                                   : sa_span_is(n->node->op, "ReduceMax") && k > 0
                                       ? (uint64_t)(room->i > in->elems[k].i ? room->i : in->elems[k].i)
                                       : (uint64_t)room->i + (uint64_t)in->elems[k].i);
  if (sa_span_is(n->node->op, "ReduceMean")) room->i /= (int64_t)sa_onnx_elems(&in->shape);
  return SA_OK;
}

enum sa_status sa_infer_lstm(struct sa_infer *n) {
  const struct sa_onnx_info *in, *recurrence;
  int64_t layout;
  enum sa_status status = operand(n, 0, 3, &in);
  if (!status) status = operand(n, 2, 3, &recurrence);
  if (!status) status = sa_onnx_int(n->model, n->node, "layout", 0, &layout, n->error);
  if (status) return status;
  const int64_t directions = recurrence->shape.dims[0], hidden = recurrence->shape.dims[2];
  const int64_t steps = in->shape.dims[layout != 0], batch = in->shape.dims[layout == 0];
  if (in->shape.rank != 3 || recurrence->shape.dims[1] != 4 * hidden)
    return sa_infer_fail(
        n, "its input has %d dimensions and its recurrence %" PRId64 " rows for %" PRId64 " hidden",
        in->shape.rank, recurrence->shape.dims[1], hidden);
  struct sa_onnx_shape all = {.rank = 4, .dims = {steps, directions, batch, hidden}};
  struct sa_onnx_shape last = {.rank = 3, .dims = {directions, batch, hidden}};
  if (layout) {
    all = (struct sa_onnx_shape){.rank = 4, .dims = {batch, steps, directions, hidden}};
    last = (struct sa_onnx_shape){.rank = 3, .dims = {batch, directions, hidden}};
  }
  status = sa_infer_set(n, sa_infer_out(n, 0), &all);
  if (!status) status = sa_infer_set(n, sa_infer_out(n, 1), &last);
  if (!status) status = sa_infer_set(n, sa_infer_out(n, 2), &last);
  return status;
}

