/* Sweeps as a user runs them: the store is the same whatever the workers, shards and interruptions;
 * mistakes are refused before anything runs. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run_cli.h"
#include "store_dump.h"
#include "test_main.h"

static struct cli_result result;

static const char SWEEP[] =
    "config: array8\n"
    "networks: [mlp, lenet5]\n"
    "batches: [1, 2]\n"
    "parameters:\n"
    "  array.rows: [4, 8, ..., 16]\n"
    "  array.cols: array.rows\n"
    "  accumulator.rows: {from: 16, to: 64, factor: 2}\n"
    "  unified_buffer.size: [1 KiB, 16 KiB, 64 KiB, 65 KiB]\n"
    "constraints:\n"
    "- array.rows * accumulator.rows <= 512\n";
/* 4 networks x 4 x 3 x 4 = 192 combinations; 16 x 64, 12 x 64 are excluded: 2 of 12 */
enum { POINTS = 160, EXCLUDED = 32 };

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

static void assert_same_content(const char *a, const char *b) {
  char *left = store_dump(a), *right = store_dump(b);
  ck_assert_msg(strcmp(left, right) == 0, "%s and %s differ", a, b);
  free(left);
  free(right);
}

static void remove_all(void) {
  static const char *const stores[] = {"t_sweep_a.db", "t_sweep_b.db", "t_sweep_c.db", "t_sweep_d.db"};
  for (size_t i = 0; i < sizeof stores / sizeof *stores; i++) store_remove(stores[i]);
  unlink("t_sweep.yaml");
}

static void set_up(void) {
  remove_all();
  write_file("t_sweep.yaml", SWEEP);
}

START_TEST(illegal_points_are_recorded_with_their_reason_and_excluded_ones_are_not) {
  run_ok("sweep t_sweep.yaml -j 1 -o t_sweep_a.db");
  ck_assert_int_eq(store_number("t_sweep_a.db", "SELECT count(*) FROM point"), POINTS);
  ck_assert_int_eq(store_number("t_sweep_a.db", "SELECT count(*) FROM point WHERE status = 'illegal'"), 60);
  ck_assert_int_eq(store_number("t_sweep_a.db", "SELECT count(*) FROM point WHERE status = 'illegal' AND "
                                                "unified_buffer_size = 66560 AND reason LIKE "
                                                "'unified_buffer.size is 65 KiB; no number of banks%'"), 40);
  ck_assert_int_eq(store_number("t_sweep_a.db", "SELECT count(*) FROM point WHERE array_rows * accumulator_rows > 512"), 0);
  ck_assert_int_eq(store_number("t_sweep_a.db", "SELECT count(*) FROM point WHERE array_rows <> array_cols"), 0);
  ck_assert_ptr_nonnull(strstr(result.output, "32 excluded"));
}
END_TEST

START_TEST(figures_are_those_of_a_single_run) {
  run_ok("sweep t_sweep.yaml -j 2 -o t_sweep_a.db");
  const long long cycles = store_number(
      "t_sweep_a.db", "SELECT cycles FROM result WHERE network = 'lenet5' AND batch = 2 AND array_rows = 12 AND "
                      "accumulator_rows = 32 AND unified_buffer_size = 16384");
  run_ok("run array8 lenet5 --batch 2 --set array.rows=12 --set array.cols=12 --set accumulator.rows=32 "
         "--set 'unified_buffer.size=16 KiB' --format csv");
  static const char head[] = "\ntotal,,0,0,0,0,";
  const char *total = strstr(result.output, head);
  ck_assert_ptr_nonnull(total);
  ck_assert_int_eq(atoll(total + strlen(head)), cycles);
  ck_assert_int_eq(store_number("t_sweep_a.db", "SELECT count(*) FROM result r WHERE cycles <> (SELECT sum(cycles) "
                                                "FROM layer WHERE point = r.id)"), 0);
}
END_TEST

START_TEST(the_store_is_the_same_for_any_number_of_workers) {
  run_ok("sweep t_sweep.yaml -j 1 -o t_sweep_a.db");
  run_ok("sweep t_sweep.yaml -j 5 -o t_sweep_b.db");
  assert_same_content("t_sweep_a.db", "t_sweep_b.db");
}
END_TEST

START_TEST(nothing_is_run_twice) {
  run_ok("sweep t_sweep.yaml -o t_sweep_a.db");
  run_ok("sweep t_sweep.yaml -o t_sweep_a.db");
  ck_assert_ptr_nonnull(strstr(result.output, "160 points: 0 simulated, 0 illegal, 160 already there"));
}
END_TEST

START_TEST(networks_are_varied_by_their_parameters) {
  write_file("t_sweep.yaml", "config: array16\nnetworks:\n- {name: bert-base, seq: [16, 32], layers: [1, 2]}\n"
                             "- {name: 'bert-base:layers=1', seq: 8}\n- mlp\nbatches: [1, 2]\n");
  run_ok("sweep t_sweep.yaml -o t_sweep_a.db");
  ck_assert_int_eq(store_number("t_sweep_a.db", "SELECT count(*) FROM result"), 12);
  ck_assert_int_eq(store_number("t_sweep_a.db", "SELECT count(DISTINCT network_parameters) FROM result WHERE "
                                                "network = 'bert-base'"), 5);
  const long long cycles = store_number("t_sweep_a.db", "SELECT cycles FROM result WHERE network_parameters = "
                                                        "'seq=32,layers=2' AND batch = 2");
  run_ok("run array16 bert-base --set seq=32 --set layers=2 --batch 2 --format csv");
  const char *total = strstr(result.output, "\ntotal,,0,0,0,0,");
  ck_assert_ptr_nonnull(total);
  ck_assert_int_eq(atoll(total + strlen("\ntotal,,0,0,0,0,")), cycles);
}
END_TEST

START_TEST(points_of_another_build_are_not_used) {
  run_ok("sweep t_sweep.yaml --where 'array.rows == 4' --where 'batch == 1' -o t_sweep_a.db");
  /* as another simulator would have left it: other id, other build */
  ck_assert_int_eq(store_number("t_sweep_a.db", "SELECT length(build) FROM point LIMIT 1"), 16);
  store_number("t_sweep_a.db", "UPDATE point SET build = 'feedfeedfeedfeed', id = 'x' || id RETURNING 1");
  store_number("t_sweep_a.db", "UPDATE total SET point = 'x' || point RETURNING 1");
  store_number("t_sweep_a.db", "UPDATE layer SET point = 'x' || point RETURNING 1");
  run_ok("sweep t_sweep.yaml --where 'array.rows == 4' --where 'batch == 1' -o t_sweep_a.db");
  ck_assert_ptr_nonnull(strstr(result.output, " 0 already there"));
  ck_assert_ptr_nonnull(strstr(result.output, "points of other builds of systole, which were not used"));
  ck_assert_int_eq(store_number("t_sweep_a.db", "SELECT count(DISTINCT build) FROM point"), 2);
}
END_TEST

START_TEST(searched_mappings_are_points_of_their_own_and_never_slower) {
  static const char SEARCH[] = "sweep t_sweep.yaml --where 'batch == 1' --where 'array.rows <= 8' --mapper search";
  char command[256];
  run_ok("sweep t_sweep.yaml --where 'batch == 1' --where 'array.rows <= 8' -o t_sweep_a.db");
  snprintf(command, sizeof command, "%s -j 1 -o t_sweep_b.db", SEARCH);
  run_ok(command);
  snprintf(command, sizeof command, "%s -j 3 -o t_sweep_c.db", SEARCH);
  run_ok(command);
  assert_same_content("t_sweep_b.db", "t_sweep_c.db");
  const long long simulated = store_number("t_sweep_a.db", "SELECT count(*) FROM result WHERE mapper = 'default' AND "
                                                            "default_cycles IS NULL");
  ck_assert_int_gt(simulated, 0);
  ck_assert_int_eq(store_number("t_sweep_b.db", "SELECT count(*) FROM result WHERE mapper = 'search' AND cycles <= "
                                                "default_cycles"), simulated);
  ck_assert_int_gt(store_number("t_sweep_b.db", "SELECT count(*) FROM result WHERE cycles < default_cycles"), 0);
  ck_assert_int_eq(store_number("t_sweep_b.db", "SELECT count(*) FROM result r WHERE default_cycles <> (SELECT "
                                                "sum(default_cycles) FROM layer WHERE point = r.id)"), 0);
  run_ok("merge t_sweep_d.db t_sweep_a.db t_sweep_b.db");
  ck_assert_int_eq(store_number("t_sweep_d.db", "SELECT count(*) FROM result a JOIN result b USING (network, config_hash) "
                                                "WHERE a.mapper = 'default' AND b.mapper = 'search' AND "
                                                "a.cycles = b.default_cycles"), simulated);
}
END_TEST

START_TEST(merged_shards_are_the_whole) {
  run_ok("sweep t_sweep.yaml -o t_sweep_a.db");
  run_ok("sweep t_sweep.yaml --shard 1/2 -o t_sweep_b.db");
  run_ok("sweep t_sweep.yaml --shard 2/2 -o t_sweep_c.db");
  ck_assert_int_gt(store_number("t_sweep_b.db", "SELECT count(*) FROM point"), 0);
  ck_assert_int_gt(store_number("t_sweep_c.db", "SELECT count(*) FROM point"), 0);
  run_ok("merge t_sweep_d.db t_sweep_b.db t_sweep_c.db t_sweep_b.db");
  assert_same_content("t_sweep_a.db", "t_sweep_d.db");
}
END_TEST

START_TEST(a_merge_refuses_different_content_of_one_point) {
  run_ok("sweep t_sweep.yaml --shard 1/4 -o t_sweep_a.db");
  run_ok("sweep t_sweep.yaml --shard 1/2 -o t_sweep_b.db");
  run_ok("merge t_sweep_c.db t_sweep_b.db");
  store_number("t_sweep_b.db", "UPDATE layer SET cycles = cycles + 1 WHERE (point, number) IN (SELECT point, number "
                               "FROM layer LIMIT 1) RETURNING 1");
  run_cli("merge t_sweep_c.db t_sweep_b.db", &result);
  ck_assert_int_eq(result.status, 2);
  ck_assert_ptr_nonnull(strstr(result.errors, "is in both stores with different content (table layer)"));
}
END_TEST

/* SIGKILL at random moments; SA_KILLS says how many. */
START_TEST(kills_lose_nothing_but_the_points_under_way) {
  const char *wanted = getenv("SA_KILLS");
  const int kills = wanted ? atoi(wanted) : 10;
  run_ok("sweep t_sweep.yaml -o t_sweep_a.db");
  srand(1);
  int killed = 0;
  for (int i = 0; i < kills; i++) {
    if (i % 10 == 0) store_remove("t_sweep_b.db"); /* else soon all is done */
    const pid_t child = fork();
    if (child == 0) {
      if (!freopen("/dev/null", "w", stdout)) _exit(1);
      execl("./systole", "systole", "sweep", "t_sweep.yaml", "-j", "2", "-o", "t_sweep_b.db", (char *)NULL);
      _exit(127);
    }
    usleep((useconds_t)(rand() % 400000));
    kill(child, SIGKILL);
    int status;
    waitpid(child, &status, 0);
    killed += WIFSIGNALED(status);
    free(access("t_sweep_b.db", F_OK) == 0 && store_number("t_sweep_b.db", "SELECT count(*) FROM sqlite_schema")
             ? store_dump("t_sweep_b.db")
             : NULL);
  }
  ck_assert_int_gt(killed, 0);
  run_ok("sweep t_sweep.yaml -j 2 -o t_sweep_b.db");
  assert_same_content("t_sweep_a.db", "t_sweep_b.db");
}
END_TEST

static const struct {
  const char *text, *message;
} MISTAKES[] = {
    {"networks: [mlp]\nparameters: {array.rowz: [1]}\nconfig: array8",
     "systole: t_sweep.yaml:2:14: there is no parameter \"array.rowz\"; did you mean \"array.rows\"?\n"},
    {"config: array8\nnetworks: [mlp]\nparameters: {array.rows: []}",
     "systole: t_sweep.yaml:3:26: array.rows has no value\n"},
    {"config: array8\nnetworks: [mlp]\nparameters: {array.rows: [8, 4, ..., 2]}",
     "systole: t_sweep.yaml:3:38: array.rows: the range from 4 to 2 is empty\n"},
    {"config: array8\nnetworks: [mlp]\nparameters: {array.rows: {from: 9, to: 8, step: 1}}",
     "systole: t_sweep.yaml:3:26: array.rows: the range from 9 to 8 is empty\n"},
    {"config: array8\nnetworks: [mlp]\nparameters: {array.rows: [8, 8]}",
     "systole: t_sweep.yaml:3:30: array.rows has the value 8 twice\n"},
    {"config: array8\nnetworks: [mlp]\nparameters: {array.cols: 2 * array.rowz}",
     "systole: t_sweep.yaml:3:26: there is no parameter \"array.rowz\"; did you mean \"array.rows\"?\n"},
    {"config: array8\nnetworks: [mlp]\nparameters: {array.cols: 600}",
     "systole: t_sweep.yaml:3:26: array.cols is 600; it must be between 1 and 512\n"},
    {"config: array8\nnetworks: [mlp]\nparameters: {array.cols: vector.lanes}",
     "systole: t_sweep.yaml:3:26: vector.lanes has no value here: neither the config nor the sweep gives it\n"},
    {"config: array8\nnetworks: [mlp]\nconstraints: [array.rows > 512]",
     "systole: t_sweep.yaml:3:15: the constraints exclude every point (the last one by: array.rows > 512)\n"},
    {"config: array8\nnetworks: [mlp]\nconstraints: [array.rows]",
     "systole: t_sweep.yaml:3:15: \"array.rows\": a comparison (<= >= == != < >) expected at the end\n"},
    {"config: array8\nnetworks: [./absent.yaml]",
     "systole: t_sweep.yaml:2:12: ./absent.yaml: cannot open: No such file or directory\n"},
    {"config: array8\nnetworks: [resnet51]",
     "systole: t_sweep.yaml:2:12: \"resnet51\" is neither a file nor one of the models in "},
    {"config: array8\nnetworks: [{seq: 2}]",
     "systole: t_sweep.yaml:2:12: a network's name is missing\n"},
    {"config: array8\nnetworks: [{name: bert-base, seq: []}]",
     "systole: t_sweep.yaml:2:35: seq has no value\n"},
    {"config: array8\nnetworks: [{name: bert-base, seq: [{a: 1}]}]",
     "systole: t_sweep.yaml:2:36: seq must be a scalar, not a mapping\n"},
    {"config: array8\nnetworks: [{name: bert-base, seqs: 16}]",
     "systole: t_sweep.yaml:2:12: "},
    {"config: array8\nnetworks: [mlp]\nbatch: 2",
     "systole: t_sweep.yaml:3:1: a sweep has no key \"batch\"; did you mean \"batches\"?\n"},
};

START_TEST(a_mistake_is_refused_with_its_place) {
  write_file("t_sweep.yaml", MISTAKES[_i].text);
  run_cli("sweep t_sweep.yaml -o t_sweep_a.db", &result);
  ck_assert_int_eq(result.status, 2);
  ck_assert_msg(strncmp(result.errors, MISTAKES[_i].message, strlen(MISTAKES[_i].message)) == 0, "%s", result.errors);
  ck_assert_msg(access("t_sweep_a.db", F_OK) != 0, "a store was made");
}
END_TEST

START_TEST(what_is_no_store_of_ours_is_left_alone) {
  write_file("t_sweep_a.db", "This is a text of some length that is certainly no SQLite database.\n");
  run_cli("sweep t_sweep.yaml -o t_sweep_a.db", &result);
  ck_assert_int_eq(result.status, 2);
  ck_assert_str_eq(result.errors + strlen(result.errors) - strlen("not a store of systole sweep\n"),
                   "not a store of systole sweep\n");
}
END_TEST

/* Lines of the last output, without the head. */
static long long output_rows(void) {
  long long rows = -1;
  for (const char *c = result.output; *c; c++) rows += *c == '\n';
  return rows;
}

START_TEST(the_pareto_front_is_what_no_point_beats) {
  run_ok("sweep t_sweep.yaml -o t_sweep_a.db");
  run_ok("results t_sweep_a.db --pareto cycles,sram_bytes,mac_utilisation:max -f csv -c id");
  const long long expected = store_number(
      "t_sweep_a.db",
      "SELECT count(*) FROM result a WHERE NOT EXISTS (SELECT 1 FROM result b WHERE b.cycles <= a.cycles AND "
      "b.sram_bytes <= a.sram_bytes AND b.mac_utilisation >= a.mac_utilisation AND (b.cycles < a.cycles OR "
      "b.sram_bytes < a.sram_bytes OR b.mac_utilisation > a.mac_utilisation))");
  ck_assert_int_gt(expected, 1);
  ck_assert_int_eq(output_rows(), expected);
}
END_TEST

START_TEST(the_best_of_each_group_is_its_minimum_or_maximum) {
  run_ok("sweep t_sweep.yaml -o t_sweep_a.db");
  run_ok("results t_sweep_a.db --best cycles --per network,batch -f csv -c cycles");
  ck_assert_int_eq(output_rows(), 4);
  run_ok("results t_sweep_a.db --best cycles:max -f csv -c cycles");
  ck_assert_int_eq(output_rows(), 1);
  ck_assert_int_eq(atoll(strchr(result.output, '\n') + 1),
                   store_number("t_sweep_a.db", "SELECT max(cycles) FROM result"));
}
END_TEST

START_TEST(filters_orders_and_limits_hold) {
  run_ok("sweep t_sweep.yaml -o t_sweep_a.db");
  run_ok("results t_sweep_a.db --where \"array_rows = 8 AND network = 'mlp'\" -f csv -c id");
  ck_assert_int_eq(output_rows(), store_number("t_sweep_a.db", "SELECT count(*) FROM result WHERE array_rows = 8 "
                                                               "AND network = 'mlp'"));
  run_ok("results t_sweep_a.db --sort cycles:max --limit 2 -f csv -c array.rows,cycles");
  ck_assert_int_eq(output_rows(), 2);
  ck_assert_int_eq(strncmp(result.output, "array_rows,cycles\n4,", 20), 0);
  run_ok("results t_sweep_a.db --illegal -f csv");
  ck_assert_int_eq(output_rows(), 60);
}
END_TEST

static const struct {
  const char *options, *message;
} QUESTIONS[] = {
    {"--sort cyclez", "systole: the store has no column \"cyclez\"; did you mean \"cycles\"?\n"},
    {"--sort cycles:up", "systole: \"cycles:up\": after the colon min or max is expected\n"},
    {"--where 'cycles >'", "systole: the filter is not understood: near \")\": syntax error\n"},
    {"--per network", "systole: --per belongs to --best\n"},
    {"--sort cycles --best cycles", "systole: --sort, --pareto and --best each set the order; give one of them\n"},
};

START_TEST(a_wrong_question_is_refused) {
  run_ok("sweep t_sweep.yaml --where 'array.rows == 4' --where 'batch == 1' -o t_sweep_a.db");
  char command[256];
  snprintf(command, sizeof command, "results t_sweep_a.db %s", QUESTIONS[_i].options);
  run_cli(command, &result);
  ck_assert_int_eq(result.status, 2);
  ck_assert_str_eq(result.errors, QUESTIONS[_i].message);
}
END_TEST

static Suite *sweep_suite(void) {
  Suite *suite = suite_create("sweep");
  TCase *tcase = tcase_create("sweep");
  tcase_set_timeout(tcase, 600);
  tcase_add_checked_fixture(tcase, set_up, remove_all);
  tcase_add_test(tcase, illegal_points_are_recorded_with_their_reason_and_excluded_ones_are_not);
  tcase_add_test(tcase, figures_are_those_of_a_single_run);
  tcase_add_test(tcase, the_store_is_the_same_for_any_number_of_workers);
  tcase_add_test(tcase, nothing_is_run_twice);
  tcase_add_test(tcase, networks_are_varied_by_their_parameters);
  tcase_add_test(tcase, points_of_another_build_are_not_used);
  tcase_add_test(tcase, searched_mappings_are_points_of_their_own_and_never_slower);
  tcase_add_test(tcase, merged_shards_are_the_whole);
  tcase_add_test(tcase, a_merge_refuses_different_content_of_one_point);
  tcase_add_test(tcase, kills_lose_nothing_but_the_points_under_way);
  tcase_add_loop_test(tcase, a_mistake_is_refused_with_its_place, 0, sizeof MISTAKES / sizeof *MISTAKES);
  tcase_add_test(tcase, what_is_no_store_of_ours_is_left_alone);
  tcase_add_test(tcase, the_pareto_front_is_what_no_point_beats);
  tcase_add_test(tcase, the_best_of_each_group_is_its_minimum_or_maximum);
  tcase_add_test(tcase, filters_orders_and_limits_hold);
  tcase_add_loop_test(tcase, a_wrong_question_is_refused, 0, sizeof QUESTIONS / sizeof *QUESTIONS);
  suite_add_tcase(suite, tcase);
  return suite;
}

SA_TEST_MAIN(sweep_suite)
