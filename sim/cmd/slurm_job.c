/* Calls of Slurm's commands: see slurm_job.h. */
#include <config.h>

#include "cmd/slurm_job.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cosim/spawn.h"

enum { MAX_WORDS = 128 };

/* The last line that the command says: what it gave up for. */
static enum sa_status refused(const char *command, const struct sa_spawned *spawned, struct sa_error *error) {
  const char *text = spawned->err[0] ? spawned->err : spawned->out, *line = text;
  for (const char *next = text; (next = strchr(next, '\n')); next++)
    if (next[1]) line = next + 1;
  return sa_fail(error, SA_ERR_IO, "%s failed with status %d: %.*s", command, spawned->exit_status,
                 (int)strcspn(line, "\n"), line);
}

/* Runs it; on success the caller releases *spawned. */
static enum sa_status call(const char *const *words, struct sa_spawned *spawned, struct sa_error *error) {
  enum sa_status status = sa_spawn(words, spawned, error);
  if (status || spawned->exit_status == 0) return status;
  status = refused(words[0], spawned, error);
  sa_spawned_release(spawned);
  return status;
}

enum sa_status sa_slurm_check(struct sa_error *error) {
  static const char *const commands[] = {"sbatch", "scancel", "squeue"};
  struct sa_spawned spawned;
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
    const char *const words[] = {commands[i], "--usage", NULL};
    if (sa_spawn(words, &spawned, NULL))
      return sa_fail(error, SA_ERR_IO, "--slurm: there is no command %s; is Slurm installed on this machine?",
                     commands[i]);
    sa_spawned_release(&spawned);
  }
  const char *const words[] = {"squeue", "--noheader", "--me", NULL};
  const enum sa_status status = call(words, &spawned, error);
  if (!status) sa_spawned_release(&spawned);
  return status;
}

/* "1-4,7": ranges of task numbers. */
static void write_list(const struct sa_slurm_task *tasks, uint32_t count, FILE *out) {
  bool first = true;
  for (uint32_t i = 0; i < count; i++) {
    if (tasks[i].done || tasks[i].queued) continue;
    uint32_t last = i;
    while (last + 1 < count && !tasks[last + 1].done && !tasks[last + 1].queued) last++;
    fprintf(out, "%s%" PRIu32, first ? "--array=" : ",", i + 1);
    if (last > i) fprintf(out, "-%" PRIu32, last + 1);
    first = false;
    i = last;
  }
}

static enum sa_status run_sbatch(const struct sa_slurm_batch *batch, const char *list, uint64_t *job,
                                 struct sa_error *error) {
  char name[128], cpus[64];
  char *output = NULL;
  snprintf(name, sizeof name, "--job-name=%s", batch->name);
  snprintf(cpus, sizeof cpus, "--cpus-per-task=%u", batch->cpus);
  if (asprintf(&output, "--output=%s", batch->log) < 0) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  const char *words[MAX_WORDS] = {"sbatch", "--parsable", "--open-mode=append", "--no-requeue"};
  size_t used = 4;
  words[used++] = list;
  words[used++] = name;
  words[used++] = cpus;
  words[used++] = output;
  struct sa_spawned spawned;
  enum sa_status status = SA_OK;
  if (batch->option_count > MAX_WORDS - used - 2)
    status = sa_fail(error, SA_ERR_INPUT, "--sbatch is given %zu times; at most %zu are taken", batch->option_count,
                     MAX_WORDS - used - 2);
  for (size_t i = 0; i < batch->option_count && !status; i++) words[used++] = batch->options[i];
  words[used++] = batch->script;
  if (!status) status = call(words, &spawned, error);
  free(output);
  if (status) return status;
  char *end;
  *job = strtoull(spawned.out, &end, 10); /* "123" or "123;cluster" */
  if (end == spawned.out || *job == 0)
    status = sa_fail(error, SA_ERR_IO, "sbatch gives no job number but \"%.64s\"", spawned.out);
  sa_spawned_release(&spawned);
  return status;
}

enum sa_status sa_slurm_submit(const struct sa_slurm_batch *batch, struct sa_slurm_task *tasks, uint32_t count,
                               uint32_t *submitted, struct sa_error *error) {
  char *list = NULL;
  size_t bytes;
  *submitted = 0;
  FILE *out = open_memstream(&list, &bytes);
  if (!out) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  write_list(tasks, count, out);
  if (fclose(out) != 0) {
    free(list);
    return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  }
  uint64_t job = 0;
  const enum sa_status status = list[0] ? run_sbatch(batch, list, &job, error) : SA_OK;
  free(list);
  for (uint32_t i = 0; i < count && job; i++) {
    if (tasks[i].done || tasks[i].queued) continue;
    tasks[i].job = job;
    tasks[i].attempts++;
    tasks[i].queued = true;
    ++*submitted;
  }
  return status;
}

enum sa_status sa_slurm_poll(const char *name, struct sa_slurm_task *tasks, uint32_t count,
                             struct sa_error *error) {
  /* array job, number in it, state: a line each for every task that has not ended */
  char wanted[128];
  snprintf(wanted, sizeof wanted, "--name=%s", name);
  const char *const words[] = {"squeue", "--noheader", "--array", "--me", wanted, "--format=%F %K %T", NULL};
  struct sa_spawned spawned;
  const enum sa_status status = call(words, &spawned, error);
  if (status) return status;
  for (uint32_t i = 0; i < count; i++) tasks[i].queued = tasks[i].running = false;
  char *save = NULL;
  for (char *line = strtok_r(spawned.out, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
    char *end;
    const uint64_t job = strtoull(line, &end, 10), number = strtoull(end, &end, 10);
    if (number == 0 || number > count || tasks[number - 1].job != job) continue;
    tasks[number - 1].queued = true;
    tasks[number - 1].running = strstr(end, "RUNNING") != NULL;
  }
  sa_spawned_release(&spawned);
  return SA_OK;
}

enum sa_status sa_slurm_cancel(const char *name, struct sa_error *error) {
  char wanted[128];
  snprintf(wanted, sizeof wanted, "--name=%s", name);
  const char *const words[] = {"scancel", "--me", wanted, NULL};
  struct sa_spawned spawned;
  const enum sa_status status = call(words, &spawned, error);
  if (!status) sa_spawned_release(&spawned);
  return status;
}
