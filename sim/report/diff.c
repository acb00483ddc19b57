/* Two reports side by side; see diff.h. */
#include "report/diff.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <string.h>

static double ratio(uint64_t a, uint64_t b) { return b ? (double)a / (double)b : 0; }

static double time_us(const struct sa_metrics *m) {
  return sa_metrics_value(m, sa_column_find("time_us")).f;
}

/* The cause whose cycles changed most between the two. */
static int largest_change(const struct sa_metrics *a, const struct sa_metrics *b) {
  int worst = 0;
  uint64_t most = 0;
  for (int i = 0; i < SA_CAUSES; i++) {
    const uint64_t x = a->counters.matmul_cause[i], y = b->counters.matmul_cause[i];
    const uint64_t change = x > y ? x - y : y - x;
    if (change > most) {
      most = change;
      worst = i;
    }
  }
  return worst;
}

static void write_row(const struct sa_metrics *a, const struct sa_metrics *b, int width, FILE *out) {
  char x[28], y[28];
  const int cause = largest_change(a, b);
  const double mac_a = sa_metrics_value(a, sa_column_find("mac_utilisation")).f;
  const double mac_b = sa_metrics_value(b, sa_column_find("mac_utilisation")).f;
  fprintf(out, "%-*.*s %13s %13s %7.3f %11.2f %11.2f %6.1f %6.1f  %s %+" PRId64 "\n", width, width, a->name,
          sa_format_count(a->cycles, x), sa_format_count(b->cycles, y), ratio(b->cycles, a->cycles),
          time_us(a), time_us(b), 100 * mac_a, 100 * mac_b, sa_cause_name((enum sa_cause)cause),
          (int64_t)(b->counters.matmul_cause[cause] - a->counters.matmul_cause[cause]));
}

static void write_table(const struct sa_report *a, const struct sa_report *b, FILE *out) {
  size_t width = strlen("layer");
  for (size_t i = 0; i < a->layer_count; i++)
    if (strlen(a->layers[i].name) > width) width = strlen(a->layers[i].name);
  if (width > 32) width = 32;
  fprintf(out, "%s, batch %" PRIu32 "; A = %s, B = %s\n\n", a->network, a->batch, a->config->name,
          b->config->name);
  fprintf(out, "%-*s %13s %13s %7s %11s %11s %6s %6s  %s\n", (int)width, "layer", "cycles A", "cycles B",
          "B/A", "us A", "us B", "MAC% A", "MAC% B", "largest change (cycles B - A)");
  for (size_t i = 0; i < a->layer_count; i++)
    write_row(&a->layers[i], &b->layers[i], (int)width, out);
  write_row(&a->total, &b->total, (int)width, out);
  fputs("\nWhere the cycles went                 A              B          B - A\n", out);
  for (int i = 0; i < SA_CAUSES; i++) {
    char x[28], y[28];
    const uint64_t before = a->total.counters.matmul_cause[i], after = b->total.counters.matmul_cause[i];
    fprintf(out, "  %-18s %18s %14s %+14" PRId64 "\n", sa_cause_name((enum sa_cause)i),
            sa_format_count(before, x), sa_format_count(after, y), (int64_t)(after - before));
  }
  const double faster = time_us(&b->total) > 0 ? time_us(&a->total) / time_us(&b->total) : 0;
  fprintf(out, "\nB takes %.3f of A's cycles; in time B is %.3f times as fast as A.\n",
          ratio(b->total.cycles, a->total.cycles), faster);
}

static void write_csv(const struct sa_report *a, const struct sa_report *b, FILE *out) {
  fputs("machine,", out);
  sa_report_write_csv_head(out);
  for (size_t i = 0; i <= a->layer_count; i++) {
    const bool total = i == a->layer_count;
    fputs("A,", out);
    sa_report_write_csv_row(total ? &a->total : &a->layers[i], out);
    fputs("B,", out);
    sa_report_write_csv_row(total ? &b->total : &b->layers[i], out);
  }
}

static json_t *pair(const struct sa_metrics *a, const struct sa_metrics *b) {
  return json_pack("{s:s, s:o, s:o}", "layer", a->name, "a", sa_metrics_json(a), "b", sa_metrics_json(b));
}

static enum sa_status write_json(const struct sa_report *a, const struct sa_report *b, FILE *out,
                                 struct sa_error *error) {
  json_t *layers = json_array();
  for (size_t i = 0; i < a->layer_count; i++)
    json_array_append_new(layers, pair(&a->layers[i], &b->layers[i]));
  json_t *root = json_pack("{s:s, s:i, s:s, s:s, s:s, s:I, s:o, s:o}", "schema", "systole-diff", "version", 1,
                           "a", a->config->name, "b", b->config->name, "network", a->network, "batch",
                           (json_int_t)a->batch, "layers", layers, "total", pair(&a->total, &b->total));
  const int failed = !root || json_dumpf(root, out, JSON_INDENT(1) | JSON_REAL_PRECISION(10)) != 0;
  json_decref(root);
  fputc('\n', out);
  return failed ? sa_fail(error, SA_ERR_IO, "cannot write the JSON report") : SA_OK;
}

enum sa_status sa_diff_write(const struct sa_report *a, const struct sa_report *b,
                             enum sa_format format, FILE *out, struct sa_error *error) {
  switch (format) {
    case SA_FORMAT_TABLE: write_table(a, b, out); return SA_OK;
    case SA_FORMAT_CSV: write_csv(a, b, out); return SA_OK;
    case SA_FORMAT_JSON: return write_json(a, b, out, error);
  }
  return SA_OK;
}
