/* How a tensor of an ONNX graph lies in a layer's output. Exporters wrap every attention and every
 * classifier in Reshape and Transpose; our machine addresses its tensors freely, so none of these moves a
 * byte. A view writes the tensor's dimensions as atoms: pieces of the layer's axes n, h, w, c, each with a
 * size and a stride along its axis, in row-major order of the ONNX tensor. Reshape splits and regroups
 * atoms, Transpose permutes them, a slice of channels narrows them; what an operator needs ("the last
 * dimension is all of c", "c's outer part is the heads") is then read off the atoms.
 *
 *   q of 12 heads, [1, 12, 197, 64], in a layer of 1 x 1 x 197 x 768:   {} {c: 12, 64} {w: 197, 1} {c: 64, 1} */
#ifndef SA_IMPORT_ONNX_VIEW_H
#define SA_IMPORT_ONNX_VIEW_H
#include "import/onnx_model.h"
#include "net/net.h"

/* SA_AXIS_REPEAT: the same values again (Expand). */
enum sa_axis { SA_AXIS_N, SA_AXIS_H, SA_AXIS_W, SA_AXIS_C, SA_AXIS_REPEAT };

struct sa_atom {
  enum sa_axis axis;
  uint32_t size, stride; /* size > 1; stride in positions of the axis */
};

#define SA_VIEW_MAX_ATOMS 12

struct sa_view {
  struct sa_layer_input from; /* layer and its channels; c_count set */
  int rank;
  int ends[SA_ONNX_MAX_RANK]; /* atoms of dimension d: ends[d - 1] (0 for d = 0) to ends[d] - 1 */
  struct sa_atom atoms[SA_VIEW_MAX_ATOMS];
};

static inline int sa_view_begin(const struct sa_view *view, int d) { return d > 0 ? view->ends[d - 1] : 0; }
static inline int sa_view_count(const struct sa_view *view) {
  return view->rank > 0 ? view->ends[view->rank - 1] : 0;
}

/* The whole output of a layer, dimension d being axes[d]. */
void sa_view_init(struct sa_view *view, uint32_t layer, const struct sa_shape *shape, int rank,
                  const enum sa_axis *axes);

/* Size of a dimension. */
uint64_t sa_view_dim(const struct sa_view *view, int d);

/* Regroups for new dimensions of the same number of elements. False if an atom would have to be cut
 * unevenly, or there are too many pieces; the view is then unchanged. */
bool sa_view_reshape(struct sa_view *view, int rank, const int64_t *dims);
void sa_view_transpose(struct sa_view *view, const int64_t *perm);
/* Keeps [start, start + count) of dimension d; true if that is a range of channels. Else unchanged. */
bool sa_view_slice(struct sa_view *view, int d, uint64_t start, uint64_t count);
/* Repeats dimension d, of size 1, `times` times. */
bool sa_view_repeat(struct sa_view *view, int d, uint64_t times);

/* Joins neighbouring atoms that are one run of their axis, within dimensions. */
void sa_view_merge(struct sa_view *view);

/* Dimensions made of all channels in another order (a channel shuffle) take them in the layer's: which
 * channel is which makes no work. True if there was one. */
bool sa_view_unshuffle(struct sa_view *view);

/* Dimension d is the whole axis (of a layer of this shape; c: of the channels viewed), in order. */
bool sa_view_is_axis(const struct sa_view *view, int d, enum sa_axis axis, const struct sa_shape *shape);
/* Dimension d has atoms of this axis. */
bool sa_view_has(const struct sa_view *view, int d, enum sa_axis axis);
/* Both views have the same atoms in the same dimensions, layers aside. */
bool sa_view_same(const struct sa_view *a, const struct sa_view *b);
/* As sa_view_same, but b lacks the atoms of h and w (its layer has one position): b is the same at each. */
bool sa_view_spread(const struct sa_view *a, const struct sa_view *b);
#endif
