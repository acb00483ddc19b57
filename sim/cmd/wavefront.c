/* `systole wavefront`: what every PE of a small array does in every cycle, with its values. */
#include <inttypes.h>
#include <stdio.h>

#include "base/file.h"
#include "cmd/command.h"
#include "cmd/load.h"
#include "report/report.h"
#include "report/wavefront.h"
#include "report/wavefront_gemm.h"

static const struct sa_command_option options[] = {
    SA_OPTION_SET,
    {"folds", 0, "N", false, "weight tiles of the worked example, 1 to 3 (default: 1)"},
    {"ifmap", 'i', "FILE", false, "rows of activations instead of the example's: a row a line, -128 to 127"},
    {"filter", 'w', "FILE", false, "the weights that belong to them: K lines of N numbers"},
    {"format", 'f', "FORMAT", false, "table (drawings), csv or json (default: table)"},
    {"output", 'o', "FILE", false, "write to FILE instead of standard output"},
};

/* A drawing is looked at; beyond this nobody does. */
enum { MAX_PES = 1024, MAX_ROWS = 4096 };

static enum sa_status load_gemm(const struct sa_args *args, struct sa_small_gemm *gemm, struct sa_error *error) {
  const char *ifmap = sa_args_value(args, "ifmap"), *filter = sa_args_value(args, "filter");
  if (!ifmap != !filter) return sa_fail(error, SA_ERR_INPUT, "--ifmap and --filter belong together");
  unsigned long long folds = 1;
  const enum sa_status status = sa_args_number(args, "folds", 1, SA_EXAMPLE_FOLDS, &folds, error);
  if (status) return status;
  if (ifmap && sa_args_has(args, "folds"))
    return sa_fail(error, SA_ERR_INPUT, "--folds belongs to the example; with --ifmap the sizes decide");
  return ifmap ? sa_small_gemm_load(ifmap, filter, gemm, error)
               : sa_small_gemm_example((uint32_t)folds, gemm, error);
}

static void print_matrix(const char *name, const int8_t *values, uint32_t rows, uint32_t cols, FILE *out) {
  fprintf(out, "%s\n", name);
  for (uint32_t r = 0; r < rows; r++) {
    for (uint32_t c = 0; c < cols; c++) fprintf(out, " %4d", values[(size_t)r * cols + c]);
    fputc('\n', out);
  }
}

static void print_drawings(const struct sa_small_gemm *gemm, const struct sa_wavefront *w, FILE *out) {
  uint64_t first = 0, last = 0;
  (void)sa_wavefront_span(w, &first, &last);
  fprintf(out, "ifmap %" PRIu32 " x %" PRIu32 " times filter %" PRIu32 " x %" PRIu32 " on %" PRIu32 " x %" PRIu32
               " PEs, %" PRIu32 " weight register%s a PE\n",
          gemm->m, gemm->k, gemm->k, gemm->n, w->config.array_rows, w->config.array_cols, w->config.weight_buffers,
          w->config.weight_buffers == 1 ? "" : "s");
  print_matrix("ifmap", gemm->ifmap, gemm->m, gemm->k, out);
  print_matrix("filter", gemm->filter, gemm->k, gemm->n, out);
  fputs("A PE: from above + input*weight = to below; ! the first row of a tile, whose weight becomes active;\n"
        "[w] a weight and no row; <w a weight that arrives. Sums: what the accumulator row of row r holds then.\n",
        out);
  sa_wavefront_write_text(w, first, last, out);
  fprintf(out, "%" PRIu64 " cycles in all\n", w->cycles);
}

static enum sa_status write_format(const struct sa_small_gemm *gemm, const struct sa_wavefront *w,
                                   enum sa_format format, FILE *out, struct sa_error *error) {
  if (format == SA_FORMAT_TABLE) print_drawings(gemm, w, out);
  if (format == SA_FORMAT_CSV) sa_wavefront_write_csv(w, out);
  if (format != SA_FORMAT_JSON) return SA_OK;
  json_t *object = sa_wavefront_json(w);
  const bool failed = !object || json_dumpf(object, out, JSON_COMPACT) != 0;
  json_decref(object);
  fputc('\n', out);
  return failed ? sa_fail(error, SA_ERR_IO, "cannot write JSON") : SA_OK;
}

static enum sa_status write_out(const struct sa_args *args, const struct sa_small_gemm *gemm,
                                const struct sa_wavefront *w, enum sa_format format, struct sa_error *error) {
  const char *path = sa_args_value(args, "output");
  if (!path) return write_format(gemm, w, format, stdout, error);
  struct sa_output output;
  enum sa_status status = sa_output_open(&output, path, error);
  if (status) return status;
  status = write_format(gemm, w, format, output.file, error);
  if (!status) return sa_output_commit(&output, error);
  sa_output_discard(&output);
  return status;
}

static enum sa_status check_size(const struct sa_config *config, const struct sa_small_gemm *gemm,
                                 struct sa_error *error) {
  const uint32_t pes = config->array_rows * config->array_cols;
  if (pes > MAX_PES)
    return sa_fail(error, SA_ERR_LIMIT, "%s has %" PRIu32 " x %" PRIu32 " PEs; at most %d can be drawn (try --set "
                   "array.rows=4 --set array.cols=4)", config->name, config->array_rows, config->array_cols, MAX_PES);
  const uint64_t rows = (uint64_t)gemm->m * ((gemm->k + config->array_rows - 1) / config->array_rows) *
                        ((gemm->n + config->array_cols - 1) / config->array_cols);
  if (rows > MAX_ROWS)
    return sa_fail(error, SA_ERR_LIMIT, "%" PRIu64 " rows would be drawn; at most %d can be", rows, MAX_ROWS);
  return SA_OK;
}

static enum sa_status run_gemm(const struct sa_config *config, const struct sa_small_gemm *gemm,
                               struct sa_wavefront *w, struct sa_error *error) {
  enum sa_status status = check_size(config, gemm, error);
  if (status) return status;
  struct sa_program program;
  struct sa_memory *memory = sa_memory_create();
  if (!memory) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  sa_program_init(&program);
  status = sa_small_gemm_program(config, gemm, memory, &program, error);
  if (!status) status = sa_wavefront_run(config, &program, memory, MAX_ROWS, w, error);
  sa_program_release(&program);
  sa_memory_free(memory);
  return status;
}

static enum sa_status wavefront(const struct sa_args *args, enum sa_format format, struct sa_error *error) {
  struct sa_config config;
  size_t count;
  const char *const *assignments = sa_args_values(args, "set", &count);
  const char *name = sa_args_count(args) ? sa_args_get(args, 0) : "array4";
  enum sa_status status = sa_load_named_machine(name, assignments, count, &config, NULL, error);
  if (status) return status;
  struct sa_small_gemm gemm;
  status = load_gemm(args, &gemm, error);
  if (status) return status;
  struct sa_wavefront w;
  sa_wavefront_init(&w);
  status = run_gemm(&config, &gemm, &w, error);
  if (!status) status = write_out(args, &gemm, &w, format, error);
  sa_wavefront_release(&w);
  sa_small_gemm_release(&gemm);
  return status;
}

static int run(const struct sa_args *args) {
  struct sa_error error = {0};
  enum sa_format format = SA_FORMAT_TABLE;
  const char *wanted = sa_args_value(args, "format");
  if (wanted && sa_format_parse(wanted, &format, &error)) return sa_command_fail(&error);
  return wavefront(args, format, &error) ? sa_command_fail(&error) : SA_EXIT_OK;
}

const struct sa_command sa_command_wavefront = {
    .name = "wavefront",
    .arguments = "[CONFIG]",
    .min_arguments = 0,
    .max_arguments = 1,
    .summary = "show what every PE of a small array holds and does in every cycle",
    .details = "CONFIG is a machine of at most 1024 PEs (default: array4). Without --ifmap and --filter a worked\n"
               "example runs: 6 rows of 4 values for each fold, on 4 columns. --set array.weight_buffers=1 shows what\n"
               "a second weight register is good for. docs/wavefront.md explains the drawings and the columns.\n",
    SA_OPTIONS(options),
    .run = run,
};
