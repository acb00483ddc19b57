/* `systole sweep`: many machines and networks at once, into a store that can be carried on. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/models.h"
#include "cmd/command.h"
#include "cmd/interrupt.h"
#include "cmd/mapper.h"
#include "cmd/progress.h"
#include "cmd/slurm.h"
#include "sweep/run.h"

enum { MAX_JOBS = 1024, MAX_SHARDS = 1000000 };

static const struct sa_command_option options[] = {
    {"jobs", 'j', "N", false, "points simulated at once (default: the number of cores)"},
    {"output", 'o', "STORE", false, "the store (default: the sweep's name with .db, in this folder)"},
    {"where", 'w', "CONSTRAINT", true, "leave out points for which it does not hold; repeatable"},
    {"shard", 0, "I/N", false, "run the I-th of N parts (see `systole merge`)"},
    {"known", 0, "STORE", false, "leave out points that this store holds already"},
    SA_OPTIONS_MAPPER,
    SA_OPTIONS_SLURM,
};

struct watch {
  struct sa_progress progress;
  struct timespec begin;
  char text[128];
};

static bool on_progress(void *user, uint64_t done, uint64_t todo) {
  struct watch *watch = user;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  const double seconds =
      (double)(now.tv_sec - watch->begin.tv_sec) + (double)(now.tv_nsec - watch->begin.tv_nsec) * 1e-9;
  const double rate = seconds > 0 ? (double)done / seconds : 0;
  snprintf(watch->text, sizeof watch->text, "%" PRIu64 " of %" PRIu64 " points, %.1f/s, %.0f s left", done, todo,
           rate, rate > 0 ? (double)(todo - done) / rate : 0);
  sa_progress_update(&watch->progress, (double)done / (double)todo);
  return sa_interrupt_wanted();
}

static enum sa_status read_shard(const struct sa_args *args, struct sa_sweep_options *run,
                                 struct sa_error *error) {
  const char *text = sa_args_value(args, "shard");
  if (!text) return SA_OK;
  char *end;
  const unsigned long shard = strtoul(text, &end, 10);
  const unsigned long shards = *end == '/' ? strtoul(end + 1, &end, 10) : 0;
  if (*end || shard < 1 || shards < shard || shards > MAX_SHARDS || strspn(text, "0123456789/") != strlen(text))
    return sa_fail(error, SA_ERR_INPUT, "--shard is \"%.32s\"; it must be I/N with 1 <= I <= N <= %d", text,
                   MAX_SHARDS);
  run->shard = (uint32_t)shard;
  run->shards = (uint32_t)shards;
  return SA_OK;
}

static enum sa_status read_options(const struct sa_args *args, struct sa_sweep_options *run,
                                   struct sa_error *error) {
  const long cores = sysconf(_SC_NPROCESSORS_ONLN);
  unsigned long long jobs = cores > 0 ? (unsigned long long)cores : 1;
  enum sa_status status = sa_args_number(args, "jobs", 1, MAX_JOBS, &jobs, error);
  run->jobs = (unsigned)jobs;
  return status ? status : read_shard(args, run, error);
}

static enum sa_status load(const struct sa_args *args, struct sa_sweep *sweep, struct sa_error *error) {
  enum sa_status status = sa_sweep_load(sa_args_get(args, 0), sweep, error);
  size_t count;
  const char *const *constraints = sa_args_values(args, "where", &count);
  for (size_t i = 0; i < count && !status; i++) status = sa_sweep_add_constraint(sweep, constraints[i], error);
  if (!status) status = sa_mapper_read(args, &sweep->mapper.search, &sweep->mapper.limit, error);
  return status ? status : sa_sweep_check(sweep, error);
}

static void print_summary(const struct sa_sweep_summary *summary, const char *path) {
  printf("%" PRIu64 " points: %" PRIu64 " simulated, %" PRIu64 " illegal, %" PRIu64 " already there",
         summary->points, summary->done, summary->illegal, summary->present);
  if (summary->failed) printf(", %" PRIu64 " failed (a bug: see their reason)", summary->failed);
  if (summary->excluded) printf("; %" PRIu64 " excluded by constraints", summary->excluded);
  printf("\nstore: %s", path);
  if (summary->others)
    printf("; it also holds %" PRIu64 " points of other builds of systole, which were not used", summary->others);
  putchar('\n');
}

static enum sa_status sweep_stores(const struct sa_sweep *sweep, struct sa_sweep_options *run,
                                   const struct sa_args *args, const char *path,
                                   struct sa_sweep_summary *summary, struct sa_error *error) {
  const char *known = sa_args_value(args, "known");
  struct watch watch = {.text = ""};
  struct sa_store *store = NULL;
  run->on_progress = on_progress;
  run->user = &watch;
  enum sa_status status = known ? sa_store_open(known, SA_STORE_READ, &run->known, error) : SA_OK;
  if (!status) status = sa_store_open(path, SA_STORE_WRITE, &store, error);
  if (!status) {
    sa_interrupt_catch();
    clock_gettime(CLOCK_MONOTONIC, &watch.begin);
    sa_progress_begin(&watch.progress, watch.text);
    status = sa_sweep_run(sweep, run, store, summary, error);
    sa_progress_end(&watch.progress);
  }
  sa_store_close(store);
  sa_store_close(run->known);
  return status;
}

static int sweep_into(const struct sa_args *args, const struct sa_sweep *sweep, const char *path) {
  struct sa_error error = {0};
  struct sa_sweep_options run = {0};
  struct sa_sweep_summary summary;
  if (read_options(args, &run, &error) || sweep_stores(sweep, &run, args, path, &summary, &error))
    return sa_command_fail(&error);
  print_summary(&summary, path);
  if (summary.stopped) {
    sa_fail(&error, SA_ERR_INPUT, "interrupted; the same command carries on");
    return sa_command_fail(&error);
  }
  return summary.failed ? SA_EXIT_DIFFERENT : SA_EXIT_OK;
}

static int run(const struct sa_args *args) {
  struct sa_error error = {0};
  struct sa_sweep sweep;
  bool slurm = false;
  sa_sweep_init(&sweep);
  int result;
  if (sa_slurm_wanted(args, &slurm, &error) || load(args, &sweep, &error)) {
    result = sa_command_fail(&error);
  } else {
    const char *path = sa_args_value(args, "output");
    char name[256], automatic[300];
    sa_models_name(sa_args_get(args, 0), name, sizeof name);
    snprintf(automatic, sizeof automatic, "%s.db", name);
    result = (slurm ? sa_slurm_sweep : sweep_into)(args, &sweep, path ? path : automatic);
  }
  sa_sweep_release(&sweep);
  return result;
}

const struct sa_command sa_command_sweep = {
    .name = "sweep",
    .arguments = "SWEEP",
    .min_arguments = 1,
    .max_arguments = 1,
    .summary = "simulate every point of a design space into a store",
    .details = "SWEEP is a file or the name of a shipped one (models/sweep); docs/sweeps.md has its form. Points\n"
               "that the store holds are not run again, so that a sweep that was killed carries on. A\n"
               "CONSTRAINT is one comparison: 'array.rows * array.cols <= 4096', 'sram_bytes <= 8 MiB'.\n" SA_MAPPER_DETAILS SA_SLURM_DETAILS,
    SA_OPTIONS(options),
    .run = run,
};
