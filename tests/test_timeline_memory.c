/* Timelines of the sequencer, LOAD, STORE and the arbiter, worked out by hand from docs/machine.md: each test's comment derives
 * every cycle it expects. They guard the fixed latencies and the rules that all engines share.
 *
 * Common to all: instruction i of the stream is pushed in cycle i if its queue has room, and at its
 * queue's head from i + 1. A burst of the kit's port granted in g on an idle bus: the bus is free at
 * g + 10 + 16/4, so it completes in c = g + 13. 4 x 3 array: S = D = 4, MM_LATENCY = 2+4+3-1+2 = 10. */
#include "timeline.h"

/* ---- Sequencer, queues, tokens ---- */

/* END is looked at and taken in cycle 0. */
START_TEST(an_empty_program_takes_one_cycle) {
  run();
  expect_cycles(1);
  expect_cause(SA_CAUSE_IDLE, 1);
}
END_TEST

/* Pushed in 0, head in 1, start 1, end 2. */
START_TEST(a_sync_starts_in_cycle_1_and_ends_in_cycle_2) {
  kit_sync(&kit, SA_LOAD);
  run();
  kit_expect(&kit, 0, 1, 2);
  expect_cycles(3);
}
END_TEST

/* LOAD's event is in 2, so its token is visible from 3; VECTOR's SYNC was at its head from 2. */
START_TEST(a_token_is_not_there_in_the_cycle_of_its_event_but_in_the_next) {
  kit_give(kit_sync(&kit, SA_LOAD), SA_VECTOR);
  kit_take(kit_sync(&kit, SA_VECTOR), SA_EV_LOAD);
  run();
  kit_expect(&kit, 0, 1, 2);
  kit_expect(&kit, 1, 3, 3 + 8);
}
END_TEST

/* FILL of 4 lines: 1..5, token visible from 6. Three SYNCs for VECTOR, whose queue holds one: the
 * first (1) is at the head from 2 and starts in 6. The second is refused in 2..6, since full is
 * registered, and pushed in 7, head and start in 8. The third is looked at in 8: the queue still
 * holds the second, popped in 8; pushed in 9, start 10. Blocked: 2..6 and 8, 6 cycles. */
START_TEST(a_pop_lets_a_push_happen_in_the_next_cycle) {
  kit.config.queue_depth[SA_VECTOR] = 1;
  kit_give(kit_mem(&kit, SA_OP_FILL, 0, 0, 64), SA_VECTOR);
  kit_take(kit_sync(&kit, SA_VECTOR), SA_EV_LOAD);
  kit_sync(&kit, SA_VECTOR);
  kit_sync(&kit, SA_VECTOR);
  run();
  kit_expect(&kit, 1, 6, 14);
  kit_expect(&kit, 2, 8, 16);
  kit_expect(&kit, 3, 10, 18);
  ck_assert_uint_eq(kit.counters.seq_block[SA_VECTOR], 6);
  expect_cycles(19);
}
END_TEST

/* MATMUL's SYNC starts in 1: READ in 1, DONE in 11. The taker of READ is at its head from 2 and
 * starts there; the taker of DONE starts in 12. */
START_TEST(matmul_gives_at_its_read_and_at_its_done_event) {
  struct sa_instr *sync = kit_sync(&kit, SA_MATMUL);
  kit_give_read(sync, SA_LOAD);
  kit_give(sync, SA_VECTOR);
  kit_take(kit_sync(&kit, SA_LOAD), SA_EV_MATMUL_READ);
  kit_take(kit_sync(&kit, SA_VECTOR), SA_EV_MATMUL_DONE);
  run();
  kit_expect(&kit, 0, 1, 11);
  kit_expect(&kit, 1, 2, 3);
  kit_expect(&kit, 2, 12, 20);
}
END_TEST

/* BASE is taken in 0, LOAD pushed in 1: one cycle later than without. */
START_TEST(base_takes_a_cycle_of_the_sequencer) {
  kit.program.calls[0].base[3] = 0x1000;
  kit_mem(&kit, SA_OP_LOAD, 0x20, 0, 16)->u.mem.base_reg = 3;
  run();
  kit_expect(&kit, 1, 2, 18);
  ck_assert_uint_eq(kit.bursts[0].address, 0x1020);
}
END_TEST

/* ---- LOAD ---- */

/* Start 1, active from 2, burst loaded in 2, visible and granted in 3, c = 16, written in 17. */
START_TEST(load_of_one_burst_ends_in_17) {
  kit_mem(&kit, SA_OP_LOAD, 0, 0, 16);
  run();
  kit_expect(&kit, 0, 1, 17);
  expect_grant(0, SA_LOAD, 3, 16);
  expect_cycles(18);
  ck_assert_uint_eq(kit.counters.arb_wait[SA_LOAD], 0);
}
END_TEST

/* The next burst is loaded in the cycle of the grant: grants in 3, 4, 5. The bus is free at 17, 21,
 * 25: completions 16, 20, 24. */
START_TEST(bursts_follow_each_other_every_cycle) {
  kit_mem(&kit, SA_OP_LOAD, 0, 0, 48);
  run();
  expect_grant(0, SA_LOAD, 3, 16);
  expect_grant(1, SA_LOAD, 4, 20);
  expect_grant(2, SA_LOAD, 5, 24);
  kit_expect(&kit, 0, 1, 25);
}
END_TEST

/* One credit: it is home from c + 1 = 17, the second burst is loaded in 17 and granted in 18, c = 31;
 * the third loaded in 32, granted in 33, c = 46. */
START_TEST(with_one_credit_each_burst_waits_for_the_one_before) {
  kit.config.port[0].outstanding_bursts = 1;
  kit_mem(&kit, SA_OP_LOAD, 0, 0, 48);
  run();
  expect_grant(0, SA_LOAD, 3, 16);
  expect_grant(1, SA_LOAD, 18, 31);
  expect_grant(2, SA_LOAD, 33, 46);
  kit_expect(&kit, 0, 1, 47);
}
END_TEST

/* 16/3 cycles a burst: free at 13 + 5 1/3 = 18 1/3, 23 2/3, 29; completions 18, 23, 28. */
START_TEST(fractions_of_bandwidth_are_exact) {
  kit.config.port[0].bandwidth_bytes_per_s = 3000;
  kit_mem(&kit, SA_OP_LOAD, 0, 0, 48);
  run();
  expect_grant(0, SA_LOAD, 3, 18);
  expect_grant(1, SA_LOAD, 4, 23);
  expect_grant(2, SA_LOAD, 5, 28);
}
END_TEST

/* Two LOADs of one burst at 3/2 bytes a cycle, 10 2/3 cycles a burst: the first is granted in 3, the bus
 * free at 13 + 10 2/3 = 23 2/3, c = 23. VECTOR runs `steps` steps from 2 and ends 8 cycles behind the last;
 * the second LOAD, which takes its token, starts in the next cycle and is granted two cycles later. */
static void two_loads(uint32_t steps) {
  kit.config.port[0].bandwidth_bytes_per_s = 1500;
  kit_mem(&kit, SA_OP_LOAD, 0, 0, 16);
  struct sa_instr *wait = kit_vector(&kit, SA_OP_VMOV, 1024, 2048, steps, 3);
  kit_give(wait, SA_LOAD);
  kit_take(kit_mem(&kit, SA_OP_LOAD, 64, 16, 16), SA_EV_VECTOR_DONE);
  run();
  expect_grant(0, SA_LOAD, 3, 23);
}

/* One step: 2 .. 10, the second LOAD from 11, granted in 13: 13 + 10 = 23 is before 23 2/3, so the bus is
 * still busy; free at 34 1/3, c = 34. */
START_TEST(a_bus_that_is_busy_within_the_cycle_is_busy) {
  two_loads(1);
  expect_grant(1, SA_LOAD, 13, 34);
}
END_TEST

/* Five steps: 2 .. 14, the second LOAD from 15, granted in 17: the bus idles from 23 2/3 to 27 and the
 * fraction is dropped; free at 37 2/3, c = 37. */
START_TEST(an_idle_bus_drops_its_fraction) {
  two_loads(5);
  expect_grant(1, SA_LOAD, 17, 37);
}
END_TEST

/* The last burst is loaded in 2, so the next LOAD starts in 3; loaded in 4, granted in 5, on the bus
 * behind the first: free at 21, c = 20. */
START_TEST(bursts_of_successive_loads_overlap) {
  kit_mem(&kit, SA_OP_LOAD, 0, 0, 16);
  kit_mem(&kit, SA_OP_LOAD, 64, 16, 16);
  run();
  kit_expect(&kit, 0, 1, 17);
  kit_expect(&kit, 1, 3, 21);
  expect_grant(1, SA_LOAD, 5, 20);
}
END_TEST

/* 16 bytes at 8 touch two bursts; two such rows, pitch 64: bursts at 0, 16, 64, 80. */
START_TEST(rows_are_cut_at_burst_boundaries_and_move_whole_bursts) {
  struct sa_instr *load = kit_mem(&kit, SA_OP_LOAD, 8, 0, 16);
  load->tensor_class = SA_CLASS_KV;
  load->u.mem.n1 = 2;
  load->u.mem.dram_pitch1 = 64;
  load->u.mem.ub_pitch1 = 16;
  run();
  static const uint64_t addresses[] = {0, 16, 64, 80};
  ck_assert_uint_eq(kit.burst_count, 4);
  for (size_t i = 0; i < 4; i++) ck_assert_uint_eq(kit.bursts[i].address, addresses[i]);
  ck_assert_uint_eq(kit.counters.dram_read_bytes[SA_CLASS_KV], 64);
  ck_assert_uint_eq(kit.counters.ub_write_bytes[SA_LOAD], 32);
}
END_TEST

/* L = 16: rows of 20 bytes take 2 cycles, two rows 4. Start 1, end 5; the SYNC starts in 6. */
START_TEST(fill_writes_a_line_a_cycle) {
  kit_mem(&kit, SA_OP_FILL, 0, 0, 20)->u.mem.n0 = 2;
  kit_sync(&kit, SA_LOAD);
  run();
  kit_expect(&kit, 0, 1, 5);
  kit_expect(&kit, 1, 6, 7);
  ck_assert_uint_eq(kit.counters.ub_write_bytes[SA_LOAD], 40);
}
END_TEST

/* LOAD's credit is home from 17: not in 16, but in 17 FILL starts. */
START_TEST(fill_waits_for_all_credits) {
  kit_mem(&kit, SA_OP_LOAD, 0, 0, 16);
  kit_mem(&kit, SA_OP_FILL, 0, 16, 16);
  run();
  kit_expect(&kit, 1, 17, 18);
}
END_TEST

/* ---- STORE ---- */

/* Start 1, read in 2..5, visible from 2+4+2 = 8, granted in 8, response in 21. */
START_TEST(store_of_one_burst_ends_with_its_response) {
  kit_mem(&kit, SA_OP_STORE, 0, 0, 16);
  run();
  expect_grant(0, SA_STORE, 8, 21);
  kit_expect(&kit, 0, 1, 21);
  expect_cycles(22);
}
END_TEST

/* r = 2, 6: granted in 8 and in max(6+6, 8+4) = 12. The first buffer is free from 8+4+1 = 13: r = 13,
 * visible from max(13+6, 12+4) = 19. Bus: free at 22, 26, then 29+4: completions 21, 25, 32. */
START_TEST(the_third_burst_of_a_store_waits_for_a_buffer) {
  kit_mem(&kit, SA_OP_STORE, 0, 0, 48);
  run();
  expect_grant(0, SA_STORE, 8, 21);
  expect_grant(1, SA_STORE, 12, 25);
  expect_grant(2, SA_STORE, 19, 32);
  kit_expect(&kit, 0, 1, 32);
}
END_TEST

/* r = 2; the next may start from 2+4 = 6, reads in 7, visible from 13, granted in 13, c = 26. The SYNC
 * may start from 11, but the last credit is home from 27. */
START_TEST(store_starts_behind_the_reading_of_the_one_before) {
  kit_mem(&kit, SA_OP_STORE, 0, 0, 16);
  kit_mem(&kit, SA_OP_STORE, 64, 16, 16);
  kit_sync(&kit, SA_STORE);
  run();
  kit_expect(&kit, 1, 6, 26);
  expect_grant(1, SA_STORE, 13, 26);
  kit_expect(&kit, 2, 27, 28);
}
END_TEST

/* One credit: taken in r = 2, home from c + 1 = 22: r = 22, visible from 28, c = 41. */
START_TEST(store_takes_its_credit_when_reading_begins) {
  kit.config.port[0].outstanding_bursts = 1;
  kit_mem(&kit, SA_OP_STORE, 0, 0, 32);
  run();
  expect_grant(0, SA_STORE, 8, 21);
  expect_grant(1, SA_STORE, 28, 41);
}
END_TEST

/* ---- Arbiter ---- */

/* SYNC of VECTOR ends in 1 + 8: both LOAD and WLOAD, behind its token, start in 10 and ask in 12. */
START_TEST(after_reset_the_arbiter_begins_with_load) {
  struct sa_instr *wait = kit_sync(&kit, SA_VECTOR);
  kit_give(wait, SA_LOAD);
  kit_give(wait, SA_WLOAD);
  kit_take(kit_wload(&kit, 64, 4, 3), SA_EV_VECTOR_DONE);
  kit_take(kit_mem(&kit, SA_OP_LOAD, 0, 0, 16), SA_EV_VECTOR_DONE);
  kit_matmul(&kit, 0, 1, 4, SA_F_NEXT_TILE);
  run();
  expect_grant(0, SA_LOAD, 12, 25);
  expect_grant(1, SA_WLOAD, 13, 29);
}
END_TEST

/* LOAD, 8 bursts: visible from 3. STORE (1), one burst: start 2, r = 3, visible from 9. WLOADs (2, 3) of
 * 12 bytes at 8, two bursts each: start 3, loaded in 4 and, granted, in 5, so visible from 5 and 6;
 * the second WLOAD starts in 6, loads in 7, visible from 8.
 * Cycle: requests -> granted. 3, 4: L. 5: L W -> W (last L). 6: L W -> L. 7: L W -> W. 8: L W -> L.
 * 9: L S W -> S. 10: L W -> W. 11: L W -> L. 12: L W -> W. 13, 14, 15: L.
 * L waits in 5, 7, 9, 10, 12; W in 6, 8, 9, 11. The k-th burst completes in 16 + 4k. */
START_TEST(three_requesters_share_a_port_round_robin) {
  kit.config.port[0].outstanding_bursts = 8;
  kit_mem(&kit, SA_OP_LOAD, 0, 0, 128);
  kit_mem(&kit, SA_OP_STORE, 512, 512, 16);
  kit_wload(&kit, 8, 4, 3);
  kit_wload(&kit, 8, 4, 3);
  kit_matmul(&kit, 1024, 1, 4, SA_F_NEXT_TILE);
  kit_matmul(&kit, 1024, 1, 4, SA_F_NEXT_TILE);
  run();
  static const enum sa_unit order[] = {SA_LOAD,  SA_LOAD,  SA_WLOAD, SA_LOAD,  SA_WLOAD,
                                       SA_LOAD,  SA_STORE, SA_WLOAD, SA_LOAD,  SA_WLOAD,
                                       SA_LOAD,  SA_LOAD,  SA_LOAD};
  ck_assert_uint_eq(kit.burst_count, 13);
  for (size_t k = 0; k < 13; k++) expect_grant(k, order[k], 3 + k, 16 + 4 * k);
  kit_expect(&kit, 0, 1, 65);
  kit_expect(&kit, 1, 2, 40);
  kit_expect(&kit, 2, 3, 33);
  kit_expect(&kit, 3, 6, 53);
  ck_assert_uint_eq(kit.counters.arb_wait[SA_LOAD], 5);
  ck_assert_uint_eq(kit.counters.arb_wait[SA_STORE], 0);
  ck_assert_uint_eq(kit.counters.arb_wait[SA_WLOAD], 4);
}
END_TEST

/* LOAD (0) is granted in 3. WLOAD (1): start 2, visible and granted in 4, on a bus of its own: c = 17
 * as if alone. */
START_TEST(the_weight_port_has_its_own_arbiter_and_bus) {
  kit.config.memory_ports = 2;
  kit_mem(&kit, SA_OP_LOAD, 0, 0, 64);
  kit_wload(&kit, 0, 4, 3);
  kit_matmul(&kit, 1024, 1, 4, SA_F_NEXT_TILE);
  run();
  kit_expect(&kit, 1, 2, 18);
  ck_assert_uint_eq(kit.counters.arb_wait[SA_LOAD], 0);
  ck_assert_uint_eq(kit.counters.arb_wait[SA_WLOAD], 0);
  expect_grant(1, SA_LOAD, 4, 20);
}
END_TEST

static Suite *make_suite(void) {
  const struct test_group groups[] = {
      {"sequencer", {an_empty_program_takes_one_cycle, a_sync_starts_in_cycle_1_and_ends_in_cycle_2,
                     a_token_is_not_there_in_the_cycle_of_its_event_but_in_the_next,
                     a_pop_lets_a_push_happen_in_the_next_cycle,
                     matmul_gives_at_its_read_and_at_its_done_event,
                     base_takes_a_cycle_of_the_sequencer}},
      {"load", {load_of_one_burst_ends_in_17, bursts_follow_each_other_every_cycle,
                with_one_credit_each_burst_waits_for_the_one_before, fractions_of_bandwidth_are_exact,
                a_bus_that_is_busy_within_the_cycle_is_busy, an_idle_bus_drops_its_fraction,
                bursts_of_successive_loads_overlap,
                rows_are_cut_at_burst_boundaries_and_move_whole_bursts, fill_writes_a_line_a_cycle,
                fill_waits_for_all_credits}},
      {"store", {store_of_one_burst_ends_with_its_response,
                 the_third_burst_of_a_store_waits_for_a_buffer,
                 store_starts_behind_the_reading_of_the_one_before,
                 store_takes_its_credit_when_reading_begins}},
      {"arbiter", {after_reset_the_arbiter_begins_with_load, three_requesters_share_a_port_round_robin,
                   the_weight_port_has_its_own_arbiter_and_bus}},
      {NULL, {NULL}}};
  return timeline_suite("timeline of memory", groups);
}

SA_TEST_MAIN(make_suite)
