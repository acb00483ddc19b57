/* Overlap of affine rows, see overlap.h: by bounds if that decides it, else row by row against a sorted list. */
#include "program/overlap.h"

#include <stdlib.h>

struct sa_access sa_access_normal(const struct sa_access *access) {
  struct sa_access a = *access;
  for (int level = 0; level < SA_ACCESS_LEVELS; level++) {
    if (a.stride[level] < 0) { /* walk it upwards */
      a.address += a.stride[level] * (int64_t)(a.count[level] - 1);
      a.stride[level] = -a.stride[level];
    }
    if (a.count[level] > 1 && (uint64_t)a.stride[level] <= a.bytes) {
      a.bytes += (uint64_t)a.stride[level] * (a.count[level] - 1);
      a.count[level] = 1;
    }
    if (a.count[level] == 1) a.stride[level] = 0;
  }
  return a;
}

static uint64_t row_count(const struct sa_access *a) {
  uint64_t rows = 1;
  for (int level = 0; level < SA_ACCESS_LEVELS; level++) rows *= a->count[level];
  return rows;
}

static int by_address(const void *x, const void *y) {
  const int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
  return (a > b) - (a < b);
}

/* Does a row [first, end) meet one of the sorted rows of `bytes` bytes? */
static bool meets(const int64_t *starts, uint64_t count, int64_t bytes, int64_t first, int64_t end) {
  uint64_t low = 0, high = count; /* the first start behind first - bytes */
  while (low < high) {
    const uint64_t middle = low + (high - low) / 2;
    if (starts[middle] + bytes > first)
      high = middle;
    else
      low = middle + 1;
  }
  return low < count && starts[low] < end;
}

enum sa_status sa_access_overlap(const struct sa_access *access_a, const struct sa_access *access_b,
                                 bool *overlap, struct sa_error *error) {
  int64_t first_a, end_a, first_b, end_b;
  sa_access_bounds(access_a, &first_a, &end_a);
  sa_access_bounds(access_b, &first_b, &end_b);
  *overlap = false;
  if (end_a <= first_b || end_b <= first_a) return SA_OK;
  struct sa_access a = sa_access_normal(access_a), b = sa_access_normal(access_b);
  if (row_count(&a) > row_count(&b)) { /* the list is made of the fewer rows */
    const struct sa_access swap = a;
    a = b;
    b = swap;
  }
  const uint64_t rows = row_count(&a);
  int64_t *starts = malloc(rows * sizeof *starts);
  if (!starts) return sa_fail(error, SA_ERR_MEMORY, "program: out of memory for %zu rows", (size_t)rows);
  uint64_t n = 0;
  for (struct sa_row_walk row = sa_access_rows(&a); !row.done; sa_row_next(&row)) starts[n++] = row.address;
  qsort(starts, rows, sizeof *starts, by_address);
  for (struct sa_row_walk row = sa_access_rows(&b); !row.done && !*overlap; sa_row_next(&row))
    *overlap = meets(starts, rows, (int64_t)a.bytes, row.address, row.address + (int64_t)b.bytes);
  free(starts);
  return SA_OK;
}

/* Rows of an access that share an address with each other. */
static bool rows_overlap(const struct sa_access *access, bool *overlap, enum sa_status *status,
                         struct sa_error *error) {
  /* level by level: the rows below a level, as one shape, against itself one stride further */
  *overlap = false;
  for (int level = 0; level < SA_ACCESS_LEVELS && !*overlap && *status == SA_OK; level++) {
    struct sa_access shape = *access, shifted;
    for (int above = level; above < SA_ACCESS_LEVELS; above++) shape.count[above] = 1;
    shifted = shape;
    for (uint32_t i = 1; i < access->count[level] && !*overlap && *status == SA_OK; i++) {
      shifted.address += access->stride[level];
      *status = sa_access_overlap(&shape, &shifted, overlap, error);
    }
  }
  return *overlap;
}

static bool same_rows(const struct sa_access *a, const struct sa_access *b) {
  if (a->address != b->address || a->bytes != b->bytes) return false;
  for (int level = 0; level < SA_ACCESS_LEVELS; level++)
    if (a->count[level] != b->count[level] ||
        (a->count[level] > 1 && a->stride[level] != b->stride[level]))
      return false;
  return true;
}

enum sa_status sa_instr_check_in_place(const struct sa_config *config, const struct sa_instr *instr,
                                       const uint64_t base[SA_BASE_REGS], struct sa_error *error) {
  struct sa_access access[SA_MAX_ACCESSES];
  const unsigned count = sa_instr_accesses(config, instr, base, access);
  enum sa_status status = SA_OK;
  bool shared;
  if ((instr->opcode == SA_OP_VSOFTMAX || instr->opcode == SA_OP_VNORM) &&
      rows_overlap(&access[count - 1], &shared, &status, error))
    return sa_fail(error, SA_ERR_ILLEGAL,
                   "its rows of d overlap each other; those of a row reduction must be disjoint");
  for (unsigned i = 0; i + 1 < count && status == SA_OK; i++) {
    const struct sa_access *from = &access[i], *to = &access[count - 1];
    if (!to->writes || from->space != to->space) continue;
    bool overlap;
    status = sa_access_overlap(from, to, &overlap, error);
    if (status != SA_OK || !overlap) continue;
    const bool once = instr->opcode != SA_OP_VNORM || i == 0; /* its gamma serves every row */
    const bool in_place =
        once && same_rows(from, to) && !rows_overlap(to, &overlap, &status, error) && status == SA_OK;
    if (status == SA_OK && !in_place)
      status = sa_fail(error, SA_ERR_ILLEGAL,
                       "its d overlaps its own %s; the rows must be the same ones, and disjoint",
                       from->operand);
  }
  return status;
}
