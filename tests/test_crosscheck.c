/* The comparison of the C engine with the RTL: that it finds every kind of difference and names the
 * first, and that whole networks have none. What needs Verilator is left out where it is missing. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cosim/crosscheck.h"
#include "map/map.h"
#include "net/net_yaml.h"
#include "run_cli.h"
#include "test_main.h"

static const char *source_folder(void) {
  const char *srcdir = getenv("srcdir");
  return srcdir ? srcdir : ".";
}

/* ---- Doctored records: the plain engine's in the place of the RTL's ---- */

static struct sa_crosscheck check;

static void setup(void) {
  char machine[512], network[512];
  struct sa_config config;
  struct sa_net net;
  struct sa_mapping mapping;
  struct sa_error error = {0};
  snprintf(machine, sizeof machine, "%s/traces/tiny.yaml", source_folder());
  snprintf(network, sizeof network, "%s/traces/convnet.yaml", source_folder());
  ck_assert_msg(sa_config_load(machine, NULL, 0, &config, &error) == SA_OK, "%s", error.message);
  ck_assert_msg(sa_net_load(network, NULL, &net, &error) == SA_OK, "%s", error.message);
  ck_assert_msg(sa_map(&config, &net, NULL, &mapping, &error) == SA_OK, "%s", error.message);
  sa_crosscheck_init(&check);
  ck_assert_int_eq(sa_record_engine(&config, &mapping.program, false, &check.engine, &error), SA_OK);
  ck_assert_int_eq(sa_record_engine(&config, &mapping.program, true, &check.rtl, &error), SA_OK);
  sa_mapping_release(&mapping);
  sa_net_release(&net);
}

static void teardown(void) { sa_crosscheck_release(&check); }

/* Compares, expects so many differences, and the first one to contain `text`. */
static void expect(uint64_t differences, const char *text) {
  sa_crosscheck_compare(&check);
  ck_assert_uint_eq(check.differences, differences);
  ck_assert_msg(strstr(check.first, text) != NULL, "the first difference: %s", check.first);
}

START_TEST(equal_records_have_no_difference) {
  expect(0, "");
  ck_assert_str_eq(check.first, "");
  ck_assert_uint_eq(check.instrs, 231);
  ck_assert_uint_eq(check.bursts, check.engine.burst_count);
  ck_assert_uint_eq(check.counters, sizeof check.engine.counters / sizeof(uint64_t));
}
END_TEST

START_TEST(an_instruction_one_cycle_late_is_named_with_both_spans) {
  struct sa_record_instr *instr = &check.rtl.instrs[SA_MATMUL][5];
  char text[128];
  instr->start++;
  instr->end++;
  snprintf(text, sizeof text, "MATMUL instruction 5 (MATMUL, %llu of the stream): engine %llu .. %llu, RTL %llu .. %llu",
           (unsigned long long)check.engine.instrs[SA_MATMUL][5].index, (unsigned long long)instr->start - 1,
           (unsigned long long)instr->end - 1, (unsigned long long)instr->start, (unsigned long long)instr->end);
  expect(1, text);
  ck_assert_uint_eq(check.first_layer, check.engine.instrs[SA_MATMUL][5].layer);
}
END_TEST

START_TEST(an_end_alone_counts_too) {
  check.rtl.instrs[SA_VECTOR][2].end--;
  expect(1, "VECTOR instruction 2 ");
}
END_TEST

START_TEST(of_several_differences_the_earliest_is_named) {
  check.rtl.instrs[SA_VECTOR][8].start++;
  check.rtl.instrs[SA_LOAD][3].start++;
  check.rtl.bursts[check.rtl.burst_count - 1].cycle++;
  check.rtl.counters.cycles[0]++;
  ck_assert_uint_lt(check.engine.instrs[SA_LOAD][3].start, check.engine.instrs[SA_VECTOR][8].start);
  expect(4, "LOAD instruction 3 ");
}
END_TEST

START_TEST(a_lost_instruction_is_found) {
  check.rtl.instr_count[SA_STORE]--;
  expect(1, "STORE ran 1 instructions in the engine, 0 in the RTL");
}
END_TEST

START_TEST(every_field_of_a_burst_is_compared) {
  struct sa_burst_event *bursts = check.rtl.bursts;
  bursts[10].cycle++;
  bursts[11].completion++;
  bursts[12].address ^= 16;
  bursts[13].bytes *= 2;
  bursts[14].is_write = !bursts[14].is_write;
  bursts[15].unit = bursts[15].unit == SA_LOAD ? SA_WLOAD : SA_LOAD;
  expect(6, "burst 10: ");
}
END_TEST

START_TEST(a_lost_burst_is_found) {
  check.rtl.burst_count--;
  expect(1, "130 bursts in the engine, 129 in the RTL");
}
END_TEST

START_TEST(every_counter_is_compared) {
  uint64_t expected = 0;
#define SA_COUNTER(field, count, unit, meaning) \
  for (int i = 0; i < (count); i++, expected++) check.rtl.counters.field[i]++;
#include "machine/counters.def"
#undef SA_COUNTER
  expect(expected, "counter cycles[0]: engine 2083, RTL 2084");
}
END_TEST

/* ---- The command, with the RTL ---- */

static bool no_rtl(void) {
  struct sa_error error;
  if (sa_rtl_available(&error) == SA_OK) return false;
  printf("left out: %s\n", error.message);
  return true;
}

static void expect_equal(const char *arguments) {
  static struct cli_result result;
  run_cli(arguments, &result);
  ck_assert_msg(result.status == 0, "systole %s: status %d\n%s%s", arguments, result.status, result.output,
                result.errors);
  ck_assert_ptr_nonnull(strstr(result.output, "\nno difference\n"));
  ck_assert_ptr_null(strstr(result.output, " 0 stored bytes"));
}

START_TEST(the_keyword_spotter_on_8x8_agrees) {
  if (!no_rtl()) expect_equal("check array8 kws-dscnn --all-values");
}
END_TEST

START_TEST(networks_on_an_odd_array_of_24x40_agree) {
  static const char *const networks[] = {"traces/fold", "traces/convnet", "tests/data/transformer"};
  if (no_rtl()) return;
  for (size_t i = 0; i < sizeof networks / sizeof *networks; i++) {
    char arguments[1024];
    snprintf(arguments, sizeof arguments,
             "check array16 %s/%s.yaml --set array.rows=24 --set array.cols=40 --batch 2 --all-values",
             source_folder(), networks[i]);
    expect_equal(arguments);
  }
}
END_TEST

START_TEST(options_that_would_do_nothing_are_refused) {
  static const struct { const char *arguments, *message; } cases[] = {
      {"check", "systole: check takes CONFIG NETWORK or --random N (see systole check --help)\n"},
      {"check array8 kws-dscnn --random 3", "systole: check takes CONFIG NETWORK or --random N (see systole check --help)\n"},
      {"check array8 kws-dscnn --builds 3", "systole: --builds is for --random\n"},
      {"check --random 3 --wave x.fst", "systole: --wave is for CONFIG NETWORK; --random draws both\n"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    static struct cli_result result;
    run_cli(cases[i].arguments, &result);
    ck_assert_int_eq(result.status, 2);
    ck_assert_str_eq(result.errors, cases[i].message);
    ck_assert_str_eq(result.output, "");
  }
}
END_TEST

START_TEST(what_random_draws_cannot_mean_is_refused) {
  static const struct { const char *arguments, *message; } cases[] = {
      {"check --random 5 --first-layer 3", "systole: --first-layer needs --last-layer\n"},
      {"check --random 5 --first-layer 3 --last-layer 2", "systole: --first-layer is 3; it must be between 1 and 2\n"},
      {"check --random 5 --only 5", "systole: --only is 5; it must be between 0 and 4\n"},
      {"check --random 5 --builds 6", "systole: --builds is 6; it must be between 1 and 5\n"},
      {"check --random 5 --programs some", "systole: --programs is \"some\"; it must be one of: both, raw, layers\n"}};
  if (no_rtl()) return;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    static struct cli_result result;
    run_cli(cases[i].arguments, &result);
    ck_assert_int_eq(result.status, 2);
    ck_assert_str_eq(result.errors, cases[i].message);
  }
}
END_TEST

START_TEST(without_verilator_the_check_says_what_is_missing) {
  static struct cli_result result;
  char *path = strdup(getenv("PATH"));
  ck_assert_int_eq(system("rm -rf few_programs && mkdir few_programs && for p in sh dirname cat sed grep; do "
                          "ln -s \"$(command -v $p)\" few_programs/; done"), 0);
  setenv("PATH", "few_programs", 1);
  run_cli("check array8 kws-dscnn", &result);
  setenv("PATH", path, 1);
  free(path);
  ck_assert_int_eq(system("rm -rf few_programs"), 0);
  ck_assert_int_eq(result.status, 2);
  ck_assert_str_eq(result.errors,
                   "systole: the RTL cannot be built: rtl-build: verilator is missing (Debian: verilator)\n");
}
END_TEST

/* Runs the check on a copy of the RTL with one line changed by a sed script. */
static void run_changed(const char *file, const char *script, struct cli_result *result) {
  char command[4096], arguments[2048];
  snprintf(command, sizeof command,
           "rm -rf changed_rtl && cp -R %s/rtl changed_rtl && chmod -R u+w changed_rtl && "
           "sed -i '%s' changed_rtl/%s && ! cmp -s changed_rtl/%s %s/rtl/%s",
           source_folder(), script, file, file, source_folder(), file);
  ck_assert_msg(system(command) == 0, "%s does not change %s", script, file);
  snprintf(arguments, sizeof arguments, "check %s/traces/tiny.yaml %s/traces/convnet.yaml --all-values",
           source_folder(), source_folder());
  char folder[1024];
  ck_assert_ptr_nonnull(getcwd(folder, sizeof folder - 32));
  strcat(folder, "/changed_rtl");
  setenv("SYSTOLE_RTL", folder, 1);
  run_cli(arguments, result);
  unsetenv("SYSTOLE_RTL");
  ck_assert_int_eq(system("rm -rf changed_rtl"), 0);
}

START_TEST(a_latency_that_is_off_by_one_is_reported_with_its_first_event) {
  static struct cli_result result;
  if (no_rtl()) return;
  run_changed("matmul.v", "s/parameter MmLatency = /parameter MmLatency = 1 + /", &result);
  ck_assert_msg(result.status == 1, "status %d\n%s%s", result.status, result.output, result.errors);
  ck_assert_msg(strstr(result.output, " differences; the first, in layer conv1: MATMUL instruction 0 (MATMUL") != NULL,
                "%s", result.output);
}
END_TEST

START_TEST(a_wrong_value_is_reported_with_its_address_and_layer) {
  static struct cli_result result;
  if (no_rtl()) return;
  run_changed("vector_lanes.v", "/(p6.i. <<< 1) >>> shift;/{n;s/ + (y & 64.sd1)//}", &result); /* truncates */
  ck_assert_msg(result.status == 1, "status %d\n%s%s", result.status, result.output, result.errors);
  ck_assert_msg(strstr(result.output, "1 difference; the first, in layer conv1: memory at 0x") != NULL, "%s",
                result.output);
}
END_TEST

static Suite *crosscheck_suite(void) {
  Suite *suite = suite_create("cross-check");
  TCase *records = tcase_create("doctored records");
  tcase_add_checked_fixture(records, setup, teardown);
  tcase_add_test(records, equal_records_have_no_difference);
  tcase_add_test(records, an_instruction_one_cycle_late_is_named_with_both_spans);
  tcase_add_test(records, an_end_alone_counts_too);
  tcase_add_test(records, of_several_differences_the_earliest_is_named);
  tcase_add_test(records, a_lost_instruction_is_found);
  tcase_add_test(records, every_field_of_a_burst_is_compared);
  tcase_add_test(records, a_lost_burst_is_found);
  tcase_add_test(records, every_counter_is_compared);
  suite_add_tcase(suite, records);
  TCase *networks = tcase_create("the command");
  tcase_set_timeout(networks, 1200);
  tcase_add_test(networks, options_that_would_do_nothing_are_refused);
  tcase_add_test(networks, what_random_draws_cannot_mean_is_refused);
  tcase_add_test(networks, without_verilator_the_check_says_what_is_missing);
  tcase_add_test(networks, the_keyword_spotter_on_8x8_agrees);
  tcase_add_test(networks, networks_on_an_odd_array_of_24x40_agree);
  tcase_add_test(networks, a_latency_that_is_off_by_one_is_reported_with_its_first_event);
  tcase_add_test(networks, a_wrong_value_is_reported_with_its_address_and_layer);
  suite_add_tcase(suite, networks);
  return suite;
}

SA_TEST_MAIN(crosscheck_suite)
