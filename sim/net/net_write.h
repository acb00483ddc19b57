/* Writes a network as the YAML that net_yaml.h reads (docs/networks.md): one line a layer, every input by
 * name, every parameter that is not its default. */
#ifndef SA_NET_NET_WRITE_H
#define SA_NET_NET_WRITE_H
#include <stdio.h>

#include "net/net.h"

/* The network must be finished and begin with an INPUT. Repeated blocks and
 * parameters are written out. Write errors stay in the stream for its owner to check. */
void sa_net_write(const struct sa_net *net, FILE *out);
#endif
