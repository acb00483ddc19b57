/* Timelines worked out by hand from docs/machine.md: every start and end, every cause. They guard the
 * latencies that both engines share. */
#include <check.h>

#include "engine_fixture.h"
#include "test_main.h"

static struct sa_program program;
static struct fixture_record record;

static void set_up(void) { sa_program_init(&program); }
static void tear_down(void) { sa_program_release(&program); }

static void expect(uint64_t index, uint64_t start, uint64_t end) {
  ck_assert_msg(fixture_start(&record, index) == start && fixture_end(&record, index) == end,
                "instruction %llu runs from %llu to %llu, not from %llu to %llu",
                (unsigned long long)index, (unsigned long long)fixture_start(&record, index),
                (unsigned long long)fixture_end(&record, index), (unsigned long long)start,
                (unsigned long long)end);
}

static void expect_causes(const struct sa_counters *counters, const uint64_t causes[SA_CAUSES]) {
  for (int c = 0; c < SA_CAUSES; c++)
    ck_assert_msg(counters->matmul_cause[c] == causes[c], "cause %d has %llu cycles, not %llu", c,
                  (unsigned long long)counters->matmul_cause[c], (unsigned long long)causes[c]);
}

/* 2x2: S = D = 2, MM_LATENCY = 2 + 2 + 2 - 1 + 2 = 7. */
START_TEST(one_row_through_all_units_takes_49_cycles) {
  const struct sa_config config = fixture_config(2, 2);
  fixture_wload(&program, 0, 2, 2);
  fixture_load(&program, 0, 64, 2)->give_done = 1 << SA_MATMUL;
  struct sa_instr *matmul = fixture_matmul(&program, 0, 1, 2, SA_F_NEXT_TILE);
  matmul->take[SA_EV_LOAD] = 1;
  matmul->give_done = 1 << SA_VECTOR;
  struct sa_instr *vacc = fixture_vacc(&program, 4096, 1, 2);
  vacc->take[SA_EV_MATMUL_DONE] = 1;
  vacc->give_done = 1 << SA_STORE;
  fixture_store(&program, 4096, 128, 2)->take[SA_EV_VECTOR_DONE] = 1;
  const struct sa_counters counters = fixture_run(&config, &program, &record);
  /* pushed in 0, visible 1 = start, loaded 2, granted 3, bus 13, end 13 + 1 */
  expect(0, 1, 14);
  /* granted 4, bus 14 */
  expect(1, 2, 15);
  /* tile ready 15, shift 15..16, full 17; token visible 16 */
  expect(2, 17, 17 + 7);
  expect(3, 25, 25 + 8);
  /* reads in 35, presented 35 + 1 + 2 = 38, bus 48 */
  expect(4, 34, 48);
  ck_assert_uint_eq(counters.cycles[0], 49);
  expect_causes(&counters, (uint64_t[]){
      1 /* 17 */, 9 /* 25..33 */, 7 /* 18..24 */, 3 + 15 /* 0..2, 34..48 */, 13 /* 3..15 */, 0, 0,
      0, 1 /* 16 */});
  ck_assert_uint_eq(record.burst_count, 3);
  ck_assert_uint_eq(counters.dram_read_bytes[SA_CLASS_WEIGHTS], 32);
  ck_assert_uint_eq(counters.dram_write_bytes[SA_CLASS_WEIGHTS], 16);
}
END_TEST

/* Two folds of five rows with one weight register a PE. */
START_TEST(one_weight_buffer_shifts_after_the_rows_have_left) {
  struct sa_config config = fixture_config(4, 3); /* S = 4, MM_LATENCY = 2 + 4 + 3 - 1 + 2 = 10 */
  config.weight_buffers = 1;
  fixture_wload(&program, 0, 4, 3);
  fixture_wload(&program, 16, 4, 3);
  fixture_matmul(&program, 0, 5, 4, SA_F_NEXT_TILE);
  fixture_matmul(&program, 0, 5, 4, SA_F_NEXT_TILE);
  const struct sa_counters counters = fixture_run(&config, &program, &record);
  expect(0, 1, 14);
  expect(1, 3, 16); /* front end free in 3; loaded 4, granted 5, bus 15 */
  expect(2, 19, 19 + 4 + 10);
  /* last row issued in 23: the second shift in 23 + 4 + 3 - 1 = 29, full in 33 */
  expect(3, 33, 33 + 4 + 10);
  ck_assert_uint_eq(counters.cycles[0], 48);
  expect_causes(&counters, (uint64_t[]){10, 0, 10 + 5, 3, 0, 0, 0, 12, 8});
}
END_TEST

static Suite *timeline_suite(void) {
  Suite *suite = suite_create("engine timelines");
  TCase *tcase = tcase_create("by hand");
  tcase_add_checked_fixture(tcase, set_up, tear_down);
  tcase_add_test(tcase, one_row_through_all_units_takes_49_cycles);
  tcase_add_test(tcase, one_weight_buffer_shifts_after_the_rows_have_left);
  suite_add_tcase(suite, tcase);
  return suite;
}

SA_TEST_MAIN(timeline_suite)
