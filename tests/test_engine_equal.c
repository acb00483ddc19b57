/* The event-driven engine against the cycle-by-cycle one: every instruction's start and end, every
 * burst's grant and completion, every counter.
 *
 * SA_TEST_SEED=N runs the program of one seed alone and says where the engines part. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "engine_fixture.h"
#include "engine_random.h"
#include "test_main.h"

enum { PROGRAMS = 2000, LAYERS = 5 };

/* ck_assert writes a message whether it holds or not: not for every event. */
static struct fixture_record fast, plain;

static const char *counter_name(size_t word) {
#define SA_COUNTER(field, count, unit, meaning) \
  if (word < (count)) return #field;            \
  word -= (count);
#include "machine/counters.def"
#undef SA_COUNTER
  return "?";
}

static void check_counters(uint64_t seed, const struct sa_counters *a, const struct sa_counters *b) {
  uint64_t x[sizeof *a / 8], y[sizeof *b / 8];
  memcpy(x, a, sizeof x);
  memcpy(y, b, sizeof y);
  for (size_t i = 0; i < sizeof x / sizeof x[0]; i++)
    if (x[i] != y[i])
      ck_abort_msg("seed %llu: %s (word %zu) is %llu, cycle by cycle %llu",
                   (unsigned long long)seed, counter_name(i), i, (unsigned long long)x[i],
                   (unsigned long long)y[i]);
}

static int by_index(const void *a, const void *b) {
  const struct sa_instr_event *x = a, *y = b;
  return (x->index > y->index) - (x->index < y->index);
}

static int by_cycle(const void *a, const void *b) {
  const struct sa_burst_event *x = a, *y = b;
  if (x->cycle != y->cycle) return x->cycle < y->cycle ? -1 : 1;
  return (x->unit > y->unit) - (x->unit < y->unit);
}

static void sort_record(struct fixture_record *record) {
  qsort(record->instrs, record->instr_count, sizeof record->instrs[0], by_index);
  qsort(record->bursts, record->burst_count, sizeof record->bursts[0], by_cycle);
}

static void check_instrs(uint64_t seed) {
  sort_record(&fast);
  sort_record(&plain);
  for (size_t i = 0; i < fast.instr_count && i < plain.instr_count; i++) {
    const struct sa_instr_event *x = &fast.instrs[i], *y = &plain.instrs[i];
    if (x->index == y->index && x->unit == y->unit && x->instr == y->instr &&
        x->layer == y->layer && x->start == y->start && x->end == y->end)
      continue;
    ck_abort_msg("seed %llu: instruction %llu (opcode %02x) %llu..%llu, cycle by cycle %llu "
                  "(opcode %02x) %llu..%llu",
                  (unsigned long long)seed, (unsigned long long)x->index, x->instr->opcode,
                  (unsigned long long)x->start, (unsigned long long)x->end,
                  (unsigned long long)y->index, y->instr->opcode, (unsigned long long)y->start,
                  (unsigned long long)y->end);
  }
  ck_assert_uint_eq(fast.instr_count, plain.instr_count);
}

static void check_bursts(uint64_t seed) {
  for (size_t i = 0; i < fast.burst_count && i < plain.burst_count; i++) {
    const struct sa_burst_event *x = &fast.bursts[i], *y = &plain.bursts[i];
    if (x->unit == y->unit && x->cycle == y->cycle && x->completion == y->completion &&
        x->address == y->address && x->bytes == y->bytes && x->is_write == y->is_write &&
        x->layer == y->layer)
      continue;
    ck_abort_msg("seed %llu: burst %zu of unit %d at %llx in %llu..%llu, cycle by cycle of unit %d "
                  "at %llx in %llu..%llu",
                  (unsigned long long)seed, i, x->unit, (unsigned long long)x->address,
                  (unsigned long long)x->cycle, (unsigned long long)x->completion, y->unit,
                  (unsigned long long)y->address, (unsigned long long)y->cycle,
                  (unsigned long long)y->completion);
  }
  ck_assert_uint_eq(fast.burst_count, plain.burst_count);
}

/* Layers add up to the totals, and each charges all its cycles of MATMUL. */
static void check_layers(uint64_t seed, const struct sa_counters *total,
                         const struct sa_layer_counters layers[LAYERS]) {
  struct sa_counters sum = {0};
  uint64_t cycles = 0;
  for (int l = 0; l < LAYERS; l++) {
#define SA_COUNTER(field, count, unit, meaning) \
  for (int i = 0; i < (count); i++) sum.field[i] += layers[l].counters.field[i];
#include "machine/counters.def"
#undef SA_COUNTER
    cycles += layers[l].cycles;
  }
  sum.fifo_peak_tiles[0] = total->fifo_peak_tiles[0]; /* a maximum */
  ck_assert_uint_eq(cycles, total->cycles[0]);
  check_counters(seed, &sum, total);
  uint64_t causes = 0;
  for (int c = 0; c < SA_CAUSES; c++) causes += total->matmul_cause[c];
  ck_assert_uint_eq(causes, total->cycles[0]);
}

/* Buffer bytes that units which only write never read, and the reverse; the class without a name. */
static bool is_unused(const char *field, int i) {
  if (!strcmp(field, "ub_read_bytes")) return i == SA_LOAD;
  if (!strcmp(field, "ub_write_bytes")) return i != SA_LOAD && i != SA_VECTOR;
  return strncmp(field, "dram_", 5) == 0 && i == SA_CLASSES - 1;
}

static struct sa_counters check_seed(uint64_t seed) {
  struct sa_rng rng;
  struct sa_program program;
  struct sa_error error = {0};
  struct sa_counters counters, oracle;
  struct sa_layer_counters layers[LAYERS];
  sa_rng_init(&rng, seed);
  struct sa_config config = random_timing_config(&rng);
  ck_assert_msg(sa_config_finish(&config, &error) == SA_OK, "seed %llu: %s",
                (unsigned long long)seed, error.message);
  random_timing_program(&rng, &config, (unsigned)sa_rng_range(&rng, 1, 120), LAYERS, &program);
  const struct sa_engine_options options = fixture_options(&fast);
  ck_assert_msg(sa_engine_run(&config, &program, &options, &counters, layers, LAYERS, &error) == SA_OK,
                "seed %llu: %s", (unsigned long long)seed, error.message);
  const struct sa_engine_options plain_options = fixture_options(&plain);
  ck_assert_msg(sa_engine_run_plain(&config, &program, &plain_options, &oracle, &error) == SA_OK,
                "seed %llu, cycle by cycle: %s", (unsigned long long)seed, error.message);
  check_instrs(seed);
  check_bursts(seed);
  check_counters(seed, &counters, &oracle);
  check_layers(seed, &counters, layers);
  /* nobody listens to bursts: streams of them are granted in one loop */
  struct sa_engine_options streaming = fixture_options(&fast);
  streaming.on_burst = NULL;
  ck_assert_int_eq(sa_engine_run(&config, &program, &streaming, &counters, NULL, 0, &error), SA_OK);
  check_instrs(seed);
  check_counters(seed, &counters, &oracle);
  sa_program_release(&program);
  return counters;
}

/* Every counter moved in some program: no stall cause, no wait, no unit was left out. */
static void check_coverage(const struct sa_counters *sum) {
#define SA_COUNTER(field, count, unit, meaning) \
  for (int i = 0; i < (count); i++)             \
    ck_assert_msg(sum->field[i] || is_unused(#field, i), "no program moved %s[%d]", #field, i);
#include "machine/counters.def"
#undef SA_COUNTER
}

START_TEST(both_engines_agree_in_every_event_and_counter) {
  const char *one = getenv("SA_TEST_SEED");
  if (one) {
    check_seed(strtoull(one, NULL, 10));
    return;
  }
  const char *many = getenv("SA_TEST_PROGRAMS");
  const uint64_t count = many ? strtoull(many, NULL, 10) : PROGRAMS;
  struct sa_counters sum = {0};
  for (uint64_t seed = 1; seed <= count; seed++) {
    const struct sa_counters counters = check_seed(seed);
#define SA_COUNTER(field, words, unit, meaning) \
  for (int i = 0; i < (words); i++) sum.field[i] += counters.field[i];
#include "machine/counters.def"
#undef SA_COUNTER
  }
  check_coverage(&sum);
}
END_TEST

static Suite *equal_suite(void) {
  Suite *suite = suite_create("engine equality");
  TCase *tcase = tcase_create("random programs");
  tcase_set_timeout(tcase, 3600);
  tcase_add_test(tcase, both_engines_agree_in_every_event_and_counter);
  suite_add_tcase(suite, tcase);
  return suite;
}

SA_TEST_MAIN(equal_suite)
