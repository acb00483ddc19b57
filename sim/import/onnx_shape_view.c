/* Shape rules of operators that rearrange: reshape, transpose, slice, concatenate. */
#include <inttypes.h>
#include <string.h>

#include "import/onnx_infer.h"

/* The first input and output, which every rule here needs. */
static enum sa_status ends(const struct sa_infer *n, const struct sa_onnx_info **in,
                           struct sa_onnx_info **out) {
  *in = sa_infer_in(n, 0);
  *out = sa_infer_out(n, 0);
  return *in && *out ? SA_OK : sa_infer_fail(n, "it lacks an input or output");
}

enum sa_status sa_infer_same(struct sa_infer *n) {
  const struct sa_onnx_info *in;
  struct sa_onnx_info *out;
  enum sa_status status = ends(n, &in, &out);
  if (!status) status = sa_infer_set(n, out, &in->shape);
  if (!status && (sa_span_is(n->node->op, "Identity") || sa_span_is(n->node->op, "Dropout")))
    sa_infer_copy(n, in, out);
  return status;
}

enum sa_status sa_infer_quantize(struct sa_infer *n) {
  const struct sa_onnx_info *in;
  struct sa_onnx_info *out;
  enum sa_status status = ends(n, &in, &out);
  if (status) return status;
  const struct sa_onnx_info *zero = sa_infer_in(n, 2);
  out->type = zero ? zero->type : SA_ONNX_UINT8;
  return sa_infer_set(n, out, &in->shape);
}

enum sa_status sa_infer_dequantize(struct sa_infer *n) {
  const struct sa_onnx_info *in;
  struct sa_onnx_info *out;
  enum sa_status status = ends(n, &in, &out);
  if (status) return status;
  out->type = SA_ONNX_FLOAT;
  return sa_infer_set(n, out, &in->shape);
}

/* Sets the shape of the same elements; keeps values. */
static enum sa_status set_view(const struct sa_infer *n, const struct sa_onnx_info *in,
                               struct sa_onnx_info *out, const struct sa_onnx_shape *shape) {
  const enum sa_status status = sa_infer_set(n, out, shape);
  if (status) return status;
  if (sa_onnx_elems(&in->shape) != sa_onnx_elems(shape)) {
    char from[200], to[200];
    return sa_infer_fail(n, "its input of %s cannot be made %s",
                         sa_onnx_shape_text(&in->shape, from, sizeof from),
                         sa_onnx_shape_text(shape, to, sizeof to));
  }
  sa_infer_copy(n, in, out);
  return SA_OK;
}

enum sa_status sa_infer_reshape(struct sa_infer *n) {
  const struct sa_onnx_info *in;
  struct sa_onnx_info *out;
  enum sa_status status = ends(n, &in, &out);
  if (status) return status;
  int64_t count, allow_zero;
  const union sa_onnx_elem *sizes = sa_infer_ints(n, 1, &count);
  if (!sizes) return SA_OK; /* value_info must tell */
  if (count > SA_ONNX_MAX_RANK) return sa_infer_fail(n, "its output has %" PRId64 " dimensions", count);
  status = sa_onnx_int(n->model, n->node, "allowzero", 0, &allow_zero, n->error);
  if (status) return status;
  struct sa_onnx_shape shape = {.rank = (int)count};
  int open = -1;
  uint64_t fixed = 1;
  for (int k = 0; k < count; k++) {
    shape.dims[k] = sizes[k].i;
    if (sizes[k].i == 0 && !allow_zero) {
      if (k >= in->shape.rank)
        return sa_infer_fail(n, "dimension %d is to be copied; its input has %d", k, in->shape.rank);
      shape.dims[k] = in->shape.dims[k];
    }
    if (shape.dims[k] == -1) {
      if (open >= 0) return sa_infer_fail(n, "two of its dimensions are left open");
      open = k;
    } else if (shape.dims[k] < 0 || __builtin_mul_overflow(fixed, (uint64_t)shape.dims[k], &fixed)) {
      return sa_infer_fail(n, "dimension %d of its output is %" PRId64, k, shape.dims[k]);
    }
  }
  if (open >= 0) {
    const uint64_t elems = sa_onnx_elems(&in->shape);
    if (fixed == 0 || elems % fixed)
      return sa_infer_fail(n, "%" PRIu64 " elements cannot be divided by %" PRIu64, elems, fixed);
    const uint64_t size = elems / fixed;
    shape.dims[open] = size > (uint64_t)SA_ONNX_MAX_DIM ? -1 : (int64_t)size;
  }
  return set_view(n, in, out, &shape);
}

enum sa_status sa_infer_flatten(struct sa_infer *n) {
  const struct sa_onnx_info *in;
  struct sa_onnx_info *out;
  int64_t axis;
  enum sa_status status = ends(n, &in, &out);
  if (!status) status = sa_onnx_int(n->model, n->node, "axis", 1, &axis, n->error);
  if (status) return status;
  const int rank = in->shape.rank;
  if (axis < -rank || axis > rank)
    return sa_infer_fail(n, "axis is %" PRId64 "; its input has %d dimensions", axis, rank);
  if (axis < 0) axis += rank;
  struct sa_onnx_shape shape = {.rank = 2, .dims = {1, 1}};
  for (int k = 0; k < rank; k++)
    if (__builtin_mul_overflow(shape.dims[k >= axis], in->shape.dims[k], &shape.dims[k >= axis]))
      shape.dims[k >= axis] = -1;
  return set_view(n, in, out, &shape);
}

enum sa_status sa_infer_squeeze(struct sa_infer *n) {
  const struct sa_onnx_info *in;
  struct sa_onnx_info *out;
  int64_t axes[SA_ONNX_MAX_RANK];
  int count = -1;
  bool known = true, drop[SA_ONNX_MAX_RANK] = {false};
  enum sa_status status = ends(n, &in, &out);
  if (!status) status = sa_infer_list(n, "axes", 1, axes, &count, &known);
  if (status || !known) return status;
  for (int k = 0; k < in->shape.rank; k++) drop[k] = count < 0 && in->shape.dims[k] == 1;
  for (int k = 0; k < count; k++) {
    int axis;
    status = sa_infer_axis(n, axes[k], in->shape.rank, &axis);
    if (status) return status;
    drop[axis] = true;
  }
  struct sa_onnx_shape shape = {.rank = 0};
  for (int k = 0; k < in->shape.rank; k++)
    if (!drop[k]) shape.dims[shape.rank++] = in->shape.dims[k];
  return set_view(n, in, out, &shape);
}

enum sa_status sa_infer_unsqueeze(struct sa_infer *n) {
  const struct sa_onnx_info *in;
  struct sa_onnx_info *out;
  int64_t axes[SA_ONNX_MAX_RANK];
  int count = -1;
  bool known = true, is_new[SA_ONNX_MAX_RANK] = {false};
  enum sa_status status = ends(n, &in, &out);
  if (!status) status = sa_infer_list(n, "axes", 1, axes, &count, &known);
  if (status || !known) return status;
  if (count < 0) return sa_infer_fail(n, "it lacks its axes");
  const int rank = in->shape.rank + count;
  if (rank > SA_ONNX_MAX_RANK) return sa_infer_fail(n, "its output has %d dimensions", rank);
  for (int k = 0; k < count; k++) {
    int axis;
    status = sa_infer_axis(n, axes[k], rank, &axis);
    if (status) return status;
    if (is_new[axis]) return sa_infer_fail(n, "axis %d is given twice", axis);
    is_new[axis] = true;
  }
  struct sa_onnx_shape shape = {.rank = rank};
  for (int k = 0, from = 0; k < rank; k++) shape.dims[k] = is_new[k] ? 1 : in->shape.dims[from++];
  return set_view(n, in, out, &shape);
}

enum sa_status sa_infer_transpose(struct sa_infer *n) {
  const struct sa_onnx_info *in;
  struct sa_onnx_info *out;
  int64_t perm[SA_ONNX_MAX_RANK];
  int count = -1;
  enum sa_status status = ends(n, &in, &out);
  if (!status) status = sa_onnx_ints(n->model, n->node, "perm", perm, SA_ONNX_MAX_RANK, &count, n->error);
  if (status) return status;
  const int rank = in->shape.rank;
  bool seen[SA_ONNX_MAX_RANK] = {false};
  if (count >= 0 && count != rank)
    return sa_infer_fail(n, "perm has %d entries; its input has %d dimensions", count, rank);
  struct sa_onnx_shape shape = {.rank = rank};
  for (int k = 0; k < rank; k++) {
    const int64_t from = count < 0 ? rank - 1 - k : perm[k];
    if (from < 0 || from >= rank || seen[from]) return sa_infer_fail(n, "perm is no permutation");
    seen[from] = true;
    shape.dims[k] = in->shape.dims[from];
  }
  status = sa_infer_set(n, out, &shape);
  if (!status && rank <= 1) sa_infer_copy(n, in, out); /* values of matrices are not followed */
  return status;
}

enum sa_status sa_infer_concat(struct sa_infer *n) {
  const struct sa_onnx_info *in;
  struct sa_onnx_info *out;
  int64_t axis_given;
  int axis = 0;
  enum sa_status status = ends(n, &in, &out);
  if (!status) status = sa_onnx_int(n->model, n->node, "axis", 0, &axis_given, n->error);
  if (!status) status = sa_infer_axis(n, axis_given, in->shape.rank, &axis);
  if (status) return status;
  struct sa_onnx_shape shape = in->shape;
  bool known = in->elems != NULL;
  for (uint32_t i = 1; i < n->node->input_count; i++) {
    const struct sa_onnx_info *next = sa_infer_in(n, i);
    bool fits = next && next->shape.rank == shape.rank;
    for (int k = 0; k < shape.rank && fits; k++) fits = k == axis || next->shape.dims[k] == shape.dims[k];
    if (!fits) return sa_infer_fail(n, "its input %u differs from the first beyond axis %d", i, axis);
    shape.dims[axis] += next->shape.dims[axis]; /* at most 10^6 inputs of less than 2^31 */
    known &= next->elems != NULL;
  }
  status = sa_infer_set(n, out, &shape);
  union sa_onnx_elem *room = status || !known ? NULL : sa_infer_room(n, out);
  if (!room) return status;
  const struct sa_infer_split whole = sa_infer_split_at(&shape, axis);
  uint64_t at = 0; /* position along the axis */
  for (uint32_t i = 0; i < n->node->input_count; i++) {
    const struct sa_onnx_info *next = sa_infer_in(n, i);
    const uint64_t run = (uint64_t)next->shape.dims[axis] * whole.inner; /* elements in one piece */
    for (uint64_t o = 0; o < whole.outer; o++)
      memcpy(room + (o * whole.size + at) * whole.inner, next->elems + o * run, (size_t)run * sizeof *room);
    at += (uint64_t)next->shape.dims[axis];
  }
  return SA_OK;
}

/* Copies `count` positions along an axis, beginning at `start`, `step` apart. */
static void copy_slice(const struct sa_infer *n, const struct sa_onnx_info *in,
                       struct sa_onnx_info *out, int axis, int64_t start, int64_t step) {
  union sa_onnx_elem *room = in->elems ? sa_infer_room(n, out) : NULL;
  if (!room) return;
  const struct sa_infer_split from = sa_infer_split_at(&in->shape, axis);
  const uint64_t count = (uint64_t)out->shape.dims[axis];
  for (uint64_t o = 0; o < from.outer; o++)
    for (uint64_t k = 0; k < count; k++) {
      const uint64_t at = (uint64_t)(start + (int64_t)k * step);
      memcpy(room + (o * count + k) * from.inner, in->elems + (o * from.size + at) * from.inner,
             (size_t)from.inner * sizeof *room);
    }
}

static int64_t clamp(int64_t value, int64_t low, int64_t high) {
  return value < low ? low : value > high ? high : value;
}

/* One axis of a Slice: first position and how many, by ONNX's rules. */
static void slice_axis(int64_t size, int64_t *start, int64_t end, int64_t step, int64_t *count) {
  int64_t first = *start < 0 ? clamp(*start, -size - 1, 0) + size : *start;
  int64_t last = end < 0 ? clamp(end, -size - 1, 0) + size : end;
  if (step > 0) {
    first = clamp(first, 0, size);
    last = clamp(last, 0, size);
    *count = last > first ? (last - first - 1) / step + 1 : 0;
  } else {
    first = clamp(first, -1, size - 1);
    last = end < -size ? -1 : clamp(last, -1, size - 1);
    *count = first > last ? (first - last - 1) / -step + 1 : 0;
  }
  *start = first;
}

enum sa_status sa_infer_slice(struct sa_infer *n) {
  const struct sa_onnx_info *in;
  struct sa_onnx_info *out;
  int64_t starts[SA_ONNX_MAX_RANK], stops[SA_ONNX_MAX_RANK], axes[SA_ONNX_MAX_RANK],
      steps[SA_ONNX_MAX_RANK];
  int start_count = -1, stop_count = -1, axis_count = -1, step_count = -1;
  bool known = true, all_known = true;
  enum sa_status status = ends(n, &in, &out);
  if (!status) status = sa_infer_list(n, "starts", 1, starts, &start_count, &known);
  all_known &= known;
  if (!status) status = sa_infer_list(n, "ends", 2, stops, &stop_count, &known);
  all_known &= known;
  if (!status) status = sa_infer_list(n, "axes", 3, axes, &axis_count, &known);
  all_known &= known;
  if (!status) status = sa_infer_list(n, "steps", 4, steps, &step_count, &known);
  all_known &= known;
  if (status || !all_known) return status;
  if (start_count < 0 || stop_count != start_count || (axis_count >= 0 && axis_count != start_count) ||
      (step_count >= 0 && step_count != start_count))
    return sa_infer_fail(n, "its starts, ends, axes and steps differ in number");
  struct sa_onnx_shape shape = in->shape;
  int axis = 0;
  int64_t start = 0, step = 1;
  for (int k = 0; k < start_count; k++) {
    status = sa_infer_axis(n, axis_count >= 0 ? axes[k] : k, shape.rank, &axis);
    if (status) return status;
    start = starts[k];
    step = step_count >= 0 ? steps[k] : 1;
    if (step == 0 || step < -SA_ONNX_MAX_DIM)
      return sa_infer_fail(n, "step %" PRId64 " along axis %d", step, axis);
    slice_axis(in->shape.dims[axis], &start, stops[k], step, &shape.dims[axis]);
  }
  status = sa_infer_set(n, out, &shape);
  if (!status && start_count == 1) copy_slice(n, in, out, axis, start, step);
  return status;
}

enum sa_status sa_infer_split(struct sa_infer *n) {
  const struct sa_onnx_info *in;
  struct sa_onnx_info *out;
  int64_t sizes[SA_ONNX_MAX_RANK], axis_given;
  int count = -1, axis = 0;
  bool known = true;
  enum sa_status status = ends(n, &in, &out);
  if (!status) status = sa_onnx_int(n->model, n->node, "axis", 0, &axis_given, n->error);
  if (!status) status = sa_infer_axis(n, axis_given, in->shape.rank, &axis);
  if (!status) status = sa_infer_list(n, "split", 1, sizes, &count, &known);
  if (status || !known) return status;
  const int64_t outputs = n->node->output_count, size = in->shape.dims[axis];
  const int64_t even = (size + outputs - 1) / outputs;
  if (count >= 0 && count != outputs)
    return sa_infer_fail(n, "it has %d sizes and %" PRId64 " outputs", count, outputs);
  int64_t at = 0;
  for (int64_t k = 0; k < outputs && !status; k++) {
    struct sa_onnx_shape shape = in->shape;
    shape.dims[axis] = count >= 0 ? sizes[k] : size - at < even ? size - at : even;
    if (shape.dims[axis] < 0 || shape.dims[axis] > size - at)
      return sa_infer_fail(n, "its sizes pass the %" PRId64 " of axis %d", size, axis);
    out = sa_infer_out(n, (uint32_t)k);
    status = sa_infer_set(n, out, &shape);
    if (!status && out) {
      out->type = in->type;
      copy_slice(n, in, out, axis, at, 1);
    }
    at += shape.dims[axis];
  }
  return status;
}

enum sa_status sa_infer_gather(struct sa_infer *n) {
  const struct sa_onnx_info *in, *indices = sa_infer_in(n, 1);
  struct sa_onnx_info *out;
  int64_t axis_given;
  int axis = 0;
  enum sa_status status = ends(n, &in, &out);
  if (!status && !indices) return sa_infer_fail(n, "it lacks its indices");
  if (!status) status = sa_onnx_int(n->model, n->node, "axis", 0, &axis_given, n->error);
  if (!status) status = sa_infer_axis(n, axis_given, in->shape.rank, &axis);
  if (status) return status;
  const int extra = indices->shape.rank;
  if (in->shape.rank - 1 + extra > SA_ONNX_MAX_RANK)
    return sa_infer_fail(n, "its output has too many dimensions");
  struct sa_onnx_shape shape = {.rank = in->shape.rank - 1 + extra};
  for (int k = 0; k < axis; k++) shape.dims[k] = in->shape.dims[k];
  for (int k = 0; k < extra; k++) shape.dims[axis + k] = indices->shape.dims[k];
  for (int k = axis + 1; k < in->shape.rank; k++) shape.dims[k - 1 + extra] = in->shape.dims[k];
  status = sa_infer_set(n, out, &shape);
  if (status || !in->elems || !indices->elems || !sa_onnx_type_is_integer(indices->type)) return status;
  const struct sa_infer_split from = sa_infer_split_at(&in->shape, axis);
  const uint64_t count = sa_onnx_elems(&indices->shape);
  for (uint64_t k = 0; k < count; k++) {
    const int64_t at = indices->elems[k].i;
    if (at < -(int64_t)from.size || at >= (int64_t)from.size)
      return sa_infer_fail(n, "index %" PRId64 " is outside the %" PRIu64 " of axis %d", at, from.size,
                           axis);
  }
  union sa_onnx_elem *room = sa_infer_room(n, out);
  for (uint64_t o = 0; o < from.outer && room; o++)
    for (uint64_t k = 0; k < count; k++) {
      const int64_t at = indices->elems[k].i;
      const uint64_t position = (uint64_t)(at < 0 ? at + (int64_t)from.size : at);
      memcpy(room + (o * count + k) * from.inner, in->elems + (o * from.size + position) * from.inner,
             (size_t)from.inner * sizeof *room);
    }
  return SA_OK;
}
