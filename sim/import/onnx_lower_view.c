/* Lowering of operators that rearrange: most of them are another view of the same layer. What is none, a
 * join or a cut along anything but channels, is work for the host (sa_lower_restart). */
#include <string.h>

#include "import/onnx_lower.h"

enum sa_status sa_lower_none(struct sa_lower *l) {
  return sa_lower_cannot(l, "it is understood between shapes and constants only");
}

/* The value as it is: pending functions stay pending. */
enum sa_status sa_lower_identity(struct sa_lower *l) {
  const struct sa_value *in = sa_lower_in(l, 0);
  struct sa_value *out = sa_lower_out(l, 0);
  if (in && out) *out = *in;
  if (sa_lower_out(l, 1)) sa_lower_out(l, 1)->kind = SA_VALUE_CONSTANT; /* Dropout's mask */
  return SA_OK;
}

/* Image positions become tokens: h x w of a layer, in one dimension of three. Attention needs them in w. */
static bool is_tokens_of_image(const struct sa_lower *l, const struct sa_view *view) {
  const struct sa_shape *shape = sa_lower_shape(l, view);
  if (view->rank != 3 || shape->h == 1 || shape->w == 1) return false;
  for (int d = 0; d < 3; d++)
    if (sa_view_has(view, d, SA_AXIS_H) && sa_view_has(view, d, SA_AXIS_W) &&
        !sa_view_has(view, d, SA_AXIS_C))
      return true;
  return false;
}

/* Reshape, Flatten, Squeeze, Unsqueeze. */
enum sa_status sa_lower_reshape(struct sa_lower *l) {
  struct sa_view view;
  const struct sa_onnx_shape *shape = &sa_lower_out_info(l, 0)->shape;
  enum sa_status status = sa_lower_tensor(l, 0, &view, NULL);
  if (status) return status;
  if (!sa_view_reshape(&view, shape->rank, shape->dims))
    status = sa_lower_restart(l, shape, shape->rank == 4, "its elements are grouped anew", &view);
  if (!status && sa_view_unshuffle(&view))
    sa_notes_add(l->notes, "a channel shuffle moves nothing: channels keep their order, the same work");
  if (!status) sa_lower_set_view(l, 0, &view);
  return status;
}

enum sa_status sa_lower_transpose(struct sa_lower *l) {
  struct sa_view view;
  int64_t perm[SA_ONNX_MAX_RANK];
  int count;
  enum sa_status status = sa_lower_tensor(l, 0, &view, NULL);
  if (!status)
    status = sa_onnx_ints(l->model, sa_lower_node(l), "perm", perm, SA_ONNX_MAX_RANK, &count, l->error);
  if (status) return status;
  for (int k = 0; k < view.rank && count < 0; k++) perm[k] = view.rank - 1 - k;
  sa_view_transpose(&view, perm);
  /* channels last now: N x tokens x C */
  if (is_tokens_of_image(l, &view) && sa_view_is_axis(&view, 2, SA_AXIS_C, sa_lower_shape(l, &view))) {
    status = sa_lower_restart(l, &sa_lower_out_info(l, 0)->shape, false,
                              "rows of an image become one row of tokens", &view);
    if (status) return status;
  }
  sa_lower_set_view(l, 0, &view);
  return SA_OK;
}

enum sa_status sa_lower_expand(struct sa_lower *l) {
  struct sa_view view;
  const struct sa_onnx_shape *in = &sa_lower_in_info(l, 0)->shape, *out = &sa_lower_out_info(l, 0)->shape;
  const enum sa_status status = sa_lower_tensor(l, 0, &view, NULL);
  if (status) return status;
  int64_t dims[SA_ONNX_MAX_RANK];
  const int lead = out->rank - in->rank;
  for (int d = 0; d < out->rank; d++) dims[d] = d < lead ? 1 : in->dims[d - lead];
  if (!sa_view_reshape(&view, out->rank, dims)) return sa_lower_cannot(l, "its input has too many parts");
  for (int d = 0; d < out->rank; d++)
    if (dims[d] == 1 && !sa_view_repeat(&view, d, (uint64_t)out->dims[d]))
      return sa_lower_cannot(l, "its output has too many parts");
  sa_lower_set_view(l, 0, &view);
  return SA_OK;
}

/* Keeps [start, start + count) by `step` of dimension d in place: channels by a view, the first positions
 * at a pitch by a pool of one element. *done false: neither. */
static enum sa_status cut(struct sa_lower *l, struct sa_view *view, int d, uint64_t start,
                          uint64_t count, uint64_t step, bool *done) {
  const struct sa_shape *shape = sa_lower_shape(l, view);
  *done = step == 1 && sa_view_slice(view, d, start, count);
  if (*done) return SA_OK;
  const bool along_w = sa_view_is_axis(view, d, SA_AXIS_W, shape),
             along_h = sa_view_is_axis(view, d, SA_AXIS_H, shape);
  const uint32_t size = along_w ? shape->w : shape->h;
  if (!along_w && !along_h) return SA_OK;
  if (count == 1 && start > 0) {
    sa_notes_add(l->notes, "one of %u positions is taken: the first stands for it, the same cycles", size);
    start = 0;
  }
  if (count == 1) step = size;
  if (start > 0 || step > SA_NET_MAX_STRIDE || (size - 1) / step + 1 != count || step == 1) return SA_OK;
  struct sa_layer pick = {.kind = SA_LAYER_MAXPOOL,
                          .inputs = {view->from},
                          .input_count = 1,
                          .kernel_h = 1,
                          .kernel_w = 1,
                          .stride_h = along_w ? 1 : (uint32_t)step,
                          .stride_w = along_w ? (uint32_t)step : 1};
  uint32_t layer;
  const enum sa_status status = sa_lower_emit(l, &pick, &layer);
  if (status) return status;
  const int at = sa_view_begin(view, d);
  struct sa_view next = *view;
  next.from = (struct sa_layer_input){.layer = layer, .c_count = l->net->layers[layer].out.c};
  if (count > 1) {
    next.atoms[at].size = (uint32_t)count;
  } else if (next.ends[d] > at) {
    memmove(&next.atoms[at], &next.atoms[at + 1],
            (size_t)(sa_view_count(&next) - at - 1) * sizeof *next.atoms);
    for (int k = d; k < next.rank; k++) next.ends[k]--;
  }
  *view = next;
  *done = true;
  return SA_OK;
}

enum sa_status sa_lower_slice(struct sa_lower *l) {
  struct sa_view view;
  const struct sa_onnx_shape *in = &sa_lower_in_info(l, 0)->shape, *out = &sa_lower_out_info(l, 0)->shape;
  int64_t starts[SA_ONNX_MAX_RANK], axes[SA_ONNX_MAX_RANK], steps[SA_ONNX_MAX_RANK];
  int count = -1, axis_count = -1, step_count = -1;
  bool known[3];
  uint64_t fold_left;
  const struct sa_infer n = sa_lower_infer(l, &fold_left);
  enum sa_status status = sa_lower_tensor(l, 0, &view, NULL);
  if (!status) status = sa_infer_list(&n, "starts", 1, starts, &count, &known[0]);
  if (!status) status = sa_infer_list(&n, "axes", 3, axes, &axis_count, &known[1]);
  if (!status) status = sa_infer_list(&n, "steps", 4, steps, &step_count, &known[2]);
  if (status) return status;
  bool done = known[0] && known[1] && known[2];
  for (int k = 0; k < count && done; k++) {
    int axis;
    status = sa_infer_axis(&n, axis_count >= 0 ? axes[k] : k, in->rank, &axis);
    if (status) return status;
    const int64_t size = in->dims[axis], left = out->dims[axis];
    int64_t start = starts[k] < 0 ? starts[k] + size : starts[k];
    start = start < 0 ? 0 : start > size ? size : start;
    const int64_t step = step_count >= 0 ? steps[k] : 1;
    if (left == 0 || step < 0) return sa_lower_cannot(l, "it takes nothing, or backwards");
    if (left < size)
      status =
          cut(l, &view, axis, (uint64_t)start, (uint64_t)left, left == 1 ? 1 : (uint64_t)step, &done);
    if (status) return status;
  }
  if (!done)
    status = sa_lower_restart(l, out, out->rank == 4, "a part of its input, not along channels", &view);
  if (!status) sa_lower_set_view(l, 0, &view);
  return status;
}

enum sa_status sa_lower_split(struct sa_lower *l) {
  struct sa_view whole;
  const struct sa_onnx_shape *in = &sa_lower_in_info(l, 0)->shape;
  uint64_t fold_left, start = 0;
  const struct sa_infer n = sa_lower_infer(l, &fold_left);
  int64_t axis_given;
  int axis = 0;
  enum sa_status status = sa_lower_tensor(l, 0, &whole, NULL);
  if (!status) status = sa_onnx_int(l->model, n.node, "axis", 0, &axis_given, l->error);
  if (!status) status = sa_infer_axis(&n, axis_given, in->rank, &axis);
  for (uint32_t i = 0; i < n.node->output_count && !status; i++) {
    const struct sa_onnx_info *out = sa_lower_out_info(l, i);
    if (!out) return sa_lower_cannot(l, "one of its outputs has no name");
    struct sa_view part = whole;
    bool done = false;
    if (out->shape.rank < 0 || out->shape.dims[axis] == 0)
      return sa_lower_cannot(l, "one of its outputs is empty");
    status = cut(l, &part, axis, start, (uint64_t)out->shape.dims[axis], 1, &done);
    if (!status && !done)
      status = sa_lower_restart(l, &out->shape, out->shape.rank == 4,
                                "a part of its input, not along channels", &part);
    if (!status) sa_lower_set_view(l, i, &part);
    start += (uint64_t)out->shape.dims[axis];
  }
  return status;
}

/* Rows of a constant table by token numbers: the host looks them up. */
static enum sa_status lower_embedding(struct sa_lower *l) {
  struct sa_view view;
  const enum sa_status status = sa_lower_restart(l, &sa_lower_out_info(l, 0)->shape, false,
                                                 "rows of an embedding table, looked up by token", &view);
  if (status) return status;
  l->net->extra_params += sa_onnx_elems(&sa_lower_in_info(l, 0)->shape);
  sa_lower_set_view(l, 0, &view);
  return SA_OK;
}

enum sa_status sa_lower_gather(struct sa_lower *l) {
  if (sa_lower_in(l, 0)->kind == SA_VALUE_CONSTANT) return lower_embedding(l);
  struct sa_view view;
  const struct sa_onnx_info *in = sa_lower_in_info(l, 0), *indices = sa_lower_in_info(l, 1);
  const struct sa_onnx_shape *out = &sa_lower_out_info(l, 0)->shape;
  uint64_t fold_left;
  const struct sa_infer n = sa_lower_infer(l, &fold_left);
  int64_t axis_given;
  int axis = 0;
  bool done = false;
  enum sa_status status = sa_lower_tensor(l, 0, &view, NULL);
  if (!status) status = sa_onnx_int(l->model, n.node, "axis", 0, &axis_given, l->error);
  if (!status) status = sa_infer_axis(&n, axis_given, in->shape.rank, &axis);
  if (status) return status;
  if (indices->elems && sa_onnx_elems(&indices->shape) == 1 && sa_onnx_type_is_integer(indices->type)) {
    const int64_t size = in->shape.dims[axis],
                  at = indices->elems->i < 0 ? indices->elems->i + size : indices->elems->i;
    if (at < 0 || at >= size) return sa_lower_cannot(l, "its index is outside its input");
    status = cut(l, &view, axis, (uint64_t)at, 1, 1, &done);
    done &= sa_view_reshape(&view, out->rank, out->dims);
  }
  if (!status && !done)
    status = sa_lower_restart(l, out, out->rank == 4, "chosen positions of its input", &view);
  if (!status) sa_lower_set_view(l, 0, &view);
  return status;
}

/* The view without dimension d's atoms, to compare the others. */
static struct sa_view without(const struct sa_view *view, int d) {
  struct sa_view next = *view;
  int made = 0;
  for (int k = 0; k < view->rank; k++) {
    for (int i = sa_view_begin(view, k); i < view->ends[k] && k != d; i++)
      next.atoms[made++] = view->atoms[i];
    next.ends[k] = made;
  }
  return next;
}

/* All inputs are tensors whose dimension d is all of their channels, alike otherwise. */
static enum sa_status joins_channels(struct sa_lower *l, int d, struct sa_view *first, bool *joins) {
  const uint32_t inputs = sa_lower_node(l)->input_count;
  *joins = true;
  for (uint32_t i = 0; i < inputs && *joins; i++)
    *joins = sa_lower_in(l, i) && sa_lower_in(l, i)->kind == SA_VALUE_TENSOR;
  for (uint32_t i = 0; i < inputs && *joins; i++) {
    struct sa_view view;
    const enum sa_status status = sa_lower_tensor(l, i, &view, NULL);
    if (status) return status;
    const struct sa_shape *shape = sa_lower_shape(l, &view);
    *joins = sa_view_is_axis(&view, d, SA_AXIS_C, shape);
    if (i == 0) {
      *first = view;
      continue;
    }
    const struct sa_shape *other = sa_lower_shape(l, first);
    const struct sa_view a = without(first, d), b = without(&view, d);
    *joins &= shape->n == other->n && shape->h == other->h && shape->w == other->w && sa_view_same(&a, &b);
  }
  return SA_OK;
}

enum sa_status sa_lower_concat(struct sa_lower *l) {
  const struct sa_onnx_node *node = sa_lower_node(l);
  const struct sa_onnx_shape *out = &sa_lower_out_info(l, 0)->shape;
  uint64_t fold_left;
  const struct sa_infer n = sa_lower_infer(l, &fold_left);
  int64_t axis_given;
  int axis = 0;
  bool joins;
  struct sa_view view;
  enum sa_status status = sa_onnx_int(l->model, node, "axis", 0, &axis_given, l->error);
  if (!status) status = sa_infer_axis(&n, axis_given, out->rank, &axis);
  if (!status) status = joins_channels(l, axis, &view, &joins);
  if (status) return status;
  if (!joins) {
    status = sa_lower_restart(l, out, false, "joined along something else than channels", &view);
    for (uint32_t i = 0; i < node->input_count && !status; i++)
      if (sa_lower_in(l, i) && sa_lower_in(l, i)->kind == SA_VALUE_CONSTANT)
        l->net->extra_params += sa_onnx_elems(&sa_lower_in_info(l, i)->shape);
    if (!status) sa_lower_set_view(l, 0, &view);
    return status;
  }
  uint32_t layer = 0;
  for (uint32_t i = 0;
       i < node->input_count && !status;) { /* more than a layer takes: joined one after another */
    struct sa_layer concat = {.kind = SA_LAYER_CONCAT};
    if (i > 0) concat.inputs[concat.input_count++] = (struct sa_layer_input){.layer = layer};
    for (; i < node->input_count && concat.input_count < SA_LAYER_MAX_INPUTS && !status; i++) {
      struct sa_view next;
      status = sa_lower_tensor(l, i, &next, NULL);
      concat.inputs[concat.input_count++] = next.from;
    }
    if (!status) status = sa_lower_emit(l, &concat, &layer);
  }
  if (status) return status;
  struct sa_view joined = without(&view, axis);
  const int at = joined.ends[axis], count = sa_view_count(&joined);
  const uint32_t channels = l->net->layers[layer].out.c;
  if (channels > 1) {
    if (count == SA_VIEW_MAX_ATOMS) return sa_lower_cannot(l, "its inputs have too many parts");
    memmove(&joined.atoms[at + 1], &joined.atoms[at], (size_t)(count - at) * sizeof *joined.atoms);
    joined.atoms[at] = (struct sa_atom){SA_AXIS_C, channels, 1};
    for (int k = axis; k < joined.rank; k++) joined.ends[k]++;
  }
  sa_lower_set_like(l, 0, &joined, layer);
  return SA_OK;
}

/* Zeros around h and w wait for the window that reads them. */
enum sa_status sa_lower_pad(struct sa_lower *l) {
  struct sa_view view;
  struct sa_value *out = sa_lower_out(l, 0);
  uint32_t pad[4];
  const struct sa_onnx_shape *in = &sa_lower_in_info(l, 0)->shape;
  int64_t given[2 * SA_ONNX_MAX_RANK];
  int count = -1;
  enum sa_status status = sa_lower_tensor(l, 0, &view, pad);
  if (!status)
    status =
        sa_onnx_ints(l->model, sa_lower_node(l), "pads", given, 2 * SA_ONNX_MAX_RANK, &count, l->error);
  if (status) return status;
  const struct sa_onnx_info *pads = sa_lower_in_info(l, 1);
  if (count < 0 && (!pads || !pads->elems || sa_onnx_elems(&pads->shape) != 2 * (uint64_t)in->rank))
    return sa_lower_cannot(l, "its padding is not known");
  for (int k = 0; k < 2 * in->rank; k++) {
    const int64_t amount = count < 0 ? pads->elems[k].i : given[k];
    const int d = k % in->rank, side = k < in->rank ? 0 : 2;
    if (amount == 0) continue;
    const bool along_w = d == in->rank - 1, along_h = in->rank == 4 && d == 2;
    if (amount < 0 || amount > SA_NET_MAX_KERNEL || d < 2 || (!along_w && !along_h))
      return sa_lower_cannot(l, "it pads, or cuts, more than the positions of an image");
    pad[side + (along_w ? 1 : 0)] += (uint32_t)amount;
  }
  sa_lower_set_view(l, 0, &view);
  memcpy(out->pad, pad, sizeof pad);
  return SA_OK;
}

enum sa_status sa_lower_where(struct sa_lower *l) {
  const struct sa_value *a = sa_lower_in(l, 1), *b = sa_lower_in(l, 2);
  const bool is_a = a && a->kind == SA_VALUE_TENSOR, is_b = b && b->kind == SA_VALUE_TENSOR;
  if (is_a == is_b || !sa_lower_in(l, 0) || sa_lower_in(l, 0)->kind == SA_VALUE_TENSOR)
    return sa_lower_cannot(l, "it chooses between two computed tensors");
  const struct sa_onnx_shape *from = &sa_lower_in_info(l, is_a ? 1 : 2)->shape,
                             *to = &sa_lower_out_info(l, 0)->shape;
  if (sa_onnx_elems(from) != sa_onnx_elems(to)) return sa_lower_cannot(l, "it repeats a computed tensor");
  *sa_lower_out(l, 0) = is_a ? *a : *b;
  sa_notes_add(l->notes, "a mask has no layer: every position is computed");
  return SA_OK;
}
