/* The sequencer, and the starts of LOAD, STORE and WLOAD: docs/machine.md sections 2, 3 and 4. Their
 * bursts are fast_port.c's. */
#include <assert.h>
#include <string.h>

#include "engine/fast.h"

static uint64_t base_of(const struct fast *f, const struct sa_instr *instr) {
  switch (instr->opcode) {
    case SA_OP_LOAD:
    case SA_OP_STORE: return f->reader.base[instr->u.mem.base_reg];
    case SA_OP_WLOAD: return f->reader.base[instr->u.wload.base_reg];
    default: return 0;
  }
}

static uint64_t takes_of(const struct sa_instr *instr) {
  uint64_t takes = 0;
  for (unsigned s = 0; s < SA_STREAMS; s++) takes |= (uint64_t)instr->take[s] << 8 * s;
  return takes;
}

static struct sa_counters *counters_of(struct fast *f, uint32_t layer) {
  if (!f->layers) return &f->total;
  if (layer < f->layer_count) return &f->layers[layer].counters;
  f->status = sa_fail(f->error, SA_ERR_INPUT,
                      "instruction %llu belongs to layer %u; there are %zu layers",
                      (unsigned long long)(f->skipped + f->index), layer, f->layer_count);
  return &f->total;
}

/* BASE and END are taken in the cycle in which the sequencer looks at them. */
static void take_control(struct fast *f) {
  const bool is_end = f->current->opcode == SA_OP_END;
  uint32_t layer = 0;
  if (is_end)
    layer = f->layer_count ? (uint32_t)(f->layer_count - 1) : 0;
  else
    layer = f->program->calls[f->reader.call].first_layer;
  if (f->layers && layer >= f->layer_count) {
    (void)counters_of(f, layer);
    return;
  }
  fast_expect_end(f, f->index, layer, f->look + 1);
  f->last_end_after = fast_max(f->last_end_after, f->look + 1);
}

void fast_step_sequencer(struct fast *f) {
  while (f->current && f->status == SA_OK) {
    const struct sa_instr *instr = f->current;
    const enum sa_unit unit = sa_instr_unit(instr->opcode);
    if (unit == SA_UNITS) {
      take_control(f);
    } else {
      struct fast_queue *q = &f->queue[unit];
      uint64_t push = f->look;
      if (q->pushed >= q->depth) {
        const uint64_t leaver = q->pushed - q->depth;
        if (leaver >= q->popped) return; /* full: wait for a start */
        push = fast_max(push, q->entries[leaver & q->mask].start + 1);
      }
      struct sa_counters *counters = counters_of(f, f->current_layer);
      counters->seq_block[unit] += push - f->look;
      q->entries[q->pushed++ & q->mask] = (struct fast_entry){
          .instr = instr, .counters = counters, .index = f->index, .visible = push + 1,
          .base = base_of(f, instr), .takes = takes_of(instr), .layer = f->current_layer};
      fast_expect_end(f, f->index, f->current_layer, 0);
      if (f->current_layer > f->high_layer) f->high_layer = f->current_layer;
      f->dirty |= 1u << unit;
      f->look = push;
    }
    f->look++;
    f->index++;
    f->current = sa_stream_next(&f->reader, &f->current_layer);
  }
}

static bool is_presenting(const struct fast_requester *rq) { return rq->granted != rq->loaded; }

/* The head of the unit's queue has bursts and starts: it becomes the active instruction. */
static void start_bursts(struct fast *f, struct fast_requester *rq, uint64_t start) {
  const struct fast_entry *entry = fast_head(f, rq->unit);
  fast_pop(f, rq->unit, start);
  assert(rq->started - rq->finished < FAST_FLIGHTS);
  rq->flight[rq->started++ % FAST_FLIGHTS] = *entry;
  rq->active = true;
  rq->active_start = start;
}

/* The head of the unit's queue starts, moves no burst, and ends: the unit is free from `next`. */
static void run_alone(struct fast *f, struct fast_requester *rq, uint64_t start, uint64_t end,
                      uint64_t next) {
  const struct fast_entry *entry = fast_head(f, rq->unit);
  fast_pop(f, rq->unit, start);
  rq->started++;
  rq->finished++;
  rq->next_start = next;
  fast_use_banks(f, rq->unit, entry, end, end);
  fast_finish(f, rq->unit, entry, end);
}

/* As start_bursts, for the rows of LOAD or STORE. */
static void start_rows(struct fast *f, struct fast_requester *rq, const struct fast_entry *entry,
                       uint64_t start) {
  const struct sa_instr *instr = entry->instr;
  fast_walk_start(&rq->walk, entry->base + instr->u.mem.dram_addr, instr->u.mem.bytes,
                  instr->u.mem.n0, instr->u.mem.n1, instr->u.mem.dram_pitch0,
                  instr->u.mem.dram_pitch1, rq->port->burst_bytes);
  start_bursts(f, rq, start);
}

/* Buffer bytes of LOAD, STORE, FILL. */
static uint64_t mem_bytes(const struct sa_instr *instr) {
  return (uint64_t)instr->u.mem.bytes * instr->u.mem.n0 * instr->u.mem.n1;
}

/* FILL's writes: ceil(bytes / L) lines a row. */
static uint64_t fill_cycles(const struct fast *f, const struct sa_instr *instr) {
  const uint64_t line = f->config->line_bytes;
  return (instr->u.mem.bytes + line - 1) / line * instr->u.mem.n0 * instr->u.mem.n1;
}

void fast_step_load(struct fast *f) {
  struct fast_requester *rq = &f->requester[SA_LOAD];
  const struct fast_entry *entry;
  while (!rq->active && (entry = fast_head(f, SA_LOAD))) {
    const struct sa_instr *instr = entry->instr;
    uint64_t start = fast_max(entry->visible, rq->next_start);
    if (!fast_tokens_known(f, SA_LOAD, entry, &start)) return;
    if (instr->opcode == SA_OP_LOAD) {
      entry->counters->ub_write_bytes[SA_LOAD] += mem_bytes(instr);
      start_rows(f, rq, entry, start);
      if (!is_presenting(rq)) fast_present(f, rq, fast_max(start + 1, rq->last_grant));
      continue;
    }
    if (is_presenting(rq)) return;
    start = fast_max(start, rq->last_end);
    if (instr->opcode == SA_OP_FILL) {
      const uint64_t end = start + fill_cycles(f, instr);
      entry->counters->ub_write_bytes[SA_LOAD] += mem_bytes(instr);
      run_alone(f, rq, start, end, end + 1);
    } else {
      run_alone(f, rq, start, start + 1, start + 2);
    }
  }
}

void fast_step_store(struct fast *f) {
  struct fast_requester *rq = &f->requester[SA_STORE];
  const struct fast_entry *entry;
  while (!rq->active && (entry = fast_head(f, SA_STORE))) {
    uint64_t start = fast_max(entry->visible, rq->next_start);
    if (!fast_tokens_known(f, SA_STORE, entry, &start)) return;
    if (entry->instr->opcode == SA_OP_STORE) {
      entry->counters->ub_read_bytes[SA_STORE] += mem_bytes(entry->instr);
      start_rows(f, rq, entry, start);
      fast_store_read(f);
      continue;
    }
    if (is_presenting(rq)) return;
    start = fast_max(start, rq->last_end);
    run_alone(f, rq, start, start + 1, start + 2);
  }
}

/* The next tile takes its slot in `start`. */
static void claim_slot(struct fast *f, const struct fast_entry *entry, uint64_t start,
                       uint32_t bytes) {
  const struct sa_instr *instr = entry->instr;
  f->fifo.tiles[f->fifo.started++ % FAST_TILES] = (struct fast_tile){
      .start = start, .bytes = bytes, .counters = entry->counters,
      .cells = (uint32_t)instr->u.wload.k_used * instr->u.wload.n_used};
  entry->counters->fifo_write_bytes[0] += bytes;
  fast_fifo_peak(f, false);
}

void fast_step_wload(struct fast *f) {
  struct fast_requester *rq = &f->requester[SA_WLOAD];
  struct fast_fifo *fifo = &f->fifo;
  const uint64_t slots = f->config->weight_fifo_tiles;
  const struct fast_entry *entry;
  while (!rq->active && (entry = fast_head(f, SA_WLOAD))) {
    const struct sa_instr *instr = entry->instr;
    uint64_t start = fast_max(entry->visible, rq->next_start);
    if (!fast_tokens_known(f, SA_WLOAD, entry, &start)) return;
    if (instr->opcode == SA_OP_WLOAD_SYNC) {
      if (is_presenting(rq)) return;
      start = fast_max(fast_max(start, rq->last_end), fifo->buffer_tile_after);
      run_alone(f, rq, start, start + 1, start + 2);
      continue;
    }
    if (fifo->started >= slots) {
      const uint64_t leaver = fifo->started - slots;
      if (leaver >= fifo->shifted) return; /* no slot */
      start = fast_max(start,
                       fifo->tiles[leaver % FAST_TILES].shift + f->config->release_cycles);
    }
    const uint32_t k = instr->u.wload.k_used, n = instr->u.wload.n_used;
    const bool diagonal = instr->flags & SA_F_DIAGONAL;
    const uint32_t bytes = diagonal ? k : k * n;
    if (instr->opcode == SA_OP_WLOAD) {
      fast_walk_start(&rq->walk, entry->base + instr->u.wload.dram_addr, bytes, 1, 1, 0, 0,
                      rq->port->burst_bytes);
      claim_slot(f, entry, start, bytes);
      start_bursts(f, rq, start);
      if (!is_presenting(rq)) fast_present(f, rq, fast_max(start + 1, rq->last_grant));
      if (f->config->memory_ports == 2) fast_private_run(f);
      continue;
    }
    if (is_presenting(rq)) return;
    start = fast_max(start, rq->last_end);
    claim_slot(f, entry, start, bytes);
    const uint32_t rows = diagonal ? 1 : instr->flags & SA_F_TRANSPOSED ? n : k;
    const uint64_t end = start + rows + SA_LAT_UB_READ;
    entry->counters->ub_read_bytes[SA_WLOAD] += bytes;
    run_alone(f, rq, start, end, start + rows + 1);
    fifo->buffer_tile_after = end + 1;
    fast_tile_ready(f, end + 1);
  }
}
