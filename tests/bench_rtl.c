/* Speed of the RTL under Verilator on the programs of whole networks, beside the C engine's on the same
 * program in the same run. The RTL's time is that of its process: model, SystemC, files. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cosim/rtl.h"
#include "engine/engine.h"
#include "map/map.h"
#include "net/net_yaml.h"

enum { RUNS = 3 };

static const struct { const char *config, *network; } cases[] = {
    {"tpu-v1", "resnet50"}, {"tpu-v2", "resnet50"}, {"array32", "mobilenetv2"}, {"array8", "kws-dscnn"}};

static void die(const struct sa_error *error) {
  fprintf(stderr, "bench_rtl: %s\n", error->message);
  exit(1);
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void bench(const char *config_name, const char *network) {
  struct sa_error error;
  struct sa_config config;
  struct sa_net net;
  struct sa_mapping mapping;
  struct sa_rtl rtl;
  struct sa_counters counters;
  sa_net_init(&net);
  sa_mapping_init(&mapping);
  if (sa_config_load(config_name, NULL, 0, &config, &error) != SA_OK ||
      sa_net_load(network, NULL, &net, &error) != SA_OK ||
      sa_map(&config, &net, NULL, &mapping, &error) != SA_OK)
    die(&error);
  double start = seconds();
  if (sa_rtl_open(&config, NULL, &rtl, &error) != SA_OK) die(&error);
  const double build = seconds() - start;
  double best[2] = {1e9, 1e9}; /* RTL, C */
  for (int i = 0; i < RUNS; i++) {
    struct sa_record record;
    sa_record_init(&record);
    start = seconds();
    if (sa_rtl_run(&rtl, &config, &mapping.program, NULL, NULL, &record, NULL, &error) != SA_OK)
      die(&error);
    const double middle = seconds();
    if (sa_engine_run(&config, &mapping.program, NULL, &counters, NULL, 0, &error) != SA_OK) die(&error);
    const double end = seconds();
    if (middle - start < best[0]) best[0] = middle - start;
    if (end - middle < best[1]) best[1] = end - middle;
    if (record.counters.cycles[0] != counters.cycles[0]) {
      fprintf(stderr, "bench_rtl: %s on %s: %llu cycles in the RTL, %llu in the C engine\n", network,
              config_name, (unsigned long long)record.counters.cycles[0],
              (unsigned long long)counters.cycles[0]);
      exit(1);
    }
    sa_record_release(&record);
  }
  const double cycles = (double)counters.cycles[0];
  printf("RTL, %s on %s (%u x %u): %.0f cycles in %.2f s: %.0f k cycles/s; C engine in %.3f ms: %.0f M "
         "cycles/s; built or found in %.1f s\n",
         network, config_name, config.array_rows, config.array_cols, cycles, best[0],
         1e-3 * cycles / best[0], 1e3 * best[1], 1e-6 * cycles / best[1], build);
  sa_rtl_close(&rtl);
  sa_mapping_release(&mapping);
  sa_net_release(&net);
}

int main(void) {
  struct sa_error error;
  if (sa_rtl_available(&error) != SA_OK) {
    printf("RTL: not measured, %s\n", error.message);
    return 0;
  }
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) bench(cases[i].config, cases[i].network);
  return 0;
}
