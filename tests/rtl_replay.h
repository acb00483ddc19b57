/* Replays a run of the RTL's bench under Icarus Verilog (tests/replay.v): another simulator, the same
 * signals. */
#ifndef SA_TESTS_RTL_REPLAY_H
#define SA_TESTS_RTL_REPLAY_H
#include "cosim/rtl.h"

/* Whether Icarus Verilog is installed. */
bool rtl_replay_available(void);

/* Replays the run of which `record` was written (struct sa_rtl_files) and fails the test unless every
 * output of every cycle is the same and the counters are those given. grid: as the bench was built.
 * label: begins the message of a failure. */
void rtl_replay(const struct sa_config *config, bool grid, const char *record,
                const struct sa_counters *counters, const char *label);

/* The same on the grid of PEs, with tests/wavefront_probe.v beside it, which writes what every PE has at its
 * inputs in every cycle into the file `probed`. */
void rtl_replay_pes(const struct sa_config *config, const char *record, const struct sa_counters *counters,
                    const char *probed, const char *label);
#endif
