/* Pictures of one run, layer by layer: account, traffic, kinds. */
#include <stdlib.h>
#include <string.h>

#include "plot/collect.h"
#include "program/isa.h"

/* ---- The cycle account ---- */

enum sa_status sa_plot_collect_account(const struct sa_plot_source *source, struct sa_plot_data *data,
                                       struct sa_error *error) {
  static const char columns[] = "layer,kind,cycles,begin_percent,end_percent,active,non_matrix,drain,idle,input_stall,"
                          "raw_stall,accumulator_stall,weight_stall,weight_shift";
  const struct sa_report *report = &source->runs[0].simulation->report;
  (void)error;
  sa_plot_describe_run(data, &source->runs[0]);
  sa_plot_columns(data, columns);
  const double total = sa_plot_charged(&report->total);
  double begin = 0;
  for (size_t i = 0; i < report->layer_count; i++) {
    const struct sa_metrics *m = &report->layers[i];
    const double charged = sa_plot_charged(m);
    if (charged <= 0) continue; /* it never was at the head of MATMUL's queue */
    sa_plot_text(data, m->name);
    sa_plot_text(data, m->kind);
    sa_plot_number(data, charged);
    sa_plot_number(data, 100 * begin / total);
    begin += charged;
    sa_plot_number(data, 100 * begin / total);
    for (int k = 0; k < SA_CAUSES; k++) sa_plot_number(data, 100 * (double)m->counters.matmul_cause[k] / charged);
  }
  for (int k = 0; k < SA_CAUSES; k++) {
    char name[32];
    sa_plot_set_text_at(data, "cause", (size_t)k + 1, sa_cause_name((enum sa_cause)k));
    snprintf(name, sizeof name, "share_%d", k + 1);
    sa_plot_set(data, name, 100 * (double)report->total.counters.matmul_cause[k] / total);
  }
  sa_plot_set(data, "total_cycles", total);
  return SA_OK;
}

/* ---- Traffic ---- */

enum { LABEL_ROOM = 40 }; /* names beneath an axis as wide as the picture */

enum sa_status sa_plot_collect_traffic(const struct sa_plot_source *source, struct sa_plot_data *data,
                                       struct sa_error *error) {
  static const char columns[] = "layer,number,label,weights,params,ifmap,ofmap,spill_read,spill_write,kv_read,kv_write,other";
  const struct sa_report *report = &source->runs[0].simulation->report;
  const size_t count = report->layer_count;
  sa_plot_describe_run(data, &source->runs[0]);
  sa_plot_columns(data, columns);
  double *weights = calloc(count ? count : 1, sizeof *weights);
  bool *chosen = calloc(count ? count : 1, sizeof *chosen);
  if (weights && chosen) {
    for (size_t i = 0; i < count; i++) weights[i] = sa_plot_dram_bytes(&report->layers[i]);
    sa_plot_choose_labels(weights, count, LABEL_ROOM, chosen);
    for (size_t i = 0; i < count; i++) {
      const struct sa_metrics *m = &report->layers[i];
      const uint64_t *read = m->counters.dram_read_bytes, *written = m->counters.dram_write_bytes;
      sa_plot_text(data, m->name);
      sa_plot_number(data, (double)i + 1);
      sa_plot_text(data, chosen[i] ? m->name : "");
      const uint64_t bytes[] = {read[SA_CLASS_WEIGHTS], read[SA_CLASS_PARAMS], read[SA_CLASS_IFMAP],
                                written[SA_CLASS_OFMAP], read[SA_CLASS_SPILL], written[SA_CLASS_SPILL],
                                read[SA_CLASS_KV], written[SA_CLASS_KV],
                                read[SA_CLASS_OTHER] + written[SA_CLASS_OTHER]};
      double named = 0;
      for (size_t k = 0; k < sizeof bytes / sizeof *bytes; k++) named += (double)bytes[k];
      for (size_t k = 0; k + 1 < sizeof bytes / sizeof *bytes; k++) sa_plot_number(data, (double)bytes[k]);
      /* and the rare rest, so that the bars add up to all that moved */
      sa_plot_number(data, (double)bytes[8] + weights[i] - named);
    }
    sa_plot_set(data, "total_bytes", sa_plot_dram_bytes(&report->total));
  }
  const bool failed = !weights || !chosen;
  free(weights);
  free(chosen);
  return failed ? sa_fail(error, SA_ERR_MEMORY, "out of memory") : SA_OK;
}

/* ---- Kinds of layers ---- */

struct kind_sum {
  const char *name;
  double layers, weights, macs, cycles;
};

enum { MAX_KINDS = 24 };

static const char *kind_of(const struct sa_net *net, const struct sa_layer *layer) {
  if (layer->kind != SA_LAYER_CONV) return sa_layer_kind_name(layer->kind);
  if (layer->groups > 1 && layer->groups == net->layers[layer->inputs[0].layer].out.c) return "depthwise conv";
  return layer->kernel_h * layer->kernel_w == 1 ? "1x1 conv" : "conv";
}

static const struct sa_layer *find_layer(const struct sa_net *net, const char *name) {
  for (uint32_t i = 0; i < net->layer_count; i++)
    if (strcmp(net->layers[i].name, name) == 0) return &net->layers[i];
  return NULL;
}

static int by_cycles(const void *a, const void *b) {
  const double x = ((const struct kind_sum *)a)->cycles, y = ((const struct kind_sum *)b)->cycles;
  return (x < y) - (x > y);
}

enum sa_status sa_plot_collect_kinds(const struct sa_plot_source *source, struct sa_plot_data *data,
                                     struct sa_error *error) {
  static const char columns[] = "kind,number,layers,weights_percent,macs_percent,cycles_percent,weights,macs,cycles,utilisation";
  const struct sa_plot_run *run = &source->runs[0];
  const struct sa_report *report = &run->simulation->report;
  struct kind_sum kinds[MAX_KINDS], total = {.name = "total"};
  size_t count = 0;
  (void)error;
  sa_plot_describe_run(data, run);
  sa_plot_columns(data, columns);
  for (size_t i = 0; i < report->layer_count; i++) {
    const struct sa_metrics *m = &report->layers[i];
    const struct sa_layer *layer = find_layer(run->net, m->name);
    if (!layer) continue;
    size_t k = 0;
    while (k < count && strcmp(kinds[k].name, kind_of(run->net, layer)) != 0) k++;
    if (k == MAX_KINDS) continue;
    if (k == count) kinds[count++] = (struct kind_sum){.name = kind_of(run->net, layer)};
    struct kind_sum *const sums[] = {&kinds[k], &total};
    for (int s = 0; s < 2; s++) {
      sums[s]->layers++;
      sums[s]->weights += (double)layer->weights;
      sums[s]->macs += (double)m->macs;
      sums[s]->cycles += (double)m->cycles;
    }
  }
  qsort(kinds, count, sizeof *kinds, by_cycles);
  const double pes = (double)run->config->array_rows * run->config->array_cols;
  for (size_t k = 0; k < count; k++) {
    const struct kind_sum *s = &kinds[k];
    sa_plot_text(data, s->name);
    sa_plot_number(data, (double)k + 1);
    sa_plot_number(data, s->layers);
    sa_plot_number(data, total.weights > 0 ? 100 * s->weights / total.weights : 0);
    sa_plot_number(data, total.macs > 0 ? 100 * s->macs / total.macs : 0);
    sa_plot_number(data, total.cycles > 0 ? 100 * s->cycles / total.cycles : 0);
    sa_plot_number(data, s->weights);
    sa_plot_number(data, s->macs);
    sa_plot_number(data, s->cycles);
    sa_plot_number(data, s->cycles > 0 ? s->macs / (pes * s->cycles) : 0);
  }
  return SA_OK;
}
