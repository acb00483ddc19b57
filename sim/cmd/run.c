/* `systole run`: the main job. A config and a network in, cycles, utilisation and traffic out. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cmd/command.h"
#include "cmd/load.h"
#include "cmd/progress.h"
#include "report/closed_report.h"
#include "report/scalesim_report.h"
#include "report/simulate.h"
#include "report/trace.h"
#include "report/values.h"

static const struct sa_command_option options[] = {
    SA_OPTION_SET,
    SA_OPTIONS_NETWORK,
    SA_OPTION_MAP,
    {"layer", 'l', "NAME", false, "print this layer alone (the whole network is run)"},
    {"format", 'f', "FORMAT", false, "table, csv or json (default: table)"},
    {"output", 'o', "FILE", false, "write to FILE instead of standard output"},
    {"values", 'v', "FILE", false, "execute on seeded data and write the network's outputs as CSV"},
    {"seed", 0, "S", false, "seed of --values (default: 1)"},
    {"trace", 't', "DIR", false, "write timeline.csv, trace.json and dram.csv into DIR (docs/traces.md)"},
    {"closed-form", 'c', NULL, false, "print SCALE-Sim's closed form beside the cycles instead of the report"},
    {"report", 'r', "scale-sim", false, "write SCALE-Sim's three report files into the folder DIR as well"},
};

/* What is run. */
struct job {
  const struct sa_args *args;
  struct sa_config config;
  struct sa_net net;
  enum sa_dataflow dataflow; /* of a SCALE-Sim config, for the closed form */
  enum sa_format format;
  unsigned long long seed; /* of the values */
};

/* The trace and the progress line share the engine's one user pointer. */
struct watch {
  struct sa_engine_options trace;
  struct sa_progress progress;
};

static void pass_instr(void *user, const struct sa_instr_event *event) {
  const struct watch *watch = user;
  watch->trace.on_instr(watch->trace.user, event);
}

static void pass_burst(void *user, const struct sa_burst_event *event) {
  const struct watch *watch = user;
  watch->trace.on_burst(watch->trace.user, event);
}

static void pass_progress(void *user, uint64_t cycle, double done) {
  struct watch *watch = user;
  (void)cycle;
  sa_progress_update(&watch->progress, done);
}

static enum sa_status write_trace(const struct sa_trace *trace, const struct sa_net *net,
                                  const char *directory, struct sa_error *error) {
  const char **names = malloc((net->layer_count ? net->layer_count : 1) * sizeof *names);
  if (!names) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  for (uint32_t i = 0; i < net->layer_count; i++) names[i] = net->layers[i].name;
  const enum sa_status status = sa_trace_write(trace, directory, names, net->layer_count, error);
  free(names);
  return status;
}

/* The report, or the closed form beside it. */
static enum sa_status write_figures(const struct job *job, const struct sa_report *report, FILE *out,
                                    struct sa_error *error) {
  const char *layer = sa_args_value(job->args, "layer");
  if (sa_args_has(job->args, "closed-form"))
    return sa_closed_report_write(report, job->dataflow, job->format, layer, out, error);
  return sa_report_write(report, job->format, layer, out, error);
}

static enum sa_status write_report(const struct job *job, const struct sa_report *report,
                                   struct sa_error *error) {
  const char *path = sa_args_value(job->args, "output");
  if (!path) return write_figures(job, report, stdout, error);
  struct sa_output output;
  enum sa_status status = sa_output_open(&output, path, error);
  if (status) return status;
  status = write_figures(job, report, output.file, error);
  if (status) {
    sa_output_discard(&output);
    return status;
  }
  return sa_output_commit(&output, error);
}

static enum sa_status simulate(const struct job *job, struct sa_simulation *simulation,
                               struct sa_error *error) {
  const struct sa_args *args = job->args;
  const struct sa_config *config = &job->config;
  const struct sa_net *net = &job->net;
  struct sa_map_override overrides[SA_MAX_OVERRIDES];
  struct sa_map_options map = {.overrides = overrides};
  enum sa_status status = sa_load_overrides(args, net, overrides, &map.override_count, error);
  if (status) return status;
  const char *directory = sa_args_value(args, "trace");
  struct watch watch = {0};
  struct sa_engine_options engine = {.on_progress = pass_progress, .user = &watch};
  struct sa_trace *trace = NULL;
  if (directory) {
    trace = sa_trace_create();
    if (!trace) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
    sa_trace_attach(trace, &watch.trace);
    engine.on_instr = pass_instr;
    engine.on_burst = pass_burst;
  }
  sa_progress_begin(&watch.progress, "simulating");
  status = sa_simulate(config, net, &map, &engine, simulation, error);
  sa_progress_end(&watch.progress);
  if (!status && config->dram_bytes && simulation->mapping.dram_bytes > config->dram_bytes)
    fprintf(stderr, "systole: warning: %s needs %" PRIu64 " bytes of DRAM; memory.capacity is %" PRIu64 "\n",
            net->name, simulation->mapping.dram_bytes, config->dram_bytes);
  /* the report comes last, so that a failure before it leaves none behind */
  if (!status && sa_args_has(args, "report"))
    status = sa_scalesim_report_write(&simulation->report, sa_args_get(args, 2), error);
  if (!status && trace) status = write_trace(trace, net, directory, error);
  const char *values = sa_args_value(args, "values");
  if (!status && values) status = sa_values_write(config, net, &simulation->mapping, job->seed, values, error);
  if (!status) status = write_report(job, &simulation->report, error);
  sa_trace_free(trace);
  return status;
}

/* What the command line alone says wrong, before anything is run or written.
 * --report scale-sim DIR: the folder is the third argument. */
static enum sa_status check_arguments(struct job *job, struct sa_error *error) {
  const char *kind = sa_args_value(job->args, "report");
  if (kind && strcmp(kind, "scale-sim") != 0)
    return sa_fail(error, SA_ERR_INPUT, "--report is \"%.64s\"; it must be scale-sim", kind);
  if (kind && sa_args_count(job->args) < 3)
    return sa_fail(error, SA_ERR_INPUT, "--report scale-sim needs DIR (see systole run --help)");
  if (!kind && sa_args_count(job->args) > 2)
    return sa_fail(error, SA_ERR_INPUT, "run takes CONFIG NETWORK; DIR belongs to --report scale-sim");
  if (sa_args_has(job->args, "closed-form") && job->format == SA_FORMAT_JSON)
    return sa_fail(error, SA_ERR_INPUT, "--closed-form is a table or csv, not json");
  if (sa_args_has(job->args, "seed") && !sa_args_has(job->args, "values"))
    return sa_fail(error, SA_ERR_INPUT, "--seed belongs to --values FILE");
  return sa_args_number(job->args, "seed", 0, UINT64_MAX, &job->seed, error);
}

static int run(const struct sa_args *args) {
  struct sa_error error = {0};
  struct job job = {.args = args, .format = SA_FORMAT_TABLE, .seed = 1};
  const char *wanted = sa_args_value(args, "format");
  if (wanted && sa_format_parse(wanted, &job.format, &error)) return sa_command_fail(&error);
  size_t count;
  const char *const *assignments = sa_args_values(args, "set", &count);
  if (check_arguments(&job, &error) ||
      sa_load_named_machine(sa_args_get(args, 0), assignments, count, &job.config, &job.dataflow, &error) ||
      sa_load_network(args, 1, &job.net, &error))
    return sa_command_fail(&error);
  struct sa_simulation simulation;
  sa_simulation_init(&simulation);
  const enum sa_status status = simulate(&job, &simulation, &error);
  sa_simulation_release(&simulation);
  sa_net_release(&job.net);
  return status ? sa_command_fail(&error) : SA_EXIT_OK;
}

const struct sa_command sa_command_run = {
    .name = "run",
    .arguments = "CONFIG NETWORK [DIR]",
    .min_arguments = 2,
    .max_arguments = 3,
    .summary = "simulate a network on a machine: cycles, utilisation, traffic, layer by layer",
    .details = "CONFIG and NETWORK are files or names of shipped ones (`systole config`, models/net). The\n"
               "figures are defined in docs/metrics.md. SCALE-Sim's .cfg and .csv and ONNX models run as they are\n"
               "(docs/import.md).\n" SA_MAP_DETAILS,
    SA_OPTIONS(options),
    .run = run,
};
