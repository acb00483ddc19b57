/* Accounts of the event-driven engine that need more than one instruction: busy cycles, the cycles
 * of layers, and the cycles in which MATMUL's queue was empty (docs/machine.md section 6), which can
 * be charged only when VECTOR's life at that time is known. */
#include <assert.h>

#include "base/vec.h"
#include "engine/fast.h"

void fast_out_of_memory(struct fast *f) {
  f->status = sa_fail(f->error, SA_ERR_MEMORY, "out of memory in the simulation of instruction %llu",
                      (unsigned long long)(f->skipped + f->index));
}

void fast_give(struct fast *f, enum sa_stream stream, unsigned mask, uint64_t visible) {
  for (; mask; mask &= mask - 1) {
    const unsigned unit = (unsigned)__builtin_ctz(mask);
    struct fast_tokens *k = &f->tokens[stream][unit];
    if (k->given - k->taken == k->capacity) {
      /* the ring is full: unrolled into one of twice the size */
      const size_t old = k->capacity;
      uint64_t *times = sa_vec_grow(k->times, &k->capacity, 2 * old, sizeof *times);
      if (!times) {
        fast_out_of_memory(f);
        return;
      }
      k->times = times;
      k->capacity = 2 * old;
      for (uint64_t n = k->taken; n != k->given; n++)
        if ((n & (2 * old - 1)) >= old) times[n & (2 * old - 1)] = times[n & (old - 1)];
    }
    k->times[k->given++ & (k->capacity - 1)] = visible;
    f->dirty |= 1u << unit;
  }
}

void fast_finish(struct fast *f, enum sa_unit unit, const struct fast_entry *entry, uint64_t end) {
  static const enum sa_stream done[SA_UNITS] = {SA_EV_LOAD, SA_EV_STORE, SA_EV_WLOAD,
                                                SA_EV_MATMUL_DONE, SA_EV_VECTOR_DONE};
  struct sa_counters *counters = entry->counters;
  if (entry->instr->give_done) fast_give(f, done[unit], entry->instr->give_done, end + 1);
  counters->instructions[unit]++;
  counters->unit_busy[unit] += end + 1 - fast_max(entry->start, f->busy_to[unit]);
  f->busy_to[unit] = end + 1;
  f->last_end_after = fast_max(f->last_end_after, end + 1);
  f->finished++;
  if (f->layers) f->ends[entry->index & (f->end_capacity - 1)].after = end + 1;
  if (f->options.on_instr) {
    const struct sa_instr_event event = {.index = f->skipped + entry->index, .unit = unit,
                                         .instr = entry->instr, .layer = entry->layer,
                                         .start = entry->start, .end = end};
    f->options.on_instr(f->options.user, &event);
  }
}

/* A layer's cycles are the increase of the running maximum of ends in stream order. */
static void settle_ends(struct fast *f) {
  for (; f->ends_first < f->index; f->ends_first++) {
    const struct fast_end *end = &f->ends[f->ends_first & (f->end_capacity - 1)];
    if (!end->after) return;
    if (end->after <= f->ends_running) continue;
    f->layers[end->layer].cycles += end->after - f->ends_running;
    f->ends_running = end->after;
  }
}

void fast_expect_end(struct fast *f, uint64_t index, uint32_t layer, uint64_t after) {
  if (!f->layers) return;
  if (index - f->ends_first == f->end_capacity) settle_ends(f);
  if (index - f->ends_first == f->end_capacity) {
    const size_t old = f->end_capacity;
    struct fast_end *ends = sa_vec_grow(f->ends, &f->end_capacity, 2 * old, sizeof *ends);
    if (!ends) {
      fast_out_of_memory(f);
      return;
    }
    f->ends = ends;
    f->end_capacity = 2 * old;
    for (uint64_t n = f->ends_first; n != index; n++)
      if ((n & (2 * old - 1)) >= old) ends[n & (2 * old - 1)] = ends[n & (old - 1)];
  }
  f->ends[index & (f->end_capacity - 1)] = (struct fast_end){.after = after, .layer = layer};
}

void fast_gap(struct fast *f, uint64_t from, uint64_t to, struct sa_counters *counters) {
  struct fast_gap *gaps = sa_vec_grow(f->gaps, &f->gap_capacity, f->gap_count + 1, sizeof *gaps);
  if (!gaps) {
    fast_out_of_memory(f);
    return;
  }
  f->gaps = gaps;
  const uint64_t row_end = f->matmul.row_end;
  gaps[f->gap_count++] = (struct fast_gap){
      from, to, row_end ? row_end + f->config->matmul_latency : 0, counters};
  f->records++;
}

void fast_vector_busy(struct fast *f, uint64_t from, uint64_t to) {
  struct fast_span *last = f->span_count ? &f->vector_spans[f->span_count - 1] : NULL;
  if (last && from <= last->to) {
    last->to = to;
    return;
  }
  struct fast_span *spans =
      sa_vec_grow(f->vector_spans, &f->span_capacity, f->span_count + 1, sizeof *spans);
  if (!spans) {
    fast_out_of_memory(f);
    return;
  }
  f->vector_spans = spans;
  spans[f->span_count++] = (struct fast_span){from, to};
  f->records++;
}

/* Charges the part from..to-1 of a gap, in which VECTOR rests, to drain and idle. */
static void charge_rest(const struct fast_gap *gap, uint64_t from, uint64_t to) {
  if (from >= to) return;
  const uint64_t drain_to = gap->drain_to < from ? from : gap->drain_to > to ? to : gap->drain_to;
  gap->counters->matmul_cause[SA_CAUSE_DRAIN] += drain_to - from;
  gap->counters->matmul_cause[SA_CAUSE_IDLE] += to - drain_to;
}

/* Charges all gaps that end by the horizon, before which VECTOR's life is known. */
static void settle_gaps(struct fast *f, uint64_t horizon) {
  size_t g = 0, s = 0;
  for (; g < f->gap_count && f->gaps[g].to <= horizon; g++) {
    const struct fast_gap *gap = &f->gaps[g];
    uint64_t at = gap->from;
    while (s < f->span_count && f->vector_spans[s].to <= at) s++;
    for (size_t i = s; i < f->span_count && f->vector_spans[i].from < gap->to; i++) {
      const struct fast_span *span = &f->vector_spans[i];
      charge_rest(gap, at, span->from);
      const uint64_t from = fast_max(at, span->from);
      const uint64_t to = span->to < gap->to ? span->to : gap->to;
      gap->counters->matmul_cause[SA_CAUSE_NON_MATRIX] += to - from;
      at = to;
    }
    charge_rest(gap, at, gap->to);
  }
  for (size_t i = g; i < f->gap_count; i++) f->gaps[i - g] = f->gaps[i];
  f->gap_count -= g;
  /* spans that end before every gap to come are done with */
  const uint64_t open = f->gap_count ? f->gaps[0].from : f->matmul.free;
  while (s < f->span_count && f->vector_spans[s].to <= open) s++;
  for (size_t i = s; i < f->span_count; i++) f->vector_spans[i - s] = f->vector_spans[i];
  f->span_count -= s;
}

void fast_sweep(struct fast *f, uint64_t horizon) {
  settle_gaps(f, horizon);
  fast_sweep_banks(f, horizon);
  if (f->layers) settle_ends(f);
}

static void add_counters(struct sa_counters *sum, const struct sa_counters *part) {
  const uint64_t peak = fast_max(sum->fifo_peak_tiles[0], part->fifo_peak_tiles[0]);
#define SA_COUNTER(field, count, unit, meaning) \
  for (int i = 0; i < (count); i++) sum->field[i] += part->field[i];
#include "machine/counters.def"
#undef SA_COUNTER
  sum->fifo_peak_tiles[0] = peak;
}

void fast_close(struct fast *f, struct sa_counters *counters) {
  const uint64_t cycles = f->last_end_after;
  struct fast_fifo *fifo = &f->fifo;
  if (fifo->shifted > fifo->consumed) {
    /* the last tile may enter the shadow after the run's last cycle: that is not seen any more */
    const struct fast_tile *tile = &fifo->tiles[(fifo->shifted - 1) % FAST_TILES];
    if (tile->shift >= cycles) {
      tile->counters->tiles_shifted[0]--;
      tile->counters->fifo_read_bytes[0] -= tile->bytes;
    }
  }
  fast_fifo_peak(f, true);
  struct sa_counters *last =
      f->layers ? &f->layers[f->layer_count - 1].counters : &f->total;
  if (f->matmul.free < cycles) fast_gap(f, f->matmul.free, cycles, last);
  fast_sweep(f, FAST_NEVER);
  if (f->layers)
    for (size_t l = 0; l < f->layer_count; l++) {
      f->layers[l].counters.cycles[0] = f->layers[l].cycles;
      add_counters(&f->total, &f->layers[l].counters);
    }
  else
    f->total.cycles[0] = cycles;
  assert(f->total.cycles[0] == cycles && f->gap_count == 0);
  uint64_t charged = 0;
  for (int c = 0; c < SA_CAUSES; c++) charged += f->total.matmul_cause[c];
  assert(charged == cycles);
  *counters = f->total;
}
