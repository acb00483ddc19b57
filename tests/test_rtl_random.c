/* The RTL against the C engine on random machines and programs: every instruction's start and end,
 * every burst, every counter, and the memory after the run. Skipped without Verilator or SystemC.
 *
 * SA_TEST_PAIRS=N, SA_TEST_BUILDS=N, SA_TEST_SEED=N: other draws than make check's. */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cosim/crosscheck.h"
#include "cosim/random_check.h"
#include "engine/random.h"
#include "engine_random.h"
#include "rtl_replay.h"

/* A draw that meets every class. */
enum { PAIRS = 300, BUILDS = 5, SEED = 24 };

static uint64_t setting(const char *name, uint64_t otherwise) {
  const char *text = getenv(name);
  return text ? strtoull(text, NULL, 10) : otherwise;
}

/* ---- Legal programs, raw and from layers ---- */

/* What no pair met, in words. */
static void list_missing(const struct sa_coverage *coverage, char *text, size_t size) {
  char name[SA_COVERAGE_NAME];
  size_t used = 0;
  text[0] = '\0';
  for (size_t i = 0; i < sa_coverage_classes() && used < size; i++)
    if (!coverage->hits[i])
      used += (size_t)snprintf(text + used, size - used, " %s;", sa_coverage_name(i, name));
}

START_TEST(random_pairs_agree_in_everything_and_meet_every_class) {
  const struct sa_random_options options = {.draw = {.seed = setting("SA_TEST_SEED", SEED),
                                                     .pairs = setting("SA_TEST_PAIRS", PAIRS),
                                                     .builds = setting("SA_TEST_BUILDS", BUILDS)},
                                            .only = UINT64_MAX};
  struct sa_random_result result;
  struct sa_error error = {0};
  ck_assert_msg(sa_random_check(&options, &result, &error) == SA_OK, "%s", error.message);
  ck_assert_msg(result.mismatches == 0,
                "%" PRIu64 " pairs differ; pair %" PRIu64 ": %s; see systole check --random %" PRIu64
                " --seed %" PRIu64 " --builds %" PRIu64 " --only %" PRIu64,
                result.mismatches, result.failed_pair, result.failed, options.draw.pairs, options.draw.seed,
                options.draw.builds, result.failed_pair);
  ck_assert_uint_eq(result.pairs, options.draw.pairs);
  ck_assert_uint_ge(result.from_layers * 5, result.pairs * 2); /* half, but for machines too small for any */
  char missing[1024];
  list_missing(&result.coverage, missing, sizeof missing);
  ck_assert_msg(sa_coverage_missing(&result.coverage) == 0, "never met:%s", missing);
  sa_random_release(&result);
}
END_TEST

/* ---- Programs whose data race, which no cycle depends on ---- */

/* Other bursts, limits, latencies, bandwidths of the same ports: the build stays. */
static void change_ports(struct sa_rng *rng, struct sa_config *config) {
  for (uint32_t p = 0; p < config->memory_ports; p++) {
    struct sa_port_config *port = &config->port[p];
    port->burst_bytes = port->width_bytes << sa_rng_range(rng, 0, 4);
    port->outstanding_bursts = (uint32_t)sa_rng_range(rng, 1, 12);
    port->latency_cycles = (uint32_t)sa_rng_range(rng, 1, 60);
    port->bandwidth_bytes_per_s = port->width_bytes * config->clock_hz * sa_rng_range(rng, 1, 12) / 12;
    if (!port->bandwidth_bytes_per_s) port->bandwidth_bytes_per_s = 1;
  }
  if (config->memory_ports == 1) config->port[1] = config->port[0];
}

static void assert_agrees(const struct sa_rtl *rtl, const struct sa_config *config,
                          const struct sa_program *program, struct sa_memory *memory,
                          const struct sa_rtl_files *files, struct sa_crosscheck *check, const char *label) {
  struct sa_error error = {0};
  sa_crosscheck_init(check);
  ck_assert_msg(sa_crosscheck_run(rtl, config, program, memory, files, check, &error) == SA_OK, "%s: %s", label,
                error.message);
  ck_assert_msg(check->differences == 0, "%s: %s", label, check->first);
}

START_TEST(timing_is_the_same_whatever_the_data) {
  enum { RACING_PROGRAMS = 40 };
  const struct sa_rtl_options grid = {.grid = true};
  struct sa_rng rng;
  struct sa_rtl rtl;
  struct sa_error error = {0};
  sa_rng_init(&rng, 1);
  struct sa_config config = random_timing_config(&rng);
  ck_assert_msg(sa_config_finish(&config, &error) == SA_OK, "%s", error.message);
  ck_assert_msg(sa_rtl_open(&config, &grid, &rtl, &error) == SA_OK, "%s", error.message);
  for (uint64_t i = 0; i < RACING_PROGRAMS; i++) {
    struct sa_program program;
    struct sa_crosscheck check;
    char label[64];
    snprintf(label, sizeof label, "racing program %d", (int)i);
    sa_rng_init(&rng, 1000003 + i);
    change_ports(&rng, &config);
    ck_assert_msg(sa_config_finish(&config, &error) == SA_OK, "%s: %s", label, error.message);
    const struct random_shape shape = {.length = (unsigned)sa_rng_range(&rng, 1, 120), .layers = 1};
    random_timing_program(&rng, &config, &shape, &program);
    assert_agrees(&rtl, &config, &program, NULL, NULL, &check, label);
    sa_crosscheck_release(&check);
    sa_program_release(&program);
  }
  sa_rtl_close(&rtl);
}
END_TEST

/* ---- Another simulator ---- */

/* Small machines that are replayed: the first builds of the draw whose size allows it. */
static bool is_small(const struct sa_config *config) {
  return config->array_rows * config->array_cols <= 128 && config->buffer_bytes <= 65536;
}

enum { REPLAYED_CYCLES = 20000 }; /* longer runs are left out */

/* Replays the first pairs of a build. */
static void replay_build(const struct sa_random_draw *draw, uint64_t build, const struct sa_config *config,
                         uint64_t count) {
  struct sa_rtl rtl;
  struct sa_error error = {0};
  const struct sa_rtl_options options = {.grid = build % 2 == 1};
  ck_assert_msg(sa_rtl_open(config, &options, &rtl, &error) == SA_OK, "%s", error.message);
  char record[sizeof rtl.folder + 8], label[64];
  snprintf(record, sizeof record, "%s.record", rtl.folder);
  uint64_t done = 0;
  for (uint64_t index = 0; index < draw->pairs && done < count; index++) {
    if (sa_random_build_of(draw, index) != build) continue;
    struct sa_random_pair pair;
    struct sa_crosscheck check;
    const struct sa_rtl_files files = {.record = record};
    snprintf(label, sizeof label, "pair %d of seed %d", (int)index, (int)draw->seed);
    ck_assert_msg(sa_random_pair_draw(draw, index, NULL, &pair, &error) == SA_OK, "%s: %s", label, error.message);
    assert_agrees(&rtl, &pair.config, &pair.program, pair.memory, &files, &check, label);
    if (check.rtl.counters.cycles[0] <= REPLAYED_CYCLES) {
      rtl_replay(&pair.config, options.grid, record, &check.rtl.counters, label);
      done++;
    }
    unlink(record);
    sa_crosscheck_release(&check);
    sa_random_pair_release(&pair);
  }
  ck_assert_uint_eq(done, count);
  sa_rtl_close(&rtl);
}

START_TEST(another_simulator_finds_the_same_signals_in_every_cycle) {
  enum { MACHINES = 2, PROGRAMS = 3 };
  if (!rtl_replay_available()) return;
  const struct sa_random_draw draw = {.seed = SEED, .pairs = PAIRS, .builds = BUILDS};
  unsigned machines = 0;
  for (uint64_t build = 0; build < BUILDS && machines < MACHINES; build++) {
    struct sa_config config;
    sa_random_build(&draw, build, &config);
    if (!is_small(&config)) continue;
    replay_build(&draw, build, &config, PROGRAMS);
    machines++;
  }
  ck_assert_uint_eq(machines, MACHINES);
}
END_TEST

static Suite *rtl_suite(void) {
  Suite *suite = suite_create("RTL");
  TCase *tcase = tcase_create("random programs");
  tcase_set_timeout(tcase, 3600);
  tcase_add_test(tcase, random_pairs_agree_in_everything_and_meet_every_class);
  tcase_add_test(tcase, timing_is_the_same_whatever_the_data);
  tcase_add_test(tcase, another_simulator_finds_the_same_signals_in_every_cycle);
  suite_add_tcase(suite, tcase);
  return suite;
}

int main(void) {
  struct sa_error error;
  if (sa_rtl_available(&error) != SA_OK) {
    printf("skipped: %s\n", error.message);
    return 77;
  }
  SRunner *runner = srunner_create(rtl_suite());
  srunner_run_all(runner, CK_ENV);
  const int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
