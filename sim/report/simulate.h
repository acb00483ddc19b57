/* One simulation from end to end: map a network to a machine, run the program, collect the report. */
#ifndef SA_REPORT_SIMULATE_H
#define SA_REPORT_SIMULATE_H
#include "engine/engine.h"
#include "map/map.h"
#include "report/report.h"

struct sa_simulation {
  struct sa_mapping mapping;
  struct sa_counters counters;
  struct sa_layer_counters *layers; /* owned; [net->layer_count] */
  struct sa_report report;
};

void sa_simulation_init(struct sa_simulation *simulation);
void sa_simulation_release(struct sa_simulation *simulation);

/* Maps and runs. The config and the network must outlive the simulation. map_options and
 * engine_options may be null. The sums of docs/metrics.md are checked; a violation is an error. */
enum sa_status sa_simulate(const struct sa_config *config, const struct sa_net *net,
                           const struct sa_map_options *map_options,
                           const struct sa_engine_options *engine_options,
                           struct sa_simulation *simulation, struct sa_error *error) SA_CHECKED;
#endif
