/* Values in program order; see exec.h. The array's arithmetic is one loop over blocks of 16 columns,
 * which compilers turn into SIMD; everything else is as plain as the text of docs/machine.md. */
#include "engine/exec.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "engine/exec_vector.h"
#include "program/access.h"

#define LANES 16u /* columns of one block: int16 weights of a row fill two 128-bit registers */

/* A tile in the weight FIFO, as it was fetched. */
struct tile {
  uint32_t k, n;
  bool transposed, diagonal;
  uint8_t *bytes; /* array_rows * array_cols */
};

struct exec {
  const struct sa_config *config;
  struct sa_memory *memory;
  struct sa_exec_state state;
  uint64_t base[SA_BASE_REGS];
  struct tile *fifo;                   /* ring: slots of the FIFO and the shadow */
  uint32_t capacity, head, fetched;    /* fetched and not consumed */
  int16_t (*weights)[LANES];           /* active tile: [block of columns][array_rows][LANES] */
  uint32_t blocks;
  bool has_tile;                       /* some tile became active */
  struct sa_exec_vector vector;
};

static void exec_release(struct exec *x) {
  if (x->fifo)
    for (uint32_t i = 0; i < x->capacity; i++) free(x->fifo[i].bytes);
  free(x->fifo);
  free(x->weights);
  free(x->state.buffer);
  free(x->state.accumulators);
}

static enum sa_status exec_init(struct exec *x, const struct sa_config *config,
                                struct sa_memory *memory, struct sa_error *error) {
  memset(x, 0, sizeof *x);
  x->config = config;
  x->memory = memory;
  sa_exec_vector_init(&x->vector);
  x->blocks = (config->array_cols + LANES - 1) / LANES;
  x->capacity = config->weight_fifo_tiles + (config->weight_buffers == 2 ? 1 : 0);
  x->state.buffer = calloc(config->buffer_bytes, 1);
  x->state.accumulators =
      calloc(2 * (size_t)config->accumulator_rows * config->array_cols, sizeof(int32_t));
  x->weights = calloc((size_t)x->blocks * config->array_rows, sizeof x->weights[0]);
  x->fifo = calloc(x->capacity, sizeof x->fifo[0]);
  bool complete = x->state.buffer && x->state.accumulators && x->weights && x->fifo;
  for (uint32_t i = 0; i < x->capacity && complete; i++) {
    x->fifo[i].bytes = malloc((size_t)config->array_rows * config->array_cols);
    complete = x->fifo[i].bytes;
  }
  if (complete) return SA_OK;
  exec_release(x);
  return sa_fail(error, SA_ERR_MEMORY, "values: out of memory for the machine's memories");
}

static enum sa_status run_mem(struct exec *x, const struct sa_instr *instr, struct sa_error *error) {
  struct sa_access access[SA_MAX_ACCESSES];
  const unsigned count = sa_instr_accesses(x->config, instr, x->base, access);
  struct sa_row_walk buffer = sa_access_rows(&access[count - 1]);
  if (instr->opcode == SA_OP_FILL) {
    for (; !buffer.done; sa_row_next(&buffer))
      memset(x->state.buffer + buffer.address, (int)instr->u.mem.dram_addr, instr->u.mem.bytes);
    return SA_OK;
  }
  enum sa_status status = SA_OK;
  struct sa_row_walk dram = sa_access_rows(&access[0]);
  for (; !dram.done && status == SA_OK; sa_row_next(&dram), sa_row_next(&buffer)) {
    uint8_t *row = x->state.buffer + buffer.address;
    if (instr->opcode == SA_OP_LOAD)
      sa_memory_read(x->memory, (uint64_t)dram.address, row, instr->u.mem.bytes);
    else
      status = sa_memory_write(x->memory, (uint64_t)dram.address, row, instr->u.mem.bytes, error);
  }
  return status;
}

static enum sa_status run_wload(struct exec *x, const struct sa_instr *instr,
                                struct sa_error *error) {
  if (x->fetched == x->capacity)
    return sa_fail(error, SA_ERR_ILLEGAL,
                   "%" PRIu32 " weight tiles are fetched and not consumed; there is no room for one more",
                   x->fetched);
  struct tile *tile = &x->fifo[(x->head + x->fetched++) % x->capacity];
  tile->k = instr->u.wload.k_used;
  tile->n = instr->u.wload.n_used;
  tile->transposed = instr->flags & SA_F_TRANSPOSED;
  tile->diagonal = instr->flags & SA_F_DIAGONAL;
  struct sa_access access[SA_MAX_ACCESSES];
  sa_instr_accesses(x->config, instr, x->base, access);
  uint8_t *out = tile->bytes;
  for (struct sa_row_walk row = sa_access_rows(&access[0]); !row.done; sa_row_next(&row)) {
    if (instr->opcode == SA_OP_WLOAD)
      sa_memory_read(x->memory, (uint64_t)row.address, out, access[0].bytes);
    else
      memcpy(out, x->state.buffer + row.address, access[0].bytes);
    out += access[0].bytes;
  }
  return SA_OK;
}

/* The weight of (r, c) in a tile; zero outside of it. */
static int16_t weight_at(const struct tile *tile, uint32_t r, uint32_t c) {
  if (r >= tile->k || c >= tile->n) return 0;
  if (tile->diagonal) return r == c ? (int8_t)tile->bytes[r] : 0;
  if (tile->transposed) return (int8_t)tile->bytes[(size_t)c * tile->k + r];
  return (int8_t)tile->bytes[(size_t)r * tile->n + c];
}

/* The oldest fetched tile becomes the active one. */
static enum sa_status next_tile(struct exec *x, struct sa_error *error) {
  if (!x->fetched)
    return sa_fail(error, SA_ERR_ILLEGAL, "MATMUL takes the next weight tile, but none is fetched");
  const struct tile *tile = &x->fifo[x->head];
  for (uint32_t block = 0; block < x->blocks; block++)
    for (uint32_t r = 0; r < x->config->array_rows; r++)
      for (uint32_t lane = 0; lane < LANES; lane++)
        x->weights[(size_t)block * x->config->array_rows + r][lane] =
            weight_at(tile, r, block * LANES + lane);
  x->head = (x->head + 1) % x->capacity;
  x->fetched--;
  x->has_tile = true;
  return SA_OK;
}

/* sums[c] = sum over k of a[k] * weights[k][c]; bytes are int8, so the sum cannot overflow. */
static void block_sums(const uint8_t *a, uint32_t k_used, int16_t (*weights)[LANES],
                       int32_t sums[LANES]) {
  int32_t local[LANES] = {0};
  for (uint32_t k = 0; k < k_used; k++) {
    const int16_t x = (int8_t)a[k];
    for (uint32_t c = 0; c < LANES; c++) local[c] += x * weights[k][c];
  }
  memcpy(sums, local, sizeof local);
}

static enum sa_status run_matmul(struct exec *x, const struct sa_instr *instr,
                                 struct sa_error *error) {
  if (instr->flags & SA_F_NEXT_TILE) {
    const enum sa_status status = next_tile(x, error);
    if (status != SA_OK) return status;
  }
  if (!x->has_tile)
    return sa_fail(error, SA_ERR_ILLEGAL, "MATMUL runs before any weight tile is active");
  struct sa_access access[SA_MAX_ACCESSES];
  sa_instr_accesses(x->config, instr, x->base, access);
  const uint32_t cols = x->config->array_cols;
  const bool accumulate = instr->flags & SA_F_ACCUMULATE;
  for (uint32_t block = 0; block < x->blocks; block++) { /* its weights stay in the cache */
    const uint32_t first = block * LANES, used = cols - first < LANES ? cols - first : LANES;
    int16_t (*weights)[LANES] = x->weights + (size_t)block * x->config->array_rows;
    int32_t *out = x->state.accumulators + (size_t)access[1].address * cols + first;
    struct sa_row_walk row = sa_access_rows(&access[0]);
    for (; !row.done; sa_row_next(&row), out += cols) {
      int32_t sums[LANES];
      block_sums(x->state.buffer + row.address, instr->u.matmul.k_used, weights, sums);
      for (uint32_t c = 0; c < used; c++)
        out[c] = (int32_t)((accumulate ? (uint32_t)out[c] : 0u) + (uint32_t)sums[c]);
    }
  }
  return SA_OK;
}

static enum sa_status run_instr(struct exec *x, const struct sa_instr *instr,
                                struct sa_error *error) {
  const enum sa_status status = sa_instr_check(x->config, instr, x->base, error);
  if (status != SA_OK) return status;
  switch ((enum sa_opcode)instr->opcode) {
    case SA_OP_END: case SA_OP_LOAD_SYNC: case SA_OP_STORE_SYNC: case SA_OP_WLOAD_SYNC:
    case SA_OP_MATMUL_SYNC: case SA_OP_VECTOR_SYNC:
      return SA_OK;
    case SA_OP_BASE:
      x->base[instr->u.base.reg] = instr->u.base.value;
      return SA_OK;
    case SA_OP_LOAD: case SA_OP_FILL: case SA_OP_STORE:
      return run_mem(x, instr, error);
    case SA_OP_WLOAD: case SA_OP_WLOAD_UB:
      return run_wload(x, instr, error);
    case SA_OP_MATMUL:
      return run_matmul(x, instr, error);
    default:
      sa_exec_vector_run(&x->vector, x->config, instr, x->state.buffer, x->state.accumulators);
      return SA_OK;
  }
}

enum sa_status sa_exec_run(const struct sa_config *config, const struct sa_program *program,
                           struct sa_memory *memory, sa_exec_hook *hook, void *user,
                           struct sa_error *error) {
  struct exec x;
  enum sa_status status = exec_init(&x, config, memory, error);
  if (status != SA_OK) return status;
  struct sa_stream_reader reader;
  sa_stream_open(&reader, program);
  uint32_t layer;
  uint64_t index = 0;
  struct sa_error inner = {0};
  for (const struct sa_instr *instr; (instr = sa_stream_next(&reader, &layer)); index++) {
    status = run_instr(&x, instr, &inner);
    if (status != SA_OK) {
      sa_fail(error, status, "instruction %" PRIu64 ": %s", index, inner.message);
      break;
    }
    if (hook && sa_instr_unit(instr->opcode) != SA_UNITS) hook(user, index, instr, &x.state);
  }
  exec_release(&x);
  return status;
}
