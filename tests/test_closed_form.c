/* SCALE-Sim's closed form against what the tool prints. */
#include <check.h>

#include "import/closed_form.h"
#include "test_main.h"

static struct sa_closed_form form_of(enum sa_dataflow flow, uint32_t rows, uint32_t cols, uint64_t m,
                                     uint64_t k, uint64_t n, uint64_t count) {
  struct sa_closed_form form;
  struct sa_error error = {.message = ""};
  ck_assert_msg(sa_closed_form(flow, rows, cols, m, k, n, count, &form, &error) == SA_OK, "%s",
                error.message);
  return form;
}

/* The tool's own golden report (32 x 32, 256 x 1024 x 32, weight stationary) has 52,447 cycles of which
 * 41,248 are stalls: 11,199 without them. */
START_TEST(weight_stationary_equals_the_tools_report_less_its_stalls) {
  const struct sa_closed_form f = form_of(SA_DATAFLOW_WS, 32, 32, 256, 1024, 32, 1);
  ck_assert_uint_eq(f.folds, 32);
  ck_assert_uint_eq(f.fold_cycles, 2 * 32 + 32 + 256 - 2);
  ck_assert_uint_eq(f.cycles, 11200);
  ck_assert_uint_eq(f.tool_cycles, 52447 - 41248);
}
END_TEST

START_TEST(input_stationary_swaps_m_and_n) {
  const struct sa_closed_form f = form_of(SA_DATAFLOW_IS, 8, 4, 10, 17, 5, 1);
  ck_assert_uint_eq(f.folds, 3 * 3);
  ck_assert_uint_eq(f.cycles, 9 * (16 + 4 + 5 - 2));
  ck_assert_uint_eq(f.tool_cycles, f.cycles - 1);
}
END_TEST

START_TEST(output_stationary_pays_the_rows_once_in_the_tool_and_twice_in_the_paper) {
  const struct sa_closed_form f = form_of(SA_DATAFLOW_OS, 8, 4, 10, 17, 5, 1);
  ck_assert_uint_eq(f.folds, 2 * 2);
  ck_assert_uint_eq(f.cycles, 4 * (8 + 4 + 17 - 2));
  ck_assert_uint_eq(f.paper_cycles, 4 * (16 + 4 + 17 - 2));
}
END_TEST

START_TEST(each_of_several_gemms_is_one_cycle_short_in_the_tool) {
  const struct sa_closed_form f = form_of(SA_DATAFLOW_WS, 8, 8, 9, 9, 1, 64);
  ck_assert_uint_eq(f.cycles, 64 * 2 * (16 + 8 + 9 - 2));
  ck_assert_uint_eq(f.tool_cycles, f.cycles - 64);
}
END_TEST

START_TEST(a_single_pe_counts_one_cycle_a_mac_and_overflow_is_an_error) {
  ck_assert_uint_eq(form_of(SA_DATAFLOW_WS, 1, 1, 3, 5, 7, 1).cycles, 5 * 7 * (3 + 1));
  ck_assert_uint_eq(form_of(SA_DATAFLOW_OS, 1, 1, 3, 5, 7, 1).cycles, 3 * 7 * 5);
  struct sa_closed_form form;
  struct sa_error error;
  ck_assert_int_eq(sa_closed_form(SA_DATAFLOW_WS, 1, 1, UINT64_MAX / 2, 3, 3, 1, &form, &error),
                   SA_ERR_LIMIT);
  ck_assert_str_eq(error.message, "the closed form of 1 GEMM(s) of M = 9223372036854775807, K = 3, N = 3 "
                   "leaves 64 bits");
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("closed form");
  TCase *tests = tcase_create("formulas");
  tcase_add_test(tests, weight_stationary_equals_the_tools_report_less_its_stalls);
  tcase_add_test(tests, input_stationary_swaps_m_and_n);
  tcase_add_test(tests, output_stationary_pays_the_rows_once_in_the_tool_and_twice_in_the_paper);
  tcase_add_test(tests, each_of_several_gemms_is_one_cycle_short_in_the_tool);
  tcase_add_test(tests, a_single_pe_counts_one_cycle_a_mac_and_overflow_is_an_error);
  suite_add_tcase(suite, tests);
  return suite;
}
SA_TEST_MAIN(make_suite)
