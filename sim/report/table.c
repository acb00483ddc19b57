/* The report as text for a terminal: layers, totals, where the cycles and the bytes went. */
#include <inttypes.h>
#include <string.h>

#include "program/isa.h"
#include "report/report.h"

static const char *const cause_names[SA_CAUSES] = {
    "array active", "non-matrix", "drain", "idle", "input stall",
    "RAW stall", "accumulator stall", "weight stall", "weight shift"};

const char *sa_cause_name(enum sa_cause cause) { return cause_names[cause]; }

static double percent(uint64_t part, uint64_t whole) {
  return whole ? 100.0 * (double)part / (double)whole : 0.0;
}

static uint64_t charged(const struct sa_metrics *m) {
  uint64_t total = 0;
  for (int i = 0; i < SA_CAUSES; i++) total += m->counters.matmul_cause[i];
  return total;
}

static double real(const struct sa_metrics *m, const char *key) {
  return sa_metrics_value(m, sa_column_find(key)).f;
}

static uint64_t whole(const struct sa_metrics *m, const char *key) {
  return sa_metrics_value(m, sa_column_find(key)).u;
}

static void write_row(const struct sa_metrics *m, int width, FILE *out) {
  char cycles[28], macs[28], read[28], written[28];
  int worst = -1;
  for (int i = 1; i < SA_CAUSES; i++)
    if (m->counters.matmul_cause[i] &&
        (worst < 0 || m->counters.matmul_cause[i] > m->counters.matmul_cause[worst]))
      worst = i;
  fprintf(out, "%-*.*s %12s %13s %6.1f %6.1f %6.1f %6.2f %-6s %10s %10s %8.1f  ", width, width,
          m->name, sa_format_count(m->cycles, cycles), sa_format_count(m->macs, macs),
          100 * real(m, "mapping_utilisation"), 100 * real(m, "array_utilisation"),
          100 * real(m, "mac_utilisation"), real(m, "distance"), m->binds,
          sa_format_bytes(whole(m, "dram_read_bytes"), read),
          sa_format_bytes(whole(m, "dram_write_bytes"), written), real(m, "operational_intensity"));
  if (worst < 0)
    fputs("-\n", out);
  else
    fprintf(out, "%s %.0f %%\n", cause_names[worst],
            percent(m->counters.matmul_cause[worst], charged(m)));
}

static void write_head(int width, FILE *out) {
  fprintf(out, "%-*s %12s %13s %6s %6s %6s %6s %-6s %10s %10s %8s  %s\n", width, "layer", "cycles",
          "MACs", "map %", "array", "MAC %", "/bound", "binds", "DRAM read", "written", "MAC/B",
          "largest wait");
}

static void write_account(const struct sa_report *report, FILE *out) {
  const struct sa_metrics *t = &report->total;
  char text[28];
  fputs("\nWhere the cycles went (MATMUL, every cycle has one cause)\n", out);
  for (int i = 0; i < SA_CAUSES; i++)
    fprintf(out, "  %-18s %14s  %5.1f %%\n", cause_names[i],
            sa_format_count(t->counters.matmul_cause[i], text),
            percent(t->counters.matmul_cause[i], t->cycles));
  const uint64_t cells = (uint64_t)report->config->array_rows * report->config->array_cols;
  const uint64_t issued = cells * t->counters.matmul_cause[SA_CAUSE_ACTIVE];
  fprintf(out, "  of the array-active PE cycles: useful %.1f %%, occupied but useless %.1f %%, padding %.1f %%\n",
          percent(t->macs, issued), percent(whole(t, "pe_cycles_useless"), issued),
          percent(whole(t, "pe_cycles_padding"), issued));
}

static void write_traffic(const struct sa_report *report, FILE *out) {
  static const struct { const char *label, *read, *written; } rows[] = {
      {"weights", "weight_bytes", NULL},       {"ifmap", "ifmap_bytes", NULL},
      {"ofmap", NULL, "ofmap_bytes"},          {"spills", "spill_read_bytes", "spill_write_bytes"},
      {"parameters", "param_bytes", NULL},     {"KV cache", "kv_read_bytes", "kv_write_bytes"},
      {"other", "other_bytes", NULL}};
  const struct sa_metrics *t = &report->total;
  char a[28], b[28];
  fputs("\nDRAM traffic by tensor (whole bursts)        read      written\n", out);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const uint64_t read = rows[i].read ? whole(t, rows[i].read) : 0;
    const uint64_t written = rows[i].written ? whole(t, rows[i].written) : 0;
    if (read || written)
      fprintf(out, "  %-28s %18s %12s\n", rows[i].label, sa_format_bytes(read, a),
              sa_format_bytes(written, b));
  }
  fprintf(out, "  on average %.2f bytes/cycle, %.1f MAC per DRAM byte\n", real(t, "bytes_per_cycle"),
          real(t, "operational_intensity"));
}

static void write_memories(const struct sa_report *report, FILE *out) {
  fputs("\nPeak use of the on-chip memories\n", out);
  for (size_t i = 0; i < SA_REPORT_PEAKS; i++) {
    const struct sa_memory_peak *peak = &report->peaks[i];
    if (!peak->name) continue;
    char used[28], size[28];
    fprintf(out, "  %-18s %14s of %s %s (%.0f %%)\n", peak->name, sa_format_count(peak->used, used),
            sa_format_count(peak->size, size), peak->unit, percent(peak->used, peak->size));
  }
  const struct sa_metrics *t = &report->total;
  char a[28], b[28];
  fprintf(out, "  unified buffer: %s read, %s written;", sa_format_bytes(whole(t, "buffer_read_bytes"), a),
          sa_format_bytes(whole(t, "buffer_write_bytes"), b));
  fprintf(out, " weight FIFO: %s written;", sa_format_bytes(whole(t, "fifo_write_bytes"), a));
  fprintf(out, " accumulator rows: %s written, %s read\n",
          sa_format_count(whole(t, "accumulator_row_writes"), a),
          sa_format_count(whole(t, "accumulator_row_reads"), b));
}

/* What a user of a network that makes text asks for. */
static void write_tokens(const struct sa_report *report, FILE *out) {
  const struct sa_metrics *t = &report->total;
  char a[28], b[28];
  if (!t->tokens) return;
  if (t->is_prompt) fprintf(out, "time to first token %.6g ms, ", real(t, "time_to_first_token_ms"));
  fprintf(out, "%.4g tokens/s", real(t, "tokens_per_second"));
  if (report->phase != SA_PHASE_NONE)
    fprintf(out, "; for each token %s of DRAM traffic, %s of it KV cache",
            sa_format_bytes((uint64_t)(real(t, "dram_bytes_per_token") + 0.5), a),
            sa_format_bytes((uint64_t)(real(t, "kv_bytes_per_token") + 0.5), b));
  fputs("\n", out);
}

void sa_report_write_table(const struct sa_report *report, const char *layer, FILE *out) {
  size_t width = strlen("layer");
  for (size_t i = 0; i < report->layer_count; i++) {
    const size_t length = strlen(report->layers[i].name);
    if (length > width) width = length;
  }
  if (width > 32) width = 32;
  const struct sa_config *config = report->config;
  fprintf(out, "%s on %s: %" PRIu32 "x%" PRIu32 " PEs at %.6g MHz, batch %" PRIu32 "\n\n",
          report->network, config->name, config->array_rows, config->array_cols,
          (double)config->clock_hz / 1e6, report->batch);
  write_head((int)width, out);
  for (size_t i = 0; i < report->layer_count; i++)
    if (!layer || strcmp(layer, report->layers[i].name) == 0)
      write_row(&report->layers[i], (int)width, out);
  if (layer) return;
  write_row(&report->total, (int)width, out);
  const double seconds = (double)report->total.cycles / (double)config->clock_hz;
  fprintf(out, "\n%.6g ms, %.4g inferences/s, %.4g of %.4g GMAC/s\n", seconds * 1e3,
          report->batch / seconds, (double)report->total.macs / seconds / 1e9,
          (double)config->array_rows * config->array_cols * (double)config->clock_hz / 1e9);
  write_tokens(report, out);
  write_account(report, out);
  write_traffic(report, out);
  write_memories(report, out);
  fputs("\nmap %: PEs holding a useful weight, over array-active cycles; array: array-active cycles / cycles;\n"
        "MAC %: useful MACs / (PEs x cycles); /bound: cycles / the layer's bound; MAC/B: useful MACs per DRAM byte.\n",
        out);
}
