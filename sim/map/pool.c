/* Pools: no halo is read; outputs whose windows the edges cut alike share an instruction, with the taps
 * that are left. A maximum is taken in two steps, columns first, where that takes fewer steps. */
#include "machine/latency.h"
#include "map/vecpass.h"
#include "net/quant.h"

/* Along one axis: outputs [first, first + count), which read `taps` inputs from `input` on, one output
 * further `stride` further. */
struct stretch { uint32_t first, count, taps; int64_t input; };

/* The stretch that begins with output `first`, before `end`. */
static struct stretch next_stretch(uint32_t first, uint32_t end, uint32_t stride, uint32_t kernel,
                                   uint32_t pad, uint32_t size) {
  struct stretch s = {first, 0, 0, 0};
  int64_t cut_first = 0, cut_end = 0;
  for (uint32_t o = first; o < end; o++) {
    const int64_t from = (int64_t)o * stride - pad, to = from + kernel;
    const int64_t above = from < 0 ? -from : 0, below = to > size ? to - size : 0;
    if (o == first) {
      cut_first = above;
      cut_end = below;
      s.input = from + above;
      s.taps = (uint32_t)(kernel - above - below);
    } else if (above != cut_first || below != cut_end) {
      break;
    }
    s.count++;
    if (above || below) break; /* its window moves against the edge: alone */
  }
  return s;
}

/* ---- One VMAX or VAVG ---- */

struct taps { uint32_t x, y; int64_t pitch_x, pitch_y; };

/* Outputs at D from windows at A; cut: some of the window is padding, which counts as zero. */
static uint32_t emit_windows(struct sa_mapper *m, uint32_t index, const struct sa_pass *shape,
                             const struct taps *taps, bool cut) {
  const struct sa_op *op = &m->graph->ops[index];
  struct sa_pass p = *shape;
  p.instr.u.vec.tap_x = (uint8_t)taps->x;
  p.instr.u.vec.tap_y = (uint8_t)taps->y;
  p.instr.u.vec.b_s0 = taps->x > 1 ? (int32_t)taps->pitch_x : 0;
  p.instr.u.vec.b_s1 = taps->y > 1 ? (int32_t)taps->pitch_y : 0;
  if (op->kind == SA_KIND_AVGPOOL) p.instr.u.vec.w14 = sa_quant_scale(m->net, op->layer, 0);
  else if (cut) p.instr.u.vec.lo = 0;
  return sa_pass_emit(m, &p);
}

static uint8_t opcode_of(const struct sa_op *op) {
  return op->kind == SA_KIND_AVGPOOL ? SA_OP_VAVG : SA_OP_VMAX;
}

/* ---- Whole windows ---- */

static uint32_t whole_windows(struct sa_mapper *m, uint32_t index, const struct sa_tile *t,
                              const struct sa_tile_views *v, const struct stretch *y, const struct stretch *x) {
  const struct sa_op *op = &m->graph->ops[index];
  const struct sa_window *w = &op->window;
  const struct taps taps = {x->taps, y->taps, v->a.pixel, v->a.row};
  uint32_t last = 0;
  for (uint32_t c = 0; c < op->out.c_count; c += SA_PASS_MAX_COUNT) {
    const uint32_t left = op->out.c_count - c;
    struct sa_pass p = sa_pass_new(opcode_of(op), t, left < SA_PASS_MAX_COUNT ? left : SA_PASS_MAX_COUNT);
    p.rows = y->count;
    p.cols = x->count;
    p.args[SA_PASS_A] = sa_pass_arg(&v->a);
    p.args[SA_PASS_D] = sa_pass_arg(&v->out);
    p.args[SA_PASS_A].origin += (y->input - v->a_box.row) * v->a.row + (x->input - v->a_box.col) * v->a.pixel + c;
    p.args[SA_PASS_D].origin += (y->first - t->row) * v->out.row + (x->first - t->col) * v->out.pixel + c;
    p.args[SA_PASS_A].row *= w->stride_h;
    p.args[SA_PASS_A].pixel *= w->stride_w;
    sa_view_wait(m, &v->a, &v->a_box, &p.wait);
    last = emit_windows(m, index, &p, &taps, y->taps < w->kernel_h || x->taps < w->kernel_w);
  }
  return last;
}

/* ---- Columns of windows, then rows of the columns' maxima ----
 * Down a column every pixel is read, whatever the stride, so pixels lie side by side and fill the lanes. */

/* The maxima of columns: as many rows as the tile's result, as wide as what it reads. */
static struct sa_view scratch_view(const struct sa_mapper *m, uint32_t index, const struct sa_tile_views *v,
                                   const struct sa_tile *t) {
  const uint32_t region = m->plans[index].scratch_region;
  struct sa_view s = {.origin = m->places.regions[region].address,
                      .pixel = m->graph->ops[index].out.c_count,
                      .region = region,
                      .tensor = SA_NONE};
  s.row = s.pixel * v->a_box.cols;
  s.image = s.row * t->rows;
  return s;
}

static uint32_t columns(struct sa_mapper *m, uint32_t index, const struct sa_tile *t,
                        const struct sa_tile_views *v, const struct sa_view *scratch) {
  const struct sa_op *op = &m->graph->ops[index];
  const struct sa_window *w = &op->window;
  const uint32_t c = op->out.c_count, most = SA_PASS_MAX_COUNT / c;
  uint32_t last = 0;
  struct stretch y;
  for (uint32_t row = t->row; row < t->row + t->rows; row += y.count) {
    y = next_stretch(row, t->row + t->rows, w->stride_h, w->kernel_h, w->pad_top,
                     m->graph->tensors[op->a.tensor].shape.h);
    const struct taps taps = {1, y.taps, 0, v->a.row};
    for (uint32_t col = 0; col < v->a_box.cols; col += most) {
      struct sa_pass p = sa_pass_new(SA_OP_VMAX, t, c);
      p.rows = y.count;
      p.cols = v->a_box.cols - col < most ? v->a_box.cols - col : most;
      p.args[SA_PASS_A] = sa_pass_arg(&v->a);
      p.args[SA_PASS_D] = sa_pass_arg(scratch);
      p.args[SA_PASS_A].origin += (y.input - v->a_box.row) * v->a.row + col * v->a.pixel;
      p.args[SA_PASS_D].origin += (y.first - t->row) * scratch->row + col * scratch->pixel;
      p.args[SA_PASS_A].row *= w->stride_h;
      sa_view_wait(m, &v->a, &v->a_box, &p.wait);
      last = emit_windows(m, index, &p, &taps, y.taps < w->kernel_h);
    }
  }
  return last;
}

static uint32_t rows(struct sa_mapper *m, uint32_t index, const struct sa_tile *t,
                     const struct sa_tile_views *v, const struct sa_view *scratch, uint32_t written) {
  const struct sa_op *op = &m->graph->ops[index];
  const struct sa_window *w = &op->window;
  uint32_t last = 0;
  struct stretch x;
  for (uint32_t col = t->col; col < t->col + t->cols; col += x.count) {
    x = next_stretch(col, t->col + t->cols, w->stride_w, w->kernel_w, w->pad_left,
                     m->graph->tensors[op->a.tensor].shape.w);
    const struct taps taps = {x.taps, 1, scratch->pixel, 0};
    struct sa_pass p = sa_pass_new(SA_OP_VMAX, t, op->out.c_count);
    p.cols = x.count;
    p.args[SA_PASS_A] = sa_pass_arg(scratch);
    p.args[SA_PASS_D] = sa_pass_arg(&v->out);
    p.args[SA_PASS_A].origin += (x.input - v->a_box.col) * scratch->pixel;
    p.args[SA_PASS_D].origin += (x.first - t->col) * v->out.pixel;
    p.args[SA_PASS_A].pixel *= w->stride_w;
    sa_stamp_add(&p.wait, SA_EV_VECTOR_DONE, written);
    last = emit_windows(m, index, &p, &taps, x.taps < w->kernel_w);
  }
  return last;
}

/* ---- The two ways compared ---- */

static uint64_t ceil_div(uint64_t a, uint64_t b) { return (a + b - 1) / b; }

uint64_t sa_pool_steps(const struct sa_mapper *m, uint32_t index, const struct sa_tile *size, bool *by_columns) {
  const struct sa_op *op = &m->graph->ops[index];
  const struct sa_window *w = &op->window;
  const struct sa_tensor *in = &m->graph->tensors[op->a.tensor];
  const uint64_t c = op->out.c_count, q = ceil_div(c, m->config->vector_lanes);
  const uint64_t outputs = (uint64_t)size->images * size->rows * size->cols;
  const bool side_by_side = m->plans[index].operands[SA_OPERAND_A].streamed || op->a.c_count == in->shape.c;
  uint64_t width = (uint64_t)(size->cols - 1) * w->stride_w + w->kernel_w;
  if (width > in->shape.w) width = in->shape.w;
  const uint64_t whole = outputs * q * w->kernel_h * w->kernel_w;
  const uint64_t row = side_by_side ? ceil_div(width * c, m->config->vector_lanes) : width * q;
  const uint64_t parted = (uint64_t)size->images * size->rows * row * w->kernel_h + outputs * q * w->kernel_w +
                          2 * SA_LAT_VEC_LATENCY;
  *by_columns = op->kind == SA_KIND_MAXPOOL && c <= SA_PASS_MAX_COUNT && parted < whole;
  return *by_columns ? parted : whole;
}

uint64_t sa_pool_scratch_bytes(const struct sa_mapper *m, uint32_t index, const struct sa_tile *size) {
  const struct sa_op *op = &m->graph->ops[index];
  bool by_columns;
  sa_pool_steps(m, index, size, &by_columns);
  if (!by_columns) return 0;
  uint64_t width = (uint64_t)(size->cols - 1) * op->window.stride_w + op->window.kernel_w;
  if (width > m->graph->tensors[op->a.tensor].shape.w) width = m->graph->tensors[op->a.tensor].shape.w;
  return (uint64_t)size->images * size->rows * width * op->out.c_count;
}

uint32_t sa_pool_tile(struct sa_mapper *m, uint32_t index, const struct sa_tile *t,
                      const struct sa_tile_views *v) {
  if (m->plans[index].scratch_region != SA_NONE) {
    const struct sa_view scratch = scratch_view(m, index, v, t);
    const uint32_t written = columns(m, index, t, v, &scratch);
    return rows(m, index, t, v, &scratch, written);
  }
  const struct sa_op *op = &m->graph->ops[index];
  const struct sa_window *w = &op->window;
  const struct sa_shape *in = &m->graph->tensors[op->a.tensor].shape;
  uint32_t last = 0;
  struct stretch y, x;
  for (uint32_t row = t->row; row < t->row + t->rows; row += y.count) {
    y = next_stretch(row, t->row + t->rows, w->stride_h, w->kernel_h, w->pad_top, in->h);
    for (uint32_t col = t->col; col < t->col + t->cols; col += x.count) {
      x = next_stretch(col, t->col + t->cols, w->stride_w, w->kernel_w, w->pad_left, in->w);
      last = whole_windows(m, index, t, v, &y, &x);
    }
  }
  return last;
}
