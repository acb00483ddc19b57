/* Pictures that set machines, networks and data types side by side. */
#include <string.h>

#include "plot/collect.h"

/* ---- Machines, and the CPU ---- */

static void add_machine(struct sa_plot_data *data, size_t number, const char *name, const char *what, double seconds,
                        double gops, double peak) {
  sa_plot_text(data, name);
  sa_plot_number(data, (double)number);
  sa_plot_text(data, what);
  sa_plot_number(data, seconds * 1e3);
  sa_plot_number(data, gops);
  sa_plot_number(data, peak);
  sa_plot_number(data, peak > 0 ? 100 * gops / peak : 0);
}

enum sa_status sa_plot_collect_machines(const struct sa_plot_source *source, struct sa_plot_data *data,
                                        struct sa_error *error) {
  static const char columns[] = "machine,number,what,time_ms,gops,peak_gops,percent_of_peak";
  const struct sa_plot_run *first = &source->runs[0];
  size_t number = 0;
  const char *busy = "";
  char network[SA_PLOT_TEXT_CHARS];
  sa_plot_describe_network(first->net, network);
  sa_plot_set_text(data, "subtitle", "%s, batch %u, int8 on the arrays", network, first->net->batch);
  sa_plot_columns(data, columns);
  const struct sa_baseline *baseline = source->baseline;
  if (baseline && (strcmp(baseline->network, first->net->name) != 0 || baseline->batch != first->net->batch))
    return sa_fail(error, SA_ERR_INPUT, "the baseline is of %s, batch %u; it must be of %s, batch %u", baseline->network,
                   baseline->batch, first->net->name, first->net->batch);
  for (int d = 0; baseline && d < SA_DTYPES; d++) {
    const struct sa_baseline_run *run = sa_baseline_best(baseline, (enum sa_dtype)d);
    if (!run || !(run->total.median_s > 0)) continue;
    if (run->warning[0]) busy = sa_plot_busy(run);
    double macs = 0;
    for (uint32_t i = 0; i < run->layer_count; i++) macs += (double)run->layers[i].macs;
    char name[64], what[96];
    snprintf(name, sizeof name, "CPU, %s", sa_dtype_name((enum sa_dtype)d));
    snprintf(what, sizeof what, "%s, %u thread%s", run->provider, run->threads, run->threads == 1 ? "" : "s");
    add_machine(data, ++number, name, what, run->total.median_s, 2 * macs / run->total.median_s / 1e9,
                2 * baseline->roofline.macs_per_s[d] * run->threads / 1e9);
  }
  if (number) sa_plot_set_text(data, "note", "CPU: %s%s", baseline->host.cpu, busy);
  for (size_t i = 0; i < source->run_count; i++) {
    const struct sa_config *config = source->runs[i].config;
    const struct sa_metrics *total = &source->runs[i].simulation->report.total;
    const double seconds = sa_plot_seconds(config, total->cycles);
    char what[96];
    snprintf(what, sizeof what, "%ux%u, %g MHz", config->array_rows, config->array_cols, (double)config->clock_hz / 1e6);
    add_machine(data, ++number, config->name, what, seconds, 2 * (double)total->macs / seconds / 1e9,
                sa_plot_peak_gops(config));
  }
  return SA_OK;
}

/* ---- Speed-up by layer ---- */

static const struct sa_metrics *find(const struct sa_report *report, const char *name) {
  for (size_t i = 0; i < report->layer_count; i++)
    if (strcmp(report->layers[i].name, name) == 0) return &report->layers[i];
  return NULL;
}

enum { LABEL_ROOM = 40 };

enum sa_status sa_plot_collect_speedup(const struct sa_plot_source *source, struct sa_plot_data *data,
                                       struct sa_error *error) {
  static const char columns[] = "layer,number,label,kind,cpu_us,array_us,speedup";
  const struct sa_plot_run *run = &source->runs[0];
  const struct sa_report *report = &run->simulation->report;
  const struct sa_baseline *baseline = source->baseline;
  if (!baseline) return sa_fail(error, SA_ERR_INPUT, "a speed-up needs --baseline FILE (systole baseline -o FILE.json)");
  if (strcmp(baseline->network, run->net->name) != 0 || baseline->batch != run->net->batch)
    return sa_fail(error, SA_ERR_INPUT, "the baseline is of %s, batch %u; it must be of %s, batch %u", baseline->network,
                   baseline->batch, run->net->name, run->net->batch);
  const struct sa_baseline_run *cpu = sa_baseline_best(baseline, SA_DTYPE_INT8);
  const enum sa_dtype dtype = cpu ? SA_DTYPE_INT8 : SA_DTYPE_FP32;
  if (!cpu) cpu = sa_baseline_best(baseline, SA_DTYPE_FP32);
  if (!cpu) return sa_fail(error, SA_ERR_INPUT, "the baseline holds no complete run in int8 or fp32");
  sa_plot_describe_run(data, run);
  sa_plot_columns(data, columns);
  size_t number = 0, matched = 0;
  for (uint32_t i = 0; i < cpu->layer_count; i++) matched += find(report, cpu->layers[i].name) != NULL;
  for (uint32_t i = 0; i < cpu->layer_count; i++) {
    const struct sa_layer_time *t = &cpu->layers[i];
    const struct sa_metrics *m = find(report, t->name);
    if (!m || m->cycles == 0 || !(t->pass.median_s > 0)) continue; /* hidden behind its neighbours */
    const double seconds = sa_plot_seconds(run->config, m->cycles);
    sa_plot_text(data, t->name);
    sa_plot_number(data, (double)++number);
    sa_plot_text(data, matched <= LABEL_ROOM || number % ((matched + LABEL_ROOM - 1) / LABEL_ROOM) == 1 ? t->name : "");
    sa_plot_text(data, m->kind);
    sa_plot_number(data, t->pass.median_s * 1e6);
    sa_plot_number(data, seconds * 1e6);
    sa_plot_number(data, t->pass.median_s / seconds);
  }
  sa_plot_set(data, "total_speedup", cpu->total.median_s / sa_plot_seconds(run->config, report->total.cycles));
  sa_plot_set_text(data, "note", "CPU: %s, %s, %s, %u thread%s%s", baseline->host.cpu, cpu->provider, sa_dtype_name(dtype),
                   cpu->threads, cpu->threads == 1 ? "" : "s", sa_plot_busy(cpu));
  snprintf(data->empty, sizeof data->empty, "no layer of the baseline took time on the array");
  return SA_OK;
}

/* ---- Prefill and decode ---- */

enum sa_status sa_plot_collect_phases(const struct sa_plot_source *source, struct sa_plot_data *data,
                                      struct sa_error *error) {
  static const char columns[] = "network,number,tokens,time_us_per_token,weight_bytes_per_token,kv_bytes_per_token,"
                          "other_bytes_per_token,mac_utilisation_percent";
  char machine[SA_PLOT_TEXT_CHARS];
  (void)error;
  sa_plot_describe_machine(source->runs[0].config, machine);
  sa_plot_set_text(data, "subtitle", "%s", machine);
  sa_plot_columns(data, columns);
  for (size_t i = 0; i < source->run_count; i++) {
    const struct sa_plot_run *run = &source->runs[i];
    const struct sa_metrics *total = &run->simulation->report.total;
    const struct sa_net *net = run->net;
    const struct sa_shape *in = &net->layers[0].out; /* a sequence: h = 1, w = tokens */
    const double sequence = net->tokens ? (double)net->tokens : (double)in->h * in->w;
    const double tokens = net->batch * sequence, bytes = sa_plot_dram_bytes(total);
    char name[SA_PLOT_TEXT_CHARS];
    sa_plot_describe_network(net, name);
    const double weights = (double)total->counters.dram_read_bytes[SA_CLASS_WEIGHTS];
    const double kv = (double)(total->counters.dram_read_bytes[SA_CLASS_KV] + total->counters.dram_write_bytes[SA_CLASS_KV]);
    sa_plot_text(data, name);
    sa_plot_number(data, (double)i + 1);
    sa_plot_number(data, tokens);
    sa_plot_number(data, sa_plot_seconds(run->config, total->cycles) * 1e6 / tokens);
    sa_plot_number(data, weights / tokens);
    sa_plot_number(data, kv / tokens);
    sa_plot_number(data, (bytes - weights - kv) / tokens);
    sa_plot_number(data, 100 * (double)total->macs /
                             ((double)run->config->array_rows * run->config->array_cols * (double)total->cycles));
  }
  return SA_OK;
}

/* ---- Data types ---- */

enum sa_status sa_plot_collect_datatypes(const struct sa_plot_source *source, struct sa_plot_data *data,
                                         struct sa_error *error) {
  static const char columns[] = "network,number,type,type_number,bytes_per_weight,weight_bytes,read_ms";
  static const struct { const char *name; double bytes; } types[] = {{"fp32", 4}, {"bf16", 2}, {"int8", 1}};
  const struct sa_config *config = source->runs[0].config;
  const double bandwidth = (double)config->port[sa_config_port_of(config, SA_WLOAD)].bandwidth_bytes_per_s;
  (void)error;
  sa_plot_set_text(data, "subtitle", "weights read once at %g GB/s, the bandwidth of %s for weights", bandwidth / 1e9,
                   config->name);
  sa_plot_columns(data, columns);
  for (size_t i = 0; i < source->run_count; i++) {
    const struct sa_net *net = source->runs[i].net;
    const double weights = (double)sa_net_total(net).weights;
    if (weights <= 0) continue;
    for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
      sa_plot_text(data, net->name);
      sa_plot_number(data, (double)i + 1);
      sa_plot_text(data, types[t].name);
      sa_plot_number(data, (double)t + 1);
      sa_plot_number(data, types[t].bytes);
      sa_plot_number(data, weights * types[t].bytes);
      sa_plot_number(data, weights * types[t].bytes / bandwidth * 1e3);
    }
    sa_plot_set_text_at(data, "network", i + 1, net->name);
  }
  sa_plot_set(data, "networks", (double)source->run_count);
  snprintf(data->empty, sizeof data->empty, "no network has weights");
  return SA_OK;
}

/* ---- Instructions ---- */

struct instruction { const char *name; double macs; };

/* Products of one CPU instruction: its vector's width over the element's; AMX: 16 x 16 sums of 64 products. */
static const struct instruction cpu[] = {
    {"scalar FMA", 1},
    {"AVX2 FMA, fp32", 256 / 32},
    {"AVX-512 FMA, fp32", 512 / 32},
    {"AVX-512 VNNI, int8", 512 / 8},
    {"AMX tile, int8", 16 * 16 * 64},
};

static void add_instruction(struct sa_plot_data *data, size_t number, const char *name, double instructions, double macs) {
  sa_plot_text(data, name);
  sa_plot_number(data, (double)number);
  sa_plot_number(data, instructions);
  sa_plot_number(data, macs / instructions);
}

enum sa_status sa_plot_collect_instructions(const struct sa_plot_source *source, struct sa_plot_data *data,
                                            struct sa_error *error) {
  static const char columns[] = "instruction,number,instructions_for_the_network,macs_per_instruction";
  const struct sa_plot_run *run = &source->runs[0];
  const struct sa_metrics *total = &run->simulation->report.total;
  const double macs = (double)total->macs;
  double all = 0;
  for (int u = 0; u < SA_UNITS; u++) all += (double)total->counters.instructions[u];
  if (!(macs > 0)) return sa_fail(error, SA_ERR_INPUT, "nothing to draw: %.64s does not multiply", run->net->name);
  sa_plot_describe_run(data, run);
  sa_plot_columns(data, columns);
  const size_t count = sizeof cpu / sizeof *cpu;
  for (size_t i = 0; i < count; i++) add_instruction(data, i + 1, cpu[i].name, macs / cpu[i].macs, macs);
  char name[128];
  snprintf(name, sizeof name, "%s, all units", run->config->name);
  add_instruction(data, count + 1, name, all, macs);
  snprintf(name, sizeof name, "%s, MATMUL", run->config->name);
  add_instruction(data, count + 2, name, (double)total->counters.instructions[SA_MATMUL], macs);
  return SA_OK;
}
