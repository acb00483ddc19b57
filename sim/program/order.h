/* Order of a program's instructions across units, as its tokens guarantee it: vector clocks over the
 * seven event streams, and the conflicts that no token orders. docs/machine.md sections 2 and 4.
 *
 * Every instruction of a unit gives one event in each of the unit's streams, so an instruction and its
 * events are named by unit and ordinal (0, 1, ...). clock[s] = n says: the events of stream s with
 * ordinals below n have happened. An instruction learns when it starts: by the tokens it takes what
 * the giving instruction knew and its event; VECTOR by a fence all its own events; MATMUL by the tile
 * it consumes what its WLOAD knew and its event. */
#ifndef SA_PROGRAM_ORDER_H
#define SA_PROGRAM_ORDER_H
#include "program/access.h"

struct sa_order;

/* Null if out of memory. The config must outlive it. sa_order_free(NULL) is legal. */
struct sa_order *sa_order_create(const struct sa_config *config);
void sa_order_free(struct sa_order *order);

enum sa_conflict_kind {
  SA_CONFLICT_RAW, SA_CONFLICT_WAR, SA_CONFLICT_WAW, SA_CONFLICT_READ_BANK, SA_CONFLICT_WRITE_BANK
};

/* An access of a new instruction and one of an earlier one that no token orders. */
struct sa_conflict {
  enum sa_conflict_kind kind;
  enum sa_unit unit;            /* of the earlier instruction */
  uint64_t ordinal;
  uint64_t index;               /* its place in the stream */
  enum sa_stream stream;        /* event that has to be known */
  const struct sa_access *earlier, *later;
};
typedef void sa_conflict_function(void *user, const struct sa_conflict *conflict);

/* Reports every conflict that `instr` would have if it came next. Its takes must be met. */
enum sa_status sa_order_conflicts(struct sa_order *order, const struct sa_instr *instr,
                                  sa_conflict_function *function, void *user,
                                  struct sa_error *error) SA_CHECKED;

/* Appends the stream's next instruction (BASE too). Checks that its takes are given, that a tile is
 * there and that the FIFO has room, and that no token counter can pass 4095 when the machine runs, where
 * takers may wait in their queues; SA_ERR_ILLEGAL otherwise. Conflicts are not looked for. */
enum sa_status sa_order_append(struct sa_order *order, const struct sa_instr *instr, uint64_t index,
                               struct sa_error *error) SA_CHECKED;

/* Instructions appended to a unit. */
uint64_t sa_order_count(const struct sa_order *order, enum sa_unit unit);
/* Tokens of a stream given to a unit and not taken, and the ordinal of the i-th of them. */
size_t sa_order_pending(const struct sa_order *order, enum sa_stream stream, enum sa_unit taker);
uint64_t sa_order_pending_ordinal(const struct sa_order *order, enum sa_stream stream,
                                  enum sa_unit taker, size_t i);
/* An earlier instruction gives one more token. */
enum sa_status sa_order_add_give(struct sa_order *order, enum sa_stream stream, uint64_t ordinal,
                                 enum sa_unit taker, struct sa_error *error) SA_CHECKED;
/* Tiles fetched and not consumed, and how many can be. */
uint32_t sa_order_tiles(const struct sa_order *order);
uint32_t sa_order_tiles_limit(const struct sa_config *config);
/* Forgets what every unit knows to have ended, except for units in the mask `finished`, which have no
 * instructions any more. Nothing forgotten can be given from. */
void sa_order_forget(struct sa_order *order, unsigned finished);

/* Unit of a stream, and the stream of a unit's last event. */
enum sa_unit sa_stream_unit(enum sa_stream stream);
enum sa_stream sa_unit_done_stream(enum sa_unit unit);
/* Stream whose event ends an access of the unit. */
enum sa_stream sa_access_stream(enum sa_unit unit, const struct sa_access *access);
#endif
