/* What `baseline` and `compare` share: the options of a measurement, and the measurement itself. */
#ifndef SA_CMD_MEASURE_H
#define SA_CMD_MEASURE_H
#include "baseline/results.h"
#include "cmd/command.h"

#define SA_MEASURE_OPTIONS                                                                                   \
  {"provider", 'p', "NAMES", false, "of onednn, openblas, vector, plain (default: all)"},                    \
  {"dtype", 'd', "TYPES", false, "of fp32, bf16, int8 (default: all)"},                                      \
  {"isa", 'i', "ISA", false, "use no more than sse41, avx2, avx512, vnni, bf16 or amx (default: all there is)"}, \
  {"threads", 'T', "N", false, "threads of the libraries, each on a core of its own (default: 1)"},          \
  {"repeat", 'r', "N", false, "exactly N passes (default: until the median is known to 2 %)"},               \
  {"seconds", 'S', "N", false, "longest time of the passes per provider and type (default: 5)"}

/* The choice made on the command line. */
struct sa_measure_choice {
  bool providers[SA_PROVIDERS], dtypes[SA_DTYPES];
  bool providers_given; /* then one that is missing is an error, not skipped */
  struct sa_measure_options options;
};

enum sa_status sa_measure_choose(const struct sa_args *args, struct sa_measure_choice *choice,
                                 struct sa_error *error) SA_CHECKED;
/* Pins the process and measures all that was chosen, with progress. Ctrl-C ends it early, with what there
 * is until then. On success the caller releases *baseline. */
enum sa_status sa_measure_all(const struct sa_net *net, struct sa_measure_choice *choice,
                              struct sa_baseline *baseline, struct sa_error *error) SA_CHECKED;
#endif
