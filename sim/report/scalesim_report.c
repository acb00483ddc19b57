/* SCALE-Sim's report files: see scalesim_report.h. */
#include "report/scalesim_report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "program/isa.h"

/* One row's figures, in words of one byte. */
struct figures {
  uint64_t cycles, stalls, charged, active, macs, occupied;
  uint64_t sram[3], dram[3]; /* IFMAP, filter, OFMAP */
  double pes;
};

static uint64_t sum(const uint64_t *values, size_t count) {
  uint64_t total = 0;
  for (size_t i = 0; i < count; i++) total += values[i];
  return total;
}

static struct figures figures_of(const struct sa_metrics *m) {
  const struct sa_counters *c = &m->counters;
  const uint64_t filter = c->dram_read_bytes[SA_CLASS_WEIGHTS] + c->dram_read_bytes[SA_CLASS_PARAMS];
  return (struct figures){
      .cycles = m->cycles,
      .stalls = c->matmul_cause[SA_CAUSE_INPUT_STALL] + c->matmul_cause[SA_CAUSE_RAW_STALL] +
                c->matmul_cause[SA_CAUSE_ACC_STALL] + c->matmul_cause[SA_CAUSE_WEIGHT_STALL],
      .charged = sum(c->matmul_cause, SA_CAUSES),
      .active = c->matmul_cause[SA_CAUSE_ACTIVE],
      .macs = m->macs,
      .occupied = c->macs_occupied[0],
      .sram = {c->ub_read_bytes[SA_MATMUL], c->fifo_read_bytes[0],
               c->acc_row_writes[0] * m->config->array_cols},
      .dram = {sum(c->dram_read_bytes, SA_CLASSES) - filter, filter,
               sum(c->dram_write_bytes, SA_CLASSES)},
      .pes = (double)m->config->array_rows * m->config->array_cols};
}

/* a / b, 0 for nothing over nothing. */
static double ratio(double a, double b) { return b > 0 ? a / b : 0; }

static void write_compute(const struct figures *f, FILE *out) {
  fprintf(out, "%" PRIu64 ", %" PRIu64 ", %.6f, %.6f, %.6f,\n", f->cycles, f->stalls,
          100 * ratio((double)f->macs, f->pes * (double)f->cycles),
          100 * ratio((double)f->occupied, f->pes * (double)f->active),
          100 * ratio((double)f->macs, f->pes * (double)(f->charged - f->stalls)));
}

static void write_bandwidth(const struct figures *f, FILE *out) {
  for (int i = 0; i < 3; i++) fprintf(out, "%.6f, ", ratio((double)f->sram[i], (double)f->cycles));
  for (int i = 0; i < 3; i++)
    fprintf(out, "%.6f,%s", ratio((double)f->dram[i], (double)f->cycles), i < 2 ? " " : "\n");
}

static void write_detail(const struct figures *f, FILE *out) {
  const uint64_t stop = f->cycles ? f->cycles - 1 : 0;
  for (int i = 0; i < 3; i++) fprintf(out, "0, %" PRIu64 ", %" PRIu64 ", ", stop, f->sram[i]);
  for (int i = 0; i < 3; i++)
    fprintf(out, "0, %" PRIu64 ", %" PRIu64 ",%s", stop, f->dram[i], i < 2 ? " " : "\n");
}

static const struct scalesim_file {
  const char *name, *header;
  void (*write)(const struct figures *figures, FILE *out);
} files[] = {
    {"COMPUTE_REPORT.csv",
     "LayerID, Total Cycles, Stall Cycles, Overall Util %, Mapping Efficiency %, Compute Util %,\n",
     write_compute},
    {"BANDWIDTH_REPORT.csv",
     "LayerID, Avg IFMAP SRAM BW, Avg FILTER SRAM BW, Avg OFMAP SRAM BW, Avg IFMAP DRAM BW, "
     "Avg FILTER DRAM BW, Avg OFMAP DRAM BW,\n",
     write_bandwidth},
    {"DETAILED_ACCESS_REPORT.csv",
     "LayerID, SRAM IFMAP Start Cycle, SRAM IFMAP Stop Cycle, SRAM IFMAP Reads, "
     "SRAM Filter Start Cycle, SRAM Filter Stop Cycle, SRAM Filter Reads, "
     "SRAM OFMAP Start Cycle, SRAM OFMAP Stop Cycle, SRAM OFMAP Writes, "
     "DRAM IFMAP Start Cycle, DRAM IFMAP Stop Cycle, DRAM IFMAP Reads, "
     "DRAM Filter Start Cycle, DRAM Filter Stop Cycle, DRAM Filter Reads, "
     "DRAM OFMAP Start Cycle, DRAM OFMAP Stop Cycle, DRAM OFMAP Writes,\n",
     write_detail},
};

static enum sa_status write_file(const struct sa_report *report, const struct scalesim_file *file,
                                 const char *directory, struct sa_error *error) {
  const size_t size = strlen(directory) + 1 + strlen(file->name) + 1;
  char *path = malloc(size);
  if (!path) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  snprintf(path, size, "%s/%s", directory, file->name);
  struct sa_output output;
  const enum sa_status status = sa_output_open(&output, path, error);
  free(path);
  if (status) return status;
  fputs(file->header, output.file);
  size_t number = 0;
  for (size_t i = 0; i < report->layer_count; i++) {
    const struct sa_metrics *layer = &report->layers[i];
    if (strcmp(layer->kind, "input") == 0) continue;
    const struct figures figures = figures_of(layer);
    fprintf(output.file, "%zu, ", number++);
    file->write(&figures, output.file);
  }
  return sa_output_commit(&output, error);
}

enum sa_status sa_scalesim_report_write(const struct sa_report *report, const char *directory,
                                        struct sa_error *error) {
  if (mkdir(directory, 0777) != 0 && errno != EEXIST)
    return sa_fail_at(error, SA_ERR_IO, directory, 0, 0, "cannot make the directory: %s", strerror(errno));
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    const enum sa_status status = write_file(report, &files[i], directory, error);
    if (status) return status;
  }
  return SA_OK;
}
