/* Saved baselines: what is written is read back, and what is no baseline is refused with its reason. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "baseline/results.h"
#include "temporary.h"
#include "test_main.h"

static struct sa_error error;

static struct sa_baseline example(void) {
  static struct sa_layer_time layers[2] = {
      {.name = "a", .kind = "conv", .implementation = "jit:avx2", .macs = 1000, .bytes = 64, .checked = 5,
       .error = 0.25, .tolerance = 1, .pass = {9, 1, 1e-6, 2e-6, 3e-6, 0.01}, .alone = {3, 0, 1e-7, 2e-7, 3e-7, 1}},
      {.name = "b\"c", .kind = "softmax", .implementation = "c:rows", .pass = {9, 0, 1e-5, 1e-5, 1e-5, 0}}};
  struct sa_baseline baseline = {.host = {.cpu = "a cpu", .isa = "avx2", .cores = 4, .load = 0.5}, .network = "net",
                                 .batch = 3, .run_count = 1, .complete = true, .skipped_count = 1,
                                 .roofline = {.macs_per_s = {1e9, 2e9, 4e9}, .bytes_per_s = 5e9}};
  snprintf(baseline.skipped[0], sizeof baseline.skipped[0], "onednn: not there");
  baseline.runs[0] = (struct sa_baseline_run){.provider = "vector", .isa = "avx2", .dtype = SA_DTYPE_INT8,
                                              .threads = 1, .layers = layers, .layer_count = 2,
                                              .total = {9, 1, 2e-5, 2e-5, 2.5e-5, 0.02}, .energy_j = -1,
                                              .complete = true, .exact = true};
  return baseline;
}

START_TEST(what_is_written_is_read_back) {
  const struct sa_baseline written = example();
  const char *path = temporary_file(".json", "", 0);
  FILE *file = fopen(path, "w");
  ck_assert(!sa_baseline_write_json(&written, file, &error));
  ck_assert_int_eq(fclose(file), 0);
  struct sa_baseline read;
  ck_assert_msg(!sa_baseline_load(path, &read, &error), "%s", error.message);
  unlink(path);
  ck_assert_str_eq(read.network, "net");
  ck_assert_uint_eq(read.batch, 3);
  ck_assert_str_eq(read.host.cpu, "a cpu");
  ck_assert_double_eq(read.roofline.macs_per_s[SA_DTYPE_INT8], 4e9);
  ck_assert_uint_eq(read.run_count, 1);
  const struct sa_baseline_run *run = &read.runs[0];
  ck_assert_int_eq(run->dtype, SA_DTYPE_INT8);
  ck_assert_double_lt(run->energy_j, 0);
  ck_assert(run->complete && run->exact && read.complete);
  ck_assert_uint_eq(run->layer_count, 2);
  ck_assert_str_eq(run->layers[1].name, "b\"c");
  ck_assert_double_eq(run->layers[0].pass.median_s, 3e-6);
  ck_assert_uint_eq(run->layers[0].alone.samples, 3);
  ck_assert_ptr_eq(sa_baseline_best(&read, SA_DTYPE_INT8), run);
  ck_assert_ptr_null(sa_baseline_best(&read, SA_DTYPE_FP32));
  sa_baseline_release(&read);
}
END_TEST

static const struct { const char *text, *message; } WRONG[] = {
    {"[]", "no \"schema\"; it must be a string"},
    {"{\"schema\": \"systole-report\", \"version\": 1}",
     "schema systole-report version 1; it must be systole-baseline version 1"},
    {"{\"schema\": \"systole-baseline\", \"version\": 2}",
     "schema systole-baseline version 2; it must be systole-baseline version 1"},
    {"{\"schema\": \"systole-baseline\", \"version\": 1, \"network\": 5}", "\"network\" must be a string"},
    {"{\"schema\": \"systole-baseline\", \"version\": 1, \"network\": \"n\", \"batch\": -1}",
     "\"batch\" is -1; it must not be negative"},
};

START_TEST(what_is_no_baseline_is_refused_with_its_reason) {
  const char *path = temporary_file(".json", WRONG[_i].text, strlen(WRONG[_i].text));
  struct sa_baseline read;
  error = (struct sa_error){0};
  ck_assert_int_eq(sa_baseline_load(path, &read, &error), SA_ERR_INPUT);
  unlink(path);
  ck_assert_str_eq(error.message, WRONG[_i].message);
}
END_TEST

START_TEST(a_cut_off_file_is_refused_with_its_place) {
  const char *path = temporary_file(".json", "{\"schema\": \"sys", 15);
  struct sa_baseline read;
  ck_assert_int_eq(sa_baseline_load(path, &read, &error), SA_ERR_INPUT);
  unlink(path);
  ck_assert_int_eq(error.line, 1);
}
END_TEST

START_TEST(csv_has_a_row_a_layer_and_a_total) {
  const struct sa_baseline baseline = example();
  char *text = NULL;
  size_t size = 0;
  FILE *file = open_memstream(&text, &size);
  sa_baseline_write_csv(&baseline, file);
  fclose(file);
  int lines = 0, commas = 0, first = 0;
  for (const char *at = text; *at; at++) {
    commas += *at == ',';
    if (*at != '\n') continue;
    if (lines++ == 0) first = commas;
    ck_assert_int_eq(commas, first);
    commas = 0;
  }
  ck_assert_int_eq(lines, 4);
  ck_assert_ptr_nonnull(strstr(text, "\"b\"\"c\",softmax"));
  ck_assert_ptr_nonnull(strstr(text, "\"total\",,\"\",1000,64,"));
  free(text);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("baseline results");
  TCase *tests = tcase_create("results");
  tcase_add_test(tests, what_is_written_is_read_back);
  tcase_add_loop_test(tests, what_is_no_baseline_is_refused_with_its_reason, 0, sizeof WRONG / sizeof *WRONG);
  tcase_add_test(tests, a_cut_off_file_is_refused_with_its_place);
  tcase_add_test(tests, csv_has_a_row_a_layer_and_a_total);
  suite_add_tcase(suite, tests);
  return suite;
}

SA_TEST_MAIN(make_suite)
