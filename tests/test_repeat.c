/* Repeated blocks: mapping a few repetitions and calling the others gives the program that mapping all of
 * them gives, instruction by instruction, and the same places for all data; and it runs in the same cycles,
 * with and without jumps over repeated states.
 *
 * SA_TEST_NETS=N draws more random networks, SA_TEST_FULL=1 adds a network at full size. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "engine/engine.h"
#include "map_kit.h"
#include "net/net_yaml.h"
#include "test_main.h"

/* A machine and a network, mapped both ways. */
struct both {
  struct sa_config config;
  struct sa_net net;
  struct sa_mapping few, all;
};

static void map_both(const struct sa_map_options *options, struct both *b) {
  struct sa_error error = {0};
  struct sa_map_options every = *options;
  every.every_block = true;
  ck_assert_msg(sa_map(&b->config, &b->net, options, &b->few, &error) == SA_OK, "%s", error.message);
  ck_assert_msg(sa_map(&b->config, &b->net, &every, &b->all, &error) == SA_OK, "%s", error.message);
  ck_assert(!b->all.expanded);
}

static void release(struct both *b) {
  sa_mapping_release(&b->few);
  sa_mapping_release(&b->all);
  sa_net_release(&b->net);
}

static void load(const char *machine, const char *network, struct both *b) {
  struct sa_error error = {0};
  ck_assert_msg(sa_config_load(machine, NULL, 0, &b->config, &error) == SA_OK, "%s", error.message);
  ck_assert_msg(sa_net_load(network, NULL, &b->net, &error) == SA_OK, "%s", error.message);
}

static void assert_same_stream(const struct sa_program *one, const struct sa_program *two) {
  struct sa_stream_reader a, b;
  sa_stream_open(&a, one);
  sa_stream_open(&b, two);
  for (uint64_t i = 0;; i++) {
    uint32_t words[2][SA_INSTR_WORDS], layers[2];
    const struct sa_instr *x = sa_stream_next(&a, &layers[0]), *y = sa_stream_next(&b, &layers[1]);
    if (!x || !y) {
      ck_assert(!x && !y);
      return;
    }
    sa_instr_encode(x, words[0]);
    sa_instr_encode(y, words[1]);
    if (layers[0] != layers[1] || memcmp(words[0], words[1], sizeof words[0]) != 0)
      ck_abort_msg("instruction %llu of layer %u differs", (unsigned long long)i, layers[1]);
  }
}

static void assert_same_places(const struct sa_mapping *one, const struct sa_mapping *two) {
  ck_assert_uint_eq(one->dram_bytes, two->dram_bytes);
  ck_assert_uint_eq(one->graph.op_count, two->graph.op_count);
  ck_assert_uint_eq(one->graph.tensor_count, two->graph.tensor_count);
  for (uint32_t i = 0; i < one->graph.op_count; i++) {
    const struct sa_op_map *a = &one->ops[i], *b = &two->ops[i];
    ck_assert_uint_eq(a->fold_count, b->fold_count);
    ck_assert_uint_eq(a->n_tiles, b->n_tiles);
    ck_assert_uint_eq(a->weight_bytes, b->weight_bytes);
    ck_assert_uint_eq(a->param_bytes, b->param_bytes);
    if (a->param_bytes) ck_assert_uint_eq(a->param_addr, b->param_addr);
    ck_assert_int_eq(!a->tile_addr, !b->tile_addr);
    for (uint32_t n = 0; a->tile_addr && n < a->n_tiles; n++)
      for (uint32_t f = 0; f < a->fold_count; f++)
        ck_assert_uint_eq(sa_tile_address(a, n, f), sa_tile_address(b, n, f));
  }
  for (uint32_t i = 0; i < one->graph.tensor_count; i++) {
    const struct sa_tensor_map *a = &one->tensors[i], *b = &two->tensors[i];
    ck_assert_int_eq(a->resident, b->resident);
    ck_assert_int_eq(a->in_dram, b->in_dram);
    if (a->in_dram) ck_assert_uint_eq(a->dram_addr, b->dram_addr);
    if (a->resident) ck_assert_uint_eq(a->ub_addr, b->ub_addr);
  }
}

static void count_skips(void *user, uint64_t instructions, uint64_t cycles) {
  (void)cycles;
  *(uint64_t *)user += instructions;
}

/* All counters of all layers: the short mapping with jumps against the long one without. Returns how many
 * instructions were passed over. */
static uint64_t assert_same_run(const struct both *b) {
  const uint32_t count = b->net.layer_count;
  struct sa_layer_counters *layers[2];
  struct sa_counters totals[2];
  struct sa_error error = {0};
  uint64_t skipped = 0;
  for (int every = 0; every < 2; every++) {
    const struct sa_engine_options options = {.on_skip = count_skips, .user = &skipped, .every_call = every};
    layers[every] = calloc(count, sizeof **layers);
    ck_assert_ptr_nonnull(layers[every]);
    const struct sa_program *program = every ? &b->all.program : &b->few.program;
    ck_assert_msg(sa_engine_run(&b->config, program, &options, &totals[every], layers[every], count, &error) == SA_OK,
                  "%s", error.message);
  }
  ck_assert_mem_eq(&totals[0], &totals[1], sizeof totals[0]);
  ck_assert_mem_eq(layers[0], layers[1], count * sizeof **layers);
  free(layers[0]);
  free(layers[1]);
  return skipped;
}

static void assert_same(const char *machine, const char *network) {
  const struct sa_map_options options = {.store_all = false};
  struct both b;
  load(machine, network, &b);
  map_both(&options, &b);
  ck_assert_msg(b.few.expanded, "%s on %s: every block is mapped", network, machine);
  assert_same_stream(&b.few.program, &b.all.program);
  assert_same_places(&b.few, &b.all);
  ck_assert_uint_gt(3 * assert_same_run(&b), sa_stream_length(&b.all.program));
  release(&b);
}

START_TEST(a_few_blocks_of_a_transformer_stand_for_all) {
  assert_same("tpu-v1", "bert-base");
  assert_same("tpu-v2", "bert-large:seq=512");
  assert_same("edge64", "vit-b16");
  assert_same("tpu-v1", "gpt2");
  assert_same("edge64", "gpt2:phase=decode");
  assert_same("tpu-v2", "llama3-8b:phase=decode,width=1024,heads=8,kv_heads=2,ffn=2048,vocabulary=1000");
  assert_same("tpu-v1", "llama3-8b:seq=64,width=1024,heads=8,kv_heads=2,ffn=2048,vocabulary=1000");
}
END_TEST

/* A small transformer, its sizes drawn: some read what comes before all blocks, some have blocks without
 * attention; on machines from everything in the buffer to hardly anything. */
static void draw(uint64_t seed, struct both *b, char text[1024]) {
  static const char *const machines[] = {"array8", "array16", "array32"};
  struct sa_rng rng;
  struct sa_error error = {0};
  sa_rng_init(&rng, seed);
  const unsigned heads = 1 + (unsigned)sa_rng_below(&rng, 3), head = 4 + (unsigned)sa_rng_below(&rng, 9);
  const unsigned width = heads * head, tokens = 1 + (unsigned)sa_rng_below(&rng, 9);
  const unsigned blocks = 6 + (unsigned)sa_rng_below(&rng, 5), ffn = 5 + (unsigned)sa_rng_below(&rng, 40);
  int length = snprintf(text, 1024, "input: {shape: [%u, %u]}\nlayers:\n", tokens, width);
  if (sa_rng_below(&rng, 2)) length += snprintf(text + length, 1024 - (size_t)length, "- {name: first, type: norm}\n");
  length += snprintf(text + length, 1024 - (size_t)length,
                     "- {name: shared, type: fc, out: %u}\n"
                     "- repeat: %u\n  name: block\n  layers:\n", width, blocks);
  if (sa_rng_below(&rng, 4))
    length += snprintf(text + length, 1024 - (size_t)length,
                       "  - {name: qkv, type: fc, out: %u}\n"
                       "  - {name: scores, type: matmul, inputs: ['qkv[0:%u]', 'qkv[%u:%u]'], heads: %u, transpose_b: true}\n"
                       "  - {name: softmax, type: softmax}\n"
                       "  - {name: context, type: matmul, inputs: [softmax, 'qkv[%u:%u]'], heads: %u}\n"
                       "  - {name: proj, type: fc, out: %u, add: entry}\n",
                       3 * width, width, width, 2 * width, heads, 2 * width, 3 * width, heads, width);
  else
    length += snprintf(text + length, 1024 - (size_t)length, "  - {name: proj, type: fc, out: %u, add: %s}\n", width,
                       sa_rng_below(&rng, 2) ? "entry" : "shared");
  snprintf(text + length, 1024 - (size_t)length,
           "  - {name: norm, type: norm}\n"
           "  - {name: ffn1, type: fc, out: %u, act: %s}\n"
           "  - {name: ffn2, type: fc, out: %u, add: norm}\n"
           "%s- {name: head, type: fc, out: 11}\n",
           ffn, sa_rng_below(&rng, 2) ? "gelu" : "relu", width,
           sa_rng_below(&rng, 2) ? "- {name: last, type: norm}\n" : "");
  char size[64];
  snprintf(size, sizeof size, "unified_buffer.size=%u KiB", 1u << sa_rng_below(&rng, 7));
  const char *const small[] = {size};
  const char *machine = machines[sa_rng_below(&rng, 3)];
  ck_assert_msg(sa_config_load(machine, small, 1, &b->config, &error) == SA_OK, "%s", error.message);
  const struct sa_net_options options = {.batch = sa_rng_below(&rng, 3) ? 1 : 1 + (uint32_t)sa_rng_below(&rng, 5)};
  ck_assert_msg(sa_net_parse("text", text, strlen(text), &options, &b->net, &error) == SA_OK, "%s\n%s", error.message,
                text);
}

START_TEST(random_repeated_blocks_give_one_program_both_ways) {
  unsigned expanded = 0, mapped = 0, skipped = 0;
  const char *many = getenv("SA_TEST_NETS");
  const uint64_t count = many ? strtoull(many, NULL, 10) : 100;
  for (uint64_t seed = 1; seed <= count; seed++) {
    struct both b;
    char text[1024];
    draw(seed, &b, text);
    const struct sa_map_options options = {.store_all = seed % 3 == 0}, every = {.store_all = seed % 3 == 0, .every_block = true};
    struct sa_error error = {0};
    if (sa_map(&b.config, &b.net, &options, &b.few, &error) != SA_OK) { /* the buffer is too small, either way */
      ck_assert(sa_map(&b.config, &b.net, &every, &b.all, &error) != SA_OK);
      sa_net_release(&b.net);
      continue;
    }
    ck_assert(sa_map(&b.config, &b.net, &every, &b.all, &error) == SA_OK);
    ck_assert_msg(b.few.repeat.count >= 6 || b.net.batch > 1, "%s", text); /* parts of a batch are not repeated */
    mapped++;
    expanded += b.few.expanded;
    assert_same_stream(&b.few.program, &b.all.program);
    assert_same_places(&b.few, &b.all);
    skipped += assert_same_run(&b) > 0;
    if (seed % 4 == 0) {
      char said[256];
      ck_assert_msg(map_kit_works(&b.config, &b.net, &options, NULL, said), "%s\n%s", said, text);
    }
    release(&b);
  }
  ck_assert_uint_gt(3 * mapped, 2 * count);
  ck_assert_uint_gt(5 * expanded, 4 * mapped);
  ck_assert_uint_gt(2 * skipped, mapped);
}
END_TEST

START_TEST(a_choice_for_one_block_is_kept_for_that_block) {
  struct both b;
  struct sa_error error = {0};
  load("tpu-v1", "bert-base", &b);
  uint32_t layer = 0;
  while (strcmp(b.net.layers[layer].name, "block.7.ffn1") != 0) layer++;
  const struct sa_map_override override = {.layer = layer, .cols = 16};
  const struct sa_map_options options = {.overrides = &override, .override_count = 1};
  ck_assert_msg(sa_map(&b.config, &b.net, &options, &b.few, &error) == SA_OK, "%s", error.message);
  ck_assert(!b.few.expanded);
  unsigned smaller = 0;
  for (uint32_t i = 0; i < b.few.graph.op_count; i++) {
    const uint32_t op_layer = b.few.graph.ops[i].layer;
    if (!strstr(b.net.layers[op_layer].name, "ffn1") || b.few.ops[i].m_tiles < 4) continue;
    ck_assert_uint_eq(op_layer, layer);
    smaller++;
  }
  ck_assert_uint_eq(smaller, 1);
  sa_mapping_release(&b.few);
  sa_net_release(&b.net);
}
END_TEST

/* With SA_TEST_FULL: at full size. Mapping every block of the prefill would take 3 GB, so that its calls are
 * simulated one by one, of the short mapping. */
START_TEST(llama3_70b_is_the_same_without_short_cuts) {
  const struct sa_map_options options = {.store_all = false};
  struct sa_error error = {0};
  struct both b;
  load("tpu-v2", "llama3-70b:phase=decode", &b);
  map_both(&options, &b);
  ck_assert(b.few.expanded);
  assert_same_stream(&b.few.program, &b.all.program);
  assert_same_places(&b.few, &b.all);
  ck_assert_uint_gt(4 * assert_same_run(&b), 3 * sa_stream_length(&b.all.program));
  release(&b);
  load("tpu-v2", "llama3-70b", &b);
  ck_assert_msg(sa_map(&b.config, &b.net, &options, &b.few, &error) == SA_OK, "%s", error.message);
  sa_mapping_init(&b.all);
  ck_assert(b.few.expanded);
  b.all.program = b.few.program;
  ck_assert_uint_gt(4 * assert_same_run(&b), 3 * sa_stream_length(&b.few.program));
  sa_program_init(&b.all.program);
  release(&b);
}
END_TEST

static Suite *suite(void) {
  Suite *s = suite_create("repeat");
  TCase *tc = tcase_create("repeat");
  tcase_add_test(tc, a_few_blocks_of_a_transformer_stand_for_all);
  tcase_add_test(tc, random_repeated_blocks_give_one_program_both_ways);
  tcase_add_test(tc, a_choice_for_one_block_is_kept_for_that_block);
  if (getenv("SA_TEST_FULL")) tcase_add_test(tc, llama3_70b_is_the_same_without_short_cuts);
  tcase_set_timeout(tc, 600);
  suite_add_tcase(s, tc);
  return s;
}

SA_TEST_MAIN(suite)
