/* Jumps over repeated states. Whenever the sequencer has come to another call, the state of the machine is
 * compared with what it was at earlier calls. If it is the same but for when and where, and the calls ahead
 * are like those in between, then the machine does again what it did in between, and again, as long as the
 * calls repeat: time and place move on by so many periods, counters by as many times what a period added.
 *
 *     call      0    1    2    3    4   ...   78   79
 *     state     a    b    c    c ----- jump -> c    d
 *
 * Not with listeners, who want to see every instruction or burst. */
#include "engine/fast_repeat.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

enum { SNAPSHOTS = 28 }; /* calls that a period may have */

struct snapshot {
  struct fast_state state;
  size_t call;
  uint64_t look, index, finished;
  uint64_t base[SA_BASE_REGS];
  struct sa_counters total;         /* without layers */
  struct sa_layer_counters *layers; /* owned; from state.low_layer on to high_layer */
  size_t layer_capacity;
  uint32_t high_layer;
  bool used;
};

struct fast_repeat {
  size_t call; /* looked at last */
  struct snapshot snapshots[SNAPSHOTS];
  unsigned next;
};

struct fast_repeat *fast_repeat_create(void) { return calloc(1, sizeof(struct fast_repeat)); }

void fast_repeat_free(struct fast_repeat *repeat) {
  if (!repeat) return;
  for (unsigned i = 0; i < SNAPSHOTS; i++) {
    free(repeat->snapshots[i].state.words);
    free(repeat->snapshots[i].layers);
  }
  free(repeat);
}

static bool take(struct fast *f, struct snapshot *s) {
  s->used = false;
  if (!fast_state_save(f, &s->state)) return false;
  s->call = f->reader.call;
  s->look = f->look;
  s->index = f->index;
  s->finished = f->finished;
  s->high_layer = f->high_layer;
  memcpy(s->base, f->reader.base, sizeof s->base);
  s->total = f->total;
  if (f->layers && s->state.low_layer <= f->high_layer) {
    const size_t count = (size_t)f->high_layer - s->state.low_layer + 1;
    struct sa_layer_counters *layers = sa_vec_grow(s->layers, &s->layer_capacity, count, sizeof *layers);
    if (!layers) return false;
    s->layers = layers;
    memcpy(layers, &f->layers[s->state.low_layer], count * sizeof *layers);
  }
  s->used = true;
  return true;
}

static bool same_state(const struct fast_state *a, const struct fast_state *b) {
  return a->count == b->count && memcmp(a->words, b->words, a->count * sizeof *a->words) == 0;
}

/* Whether call i does what call i - period did, `layers` layers further on. */
static bool same_call(const struct fast *f, size_t i, size_t period, uint32_t layers) {
  const struct sa_call *call = &f->program->calls[i], *model = call - period;
  const uint64_t burst = f->port[0].burst_bytes > f->port[1].burst_bytes ? f->port[0].burst_bytes : f->port[1].burst_bytes;
  if (call->block != model->block || call->first_layer - model->first_layer != layers) return false;
  for (unsigned reg = 0; reg < SA_BASE_REGS; reg++) {
    if ((call->base[reg] ^ model->base[reg]) & (burst - 1)) return false;
    /* a register that changes costs an instruction */
    if ((call[0].base[reg] != call[-1].base[reg]) != (model[0].base[reg] != model[-1].base[reg])) return false;
  }
  return true;
}

/* How many periods lie ahead that are like the one from `from` to now. */
static uint64_t periods_ahead(const struct fast *f, const struct snapshot *from, uint32_t layers) {
  const size_t now = f->reader.call, period = now - from->call;
  size_t same = 0;
  while (now + same + 1 < f->program->call_count && same_call(f, now + same + 1, period, layers)) same++;
  uint64_t periods = same / period;
  if (f->layers && layers > 0) { /* layers that the caller has no records for are an error when their time comes */
    const uint64_t left = (f->layer_count - 1 - f->high_layer) / layers;
    if (left < periods) periods = left;
  }
  return periods;
}

enum { COUNTERS = sizeof(struct sa_counters) / sizeof(uint64_t) };

/* sum += times * (now - before); a peak is no sum. before null: nothing. */
static void add_growth(struct sa_counters *sum, const struct sa_counters *now, const struct sa_counters *before,
                       uint64_t times) {
  static const struct sa_counters nothing;
  const uint64_t peak = fast_max(sum->fifo_peak_tiles[0], now->fifo_peak_tiles[0]);
  const uint64_t *n = (const uint64_t *)now, *b = (const uint64_t *)(before ? before : &nothing);
  for (size_t i = 0; i < COUNTERS; i++) ((uint64_t *)sum)[i] += times * (n[i] - b[i]);
  sum->fifo_peak_tiles[0] = peak;
}

/* Counters of `periods` more periods. False if memory ends. */
static bool add_periods(struct fast *f, const struct snapshot *from, uint64_t periods, uint32_t layers) {
  if (!f->layers) {
    const struct sa_counters now = f->total;
    add_growth(&f->total, &now, &from->total, periods);
    return true;
  }
  const uint32_t low = from->state.low_layer;
  if (low > f->high_layer) return true;
  const size_t count = (size_t)f->high_layer - low + 1;
  struct sa_layer_counters *now = malloc(count * sizeof *now);
  if (!now) return false;
  memcpy(now, &f->layers[low], count * sizeof *now);
  for (size_t i = 0; i < count; i++) {
    const struct sa_layer_counters *before = low + i <= from->high_layer ? &from->layers[i] : NULL;
    for (uint64_t k = 1; k <= periods; k++) {
      struct sa_layer_counters *sum = &f->layers[low + i + (layers ? k * layers : 0)];
      const uint64_t times = layers ? 1 : periods;
      sum->cycles += times * (now[i].cycles - (before ? before->cycles : 0));
      add_growth(&sum->counters, &now[i].counters, before ? &before->counters : NULL, times);
      if (!layers) break;
    }
  }
  free(now);
  return true;
}

/* Layers below the snapshot's lowest must not have been touched since. */
static bool stays_above(const struct fast *f, const struct snapshot *from) {
  for (size_t i = from->call; i <= f->reader.call; i++)
    if (f->program->calls[i].first_layer < from->state.low_layer) return false;
  return true;
}

static void jump(struct fast *f, const struct snapshot *from, uint64_t periods, uint32_t layers) {
  if (!add_periods(f, from, periods, layers)) {
    fast_out_of_memory(f);
    return;
  }
  const size_t call = f->reader.call + periods * (f->reader.call - from->call);
  struct fast_move move = {.cycles = periods * (f->look - from->look), .layers = (uint32_t)periods * layers};
  for (unsigned reg = 0; reg < SA_BASE_REGS; reg++)
    move.base[reg] = f->program->calls[call].base[reg] - f->reader.base[reg];
  fast_state_move(f, &move);
  const uint64_t skipped = periods * (f->index - from->index);
  f->skipped += skipped;
  if (f->options.on_skip) f->options.on_skip(f->options.user, skipped, move.cycles);
  f->finished += periods * (f->finished - from->finished);
  f->high_layer += move.layers;
  f->reader.call = call;
  memcpy(f->reader.base, f->program->calls[call].base, sizeof f->reader.base);
}

void fast_repeat_look(struct fast *f) {
  struct fast_repeat *r = f->repeat;
  const uint64_t horizon = fast_port_next(f);
  if (f->reader.call == r->call || !f->current || f->current == &f->reader.synthetic || horizon == FAST_NEVER) return;
  r->call = f->reader.call;
  fast_sweep(f, horizon); /* so that accounts do not depend on when they were settled last */
  if (f->status != SA_OK) return;
  struct snapshot *now = &r->snapshots[r->next];
  r->next = (r->next + 1) % SNAPSHOTS;
  if (!take(f, now)) {
    fast_out_of_memory(f);
    return;
  }
  for (unsigned i = 0; i < SNAPSHOTS; i++) {
    const struct snapshot *from = &r->snapshots[i];
    if (from == now || !from->used || !same_state(&from->state, &now->state)) continue;
    const uint32_t first = f->program->calls[from->call].first_layer;
    const uint32_t here = f->program->calls[f->reader.call].first_layer;
    if (here < first || !stays_above(f, from)) continue;
    const uint64_t periods = periods_ahead(f, from, here - first);
    if (periods == 0) continue;
    jump(f, from, periods, here - first);
    r->call = f->reader.call;
    for (unsigned k = 0; k < SNAPSHOTS; k++) r->snapshots[k].used = false;
    return;
  }
}
