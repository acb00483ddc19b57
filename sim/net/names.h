/* Which layer has a name: a hash table from the names of a network's layers to their numbers. Used
 * while a network is read and to find names given twice. */
#ifndef SA_NET_NAMES_H
#define SA_NET_NAMES_H
#include "net/net.h"

struct sa_names {
  uint32_t *slots; /* owned; layer number + 1, 0 = empty; a power of two of them, at most half full */
  size_t slot_count, used;
};

void sa_names_init(struct sa_names *names);
void sa_names_release(struct sa_names *names);
/* Number of the layer called `name`, or UINT32_MAX. The layers added must still be in net. */
uint32_t sa_names_find(const struct sa_names *names, const struct sa_net *net, const char *name);
/* Adds layer number `layer`, whose name must not be there yet. */
enum sa_status sa_names_add(struct sa_names *names, const struct sa_net *net, uint32_t layer,
                            struct sa_error *error) SA_CHECKED;
#endif
