/* MATMUL with the weight FIFO and the shadow registers in front of it, and VECTOR: docs/machine.md
 * section 4; MATMUL's waiting by cause, section 6. */
#include "engine/fast.h"

/* The shift of the next tile begins in `shift`. */
static void shift_tile(struct fast *f, uint64_t shift) {
  struct fast_tile *tile = &f->fifo.tiles[f->fifo.shifted++ % FAST_TILES];
  tile->shift = shift;
  tile->counters->tiles_shifted[0]++;
  tile->counters->fifo_read_bytes[0] += tile->bytes;
  f->dirty |= 1u << SA_WLOAD | 1u << SA_MATMUL;
  fast_fifo_peak(f, false);
  if (f->options.on_shift) f->options.on_shift(f->options.user, shift);
}

/* weight_buffers 2: a tile enters the shadow when it is ready and the one before is consumed. */
static void shift_ahead(struct fast *f) {
  struct fast_fifo *fifo = &f->fifo;
  if (f->config->weight_buffers != 2 || fifo->shifted == fifo->ready ||
      fifo->shifted != fifo->consumed)
    return;
  const uint64_t ready = fifo->tiles[fifo->shifted % FAST_TILES].ready;
  shift_tile(f, fast_max(ready, fifo->consumed_at));
}

/* weight_buffers 1: the tile of MATMUL's head, visible from `visible`, enters the array when the
 * rows of the tile before have left it. */
static void shift_at_head(struct fast *f, uint64_t visible) {
  const struct fast_fifo *fifo = &f->fifo;
  const struct sa_config *config = f->config;
  if (config->weight_buffers != 1 || fifo->shifted == fifo->ready) return;
  uint64_t shift = fast_max(fifo->tiles[fifo->shifted % FAST_TILES].ready, visible);
  shift = fast_max(shift, f->matmul.free);
  if (f->matmul.row_end)
    shift = fast_max(shift, f->matmul.row_end - 1 + config->array_rows + config->array_cols - 1);
  shift_tile(f, shift);
}

void fast_tile_ready(struct fast *f, uint64_t ready) {
  f->fifo.tiles[f->fifo.ready++ % FAST_TILES].ready = ready;
  f->dirty |= 1u << SA_MATMUL;
  shift_ahead(f);
}

void fast_fifo_peak(struct fast *f, bool final) {
  struct fast_fifo *fifo = &f->fifo;
  const uint64_t release = f->config->release_cycles;
  for (; fifo->peak_seen < fifo->started; fifo->peak_seen++) {
    const struct fast_tile *tile = &fifo->tiles[fifo->peak_seen % FAST_TILES];
    while (fifo->peak_released < fifo->shifted &&
           fifo->tiles[fifo->peak_released % FAST_TILES].shift + release <= tile->start + 1)
      fifo->peak_released++;
    if (fifo->peak_released == fifo->shifted && !final) return; /* a later release may count */
    uint64_t *peak = &tile->counters->fifo_peak_tiles[0];
    *peak = fast_max(*peak, fifo->peak_seen + 1 - fifo->peak_released);
  }
}

/* Cycles before `to` that are left to charge: moves *at there and returns how many they were. */
static uint64_t charge_to(uint64_t *at, uint64_t to) {
  if (to <= *at) return 0;
  const uint64_t cycles = to - *at;
  *at = to;
  return cycles;
}

/* Charges the cycles from MATMUL's last activity to `start`, when the head starts, to their causes.
 * tile: the one it waits for, or null. */
static void charge_wait(struct fast *f, const struct fast_entry *entry, uint64_t start,
                        const struct fast_tile *tile) {
  uint64_t *cause = entry->counters->matmul_cause;
  uint64_t at = f->matmul.free;
  if (at >= start) return;
  if (entry->visible > at) {
    fast_gap(f, at, entry->visible, entry->counters);
    at = entry->visible;
  }
  /* by stream: which wait it is that ends with the token */
  uint64_t wait_to[SA_STREAMS] = {0};
  uint32_t count;
  for (uint64_t left = entry->takes; left;) {
    const enum sa_stream s = fast_next_take(&left, &count);
    wait_to[s] = fast_token_time(&f->tokens[s][SA_MATMUL], count);
  }
  if (entry->takes) {
    const uint64_t input =
        fast_max(wait_to[SA_EV_LOAD], fast_max(wait_to[SA_EV_STORE], wait_to[SA_EV_WLOAD]));
    cause[SA_CAUSE_INPUT_STALL] += charge_to(&at, input);
    cause[SA_CAUSE_RAW_STALL] += charge_to(&at, wait_to[SA_EV_VECTOR_DONE]);
    cause[SA_CAUSE_ACC_STALL] += charge_to(&at, wait_to[SA_EV_VECTOR_READ]);
  }
  if (!tile) return;
  cause[SA_CAUSE_WEIGHT_STALL] += charge_to(&at, tile->ready);
  if (f->config->weight_buffers == 1) cause[SA_CAUSE_DRAIN] += charge_to(&at, tile->shift);
  cause[SA_CAUSE_WEIGHT_SHIFT] += charge_to(&at, start);
}

static void run_rows(struct fast *f, const struct fast_entry *entry, uint64_t start) {
  const struct sa_instr *instr = entry->instr;
  struct sa_counters *counters = entry->counters;
  const uint64_t rows =
      (uint64_t)instr->u.matmul.n0 * instr->u.matmul.n1 * instr->u.matmul.n2;
  counters->matmul_cause[SA_CAUSE_ACTIVE] += rows;
  counters->macs_occupied[0] += rows * f->matmul.active_cells;
  counters->ub_read_bytes[SA_MATMUL] += rows * instr->u.matmul.k_used;
  counters->acc_row_writes[0] += rows;
  if (instr->flags & SA_F_ACCUMULATE) counters->acc_row_adds[0] += rows;
  f->matmul.row_end = f->matmul.free = start + rows;
}

void fast_step_matmul(struct fast *f) {
  struct fast_matmul *m = &f->matmul;
  struct fast_fifo *fifo = &f->fifo;
  const struct fast_entry *entry;
  while ((entry = fast_head(f, SA_MATMUL))) {
    const struct sa_instr *instr = entry->instr;
    const bool is_sync = instr->opcode == SA_OP_MATMUL_SYNC;
    const bool next_tile = !is_sync && instr->flags & SA_F_NEXT_TILE;
    const struct fast_tile *tile = NULL;
    uint64_t start = fast_max(m->free, entry->visible);
    if (next_tile) {
      if (fifo->shifted == fifo->consumed) shift_at_head(f, entry->visible);
      if (fifo->shifted == fifo->consumed) return; /* no tile */
      tile = &fifo->tiles[fifo->consumed % FAST_TILES];
      start = fast_max(start, tile->shift + f->config->shift_cycles);
    }
    if (!fast_tokens_known(f, SA_MATMUL, entry, &start)) return;
    charge_wait(f, entry, start, tile);
    fast_pop(f, SA_MATMUL, start);
    if (tile) {
      m->active_cells = tile->cells;
      fifo->consumed++;
      fifo->consumed_at = start;
      shift_ahead(f);
    }
    if (is_sync) {
      entry->counters->matmul_cause[SA_CAUSE_IDLE]++;
      m->free = start + 1;
    } else {
      run_rows(f, entry, start);
    }
    const uint64_t read = m->free - 1, done = read + f->config->matmul_latency;
    fast_use_banks(f, SA_MATMUL, entry, read, done);
    if (instr->give_read) fast_give(f, SA_EV_MATMUL_READ, instr->give_read, read + 1);
    fast_finish(f, SA_MATMUL, entry, done);
  }
}

/* Steps of an instruction and what they read and write, by section 4's table and section 7. */
struct vector_work {
  uint64_t steps, buffer_reads, buffer_writes, accumulator_reads;
};

static struct vector_work work_of(const struct sa_config *config, const struct sa_instr *instr) {
  const uint64_t rows = (uint64_t)instr->u.vec.n0 * instr->u.vec.n1, n = instr->u.vec.n;
  const uint64_t chunks = (n + config->vector_lanes - 1) / config->vector_lanes;
  const uint64_t outputs = rows * chunks, bytes = rows * n;
  switch (instr->opcode) {
    case SA_OP_VACC: {
      struct vector_work work = {outputs, 0, bytes, outputs};
      if (instr->flags & SA_F_PARAMS) {
        work.steps += SA_LAT_VEC_PARAM;
        work.buffer_reads += 8 * n;
      }
      if (instr->flags & SA_F_RESIDUAL) work.buffer_reads += bytes;
      return work;
    }
    case SA_OP_VMOV: return (struct vector_work){outputs, bytes, bytes, 0};
    case SA_OP_VADD:
    case SA_OP_VMUL: return (struct vector_work){2 * outputs, 2 * bytes, bytes, 0};
    case SA_OP_VMAX:
    case SA_OP_VAVG: {
      const uint64_t taps = (uint64_t)instr->u.vec.tap_x * instr->u.vec.tap_y;
      return (struct vector_work){outputs * taps, bytes * taps, bytes, 0};
    }
    case SA_OP_VTABLE: return (struct vector_work){SA_LAT_VEC_TABLE, 256, 0, 0};
    case SA_OP_VSOFTMAX:
      return (struct vector_work){3 * outputs + SA_LAT_VEC_MAX_GAP + SA_LAT_VEC_RECIP_GAP,
                                  3 * bytes, bytes, 0};
    case SA_OP_VNORM: {
      const uint64_t vectors = instr->flags & SA_F_RMS ? 1 : 2; /* gamma; beta */
      return (struct vector_work){2 * outputs + SA_LAT_VEC_ROOT_GAP + vectors * chunks,
                                  2 * bytes + vectors * n, bytes, 0};
    }
    default: return (struct vector_work){1, 0, 0, 0}; /* SYNC */
  }
}

void fast_step_vector(struct fast *f) {
  struct fast_vector *v = &f->vector;
  const struct fast_entry *entry;
  while ((entry = fast_head(f, SA_VECTOR))) {
    const struct sa_instr *instr = entry->instr;
    uint64_t start = fast_max(v->free, entry->visible);
    if (instr->flags & SA_F_FENCE) start = fast_max(start, v->after);
    if (!fast_tokens_known(f, SA_VECTOR, entry, &start)) return;
    fast_pop(f, SA_VECTOR, start);
    const struct vector_work work = work_of(f->config, instr);
    v->free = start + work.steps;
    const uint64_t read = v->free - 1, done = read + SA_LAT_VEC_LATENCY;
    v->after = done + 1;
    entry->counters->ub_read_bytes[SA_VECTOR] += work.buffer_reads;
    entry->counters->ub_write_bytes[SA_VECTOR] += work.buffer_writes;
    entry->counters->acc_row_reads[0] += work.accumulator_reads;
    fast_use_banks(f, SA_VECTOR, entry, read, done);
    fast_vector_busy(f, start, done + 1);
    if (instr->give_read) fast_give(f, SA_EV_VECTOR_READ, instr->give_read, read + 1);
    fast_finish(f, SA_VECTOR, entry, done);
  }
}
