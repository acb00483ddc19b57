/* `systole baseline`: the same network on this computer's CPU, measured. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "cmd/ladder.h"
#include "cmd/load.h"
#include "cmd/measure.h"
#include "report/report.h"

static const struct sa_command_option options[] = {
    SA_OPTION_SET_NETWORK,
    SA_OPTIONS_NETWORK,
    {"layer", 'l', "NAME", false, "time this layer alone (passes still run the whole network)"},
    SA_MEASURE_OPTIONS,
    {"ladder", 'L', NULL, false, "instead of a network: a sum and a GEMM, from a loop in Python to the array"},
    {"machine", 'm', "CONFIG", true, "a machine at the ladder's top; repeatable (default: array16, tpu-v1)"},
    {"format", 'f', "FORMAT", false, "table, csv or json (default: by the name of FILE, else table)"},
    {"output", 'o', "FILE", false, "write to FILE instead of standard output"},
};

static bool ends_in(const char *text, const char *end) {
  const size_t a = strlen(text), b = strlen(end);
  return a >= b && strcmp(text + a - b, end) == 0;
}

static enum sa_status choose_format(const struct sa_args *args, enum sa_format *format, struct sa_error *error) {
  const char *wanted = sa_args_value(args, "format"), *path = sa_args_value(args, "output");
  *format = path && ends_in(path, ".json") ? SA_FORMAT_JSON : path && ends_in(path, ".csv") ? SA_FORMAT_CSV
                                                                                            : SA_FORMAT_TABLE;
  return wanted ? sa_format_parse(wanted, format, error) : SA_OK;
}

static enum sa_status write_to(const struct sa_baseline *baseline, enum sa_format format, FILE *out,
                               struct sa_error *error) {
  switch (format) {
    case SA_FORMAT_TABLE: sa_baseline_write_table(baseline, out); break;
    case SA_FORMAT_CSV: sa_baseline_write_csv(baseline, out); break;
    case SA_FORMAT_JSON: return sa_baseline_write_json(baseline, out, error);
  }
  return SA_OK;
}

static enum sa_status write_results(const struct sa_baseline *baseline, enum sa_format format,
                                    const struct sa_args *args, struct sa_error *error) {
  const char *path = sa_args_value(args, "output");
  if (!path) return write_to(baseline, format, stdout, error);
  struct sa_output output;
  enum sa_status status = sa_output_open(&output, path, error);
  if (status) return status;
  status = write_to(baseline, format, output.file, error);
  if (!status) return sa_output_commit(&output, error);
  sa_output_discard(&output);
  return status;
}

static void print_warnings(const struct sa_baseline *baseline) {
  for (size_t i = 0; i < baseline->run_count; i++) {
    const struct sa_baseline_run *run = &baseline->runs[i];
    if (run->warning[0])
      fprintf(stderr, "systole: warning: %s %s is not to be trusted: %s\n", run->provider, sa_dtype_name(run->dtype), run->warning);
  }
  if (!baseline->complete) fprintf(stderr, "systole: interrupted; the results are of what was measured until then\n");
}

static enum sa_status measure(const struct sa_args *args, struct sa_measure_choice *choice, enum sa_format format,
                              const struct sa_net *net, int *exit_status, struct sa_error *error) {
  uint32_t layer;
  choice->options.layer = sa_args_value(args, "layer");
  enum sa_status status = SA_OK;
  if (choice->options.layer) status = sa_load_find_layer(net, choice->options.layer, &layer, error);
  if (!status && choice->options.layer && net->layers[layer].kind == SA_LAYER_INPUT)
    status = sa_fail(error, SA_ERR_INPUT, "layer %s is an input; there is nothing to time", choice->options.layer);
  struct sa_baseline baseline;
  if (!status) status = sa_measure_all(net, choice, &baseline, error);
  if (status) return status;
  print_warnings(&baseline);
  status = write_results(&baseline, format, args, error);
  *exit_status = baseline.complete ? SA_EXIT_OK : SA_EXIT_DIFFERENT;
  sa_baseline_release(&baseline);
  return status;
}

static enum sa_status write_ladder(const struct sa_ladder *ladder, enum sa_format format, const char *path,
                                   struct sa_error *error) {
  if (!path) return sa_ladder_write(ladder, format, stdout, error);
  struct sa_output output;
  enum sa_status status = sa_output_open(&output, path, error);
  if (status) return status;
  status = sa_ladder_write(ladder, format, output.file, error);
  if (!status) return sa_output_commit(&output, error);
  sa_output_discard(&output);
  return status;
}

static int run_ladder(const struct sa_args *args) {
  static const char *const usual[] = {"array16", "tpu-v1"};
  struct sa_error error = {0};
  struct sa_ladder ladder;
  enum sa_format format;
  size_t count;
  const char *const *machines = sa_args_values(args, "machine", &count);
  if (count == 0) {
    machines = usual;
    count = sizeof usual / sizeof *usual;
  }
  if (choose_format(args, &format, &error) || sa_ladder_climb(&ladder, machines, count, &error) ||
      write_ladder(&ladder, format, sa_args_value(args, "output"), &error))
    return sa_command_fail(&error);
  return ladder.complete ? SA_EXIT_OK : SA_EXIT_DIFFERENT;
}

static int run(const struct sa_args *args) {
  struct sa_error error = {0};
  const bool ladder = sa_args_has(args, "ladder");
  if (ladder != (sa_args_count(args) == 0) || (!ladder && sa_args_has(args, "machine"))) {
    sa_fail(&error, SA_ERR_INPUT, ladder ? "baseline --ladder takes no NETWORK"
                                         : sa_args_count(args) == 0 ? "baseline needs NETWORK, or --ladder (see systole baseline --help)"
                                                                    : "--machine goes with --ladder; for a network see systole compare");
    return sa_command_fail(&error);
  }
  if (ladder) return run_ladder(args);
  struct sa_measure_choice choice;
  enum sa_format format;
  struct sa_net net;
  if (choose_format(args, &format, &error) || sa_measure_choose(args, &choice, &error) ||
      sa_load_network(args, 0, &net, &error))
    return sa_command_fail(&error);
  int exit_status = SA_EXIT_OK;
  const enum sa_status status = measure(args, &choice, format, &net, &exit_status, &error);
  sa_net_release(&net);
  return status ? sa_command_fail(&error) : exit_status;
}

const struct sa_command sa_command_baseline = {
    .name = "baseline",
    .arguments = "[NETWORK]",
    .max_arguments = 1,
    .summary = "run a network on this computer's CPU and time it, layer by layer",
    .details = "Providers: onednn and openblas, as far as they are there; vector: C with vector types; plain: the\n"
               "loop nest. Each output is checked before it is timed. docs/baseline.md says what is measured.\n"
               "Ctrl-C writes what was measured until then.\n",
    SA_OPTIONS(options),
    .run = run,
};
