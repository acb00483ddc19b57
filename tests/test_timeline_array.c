/* Timelines of weights, MATMUL and VECTOR, worked out by hand from docs/machine.md: each test's comment derives
 * every cycle it expects. They guard the fixed latencies and the rules that all engines share.
 *
 * Common to all: instruction i of the stream is pushed in cycle i if its queue has room, and at its
 * queue's head from i + 1. A burst of the kit's port granted in g on an idle bus: the bus is free at
 * g + 10 + 16/4, so it completes in c = g + 13. 4 x 3 array: S = D = 4, MM_LATENCY = 2+4+3-1+2 = 10. */
#include "timeline.h"

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

/* 2 x 5: S = 2, D = 5, MM_LATENCY = 2+2+5-1+2 = 10. The first shift begins in 18, full from 20; its slot
 * is free from 18 + 5 = 23, since the last column leaves it last. The second WLOAD loads in 24, granted in
 * 25, c = 38, ready from 40, full from 42. */
START_TEST(in_an_array_wider_than_tall_the_columns_keep_the_slot) {
  kit.config.array_rows = 2;
  kit.config.array_cols = 5;
  kit.config.weight_fifo_tiles = 1;
  kit_wload(&kit, 0, 2, 5);
  kit_wload(&kit, 16, 2, 5);
  kit_matmul(&kit, 0, 1, 2, SA_F_NEXT_TILE);
  kit_matmul(&kit, 0, 1, 2, SA_F_NEXT_TILE);
  run();
  kit_expect(&kit, 1, 23, 39);
  kit_expect(&kit, 2, 20, 30);
  kit_expect(&kit, 3, 42, 52);
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

/* ---- Counters ---- */

/* LOAD (0): start 1, c = 16, end 17. WLOAD (1): start 2, granted in 4, the bus free at 21, end 21. MATMUL
 * (2) takes LOAD's token, visible from 18; the tile shifts in 22..25, rows in 26 and 27, end 37. VACC (3)
 * takes its DONE from 38: steps 38 and 39, end 47. STORE (4) takes that from 48: r = 49, granted in 55, end
 * 68. MATMUL's queue is empty in 0..2 and from 28 on: idle 3, input stall 3..17, weight stall 18..21,
 * shift 22..25, active 26..27, drain 28..37, non-matrix 38..47, idle 48..68. */
START_TEST(every_counter_of_a_layer_in_small) {
  struct sa_instr *load = kit_mem(&kit, SA_OP_LOAD, 0, 0, 16);
  struct sa_instr *wload = kit_wload(&kit, 64, 4, 3);
  struct sa_instr *matmul = kit_matmul(&kit, 0, 2, 4, SA_F_NEXT_TILE);
  struct sa_instr *vacc = kit_vector(&kit, SA_OP_VACC, 0, 512, 2, 3);
  struct sa_instr *store = kit_mem(&kit, SA_OP_STORE, 128, 512, 6);
  load->tensor_class = SA_CLASS_IFMAP;
  wload->tensor_class = SA_CLASS_WEIGHTS;
  store->tensor_class = SA_CLASS_OFMAP;
  kit_give(load, SA_MATMUL);
  kit_take(matmul, SA_EV_LOAD);
  kit_give(matmul, SA_VECTOR);
  kit_take(vacc, SA_EV_MATMUL_DONE);
  kit_give(vacc, SA_STORE);
  kit_take(store, SA_EV_VECTOR_DONE);
  run();
  const struct sa_counters expected = {
      .cycles = {69},
      .matmul_cause = {2, 10, 10, 3 + 21, 15, 0, 0, 4, 4},
      .macs_occupied = {2 * 4 * 3},
      .unit_busy = {17, 21, 20, 12, 10},
      .instructions = {1, 1, 1, 1, 1},
      .dram_read_bytes = {16, 16},
      .dram_write_bytes = {0, 0, 16},
      .dram_bursts = {1, 1, 1},
      .ub_read_bytes = {0, 6, 0, 8, 0},
      .ub_write_bytes = {16, 0, 0, 0, 6},
      .acc_row_writes = {2},
      .acc_row_reads = {2},
      .fifo_write_bytes = {12},
      .fifo_read_bytes = {12},
      .fifo_peak_tiles = {1},
      .tiles_shifted = {1}};
  const uint64_t *is = (const uint64_t *)&kit.counters, *should = (const uint64_t *)&expected;
  size_t at = 0;
#define SA_COUNTER(field, count, unit, meaning)                                                  \
  for (int i = 0; i < (count); i++, at++)                                                        \
    ck_assert_msg(is[at] == should[at], "%s[%d] is %llu, not %llu", #field, i,                   \
                  (unsigned long long)is[at], (unsigned long long)should[at]);
#include "machine/counters.def"
#undef SA_COUNTER
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
  const struct test_group groups[] = {
      {"matmul", {one_matmul_by_causes, tiles_follow_each_other_after_their_rows,
                  tiles_follow_each_other_after_the_shift, more_row_buses_shift_faster,
                  with_one_weight_buffer_a_fold_takes_2R_C_M_minus_2,
                  a_slot_is_free_D_cycles_behind_the_start_of_the_shift,
                               in_an_array_wider_than_tall_the_columns_keep_the_slot,
                  a_tile_from_the_buffer_takes_a_row_a_cycle,
                  a_tile_from_the_buffer_waits_for_the_credits}},
      {"causes", {waiting_for_load_is_an_input_stall, waiting_for_vectors_results_is_a_raw_stall,
                  waiting_for_vectors_reads_is_an_accumulator_stall}},
      {"vector", {every_vector_operation_takes_its_steps,
                  a_fence_waits_for_the_end_of_the_instruction_before,
                  buffer_reads_are_counted_by_pass_and_tap}},
      {"counters", {every_counter_of_a_layer_in_small}},
      {"illegal", {an_engine_without_progress_stops_with_a_dump,
                   two_units_reading_one_bank_are_reported,
                   reads_of_vector_leave_their_bank_with_the_read_event}},
      {NULL, {NULL}}};
  return timeline_suite("timeline of the array", groups);
}

SA_TEST_MAIN(make_suite)
