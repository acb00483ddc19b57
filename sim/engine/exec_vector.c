/* Values of VECTOR; see exec_vector.h. Each operation is one function over one output row of n
 * elements, called for every (i1, i0). Shifts of negative numbers are arithmetic (gcc, clang). */
#include "engine/exec_vector.h"

#include <string.h>

void sa_exec_vector_init(struct sa_exec_vector *vector) { memset(vector, 0, sizeof *vector); }

/* One output row at (i1, i0): where its operands lie. */
struct row {
  const struct sa_exec_vector *unit;
  const struct sa_instr *instr;
  const uint8_t *buffer;
  const int8_t *a, *b;
  const int32_t *acc;
  int8_t *d;
};

static int64_t round_shift(int64_t x, uint32_t shift) {
  return (x + (shift ? INT64_C(1) << (shift - 1) : 0)) >> shift;
}

static int64_t mult_of(uint32_t scale) { /* bits 25:0, signed */
  return (int64_t)(scale & 0x3ffffffu) - ((scale & 0x2000000u) ? INT64_C(0x4000000) : 0);
}

static uint32_t shift_of(uint32_t scale) { return scale >> 26; }

static int64_t scaled(int64_t x, uint32_t scale) {
  return round_shift(x * mult_of(scale), shift_of(scale));
}

/* The end of every operation: clamp, then the table. */
static int8_t finish(const struct row *row, int64_t y) {
  const int8_t lo = row->instr->u.vec.lo, hi = row->instr->u.vec.hi;
  const int8_t v = (int8_t)(y < lo ? lo : y > hi ? hi : y);
  if (!(row->instr->flags & SA_F_TABLE)) return v;
  return (int8_t)row->unit->table[0][(uint8_t)v];
}

static void row_vacc(const struct row *row) {
  const bool residual = row->instr->flags & SA_F_RESIDUAL;
  for (uint32_t i = 0; i < row->instr->u.vec.n; i++) {
    int64_t y = scaled((int64_t)row->acc[i] + row->unit->bias[i], row->unit->scale[i]);
    if (residual) y += scaled(row->b[i], row->instr->u.vec.w15);
    row->d[i] = finish(row, y);
  }
}

static void row_vmov(const struct row *row) {
  for (uint32_t i = 0; i < row->instr->u.vec.n; i++)
    row->d[i] = finish(row, scaled(row->a[i], row->instr->u.vec.w14));
}

static void row_vadd(const struct row *row) {
  const uint32_t scale_a = row->instr->u.vec.w14, scale_b = row->instr->u.vec.w15;
  for (uint32_t i = 0; i < row->instr->u.vec.n; i++) {
    const int64_t sum = row->a[i] * mult_of(scale_a) + row->b[i] * mult_of(scale_b);
    row->d[i] = finish(row, round_shift(sum, shift_of(scale_a)));
  }
}

static void row_vmul(const struct row *row) {
  for (uint32_t i = 0; i < row->instr->u.vec.n; i++)
    row->d[i] = finish(row, scaled((int64_t)row->a[i] * row->b[i], row->instr->u.vec.w14));
}

static void row_pool(const struct row *row) {
  const struct sa_instr *instr = row->instr;
  const bool is_max = instr->opcode == SA_OP_VMAX;
  for (uint32_t i = 0; i < instr->u.vec.n; i++) {
    int64_t max = INT8_MIN, sum = 0;
    for (int64_t y = 0; y < instr->u.vec.tap_y; y++)
      for (int64_t x = 0; x < instr->u.vec.tap_x; x++) {
        const int8_t v = row->a[y * instr->u.vec.b_s1 + x * instr->u.vec.b_s0 + i];
        max = v > max ? v : max;
        sum += v;
      }
    row->d[i] = finish(row, is_max ? max : scaled(sum, instr->u.vec.w14));
  }
}

static uint32_t exp_of(const struct sa_exec_vector *unit, int difference) {
  return unit->table[1][difference] | (uint32_t)unit->table[2][difference] << 8;
}

static void row_softmax(const struct row *row) {
  const uint32_t n = row->instr->u.vec.n;
  int max = INT8_MIN;
  for (uint32_t i = 0; i < n; i++) max = row->a[i] > max ? row->a[i] : max;
  uint32_t sum = 0; /* n and exp below 2^16 */
  for (uint32_t i = 0; i < n; i++) sum += exp_of(row->unit, max - row->a[i]);
  const int64_t reciprocal = (INT64_C(1) << 31) / (sum ? sum : 1);
  for (uint32_t i = 0; i < n; i++) {
    const int64_t e = exp_of(row->unit, max - row->a[i]);
    row->d[i] = finish(row, scaled(e * reciprocal, row->instr->u.vec.w14));
  }
}

/* Floor of the square root, a bit at a time. */
static uint64_t isqrt(uint64_t x) {
  uint64_t root = 0;
  for (uint64_t bit = UINT64_C(1) << 31; bit; bit >>= 1)
    if ((root | bit) * (root | bit) <= x) root |= bit;
  return root;
}

static void row_norm(const struct row *row) {
  const struct sa_instr *instr = row->instr;
  const bool rms = instr->flags & SA_F_RMS;
  const uint32_t n = instr->u.vec.n;
  const int8_t *gamma = (const int8_t *)row->buffer + instr->u.vec.b;
  int64_t sum = 0, sum_squares = 0;
  for (uint32_t i = 0; i < n; i++) {
    sum += row->a[i];
    sum_squares += row->a[i] * row->a[i];
  }
  const int64_t inverse = (INT64_C(1) << 24) / n;
  const int64_t mean = rms ? 0 : round_shift(sum * inverse, 24);
  int64_t variance = round_shift(sum_squares * inverse, 20) - ((mean * mean) << 4);
  if (variance < 1) variance = 1;
  const int64_t q = (1 << 20) / (int64_t)isqrt((uint64_t)variance << 12);
  for (uint32_t i = 0; i < n; i++) {
    int64_t y = scaled((row->a[i] - mean) * q * gamma[i], instr->u.vec.w14);
    if (!rms) y += gamma[(int64_t)instr->u.vec.b_s0 + i]; /* beta */
    row->d[i] = finish(row, y);
  }
}

static void load_params(struct sa_exec_vector *vector, const struct sa_instr *instr,
                        const uint8_t *buffer) {
  const uint32_t n = instr->u.vec.n;
  const uint8_t *planes = buffer + instr->u.vec.w14;
  for (uint32_t i = 0; i < n; i++) {
    uint64_t param = 0;
    for (uint32_t j = 0; j < 8; j++) param |= (uint64_t)planes[j * n + i] << 8 * j;
    vector->bias[i] = (int32_t)(uint32_t)param;
    vector->scale[i] = (uint32_t)(param >> 32);
  }
}

typedef void row_function(const struct row *row);

static row_function *function_of(uint8_t opcode) {
  switch ((enum sa_opcode)opcode) {
    case SA_OP_VACC: return row_vacc;
    case SA_OP_VMOV: return row_vmov;
    case SA_OP_VADD: return row_vadd;
    case SA_OP_VMUL: return row_vmul;
    case SA_OP_VMAX: case SA_OP_VAVG: return row_pool;
    case SA_OP_VSOFTMAX: return row_softmax;
    case SA_OP_VNORM: return row_norm;
    default: return NULL;
  }
}

void sa_exec_vector_run(struct sa_exec_vector *vector, const struct sa_config *config,
                        const struct sa_instr *instr, uint8_t *buffer,
                        const int32_t *accumulators) {
  if (instr->opcode == SA_OP_VTABLE) {
    memcpy(vector->table[instr->flags >> SA_F_TABLE_SHIFT], buffer + instr->u.vec.a, 256);
    return;
  }
  row_function *function = function_of(instr->opcode);
  if (!function) return; /* SYNC */
  if (instr->flags & SA_F_PARAMS) load_params(vector, instr, buffer);
  const bool vacc = instr->opcode == SA_OP_VACC;
  const int64_t acc_base =
      vacc ? (int64_t)(instr->u.vec.a >> 16) * config->accumulator_rows + (instr->u.vec.a & 0xffff) : 0;
  for (int64_t i1 = 0; i1 < instr->u.vec.n1; i1++)
    for (int64_t i0 = 0; i0 < instr->u.vec.n0; i0++) {
      const int64_t a = i1 * instr->u.vec.a_s1 + i0 * instr->u.vec.a_s0;
      const int64_t b = instr->u.vec.b + i1 * instr->u.vec.b_s1 + i0 * instr->u.vec.b_s0;
      const int64_t d = instr->u.vec.d + i1 * instr->u.vec.d_s1 + i0 * instr->u.vec.d_s0;
      struct row row = {.unit = vector, .instr = instr, .buffer = buffer};
      row.d = (int8_t *)buffer + d;
      if (vacc)
        row.acc = accumulators + (acc_base + a) * config->array_cols;
      else
        row.a = (const int8_t *)buffer + instr->u.vec.a + a;
      if (instr->opcode == SA_OP_VADD || instr->opcode == SA_OP_VMUL ||
          (vacc && (instr->flags & SA_F_RESIDUAL)))
        row.b = (const int8_t *)buffer + b;
      function(&row);
    }
}
