/* Where a VECTOR instruction's outputs may lie: on its operands in place, and the rows of a reduction
 * apart from each other. */
#include <check.h>

#include "program/overlap.h"

static const struct sa_config config = {
    .array_rows = 8, .array_cols = 8, .vector_lanes = 8, .buffer_bytes = 4096, .buffer_banks = 1,
    .bank_bytes = 4096, .accumulator_rows = 16};
static const uint64_t base[SA_BASE_REGS];

/* Two rows of 20 elements at 0 and 100, outputs at d and d + pitch. */
static enum sa_status place(enum sa_opcode opcode, uint32_t d, int32_t pitch, struct sa_error *error) {
  struct sa_instr instr = {.opcode = (uint8_t)opcode};
  instr.u.vec.n0 = 2;
  instr.u.vec.n1 = 1;
  instr.u.vec.n = 20;
  instr.u.vec.tap_x = instr.u.vec.tap_y = 1;
  instr.u.vec.a_s0 = 100;
  instr.u.vec.b = 1000;
  instr.u.vec.b_s0 = 20;
  instr.u.vec.d = d;
  instr.u.vec.d_s0 = pitch;
  return sa_instr_check_in_place(&config, &instr, base, error);
}

START_TEST(output_over_the_operand_element_by_element_is_legal) {
  ck_assert_int_eq(place(SA_OP_VMOV, 0, 100, NULL), SA_OK);
  ck_assert_int_eq(place(SA_OP_VSOFTMAX, 0, 100, NULL), SA_OK);
}
END_TEST

START_TEST(output_shifted_against_the_operand_is_illegal) {
  struct sa_error error;
  ck_assert_int_eq(place(SA_OP_VMOV, 19, 100, &error), SA_ERR_ILLEGAL);
  ck_assert_str_eq(error.message,
                   "its d overlaps its own a; the rows must be the same ones, and disjoint");
  ck_assert_int_eq(place(SA_OP_VMOV, 20, 40, NULL), SA_OK);
}
END_TEST

START_TEST(output_rows_of_a_reduction_are_disjoint) {
  struct sa_error error;
  ck_assert_int_eq(place(SA_OP_VNORM, 2000, 20, NULL), SA_OK);
  ck_assert_int_eq(place(SA_OP_VNORM, 2000, -20, NULL), SA_OK);
  ck_assert_int_eq(place(SA_OP_VNORM, 2000, 19, &error), SA_ERR_ILLEGAL);
  ck_assert_str_eq(error.message,
                   "its rows of d overlap each other; those of a row reduction must be disjoint");
  ck_assert_int_eq(place(SA_OP_VSOFTMAX, 2000, 0, NULL), SA_ERR_ILLEGAL);
  ck_assert_int_eq(place(SA_OP_VMOV, 2000, 19, NULL), SA_OK); /* row after row: a defined order */
}
END_TEST

START_TEST(output_over_gamma_and_beta_is_illegal_even_row_by_row) {
  ck_assert_int_eq(place(SA_OP_VNORM, 1000, 20, NULL), SA_ERR_ILLEGAL);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("in place");
  TCase *tcase = tcase_create("outputs");
  tcase_add_test(tcase, output_over_the_operand_element_by_element_is_legal);
  tcase_add_test(tcase, output_shifted_against_the_operand_is_illegal);
  tcase_add_test(tcase, output_rows_of_a_reduction_are_disjoint);
  tcase_add_test(tcase, output_over_gamma_and_beta_is_illegal_even_row_by_row);
  suite_add_tcase(suite, tcase);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  const int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed != 0;
}
