/* Open addressing with linear probing over the layers' own name fields. */
#include "net/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

void sa_names_init(struct sa_names *names) {
  *names = (struct sa_names){NULL, 0, 0};
}

void sa_names_release(struct sa_names *names) {
  free(names->slots);
  sa_names_init(names);
}

/* The slot that holds `name`, or the empty one where it belongs. */
static size_t probe(const struct sa_names *names, const struct sa_net *net, const char *name) {
  const size_t mask = names->slot_count - 1;
  size_t slot = (size_t)sa_hash_string(SA_HASH_INIT, name) & mask;
  while (names->slots[slot] && strcmp(net->layers[names->slots[slot] - 1].name, name) != 0)
    slot = (slot + 1) & mask;
  return slot;
}

uint32_t sa_names_find(const struct sa_names *names, const struct sa_net *net, const char *name) {
  return names->slot_count ? names->slots[probe(names, net, name)] - 1 : UINT32_MAX;
}

enum sa_status sa_names_add(struct sa_names *names, const struct sa_net *net, uint32_t layer,
                            struct sa_error *error) {
  if (2 * (names->used + 1) > names->slot_count) {
    struct sa_names grown = {NULL, names->slot_count ? 2 * names->slot_count : 64, names->used};
    grown.slots = calloc(grown.slot_count, sizeof *grown.slots);
    if (!grown.slots)
      return sa_fail(error, SA_ERR_MEMORY, "out of memory for %zu layer names", names->used + 1);
    for (size_t i = 0; i < names->slot_count; i++)
      if (names->slots[i])
        grown.slots[probe(&grown, net, net->layers[names->slots[i] - 1].name)] = names->slots[i];
    free(names->slots);
    *names = grown;
  }
  names->slots[probe(names, net, net->layers[layer].name)] = layer + 1;
  names->used++;
  return SA_OK;
}
