/* The mapper as a search: what it finds is what a run gives, never slower than the default, and the same
 * for any number of workers. */
#include <string.h>

#include "net/net_yaml.h"
#include "report/search.h"
#include "test_main.h"

static struct sa_config config;
static struct sa_net net;
static struct sa_error error;

static void load(const char *machine, const char *network) {
  ck_assert_msg(sa_config_load(machine, NULL, 0, &config, &error) == SA_OK, "%s", error.message);
  ck_assert_msg(sa_net_load(network, NULL, &net, &error) == SA_OK, "%s", error.message);
}

static void search_with(unsigned jobs, uint32_t limit, const struct sa_map_options *fixed, struct sa_search *search) {
  const struct sa_search_options options = {.jobs = jobs, .limit = limit};
  ck_assert_msg(sa_search_mapping(&config, &net, fixed, &options, search, &error) == SA_OK, "%s", error.message);
}

/* Cycles of the network, and of each layer. */
static uint64_t simulate(const struct sa_map_options *map, struct sa_simulation *run) {
  sa_simulation_init(run);
  ck_assert_msg(sa_simulate(&config, &net, map, NULL, run, &error) == SA_OK, "%s", error.message);
  return run->counters.cycles[0];
}

static void tear_down(void) { sa_net_release(&net); }

static const struct { const char *machine, *network; } CASES[] = {
    {"array8", "lenet5"}, {"array16", "resnet8"}, {"edge64", "kws-dscnn"}, {"array8", "lstm"}};

START_TEST(what_is_found_is_what_a_run_gives_and_never_slower) {
  struct sa_search search;
  struct sa_simulation run;
  load(CASES[_i].machine, CASES[_i].network);
  search_with(2, 0, NULL, &search);
  const struct sa_map_options found = {.overrides = search.overrides, .override_count = search.override_count};
  ck_assert_uint_eq(simulate(&found, &run), search.cycles);
  sa_simulation_release(&run);
  ck_assert_uint_eq(simulate(NULL, &run), search.default_cycles);
  ck_assert_uint_le(search.cycles, search.default_cycles);
  ck_assert_uint_eq(search.override_count > 0, search.cycles < search.default_cycles);
  for (uint32_t i = 0; i < net.layer_count; i++)
    ck_assert_uint_eq(search.layer_default_cycles[i], run.layers[i].cycles);
  sa_simulation_release(&run);
  ck_assert(search.complete);
  sa_search_release(&search);
}
END_TEST

START_TEST(a_search_gains_where_the_estimate_errs) {
  struct sa_search search;
  load("array8", "lenet5");
  search_with(1, 0, NULL, &search);
  ck_assert_uint_lt(search.cycles, search.default_cycles);
  sa_search_release(&search);
}
END_TEST

/* After a complete search no single choice of any layer is faster: each is tried again here. */
START_TEST(no_single_choice_beats_a_complete_search) {
  struct sa_search search;
  struct sa_simulation run;
  load("array8", "lenet5");
  search_with(2, 0, NULL, &search);
  ck_assert(search.complete);
  struct sa_map_override *trial = calloc(net.layer_count + 1, sizeof *trial);
  ck_assert_ptr_nonnull(trial);
  unsigned tried = 0;
  for (uint32_t layer = 0; layer < net.layer_count; layer++)
    for (uint32_t choice = 1; choice <= 8; choice++, tried++) {
      struct sa_map_options options = {.overrides = trial};
      trial[options.override_count++] = (struct sa_map_override){.layer = layer, .choice = choice};
      for (size_t i = 0; i < search.override_count; i++)
        if (search.overrides[i].layer != layer) trial[options.override_count++] = search.overrides[i];
      ck_assert_uint_ge(simulate(&options, &run), search.cycles);
      sa_simulation_release(&run);
    }
  ck_assert_uint_ge(tried, 8);
  free(trial);
  sa_search_release(&search);
}
END_TEST

START_TEST(workers_change_nothing) {
  struct sa_search one, five;
  load("array16", "resnet8");
  search_with(1, 0, NULL, &one);
  search_with(5, 0, NULL, &five);
  ck_assert_uint_eq(one.runs, five.runs);
  ck_assert_uint_eq(one.override_count, five.override_count);
  ck_assert_mem_eq(one.overrides, five.overrides, one.override_count * sizeof *one.overrides);
  sa_search_release(&one);
  sa_search_release(&five);
}
END_TEST

START_TEST(the_limit_is_kept) {
  struct sa_search search;
  load("array16", "resnet8");
  search_with(2, 7, NULL, &search);
  ck_assert_uint_eq(search.runs, 7);
  ck_assert(!search.complete);
  sa_search_release(&search);
}
END_TEST

START_TEST(layers_that_the_user_fixes_stay) {
  struct sa_search search;
  load("array8", "lenet5");
  struct sa_map_override fixed[64];
  ck_assert_uint_le(net.layer_count, 64);
  for (uint32_t i = 0; i < net.layer_count; i++) fixed[i] = (struct sa_map_override){.layer = i, .rows = 1};
  const struct sa_map_options options = {.overrides = fixed, .override_count = net.layer_count};
  search_with(1, 0, &options, &search);
  ck_assert_uint_eq(search.runs, 1);
  ck_assert_uint_eq(search.override_count, net.layer_count);
  ck_assert_mem_eq(search.overrides, fixed, net.layer_count * sizeof *fixed);
  sa_search_release(&search);
}
END_TEST

static bool stop_at_once(void *user, uint32_t runs, uint32_t limit) {
  (void)limit;
  *(uint32_t *)user = runs;
  return true;
}

START_TEST(a_search_that_is_stopped_keeps_what_it_has) {
  struct sa_search search;
  uint32_t runs = 0;
  load("array8", "lenet5");
  const struct sa_search_options options = {.jobs = 1, .on_progress = stop_at_once, .user = &runs};
  ck_assert_int_eq(sa_search_mapping(&config, &net, NULL, &options, &search, &error), SA_OK);
  ck_assert_uint_eq(runs, 1);
  ck_assert(!search.complete);
  ck_assert_uint_eq(search.cycles, search.default_cycles);
  sa_search_release(&search);
}
END_TEST

static Suite *search_suite(void) {
  Suite *suite = suite_create("search");
  TCase *tcase = tcase_create("search");
  tcase_set_timeout(tcase, 120);
  tcase_add_checked_fixture(tcase, NULL, tear_down);
  tcase_add_loop_test(tcase, what_is_found_is_what_a_run_gives_and_never_slower, 0, sizeof CASES / sizeof *CASES);
  tcase_add_test(tcase, a_search_gains_where_the_estimate_errs);
  tcase_add_test(tcase, no_single_choice_beats_a_complete_search);
  tcase_add_test(tcase, workers_change_nothing);
  tcase_add_test(tcase, the_limit_is_kept);
  tcase_add_test(tcase, layers_that_the_user_fixes_stay);
  tcase_add_test(tcase, a_search_that_is_stopped_keeps_what_it_has);
  suite_add_tcase(suite, tcase);
  return suite;
}

SA_TEST_MAIN(search_suite)
