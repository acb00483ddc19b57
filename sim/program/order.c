/* Vector clocks of a program; see order.h. Two instructions of different units conflict if their
 * accesses touch and no clock puts the earlier access's end before the later instruction's start, so
 * only instructions that the new one does not know to have ended are compared with it. */
#include "program/order.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "program/isa_table.h"
#include "program/overlap.h"

struct clock { uint64_t at[SA_STREAMS]; };

/* An access as it is remembered: normal form, and the banks it uses. */
struct use {
  struct sa_access access;
  uint64_t banks;
};

struct entry {
  uint64_t index;
  struct clock start;      /* known when it started */
  uint64_t first_use;      /* in the unit's list, counted from the beginning */
  uint32_t use_count;
};

/* A list that grows at the end and is forgotten at the front. */
struct list {
  void *items;
  size_t capacity, used;   /* in memory */
  uint64_t dropped;        /* before the first in memory */
};

struct sa_order {
  const struct sa_config *config;
  uint64_t base[SA_BASE_REGS];
  struct clock clock[SA_UNITS];            /* known to the unit's last instruction when it started */
  struct list entries[SA_UNITS], uses[SA_UNITS];
  struct list tokens[SA_STREAMS][SA_UNITS]; /* ordinals of gives; dropped = taken */
  struct list tiles;                       /* ordinals of WLOADs; dropped = consumed */
};

static uint64_t list_count(const struct list *list) { return list->dropped + list->used; }

static void *list_at(const struct list *list, uint64_t i, size_t item_bytes) {
  assert(i >= list->dropped && i < list_count(list));
  return (char *)list->items + (i - list->dropped) * item_bytes;
}

static void *list_push(struct list *list, size_t item_bytes) {
  void *items = sa_vec_grow(list->items, &list->capacity, list->used + 1, item_bytes);
  if (!items) return NULL;
  list->items = items;
  return (char *)items + list->used++ * item_bytes;
}

static void list_drop(struct list *list, size_t count, size_t item_bytes) {
  if (!count) return;
  list->used -= count;
  list->dropped += count;
  memmove(list->items, (char *)list->items + count * item_bytes, list->used * item_bytes);
}

static enum sa_status no_memory(struct sa_error *error) {
  return sa_fail(error, SA_ERR_MEMORY, "program: out of memory for its order");
}

struct sa_order *sa_order_create(const struct sa_config *config) {
  struct sa_order *order = calloc(1, sizeof *order);
  if (order) order->config = config;
  return order;
}

void sa_order_free(struct sa_order *order) {
  if (!order) return;
  for (int unit = 0; unit < SA_UNITS; unit++) {
    free(order->entries[unit].items);
    free(order->uses[unit].items);
    for (int stream = 0; stream < SA_STREAMS; stream++) free(order->tokens[stream][unit].items);
  }
  free(order->tiles.items);
  free(order);
}

enum sa_unit sa_stream_unit(enum sa_stream stream) {
  static const enum sa_unit units[SA_STREAMS] = {SA_LOAD,   SA_STORE,  SA_WLOAD, SA_MATMUL,
                                                 SA_MATMUL, SA_VECTOR, SA_VECTOR};
  return units[stream];
}

enum sa_stream sa_unit_done_stream(enum sa_unit unit) {
  static const enum sa_stream streams[SA_UNITS] = {SA_EV_LOAD, SA_EV_STORE, SA_EV_WLOAD,
                                                   SA_EV_MATMUL_DONE, SA_EV_VECTOR_DONE};
  return streams[unit];
}

enum sa_stream sa_access_stream(enum sa_unit unit, const struct sa_access *access) {
  const enum sa_stream done = sa_unit_done_stream(unit);
  return access->ends_with_read_event ? (enum sa_stream)(done - 1) : done; /* READ is before DONE */
}

/* ---- Clocks ---- */

static void join(struct clock *clock, const struct clock *other) {
  for (int s = 0; s < SA_STREAMS; s++)
    if (other->at[s] > clock->at[s]) clock->at[s] = other->at[s];
}

static void learn(struct clock *clock, enum sa_stream stream, uint64_t ordinal) {
  if (ordinal + 1 > clock->at[stream]) clock->at[stream] = ordinal + 1;
}

/* What the event `ordinal` of a stream says: what its instruction knew, itself, and, behind a DONE
 * event, the READ event. */
static void learn_event(const struct sa_order *order, struct clock *clock, enum sa_stream stream,
                        uint64_t ordinal) {
  const enum sa_unit unit = sa_stream_unit(stream);
  const struct entry *entry = list_at(&order->entries[unit], ordinal, sizeof *entry);
  join(clock, &entry->start);
  learn(clock, stream, ordinal);
  if (stream == SA_EV_MATMUL_DONE) learn(clock, SA_EV_MATMUL_READ, ordinal);
  if (stream == SA_EV_VECTOR_DONE) learn(clock, SA_EV_VECTOR_READ, ordinal);
}

static bool consumes_tile(const struct sa_instr *instr) {
  return instr->opcode == SA_OP_MATMUL && (instr->flags & SA_F_NEXT_TILE);
}

/* What the instruction knows when it starts. */
static enum sa_status start_clock(const struct sa_order *order, const struct sa_instr *instr,
                                  struct clock *clock, struct sa_error *error) {
  static const char *const streams[SA_STREAMS] = {"LOAD",        "STORE",       "WLOAD",
                                                  "MATMUL_READ", "MATMUL_DONE", "VECTOR_READ",
                                                  "VECTOR_DONE"};
  const enum sa_unit unit = sa_instr_unit(instr->opcode);
  *clock = order->clock[unit];
  for (int stream = 0; stream < SA_STREAMS; stream++) {
    const struct list *tokens = &order->tokens[stream][unit];
    const uint32_t takes = instr->take[stream];
    if (takes > tokens->used)
      return sa_fail(error, SA_ERR_ILLEGAL,
                     "it takes %" PRIu32 " tokens of %s, but %zu are given before it", takes,
                     streams[stream], tokens->used);
    if (!takes) continue;
    const uint64_t *last = list_at(tokens, tokens->dropped + takes - 1, sizeof *last);
    learn_event(order, clock, (enum sa_stream)stream, *last);
  }
  const uint64_t before = list_count(&order->entries[unit]);
  if (unit == SA_VECTOR && (instr->flags & SA_F_FENCE) && before)
    learn_event(order, clock, SA_EV_VECTOR_DONE, before - 1);
  if (consumes_tile(instr)) {
    if (!order->tiles.used)
      return sa_fail(error, SA_ERR_ILLEGAL, "it takes the next weight tile, but none is fetched before it");
    const uint64_t *tile = list_at(&order->tiles, order->tiles.dropped, sizeof *tile);
    learn_event(order, clock, SA_EV_WLOAD, *tile);
  }
  return SA_OK;
}

/* ---- Conflicts ---- */

static unsigned uses_of(const struct sa_order *order, const struct sa_instr *instr,
                        struct use uses[SA_MAX_ACCESSES]) {
  struct sa_access access[SA_MAX_ACCESSES];
  const unsigned count = sa_instr_accesses(order->config, instr, order->base, access);
  for (unsigned i = 0; i < count; i++) {
    uses[i].access = sa_access_normal(&access[i]);
    uses[i].banks = access[i].space == SA_SPACE_BUFFER
                        ? sa_access_banks(order->config, &uses[i].access)
                        : 0;
  }
  return count;
}

/* Sets *kind if the two uses, unordered, break a rule. Within VECTOR only results that are not there
 * yet matter. */
static enum sa_status compare(const struct use *earlier, const struct use *later, bool same_unit,
                              bool *conflict, enum sa_conflict_kind *kind, struct sa_error *error) {
  *conflict = false;
  if (earlier->access.space != later->access.space) return SA_OK;
  const struct sa_access *e = &earlier->access, *l = &later->access;
  const bool raw = e->writes && l->reads, waw = e->writes && l->writes, war = e->reads && l->writes;
  if (raw || (!same_unit && (waw || war))) {
    const enum sa_status status = sa_access_overlap(e, l, conflict, error);
    *kind = raw ? SA_CONFLICT_RAW : waw ? SA_CONFLICT_WAW : SA_CONFLICT_WAR;
    if (status != SA_OK || *conflict) return status;
  }
  if (same_unit || !(earlier->banks & later->banks)) return SA_OK;
  *conflict = (e->reads && l->reads) || waw;
  *kind = waw ? SA_CONFLICT_WRITE_BANK : SA_CONFLICT_READ_BANK;
  return SA_OK;
}

/* Compares the new instruction's uses with those of one earlier one. */
static enum sa_status compare_entry(struct sa_order *order, enum sa_unit unit, uint64_t ordinal,
                                    const struct clock *clock, bool same_unit,
                                    const struct use *later, unsigned count,
                                    sa_conflict_function *function, void *user,
                                    struct sa_error *error) {
  const struct entry *entry = list_at(&order->entries[unit], ordinal, sizeof *entry);
  for (uint32_t i = 0; i < entry->use_count; i++) {
    const struct use *earlier = list_at(&order->uses[unit], entry->first_use + i, sizeof *earlier);
    const enum sa_stream stream = sa_access_stream(unit, &earlier->access);
    if (ordinal < clock->at[stream]) continue; /* it has ended */
    for (unsigned k = 0; k < count; k++) {
      bool conflict;
      enum sa_conflict_kind kind;
      const enum sa_status status = compare(earlier, &later[k], same_unit, &conflict, &kind, error);
      if (status != SA_OK) return status;
      if (!conflict) continue;
      const struct sa_conflict report = {kind, unit, ordinal, entry->index, stream,
                                         &earlier->access, &later[k].access};
      function(user, &report);
    }
  }
  return SA_OK;
}

enum sa_status sa_order_conflicts(struct sa_order *order, const struct sa_instr *instr,
                                  sa_conflict_function *function, void *user,
                                  struct sa_error *error) {
  const enum sa_unit own = sa_instr_unit(instr->opcode);
  if (own == SA_UNITS) return SA_OK;
  struct clock clock;
  enum sa_status status = start_clock(order, instr, &clock, error);
  struct use later[SA_MAX_ACCESSES];
  const unsigned count = uses_of(order, instr, later);
  for (int unit = 0; unit < SA_UNITS && count; unit++) {
    const bool same_unit = unit == (int)own;
    if (same_unit && own != SA_VECTOR) continue; /* kept in order */
    uint64_t first = clock.at[sa_unit_done_stream((enum sa_unit)unit)];
    if (first < order->entries[unit].dropped) first = order->entries[unit].dropped;
    for (uint64_t n = first; n < list_count(&order->entries[unit]) && status == SA_OK; n++)
      status = compare_entry(order, (enum sa_unit)unit, n, &clock, same_unit, later, count, function,
                             user, error);
  }
  return status;
}

/* ---- Appending ---- */

static enum sa_status push_ordinal(struct list *list, uint64_t ordinal, struct sa_error *error) {
  uint64_t *item = list_push(list, sizeof *item);
  if (!item) return no_memory(error);
  *item = ordinal;
  return SA_OK;
}

static enum sa_status push_gives(struct sa_order *order, enum sa_stream stream, uint32_t takers,
                                 uint64_t ordinal, struct sa_error *error) {
  enum sa_status status = SA_OK;
  for (int unit = 0; unit < SA_UNITS && status == SA_OK; unit++) {
    if (!(takers >> unit & 1)) continue;
    struct list *tokens = &order->tokens[stream][unit];
    status = push_ordinal(tokens, ordinal, error);
    if (status == SA_OK && tokens->used > 4095)
      status = sa_fail(error, SA_ERR_ILLEGAL, "it gives a token that its counter cannot hold; the limit is 4095");
  }
  return status;
}

uint32_t sa_order_tiles_limit(const struct sa_config *config) {
  return config->weight_fifo_tiles + (config->weight_buffers == 2 ? 1 : 0);
}

static enum sa_status push_entry(struct sa_order *order, const struct sa_instr *instr,
                                 uint64_t index, const struct clock *clock, struct sa_error *error) {
  const enum sa_unit unit = sa_instr_unit(instr->opcode);
  struct use uses[SA_MAX_ACCESSES];
  struct entry entry = {.index = index, .start = *clock};
  entry.use_count = uses_of(order, instr, uses);
  entry.first_use = list_count(&order->uses[unit]);
  for (uint32_t i = 0; i < entry.use_count; i++) {
    struct use *use = list_push(&order->uses[unit], sizeof *use);
    if (!use) return no_memory(error);
    *use = uses[i];
  }
  struct entry *slot = list_push(&order->entries[unit], sizeof *slot);
  if (!slot) return no_memory(error);
  *slot = entry;
  return SA_OK;
}

enum sa_status sa_order_append(struct sa_order *order, const struct sa_instr *instr, uint64_t index,
                               struct sa_error *error) {
  const enum sa_unit unit = sa_instr_unit(instr->opcode);
  if (instr->opcode == SA_OP_BASE) order->base[instr->u.base.reg] = instr->u.base.value;
  if (unit == SA_UNITS) return SA_OK;
  const bool fetches = instr->opcode == SA_OP_WLOAD || instr->opcode == SA_OP_WLOAD_UB;
  if (fetches && order->tiles.used == sa_order_tiles_limit(order->config))
    return sa_fail(error, SA_ERR_ILLEGAL,
                   "%" PRIu32 " weight tiles are fetched and not consumed before it; there is no room for more",
                   sa_order_tiles(order));
  struct clock clock;
  enum sa_status status = start_clock(order, instr, &clock, error);
  if (status != SA_OK) return status;
  order->clock[unit] = clock;
  const uint64_t ordinal = list_count(&order->entries[unit]);
  for (int stream = 0; stream < SA_STREAMS; stream++)
    list_drop(&order->tokens[stream][unit], instr->take[stream], sizeof(uint64_t));
  if (consumes_tile(instr)) list_drop(&order->tiles, 1, sizeof(uint64_t));
  if (fetches) status = push_ordinal(&order->tiles, ordinal, error);
  if (status == SA_OK) status = push_entry(order, instr, index, &clock, error);
  const enum sa_stream done = sa_unit_done_stream(unit);
  if (status == SA_OK) status = push_gives(order, done, instr->give_done, ordinal, error);
  if (status == SA_OK && instr->give_read)
    status = push_gives(order, (enum sa_stream)(done - 1), instr->give_read, ordinal, error);
  return status;
}

/* ---- Questions ---- */

uint64_t sa_order_count(const struct sa_order *order, enum sa_unit unit) {
  return list_count(&order->entries[unit]);
}

size_t sa_order_pending(const struct sa_order *order, enum sa_stream stream, enum sa_unit taker) {
  return order->tokens[stream][taker].used;
}

uint64_t sa_order_pending_ordinal(const struct sa_order *order, enum sa_stream stream,
                                  enum sa_unit taker, size_t i) {
  const struct list *tokens = &order->tokens[stream][taker];
  const uint64_t *ordinal = list_at(tokens, tokens->dropped + i, sizeof *ordinal);
  return *ordinal;
}

enum sa_status sa_order_add_give(struct sa_order *order, enum sa_stream stream, uint64_t ordinal,
                                 enum sa_unit taker, struct sa_error *error) {
  struct list *tokens = &order->tokens[stream][taker];
  const enum sa_status status = push_ordinal(tokens, ordinal, error);
  if (status != SA_OK) return status;
  uint64_t *items = tokens->items;
  for (size_t i = tokens->used - 1; i > 0 && items[i - 1] > ordinal; i--) { /* in order */
    items[i] = items[i - 1];
    items[i - 1] = ordinal;
  }
  return SA_OK;
}

uint32_t sa_order_tiles(const struct sa_order *order) { return (uint32_t)order->tiles.used; }

/* Ordinal from which some unit that goes on may need the unit's instructions: one that is not known
 * to have ended, or whose event a token or a tile still names. */
static uint64_t oldest_needed(const struct sa_order *order, enum sa_unit unit, unsigned finished) {
  const enum sa_stream done = sa_unit_done_stream(unit);
  uint64_t oldest = list_count(&order->entries[unit]);
  if (oldest) oldest--; /* a fence looks at the last one */
  for (int other = 0; other < SA_UNITS; other++) {
    const bool matters = !(finished >> other & 1) && (other != (int)unit || unit == SA_VECTOR);
    if (matters && order->clock[other].at[done] < oldest) oldest = order->clock[other].at[done];
    for (int stream = 0; stream < SA_STREAMS; stream++) {
      const struct list *tokens = &order->tokens[stream][other];
      if (sa_stream_unit((enum sa_stream)stream) != unit || !tokens->used) continue;
      const uint64_t *first = tokens->items;
      if (*first < oldest) oldest = *first;
    }
  }
  if (unit == SA_WLOAD && order->tiles.used) {
    const uint64_t *first = order->tiles.items;
    if (*first < oldest) oldest = *first;
  }
  return oldest;
}

void sa_order_forget(struct sa_order *order, unsigned finished) {
  for (int unit = 0; unit < SA_UNITS; unit++) {
    struct list *entries = &order->entries[unit], *uses = &order->uses[unit];
    const uint64_t oldest = oldest_needed(order, (enum sa_unit)unit, finished);
    if (oldest <= entries->dropped) continue;
    uint64_t first_use = list_count(uses);
    if (oldest < list_count(entries)) {
      const struct entry *entry = list_at(entries, oldest, sizeof *entry);
      first_use = entry->first_use;
    }
    list_drop(entries, oldest - entries->dropped, sizeof(struct entry));
    list_drop(uses, first_use - uses->dropped, sizeof(struct use));
  }
}
