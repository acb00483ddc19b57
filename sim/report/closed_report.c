/* The closed form beside our count: see closed_report.h. */
#include "report/closed_report.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

/* One row; a layer without a GEMM has no closed form (zeros). */
struct row {
  const struct sa_metrics *metrics;
  struct sa_closed_form form;
};

static bool has_form(const struct row *row) { return row->metrics->gemm_count > 0; }

/* The cause that took most of the cycles charged to the layer, active cycles aside. */
static int largest_wait(const struct sa_metrics *m) {
  int worst = -1;
  for (int i = 1; i < SA_CAUSES; i++)
    if (m->counters.matmul_cause[i] &&
        (worst < 0 || m->counters.matmul_cause[i] > m->counters.matmul_cause[worst]))
      worst = i;
  return worst;
}

static void write_ratio(uint64_t cycles, uint64_t tool, FILE *out) {
  if (tool)
    fprintf(out, " %8.2f", (double)cycles / (double)tool);
  else
    fprintf(out, " %8s", "-");
}

static void write_table_row(const struct row *row, int width, FILE *out) {
  const struct sa_metrics *m = row->metrics;
  char folds[28], tool[28], cycles[28];
  fprintf(out, "%-*.*s ", width, width, m->name);
  if (has_form(row))
    fprintf(out, "%10" PRIu64 " %8" PRIu64 " %8" PRIu64 " %6" PRIu64 " %12s %15s", m->gemm_m, m->gemm_k,
            m->gemm_n, m->gemm_count, sa_format_count(row->form.folds, folds),
            sa_format_count(row->form.tool_cycles, tool));
  else
    fprintf(out, "%10s %8s %8s %6s %12s %15s", "-", "-", "-", "-", "-", "-");
  fprintf(out, " %15s", sa_format_count(m->cycles, cycles));
  write_ratio(m->cycles, row->form.tool_cycles, out);
  const int worst = largest_wait(m);
  fprintf(out, "  %s\n", worst < 0 ? "-" : sa_cause_name((enum sa_cause)worst));
}

static void write_csv_row(const struct row *row, FILE *out) {
  const struct sa_metrics *m = row->metrics;
  const struct sa_closed_form *f = &row->form;
  sa_csv_text(m->name, out);
  fprintf(out, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64
          ",%" PRIu64 ",%" PRIu64 "\n", m->gemm_m, m->gemm_k, m->gemm_n, m->gemm_count, f->folds,
          f->fold_cycles, f->tool_cycles, f->paper_cycles, m->cycles);
}

static void explain(const struct sa_config *config, enum sa_dataflow dataflow, FILE *out) {
  static const char *const formulas[SA_DATAFLOWS] = {
      [SA_DATAFLOW_WS] = "folds = ceil(K/R) ceil(N/C), each 2R + C + M - 2 cycles",
      [SA_DATAFLOW_IS] = "folds = ceil(K/R) ceil(M/C), each 2R + C + N - 2 cycles",
      [SA_DATAFLOW_OS] = "folds = ceil(M/R) ceil(N/C), each R + C + K - 2 cycles (its paper: 2R + C + K - 2)"};
  fprintf(out, "\nSCALE-Sim (%s): %s,\n", sa_dataflow_name(dataflow), formulas[dataflow]);
  fputs("less 1 a GEMM, since the tool prints the number of the last cycle. One fold after the other, memory\n"
        "never waited for, layers without a GEMM free. This machine is weight stationary; its cycles\n"
        "include memory, the vector unit and the first fill, layers overlap, and ", out);
  fprintf(out, "%s.\n", config->weight_buffers == 2
                            ? "the next\nweights are shifted in behind the current tile"
                            : "with one weight buffer\na tile is drained before the next is shifted in");
  fputs("ratio: cycles / SCALE-Sim; wait: what took most of the cycles in which no row entered the array.\n", out);
}

static enum sa_status form_of(const struct sa_report *report, enum sa_dataflow dataflow,
                              const struct sa_metrics *m, struct row *row, struct sa_error *error) {
  *row = (struct row){.metrics = m};
  if (m->gemm_count == 0) return SA_OK;
  return sa_closed_form(dataflow, report->config->array_rows, report->config->array_cols, m->gemm_m,
                        m->gemm_k, m->gemm_n, m->gemm_count, &row->form, error);
}

/* Rows of all layers but inputs; *sum adds up. `width` of the name's column, 0 for CSV. */
static enum sa_status write_rows(const struct sa_report *report, enum sa_dataflow dataflow,
                                 const char *layer, int width, FILE *out, struct sa_closed_form *sum,
                                 struct sa_error *error) {
  bool found = !layer;
  for (size_t i = 0; i < report->layer_count; i++) {
    const struct sa_metrics *m = &report->layers[i];
    if (layer ? strcmp(layer, m->name) != 0 : strcmp(m->kind, "input") == 0) continue;
    struct row row;
    const enum sa_status status = form_of(report, dataflow, m, &row, error);
    if (status) return status;
    found = true;
    if (__builtin_add_overflow(sum->tool_cycles, row.form.tool_cycles, &sum->tool_cycles) ||
        __builtin_add_overflow(sum->paper_cycles, row.form.paper_cycles, &sum->paper_cycles))
      return sa_fail(error, SA_ERR_LIMIT, "the closed form of the whole network leaves 64 bits");
    if (width)
      write_table_row(&row, width, out);
    else
      write_csv_row(&row, out);
  }
  return found ? SA_OK : sa_fail(error, SA_ERR_INPUT, "network %s has no layer \"%.64s\"", report->network, layer);
}

static enum sa_status write_table(const struct sa_report *report, enum sa_dataflow dataflow,
                                  const char *layer, FILE *out, struct sa_error *error) {
  int width = 5;
  for (size_t i = 0; i < report->layer_count; i++) {
    const int length = (int)strlen(report->layers[i].name);
    if (length > width) width = length > 40 ? 40 : length;
  }
  fprintf(out, "%-*s %10s %8s %8s %6s %12s %15s %15s %8s  %s\n", width, "layer", "M", "K", "N", "GEMMs",
          "folds", "SCALE-Sim", "cycles", "ratio", "wait");
  struct sa_closed_form sum = {0};
  const enum sa_status status = write_rows(report, dataflow, layer, width, out, &sum, error);
  if (status) return status;
  if (!layer) {
    char tool[28], cycles[28];
    fprintf(out, "%-*s %10s %8s %8s %6s %12s %15s %15s", width, "total", "", "", "", "", "",
            sa_format_count(sum.tool_cycles, tool), sa_format_count(report->total.cycles, cycles));
    write_ratio(report->total.cycles, sum.tool_cycles, out);
    fputs("\n", out);
  }
  explain(report->config, dataflow, out);
  return SA_OK;
}

enum sa_status sa_closed_report_write(const struct sa_report *report, enum sa_dataflow dataflow,
                                      enum sa_format format, const char *layer, FILE *out,
                                      struct sa_error *error) {
  if (format == SA_FORMAT_JSON)
    return sa_fail(error, SA_ERR_INPUT, "--closed-form is a table or csv, not json");
  if (format == SA_FORMAT_TABLE) return write_table(report, dataflow, layer, out, error);
  struct sa_closed_form sum = {0};
  fputs("layer,gemm_m,gemm_k,gemm_n,gemm_count,folds,fold_cycles,scale_sim_cycles,paper_cycles,cycles\n", out);
  return write_rows(report, dataflow, layer, 0, out, &sum, error);
}
