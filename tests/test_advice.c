/* `systole results --explain`: the neighbours are what a run of the changed machine gives, and the advice is
 * what the figures say. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run_cli.h"
#include "store_dump.h"
#include "test_main.h"

#define STORE "t_advice.db"

static struct cli_result result;

static void write_file(const char *path, const char *text) {
  FILE *file = fopen(path, "w");
  ck_assert_ptr_nonnull(file);
  fputs(text, file);
  ck_assert_int_eq(fclose(file), 0);
}

static void run_ok(const char *arguments) {
  run_cli(arguments, &result);
  ck_assert_msg(result.status == 0, "%s: %s", arguments, result.errors);
}

static void clean(void) {
  store_remove(STORE);
  unlink("t_advice.yaml");
  unlink("t_advice_net.yaml");
}

/* A sweep of one point; its advice. The caller releases it. */
static json_t *explain(const char *sweep, const char *options) {
  char command[256];
  write_file("t_advice.yaml", sweep);
  snprintf(command, sizeof command, "sweep t_advice.yaml %s -o " STORE, options);
  run_ok(command);
  ck_assert_int_eq(store_number(STORE, "SELECT count(*) FROM result"), 1);
  run_ok("results " STORE " --explain '' --format json");
  json_t *advice = json_loads(result.output, 0, NULL);
  ck_assert_ptr_nonnull(advice);
  return advice;
}

static json_int_t number(const json_t *object, const char *key) {
  ck_assert_msg(json_is_integer(json_object_get(object, key)), "%s", key);
  return json_integer_value(json_object_get(object, key));
}

static const char *text(const json_t *object, const char *key) {
  const char *value = json_string_value(json_object_get(object, key));
  return value ? value : "";
}

/* Total cycles of a run. */
static json_int_t run_cycles(const char *arguments) {
  char command[512];
  snprintf(command, sizeof command, "run %s --format json", arguments);
  run_ok(command);
  json_t *report = json_loads(result.output, 0, NULL);
  ck_assert_ptr_nonnull(report);
  const json_int_t cycles = number(json_object_get(report, "total"), "cycles");
  json_decref(report);
  return cycles;
}

/* Of array8 with all the bandwidth that its port of 4 bytes at 100 MHz lets through. */
#define TIGHT "config: array8\nnetworks: [lenet5]\nparameters: {memory.bandwidth: 400 MB/s}\n"

static void check_neighbours(const json_t *advice, const char *run) {
  const json_t *list = json_object_get(advice, "neighbours"), *neighbour;
  size_t i, simulated = 0, widened = 0;
  json_int_t before = 0;
  ck_assert_int_eq(number(advice, "cycles"), run_cycles(run));
  json_array_foreach(list, i, neighbour) {
    if (json_object_get(neighbour, "reason")) {
      ck_assert_ptr_null(json_object_get(neighbour, "cycles"));
      continue;
    }
    char command[512];
    const char *name = text(neighbour, "parameter");
    int used = snprintf(command, sizeof command, "%s --set '%s=%s'", run, name, text(neighbour, "to"));
    if (number(neighbour, "widened") == 1) {
      used += snprintf(command + used, sizeof command - (size_t)used, " --set memory.width=8");
      widened++;
    }
    ck_assert_int_lt(used, (int)sizeof command);
    ck_assert_int_le(number(neighbour, "widened"), 1);
    ck_assert_msg(number(neighbour, "cycles") == run_cycles(command), "%s", command);
    ck_assert_int_ge(number(neighbour, "cycles"), before);
    before = number(neighbour, "cycles");
    simulated++;
  }
  ck_assert_uint_ge(simulated, 15);
  ck_assert_uint_eq(widened, 1);
}

START_TEST(neighbours_are_what_runs_of_the_changed_machine_give) {
  json_t *advice = explain(TIGHT "batches: [2]\n", "");
  check_neighbours(advice, "array8 lenet5 --batch 2 --set 'memory.bandwidth=400 MB/s'");
  json_decref(advice);
}
END_TEST

START_TEST(neighbours_of_a_searched_mapping_are_searched_too) {
  json_t *advice = explain(TIGHT, "--mapper search --search-limit 20");
  check_neighbours(advice, "array8 lenet5 --mapper search --search-limit 20 --set 'memory.bandwidth=400 MB/s'");
  json_decref(advice);
}
END_TEST

static const struct {
  const char *sweep, *binds, *next;
} CASES[] = {
    {"config: array8\nnetworks: [mlp]\nparameters: {memory.bandwidth: 10 MB/s}\n", "weight stall", "memory.bandwidth"},
    {"config: array8\nnetworks: [resnet8]\nparameters: {memory.latency: 1}\n", "array active", "array.cols"},
    {"config: array32\nnetworks: [kws-dscnn]\nparameters: {vector.lanes: 1}\n", "accumulator stall", "vector.lanes"},
};

START_TEST(the_advice_is_against_what_binds) {
  json_t *advice = explain(CASES[_i].sweep, "");
  ck_assert_str_eq(text(advice, "binds"), CASES[_i].binds);
  const json_t *next = json_array_get(json_object_get(advice, "neighbours"), (size_t)number(advice, "next"));
  ck_assert_str_eq(text(next, "parameter"), CASES[_i].next);
  ck_assert_str_eq(text(next, "against"), CASES[_i].binds);
  ck_assert_int_lt(number(next, "cycles"), number(advice, "cycles"));
  json_decref(advice);
}
END_TEST

START_TEST(what_is_to_spare_costs_less_than_a_hundredth) {
  json_t *advice = explain("config: array8\nnetworks: [mlp]\nparameters: {unified_buffer.size: 1 MiB}\n", "");
  const json_t *spare = json_array_get(json_object_get(advice, "neighbours"), (size_t)number(advice, "spare"));
  ck_assert_str_eq(text(spare, "parameter"), "unified_buffer.size");
  ck_assert_int_le(number(spare, "sram_bytes"), number(advice, "sram_bytes") - (512 << 10));
  ck_assert_int_lt(number(spare, "cycles") * 100, number(advice, "cycles") * 101);
  json_decref(advice);
}
END_TEST

START_TEST(a_network_with_parameters_is_found_again) {
  json_t *advice = explain("config: array8\nnetworks: ['bert-base:seq=16,layers=1']\n", "");
  ck_assert_int_eq(number(advice, "cycles"), run_cycles("array8 bert-base:seq=16,layers=1"));
  json_decref(advice);
}
END_TEST

START_TEST(a_network_that_has_changed_since_is_refused) {
  run_ok("import mlp -o t_advice_net.yaml");
  json_t *advice = explain("config: array8\nnetworks: [./t_advice_net.yaml]\n", "");
  json_decref(advice);
  run_ok("import lenet5 -o t_advice_net.yaml");
  run_cli("results " STORE " --explain ''", &result);
  ck_assert_int_eq(result.status, 2);
  ck_assert_ptr_nonnull(strstr(result.errors, "systole: network ./t_advice_net.yaml is not what point "));
}
END_TEST

START_TEST(a_point_that_is_not_there_or_was_not_simulated_is_refused) {
  write_file("t_advice.yaml", "config: array8\nnetworks: [mlp]\nparameters: {unified_buffer.size: [16 KiB, 64 KiB, 65 KiB]}\n");
  run_ok("sweep t_advice.yaml -o " STORE);
  run_cli("results " STORE " --explain ''", &result);
  ck_assert_int_eq(result.status, 2);
  ck_assert_str_eq(result.errors, "systole: 3 points have an id that begins with \"\"; give more of it\n");
  run_cli("results " STORE " --explain xyz", &result);
  ck_assert_str_eq(result.errors, "systole: the store has no point whose id begins with \"xyz\"\n");
  run_cli("results " STORE " --explain $(./systole results " STORE " --illegal -c id -f csv | tail -n 1)", &result);
  ck_assert_int_eq(result.status, 2);
  ck_assert_ptr_nonnull(strstr(result.errors, " was not simulated: unified_buffer.size is 65 KiB"));
  run_cli("results " STORE " --explain 1 --sort cycles", &result);
  ck_assert_str_eq(result.errors, "systole: --sort does not go with --explain\n");
}
END_TEST

static Suite *advice_suite(void) {
  Suite *suite = suite_create("advice");
  TCase *tcase = tcase_create("advice");
  tcase_set_timeout(tcase, 300);
  tcase_add_checked_fixture(tcase, clean, clean);
  tcase_add_test(tcase, neighbours_are_what_runs_of_the_changed_machine_give);
  tcase_add_test(tcase, neighbours_of_a_searched_mapping_are_searched_too);
  tcase_add_loop_test(tcase, the_advice_is_against_what_binds, 0, sizeof CASES / sizeof *CASES);
  tcase_add_test(tcase, what_is_to_spare_costs_less_than_a_hundredth);
  tcase_add_test(tcase, a_network_with_parameters_is_found_again);
  tcase_add_test(tcase, a_network_that_has_changed_since_is_refused);
  tcase_add_test(tcase, a_point_that_is_not_there_or_was_not_simulated_is_refused);
  suite_add_tcase(suite, tcase);
  return suite;
}

SA_TEST_MAIN(advice_suite)
