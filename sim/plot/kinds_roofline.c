/* The roofline: layers and networks by operational intensity and rate. A layer's rate is over the cycles
 * charged to it at MATMUL's head, so that no layer passes the array's peak; it may pass the slope of the
 * memory where its bytes were fetched in another layer's time. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot/collect.h"

struct point {
  const char *name;
  double intensity, gops, share; /* MAC per byte, 0: no bytes; share: of its network's time */
};

struct points {
  struct point *items; /* owned */
  size_t count;
};

enum { MOST_LABELS = 5 };

/* Names for the layers that take most time, far enough from each other on the axes. */
static void choose(const struct points *points, double edge, bool *chosen) {
  for (int n = 0; n < MOST_LABELS; n++) {
    size_t best = points->count;
    for (size_t i = 0; i < points->count; i++) {
      bool near = chosen[i] || points->items[i].share < 0.02;
      for (size_t k = 0; k < points->count && !near; k++) {
        const double x = points->items[i].intensity > 0 ? points->items[i].intensity : edge;
        const double other = points->items[k].intensity > 0 ? points->items[k].intensity : edge;
        near = chosen[k] && fabs(log10(x / other)) < 0.6 &&
               fabs(log10(points->items[i].gops / points->items[k].gops)) < 0.25;
      }
      if (!near && (best == points->count || points->items[i].share > points->items[best].share)) best = i;
    }
    if (best < points->count) chosen[best] = true;
  }
}

static enum sa_status add_points(struct sa_plot_data *data, const struct points *points, const char *series,
                                 size_t group, const char *what, double edge, bool named, struct sa_error *error) {
  bool *chosen = calloc(points->count ? points->count : 1, sizeof *chosen);
  if (!chosen) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  if (named) choose(points, edge, chosen);
  for (size_t i = 0; i < points->count; i++) {
    const struct point *p = &points->items[i];
    sa_plot_text(data, series);
    sa_plot_number(data, (double)group);
    sa_plot_text(data, what);
    sa_plot_text(data, p->name);
    sa_plot_text(data, chosen[i] ? p->name : "");
    sa_plot_number(data, p->intensity);
    sa_plot_number(data, p->gops);
    sa_plot_number(data, 100 * p->share);
    sa_plot_number(data, p->intensity > 0 ? p->intensity : edge);
  }
  free(chosen);
  return SA_OK;
}

static enum sa_status array_points(const struct sa_report *report, struct points *points, struct sa_error *error) {
  const double hz = (double)report->config->clock_hz, all = sa_plot_charged(&report->total);
  points->items = calloc(report->layer_count ? report->layer_count : 1, sizeof *points->items);
  if (!points->items) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  for (size_t i = 0; i < report->layer_count; i++) {
    const struct sa_metrics *m = &report->layers[i];
    const double cycles = sa_plot_charged(m), bytes = sa_plot_dram_bytes(m);
    if (m->macs == 0 || cycles <= 0) continue; /* does not multiply */
    points->items[points->count++] = (struct point){m->name, bytes > 0 ? (double)m->macs / bytes : 0,
                                                    2 * (double)m->macs / cycles * hz / 1e9, cycles / all};
  }
  return SA_OK;
}

static enum sa_status cpu_points(const struct sa_baseline_run *run, struct points *points, struct sa_error *error) {
  points->items = calloc(run->layer_count ? run->layer_count : 1, sizeof *points->items);
  if (!points->items) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  for (uint32_t i = 0; i < run->layer_count; i++) {
    const struct sa_layer_time *t = &run->layers[i];
    if (t->macs == 0 || t->bytes == 0 || !(t->pass.median_s > 0)) continue;
    points->items[points->count++] = (struct point){t->name, (double)t->macs / (double)t->bytes,
                                                    2 * (double)t->macs / t->pass.median_s / 1e9,
                                                    run->total.median_s > 0 ? t->pass.median_s / run->total.median_s : 0};
  }
  return SA_OK;
}

struct limits {
  double low_x, high_x, low_y, high_y;
  bool edge; /* some point has no bytes */
};

static void widen(struct limits *limits, const struct points *points) {
  for (size_t i = 0; i < points->count; i++) {
    const struct point *p = &points->items[i];
    limits->edge = limits->edge || !(p->intensity > 0);
    if (p->intensity > 0) {
      limits->low_x = fmin(limits->low_x, p->intensity);
      limits->high_x = fmax(limits->high_x, p->intensity);
    }
    limits->low_y = fmin(limits->low_y, p->gops);
    limits->high_y = fmax(limits->high_y, p->gops);
  }
}

/* The network as a whole: one point. */
static struct point total_point(const struct sa_report *report) {
  const double bytes = sa_plot_dram_bytes(&report->total);
  return (struct point){report->network, bytes > 0 ? (double)report->total.macs / bytes : 0,
                        2 * (double)report->total.macs / sa_plot_seconds(report->config, report->total.cycles) / 1e9, 1};
}

/* The best run of the baseline and its roofs. int8 as the array, if it was measured. */
static const struct sa_baseline_run *choose_cpu(const struct sa_baseline *baseline, enum sa_dtype *dtype) {
  static const enum sa_dtype order[] = {SA_DTYPE_INT8, SA_DTYPE_BF16, SA_DTYPE_FP32};
  for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
    const struct sa_baseline_run *run = sa_baseline_best(baseline, *dtype = order[i]);
    if (run) return run;
  }
  return NULL;
}

static void set_cpu(struct sa_plot_data *data, const struct sa_baseline *baseline, const struct sa_baseline_run *run,
                    enum sa_dtype dtype, size_t group) {
  char series[64];
  snprintf(series, sizeof series, "CPU, %s, %u thread%s", sa_dtype_name(dtype), run->threads, run->threads == 1 ? "" : "s");
  sa_plot_set_text_at(data, "group", group, series);
  sa_plot_set(data, "cpu_peak_gops", 2 * baseline->roofline.macs_per_s[dtype] * run->threads / 1e9);
  sa_plot_set(data, "cpu_bandwidth_gbs", baseline->roofline.bytes_per_s / 1e9);
  sa_plot_set_text(data, "note", "CPU: %s%s", baseline->host.cpu, sa_plot_busy(run));
}

enum sa_status sa_plot_collect_roofline(const struct sa_plot_source *source, struct sa_plot_data *data,
                                        struct sa_error *error) {
  static const char columns[] = "series,group,point,layer,label,intensity,gops,time_percent,x";
  struct points points[SA_PLOT_MAX_RUNS + 1] = {{0}};
  const struct sa_config *config = source->runs[0].config;
  const double peak = sa_plot_peak_gops(config), bandwidth = sa_plot_bandwidth(config) / 1e9;
  const size_t runs = source->run_count;
  struct limits limits = {peak / bandwidth / 20, peak / bandwidth * 2, peak / 10, peak, false};
  char machine[SA_PLOT_TEXT_CHARS];
  enum sa_dtype dtype = SA_DTYPE_FP32;
  const struct sa_baseline_run *cpu = source->baseline ? choose_cpu(source->baseline, &dtype) : NULL;
  if (source->baseline && !cpu) return sa_fail(error, SA_ERR_INPUT, "the baseline holds no complete run");
  sa_plot_describe_machine(config, machine);
  sa_plot_columns(data, columns);
  if (runs == 1)
    sa_plot_describe_run(data, &source->runs[0]);
  else
    sa_plot_set_text(data, "subtitle", "%s, %s", machine, "each network at its own batch");
  enum sa_status status = SA_OK;
  for (size_t i = 0; i < runs && !status; i++) {
    status = array_points(&source->runs[i].simulation->report, &points[i], error);
    widen(&limits, &points[i]);
  }
  if (!status && cpu) {
    status = cpu_points(cpu, &points[runs], error);
    widen(&limits, &points[runs]);
  }
  const double edge = limits.high_x * 2;
  for (size_t i = 0; i < runs && !status; i++) {
    const struct sa_report *report = &source->runs[i].simulation->report;
    char network[SA_PLOT_TEXT_CHARS], name[SA_PLOT_TEXT_CHARS + 32];
    sa_plot_describe_network(source->runs[i].net, network);
    snprintf(name, sizeof name, report->batch > 1 ? "%s, batch %u" : "%s", network, report->batch);
    struct point whole = total_point(report);
    const struct points total = {&whole, 1};
    status = add_points(data, &points[i], name, i + 1, "layer", edge, runs == 1, error);
    if (!status) status = add_points(data, &total, name, i + 1, "network", edge, false, error);
    sa_plot_set_text_at(data, "group", i + 1, runs == 1 ? "layer on the array" : name);
  }
  if (!status && cpu) {
    status = add_points(data, &points[runs], "cpu", runs + 1, "layer", edge, false, error);
    set_cpu(data, source->baseline, cpu, dtype, runs + 1);
  }
  sa_plot_set(data, "groups", (double)(runs + (cpu != NULL)));
  sa_plot_set(data, "networks", (double)runs);
  sa_plot_set(data, "has_cpu", cpu != NULL);
  sa_plot_set(data, "peak_gops", peak);
  sa_plot_set(data, "bandwidth_gbs", bandwidth);
  sa_plot_set(data, "low_x", limits.low_x / 2);
  sa_plot_set(data, "edge_x", edge);
  sa_plot_set(data, "has_edge", limits.edge);
  sa_plot_set(data, "low_y", limits.low_y / 3);
  sa_plot_set(data, "high_y", limits.high_y);
  for (size_t i = 0; i <= runs; i++) free(points[i].items);
  snprintf(data->empty, sizeof data->empty, "no layer multiplies");
  return status;
}
