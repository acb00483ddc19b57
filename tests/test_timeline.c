/* Timelines worked out by hand from docs/machine.md: each test's comment derives every cycle it
 * expects. They guard the fixed latencies and the rules that all engines share.
 *
 * Common to all: instruction i of the stream is pushed in cycle i if its queue has room, and at its
 * queue's head from i + 1. A burst of the kit's port granted in g on an idle bus: the bus is free at
 * g + 10 + 16/4, so it completes in c = g + 13. 4 x 3 array: S = D = 4, MM_LATENCY = 2+4+3-1+2 = 10. */
#include "kit.h"
#include "test_main.h"

static struct kit kit;

static void setup(void) { kit_init(&kit, 4, 3); }
static void teardown(void) { kit_release(&kit); }

static void run(void) {
  kit_finish(&kit);
  kit_run(&kit, SA_OK);
}

static void expect_cause(enum sa_cause cause, uint64_t cycles) {
  ck_assert_msg(kit.counters.matmul_cause[cause] == cycles, "cause %d has %llu cycles, not %llu", cause,
                (unsigned long long)kit.counters.matmul_cause[cause], (unsigned long long)cycles);
}

static void expect_cycles(uint64_t cycles) { ck_assert_uint_eq(kit.counters.cycles[0], cycles); }

static void expect_grant(size_t i, enum sa_unit unit, uint64_t grant, uint64_t completion) {
  ck_assert_uint_lt(i, kit.burst_count);
  ck_assert_int_eq(kit.bursts[i].unit, unit);
  ck_assert_uint_eq(kit.bursts[i].cycle, grant);
  ck_assert_uint_eq(kit.bursts[i].completion, completion);
}

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

/* ---- Weights and MATMUL ---- */

/* WLOAD ends in 17; ready and shift from 18, full from 22 = 18 + S. Rows in 22..26, end 26 + 10.
 * MATMUL is at its head from 2: idle 0..1, weight stall 2..17, shift 18..21, active 22..26, drain
 * 27..36. */
START_TEST(one_matmul_by_causes) {
  kit_wload(&kit, 0, 4, 3);
  kit_matmul(&kit, 0, 5, 4, SA_F_NEXT_TILE);
  run();
  kit_expect(&kit, 0, 1, 17);
  kit_expect(&kit, 1, 22, 36);
  expect_cycles(37);
  expect_cause(SA_CAUSE_IDLE, 2);
  expect_cause(SA_CAUSE_WEIGHT_STALL, 16);
  expect_cause(SA_CAUSE_WEIGHT_SHIFT, 4);
  expect_cause(SA_CAUSE_ACTIVE, 5);
  expect_cause(SA_CAUSE_DRAIN, 10);
  ck_assert_uint_eq(kit.counters.macs_occupied[0], 60);
  ck_assert_uint_eq(kit.counters.fifo_peak_tiles[0], 1);
}
END_TEST

/* The second tile ends in 21, ready from 22. The first MATMUL starts in 22 and consumes the shadow, so
 * the second tile's shift begins in 22 and is full from 26. Six rows: next start 28. */
static void two_tiles(uint32_t rows) {
  kit_wload(&kit, 0, 4, 3);
  kit_wload(&kit, 16, 4, 3);
  kit_matmul(&kit, 0, rows, 4, SA_F_NEXT_TILE);
  kit_matmul(&kit, 0, rows, 4, SA_F_NEXT_TILE | SA_F_ACCUMULATE);
  run();
  kit_expect(&kit, 1, 3, 21);
}

START_TEST(tiles_follow_each_other_after_their_rows) {
  two_tiles(6);
  kit_expect(&kit, 2, 22, 22 + 5 + 10);
  kit_expect(&kit, 3, 28, 28 + 5 + 10);
  expect_cause(SA_CAUSE_WEIGHT_SHIFT, 4);
}
END_TEST

/* Two rows, 22..23: the shadow is full from 26 only. Shift 18..21 and 24..25. */
START_TEST(tiles_follow_each_other_after_the_shift) {
  two_tiles(2);
  kit_expect(&kit, 2, 22, 22 + 1 + 10);
  kit_expect(&kit, 3, 26, 26 + 1 + 10);
  expect_cause(SA_CAUSE_WEIGHT_SHIFT, 6);
  ck_assert_uint_eq(kit.counters.acc_row_writes[0], 4);
  ck_assert_uint_eq(kit.counters.acc_row_adds[0], 2);
}
END_TEST

/* S = ceil(4/3) = 2: full from 20. */
START_TEST(more_row_buses_shift_faster) {
  kit.config.weight_shift_rows = 3;
  kit_wload(&kit, 0, 4, 3);
  kit_matmul(&kit, 0, 1, 4, SA_F_NEXT_TILE);
  run();
  kit_expect(&kit, 1, 20, 30);
}
END_TEST

/* First fold as above: 22..26, tl = 26. The second tile, ready from 22, may shift from tl + 4+3-1 = 32,
 * full from 36 = 22 + 2R+C+M-2. MATMUL at its head from 3: idle 0..2, weight stall 3..17, shift 18..21,
 * active 22..26, drain 27..31, shift 32..35, active 36..40, drain 41..50. */
START_TEST(with_one_weight_buffer_a_fold_takes_2R_C_M_minus_2) {
  kit.config.weight_buffers = 1;
  kit_wload(&kit, 0, 4, 3);
  kit_wload(&kit, 16, 4, 3);
  kit_matmul(&kit, 0, 5, 4, SA_F_NEXT_TILE);
  kit_matmul(&kit, 0, 5, 4, SA_F_NEXT_TILE);
  run();
  kit_expect(&kit, 2, 22, 36);
  kit_expect(&kit, 3, 22 + 2 * 4 + 3 + 5 - 2, 50);
  expect_cause(SA_CAUSE_IDLE, 3);
  expect_cause(SA_CAUSE_WEIGHT_STALL, 15);
  expect_cause(SA_CAUSE_WEIGHT_SHIFT, 8);
  expect_cause(SA_CAUSE_ACTIVE, 10);
  expect_cause(SA_CAUSE_DRAIN, 15);
}
END_TEST

/* One slot: the first tile's shift begins in 18, the slot is free from 18 + D = 22. The second WLOAD
 * starts in 22, loads in 23, granted in 24, c = 37, ready from 39. */
START_TEST(a_slot_is_free_D_cycles_behind_the_start_of_the_shift) {
  kit.config.weight_fifo_tiles = 1;
  kit_wload(&kit, 0, 4, 3);
  kit_wload(&kit, 16, 4, 3);
  kit_matmul(&kit, 0, 1, 4, SA_F_NEXT_TILE);
  kit_matmul(&kit, 0, 1, 4, SA_F_NEXT_TILE);
  run();
  kit_expect(&kit, 1, 22, 38);
  kit_expect(&kit, 2, 22, 32);
  kit_expect(&kit, 3, 39 + 4, 53);
  ck_assert_uint_eq(kit.counters.fifo_peak_tiles[0], 1);
}
END_TEST

/* Natural: 4 rows in 2..5, end 5+2 = 7. Transposed: from 1+4+1 = 6, 3 rows, end 6+3+2 = 11. A diagonal
 * one waits for a slot: the first shift begins in 8, its slot is free from 12: one row, end 12+1+2 =
 * 15. SYNC: from 12+1+1 = 14, but t > 15. MATMULs take the tiles: the first starts in 12 (8 + S) and
 * the second tile, ready from 12, shifts in 12, full from 16. */
START_TEST(a_tile_from_the_buffer_takes_a_row_a_cycle) {
  kit_wload_ub(&kit, 0, 4, 3, 0);
  kit_wload_ub(&kit, 0, 4, 3, SA_F_TRANSPOSED);
  kit_wload_ub(&kit, 0, 3, 3, SA_F_DIAGONAL);
  kit_sync(&kit, SA_WLOAD);
  for (int i = 0; i < 3; i++) kit_matmul(&kit, 1024, 1, 4, SA_F_NEXT_TILE);
  run();
  kit_expect(&kit, 0, 1, 7);
  kit_expect(&kit, 1, 6, 11);
  kit_expect(&kit, 2, 12, 15);
  kit_expect(&kit, 3, 16, 17);
  kit_expect(&kit, 4, 12, 22);
  kit_expect(&kit, 5, 16, 26);
  ck_assert_uint_eq(kit.counters.ub_read_bytes[SA_WLOAD], 12 + 12 + 3);
  ck_assert_uint_eq(kit.counters.fifo_write_bytes[0], 27);
  ck_assert_uint_eq(kit.counters.fifo_read_bytes[0], 27);
}
END_TEST

/* WLOAD's burst is granted in 3, c = 16, credit home from 17: WLOAD_UB starts in 17, not at 3. */
START_TEST(a_tile_from_the_buffer_waits_for_the_credits) {
  kit_wload(&kit, 0, 4, 3);
  kit_wload_ub(&kit, 0, 4, 3, 0);
  kit_matmul(&kit, 1024, 1, 4, SA_F_NEXT_TILE);
  kit_matmul(&kit, 1024, 1, 4, SA_F_NEXT_TILE);
  run();
  kit_expect(&kit, 1, 17, 23);
}
END_TEST

/* ---- Causes ---- */

/* FILL 1..5, token from 6. SYNC at MATMUL's head from 2: input stall 2..5, idle in 6, where it starts,
 * and, no row ever issued, idle to its end in 16. */
START_TEST(waiting_for_load_is_an_input_stall) {
  kit_give(kit_mem(&kit, SA_OP_FILL, 0, 0, 64), SA_MATMUL);
  kit_take(kit_sync(&kit, SA_MATMUL), SA_EV_LOAD);
  run();
  kit_expect(&kit, 1, 6, 16);
  expect_cause(SA_CAUSE_INPUT_STALL, 4);
  expect_cause(SA_CAUSE_IDLE, 13);
}
END_TEST

/* VMOV of 12 steps: 1..12, READ in 12, end 20. DONE's token is visible from 21: RAW stall 2..20. */
START_TEST(waiting_for_vectors_results_is_a_raw_stall) {
  kit_give(kit_vector(&kit, SA_OP_VMOV, 0, 1024, 12, 3), SA_MATMUL);
  kit_take(kit_sync(&kit, SA_MATMUL), SA_EV_VECTOR_DONE);
  run();
  kit_expect(&kit, 1, 21, 31);
  expect_cause(SA_CAUSE_RAW_STALL, 19);
  expect_cause(SA_CAUSE_NON_MATRIX, 1); /* 1: VECTOR busy, MATMUL's queue empty */
  expect_cause(SA_CAUSE_IDLE, 12);      /* 0, and 21..31 */
}
END_TEST

/* READ in 12: token from 13, accumulator stall 2..12. In 13 the SYNC starts: idle. 14..20: VECTOR is
 * busy to its end in 20. 21..23: idle. */
START_TEST(waiting_for_vectors_reads_is_an_accumulator_stall) {
  kit_give_read(kit_vector(&kit, SA_OP_VMOV, 0, 1024, 12, 3), SA_MATMUL);
  kit_take(kit_sync(&kit, SA_MATMUL), SA_EV_VECTOR_READ);
  run();
  kit_expect(&kit, 1, 13, 23);
  expect_cause(SA_CAUSE_ACC_STALL, 11);
  expect_cause(SA_CAUSE_NON_MATRIX, 1 + 7);
  expect_cause(SA_CAUSE_IDLE, 1 + 1 + 3);
}
END_TEST

/* ---- VECTOR ---- */

/* Four rows (2 x 2) of 7 elements in chunks of 3 lanes: q = 3, n1 n0 q = 12. Start 1, end N + 8. */
static void expect_steps(enum sa_opcode opcode, unsigned flags, unsigned tap_x, unsigned tap_y,
                         uint64_t steps) {
  kit_release(&kit);
  kit_init(&kit, 4, 8);
  kit.config.vector_lanes = 3;
  struct sa_instr *v = kit_vector(&kit, opcode, opcode == SA_OP_VACC ? 0 : 64, 1024, 2, 7);
  v->flags = (uint8_t)flags;
  v->u.vec.n1 = 2;
  v->u.vec.a_s1 = v->u.vec.d_s1 = opcode == SA_OP_VACC ? 2 : 14;
  v->u.vec.tap_x = (uint8_t)tap_x;
  v->u.vec.tap_y = (uint8_t)tap_y;
  v->u.vec.b = 2048;
  v->u.vec.w14 = 3072;
  run();
  kit_expect(&kit, 0, 1, steps + 8);
  ck_assert_uint_eq(kit.counters.unit_busy[SA_VECTOR], steps + 8);
  ck_assert_uint_eq(kit.counters.acc_row_reads[0], opcode == SA_OP_VACC ? 12 : 0);
}

START_TEST(every_vector_operation_takes_its_steps) {
  expect_steps(SA_OP_VACC, 0, 1, 1, 12);
  expect_steps(SA_OP_VACC, SA_F_PARAMS, 1, 1, 8 + 12);
  expect_steps(SA_OP_VACC, SA_F_PARAMS | SA_F_RESIDUAL, 1, 1, 8 + 12);
  expect_steps(SA_OP_VMOV, 0, 1, 1, 12);
  expect_steps(SA_OP_VADD, 0, 1, 1, 24);
  expect_steps(SA_OP_VMUL, 0, 1, 1, 24);
  expect_steps(SA_OP_VMAX, 0, 3, 2, 72);
  expect_steps(SA_OP_VAVG, 0, 2, 1, 24);
  expect_steps(SA_OP_VTABLE, 0, 1, 1, 16);
  expect_steps(SA_OP_VSOFTMAX, 0, 1, 1, 36 + 16 + 40);
  expect_steps(SA_OP_VNORM, 0, 1, 1, 12 + 48 + 3 * 6);
  expect_steps(SA_OP_VNORM, SA_F_RMS, 1, 1, 12 + 48 + 3 * 5);
}
END_TEST

/* Steps 1..12, end 20: without a fence the next starts in 13, with one in 21. */
START_TEST(a_fence_waits_for_the_end_of_the_instruction_before) {
  kit_vector(&kit, SA_OP_VMOV, 0, 1024, 12, 3);
  kit_vector(&kit, SA_OP_VMOV, 64, 1088, 12, 3);
  kit_sync(&kit, SA_VECTOR)->flags = SA_F_FENCE;
  run();
  kit_expect(&kit, 0, 1, 20);
  kit_expect(&kit, 1, 13, 32);
  kit_expect(&kit, 2, 33, 41);
}
END_TEST

/* VMAX reads each tap of each output, softmax each row three times, norm twice and gamma and beta. */
START_TEST(buffer_reads_are_counted_by_pass_and_tap) {
  struct sa_instr *max = kit_vector(&kit, SA_OP_VMAX, 0, 1024, 2, 3);
  max->u.vec.tap_x = 2;
  max->u.vec.tap_y = 2;
  kit_vector(&kit, SA_OP_VSOFTMAX, 0, 1024, 2, 5);
  kit_vector(&kit, SA_OP_VNORM, 0, 1024, 2, 5);
  run();
  ck_assert_uint_eq(kit.counters.ub_read_bytes[SA_VECTOR], 24 + 30 + (20 + 10));
  ck_assert_uint_eq(kit.counters.ub_write_bytes[SA_VECTOR], 6 + 10 + 10);
}
END_TEST

/* ---- What cannot go on ---- */

START_TEST(an_engine_without_progress_stops_with_a_dump) {
  kit_take(kit_sync(&kit, SA_VECTOR), SA_EV_LOAD);
  kit_finish(&kit);
  kit_run(&kit, SA_ERR_STUCK);
  ck_assert_str_eq(kit.error.message,
                   "no progress is possible from cycle 2; VECTOR (1 of 4 queued): instruction 0 "
                   "VECTOR_SYNC waits for 1 tokens of LOAD and has 0; weight FIFO: 0 of 2 slots, none "
                   "ready; shadow empty; credits LOAD 4, STORE 4, WLOAD 4");
}
END_TEST

/* STORE reads bank 0 from 1 on, VMOV starts in 2. */
START_TEST(two_units_reading_one_bank_are_reported) {
  kit_mem(&kit, SA_OP_STORE, 0, 0, 16);
  kit_vector(&kit, SA_OP_VMOV, 64, 1024, 1, 3);
  kit_finish(&kit);
  kit_run(&kit, SA_ERR_ILLEGAL);
  ck_assert_str_eq(kit.error.message,
                   "instruction 0 (STORE) and instruction 1 (VMOV) both read buffer bank 0 in cycle 2; "
                   "tokens must keep them apart");
}
END_TEST

/* VMOV's reads are over with its READ event in 12: STORE may read the bank in 13. */
START_TEST(reads_of_vector_leave_their_bank_with_the_read_event) {
  kit_give_read(kit_vector(&kit, SA_OP_VMOV, 0, 1024, 12, 3), SA_STORE);
  kit_take(kit_mem(&kit, SA_OP_STORE, 0, 0, 16), SA_EV_VECTOR_READ);
  run();
  kit_expect(&kit, 1, 13, 13 + 20);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("timeline");
  const struct { const char *name; const TTest *tests[12]; } groups[] = {
      {"sequencer", {an_empty_program_takes_one_cycle, a_sync_starts_in_cycle_1_and_ends_in_cycle_2,
                     a_token_is_not_there_in_the_cycle_of_its_event_but_in_the_next,
                     a_pop_lets_a_push_happen_in_the_next_cycle,
                     matmul_gives_at_its_read_and_at_its_done_event,
                     base_takes_a_cycle_of_the_sequencer}},
      {"load", {load_of_one_burst_ends_in_17, bursts_follow_each_other_every_cycle,
                with_one_credit_each_burst_waits_for_the_one_before, fractions_of_bandwidth_are_exact,
                bursts_of_successive_loads_overlap,
                rows_are_cut_at_burst_boundaries_and_move_whole_bursts, fill_writes_a_line_a_cycle,
                fill_waits_for_all_credits}},
      {"store", {store_of_one_burst_ends_with_its_response,
                 the_third_burst_of_a_store_waits_for_a_buffer,
                 store_starts_behind_the_reading_of_the_one_before,
                 store_takes_its_credit_when_reading_begins}},
      {"arbiter", {three_requesters_share_a_port_round_robin,
                   the_weight_port_has_its_own_arbiter_and_bus}},
      {"matmul", {one_matmul_by_causes, tiles_follow_each_other_after_their_rows,
                  tiles_follow_each_other_after_the_shift, more_row_buses_shift_faster,
                  with_one_weight_buffer_a_fold_takes_2R_C_M_minus_2,
                  a_slot_is_free_D_cycles_behind_the_start_of_the_shift,
                  a_tile_from_the_buffer_takes_a_row_a_cycle,
                  a_tile_from_the_buffer_waits_for_the_credits}},
      {"causes", {waiting_for_load_is_an_input_stall, waiting_for_vectors_results_is_a_raw_stall,
                  waiting_for_vectors_reads_is_an_accumulator_stall}},
      {"vector", {every_vector_operation_takes_its_steps,
                  a_fence_waits_for_the_end_of_the_instruction_before,
                  buffer_reads_are_counted_by_pass_and_tap}},
      {"illegal", {an_engine_without_progress_stops_with_a_dump,
                   two_units_reading_one_bank_are_reported,
                   reads_of_vector_leave_their_bank_with_the_read_event}}};
  for (size_t g = 0; g < sizeof groups / sizeof groups[0]; g++) {
    TCase *tests = tcase_create(groups[g].name);
    tcase_add_checked_fixture(tests, setup, teardown);
    for (size_t i = 0; i < 12 && groups[g].tests[i]; i++) tcase_add_test(tests, groups[g].tests[i]);
    suite_add_tcase(suite, tests);
  }
  return suite;
}

SA_TEST_MAIN(make_suite)
