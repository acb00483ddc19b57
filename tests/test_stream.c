/* Programs and the stream of instructions that a sequencer sees. */
#include <check.h>
#include <stdlib.h>

#include "program/program.h"

static struct sa_program program;

static void setup(void) { sa_program_init(&program); }
static void teardown(void) { sa_program_release(&program); }

static uint32_t add_block(int syncs, uint32_t layer) {
  uint32_t block;
  ck_assert_int_eq(sa_program_add_block(&program, &block, NULL), SA_OK);
  const struct sa_instr sync = {.opcode = SA_OP_LOAD_SYNC};
  for (int i = 0; i < syncs; i++)
    ck_assert_int_eq(sa_block_append(&program.blocks[block], &sync, layer, NULL), SA_OK);
  return block;
}

static void add_call(const struct sa_call *call) {
  ck_assert_int_eq(sa_program_add_call(&program, call, NULL), SA_OK);
}

START_TEST(empty_program_is_one_end) {
  struct sa_stream_reader reader;
  uint32_t layer;
  sa_stream_open(&reader, &program);
  ck_assert_uint_eq(sa_stream_next(&reader, &layer)->opcode, SA_OP_END);
  ck_assert_ptr_null(sa_stream_next(&reader, &layer));
  ck_assert_uint_eq(sa_stream_length(&program), 1);
}
END_TEST

START_TEST(base_is_sent_only_for_registers_that_change) {
  const uint32_t a = add_block(1, 2), b = add_block(0, 0);
  add_call(&(struct sa_call){.block = a, .first_layer = 10, .base = {0, 5, 0, 7}});
  add_call(&(struct sa_call){.block = a, .first_layer = 20, .base = {0, 5, 0, 8}});
  add_call(&(struct sa_call){.block = b, .base = {1, 5, 0, 8}});
  struct sa_stream_reader reader;
  sa_stream_open(&reader, &program);
  static const struct { uint8_t opcode, reg; uint64_t value; uint32_t layer; } expected[] = {
      {SA_OP_BASE, 1, 5, UINT32_MAX}, {SA_OP_BASE, 3, 7, UINT32_MAX}, {SA_OP_LOAD_SYNC, 0, 0, 12},
      {SA_OP_BASE, 3, 8, UINT32_MAX}, {SA_OP_LOAD_SYNC, 0, 0, 22},    {SA_OP_BASE, 0, 1, UINT32_MAX},
      {SA_OP_END, 0, 0, UINT32_MAX}};
  for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
    uint32_t layer;
    const struct sa_instr *instr = sa_stream_next(&reader, &layer);
    ck_assert_uint_eq(instr->opcode, expected[i].opcode);
    ck_assert_uint_eq(layer, expected[i].layer);
    if (instr->opcode == SA_OP_BASE) {
      ck_assert_uint_eq(instr->u.base.reg, expected[i].reg);
      ck_assert_uint_eq(instr->u.base.value, expected[i].value);
    }
  }
  uint32_t layer;
  ck_assert_ptr_null(sa_stream_next(&reader, &layer));
  ck_assert_uint_eq(sa_stream_length(&program), 7);
}
END_TEST

START_TEST(a_block_can_be_called_often) {
  const uint32_t block = add_block(100, 0);
  for (int i = 0; i < 50; i++) add_call(&(struct sa_call){.block = block});
  struct sa_stream_reader reader;
  uint32_t layer;
  uint64_t count = 0;
  sa_stream_open(&reader, &program);
  while (sa_stream_next(&reader, &layer)) count++;
  ck_assert_uint_eq(count, 5001);
  ck_assert_uint_eq(sa_stream_length(&program), 5001);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("stream");
  TCase *tests = tcase_create("stream");
  tcase_add_checked_fixture(tests, setup, teardown);
  tcase_add_test(tests, empty_program_is_one_end);
  tcase_add_test(tests, base_is_sent_only_for_registers_that_change);
  tcase_add_test(tests, a_block_can_be_called_often);
  suite_add_tcase(suite, tests);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  const int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
