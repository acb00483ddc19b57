/* What the timeline tests share: one kit, its machine of 4 x 3, and expectations. Included by the test
 * programs themselves; everything is static. */
#ifndef SA_TESTS_TIMELINE_H
#define SA_TESTS_TIMELINE_H
#include "kit.h"
#include "test_main.h"

static struct kit kit;

static void setup(void) { kit_init(&kit, 4, 3); }
static void teardown(void) { kit_release(&kit); }

static void run(void) {
  kit_finish(&kit);
  kit_run(&kit, SA_OK);
}

static inline void expect_cause(enum sa_cause cause, uint64_t cycles) {
  ck_assert_msg(kit.counters.matmul_cause[cause] == cycles, "cause %d has %llu cycles, not %llu", cause,
                (unsigned long long)kit.counters.matmul_cause[cause], (unsigned long long)cycles);
}

static inline void expect_cycles(uint64_t cycles) { ck_assert_uint_eq(kit.counters.cycles[0], cycles); }

static inline void expect_grant(size_t i, enum sa_unit unit, uint64_t grant, uint64_t completion) {
  ck_assert_uint_lt(i, kit.burst_count);
  ck_assert_int_eq(kit.bursts[i].unit, unit);
  ck_assert_uint_eq(kit.bursts[i].cycle, grant);
  ck_assert_uint_eq(kit.bursts[i].completion, completion);
}

/* A suite of groups of tests, each in the fixture; a group without tests ends the list. */
struct test_group { const char *name; const TTest *tests[12]; };

static inline Suite *timeline_suite(const char *name, const struct test_group *groups) {
  Suite *suite = suite_create(name);
  for (; groups->name; groups++) {
    TCase *tests = tcase_create(groups->name);
    tcase_add_checked_fixture(tests, setup, teardown);
    for (size_t i = 0; i < 12 && groups->tests[i]; i++) tcase_add_test(tests, groups->tests[i]);
    suite_add_tcase(suite, tests);
  }
  return suite;
}
#endif
