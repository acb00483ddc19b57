/* `systole check CONFIG NETWORK`: a whole network on both engines, layer by layer. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cmd/check.h"
#include "cmd/load.h"
#include "cmd/progress.h"
#include "cosim/crosscheck.h"
#include "map/map.h"
#include "report/report.h"

struct job {
  const struct sa_args *args;
  const struct sa_config *config;
  const struct sa_net *net;
  struct sa_mapping mapping;
  struct sa_memory *memory; /* null: no values */
  struct sa_crosscheck check;
};

static enum sa_status prepare(struct job *job, struct sa_error *error) {
  unsigned long long seed = 1;
  enum sa_status status = sa_args_number(job->args, "seed", 0, UINT64_MAX, &seed, error);
  if (status) return status;
  struct sa_map_override overrides[SA_MAX_OVERRIDES];
  struct sa_map_options options = {.store_all = sa_args_has(job->args, "all-values"),
                                   .overrides = overrides};
  status = sa_load_overrides(job->args, job->net, overrides, &options.override_count, error);
  if (!status) status = sa_map(job->config, job->net, &options, &job->mapping, error);
  if (status || sa_args_has(job->args, "no-values")) return status;
  job->memory = sa_memory_create();
  if (!job->memory) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  return sa_map_image(job->config, job->net, &job->mapping, seed, job->memory, error);
}

static void on_build(void *user) { sa_progress_say(user, SA_CHECK_BUILDING); }

/* Builds or finds the bench and runs both engines; wave: null or where the waveform goes. */
static enum sa_status run_both(struct job *job, const char *wave, struct sa_error *error) {
  struct sa_progress progress;
  const struct sa_rtl_options options = {.grid = sa_args_has(job->args, "grid"),
                                         .wave = wave != NULL,
                                         .on_build = on_build,
                                         .user = &progress};
  const struct sa_rtl_files files = {.wave = wave};
  struct sa_rtl rtl;
  sa_progress_begin(&progress, "checking");
  enum sa_status status = sa_rtl_open(job->config, &options, &rtl, error);
  if (!status) {
    sa_progress_say(&progress, "running the C engine and the RTL");
    status =
        sa_crosscheck_run(&rtl, job->config, &job->mapping.program, job->memory, &files, &job->check, error);
    sa_rtl_close(&rtl);
  }
  sa_progress_end(&progress);
  return status;
}

/* The same, and the waveform appears under its name when it is whole. An RTL that got stuck leaves its
 * waveform too, which shows why. */
static enum sa_status run_and_keep_wave(struct job *job, struct sa_error *error) {
  const char *path = sa_args_value(job->args, "wave");
  if (!path) return run_both(job, NULL, error);
  struct sa_output output;
  enum sa_status status = sa_output_open(&output, path, error);
  if (status) return status;
  if (output.temporary) {
    status = run_both(job, output.temporary, error);
  } else {
    status = sa_fail(error, SA_ERR_INPUT, "%s is no regular file; a waveform needs one", path);
  }
  if (status && status != SA_ERR_STUCK) {
    sa_output_discard(&output);
    return status;
  }
  struct sa_error late;
  const enum sa_status written = sa_output_commit(&output, status ? &late : error);
  return status ? status : written;
}

static void print_layer(const char *name, int width, const struct sa_crosscheck_layer *layer) {
  char text[5][28];
  printf("%-*.*s %13s %13s %6" PRId64 " %13s %13s %6" PRId64 " %13s\n", width, width, name,
         sa_format_count(layer->engine_cycles, text[0]), sa_format_count(layer->rtl_cycles, text[1]),
         (int64_t)(layer->rtl_cycles - layer->engine_cycles), sa_format_count(layer->engine_traffic, text[2]),
         sa_format_count(layer->rtl_traffic, text[3]), (int64_t)(layer->rtl_traffic - layer->engine_traffic),
         sa_format_count(layer->bytes, text[4]));
}

/* Width of the column of names. */
static int name_width(const struct sa_net *net) {
  size_t width = strlen("total");
  for (size_t i = 0; i < net->layer_count; i++)
    if (strlen(net->layers[i].name) > width) width = strlen(net->layers[i].name);
  return width > 32 ? 32 : (int)width;
}

static enum sa_status print_layers(const struct job *job, struct sa_error *error) {
  const size_t count = job->net->layer_count;
  struct sa_crosscheck_layer *layers = calloc(count, sizeof *layers);
  if (!layers) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  const enum sa_status status =
      sa_crosscheck_layers(&job->check, &job->mapping.program, layers, count, error);
  const int width = name_width(job->net);
  const char *only = sa_args_value(job->args, "layer");
  struct sa_crosscheck_layer total = {.engine_cycles = job->check.engine.counters.cycles[0],
                                      .rtl_cycles = job->check.rtl.counters.cycles[0],
                                      .bytes = job->check.bytes};
  if (!status)
    printf("%-*s %13s %13s %6s %13s %13s %6s %13s\n", width, "layer", "cycles C", "cycles RTL", "diff",
           "DRAM bytes C", "RTL", "diff", "values");
  for (size_t i = 0; i < count && !status; i++) {
    total.engine_traffic += layers[i].engine_traffic;
    total.rtl_traffic += layers[i].rtl_traffic;
    if ((layers[i].engine_cycles || layers[i].rtl_cycles || layers[i].bytes || layers[i].engine_traffic) &&
        (!only || strcmp(only, job->net->layers[i].name) == 0))
      print_layer(job->net->layers[i].name, width, &layers[i]);
  }
  free(layers);
  if (!status) print_layer("total", width, &total);
  return status;
}

/* What index `i` of a counter stands for; counters with the same number of values share their indices. */
static const char *index_name(int count, int i) {
  static const char *const units[SA_UNITS] = {"LOAD", "STORE", "WLOAD", "MATMUL", "VECTOR"};
  static const char *const classes[SA_CLASSES] = {"weights", "ifmap",    "ofmap", "spill",
                                                  "params",  "kv cache", "other", "unused"};
  if (count == SA_CAUSES) return sa_cause_name((enum sa_cause)i);
  return count == SA_CLASSES ? classes[i] : units[i];
}

static void print_counter(const char *name, int count, int index, uint64_t engine, uint64_t rtl) {
  char text[48];
  if (!engine && !rtl) return;
  if (count == 1)
    snprintf(text, sizeof text, "%s", name);
  else
    snprintf(text, sizeof text, "%s[%s]", name, index_name(count, index));
  printf("%-28s %18" PRIu64 " %18" PRIu64 " %8" PRId64 "\n", text, engine, rtl, (int64_t)(rtl - engine));
}

static void print_counters(const struct sa_crosscheck *check) {
  printf("\n%-28s %18s %18s %8s\n", "counter", "C", "RTL", "diff");
#define SA_COUNTER(field, count, unit, meaning) \
  for (int i = 0; i < (count); i++)             \
    print_counter(#field, count, i, check->engine.counters.field[i], check->rtl.counters.field[i]);
#include "machine/counters.def"
#undef SA_COUNTER
}

static int print_verdict(const struct sa_crosscheck *check, const struct sa_net *net) {
  printf("\ncompared: %" PRIu64 " instructions, %" PRIu64 " bursts, %" PRIu64 " counters, %" PRIu64
         " stored bytes\n",
         check->instrs, check->bursts, check->counters, check->bytes);
  if (!check->differences) {
    puts("no difference");
    return SA_EXIT_OK;
  }
  printf("%" PRIu64 " difference%s; the first", check->differences, check->differences == 1 ? "" : "s");
  if (check->first_layer < net->layer_count) printf(", in layer %s", net->layers[check->first_layer].name);
  printf(": %s\n", check->first);
  return SA_EXIT_DIFFERENT;
}

int sa_check_network(const struct sa_args *args) {
  struct sa_error error = {0};
  struct sa_config config;
  struct sa_net net;
  if (sa_load_machine_and_network(args, &config, &net, &error)) return sa_command_fail(&error);
  struct job job = {.args = args, .config = &config, .net = &net};
  sa_mapping_init(&job.mapping);
  sa_crosscheck_init(&job.check);
  const char *only = sa_args_value(args, "layer");
  uint32_t layer;
  enum sa_status status = only ? sa_load_find_layer(&net, only, &layer, &error) : SA_OK;
  if (!status) status = prepare(&job, &error);
  if (!status) status = run_and_keep_wave(&job, &error);
  if (!status) status = print_layers(&job, &error);
  int exit_status;
  if (status) {
    exit_status = sa_command_fail(&error);
    if (status == SA_ERR_STUCK) exit_status = SA_EXIT_DIFFERENT;
  } else {
    print_counters(&job.check);
    exit_status = print_verdict(&job.check, &net);
  }
  sa_crosscheck_release(&job.check);
  sa_memory_free(job.memory);
  sa_mapping_release(&job.mapping);
  sa_net_release(&net);
  return exit_status;
}
