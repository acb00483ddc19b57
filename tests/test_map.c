/* The mapper: whatever it maps is legal, runs, and computes what the reference model computes; what it
 * refuses it refuses with a size that would do. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "engine/random.h"
#include "map/random_net.h"
#include "map_kit.h"
#include "net/net_yaml.h"
#include "test_main.h"

/* SA_TEST_NETS=N draws more random networks, SA_TEST_SEED=S from another seed on. */
static uint64_t from_environment(const char *name, uint64_t otherwise) {
  const char *text = getenv(name);
  return text ? strtoull(text, NULL, 10) : otherwise;
}

static void draw(uint64_t seed, struct sa_config *config, struct sa_net *net, struct sa_map_options *options) {
  struct sa_rng rng;
  struct sa_error error = {0};
  sa_rng_init(&rng, seed);
  sa_random_config(&rng, config);
  config->buffer_bytes <<= sa_rng_below(&rng, 10); /* from a tile of one pixel to everything resident */
  ck_assert_msg(sa_config_finish(config, &error) == SA_OK, "%s", error.message);
  ck_assert_msg(sa_random_net(&rng, 6, net, &error) == SA_OK, "%s", error.message);
  *options = (struct sa_map_options){.store_all = sa_rng_below(&rng, 100) < 80};
}

static const char *refusal = "the smallest that would do for this network is ";

START_TEST(random_networks_on_random_machines_are_legal_and_right) {
  const uint64_t first = from_environment("SA_TEST_SEED", 1), count = from_environment("SA_TEST_NETS", 150);
  for (uint64_t seed = first; seed < first + count; seed++) {
    struct sa_config config;
    struct sa_net net;
    struct sa_map_options options;
    char text[256];
    draw(seed, &config, &net, &options);
    if (!map_kit_works(&config, &net, &options, NULL, text))
      ck_assert_msg(strstr(text, refusal), "SA_TEST_SEED=%llu SA_TEST_NETS=1: %s", (unsigned long long)seed, text);
    sa_net_release(&net);
  }
}
END_TEST

/* The machine with a buffer of that size and banks as they follow from it; false if there is none. */
static bool resize(const struct sa_config *config, uint64_t bytes, struct sa_config *resized) {
  struct sa_error error;
  *resized = *config;
  resized->buffer_bytes = bytes;
  resized->buffer_banks = 0;
  return sa_config_finish(resized, &error) == SA_OK;
}

START_TEST(a_refusal_names_the_smallest_buffer_that_would_do) {
  unsigned refused = 0;
  for (uint64_t seed = 1; refused < 8; seed++) {
    ck_assert_uint_lt(seed, 5000);
    struct sa_config config;
    struct sa_net net;
    struct sa_map_options options;
    struct sa_error error = {0};
    struct sa_mapping mapping;
    draw(seed, &config, &net, &options);
    const enum sa_status status = sa_map(&config, &net, &options, &mapping, &error);
    const char *said = status == SA_OK ? NULL : strstr(error.message, refusal);
    if (status == SA_OK) sa_mapping_release(&mapping);
    if (said) {
      refused++;
      const uint64_t smallest = strtoull(said + strlen(refusal), NULL, 10);
      ck_assert_uint_gt(smallest, config.buffer_bytes);
      char text[256];
      struct sa_config enough, less;
      ck_assert(resize(&config, smallest, &enough));
      ck_assert_msg(map_kit_works(&enough, &net, &options, NULL, text), "seed %llu: %s", (unsigned long long)seed, text);
      uint64_t below = smallest - 1;
      while (below > 0 && !resize(&config, below, &less)) below--;
      if (below > 0) ck_assert_int_eq(sa_map(&less, &net, &options, &mapping, &error), SA_ERR_LIMIT);
    }
    sa_net_release(&net);
  }
}
END_TEST

static void assert_network_works(const char *machine, const char *network, const char *const *assignments,
                                 size_t count, bool store_all) {
  struct sa_config config;
  struct sa_net net;
  struct sa_error error = {0};
  char text[256];
  ck_assert_msg(sa_config_load(machine, assignments, count, &config, &error) == SA_OK, "%s", error.message);
  ck_assert_msg(sa_net_load(network, NULL, &net, &error) == SA_OK, "%s", error.message);
  const struct sa_map_options options = {.store_all = store_all};
  ck_assert_msg(map_kit_works(&config, &net, &options, NULL, text), "%s on %s: %s", network, machine, text);
  sa_net_release(&net);
}

START_TEST(the_keyword_spotter_is_right_in_every_layer) {
  assert_network_works("array8", "kws-dscnn", NULL, 0, true);
  assert_network_works("tpu-v2", "kws-dscnn", NULL, 0, true);
}
END_TEST

START_TEST(the_keyword_spotter_is_right_with_its_tensors_in_dram) {
  const char *const small[] = {"unified_buffer.size=8 KiB"};
  assert_network_works("array8", "kws-dscnn", small, 1, false);
}
END_TEST

START_TEST(a_small_residual_network_is_right_in_every_layer) {
  assert_network_works("array16", "resnet8", NULL, 0, true);
}
END_TEST

/* A text of YAML as a network, mapped to a preset with changes. */
static void assert_text_works(const char *text, const char *machine, const char *const *assignments,
                              size_t count, struct sa_counters *counters) {
  struct sa_config config;
  struct sa_net net;
  struct sa_error error = {0};
  char why[256];
  ck_assert_msg(sa_config_load(machine, assignments, count, &config, &error) == SA_OK, "%s", error.message);
  ck_assert_msg(sa_net_parse("t", text, strlen(text), NULL, &net, &error) == SA_OK, "%s", error.message);
  const struct sa_map_options options = {.store_all = true};
  ck_assert_msg(map_kit_works(&config, &net, &options, counters, why), "%s", why);
  sa_net_release(&net);
}

START_TEST(no_token_counter_overflows_with_one_accumulator_row) {
  const char *const one_row[] = {"accumulator.rows=1"};
  assert_text_works("input: {shape: [70, 70, 4]}\nlayers:\n"
                    "- {name: a, type: conv, kernel: 1, out: 4, act: relu}\n"
                    "- {name: b, type: conv, kernel: 1, out: 4, act: relu}\n",
                    "array8", one_row, 1, NULL);
}
END_TEST

START_TEST(ops_that_take_turns_may_need_different_tables) {
  const char *const few_rows[] = {"accumulator.rows=64"}; /* many tiles */
  assert_text_works("input: {shape: [32, 32, 4]}\nlayers:\n"
                    "- {name: a, type: conv, kernel: 1, out: 8, act: gelu}\n"
                    "- {name: b, type: conv, kernel: 3, pad: 1, out: 12, act: gelu}\n"
                    "- {name: c, type: act, act: tanh}\n",
                    "array8", few_rows, 1, NULL);
}
END_TEST

START_TEST(every_array_maps_from_1x1_on) {
  static const unsigned sizes[][2] = {{1, 1}, {1, 7}, {7, 1}, {3, 5}, {24, 40}, {512, 512}, {512, 3}};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    char rows[32], cols[32], lanes[32];
    snprintf(rows, sizeof rows, "array.rows=%u", sizes[i][0]);
    snprintf(cols, sizeof cols, "array.cols=%u", sizes[i][1]);
    snprintf(lanes, sizeof lanes, "vector.lanes=%u", sizes[i][1]);
    const char *const assignments[] = {rows, cols, lanes, "array.weight_shift_rows=1"};
    assert_text_works("input: {shape: [9, 7, 3]}\nlayers:\n"
                      "- {name: a, type: conv, kernel: 3, stride: 2, pad: 1, out: 11, act: relu6}\n"
                      "- {name: b, type: dwconv, kernel: 3, pad: 1, act: gelu}\n"
                      "- {name: c, type: fc, flatten: true, out: 5}\n",
                      "array8", assignments, 4, NULL);
  }
}
END_TEST

START_TEST(an_override_fixes_tile_and_order) {
  struct sa_config config;
  struct sa_net net;
  struct sa_error error = {0};
  struct sa_mapping mapping;
  const char *text = "input: {shape: [16, 16, 8]}\nlayers:\n- {name: a, type: conv, kernel: 1, out: 32}\n";
  ck_assert_int_eq(sa_config_load("array8", NULL, 0, &config, &error), SA_OK);
  ck_assert_int_eq(sa_net_parse("t", text, strlen(text), NULL, &net, &error), SA_OK);
  const struct sa_map_override override = {.layer = 1, .rows = 3, .order = SA_ORDER_N_OUTER};
  const struct sa_map_options options = {.overrides = &override, .override_count = 1};
  ck_assert_int_eq(sa_map(&config, &net, &options, &mapping, &error), SA_OK);
  ck_assert_uint_le(mapping.ops[0].rows, 3);
  ck_assert_int_eq(mapping.ops[0].order, SA_ORDER_N_OUTER);
  char why[256];
  sa_mapping_release(&mapping);
  const struct sa_map_options all = {.overrides = &override, .override_count = 1, .store_all = true};
  ck_assert_msg(map_kit_works(&config, &net, &all, NULL, why), "%s", why);
  sa_net_release(&net);
}
END_TEST

START_TEST(a_window_as_large_as_the_buffer_is_pooled_in_slices) {
  static const char *const small[] = {"unified_buffer.size=8 KiB"};
  assert_text_works("input: {shape: [40, 40, 4]}\n" /* 24 channels of 1600 bytes */
                    "layers:\n"
                    "- {name: wide, type: conv, out: 24, kernel: 1}\n"
                    "- {name: average, type: avgpool, global: true}\n"
                    "- {name: most, type: maxpool, input: wide, kernel: 20, stride: 20}\n"
                    "- {name: scaled, type: mul, inputs: [most, average]}\n",
                    "array8", small, 1, NULL);
}
END_TEST

START_TEST(narrow_groups_share_folds) {
  static const char text[] =
      "input: {shape: [12, 12, 32]}\n"
      "layers:\n"
      "- {name: one, type: conv, out: 64, kernel: 3, pad: 1, groups: 8}\n"
      "- {name: two, type: conv, out: 48, kernel: 3, pad: 1, groups: 16}\n";
  struct sa_counters merged;
  assert_text_works(text, "array32", NULL, 0, &merged);
  /* eight groups of 4 x 8: all in one fold a tap, 2 tiles of N; sixteen of 4 x 3: two times 32 x 24. Alone they
   * would take 8 x 9 and 16 x 9 folds of 144 rows. */
  ck_assert_uint_le(merged.matmul_cause[SA_CAUSE_ACTIVE], (2 * 9 + 2 * 9) * 144);
}
END_TEST

static Suite *map_suite(void) {
  Suite *suite = suite_create("map");
  TCase *random = tcase_create("random");
  tcase_set_timeout(random, 0);
  tcase_add_test(random, random_networks_on_random_machines_are_legal_and_right);
  tcase_add_test(random, a_refusal_names_the_smallest_buffer_that_would_do);
  suite_add_tcase(suite, random);
  TCase *networks = tcase_create("networks");
  tcase_set_timeout(networks, 120);
  tcase_add_test(networks, the_keyword_spotter_is_right_in_every_layer);
  tcase_add_test(networks, the_keyword_spotter_is_right_with_its_tensors_in_dram);
  tcase_add_test(networks, a_small_residual_network_is_right_in_every_layer);
  tcase_add_test(networks, no_token_counter_overflows_with_one_accumulator_row);
  tcase_add_test(networks, ops_that_take_turns_may_need_different_tables);
  tcase_add_test(networks, every_array_maps_from_1x1_on);
  tcase_add_test(networks, narrow_groups_share_folds);
  tcase_add_test(networks, a_window_as_large_as_the_buffer_is_pooled_in_slices);
  tcase_add_test(networks, an_override_fixes_tile_and_order);
  suite_add_tcase(suite, networks);
  return suite;
}

SA_TEST_MAIN(map_suite)
