/* The event-driven engine's main loop: advance units until nothing can advance, grant on port 0,
 * repeat. fast.h says why this is exact. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/fast.h"
#include "engine/fast_repeat.h"

enum {
  FIRST_TOKENS = 8,            /* rings of tokens and ends grow when needed */
  FIRST_ENDS = 64,
  FIRST_SWEEP = 128,           /* records kept before they are looked at */
  PROGRESS_INSTRUCTIONS = 4096 /* between two reports of progress */
};

static uint32_t ring_size(uint32_t least) {
  uint32_t size = 1;
  while (size < least) size *= 2;
  return size;
}

static void fast_release(struct fast *f) {
  for (unsigned u = 0; u < SA_UNITS; u++) {
    free(f->queue[u].entries);
    for (unsigned s = 0; s < SA_STREAMS; s++) free(f->tokens[s][u].times);
    for (unsigned d = 0; d < FAST_DIRECTIONS; d++) free(f->uses[d][u].items);
  }
  for (unsigned u = 0; u < 3; u++) free(f->requester[u].credit);
  fast_repeat_free(f->repeat);
  free(f->gaps);
  free(f->vector_spans);
  free(f->ends);
  free(f);
}

static bool allocate_rings(struct fast *f) {
  const struct sa_config *config = f->config;
  for (unsigned u = 0; u < SA_UNITS; u++) {
    struct fast_queue *q = &f->queue[u];
    q->depth = config->queue_depth[u];
    const uint32_t size = ring_size(q->depth + 1);
    q->mask = size - 1;
    q->entries = calloc(size, sizeof *q->entries);
    if (!q->entries) return false;
    for (unsigned s = 0; s < SA_STREAMS; s++) {
      struct fast_tokens *k = &f->tokens[s][u];
      k->capacity = FIRST_TOKENS;
      k->times = malloc(FIRST_TOKENS * sizeof *k->times);
      if (!k->times) return false;
    }
  }
  for (unsigned u = 0; u < 3; u++) {
    struct fast_requester *rq = &f->requester[u];
    const uint32_t size = ring_size(rq->outstanding);
    rq->credit_mask = size - 1;
    rq->credit = calloc(size, sizeof *rq->credit);
    if (!rq->credit) return false;
  }
  if (!f->layers) return true;
  f->end_capacity = FIRST_ENDS;
  f->ends = malloc(FIRST_ENDS * sizeof *f->ends);
  return f->ends != NULL;
}

/* A machine in reset, about to look at the program's first instruction. Null if out of memory. */
static struct fast *fast_create(const struct sa_config *config, const struct sa_program *program,
                                struct sa_error *error, struct sa_layer_counters *layers,
                                size_t layer_count) {
  struct fast *f = calloc(1, sizeof *f);
  if (!f) return NULL;
  f->config = config;
  f->program = program;
  f->error = error;
  f->layers = layer_count ? layers : NULL;
  f->layer_count = f->layers ? layer_count : 0;
  for (unsigned p = 0; p < 2; p++) {
    const struct sa_port_config *port = &config->port[p];
    sa_dram_init(&f->port[p].dram, config->bw_num[p], config->bw_den[p], port->latency_cycles);
    f->port[p].last = SA_WLOAD;
    f->port[p].burst_bytes = port->burst_bytes;
    f->port[p].beats = port->burst_bytes / port->width_bytes;
  }
  for (unsigned u = 0; u < 3; u++) {
    struct fast_requester *rq = &f->requester[u];
    const uint32_t p = sa_config_port_of(config, u);
    rq->unit = u;
    rq->port = &f->port[p];
    rq->outstanding = config->port[p].outstanding_bursts;
    rq->presented = FAST_NEVER;
  }
  f->bank_shift = (unsigned)__builtin_ctzll(config->bank_bytes);
  f->sweep_at = FIRST_SWEEP;
  f->progress_at = PROGRESS_INSTRUCTIONS;
  if (!allocate_rings(f)) {
    fast_release(f);
    return NULL;
  }
  f->stream_length = sa_stream_length(program);
  sa_stream_open(&f->reader, program);
  f->current = sa_stream_next(&f->reader, &f->current_layer);
  f->dirty = FAST_SEQUENCER;
  return f;
}

/* Advances every unit and the sequencer as far as possible without a grant on port 0. */
static void fast_settle(struct fast *f) {
  static void (*const step[SA_UNITS + 1])(struct fast *) = {
      fast_step_load, fast_step_store, fast_step_wload, fast_step_matmul, fast_step_vector,
      fast_step_sequencer};
  while (f->dirty && f->status == SA_OK) {
    const unsigned unit = (unsigned)__builtin_ctz(f->dirty);
    f->dirty &= f->dirty - 1;
    step[unit](f);
  }
}

/* From time to time: accounts, so that they stay small, and the caller's progress. */
static void housekeep(struct fast *f) {
  const uint64_t horizon = fast_port_next(f);
  if (horizon == FAST_NEVER) return;
  if (f->records >= f->sweep_at) {
    fast_sweep(f, horizon);
    size_t left = f->gap_count + f->span_count;
    for (unsigned d = 0; d < FAST_DIRECTIONS; d++)
      for (unsigned u = 0; u < SA_UNITS; u++) left += f->uses[d][u].count;
    f->records = left;
    f->sweep_at = 2 * left + FIRST_SWEEP;
  }
  if (f->options.on_progress && f->finished >= f->progress_at) {
    f->progress_at = f->finished + PROGRESS_INSTRUCTIONS;
    f->options.on_progress(f->options.user, horizon,
                           (double)f->finished / (double)f->stream_length);
  }
}

static bool is_done(const struct fast *f) {
  for (unsigned u = 0; u < SA_UNITS; u++)
    if (f->queue[u].popped != f->queue[u].pushed) return false;
  return !f->current;
}

enum sa_status sa_engine_run(const struct sa_config *config, const struct sa_program *program,
                             const struct sa_engine_options *options,
                             struct sa_counters *counters, struct sa_layer_counters *layers,
                             size_t layer_count, struct sa_error *error) {
  if (layers) memset(layers, 0, layer_count * sizeof *layers);
  struct fast *f = fast_create(config, program, error, layers, layer_count);
  if (!f) return sa_fail(error, SA_ERR_MEMORY, "out of memory for the engine");
  if (options) f->options = *options;
  if (!f->options.every_call && !f->options.on_instr && !f->options.on_burst && !f->options.on_shift &&
      program->call_count > 2) {
    f->repeat = fast_repeat_create();
    if (!f->repeat) {
      fast_release(f);
      return sa_fail(error, SA_ERR_MEMORY, "out of memory for the engine");
    }
  }
  do {
    fast_settle(f);
    if (f->repeat && f->status == SA_OK) fast_repeat_look(f);
    if (f->records >= f->sweep_at || f->finished >= f->progress_at) housekeep(f);
  } while (f->status == SA_OK && fast_port_run(f));
  enum sa_status status = f->status;
  if (status == SA_OK && !is_done(f)) status = fast_stuck(f);
  if (status == SA_OK) {
    fast_close(f, counters);
    status = f->status;
  }
  fast_release(f);
  return status;
}
