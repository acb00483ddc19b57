/* Rows and tiles of a run, and the PEs derived from them; see wavefront.h. */
#include "report/wavefront.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "engine/engine.h"
#include "engine/exec.h"
#include "machine/latency.h"
#include "program/access.h"

/* When the MATMULs started and the shifts began, in program order. */
struct times {
  uint64_t *starts, *shifts; /* owned */
  size_t start_count, start_capacity, shift_count, shift_capacity;
  bool out_of_memory;
};

/* The second run, for values. */
struct collector {
  struct sa_wavefront *wavefront;
  const struct times *times;
  const struct sa_program *program;
  const struct sa_memory *memory;
  struct sa_stream_reader reader; /* beside the run: knows the base registers */
  uint64_t position;              /* instructions read from it */
  size_t matmuls, max_rows;
  uint32_t tiles_used;            /* that MATMULs have taken */
  bool out_of_memory;
};

void sa_wavefront_init(struct sa_wavefront *wavefront) { memset(wavefront, 0, sizeof *wavefront); }

void sa_wavefront_release(struct sa_wavefront *wavefront) {
  for (size_t i = 0; i < wavefront->tile_count; i++) free(wavefront->tiles[i].weights);
  for (size_t i = 0; i < wavefront->row_count; i++) {
    free(wavefront->rows[i].inputs);
    free(wavefront->rows[i].results);
  }
  free(wavefront->tiles);
  free(wavefront->rows);
  sa_wavefront_init(wavefront);
}

static void note(struct times *times, uint64_t **items, size_t *count, size_t *capacity, uint64_t cycle) {
  uint64_t *grown = sa_vec_grow(*items, capacity, *count + 1, sizeof *grown);
  if (!grown) {
    times->out_of_memory = true;
    return;
  }
  *items = grown;
  grown[(*count)++] = cycle;
}

static void note_start(void *user, const struct sa_instr_event *event) {
  struct times *times = user;
  if (event->instr->opcode == SA_OP_MATMUL)
    note(times, &times->starts, &times->start_count, &times->start_capacity, event->start);
}

static void note_shift(void *user, uint64_t cycle) {
  struct times *times = user;
  note(times, &times->shifts, &times->shift_count, &times->shift_capacity, cycle);
}

/* The weight of (r, c) in a tile of k x n bytes as it was fetched. */
static int8_t weight_at(const struct sa_instr *instr, const uint8_t *bytes, uint32_t r, uint32_t c) {
  const uint32_t k = instr->u.wload.k_used, n = instr->u.wload.n_used;
  if (r >= k || c >= n) return 0;
  if (instr->flags & SA_F_DIAGONAL) return r == c ? (int8_t)bytes[r] : 0;
  return (int8_t)bytes[instr->flags & SA_F_TRANSPOSED ? (size_t)c * k + r : (size_t)r * n + c];
}

static bool add_tile(struct collector *x, const struct sa_instr *instr, const struct sa_exec_state *state) {
  struct sa_wavefront *w = x->wavefront;
  const uint32_t rows = w->config.array_rows, cols = w->config.array_cols;
  struct sa_wavefront_tile *grown = sa_vec_grow(w->tiles, &w->tile_capacity, w->tile_count + 1, sizeof *grown);
  if (!grown) return false;
  w->tiles = grown;
  uint8_t *bytes = malloc((size_t)rows * cols);
  int8_t *weights = malloc((size_t)rows * cols);
  if (!bytes || !weights) {
    free(bytes);
    free(weights);
    return false;
  }
  struct sa_access access[SA_MAX_ACCESSES];
  sa_instr_accesses(&w->config, instr, x->reader.base, access);
  uint8_t *at = bytes;
  for (struct sa_row_walk row = sa_access_rows(&access[0]); !row.done; sa_row_next(&row)) {
    if (instr->opcode == SA_OP_WLOAD)
      sa_memory_read(x->memory, (uint64_t)row.address, at, access[0].bytes);
    else
      memcpy(at, state->buffer + row.address, access[0].bytes);
    at += access[0].bytes;
  }
  for (uint32_t r = 0; r < rows; r++)
    for (uint32_t c = 0; c < cols; c++) weights[(size_t)r * cols + c] = weight_at(instr, bytes, r, c);
  free(bytes);
  w->tiles[w->tile_count] = (struct sa_wavefront_tile){.shift = w->tile_count < x->times->shift_count
                                                                    ? x->times->shifts[w->tile_count]
                                                                    : SA_WAVEFRONT_NEVER,
                                                       .first_use = SA_WAVEFRONT_NEVER,
                                                       .k_used = instr->u.wload.k_used,
                                                       .n_used = instr->u.wload.n_used,
                                                       .weights = weights};
  w->tile_count++;
  return true;
}

static bool add_row(struct collector *x, const struct sa_wavefront_row *like, const uint8_t *inputs,
                    const int32_t *results) {
  struct sa_wavefront *w = x->wavefront;
  struct sa_wavefront_row *grown = sa_vec_grow(w->rows, &w->row_capacity, w->row_count + 1, sizeof *grown);
  if (!grown) return false;
  w->rows = grown;
  struct sa_wavefront_row *row = &w->rows[w->row_count];
  *row = *like;
  row->inputs = calloc(w->config.array_rows, 1);
  row->results = malloc(w->config.array_cols * sizeof *row->results);
  if (!row->inputs || !row->results) {
    free(row->inputs);
    free(row->results);
    return false;
  }
  memcpy(row->inputs, inputs, like->k_used);
  memcpy(row->results, results, w->config.array_cols * sizeof *row->results);
  w->row_count++;
  return true;
}

static bool add_matmul(struct collector *x, const struct sa_instr *instr, const struct sa_exec_state *state) {
  struct sa_wavefront *w = x->wavefront;
  const uint64_t start = x->times->starts[x->matmuls++];
  const bool swaps = instr->flags & SA_F_NEXT_TILE;
  if (swaps) w->tiles[x->tiles_used++].first_use = start; /* sa_exec_run has seen that it is there */
  struct sa_access access[SA_MAX_ACCESSES];
  sa_instr_accesses(&w->config, instr, x->reader.base, access);
  const int32_t *results = state->accumulators + (size_t)access[1].address * w->config.array_cols;
  uint64_t i = 0;
  for (struct sa_row_walk walk = sa_access_rows(&access[0]); !walk.done && w->row_count < x->max_rows;
       sa_row_next(&walk), i++) {
    const struct sa_wavefront_row row = {.issue = start + i,
                                         .tile = x->tiles_used - 1,
                                         .swaps = swaps && i == 0,
                                         .accumulates = instr->flags & SA_F_ACCUMULATE,
                                         .k_used = instr->u.matmul.k_used,
                                         .acc_bank = instr->u.matmul.acc_bank,
                                         .acc_row = (uint32_t)(instr->u.matmul.acc_row + i)};
    if (!add_row(x, &row, state->buffer + walk.address, results + i * w->config.array_cols)) return false;
  }
  return true;
}

static void collect(void *user, uint64_t index, const struct sa_instr *instr, const struct sa_exec_state *state) {
  struct collector *x = user;
  uint32_t layer;
  for (; x->position <= index; x->position++) (void)sa_stream_next(&x->reader, &layer);
  if (x->out_of_memory || x->wavefront->row_count >= x->max_rows) return;
  bool kept = true;
  if (instr->opcode == SA_OP_WLOAD || instr->opcode == SA_OP_WLOAD_UB) kept = add_tile(x, instr, state);
  if (instr->opcode == SA_OP_MATMUL) kept = add_matmul(x, instr, state);
  x->out_of_memory = !kept;
}

enum sa_status sa_wavefront_run(const struct sa_config *config, const struct sa_program *program,
                                struct sa_memory *memory, size_t max_rows, struct sa_wavefront *wavefront,
                                struct sa_error *error) {
  struct times times = {0};
  const struct sa_engine_options options = {.on_instr = note_start, .on_shift = note_shift, .user = &times};
  struct sa_counters counters;
  enum sa_status status = sa_engine_run(config, program, &options, &counters, NULL, 0, error);
  if (!status && times.out_of_memory) status = sa_fail(error, SA_ERR_MEMORY, "out of memory");
  if (!status) {
    wavefront->config = *config;
    wavefront->cycles = counters.cycles[0];
    struct collector x = {.wavefront = wavefront, .times = &times, .program = program, .memory = memory,
                          .max_rows = max_rows};
    sa_stream_open(&x.reader, program);
    status = sa_exec_run(config, program, memory, collect, &x, error);
    if (!status && x.out_of_memory) status = sa_fail(error, SA_ERR_MEMORY, "out of memory");
  }
  free(times.starts);
  free(times.shifts);
  if (status) sa_wavefront_release(wavefront);
  return status;
}

/* Index of the row issued in `cycle`, or -1. */
static int64_t row_issued(const struct sa_wavefront *w, uint64_t cycle) {
  size_t low = 0, high = w->row_count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (w->rows[middle].issue < cycle)
      low = middle + 1;
    else
      high = middle;
  }
  return low < w->row_count && w->rows[low].issue == cycle ? (int64_t)low : -1;
}

/* The weights of a PE whose wave is `wave`: the cycle minus UB_READ + r + c, so that a tile with shift <
 * wave has arrived, and one with first_use <= wave is in use. */
static void find_tiles(const struct sa_wavefront *w, uint64_t wave, struct sa_pe_state *pe) {
  for (size_t i = 0; i < w->tile_count; i++) {
    const struct sa_wavefront_tile *tile = &w->tiles[i];
    if (tile->shift == wave) pe->arriving_tile = (int64_t)i;
    if (tile->shift >= wave) continue;
    if (w->config.weight_buffers == 1 || tile->first_use <= wave) {
      pe->tile = (int64_t)i;
      pe->shadow_tile = -1;
    } else {
      pe->shadow_tile = (int64_t)i;
    }
  }
}

static int8_t tile_weight(const struct sa_wavefront *w, int64_t tile, uint32_t r, uint32_t c) {
  return tile < 0 ? 0 : w->tiles[tile].weights[(size_t)r * w->config.array_cols + c];
}

struct sa_pe_state sa_wavefront_pe(const struct sa_wavefront *w, uint64_t cycle, uint32_t r, uint32_t c) {
  struct sa_pe_state pe = {.activity = SA_PE_IDLE, .tile = -1, .shadow_tile = -1, .arriving_tile = -1, .row = -1};
  const uint64_t delay = (uint64_t)SA_LAT_UB_READ + r + c;
  if (cycle < delay) return pe;
  const uint64_t wave = cycle - delay;
  find_tiles(w, wave, &pe);
  pe.weight = tile_weight(w, pe.tile, r, c);
  pe.shadow = tile_weight(w, pe.shadow_tile, r, c);
  pe.arriving = tile_weight(w, pe.arriving_tile, r, c);
  if (pe.arriving_tile >= 0) pe.activity = SA_PE_LOAD;
  pe.row = row_issued(w, wave);
  if (pe.row < 0) return pe;
  const struct sa_wavefront_row *row = &w->rows[pe.row];
  pe.activity = row->swaps ? SA_PE_SWAP : SA_PE_WORK;
  pe.input = row->inputs[r];
  uint32_t sum = 0;
  for (uint32_t i = 0; i < r; i++) sum += (uint32_t)(row->inputs[i] * tile_weight(w, row->tile, i, c));
  pe.above = (int32_t)sum;
  pe.below = (int32_t)(sum + (uint32_t)(pe.input * pe.weight));
  return pe;
}

int64_t sa_wavefront_result(const struct sa_wavefront *w, uint64_t cycle, uint32_t c) {
  const uint64_t delay = (uint64_t)SA_LAT_UB_READ + w->config.array_rows + c + SA_LAT_ACC_UPDATE;
  return cycle < delay ? -1 : row_issued(w, cycle - delay);
}

bool sa_wavefront_span(const struct sa_wavefront *w, uint64_t *first, uint64_t *last) {
  if (!w->row_count) return false;
  const uint64_t issue = w->rows[0].issue;
  *first = SA_LAT_UB_READ + (w->tile_count && w->tiles[0].shift < issue ? w->tiles[0].shift : issue);
  *last = w->rows[w->row_count - 1].issue + w->config.matmul_latency;
  return true;
}

const char *sa_pe_activity_name(enum sa_pe_activity activity) {
  static const char *const names[SA_PE_ACTIVITIES] = {"idle", "load", "work", "swap"};
  return names[activity];
}
