/* systole compare and systole baseline as a user runs them. */
#include <jansson.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "run_cli.h"
#include "test_main.h"

static struct cli_result result;
static char measured[] = "test_compare_XXXXXX.json";

static void measure_once(void) {
  char arguments[160];
  ck_assert_int_ge(mkstemps(measured, 5), 0);
  snprintf(arguments, sizeof arguments, "baseline kws-dscnn -p vector -d int8,fp32 --repeat 2 -o %s", measured);
  run_cli(arguments, &result);
  ck_assert_msg(result.status == 0, "%s", result.errors);
}

static void remove_it(void) { unlink(measured); }

static double number(const json_t *object, const char *key) {
  const json_t *value = json_object_get(object, key);
  ck_assert_msg(json_is_number(value), "%s", key);
  return json_number_value(value);
}

START_TEST(speedups_are_the_quotients_of_the_times) {
  char arguments[160];
  snprintf(arguments, sizeof arguments, "compare array16 kws-dscnn --baseline %s -f json", measured);
  run_cli(arguments, &result);
  ck_assert_msg(result.status == 0, "%s", result.errors);
  json_t *root = json_loads(result.output, 0, NULL);
  ck_assert_ptr_nonnull(root);
  const json_t *total = json_object_get(root, "total");
  ck_assert_double_eq(number(total, "macs"), 2656768);
  ck_assert_double_eq_tol(number(total, "speedup_int8"), number(total, "cpu_int8_us") / number(total, "array_us"), 1e-6);
  ck_assert_double_eq_tol(number(total, "speedup_fp32"), number(total, "cpu_fp32_us") / number(total, "array_us"), 1e-6);
  ck_assert(json_is_null(json_object_get(total, "speedup_bf16")));
  ck_assert_double_gt(number(total, "array_peak_share"), 0);
  ck_assert_double_lt(number(total, "array_peak_share"), 1);
  double array_us = 0;
  size_t index;
  const json_t *layer, *layers = json_object_get(root, "layers");
  json_array_foreach(layers, index, layer) {
    if (json_is_number(json_object_get(layer, "array_us"))) array_us += number(layer, "array_us");
  }
  ck_assert_uint_eq(json_array_size(layers), 12);
  ck_assert_double_eq_tol(array_us, number(total, "array_us"), 1e-6 * array_us);
  json_decref(root);
}
END_TEST

START_TEST(a_baseline_of_another_network_is_refused) {
  char arguments[160];
  snprintf(arguments, sizeof arguments, "compare array16 mlp --baseline %s", measured);
  run_cli(arguments, &result);
  ck_assert_int_eq(result.status, 2);
  ck_assert_str_eq(result.errors, "systole: the baseline is of kws-dscnn, batch 1; this is mlp, batch 1\n");
  snprintf(arguments, sizeof arguments, "compare array16 kws-dscnn --batch 2 --baseline %s", measured);
  run_cli(arguments, &result);
  ck_assert_int_eq(result.status, 2);
  ck_assert_str_eq(result.errors, "systole: the baseline is of kws-dscnn, batch 1; this is kws-dscnn, batch 2\n");
}
END_TEST

static const struct { const char *arguments, *errors; } WRONG[] = {
    {"baseline mlp --provider oneddn",
     "systole: --provider has no \"oneddn\"; did you mean \"onednn\"? (see systole baseline --help)\n"},
    {"baseline mlp --dtype fp33", "systole: --dtype has no \"fp33\"; did you mean \"fp32\"? (see systole baseline --help)\n"},
    {"baseline mlp --layer fc9 -p plain", NULL},
    {"baseline mlp --layer input -p plain", "systole: layer input is an input; there is nothing to time\n"},
    {"baseline mlp -p openblas -d int8",
     "systole: no chosen provider has a chosen data type (openblas has fp32 alone)\n"},
    {"baseline", "systole: baseline needs NETWORK, or --ladder (see systole baseline --help)\n"},
    {"baseline mlp --ladder", "systole: baseline --ladder takes no NETWORK\n"},
    {"baseline mlp --machine tpu-v1", "systole: --machine goes with --ladder; for a network see systole compare\n"},
    {"compare array16 mlp --baseline /nowhere/file.json", NULL},
    {"baseline mlp -p plain -d fp32 --repeat 1 -o /nowhere/file.json", NULL},
};

START_TEST(a_wrong_request_has_one_message_and_status_2) {
  run_cli(WRONG[_i].arguments, &result);
  ck_assert_msg(result.status == 2, "%d: %s", result.status, result.errors);
  if (WRONG[_i].errors) ck_assert_str_eq(result.errors, WRONG[_i].errors);
  ck_assert_ptr_nonnull(strstr(result.errors, "systole: "));
  ck_assert_str_eq(result.output, "");
}
END_TEST

START_TEST(an_interrupted_baseline_leaves_a_valid_file) {
  const char *path = "test_compare_interrupted.json";
  /* a run of hours, interrupted after a moment */
  char arguments[256];
  snprintf(arguments, sizeof arguments, "baseline resnet8 -p plain --repeat 100000 -o %s & p=$!; sleep 2; kill -TERM $p; wait $p", path);
  run_cli(arguments, &result);
  ck_assert_msg(result.status == 1, "%d: %s", result.status, result.errors);
  ck_assert_ptr_nonnull(strstr(result.errors, "interrupted"));
  json_t *root = json_load_file(path, 0, NULL);
  unlink(path);
  ck_assert_ptr_nonnull(root);
  ck_assert(json_is_false(json_object_get(root, "complete")));
  ck_assert(json_is_array(json_object_get(root, "runs")));
  json_decref(root);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("compare");
  TCase *tests = tcase_create("compare"), *wrong = tcase_create("wrong requests");
  tcase_set_timeout(tests, 60);
  tcase_set_timeout(wrong, 60);
  tcase_add_unchecked_fixture(tests, measure_once, remove_it);
  tcase_add_test(tests, speedups_are_the_quotients_of_the_times);
  tcase_add_test(tests, a_baseline_of_another_network_is_refused);
  tcase_add_loop_test(wrong, a_wrong_request_has_one_message_and_status_2, 0, sizeof WRONG / sizeof *WRONG);
  tcase_add_test(wrong, an_interrupted_baseline_leaves_a_valid_file);
  suite_add_tcase(suite, tests);
  suite_add_tcase(suite, wrong);
  return suite;
}

SA_TEST_MAIN(make_suite)
