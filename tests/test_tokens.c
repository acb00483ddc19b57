/* Networks that make text and recurrent ones on machines: values of every layer against the reference model, KV
 * traffic counted by hand. */
#include <stdio.h>
#include <string.h>

#include "map_kit.h"
#include "net/net_yaml.h"
#include "report/simulate.h"
#include "test_main.h"

/* A block with rotary positions, grouped queries and a KV cache. */
#define BLOCK                                                                                         \
  "parameters: {phase: prefill, seq: 12, context: 20, heads: 4, kv_heads: 2, head: 8, layers: 2,\n"  \
  "  tokens: {prefill: seq, decode: 1}, keys: {prefill: seq, decode: context}}\n"                     \
  "input: {name: rotary, shape: [tokens, 2 * head]}\n"                                                \
  "tokens: tokens\n"                                                                                  \
  "layers:\n"                                                                                         \
  "- {name: embeddings, type: input, shape: [tokens, heads * head]}\n"                                \
  "- repeat: layers\n"                                                                                \
  "  name: block\n"                                                                                   \
  "  layers:\n"                                                                                       \
  "  - {name: wq, type: fc, input: entry, out: heads * head}\n"                                       \
  "  - {name: q_cos, type: mul, inputs: [wq, \"rotary[0:head]\"]}\n"                                  \
  "  - {name: q_sin, type: mul, inputs: [wq, \"rotary[head:2 * head]\"], rotate: true}\n"             \
  "  - {name: q, type: add, inputs: [q_cos, q_sin]}\n"                                                \
  "  - {name: wk, type: fc, input: entry, out: kv_heads * head}\n"                                    \
  "  - {name: k_cos, type: mul, inputs: [wk, \"rotary[0:head]\"]}\n"                                  \
  "  - {name: k_sin, type: mul, inputs: [wk, \"rotary[head:2 * head]\"], rotate: true}\n"             \
  "  - {name: k, type: add, inputs: [k_cos, k_sin]}\n"                                                \
  "  - {name: keys, type: cache, length: keys}\n"                                                     \
  "  - {name: wv, type: fc, input: entry, out: kv_heads * head}\n"                                    \
  "  - {name: values, type: cache, length: keys}\n"                                                   \
  "  - {name: scores, type: matmul, inputs: [q, keys], heads: heads, kv_heads: kv_heads, transpose_b: true}\n" \
  "  - {name: softmax, type: softmax}\n"                                                              \
  "  - {name: context, type: matmul, inputs: [softmax, values], heads: heads, kv_heads: kv_heads}\n"  \
  "  - {name: wo, type: fc, out: heads * head, add: entry}\n"

static struct sa_net network(const char *text, const char *setting, uint32_t batch) {
  struct sa_net net;
  struct sa_error error = {0};
  const struct sa_net_options options = {batch, &setting, setting ? 1 : 0};
  ck_assert_msg(sa_net_parse("t", text, strlen(text), &options, &net, &error) == SA_OK, "%d:%d: %s", error.line,
                error.column, error.message);
  return net;
}

static struct sa_config machine(const char *name, const char *setting) {
  struct sa_config config;
  struct sa_error error = {0};
  ck_assert_msg(sa_config_load(name, &setting, setting ? 1 : 0, &config, &error) == SA_OK, "%s", error.message);
  return config;
}

static void assert_works(const char *text, const char *setting, uint32_t batch, bool store_all) {
  static const struct { const char *name, *setting; } machines[] = {
      {"array8", NULL}, {"array8", "unified_buffer.size=4 KiB"}, {"array16", "memory.burst=64"}, {"tpu-v2", NULL}};
  for (size_t i = 0; i < sizeof machines / sizeof *machines; i++) {
    const struct sa_config config = machine(machines[i].name, machines[i].setting);
    struct sa_net net = network(text, setting, batch);
    const struct sa_map_options options = {.store_all = store_all};
    char why[256];
    ck_assert_msg(map_kit_works(&config, &net, &options, NULL, why), "%s %s, %s, batch %u: %s", machines[i].name,
                  machines[i].setting ? machines[i].setting : "", setting ? setting : "", batch, why);
    sa_net_release(&net);
  }
}

START_TEST(a_prompt_is_read_right_in_every_layer) {
  assert_works(BLOCK, NULL, 1, true);
  assert_works(BLOCK, NULL, 3, true);
  assert_works(BLOCK, "seq=1", 1, false);
}
END_TEST

START_TEST(a_token_is_made_right_in_every_layer) {
  assert_works(BLOCK, "phase=decode", 1, true);
  assert_works(BLOCK, "phase=decode", 1, false);
  assert_works(BLOCK, "phase=decode", 5, true);
}
END_TEST

START_TEST(slices_and_inputs_and_caches_may_be_cached) {
  static const char text[] = "input: {shape: [3, 12]}\nlayers:\n"
                             "- {name: a, type: cache, length: 7}\n" /* of an input */
                             "- {name: both, type: fc, input: input, out: 24}\n"
                             "- {name: keys, type: cache, input: \"both[0:12]\", length: 9}\n"
                             "- {name: values, type: cache, input: \"both[12:24]\", length: 3}\n"
                             "- {name: again, type: cache, input: values, length: 4}\n"
                             "- {name: unread, type: cache, input: both, length: 5}\n"
                             "- {name: scores, type: matmul, inputs: [input, keys], heads: 3, transpose_b: true}\n"
                             "- {name: more, type: matmul, inputs: [input, a], transpose_b: true}\n"
                             "- {name: b, type: add, inputs: [values, \"both[6:18]\"]}\n"
                             "- {name: c, type: concat, inputs: [again, a]}\n";
  struct sa_net net;
  struct sa_error error = {0};
  ck_assert_int_eq(sa_net_parse("t", text, strlen(text), NULL, &net, &error), SA_ERR_INPUT); /* 4 and 7 tokens */
  char good[sizeof text];
  strcpy(good, text);
  strstr(good, "length: 7")[8] = '4';
  assert_works(good, NULL, 1, true);
  assert_works(good, NULL, 2, false);
}
END_TEST

/* Bytes of all bursts that hold bytes [first, first + count). */
static uint64_t bursts(uint64_t first, uint64_t count, uint64_t burst) {
  return ((first + count + burst - 1) / burst - first / burst) * burst;
}

START_TEST(a_token_reads_all_keys_and_values_and_writes_its_own) {
  const struct sa_config config = machine("array16", NULL);
  const uint64_t burst = config.port[0].burst_bytes, head = 20 * 8; /* bytes of 20 tokens */
  struct sa_net net = network(BLOCK, "phase=decode", 1);
  struct sa_simulation run;
  struct sa_error error = {0};
  sa_simulation_init(&run);
  ck_assert_msg(sa_simulate(&config, &net, NULL, NULL, &run, &error) == SA_OK, "%s", error.message);
  /* two blocks, keys and values each: two heads of 20 tokens of 8 bytes, aligned to a burst; the last one is new */
  ck_assert_uint_eq(run.counters.dram_read_bytes[SA_CLASS_KV],
                    4 * (bursts(0, head, burst) + bursts(head, head, burst)));
  ck_assert_uint_eq(run.counters.dram_write_bytes[SA_CLASS_KV],
                    4 * (bursts(head - 8, 8, burst) + bursts(2 * head - 8, 8, burst)));
  sa_simulation_release(&run);
  sa_net_release(&net);
}
END_TEST

START_TEST(a_prompt_writes_its_keys_and_values_and_reads_none_that_fit_the_buffer) {
  const struct sa_config config = machine("array16", NULL);
  const uint64_t burst = config.port[0].burst_bytes;
  struct sa_net net = network(BLOCK, NULL, 1);
  struct sa_simulation run;
  struct sa_error error = {0};
  sa_simulation_init(&run);
  ck_assert_msg(sa_simulate(&config, &net, NULL, NULL, &run, &error) == SA_OK, "%s", error.message);
  ck_assert_uint_eq(run.counters.dram_read_bytes[SA_CLASS_KV], 0);
  /* tile by tile, so that tiles may share a burst */
  ck_assert_uint_ge(run.counters.dram_write_bytes[SA_CLASS_KV], 4 * bursts(0, 12 * 16, burst));
  ck_assert_uint_le(run.counters.dram_write_bytes[SA_CLASS_KV], 4 * (bursts(0, 12 * 16, burst) + burst));
  sa_simulation_release(&run);
  sa_net_release(&net);
}
END_TEST

START_TEST(grus_and_rnns_are_right_in_every_step) {
  static const char text[] = "input: {shape: [5, 19]}\nlayers:\n"
                             "- {name: a, type: gru, out: 21}\n"
                             "- {name: b, type: gru, out: 9, bias: false}\n"
                             "- {name: r, type: rnn, out: 13}\n"
                             "- {name: c, type: fc, out: 4}\n";
  assert_works(text, NULL, 1, true);
  assert_works(text, NULL, 4, true);
  static const char one[] = "input: {shape: [1, 19]}\nlayers:\n- {name: a, type: gru, out: 21}\n";
  assert_works(one, NULL, 2, true);
}
END_TEST

/* Neither can begin before the step before it has ended: the steps add up. */
START_TEST(a_recurrent_layer_takes_time_in_proportion_to_its_steps) {
  static const char *const kinds[] = {"lstm", "gru", "rnn"};
  const struct sa_config config = machine("array8", NULL);
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    uint64_t cycles[3];
    for (uint32_t k = 0; k < 3; k++) {
      char text[128];
      snprintf(text, sizeof text, "input: {shape: [%u, 8]}\nlayers: [{name: a, type: %s, out: 8}]\n", 20 + 20 * k, kinds[i]);
      struct sa_net net = network(text, NULL, 1);
      struct sa_simulation run;
      struct sa_error error = {0};
      sa_simulation_init(&run);
      ck_assert_msg(sa_simulate(&config, &net, NULL, NULL, &run, &error) == SA_OK, "%s", error.message);
      cycles[k] = run.counters.cycles[0];
      sa_simulation_release(&run);
      sa_net_release(&net);
    }
    const uint64_t twenty = cycles[1] - cycles[0];
    ck_assert_uint_gt(twenty, 20 * config.matmul_latency); /* at least the array's depth for each */
    ck_assert_uint_le(cycles[2] - cycles[1], twenty + twenty / 10);
    ck_assert_uint_ge(cycles[2] - cycles[1], twenty - twenty / 10);
  }
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("tokens");
  TCase *tcase = tcase_create("tokens");
  tcase_set_timeout(tcase, 60);
  tcase_add_test(tcase, a_prompt_is_read_right_in_every_layer);
  tcase_add_test(tcase, a_token_is_made_right_in_every_layer);
  tcase_add_test(tcase, slices_and_inputs_and_caches_may_be_cached);
  tcase_add_test(tcase, a_token_reads_all_keys_and_values_and_writes_its_own);
  tcase_add_test(tcase, a_prompt_writes_its_keys_and_values_and_reads_none_that_fit_the_buffer);
  tcase_add_test(tcase, grus_and_rnns_are_right_in_every_step);
  tcase_add_test(tcase, a_recurrent_layer_takes_time_in_proportion_to_its_steps);
  suite_add_tcase(suite, tcase);
  return suite;
}

SA_TEST_MAIN(make_suite)
