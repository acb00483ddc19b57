/* `systole run`: the main job. A config and a network in, cycles, utilisation and traffic out. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cmd/command.h"
#include "cmd/interrupt.h"
#include "cmd/load.h"
#include "cmd/mapper.h"
#include "cmd/progress.h"
#include "report/closed_report.h"
#include "report/scalesim_report.h"
#include "report/simulate.h"
#include "report/trace.h"
#include "report/values.h"

static const struct sa_command_option options[] = {
    SA_OPTION_SET_BOTH,
    SA_OPTIONS_NETWORK,
    SA_OPTION_MAP,
    SA_OPTIONS_MAPPER,
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
  bool search;             /* --mapper search */
  uint32_t search_limit;
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

/* What a search gained stands below the table, or, where that would break the format, on stderr. */
static void write_gain(const struct job *job, const struct sa_report *report, const struct sa_search *search,
                       FILE *out) {
  if (search && job->format == SA_FORMAT_TABLE && !sa_args_has(job->args, "closed-form"))
    sa_mapper_write_gain(search, &job->net, report, out);
  else if (search)
    sa_mapper_write_summary(search, stderr);
}

static enum sa_status write_report(const struct job *job, const struct sa_report *report,
                                   const struct sa_search *search, struct sa_error *error) {
  const char *path = sa_args_value(job->args, "output");
  if (!path) {
    const enum sa_status status = write_figures(job, report, stdout, error);
    if (!status) write_gain(job, report, search, stdout);
    return status;
  }
  struct sa_output output;
  enum sa_status status = sa_output_open(&output, path, error);
  if (status) return status;
  status = write_figures(job, report, output.file, error);
  if (!status) write_gain(job, report, search, output.file);
  if (status) {
    sa_output_discard(&output);
    return status;
  }
  return sa_output_commit(&output, error);
}

static bool show_search(void *user, uint32_t runs, uint32_t limit) {
  struct watch *watch = user;
  sa_progress_update(&watch->progress, (double)runs / (double)limit);
  return sa_interrupt_wanted();
}

/* --mapper search. Ctrl-C ends it with what it has found. */
static enum sa_status search_mapping(const struct job *job, const struct sa_map_options *fixed,
                                     struct watch *watch, struct sa_search *search, struct sa_error *error) {
  const long cores = sysconf(_SC_NPROCESSORS_ONLN);
  const struct sa_search_options how = {.jobs = cores > 0 ? (unsigned)cores : 1,
                                            .limit = job->search_limit,
                                            .on_progress = show_search,
                                            .user = watch};
  sa_interrupt_catch();
  sa_progress_begin(&watch->progress, "searching");
  const enum sa_status status = sa_search_mapping(&job->config, &job->net, fixed, &how, search, error);
  sa_progress_end(&watch->progress);
  return status;
}

/* The run itself, with the trace if one is wanted. */
static enum sa_status run_engine(const struct job *job, const struct sa_map_options *map, struct watch *watch,
                                 struct sa_trace *trace, struct sa_simulation *simulation,
                                 struct sa_error *error) {
  struct sa_engine_options engine = {.on_progress = pass_progress, .user = watch};
  if (trace) {
    sa_trace_attach(trace, &watch->trace);
    engine.on_instr = pass_instr;
    engine.on_burst = pass_burst;
  }
  sa_progress_begin(&watch->progress, "simulating");
  const enum sa_status status = sa_simulate(&job->config, &job->net, map, &engine, simulation, error);
  sa_progress_end(&watch->progress);
  return status;
}

/* All that a run leaves; the report comes last, so that a failure before it leaves none behind. */
static enum sa_status write_all(const struct job *job, const struct sa_simulation *simulation,
                                const struct sa_trace *trace, const struct sa_search *search,
                                struct sa_error *error) {
  const struct sa_args *args = job->args;
  const char *values = sa_args_value(args, "values");
  enum sa_status status = SA_OK;
  if (sa_args_has(args, "report"))
    status = sa_scalesim_report_write(&simulation->report, sa_args_get(args, 2), error);
  if (!status && trace) status = write_trace(trace, &job->net, sa_args_value(args, "trace"), error);
  if (!status && values)
    status = sa_values_write(&job->config, &job->net, &simulation->mapping, job->seed, values, error);
  if (!status) status = write_report(job, &simulation->report, search, error);
  return status;
}

static enum sa_status simulate(const struct job *job, struct sa_simulation *simulation,
                               struct sa_error *error) {
  const struct sa_args *args = job->args;
  struct sa_map_override overrides[SA_MAX_OVERRIDES];
  struct sa_map_options map = {.overrides = overrides};
  enum sa_status status = sa_load_overrides(args, &job->net, overrides, &map.override_count, error);
  if (status) return status;
  struct watch watch = {0};
  struct sa_search search;
  sa_search_init(&search);
  struct sa_trace *trace = NULL;
  if (sa_args_has(args, "trace")) {
    trace = sa_trace_create();
    if (!trace) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  }
  if (job->search) {
    status = search_mapping(job, &map, &watch, &search, error);
    map.overrides = search.overrides;
    map.override_count = search.override_count;
  }
  if (!status) status = run_engine(job, &map, &watch, trace, simulation, error);
  if (!status && job->config.dram_bytes && simulation->mapping.dram_bytes > job->config.dram_bytes)
    fprintf(stderr, "systole: warning: %s needs %" PRIu64 " bytes of DRAM; memory.capacity is %" PRIu64 "\n",
            job->net.name, simulation->mapping.dram_bytes, job->config.dram_bytes);
  if (!status) status = write_all(job, simulation, trace, job->search ? &search : NULL, error);
  sa_search_release(&search);
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
  const enum sa_status status = sa_mapper_read(job->args, &job->search, &job->search_limit, error);
  return status ? status : sa_args_number(job->args, "seed", 0, UINT64_MAX, &job->seed, error);
}

static int run(const struct sa_args *args) {
  struct sa_error error = {0};
  struct job job = {.args = args, .format = SA_FORMAT_TABLE, .seed = 1};
  const char *wanted = sa_args_value(args, "format");
  if (wanted && sa_format_parse(wanted, &job.format, &error)) return sa_command_fail(&error);
  if (check_arguments(&job, &error) || sa_load_machine(args, 0, &job.config, &job.dataflow, &error) ||
      sa_load_network(args, 1, &job.net, &error))
    return sa_command_fail(&error);
  const char *only = sa_args_value(args, "layer");
  uint32_t layer;
  if (only && sa_load_find_layer(&job.net, only, &layer, &error)) {
    sa_net_release(&job.net);
    return sa_command_fail(&error);
  }
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
               "(docs/import.md).\n" SA_MAP_DETAILS SA_MAPPER_DETAILS,
    SA_OPTIONS(options),
    .run = run,
};
