/* Windows of Conv and the pools: see onnx_window.h. */
#include "import/onnx_window.h"

#include <inttypes.h>

#define MAX_WINDOW 65535 /* of a kernel, stride, dilation or padding; the network's own limits are lower */

/* A list with one entry a spatial dimension, into height and width. */
static enum sa_status read_list(const struct sa_onnx_model *model, const struct sa_onnx_node *node,
                                const char *name, int spatial, int64_t least, int64_t fallback,
                                int64_t values[2], struct sa_error *error) {
  int64_t given[2];
  int count;
  values[0] = values[1] = fallback;
  const enum sa_status status = sa_onnx_ints(model, node, name, given, 2, &count, error);
  if (status || count < 0) return status;
  if (count != spatial)
    return sa_onnx_node_fail(model, node, SA_ERR_INPUT, error,
                             "%s has %d entries for %d spatial dimensions", name, count, spatial);
  for (int k = 0; k < spatial; k++) {
    if (given[k] < least || given[k] > MAX_WINDOW)
      return sa_onnx_node_fail(model, node, SA_ERR_INPUT, error,
                               "%s is %" PRId64 "; it must be between %" PRId64 " and %d", name,
                               given[k], least, MAX_WINDOW);
    values[2 - spatial + k] = given[k];
  }
  return SA_OK;
}

static enum sa_status read_pads(const struct sa_onnx_model *model, const struct sa_onnx_node *node,
                                struct sa_onnx_window *w, struct sa_error *error) {
  int64_t pads[4];
  int count;
  const enum sa_status status = sa_onnx_ints(model, node, "pads", pads, 4, &count, error);
  if (status || count < 0) return status;
  if (count != 2 * w->spatial)
    return sa_onnx_node_fail(model, node, SA_ERR_INPUT, error,
                             "pads has %d entries for %d spatial dimensions", count, w->spatial);
  for (int k = 0; k < count; k++) {
    if (pads[k] < 0 || pads[k] > MAX_WINDOW)
      return sa_onnx_node_fail(model, node, SA_ERR_INPUT, error,
                               "pads has %" PRId64 "; entries must be between 0 and %d", pads[k],
                               MAX_WINDOW);
    const int axis = 2 - w->spatial + k % w->spatial;
    if (k < w->spatial)
      w->pad_before[axis] = pads[k];
    else
      w->pad_after[axis] = pads[k];
  }
  return SA_OK;
}

/* How auto_pad pads: 0 by pads, 1 none, 2 and 3 to ceil(in / stride), the odd one behind or before. */
static enum sa_status read_auto_pad(const struct sa_onnx_model *model, const struct sa_onnx_node *node,
                                    int *mode, struct sa_error *error) {
  static const char *const modes[] = {"NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"};
  struct sa_onnx_attribute a;
  bool found;
  *mode = 0;
  const enum sa_status status = sa_onnx_attribute(model, node, "auto_pad", &found, &a, error);
  if (status || !found) return status;
  for (*mode = 0; *mode < 4; ++*mode)
    if (sa_span_is(a.s, modes[*mode])) return SA_OK;
  return sa_onnx_node_fail(model, node, SA_ERR_INPUT, error,
                           "auto_pad must be NOTSET, VALID, SAME_UPPER or SAME_LOWER");
}

/* Padding and output size along one axis. */
static void resolve(struct sa_onnx_window *w, int axis, int64_t size, int mode, bool ceil_mode) {
  const int64_t span = (w->kernel[axis] - 1) * w->dilation[axis] + 1, stride = w->stride[axis];
  if (mode == 1) w->pad_before[axis] = w->pad_after[axis] = 0;
  if (mode >= 2) {
    const int64_t out = (size + stride - 1) / stride, need = (out - 1) * stride + span - size;
    const int64_t pad = need > 0 ? need : 0;
    w->pad_before[axis] = mode == 2 ? pad / 2 : pad - pad / 2;
    w->pad_after[axis] = pad - w->pad_before[axis];
  }
  const int64_t room = size + w->pad_before[axis] + w->pad_after[axis] - span;
  w->out[axis] = room < 0 ? 0 : room / stride + 1;
  if (!ceil_mode || room < 0 || room % stride == 0) return;
  /* one more window, unless it would begin in the padding behind */
  if ((room / stride + 1) * stride >= size + w->pad_before[axis]) return;
  w->out[axis]++;
  w->pad_after[axis] += stride - room % stride;
}

enum sa_status sa_onnx_window_read(const struct sa_onnx_model *model, const struct sa_onnx_node *node,
                                   const struct sa_onnx_shape *in, const struct sa_onnx_shape *weights,
                                   struct sa_onnx_window *w, struct sa_error *error) {
  *w = (struct sa_onnx_window){.spatial = in->rank - 2};
  if (w->spatial < 1 || w->spatial > 2 || (weights && weights->rank != in->rank))
    return sa_onnx_node_fail(
        model, node, SA_ERR_INPUT, error,
        "its input has %d dimensions; windows over one or two spatial ones are understood", in->rank);
  const int s = w->spatial;
  int64_t ceil_mode = 0;
  int mode = 0;
  enum sa_status status = read_list(model, node, "kernel_shape", s, 1, weights ? 0 : -1, w->kernel, error);
  if (!status) status = read_list(model, node, "strides", s, 1, 1, w->stride, error);
  if (!status) status = read_list(model, node, "dilations", s, 1, 1, w->dilation, error);
  if (!status) status = read_pads(model, node, w, error);
  if (!status) status = read_auto_pad(model, node, &mode, error);
  if (!status && !weights) status = sa_onnx_int(model, node, "ceil_mode", 0, &ceil_mode, error);
  if (status) return status;
  if (s == 1) w->kernel[0] = w->stride[0] = w->dilation[0] = 1;
  for (int k = 0; k < s && weights; k++) {
    int64_t *kernel = &w->kernel[2 - s + k];
    const int64_t given = weights->dims[2 + k];
    if ((*kernel && *kernel != given) || given < 1 || given > MAX_WINDOW)
      return sa_onnx_node_fail(model, node, SA_ERR_INPUT, error,
                               "kernel_shape is %" PRId64 " and the weights' %" PRId64
                               "; they must be equal and between 1 and %d", *kernel, given, MAX_WINDOW);
    *kernel = given;
  }
  if (w->kernel[1] < 1)
    return sa_onnx_node_fail(model, node, SA_ERR_INPUT, error, "it lacks its kernel_shape");
  w->out[0] = 1;
  for (int k = 0; k < s; k++) resolve(w, 2 - s + k, in->dims[2 + k], mode, ceil_mode != 0);
  if (w->out[0] < 1 || w->out[1] < 1)
    return sa_onnx_node_fail(model, node, SA_ERR_INPUT, error, "its window of %" PRId64 " x %" PRId64
                             " does not fit into its padded input", w->kernel[0], w->kernel[1]);
  return SA_OK;
}
