/* The inside of a small array, cycle by cycle: what every PE holds and does, with its values. When
 * things happen comes from the engine (starts of MATMUL, shifts of weight tiles) and docs/machine.md:
 * PE(r,c) works on the row issued in t in cycle t + UB_READ + r + c, and takes the weight of a tile
 * whose shift begins in t at the end of that same cycle. Values are those of the program's operands in
 * program order (sa_exec_run). For lectures and pictures: rows and tiles are kept, PEs are derived. */
#ifndef SA_REPORT_WAVEFRONT_H
#define SA_REPORT_WAVEFRONT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "base/memory.h"
#include "machine/config.h"
#include "program/program.h"

#define SA_WAVEFRONT_NEVER UINT64_MAX

/* A weight tile. */
struct sa_wavefront_tile {
  uint64_t shift;     /* cycle in which its shift begins, or SA_WAVEFRONT_NEVER */
  uint64_t first_use; /* issue of the first row that it multiplies, or SA_WAVEFRONT_NEVER */
  uint32_t k_used, n_used;
  int8_t *weights;    /* owned; [R][C], zero beyond k_used and n_used */
};

/* A row of activations, one element for each PE row. */
struct sa_wavefront_row {
  uint64_t issue;         /* cycle in which it is read from the buffer */
  uint32_t tile;          /* that it meets */
  bool swaps;             /* the first one of that tile */
  bool accumulates;       /* adds to its accumulator row instead of replacing it */
  uint32_t k_used;
  uint32_t acc_bank, acc_row;
  int8_t *inputs;         /* owned; [R], zero beyond k_used */
  int32_t *results;       /* owned; [C] the accumulator row afterwards, as sa_exec_run has it */
};

struct sa_wavefront {
  struct sa_config config;
  uint64_t cycles;        /* of the whole run */
  struct sa_wavefront_tile *tiles; /* owned; in the order of their shifts */
  struct sa_wavefront_row *rows;   /* owned; in the order of issue */
  size_t tile_count, tile_capacity, row_count, row_capacity;
};

/* What a PE does in a cycle. */
enum sa_pe_activity {
  SA_PE_IDLE,   /* no row: its multiplier has nothing useful */
  SA_PE_LOAD,   /* no row, but a weight arrives */
  SA_PE_WORK,   /* multiplies and adds */
  SA_PE_SWAP,   /* the same with the first row of a tile, whose weight becomes the active one */
  SA_PE_ACTIVITIES
};

/* A PE in one cycle. Weights: `tile` of the weight it multiplies by, `shadow_tile` of the one that
 * waits in the shadow register, `arriving_tile` of the one that it takes at the end of the cycle; -1:
 * none. The partial sum `below` = above + input * weight, modulo 2^32. */
struct sa_pe_state {
  enum sa_pe_activity activity;
  int64_t tile, shadow_tile, arriving_tile;
  int8_t weight, shadow, arriving;
  int64_t row;      /* index of rows, or -1 */
  int8_t input;     /* 0 without a row, as the sums */
  int32_t above, below;
};

void sa_wavefront_init(struct sa_wavefront *wavefront);
void sa_wavefront_release(struct sa_wavefront *wavefront);

/* Runs the program on the engine for its times, then on `memory` (read and written) for its values, and
 * keeps the first max_rows rows with their tiles. The config must be finished. *wavefront is initialised;
 * on failure it is released. */
enum sa_status sa_wavefront_run(const struct sa_config *config, const struct sa_program *program,
                                struct sa_memory *memory, size_t max_rows,
                                struct sa_wavefront *wavefront, struct sa_error *error) SA_CHECKED;

/* PE(r,c) in a cycle; r < R, c < C. */
struct sa_pe_state sa_wavefront_pe(const struct sa_wavefront *wavefront, uint64_t cycle, uint32_t r,
                                   uint32_t c);
/* The row whose sum of column c is added to the accumulators in that cycle, or -1. */
int64_t sa_wavefront_result(const struct sa_wavefront *wavefront, uint64_t cycle, uint32_t c);
/* Cycles in which something is to be seen: *first, the first weight or row that a PE meets, to *last, the
 * last sum that reaches the accumulators. False if there are no rows. */
bool sa_wavefront_span(const struct sa_wavefront *wavefront, uint64_t *first, uint64_t *last);

/* Word for an activity: idle, load, work, swap. */
const char *sa_pe_activity_name(enum sa_pe_activity activity);

/* ---- Writing; errors stay in the stream. docs/wavefront.md describes the columns. ---- */

/* One line a PE and cycle of the span, then one a result. */
void sa_wavefront_write_csv(const struct sa_wavefront *wavefront, FILE *out);
/* A drawing in text of each cycle first .. last. */
void sa_wavefront_write_text(const struct sa_wavefront *wavefront, uint64_t first, uint64_t last, FILE *out);
/* The same data as an object, for the report's page; null if out of memory. The caller's reference. */
json_t *sa_wavefront_json(const struct sa_wavefront *wavefront);
#endif
