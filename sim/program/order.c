/* Vector clocks of a program; see order.h. Two instructions of different units conflict if their
 * accesses touch and no clock puts the earlier access's end before the later instruction's start, so
 * only accesses that the new instruction does not know to have ended are compared with its own, and of
 * these only those of the same memory in a direction that can conflict. */
#include "program/order.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "program/isa_table.h"
#include "program/overlap.h"

struct clock { uint64_t at[SA_STREAMS]; };

/* An access as it is remembered: normal form, the banks it uses, and whose it is. */
struct use {
  struct sa_access access;
  uint64_t banks;
  uint64_t ordinal, index;
};

enum { SPACES = SA_SPACE_ACC + 1, DIRECTIONS = 2 }; /* direction 1 writes, and perhaps reads too */

/* A list that grows at the end and is forgotten at the front. */
struct list {
  void *items;
  size_t capacity, used;   /* in memory */
  uint64_t dropped;        /* before the first in memory */
};

enum { MAX_TOKENS = 4095, QUEUE_MAX = 256 }; /* what a counter holds; the deepest queue */

/* What the last instructions of a unit, as many as its queue holds, take: while they wait in the queue
 * their tokens are still in the counters, though in program order they are gone. */
struct queued {
  uint8_t takes[QUEUE_MAX][SA_STREAMS]; /* by ordinal modulo depth */
  uint32_t sum[SA_STREAMS];
};

struct sa_order {
  const struct sa_config *config;
  struct queued queued[SA_UNITS];
  uint64_t base[SA_BASE_REGS];
  struct clock clock[SA_UNITS];            /* known to the unit's last instruction when it started */
  struct list starts[SA_UNITS];            /* struct clock by ordinal: known when it started */
  struct list uses[SA_UNITS][SPACES][DIRECTIONS]; /* struct use, ascending ordinals */
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
  for (int unit = 0; unit < SA_UNITS; unit++)
    assert(config->queue_depth[unit] >= 1 && config->queue_depth[unit] <= QUEUE_MAX);
  struct sa_order *order = calloc(1, sizeof *order);
  if (order) order->config = config;
  return order;
}

void sa_order_free(struct sa_order *order) {
  if (!order) return;
  for (int unit = 0; unit < SA_UNITS; unit++) {
    free(order->starts[unit].items);
    for (int space = 0; space < SPACES; space++)
      for (int d = 0; d < DIRECTIONS; d++) free(order->uses[unit][space][d].items);
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
  const struct clock *start = list_at(&order->starts[unit], ordinal, sizeof *start);
  join(clock, start);
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
  const uint64_t before = list_count(&order->starts[unit]);
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
                        struct use uses[SA_MAX_ACCESSES]) { /* without ordinal and index */
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

/* Sets *kind if the two uses of one memory, unordered, break a rule. Within VECTOR only results that
 * are not there yet matter. */
static enum sa_status compare(const struct use *earlier, const struct use *later, bool same_unit,
                              bool *conflict, enum sa_conflict_kind *kind, struct sa_error *error) {
  const struct sa_access *e = &earlier->access, *l = &later->access;
  const bool raw = e->writes && l->reads, waw = e->writes && l->writes, war = e->reads && l->writes;
  *conflict = false;
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

/* Place in memory of the first use whose ordinal is at least `ordinal`. */
static size_t first_use_from(const struct list *uses, uint64_t ordinal) {
  const struct use *items = uses->items;
  size_t low = 0, high = uses->used;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (items[middle].ordinal < ordinal)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* Who reports conflicts, and to whom. */
struct report {
  sa_conflict_function *function;
  void *user;
  struct sa_error *error;
};

/* Compares one use of the new instruction with a unit's earlier ones in one list. */
static enum sa_status compare_list(const struct list *uses, enum sa_unit unit, bool same_unit,
                                   const struct clock *clock, const struct use *later,
                                   const struct report *report) {
  const enum sa_stream done = sa_unit_done_stream(unit);
  const struct use *items = uses->items;
  for (size_t i = first_use_from(uses, clock->at[done]); i < uses->used; i++) {
    const struct use *earlier = &items[i];
    const enum sa_stream stream = sa_access_stream(unit, &earlier->access);
    if (earlier->ordinal < clock->at[stream]) continue; /* it has ended with its READ event */
    bool conflict;
    enum sa_conflict_kind kind;
    const enum sa_status status = compare(earlier, later, same_unit, &conflict, &kind, report->error);
    if (status != SA_OK) return status;
    if (!conflict) continue;
    const struct sa_conflict found = {kind, unit, earlier->ordinal, earlier->index, stream,
                                      &earlier->access, &later->access};
    report->function(report->user, &found);
  }
  return SA_OK;
}

/* Compares one use with all of a unit: with what writes always, with what only reads if the new use
 * writes, or, for the bank rule, reads the buffer too. */
static enum sa_status compare_unit(const struct sa_order *order, enum sa_unit unit, bool same_unit,
                                   const struct clock *clock, const struct use *later,
                                   const struct report *report) {
  const enum sa_space space = later->access.space;
  const struct list *lists = order->uses[unit][space];
  enum sa_status status = compare_list(&lists[1], unit, same_unit, clock, later, report);
  if (status == SA_OK && (later->access.writes || space == SA_SPACE_BUFFER))
    status = compare_list(&lists[0], unit, same_unit, clock, later, report);
  return status;
}

enum sa_status sa_order_conflicts(struct sa_order *order, const struct sa_instr *instr,
                                  sa_conflict_function *function, void *user,
                                  struct sa_error *error) {
  const enum sa_unit own = sa_instr_unit(instr->opcode);
  if (own == SA_UNITS) return SA_OK;
  struct clock clock;
  enum sa_status status = start_clock(order, instr, &clock, error);
  struct use later[SA_MAX_ACCESSES];
  const unsigned count = status == SA_OK ? uses_of(order, instr, later) : 0;
  const struct report report = {function, user, error};
  for (int unit = 0; unit < SA_UNITS; unit++) {
    const bool same_unit = unit == (int)own;
    if (same_unit && own != SA_VECTOR) continue; /* kept in order */
    for (unsigned i = 0; i < count && status == SA_OK; i++)
      status = compare_unit(order, (enum sa_unit)unit, same_unit, &clock, &later[i], &report);
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
    const uint32_t queued = order->queued[unit].sum[stream];
    if (status == SA_OK && tokens->used + queued > MAX_TOKENS)
      status = sa_fail(error, SA_ERR_ILLEGAL,
                       "it gives a token that its counter cannot hold: %zu are not taken before it, and %" PRIu32
                       " more may wait for instructions in their queue; the limit is %d",
                       tokens->used - 1, queued, MAX_TOKENS);
  }
  return status;
}

uint32_t sa_order_tiles_limit(const struct sa_config *config) {
  return config->weight_fifo_tiles + (config->weight_buffers == 2 ? 1 : 0);
}

static void push_takes(struct sa_order *order, enum sa_unit unit, uint64_t ordinal,
                       const struct sa_instr *instr) {
  struct queued *queued = &order->queued[unit];
  uint8_t *takes = queued->takes[ordinal % order->config->queue_depth[unit]];
  for (int stream = 0; stream < SA_STREAMS; stream++) {
    queued->sum[stream] += (uint32_t)instr->take[stream] - takes[stream];
    takes[stream] = instr->take[stream];
  }
}

static enum sa_status push_instr(struct sa_order *order, const struct sa_instr *instr,
                                 uint64_t index, const struct clock *clock, struct sa_error *error) {
  const enum sa_unit unit = sa_instr_unit(instr->opcode);
  struct use uses[SA_MAX_ACCESSES];
  const unsigned count = uses_of(order, instr, uses);
  for (unsigned i = 0; i < count; i++) {
    const struct sa_access *access = &uses[i].access;
    struct use *use = list_push(&order->uses[unit][access->space][access->writes], sizeof *use);
    if (!use) return no_memory(error);
    *use = uses[i];
    use->ordinal = list_count(&order->starts[unit]);
    use->index = index;
  }
  struct clock *start = list_push(&order->starts[unit], sizeof *start);
  if (!start) return no_memory(error);
  *start = *clock;
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
  const uint64_t ordinal = list_count(&order->starts[unit]);
  for (int stream = 0; stream < SA_STREAMS; stream++)
    list_drop(&order->tokens[stream][unit], instr->take[stream], sizeof(uint64_t));
  push_takes(order, unit, ordinal, instr);
  if (consumes_tile(instr)) list_drop(&order->tiles, 1, sizeof(uint64_t));
  if (fetches) status = push_ordinal(&order->tiles, ordinal, error);
  if (status == SA_OK) status = push_instr(order, instr, index, &clock, error);
  const enum sa_stream done = sa_unit_done_stream(unit);
  if (status == SA_OK) status = push_gives(order, done, instr->give_done, ordinal, error);
  if (status == SA_OK && instr->give_read)
    status = push_gives(order, (enum sa_stream)(done - 1), instr->give_read, ordinal, error);
  return status;
}

/* ---- Questions ---- */

uint64_t sa_order_count(const struct sa_order *order, enum sa_unit unit) {
  return list_count(&order->starts[unit]);
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
  uint64_t oldest = list_count(&order->starts[unit]);
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
    struct list *starts = &order->starts[unit];
    const uint64_t oldest = oldest_needed(order, (enum sa_unit)unit, finished);
    if (oldest <= starts->dropped) continue;
    list_drop(starts, oldest - starts->dropped, sizeof(struct clock));
    for (int space = 0; space < SPACES; space++)
      for (int d = 0; d < DIRECTIONS; d++) {
        struct list *uses = &order->uses[unit][space][d];
        list_drop(uses, first_use_from(uses, oldest), sizeof(struct use));
      }
  }
}
