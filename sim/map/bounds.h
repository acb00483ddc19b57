/* What no mapping of a layer to a machine can beat; docs/metrics.md, Bounds. */
#ifndef SA_MAP_BOUNDS_H
#define SA_MAP_BOUNDS_H
#include "machine/config.h"
#include "net/net.h"

struct sa_bound {
  uint64_t array_cycles;  /* folds x max(M, shift cycles) */
  uint64_t memory_cycles; /* compulsory bytes / bandwidth of their port */
  uint64_t vector_cycles; /* steps of VECTOR */
};

/* Bounds of one layer of a finished network. Compulsory are the layer's weights and parameters, the
 * network inputs it is the first to read, and its output if nobody reads it. */
void sa_bound_layer(const struct sa_config *config, const struct sa_net *net, uint32_t layer,
                    struct sa_bound *bound);
#endif
