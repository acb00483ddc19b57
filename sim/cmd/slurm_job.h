/* Slurm's commands as functions: sbatch, squeue, scancel. */
#ifndef SA_CMD_SLURM_JOB_H
#define SA_CMD_SLURM_JOB_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* A shard on its way. */
struct sa_slurm_task {
  uint64_t job;       /* array job that holds it now */
  unsigned attempts;  /* submissions so far */
  bool queued, running;
  bool done;
};

/* What all submissions have in common. */
struct sa_slurm_batch {
  const char *name;          /* of the jobs */
  const char *script, *log;  /* path of the script; pattern of its output, %a for the task */
  unsigned cpus;             /* of each task */
  const char *const *options; /* more options for sbatch */
  size_t option_count;
};

/* SA_ERR_IO: Slurm is not installed, or does not answer. */
enum sa_status sa_slurm_check(struct sa_error *error) SA_CHECKED;
/* Submits the tasks (numbered from 1) that are neither done nor queued. *submitted: how many. */
enum sa_status sa_slurm_submit(const struct sa_slurm_batch *batch, struct sa_slurm_task *tasks, uint32_t count,
                               uint32_t *submitted, struct sa_error *error) SA_CHECKED;
/* Sets queued and running of every task by what squeue says of the jobs of that name. */
enum sa_status sa_slurm_poll(const char *name, struct sa_slurm_task *tasks, uint32_t count, struct sa_error *error)
    SA_CHECKED;
/* Cancels all jobs of the user with that name. */
enum sa_status sa_slurm_cancel(const char *name, struct sa_error *error) SA_CHECKED;
#endif
