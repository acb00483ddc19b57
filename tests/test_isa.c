/* The instruction table against itself and against encodings written out by hand from
 * docs/machine.md section 8. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "program/isa_table.h"

/* Bits of each word that some field of the operation names. */
static void used_bits(size_t op, uint32_t used[SA_INSTR_WORDS]) {
  size_t count;
  const struct sa_field_row *fields = sa_isa_fields(&count);
  memset(used, 0, SA_INSTR_WORDS * sizeof used[0]);
  used[0] = 0xff;
  for (size_t i = 0; i < count; i++) {
    if (!(fields[i].ops >> op & 1)) continue;
    const uint32_t mask = (uint32_t)((UINT64_C(1) << fields[i].width) - 1) << fields[i].bit;
    ck_assert_msg(!(used[fields[i].word] & mask), "%s.%s overlaps another field",
                  sa_isa_op(op)->name, fields[i].name);
    used[fields[i].word] |= mask;
  }
}

/* A random legal encoding: every field random, then what its rule asks for. */
static void random_words(struct sa_rng *rng, size_t op, uint32_t words[SA_INSTR_WORDS]) {
  size_t count;
  const struct sa_field_row *fields = sa_isa_fields(&count);
  memset(words, 0, SA_INSTR_WORDS * sizeof words[0]);
  words[0] = sa_isa_op(op)->opcode;
  for (size_t i = 0; i < count; i++) {
    const struct sa_field_row *f = &fields[i];
    if (!(f->ops >> op & 1)) continue;
    uint32_t value = (uint32_t)sa_rng_range(rng, f->min, (UINT64_C(1) << f->width) - 1);
    if (!strcmp(f->name, "diagonal")) value = 0;
    if (!strcmp(f->name, "number")) value %= 3;
    words[f->word] |= value << f->bit;
  }
}

START_TEST(fields_never_overlap_and_fit_their_words) {
  uint32_t used[SA_INSTR_WORDS];
  size_t count;
  const struct sa_field_row *fields = sa_isa_fields(&count);
  for (size_t i = 0; i < count; i++) {
    ck_assert_uint_lt(fields[i].word, SA_INSTR_WORDS);
    ck_assert_uint_le(fields[i].bit + fields[i].width, 32);
    ck_assert_uint_ge(fields[i].width, 1);
  }
  for (size_t op = 0; op < SA_OPS; op++) used_bits(op, used);
}
END_TEST

START_TEST(every_opcode_finds_its_row_and_its_unit) {
  for (size_t op = 0; op < SA_OPS; op++) {
    const struct sa_op_row *row = sa_isa_op(op);
    ck_assert_uint_eq(sa_isa_find(row->opcode), op);
    ck_assert_int_eq(sa_instr_unit(row->opcode), row->unit);
    if (row->unit != SA_UNITS) ck_assert_int_eq(row->opcode >> 4, row->unit + 1);
  }
  ck_assert_uint_eq(sa_isa_find(0x7f), SA_OPS);
}
END_TEST

START_TEST(decoding_and_encoding_gives_the_same_words) {
  struct sa_rng rng;
  sa_rng_init(&rng, 1);
  for (int round = 0; round < 20000; round++) {
    const size_t op = (size_t)round % SA_OPS;
    uint32_t words[SA_INSTR_WORDS], again[SA_INSTR_WORDS];
    struct sa_instr instr;
    struct sa_error error;
    random_words(&rng, op, words);
    ck_assert_msg(sa_instr_decode(words, &instr, &error) == SA_OK, "%s", error.message);
    sa_instr_encode(&instr, again);
    ck_assert_mem_eq(words, again, sizeof words);
  }
}
END_TEST

START_TEST(every_unused_bit_is_rejected) {
  struct sa_rng rng;
  sa_rng_init(&rng, 2);
  for (size_t op = 0; op < SA_OPS; op++) {
    uint32_t used[SA_INSTR_WORDS], words[SA_INSTR_WORDS];
    used_bits(op, used);
    random_words(&rng, op, words);
    for (int w = 0; w < SA_INSTR_WORDS; w++)
      for (int bit = 0; bit < 32; bit++) {
        if (used[w] >> bit & 1) continue;
        struct sa_instr instr;
        struct sa_error error;
        words[w] |= 1u << bit;
        ck_assert_msg(sa_instr_decode(words, &instr, &error) == SA_ERR_INPUT,
                      "%s accepts word %d bit %d", sa_isa_op(op)->name, w, bit);
        words[w] &= ~(1u << bit);
      }
  }
}
END_TEST

START_TEST(zero_counts_are_rejected_by_name) {
  uint32_t words[SA_INSTR_WORDS] = {SA_OP_MATMUL};
  struct sa_instr instr;
  struct sa_error error;
  words[4] = 1u << 16;
  ck_assert_int_eq(sa_instr_decode(words, &instr, &error), SA_ERR_INPUT);
  ck_assert_str_eq(error.message, "MATMUL.n0 is 0; it must be at least 1");
}
END_TEST

START_TEST(unknown_opcode_is_rejected) {
  uint32_t words[SA_INSTR_WORDS] = {0x7f};
  struct sa_instr instr;
  struct sa_error error;
  ck_assert_int_eq(sa_instr_decode(words, &instr, &error), SA_ERR_INPUT);
  ck_assert_str_eq(error.message, "opcode 0x7f is not an instruction");
}
END_TEST

START_TEST(diagonal_tile_is_square_and_not_transposed) {
  uint32_t words[SA_INSTR_WORDS] = {SA_OP_WLOAD | 2u << 8};
  struct sa_instr instr;
  struct sa_error error;
  words[6] = 5u | 4u << 16;
  ck_assert_int_eq(sa_instr_decode(words, &instr, &error), SA_ERR_INPUT);
  words[6] = 5u | 5u << 16;
  ck_assert_int_eq(sa_instr_decode(words, &instr, &error), SA_OK);
  words[0] |= 1u << 8;
  ck_assert_int_eq(sa_instr_decode(words, &instr, &error), SA_ERR_INPUT);
}
END_TEST

static void expect_words(const struct sa_instr *instr, const uint32_t expected[SA_INSTR_WORDS]) {
  uint32_t words[SA_INSTR_WORDS];
  sa_instr_encode(instr, words);
  for (int w = 0; w < SA_INSTR_WORDS; w++)
    ck_assert_msg(words[w] == expected[w], "word %d is 0x%08x, not 0x%08x", w, words[w],
                  expected[w]);
}

START_TEST(load_is_encoded_as_documented) {
  struct sa_instr i = {.opcode = SA_OP_LOAD, .tensor_class = SA_CLASS_IFMAP};
  i.take[SA_EV_MATMUL_READ] = 3;
  i.give_done = 1u << SA_MATMUL | 1u << SA_VECTOR;
  i.u.mem.ub_addr = 0x1234;
  i.u.mem.dram_addr = UINT64_C(0xabcd12345678);
  i.u.mem.base_reg = 5;
  i.u.mem.bytes = 100;
  i.u.mem.n0 = 7;
  i.u.mem.n1 = 9;
  i.u.mem.dram_pitch0 = -1;
  i.u.mem.dram_pitch1 = 2;
  i.u.mem.ub_pitch0 = 3;
  i.u.mem.ub_pitch1 = -4;
  const uint32_t expected[SA_INSTR_WORDS] = {
      0x00010011, 0x00003000, 0x00001800, 0x1234, 0x12345678, 0x0005abcd, 100, 0x00090007,
      0xffffffff, 2,          3,          0xfffffffc};
  expect_words(&i, expected);
}
END_TEST

START_TEST(matmul_is_encoded_as_documented) {
  struct sa_instr i = {.opcode = SA_OP_MATMUL, .flags = SA_F_ACCUMULATE | SA_F_NEXT_TILE};
  i.take[SA_EV_VECTOR_DONE] = 15;
  i.give_read = 1u << SA_LOAD;
  i.give_done = 1u << SA_VECTOR;
  i.u.matmul.ub_addr = 0x40;
  i.u.matmul.n0 = 2;
  i.u.matmul.n1 = 3;
  i.u.matmul.n2 = 4;
  i.u.matmul.k_used = 512;
  i.u.matmul.stride0 = 16;
  i.u.matmul.stride1 = -16;
  i.u.matmul.stride2 = 1;
  i.u.matmul.acc_row = 65535;
  i.u.matmul.acc_bank = 1;
  const uint32_t expected[SA_INSTR_WORDS] = {0x00000341, 0x0f000000, 0x00001001, 0x40,
                                             0x00030002, 0x02000004, 16,         0xfffffff0,
                                             1,          0x0001ffff};
  expect_words(&i, expected);
}
END_TEST

START_TEST(vector_is_encoded_as_documented) {
  struct sa_instr i = {.opcode = SA_OP_VACC, .flags = SA_F_PARAMS | SA_F_RESIDUAL | SA_F_TABLE};
  i.give_read = 1u << SA_MATMUL;
  i.u.vec.a = 5 | 1u << 16;
  i.u.vec.n0 = 2;
  i.u.vec.n1 = 3;
  i.u.vec.n = 65535;
  i.u.vec.tap_x = i.u.vec.tap_y = 1;
  i.u.vec.a_s0 = 1;
  i.u.vec.a_s1 = 2;
  i.u.vec.b = 0x100;
  i.u.vec.b_s0 = 3;
  i.u.vec.b_s1 = 4;
  i.u.vec.d = 0x200;
  i.u.vec.d_s0 = 5;
  i.u.vec.d_s1 = 6;
  i.u.vec.w14 = 0x300;
  i.u.vec.w15 = sa_scale_word(-1, 63);
  i.u.vec.lo = -128;
  i.u.vec.hi = 127;
  const uint32_t expected[SA_INSTR_WORDS] = {
      0x00000b51, 0, 0x7f800008, 0x00010005, 0x00030002, 0x0101ffff, 1, 2, 0x100, 3, 4,
      0x200,      5, 6,          0x300,      0xffffffff};
  expect_words(&i, expected);
}
END_TEST

START_TEST(weight_load_is_encoded_as_documented) {
  struct sa_instr i = {.opcode = SA_OP_WLOAD_UB, .flags = SA_F_TRANSPOSED};
  i.tensor_class = SA_CLASS_KV;
  i.u.wload.ub_addr = 0x77;
  i.u.wload.k_used = 3;
  i.u.wload.n_used = 256;
  i.u.wload.ub_pitch = -2;
  const uint32_t expected[SA_INSTR_WORDS] = {0x00050132, 0, 0, 0x77, 0, 0,
                                             0x01000003, 0, 0, 0,    0xfffffffe};
  expect_words(&i, expected);
}
END_TEST

START_TEST(memory_instructions_are_encoded_as_documented) {
  struct sa_instr base = {.opcode = SA_OP_BASE};
  base.u.base.reg = 7;
  base.u.base.value = UINT64_C(0xfedc98765432);
  expect_words(&base, (const uint32_t[SA_INSTR_WORDS]){0x01, 0, 0, 7, 0x98765432, 0xfedc});
  struct sa_instr fill = {.opcode = SA_OP_FILL};
  fill.u.mem.ub_addr = 0x10;
  fill.u.mem.dram_addr = 0xab;
  fill.u.mem.bytes = 5;
  fill.u.mem.n0 = 2;
  fill.u.mem.n1 = 3;
  fill.u.mem.ub_pitch0 = -5;
  fill.u.mem.ub_pitch1 = 6;
  expect_words(&fill, (const uint32_t[SA_INSTR_WORDS]){0x12, 0, 0, 0x10, 0xab, 0, 5, 0x00030002, 0, 0,
                                                       0xfffffffb, 6});
  struct sa_instr wload = {.opcode = SA_OP_WLOAD, .flags = SA_F_DIAGONAL};
  wload.u.wload.dram_addr = UINT64_C(0x123456789abc);
  wload.u.wload.base_reg = 3;
  wload.u.wload.k_used = wload.u.wload.n_used = 4;
  expect_words(&wload, (const uint32_t[SA_INSTR_WORDS]){0x231, 0, 0, 0, 0x56789abc, 0x00031234, 0x00040004});
}
END_TEST

START_TEST(pooling_tables_and_norms_are_encoded_as_documented) {
  struct sa_instr pool = {.opcode = SA_OP_VMAX, .flags = SA_F_FENCE};
  pool.u.vec.a = 0x44;
  pool.u.vec.n0 = pool.u.vec.n1 = 1;
  pool.u.vec.n = 8;
  pool.u.vec.tap_x = 2;
  pool.u.vec.tap_y = 3;
  pool.u.vec.b_s0 = 16;
  pool.u.vec.b_s1 = 32;
  pool.u.vec.d = 0x88;
  pool.u.vec.lo = -1;
  pool.u.vec.hi = 2;
  expect_words(&pool, (const uint32_t[SA_INSTR_WORDS]){0x455, 0, 0x02ff0000, 0x44, 0x00010001, 0x03020008, 0,
                                                       0, 0, 16, 32, 0x88});
  struct sa_instr table = {.opcode = SA_OP_VTABLE, .flags = 2 << SA_F_TABLE_SHIFT};
  table.u.vec.a = 0x99;
  expect_words(&table, (const uint32_t[SA_INSTR_WORDS]){0x4057, 0, 0, 0x99});
  struct sa_instr norm = {.opcode = SA_OP_VNORM, .flags = SA_F_RMS};
  norm.u.vec.n0 = norm.u.vec.n1 = norm.u.vec.n = norm.u.vec.tap_x = norm.u.vec.tap_y = 1;
  norm.u.vec.b = 0x20;
  norm.u.vec.b_s0 = 0x30;
  norm.u.vec.w14 = sa_scale_word(5, 1);
  expect_words(&norm, (const uint32_t[SA_INSTR_WORDS]){0x1059, 0, 0, 0, 0x00010001, 0x01010001, 0, 0, 0x20,
                                                       0x30, 0, 0, 0, 0, 0x04000005});
}
END_TEST

/* Section 8's table of codes. */
START_TEST(opcodes_are_those_of_the_reference) {
  static const struct { const char *name; uint8_t code; } rows[] = {
      {"END", 0x00},         {"BASE", 0x01},     {"LOAD_SYNC", 0x10},  {"LOAD", 0x11},
      {"FILL", 0x12},        {"STORE_SYNC", 0x20}, {"STORE", 0x21},    {"WLOAD_SYNC", 0x30},
      {"WLOAD", 0x31},       {"WLOAD_UB", 0x32}, {"MATMUL_SYNC", 0x40}, {"MATMUL", 0x41},
      {"VECTOR_SYNC", 0x50}, {"VACC", 0x51},     {"VMOV", 0x52},       {"VADD", 0x53},
      {"VMUL", 0x54},        {"VMAX", 0x55},     {"VAVG", 0x56},       {"VTABLE", 0x57},
      {"VSOFTMAX", 0x58},    {"VNORM", 0x59}};
  ck_assert_uint_eq(sizeof rows / sizeof rows[0], SA_OPS);
  for (size_t i = 0; i < SA_OPS; i++) {
    ck_assert_str_eq(sa_isa_op(i)->name, rows[i].name);
    ck_assert_uint_eq(sa_isa_op(i)->opcode, rows[i].code);
  }
}
END_TEST

/* Word 1: take of stream s at 4s+3:4s. Word 2: gives at READ events at 4:0, at DONE events at 12:8. */
START_TEST(tokens_are_encoded_as_documented) {
  static const enum sa_unit units[SA_STREAMS] = {SA_LOAD,   SA_STORE,  SA_WLOAD, SA_MATMUL,
                                                 SA_MATMUL, SA_VECTOR, SA_VECTOR};
  for (unsigned unit = 0; unit < SA_UNITS; unit++) {
    for (unsigned s = 0; s < SA_STREAMS; s++) {
      struct sa_instr i = {.opcode = (uint8_t)(0x10 * (unit + 1))};
      i.take[s] = 9;
      if (units[s] == unit) continue;
      expect_words(&i, (const uint32_t[SA_INSTR_WORDS]){i.opcode, UINT32_C(9) << (4 * s)});
    }
    for (unsigned taker = 0; taker < SA_UNITS; taker++) {
      if (taker == unit) continue;
      struct sa_instr i = {.opcode = (uint8_t)(0x10 * (unit + 1)), .give_done = (uint8_t)(1u << taker)};
      expect_words(&i, (const uint32_t[SA_INSTR_WORDS]){i.opcode, 0, 0x100u << taker});
      if (unit != SA_MATMUL && unit != SA_VECTOR) continue;
      i.give_done = 0;
      i.give_read = (uint8_t)(1u << taker);
      expect_words(&i, (const uint32_t[SA_INSTR_WORDS]){i.opcode, 0, 1u << taker});
    }
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("isa");
  TCase *table = tcase_create("table");
  tcase_add_test(table, fields_never_overlap_and_fit_their_words);
  tcase_add_test(table, every_opcode_finds_its_row_and_its_unit);
  tcase_add_test(table, decoding_and_encoding_gives_the_same_words);
  tcase_add_test(table, every_unused_bit_is_rejected);
  tcase_add_test(table, zero_counts_are_rejected_by_name);
  tcase_add_test(table, unknown_opcode_is_rejected);
  tcase_add_test(table, diagonal_tile_is_square_and_not_transposed);
  suite_add_tcase(suite, table);
  TCase *encoding = tcase_create("encoding");
  tcase_add_test(encoding, load_is_encoded_as_documented);
  tcase_add_test(encoding, matmul_is_encoded_as_documented);
  tcase_add_test(encoding, vector_is_encoded_as_documented);
  tcase_add_test(encoding, weight_load_is_encoded_as_documented);
  tcase_add_test(encoding, memory_instructions_are_encoded_as_documented);
  tcase_add_test(encoding, pooling_tables_and_norms_are_encoded_as_documented);
  tcase_add_test(encoding, opcodes_are_those_of_the_reference);
  tcase_add_test(encoding, tokens_are_encoded_as_documented);
  suite_add_tcase(suite, encoding);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  const int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
