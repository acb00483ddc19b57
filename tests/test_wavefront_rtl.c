/* The wavefront against the Verilog, PE by PE: the worked example runs on the RTL as a grid of PE modules, and
 * what each PE has at its inputs in each cycle must be what the wavefront says. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cosim/rtl.h"
#include "report/wavefront.h"
#include "report/wavefront_gemm.h"
#include "rtl_replay.h"
#include "test_main.h"

enum { MAX_ROWS = 1000 };

enum { INPUT, ABOVE, WEIGHT, SWAP, ARRIVES, ARRIVING, SIGNALS };

/* A signal's value; `x`, which nothing has set since the power came on, is no value that anything may have. */
static int value(const char *text) { return strchr(text, 'x') ? INT_MIN : atoi(text); }

/* Each line of the probe against the wavefront. Returns the number of PEs seen at work. */
static uint64_t compare(const struct sa_wavefront *w, const char *path) {
  FILE *file = fopen(path, "r");
  ck_assert_ptr_nonnull(file);
  unsigned long long cycle;
  unsigned r, c;
  char text[SIGNALS][16];
  uint64_t lines = 0, working = 0;
  while (fscanf(file, "%llu %u %u %15s %15s %15s %15s %15s %15s", &cycle, &r, &c, text[INPUT], text[ABOVE],
                text[WEIGHT], text[SWAP], text[ARRIVES], text[ARRIVING]) == 3 + SIGNALS) {
    if (cycle >= w->cycles) continue;
    int rtl[SIGNALS];
    for (int i = 0; i < SIGNALS; i++) rtl[i] = value(text[i]);
    const struct sa_pe_state pe = sa_wavefront_pe(w, cycle, r, c);
    const bool arrives = pe.arriving_tile >= 0;
    lines++;
    ck_assert_msg(rtl[ARRIVES] == arrives && (!arrives || rtl[ARRIVING] == pe.arriving),
                  "cycle %llu PE(%u,%u): a weight arrives: %d (%d), on the RTL %d (%d)", cycle, r, c, arrives,
                  pe.arriving, rtl[ARRIVES], rtl[ARRIVING]);
    ck_assert_msg(rtl[SWAP] == (pe.activity == SA_PE_SWAP), "cycle %llu PE(%u,%u): swap on the RTL %d", cycle, r, c,
                  rtl[SWAP]);
    if (pe.row < 0) continue;
    working++;
    ck_assert_msg(rtl[INPUT] == pe.input && rtl[ABOVE] == pe.above && rtl[WEIGHT] == pe.weight,
                  "cycle %llu PE(%u,%u): %d + %d * %d, on the RTL %d + %d * %d", cycle, r, c, pe.above, pe.input,
                  pe.weight, rtl[ABOVE], rtl[INPUT], rtl[WEIGHT]);
  }
  fclose(file);
  ck_assert_uint_eq(lines, w->cycles * w->config.array_rows * w->config.array_cols);
  return working;
}

static struct sa_config machine(const char *weight_buffers) {
  struct sa_config config = {0};
  struct sa_error error = {0};
  char set[64];
  const char *const assignments[] = {set};
  snprintf(set, sizeof set, "array.weight_buffers=%s", weight_buffers);
  ck_assert_msg(sa_config_load("array4", assignments, 1, &config, &error) == SA_OK, "%s", error.message);
  return config;
}

static void check(const char *weight_buffers) {
  const struct sa_config config = machine(weight_buffers);
  struct sa_error error = {0};
  struct sa_small_gemm gemm;
  struct sa_program program;
  struct sa_wavefront w;
  struct sa_rtl rtl;
  struct sa_record record = {0};
  struct sa_memory *memory = sa_memory_create(), *copy = sa_memory_create();
  sa_program_init(&program);
  sa_wavefront_init(&w);
  ck_assert_int_eq(sa_small_gemm_example(SA_EXAMPLE_FOLDS, &gemm, &error), SA_OK);
  ck_assert_int_eq(sa_small_gemm_program(&config, &gemm, memory, &program, &error), SA_OK);
  struct sa_program again;
  sa_program_init(&again);
  ck_assert_int_eq(sa_small_gemm_program(&config, &gemm, copy, &again, &error), SA_OK);
  ck_assert_int_eq(sa_wavefront_run(&config, &again, copy, MAX_ROWS, &w, &error), SA_OK);

  ck_assert_msg(sa_rtl_open(&config, &(struct sa_rtl_options){.grid = true}, &rtl, &error) == SA_OK, "%s", error.message);
  char path[sizeof rtl.folder + 8], probed[sizeof rtl.folder + 8];
  snprintf(path, sizeof path, "%s.record", rtl.folder);
  snprintf(probed, sizeof probed, "%s.pes", rtl.folder);
  const struct sa_rtl_files files = {.record = path};
  ck_assert_msg(sa_rtl_run(&rtl, &config, &program, memory, &files, &record, NULL, &error) == SA_OK, "%s", error.message);
  ck_assert_uint_eq(record.counters.cycles[0], w.cycles);
  rtl_replay_pes(&config, path, &record.counters, probed, "wavefront");
  ck_assert_uint_eq(compare(&w, probed), 6 * SA_EXAMPLE_FOLDS * 16);

  unlink(path);
  unlink(probed);
  sa_record_release(&record);
  sa_rtl_close(&rtl);
  sa_wavefront_release(&w);
  sa_program_release(&program);
  sa_program_release(&again);
  sa_small_gemm_release(&gemm);
  sa_memory_free(memory);
  sa_memory_free(copy);
}

/* With two weight registers a PE, then with one: a build each; the
 * second one is made if SA_TEST_BUILDS=2. */
START_TEST(every_pe_of_the_rtl_does_in_every_cycle_what_the_wavefront_says) { check(_i ? "1" : "2"); }
END_TEST

static int builds(void) {
  const char *text = getenv("SA_TEST_BUILDS");
  return text && strcmp(text, "2") == 0 ? 2 : 1;
}

static Suite *make_suite(void) {
  Suite *suite = suite_create("wavefront on the RTL");
  TCase *tcase = tcase_create("wavefront on the RTL");
  tcase_set_timeout(tcase, 600);
  tcase_add_loop_test(tcase, every_pe_of_the_rtl_does_in_every_cycle_what_the_wavefront_says, 0, builds());
  suite_add_tcase(suite, tcase);
  return suite;
}

int main(void) {
  struct sa_error error;
  const bool rtl = sa_rtl_available(&error) == SA_OK;
  if (!rtl || !rtl_replay_available()) {
    printf("skipped: %s\n", rtl ? "Icarus Verilog is missing" : error.message);
    return 77;
  }
  SRunner *runner = srunner_create(make_suite());
  srunner_run_all(runner, CK_ENV);
  const int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
