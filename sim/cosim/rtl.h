/* The RTL as an engine: builds the Verilated machine of a configuration with its SystemC bench (cached,
 * scripts/rtl-build) and runs programs on it. */
#ifndef SA_COSIM_RTL_H
#define SA_COSIM_RTL_H
#include "base/memory.h"
#include "cosim/record.h"

enum { SA_RTL_PARAMETERS = 18, SA_RTL_PARAMETER_CHARS = 48 };

struct sa_rtl {
  char path[4096];   /* of the bench's executable */
  char folder[4096]; /* temporary, for the files of a run */
};

/* Files that a run also writes; null: not wanted. */
struct sa_rtl_files {
  const char *wave;   /* waveform (FST); the bench must be built for it */
  const char *record; /* all inputs and outputs of every cycle, which tests/replay.v replays */
};

/* SA_ERR_IO with the reason if the RTL cannot be built here (Verilator or SystemC missing). */
enum sa_status sa_rtl_available(struct sa_error *error) SA_CHECKED;

/* The parameters of rtl/systole.v for a finished config, each as NAME=VALUE. grid: the array as PE modules. */
void sa_rtl_parameters(const struct sa_config *config, bool grid,
                       char text[SA_RTL_PARAMETERS][SA_RTL_PARAMETER_CHARS]);

struct sa_rtl_options {
  bool grid; /* the array as PE modules */
  bool wave; /* able to write waveforms */
  void (*on_build)(void *user); /* null, or told before a build, which takes some 10 s */
  void *user;
};

/* Builds or finds the bench of a finished config and makes its temporary folder (in TMPDIR). options may
 * be null. On success the caller calls sa_rtl_close. */
enum sa_status sa_rtl_open(const struct sa_config *config, const struct sa_rtl_options *options,
                           struct sa_rtl *rtl, struct sa_error *error) SA_CHECKED;
void sa_rtl_close(struct sa_rtl *rtl);

/* Runs the program's stream from the memory image (null: an empty one) and records it; the memory after
 * the run goes to `after` (may be null). files: null or more to write. The run-time part of the config (burst, outstanding, latency, bandwidth) may differ from the one the bench was built for.
 * SA_ERR_STUCK: the RTL made no progress or reported a bank collision. */
enum sa_status sa_rtl_run(const struct sa_rtl *rtl, const struct sa_config *config,
                          const struct sa_program *program, const struct sa_memory *memory,
                          const struct sa_rtl_files *files, struct sa_record *record, struct sa_memory *after,
                          struct sa_error *error) SA_CHECKED;
#endif
