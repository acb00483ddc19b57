/* The window attributes of Conv and the pools, resolved for an input: auto_pad, ceil_mode and defaults
 * put into numbers. One spatial dimension is told as height 1. */
#ifndef SA_IMPORT_ONNX_WINDOW_H
#define SA_IMPORT_ONNX_WINDOW_H
#include "import/onnx_model.h"

struct sa_onnx_window {
  int spatial;                                   /* 1 or 2 */
  int64_t kernel[2], stride[2], dilation[2];     /* height, width */
  int64_t pad_before[2], pad_after[2], out[2];   /* pad_after: with what ceil_mode adds */
};

/* `in`: N x C x (H x) W. `weights`: of a Conv, M x C/group x (kH x) kW; null for a pool. */
enum sa_status sa_onnx_window_read(const struct sa_onnx_model *model, const struct sa_onnx_node *node,
                                   const struct sa_onnx_shape *in, const struct sa_onnx_shape *weights,
                                   struct sa_onnx_window *window, struct sa_error *error) SA_CHECKED;
#endif
