/* Driver of a sweep's shards under Slurm: see slurm.h. In STORE.shards it keeps, for each shard I, the store
 * I.db, the output I.log and, once the shard is whole, the mark I.done: the mark decides, not what the queue
 * says, since a task leaves the queue for many reasons. */
#include <config.h>

#include "cmd/slurm.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "cmd/interrupt.h"
#include "cmd/mapper.h"
#include "cmd/progress.h"
#include "cmd/slurm_job.h"

enum { DEFAULT_SHARDS = 16, MAX_SHARDS = 10000, MAX_ATTEMPTS = 3, MAX_SILENT_POLLS = 60, MAX_CORES = 1024 };
static const long FIRST_POLL_NS = 250000000, LAST_POLL_NS = 2000000000;

struct driver {
  const struct sa_args *args;
  char *folder, *script, *log; /* owned; absolute, but log's pattern */
  char name[64];               /* of the jobs: from the folder, so that a driver finds what another left */
  unsigned cores;              /* of each shard */
  uint32_t count;
  struct sa_slurm_task *tasks; /* owned; [count] */
  uint32_t resubmitted;
  struct sa_progress progress;
  char text[128];
};

enum sa_status sa_slurm_wanted(const struct sa_args *args, bool *wanted, struct sa_error *error) {
  *wanted = sa_args_has(args, "slurm");
  static const char *const with[] = {"shards", "sbatch"}, *const without[] = {"shard", "known"};
  for (size_t i = 0; i < 2; i++) {
    if (!*wanted && sa_args_has(args, with[i]))
      return sa_fail(error, SA_ERR_INPUT, "--%s belongs to --slurm", with[i]);
    if (*wanted && sa_args_has(args, without[i]))
      return sa_fail(error, SA_ERR_INPUT, "--%s does not go with --slurm", without[i]);
  }
  return SA_OK;
}

/* ---- Files ---- */

static char *path_of(const struct driver *d, uint32_t shard, const char *suffix) {
  char *path;
  return asprintf(&path, "%s/%" PRIu32 "%s", d->folder, shard, suffix) < 0 ? NULL : path;
}

/* Marks are looked for in the folder's list: a network file system keeps "there is no such file" for long. */
static enum sa_status read_marks(struct driver *d, struct sa_error *error) {
  DIR *folder = opendir(d->folder);
  if (!folder) return sa_fail_at(error, SA_ERR_IO, d->folder, 0, 0, "%s", strerror(errno));
  for (struct dirent *entry; (entry = readdir(folder));) {
    char *end;
    const unsigned long shard = strtoul(entry->d_name, &end, 10);
    if (strcmp(end, ".done") == 0 && shard >= 1 && shard <= d->count) d->tasks[shard - 1].done = true;
  }
  closedir(folder);
  return SA_OK;
}

/* Removes our files in the folder, or only the marks. */
static void remove_files(const struct driver *d, bool all) {
  DIR *folder = opendir(d->folder);
  if (!folder) return;
  for (struct dirent *entry; (entry = readdir(folder));) {
    const char *name = entry->d_name, *dot = strrchr(name, '.');
    const bool mark = dot && strcmp(dot, ".done") == 0;
    const bool ours = strspn(name, "0123456789") > 0 || strcmp(name, "shard.sh") == 0;
    if (ours && (all || mark)) unlinkat(dirfd(folder), name, 0);
  }
  closedir(folder);
}

/* One word for the shell. */
static void write_quoted(const char *word, FILE *out) {
  fputc('\'', out);
  for (; *word; word++)
    if (*word == '\'')
      fputs("'\\''", out);
    else
      fputc(*word, out);
  fputc('\'', out);
}

static void write_option(const char *name, const char *value, FILE *out) {
  fprintf(out, " --%s ", name);
  write_quoted(value, out);
}

static void write_script(const struct driver *d, const char *program, const char *here, const char *known, FILE *out) {
  size_t count;
  const char *const *constraints = sa_args_values(d->args, "where", &count);
  static const char *const passed[] = {"mapper", "search-limit"};
  fputs("#!/bin/sh\n# One shard of a sweep, an array task of Slurm; written by systole sweep --slurm.\ncd ", out);
  write_quoted(here, out);
  fputs(" || exit\nfolder=", out);
  write_quoted(d->folder, out);
  fputs("\nshard=$SLURM_ARRAY_TASK_ID\n", out);
  write_quoted(program, out);
  fprintf(out, " sweep --shard \"$shard/%" PRIu32 "\" --jobs %u --output \"$folder/$shard.db\"", d->count, d->cores);
  for (size_t i = 0; i < count; i++) write_option("where", constraints[i], out);
  for (size_t i = 0; i < sizeof passed / sizeof *passed; i++)
    if (sa_args_has(d->args, passed[i])) write_option(passed[i], sa_args_value(d->args, passed[i]), out);
  write_option("known", known, out);
  fputs(" -- ", out);
  write_quoted(sa_args_get(d->args, 0), out);
  fputs("\nstatus=$?\n# 1: whole, with points that show a fault of the simulator\n"
        "[ $status -gt 1 ] || : >\"$folder/$shard.done\"\nexit $status\n", out);
}

static enum sa_status make_script(struct driver *d, const char *store, struct sa_error *error) {
  char program[PATH_MAX], here[PATH_MAX], known[PATH_MAX];
  const ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  if (length < 0 || !getcwd(here, sizeof here) || !realpath(store, known))
    return sa_fail(error, SA_ERR_IO, "the program's own path is not to be found: %s", strerror(errno));
  program[length] = '\0';
  struct sa_output output;
  enum sa_status status = sa_output_open(&output, d->script, error);
  if (status) return status;
  write_script(d, program, here, known, output.file);
  return sa_output_commit(&output, error);
}

/* ---- Begin ---- */

static enum sa_status read_options(struct driver *d, struct sa_error *error) {
  unsigned long long shards = DEFAULT_SHARDS, cores = 1;
  enum sa_status status = sa_args_number(d->args, "shards", 1, MAX_SHARDS, &shards, error);
  if (!status) status = sa_args_number(d->args, "jobs", 1, MAX_CORES, &cores, error);
  d->count = (uint32_t)shards;
  d->cores = (unsigned)cores;
  return status;
}

/* The folder beside the store, which is there. */
static enum sa_status make_folder(struct driver *d, const char *store, struct sa_error *error) {
  char whole[PATH_MAX];
  if (!realpath(store, whole)) return sa_fail_at(error, SA_ERR_IO, store, 0, 0, "%s", strerror(errno));
  if (asprintf(&d->folder, "%s.shards", whole) < 0) d->folder = NULL;
  if (d->folder && asprintf(&d->script, "%s/shard.sh", d->folder) < 0) d->script = NULL;
  if (d->script && asprintf(&d->log, "%s/%%a.log", d->folder) < 0) d->log = NULL;
  d->tasks = calloc(d->count, sizeof *d->tasks);
  if (!d->log || !d->tasks) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  if (mkdir(d->folder, 0777) != 0 && errno != EEXIST)
    return sa_fail_at(error, SA_ERR_IO, d->folder, 0, 0, "%s", strerror(errno));
  snprintf(d->name, sizeof d->name, "systole-%016" PRIx64, sa_hash_string(SA_HASH_INIT, d->folder));
  return make_script(d, store, error);
}

static void release(struct driver *d) {
  free(d->folder);
  free(d->script);
  free(d->log);
  free(d->tasks);
}

/* ---- Following ---- */

/* The end of a shard's output says why it failed. */
static enum sa_status give_up(const struct driver *d, uint32_t shard, struct sa_error *error) {
  char last[512] = "";
  char *path = path_of(d, shard, ".log");
  FILE *file = path ? fopen(path, "r") : NULL;
  for (char line[512]; file && fgets(line, sizeof line, file);)
    if (line[0] != '\n') snprintf(last, sizeof last, "%.*s", (int)strcspn(line, "\n"), line);
  if (file) fclose(file);
  free(path);
  return sa_fail(error, SA_ERR_IO, "shard %" PRIu32 " failed %u times%s%s; its output is in %.256s/%" PRIu32 ".log",
                 shard, d->tasks[shard - 1].attempts, last[0] ? ", the last time with: " : "", last, d->folder, shard);
}

/* Submits what has failed again. *left: shards that are not done. */
static enum sa_status look_after(struct driver *d, const struct sa_slurm_batch *batch, uint32_t *left,
                                 struct sa_error *error) {
  uint32_t lost = 0, running = 0, submitted = 0;
  *left = 0;
  for (uint32_t i = 0; i < d->count; i++) {
    const struct sa_slurm_task *task = &d->tasks[i];
    *left += !task->done;
    running += task->running && !task->done;
    lost += !task->done && !task->queued;
    if (!task->done && !task->queued && task->attempts == MAX_ATTEMPTS) return give_up(d, i + 1, error);
  }
  snprintf(d->text, sizeof d->text, "%" PRIu32 " of %" PRIu32 " shards done, %" PRIu32 " running, %" PRIu32
           " submitted again", d->count - *left, d->count, running, d->resubmitted);
  sa_progress_update(&d->progress, (double)(d->count - *left) / (double)d->count);
  if (!lost) return SA_OK;
  const enum sa_status status = sa_slurm_submit(batch, d->tasks, d->count, &submitted, error);
  d->resubmitted += submitted;
  return status;
}

/* Until every shard is done. A queue that does not answer for a while is waited for. */
static enum sa_status follow(struct driver *d, const struct sa_slurm_batch *batch, struct sa_error *error) {
  long wait = FIRST_POLL_NS;
  unsigned silent = 0;
  for (uint32_t left = d->count; left;) {
    const struct timespec pause = {wait / 1000000000, wait % 1000000000};
    nanosleep(&pause, NULL);
    if (wait < LAST_POLL_NS) wait += FIRST_POLL_NS;
    if (sa_interrupt_wanted())
      return sa_fail(error, SA_ERR_INPUT, "interrupted, the jobs are cancelled; the same command carries on");
    /* first the queue, then the marks: a task that ended in between has made its mark */
    enum sa_status status = sa_slurm_poll(d->name, d->tasks, d->count, error);
    if (status == SA_ERR_IO && ++silent < MAX_SILENT_POLLS) continue;
    silent = 0;
    if (!status) status = read_marks(d, error);
    if (!status) status = look_after(d, batch, &left, error);
    if (status) return status;
  }
  return SA_OK;
}

static enum sa_status run_jobs(struct driver *d, struct sa_error *error) {
  size_t option_count;
  const char *const *more = sa_args_values(d->args, "sbatch", &option_count);
  const struct sa_slurm_batch batch = {.name = d->name,
                                       .script = d->script,
                                       .log = d->log,
                                       .cpus = d->cores,
                                       .options = more,
                                       .option_count = option_count};
  uint32_t submitted;
  enum sa_status status = sa_slurm_cancel(d->name, error); /* of a driver that was killed */
  if (status) return status;
  remove_files(d, false);
  sa_interrupt_catch();
  status = sa_slurm_submit(&batch, d->tasks, d->count, &submitted, error);
  sa_progress_begin(&d->progress, d->text);
  if (!status) status = follow(d, &batch, error);
  sa_progress_end(&d->progress);
  if (status) (void)!sa_slurm_cancel(d->name, NULL);
  return status;
}

/* ---- End ---- */

static enum sa_status merge(const struct driver *d, struct sa_store *store, struct sa_error *error) {
  enum sa_status status = SA_OK;
  for (uint32_t i = 1; i <= d->count && !status; i++) {
    uint64_t added;
    char *path = path_of(d, i, ".db");
    status = path ? sa_store_merge(store, path, &added, error) : sa_fail(error, SA_ERR_MEMORY, "out of memory");
    free(path);
  }
  return status;
}

/* Opened twice, so that the shards find the store closed. */
static enum sa_status count_points(const struct sa_sweep *sweep, const char *path, const struct driver *d,
                                   struct sa_sweep_summary *summary, uint64_t *failed, struct sa_error *error) {
  struct sa_store *store;
  enum sa_status status = sa_store_open(path, SA_STORE_WRITE, &store, error);
  if (status) return status;
  if (d) status = merge(d, store, error);
  if (!status) status = sa_sweep_count(sweep, store, summary, error);
  if (!status) status = sa_store_count_failed(store, failed, error);
  sa_store_close(store);
  return status;
}

static enum sa_status sweep_by_slurm(struct driver *d, const struct sa_sweep *sweep, const char *path,
                                     struct sa_sweep_summary *before, uint64_t *failed, struct sa_error *error) {
  struct sa_sweep_summary after;
  enum sa_status status = read_options(d, error);
  if (!status) status = sa_slurm_check(error);
  if (!status) status = count_points(sweep, path, NULL, before, failed, error);
  if (status || before->present == before->points) return status;
  status = make_folder(d, path, error);
  if (!status) status = run_jobs(d, error);
  if (!status) status = count_points(sweep, path, d, &after, failed, error);
  if (status) return status;
  if (after.present < after.points)
    return sa_fail(error, SA_ERR_IO, "%" PRIu64 " of %" PRIu64 " points are missing from the shards in %.256s",
                   after.points - after.present, after.points, d->folder);
  remove_files(d, true);
  rmdir(d->folder);
  return SA_OK;
}

int sa_slurm_sweep(const struct sa_args *args, const struct sa_sweep *sweep, const char *path) {
  struct driver d = {.args = args};
  struct sa_error error = {0};
  struct sa_sweep_summary before = {0};
  uint64_t failed = 0;
  const enum sa_status status = sweep_by_slurm(&d, sweep, path, &before, &failed, &error);
  if (!status) {
    printf("%" PRIu64 " points: %" PRIu64 " by %" PRIu32 " shards under Slurm (%" PRIu32 " submitted again), %" PRIu64
           " already there", before.points, before.points - before.present, d.tasks ? d.count : 0, d.resubmitted,
           before.present);
    if (failed) printf("; %" PRIu64 " points of the store failed (a bug: see their reason)", failed);
    if (before.excluded) printf("; %" PRIu64 " excluded by constraints", before.excluded);
    printf("\nstore: %s\n", path);
  }
  release(&d);
  if (status) return sa_command_fail(&error);
  return failed ? SA_EXIT_DIFFERENT : SA_EXIT_OK;
}
