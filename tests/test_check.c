/* Legality: every rule broken once, by its message, and kept at the nearest legal program. */
#include <string.h>

#include "kit.h"
#include "program/check.h"
#include "test_main.h"

static struct kit kit;

static void setup(void) { kit_init(&kit, 4, 3); }
static void teardown(void) { kit_release(&kit); }

static void check(const char *message) {
  kit_finish(&kit);
  struct sa_error error = {.message = ""};
  const enum sa_status status = sa_program_check(&kit.config, &kit.program, &error);
  if (message) {
    ck_assert_str_eq(error.message, message);
    ck_assert_int_eq(status, SA_ERR_ILLEGAL);
  } else {
    ck_assert_msg(status == SA_OK, "%s", error.message);
  }
}

/* ---- Operands ---- */

START_TEST(operands_stay_in_their_memories) {
  kit_mem(&kit, SA_OP_LOAD, 0, 4090, 7);
  check("instruction 0 (LOAD): LOAD.ub_addr reaches from 4090 to 4096; the unified buffer holds 0 to 4095");
}
END_TEST

START_TEST(negative_strides_stay_in_their_memories) {
  kit_mem(&kit, SA_OP_FILL, 0, 10, 4)->u.mem.n0 = 2;
  kit.program.blocks[0].instrs[0].u.mem.ub_pitch0 = -11;
  check("instruction 0 (FILL): FILL.ub_addr reaches from -1 to 13; the unified buffer holds 0 to 4095");
}
END_TEST

START_TEST(dram_rows_do_not_wrap) {
  kit.program.calls[0].base[0] = (UINT64_C(1) << 48) - 8;
  kit_mem(&kit, SA_OP_STORE, 0, 0, 9);
  check("instruction 1 (STORE): STORE.dram_addr reaches from 281474976710648 to 281474976710656; "
        "DRAM (48 bits) holds 0 to 281474976710655");
}
END_TEST

START_TEST(an_address_may_wrap_to_a_low_one) {
  kit.program.calls[0].base[0] = (UINT64_C(1) << 48) - 8;
  kit_mem(&kit, SA_OP_STORE, 8, 0, 9);
  check(NULL);
}
END_TEST

START_TEST(accumulator_rows_stay_in_their_bank) {
  kit_wload(&kit, 0, 4, 3);
  kit_matmul(&kit, 0, 5, 4, SA_F_NEXT_TILE)->u.matmul.acc_row = 60;
  check("instruction 1 (MATMUL): MATMUL.acc_row reaches from 60 to 64; the accumulator bank holds 0 to 63");
}
END_TEST

START_TEST(a_tile_fits_the_array) {
  kit_wload(&kit, 0, 5, 3);
  check("instruction 0 (WLOAD): WLOAD.k_used is 5; array.rows is 4");
}
END_TEST

START_TEST(vacc_has_at_most_the_arrays_columns) {
  kit_vector(&kit, SA_OP_VACC, 0, 0, 1, 4);
  check("instruction 0 (VACC): VACC.n is 4; array.cols is 3");
}
END_TEST

START_TEST(reductions_have_at_most_256_rows) {
  kit_vector(&kit, SA_OP_VNORM, 0, 1024, 257, 1)->u.vec.b = 2048;
  check("instruction 0 (VNORM): VNORM.n0 * n1 is 257; the limit of rows is 256");
}
END_TEST

START_TEST(a_table_is_loaded_before_it_is_used) {
  kit_vector(&kit, SA_OP_VMOV, 0, 1024, 1, 1)->flags = SA_F_TABLE;
  check("instruction 0 (VMOV): it uses table 0, which no VTABLE has loaded");
}
END_TEST

START_TEST(vector_writes_over_its_operand_only_in_place) {
  kit_vector(&kit, SA_OP_VMOV, 100, 100, 4, 3);
  check(NULL);
  kit_vector(&kit, SA_OP_VMOV, 200, 201, 4, 3);
  check("instruction 1 (VMOV): its d overlaps its own a; the rows must be the same ones, and disjoint");
}
END_TEST

START_TEST(in_place_rows_are_disjoint) {
  struct sa_instr *v = kit_vector(&kit, SA_OP_VMOV, 100, 100, 4, 3);
  v->u.vec.a_s0 = v->u.vec.d_s0 = 2;
  check("instruction 0 (VMOV): its d overlaps its own a; the rows must be the same ones, and disjoint");
}
END_TEST

/* ---- Tokens and tiles ---- */

START_TEST(no_take_precedes_its_give) {
  kit_take(kit_sync(&kit, SA_VECTOR), SA_EV_LOAD);
  kit_give(kit_sync(&kit, SA_LOAD), SA_VECTOR);
  check("instruction 0 (VECTOR_SYNC): it takes 1 tokens of LOAD, but 0 are given before it");
}
END_TEST

START_TEST(a_counter_holds_4095_tokens) {
  kit_give(kit_sync(&kit, SA_LOAD), SA_VECTOR);
  for (int i = 1; i < 4095; i++)
    ck_assert_int_eq(sa_program_add_call(&kit.program, &kit.program.calls[0], NULL), SA_OK);
  check(NULL);
  ck_assert_int_eq(sa_program_add_call(&kit.program, &kit.program.calls[0], NULL), SA_OK);
  check("instruction 4095 (LOAD_SYNC): it gives a token that its counter cannot hold: 4095 are not taken before "
        "it, and 0 more may wait for instructions in their queue; the limit is 4095");
}
END_TEST

/* Appends an instruction `count` times, as calls of a block of its own. */
static void call_instr(const struct sa_instr *instr, unsigned count) {
  struct sa_call call = {.block = 0};
  ck_assert_int_eq(sa_program_add_block(&kit.program, &call.block, &kit.error), SA_OK);
  ck_assert_int_eq(sa_block_append(&kit.program.blocks[call.block], instr, 0, &kit.error), SA_OK);
  while (count--) ck_assert_int_eq(sa_program_add_call(&kit.program, &call, &kit.error), SA_OK);
}

/* VECTOR's queue of 4 may hold back the last four takers while LOAD gives on: in program order the counter
 * comes down to 0 before every round of gives. */
START_TEST(a_counter_holds_what_takers_in_their_queue_have_not_taken) {
  const struct sa_instr giver = {.opcode = SA_OP_LOAD_SYNC, .give_done = 1 << SA_VECTOR};
  const struct sa_instr taker = {.opcode = SA_OP_VECTOR_SYNC, .take = {[SA_EV_LOAD] = 15}};
  call_instr(&giver, 6 * 15);
  call_instr(&taker, 6);
  call_instr(&giver, 4095 - 4 * 15);
  check(NULL);
  call_instr(&giver, 1);
  check("instruction 4131 (LOAD_SYNC): it gives a token that its counter cannot hold: 4035 are not taken before "
        "it, and 60 more may wait for instructions in their queue; the limit is 4095");
}
END_TEST

START_TEST(next_tile_needs_a_tile) {
  kit_matmul(&kit, 0, 1, 4, SA_F_NEXT_TILE);
  check("instruction 0 (MATMUL): it takes the next weight tile, but none is fetched before it");
}
END_TEST

START_TEST(the_first_matmul_takes_a_tile) {
  kit_matmul(&kit, 0, 1, 4, 0);
  check("instruction 0 (MATMUL): it is the first MATMUL and has no next_tile");
}
END_TEST

START_TEST(every_tile_is_consumed) {
  kit_wload(&kit, 0, 4, 3);
  check("1 weight tiles are fetched and never consumed");
}
END_TEST

/* Two slots and the shadow hold three tiles; with one weight buffer nothing enters the shadow. */
static void fetch(int tiles) {
  for (int i = 0; i < tiles; i++) kit_wload(&kit, 0, 4, 3);
  for (int i = 0; i < tiles; i++) kit_matmul(&kit, 0, 1, 4, SA_F_NEXT_TILE);
}

START_TEST(two_weight_buffers_fetch_one_tile_more_than_slots) {
  fetch(3);
  check(NULL);
}
END_TEST

START_TEST(two_weight_buffers_fetch_no_more) {
  fetch(4);
  check("instruction 3 (WLOAD): 3 weight tiles are fetched and not consumed before it; there is no room "
        "for more");
}
END_TEST

START_TEST(one_weight_buffer_fetches_as_many_tiles_as_slots) {
  kit.config.weight_buffers = 1;
  fetch(3);
  check("instruction 2 (WLOAD): 2 weight tiles are fetched and not consumed before it; there is no room "
        "for more");
}
END_TEST

/* ---- Order ---- */

static struct sa_instr *load(uint32_t ub, uint32_t bytes) {
  return kit_mem(&kit, SA_OP_LOAD, 0, ub, bytes);
}

static struct sa_instr *store(uint32_t ub, uint32_t bytes) {
  return kit_mem(&kit, SA_OP_STORE, 0x8000, ub, bytes);
}

static struct sa_instr *move(uint32_t from, uint32_t to) {
  return kit_vector(&kit, SA_OP_VMOV, from, to, 1, 3);
}

START_TEST(reading_what_another_unit_writes_needs_a_token) {
  load(0, 16);
  move(13, 1024);
  check("instruction 1 (VMOV): its a reads what instruction 0 of LOAD writes with its ub_addr, and no "
        "token orders them");
}
END_TEST

START_TEST(reading_behind_a_token_is_legal) {
  kit_give(load(0, 16), SA_VECTOR);
  kit_take(move(13, 1024), SA_EV_LOAD);
  check(NULL);
}
END_TEST

/* LOAD 0 gives, LOAD 1 does not: its event may be later. The other way round, the second event says
 * that the first was before it. */
START_TEST(an_event_says_that_earlier_ones_happened_not_later_ones) {
  struct sa_instr *first = load(0, 16), *second = load(16, 16);
  struct sa_instr *reader = move(16, 1024);
  kit_take(reader, SA_EV_LOAD);
  kit_give(first, SA_VECTOR);
  check("instruction 2 (VMOV): its a reads what instruction 1 of LOAD writes with its ub_addr, and no "
        "token orders them");
  first->give_done = 0;
  kit_give(second, SA_VECTOR);
  reader->u.vec.a = 0;
  check(NULL);
}
END_TEST

START_TEST(the_next_byte_is_free) {
  load(0, 16);
  move(16, 1024);
  check(NULL);
}
END_TEST

START_TEST(overwriting_what_another_unit_reads_needs_its_read_event) {
  struct sa_instr *reader = move(16, 1024);
  struct sa_instr *writer = load(0, 17);
  check("instruction 1 (LOAD): its ub_addr overwrites what instruction 0 of VECTOR reads with its a, and "
        "no token orders them");
  kit_give_read(reader, SA_LOAD);
  kit_take(writer, SA_EV_VECTOR_READ);
  check(NULL);
}
END_TEST

START_TEST(a_read_event_does_not_say_that_results_are_written) {
  struct sa_instr *writer = move(16, 1024);
  struct sa_instr *reader = store(1024, 3);
  kit_give_read(writer, SA_STORE);
  kit_take(reader, SA_EV_VECTOR_READ);
  check("instruction 1 (STORE): its ub_addr reads what instruction 0 of VECTOR writes with its d, and no "
        "token orders them");
  writer->give_read = 0;
  reader->take[SA_EV_VECTOR_READ] = 0;
  kit_give(writer, SA_STORE);
  kit_take(reader, SA_EV_VECTOR_DONE);
  check(NULL);
}
END_TEST

START_TEST(two_units_writing_the_same_byte_need_a_token) {
  load(1024, 16);
  move(0, 1030);
  check("instruction 1 (VMOV): its d overwrites what instruction 0 of LOAD writes with its ub_addr, and no "
        "token orders them");
}
END_TEST

/* LOAD -> MATMUL -> VECTOR: VECTOR knows of LOAD what MATMUL knew. */
START_TEST(order_passes_from_unit_to_unit) {
  kit_give(load(0, 16), SA_MATMUL);
  struct sa_instr *sync = kit_sync(&kit, SA_MATMUL);
  kit_take(sync, SA_EV_LOAD);
  kit_give_read(sync, SA_VECTOR);
  kit_take(move(0, 1024), SA_EV_MATMUL_READ);
  check(NULL);
}
END_TEST

/* Rows of 4 at 0, 8, 16 and at 4, 12, 20 interleave; at 3 they meet. */
START_TEST(interleaved_rows_do_not_conflict) {
  struct sa_instr *a = load(0, 4);
  a->u.mem.n0 = 3;
  a->u.mem.ub_pitch0 = 8;
  struct sa_instr *b = kit_vector(&kit, SA_OP_VMOV, 4, 1024, 3, 4);
  b->u.vec.a_s0 = 8;
  check(NULL);
  b->u.vec.a = 3;
  check("instruction 1 (VMOV): its a reads what instruction 0 of LOAD writes with its ub_addr, and no "
        "token orders them");
}
END_TEST

START_TEST(dram_bytes_are_ordered_too) {
  store(0, 16);
  kit_mem(&kit, SA_OP_LOAD, 0x8010, 1024, 16);
  check(NULL);
  kit_mem(&kit, SA_OP_LOAD, 0x800f, 1040, 16);
  check("instruction 2 (LOAD): its dram_addr reads what instruction 0 of STORE writes with its dram_addr, "
        "and no token orders them");
}
END_TEST

START_TEST(accumulators_are_ordered_by_done_and_read_events) {
  kit_wload(&kit, 0, 4, 3);
  struct sa_instr *m = kit_matmul(&kit, 0, 2, 4, SA_F_NEXT_TILE);
  struct sa_instr *v = kit_vector(&kit, SA_OP_VACC, 1, 1024, 1, 3);
  check("instruction 2 (VACC): its acc_row reads what instruction 1 of MATMUL writes with its acc_row, and "
        "no token orders them");
  kit_give(m, SA_VECTOR);
  kit_take(v, SA_EV_MATMUL_DONE);
  kit_matmul(&kit, 0, 2, 4, 0);
  check("instruction 3 (MATMUL): its acc_row overwrites what instruction 2 of VECTOR reads with its "
        "acc_row, and no token orders them");
}
END_TEST

/* The MATMUL that consumes the tile starts behind WLOAD_UB's end, and its READ event tells LOAD. */
START_TEST(a_consumed_tile_was_fetched) {
  kit_wload_ub(&kit, 0, 4, 3, 0);
  struct sa_instr *m = kit_matmul(&kit, 1024, 1, 4, SA_F_NEXT_TILE);
  struct sa_instr *writer = load(0, 4);
  check("instruction 2 (LOAD): its ub_addr overwrites what instruction 0 of WLOAD reads with its ub_addr, "
        "and no token orders them");
  kit_give_read(m, SA_LOAD);
  kit_take(writer, SA_EV_MATMUL_READ);
  check(NULL);
}
END_TEST

START_TEST(vector_reads_its_own_results_behind_a_fence) {
  move(0, 1024);
  struct sa_instr *between = kit_sync(&kit, SA_VECTOR);
  struct sa_instr *reader = move(1024, 2048);
  check("instruction 2 (VMOV): its a reads what instruction 0 of VECTOR writes with its d, and no token "
        "orders them");
  between->flags = SA_F_FENCE;
  check(NULL);
  between->flags = 0;
  reader->flags = SA_F_FENCE;
  check(NULL);
}
END_TEST

/* ---- Banks of 512 bytes ---- */

START_TEST(two_units_read_one_bank_only_in_order) {
  struct sa_instr *a = store(0, 4), *b = move(500, 1024);
  check("instruction 1 (VMOV): its a reads a buffer bank that instruction 0 of STORE may still be reading "
        "with its ub_addr, and no token orders them");
  kit_give(a, SA_VECTOR);
  kit_take(b, SA_EV_STORE);
  check(NULL);
}
END_TEST

START_TEST(a_row_that_straddles_a_boundary_uses_both_banks) {
  store(512, 4);
  move(510, 1024);
  check("instruction 1 (VMOV): its a reads a buffer bank that instruction 0 of STORE may still be reading "
        "with its ub_addr, and no token orders them");
}
END_TEST

START_TEST(two_units_write_one_bank_only_in_order) {
  load(1024, 4);
  move(0, 1100);
  check("instruction 1 (VMOV): its d writes a buffer bank that instruction 0 of LOAD may still be writing "
        "with its ub_addr, and no token orders them");
}
END_TEST

START_TEST(one_unit_may_read_while_another_writes_a_bank) {
  load(0, 4);
  store(4, 4);
  check(NULL);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("check");
  const struct { const char *name; const TTest *tests[20]; } groups[] = {
      {"operands", {operands_stay_in_their_memories, negative_strides_stay_in_their_memories,
                    dram_rows_do_not_wrap, an_address_may_wrap_to_a_low_one,
                    accumulator_rows_stay_in_their_bank, a_tile_fits_the_array,
                    vacc_has_at_most_the_arrays_columns, reductions_have_at_most_256_rows,
                    a_table_is_loaded_before_it_is_used, vector_writes_over_its_operand_only_in_place,
                    in_place_rows_are_disjoint}},
      {"tokens", {no_take_precedes_its_give, a_counter_holds_4095_tokens,
                  a_counter_holds_what_takers_in_their_queue_have_not_taken, next_tile_needs_a_tile,
                  the_first_matmul_takes_a_tile, every_tile_is_consumed,
                  two_weight_buffers_fetch_one_tile_more_than_slots,
                  two_weight_buffers_fetch_no_more,
                  one_weight_buffer_fetches_as_many_tiles_as_slots}},
      {"order", {reading_what_another_unit_writes_needs_a_token, reading_behind_a_token_is_legal,
                 an_event_says_that_earlier_ones_happened_not_later_ones, the_next_byte_is_free,
                 overwriting_what_another_unit_reads_needs_its_read_event,
                 a_read_event_does_not_say_that_results_are_written,
                 two_units_writing_the_same_byte_need_a_token, order_passes_from_unit_to_unit,
                 interleaved_rows_do_not_conflict, dram_bytes_are_ordered_too,
                 accumulators_are_ordered_by_done_and_read_events, a_consumed_tile_was_fetched,
                 vector_reads_its_own_results_behind_a_fence}},
      {"banks", {two_units_read_one_bank_only_in_order, a_row_that_straddles_a_boundary_uses_both_banks,
                 two_units_write_one_bank_only_in_order, one_unit_may_read_while_another_writes_a_bank}}};
  for (size_t g = 0; g < sizeof groups / sizeof groups[0]; g++) {
    TCase *tests = tcase_create(groups[g].name);
    tcase_add_checked_fixture(tests, setup, teardown);
    for (size_t i = 0; i < 20 && groups[g].tests[i]; i++) tcase_add_test(tests, groups[g].tests[i]);
    suite_add_tcase(suite, tests);
  }
  return suite;
}

SA_TEST_MAIN(make_suite)
