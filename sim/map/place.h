/* Space in the unified buffer over the time of a program, counted in operations: regions with first and
 * last operation. A region is put where it shares no bank with regions that are accessed at the
 * same time in the same direction, if such a place is free; then into the tightest hole. */
#ifndef SA_MAP_PLACE_H
#define SA_MAP_PLACE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "machine/config.h"
#include "map/emit.h"

struct sa_region {
  uint32_t address, bytes;
  uint32_t first, last;      /* operations */
  bool active;               /* emission has reached `first` */
  struct sa_stamp before;    /* must be over before the region is written */
  struct sa_stamp uses;      /* last event of each stream that touched it */
};

struct sa_places {
  const struct sa_config *config;
  struct sa_region *regions; /* owned */
  size_t capacity;
  uint32_t count;
  uint32_t *live;            /* owned; regions in use while planning, by address */
  size_t live_capacity;
  uint32_t live_count;
  uint64_t live_bytes, peak_bytes;
  bool compact;              /* space matters more than banks */
  bool out_of_memory;
};

void sa_places_init(struct sa_places *places, const struct sa_config *config);
void sa_places_release(struct sa_places *places);
/* Forgets all regions. */
void sa_places_clear(struct sa_places *places);
/* Ends regions whose last operation is before `op`. */
void sa_places_expire(struct sa_places *places, uint32_t op);
/* What a region needs, and what would be good for it. */
struct sa_place {
  uint64_t bytes;       /* >= 1 */
  uint32_t first, last; /* operations; first is now */
  uint64_t avoid;       /* banks better not used */
  bool high;            /* from the upper end */
  uint32_t like;        /* at the place of this region if it has the size and is free; SA_NONE: of none */
};
/* SA_NONE if no hole is large enough (or memory ended: out_of_memory). */
uint32_t sa_places_add(struct sa_places *places, const struct sa_place *place);
/* Takes back the newest region. */
void sa_places_remove(struct sa_places *places, uint32_t region);
/* Banks that a region touches, one bit each. */
uint64_t sa_region_banks(const struct sa_places *places, uint32_t region);
#endif
