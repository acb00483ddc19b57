/* Lowering: a network's layers become operations of the machine on tensors. CONV and FC are one kind of
 * operation (a window walked over its input), CONCAT is no operation at all where its inputs can be
 * written side by side into one tensor. Nothing here knows about memory; the mapper (sim/map) decides
 * places, tiles and order. docs/mapper.md. */
#ifndef SA_LOWER_LOWER_H
#define SA_LOWER_LOWER_H
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "net/net.h"

#define SA_NONE UINT32_MAX

/* A stored tensor, dense NHWC. A CONCAT's inputs are channel ranges of one tensor. */
struct sa_tensor {
  struct sa_shape shape;
  /* Zero halo that windows read around every image. */
  uint32_t pad_top, pad_left, pad_bottom, pad_right;
  uint32_t layer;             /* that it is the output of */
  uint32_t first_op, last_op; /* that write and read it; SA_NONE if none does */
  bool is_input;              /* lies in DRAM when the run begins */
  bool is_output;             /* wanted in DRAM at the end */
  /* A KV cache, which is an input: h = heads, w = tokens, c = channels of a head; or the tokens that are
   * `appended` to it (h = 1, heads side by side in the channels), which lie in DRAM at the end of each head of
   * their `home`. SA_NONE: neither. */
  bool is_cache;
  uint32_t home, appended;
  /* A network input with few channels, stored in DRAM row-interleaved: row oy, pixel x holds the
   * `interleave` rows oy * stride + ky * dilation - pad of the image, [ky][c]; 0: as it is. */
  uint32_t interleave, interleave_stride, interleave_dilation, interleave_pad;
  uint32_t source_height, source_channels; /* of the image behind an interleaved tensor */
  /* A part of the batch (sa_graph_split): images from image_first on of the tensor whose first part is
   * part_of; the whole has whole_images. part_of is the tensor's own number otherwise. */
  uint32_t part_of, image_first, whole_images;
};

/* Channels [c_first, c_first + c_count) of a tensor. */
struct sa_ref { uint32_t tensor, c_first, c_count; };

enum sa_op_kind {
  SA_KIND_GEMM,      /* CONV, FC: window, groups, bias, scale, residual, activation */
  SA_KIND_ATTENTION, /* MATMUL: B comes from the buffer as weights */
  SA_KIND_MAXPOOL, SA_KIND_AVGPOOL,
  SA_KIND_ADD, SA_KIND_MUL, SA_KIND_MOVE, /* element by element */
  SA_KIND_UPSAMPLE, SA_KIND_SOFTMAX, SA_KIND_NORM,
  SA_KIND_LSTM       /* LSTM, GRU, RNN: gates and a state, step by step */
};

struct sa_window {
  uint32_t kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left;
};

struct sa_op {
  enum sa_op_kind kind;
  uint32_t layer;
  struct sa_ref a, b, residual; /* b, residual: tensor SA_NONE if absent */
  struct sa_ref out;
  struct sa_window window;      /* 1 x 1 for all without a window */
  uint32_t groups;
  uint32_t merged;              /* groups of the layer that make up one of these; what they don't share is zero */
  uint32_t image_first, images; /* part of the batch that it computes */
  uint32_t part_of;             /* op that computes the first part of the same layer; else itself */
  bool spread_b;                /* b is n x 1 x 1 x c */
  uint32_t period;              /* MUL: channels of b, which are repeated over a's; 0: as many as a's */
  bool rotate;                  /* MUL: of each `period` channels of a the second half is taken first */
  uint32_t gates;               /* LSTM: 4; 3 of a GRU, 1 of an RNN */
  uint32_t copy_scale;          /* MOVE: nonzero, the scale word of a plain copy; else the layer's */
};

struct sa_graph {
  struct sa_tensor *tensors; /* owned */
  uint32_t tensor_count;
  struct sa_op *ops;         /* owned; in execution order */
  uint32_t op_count;
  struct sa_ref *layers;     /* owned; where each layer's output lies */
};

void sa_graph_init(struct sa_graph *graph);
void sa_graph_release(struct sa_graph *graph);

/* Lowers a finished network. array_rows decides whether interleaving an input's rows saves folds. */
enum sa_status sa_lower(const struct sa_net *net, uint32_t array_rows, struct sa_graph *graph,
                        struct sa_error *error) SA_CHECKED;

/* The same graph with ops first..last done for `images` images at a time, so that what lives only between
 * them needs place for so many images. No LSTM may be among them. */
enum sa_status sa_graph_split(const struct sa_graph *from, uint32_t first, uint32_t last, uint32_t images,
                              struct sa_graph *to, struct sa_error *error) SA_CHECKED;

/* The largest repeated block of a network (sa_layer.block): `count` repetitions of `layers` layers and `ops`
 * operations that differ in nothing but the values of their weights, though the first one may read other
 * layers, and the last one be read by others. Each reads itself, the one before, or what comes before all. */
struct sa_repeat { uint32_t first_layer, layers, first_op, ops, count; };

/* False, and count is 0, if no block is repeated often enough to be worth it. */
bool sa_graph_find_repeat(const struct sa_net *net, const struct sa_graph *graph, struct sa_repeat *repeat);

/* The same graph with `kept` (3 .. count - 1) repetitions: the first ones and the last. Layers keep their
 * numbers; those left out have no tensor (SA_NONE). */
enum sa_status sa_graph_shorten(const struct sa_net *net, const struct sa_graph *from, const struct sa_repeat *repeat,
                                uint32_t kept, struct sa_graph *to, struct sa_error *error) SA_CHECKED;

/* Fills first_op and last_op of all tensors. */
void sa_graph_find_lifetimes(struct sa_graph *graph);

/* Whether the op keeps one channel a filter: mapped to diagonal tiles. */
static inline bool sa_op_is_depthwise(const struct sa_op *op) {
  return op->kind == SA_KIND_GEMM && op->groups > 1 && op->groups == op->a.c_count &&
         op->groups == op->out.c_count;
}
#endif
