/* `systole run`: the main job. A config and a network in, cycles, utilisation and traffic out. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "cmd/command.h"
#include "cmd/load.h"
#include "cmd/progress.h"
#include "report/simulate.h"
#include "report/trace.h"

static const struct sa_command_option options[] = {
    SA_OPTION_SET,
    SA_OPTIONS_NETWORK,
    SA_OPTION_MAP,
    {"layer", 'l', "NAME", false, "print this layer alone (the whole network is run)"},
    {"format", 'f', "FORMAT", false, "table, csv or json (default: table)"},
    {"output", 'o', "FILE", false, "write to FILE instead of standard output"},
    {"trace", 't', "DIR", false, "write timeline.csv, trace.json and dram.csv into DIR (docs/traces.md)"},
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

static enum sa_status write_report(const struct sa_report *report, const struct sa_args *args,
                                   enum sa_format format, struct sa_error *error) {
  const char *path = sa_args_value(args, "output"), *layer = sa_args_value(args, "layer");
  if (!path) return sa_report_write(report, format, layer, stdout, error);
  struct sa_output output;
  enum sa_status status = sa_output_open(&output, path, error);
  if (status) return status;
  status = sa_report_write(report, format, layer, output.file, error);
  if (status) {
    sa_output_discard(&output);
    return status;
  }
  return sa_output_commit(&output, error);
}

static enum sa_status simulate(const struct sa_args *args, const struct sa_config *config,
                               const struct sa_net *net, enum sa_format format,
                               struct sa_simulation *simulation, struct sa_error *error) {
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
  if (!status) status = write_report(&simulation->report, args, format, error);
  if (!status && trace) status = write_trace(trace, net, directory, error);
  sa_trace_free(trace);
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
  struct sa_simulation simulation;
  sa_simulation_init(&simulation);
  const enum sa_status status = simulate(args, &config, &net, format, &simulation, &error);
  sa_simulation_release(&simulation);
  sa_net_release(&net);
  return status ? sa_command_fail(&error) : SA_EXIT_OK;
}

const struct sa_command sa_command_run = {
    .name = "run",
    .arguments = "CONFIG NETWORK",
    .min_arguments = 2,
    .max_arguments = 2,
    .summary = "simulate a network on a machine: cycles, utilisation, traffic, layer by layer",
    .details = "CONFIG and NETWORK are files or names of shipped ones (`systole config`, models/net). The\n"
               "figures are defined in docs/metrics.md.\n" SA_MAP_DETAILS,
    SA_OPTIONS(options),
    .run = run,
};
