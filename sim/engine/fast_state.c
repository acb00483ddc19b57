/* The state of the event-driven engine as numbers that do not depend on when and where in the program it is,
 * and moving it there. One walk over all fields serves both, so that neither can forget one.
 *
 * A time matters only if something to come can be compared with it. Whatever comes happens at `floor` or later,
 * the least of the times that are known to be first for somebody: the sequencer's look, the queues' heads
 * becoming visible, requests being presented. A time that together with what is added to it (`reach`) is not
 * behind the floor is dead: all dead times are equal, and they stay where they are. */
#include <stddef.h>

#include "base/vec.h"
#include "engine/fast_repeat.h"

/* Words for times that are no times relative to now. */
#define WORD_DEAD (UINT64_C(1) << 63)
#define WORD_NEVER (WORD_DEAD + 1)
#define REACH_ALWAYS (UINT64_C(1) << 62) /* a time that matters however old it is */
#define MOST_BUSY 256u                   /* fast_port.busy_bursts is compared with outstanding limits only */

struct walk {
  struct fast *f;
  struct fast_state *state;     /* null: moving */
  const struct fast_move *move;
  uint64_t now, floor;
  uint32_t first_layer;
  bool failed;
};

static void word(struct walk *w, uint64_t value) {
  struct fast_state *s = w->state;
  if (!s || w->failed) return;
  if (s->count == s->capacity) {
    uint64_t *words = sa_vec_grow(s->words, &s->capacity, s->count + 1, sizeof *words);
    if (!words) {
      w->failed = true;
      return;
    }
    s->words = words;
  }
  s->words[s->count++] = value;
}

static void walk_time(struct walk *w, uint64_t *time, uint64_t reach) {
  const bool never = *time == FAST_NEVER;
  const bool dead = !never && *time + reach <= w->floor;
  word(w, never ? WORD_NEVER : dead ? WORD_DEAD : *time - w->now);
  if (w->move && !never && !dead) *time += w->move->cycles;
}

static void walk_layer(struct walk *w, uint32_t *layer) {
  if (!w->f->layers) return;
  word(w, *layer - w->first_layer);
  if (w->state && *layer < w->state->low_layer) w->state->low_layer = *layer;
  if (w->move) *layer += w->move->layers;
}

static void walk_counters(struct walk *w, struct sa_counters **counters) {
  if (!w->f->layers) return;
  const size_t offset = offsetof(struct sa_layer_counters, counters);
  const struct sa_layer_counters *record = (const struct sa_layer_counters *)((char *)*counters - offset);
  uint32_t layer = (uint32_t)(record - w->f->layers);
  walk_layer(w, &layer);
  if (w->move) *counters = &w->f->layers[layer].counters;
}

static unsigned base_register(const struct sa_instr *instr) {
  switch (instr->opcode) {
    case SA_OP_LOAD:
    case SA_OP_STORE: return instr->u.mem.base_reg;
    case SA_OP_WLOAD: return instr->u.wload.base_reg;
    default: return SA_BASE_REGS;
  }
}

/* An address that a base register was added to. */
static void walk_address(struct walk *w, uint64_t *address, const struct sa_instr *instr) {
  const unsigned reg = base_register(instr);
  if (reg == SA_BASE_REGS) return;
  word(w, (*address - w->f->reader.base[reg]) & FAST_ADDRESS_MASK);
  if (w->move) *address = (*address + w->move->base[reg]) & FAST_ADDRESS_MASK;
}

/* An instruction that has not ended; `queued`: nor begun. */
static void walk_entry(struct walk *w, struct fast_entry *entry, bool queued) {
  word(w, (uintptr_t)entry->instr);
  word(w, w->f->index - entry->index);
  walk_layer(w, &entry->layer);
  walk_counters(w, &entry->counters);
  walk_address(w, &entry->base, entry->instr);
  if (queued) walk_time(w, &entry->visible, REACH_ALWAYS);
  else walk_time(w, &entry->start, REACH_ALWAYS);
}

static void walk_queue(struct walk *w, enum sa_unit unit) {
  struct fast_queue *q = &w->f->queue[unit];
  word(w, q->pushed - q->popped);
  for (uint64_t left = q->depth - (q->pushed - q->popped); left > 0; left--) { /* room is free from their start on */
    if (q->popped < left) word(w, WORD_DEAD);
    else walk_time(w, &q->entries[(q->popped - left) & q->mask].start, 1);
  }
  for (uint64_t n = q->popped; n < q->pushed; n++) walk_entry(w, &q->entries[n & q->mask], true);
  for (unsigned s = 0; s < SA_STREAMS; s++) {
    struct fast_tokens *k = &w->f->tokens[s][unit];
    word(w, k->given - k->taken);
    for (uint64_t n = k->taken; n < k->given; n++) walk_time(w, &k->times[n & (k->capacity - 1)], 0);
  }
}

static void walk_port(struct walk *w, struct fast_port *port) {
  struct sa_dram *dram = &port->dram;
  const bool idle = dram->free_cycle < w->floor + dram->latency_cycles; /* by the time of the next burst */
  word(w, idle ? WORD_DEAD : dram->free_cycle - w->now);
  word(w, idle ? 0 : dram->free_fraction);
  word(w, idle ? 0 : port->busy_bursts < MOST_BUSY ? port->busy_bursts : MOST_BUSY);
  if (w->move && !idle) dram->free_cycle += w->move->cycles;
  word(w, port->last);
  walk_time(w, &port->next_grant, 0);
}

/* Rows still to be cut into bursts, of the instruction that is active. */
static void walk_rows(struct walk *w, struct fast_walk *rows, const struct sa_instr *instr) {
  walk_address(w, &rows->burst, instr);
  walk_address(w, &rows->row_last, instr);
  walk_address(w, &rows->row, instr);
  walk_address(w, &rows->plane, instr);
  word(w, (uint64_t)rows->i0 << 32 | rows->i1); /* all else is the instruction's */
}

static void walk_requester(struct walk *w, struct fast_requester *rq) {
  const uint64_t beats = rq->port->beats;
  struct fast_entry *last = &rq->flight[(rq->started - 1) % FAST_FLIGHTS];
  const uint64_t in_flight = rq->loaded - rq->granted;
  walk_time(w, &rq->next_start, 0);
  walk_time(w, &rq->presented, REACH_ALWAYS);
  walk_time(w, &rq->last_grant, beats);
  walk_time(w, &rq->last_end, 0);
  walk_time(w, &rq->last_read, beats);
  word(w, rq->active);
  word(w, in_flight);
  word(w, rq->started - rq->finished);
  word(w, rq->granted - rq->first_burst);
  if (rq->active) {
    walk_time(w, &rq->active_start, 1);
    walk_rows(w, &rq->walk, last->instr);
  }
  for (unsigned i = 0; i < 2; i++) {
    const uint64_t n = rq->granted + i;
    if (rq->unit == SA_STORE) walk_time(w, &rq->slot[n & 1].grant, beats + 1);
    if (i >= in_flight) continue;
    if (rq->unit == SA_STORE) walk_time(w, &rq->slot[n & 1].ready, REACH_ALWAYS);
    word(w, rq->slot[n & 1].last);
  }
  /* credits that are not home, and those that the next bursts will look at */
  for (uint64_t left = rq->outstanding - in_flight; left > 0; left--) {
    if (rq->granted < left) word(w, WORD_DEAD);
    else walk_time(w, &rq->credit[(rq->granted - left) & rq->credit_mask], 0);
  }
  for (uint64_t n = rq->finished; n < rq->started; n++) walk_entry(w, &rq->flight[n % FAST_FLIGHTS], false);
  const uint64_t since_flight = rq->finished < rq->started ? REACH_ALWAYS : 0;
  walk_time(w, &w->f->busy_to[rq->unit], since_flight);
}

static uint64_t least(uint64_t a, uint64_t b) { return a < b ? a : b; }

static void walk_fifo(struct walk *w) {
  struct fast_fifo *fifo = &w->f->fifo;
  const struct sa_config *config = w->f->config;
  const uint64_t slots = config->weight_fifo_tiles;
  uint64_t first = least(least(fifo->consumed, fifo->peak_seen), fifo->peak_released);
  first = least(first, fifo->started < slots ? 0 : fifo->started - slots);
  word(w, fifo->started - first);
  word(w, fifo->started - fifo->ready);
  word(w, fifo->started - fifo->shifted);
  word(w, fifo->started - fifo->consumed);
  word(w, fifo->started - fifo->peak_seen);
  word(w, fifo->started - fifo->peak_released);
  const uint64_t used = fast_max(config->release_cycles, config->shift_cycles) + 1;
  for (uint64_t n = first; n < fifo->started; n++) {
    struct fast_tile *tile = &fifo->tiles[n % FAST_TILES];
    if (n >= fifo->peak_seen) walk_time(w, &tile->start, REACH_ALWAYS);
    if (n >= fifo->consumed && n < fifo->ready) walk_time(w, &tile->ready, 0);
    if (n < fifo->shifted) walk_time(w, &tile->shift, n >= fifo->peak_released ? REACH_ALWAYS : used);
    if (n >= fifo->consumed) {
      word(w, tile->bytes);
      word(w, tile->cells);
    }
    if (n >= fifo->consumed || n >= fifo->peak_seen) walk_counters(w, &tile->counters);
  }
  walk_time(w, &fifo->consumed_at, 0);
  walk_time(w, &fifo->buffer_tile_after, 0);
}

static void walk_compute(struct walk *w) {
  struct fast *f = w->f;
  walk_time(w, &f->matmul.row_end, f->matmul.free <= w->floor ? REACH_ALWAYS : f->config->matmul_latency);
  walk_time(w, &f->matmul.free, REACH_ALWAYS);
  word(w, f->matmul.active_cells);
  walk_time(w, &f->vector.free, 0);
  walk_time(w, &f->vector.after, 0);
  walk_time(w, &f->busy_to[SA_MATMUL], 0);
  walk_time(w, &f->busy_to[SA_VECTOR], 0);
}

static void walk_accounts(struct walk *w) {
  struct fast *f = w->f;
  walk_time(w, &f->last_end_after, 0);
  word(w, f->gap_count);
  for (size_t i = 0; i < f->gap_count; i++) {
    struct fast_gap *gap = &f->gaps[i];
    word(w, gap->drain_to > gap->from);
    if (gap->drain_to > gap->from) walk_time(w, &gap->drain_to, REACH_ALWAYS);
    walk_time(w, &gap->from, REACH_ALWAYS);
    walk_time(w, &gap->to, REACH_ALWAYS);
    walk_counters(w, &gap->counters);
  }
  word(w, f->span_count);
  for (size_t i = 0; i < f->span_count; i++) {
    walk_time(w, &f->vector_spans[i].from, REACH_ALWAYS);
    walk_time(w, &f->vector_spans[i].to, REACH_ALWAYS);
  }
  for (unsigned d = 0; d < FAST_DIRECTIONS; d++)
    for (unsigned u = 0; u < SA_UNITS; u++) {
      word(w, f->uses[d][u].count);
      for (size_t i = 0; i < f->uses[d][u].count; i++) {
        struct fast_use *use = &f->uses[d][u].items[i];
        word(w, use->banks);
        walk_time(w, &use->from, REACH_ALWAYS);
        walk_time(w, &use->to, REACH_ALWAYS);
      }
    }
  if (!f->layers) return;
  word(w, f->index - f->ends_first);
  for (uint64_t n = f->ends_first; n < f->index; n++) {
    struct fast_end *end = &f->ends[n & (f->end_capacity - 1)];
    const bool counts = end->after > f->ends_running;
    word(w, !end->after ? WORD_NEVER : counts ? 0 : WORD_DEAD);
    if (counts) walk_time(w, &end->after, REACH_ALWAYS);
    walk_layer(w, &end->layer);
  }
  walk_time(w, &f->ends_running, REACH_ALWAYS);
}

/* The least time at which anything to come can happen. */
static uint64_t floor_of(struct fast *f) {
  uint64_t floor = f->look;
  for (unsigned u = 0; u < SA_UNITS; u++) {
    const struct fast_entry *head = fast_head(f, u);
    if (head) floor = least(floor, head->visible);
  }
  for (unsigned u = 0; u < 3; u++) floor = least(floor, f->requester[u].presented);
  return floor;
}

static void walk_all(struct walk *w) {
  struct fast *f = w->f;
  for (unsigned u = 0; u < SA_UNITS; u++) walk_queue(w, u);
  for (unsigned p = 0; p < 2; p++) walk_port(w, &f->port[p]);
  for (unsigned u = 0; u < 3; u++) walk_requester(w, &f->requester[u]);
  walk_fifo(w);
  walk_compute(w);
  walk_accounts(w);
  walk_layer(w, &f->current_layer);
}

static struct walk begin(struct fast *f) {
  return (struct walk){.f = f,
                       .now = f->look,
                       .floor = floor_of(f),
                       .first_layer = f->program->calls[f->reader.call].first_layer};
}

bool fast_state_save(struct fast *f, struct fast_state *state) {
  struct walk w = begin(f);
  const struct sa_call *call = &f->program->calls[f->reader.call];
  w.state = state;
  state->count = 0;
  state->low_layer = w.first_layer;
  word(&w, call->block);
  word(&w, f->reader.position);
  for (unsigned reg = 0; reg < SA_BASE_REGS; reg++)
    for (unsigned p = 0; p < 2; p++) word(&w, f->reader.base[reg] & (f->port[p].burst_bytes - 1));
  walk_all(&w);
  /* peaks are no sums: where states repeat, so must they */
  if (!f->layers) word(&w, f->total.fifo_peak_tiles[0]);
  else if (state->low_layer <= f->high_layer) word(&w, f->high_layer - state->low_layer);
  for (uint32_t l = state->low_layer; f->layers && l <= f->high_layer; l++)
    word(&w, f->layers[l].counters.fifo_peak_tiles[0]);
  return !w.failed;
}

void fast_state_move(struct fast *f, const struct fast_move *move) {
  struct walk w = begin(f);
  w.move = move;
  walk_all(&w);
  f->look += move->cycles;
}
