/* Lowering of windows, reductions, softmax, upsampling and recurrences. */
#include <inttypes.h>
#include <string.h>

#include "import/onnx_lower.h"
#include "import/onnx_window.h"

static const enum sa_axis IMAGE[4] = {SA_AXIS_N, SA_AXIS_C, SA_AXIS_H, SA_AXIS_W};
static const enum sa_axis SIGNAL[3] = {SA_AXIS_N, SA_AXIS_C, SA_AXIS_W};

/* The view is N, C, H, W, or N, C, W of a layer of height 1. */
static bool is_image(const struct sa_lower *l, const struct sa_view *view) {
  const struct sa_shape *shape = sa_lower_shape(l, view);
  const enum sa_axis *axes = view->rank == 3 ? SIGNAL : IMAGE;
  if (view->rank != 4 && (view->rank != 3 || shape->h != 1)) return false;
  for (int d = 0; d < view->rank; d++)
    if (!sa_view_is_axis(view, d, axes[d], shape)) return false;
  return true;
}

/* Input 0 as an image; one that lies otherwise comes anew from the host. */
static enum sa_status image_input(struct sa_lower *l, struct sa_view *view, uint32_t pad[4]) {
  const enum sa_status status = sa_lower_tensor(l, 0, view, pad);
  if (status || is_image(l, view)) return status;
  return sa_lower_restart(l, &sa_lower_in_info(l, 0)->shape, true, "its elements become an image", view);
}

static void set_image(struct sa_lower *l, int rank, uint32_t layer) {
  sa_lower_set(l, 0, layer, rank, rank == 3 ? SIGNAL : IMAGE);
}

static void set_window(struct sa_layer *layer, const struct sa_onnx_window *w, const uint32_t pad[4]) {
  layer->kernel_h = (uint32_t)w->kernel[0], layer->kernel_w = (uint32_t)w->kernel[1];
  layer->stride_h = (uint32_t)w->stride[0], layer->stride_w = (uint32_t)w->stride[1];
  layer->dilation_h = (uint32_t)w->dilation[0], layer->dilation_w = (uint32_t)w->dilation[1];
  layer->pad_top = (uint32_t)w->pad_before[0] + pad[0],
  layer->pad_left = (uint32_t)w->pad_before[1] + pad[1];
  layer->pad_bottom = (uint32_t)w->pad_after[0] + pad[2],
  layer->pad_right = (uint32_t)w->pad_after[1] + pad[3];
}

enum sa_status sa_lower_conv(struct sa_lower *l) {
  const struct sa_value *weights = sa_lower_in(l, 1);
  const struct sa_onnx_info *info = sa_lower_in_info(l, 1);
  const struct sa_onnx_shape in = sa_lower_in_info(l, 0)->shape;
  struct sa_view view;
  struct sa_onnx_window w;
  uint32_t pad[4] = {0}, number;
  int64_t groups;
  if (weights->kind != SA_VALUE_CONSTANT) return sa_lower_cannot(l, "its weights are computed");
  enum sa_status status = image_input(l, &view, pad);
  if (!status) status = sa_onnx_window_read(l->model, sa_lower_node(l), &in, &info->shape, &w, l->error);
  if (!status) status = sa_onnx_int(l->model, sa_lower_node(l), "group", 1, &groups, l->error);
  if (status) return status;
  struct sa_layer conv = {.kind = SA_LAYER_CONV,
                          .inputs = {view.from},
                          .input_count = 1,
                          .groups = (uint32_t)groups,
                          .out = {.c = (uint32_t)info->shape.dims[0]},
                          .has_bias = sa_lower_in(l, 2) != NULL};
  set_window(&conv, &w, pad);
  status = sa_lower_emit(l, &conv, &number);
  if (!status) set_image(l, view.rank, number);
  return status;
}

enum sa_status sa_lower_pool(struct sa_lower *l) {
  const struct sa_onnx_shape in = sa_lower_in_info(l, 0)->shape;
  struct sa_view view;
  struct sa_onnx_window w;
  uint32_t pad[4] = {0}, number;
  enum sa_status status = image_input(l, &view, pad);
  if (!status) status = sa_onnx_window_read(l->model, sa_lower_node(l), &in, NULL, &w, l->error);
  if (status) return status;
  struct sa_layer pool = {
      .inputs = {view.from},
      .input_count = 1,
      .kind = sa_span_is(sa_lower_node(l)->op, "MaxPool") ? SA_LAYER_MAXPOOL : SA_LAYER_AVGPOOL};
  set_window(&pool, &w, pad);
  status = sa_lower_emit(l, &pool, &number);
  if (!status) set_image(l, view.rank, number);
  return status;
}

enum sa_status sa_lower_global_pool(struct sa_lower *l) {
  struct sa_view view;
  uint32_t number;
  enum sa_status status = image_input(l, &view, NULL);
  if (status) return status;
  struct sa_layer pool = {
      .inputs = {view.from},
      .input_count = 1,
      .kind = sa_span_is(sa_lower_node(l)->op, "GlobalMaxPool") ? SA_LAYER_MAXPOOL : SA_LAYER_AVGPOOL};
  status = sa_lower_emit(l, &pool, &number);
  if (!status) set_image(l, view.rank, number);
  return status;
}

/* Which dimensions a Reduce runs over, read off the shapes where keepdims holds them, else off its axes. */
static enum sa_status read_reduced(struct sa_lower *l, int rank, bool reduced[SA_ONNX_MAX_RANK]) {
  uint64_t fold_left;
  const struct sa_infer n = sa_lower_infer(l, &fold_left);
  int64_t axes[SA_ONNX_MAX_RANK];
  int count, axis;
  bool known;
  enum sa_status status = sa_infer_list(&n, "axes", 1, axes, &count, &known);
  if (!status && !known) return sa_lower_cannot(l, "its axes are not known");
  for (int d = 0; d < rank; d++) reduced[d] = count <= 0;
  for (int k = 0; k < count && !status; k++) {
    status = sa_infer_axis(&n, axes[k], rank, &axis);
    if (!status) reduced[axis] = true;
  }
  return status;
}

/* A mean or maximum over all positions is a global pool; a mean over channels begins a normalisation. */
enum sa_status sa_lower_reduce(struct sa_lower *l) {
  struct sa_view view;
  bool matched = false, reduced[SA_ONNX_MAX_RANK] = {false};
  enum sa_status status = sa_lower_match_norm(l, &matched);
  if (status || matched) return status;
  status = sa_lower_tensor(l, 0, &view, NULL);
  if (!status) status = read_reduced(l, view.rank, reduced);
  if (status) return status;
  for (int d = 0; d < view.rank; d++) {
    const bool position = sa_view_has(&view, d, SA_AXIS_H) || sa_view_has(&view, d, SA_AXIS_W);
    const bool other = sa_view_has(&view, d, SA_AXIS_N) || sa_view_has(&view, d, SA_AXIS_C) ||
                       sa_view_has(&view, d, SA_AXIS_REPEAT);
    if (reduced[d] ? other : position)
      return sa_lower_cannot(l, "it reduces something else than all positions of an image or sequence");
  }
  struct sa_layer pool = {
      .inputs = {view.from},
      .input_count = 1,
      .kind = sa_span_is(sa_lower_node(l)->op, "ReduceMax") ? SA_LAYER_MAXPOOL : SA_LAYER_AVGPOOL};
  uint32_t number;
  status = sa_lower_emit(l, &pool, &number);
  if (status) return status;
  struct sa_view next = {.rank = view.rank};
  int made = 0;
  for (int d = 0; d < view.rank; d++) {
    for (int i = sa_view_begin(&view, d); i < view.ends[d] && !reduced[d]; i++)
      next.atoms[made++] = view.atoms[i];
    next.ends[d] = made;
  }
  const struct sa_onnx_shape *out = &sa_lower_out_info(l, 0)->shape;
  if (!sa_view_reshape(&next, out->rank, out->dims))
    return sa_lower_cannot(l, "its output lies in too many parts");
  sa_lower_set_like(l, 0, &next, number);
  return SA_OK;
}

/* A layer over channels that keeps the shape; `axis` is the dimension that must be all of them. */
static enum sa_status over_channels(struct sa_lower *l, struct sa_layer *layer, int64_t axis) {
  struct sa_view view;
  uint32_t number;
  enum sa_status status = sa_lower_tensor(l, 0, &view, NULL);
  if (status) return status;
  if (axis < 0) axis += view.rank;
  if (axis < 0 || axis >= view.rank ||
      !sa_view_is_axis(&view, (int)axis, SA_AXIS_C, sa_lower_shape(l, &view)))
    return sa_lower_cannot(l, "it runs over something else than a layer's channels");
  layer->inputs[0] = view.from;
  layer->input_count = 1;
  status = sa_lower_emit(l, layer, &number);
  if (!status) sa_lower_set_like(l, 0, &view, number);
  return status;
}

enum sa_status sa_lower_softmax(struct sa_lower *l) {
  int64_t axis;
  const enum sa_status status =
      sa_onnx_int(l->model, sa_lower_node(l), "axis", l->model->opset < 13 ? 1 : -1, &axis, l->error);
  struct sa_layer softmax = {.kind = SA_LAYER_SOFTMAX};
  return status ? status : over_channels(l, &softmax, axis);
}

enum sa_status sa_lower_layer_norm(struct sa_lower *l) {
  int64_t axis;
  const enum sa_status status = sa_onnx_int(l->model, sa_lower_node(l), "axis", -1, &axis, l->error);
  if (status) return status;
  if (axis != -1 && axis != sa_lower_in_info(l, 0)->shape.rank - 1)
    return sa_lower_cannot(l, "it normalises over more than the last dimension");
  struct sa_layer norm = {.kind = SA_LAYER_NORM};
  return over_channels(l, &norm, -1);
}

/* Folded into the weights before it; without any, a scale a channel. */
enum sa_status sa_lower_batch_norm(struct sa_lower *l) {
  struct sa_view view;
  enum sa_status status = sa_lower_tensor(l, 0, &view, NULL);
  if (status) return status;
  struct sa_layer *from = &l->net->layers[view.from.layer];
  const uint32_t value = sa_onnx_input(l->model, sa_lower_node(l), 0);
  if (view.rank < 2 || !sa_view_is_axis(&view, 1, SA_AXIS_C, &from->out))
    return sa_lower_cannot(l, "it normalises something else than channels");
  if ((from->kind == SA_LAYER_CONV || from->kind == SA_LAYER_FC) && view.from.c_count == from->out.c &&
      sa_lower_sole_use(l, value) != SA_ONNX_NONE) {
    from->has_batch_norm = true;
    sa_lower_set_view(l, 0, &view);
    return sa_net_finish_layer(l->net, view.from.layer, l->error);
  }
  struct sa_layer scale = {.kind = SA_LAYER_INPUT, .out = {from->out.n, 1, 1, view.from.c_count}};
  uint32_t operand, number;
  status = sa_lower_emit(l, &scale, &operand);
  if (status) return status;
  struct sa_layer mul = {.kind = SA_LAYER_MUL, .inputs = {view.from, {.layer = operand}}, .input_count = 2};
  status = sa_lower_emit(l, &mul, &number);
  if (status) return status;
  l->net->extra_params += 2 * (uint64_t)view.from.c_count;
  sa_lower_set_like(l, 0, &view, number);
  return SA_OK;
}

/* Resize, Upsample: by whole factors. */
enum sa_status sa_lower_upsample(struct sa_lower *l) {
  struct sa_view view;
  const struct sa_onnx_shape *in = &sa_lower_in_info(l, 0)->shape, *out = &sa_lower_out_info(l, 0)->shape;
  struct sa_onnx_attribute mode;
  bool found;
  uint32_t number;
  enum sa_status status = image_input(l, &view, NULL);
  if (!status) status = sa_onnx_attribute(l->model, sa_lower_node(l), "mode", &found, &mode, l->error);
  if (status) return status;
  struct sa_layer up = {
      .kind = SA_LAYER_UPSAMPLE, .inputs = {view.from}, .input_count = 1, .kernel_h = 1, .kernel_w = 1};
  for (int d = 0; d < in->rank; d++) {
    const int64_t factor = out->dims[d] / in->dims[d];
    if (out->dims[d] % in->dims[d] || factor < 1 || factor > SA_NET_MAX_KERNEL || (d < 2 && factor > 1))
      return sa_lower_cannot(
          l, "it makes %" PRId64 " of %" PRId64 "; whole factors up to %u are understood", out->dims[d],
          in->dims[d], SA_NET_MAX_KERNEL);
    if (d == in->rank - 1) up.kernel_w = (uint32_t)factor;
    else if (d == 2) up.kernel_h = (uint32_t)factor;
  }
  if (found && !sa_span_is(mode.s, "nearest"))
    sa_notes_add(l->notes, "an interpolating Resize runs as nearest neighbour: the same traffic");
  status = sa_lower_emit(l, &up, &number);
  if (!status) set_image(l, view.rank, number);
  return status;
}

/* Y: all steps. Y_h, Y_c: the last one's. */
static enum sa_status set_lstm_outputs(struct sa_lower *l, uint32_t layer, uint32_t directions,
                                       uint32_t hidden, bool batch_first) {
  static const enum sa_axis steps_first[3] = {SA_AXIS_W, SA_AXIS_N, SA_AXIS_C},
                            all_batch_first[3] = {SA_AXIS_N, SA_AXIS_W, SA_AXIS_C};
  const struct sa_shape *shape = &l->net->layers[layer].out;
  for (uint32_t i = 0; i < 3; i++) {
    const uint32_t value = sa_onnx_output(l->model, sa_lower_node(l), i);
    if (value == SA_ONNX_NONE || l->model->values[value].uses == 0) continue;
    uint32_t from = layer;
    if (i > 0) {
      struct sa_layer pick = {.kind = SA_LAYER_MAXPOOL,
                              .inputs = {{.layer = layer}},
                              .input_count = 1,
                              .kernel_h = 1,
                              .kernel_w = 1,
                              .stride_h = 1,
                              .stride_w = shape->w};
      const enum sa_status status = sa_lower_emit(l, &pick, &from);
      if (status) return status;
      sa_notes_add(l->notes, "an LSTM's last state is asked for: its first stands for it, the same cycles");
      shape = &l->net->layers[layer].out;
    }
    struct sa_view view;
    sa_view_init(&view, from, &l->net->layers[from].out, 3, batch_first ? all_batch_first : steps_first);
    const int64_t n = shape->n, w = i > 0 ? 1 : shape->w, d = directions, h = hidden;
    const int64_t dims[4] = {batch_first ? n : w, batch_first ? w : n, d, h};
    static const int64_t perm[4] = {0, 2, 1, 3}; /* steps, directions, batch, hidden */
    if (!sa_view_reshape(&view, 4, dims)) return sa_lower_cannot(l, "its output lies in too many parts");
    if (!batch_first) sa_view_transpose(&view, perm);
    const struct sa_onnx_shape *out = &sa_lower_out_info(l, i)->shape;
    if (!sa_view_reshape(&view, out->rank, out->dims))
      return sa_lower_cannot(l, "its output lies in too many parts");
    sa_lower_set_view(l, i, &view);
  }
  return SA_OK;
}

enum sa_status sa_lower_lstm(struct sa_lower *l) {
  struct sa_view x;
  int64_t layout;
  const struct sa_onnx_shape *recurrence = &sa_lower_in_info(l, 2)->shape;
  enum sa_status status = sa_lower_tensor(l, 0, &x, NULL);
  if (!status) status = sa_onnx_int(l->model, sa_lower_node(l), "layout", 0, &layout, l->error);
  if (status) return status;
  const struct sa_shape *shape = sa_lower_shape(l, &x);
  const uint32_t directions = (uint32_t)recurrence->dims[0], hidden = (uint32_t)recurrence->dims[2];
  if (x.rank != 3 || directions < 1 || directions > 2 || shape->h != 1 ||
      !sa_view_is_axis(&x, layout ? 0 : 1, SA_AXIS_N, shape) ||
      !sa_view_is_axis(&x, layout ? 1 : 0, SA_AXIS_W, shape) ||
      !sa_view_is_axis(&x, 2, SA_AXIS_C, shape))
    return sa_lower_cannot(l, "its input does not lie as steps of a sequence");
  uint32_t layers[2] = {0, 0};
  for (uint32_t k = 0; k < directions && !status; k++) {
    struct sa_layer lstm = {.kind = SA_LAYER_LSTM,
                            .inputs = {x.from},
                            .input_count = 1,
                            .out = {.c = hidden},
                            .has_bias = sa_lower_in(l, 3) != NULL};
    status = sa_lower_emit(l, &lstm, &layers[k]);
  }
  if (!status && directions == 2) {
    struct sa_layer both = {.kind = SA_LAYER_CONCAT,
                            .inputs = {{.layer = layers[0]}, {.layer = layers[1]}},
                            .input_count = 2};
    status = sa_lower_emit(l, &both, &layers[0]);
  }
  return status ? status : set_lstm_outputs(l, layers[0], directions, hidden, layout != 0);
}
