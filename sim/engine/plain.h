/* State of the cycle-by-cycle engine, shared by plain*.c; nobody else includes it.
 *
 * Everything here is a register of the machine, or a delay line in front of one. A cycle has two
 * phases: plain_decide looks at registers alone and fills struct plain_wires; plain_commit writes
 * the registers from the wires. A delay line is a list of struct plain_timer: its effect is written
 * at the end of cycle `due`, so it is visible from due + 1. Clarity before speed: this engine is the
 * oracle of the other one. */
#ifndef SA_ENGINE_PLAIN_H
#define SA_ENGINE_PLAIN_H
#include <stdbool.h>

#include "dram/dram.h"
#include "engine/engine.h"
#include "machine/latency.h"
#include "program/access.h"

enum { PLAIN_REQUESTERS = 3 }; /* LOAD, STORE, WLOAD */

/* An instruction as a queue holds it. */
struct plain_entry {
  const struct sa_instr *instr;
  uint64_t index;
  uint32_t layer;
  uint64_t base[SA_BASE_REGS]; /* the sequencer's registers when it was pushed */
};

struct plain_queue {
  struct plain_entry *ring;
  uint32_t depth, head, count;
};

/* An instruction between start and end. */
struct plain_flight {
  struct plain_entry entry;
  enum sa_unit unit;
  uint64_t start;
  uint64_t reads_until;              /* last cycle of its reads; UINT64_MAX: its end */
  uint64_t read_banks, write_banks;
  struct plain_flight *next;         /* later instruction of the unit */
};

enum plain_timer_kind {
  PLAIN_EVENT_READ,   /* READ event of a flight: gives tokens */
  PLAIN_EVENT_DONE,   /* last event: gives tokens, ends the flight */
  PLAIN_CREDIT,       /* a burst's credit comes home to `unit` */
  PLAIN_BUFFER_FREE,  /* a burst buffer of STORE is free */
  PLAIN_TILE_READY,   /* the oldest tile that is not ready becomes ready */
  PLAIN_SLOT_FREE     /* a FIFO slot is released */
};

struct plain_timer {
  enum plain_timer_kind kind;
  uint64_t due;
  enum sa_unit unit;
  struct plain_flight *flight;
};

/* A burst of an instruction, B-aligned. */
struct plain_burst {
  uint64_t address;
  struct plain_flight *flight;
  bool last; /* of its instruction */
};

/* LOAD, STORE and WLOAD: the front end that cuts an instruction's rows into bursts. */
struct plain_front {
  bool active;                   /* has an instruction with bursts left */
  struct plain_flight *flight;
  struct sa_access dram;         /* its rows; walk.access points here */
  struct sa_row_walk walk;
  uint64_t next_burst;           /* address of the next burst in the current row */
  uint32_t credits;
  uint64_t may_start;            /* the next instruction starts in this cycle or later */
  /* LOAD, WLOAD: the presented request */
  bool request;
  struct plain_burst burst;
};

/* STORE's two burst buffers: bursts whose reading began, oldest first. */
struct plain_store {
  struct plain_burst burst[2];
  uint64_t read_start[2];        /* r_i */
  uint32_t waiting;              /* of them not yet granted */
  uint32_t taken;                /* buffers not free */
  uint64_t may_read;             /* r_{i-1} + nb */
  uint64_t data_end;             /* g_{i-1} + nb: the last beat of the burst before */
};

struct plain_tile {
  uint32_t k, n;
  uint64_t bytes;
  bool ready;
};

/* Weight FIFO: tiles whose shift has not begun (oldest first), and slots taken. */
struct plain_fifo {
  struct plain_tile tiles[64];
  uint32_t count;
  uint32_t slots;
  bool had_buffer_tile;
  uint64_t buffer_tile_end;      /* end of the last WLOAD_UB */
};

struct plain_matmul {
  uint64_t may_start;            /* not streaming from here */
  bool had_row;
  uint64_t last_row;             /* tl */
  bool shadow;                   /* a tile is filling or full */
  uint64_t shadow_full;          /* full from here: tau + S */
  uint32_t shadow_k, shadow_n;
  uint32_t active_k, active_n;
};

struct plain_vector {
  uint64_t may_start;
  bool had_instr;
  uint64_t last_end;
};

struct plain {
  const struct sa_config *config;
  const struct sa_engine_options *options;
  struct sa_error *error;
  enum sa_status status;
  struct sa_counters counters;
  uint64_t t;
  uint64_t stream_length;

  struct sa_stream_reader reader;
  const struct sa_instr *current; /* the sequencer's instruction; null behind END */
  uint32_t current_layer;
  uint64_t current_index;
  uint64_t base[SA_BASE_REGS];

  struct plain_queue queue[SA_UNITS];
  uint32_t tokens[SA_STREAMS][SA_UNITS];
  struct plain_flight *flights[SA_UNITS]; /* oldest first */

  struct plain_front front[PLAIN_REQUESTERS];
  struct plain_store store;
  struct sa_dram dram[2];
  enum sa_unit last_granted[2];
  struct plain_fifo fifo;
  struct plain_matmul matmul;
  struct plain_vector vector;

  struct plain_timer *timers;
  size_t timer_count, timer_capacity;
  uint64_t last_due;              /* latest cycle in which something timed happens by itself */
  uint64_t max_end;               /* latest end, END and BASE included */
};

/* What happens in this cycle. */
struct plain_wires {
  bool push, take;                 /* sequencer: into its unit's queue; BASE or END */
  bool block;                      /* the queue is full */
  bool start[SA_UNITS];
  bool requests[PLAIN_REQUESTERS]; /* visible to the arbiter */
  bool grant[PLAIN_REQUESTERS];
  bool load_burst[PLAIN_REQUESTERS]; /* LOAD, WLOAD: next request; STORE: a burst's reading begins */
  bool shift;                      /* a tile's shift begins */
  enum sa_cause cause;
};

/* Head of a unit's queue, null if none is visible. */
const struct plain_entry *plain_head(const struct plain *p, enum sa_unit unit);
/* Are the head's takes all met? */
bool plain_tokens_met(const struct plain *p, enum sa_unit unit, const struct sa_instr *instr);
/* The effect is written at the end of cycle due >= t. */
void plain_schedule(struct plain *p, enum plain_timer_kind kind, uint64_t due, enum sa_unit unit,
                    struct plain_flight *flight);
/* Something happens by itself in this cycle, without a timer. */
void plain_expect(struct plain *p, uint64_t cycle);

/* plain_port.c: LOAD, STORE, WLOAD, arbiters, DRAM. */
void plain_port_init(struct plain *p);
bool plain_port_may_start(const struct plain *p, enum sa_unit unit, const struct sa_instr *instr);
void plain_port_decide(const struct plain *p, struct plain_wires *w);
void plain_port_commit(struct plain *p, const struct plain_wires *w);
void plain_port_start(struct plain *p, struct plain_flight *flight);

/* plain_compute.c: weight shift, MATMUL, VECTOR. */
bool plain_matmul_may_start(const struct plain *p, const struct sa_instr *instr);
bool plain_vector_may_start(const struct plain *p, const struct sa_instr *instr);
bool plain_shift_starts(const struct plain *p, const struct plain_wires *w);
enum sa_cause plain_cause(const struct plain *p, const struct plain_wires *w);
void plain_matmul_start(struct plain *p, struct plain_flight *flight);
void plain_vector_start(struct plain *p, struct plain_flight *flight);
void plain_shift_commit(struct plain *p);

/* plain_report.c: what went wrong. */
enum sa_status plain_stuck(const struct plain *p);
enum sa_status plain_bank_conflict(const struct plain *p, const struct plain_flight *a,
                                   const struct plain_flight *b, bool writing);
#endif
