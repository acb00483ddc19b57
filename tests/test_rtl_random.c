/* The RTL against the cycle-by-cycle engine on random programs: every instruction's start and end,
 * every burst, every counter; with legal programs the memory after the run too. A few machines, each
 * built once, many programs on each.
 *
 * SA_TEST_MACHINES=N, SA_TEST_PROGRAMS=N: more of them; SA_TEST_SEED=N: first machine's seed. */
#include <check.h>
#include <stdlib.h>

#include "engine/random.h"
#include "engine_random.h"
#include "rtl_kit.h"

static uint64_t setting(const char *name, uint64_t otherwise) {
  const char *text = getenv(name);
  return text ? strtoull(text, NULL, 10) : otherwise;
}

/* Other bursts, limits, latencies, bandwidths of the same ports: the build stays. */
static void change_ports(struct sa_rng *rng, struct sa_config *config) {
  for (uint32_t p = 0; p < config->memory_ports; p++) {
    struct sa_port_config *port = &config->port[p];
    port->burst_bytes = port->width_bytes << sa_rng_range(rng, 0, 4);
    port->outstanding_bursts = (uint32_t)sa_rng_range(rng, 1, 12);
    port->latency_cycles = (uint32_t)sa_rng_range(rng, 1, 60);
    port->bandwidth_bytes_per_s =
        port->width_bytes * config->clock_hz * sa_rng_range(rng, 1, 12) / 12;
    if (!port->bandwidth_bytes_per_s) port->bandwidth_bytes_per_s = 1;
  }
  if (config->memory_ports == 1) config->port[1] = config->port[0];
}

/* Programs whose data race, which no cycle depends on. */
static void run_timing_machine(uint64_t seed, uint64_t programs) {
  struct sa_rng rng;
  struct sa_error error = {0};
  sa_rng_init(&rng, seed);
  struct sa_config config = random_timing_config(&rng);
  ck_assert_msg(sa_config_finish(&config, &error) == SA_OK, "machine %d: %s", (int)seed,
                error.message);
  struct rtl_bench bench;
  rtl_bench_open(&bench, &config, seed % 2);
  for (uint64_t i = 0; i < programs; i++) {
    struct sa_program program;
    char label[64];
    snprintf(label, sizeof label, "timing machine %d, program %d", (int)seed, (int)i);
    sa_rng_init(&rng, seed * 1000003 + i);
    change_ports(&rng, &config);
    ck_assert_msg(sa_config_finish(&config, &error) == SA_OK, "%s: %s", label, error.message);
    const struct random_shape shape = {.length = (unsigned)sa_rng_range(&rng, 1, 120), .layers = 1};
    random_timing_program(&rng, &config, &shape, &program);
    rtl_compare(&bench, &config, &program, NULL, label, NULL);
    sa_program_release(&program);
  }
  rtl_bench_close(&bench);
}

/* Small machines are replayed under another simulator. */
static bool is_small(const struct sa_config *config) {
  return config->array_rows * config->array_cols <= 128 && config->buffer_bytes <= 65536;
}

static void run_legal_machine(uint64_t seed, uint64_t programs) {
  struct sa_rng rng;
  struct sa_error error = {0};
  struct sa_config config;
  sa_rng_init(&rng, seed);
  sa_random_config(&rng, &config);
  struct rtl_bench bench;
  rtl_bench_open(&bench, &config, seed % 2);
  for (uint64_t i = 0; i < programs; i++) {
    struct sa_program program;
    struct sa_memory *memory = sa_memory_create();
    char label[64];
    snprintf(label, sizeof label, "legal machine %d, program %d", (int)seed, (int)i);
    sa_rng_init(&rng, seed * 1000003 + i);
    sa_random_timing(&rng, &config);
    sa_program_init(&program);
    ck_assert_msg(sa_random_program(&rng, &config, (uint32_t)sa_rng_range(&rng, 10, 150), &program,
                                    memory, &error) == SA_OK,
                  "%s: %s", label, error.message);
    bench.records = i < 3 && is_small(&config) && rtl_replay_available();
    rtl_compare(&bench, &config, &program, memory, label, NULL);
    if (bench.records) rtl_replay(&bench, &config, label);
    sa_program_release(&program);
    sa_memory_free(memory);
  }
  rtl_bench_close(&bench);
}

START_TEST(rtl_and_engine_agree_in_every_event_and_counter_whatever_the_data) {
  const uint64_t first = setting("SA_TEST_SEED", 1);
  const uint64_t machines = setting("SA_TEST_MACHINES", 1);
  const uint64_t programs = setting("SA_TEST_PROGRAMS", 40);
  for (uint64_t seed = first; seed < first + machines; seed++) run_timing_machine(seed, programs);
}
END_TEST

START_TEST(rtl_and_engine_agree_in_events_counters_and_memory_of_legal_programs) {
  const uint64_t first = setting("SA_TEST_SEED", 1);
  const uint64_t machines = setting("SA_TEST_MACHINES", 2);
  const uint64_t programs = setting("SA_TEST_PROGRAMS", 40);
  for (uint64_t seed = first; seed < first + machines; seed++) run_legal_machine(seed, programs);
}
END_TEST

static Suite *rtl_suite(void) {
  Suite *suite = suite_create("RTL");
  TCase *tcase = tcase_create("random programs");
  tcase_set_timeout(tcase, 3600);
  tcase_add_test(tcase, rtl_and_engine_agree_in_every_event_and_counter_whatever_the_data);
  tcase_add_test(tcase, rtl_and_engine_agree_in_events_counters_and_memory_of_legal_programs);
  suite_add_tcase(suite, tcase);
  return suite;
}

int main(void) {
  if (!rtl_available()) return 77;
  SRunner *runner = srunner_create(rtl_suite());
  srunner_run_all(runner, CK_ENV);
  const int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
