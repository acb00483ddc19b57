/* Operands of instructions as affine rows; docs/machine.md sections 4 and 8. */
#include "program/access.h"

#include <assert.h>
#include <inttypes.h>

#include "program/isa_table.h"

#define DRAM_BYTES (INT64_C(1) << 48)

static struct sa_access plain_row(enum sa_space space, const char *operand, int64_t address,
                                  uint64_t bytes) {
  return (struct sa_access){.space = space,
                            .operand = operand,
                            .address = address,
                            .bytes = bytes,
                            .count = {1, 1, 1, 1},
                            .passes = 1};
}

static struct sa_access buffer_rows(const struct sa_config *config, const char *operand,
                                    uint32_t address, uint64_t bytes) {
  struct sa_access a = plain_row(SA_SPACE_BUFFER, operand, address, bytes);
  a.limit_end = (int64_t)config->buffer_bytes;
  return a;
}

static struct sa_access dram_rows(const char *operand, uint64_t base, uint64_t address,
                                  uint64_t bytes) {
  const uint64_t sum = (base + address) & (uint64_t)(DRAM_BYTES - 1);
  struct sa_access a = plain_row(SA_SPACE_DRAM, operand, (int64_t)sum, bytes);
  a.limit_end = DRAM_BYTES;
  return a;
}

static struct sa_access acc_rows(const struct sa_config *config, const char *operand,
                                 uint32_t bank, uint32_t row, uint64_t rows) {
  const int64_t bank_rows = config->accumulator_rows;
  struct sa_access a = plain_row(SA_SPACE_ACC, operand, bank * bank_rows + row, rows);
  a.limit_first = bank * bank_rows;
  a.limit_end = (bank + 1) * bank_rows;
  return a;
}

static void set_level(struct sa_access *a, unsigned level, uint32_t count, int64_t stride) {
  a->count[level] = count;
  a->stride[level] = stride;
}

static unsigned mem_accesses(const struct sa_config *config, const struct sa_instr *instr,
                             const uint64_t base[SA_BASE_REGS], struct sa_access *out) {
  unsigned n = 0;
  struct sa_access buffer = buffer_rows(config, "ub_addr", instr->u.mem.ub_addr, instr->u.mem.bytes);
  set_level(&buffer, 0, instr->u.mem.n0, instr->u.mem.ub_pitch0);
  set_level(&buffer, 1, instr->u.mem.n1, instr->u.mem.ub_pitch1);
  const bool to_dram = instr->opcode == SA_OP_STORE;
  buffer.reads = to_dram;
  buffer.writes = !to_dram;
  if (instr->opcode != SA_OP_FILL) {
    struct sa_access dram = dram_rows("dram_addr", base[instr->u.mem.base_reg],
                                      instr->u.mem.dram_addr, instr->u.mem.bytes);
    set_level(&dram, 0, instr->u.mem.n0, instr->u.mem.dram_pitch0);
    set_level(&dram, 1, instr->u.mem.n1, instr->u.mem.dram_pitch1);
    dram.reads = !to_dram;
    dram.writes = to_dram;
    out[n++] = dram;
  }
  out[n++] = buffer;
  return n;
}

static unsigned wload_accesses(const struct sa_config *config, const struct sa_instr *instr,
                               const uint64_t base[SA_BASE_REGS], struct sa_access *out) {
  const uint32_t k = instr->u.wload.k_used, n = instr->u.wload.n_used;
  const bool diagonal = instr->flags & SA_F_DIAGONAL;
  if (instr->opcode == SA_OP_WLOAD) {
    const uint64_t bytes = diagonal ? k : (uint64_t)k * n;
    out[0] = dram_rows("dram_addr", base[instr->u.wload.base_reg], instr->u.wload.dram_addr, bytes);
  } else {
    const bool transposed = instr->flags & SA_F_TRANSPOSED;
    out[0] = buffer_rows(config, "ub_addr", instr->u.wload.ub_addr, diagonal || transposed ? k : n);
    set_level(&out[0], 0, diagonal ? 1 : transposed ? n : k, instr->u.wload.ub_pitch);
  }
  out[0].reads = true;
  return 1;
}

static unsigned matmul_accesses(const struct sa_config *config, const struct sa_instr *instr,
                                struct sa_access *out) {
  out[0] = buffer_rows(config, "ub_addr", instr->u.matmul.ub_addr, instr->u.matmul.k_used);
  out[0].reads = out[0].ends_with_read_event = true;
  set_level(&out[0], 0, instr->u.matmul.n0, instr->u.matmul.stride0);
  set_level(&out[0], 1, instr->u.matmul.n1, instr->u.matmul.stride1);
  set_level(&out[0], 2, instr->u.matmul.n2, instr->u.matmul.stride2);
  const uint64_t rows = (uint64_t)instr->u.matmul.n0 * instr->u.matmul.n1 * instr->u.matmul.n2;
  out[1] = acc_rows(config, "acc_row", instr->u.matmul.acc_bank, instr->u.matmul.acc_row, rows);
  out[1].writes = true;
  out[1].reads = instr->flags & SA_F_ACCUMULATE;
  return 2;
}

/* An operand of VECTOR with the outputs' two levels. */
static struct sa_access vector_rows(const struct sa_config *config, const struct sa_instr *instr,
                                    const char *operand, uint32_t address, int32_t s0, int32_t s1) {
  struct sa_access a = buffer_rows(config, operand, address, instr->u.vec.n);
  set_level(&a, 0, instr->u.vec.n0, s0);
  set_level(&a, 1, instr->u.vec.n1, s1);
  a.reads = a.ends_with_read_event = true;
  return a;
}

static unsigned vector_accesses(const struct sa_config *config, const struct sa_instr *instr,
                                struct sa_access *out) {
  if (instr->opcode == SA_OP_VTABLE) {
    out[0] = buffer_rows(config, "a", instr->u.vec.a, 256);
    out[0].reads = out[0].ends_with_read_event = true;
    return 1;
  }
  unsigned n = 0;
  if (instr->opcode == SA_OP_VACC) {
    struct sa_access acc =
        acc_rows(config, "acc_row", instr->u.vec.a >> 16 & 1, instr->u.vec.a & 0xffff, 1);
    set_level(&acc, 0, instr->u.vec.n0, instr->u.vec.a_s0);
    set_level(&acc, 1, instr->u.vec.n1, instr->u.vec.a_s1);
    acc.reads = acc.ends_with_read_event = true;
    out[n++] = acc;
    if (instr->flags & SA_F_PARAMS) {
      out[n] = buffer_rows(config, "param", instr->u.vec.w14, 8 * (uint64_t)instr->u.vec.n);
      out[n].reads = out[n].ends_with_read_event = true;
      n++;
    }
  } else {
    out[n] = vector_rows(config, instr, "a", instr->u.vec.a, instr->u.vec.a_s0, instr->u.vec.a_s1);
    if (instr->opcode == SA_OP_VMAX || instr->opcode == SA_OP_VAVG) {
      set_level(&out[n], 2, instr->u.vec.tap_x, instr->u.vec.b_s0);
      set_level(&out[n], 3, instr->u.vec.tap_y, instr->u.vec.b_s1);
    }
    if (instr->opcode == SA_OP_VSOFTMAX) out[n].passes = 3;
    if (instr->opcode == SA_OP_VNORM) out[n].passes = 2;
    n++;
  }
  if (instr->opcode == SA_OP_VADD || instr->opcode == SA_OP_VMUL ||
      (instr->opcode == SA_OP_VACC && (instr->flags & SA_F_RESIDUAL)))
    out[n++] = vector_rows(config, instr, "b", instr->u.vec.b, instr->u.vec.b_s0, instr->u.vec.b_s1);
  if (instr->opcode == SA_OP_VNORM) {
    out[n] = buffer_rows(config, "b", instr->u.vec.b, instr->u.vec.n);
    set_level(&out[n], 0, instr->flags & SA_F_RMS ? 1 : 2, instr->u.vec.b_s0);
    out[n].reads = out[n].ends_with_read_event = true;
    n++;
  }
  out[n] = vector_rows(config, instr, "d", instr->u.vec.d, instr->u.vec.d_s0, instr->u.vec.d_s1);
  out[n].reads = out[n].ends_with_read_event = false;
  out[n++].writes = true;
  return n;
}

unsigned sa_instr_accesses(const struct sa_config *config, const struct sa_instr *instr,
                           const uint64_t base[SA_BASE_REGS],
                           struct sa_access accesses[SA_MAX_ACCESSES]) {
  switch ((enum sa_opcode)instr->opcode) {
    case SA_OP_END: case SA_OP_BASE: case SA_OP_LOAD_SYNC: case SA_OP_STORE_SYNC:
    case SA_OP_WLOAD_SYNC: case SA_OP_MATMUL_SYNC: case SA_OP_VECTOR_SYNC:
      return 0;
    case SA_OP_LOAD: case SA_OP_STORE: case SA_OP_FILL:
      return mem_accesses(config, instr, base, accesses);
    case SA_OP_WLOAD: case SA_OP_WLOAD_UB:
      return wload_accesses(config, instr, base, accesses);
    case SA_OP_MATMUL:
      return matmul_accesses(config, instr, accesses);
    default:
      return vector_accesses(config, instr, accesses);
  }
}

void sa_access_bounds(const struct sa_access *access, int64_t *first, int64_t *end) {
  *first = access->address;
  *end = access->address + (int64_t)access->bytes;
  for (int level = 0; level < SA_ACCESS_LEVELS; level++) {
    const int64_t span = (int64_t)(access->count[level] - 1) * access->stride[level];
    *(span < 0 ? first : end) += span;
  }
}

uint64_t sa_access_total(const struct sa_access *access) {
  uint64_t total = access->bytes * access->passes;
  for (int level = 0; level < SA_ACCESS_LEVELS; level++) total *= access->count[level];
  return total;
}

static uint64_t banks_between(const struct sa_config *config, int64_t first, int64_t last) {
  const uint64_t low = (uint64_t)first / config->bank_bytes;
  const uint64_t high = (uint64_t)last / config->bank_bytes;
  assert(high < 64);
  return (UINT64_MAX >> (63 - (high - low))) << low;
}

uint64_t sa_access_banks(const struct sa_config *config, const struct sa_access *access) {
  int64_t first, end;
  sa_access_bounds(access, &first, &end);
  uint64_t banks = banks_between(config, first, end - 1);
  if (!(banks & (banks - 1))) return banks; /* all in one */
  banks = 0;
  for (struct sa_row_walk row = sa_access_rows(access); !row.done; sa_row_next(&row))
    banks |= banks_between(config, row.address, row.address + (int64_t)access->bytes - 1);
  return banks;
}

static enum sa_status check_access(const char *name, const struct sa_access *access,
                                   struct sa_error *error) {
  static const char *const memories[] = {"DRAM (48 bits)", "the unified buffer",
                                         "the accumulator bank"};
  int64_t first, end;
  sa_access_bounds(access, &first, &end);
  if (first >= access->limit_first && end <= access->limit_end) return SA_OK;
  return sa_fail(error, SA_ERR_ILLEGAL,
                 "%s.%s reaches from %" PRId64 " to %" PRId64 "; %s holds %" PRId64 " to %" PRId64,
                 name, access->operand, first - access->limit_first, end - 1 - access->limit_first,
                 memories[access->space], INT64_C(0), access->limit_end - 1 - access->limit_first);
}

static enum sa_status check_limit(const char *name, const char *field, uint64_t value,
                                  uint64_t limit, const char *what, struct sa_error *error) {
  if (value <= limit) return SA_OK;
  return sa_fail(error, SA_ERR_ILLEGAL, "%s.%s is %" PRIu64 "; %s is %" PRIu64, name, field, value,
                 what, limit);
}

enum sa_status sa_instr_check(const struct sa_config *config, const struct sa_instr *instr,
                              const uint64_t base[SA_BASE_REGS], struct sa_error *error) {
  const enum sa_op_index op = sa_isa_find(instr->opcode);
  assert(op != SA_OPS);
  const char *name = sa_isa_op(op)->name;
  enum sa_status status = SA_OK;
  if (instr->opcode == SA_OP_WLOAD || instr->opcode == SA_OP_WLOAD_UB) {
    status = check_limit(name, "k_used", instr->u.wload.k_used, config->array_rows, "array.rows", error);
    if (status == SA_OK)
      status = check_limit(name, "n_used", instr->u.wload.n_used, config->array_cols, "array.cols", error);
  } else if (instr->opcode == SA_OP_MATMUL) {
    status = check_limit(name, "k_used", instr->u.matmul.k_used, config->array_rows, "array.rows", error);
  } else if (instr->opcode == SA_OP_VACC) {
    status = check_limit(name, "n", instr->u.vec.n, config->array_cols, "array.cols", error);
  } else if (instr->opcode == SA_OP_VSOFTMAX || instr->opcode == SA_OP_VNORM) {
    status = check_limit(name, "n0 * n1", (uint64_t)instr->u.vec.n0 * instr->u.vec.n1, 256,
                         "the limit of rows", error);
  }
  struct sa_access accesses[SA_MAX_ACCESSES];
  const unsigned count = sa_instr_accesses(config, instr, base, accesses);
  for (unsigned i = 0; i < count && status == SA_OK; i++)
    status = check_access(name, &accesses[i], error);
  return status;
}

struct sa_row_walk sa_access_rows(const struct sa_access *access) {
  return (struct sa_row_walk){.access = access, .address = access->address};
}

void sa_row_next(struct sa_row_walk *walk) {
  const struct sa_access *a = walk->access;
  for (int level = 0; level < SA_ACCESS_LEVELS; level++) {
    walk->address += a->stride[level];
    if (++walk->index[level] < a->count[level]) return;
    walk->address -= a->stride[level] * (int64_t)a->count[level];
    walk->index[level] = 0;
  }
  walk->done = true;
}
