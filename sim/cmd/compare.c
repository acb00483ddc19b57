/* `systole compare`: a simulated machine against this computer's CPU, or another's from a file. */
#include <stdio.h>

#include "base/file.h"
#include "cmd/comparison.h"
#include "cmd/load.h"
#include "cmd/measure.h"
#include "report/simulate.h"

static const struct sa_command_option options[] = {
    SA_OPTION_SET_BOTH,
    SA_OPTIONS_NETWORK,
    {"baseline", 'B', "FILE", false, "compare with what systole baseline -o FILE.json measured, here or elsewhere"},
    SA_MEASURE_OPTIONS,
    {"format", 'f', "FORMAT", false, "table, csv or json (default: table)"},
    {"output", 'o', "FILE", false, "write to FILE instead of standard output"},
};

enum { ONEDNN, OPENBLAS, VECTOR }; /* in sa_providers */

/* Without --provider: the libraries, or the vectorised loops if there is neither. */
static enum sa_status measure(const struct sa_args *args, const struct sa_net *net, struct sa_baseline *baseline,
                              struct sa_error *error) {
  struct sa_measure_choice choice;
  enum sa_status status = sa_measure_choose(args, &choice, error);
  if (status) return status;
  if (!choice.providers_given)
    for (size_t i = 0; i < SA_PROVIDERS; i++) choice.providers[i] = i == ONEDNN || i == OPENBLAS;
  status = sa_measure_all(net, &choice, baseline, error);
  if (status || baseline->run_count || !baseline->complete) return status;
  sa_baseline_release(baseline);
  choice.providers[ONEDNN] = choice.providers[OPENBLAS] = false;
  choice.providers[VECTOR] = true;
  return sa_measure_all(net, &choice, baseline, error);
}

static enum sa_status write_comparison(const struct sa_comparisons *comparisons, const struct sa_args *args,
                                       enum sa_format format, struct sa_error *error) {
  const char *path = sa_args_value(args, "output");
  if (!path) return sa_comparisons_write(comparisons, format, stdout, error);
  struct sa_output output;
  enum sa_status status = sa_output_open(&output, path, error);
  if (status) return status;
  status = sa_comparisons_write(comparisons, format, output.file, error);
  if (!status) return sa_output_commit(&output, error);
  sa_output_discard(&output);
  return status;
}

static enum sa_status compare(const struct sa_args *args, const struct sa_config *config, const struct sa_net *net,
                              enum sa_format format, struct sa_error *error) {
  struct sa_simulation simulation;
  struct sa_baseline baseline = {0};
  struct sa_comparisons comparisons = {0};
  const char *file = sa_args_value(args, "baseline");
  sa_simulation_init(&simulation);
  enum sa_status status = sa_simulate(config, net, NULL, NULL, &simulation, error);
  if (!status) status = file ? sa_baseline_load(file, &baseline, error) : measure(args, net, &baseline, error);
  if (!status) status = sa_comparisons_init(&comparisons, &simulation.report, &baseline, error);
  for (int d = 0; d < SA_DTYPES && !status; d++)
    if (comparisons.best[d] && comparisons.best[d]->warning[0])
      fprintf(stderr, "systole: warning: %s on the CPU is not to be trusted: %s\n", sa_dtype_name((enum sa_dtype)d),
              comparisons.best[d]->warning);
  if (!status) status = write_comparison(&comparisons, args, format, error);
  sa_comparisons_release(&comparisons);
  sa_baseline_release(&baseline);
  sa_simulation_release(&simulation);
  return status;
}

static int run(const struct sa_args *args) {
  struct sa_error error = {0};
  enum sa_format format = SA_FORMAT_TABLE;
  const char *wanted = sa_args_value(args, "format");
  if (wanted && sa_format_parse(wanted, &format, &error)) return sa_command_fail(&error);
  struct sa_config config;
  struct sa_net net;
  if (sa_load_machine_and_network(args, &config, &net, &error)) return sa_command_fail(&error);
  const enum sa_status status = compare(args, &config, &net, format, &error);
  sa_net_release(&net);
  return status ? sa_command_fail(&error) : SA_EXIT_OK;
}

const struct sa_command sa_command_compare = {
    .name = "compare",
    .arguments = "CONFIG NETWORK",
    .min_arguments = 2,
    .max_arguments = 2,
    .summary = "set a simulated machine beside this computer's CPU: times, speed-ups, shares of both peaks",
    .details = "Without --baseline the CPU is measured as `systole baseline` does, by oneDNN and OpenBLAS unless\n"
               "--provider says else; per data type the fastest provider counts. docs/baseline.md says more.\n",
    SA_OPTIONS(options),
    .run = run,
};
