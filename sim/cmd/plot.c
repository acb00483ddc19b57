/* `systole plot`: pictures of runs, sweeps and measurements, by gnuplot, with their data beside them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/command.h"
#include "cmd/interrupt.h"
#include "cmd/load.h"
#include "cmd/progress.h"
#include "plot/gnuplot.h"
#include "plot/plot.h"
#include "report/wavefront_gemm.h"
#include "sweep/run.h"

static const struct sa_command_option options[] = {
    {"output", 'o', "FILE", false, "the picture: .png, .svg or .pdf (default: KIND.png); its data go into a .csv beside it"},
    SA_OPTION_SET_BOTH,
    SA_OPTIONS_NETWORK,
    {"baseline", 'B', "FILE", false, "a CPU to compare with, as systole baseline -o FILE.json measured it"},
    {"where", 'w', "SQL", false, "of a sweep: points for which this SQL expression holds"},
    {"x", 0, "COLUMN", false, "of pareto: the figure to the right (default: sram_bytes)"},
    {"y", 0, "COLUMN", false, "of pareto: the figure upwards (default: time_us)"},
    {"folds", 0, "N", false, "of wavefront and registers: weight tiles, 1 to 3 (default: 1; registers: 3)"},
    {"frames", 0, NULL, false, "of them: a picture of every cycle, FILE-NNN.png"},
    {"from", 0, "CYCLE", false, "of timeline: first cycle of the window (default: 0)"},
    {"to", 0, "CYCLE", false, "of timeline: cycle behind the window (default: some 160 instructions later)"},
};

/* What the source points to. */
struct material {
  struct sa_config configs[SA_PLOT_MAX_RUNS];
  struct sa_net nets[SA_PLOT_MAX_RUNS];
  struct sa_simulation simulations[SA_PLOT_MAX_RUNS];
  size_t config_count, net_count;
  struct sa_wavefront wavefronts[2];
  struct sa_baseline baseline;
  struct sa_plot_source source;
};

static void release(struct material *material) {
  for (size_t i = 0; i < SA_PLOT_MAX_RUNS; i++) {
    sa_simulation_release(&material->simulations[i]);
    sa_net_release(&material->nets[i]);
  }
  for (int i = 0; i < 2; i++) sa_wavefront_release(&material->wavefronts[i]);
  sa_baseline_release(&material->baseline);
  sa_store_close(material->source.store);
}

/* ---- Runs ---- */

static enum sa_status add_run(struct material *material, size_t config, size_t net, struct sa_error *error) {
  const size_t i = material->source.run_count++;
  material->source.runs[i] =
      (struct sa_plot_run){&material->configs[config], &material->nets[net], &material->simulations[i]};
  return sa_simulate(&material->configs[config], &material->nets[net], NULL, NULL, &material->simulations[i], error);
}

/* One machine and networks, or machines and one network: the first argument behind KIND, or the last one, is
 * the single one. */
static enum sa_status load_runs(const struct sa_args *args, const struct sa_plot_kind *kind, struct material *material,
                                struct sa_error *error) {
  const bool machines = kind->input == SA_PLOT_MACHINES;
  const size_t given = sa_args_count(args) - 1, runs = given ? given - 1 : 0;
  if (runs < kind->least || runs > kind->most)
    return sa_fail(error, SA_ERR_INPUT, "%s takes %s, %s to %zu of the %s; %zu given", kind->name,
                   machines ? "CONFIG... NETWORK" : "CONFIG NETWORK...", kind->least == 1 ? "one" : "two", kind->most,
                   machines ? "former" : "latter", runs);
  enum sa_status status = SA_OK;
  for (size_t i = 0; i < given && !status; i++) {
    if (machines ? i + 1 < given : i == 0) {
      status = sa_load_machine(args, i + 1, &material->configs[material->config_count++], NULL, error);
    } else {
      status = sa_load_network(args, i + 1, &material->nets[material->net_count], error);
      if (!status) material->net_count++;
    }
  }
  for (size_t i = 0; i < runs && !status; i++)
    status = add_run(material, machines ? i : 0, machines ? 0 : i, error);
  return status;
}

/* ---- The inside of an array ---- */

enum { MAX_ROWS = 256 };

/* The worked example on config i. */
static enum sa_status run_array(struct material *material, size_t i, uint32_t folds, struct sa_error *error) {
  struct sa_small_gemm gemm;
  struct sa_program program;
  enum sa_status status = sa_small_gemm_example(folds, &gemm, error);
  if (status) return status;
  struct sa_memory *memory = sa_memory_create();
  sa_program_init(&program);
  status = memory ? sa_small_gemm_program(&material->configs[i], &gemm, memory, &program, error)
                  : sa_fail(error, SA_ERR_MEMORY, "out of memory");
  if (!status) status = sa_wavefront_run(&material->configs[i], &program, memory, MAX_ROWS, &material->wavefronts[i], error);
  if (!status) material->source.wavefronts[material->source.wavefront_count++] = &material->wavefronts[i];
  sa_program_release(&program);
  sa_memory_free(memory);
  sa_small_gemm_release(&gemm);
  return status;
}

/* One machine; for `registers` twice, with one weight register a PE and with two. */
static enum sa_status load_array(const struct sa_args *args, const struct sa_plot_kind *kind, struct material *material,
                                 struct sa_error *error) {
  const bool both = strcmp(kind->name, "registers") == 0;
  const char *assignments[SA_MAX_SETTINGS + 1];
  unsigned long long folds = both ? SA_EXAMPLE_FOLDS : 1;
  size_t count;
  if (sa_args_count(args) != 2) return sa_fail(error, SA_ERR_INPUT, "%s takes one CONFIG (as array4)", kind->name);
  enum sa_status status = sa_args_number(args, "folds", 1, SA_EXAMPLE_FOLDS, &folds, error);
  if (!status) status = sa_load_no_network_settings(args, error);
  if (!status) status = sa_load_machine_settings(args, assignments, &count, error);
  for (size_t i = 0; i < (both ? 2 : 1) && !status; i++) {
    assignments[count] = i ? "array.weight_buffers=2" : "array.weight_buffers=1";
    status = sa_load_named_machine(sa_args_get(args, 1), assignments, count + both, &material->configs[i], NULL, error);
    if (!status) status = run_array(material, i, (uint32_t)folds, error);
  }
  material->source.frames = sa_args_has(args, "frames");
  return status;
}

/* ---- Sweeps ---- */

static bool is_store(const char *path) {
  static const char magic[] = "SQLite format 3";
  char head[sizeof magic] = "";
  FILE *file = fopen(path, "rb");
  if (!file) return false;
  const bool yes = fread(head, 1, sizeof head, file) == sizeof head && memcmp(head, magic, sizeof magic) == 0;
  fclose(file);
  return yes;
}

static bool on_progress(void *user, uint64_t done, uint64_t todo) {
  sa_progress_update(user, todo ? (double)done / (double)todo : 1);
  return sa_interrupt_wanted();
}

static enum sa_status run_points(const struct sa_sweep *sweep, struct sa_store *store, struct sa_error *error) {
  const long cores = sysconf(_SC_NPROCESSORS_ONLN);
  struct sa_progress progress;
  struct sa_sweep_summary summary;
  const struct sa_sweep_options run = {.jobs = cores > 0 ? (unsigned)cores : 1, .on_progress = on_progress, .user = &progress};
  sa_interrupt_catch();
  sa_progress_begin(&progress, "the sweep's points");
  const enum sa_status status = sa_sweep_run(sweep, &run, store, &summary, error);
  sa_progress_end(&progress);
  if (!status && summary.stopped) return sa_fail(error, SA_ERR_INPUT, "interrupted");
  return status;
}

static void remove_store(const char *path) {
  static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
  char name[400];
  for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
    snprintf(name, sizeof name, "%s%s", path, endings[i]);
    unlink(name);
  }
}

/* Runs a sweep into a store that goes away: SQLite keeps it as long as it is open. */
static enum sa_status run_sweep(const char *name, struct material *material, struct sa_error *error) {
  struct sa_sweep sweep;
  char folder[300], path[320];
  const char *temporary = getenv("TMPDIR");
  sa_sweep_init(&sweep);
  enum sa_status status = sa_sweep_load(name, &sweep, error);
  if (!status) status = sa_sweep_check(&sweep, error);
  snprintf(folder, sizeof folder, "%.256s/systole-sweep-XXXXXX", temporary && temporary[0] ? temporary : "/tmp");
  if (!status && !mkdtemp(folder)) status = sa_fail(error, SA_ERR_IO, "%s: cannot make such a folder", folder);
  if (!status) {
    snprintf(path, sizeof path, "%s/store.db", folder);
    status = sa_store_open(path, SA_STORE_WRITE, &material->source.store, error);
    if (!status) status = run_points(&sweep, material->source.store, error);
    remove_store(path);
    rmdir(folder);
  }
  sa_sweep_release(&sweep);
  return status;
}

static enum sa_status load_sweep(const struct sa_args *args, const struct sa_plot_kind *kind, struct material *material,
                                 struct sa_error *error) {
  const char *name = sa_args_get(args, 1);
  struct sa_plot_source *source = &material->source;
  if (sa_args_count(args) != 2)
    return sa_fail(error, SA_ERR_INPUT, "%s takes one STORE of systole sweep, or one SWEEP to be run", kind->name);
  source->store_name = name;
  source->where = sa_args_value(args, "where");
  source->x = sa_args_value(args, "x");
  source->y = sa_args_value(args, "y");
  return is_store(name) ? sa_store_open(name, SA_STORE_READ, &source->store, error) : run_sweep(name, material, error);
}

/* ---- All ---- */

/* Options of other kinds are refused, not overlooked. */
static enum sa_status check_options(const struct sa_args *args, const struct sa_plot_kind *kind, struct sa_error *error) {
  const bool runs = kind->input == SA_PLOT_RUNS || kind->input == SA_PLOT_MACHINES;
  const bool timeline = strcmp(kind->name, "timeline") == 0, pareto = strcmp(kind->name, "pareto") == 0;
  const bool cpu = strcmp(kind->name, "roofline") == 0 || strcmp(kind->name, "machines") == 0 || strcmp(kind->name, "speedup") == 0;
  const bool array = kind->input == SA_PLOT_ARRAY;
  const struct { const char *option; bool allowed; } rules[] = {
      {"set", runs || array}, {"batch", runs}, {"phase", runs}, {"context", runs}, {"dim", runs}, {"skip-unknown", runs}, {"baseline", cpu},
      {"where", kind->input == SA_PLOT_SWEEP}, {"x", pareto}, {"y", pareto}, {"folds", array}, {"frames", array}, {"from", timeline}, {"to", timeline}};
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
    if (!rules[i].allowed && sa_args_has(args, rules[i].option))
      return sa_fail(error, SA_ERR_INPUT, "--%s does not go with %s", rules[i].option, kind->name);
  return SA_OK;
}

static enum sa_status load(const struct sa_args *args, const struct sa_plot_kind *kind, struct material *material,
                           struct sa_error *error) {
  struct sa_plot_source *source = &material->source;
  unsigned long long from = 0, to = 0;
  enum sa_status status = check_options(args, kind, error);
  if (!status) status = sa_args_number(args, "from", 0, UINT64_MAX, &from, error);
  if (!status) status = sa_args_number(args, "to", 1, UINT64_MAX, &to, error);
  source->from = from;
  source->to = to;
  const char *baseline = sa_args_value(args, "baseline");
  if (!status && baseline) {
    status = sa_baseline_load(baseline, &material->baseline, error);
    source->baseline = &material->baseline;
  }
  if (status) return status;
  switch (kind->input) {
    case SA_PLOT_RUNS:
    case SA_PLOT_MACHINES: return load_runs(args, kind, material, error);
    case SA_PLOT_ARRAY: return load_array(args, kind, material, error);
    case SA_PLOT_SWEEP: return load_sweep(args, kind, material, error);
    case SA_PLOT_LADDER: break;
  }
  source->ladder = sa_args_get(args, 1);
  return sa_args_count(args) == 2 ? SA_OK : sa_fail(error, SA_ERR_INPUT, "%s takes one file of systole baseline --ladder", kind->name);
}

static int run(const struct sa_args *args) {
  struct sa_error error = {0};
  const struct sa_plot_kind *kind;
  if (sa_plot_find(sa_args_get(args, 0), &kind, &error)) return sa_command_fail(&error);
  char automatic[64];
  snprintf(automatic, sizeof automatic, "%s.png", kind->name);
  const char *path = sa_args_value(args, "output");
  enum sa_picture picture;
  if (!path) path = automatic;
  if (sa_picture_of(path, &picture, &error)) return sa_command_fail(&error);
  struct material *material = calloc(1, sizeof *material);
  if (!material) {
    sa_fail(&error, SA_ERR_MEMORY, "out of memory");
    return sa_command_fail(&error);
  }
  for (size_t i = 0; i < SA_PLOT_MAX_RUNS; i++) {
    sa_net_init(&material->nets[i]);
    sa_simulation_init(&material->simulations[i]);
  }
  for (int i = 0; i < 2; i++) sa_wavefront_init(&material->wavefronts[i]);
  enum sa_status status = load(args, kind, material, &error);
  if (!status) status = sa_plot_draw(kind, &material->source, path, &error);
  release(material);
  free(material);
  if (status) return sa_command_fail(&error);
  const int stem = (int)strlen(path) - 4;
  printf(sa_args_has(args, "frames") ? "%.*s-*%s, %.*s.csv\n" : "%.*s%s, %.*s.csv\n", stem, path, path + stem, stem, path);
  return SA_EXIT_OK;
}

#define SA_PLOT(name, input, least, most, title, summary) "  " #name ": " summary "\n"

const struct sa_command sa_command_plot = {
    .name = "plot",
    .arguments = "KIND INPUT...",
    .min_arguments = 2,
    .max_arguments = 2 + SA_PLOT_MAX_RUNS,
    .summary = "draw a picture: roofline, cycle account, traffic, timeline, sweeps, ... (docs/gallery.md)",
    .details = "INPUT is CONFIG NETWORK..., simulated now (of machines: CONFIG... NETWORK); of the kinds of sweeps a STORE\n"
               "of systole sweep, or a SWEEP that is run now; of ladder a file of systole baseline --ladder; of\n"
               "wavefront and registers a CONFIG of at most 64 PEs. KIND:\n"
#include "plot/kinds.def"
    ,
    SA_OPTIONS(options),
    .run = run,
};
#undef SA_PLOT
