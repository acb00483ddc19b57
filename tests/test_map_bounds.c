/* How near mapped networks come to what no mapping can beat. The array's and the weights' bounds are
 * computed here again, from the published table of layer shapes (tests/data/workload_layers.csv). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"
#include "map/bounds.h"
#include "map/map.h"
#include "net/net_yaml.h"
#include "test_main.h"

/* GEMM rows of the table. */
struct row { double m, n, k, count, weights; };
enum { MAX_ROWS = 64 };

static unsigned read_rows(const char *model, struct row rows[MAX_ROWS]) {
  const char *srcdir = getenv("srcdir");
  char path[4096];
  snprintf(path, sizeof path, "%s/tests/data/workload_layers.csv", srcdir ? srcdir : ".");
  FILE *file = fopen(path, "r");
  ck_assert_msg(file, "%s", path);
  char line[512], name[64], layer[64];
  unsigned count = 0;
  while (fgets(line, sizeof line, file)) {
    struct row r;
    double macs;
    const int fields = sscanf(line, "%63[^,],%63[^,],%lf,%lf,%lf,%lf,%lf,%lf", name, layer, &r.m, &r.n, &r.k,
                              &r.count, &macs, &r.weights);
    if (fields != 8 || strcmp(name, model) != 0) continue;
    ck_assert_uint_lt(count, MAX_ROWS);
    rows[count++] = r;
  }
  fclose(file);
  ck_assert_uint_gt(count, 0);
  return count;
}

static double array_bound(const struct row *r, double batch, double rows, double cols, double shift) {
  return r->count * ceil(r->k / rows) * ceil(r->n / cols) * fmax(r->m * batch, shift);
}

static void load(const char *machine, const char *network, uint32_t batch, struct sa_config *config,
                 struct sa_net *net) {
  struct sa_error error = {0};
  const struct sa_net_options options = {.batch = batch};
  ck_assert_msg(sa_config_load(machine, NULL, 0, config, &error) == SA_OK, "%s", error.message);
  ck_assert_msg(sa_net_load(network, &options, net, &error) == SA_OK, "%s", error.message);
}

START_TEST(the_array_bound_of_resnet50_at_128x128_is_400288_cycles) {
  struct row rows[MAX_ROWS];
  const unsigned count = read_rows("resnet50_v1.5_torchvision", rows);
  double from_table = 0;
  for (unsigned i = 0; i < count; i++) from_table += array_bound(&rows[i], 1, 128, 128, 128);
  ck_assert_double_eq(from_table, 400288);
  const char *const one_row[] = {"array.weight_shift_rows=1"};
  struct sa_config config;
  struct sa_net net;
  struct sa_error error = {0};
  ck_assert_int_eq(sa_config_load("tpu-v2", one_row, 1, &config, &error), SA_OK);
  ck_assert_int_eq(sa_net_load("resnet50", NULL, &net, &error), SA_OK);
  uint64_t sum = 0;
  for (uint32_t i = 0; i < net.layer_count; i++) {
    struct sa_bound bound;
    sa_bound_layer(&config, &net, i, &bound);
    sum += bound.array_cycles;
  }
  ck_assert_uint_eq(sum, 400288);
  sa_net_release(&net);
}
END_TEST

static uint64_t run(const struct sa_config *config, const struct sa_net *net, struct sa_counters *counters) {
  struct sa_mapping mapping;
  struct sa_error error = {0};
  ck_assert_msg(sa_map(config, net, NULL, &mapping, &error) == SA_OK, "%s", error.message);
  ck_assert_msg(sa_engine_run(config, &mapping.program, NULL, counters, NULL, 0, &error) == SA_OK, "%s",
                error.message);
  sa_mapping_release(&mapping);
  return counters->cycles[0];
}

static const struct {
  const char *machine, *network, *model;
  uint32_t batch;
} figures[] = {{"tpu-v2", "resnet50", "resnet50_v1.5_torchvision", 1},
               {"tpu-v1", "resnet50", "resnet50_v1.5_torchvision", 8},
               {"tpu-v2", "bert-base", "bert_base_seq128", 1},
               {"tpu-v1", "bert-base", "bert_base_seq128", 1}};

START_TEST(a_network_stays_within_a_quarter_of_its_layers_bounds) {
  struct sa_config config;
  struct sa_net net;
  struct sa_counters counters;
  struct row rows[MAX_ROWS];
  load(figures[_i].machine, figures[_i].network, figures[_i].batch, &config, &net);
  const unsigned count = read_rows(figures[_i].model, rows);
  double sum = 0;
  for (unsigned i = 0; i < count; i++) {
    const double array =
        array_bound(&rows[i], figures[_i].batch, config.array_rows, config.array_cols, config.shift_cycles);
    sum += fmax(array, rows[i].weights * (double)config.bw_den[1] / (double)config.bw_num[1]);
  }
  for (uint32_t i = 0; i < net.layer_count; i++) { /* VECTOR's own layers are not in the table */
    struct sa_bound bound;
    sa_bound_layer(&config, &net, i, &bound);
    if (!net.layers[i].gemm_count) sum += (double)bound.vector_cycles;
  }
  const double cycles = (double)run(&config, &net, &counters);
  ck_assert_msg(cycles <= 1.25 * sum, "%s on %s: %.0f cycles, bounds %.0f: %.3f", figures[_i].network,
                figures[_i].machine, cycles, sum, cycles / sum);
  sa_net_release(&net);
}
END_TEST

START_TEST(no_run_is_faster_than_its_macs_or_its_weights) {
  static const char *const machines[] = {"tpu-v1", "tpu-v2", "edge64", "array32"};
  static const char *const networks[] = {"resnet18", "mobilenetv2", "mlp", "lenet5"};
  struct sa_config config;
  struct sa_net net;
  struct sa_counters counters;
  load(machines[_i / 4], networks[_i % 4], 1, &config, &net);
  const double cycles = (double)run(&config, &net, &counters);
  const struct sa_net_totals totals = sa_net_total(&net);
  ck_assert_double_ge(cycles, (double)totals.macs / config.array_rows / config.array_cols);
  ck_assert_double_ge(cycles, (double)totals.weights * (double)config.bw_den[1] / (double)config.bw_num[1]);
  ck_assert_uint_ge(counters.dram_read_bytes[SA_CLASS_WEIGHTS], totals.weights);
  sa_net_release(&net);
}
END_TEST

static Suite *bounds_suite(void) {
  Suite *suite = suite_create("map_bounds");
  TCase *bounds = tcase_create("bounds");
  tcase_set_timeout(bounds, 120);
  tcase_add_test(bounds, the_array_bound_of_resnet50_at_128x128_is_400288_cycles);
  tcase_add_loop_test(bounds, a_network_stays_within_a_quarter_of_its_layers_bounds, 0, 4);
  tcase_add_loop_test(bounds, no_run_is_faster_than_its_macs_or_its_weights, 0, 16);
  suite_add_tcase(suite, bounds);
  return suite;
}

SA_TEST_MAIN(bounds_suite)
