/* SCALE-Sim's three report files: its headers, one row a computing layer, our counters in its words. */
#include <check.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "program/isa.h"
#include "report/scalesim_report.h"
#include "test_main.h"

static char directory[64];

static void check_file(const char *name, const char *want) {
  char path[128];
  snprintf(path, sizeof path, "%s/%s", directory, name);
  char *text;
  size_t bytes;
  struct sa_error error;
  ck_assert_int_eq(sa_file_read(path, 1 << 20, &text, &bytes, &error), SA_OK);
  ck_assert_ptr_nonnull(strstr(text, "\n"));
  ck_assert_str_eq(strstr(text, "\n") + 1, want);
  ck_assert_int_eq(strncmp(text, "LayerID, ", 9), 0);
  free(text);
  unlink(path);
}

START_TEST(rows_carry_the_counters_of_computing_layers) {
  const struct sa_config config = {.array_rows = 8, .array_cols = 4};
  struct sa_metrics layers[2] = {
      {.config = &config, .kind = "input", .name = "a.in"},
      {.config = &config, .kind = "conv", .name = "a", .macs = 1600, .cycles = 200}};
  struct sa_counters *c = &layers[1].counters;
  c->matmul_cause[SA_CAUSE_ACTIVE] = 100;
  c->matmul_cause[SA_CAUSE_WEIGHT_STALL] = 30;
  c->matmul_cause[SA_CAUSE_INPUT_STALL] = 20;
  c->matmul_cause[SA_CAUSE_DRAIN] = 50;
  c->macs_occupied[0] = 2400;
  c->ub_read_bytes[SA_MATMUL] = 800;
  c->fifo_read_bytes[0] = 64;
  c->acc_row_writes[0] = 100;
  c->dram_read_bytes[SA_CLASS_WEIGHTS] = 64;
  c->dram_read_bytes[SA_CLASS_PARAMS] = 36;
  c->dram_read_bytes[SA_CLASS_IFMAP] = 500;
  c->dram_read_bytes[SA_CLASS_SPILL] = 100;
  c->dram_write_bytes[SA_CLASS_OFMAP] = 300;
  const struct sa_report report = {.config = &config, .layers = layers, .layer_count = 2};
  struct sa_error error = {.message = ""};
  strcpy(directory, "/tmp/sa_test_XXXXXX");
  ck_assert_ptr_nonnull(mkdtemp(directory));
  ck_assert_msg(sa_scalesim_report_write(&report, directory, &error) == SA_OK, "%s", error.message);
  check_file("COMPUTE_REPORT.csv", "0, 200, 50, 25.000000, 75.000000, 33.333333,\n");
  check_file("BANDWIDTH_REPORT.csv", "0, 4.000000, 0.320000, 2.000000, 3.000000, 0.500000, 1.500000,\n");
  check_file("DETAILED_ACCESS_REPORT.csv",
             "0, 0, 199, 800, 0, 199, 64, 0, 199, 400, 0, 199, 600, 0, 199, 100, 0, 199, 300,\n");
  rmdir(directory);
}
END_TEST

START_TEST(a_directory_that_cannot_be_made_is_an_error) {
  const struct sa_report report = {.layer_count = 0};
  struct sa_error error;
  ck_assert_int_eq(sa_scalesim_report_write(&report, "/nonexistent/dir", &error), SA_ERR_IO);
  ck_assert_str_eq(error.message, "cannot make the directory: No such file or directory");
  ck_assert_str_eq(error.file, "/nonexistent/dir");
  ck_assert_int_eq(sa_scalesim_report_write(&report, "/dev/null", &error), SA_ERR_IO);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("SCALE-Sim reports");
  TCase *tests = tcase_create("reports");
  tcase_add_test(tests, rows_carry_the_counters_of_computing_layers);
  tcase_add_test(tests, a_directory_that_cannot_be_made_is_an_error);
  suite_add_tcase(suite, tests);
  return suite;
}
SA_TEST_MAIN(make_suite)
