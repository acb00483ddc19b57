/* `systole sweep --slurm`: the shards of a sweep as a job array of Slurm, which places, starts and ends them;
 * here they are followed, submitted again if they fail, and merged. */
#ifndef SA_CMD_SLURM_H
#define SA_CMD_SLURM_H
#include "cmd/command.h"
#include "sweep/run.h"

#define SA_OPTIONS_SLURM \
  {"slurm", 0, NULL, false, "run shards as a job array of Slurm, follow it, merge at the end"}, \
  {"shards", 0, "N", false, "with --slurm: parts (default: 16)"}, \
  {"sbatch", 0, "OPTION", true, "with --slurm: an option for sbatch, as --sbatch=--partition=long; repeatable"}
#define SA_SLURM_DETAILS \
  "--slurm works in STORE.shards, which every node must see under the same path, as the program itself; -j is\n" \
  "then the cores of each shard (default: 1). A shard that fails is submitted up to three times.\n"

/* Whether --slurm is given and fits the other options. */
enum sa_status sa_slurm_wanted(const struct sa_args *args, bool *wanted, struct sa_error *error) SA_CHECKED;
/* Runs the sweep through Slurm into the store at `path` and prints the summary. Returns the exit status. */
int sa_slurm_sweep(const struct sa_args *args, const struct sa_sweep *sweep, const char *path);
#endif
