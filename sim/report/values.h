/* Values of a run: seeded weights and inputs, the program executed through the machine's buffers, the
 * network's outputs written down. */
#ifndef SA_REPORT_VALUES_H
#define SA_REPORT_VALUES_H
#include "map/map.h"

/* Executes the mapped program on data of that seed (sim/net/quant.h) and writes every output that is in
 * DRAM at the end as CSV: layer,n,h,w,c,value. With map option store_all that is every layer. */
enum sa_status sa_values_write(const struct sa_config *config, const struct sa_net *net,
                               const struct sa_mapping *mapping, uint64_t seed, const char *path,
                               struct sa_error *error) SA_CHECKED;
#endif
