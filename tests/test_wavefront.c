/* The wavefront against what it is made from: the engine's counters, the values of sa_exec_run, the plain
 * matrix product. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/engine.h"
#include "engine/random.h"
#include "machine/latency.h"
#include "report/wavefront.h"
#include "report/wavefront_gemm.h"
#include "run_cli.h"
#include "test_main.h"

enum { MAX_ROWS = 100000 };

static struct sa_config machine(uint32_t rows, uint32_t cols, uint32_t buffers, uint32_t shift_rows) {
  struct sa_config config = {0};
  struct sa_error error = {0};
  char set[4][64];
  const char *const assignments[] = {set[0], set[1], set[2], set[3]};
  snprintf(set[0], 64, "array.rows=%u", rows);
  snprintf(set[1], 64, "array.cols=%u", cols);
  snprintf(set[2], 64, "array.weight_buffers=%u", buffers);
  snprintf(set[3], 64, "array.weight_shift_rows=%u", shift_rows);
  ck_assert_msg(sa_config_load("array4", assignments, 4, &config, &error) == SA_OK, "%s", error.message);
  return config;
}

static void run_gemm(const struct sa_config *config, const struct sa_small_gemm *gemm, struct sa_wavefront *w,
                     struct sa_counters *counters) {
  struct sa_error error = {0};
  struct sa_program program;
  struct sa_memory *memory = sa_memory_create();
  sa_program_init(&program);
  sa_wavefront_init(w);
  ck_assert_msg(sa_small_gemm_program(config, gemm, memory, &program, &error) == SA_OK, "%s", error.message);
  ck_assert_msg(sa_wavefront_run(config, &program, memory, MAX_ROWS, w, &error) == SA_OK, "%s", error.message);
  ck_assert_int_eq(sa_engine_run_plain(config, &program, NULL, counters, &error), SA_OK);
  sa_program_release(&program);
  sa_memory_free(memory);
}

/* Follows every row through the array: the PE at (r,c) works on it at its time, with the row's tile, and the
 * sums that leave the last row of PEs, added up, are what sa_exec_run has in the accumulators. */
static void follow_rows(const struct sa_wavefront *w) {
  const uint32_t rows = w->config.array_rows, cols = w->config.array_cols;
  int32_t *sums = calloc(2 * (size_t)w->config.accumulator_rows * cols, sizeof *sums);
  for (size_t i = 0; i < w->row_count; i++) {
    const struct sa_wavefront_row *row = &w->rows[i];
    for (uint32_t c = 0; c < cols; c++) {
      int32_t above = 0;
      for (uint32_t r = 0; r < rows; r++) {
        const struct sa_pe_state pe = sa_wavefront_pe(w, row->issue + SA_LAT_UB_READ + r + c, r, c);
        ck_assert_msg(pe.row == (int64_t)i && pe.tile == row->tile && pe.above == above &&
                          (pe.activity == SA_PE_SWAP) == row->swaps,
                      "row %zu (tile %u) at PE(%u,%u): row %d, tile %d", i, row->tile, r, c, (int)pe.row, (int)pe.tile);
        above = (int32_t)((uint32_t)above + (uint32_t)(row->inputs[r] * w->tiles[row->tile].weights[r * cols + c]));
        ck_assert_int_eq(pe.below, above);
      }
      const uint64_t done = row->issue + w->config.matmul_latency - (cols - 1) + c;
      ck_assert_int_eq(sa_wavefront_result(w, done, c), (int64_t)i);
      int32_t *sum = &sums[((size_t)row->acc_bank * w->config.accumulator_rows + row->acc_row) * cols + c];
      *sum = (int32_t)((row->accumulates ? (uint32_t)*sum : 0) + (uint32_t)above);
      ck_assert_int_eq(row->results[c], *sum);
    }
  }
  free(sums);
}

static struct sa_small_gemm counting_gemm(uint32_t m, uint32_t k, uint32_t n) {
  struct sa_small_gemm gemm = {m, k, n, malloc((size_t)m * k), malloc((size_t)k * n)};
  for (uint32_t i = 0; i < m * k; i++) gemm.ifmap[i] = (int8_t)(i * 37 + 11);
  for (uint32_t i = 0; i < k * n; i++) gemm.filter[i] = (int8_t)(i * 53 + 5);
  return gemm;
}

/* The last fold of each tile of N holds the product. */
static void compare_product(const struct sa_wavefront *w, const struct sa_small_gemm *gemm) {
  const uint32_t rows = w->config.array_rows, cols = w->config.array_cols;
  const uint32_t of_k = (gemm->k + rows - 1) / rows;
  for (uint32_t m = 0; m < gemm->m; m++)
    for (uint32_t n = 0; n < gemm->n; n++) {
      int32_t sum = 0;
      for (uint32_t k = 0; k < gemm->k; k++) sum += gemm->ifmap[m * gemm->k + k] * gemm->filter[k * gemm->n + n];
      const uint32_t fold = n / cols * of_k + of_k - 1;
      ck_assert_int_eq(w->rows[fold * gemm->m + m].results[n % cols], sum);
    }
}

/* PEs at work, over all cycles, are the engine's counters. */
static void compare_occupancy(const struct sa_wavefront *w, const struct sa_counters *counters) {
  uint64_t first, last, working = 0, occupied = 0, arrivals = 0;
  ck_assert(sa_wavefront_span(w, &first, &last));
  ck_assert_uint_eq(last + 1, counters->cycles[0]);
  for (uint64_t cycle = 0; cycle <= last + 2; cycle++)
    for (uint32_t r = 0; r < w->config.array_rows; r++)
      for (uint32_t c = 0; c < w->config.array_cols; c++) {
        const struct sa_pe_state pe = sa_wavefront_pe(w, cycle, r, c);
        ck_assert((cycle >= first && cycle <= last) || pe.activity == SA_PE_IDLE);
        arrivals += pe.arriving_tile >= 0;
        if (pe.row < 0) continue;
        working++;
        occupied += r < w->tiles[pe.tile].k_used && c < w->tiles[pe.tile].n_used;
      }
  const uint64_t pes = (uint64_t)w->config.array_rows * w->config.array_cols;
  ck_assert_uint_eq(working, counters->matmul_cause[SA_CAUSE_ACTIVE] * pes);
  ck_assert_uint_eq(occupied, counters->macs_occupied[0]);
  ck_assert_uint_eq(arrivals, counters->tiles_shifted[0] * pes);
}

START_TEST(a_gemm_of_any_shape_gives_its_product_and_the_engines_occupancy) {
  static const struct { uint32_t rows, cols, shift_rows, m, k, n; } cases[] = {
      {4, 4, 1, 6, 4, 4}, {4, 4, 1, 6, 12, 8}, {4, 4, 4, 2, 9, 5}, {1, 1, 1, 3, 3, 2},
      {3, 5, 2, 1, 7, 11}, {7, 2, 3, 5, 8, 3}, {2, 6, 1, 9, 2, 13}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (uint32_t buffers = 1; buffers <= 2; buffers++) {
      const struct sa_config config = machine(cases[i].rows, cases[i].cols, buffers, cases[i].shift_rows);
      struct sa_small_gemm gemm = counting_gemm(cases[i].m, cases[i].k, cases[i].n);
      struct sa_wavefront w;
      struct sa_counters counters;
      run_gemm(&config, &gemm, &w, &counters);
      ck_assert_uint_eq(w.cycles, counters.cycles[0]);
      follow_rows(&w);
      compare_product(&w, &gemm);
      compare_occupancy(&w, &counters);
      sa_wavefront_release(&w);
      sa_small_gemm_release(&gemm);
    }
}
END_TEST

START_TEST(rows_of_random_programs_meet_their_weights_in_every_pe) {
  struct sa_rng rng;
  uint64_t rows = 0;
  sa_rng_init(&rng, 7);
  for (int i = 0; i < 60; i++) {
    struct sa_config config;
    struct sa_error error = {0};
    struct sa_program program;
    struct sa_memory *memory = sa_memory_create();
    struct sa_wavefront w;
    sa_random_config(&rng, &config);
    sa_program_init(&program);
    sa_wavefront_init(&w);
    ck_assert_int_eq(sa_random_program(&rng, &config, 100, &program, memory, &error), SA_OK);
    ck_assert_msg(sa_wavefront_run(&config, &program, memory, MAX_ROWS, &w, &error) == SA_OK, "%s", error.message);
    follow_rows(&w);
    rows += w.row_count;
    sa_wavefront_release(&w);
    sa_program_release(&program);
    sa_memory_free(memory);
  }
  ck_assert_uint_gt(rows, 1000);
}
END_TEST

START_TEST(a_second_weight_register_hides_the_shift) {
  struct sa_error error = {0};
  struct sa_small_gemm gemm;
  ck_assert_int_eq(sa_small_gemm_example(3, &gemm, &error), SA_OK);
  uint64_t cycles[3] = {0};
  for (uint32_t buffers = 1; buffers <= 2; buffers++) {
    const struct sa_config config = machine(4, 4, buffers, 1);
    struct sa_wavefront w;
    struct sa_counters counters;
    run_gemm(&config, &gemm, &w, &counters);
    cycles[buffers] = w.cycles;
    for (size_t i = 1; i < w.row_count; i++) /* two: no cycle without a row, tile after tile */
      if (buffers == 2) ck_assert_uint_eq(w.rows[i].issue, w.rows[i - 1].issue + 1);
    sa_wavefront_release(&w);
  }
  /* one: each of the two later folds waits R + C - 2 cycles until the array is empty, then S for its shift */
  ck_assert_uint_eq(cycles[1], cycles[2] + 2 * (4 + 4 - 2 + 4));
  sa_small_gemm_release(&gemm);
}
END_TEST

START_TEST(only_as_many_rows_as_asked_for_are_kept) {
  struct sa_error error = {0};
  const struct sa_config config = machine(4, 4, 2, 1);
  struct sa_small_gemm gemm = counting_gemm(6, 8, 4);
  struct sa_program program;
  struct sa_memory *memory = sa_memory_create();
  struct sa_wavefront w;
  sa_program_init(&program);
  sa_wavefront_init(&w);
  ck_assert_int_eq(sa_small_gemm_program(&config, &gemm, memory, &program, &error), SA_OK);
  ck_assert_int_eq(sa_wavefront_run(&config, &program, memory, 3, &w, &error), SA_OK);
  ck_assert_uint_eq(w.row_count, 3);
  sa_wavefront_release(&w);
  sa_program_release(&program);
  sa_memory_free(memory);
  sa_small_gemm_release(&gemm);
}
END_TEST

START_TEST(a_gemm_that_does_not_fit_is_refused_with_its_size) {
  struct sa_error error = {0};
  const struct sa_config config = machine(4, 4, 2, 1);
  struct sa_memory *memory = sa_memory_create();
  struct sa_program program;
  sa_program_init(&program);
  struct sa_small_gemm rows = counting_gemm(65, 4, 4), bytes = counting_gemm(60, 70, 4);
  ck_assert_int_eq(sa_small_gemm_program(&config, &rows, memory, &program, &error), SA_ERR_LIMIT);
  ck_assert_str_eq(error.message, "the results take 65 accumulator rows; accumulator.rows is 64");
  ck_assert_int_eq(sa_small_gemm_program(&config, &bytes, memory, &program, &error), SA_ERR_LIMIT);
  ck_assert_str_eq(error.message, "the ifmap has 4200 bytes; unified_buffer.size is 4096");
  sa_small_gemm_release(&rows);
  sa_small_gemm_release(&bytes);
  sa_program_release(&program);
  sa_memory_free(memory);
}
END_TEST

static void write_text(const char *path, const char *text) {
  FILE *file = fopen(path, "w");
  ck_assert_ptr_nonnull(file);
  fputs(text, file);
  fclose(file);
}

static void expect_error(const char *ifmap, const char *filter, const char *message) {
  struct cli_result result;
  write_text("wavefront_a.csv", ifmap);
  write_text("wavefront_b.csv", filter);
  run_cli("wavefront --ifmap wavefront_a.csv --filter wavefront_b.csv", &result);
  ck_assert_int_eq(result.status, 2);
  ck_assert_str_eq(result.output, "");
  ck_assert_msg(strstr(result.errors, message), "%s", result.errors);
  unlink("wavefront_a.csv");
  unlink("wavefront_b.csv");
}

START_TEST(bad_matrices_are_refused_with_their_place) {
  expect_error("1 2\n3\n", "1\n2\n", "wavefront_a.csv:2:1: 1 numbers, but 2 in the lines before");
  expect_error("1 2\n", "1\n2\n3\n", "wavefront_b.csv: the filter has 3 rows; the ifmap has 2 columns");
  expect_error("1 200\n", "1\n2\n", "wavefront_a.csv:1:3: 200 is not between -128 and 127");
  expect_error("1 x2\n", "1\n2\n", "wavefront_a.csv:1:3: \"x2\" is not a whole number");
  expect_error("# nothing\n", "1\n", "wavefront_a.csv: there is no number in it");
  expect_error("99999999999999999999\n", "1\n", "is not between -128 and 127");
}
END_TEST

START_TEST(matrices_from_files_are_multiplied) {
  struct cli_result result;
  write_text("wavefront_a.csv", "# two rows\n2, 3\n-1, 4\n");
  write_text("wavefront_b.csv", "5\n-7\n");
  run_cli("wavefront --ifmap wavefront_a.csv --filter wavefront_b.csv", &result);
  ck_assert_int_eq(result.status, 0);
  ck_assert_ptr_nonnull(strstr(result.output, "r0: -11"));
  ck_assert_ptr_nonnull(strstr(result.output, "r1: -33"));
  unlink("wavefront_a.csv");
  unlink("wavefront_b.csv");
}
END_TEST

START_TEST(large_arrays_are_refused) {
  struct cli_result result;
  run_cli("wavefront tpu-v1", &result);
  ck_assert_int_eq(result.status, 2);
  ck_assert_ptr_nonnull(strstr(result.errors, "tpu-v1 has 256 x 256 PEs; at most 1024 can be drawn"));
  run_cli("wavefront --ifmap x.csv", &result);
  ck_assert_int_eq(result.status, 2);
  ck_assert_ptr_nonnull(strstr(result.errors, "--ifmap and --filter belong together"));
}
END_TEST

/* The drawings in docs/wavefront.md are what the program prints. */
START_TEST(the_document_shows_what_the_program_prints) {
  struct cli_result result;
  char path[1024], *document = calloc(1, 1 << 18);
  const char *source = getenv("srcdir");
  snprintf(path, sizeof path, "%s/docs/wavefront.md", source ? source : ".");
  FILE *file = fopen(path, "r");
  ck_assert_ptr_nonnull(file);
  ck_assert_uint_gt(fread(document, 1, (1 << 18) - 1, file), 0);
  fclose(file);
  run_cli("wavefront", &result);
  ck_assert_int_eq(result.status, 0);
  ck_assert_msg(strstr(document, result.output), "copy the output of `systole wavefront` into docs/wavefront.md");
  free(document);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("wavefront");
  TCase *tcase = tcase_create("wavefront");
  tcase_set_timeout(tcase, 60);
  tcase_add_test(tcase, a_gemm_of_any_shape_gives_its_product_and_the_engines_occupancy);
  tcase_add_test(tcase, rows_of_random_programs_meet_their_weights_in_every_pe);
  tcase_add_test(tcase, a_second_weight_register_hides_the_shift);
  tcase_add_test(tcase, only_as_many_rows_as_asked_for_are_kept);
  tcase_add_test(tcase, a_gemm_that_does_not_fit_is_refused_with_its_size);
  tcase_add_test(tcase, bad_matrices_are_refused_with_their_place);
  tcase_add_test(tcase, matrices_from_files_are_multiplied);
  tcase_add_test(tcase, large_arrays_are_refused);
  tcase_add_test(tcase, the_document_shows_what_the_program_prints);
  suite_add_tcase(suite, tcase);
  return suite;
}

SA_TEST_MAIN(make_suite)
