/* Random machines and programs: legal, the same for the same seed, equal on both engines. A failure
 * names the seed; tests/test_random prints nothing else. */
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "both_engines.h"
#include "engine/coverage.h"
#include "engine/exec.h"
#include "engine/random.h"
#include "program/check.h"
#include "test_main.h"

struct random_case {
  struct sa_config config;
  struct sa_program program;
  struct sa_memory *memory;
};

static void draw(struct random_case *c, uint64_t seed) {
  struct sa_rng rng;
  struct sa_error error;
  sa_rng_init(&rng, seed);
  sa_random_config(&rng, &c->config);
  sa_program_init(&c->program);
  c->memory = sa_memory_create();
  ck_assert_ptr_nonnull(c->memory);
  const uint32_t instructions = (uint32_t)sa_rng_range(&rng, 10, 200);
  const enum sa_status status =
      sa_random_program(&rng, &c->config, instructions, &c->program, c->memory, &error);
  ck_assert_msg(status == SA_OK, "seed %llu: %s", (unsigned long long)seed, error.message);
}

static void release(struct random_case *c) {
  sa_program_release(&c->program);
  sa_memory_free(c->memory);
}

START_TEST(random_programs_are_legal) {
  for (uint64_t seed = 0; seed < 400; seed++) {
    struct random_case c;
    struct sa_error error;
    draw(&c, seed);
    const enum sa_status status = sa_program_check(&c.config, &c.program, &error);
    ck_assert_msg(status == SA_OK, "seed %llu: %s", (unsigned long long)seed, error.message);
    release(&c);
  }
}
END_TEST

START_TEST(random_programs_run_the_same_on_both_engines_and_leave_no_class_out) {
  struct sa_coverage coverage;
  sa_coverage_init(&coverage);
  for (uint64_t seed = 1000; seed < 1400; seed++) {
    struct random_case c;
    struct engine_run run;
    char context[40];
    draw(&c, seed);
    snprintf(context, sizeof context, "seed %llu", (unsigned long long)seed);
    both_engines_run(&c.config, &c.program, context, &run);
    ck_assert_msg(run.status == SA_OK, "%s: %s", context, run.error.message);
    sa_coverage_add(&coverage, &c.config, &c.program, &run.counters);
    engine_run_release(&run);
    release(&c);
  }
  if (sa_coverage_missing(&coverage)) {
    sa_coverage_write(&coverage, stderr);
    ck_abort_msg("%zu classes are left out", sa_coverage_missing(&coverage));
  }
}
END_TEST

/* The same program on other memories: only times change. */
START_TEST(other_timing_gives_equal_engines_too) {
  for (uint64_t seed = 2000; seed < 2050; seed++) {
    struct random_case c;
    struct sa_rng rng;
    draw(&c, seed);
    sa_rng_init(&rng, seed);
    for (int i = 0; i < 3; i++) {
      struct engine_run run;
      sa_random_timing(&rng, &c.config);
      both_engines_run(&c.config, &c.program, "other timing", &run);
      ck_assert_msg(run.status == SA_OK, "seed %llu: %s", (unsigned long long)seed, run.error.message);
      engine_run_release(&run);
    }
    release(&c);
  }
}
END_TEST

static void hash_buffer(void *user, uint64_t index, const struct sa_instr *instr,
                        const struct sa_exec_state *state) {
  uint64_t *hash = user;
  (void)instr;
  *hash = sa_hash_u64(*hash, index);
  *hash = sa_hash_bytes(*hash, state->buffer, 32);
}

static uint64_t value_hash(uint64_t seed) {
  struct random_case c;
  struct sa_error error;
  draw(&c, seed);
  uint64_t hash = SA_HASH_INIT;
  const enum sa_status status =
      sa_exec_run(&c.config, &c.program, c.memory, hash_buffer, &hash, &error);
  ck_assert_msg(status == SA_OK, "seed %llu: %s", (unsigned long long)seed, error.message);
  release(&c);
  return hash;
}

START_TEST(a_seed_is_one_program_with_one_result) {
  for (uint64_t seed = 0; seed < 50; seed++) {
    ck_assert_uint_eq(value_hash(seed), value_hash(seed));
    ck_assert_uint_ne(value_hash(seed), value_hash(seed + 1));
  }
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("random");
  TCase *tests = tcase_create("random");
  tcase_set_timeout(tests, 120);
  tcase_add_test(tests, random_programs_are_legal);
  tcase_add_test(tests, random_programs_run_the_same_on_both_engines_and_leave_no_class_out);
  tcase_add_test(tests, other_timing_gives_equal_engines_too);
  tcase_add_test(tests, a_seed_is_one_program_with_one_result);
  suite_add_tcase(suite, tests);
  return suite;
}

SA_TEST_MAIN(make_suite)
