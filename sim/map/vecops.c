/* Operations of VECTOR alone: element by element, pools, reductions over channels. */
#include <assert.h>
#include <string.h>

#include "map/mapper.h"
#include "net/quant.h"

enum { MAX_COUNT = 65535 };

/* An operand of a pass: first element and pitches. */
struct arg {
  uint32_t region;
  int64_t origin, image, row, pixel;
};

/* One VECTOR operation over images x rows x cols outputs of n elements. */
struct pass {
  struct sa_instr instr;  /* opcode, flags, scales, clamp, taps and their pitches */
  struct sa_stamp wait;
  uint32_t images, rows, cols, n;
  struct arg args[3];     /* A, B, D; unused ones have region SA_NONE */
  uint32_t param_region;  /* VNORM's gamma and beta, or SA_NONE */
  uint32_t param_bytes;
  bool whole_rows;        /* n is one reduction; else pixels side by side may be one run */
};

enum { ARG_A, ARG_B, ARG_D, ARGS };

static struct arg arg_of(const struct sa_view *v) {
  return (struct arg){v->region, v->origin, v->image, v->row, v->pixel};
}

static const struct arg no_arg = {.region = SA_NONE};

/* Whether for all operands the outer pitch continues `count` steps of the inner one. */
static bool continues(const struct pass *p, uint32_t count, size_t inner, size_t outer) {
  for (int k = 0; k < ARGS; k++) {
    const struct arg *a = &p->args[k];
    if (a->region == SA_NONE) continue;
    const int64_t pitches[4] = {1, a->pixel, a->row, a->image};
    if (pitches[outer] != count * pitches[inner]) return false;
  }
  return true;
}

/* Joins what lies side by side: pixels into longer runs, rows into more columns. */
static void join(struct pass *p) {
  const bool taps = p->instr.u.vec.tap_x > 1 || p->instr.u.vec.tap_y > 1;
  if (!p->whole_rows && !taps) {
    if (continues(p, p->n, 0, 1) && (uint64_t)p->n * p->cols <= MAX_COUNT) {
      p->n *= p->cols;
      p->cols = 1;
      if (continues(p, p->n, 0, 2) && (uint64_t)p->n * p->rows <= MAX_COUNT) {
        p->n *= p->rows;
        p->rows = 1;
      }
    }
  }
  if (p->rows > 1 && continues(p, p->cols, 1, 2) && (uint64_t)p->cols * p->rows <= MAX_COUNT) {
    p->cols *= p->rows;
    p->rows = 1;
  }
}

/* Bytes from an operand's first to behind its last element in one instruction. */
static int64_t span_of(const struct sa_instr *i, int k) {
  const int32_t s0 = k == ARG_A ? i->u.vec.a_s0 : k == ARG_B ? i->u.vec.b_s0 : i->u.vec.d_s0;
  const int32_t s1 = k == ARG_A ? i->u.vec.a_s1 : k == ARG_B ? i->u.vec.b_s1 : i->u.vec.d_s1;
  int64_t span = (int64_t)(i->u.vec.n0 - 1) * s0 + (int64_t)(i->u.vec.n1 - 1) * s1 + i->u.vec.n;
  if (k == ARG_A && (i->u.vec.tap_x > 1 || i->u.vec.tap_y > 1))
    span += (int64_t)(i->u.vec.tap_x - 1) * i->u.vec.b_s0 + (int64_t)(i->u.vec.tap_y - 1) * i->u.vec.b_s1;
  return span;
}

/* One instruction: n1 x n0 outputs at the given pitches, operands moved by offsets. */
static uint32_t emit_one(struct sa_mapper *m, const struct pass *p, uint32_t n0, uint32_t n1,
                         const int64_t offset[ARGS], bool images_outer) {
  struct sa_instr i = p->instr;
  struct sa_stamp wait = p->wait;
  i.u.vec.n = (uint16_t)p->n;
  i.u.vec.n0 = (uint16_t)n0;
  i.u.vec.n1 = (uint16_t)n1;
  for (int k = 0; k < ARGS; k++) {
    const struct arg *a = &p->args[k];
    if (a->region == SA_NONE) continue;
    const int32_t s0 = n0 > 1 ? (int32_t)a->pixel : 0;
    const int32_t s1 = n1 > 1 ? (int32_t)(images_outer ? a->image : a->row) : 0;
    const uint32_t address = (uint32_t)(a->origin + offset[k]);
    if (k == ARG_A) i.u.vec.a = address, i.u.vec.a_s0 = s0, i.u.vec.a_s1 = s1;
    if (k == ARG_B) i.u.vec.b = address, i.u.vec.b_s0 = s0, i.u.vec.b_s1 = s1;
    if (k == ARG_D) i.u.vec.d = address, i.u.vec.d_s0 = s0, i.u.vec.d_s1 = s1;
  }
  for (int k = 0; k < ARGS; k++) {
    const struct arg *a = &p->args[k];
    if (a->region == SA_NONE) continue;
    const int64_t first = a->origin + offset[k], end = first + span_of(&i, k);
    if (k == ARG_D)
      sa_region_write(m, a->region, SA_VECTOR, first, end, &wait);
    else
      sa_region_read(m, a->region, SA_VECTOR, first, end, &wait);
  }
  if (p->param_region != SA_NONE)
    sa_region_read(m, p->param_region, SA_VECTOR, i.u.vec.b, (int64_t)i.u.vec.b + p->param_bytes, &wait);
  return sa_emit(&m->emitter, &i, &wait);
}

/* Emits a pass as few instructions as two levels of strides allow; returns the last one's number. */
static uint32_t emit_pass(struct sa_mapper *m, struct pass *p) {
  join(p);
  const bool images_outer = p->rows == 1 && p->images > 1;
  const uint32_t level1 = images_outer ? p->images : p->rows, outer = images_outer ? 1 : p->images;
  uint32_t last = 0;
  for (uint32_t image = 0; image < outer; image++)
    for (uint32_t i1 = 0; i1 < level1; i1 += MAX_COUNT)
      for (uint32_t i0 = 0; i0 < p->cols; i0 += MAX_COUNT) {
        int64_t offset[ARGS];
        for (int k = 0; k < ARGS; k++) {
          const struct arg *a = &p->args[k];
          offset[k] = image * a->image + i1 * (images_outer ? a->image : a->row) + i0 * a->pixel;
        }
        const uint32_t n1 = level1 - i1 < MAX_COUNT ? level1 - i1 : MAX_COUNT;
        const uint32_t n0 = p->cols - i0 < MAX_COUNT ? p->cols - i0 : MAX_COUNT;
        last = emit_one(m, p, n0, n1, offset, images_outer);
      }
  return last;
}

static struct pass new_pass(uint8_t opcode, const struct sa_tile *t, uint32_t n) {
  struct pass p = {.images = t->images, .rows = t->rows, .cols = t->cols, .n = n,
                   .param_region = SA_NONE};
  p.instr.opcode = opcode;
  p.instr.u.vec.tap_x = p.instr.u.vec.tap_y = 1;
  p.instr.u.vec.lo = -128;
  p.instr.u.vec.hi = 127;
  for (int k = 0; k < ARGS; k++) p.args[k] = no_arg;
  return p;
}

/* The views of a tile's operands. */
struct tile_views { struct sa_box a_box, b_box, out_box; struct sa_view a, b, out; };

static struct tile_views views_of(struct sa_mapper *m, uint32_t index, const struct sa_tile *t) {
  struct sa_operand *operands = m->plans[index].operands;
  struct tile_views v;
  memset(&v, 0, sizeof v);
  v.a_box = sa_operand_box(m, index, SA_OPERAND_A, t);
  v.a = sa_operand_view(m, &operands[SA_OPERAND_A], &v.a_box);
  if (operands[SA_OPERAND_B].ref.tensor != SA_NONE) {
    v.b_box = sa_operand_box(m, index, SA_OPERAND_B, t);
    v.b = sa_operand_view(m, &operands[SA_OPERAND_B], &v.b_box);
  }
  v.out_box = sa_operand_box(m, index, SA_OPERAND_OUT, t);
  v.out = sa_operand_view(m, &operands[SA_OPERAND_OUT], &v.out_box);
  return v;
}

/* ADD, MUL, MOVE. Channels beyond the limit of n go in pieces. */
static uint32_t element_wise(struct sa_mapper *m, uint32_t index, const struct sa_tile *t,
                             const struct tile_views *v) {
  const struct sa_op *op = &m->graph->ops[index];
  const enum sa_activation activation =
      op->copy_scale ? SA_ACT_NONE : m->net->layers[op->layer].activation;
  const uint8_t opcode = op->kind == SA_KIND_ADD ? SA_OP_VADD : op->kind == SA_KIND_MUL ? SA_OP_VMUL : SA_OP_VMOV;
  uint32_t last = 0;
  for (uint32_t c = 0; c < op->out.c_count; c += MAX_COUNT) {
    const uint32_t left = op->out.c_count - c;
    struct pass p = new_pass(opcode, t, left < MAX_COUNT ? left : MAX_COUNT);
    p.args[ARG_A] = arg_of(&v->a);
    p.args[ARG_D] = arg_of(&v->out);
    sa_view_wait(m, &v->a, &v->a_box, &p.wait);
    if (op->kind != SA_KIND_MOVE) {
      p.args[ARG_B] = arg_of(&v->b);
      p.args[ARG_B].origin += c;
      if (op->spread_b) p.args[ARG_B].row = p.args[ARG_B].pixel = 0;
      sa_view_wait(m, &v->b, &v->b_box, &p.wait);
    }
    p.args[ARG_A].origin += c;
    p.args[ARG_D].origin += c;
    p.instr.u.vec.w14 = op->copy_scale ? op->copy_scale : sa_quant_scale(m->net, op->layer, 0);
    if (op->kind == SA_KIND_ADD) p.instr.u.vec.w15 = sa_quant_scale_b(m->net, op->layer);
    sa_quant_clamp(activation, &p.instr.u.vec.lo, &p.instr.u.vec.hi);
    if (sa_quant_uses_table(activation)) {
      sa_use_table(m, index, activation);
      p.instr.flags |= SA_F_TABLE;
    }
    last = emit_pass(m, &p);
  }
  return last;
}

static uint32_t upsample(struct sa_mapper *m, uint32_t index, const struct sa_tile *t,
                         const struct tile_views *v) {
  const struct sa_op *op = &m->graph->ops[index];
  uint32_t last = 0;
  for (uint32_t y = 0; y < op->window.kernel_h; y++)
    for (uint32_t x = 0; x < op->window.kernel_w; x++)
      for (uint32_t c = 0; c < op->out.c_count; c += MAX_COUNT) {
        const uint32_t left = op->out.c_count - c;
        struct pass p = new_pass(SA_OP_VMOV, t, left < MAX_COUNT ? left : MAX_COUNT);
        p.args[ARG_A] = arg_of(&v->a);
        p.args[ARG_D] = arg_of(&v->out);
        p.args[ARG_A].origin += c;
        p.args[ARG_D].origin += y * v->out.row + x * v->out.pixel + c;
        p.args[ARG_D].row *= op->window.kernel_h;
        p.args[ARG_D].pixel *= op->window.kernel_w;
        p.instr.u.vec.w14 = sa_quant_scale(m->net, op->layer, 0);
        sa_view_wait(m, &v->a, &v->a_box, &p.wait);
        last = emit_pass(m, &p);
      }
  return last;
}

/* ---- Pools: outputs whose windows are cut alike by the edges share an instruction ---- */

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

static uint32_t pool_part(struct sa_mapper *m, uint32_t index, const struct sa_tile *t,
                          const struct tile_views *v, const struct stretch *y, const struct stretch *x) {
  const struct sa_op *op = &m->graph->ops[index];
  const struct sa_window *w = &op->window;
  const bool average = op->kind == SA_KIND_AVGPOOL;
  const bool cut = y->taps < w->kernel_h || x->taps < w->kernel_w;
  uint32_t last = 0;
  for (uint32_t c = 0; c < op->out.c_count; c += MAX_COUNT) {
    const uint32_t left = op->out.c_count - c;
    struct pass p = new_pass(average ? SA_OP_VAVG : SA_OP_VMAX, t, left < MAX_COUNT ? left : MAX_COUNT);
    p.rows = y->count;
    p.cols = x->count;
    p.args[ARG_A] = arg_of(&v->a);
    p.args[ARG_D] = arg_of(&v->out);
    p.args[ARG_A].origin += (y->input - v->a_box.row) * v->a.row + (x->input - v->a_box.col) * v->a.pixel + c;
    p.args[ARG_D].origin += (y->first - t->row) * v->out.row + (x->first - t->col) * v->out.pixel + c;
    p.args[ARG_A].row *= w->stride_h;
    p.args[ARG_A].pixel *= w->stride_w;
    p.instr.u.vec.tap_x = (uint8_t)x->taps;
    p.instr.u.vec.tap_y = (uint8_t)y->taps;
    p.instr.u.vec.b_s0 = x->taps > 1 ? (int32_t)v->a.pixel : 0;
    p.instr.u.vec.b_s1 = y->taps > 1 ? (int32_t)v->a.row : 0;
    if (average) p.instr.u.vec.w14 = sa_quant_scale(m->net, op->layer, 0);
    else if (cut) p.instr.u.vec.lo = 0; /* the padding counts as zero */
    sa_view_wait(m, &v->a, &v->a_box, &p.wait);
    last = emit_pass(m, &p);
  }
  return last;
}

static uint32_t pool(struct sa_mapper *m, uint32_t index, const struct sa_tile *t,
                     const struct tile_views *v) {
  const struct sa_op *op = &m->graph->ops[index];
  const struct sa_window *w = &op->window;
  const struct sa_shape *in = &m->graph->tensors[op->a.tensor].shape;
  uint32_t last = 0;
  struct stretch y, x;
  for (uint32_t row = t->row; row < t->row + t->rows; row += y.count) {
    y = next_stretch(row, t->row + t->rows, w->stride_h, w->kernel_h, w->pad_top, in->h);
    for (uint32_t col = t->col; col < t->col + t->cols; col += x.count) {
      x = next_stretch(col, t->col + t->cols, w->stride_w, w->kernel_w, w->pad_left, in->w);
      last = pool_part(m, index, t, v, &y, &x);
    }
  }
  return last;
}

/* ---- Reductions over channels ---- */

static uint32_t reduction(struct sa_mapper *m, uint32_t index, const struct sa_tile *t,
                          const struct tile_views *v) {
  const struct sa_op *op = &m->graph->ops[index];
  const bool norm = op->kind == SA_KIND_NORM;
  struct pass p = new_pass(norm ? SA_OP_VNORM : SA_OP_VSOFTMAX, t, op->out.c_count);
  p.whole_rows = true;
  p.args[ARG_A] = arg_of(&v->a);
  p.args[ARG_D] = arg_of(&v->out);
  p.instr.u.vec.w14 = sa_quant_scale(m->net, op->layer, 0);
  sa_view_wait(m, &v->a, &v->a_box, &p.wait);
  if (norm) {
    const bool rms = m->net->layers[op->layer].rms;
    uint32_t ready;
    const uint32_t gamma = sa_params_address(m, index, 0, 0, op->out.c_count, &ready);
    p.instr.flags |= rms ? SA_F_RMS : 0;
    p.instr.u.vec.b = gamma;
    p.instr.u.vec.b_s0 = rms ? 0 : (int32_t)op->out.c_count;
    sa_stamp_add(&p.wait, SA_EV_LOAD, ready);
    p.param_region = m->plans[index].param_region;
    p.param_bytes = (rms ? 1 : 2) * op->out.c_count;
  } else {
    sa_use_table(m, index, SA_TABLE_EXP);
    sa_use_table(m, index, SA_TABLE_EXP + 1);
  }
  return emit_pass(m, &p);
}

void sa_vector_tile(struct sa_mapper *m, uint32_t index, const struct sa_tile *t) {
  const struct tile_views v = views_of(m, index, t);
  uint32_t seq = 0;
  switch (m->graph->ops[index].kind) {
    case SA_KIND_ADD:
    case SA_KIND_MUL:
    case SA_KIND_MOVE: seq = element_wise(m, index, t, &v); break;
    case SA_KIND_UPSAMPLE: seq = upsample(m, index, t, &v); break;
    case SA_KIND_MAXPOOL:
    case SA_KIND_AVGPOOL: seq = pool(m, index, t, &v); break;
    case SA_KIND_SOFTMAX:
    case SA_KIND_NORM: seq = reduction(m, index, t, &v); break;
    case SA_KIND_GEMM:
    case SA_KIND_ATTENTION:
    case SA_KIND_LSTM: assert(0 && "an operation of the array");
  }
  sa_view_written(m, &v.out, &v.out_box, seq);
}
