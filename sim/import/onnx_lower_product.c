/* Lowering of matrix products: with weights a fully connected layer, of two computed tensors a product
 * per head. */
#include <inttypes.h>
#include <string.h>

#include "import/onnx_lower.h"

/* Puts one atom in the place of dimension d's. */
static void replace_dim(struct sa_view *view, int d, enum sa_axis axis, uint32_t size, uint32_t stride) {
  struct sa_view next = *view;
  int made = 0;
  for (int k = 0; k < view->rank; k++) {
    for (int i = sa_view_begin(view, k); i < view->ends[k] && k != d; i++)
      next.atoms[made++] = view->atoms[i];
    if (k == d && size > 1) next.atoms[made++] = (struct sa_atom){axis, size, stride};
    next.ends[k] = made;
  }
  *view = next;
}

/* x times weights along dimension d, which becomes the `n` outputs. */
static enum sa_status fully_connected(struct sa_lower *l, struct sa_view x, int d, uint64_t n,
                                      bool has_bias) {
  const struct sa_shape *shape = sa_lower_shape(l, &x);
  bool flatten = false, plain = true;
  for (int k = 0; k < x.rank; k++) {
    flatten |= k == d && (sa_view_has(&x, k, SA_AXIS_H) || sa_view_has(&x, k, SA_AXIS_W));
    plain &= !sa_view_has(&x, k, SA_AXIS_REPEAT) &&
             (k == d ? !sa_view_has(&x, k, SA_AXIS_N) : !sa_view_has(&x, k, SA_AXIS_C));
  }
  for (int k = 0; k < x.rank && flatten; k++)
    plain &= k == d || !(sa_view_has(&x, k, SA_AXIS_H) || sa_view_has(&x, k, SA_AXIS_W));
  if (!plain || n > INT32_MAX) {
    char text[100];
    return sa_lower_cannot(l,
                           "its reduction runs over a part of a layer's %" PRIu32 " x %" PRIu32
                           " x %" PRIu32 " (its input is %s)",
                           shape->h, shape->w, x.from.c_count,
                           sa_onnx_shape_text(&sa_lower_in_info(l, 0)->shape, text, sizeof text));
  }
  struct sa_layer fc = {.kind = SA_LAYER_FC,
                        .inputs = {x.from},
                        .input_count = 1,
                        .out = {.c = (uint32_t)n},
                        .flatten = flatten,
                        .has_bias = has_bias};
  uint32_t layer;
  const enum sa_status status = sa_lower_emit(l, &fc, &layer);
  if (status) return status;
  replace_dim(&x, d, SA_AXIS_C, (uint32_t)n, 1);
  sa_lower_set_like(l, 0, &x, layer);
  return SA_OK;
}

enum sa_status sa_lower_gemm(struct sa_lower *l) {
  int64_t trans_a, trans_b;
  struct sa_view x;
  enum sa_status status = sa_onnx_int(l->model, sa_lower_node(l), "transA", 0, &trans_a, l->error);
  if (!status) status = sa_onnx_int(l->model, sa_lower_node(l), "transB", 0, &trans_b, l->error);
  if (!status) status = sa_lower_tensor(l, 0, &x, NULL);
  if (status) return status;
  const struct sa_value *b = sa_lower_in(l, 1), *c = sa_lower_in(l, 2);
  if (!b || b->kind != SA_VALUE_CONSTANT || (c && c->kind != SA_VALUE_CONSTANT))
    return sa_lower_cannot(l, "its weights or its bias are computed");
  return fully_connected(l, x, trans_a ? 0 : 1,
                         (uint64_t)sa_lower_in_info(l, 1)->shape.dims[trans_b ? 0 : 1], c != NULL);
}

/* The parts of an operand's leading dimensions. */
struct heads {
  uint32_t channel_heads; /* atoms of c with stride `width`; 1 if none */
  uint32_t row_heads;     /* the whole of h; 1 if none */
  uint32_t repeat;
  bool fits;              /* nothing else but n */
};

static struct heads read_heads(const struct sa_lower *l, const struct sa_view *view, uint32_t width) {
  struct heads heads = {1, 1, 1, true};
  for (int i = 0; i < view->ends[view->rank - 1]; i++) {
    const struct sa_atom a = view->atoms[i];
    if (view->rank > 2 && i >= view->ends[view->rank - 3]) break;
    if (view->rank == 2) break;
    if (a.axis == SA_AXIS_C && heads.channel_heads == 1 && a.stride == width)
      heads.channel_heads = a.size;
    else if (a.axis == SA_AXIS_H && a.size == sa_lower_shape(l, view)->h)
      heads.row_heads = a.size;
    else if (a.axis == SA_AXIS_REPEAT && heads.repeat == 1)
      heads.repeat = a.size;
    else if (a.axis != SA_AXIS_N)
      heads.fits = false;
  }
  return heads;
}

/* Size of dimension d if it is the inner part of c (all of it, without heads); 0 if it is not. */
static uint32_t inner_channels(const struct sa_view *view, int d) {
  const int first = sa_view_begin(view, d);
  if (view->ends[d] == first) return 1;
  const struct sa_atom a = view->atoms[first];
  return view->ends[d] == first + 1 && a.axis == SA_AXIS_C && a.stride == 1 ? a.size : 0;
}

/* The output's view: a's leading dimensions with the heads now on another axis, its rows, and columns. */
static void set_product(struct sa_lower *l, const struct sa_view *a, uint32_t layer, enum sa_axis head_axis,
                        uint32_t head_stride, uint32_t columns) {
  struct sa_view view = *a;
  for (int i = 0; i < sa_view_begin(a, a->rank - 2); i++)
    if (view.atoms[i].axis == SA_AXIS_C || view.atoms[i].axis == SA_AXIS_H) {
      view.atoms[i].axis = head_axis;
      view.atoms[i].stride = head_stride;
    }
  replace_dim(&view, a->rank - 1, SA_AXIS_C, columns, 1);
  sa_lower_set_like(l, 0, &view, layer);
}

/* a [.., rows, k] times b [.., k, columns], both computed: scores (k is each head's width) or the context
 * (k are the keys). */
static enum sa_status attention(struct sa_lower *l, const struct sa_view *a, const struct sa_view *b) {
  const int ra = a->rank, rb = b->rank;
  if (ra < 2 || rb < 2) return sa_lower_cannot(l, "it multiplies computed vectors");
  const struct sa_shape *sa = sa_lower_shape(l, a), *sb = sa_lower_shape(l, b);
  const bool rows = sa_view_is_axis(a, ra - 2, SA_AXIS_W, sa);
  struct sa_layer layer = {.kind = SA_LAYER_MATMUL, .inputs = {a->from, b->from}, .input_count = 2};
  uint32_t number, width, heads;
  const bool is_context =
      sa_view_is_axis(b, rb - 2, SA_AXIS_W, sb) && sa_view_is_axis(a, ra - 1, SA_AXIS_C, sa) &&
      (width = inner_channels(b, rb - 1)) > 0 && read_heads(l, a, 0).fits &&
      read_heads(l, a, 0).channel_heads == 1 && read_heads(l, a, 0).row_heads == sa->h;
  if (is_context) {
    const struct heads hb = read_heads(l, b, width);
    heads = sa->h;
    layer.heads = heads;
    layer.kv_heads = hb.channel_heads;
    if (!rows || !hb.fits || (uint64_t)hb.channel_heads * hb.repeat != heads ||
        b->from.c_count != hb.channel_heads * width)
      return sa_lower_cannot(l, "its heads do not lie as attention has them");
  } else {
    width = inner_channels(a, ra - 1);
    const struct heads ha = read_heads(l, a, width), hb = read_heads(l, b, width);
    heads = ha.channel_heads;
    layer.heads = heads;
    layer.kv_heads = hb.channel_heads;
    layer.transpose_b = true;
    if (!rows || width == 0 || inner_channels(b, rb - 2) != width ||
        !sa_view_is_axis(b, rb - 1, SA_AXIS_W, sb) || !ha.fits || !hb.fits || ha.repeat != 1 ||
        (uint64_t)hb.channel_heads * hb.repeat != heads || sa->h != 1 || sb->h != 1 ||
        a->from.c_count != heads * width || b->from.c_count != hb.channel_heads * width)
      return sa_lower_cannot(l, "its operands do not lie as attention has them");
  }
  const enum sa_status status = sa_lower_emit(l, &layer, &number);
  if (status) return status;
  if (is_context)
    set_product(l, a, number, SA_AXIS_C, width, width);
  else
    set_product(l, a, number, SA_AXIS_H, 1, sb->w);
  return SA_OK;
}

enum sa_status sa_lower_matmul(struct sa_lower *l) {
  const struct sa_value *a = sa_lower_in(l, 0), *b = sa_lower_in(l, 1);
  const struct sa_onnx_shape *sa = &sa_lower_in_info(l, 0)->shape, *sb = &sa_lower_in_info(l, 1)->shape;
  struct sa_view x, y;
  enum sa_status status;
  if (a->kind == SA_VALUE_TENSOR && b->kind == SA_VALUE_TENSOR) {
    status = sa_lower_tensor(l, 0, &x, NULL);
    if (!status) status = sa_lower_tensor(l, 1, &y, NULL);
    return status ? status : attention(l, &x, &y);
  }
  const bool left = a->kind == SA_VALUE_TENSOR; /* the tensor, times weights at its right */
  const struct sa_onnx_shape *weights = left ? sb : sa;
  if (weights->rank < 2 || sa_onnx_elems(weights) != (uint64_t)(weights->dims[weights->rank - 1] *
                                                                weights->dims[weights->rank - 2]))
    return sa_lower_cannot(l, "its weights are a vector, or several matrices");
  if ((left ? a : b)->kind != SA_VALUE_TENSOR || (left ? b : a)->kind != SA_VALUE_CONSTANT)
    return sa_lower_cannot(l, "its weights are computed from token numbers");
  status = sa_lower_tensor(l, left ? 0 : 1, &x, NULL);
  if (status) return status;
  if (left) return fully_connected(l, x, x.rank - 1, (uint64_t)weights->dims[weights->rank - 1], false);
  if (x.rank < 2) return sa_lower_cannot(l, "it multiplies a computed vector from the left");
  return fully_connected(l, x, x.rank - 2, (uint64_t)weights->dims[weights->rank - 2], false);
}
