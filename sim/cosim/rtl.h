/* The RTL as an engine: builds the Verilated machine of a configuration with its SystemC bench (cached,
 * scripts/rtl-build) and runs programs on it. */
#ifndef SA_COSIM_RTL_H
#define SA_COSIM_RTL_H
#include "base/memory.h"
#include "cosim/record.h"

struct sa_rtl {
  char path[4096];  /* of the bench's executable */
  char folder[64];  /* temporary, for the files of a run */
};

/* SA_ERR_IO with the reason if the RTL cannot be built here (Verilator or SystemC missing). */
enum sa_status sa_rtl_available(struct sa_error *error) SA_CHECKED;

/* Builds or finds the bench of a finished config and makes its temporary folder. grid: the array as PE
 * modules; wave: able to write waveforms. On success the caller calls sa_rtl_close. */
enum sa_status sa_rtl_open(const struct sa_config *config, bool grid, bool wave, struct sa_rtl *rtl,
                           struct sa_error *error) SA_CHECKED;
void sa_rtl_close(struct sa_rtl *rtl);

/* Runs the program's stream from the memory image (null: an empty one) and records it; the memory after
 * the run goes to `after` (may be null). wave: null or the waveform file to write. The run-time part of
 * the config (burst, outstanding, latency, bandwidth) may differ from the one the bench was built for.
 * SA_ERR_STUCK: the RTL made no progress or reported a bank collision. */
enum sa_status sa_rtl_run(const struct sa_rtl *rtl, const struct sa_config *config,
                          const struct sa_program *program, const struct sa_memory *memory,
                          const char *wave, struct sa_record *record, struct sa_memory *after,
                          struct sa_error *error) SA_CHECKED;
#endif
