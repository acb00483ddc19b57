/* Seeded random networks: small graphs of every kind of layer, with windows, strides, padding,
 * dilation, groups, residuals, slices, joins, attention, recurrence. What mapper and engines are tried on. */
#ifndef SA_MAP_RANDOM_NET_H
#define SA_MAP_RANDOM_NET_H
#include "base/rng.h"
#include "net/net.h"

/* A finished network of 1 to `max_layers` layers behind its input. */
enum sa_status sa_random_net(struct sa_rng *rng, uint32_t max_layers, struct sa_net *net,
                             struct sa_error *error) SA_CHECKED;
#endif
