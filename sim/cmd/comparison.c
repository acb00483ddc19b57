/* Joining, and the three forms of output: see comparison.h. */
#include "cmd/comparison.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "program/isa.h"

static double rate(const struct sa_comparison *r, double seconds) {
  return r->macs ? 2 * (double)r->macs / seconds / 1e9 : NAN;
}

static const char *const columns[] = {
#define SA_COMPARE(key, meaning, expression) #key,
#include "cmd/compare.def"
#undef SA_COMPARE
};
#define COLUMNS (sizeof columns / sizeof *columns)

static void evaluate(const struct sa_comparison *r, double values[COLUMNS]) {
  size_t at = 0;
#define SA_COMPARE(key, meaning, expression) values[at++] = (expression);
#include "cmd/compare.def"
#undef SA_COMPARE
}

/* ---- Joining ---- */

static const struct sa_layer_time *find(const struct sa_baseline_run *run, const char *name, uint32_t *hint) {
  for (uint32_t i = 0; i < run->layer_count; i++) {
    const uint32_t at = (*hint + i) % run->layer_count; /* both are in the network's order */
    if (strcmp(run->layers[at].name, name) != 0) continue;
    *hint = at + 1;
    return &run->layers[at];
  }
  return NULL;
}

static double moved_bytes(const struct sa_metrics *m) {
  double bytes = 0;
  for (size_t i = 0; i < SA_CLASSES; i++)
    bytes += (double)(m->counters.dram_read_bytes[i] + m->counters.dram_write_bytes[i]);
  return bytes;
}

static void set_array(struct sa_comparison *row, const struct sa_metrics *m) {
  const struct sa_config *config = m->config;
  *row = (struct sa_comparison){.name = m->name, .kind = m->kind, .macs = m->macs, .array_bound = m->binds,
                                .array_s = (double)m->cycles / (double)config->clock_hz, .array_bytes = moved_bytes(m),
                                .array_peak_gops = 2e-9 * config->array_rows * config->array_cols * (double)config->clock_hz};
  if (m->cycles == 0) row->array_s = NAN; /* hidden behind its neighbours: no time of its own */
  for (int d = 0; d < SA_DTYPES; d++) {
    row->cpu_s[d] = NAN;
    row->cpu_peak_gops[d] = NAN;
    row->cpu_bound[d] = "";
  }
}

/* A layer without MACs has no intensity: its bytes bound it. */
static void set_cpu(struct sa_comparison *row, const struct sa_roofline *roofline, const struct sa_baseline_run *run,
                    double seconds, double bytes) {
  const enum sa_dtype d = run->dtype;
  row->cpu_s[d] = seconds > 0 ? seconds : NAN;
  row->cpu_bytes[d] = bytes;
  if (roofline->macs_per_s[d] <= 0 || roofline->bytes_per_s <= 0) return;
  const double peak = roofline->macs_per_s[d] * run->threads;
  row->cpu_peak_gops[d] = 2e-9 * peak;
  row->cpu_bound[d] = (double)row->macs / peak > bytes / roofline->bytes_per_s ? "compute" : "memory";
}

static enum sa_status join(struct sa_comparisons *c, enum sa_dtype dtype, struct sa_error *error) {
  const struct sa_baseline_run *run = c->best[dtype];
  uint32_t hint = 0;
  double bytes = 0;
  for (size_t i = 0; i + 1 < c->count; i++) {
    const struct sa_layer_time *t = find(run, c->rows[i].name, &hint);
    if (!t) return sa_fail(error, SA_ERR_INPUT, "the baseline has no layer %s; is it of another network?", c->rows[i].name);
    if (t->macs != c->rows[i].macs)
      return sa_fail(error, SA_ERR_INPUT, "layer %s has %" PRIu64 " MACs in the baseline and %" PRIu64 " here", t->name,
                     t->macs, c->rows[i].macs);
    set_cpu(&c->rows[i], &c->baseline->roofline, run, t->pass.median_s, (double)t->bytes);
    bytes += (double)t->bytes;
  }
  set_cpu(&c->rows[c->count - 1], &c->baseline->roofline, run, run->total.median_s, bytes);
  return SA_OK;
}

enum sa_status sa_comparisons_init(struct sa_comparisons *c, const struct sa_report *report,
                                   const struct sa_baseline *baseline, struct sa_error *error) {
  *c = (struct sa_comparisons){.report = report, .baseline = baseline};
  if (strcmp(report->network, baseline->network) != 0 || report->batch != baseline->batch)
    return sa_fail(error, SA_ERR_INPUT, "the baseline is of %s, batch %" PRIu32 "; this is %s, batch %" PRIu32,
                   baseline->network, baseline->batch, report->network, report->batch);
  c->rows = calloc(report->layer_count + 1, sizeof *c->rows);
  if (!c->rows) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  for (size_t i = 0; i < report->layer_count; i++)
    if (strcmp(report->layers[i].kind, "input") != 0) set_array(&c->rows[c->count++], &report->layers[i]);
  set_array(&c->rows[c->count++], &report->total);
  enum sa_status status = SA_OK;
  for (int d = 0; d < SA_DTYPES && !status; d++) {
    c->best[d] = sa_baseline_best(baseline, (enum sa_dtype)d);
    if (c->best[d]) status = join(c, (enum sa_dtype)d, error);
  }
  if (!status && !c->best[SA_DTYPE_FP32] && !c->best[SA_DTYPE_BF16] && !c->best[SA_DTYPE_INT8])
    status = sa_fail(error, SA_ERR_INPUT, "the baseline has no complete run to compare with");
  if (status) sa_comparisons_release(c);
  return status;
}

void sa_comparisons_release(struct sa_comparisons *c) {
  free(c->rows);
  *c = (struct sa_comparisons){0};
}

/* ---- Output ---- */

/* Right-aligned number, "-" if it is not known. */
static void put(FILE *out, int width, int digits, double value, const char *unit) {
  char text[40] = "-";
  if (isfinite(value)) snprintf(text, sizeof text, "%.*f%s", digits, value, unit);
  fprintf(out, " %*s", width, text);
}

static double ratio(double a, double b) { return b > 0 ? a / b : NAN; }

static void write_head(const struct sa_comparisons *c, FILE *out) {
  const struct sa_config *config = c->report->config;
  const struct sa_baseline *b = c->baseline;
  fprintf(out, "%s, batch %" PRIu32 "\n", c->report->network, c->report->batch);
  fprintf(out, "array  %s, simulated: %" PRIu32 "x%" PRIu32 " PEs at %.4g MHz, int8, peak %.1f GOP/s\n", config->name,
          config->array_rows, config->array_cols, (double)config->clock_hz / 1e6, c->rows[0].array_peak_gops);
  fprintf(out, "CPU    %s, measured: governor %s, load %.2f", b->host.cpu,
          b->host.governor[0] ? b->host.governor : "unknown", b->host.load);
  if (b->roofline.bytes_per_s > 0) fprintf(out, ", memory %.1f GB/s", b->roofline.bytes_per_s / 1e9);
  fputc('\n', out);
  for (int d = 0; d < SA_DTYPES; d++) {
    const struct sa_baseline_run *run = c->best[d];
    if (!run) {
      fprintf(out, "  %s  no complete run\n", sa_dtype_name((enum sa_dtype)d));
      continue;
    }
    fprintf(out, "  %s  %s, up to %s, %u thread%s, peak", sa_dtype_name(run->dtype), run->provider, run->isa, run->threads,
            run->threads == 1 ? "" : "s");
    put(out, 0, 1, 2e-9 * b->roofline.macs_per_s[d] * run->threads, " GOP/s");
    fprintf(out, "%s%s%s%s\n", run->version[0] ? ", " : "", run->version, run->exact ? "" : ", outputs not exact",
            run->warning[0] ? ", noisy" : "");
  }
  for (size_t i = 0; i < b->skipped_count; i++) fprintf(out, "  skipped  %s\n", b->skipped[i]);
}

static void write_row(const struct sa_comparison *r, FILE *out) {
  const double array = rate(r, r->array_s);
  fprintf(out, "%-24.24s", r->name);
  put(out, 10, 1, r->array_s * 1e6, "");
  put(out, 10, 1, r->cpu_s[SA_DTYPE_INT8] * 1e6, "");
  put(out, 10, 1, r->cpu_s[SA_DTYPE_FP32] * 1e6, "");
  put(out, 8, 2, r->cpu_s[SA_DTYPE_INT8] / r->array_s, "x");
  put(out, 8, 2, r->cpu_s[SA_DTYPE_BF16] / r->array_s, "x");
  put(out, 8, 2, r->cpu_s[SA_DTYPE_FP32] / r->array_s, "x");
  put(out, 9, 1, array, "");
  put(out, 6, 1, 100 * array / r->array_peak_gops, "%");
  for (int i = 0; i < 2; i++) {
    const enum sa_dtype d = i ? SA_DTYPE_FP32 : SA_DTYPE_INT8;
    put(out, 8, 1, rate(r, r->cpu_s[d]), "");
    put(out, 6, 1, 100 * rate(r, r->cpu_s[d]) / r->cpu_peak_gops[d], "%");
  }
  put(out, 8, 1, r->macs ? ratio((double)r->macs, r->array_bytes) : NAN, "");
  put(out, 8, 1, r->macs ? ratio((double)r->macs, r->cpu_bytes[SA_DTYPE_INT8]) : NAN, "");
  fprintf(out, " %-7s %-7s %-7s\n", r->array_bound, r->cpu_bound[SA_DTYPE_INT8], r->cpu_bound[SA_DTYPE_FP32]);
}

static void write_table(const struct sa_comparisons *c, FILE *out) {
  write_head(c, out);
  fprintf(out, "\n%-24s %10s %21s %8s %17s %16s %15s %15s %17s %s\n", "", "array", "CPU, median us", "equal", "unequal type",
          "array", "CPU int8", "CPU fp32", "MAC per byte", "bound by");
  fprintf(out, "%-24s %10s %10s %10s %8s %8s %8s %9s %6s %8s %6s %8s %6s %8s %8s %-7s %-7s %-7s\n", "layer", "us", "int8", "fp32",
          "int8", "bf16", "fp32", "GOP/s", "peak", "GOP/s", "peak", "GOP/s", "peak", "array", "CPU", "array", "int8", "fp32");
  for (size_t i = 0; i < c->count; i++) write_row(&c->rows[i], out);
  fputs("\nSpeed-ups are CPU time / array time: at equal data type (int8 on both), and at the usual unequal one (bf16 or fp32\n"
        "on the CPU, int8 on the array). Layers of the array overlap: one that hides behind its neighbours has no time of\n"
        "its own (-). MAC per byte: the array's is what moved to and from DRAM; the CPU's, in int8, counts inputs, weights\n"
        "and output once and knows no caches. 1 MAC = 2 operations.\n", out);
}

static void write_csv(const struct sa_comparisons *c, FILE *out) {
  double values[COLUMNS];
  fputs("layer,kind", out);
  for (size_t j = 0; j < COLUMNS; j++) fprintf(out, ",%s", columns[j]);
  fputs(",array_bound,cpu_int8_bound,cpu_bf16_bound,cpu_fp32_bound\n", out);
  for (size_t i = 0; i < c->count; i++) {
    const struct sa_comparison *r = &c->rows[i];
    evaluate(r, values);
    fprintf(out, "%s,%s", r->name, r->kind); /* names of layers have neither commas nor quotes */
    for (size_t j = 0; j < COLUMNS; j++) {
      fputc(',', out);
      if (isfinite(values[j])) fprintf(out, "%.9g", values[j]);
    }
    fprintf(out, ",%s,%s,%s,%s\n", r->array_bound, r->cpu_bound[SA_DTYPE_INT8], r->cpu_bound[SA_DTYPE_BF16],
            r->cpu_bound[SA_DTYPE_FP32]);
  }
}

static json_t *row_json(const struct sa_comparison *r) {
  double values[COLUMNS];
  evaluate(r, values);
  json_t *object = json_pack("{s:s, s:s}", "layer", r->name, "kind", r->kind);
  for (size_t j = 0; j < COLUMNS; j++)
    json_object_set_new(object, columns[j], isfinite(values[j]) ? json_real(values[j]) : json_null());
  json_object_set_new(object, "array_bound", json_string(r->array_bound));
  for (int d = 0; d < SA_DTYPES; d++) {
    char key[32];
    snprintf(key, sizeof key, "cpu_%s_bound", sa_dtype_name((enum sa_dtype)d));
    json_object_set_new(object, key, json_string(r->cpu_bound[d]));
  }
  return object;
}

static enum sa_status write_json(const struct sa_comparisons *c, FILE *out, struct sa_error *error) {
  json_t *layers = json_array(), *cpu = json_object();
  for (size_t i = 0; i + 1 < c->count; i++) json_array_append_new(layers, row_json(&c->rows[i]));
  for (int d = 0; d < SA_DTYPES; d++) {
    const struct sa_baseline_run *run = c->best[d];
    if (run)
      json_object_set_new(cpu, sa_dtype_name(run->dtype),
                          json_pack("{s:s, s:s, s:s, s:i, s:b, s:s}", "provider", run->provider, "version", run->version,
                                    "isa", run->isa, "threads", (int)run->threads, "exact", run->exact, "warning", run->warning));
  }
  json_t *root = json_pack("{s:s, s:i, s:s, s:i, s:s, s:s, s:o, s:o, s:o}", "schema", "systole-compare", "version", 1,
                           "network", c->report->network, "batch", (int)c->report->batch, "machine", c->report->config->name,
                           "host", c->baseline->host.cpu, "cpu", cpu, "layers", layers, "total", row_json(&c->rows[c->count - 1]));
  const bool failed = !root || json_dumpf(root, out, JSON_INDENT(1) | JSON_REAL_PRECISION(9)) != 0;
  json_decref(root);
  fputc('\n', out);
  return failed ? sa_fail(error, SA_ERR_IO, "cannot write the comparison as JSON") : SA_OK;
}

enum sa_status sa_comparisons_write(const struct sa_comparisons *c, enum sa_format format, FILE *out, struct sa_error *error) {
  switch (format) {
    case SA_FORMAT_TABLE: write_table(c, out); break;
    case SA_FORMAT_CSV: write_csv(c, out); break;
    case SA_FORMAT_JSON: return write_json(c, out, error);
  }
  return SA_OK;
}
