/* The cycle-by-cycle engine: sequencer, queues, tokens, the life of an instruction, accounts.
 * docs/machine.md is followed section by section; see plain.h for the two phases of a cycle. */
#include "engine/plain.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

/* ---- Set-up ---- */

static enum sa_status plain_init(struct plain *p, const struct sa_config *config,
                                 const struct sa_program *program,
                                 const struct sa_engine_options *options, struct sa_error *error) {
  static const struct sa_engine_options no_options = {0};
  memset(p, 0, sizeof *p);
  p->config = config;
  p->options = options ? options : &no_options;
  p->error = error;
  for (int unit = 0; unit < SA_UNITS; unit++) {
    p->queue[unit].depth = config->queue_depth[unit];
    p->queue[unit].ring = calloc(config->queue_depth[unit], sizeof *p->queue[unit].ring);
    if (!p->queue[unit].ring) return sa_fail(error, SA_ERR_MEMORY, "engine: out of memory for queues");
  }
  plain_port_init(p);
  p->stream_length = sa_stream_length(program);
  sa_stream_open(&p->reader, program);
  p->current = sa_stream_next(&p->reader, &p->current_layer);
  return SA_OK;
}

static void plain_release(struct plain *p) {
  for (int unit = 0; unit < SA_UNITS; unit++) {
    free(p->queue[unit].ring);
    while (p->flights[unit]) {
      struct plain_flight *flight = p->flights[unit];
      p->flights[unit] = flight->next;
      free(flight);
    }
  }
  free(p->timers);
}

/* ---- Delay lines ---- */

void plain_expect(struct plain *p, uint64_t cycle) {
  if (cycle > p->last_due) p->last_due = cycle;
}

static void give(struct plain *p, enum sa_stream stream, uint32_t takers) {
  for (int unit = 0; unit < SA_UNITS; unit++)
    if (takers >> unit & 1) p->tokens[stream][unit]++;
}

static enum sa_stream done_stream(enum sa_unit unit) {
  static const enum sa_stream streams[SA_UNITS] = {SA_EV_LOAD, SA_EV_STORE, SA_EV_WLOAD,
                                                   SA_EV_MATMUL_DONE, SA_EV_VECTOR_DONE};
  return streams[unit];
}

static void end_flight(struct plain *p, struct plain_flight *flight) {
  const enum sa_unit unit = flight->unit;
  assert(p->flights[unit] == flight); /* a unit's instructions end in order */
  give(p, done_stream(unit), flight->entry.instr->give_done);
  if (p->options->on_instr) {
    const struct sa_instr_event event = {flight->entry.index, unit, flight->entry.instr,
                                         flight->entry.layer, flight->start, p->t};
    p->options->on_instr(p->options->user, &event);
  }
  p->max_end = p->t;
  p->flights[unit] = flight->next;
  free(flight);
}

static void expire(struct plain *p, const struct plain_timer *timer) {
  switch (timer->kind) {
    case PLAIN_EVENT_READ:
      give(p, timer->unit == SA_MATMUL ? SA_EV_MATMUL_READ : SA_EV_VECTOR_READ,
           timer->flight->entry.instr->give_read);
      break;
    case PLAIN_EVENT_DONE: end_flight(p, timer->flight); break;
    case PLAIN_CREDIT: p->front[timer->unit].credits++; break;
    case PLAIN_BUFFER_FREE: p->store.taken--; break;
    case PLAIN_TILE_READY:
      for (uint32_t i = 0; i < p->fifo.count; i++)
        if (!p->fifo.tiles[i].ready) {
          p->fifo.tiles[i].ready = true;
          break;
        }
      break;
    case PLAIN_SLOT_FREE: p->fifo.slots--; break;
  }
}

void plain_schedule(struct plain *p, enum plain_timer_kind kind, uint64_t due, enum sa_unit unit,
                    struct plain_flight *flight) {
  assert(due >= p->t);
  struct plain_timer *timers =
      sa_vec_grow(p->timers, &p->timer_capacity, p->timer_count + 1, sizeof *timers);
  if (!timers) {
    p->status = sa_fail(p->error, SA_ERR_MEMORY, "engine: out of memory for events");
    return;
  }
  p->timers = timers;
  timers[p->timer_count++] = (struct plain_timer){kind, due, unit, flight};
  plain_expect(p, due);
}

/* Writes the effects of this cycle's timers, in the order in which they were made: a unit's READ
 * event before its last one, so that a flight is not used behind its end. */
static void expire_due(struct plain *p) {
  size_t kept = 0;
  for (size_t i = 0; i < p->timer_count; i++) {
    const struct plain_timer timer = p->timers[i];
    if (timer.due == p->t)
      expire(p, &timer);
    else
      p->timers[kept++] = timer;
  }
  p->timer_count = kept;
}

/* ---- Sequencer, queues, tokens ---- */

const struct plain_entry *plain_head(const struct plain *p, enum sa_unit unit) {
  const struct plain_queue *q = &p->queue[unit];
  return q->count ? &q->ring[q->head] : NULL;
}

bool plain_tokens_met(const struct plain *p, enum sa_unit unit, const struct sa_instr *instr) {
  for (int stream = 0; stream < SA_STREAMS; stream++)
    if (instr->take[stream] > p->tokens[stream][unit]) return false;
  return true;
}

static void decide_sequencer(const struct plain *p, struct plain_wires *w) {
  if (!p->current) return;
  const enum sa_unit unit = sa_instr_unit(p->current->opcode);
  if (unit == SA_UNITS) {
    w->take = true;
  } else {
    w->push = p->queue[unit].count < p->queue[unit].depth;
    w->block = !w->push;
  }
}

static void commit_sequencer(struct plain *p, const struct plain_wires *w) {
  if (w->take) {
    if (p->current->opcode == SA_OP_BASE) p->base[p->current->u.base.reg] = p->current->u.base.value;
    p->max_end = p->t;
  } else if (w->push) {
    struct plain_queue *q = &p->queue[sa_instr_unit(p->current->opcode)];
    struct plain_entry *entry = &q->ring[(q->head + q->count) % q->depth];
    *entry = (struct plain_entry){
        .instr = p->current, .index = p->current_index, .layer = p->current_layer};
    memcpy(entry->base, p->base, sizeof p->base);
    q->count++;
  } else {
    return;
  }
  p->current = sa_stream_next(&p->reader, &p->current_layer);
  p->current_index++;
}

/* ---- Starts ---- */

static bool unit_may_start(const struct plain *p, enum sa_unit unit, const struct sa_instr *instr) {
  switch (unit) {
    case SA_MATMUL: return plain_matmul_may_start(p, instr);
    case SA_VECTOR: return plain_vector_may_start(p, instr);
    default: return plain_port_may_start(p, unit, instr);
  }
}

static void decide_starts(const struct plain *p, struct plain_wires *w) {
  for (int unit = 0; unit < SA_UNITS; unit++) {
    const struct plain_entry *head = plain_head(p, (enum sa_unit)unit);
    w->start[unit] = head && plain_tokens_met(p, (enum sa_unit)unit, head->instr) &&
                     unit_may_start(p, (enum sa_unit)unit, head->instr);
  }
}

/* Buffer banks and buffer bytes of a starting instruction. */
static void note_buffer_use(struct plain *p, struct plain_flight *flight) {
  struct sa_access access[SA_MAX_ACCESSES];
  const unsigned count =
      sa_instr_accesses(p->config, flight->entry.instr, flight->entry.base, access);
  for (unsigned i = 0; i < count; i++) {
    if (access[i].space != SA_SPACE_BUFFER) continue;
    const uint64_t banks = sa_access_banks(p->config, &access[i]);
    const uint64_t bytes = sa_access_total(&access[i]);
    if (access[i].reads) {
      flight->read_banks |= banks;
      p->counters.ub_read_bytes[flight->unit] += bytes;
    } else {
      flight->write_banks |= banks;
      p->counters.ub_write_bytes[flight->unit] += bytes;
    }
  }
}

/* Two instructions of different units that are active in this cycle and share a bank. */
static void check_banks(struct plain *p, const struct plain_flight *fresh) {
  for (int unit = 0; unit < SA_UNITS; unit++) {
    if (unit == (int)fresh->unit) continue;
    for (const struct plain_flight *other = p->flights[unit]; other; other = other->next) {
      const bool reading = other->reads_until >= p->t && (fresh->read_banks & other->read_banks);
      const bool writing = fresh->write_banks & other->write_banks;
      if (p->status == SA_OK && (reading || writing))
        p->status = plain_bank_conflict(p, fresh, other, writing);
    }
  }
}

static struct plain_flight *start_unit(struct plain *p, enum sa_unit unit) {
  struct plain_queue *q = &p->queue[unit];
  struct plain_flight *flight = calloc(1, sizeof *flight);
  if (!flight) {
    p->status = sa_fail(p->error, SA_ERR_MEMORY, "engine: out of memory for an instruction");
    return NULL;
  }
  flight->entry = q->ring[q->head];
  flight->unit = unit;
  flight->start = p->t;
  flight->reads_until = UINT64_MAX;
  q->head = (q->head + 1) % q->depth;
  q->count--;
  for (int stream = 0; stream < SA_STREAMS; stream++)
    p->tokens[stream][unit] -= flight->entry.instr->take[stream];
  struct plain_flight **tail = &p->flights[unit];
  while (*tail) tail = &(*tail)->next;
  *tail = flight;
  p->counters.instructions[unit]++;
  note_buffer_use(p, flight);
  return flight;
}

static void commit_starts(struct plain *p, const struct plain_wires *w) {
  for (int unit = 0; unit < SA_UNITS && p->status == SA_OK; unit++) {
    if (!w->start[unit]) continue;
    struct plain_flight *flight = start_unit(p, (enum sa_unit)unit);
    if (!flight) return;
    if (unit == SA_MATMUL)
      plain_matmul_start(p, flight);
    else if (unit == SA_VECTOR)
      plain_vector_start(p, flight);
    else
      plain_port_start(p, flight);
    check_banks(p, flight);
  }
}

/* ---- Accounts of a cycle ---- */

static void account(struct plain *p, const struct plain_wires *w) {
  p->counters.matmul_cause[w->cause]++;
  if (w->block) p->counters.seq_block[sa_instr_unit(p->current->opcode)]++;
  for (int unit = 0; unit < SA_UNITS; unit++)
    if (p->flights[unit] || w->start[unit]) p->counters.unit_busy[unit]++;
  for (int unit = 0; unit < PLAIN_REQUESTERS; unit++)
    if (w->requests[unit] && !w->grant[unit]) p->counters.arb_wait[unit]++;
  if (p->fifo.slots > p->counters.fifo_peak_tiles[0]) p->counters.fifo_peak_tiles[0] = p->fifo.slots;
}

/* ---- The cycle ---- */

static void decide(const struct plain *p, struct plain_wires *w) {
  memset(w, 0, sizeof *w);
  decide_sequencer(p, w);
  decide_starts(p, w);
  plain_port_decide(p, w);
  w->shift = plain_shift_starts(p, w);
  w->cause = plain_cause(p, w);
}

static void commit(struct plain *p, const struct plain_wires *w) {
  plain_port_commit(p, w); /* the instruction that is active, before another one starts */
  commit_starts(p, w);
  if (p->status != SA_OK) return; /* not every start was made: the rest does not fit */
  if (w->shift) plain_shift_commit(p); /* behind the start that consumed the shadow */
  commit_sequencer(p, w);
  expire_due(p);
}

static bool all_done(const struct plain *p) {
  if (p->current) return false;
  for (int unit = 0; unit < SA_UNITS; unit++)
    if (p->queue[unit].count || p->flights[unit]) return false;
  return true;
}

static bool anything_happens(const struct plain_wires *w) {
  bool any = w->push || w->take || w->shift;
  for (int unit = 0; unit < SA_UNITS; unit++) any |= w->start[unit];
  for (int unit = 0; unit < PLAIN_REQUESTERS; unit++) any |= w->grant[unit] || w->load_burst[unit];
  return any;
}

enum { PROGRESS_CYCLES = 1 << 20 };

static void report_progress(const struct plain *p) {
  if (!p->options->on_progress || p->t % PROGRESS_CYCLES) return;
  const double done = (double)p->current_index / (double)p->stream_length;
  p->options->on_progress(p->options->user, p->t, done < 1 ? done : 1);
}

static enum sa_status run(struct plain *p) {
  while (!all_done(p) && p->status == SA_OK) {
    struct plain_wires w;
    decide(p, &w);
    if (!anything_happens(&w) && p->t > p->last_due) return plain_stuck(p);
    account(p, &w);
    commit(p, &w);
    report_progress(p);
    p->t++;
  }
  p->counters.cycles[0] = p->max_end + 1;
  assert(p->status != SA_OK || p->counters.cycles[0] == p->t);
  return p->status;
}

enum sa_status sa_engine_run_plain(const struct sa_config *config,
                                   const struct sa_program *program,
                                   const struct sa_engine_options *options,
                                   struct sa_counters *counters, struct sa_error *error) {
  struct plain p;
  enum sa_status status = plain_init(&p, config, program, options, error);
  if (status == SA_OK) status = run(&p);
  if (status == SA_OK) *counters = p.counters;
  plain_release(&p);
  return status;
}
