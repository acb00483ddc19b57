/* State of the event-driven engine, shared by engine.c and fast_*.c; nobody else includes it.
 *
 * Nearly everything in the machine is a longest path: an instruction starts at the largest of a few
 * times that are known once what comes before it is known (docs/machine.md sections 2 and 4). So
 * units hold no clock. Each of them is advanced as far as its inputs are known, in any order, and
 * writes down the times that others wait for: when a queue entry becomes visible, when a token does,
 * when a slot is free. Only port 0 needs order in time, since its arbiter looks at whoever is there:
 * when no unit can advance (fast_settle), whatever is still unknown depends on a grant that has not
 * been made, so the earliest grant can be made without being influenced by anything later
 * (fast_port.c). The cost is per event, never per cycle. */
#ifndef SA_ENGINE_FAST_H
#define SA_ENGINE_FAST_H
#include "dram/dram.h"
#include "engine/engine.h"
#include "machine/latency.h"

#define FAST_NEVER UINT64_MAX
#define FAST_ADDRESS_MASK ((UINT64_C(1) << 48) - 1)
/* Ring of tiles: more than the 64 of the largest FIFO plus the shadow's and the active one. */
#define FAST_TILES 128u
/* Ring of instructions of one requester between start and end: one active, and at most two bursts
 * of earlier ones waiting for their grants (STORE's two buffers). */
#define FAST_FLIGHTS 4u

/* Bit in fast.dirty of a unit that may advance is 1 << unit; this one is the sequencer's. */
#define FAST_SEQUENCER (1u << SA_UNITS)

/* An instruction in a queue, and after its start as long as the ring holds it. */
struct fast_entry {
  const struct sa_instr *instr;
  struct sa_counters *counters; /* of its layer */
  uint64_t index;               /* in the stream, not counting those skipped */
  uint64_t visible;             /* at the queue's head from this cycle */
  uint64_t start;               /* popped in this cycle */
  uint64_t base;                /* value of its base register */
  uint64_t takes;               /* tokens of stream s in bits 8s+7..8s: most take from few streams */
  uint32_t layer;
};

struct fast_queue {
  struct fast_entry *entries; /* ring */
  uint32_t mask, depth;
  uint64_t pushed, popped;
};

/* Tokens of one stream for one taker: the cycle from which the n-th one given is visible. */
struct fast_tokens {
  uint64_t *times; /* ring of a power of two, grown when it is full */
  size_t capacity;
  uint64_t given, taken;
};

/* The bursts of an instruction in order: rows, each cut at burst boundaries. */
struct fast_walk {
  uint64_t burst, row_last; /* the burst to present next; the last one of its row */
  uint64_t row, plane;      /* address of the current row, and of the first row with its i1 */
  uint64_t pitch0, pitch1;  /* modulo 2^64 */
  uint32_t bytes, burst_bytes, burst_shift, n0, n1, i0, i1; /* burst_bytes = 1 << burst_shift */
};

/* One port: its DRAM and its arbiter. */
struct fast_port {
  struct sa_dram dram;
  uint64_t next_grant;  /* first cycle in which it can grant again */
  enum sa_unit last;    /* granted last */
  uint64_t busy_bursts; /* of `last`, back to back on the bus, up to the one granted last */
  uint32_t burst_bytes, beats;
};

/* LOAD, STORE or WLOAD: its front end, its bursts, its instructions under way. */
struct fast_requester {
  enum sa_unit unit;
  struct fast_port *port;
  uint64_t next_start;      /* front end: first cycle in which the next instruction may start */
  bool active;              /* has an instruction with bursts to load */
  uint64_t active_start;
  struct fast_walk walk;
  uint64_t presented;       /* the oldest ungranted burst is visible from here; FAST_NEVER: none */
  uint64_t loaded, granted; /* bursts; STORE: loaded counts bursts whose reading began */
  uint64_t last_grant;      /* cycle; 0 before the first */
  uint64_t last_end;        /* all earlier bursts' credits are visible from here; 0 before the first */
  uint64_t *credit;         /* ring: burst n's credit is visible again from credit[n & mask] */
  uint32_t credit_mask, outstanding;
  struct {                  /* bursts loaded and not granted, by number & 1 */
    uint64_t address;
    uint64_t ready;         /* STORE: in the buffer and ready to be presented */
    uint64_t grant;         /* STORE: grant of the buffer's burst before */
    bool last;              /* of its instruction */
  } slot[2];
  uint64_t last_read;       /* STORE: r of the last burst; FAST_NEVER before the first */
  struct fast_entry flight[FAST_FLIGHTS];  /* by instruction number */
  uint64_t started, finished, first_burst; /* instructions; first burst of the oldest unfinished */
};

struct fast_tile {
  uint64_t start;  /* of its WLOAD */
  uint64_t ready;  /* shift may begin from here */
  uint64_t shift;  /* tau */
  uint32_t bytes, cells; /* k_used x n_used */
  struct sa_counters *counters; /* of its WLOAD */
};

/* Weight FIFO and shadow. Tiles are numbered in stream order; consumed <= shifted <= ready <= started. */
struct fast_fifo {
  struct fast_tile tiles[FAST_TILES];
  uint64_t started, ready, shifted, consumed;
  uint64_t consumed_at;        /* start of the MATMUL that took the last consumed tile */
  uint64_t buffer_tile_after;  /* 1 + end of the last WLOAD_UB */
  uint64_t peak_seen, peak_released; /* fast_fifo_peak: starts looked at, slots released by then */
};

struct fast_matmul {
  uint64_t free;        /* not streaming from here */
  uint64_t row_end;     /* 1 + issue of the last row; 0 before the first */
  uint64_t active_cells;
};

struct fast_vector {
  uint64_t free, after; /* next start from; 1 + end of the last instruction, 0 before the first */
};

/* Cycles in which MATMUL's queue was empty, to be split once VECTOR's life is known. */
struct fast_gap {
  uint64_t from, to, drain_to;
  struct sa_counters *counters;
};
struct fast_span { uint64_t from, to; };

struct fast_end {
  uint64_t after;  /* end + 1; 0 while unknown */
  uint32_t layer;
};

/* A use of banks by one instruction in one direction. */
struct fast_use {
  uint64_t from, to, index; /* cycles, both included */
  uint64_t banks;           /* mask */
};
struct fast_uses {
  struct fast_use *items;   /* ascending in time */
  size_t count, capacity;
  uint64_t banks;           /* of all items */
};
enum fast_direction { FAST_READ, FAST_WRITE, FAST_DIRECTIONS };

struct fast {
  const struct sa_config *config;
  const struct sa_program *program;
  struct sa_engine_options options;
  struct sa_error *error;
  enum sa_status status;
  unsigned dirty;           /* units that may advance */

  /* sequencer */
  struct sa_stream_reader reader;
  const struct sa_instr *current; /* null after END */
  uint32_t current_layer;
  uint64_t look;            /* cycle in which it looks at current */
  uint64_t index;           /* of current, not counting those skipped */

  struct fast_queue queue[SA_UNITS];
  struct fast_tokens tokens[SA_STREAMS][SA_UNITS];
  struct fast_port port[2];
  struct fast_requester requester[3];
  struct fast_fifo fifo;
  struct fast_matmul matmul;
  struct fast_vector vector;

  /* accounts */
  struct sa_counters total;           /* all counters when nobody asks for layers */
  struct sa_layer_counters *layers;   /* null: not asked for */
  size_t layer_count;
  uint64_t last_end_after;            /* 1 + the largest end */
  uint64_t busy_to[SA_UNITS];         /* 1 + the last end */
  uint64_t finished;                  /* instructions */
  uint64_t progress_at;               /* of `finished`, when to report next */
  uint64_t stream_length;
  struct fast_gap *gaps;
  size_t gap_count, gap_capacity;
  struct fast_span *vector_spans;     /* ascending, disjoint */
  size_t span_count, span_capacity;
  struct fast_end *ends;              /* ring of a power of two: stream indices ends_first.. */
  size_t end_capacity;
  uint64_t ends_first, ends_running;  /* oldest unaccounted index; running maximum */
  struct fast_uses uses[FAST_DIRECTIONS][SA_UNITS];
  unsigned bank_shift;
  size_t records, sweep_at;           /* gaps, spans and uses written down; when to look at them */

  /* jumps over repeated states */
  struct fast_repeat *repeat;         /* null: none are made */
  uint64_t skipped;                   /* instructions: stream indices count from here */
  uint32_t high_layer;                /* of all instructions so far */
};

static inline uint64_t fast_max(uint64_t a, uint64_t b) { return a > b ? a : b; }

/* Head of a unit's queue, null if nothing was pushed yet that is not popped. */
static inline struct fast_entry *fast_head(struct fast *f, enum sa_unit unit) {
  struct fast_queue *q = &f->queue[unit];
  return q->popped == q->pushed ? NULL : &q->entries[q->popped & q->mask];
}

/* Removes the first stream from a non-zero word of takes; *count is how many it takes. */
static inline enum sa_stream fast_next_take(uint64_t *takes, uint32_t *count) {
  const unsigned s = (unsigned)__builtin_ctzll(*takes) / 8;
  *count = *takes >> 8 * s & 0xff;
  *takes &= ~(UINT64_C(0xff) << 8 * s);
  return (enum sa_stream)s;
}

/* Cycle from which the `count` next tokens of a stream are visible to the unit; they are given. */
static inline uint64_t fast_token_time(const struct fast_tokens *tokens, uint32_t count) {
  return tokens->times[(tokens->taken + count - 1) & (tokens->capacity - 1)];
}

/* Are all tokens that the unit's head takes given? Then raises *time to when they are visible. */
static inline bool fast_tokens_known(const struct fast *f, enum sa_unit unit,
                                     const struct fast_entry *head, uint64_t *time) {
  uint32_t count;
  for (uint64_t takes = head->takes; takes;) {
    const struct fast_tokens *tokens = &f->tokens[fast_next_take(&takes, &count)][unit];
    if (tokens->given - tokens->taken < count) return false;
    *time = fast_max(*time, fast_token_time(tokens, count));
  }
  return true;
}

/* The unit's head starts in `start`: its tokens are taken and it leaves the queue. */
static inline void fast_pop(struct fast *f, enum sa_unit unit, uint64_t start) {
  struct fast_queue *q = &f->queue[unit];
  struct fast_entry *entry = &q->entries[q->popped++ & q->mask];
  uint32_t count;
  entry->start = start;
  for (uint64_t takes = entry->takes; takes;) {
    struct fast_tokens *tokens = &f->tokens[fast_next_take(&takes, &count)][unit];
    tokens->taken += count;
  }
  f->dirty |= FAST_SEQUENCER;
}

/* Gives a token of the stream to each unit of the mask, visible from `visible`. */
void fast_give(struct fast *f, enum sa_stream stream, unsigned mask, uint64_t visible);

/* An instruction ends (called in program order per unit): gives its DONE tokens, accounts for it. */
void fast_finish(struct fast *f, enum sa_unit unit, const struct fast_entry *entry, uint64_t end);

/* Advance one unit, or the sequencer, as far as possible (fast_units.c, fast_compute.c). */
void fast_step_sequencer(struct fast *f);
void fast_step_load(struct fast *f);
void fast_step_store(struct fast *f);
void fast_step_wload(struct fast *f);
void fast_step_matmul(struct fast *f);
void fast_step_vector(struct fast *f);

/* The tile of the next WLOAD in order is complete and may be shifted from `ready`. */
void fast_tile_ready(struct fast *f, uint64_t ready);
/* Counts fifo_peak_tiles as far as known; `final`: no further shift will begin. */
void fast_fifo_peak(struct fast *f, bool final);

/* The front end of LOAD or WLOAD has an instruction and no request: loads its next burst, not
 * before `earliest`. */
void fast_present(struct fast *f, struct fast_requester *rq, uint64_t earliest);
/* STORE: begins to read what can be read into the burst buffers. */
void fast_store_read(struct fast *f);
/* LOAD and WLOAD; STORE: grant the oldest request in `cycle`, and the next ones as long as they are
 * presented before `limit`, as far as they are in the middle of a row. Return the cycle from which
 * the next request is visible; if rq->granted has not moved, they could not and it is `cycle`. */
uint64_t fast_stream_reads(struct fast_requester *rq, uint64_t cycle, uint64_t limit);
uint64_t fast_stream_writes(struct fast_requester *rq, uint64_t cycle, uint64_t limit);
void fast_walk_start(struct fast_walk *walk, uint64_t address, uint32_t bytes, uint32_t n0,
                     uint32_t n1, int64_t pitch0, int64_t pitch1, uint32_t burst_bytes);
/* The cycle of port 0's next grant, FAST_NEVER if nobody asks: all that is unknown lies behind it. */
uint64_t fast_port_next(const struct fast *f);
/* Grants on port 0 until some unit may advance. False if there is nothing to grant. */
bool fast_port_run(struct fast *f);
/* Grants on port 1, which WLOAD has for itself. */
void fast_private_run(struct fast *f);

/* Notes which banks an instruction uses, from its start to `read` (accesses that end with the READ
 * event) or `end`. */
void fast_use_banks(struct fast *f, enum sa_unit unit, const struct fast_entry *entry,
                    uint64_t read, uint64_t end);
/* Checks the uses noted so far, and forgets those that nothing after the horizon can overlap. */
void fast_sweep_banks(struct fast *f, uint64_t horizon);

/* Settles the accounts of everything before the horizon. */
void fast_sweep(struct fast *f, uint64_t horizon);
/* Settles all accounts at the end of a run and fills *counters. */
void fast_close(struct fast *f, struct sa_counters *counters);
/* MATMUL waited with an empty queue in cycles from..to-1. */
void fast_gap(struct fast *f, uint64_t from, uint64_t to, struct sa_counters *counters);
/* VECTOR is busy in cycles from..to-1. */
void fast_vector_busy(struct fast *f, uint64_t from, uint64_t to);
/* The sequencer takes instruction `index` of the stream; BASE and END end in `end`, others later. */
void fast_expect_end(struct fast *f, uint64_t index, uint32_t layer, uint64_t after);

/* Out of memory in the middle of a run: notes it, the run ends. */
void fast_out_of_memory(struct fast *f);
/* Writes the state of every queue to the error: SA_ERR_STUCK. */
enum sa_status fast_stuck(const struct fast *f);
#endif
