/* First-fit with preferences over a short list of live regions; see place.h. */
#include "map/place.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "lower/lower.h"

void sa_places_init(struct sa_places *places, const struct sa_config *config) {
  memset(places, 0, sizeof *places);
  places->config = config;
}

void sa_places_release(struct sa_places *places) {
  free(places->regions);
  free(places->live);
  sa_places_init(places, places->config);
}

void sa_places_clear(struct sa_places *places) {
  places->count = places->live_count = 0;
  places->live_bytes = places->peak_bytes = 0;
}

void sa_places_expire(struct sa_places *places, uint32_t op) {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < places->live_count; i++) {
    const struct sa_region *r = &places->regions[places->live[i]];
    if (r->last >= op)
      places->live[kept++] = places->live[i];
    else
      places->live_bytes -= r->bytes;
  }
  places->live_count = kept;
}

static uint64_t banks_of(const struct sa_config *config, uint64_t address, uint64_t bytes) {
  const uint64_t first = address / config->bank_bytes, last = (address + bytes - 1) / config->bank_bytes;
  return (last - first == 63 ? ~UINT64_C(0) : (UINT64_C(1) << (last - first + 1)) - 1) << first;
}

uint64_t sa_region_banks(const struct sa_places *places, uint32_t region) {
  const struct sa_region *r = &places->regions[region];
  return banks_of(places->config, r->address, r->bytes);
}

/* The best place found so far. */
struct choice { bool found; uint64_t address, cost; };

static void consider(const struct sa_places *places, struct choice *best, uint64_t address,
                     uint64_t bytes, uint64_t hole_bytes, uint64_t avoid) {
  const uint64_t shared = avoid ? banks_of(places->config, address, bytes) & avoid : 0;
  const uint64_t cost = ((uint64_t)__builtin_popcountll(shared) << 40) + (hole_bytes - bytes);
  if (best->found && cost >= best->cost) return;
  *best = (struct choice){true, address, cost};
}

/* Candidates in one hole: its ends, and its bank boundaries. */
static void consider_hole(const struct sa_places *places, struct choice *best, uint64_t first,
                          uint64_t end, uint64_t bytes, uint64_t avoid, bool high) {
  if (end - first < bytes) return;
  const uint64_t bank = places->config->bank_bytes, hole = end - first;
  const uint64_t low = first, top = end - bytes;
  consider(places, best, high ? top : low, bytes, hole, avoid);
  if (avoid == 0) return;
  consider(places, best, high ? low : top, bytes, hole, avoid);
  for (uint64_t at = (first + bank - 1) / bank * bank; at <= top; at += bank)
    consider(places, best, at, bytes, hole, avoid);
}

static bool is_free(const struct sa_places *places, uint64_t address, uint64_t bytes) {
  for (uint32_t i = 0; i < places->live_count; i++) {
    const struct sa_region *r = &places->regions[places->live[i]];
    if (r->address < address + bytes && address < (uint64_t)r->address + r->bytes) return false;
  }
  return true;
}

static struct choice choose(const struct sa_places *places, const struct sa_place *place) {
  struct choice best = {false, 0, 0};
  if (place->like != SA_NONE) {
    const struct sa_region *like = &places->regions[place->like];
    if (like->bytes == place->bytes && is_free(places, like->address, like->bytes))
      return (struct choice){true, like->address, 0};
  }
  uint64_t from = 0;
  const uint64_t avoid = places->compact ? 0 : place->avoid;
  for (uint32_t i = 0; i <= places->live_count; i++) {
    const struct sa_region *next = i < places->live_count ? &places->regions[places->live[i]] : NULL;
    consider_hole(places, &best, from, next ? next->address : places->config->buffer_bytes, place->bytes,
                  avoid, place->high);
    if (next) from = (uint64_t)next->address + next->bytes;
  }
  return best;
}

uint32_t sa_places_add(struct sa_places *places, const struct sa_place *place) {
  assert(place->bytes > 0 && place->first <= place->last);
  const struct choice best = choose(places, place);
  if (!best.found) return SA_NONE;
  struct sa_region *regions =
      sa_vec_grow(places->regions, &places->capacity, (size_t)places->count + 1, sizeof *regions);
  if (regions) places->regions = regions;
  uint32_t *live =
      sa_vec_grow(places->live, &places->live_capacity, (size_t)places->live_count + 1, sizeof *live);
  if (live) places->live = live;
  if (!regions || !live) {
    places->out_of_memory = true;
    return SA_NONE;
  }
  const uint32_t id = places->count++;
  places->regions[id] = (struct sa_region){
      .address = (uint32_t)best.address, .bytes = (uint32_t)place->bytes, .first = place->first, .last = place->last};
  uint32_t i = places->live_count++;
  for (; i > 0 && places->regions[places->live[i - 1]].address > best.address; i--)
    places->live[i] = places->live[i - 1];
  places->live[i] = id;
  places->live_bytes += place->bytes;
  if (places->live_bytes > places->peak_bytes) places->peak_bytes = places->live_bytes;
  return id;
}

void sa_places_remove(struct sa_places *places, uint32_t region) {
  assert(region + 1 == places->count);
  uint32_t i = 0;
  while (places->live[i] != region) i++;
  memmove(&places->live[i], &places->live[i + 1], (places->live_count - i - 1) * sizeof *places->live);
  places->live_count--;
  places->live_bytes -= places->regions[region].bytes;
  places->count--;
}
