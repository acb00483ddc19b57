/* See vecpass.h. */
#include "map/vecpass.h"

#include <string.h>

struct sa_pass_arg sa_pass_arg(const struct sa_view *v) {
  return (struct sa_pass_arg){v->region, v->origin, v->image, v->row, v->pixel};
}

static const struct sa_pass_arg no_arg = {.region = SA_NONE};

/* Whether for all operands the outer pitch continues `count` steps of the inner one. */
static bool continues(const struct sa_pass *p, uint32_t count, size_t inner, size_t outer) {
  for (int k = 0; k < SA_PASS_ARGS; k++) {
    const struct sa_pass_arg *a = &p->args[k];
    if (a->region == SA_NONE) continue;
    const int64_t pitches[4] = {1, a->pixel, a->row, a->image};
    if (pitches[outer] != count * pitches[inner]) return false;
  }
  return true;
}

/* Joins what lies side by side: pixels into longer runs, rows into more columns. */
static void join(struct sa_pass *p) {
  if (!p->whole_rows) {
    if (continues(p, p->n, 0, 1) && (uint64_t)p->n * p->cols <= SA_PASS_MAX_COUNT) {
      p->n *= p->cols;
      p->cols = 1;
      if (continues(p, p->n, 0, 2) && (uint64_t)p->n * p->rows <= SA_PASS_MAX_COUNT) {
        p->n *= p->rows;
        p->rows = 1;
      }
    }
  }
  if (p->rows > 1 && continues(p, p->cols, 1, 2) && (uint64_t)p->cols * p->rows <= SA_PASS_MAX_COUNT) {
    p->cols *= p->rows;
    p->rows = 1;
  }
}

/* Bytes from an operand's first to behind its last element in one instruction. */
static int64_t span_of(const struct sa_instr *i, int k) {
  const int32_t s0 = k == SA_PASS_A ? i->u.vec.a_s0 : k == SA_PASS_B ? i->u.vec.b_s0 : i->u.vec.d_s0;
  const int32_t s1 = k == SA_PASS_A ? i->u.vec.a_s1 : k == SA_PASS_B ? i->u.vec.b_s1 : i->u.vec.d_s1;
  int64_t span = (int64_t)(i->u.vec.n0 - 1) * s0 + (int64_t)(i->u.vec.n1 - 1) * s1 + i->u.vec.n;
  if (k == SA_PASS_A && (i->u.vec.tap_x > 1 || i->u.vec.tap_y > 1))
    span += (int64_t)(i->u.vec.tap_x - 1) * i->u.vec.b_s0 + (int64_t)(i->u.vec.tap_y - 1) * i->u.vec.b_s1;
  return span;
}

/* One instruction: n1 x n0 outputs at the given pitches, operands moved by offsets. */
static uint32_t emit_one(struct sa_mapper *m, const struct sa_pass *p, uint32_t n0, uint32_t n1,
                         const int64_t offset[SA_PASS_ARGS], bool images_outer) {
  struct sa_instr i = p->instr;
  struct sa_stamp wait = p->wait;
  i.u.vec.n = (uint16_t)p->n;
  i.u.vec.n0 = (uint16_t)n0;
  i.u.vec.n1 = (uint16_t)n1;
  for (int k = 0; k < SA_PASS_ARGS; k++) {
    const struct sa_pass_arg *a = &p->args[k];
    if (a->region == SA_NONE) continue;
    const int32_t s0 = n0 > 1 ? (int32_t)a->pixel : 0;
    const int32_t s1 = n1 > 1 ? (int32_t)(images_outer ? a->image : a->row) : 0;
    const uint32_t address = (uint32_t)(a->origin + offset[k]);
    if (k == SA_PASS_A) i.u.vec.a = address, i.u.vec.a_s0 = s0, i.u.vec.a_s1 = s1;
    if (k == SA_PASS_B) i.u.vec.b = address, i.u.vec.b_s0 = s0, i.u.vec.b_s1 = s1;
    if (k == SA_PASS_D) i.u.vec.d = address, i.u.vec.d_s0 = s0, i.u.vec.d_s1 = s1;
  }
  for (int k = 0; k < SA_PASS_ARGS; k++) {
    const struct sa_pass_arg *a = &p->args[k];
    if (a->region == SA_NONE) continue;
    const int64_t first = a->origin + offset[k], end = first + span_of(&i, k);
    if (k == SA_PASS_D)
      sa_region_write(m, a->region, SA_VECTOR, first, end, &wait);
    else
      sa_region_read(m, a->region, SA_VECTOR, first, end, &wait);
  }
  if (p->param_region != SA_NONE)
    sa_region_read(m, p->param_region, SA_VECTOR, i.u.vec.b, (int64_t)i.u.vec.b + p->param_bytes, &wait);
  return sa_emit(&m->emitter, &i, &wait);
}

uint32_t sa_pass_emit(struct sa_mapper *m, struct sa_pass *p) {
  join(p);
  const bool images_outer = p->rows == 1 && p->images > 1;
  const uint32_t level1 = images_outer ? p->images : p->rows, outer = images_outer ? 1 : p->images;
  uint32_t last = 0;
  for (uint32_t image = 0; image < outer; image++)
    for (uint32_t i1 = 0; i1 < level1; i1 += SA_PASS_MAX_COUNT)
      for (uint32_t i0 = 0; i0 < p->cols; i0 += SA_PASS_MAX_COUNT) {
        int64_t offset[SA_PASS_ARGS];
        for (int k = 0; k < SA_PASS_ARGS; k++) {
          const struct sa_pass_arg *a = &p->args[k];
          offset[k] = image * a->image + i1 * (images_outer ? a->image : a->row) + i0 * a->pixel;
        }
        const uint32_t n1 = level1 - i1 < SA_PASS_MAX_COUNT ? level1 - i1 : SA_PASS_MAX_COUNT;
        const uint32_t n0 = p->cols - i0 < SA_PASS_MAX_COUNT ? p->cols - i0 : SA_PASS_MAX_COUNT;
        last = emit_one(m, p, n0, n1, offset, images_outer);
      }
  return last;
}

struct sa_pass sa_pass_new(uint8_t opcode, const struct sa_tile *t, uint32_t n) {
  struct sa_pass p = {.images = t->images, .rows = t->rows, .cols = t->cols, .n = n,
                   .param_region = SA_NONE};
  p.instr.opcode = opcode;
  p.instr.u.vec.tap_x = p.instr.u.vec.tap_y = 1;
  p.instr.u.vec.lo = -128;
  p.instr.u.vec.hi = 127;
  for (int k = 0; k < SA_PASS_ARGS; k++) p.args[k] = no_arg;
  return p;
}

struct sa_tile_views sa_tile_views(struct sa_mapper *m, uint32_t index, const struct sa_tile *t) {
  struct sa_operand *operands = m->plans[index].operands;
  struct sa_tile_views v;
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
