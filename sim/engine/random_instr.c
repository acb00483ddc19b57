/* Random instructions, one kind a function; random_emit.c makes them legal. */
#include <assert.h>
#include <string.h>

#include "engine/random_build.h"
#include "program/overlap.h"

enum { TRIES = 12 };

/* ---- Pieces ---- */

static int32_t stride(struct random_build *b, uint32_t row) {
  if (random_chance(b, 50)) return (int32_t)row;                                 /* dense */
  if (random_chance(b, 60)) return (int32_t)(row + random_between(b, 0, 9));     /* pitched */
  if (random_chance(b, 50)) return (int32_t)random_between(b, 0, row);           /* overlapping */
  return -(int32_t)(row + random_between(b, 0, 5));                              /* downwards */
}

static uint16_t few(struct random_build *b, uint32_t most) {
  return (uint16_t)(random_chance(b, 50) ? 1 : random_between(b, 1, most ? most : 1));
}

static uint8_t traffic_class(struct random_build *b) { return (uint8_t)random_between(b, 0, 7); }

/* A DRAM address such that [address - below, address + above) lies in the region's random data. */
static uint64_t dram_address(struct random_build *b, uint8_t region, uint64_t below, uint64_t above) {
  const uint64_t last = RANDOM_REGION_BYTES - above;
  uint64_t at = below + sa_rng_below(b->rng, last - below + 1);
  if (random_chance(b, 30)) { /* aligned, where that fits */
    const uint64_t aligned = (at + 15) / 16 * 16;
    if (aligned <= last) at = aligned;
  }
  return (at + b->delta[region]) & ((UINT64_C(1) << 48) - 1);
}

static uint32_t scale_word(struct random_build *b) {
  const int32_t mult = (int32_t)random_between(b, 0, (1 << 17) - 1) - (random_chance(b, 15) ? 1 << 17 : 0);
  if (random_chance(b, 10)) return (uint32_t)sa_rng_next(b->rng); /* anything */
  return sa_scale_word(mult, random_between(b, 12, 20));
}

static void clamp_bounds(struct random_build *b, struct sa_instr *instr) {
  const int8_t a = (int8_t)sa_rng_next(b->rng), c = (int8_t)sa_rng_next(b->rng);
  const bool wide = random_chance(b, 60);
  instr->u.vec.lo = wide ? -128 : a < c ? a : c;
  instr->u.vec.hi = wide ? 127 : a < c ? c : a;
}

/* ---- LOAD, FILL, STORE ---- */

static bool random_mem(struct random_build *b, enum sa_opcode opcode, uint32_t most_bytes,
                       struct sa_instr *instr) {
  memset(instr, 0, sizeof *instr);
  instr->opcode = (uint8_t)opcode;
  instr->tensor_class = traffic_class(b);
  const uint32_t bytes = random_between(b, 1, most_bytes);
  instr->u.mem.bytes = bytes;
  instr->u.mem.n0 = few(b, 5);
  instr->u.mem.n1 = few(b, 3);
  instr->u.mem.ub_pitch0 = stride(b, bytes);
  instr->u.mem.ub_pitch1 = stride(b, bytes * instr->u.mem.n0);
  if (opcode == SA_OP_FILL) {
    instr->u.mem.dram_addr = (uint8_t)sa_rng_next(b->rng);
    return random_place_operands(b, instr);
  }
  const uint8_t region = (uint8_t)random_between(b, 0, RANDOM_REGIONS - 1);
  instr->u.mem.dram_pitch0 = stride(b, bytes);
  instr->u.mem.dram_pitch1 = stride(b, bytes * instr->u.mem.n0);
  struct sa_access access[SA_MAX_ACCESSES];
  int64_t first, end;
  sa_instr_accesses(b->config, instr, b->base, access);
  sa_access_bounds(&access[0], &first, &end);
  const uint64_t below = (uint64_t)(access[0].address - first), above = (uint64_t)(end - access[0].address);
  if (below + above > RANDOM_REGION_BYTES) return false;
  instr->u.mem.base_reg = region;
  instr->u.mem.dram_addr = dram_address(b, region, below, above);
  return random_place_operands(b, instr);
}

static void emit_mem(struct random_build *b, enum sa_opcode opcode) {
  struct sa_instr instr;
  const uint32_t most = b->config->buffer_bytes < 600 ? 24 : random_chance(b, 20) ? 200 : 60;
  for (int i = 0; i < TRIES; i++)
    if (random_mem(b, opcode, most, &instr)) {
      random_emit(b, &instr);
      return;
    }
}

static void emit_sync(struct random_build *b) {
  struct sa_instr sync = {.opcode = (uint8_t)(0x10 * random_between(b, 1, SA_UNITS))};
  if (sync.opcode == SA_OP_VECTOR_SYNC && random_chance(b, 50)) sync.flags = SA_F_FENCE;
  random_emit(b, &sync);
}

/* ---- Weight tiles ---- */

static bool emit_tile(struct random_build *b) {
  if (sa_order_tiles(b->order) == sa_order_tiles_limit(b->config)) return false;
  const uint32_t rows = b->config->array_rows, cols = b->config->array_cols;
  struct sa_instr instr = {.opcode = random_chance(b, 60) ? SA_OP_WLOAD : SA_OP_WLOAD_UB};
  instr.tensor_class = traffic_class(b);
  uint32_t k = random_chance(b, 50) ? rows : random_between(b, 1, rows);
  uint32_t n = random_chance(b, 50) ? cols : random_between(b, 1, cols);
  if (random_chance(b, 20)) {
    instr.flags = SA_F_DIAGONAL;
    k = n = k < n ? k : n;
  } else if (random_chance(b, 30)) {
    instr.flags = SA_F_TRANSPOSED;
  }
  const uint64_t most = instr.opcode == SA_OP_WLOAD ? RANDOM_REGION_BYTES : b->config->buffer_bytes;
  const uint32_t row = instr.flags & SA_F_TRANSPOSED ? k : n;
  while (!(instr.flags & SA_F_DIAGONAL) && (uint64_t)k * n > most / 2 && k > 1) k /= 2;
  while (!(instr.flags & SA_F_DIAGONAL) && (uint64_t)k * n > most / 2 && n > 1) n /= 2;
  instr.u.wload.k_used = (uint16_t)k;
  instr.u.wload.n_used = (uint16_t)n;
  if (instr.opcode == SA_OP_WLOAD) {
    const uint8_t region = (uint8_t)random_between(b, 0, RANDOM_REGIONS - 1);
    const uint64_t bytes = instr.flags & SA_F_DIAGONAL ? k : (uint64_t)k * n;
    instr.u.wload.base_reg = region;
    instr.u.wload.dram_addr = dram_address(b, region, 0, bytes);
  } else {
    instr.u.wload.ub_pitch = stride(b, row);
    if (!random_place_operands(b, &instr)) {
      instr.u.wload.ub_pitch = 1;
      if (!random_place_operands(b, &instr)) return false;
    }
  }
  random_emit(b, &instr);
  return true;
}

/* ---- MATMUL ---- */

static bool random_matmul(struct random_build *b, unsigned flags, struct sa_instr *instr) {
  memset(instr, 0, sizeof *instr);
  instr->opcode = SA_OP_MATMUL;
  instr->flags = (uint8_t)flags;
  const uint32_t acc_rows = b->config->accumulator_rows;
  const uint32_t rows = random_between(b, 1, acc_rows < 30 ? acc_rows : 30);
  instr->u.matmul.n0 = (uint16_t)random_between(b, 1, rows);
  instr->u.matmul.n1 = few(b, rows / instr->u.matmul.n0);
  instr->u.matmul.n2 = few(b, rows / instr->u.matmul.n0 / instr->u.matmul.n1);
  const uint32_t k = random_chance(b, 60) ? b->config->array_rows
                                          : random_between(b, 1, b->config->array_rows);
  instr->u.matmul.k_used = (uint16_t)k;
  instr->u.matmul.stride0 = stride(b, random_chance(b, 50) ? k : k / 3 + 1);
  instr->u.matmul.stride1 = stride(b, k);
  instr->u.matmul.stride2 = stride(b, 2 * k);
  return random_place_operands(b, instr);
}

static bool emit_matmul(struct random_build *b, unsigned flags) {
  struct sa_instr instr;
  for (int i = 0; i < TRIES; i++)
    if (random_matmul(b, flags, &instr)) {
      b->has_tile = true;
      random_emit(b, &instr);
      return true;
    }
  /* one row of one byte always fits */
  memset(&instr, 0, sizeof instr);
  instr.opcode = SA_OP_MATMUL;
  instr.flags = (uint8_t)flags;
  instr.u.matmul.n0 = instr.u.matmul.n1 = instr.u.matmul.n2 = instr.u.matmul.k_used = 1;
  b->has_tile = true;
  random_emit(b, &instr);
  return true;
}

static void emit_any_matmul(struct random_build *b) {
  const bool can_take = sa_order_tiles(b->order) > 0;
  if (!can_take && !b->has_tile) return;
  const bool next = can_take && (!b->has_tile || random_chance(b, 75));
  emit_matmul(b, (next ? SA_F_NEXT_TILE : 0u) | (random_chance(b, 40) ? SA_F_ACCUMULATE : 0u));
}

void random_consume_tiles(struct random_build *b) {
  while (sa_order_tiles(b->order) && b->status == SA_OK) emit_matmul(b, SA_F_NEXT_TILE);
}

/* ---- VECTOR ---- */

/* Eight planes of plausible parameters for n columns, from behind a region's random data. */
static void load_params(struct random_build *b, uint32_t n) {
  struct sa_instr instr = {.opcode = SA_OP_LOAD, .tensor_class = SA_CLASS_PARAMS};
  const uint8_t region = (uint8_t)random_between(b, 0, RANDOM_REGIONS - 1);
  instr.u.mem.bytes = n;
  instr.u.mem.n0 = 8;
  instr.u.mem.n1 = 1;
  instr.u.mem.dram_pitch0 = RANDOM_PLANE_PITCH;
  instr.u.mem.ub_pitch0 = (int32_t)n;
  instr.u.mem.base_reg = region;
  instr.u.mem.dram_addr = (RANDOM_REGION_BYTES + b->delta[region]) & ((UINT64_C(1) << 48) - 1);
  if (!random_place_operands(b, &instr)) return;
  random_emit(b, &instr);
  const uint32_t slot = b->param_count++ % RANDOM_PARAMS_KEPT;
  b->params[slot].address = instr.u.mem.ub_addr;
  b->params[slot].n = n;
}

static void use_loaded_params(struct random_build *b, struct sa_instr *instr) {
  if (!b->param_count || !random_chance(b, 80)) return;
  const uint32_t kept = b->param_count < RANDOM_PARAMS_KEPT ? b->param_count : RANDOM_PARAMS_KEPT;
  const uint32_t slot = random_between(b, 0, kept - 1);
  instr->u.vec.w14 = b->params[slot].address;
  instr->u.vec.n = (uint16_t)b->params[slot].n;
}

static void draw_flags(struct random_build *b, struct sa_instr *instr) {
  unsigned flags = random_chance(b, 10) ? SA_F_FENCE : 0u;
  if (instr->opcode == SA_OP_VACC) {
    if (random_chance(b, 60)) flags |= SA_F_PARAMS;
    if (random_chance(b, 30)) flags |= SA_F_RESIDUAL;
  }
  if (b->table[0] && random_chance(b, 25)) flags |= SA_F_TABLE;
  if (instr->opcode == SA_OP_VNORM && random_chance(b, 40)) flags |= SA_F_RMS;
  instr->flags = (uint8_t)flags;
}

static void draw_strides(struct random_build *b, struct sa_instr *instr) {
  const uint32_t n = instr->u.vec.n;
  const bool rows = instr->opcode == SA_OP_VACC;
  instr->u.vec.a_s0 = rows ? (int32_t)random_between(b, 0, 3) - 1 : stride(b, n);
  instr->u.vec.a_s1 = rows ? (int32_t)random_between(b, 0, 6) - 2 : stride(b, n * instr->u.vec.n0);
  instr->u.vec.b_s0 = stride(b, n);
  instr->u.vec.b_s1 = stride(b, n * instr->u.vec.n0);
  if (instr->opcode == SA_OP_VMAX || instr->opcode == SA_OP_VAVG) { /* taps */
    instr->u.vec.tap_x = (uint8_t)few(b, 4);
    instr->u.vec.tap_y = (uint8_t)few(b, 3);
  }
  instr->u.vec.d_s0 = stride(b, n);
  instr->u.vec.d_s1 = stride(b, n * instr->u.vec.n0);
}

/* Zero where the operation has no such field, so that encoding it gives the same instruction. */
static void clear_unused(struct sa_instr *instr) {
  const bool two = instr->opcode == SA_OP_VADD || instr->opcode == SA_OP_VMUL;
  const bool pool = instr->opcode == SA_OP_VMAX || instr->opcode == SA_OP_VAVG;
  const bool vacc = instr->opcode == SA_OP_VACC, norm = instr->opcode == SA_OP_VNORM;
  if (!two && !vacc && !norm) instr->u.vec.b = 0;
  if (!two && !vacc && !norm && !pool) instr->u.vec.b_s0 = 0;
  if (!two && !vacc && !pool) instr->u.vec.b_s1 = 0;
  if (instr->opcode == SA_OP_VMAX) instr->u.vec.w14 = 0;
  if (!vacc && instr->opcode != SA_OP_VADD) instr->u.vec.w15 = 0;
}

static bool random_vector(struct random_build *b, enum sa_opcode opcode, struct sa_instr *instr) {
  memset(instr, 0, sizeof *instr);
  instr->opcode = (uint8_t)opcode;
  const bool reduction = opcode == SA_OP_VSOFTMAX || opcode == SA_OP_VNORM;
  const uint32_t most = opcode == SA_OP_VACC ? b->config->array_cols : reduction ? 40 : 30;
  instr->u.vec.n = (uint16_t)random_between(b, 1, most);
  instr->u.vec.n0 = few(b, 6);
  instr->u.vec.n1 = few(b, 3);
  instr->u.vec.tap_x = instr->u.vec.tap_y = 1;
  instr->u.vec.w14 = scale_word(b);
  instr->u.vec.w15 = scale_word(b);
  draw_flags(b, instr);
  if (opcode == SA_OP_VACC && !(instr->flags & SA_F_PARAMS)) instr->u.vec.w14 = 0;
  draw_strides(b, instr);
  clamp_bounds(b, instr);
  if (!random_place_operands(b, instr)) return false;
  if (opcode == SA_OP_VACC && (instr->flags & SA_F_PARAMS)) use_loaded_params(b, instr);
  if (opcode != SA_OP_VACC && random_chance(b, 20)) { /* in place */
    instr->u.vec.d = instr->u.vec.a;
    instr->u.vec.d_s0 = instr->u.vec.a_s0;
    instr->u.vec.d_s1 = instr->u.vec.a_s1;
  }
  clear_unused(instr);
  return sa_instr_check(b->config, instr, b->base, NULL) == SA_OK &&
         sa_instr_check_in_place(b->config, instr, b->base, NULL) == SA_OK;
}

static void emit_vector(struct random_build *b, enum sa_opcode opcode) {
  struct sa_instr instr;
  for (int i = 0; i < TRIES; i++)
    if (random_vector(b, opcode, &instr)) {
      random_emit(b, &instr);
      return;
    }
}

static void emit_table(struct random_build *b, unsigned number) {
  struct sa_instr instr = {.opcode = SA_OP_VTABLE, .flags = (uint8_t)(number << SA_F_TABLE_SHIFT)};
  if (!random_place_operands(b, &instr)) return;
  random_emit(b, &instr);
  b->table[number] = true;
}

/* A table of random bytes from DRAM. */
static void load_table(struct random_build *b, unsigned number) {
  struct sa_instr load = {.opcode = SA_OP_LOAD, .tensor_class = SA_CLASS_PARAMS};
  load.u.mem.bytes = 256;
  load.u.mem.n0 = load.u.mem.n1 = 1;
  load.u.mem.base_reg = (uint8_t)random_between(b, 0, RANDOM_REGIONS - 1);
  load.u.mem.dram_addr = dram_address(b, load.u.mem.base_reg, 0, 256);
  if (!random_place_operands(b, &load)) return;
  random_emit(b, &load);
  struct sa_instr table = {.opcode = SA_OP_VTABLE, .flags = (uint8_t)(number << SA_F_TABLE_SHIFT)};
  table.u.vec.a = load.u.mem.ub_addr;
  random_emit(b, &table);
  b->table[number] = true;
}

void random_prologue(struct random_build *b) {
  for (uint32_t loads = random_between(b, 0, 2); loads > 0; loads--) emit_mem(b, SA_OP_LOAD);
  if (random_chance(b, 50))
    for (unsigned number = 0; number < 3; number++) load_table(b, number);
}

static void emit_reduction(struct random_build *b) {
  const bool tables = b->table[1] && b->table[2];
  emit_vector(b, tables && random_chance(b, 60) ? SA_OP_VSOFTMAX : SA_OP_VNORM);
}

static void emit_any_vector(struct random_build *b) {
  static const enum sa_opcode simple[] = {SA_OP_VMOV, SA_OP_VADD, SA_OP_VMUL, SA_OP_VMAX, SA_OP_VAVG};
  const uint32_t kind = random_between(b, 0, 99);
  if (kind < 40) {
    if (random_chance(b, 25)) load_params(b, random_between(b, 1, b->config->array_cols));
    emit_vector(b, SA_OP_VACC);
  } else if (kind < 70) {
    emit_vector(b, simple[random_between(b, 0, 4)]);
  } else if (kind < 85) {
    emit_reduction(b);
  } else {
    emit_table(b, random_between(b, 0, 2));
  }
}

/* ---- A GEMM in small: K folds into the same accumulator rows, requantised and stored ---- */

static void emit_gemm(struct random_build *b) {
  struct sa_instr matmul;
  if (!random_matmul(b, SA_F_NEXT_TILE, &matmul)) return;
  const uint32_t folds = random_between(b, 2, 6);
  random_consume_tiles(b);
  for (uint32_t ahead = 0, fold = 0; fold < folds && b->status == SA_OK; fold++) {
    while (ahead < folds && (ahead <= fold || random_chance(b, 60)))
      if (emit_tile(b)) ahead++; else break;
    if (!sa_order_tiles(b->order)) return;
    matmul.flags = SA_F_NEXT_TILE | (fold ? SA_F_ACCUMULATE : 0);
    b->has_tile = true;
    random_emit(b, &matmul);
  }
  emit_vector(b, SA_OP_VACC);
  emit_mem(b, SA_OP_STORE);
}

void random_any(struct random_build *b) {
  const uint32_t kind = random_between(b, 0, 99);
  if (kind < 16) emit_mem(b, SA_OP_LOAD);
  else if (kind < 21) emit_mem(b, SA_OP_FILL);
  else if (kind < 33) emit_mem(b, SA_OP_STORE);
  else if (kind < 50) (void)emit_tile(b);
  else if (kind < 66) emit_any_matmul(b);
  else if (kind < 90) emit_any_vector(b);
  else if (kind < 94) emit_gemm(b);
  else emit_sync(b);
}
