/* Values: sums against a naive product, VECTOR against results worked out by hand from docs/machine.md
 * section 5, rows through DRAM and back. */
#include <string.h>

#include "base/rng.h"
#include "engine/exec.h"
#include "kit.h"
#include "test_main.h"

enum { ROWS = 7, COLS = 19, BUFFER = 4096 };

static struct kit kit;
static struct sa_memory *memory;
static uint8_t buffer[BUFFER];              /* as the last instruction left it */
static int32_t sums[2 * 64 * COLS];

static void setup(void) {
  kit_init(&kit, ROWS, COLS);
  memory = sa_memory_create();
}

static void teardown(void) {
  kit_release(&kit);
  sa_memory_free(memory);
}

static void keep(void *user, uint64_t index, const struct sa_instr *instr,
                 const struct sa_exec_state *state) {
  (void)user;
  (void)index;
  (void)instr;
  memcpy(buffer, state->buffer, sizeof buffer);
  memcpy(sums, state->accumulators, sizeof sums);
}

static void run(enum sa_status expected) {
  kit_finish(&kit);
  const enum sa_status status =
      sa_exec_run(&kit.config, &kit.program, memory, keep, NULL, &kit.error);
  ck_assert_msg(status == expected, "status %d: %s", status, kit.error.message);
}

static void put(uint64_t address, const void *data, size_t bytes) {
  ck_assert_int_eq(sa_memory_write(memory, address, data, bytes, &kit.error), SA_OK);
}

/* The buffer's first bytes from DRAM address 0. */
static void load(const void *data, uint32_t bytes) {
  put(0, data, bytes);
  kit_mem(&kit, SA_OP_LOAD, 0, 0, bytes);
}

static void expect_bytes(uint32_t address, const int8_t *expected, size_t count) {
  for (size_t i = 0; i < count; i++)
    ck_assert_msg((int8_t)buffer[address + i] == expected[i], "byte %zu is %d, not %d", i,
                  (int8_t)buffer[address + i], expected[i]);
}

/* ---- Memory ---- */

START_TEST(rows_travel_through_the_buffer_and_back) {
  uint8_t data[64], out[64];
  for (int i = 0; i < 64; i++) data[i] = (uint8_t)(i + 1);
  put(1000, data, 64);
  struct sa_instr *in = kit_mem(&kit, SA_OP_LOAD, 1000, 10, 4); /* rows at 0, 8, 32, 40 */
  in->u.mem.n0 = in->u.mem.n1 = 2;
  in->u.mem.dram_pitch0 = 8;
  in->u.mem.dram_pitch1 = 32;
  in->u.mem.ub_pitch0 = 5;
  in->u.mem.ub_pitch1 = 10;
  kit_mem(&kit, SA_OP_FILL, 0xee, 14, 1)->u.mem.ub_addr = 14;
  struct sa_instr *back = kit_mem(&kit, SA_OP_STORE, 5000, 10, 20);
  back->u.mem.base_reg = 2;
  kit.program.calls[0].base[2] = 100;
  run(SA_OK);
  sa_memory_read(memory, 5100, out, 20);
  static const uint8_t expected[20] = {1,  2,  3,  4,  0xee, 9,  10, 11, 12, 0,
                                       33, 34, 35, 36, 0,    41, 42, 43, 44, 0};
  ck_assert_mem_eq(out, expected, 20);
}
END_TEST

/* ---- MATMUL ---- */

static int weight(const int8_t *tile, uint32_t k, uint32_t n, unsigned flags, uint32_t r, uint32_t c) {
  if (r >= k || c >= n) return 0;
  if (flags & SA_F_DIAGONAL) return r == c ? tile[r] : 0;
  return flags & SA_F_TRANSPOSED ? tile[c * k + r] : tile[r * n + c];
}

/* Three folds of random sizes and kinds, from DRAM and from the buffer, into the same rows. */
static void check_folds(uint64_t seed) {
  struct sa_rng rng;
  int8_t data[3][256], operands[512];
  int32_t expected[8][COLS] = {{0}};
  sa_rng_init(&rng, seed);
  for (int i = 0; i < 512; i++) operands[i] = (int8_t)sa_rng_next(&rng);
  setup();
  put(0, operands, sizeof operands);
  kit_mem(&kit, SA_OP_LOAD, 0, 0, sizeof operands);
  for (int fold = 0; fold < 3; fold++) {
    const unsigned kinds[] = {0, SA_F_TRANSPOSED, SA_F_DIAGONAL};
    const unsigned flags = kinds[sa_rng_below(&rng, 3)];
    const uint32_t k = (uint32_t)sa_rng_range(&rng, 1, ROWS);
    const uint32_t n = flags & SA_F_DIAGONAL ? k : (uint32_t)sa_rng_range(&rng, 1, COLS);
    for (int i = 0; i < 256; i++) data[fold][i] = (int8_t)sa_rng_next(&rng);
    put(4096 + 256 * (uint64_t)fold, data[fold], 256);
    if (sa_rng_below(&rng, 2)) {
      kit_wload(&kit, 4096 + 256 * (uint64_t)fold, k, n)->flags = (uint8_t)flags;
    } else {
      kit_mem(&kit, SA_OP_LOAD, 4096 + 256 * (uint64_t)fold, 2048, 256);
      kit_wload_ub(&kit, 2048, k, n, flags);
    }
    struct sa_instr *m = kit_matmul(&kit, 5, 2, (uint32_t)sa_rng_range(&rng, 1, ROWS), SA_F_NEXT_TILE);
    if (fold) m->flags |= SA_F_ACCUMULATE;
    m->u.matmul.n1 = m->u.matmul.n2 = 2;
    m->u.matmul.stride0 = 3;
    m->u.matmul.stride1 = 40;
    m->u.matmul.stride2 = 101;
    m->u.matmul.acc_row = 11;
    m->u.matmul.acc_bank = 1;
    for (uint32_t row = 0; row < 8; row++) {
      const uint32_t at = 5 + 3 * (row & 1) + 40 * (row >> 1 & 1) + 101 * (row >> 2);
      for (uint32_t c = 0; c < COLS; c++)
        for (uint32_t r = 0; r < m->u.matmul.k_used; r++)
          expected[row][c] += operands[at + r] * weight(data[fold], k, n, flags, r, c);
    }
  }
  run(SA_OK);
  for (uint32_t row = 0; row < 8; row++)
    for (uint32_t c = 0; c < COLS; c++)
      ck_assert_int_eq(sums[(64 + 11 + row) * COLS + c], expected[row][c]);
  teardown();
}

START_TEST(folds_accumulate_as_a_naive_product) {
  teardown();
  for (uint64_t seed = 0; seed < 200; seed++) check_folds(seed);
  setup();
}
END_TEST

START_TEST(a_matmul_without_accumulate_clears_all_columns) {
  const int8_t ones[4] = {1, 1, 1, 1};
  load(ones, 4);
  kit_wload(&kit, 0, 2, 2);
  kit_wload(&kit, 0, 1, 1);
  kit_matmul(&kit, 0, 1, 2, SA_F_NEXT_TILE);
  kit_matmul(&kit, 0, 1, 2, SA_F_NEXT_TILE);
  run(SA_OK);
  ck_assert_int_eq(sums[0], 1);
  ck_assert_int_eq(sums[1], 0);
}
END_TEST

START_TEST(values_stop_at_illegal_instructions) {
  kit_matmul(&kit, 0, 1, 2, SA_F_NEXT_TILE);
  run(SA_ERR_ILLEGAL);
  ck_assert_str_eq(kit.error.message,
                   "instruction 0: MATMUL takes the next weight tile, but none is fetched");
}
END_TEST

START_TEST(values_stop_at_operands_out_of_range) {
  kit_mem(&kit, SA_OP_LOAD, 0, BUFFER - 2, 3);
  run(SA_ERR_ILLEGAL);
  ck_assert_str_eq(kit.error.message, "instruction 0: LOAD.ub_addr reaches from 4094 to 4096; "
                                      "the unified buffer holds 0 to 4095");
}
END_TEST

/* ---- VECTOR ---- */

/* One accumulator row with the given sums in its first columns: ones times a tile of one row. */
static void make_sums(const int8_t *weights, uint32_t n) {
  const int8_t one = 1;
  put(9000, weights, n);
  put(9500, &one, 1);
  kit_mem(&kit, SA_OP_LOAD, 9500, 3000, 1);
  kit_wload(&kit, 9000, 1, n);
  kit_matmul(&kit, 3000, 1, 1, SA_F_NEXT_TILE);
}

/* Parameters of n columns at buffer address 2000: planes of the bytes of (bias, scale word). */
static void make_params(const int32_t *bias, const uint32_t *scale, uint32_t n) {
  uint8_t planes[8 * COLS];
  for (uint32_t c = 0; c < n; c++)
    for (uint32_t j = 0; j < 8; j++)
      planes[j * n + c] = (uint8_t)(j < 4 ? (uint32_t)bias[c] >> 8 * j : scale[c] >> 8 * (j - 4));
  put(8000, planes, 8 * (size_t)n);
  kit_mem(&kit, SA_OP_LOAD, 8000, 2000, 8 * n);
}

/* (100 - 20) * 3 / 4 = 60. (-7 + 0) / 2 = -3.5, rounded up to -3. (0 + 2^31-1) wraps nowhere: with sum 1,
 * 2^31 / 2^31 = 1 (wrapped it would be -1). 50 * -1 = -50. 127 * 4 clamps at 127. */
START_TEST(vacc_adds_bias_scales_rounds_and_clamps) {
  static const int8_t weights[] = {100, -7, 1, 50, 127};
  static const int32_t bias[] = {-20, 0, INT32_MAX, 0, 0};
  const uint32_t scale[] = {sa_scale_word(3, 2), sa_scale_word(1, 1), sa_scale_word(1, 31),
                            sa_scale_word(-1, 0), sa_scale_word(4, 0)};
  static const int8_t expected[] = {60, -3, 1, -50, 127};
  make_sums(weights, 5);
  make_params(bias, scale, 5);
  struct sa_instr *v = kit_vector(&kit, SA_OP_VACC, 0, 100, 1, 5);
  v->flags = SA_F_PARAMS;
  v->u.vec.w14 = 2000;
  run(SA_OK);
  expect_bytes(100, expected, 5);
}
END_TEST

/* 60 + rnd(10 / 2) = 65, 60 + rnd(-11 / 2) = 60 - 5 = 55; clamp to 0..60 and a table of v + 1: 61, 56. The
 * second VACC has no params of its own and the same ones work again. */
START_TEST(vacc_adds_the_residual_and_looks_up_its_table) {
  static const int8_t weights[] = {100, 100};
  static const int32_t bias[] = {-20, -20};
  const uint32_t scale[] = {sa_scale_word(3, 2), sa_scale_word(3, 2)};
  uint8_t table[256];
  for (int i = 0; i < 256; i++) table[i] = (uint8_t)(i + 1);
  put(7000, table, 256);
  kit_mem(&kit, SA_OP_LOAD, 7000, 1024, 256);
  kit_vector(&kit, SA_OP_VTABLE, 1024, 0, 1, 1);
  static const int8_t residual[] = {10, -11};
  load(residual, 2);
  make_sums(weights, 2);
  make_params(bias, scale, 2);
  struct sa_instr *v = kit_vector(&kit, SA_OP_VACC, 0, 100, 1, 2);
  v->flags = SA_F_PARAMS;
  v->u.vec.w14 = 2000;
  v = kit_vector(&kit, SA_OP_VACC, 0, 200, 1, 2);
  v->flags = SA_F_RESIDUAL | SA_F_TABLE;
  v->u.vec.w15 = sa_scale_word(1, 1);
  v->u.vec.lo = 0;
  v->u.vec.hi = 60;
  run(SA_OK);
  expect_bytes(100, (const int8_t[]){60, 60}, 2);
  expect_bytes(200, (const int8_t[]){61, 56}, 2);
}
END_TEST

/* a = 10, -3, 7, b = -4, 5, 100. VMOV by 3/4: 7.5 -> 8, -2.25 -> -2, 5.25 -> 5. VADD (3 a + 5 b) / 2:
 * 10/2 = 5, 16/2 = 8, 521/2 -> 127. VMUL a b / 8: -40/8 = -5, -15/8 -> -2, 700/8 -> 88. */
START_TEST(elementwise_operations_scale_and_round) {
  static const int8_t data[] = {10, -3, 7, -4, 5, 100};
  load(data, 6);
  kit_vector(&kit, SA_OP_VMOV, 0, 100, 1, 3)->u.vec.w14 = sa_scale_word(3, 2);
  struct sa_instr *add = kit_vector(&kit, SA_OP_VADD, 0, 110, 1, 3);
  add->u.vec.b = 3;
  add->u.vec.w14 = sa_scale_word(3, 1);
  add->u.vec.w15 = sa_scale_word(5, 0);
  struct sa_instr *mul = kit_vector(&kit, SA_OP_VMUL, 0, 120, 1, 3);
  mul->u.vec.b = 3;
  mul->u.vec.w14 = sa_scale_word(1, 3);
  run(SA_OK);
  expect_bytes(100, (const int8_t[]){8, -2, 5}, 3);
  expect_bytes(110, (const int8_t[]){5, 8, 127}, 3);
  expect_bytes(120, (const int8_t[]){-5, -2, 88}, 3);
}
END_TEST

/* A 3 x 4 image of one channel, windows of 2 x 2 at stride 2 and 1: two outputs.
 *    1  2 -3  4
 *    5  6  7 -8
 * max 6, 7; average 14/4 = 3.5 -> 4, 0. */
START_TEST(pools_walk_their_taps) {
  static const int8_t image[] = {1, 2, -3, 4, 5, 6, 7, -8};
  load(image, 8);
  for (int i = 0; i < 2; i++) {
    struct sa_instr *v = kit_vector(&kit, i ? SA_OP_VAVG : SA_OP_VMAX, 0, 100 + 10 * (uint32_t)i, 2, 1);
    v->u.vec.a_s0 = 2;
    v->u.vec.tap_x = v->u.vec.tap_y = 2;
    v->u.vec.b_s0 = 1;
    v->u.vec.b_s1 = 4;
    v->u.vec.w14 = sa_scale_word(1, 2);
  }
  run(SA_OK);
  expect_bytes(100, (const int8_t[]){6, 7}, 2);
  expect_bytes(110, (const int8_t[]){4, 0}, 2);
}
END_TEST

/* exp[0] = 256, exp[1] = 128, exp[9] = 1. Row 5, 4: sum 384, r = 5592405; 256 r 127 / 2^31 = 84.67 -> 85,
 * 42.33 -> 42. Row -4, 5: exp 1 and 256, sum 257, r = 8355967; 0.49 -> 0, 126.5 -> 127 (126.506). */
START_TEST(softmax_is_exact_to_the_bit) {
  uint8_t low[256] = {0}, high[256] = {0};
  high[0] = 1;
  low[1] = 128;
  low[9] = 1;
  put(7000, low, 256);
  put(7256, high, 256);
  kit_mem(&kit, SA_OP_LOAD, 7000, 1024, 512);
  kit_vector(&kit, SA_OP_VTABLE, 1024, 0, 1, 1)->flags = 1 << SA_F_TABLE_SHIFT;
  kit_vector(&kit, SA_OP_VTABLE, 1280, 0, 1, 1)->flags = 2 << SA_F_TABLE_SHIFT;
  static const int8_t data[] = {5, 4, -4, 5};
  load(data, 4);
  kit_vector(&kit, SA_OP_VSOFTMAX, 0, 100, 2, 2)->u.vec.w14 = sa_scale_word(127, 31);
  run(SA_OK);
  expect_bytes(100, (const int8_t[]){85, 42, 0, 127}, 4);
}
END_TEST

/* Row 1, 3, gamma 64, 32, beta 1, -1. i = 2^23, mean = 2, variance 80 - 64 = 16 (in 16ths), isqrt(65536) =
 * 256, q = 4096: y = -1 * 4096 * 64 / 4096 + 1 = -63, 1 * 4096 * 32 / 4096 - 1 = 31.
 * RMS: variance 80, isqrt(327680) = 572, q = 1833: 1 * 1833 * 64 / 4096 = 28.6 -> 29, 3 * 1833 * 32 / 4096 =
 * 42.96 -> 43. */
START_TEST(norms_are_exact_to_the_bit) {
  static const int8_t data[] = {1, 3, 64, 32, 1, -1};
  load(data, 6);
  for (int i = 0; i < 2; i++) {
    struct sa_instr *v = kit_vector(&kit, SA_OP_VNORM, 0, 100 + 10 * (uint32_t)i, 1, 2);
    v->flags = i ? SA_F_RMS : 0;
    v->u.vec.b = 2;
    v->u.vec.b_s0 = 2;
    v->u.vec.w14 = sa_scale_word(1, 12);
  }
  run(SA_OK);
  expect_bytes(100, (const int8_t[]){-63, 31}, 2);
  expect_bytes(110, (const int8_t[]){29, 43}, 2);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("values");
  const TTest *const tests[] = {rows_travel_through_the_buffer_and_back,
                                folds_accumulate_as_a_naive_product,
                                a_matmul_without_accumulate_clears_all_columns,
                                values_stop_at_illegal_instructions,
                                values_stop_at_operands_out_of_range,
                                vacc_adds_bias_scales_rounds_and_clamps,
                                vacc_adds_the_residual_and_looks_up_its_table,
                                elementwise_operations_scale_and_round, pools_walk_their_taps,
                                softmax_is_exact_to_the_bit, norms_are_exact_to_the_bit};
  TCase *all = tcase_create("values");
  tcase_add_checked_fixture(all, setup, teardown);
  for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) tcase_add_test(all, tests[i]);
  suite_add_tcase(suite, all);
  return suite;
}

SA_TEST_MAIN(make_suite)
