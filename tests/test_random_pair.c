/* Random machines and programs of the cross-check, as far as no RTL is needed: draws are reproducible, legal,
 * half from layers, and cut to parts as asked. */
#include <string.h>

#include "cosim/random_pair.h"
#include "program/check.h"
#include "test_main.h"

static const struct sa_random_draw both = {.seed = 11, .pairs = 60, .builds = 6};

static void draw(const struct sa_random_draw *from, uint64_t index, const struct sa_random_part *part,
                 struct sa_random_pair *pair) {
  struct sa_error error = {0};
  ck_assert_msg(sa_random_pair_draw(from, index, part, pair, &error) == SA_OK, "pair %d: %s", (int)index,
                error.message);
}

/* Whether two programs are the same stream. */
static bool same_stream(const struct sa_program *a, const struct sa_program *b) {
  struct sa_stream_reader readers[2];
  sa_stream_open(&readers[0], a);
  sa_stream_open(&readers[1], b);
  for (;;) {
    uint32_t layers[2], words[2][SA_INSTR_WORDS];
    const struct sa_instr *x = sa_stream_next(&readers[0], &layers[0]);
    const struct sa_instr *y = sa_stream_next(&readers[1], &layers[1]);
    if (!x || !y) return x == y;
    sa_instr_encode(x, words[0]);
    sa_instr_encode(y, words[1]);
    if (layers[0] != layers[1] || memcmp(words[0], words[1], sizeof words[0]) != 0) return false;
  }
}

START_TEST(a_pair_depends_on_seed_and_number_alone) {
  for (uint64_t i = 0; i < both.pairs; i += 7) {
    struct sa_random_pair a, b;
    uint64_t address;
    draw(&both, i, NULL, &a);
    draw(&both, i, NULL, &b);
    ck_assert_int_eq(memcmp(&a.config, &b.config, sizeof a.config), 0);
    ck_assert(same_stream(&a.program, &b.program));
    ck_assert(!sa_memory_differ(a.memory, b.memory, &address));
    sa_random_pair_release(&a);
    sa_random_pair_release(&b);
  }
}
END_TEST

START_TEST(another_seed_draws_others) {
  struct sa_random_draw other = both;
  struct sa_random_pair a, b;
  other.seed++;
  draw(&both, 2, NULL, &a);
  draw(&other, 2, NULL, &b);
  ck_assert(!same_stream(&a.program, &b.program));
  sa_random_pair_release(&a);
  sa_random_pair_release(&b);
}
END_TEST

START_TEST(all_programs_are_legal_and_half_come_from_layers) {
  for (uint64_t i = 0; i < both.pairs; i++) {
    struct sa_random_pair pair;
    struct sa_error error = {0};
    draw(&both, i, NULL, &pair);
    ck_assert_msg(pair.from_layers == (i % 2 == 1), "pair %d", (int)i);
    ck_assert_int_eq(pair.layers > 0, pair.from_layers);
    ck_assert_msg(sa_program_check(&pair.config, &pair.program, &error) == SA_OK, "pair %d: %s", (int)i, error.message);
    sa_random_pair_release(&pair);
  }
}
END_TEST

START_TEST(one_kind_alone_can_be_drawn) {
  for (int kind = SA_RANDOM_RAW; kind <= SA_RANDOM_LAYERS; kind++) {
    struct sa_random_draw alone = both;
    alone.programs = (enum sa_random_programs)kind;
    for (uint64_t i = 0; i < 10; i++) {
      struct sa_random_pair pair;
      draw(&alone, i, NULL, &pair);
      ck_assert_int_eq(pair.from_layers, kind == SA_RANDOM_LAYERS);
      sa_random_pair_release(&pair);
    }
  }
}
END_TEST

START_TEST(pairs_of_a_build_differ_in_timing_alone) {
  struct sa_random_pair a, b;
  draw(&both, 10, NULL, &a);
  draw(&both, 12, NULL, &b);
  ck_assert_uint_eq(sa_random_build_of(&both, 10), sa_random_build_of(&both, 12));
  ck_assert(a.config.port[0].latency_cycles != b.config.port[0].latency_cycles ||
            a.config.bw_num[0] != b.config.bw_num[0] || a.config.port[0].burst_bytes != b.config.port[0].burst_bytes);
  ck_assert_uint_eq(a.config.array_rows, b.config.array_rows);
  ck_assert_uint_eq(a.config.buffer_bytes, b.config.buffer_bytes);
  ck_assert_uint_eq(a.config.port[0].width_bytes, b.config.port[0].width_bytes);
  sa_random_pair_release(&a);
  sa_random_pair_release(&b);
}
END_TEST

START_TEST(a_raw_program_can_be_cut_short) {
  const struct sa_random_part part = {.instructions = 12};
  struct sa_random_pair whole, cut;
  draw(&both, 4, NULL, &whole);
  draw(&both, 4, &part, &cut);
  ck_assert_uint_eq(cut.instructions, 12);
  ck_assert_uint_gt(whole.instructions, 12);
  ck_assert_uint_lt(sa_stream_length(&cut.program), sa_stream_length(&whole.program));
  sa_random_pair_release(&whole);
  sa_random_pair_release(&cut);
}
END_TEST

/* The layers F to L of a network, by name; everything else is an input. */
START_TEST(layers_can_be_cut_out_of_a_network) {
  unsigned tried = 0;
  for (uint64_t i = 1; i < both.pairs; i += 2) {
    struct sa_random_pair whole, cut;
    struct sa_error error = {0};
    draw(&both, i, NULL, &whole);
    const uint32_t inputs = whole.net.layer_count - whole.layers;
    if (whole.layers >= 3) {
      const struct sa_random_part part = {.first_layer = 2, .last_layer = 3};
      if (sa_random_pair_draw(&both, i, &part, &cut, &error) == SA_OK) { /* that part fits by itself */
        ck_assert_uint_eq(cut.layers, 2);
        for (uint32_t l = 0; l < 2; l++)
          ck_assert_str_eq(cut.net.layers[cut.net.layer_count - 2 + l].name, whole.net.layers[inputs + 1 + l].name);
        ck_assert_msg(sa_program_check(&cut.config, &cut.program, &error) == SA_OK, "%s", error.message);
        sa_random_pair_release(&cut);
        tried++;
      } else {
        ck_assert_int_eq(error.status, SA_ERR_LIMIT);
      }
    }
    sa_random_pair_release(&whole);
  }
  ck_assert_uint_ge(tried, 5);
}
END_TEST

static Suite *random_pair_suite(void) {
  Suite *suite = suite_create("random pairs");
  TCase *tcase = tcase_create("draws");
  tcase_set_timeout(tcase, 300);
  tcase_add_test(tcase, a_pair_depends_on_seed_and_number_alone);
  tcase_add_test(tcase, another_seed_draws_others);
  tcase_add_test(tcase, all_programs_are_legal_and_half_come_from_layers);
  tcase_add_test(tcase, one_kind_alone_can_be_drawn);
  tcase_add_test(tcase, pairs_of_a_build_differ_in_timing_alone);
  tcase_add_test(tcase, a_raw_program_can_be_cut_short);
  tcase_add_test(tcase, layers_can_be_cut_out_of_a_network);
  suite_add_tcase(suite, tcase);
  return suite;
}

SA_TEST_MAIN(random_pair_suite)
