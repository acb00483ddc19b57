/* The event-driven engine by itself: what it charges to layers, what it says when a program is wrong,
 * what it does with long programs, and physical sense. That it agrees with the cycle-by-cycle engine
 * is asked by test_engine_equal and, on timelines worked out by hand, by test_timeline_*.c. */
#include <stdlib.h>
#include <string.h>

#include "both_engines.h"
#include "engine_random.h"
#include "kit.h"
#include "test_main.h"

static struct kit kit;

static void setup(void) { kit_init(&kit, 4, 3); }
static void teardown(void) { kit_release(&kit); }

/* Instruction `index` of the block belongs to the layer. */
static void set_layer(unsigned index, uint32_t layer) { kit.program.blocks[0].layers[index] = layer; }

static enum sa_status run_layers(struct sa_layer_counters *layers, size_t count) {
  kit_finish(&kit);
  return sa_engine_run(&kit.config, &kit.program, NULL, &kit.counters, layers, count, &kit.error);
}

/* ---- Layers ---- */

/* VECTOR's SYNC of layer 1 ends in 9 before LOAD's FILL of layer 0 ends in 2 + 40: the running maximum
 * in program order is 10 after the first, 43 after the second, and END adds nothing. */
START_TEST(a_layer_has_the_increase_of_the_running_maximum_of_ends) {
  struct sa_layer_counters layers[2];
  kit_sync(&kit, SA_VECTOR);
  kit_mem(&kit, SA_OP_FILL, 0, 0, 16)->u.mem.n0 = 40;
  set_layer(0, 1);
  ck_assert_int_eq(run_layers(layers, 2), SA_OK);
  ck_assert_uint_eq(layers[1].cycles, 10);
  ck_assert_uint_eq(layers[0].cycles, 33);
  ck_assert_uint_eq(kit.counters.cycles[0], 43);
}
END_TEST

/* FILL of layer 0 ends in 41; VECTOR's SYNC of layer 1, pushed after it, ends in 2 + 8: no increase. */
START_TEST(a_layer_hidden_behind_an_earlier_one_has_no_cycles) {
  struct sa_layer_counters layers[2];
  kit_mem(&kit, SA_OP_FILL, 0, 0, 16)->u.mem.n0 = 40;
  kit_sync(&kit, SA_VECTOR);
  set_layer(1, 1);
  ck_assert_int_eq(run_layers(layers, 2), SA_OK);
  ck_assert_uint_eq(layers[0].cycles, 42);
  ck_assert_uint_eq(layers[1].cycles, 0);
  ck_assert_uint_eq(layers[1].counters.instructions[SA_VECTOR], 1);
  ck_assert_uint_eq(layers[1].counters.unit_busy[SA_VECTOR], 9);
}
END_TEST

/* MATMUL's SYNC of layer 1 is at its head from 2 and starts in 2: cycles 0, 1 are its layer's, idle.
 * After it the queue is empty to the end in 12: idle in the last layer, 2. */
START_TEST(cycles_without_a_head_belong_to_the_next_matmul_and_then_to_the_last_layer) {
  struct sa_layer_counters layers[3];
  kit_sync(&kit, SA_LOAD);
  kit_sync(&kit, SA_MATMUL);
  set_layer(1, 1);
  ck_assert_int_eq(run_layers(layers, 3), SA_OK);
  ck_assert_uint_eq(kit.counters.cycles[0], 13);
  ck_assert_uint_eq(layers[0].counters.matmul_cause[SA_CAUSE_IDLE], 0);
  ck_assert_uint_eq(layers[1].counters.matmul_cause[SA_CAUSE_IDLE], 3);
  ck_assert_uint_eq(layers[2].counters.matmul_cause[SA_CAUSE_IDLE], 10);
}
END_TEST

START_TEST(a_layer_without_a_record_is_refused) {
  struct sa_layer_counters layers[2];
  kit_sync(&kit, SA_LOAD);
  kit_sync(&kit, SA_VECTOR);
  set_layer(1, 2);
  ck_assert_int_eq(run_layers(layers, 2), SA_ERR_INPUT);
  ck_assert_str_eq(kit.error.message, "instruction 1 belongs to layer 2; there are 2 layers");
}
END_TEST

/* ---- Programs that are wrong ---- */

START_TEST(two_writers_of_a_bank_are_both_named) {
  kit_mem(&kit, SA_OP_FILL, 0, 0, 16)->u.mem.n0 = 40;
  kit_vector(&kit, SA_OP_VMOV, 1024, 100, 2, 3);
  ck_assert_int_eq(run_layers(NULL, 0), SA_ERR_ILLEGAL);
  ck_assert_str_eq(kit.error.message,
                   "instructions 0 (LOAD) and 1 (VECTOR) write bank 0 of the buffer at one time, cycle 2");
}
END_TEST

START_TEST(an_operand_outside_the_buffer_is_named) {
  struct sa_instr *vmov = kit_vector(&kit, SA_OP_VMOV, 4000, 100, 2, 96);
  vmov->u.vec.a_s0 = 97;
  ck_assert_int_eq(run_layers(NULL, 0), SA_ERR_ILLEGAL);
  ck_assert_str_eq(kit.error.message,
                   "instruction 0 (VECTOR): a reaches bytes 4000 to 4192 of a buffer of 4096");
}
END_TEST

/* The first tile is shifted in 18, so the third one's slot is free from 22 and its WLOAD ends in 38. */
START_TEST(a_stuck_machine_says_what_every_unit_waits_for) {
  for (int i = 0; i < 8; i++) kit_wload(&kit, 0, 4, 3);
  kit_matmul(&kit, 0, 4, 4, SA_F_NEXT_TILE)->take[SA_EV_VECTOR_DONE] = 2;
  ck_assert_int_eq(run_layers(NULL, 0), SA_ERR_STUCK);
  ck_assert_str_eq(
      kit.error.message,
      "no progress is possible from cycle 39 on: sequencer: instruction 7 waits for the full queue of WLOAD; "
      "LOAD: 0 of 4 queued; STORE: 0 of 4 queued; "
      "WLOAD: 4 of 4 queued, head is instruction 3, which waits for a free weight FIFO slot; "
      "MATMUL: 0 of 4 queued; VECTOR: 0 of 4 queued; "
      "LOAD credits: 4 of 4 home; STORE credits: 4 of 4 home; WLOAD credits: 4 of 4 home; "
      "weight FIFO: 2 of 2 slots taken, 2 tiles ready, shadow full");
}
END_TEST

START_TEST(a_missing_token_and_a_missing_tile_are_told_apart) {
  kit_matmul(&kit, 0, 4, 4, SA_F_NEXT_TILE);
  kit_sync(&kit, SA_VECTOR)->take[SA_EV_STORE] = 3;
  ck_assert_int_eq(run_layers(NULL, 0), SA_ERR_STUCK);
  ck_assert_ptr_nonnull(strstr(kit.error.message, "MATMUL: 1 of 4 queued, head is instruction 0, "
                                                  "which waits for a tile"));
  ck_assert_ptr_nonnull(strstr(kit.error.message, "VECTOR: 1 of 4 queued, head is instruction 1, "
                                                  "which takes 3 of STORE, has 0"));
}
END_TEST

/* ---- Long programs ---- */

static void append(const struct sa_instr *instr, unsigned times) {
  for (unsigned i = 0; i < times; i++)
    ck_assert_int_eq(sa_block_append(&kit.program.blocks[0], instr, 0, &kit.error), SA_OK);
}

static void run_both(void) {
  struct engine_run run;
  kit_finish(&kit);
  both_engines_run(&kit.config, &kit.program, "long program", &run);
  ck_assert_msg(run.status == SA_OK, "%s", run.error.message);
  engine_run_release(&run);
}

/* LOAD's end is known long after the ends of thousands of instructions behind it. The last one waits
 * for it: starts in the cycle after its end, ends 8 later. */
START_TEST(a_slow_load_before_thousands_of_syncs) {
  struct sa_layer_counters layers[2];
  const struct sa_instr sync = {.opcode = SA_OP_VECTOR_SYNC};
  append(&sync, 37); /* not at the start of a ring */
  struct sa_instr *load = kit_mem(&kit, SA_OP_LOAD, 0, 0, 4);
  load->u.mem.n0 = 10000;
  load->u.mem.dram_pitch0 = 16;
  kit_give(load, SA_VECTOR);
  append(&sync, 5000);
  append(&(struct sa_instr){.opcode = SA_OP_VECTOR_SYNC, .take = {[SA_EV_LOAD] = 1}}, 1);
  for (unsigned i = 38; i < 5039; i++) set_layer(i, 1);
  run_both();
  ck_assert_int_eq(run_layers(layers, 2), SA_OK);
  ck_assert_uint_eq(layers[1].cycles, 9);
}
END_TEST

/* Thousands of tokens wait for a taker that is held up. */
START_TEST(a_taker_takes_up_thousands_of_tokens) {
  const struct sa_instr giver = {.opcode = SA_OP_VECTOR_SYNC, .give_done = 1 << SA_STORE};
  const struct sa_instr taker = {.opcode = SA_OP_STORE_SYNC, .take = {[SA_EV_VECTOR_DONE] = 15}};
  append(&giver, 4095);
  append(&taker, 273);
  append(&giver, 3000);
  append(&taker, 200);
  run_both();
}
END_TEST

/* FILLs hold up the sequencer, so MATMUL's queue stays empty until a cycle known at once; VECTOR's
 * last instruction, in the middle of that time, is known after STORE's burst. */
START_TEST(a_wait_is_charged_when_all_of_vectors_life_in_it_is_known) {
  kit.config.port[0].latency_cycles = kit.config.port[1].latency_cycles = 500;
  kit_give(kit_mem(&kit, SA_OP_STORE, 0, 1536, 16), SA_VECTOR);
  for (int i = 0; i < 140; i++) kit_vector(&kit, SA_OP_VMOV, 512, 1024, 1, 3);
  kit_take(kit_vector(&kit, SA_OP_VMOV, 512, 1024, 20, 3), SA_EV_STORE);
  for (int i = 0; i < 8; i++) kit_mem(&kit, SA_OP_FILL, 0, 0, 16)->u.mem.n0 = 200;
  kit_sync(&kit, SA_MATMUL);
  run_both();
}
END_TEST

/* LOAD's use of a bank is noted when it ends, when VECTOR's in the middle of it is long past. */
START_TEST(a_conflict_with_a_long_load_is_found_when_the_load_ends) {
  kit_mem(&kit, SA_OP_LOAD, 0, 0, 4)->u.mem.n0 = 200;
  kit_vector(&kit, SA_OP_VMOV, 1024, 100, 1, 3);
  for (int i = 0; i < 20; i++) kit_mem(&kit, SA_OP_STORE, 0, 1536, 16);
  for (int i = 0; i < 200; i++) kit_vector(&kit, SA_OP_VMOV, 1024, 600, 1, 3);
  ck_assert_int_eq(run_layers(NULL, 0), SA_ERR_ILLEGAL);
  ck_assert_str_eq(kit.error.message,
                   "instructions 0 (LOAD) and 1 (VECTOR) write bank 0 of the buffer at one time, cycle 2");
}
END_TEST

/* VECTOR's use is noted when it starts, and kept until it ends. */
START_TEST(a_conflict_with_a_long_vector_instruction_is_found_late) {
  struct sa_instr *vmov = kit_vector(&kit, SA_OP_VMOV, 512, 1024, 1000, 3);
  vmov->u.vec.a_s0 = vmov->u.vec.d_s0 = 0;
  for (int i = 0; i < 20; i++) kit_mem(&kit, SA_OP_STORE, 0, 1536, 16);
  for (int i = 0; i < 140; i++) kit_mem(&kit, SA_OP_FILL, 0, 0, 16);
  kit_mem(&kit, SA_OP_STORE, 0, 512, 16);
  ck_assert_int_eq(run_layers(NULL, 0), SA_ERR_ILLEGAL);
  ck_assert_ptr_nonnull(strstr(kit.error.message, "instructions 0 (VECTOR) and 161 (STORE) read bank 1"));
}
END_TEST

struct progress { uint64_t cycle; double done; unsigned calls; };

static void on_progress(void *user, uint64_t cycle, double done) {
  struct progress *progress = user;
  ck_assert(cycle >= progress->cycle && done >= progress->done && done <= 1);
  *progress = (struct progress){cycle, done, progress->calls + 1};
}

START_TEST(progress_goes_forward) {
  struct progress progress = {.calls = 0};
  struct sa_instr *load = kit_mem(&kit, SA_OP_LOAD, 0, 0, 4);
  const struct sa_instr copy = *load;
  append(&copy, 20000);
  kit_finish(&kit);
  const struct sa_engine_options options = {.on_progress = on_progress, .user = &progress};
  ck_assert_int_eq(sa_engine_run(&kit.config, &kit.program, &options, &kit.counters, NULL, 0,
                                 &kit.error), SA_OK);
  ck_assert_uint_ge(progress.calls, 4);
}
END_TEST

/* ---- Physical sense ---- */

/* One requester: programs without STORE, and weights on a port of their own. */
static void drop_other_requesters(struct sa_program *program, enum sa_unit kept) {
  for (size_t b = 0; b < program->block_count; b++)
    for (size_t i = 0; i < program->blocks[b].count; i++) {
      struct sa_instr *instr = &program->blocks[b].instrs[i];
      const uint8_t give = instr->give_done;
      uint8_t take[SA_STREAMS];
      memcpy(take, instr->take, sizeof take);
      if (instr->opcode == SA_OP_LOAD && kept != SA_LOAD)
        *instr = (struct sa_instr){.opcode = SA_OP_LOAD_SYNC};
      else if (instr->opcode == SA_OP_STORE && kept != SA_STORE)
        *instr = (struct sa_instr){.opcode = SA_OP_STORE_SYNC};
      else
        continue;
      instr->give_done = give;
      memcpy(instr->take, take, sizeof take);
    }
}

static uint64_t cycles_at(const struct sa_config *config, const struct sa_program *program,
                          uint64_t bandwidth, unsigned port) {
  struct sa_config c = *config;
  struct sa_error error;
  struct sa_counters counters;
  c.port[port].bandwidth_bytes_per_s = bandwidth;
  ck_assert_msg(sa_config_finish(&c, &error) == SA_OK, "%s", error.message);
  ck_assert_msg(sa_engine_run(&c, program, NULL, &counters, NULL, 0, &error) == SA_OK, "%s",
                error.message);
  return counters.cycles[0];
}

START_TEST(with_one_requester_more_bandwidth_never_costs_a_cycle) {
  for (uint64_t seed = 1; seed <= 300; seed++) {
    struct sa_rng rng;
    struct sa_program program;
    sa_rng_init(&rng, seed);
    struct sa_config config = random_timing_config(&rng);
    config.memory_ports = 2;
    const struct random_shape shape = {.length = 60, .layers = 1};
    struct sa_config finished = config;
    ck_assert_int_eq(sa_config_finish(&finished, &kit.error), SA_OK);
    random_timing_program(&rng, &finished, &shape, &program);
    const unsigned port = seed % 3 == SA_WLOAD;
    drop_other_requesters(&program, (enum sa_unit)(seed % 3));
    const uint64_t most = config.port[port].width_bytes * config.clock_hz;
    uint64_t before = UINT64_MAX;
    for (uint64_t tenth = 1; tenth <= 10; tenth++) {
      const uint64_t cycles = cycles_at(&config, &program, most * tenth / 10, port);
      ck_assert_msg(cycles <= before, "seed %llu: %llu cycles at %llu tenths, %llu with less",
                    (unsigned long long)seed, (unsigned long long)cycles,
                    (unsigned long long)tenth, (unsigned long long)before);
      before = cycles;
    }
    sa_program_release(&program);
  }
}
END_TEST

/* Bytes over bandwidth: a stream of reads moves at the bus's rate but for its latency. */
START_TEST(a_stream_of_reads_keeps_the_bus_busy) {
  kit.config.port[0].bandwidth_bytes_per_s = 3 * kit.config.clock_hz;
  kit.config.port[0].outstanding_bursts = 16;
  kit.config.port[1] = kit.config.port[0];
  kit_mem(&kit, SA_OP_LOAD, 0, 0, 3000);
  ck_assert_int_eq(run_layers(NULL, 0), SA_OK);
  /* granted in 3, bus from 13; 188 bursts of 16 bytes at 3 a cycle: ends in 13 + 1002.67 -> 1015, + 1 */
  ck_assert_uint_eq(kit.counters.cycles[0], 1017);
}
END_TEST

static TCase *add_case(Suite *suite, const char *name) {
  TCase *tcase = tcase_create(name);
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_set_timeout(tcase, 60);
  suite_add_tcase(suite, tcase);
  return tcase;
}

static Suite *engine_suite(void) {
  Suite *suite = suite_create("engine");
  TCase *layers = add_case(suite, "layers");
  tcase_add_test(layers, a_layer_has_the_increase_of_the_running_maximum_of_ends);
  tcase_add_test(layers, a_layer_hidden_behind_an_earlier_one_has_no_cycles);
  tcase_add_test(layers, cycles_without_a_head_belong_to_the_next_matmul_and_then_to_the_last_layer);
  tcase_add_test(layers, a_layer_without_a_record_is_refused);
  TCase *wrong = add_case(suite, "wrong programs");
  tcase_add_test(wrong, two_writers_of_a_bank_are_both_named);
  tcase_add_test(wrong, an_operand_outside_the_buffer_is_named);
  tcase_add_test(wrong, a_stuck_machine_says_what_every_unit_waits_for);
  tcase_add_test(wrong, a_missing_token_and_a_missing_tile_are_told_apart);
  TCase *endurance = add_case(suite, "long programs");
  tcase_add_test(endurance, a_slow_load_before_thousands_of_syncs);
  tcase_add_test(endurance, a_taker_takes_up_thousands_of_tokens);
  tcase_add_test(endurance, a_wait_is_charged_when_all_of_vectors_life_in_it_is_known);
  tcase_add_test(endurance, a_conflict_with_a_long_load_is_found_when_the_load_ends);
  tcase_add_test(endurance, a_conflict_with_a_long_vector_instruction_is_found_late);
  tcase_add_test(endurance, progress_goes_forward);
  TCase *sense = add_case(suite, "physical sense");
  tcase_add_test(sense, with_one_requester_more_bandwidth_never_costs_a_cycle);
  tcase_add_test(sense, a_stream_of_reads_keeps_the_bus_busy);
  return suite;
}

SA_TEST_MAIN(engine_suite)
