/* Physical sense: nothing is faster than its parts allow, and what the ISCA 2017 paper says of TPU v1
 * without dispute holds here too. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "net/net_yaml.h"
#include "program/isa.h"
#include "report/simulate.h"
#include "test_main.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))

static void load(const char *machine, const char *const *set, size_t count, struct sa_config *config) {
  struct sa_error error = {0};
  ck_assert_msg(sa_config_load(machine, set, count, config, &error) == SA_OK, "%s", error.message);
}

static struct sa_metrics simulate(const struct sa_config *config, struct sa_net *net) {
  struct sa_error error = {0};
  struct sa_simulation run;
  sa_simulation_init(&run);
  ck_assert_msg(sa_simulate(config, net, NULL, NULL, &run, &error) == SA_OK, "%s", error.message);
  const struct sa_metrics total = run.report.total;
  sa_simulation_release(&run);
  return total;
}

static struct sa_metrics run_net(const struct sa_config *config, const char *name, uint32_t batch) {
  struct sa_error error = {0};
  struct sa_net net;
  const struct sa_net_options options = {.batch = batch};
  sa_net_init(&net);
  ck_assert_msg(sa_net_load(name, &options, &net, &error) == SA_OK, "%s", error.message);
  const struct sa_metrics total = simulate(config, &net);
  sa_net_release(&net);
  return total;
}

/* One fully connected layer: m x k times k x n. */
static struct sa_metrics run_gemm(const struct sa_config *config, unsigned m, unsigned k, unsigned n) {
  char text[256];
  snprintf(text, sizeof text,
           "input: {shape: [1, %u, %u]}\nlayers:\n- {name: fc, type: fc, out: %u, bias: false}\n", m, k, n);
  struct sa_error error = {0};
  struct sa_net net;
  sa_net_init(&net);
  ck_assert_msg(sa_net_parse("gemm.yaml", text, strlen(text), NULL, &net, &error) == SA_OK, "%s",
                error.message);
  const struct sa_metrics total = simulate(config, &net);
  sa_net_release(&net);
  return total;
}

static uint64_t sum(const uint64_t *values, size_t count) {
  uint64_t total = 0;
  for (size_t i = 0; i < count; i++) total += values[i];
  return total;
}

static const struct { const char *machine, *network; uint32_t batch; } RUNS[] = {
    {"tpu-v1", "resnet50", 1}, {"tpu-v1", "mlp", 200},      {"tpu-v2", "bert-base", 1}, {"tpu-v2", "vgg16", 2},
    {"edge64", "mobilenetv2", 1}, {"array32", "resnet18", 1}, {"array16", "lstm", 4},  {"array8", "kws-dscnn", 1},
    {"array8", "mobilenetv1", 1}};

START_TEST(no_run_is_faster_than_its_macs_over_the_array_or_its_bytes_over_the_bandwidth) {
  struct sa_config config;
  load(RUNS[_i].machine, NULL, 0, &config);
  const struct sa_metrics t = run_net(&config, RUNS[_i].network, RUNS[_i].batch);
  const double pes = (double)config.array_rows * config.array_cols;
  ck_assert(pes * (double)t.cycles >= (double)t.macs);
  const double weights = (double)t.counters.dram_read_bytes[SA_CLASS_WEIGHTS];
  const double all = (double)(sum(t.counters.dram_read_bytes, SA_CLASSES) + sum(t.counters.dram_write_bytes, SA_CLASSES));
  const double cycles = (double)t.cycles;
  if (config.memory_ports == 2) {
    ck_assert(weights * (double)config.bw_den[1] <= cycles * (double)config.bw_num[1]);
    ck_assert((all - weights) * (double)config.bw_den[0] <= cycles * (double)config.bw_num[0]);
  } else {
    ck_assert(all * (double)config.bw_den[0] <= cycles * (double)config.bw_num[0]);
  }
}
END_TEST

START_TEST(partial_sums_never_leave_the_accumulators) {
  struct sa_config config;
  load(RUNS[_i].machine, NULL, 0, &config);
  const struct sa_metrics t = run_net(&config, RUNS[_i].network, RUNS[_i].batch);
  /* every row that is written without being added to opens a sum; VECTOR reads as many rows as were
   * opened, each once a chunk */
  const uint64_t opened = t.counters.acc_row_writes[0] - t.counters.acc_row_adds[0];
  const uint64_t chunks = (config.array_cols + config.vector_lanes - 1) / config.vector_lanes;
  ck_assert_uint_ge(t.counters.acc_row_reads[0], opened);
  ck_assert_uint_le(t.counters.acc_row_reads[0], opened * chunks);
}
END_TEST

START_TEST(the_first_fill_is_paid_for) {
  static const char *const one[] = {"array.weight_buffers=1"};
  for (size_t count = 0; count < 2; count++) {
    struct sa_config config;
    load("tpu-v1", one, count, &config);
    const struct sa_metrics t = run_gemm(&config, 1, 256, 256);
    /* a tile arrives, is shifted in, and one row crosses the array */
    ck_assert_uint_ge(t.cycles, 65536 * 7 / 340 + 256 + 256 + 256 - 1);
  }
}
END_TEST

enum { STARTS = 96 };
struct starts { uint64_t cycle[STARTS]; int count; };

static void note_start(void *user, const struct sa_instr_event *event) {
  struct starts *starts = user;
  if (event->unit == SA_MATMUL && starts->count < STARTS) starts->cycle[starts->count++] = event->start;
}

/* Cycles from one full tile's first row to the next one's, in the middle of a long layer of m rows. */
static double cycles_per_tile(const struct sa_config *config, unsigned m) {
  char text[256];
  snprintf(text, sizeof text, "input: {shape: [1, %u, %u]}\nlayers:\n- {name: fc, type: fc, out: %u}\n", m,
           4 * config->array_rows, 24 * config->array_cols);
  struct sa_error error = {0};
  struct sa_net net;
  sa_net_init(&net);
  ck_assert_msg(sa_net_parse("gemm.yaml", text, strlen(text), NULL, &net, &error) == SA_OK, "%s",
                error.message);
  struct starts starts = {.count = 0};
  const struct sa_engine_options options = {.on_instr = note_start, .user = &starts};
  struct sa_simulation run;
  sa_simulation_init(&run);
  ck_assert_msg(sa_simulate(config, &net, NULL, &options, &run, &error) == SA_OK, "%s", error.message);
  sa_simulation_release(&run);
  sa_net_release(&net);
  ck_assert_int_eq(starts.count, STARTS);
  return (double)(starts.cycle[3 * STARTS / 4] - starts.cycle[STARTS / 4]) / (STARTS / 2);
}

static const char *const FAST_MEMORY[] = {"weight_memory.width=1024", "weight_memory.bandwidth=700GB/s",
                                          "weight_memory.outstanding=256", "memory.width=1024",
                                          "memory.bandwidth=700GB/s", "memory.outstanding=256"};

START_TEST(b_rows_times_a_tile_take_b_cycles_in_steady_state) {
  struct sa_config config;
  load("tpu-v1", FAST_MEMORY, COUNT(FAST_MEMORY), &config);
  ck_assert_double_eq_tol(cycles_per_tile(&config, 400), 400, 0.5);
}
END_TEST

START_TEST(with_one_weight_buffer_every_fold_of_a_layer_takes_2r_c_m_less_2) {
  const char *set[COUNT(FAST_MEMORY) + 1] = {"array.weight_buffers=1"};
  memcpy(set + 1, FAST_MEMORY, sizeof FAST_MEMORY);
  struct sa_config config;
  load("tpu-v1", set, COUNT(set), &config);
  ck_assert_double_eq_tol(cycles_per_tile(&config, 400), 2 * 256 + 256 + 400 - 2, 0.5);
}
END_TEST

START_TEST(a_tile_is_shifted_in_256_cycles) {
  struct sa_config config;
  load("tpu-v1", FAST_MEMORY, COUNT(FAST_MEMORY), &config);
  ck_assert_uint_eq(config.shift_cycles, 256);
  ck_assert_double_eq_tol(cycles_per_tile(&config, 100), 256, 0.5);
}
END_TEST

START_TEST(a_64_kib_tile_takes_2_us_from_memory) {
  struct sa_config config;
  load("tpu-v1", NULL, 0, &config);
  const double us = cycles_per_tile(&config, 100) / 700;
  ck_assert(us > 1.9 && us < 2.2);
}
END_TEST

START_TEST(a_matrix_of_600_takes_9_tiles_at_256_and_4_at_512) {
  struct sa_config config;
  load("tpu-v1", NULL, 0, &config);
  ck_assert_uint_eq(run_gemm(&config, 8, 600, 600).counters.tiles_shifted[0], 9);
  /* The paper's 18 us and 32 us are those of full tiles: TPU v1 keeps them padded in memory. Here tiles
   * are packed, so that 600 x 600 takes 360,000 bytes of bandwidth on both; full tiles take the paper's. */
  const double nine = (double)run_gemm(&config, 8, 768, 768).counters.cycles[0] / 700;
  ck_assert(nine > 16.5 && nine < 20);
  static const char *const big[] = {"array.rows=512", "array.cols=512"};
  load("tpu-v1", big, 2, &config);
  ck_assert_uint_eq(run_gemm(&config, 8, 600, 600).counters.tiles_shifted[0], 4);
  const double four = (double)run_gemm(&config, 8, 1024, 1024).counters.cycles[0] / 700;
  ck_assert(four > 29 && four < 35);
}
END_TEST

static double seconds(const struct sa_config *config, const char *network, uint32_t batch) {
  return (double)run_net(config, network, batch).cycles / (double)config->clock_hz;
}

START_TEST(more_memory_bandwidth_helps_memory_bound_networks_most) {
  static const char *const set[] = {"weight_memory.bandwidth=136GB/s", "weight_memory.width=256",
                                    "weight_memory.outstanding=64"};
  struct sa_config base, faster;
  load("tpu-v1", NULL, 0, &base);
  load("tpu-v1", set, COUNT(set), &faster);
  const double mlp = seconds(&base, "mlp", 200) / seconds(&faster, "mlp", 200);
  const double bert = seconds(&base, "bert-base", 1) / seconds(&faster, "bert-base", 1);
  ck_assert(mlp > 1.5 && mlp < 4.1);
  ck_assert(bert > 1.5 && bert < 4.1);
}
END_TEST

START_TEST(a_faster_clock_gives_almost_nothing_to_mlps_and_lstms_and_much_to_cnns) {
  /* the same memories in a clock four times as fast; latency in cycles grows with it */
  static const char *const set[] = {"clock=2800MHz", "memory.latency=280", "weight_memory.latency=280",
                                    "memory.outstanding=64", "weight_memory.outstanding=64"};
  struct sa_config base, faster;
  load("tpu-v1", NULL, 0, &base);
  load("tpu-v1", set, COUNT(set), &faster);
  const double mlp = seconds(&base, "mlp", 64) / seconds(&faster, "mlp", 64);
  const double cnn = seconds(&base, "resnet50", 8) / seconds(&faster, "resnet50", 8);
  ck_assert_msg(mlp < 1.25, "mlp %g", mlp);
  ck_assert_msg(cnn > 1.5 && cnn <= 4, "cnn %g", cnn);
}
END_TEST

START_TEST(more_bandwidth_never_costs_a_cycle_with_one_requester) {
  static const char *const rates[] = {"weight_memory.bandwidth=5GB/s", "weight_memory.bandwidth=9GB/s",
                                      "weight_memory.bandwidth=17GB/s", "weight_memory.bandwidth=23GB/s",
                                      "weight_memory.bandwidth=34GB/s", "weight_memory.bandwidth=44.8GB/s"};
  uint64_t before = UINT64_MAX;
  for (int i = 0; i < COUNT(rates); i++) {
    struct sa_config config;
    load("tpu-v1", &rates[i], 1, &config);
    const uint64_t cycles = run_gemm(&config, 64, 4096, 1024).cycles;
    ck_assert_uint_le(cycles, before);
    before = cycles;
  }
}
END_TEST

static Suite *suite(void) {
  Suite *s = suite_create("physics");
  TCase *c = tcase_create("physics");
  tcase_set_timeout(c, 120);
  tcase_add_loop_test(c, no_run_is_faster_than_its_macs_over_the_array_or_its_bytes_over_the_bandwidth, 0, COUNT(RUNS));
  tcase_add_loop_test(c, partial_sums_never_leave_the_accumulators, 0, COUNT(RUNS));
  tcase_add_test(c, the_first_fill_is_paid_for);
  tcase_add_test(c, b_rows_times_a_tile_take_b_cycles_in_steady_state);
  tcase_add_test(c, with_one_weight_buffer_every_fold_of_a_layer_takes_2r_c_m_less_2);
  tcase_add_test(c, a_tile_is_shifted_in_256_cycles);
  tcase_add_test(c, a_64_kib_tile_takes_2_us_from_memory);
  tcase_add_test(c, a_matrix_of_600_takes_9_tiles_at_256_and_4_at_512);
  tcase_add_test(c, more_memory_bandwidth_helps_memory_bound_networks_most);
  tcase_add_test(c, a_faster_clock_gives_almost_nothing_to_mlps_and_lstms_and_much_to_cnns);
  tcase_add_test(c, more_bandwidth_never_costs_a_cycle_with_one_requester);
  suite_add_tcase(s, c);
  return s;
}

SA_TEST_MAIN(suite)
