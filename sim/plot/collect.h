/* What the collectors share. */
#ifndef SA_PLOT_COLLECT_H
#define SA_PLOT_COLLECT_H
#include "plot/plot.h"

#define SA_PLOT(name, input, least, most, title, summary)                                                    \
  enum sa_status sa_plot_collect_##name(const struct sa_plot_source *source, struct sa_plot_data *data,      \
                                        struct sa_error *error) SA_CHECKED;
#include "plot/kinds.def"
#undef SA_PLOT

#define SA_PLOT_TEXT_CHARS 320

/* "tpu-v1: 256x256 PEs at 700 MHz" */
void sa_plot_describe_machine(const struct sa_config *config, char text[SA_PLOT_TEXT_CHARS]);
/* "llama2-7b decode" */
void sa_plot_describe_network(const struct sa_net *net, char text[SA_PLOT_TEXT_CHARS]);
/* The subtitle of a picture of one run. */
void sa_plot_describe_run(struct sa_plot_data *data, const struct sa_plot_run *run);

/* Cycles charged to a layer at MATMUL's head (docs/metrics.md). */
double sa_plot_charged(const struct sa_metrics *m);
double sa_plot_dram_bytes(const struct sa_metrics *m);
/* Bytes per second of all ports. */
double sa_plot_bandwidth(const struct sa_config *config);
static inline double sa_plot_seconds(const struct sa_config *config, uint64_t cycles) {
  return (double)cycles / (double)config->clock_hz;
}
static inline double sa_plot_peak_gops(const struct sa_config *config) {
  return 2.0 * config->array_rows * config->array_cols * (double)config->clock_hz / 1e9;
}

/* What a picture adds to a CPU whose measurement is not to be trusted (docs/baseline.md), or "". */
static inline const char *sa_plot_busy(const struct sa_baseline_run *run) {
  return run->warning[0] ? "; it was disturbed while measured" : "";
}

/* Chooses names for an axis that has room for `room` of them at even distance: all if they fit, else those
 * of the largest weights, none nearer than count / room to another. chosen[count]. */
void sa_plot_choose_labels(const double *weights, size_t count, size_t room, bool *chosen);
#endif
