/* The event-driven engine against the cycle-by-cycle one, on random programs.
 *
 * SA_TEST_SEED=N runs the program of one seed alone, SA_TEST_PROGRAMS=N that many. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "both_engines.h"
#include "engine_random.h"
#include "test_main.h"

enum { PROGRAMS = 2000, LAYERS = 5 };

/* Buffer bytes of units that never read, or never write; the tensor class without a name. */
static bool is_unused(const char *field, int i) {
  if (!strcmp(field, "ub_read_bytes")) return i == SA_LOAD;
  if (!strcmp(field, "ub_write_bytes")) return i != SA_LOAD && i != SA_VECTOR;
  return strncmp(field, "dram_", 5) == 0 && i == SA_CLASSES - 1;
}

struct coverage {
  struct sa_counters sum;
  uint64_t shares_banks, illegal; /* programs that might break the bank rule, and that did */
};

/* Every counter moved in some program: no stall cause, no wait, no unit was left out. */
static void check_coverage(const struct coverage *coverage) {
  const uint64_t legal = coverage->shares_banks - coverage->illegal;
  if (coverage->illegal < 100 || legal < 100)
    ck_abort_msg("%d programs broke the bank rule, %d kept it", (int)coverage->illegal, (int)legal);
#define SA_COUNTER(field, count, unit, meaning)                  \
  for (int i = 0; i < (count); i++)                              \
    if (!coverage->sum.field[i] && !is_unused(#field, i)) \
      ck_abort_msg("no program moved %s[%d]", #field, i);
#include "machine/counters.def"
#undef SA_COUNTER
}

static void add_counters(struct sa_counters *sum, const struct sa_counters *part) {
#define SA_COUNTER(field, count, unit, meaning) \
  for (int i = 0; i < (count); i++) sum->field[i] += part->field[i];
#include "machine/counters.def"
#undef SA_COUNTER
}

/* Most programs are short; some are long enough for every ring to grow and for the accounts to be
 * settled on the way; some break the bank rule. */
static struct random_shape shape_of(uint64_t seed, struct sa_rng *rng) {
  struct random_shape shape = {.layers = LAYERS};
  shape.shares_banks = seed % 4 == 1; /* short: about half of them break the rule */
  shape.length = (unsigned)(shape.shares_banks ? sa_rng_range(rng, 2, 16)
                            : seed % 100 == 0  ? sa_rng_range(rng, 2000, 6000)
                                               : sa_rng_range(rng, 1, 120));
  return shape;
}

static void check_seed(uint64_t seed, struct coverage *coverage) {
  struct sa_rng rng;
  struct sa_program program;
  struct sa_error error = {0};
  struct engine_run run;
  char context[40];
  snprintf(context, sizeof context, "SA_TEST_SEED=%llu", (unsigned long long)seed);
  sa_rng_init(&rng, seed);
  struct sa_config config = random_timing_config(&rng);
  if (sa_config_finish(&config, &error) != SA_OK) ck_abort_msg("%s: %s", context, error.message);
  const struct random_shape shape = shape_of(seed, &rng);
  coverage->shares_banks += shape.shares_banks;
  random_timing_program(&rng, &config, &shape, &program);
  both_engines_run(&config, &program, context, &run);
  if (run.status == SA_OK) {
    add_counters(&coverage->sum, &run.counters);
  } else if (run.status == SA_ERR_ILLEGAL && shape.shares_banks) {
    coverage->illegal++;
  } else {
    ck_abort_msg("%s: %s", context, run.error.message);
  }
  engine_run_release(&run);
  sa_program_release(&program);
}

START_TEST(both_engines_agree_in_every_event_and_counter) {
  const char *one = getenv("SA_TEST_SEED"), *many = getenv("SA_TEST_PROGRAMS");
  const uint64_t first = one ? strtoull(one, NULL, 10) : 1;
  const uint64_t count = one ? 1 : many ? strtoull(many, NULL, 10) : PROGRAMS;
  struct coverage coverage = {.illegal = 0};
  for (uint64_t seed = first; seed < first + count; seed++) check_seed(seed, &coverage);
  if (count >= PROGRAMS) check_coverage(&coverage);
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
