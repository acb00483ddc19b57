/* The networks of a sweep file. */
#ifndef SA_SWEEP_NETWORKS_H
#define SA_SWEEP_NETWORKS_H
#include "base/yaml_doc.h"
#include "sweep/sweep.h"

/* Reads `networks` and `batches` of a sweep's root into sweep->networks: every network with every combination
 * of its parameters' values, at every batch size. */
enum sa_status sa_sweep_read_networks(struct sa_sweep *sweep, struct sa_yaml_node root, struct sa_error *error)
    SA_CHECKED;
#endif
