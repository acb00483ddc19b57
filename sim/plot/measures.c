/* Figures that several pictures need. */
#include <string.h>

#include "plot/collect.h"

static double sum(const uint64_t *values, size_t count) {
  double total = 0;
  for (size_t i = 0; i < count; i++) total += (double)values[i];
  return total;
}

double sa_plot_charged(const struct sa_metrics *m) { return sum(m->counters.matmul_cause, SA_CAUSES); }

double sa_plot_dram_bytes(const struct sa_metrics *m) {
  return sum(m->counters.dram_read_bytes, SA_CLASSES) + sum(m->counters.dram_write_bytes, SA_CLASSES);
}

double sa_plot_bandwidth(const struct sa_config *config) {
  double total = 0;
  for (uint32_t i = 0; i < config->memory_ports; i++) total += (double)config->port[i].bandwidth_bytes_per_s;
  return total;
}

/* The heaviest that is neither chosen nor near one that is, or count. */
static size_t heaviest(const double *weights, size_t count, size_t distance, const bool *chosen) {
  size_t best = count;
  for (size_t i = 0; i < count; i++) {
    bool near = weights[i] <= 0;
    const size_t first = i < distance ? 0 : i - distance;
    for (size_t k = first; k <= i + distance && k < count && !near; k++) near = chosen[k];
    if (!near && (best == count || weights[i] > weights[best])) best = i;
  }
  return best;
}

void sa_plot_choose_labels(const double *weights, size_t count, size_t room, bool *chosen) {
  for (size_t i = 0; i < count; i++) chosen[i] = count <= room;
  if (count <= room) return;
  const size_t distance = (count + room - 1) / room;
  for (size_t i; (i = heaviest(weights, count, distance, chosen)) < count;) chosen[i] = true;
}
