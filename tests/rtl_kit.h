/* Runs the RTL on a program: builds the bench for a machine, writes the stream and the memory image,
 * reads back counters, timeline, bursts and memory, and compares them with the cycle-by-cycle
 * engine's. */
#ifndef SA_TESTS_RTL_KIT_H
#define SA_TESTS_RTL_KIT_H
#include "base/memory.h"
#include "engine/engine.h"

struct rtl_bench {
  char path[512];       /* of the executable */
  char folder[64];      /* temporary, for the files of a run */
  char parameters[640]; /* of the machine: NAME=VALUE ... */
  bool records;         /* runs are recorded, for rtl_replay */
};

/* False, with a reason on stdout, if the RTL cannot be built here (no Verilator or SystemC). */
bool rtl_available(void);
/* Builds (or finds) the bench of a finished config. grid: the array as PE modules. */
void rtl_bench_open(struct rtl_bench *bench, const struct sa_config *config, bool grid);
void rtl_bench_close(struct rtl_bench *bench);

/* Runs the program on both and fails the test at the first difference, naming `label`. image: null,
 * or the memory before the run; it is then also executed for its values, and the memories after the
 * run are compared. The counters of the run go to *counters (may be null). */
void rtl_compare(const struct rtl_bench *bench, const struct sa_config *config,
                 const struct sa_program *program, struct sa_memory *image, const char *label,
                 struct sa_counters *counters);

/* Replays the last run, which was recorded, under Icarus Verilog; every output of every cycle and the
 * counters must be the same. */
bool rtl_replay_available(void);
void rtl_replay(const struct rtl_bench *bench, const struct sa_config *config, const char *label);
#endif
