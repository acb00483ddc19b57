/* SCALE-Sim's closed form: see closed_form.h. */
#include "import/closed_form.h"

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>

const char *sa_dataflow_name(enum sa_dataflow dataflow) {
  static const char *const names[SA_DATAFLOWS] = {"ws", "is", "os"};
  assert(dataflow < SA_DATAFLOWS);
  return names[dataflow];
}

static uint64_t ceil_div(uint64_t a, uint64_t b) { return a / b + (a % b != 0); }

/* a * b * c into *product; false if it leaves 64 bits. */
static bool product3(uint64_t a, uint64_t b, uint64_t c, uint64_t *product) {
  return !__builtin_mul_overflow(a, b, product) && !__builtin_mul_overflow(*product, c, product);
}

enum sa_status sa_closed_form(enum sa_dataflow dataflow, uint32_t rows, uint32_t cols, uint64_t m,
                              uint64_t k, uint64_t n, uint64_t count, struct sa_closed_form *form,
                              struct sa_error *error) {
  assert(rows && cols && m && k && n && count && dataflow < SA_DATAFLOWS);
  /* what lies on the rows and on the columns, what streams, and how often the rows are paid for:
   * WS and IS shift the stationary operand in and let partial sums run out, OS only skews */
  uint64_t on_rows = k, on_cols = n, streamed = m, row_passes = 2;
  if (dataflow == SA_DATAFLOW_IS) {
    on_cols = m;
    streamed = n;
  } else if (dataflow == SA_DATAFLOW_OS) {
    on_rows = m;
    streamed = k;
    row_passes = 1;
  }
  struct sa_closed_form f;
  const uint64_t fixed = row_passes * rows + cols - 2; /* at least 0: rows and cols are at least 1 */
  uint64_t paper_fold;
  if (__builtin_mul_overflow(ceil_div(on_rows, rows), ceil_div(on_cols, cols), &f.folds) ||
      __builtin_add_overflow(fixed, streamed, &f.fold_cycles) ||
      __builtin_add_overflow(2 * (uint64_t)rows + cols - 2, streamed, &paper_fold) ||
      !product3(f.folds, f.fold_cycles, count, &f.cycles) ||
      !product3(f.folds, paper_fold, count, &f.paper_cycles))
    return sa_fail(error, SA_ERR_LIMIT,
                   "the closed form of %" PRIu64 " GEMM(s) of M = %" PRIu64 ", K = %" PRIu64
                   ", N = %" PRIu64 " leaves 64 bits", count, m, k, n);
  f.tool_cycles = f.cycles - count;
  *form = f;
  return SA_OK;
}
