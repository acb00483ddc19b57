/* One VECTOR operation over images x rows x columns of outputs, emitted as few instructions as two levels
 * of strides allow, and the views of a tile's operands that it works on. */
#ifndef SA_MAP_VECPASS_H
#define SA_MAP_VECPASS_H
#include "map/mapper.h"

enum { SA_PASS_MAX_COUNT = 65535 }; /* of n, n0, n1 */

/* An operand of a pass: first element and pitches. */
struct sa_pass_arg {
  uint32_t region;
  int64_t origin, image, row, pixel;
};

enum { SA_PASS_A, SA_PASS_B, SA_PASS_D, SA_PASS_ARGS };

struct sa_pass {
  struct sa_instr instr;  /* opcode, flags, scales, clamp, taps and their pitches */
  struct sa_stamp wait;
  uint32_t images, rows, cols, n;
  struct sa_pass_arg args[SA_PASS_ARGS]; /* unused ones have region SA_NONE */
  uint32_t param_region;  /* VNORM's gamma and beta, or SA_NONE */
  uint32_t param_bytes;
  bool whole_rows;        /* n is one reduction; else pixels side by side may be one run */
};

/* A pass over a tile's outputs of n elements: no operands, taps or scales yet, clamp -128 .. 127. */
struct sa_pass sa_pass_new(uint8_t opcode, const struct sa_tile *t, uint32_t n);
struct sa_pass_arg sa_pass_arg(const struct sa_view *v);
/* Emits it; returns the last instruction's number. */
uint32_t sa_pass_emit(struct sa_mapper *m, struct sa_pass *p);

/* The boxes and views of a tile's operands. */
struct sa_tile_views { struct sa_box a_box, b_box, out_box; struct sa_view a, b, out; };
struct sa_tile_views sa_tile_views(struct sa_mapper *m, uint32_t op, const struct sa_tile *t);

/* ---- pool.c ---- */
/* Emits a pool's tile and returns the last instruction's number. */
uint32_t sa_pool_tile(struct sa_mapper *m, uint32_t op, const struct sa_tile *t, const struct sa_tile_views *v);
#endif
