/* Foreign files at the command line: import, and run of what is imported on the fly. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run_cli.h"
#include "temporary.h"
#include "test_main.h"

static struct cli_result result;

static void run_format(const char *format, const char *a, const char *b) __attribute__((format(printf, 1, 0)));
static void run_format(const char *format, const char *a, const char *b) {
  char arguments[1024];
  snprintf(arguments, sizeof arguments, format, a, b);
  run_cli(arguments, &result);
}

static const char *model(const char *name) {
  static char path[512];
  const char *source = getenv("srcdir");
  snprintf(path, sizeof path, "%s/tests/data/onnx/%s.onnx", source ? source : ".", name);
  return path;
}

/* A copy of temporary_file's static path. */
static const char *file_of(const char *suffix, const char *text, char path[64]) {
  strcpy(path, temporary_file(suffix, text, strlen(text)));
  return path;
}

#define CFG "ArrayHeight: 8\nArrayWidth: 8\nIfmapSramSzkB: 8\nFilterSramSzkB: 8\nOfmapSramSzkB: 8\nDataflow: os\n"

START_TEST(an_imported_model_runs_in_the_same_cycles) {
  char yaml[64];
  file_of(".yaml", "", yaml);
  run_format("import %s -o %s", model("encoder"), yaml);
  ck_assert_int_eq(result.status, 0);
  ck_assert_str_eq(result.output, "");
  ck_assert_ptr_nonnull(strstr(result.errors, ": 19 layers, 0.104858 GMAC, 1.57286 M weights"));
  run_format("run tpu-v2 %s --format csv%s", model("encoder"), "");
  ck_assert_int_eq(result.status, 0);
  char direct[4096];
  snprintf(direct, sizeof direct, "%.4000s", result.output);
  run_format("run tpu-v2 %s --format csv%s", yaml, "");
  ck_assert_int_eq(result.status, 0);
  ck_assert_int_eq(strncmp(direct, result.output, strlen(direct)), 0);
  unlink(yaml);
}
END_TEST

START_TEST(symbolic_dimensions_are_asked_for_and_taken) {
  run_format("import %s%s", model("resnet50"), "");
  ck_assert_int_eq(result.status, 2);
  ck_assert_ptr_nonnull(strstr(result.errors, "dimension 0 of the input 'input' is symbolic; give it a size with --dim N=1"));
  ck_assert_str_eq(result.output, "");
  run_format("import %s --dim N=2%s", model("resnet50"), "");
  ck_assert_int_eq(result.status, 0);
  ck_assert_ptr_nonnull(strstr(result.output, "batch: 2\n"));
  run_format("import %s --dim N%s", model("resnet50"), "");
  ck_assert_str_eq(result.errors, "systole: --dim is \"N\"; it must be NAME=SIZE\n");
  run_format("import %s --dim N=0%s", model("resnet50"), "");
  ck_assert_int_eq(result.status, 2);
}
END_TEST

START_TEST(scale_sims_files_run_as_they_are) {
  char cfg[64], csv[64];
  file_of(".cfg", CFG, cfg);
  file_of(".csv", "Layer,M,N,K,\ng,20,12,30\n", csv);
  run_format("run %s %s --format csv", cfg, csv);
  ck_assert_msg(result.status == 0, "%s", result.errors);
  ck_assert_ptr_nonnull(strstr(result.errors, "systole: note: Dataflow is os; this machine is weight stationary"));
  ck_assert_ptr_nonnull(strstr(result.output, "\ng,fc,20,30,12,1,"));
  run_format("config %s --set array.rows=16%s", cfg, "");
  ck_assert_int_eq(result.status, 0);
  unlink(cfg);
  unlink(csv);
}
END_TEST

/* 32 x 32, 256 x 1024 x 32: 32 folds of 2 x 32 + 32 + 256 - 2 cycles, and the tool's off-by-one. */
START_TEST(the_closed_form_stands_beside_the_cycles) {
  char cfg[64], csv[64];
  file_of(".cfg", "ArrayHeight: 32\nArrayWidth: 32\nIfmapSramSzkB: 64\nFilterSramSzkB: 64\nOfmapSramSzkB: 64\n"
          "Dataflow: ws\n", cfg);
  file_of(".csv", "Layer,M,N,K,\ng,256,32,1024,\n", csv);
  run_format("run %s %s --closed-form --format csv", cfg, csv);
  ck_assert_msg(result.status == 0, "%s", result.errors);
  ck_assert_ptr_nonnull(strstr(result.output, "\ng,256,1024,32,1,32,350,11199,11200,"));
  run_format("run %s %s --closed-form", cfg, csv);
  ck_assert_ptr_nonnull(strstr(result.output, "11,199"));
  ck_assert_ptr_nonnull(strstr(result.output, "less 1 a GEMM"));
  run_format("run %s %s --closed-form --layer none", cfg, csv);
  ck_assert_int_eq(result.status, 2);
  run_format("run %s %s --closed-form --format json", cfg, csv);
  ck_assert_str_eq(result.errors, "systole: --closed-form is a table or csv, not json\n");
  unlink(cfg);
  unlink(csv);
}
END_TEST

START_TEST(reports_are_written_in_scale_sims_columns) {
  char csv[64], folder[64] = "/tmp/sa_test_XXXXXX", path[128];
  file_of(".csv", "Layer,M,N,K,\ng,20,12,30\nh,5,12,30\n", csv);
  ck_assert_ptr_nonnull(mkdtemp(folder));
  run_format("run array8 %s --report scale-sim %s/reports", csv, folder);
  ck_assert_msg(result.status == 0, "%s", result.errors);
  static const char *const names[] = {"COMPUTE_REPORT.csv", "BANDWIDTH_REPORT.csv", "DETAILED_ACCESS_REPORT.csv"};
  for (int i = 0; i < 3; i++) {
    snprintf(path, sizeof path, "%s/reports/%s", folder, names[i]);
    ck_assert_int_eq(unlink(path), 0);
  }
  snprintf(path, sizeof path, "%s/reports", folder);
  rmdir(path);
  rmdir(folder);
  run_format("run array8 %s --report scale-sim%s", csv, "");
  ck_assert_str_eq(result.errors, "systole: --report scale-sim needs DIR (see systole run --help)\n");
  run_format("run array8 %s --report pdf x%s", csv, "");
  ck_assert_str_eq(result.errors, "systole: --report is \"pdf\"; it must be scale-sim\n");
  run_format("run array8 %s there%s", csv, "");
  ck_assert_str_eq(result.errors, "systole: run takes CONFIG NETWORK; DIR belongs to --report scale-sim\n");
  unlink(csv);
}
END_TEST

START_TEST(a_bad_file_is_one_message_and_status_2) {
  char csv[64], out[64];
  file_of(".csv", "Layer,M,N,K,\ng,20,x,30\n", csv);
  snprintf(out, sizeof out, "%s.yaml", csv);
  run_format("import %s -o %s", csv, out);
  ck_assert_int_eq(result.status, 2);
  ck_assert_ptr_nonnull(strstr(result.errors, ".csv:2:6: the N is 'x'; it must be a whole number between 1 and 2147483647\n"));
  ck_assert_ptr_eq(strchr(result.errors, '\n') + 1, result.errors + strlen(result.errors));
  ck_assert_int_ne(access(out, F_OK), 0);
  unlink(csv);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("import at the command line");
  TCase *tests = tcase_create("commands");
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, an_imported_model_runs_in_the_same_cycles);
  tcase_add_test(tests, symbolic_dimensions_are_asked_for_and_taken);
  tcase_add_test(tests, scale_sims_files_run_as_they_are);
  tcase_add_test(tests, the_closed_form_stands_beside_the_cycles);
  tcase_add_test(tests, reports_are_written_in_scale_sims_columns);
  tcase_add_test(tests, a_bad_file_is_one_message_and_status_2);
  suite_add_tcase(suite, tests);
  return suite;
}
SA_TEST_MAIN(make_suite)
