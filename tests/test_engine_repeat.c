/* Jumps over repeated states: programs made of repeated calls give the same counters, of every layer, with jumps
 * and without, and as the cycle-by-cycle engine; and jumps are made where they can be.
 *
 * SA_TEST_SEED=N runs the program of one seed alone, SA_TEST_PROGRAMS=N that many. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"
#include "engine_random.h"
#include "map/emit.h"
#include "test_main.h"

enum { PROGRAMS = 1500, MOST_LAYERS = 1024 };

static void append(struct sa_block *block, const struct sa_instr *instr) {
  struct sa_error error;
  ck_assert_int_eq(sa_block_append(block, instr, 0, &error), SA_OK);
}

/* What the program leaves behind, tiles and tokens, is taken at its end, so that it can run again. */
static void make_repeatable(struct sa_program *program) {
  static const uint8_t syncs[SA_UNITS] = {SA_OP_LOAD_SYNC, SA_OP_STORE_SYNC, SA_OP_WLOAD_SYNC, SA_OP_MATMUL_SYNC,
                                          SA_OP_VECTOR_SYNC};
  struct sa_block *last = &program->blocks[program->block_count - 1];
  struct sa_held_tokens held = {.peak = 0};
  int tiles = 0;
  for (size_t b = 0; b < program->block_count; b++) {
    sa_hold_tokens(&program->blocks[b], &held);
    for (size_t i = 0; i < program->blocks[b].count; i++) {
      const struct sa_instr *instr = &program->blocks[b].instrs[i];
      tiles += instr->opcode == SA_OP_WLOAD || instr->opcode == SA_OP_WLOAD_UB;
      tiles -= instr->opcode == SA_OP_MATMUL && instr->flags & SA_F_NEXT_TILE;
    }
  }
  for (; tiles > 0; tiles--) {
    struct sa_instr instr = {.opcode = SA_OP_MATMUL, .flags = SA_F_NEXT_TILE};
    instr.u.matmul.n0 = instr.u.matmul.n1 = instr.u.matmul.n2 = instr.u.matmul.k_used = 1;
    append(last, &instr);
  }
  for (int u = 0; u < SA_UNITS; u++)
    for (int s = 0; s < SA_STREAMS; s++)
      while (held.count[u][s] > 0) {
        struct sa_instr instr = {.opcode = syncs[u]};
        instr.take[s] = (uint8_t)(held.count[u][s] < 15 ? held.count[u][s] : 15);
        held.count[u][s] -= instr.take[s];
        append(last, &instr);
      }
}

/* The calls of the program again and again, each time `layers` layers and some bytes further on. */
static void repeat_calls(struct sa_rng *rng, const struct sa_config *config, uint32_t layers, uint32_t times,
                         struct sa_program *program) {
  struct sa_error error;
  const size_t calls = program->call_count;
  const uint64_t burst = config->port[0].burst_bytes * (uint64_t)config->port[1].burst_bytes;
  uint64_t step[SA_BASE_REGS];
  for (int r = 0; r < SA_BASE_REGS; r++)
    step[r] = sa_rng_below(rng, 2) ? 0 : sa_rng_below(rng, 10) ? burst * sa_rng_below(rng, 9) : sa_rng_below(rng, 99);
  for (uint32_t k = 1; k < times; k++)
    for (size_t i = 0; i < calls; i++) {
      struct sa_call call = program->calls[i];
      call.first_layer += k * layers;
      for (int r = 0; r < SA_BASE_REGS; r++) call.base[r] += k * step[r];
      if (k == times - 2 && sa_rng_below(rng, 4) == 0) call.base[3] += 8192; /* the last ones differ */
      ck_assert_int_eq(sa_program_add_call(program, &call, &error), SA_OK);
    }
}

struct skips { uint64_t instructions, cycles; unsigned count; };

static void on_skip(void *user, uint64_t instructions, uint64_t cycles) {
  struct skips *skips = user;
  skips->instructions += instructions;
  skips->cycles += cycles;
  skips->count++;
}

static void assert_same(const struct sa_counters *one, const struct sa_counters *two, const char *context, int layer) {
#define SA_COUNTER(field, count, unit, meaning)                                                               \
  for (int i = 0; i < (count); i++)                                                                           \
    if (one->field[i] != two->field[i])                                                                       \
      ck_abort_msg("%s: layer %d: %s[%d] is %" PRIu64 ", not %" PRIu64, context, layer, #field, i, one->field[i], \
                   two->field[i]);
#include "machine/counters.def"
#undef SA_COUNTER
}

struct result {
  enum sa_status status;
  struct sa_error error;
  struct sa_counters counters;
  struct sa_layer_counters layers[MOST_LAYERS];
};

static void run(const struct sa_config *config, const struct sa_program *program, const struct sa_engine_options *options,
                bool with_layers, struct result *result) {
  memset(&result->error, 0, sizeof result->error);
  result->status = sa_engine_run(config, program, options, &result->counters, with_layers ? result->layers : NULL,
                                 with_layers ? MOST_LAYERS : 0, &result->error);
}

static void check_seed(uint64_t seed, struct skips *skips, uint64_t *instructions) {
  static struct result jumping, plain;
  struct sa_rng rng;
  struct sa_program program;
  struct sa_error error = {0};
  char context[40];
  snprintf(context, sizeof context, "SA_TEST_SEED=%llu", (unsigned long long)seed);
  sa_rng_init(&rng, seed);
  struct sa_config config = random_timing_config(&rng);
  ck_assert_msg(sa_config_finish(&config, &error) == SA_OK, "%s: %s", context, error.message);
  const struct random_shape shape = {.length = (unsigned)sa_rng_range(&rng, 1, 60), .layers = 5, .shares_banks = seed % 16 == 1};
  random_timing_program(&rng, &config, &shape, &program);
  make_repeatable(&program);
  static const uint32_t strides[] = {0, 1, 3, 5, 7};
  repeat_calls(&rng, &config, strides[sa_rng_below(&rng, 5)], (uint32_t)sa_rng_range(&rng, 3, 60), &program);
  const struct sa_engine_options jump = {.on_skip = on_skip, .user = skips}, every = {.every_call = true};
  const bool with_layers = seed % 5;
  run(&config, &program, &jump, with_layers, &jumping);
  run(&config, &program, &every, with_layers, &plain);
  *instructions += sa_stream_length(&program);
  ck_assert_msg(jumping.status == plain.status, "%s: %s", context, jumping.error.message);
  if (plain.status == SA_OK) {
    assert_same(&jumping.counters, &plain.counters, context, -1);
    for (int i = 0; with_layers && i < MOST_LAYERS; i++) {
      assert_same(&jumping.layers[i].counters, &plain.layers[i].counters, context, i);
      ck_assert_uint_eq(jumping.layers[i].cycles, plain.layers[i].cycles);
    }
    struct sa_counters slow;
    if (seed % 20 == 0) {
      ck_assert_int_eq(sa_engine_run_plain(&config, &program, NULL, &slow, &error), SA_OK);
      assert_same(&jumping.counters, &slow, context, -1);
    }
  } else { /* of several offences, either may be named */
    ck_assert_msg(shape.shares_banks, "%s: %s", context, plain.error.message);
  }
  sa_program_release(&program);
}

START_TEST(jumps_change_no_counter_of_any_layer) {
  const char *one = getenv("SA_TEST_SEED"), *many = getenv("SA_TEST_PROGRAMS");
  const uint64_t first = one ? strtoull(one, NULL, 10) : 1;
  const uint64_t count = one ? 1 : many ? strtoull(many, NULL, 10) : PROGRAMS;
  struct skips skips = {.count = 0};
  uint64_t instructions = 0;
  for (uint64_t seed = first; seed < first + count; seed++) check_seed(seed, &skips, &instructions);
  if (one) return;
  /* most programs come to a state that they had, and most of their instructions lie behind it */
  ck_assert_msg(2 * skips.count > count, "%u jumps in %" PRIu64 " programs", skips.count, count);
  ck_assert_msg(2 * skips.instructions > instructions, "%" PRIu64 " of %" PRIu64 " instructions passed over",
                skips.instructions, instructions);
}
END_TEST

static Suite *suite(void) {
  Suite *s = suite_create("engine_repeat");
  TCase *tc = tcase_create("engine_repeat");
  tcase_set_timeout(tc, 0);
  tcase_add_test(tc, jumps_change_no_counter_of_any_layer);
  suite_add_tcase(s, tc);
  return s;
}

SA_TEST_MAIN(suite)
