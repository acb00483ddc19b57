/* Small GEMMs as programs; see wavefront_gemm.h. */
#include "report/wavefront_gemm.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/vec.h"

/* A file of numbers, and sides of a GEMM that one can look at. */
enum { MAX_FILE_BYTES = 1 << 20, MAX_SIDE = 512 };

void sa_small_gemm_release(struct sa_small_gemm *gemm) {
  free(gemm->ifmap);
  free(gemm->filter);
  *gemm = (struct sa_small_gemm){0};
}

enum sa_status sa_small_gemm_example(uint32_t folds, struct sa_small_gemm *gemm, struct sa_error *error) {
  enum { M = 6, R = 4, N = 4, K = R * SA_EXAMPLE_FOLDS };
  static const int8_t ifmap[M][K] = {
      {1, 2, 3, 4, 2, 0, 1, 1, 0, 1, 3, 2}, {2, 0, 1, 1, 1, 1, 0, 2, 3, 0, 1, 0},
      {0, 1, 2, 3, 0, 3, 1, 0, 1, 2, 0, 1}, {1, 1, 1, 1, 2, 1, 2, 1, 0, 0, 1, 1},
      {3, 2, 1, 0, 1, 0, 0, 3, 2, 1, 1, 0}, {2, 4, 0, 1, 0, 2, 1, 1, 1, 1, 2, 3}};
  static const int8_t filter[K][N] = {
      {1, 0, 2, -1}, {0, 1, 1, 2},  {2, 1, 0, 1},  {-1, 2, 1, 0}, {1, 2, 0, 1},  {0, -1, 1, 1},
      {2, 0, 1, 0},  {1, 1, -2, 2}, {0, 1, 1, -1}, {2, 0, 1, 1},  {1, -1, 0, 2}, {0, 1, 2, 1}};
  const uint32_t k = R * folds;
  *gemm = (struct sa_small_gemm){M, k, N, malloc((size_t)M * k), malloc((size_t)k * N)};
  if (!gemm->ifmap || !gemm->filter) {
    sa_small_gemm_release(gemm);
    return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  }
  for (uint32_t m = 0; m < M; m++) memcpy(gemm->ifmap + (size_t)m * k, ifmap[m], k);
  memcpy(gemm->filter, filter, (size_t)k * N);
  return SA_OK;
}

/* ---- Reading ---- */

struct matrix {
  int8_t *values; /* owned */
  size_t count, capacity;
  uint32_t rows, cols;
};

static enum sa_status add_number(struct matrix *matrix, const char *text, const char **at, const char *path,
                                 int line, struct sa_error *error) {
  const int column = (int)(*at - text) + 1;
  char *end;
  errno = 0;
  const long value = strtol(*at, &end, 10);
  if (end == *at || (*end && !isspace((unsigned char)*end) && *end != ','))
    return sa_fail_at(error, SA_ERR_INPUT, path, line, column, "\"%.16s\" is not a whole number", *at);
  if (errno || value < INT8_MIN || value > INT8_MAX)
    return sa_fail_at(error, SA_ERR_LIMIT, path, line, column, "%.*s is not between -128 and 127",
                      end - *at > 24 ? 24 : (int)(end - *at), *at);
  int8_t *grown = sa_vec_grow(matrix->values, &matrix->capacity, matrix->count + 1, 1);
  if (!grown) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  matrix->values = grown;
  grown[matrix->count++] = (int8_t)value;
  *at = end;
  return SA_OK;
}

/* One line; an empty one or a comment (#) adds nothing. */
static enum sa_status add_line(struct matrix *matrix, const char *text, const char *path, int line,
                               struct sa_error *error) {
  const size_t before = matrix->count;
  const char *at = text;
  for (at += strspn(at, " \t\r,"); *at && *at != '#'; at += strspn(at, " \t\r,")) {
    const enum sa_status status = add_number(matrix, text, &at, path, line, error);
    if (status) return status;
  }
  const size_t numbers = matrix->count - before;
  if (!numbers) return SA_OK;
  if (matrix->rows && numbers != matrix->cols)
    return sa_fail_at(error, SA_ERR_INPUT, path, line, 1, "%zu numbers, but %" PRIu32 " in the lines before",
                      numbers, matrix->cols);
  matrix->cols = (uint32_t)numbers;
  matrix->rows++;
  if (matrix->rows > MAX_SIDE || numbers > MAX_SIDE)
    return sa_fail_at(error, SA_ERR_LIMIT, path, line, 1, "the matrix has more than %d rows or columns", MAX_SIDE);
  return SA_OK;
}

static enum sa_status read_matrix(const char *path, struct matrix *matrix, struct sa_error *error) {
  char *text;
  size_t bytes;
  enum sa_status status = sa_file_read(path, MAX_FILE_BYTES, &text, &bytes, error);
  if (status) return status;
  int line = 1;
  for (char *at = text, *next; !status && at; at = next, line++) {
    next = strchr(at, '\n');
    if (next) *next++ = '\0';
    status = add_line(matrix, at, path, line, error);
  }
  free(text);
  if (!status && !matrix->rows) status = sa_fail_at(error, SA_ERR_INPUT, path, 0, 0, "there is no number in it");
  return status;
}

enum sa_status sa_small_gemm_load(const char *ifmap, const char *filter, struct sa_small_gemm *gemm,
                                  struct sa_error *error) {
  struct matrix a = {0}, b = {0};
  enum sa_status status = read_matrix(ifmap, &a, error);
  if (!status) status = read_matrix(filter, &b, error);
  if (!status && a.cols != b.rows)
    status = sa_fail_at(error, SA_ERR_INPUT, filter, 0, 0,
                        "the filter has %" PRIu32 " rows; the ifmap has %" PRIu32 " columns", b.rows, a.cols);
  if (status) {
    free(a.values);
    free(b.values);
    return status;
  }
  *gemm = (struct sa_small_gemm){a.rows, a.cols, b.cols, a.values, b.values};
  return SA_OK;
}

/* ---- The program ---- */

/* Folds: K innermost. Tile `fold` lies at its address in memory, rows without gaps. */
struct folds {
  const struct sa_config *config;
  const struct sa_small_gemm *gemm;
  uint32_t of_k, of_n;
  uint64_t weights; /* address of the first tile */
};

static uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

static uint32_t fold_k(const struct folds *f, uint32_t fold) {
  const uint32_t rows = f->config->array_rows;
  return least(rows, f->gemm->k - fold % f->of_k * rows);
}

static uint32_t fold_n(const struct folds *f, uint32_t fold) {
  const uint32_t cols = f->config->array_cols;
  return least(cols, f->gemm->n - fold / f->of_k * cols);
}

static uint64_t fold_address(const struct folds *f, uint32_t fold) {
  return f->weights + (uint64_t)fold * f->config->array_rows * f->config->array_cols;
}

static enum sa_status check_fits(const struct folds *f, struct sa_error *error) {
  const struct sa_config *config = f->config;
  const uint64_t bytes = (uint64_t)f->gemm->m * f->gemm->k, sums = (uint64_t)f->gemm->m * f->of_n;
  if (bytes > config->buffer_bytes)
    return sa_fail(error, SA_ERR_LIMIT, "the ifmap has %" PRIu64 " bytes; unified_buffer.size is %" PRIu64, bytes,
                   config->buffer_bytes);
  if (sums > config->accumulator_rows)
    return sa_fail(error, SA_ERR_LIMIT, "the results take %" PRIu64 " accumulator rows; accumulator.rows is %" PRIu32,
                   sums, config->accumulator_rows);
  return SA_OK;
}

static enum sa_status write_operands(const struct folds *f, struct sa_memory *memory, struct sa_error *error) {
  const struct sa_small_gemm *gemm = f->gemm;
  enum sa_status status = sa_memory_write(memory, 0, gemm->ifmap, (size_t)gemm->m * gemm->k, error);
  for (uint32_t fold = 0; fold < f->of_k * f->of_n && !status; fold++) {
    const uint32_t k = fold_k(f, fold), n = fold_n(f, fold);
    const int8_t *from = gemm->filter + (size_t)(fold % f->of_k) * f->config->array_rows * gemm->n +
                         (size_t)(fold / f->of_k) * f->config->array_cols;
    for (uint32_t r = 0; r < k && !status; r++)
      status = sa_memory_write(memory, fold_address(f, fold) + (uint64_t)r * n, from + (size_t)r * gemm->n, n, error);
  }
  return status;
}

static enum sa_status add_load(const struct folds *f, struct sa_block *block, struct sa_error *error) {
  struct sa_instr load = {.opcode = SA_OP_LOAD, .tensor_class = SA_CLASS_IFMAP, .give_done = 1u << SA_MATMUL};
  load.u.mem.bytes = f->gemm->m * f->gemm->k;
  load.u.mem.n0 = load.u.mem.n1 = 1;
  return sa_block_append(block, &load, 0, error);
}

static enum sa_status add_wload(const struct folds *f, uint32_t fold, struct sa_block *block, struct sa_error *error) {
  struct sa_instr wload = {.opcode = SA_OP_WLOAD, .tensor_class = SA_CLASS_WEIGHTS};
  wload.u.wload.dram_addr = fold_address(f, fold);
  wload.u.wload.k_used = (uint16_t)fold_k(f, fold);
  wload.u.wload.n_used = (uint16_t)fold_n(f, fold);
  return sa_block_append(block, &wload, 0, error);
}

static enum sa_status add_matmul(const struct folds *f, uint32_t fold, struct sa_block *block,
                                 struct sa_error *error) {
  struct sa_instr matmul = {.opcode = SA_OP_MATMUL, .flags = SA_F_NEXT_TILE};
  if (fold % f->of_k) matmul.flags |= SA_F_ACCUMULATE;
  if (fold == 0) matmul.take[SA_EV_LOAD] = 1;
  matmul.u.matmul.ub_addr = fold % f->of_k * f->config->array_rows;
  matmul.u.matmul.n0 = (uint16_t)f->gemm->m;
  matmul.u.matmul.n1 = matmul.u.matmul.n2 = 1;
  matmul.u.matmul.k_used = (uint16_t)fold_k(f, fold);
  matmul.u.matmul.stride0 = (int32_t)f->gemm->k;
  matmul.u.matmul.acc_row = (uint16_t)(fold / f->of_k * f->gemm->m);
  return sa_block_append(block, &matmul, 0, error);
}

enum sa_status sa_small_gemm_program(const struct sa_config *config, const struct sa_small_gemm *gemm,
                                     struct sa_memory *memory, struct sa_program *program, struct sa_error *error) {
  struct folds f = {.config = config, .gemm = gemm};
  f.of_k = (gemm->k + config->array_rows - 1) / config->array_rows;
  f.of_n = (gemm->n + config->array_cols - 1) / config->array_cols;
  f.weights = ((uint64_t)gemm->m * gemm->k + 4095) / 4096 * 4096;
  enum sa_status status = check_fits(&f, error);
  uint32_t number;
  if (!status) status = write_operands(&f, memory, error);
  if (!status) status = sa_program_add_block(program, &number, error);
  if (status) return status;
  struct sa_block *block = &program->blocks[number];
  const uint32_t folds = f.of_k * f.of_n;
  status = add_load(&f, block, error);
  /* weights run ahead as far as the FIFO has slots */
  for (uint32_t fetched = 0, done = 0; done < folds && !status;) {
    if (fetched < folds && fetched - done < config->weight_fifo_tiles)
      status = add_wload(&f, fetched++, block, error);
    else
      status = add_matmul(&f, done++, block, error);
  }
  const struct sa_call call = {.block = number};
  return status ? status : sa_program_add_call(program, &call, error);
}
