/* `systole report`: a run or a sweep as one HTML page that needs nothing else. */
#include <config.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cmd/comparison.h"
#include "cmd/load.h"
#include "cmd/progress.h"
#include "page/page.h"
#include "page/run_data.h"
#include "page/sweep_data.h"

static const struct sa_command_option options[] = {
    {"output", 'o', "FILE", false, "the page (default: report.html)"},
    SA_OPTION_SET_BOTH,
    SA_OPTIONS_NETWORK,
    SA_OPTION_MAP,
    {"baseline", 'B', "FILE", false, "compare with what `systole baseline -o FILE.json` measured"},
    {"window", 'W', "FIRST:LAST", false, "cycles whose instructions are shown one by one (default: from the first)"},
    {"where", 'w', "SQL", false, "of a store: points for which this SQL expression holds"},
};

static enum sa_status write_page(const struct sa_args *args, enum sa_page_kind kind, const char *title,
                                 const json_t *data, struct sa_error *error) {
  const char *path = sa_args_value(args, "output");
  struct sa_output output;
  enum sa_status status = sa_output_open(&output, path ? path : "report.html", error);
  if (status) return status;
  status = sa_page_write(kind, title, data, output.file, error);
  if (!status) return sa_output_commit(&output, error);
  sa_output_discard(&output);
  return status;
}

/* The command line as one text, for the page's foot: the caller frees it. Null if out of memory. */
static char *command_text(const struct sa_args *args) {
  char *text = NULL;
  size_t bytes;
  FILE *out = open_memstream(&text, &bytes);
  if (!out) return NULL;
  fputs("systole report", out);
  for (size_t i = 0; i < sa_args_count(args); i++) fprintf(out, " %s", sa_args_get(args, i));
  for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
    size_t count;
    const char *const *values = sa_args_values(args, options[i].name, &count);
    for (size_t k = 0; k < count; k++)
      fprintf(out, options[i].argument ? " --%s %s" : " --%s", options[i].name, values[k]);
  }
  if (fclose(out) == 0) return text;
  free(text);
  return NULL;
}

/* ---- A run ---- */

static enum sa_status read_window(const struct sa_args *args, uint64_t *first, uint64_t *last, struct sa_error *error) {
  const char *text = sa_args_value(args, "window");
  *first = 0;
  *last = UINT64_MAX;
  if (!text) return SA_OK;
  int used = 0;
  if (strspn(text, "0123456789:") != strlen(text) ||
      sscanf(text, "%" SCNu64 ":%" SCNu64 "%n", first, last, &used) != 2 || text[used] || *first > *last)
    return sa_fail(error, SA_ERR_INPUT, "--window is \"%.64s\"; it must be FIRST:LAST, two cycles", text);
  return SA_OK;
}

/* The comparison's JSON, read back as an object. */
static enum sa_status compare(const struct sa_args *args, const struct sa_report *report, json_t **comparison,
                              struct sa_error *error) {
  *comparison = NULL;
  const char *path = sa_args_value(args, "baseline");
  if (!path) return SA_OK;
  struct sa_baseline baseline;
  struct sa_comparisons comparisons = {0};
  char *text = NULL;
  size_t bytes = 0;
  enum sa_status status = sa_baseline_load(path, &baseline, error);
  if (status) return status;
  status = sa_comparisons_init(&comparisons, report, &baseline, error);
  FILE *out = status ? NULL : open_memstream(&text, &bytes);
  if (!status && !out) status = sa_fail(error, SA_ERR_MEMORY, "out of memory");
  if (!status) status = sa_comparisons_write(&comparisons, SA_FORMAT_JSON, out, error);
  if (out && fclose(out) != 0 && !status) status = sa_fail(error, SA_ERR_MEMORY, "out of memory");
  if (!status && !(*comparison = json_loadb(text, bytes, 0, NULL)))
    status = sa_fail(error, SA_ERR_MEMORY, "out of memory");
  free(text);
  sa_comparisons_release(&comparisons);
  sa_baseline_release(&baseline);
  return status;
}

/* The timeline and the progress line share the engine's one user pointer. */
struct watch {
  struct sa_engine_options timeline;
  struct sa_progress progress;
};

static void pass_instr(void *user, const struct sa_instr_event *event) {
  const struct watch *watch = user;
  watch->timeline.on_instr(watch->timeline.user, event);
}

static void pass_progress(void *user, uint64_t cycle, double done) {
  struct watch *watch = user;
  (void)cycle;
  sa_progress_update(&watch->progress, done);
}

static enum sa_status simulate(const struct sa_args *args, const struct sa_config *config, const struct sa_net *net,
                               struct sa_timeline *timeline, struct sa_simulation *simulation, struct sa_error *error) {
  struct sa_map_override overrides[SA_MAX_OVERRIDES];
  struct sa_map_options map = {.overrides = overrides};
  enum sa_status status = sa_load_overrides(args, net, overrides, &map.override_count, error);
  if (status) return status;
  struct watch watch = {0};
  const struct sa_engine_options engine = {.on_instr = pass_instr, .on_progress = pass_progress, .user = &watch};
  sa_timeline_attach(timeline, &watch.timeline);
  sa_progress_begin(&watch.progress, "simulating");
  status = sa_simulate(config, net, &map, &engine, simulation, error);
  sa_progress_end(&watch.progress);
  return status;
}

static enum sa_status write_run(const struct sa_args *args, const struct sa_page_run *run, struct sa_error *error) {
  json_t *data;
  char title[2 * SA_NET_NAME_CHARS + 8];
  enum sa_status status = sa_page_run_data(run, &data, error);
  if (status) return status;
  snprintf(title, sizeof title, "%s on %s", run->net->name, run->config->name);
  status = write_page(args, SA_PAGE_RUN, title, data, error);
  json_decref(data);
  return status;
}

static enum sa_status report_run(const struct sa_args *args, const struct sa_config *config, const struct sa_net *net,
                                 const char *command, struct sa_error *error) {
  struct sa_simulation simulation;
  struct sa_page_run run = {.config = config, .net = net, .simulation = &simulation, .version = PACKAGE_STRING,
                            .command = command};
  enum sa_status status = read_window(args, &run.window_first, &run.window_last, error);
  if (status) return status;
  run.timeline = sa_timeline_create();
  if (!run.timeline) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  sa_simulation_init(&simulation);
  status = simulate(args, config, net, run.timeline, &simulation, error);
  if (!status) status = compare(args, &simulation.report, &run.comparison, error);
  if (!status) status = write_run(args, &run, error);
  json_decref(run.comparison);
  sa_simulation_release(&simulation);
  sa_timeline_free(run.timeline);
  return status;
}

static enum sa_status report_network(const struct sa_args *args, const char *command, struct sa_error *error) {
  struct sa_config config;
  struct sa_net net;
  if (sa_args_has(args, "where"))
    return sa_fail(error, SA_ERR_INPUT, "--where belongs to a sweep's store; here are CONFIG and NETWORK");
  enum sa_status status = sa_load_machine_and_network(args, &config, &net, error);
  if (status) return status;
  status = report_run(args, &config, &net, command, error);
  sa_net_release(&net);
  return status;
}

/* ---- A sweep ---- */

static enum sa_status report_store(const struct sa_args *args, const char *command, struct sa_error *error) {
  static const char *const others[] = {"set", "batch", "dim", "skip-unknown", "map", "baseline", "window"};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    if (sa_args_has(args, others[i]))
      return sa_fail(error, SA_ERR_INPUT, "--%s belongs to CONFIG NETWORK; one argument alone is a sweep's store",
                     others[i]);
  const char *path = sa_args_get(args, 0), *slash = strrchr(path, '/');
  struct sa_page_sweep sweep = {.where = sa_args_value(args, "where"), .name = slash ? slash + 1 : path,
                                .version = PACKAGE_STRING, .command = command};
  json_t *data;
  enum sa_status status = sa_store_open(path, SA_STORE_READ, &sweep.store, error);
  if (status) return status;
  status = sa_page_sweep_data(&sweep, &data, error);
  sa_store_close(sweep.store);
  if (status) return status;
  status = write_page(args, SA_PAGE_SWEEP, sweep.name, data, error);
  json_decref(data);
  return status;
}

static int run(const struct sa_args *args) {
  struct sa_error error = {0};
  char *command = command_text(args);
  enum sa_status status = command ? SA_OK : sa_fail(&error, SA_ERR_MEMORY, "out of memory");
  if (!status)
    status = sa_args_count(args) == 1 ? report_store(args, command, &error) : report_network(args, command, &error);
  free(command);
  if (status) return sa_command_fail(&error);
  const char *path = sa_args_value(args, "output");
  fprintf(stderr, "systole: the page is in %s\n", path ? path : "report.html");
  return SA_EXIT_OK;
}

const struct sa_command sa_command_report = {
    .name = "report",
    .arguments = "CONFIG NETWORK | STORE",
    .min_arguments = 1,
    .max_arguments = 2,
    .summary = "write a run or a sweep as an HTML page: tables, plots, timeline, wavefront",
    .details = "One file that needs nothing else and no network: open it in a browser, mail it, put it on a server.\n"
               "CONFIG NETWORK: the network is simulated; summary, cycle account, roofline, layers with their\n"
               "mapping, traffic, timeline, the wavefront of a small array, the CPU with --baseline.\n"
               "STORE: what `systole sweep` wrote; filters, a scatter plot, the Pareto front. docs/report.md.\n",
    SA_OPTIONS(options),
    .run = run,
};
