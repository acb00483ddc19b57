/* Peephole fusion on a network of one layer an operation, as importers make it: an activation of its own
 * goes into the layer before it, an addition becomes the residual of the later of its two producers, and
 * what nobody reads is dropped. */
#ifndef SA_IMPORT_NET_FUSE_H
#define SA_IMPORT_NET_FUSE_H
#include "net/net.h"

/* Works on finished layers, in place. keep[layer]: its output is wanted from outside (a network input is
 * dropped all the same when no layer reads it). map[layer], of layer_count entries: where the layer went,
 * UINT32_MAX if it was dropped. The caller finishes the network anew. */
enum sa_status sa_net_fuse(struct sa_net *net, const bool *keep, uint32_t *map,
                           struct sa_error *error) SA_CHECKED;
#endif
