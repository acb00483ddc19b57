/* Speed of the event-driven engine alone, on the programs of whole networks.
 *
 * bench_engine                        every case: cycles, events, time (best of several runs)
 * bench_engine CONFIG NETWORK BATCH   one case, run once: for callgrind */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "engine/engine.h"
#include "map/map.h"
#include "net/net_yaml.h"

enum { RUNS = 9 };

static const struct { const char *config, *network; uint32_t batch; } cases[] = {
    {"tpu-v1", "vgg16", 8}, {"tpu-v1", "resnet50", 1}, {"tpu-v2", "resnet50", 1}, {"tpu-v2", "bert-base", 1}};

static void die(const struct sa_error *error) {
  fprintf(stderr, "bench_engine: %s\n", error->message);
  exit(1);
}

static uint64_t sum(const uint64_t *counts, int n) {
  uint64_t total = 0;
  for (int i = 0; i < n; i++) total += counts[i];
  return total;
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void bench(const char *config_name, const char *network, uint32_t batch, int runs) {
  struct sa_error error;
  struct sa_config config;
  struct sa_net net;
  struct sa_mapping mapping;
  struct sa_counters counters;
  const struct sa_net_options net_options = {.batch = batch};
  sa_net_init(&net);
  sa_mapping_init(&mapping);
  if (sa_config_load(config_name, NULL, 0, &config, &error) != SA_OK ||
      sa_net_load(network, &net_options, &net, &error) != SA_OK ||
      sa_map(&config, &net, NULL, &mapping, &error) != SA_OK)
    die(&error);
  struct sa_layer_counters *layers = calloc(net.layer_count, sizeof *layers);
  if (!layers) abort();
  double best = 1e9;
  for (int i = 0; i < runs; i++) {
    const double start = seconds();
    if (sa_engine_run(&config, &mapping.program, NULL, &counters, layers, net.layer_count, &error) !=
        SA_OK)
      die(&error);
    const double time = seconds() - start;
    if (time < best) best = time;
  }
  const uint64_t cycles = counters.cycles[0], instrs = sum(counters.instructions, SA_UNITS);
  const uint64_t bursts = sum(counters.dram_bursts, 3), events = instrs + bursts;
  printf("engine, %s, batch %u, on %s: %llu cycles, %llu instructions + %llu bursts = %llu events",
         network, batch, config_name, (unsigned long long)cycles, (unsigned long long)instrs,
         (unsigned long long)bursts, (unsigned long long)events);
  if (runs > 1)
    printf(", %.2f ms: %.0f M cycles/s, %.1f M events/s", 1e3 * best, 1e-6 * (double)cycles / best,
           1e-6 * (double)events / best);
  putchar('\n');
  free(layers);
  sa_mapping_release(&mapping);
  sa_net_release(&net);
}

int main(int argc, char **argv) {
  if (argc == 4) {
    bench(argv[1], argv[2], (uint32_t)strtoul(argv[3], NULL, 10), 1);
    return 0;
  }
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    bench(cases[i].config, cases[i].network, cases[i].batch, RUNS);
  return 0;
}
