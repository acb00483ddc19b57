/* The bank rule of docs/machine.md section 4: instructions of different units that overlap in time do
 * not use one bank of the unified buffer in the same direction.
 *
 * Units are simulated ahead of each other, so uses are noted per unit and compared from time to time.
 * As a rule the units use different banks for a while, and comparing the lists' banks is enough. */
#include <inttypes.h>

#include "base/vec.h"
#include "engine/fast.h"
#include "program/access.h"

static const char *const unit_names[SA_UNITS] = {"LOAD", "STORE", "WLOAD", "MATMUL", "VECTOR"};

static void add_use(struct fast *f, enum fast_direction direction, enum sa_unit unit,
                    const struct fast_use *use) {
  struct fast_uses *uses = &f->uses[direction][unit];
  if (uses->count == uses->capacity) {
    struct fast_use *items =
        sa_vec_grow(uses->items, &uses->capacity, uses->count + 1, sizeof *items);
    if (!items) {
      fast_out_of_memory(f);
      return;
    }
    uses->items = items;
  }
  uses->items[uses->count++] = *use;
  uses->banks |= use->banks;
  f->records++;
}

/* Banks of the bytes low..high, with the levels from `level` on still to be walked around them.
 * Strides of at most a bank leave no bank out; each step of a larger one is looked at by itself. */
static uint64_t banks_of(struct fast *f, const struct fast_entry *entry,
                         const struct sa_access *access, unsigned level, int64_t low,
                         int64_t high) {
  const int64_t bank_bytes = (int64_t)f->config->bank_bytes;
  for (; level < SA_ACCESS_LEVELS; level++) {
    const int64_t n = access->count[level], s = access->stride[level];
    if (n == 1) continue;
    if (s > bank_bytes || s < -bank_bytes) {
      uint64_t banks = 0;
      for (int64_t i = 0; i < n && f->status == SA_OK; i++)
        banks |= banks_of(f, entry, access, level + 1, low + i * s, high + i * s);
      return banks;
    }
    *(s < 0 ? &low : &high) += (n - 1) * s;
  }
  if (low < access->limit_first || high >= access->limit_end) {
    f->status = sa_fail(f->error, SA_ERR_ILLEGAL,
                        "instruction %" PRIu64 " (%s): %s reaches bytes %" PRId64 " to %" PRId64
                        " of a buffer of %" PRIu64,
                        f->skipped + entry->index, unit_names[sa_instr_unit(entry->instr->opcode)],
                        access->operand, low, high, f->config->buffer_bytes);
    return 0;
  }
  const uint64_t first = (uint64_t)low >> f->bank_shift, last = (uint64_t)high >> f->bank_shift;
  return (UINT64_MAX >> (63 - (last - first))) << first;
}

/* Banks that a MATMUL reads, without the detour of an access; 0: to be looked at more closely. */
static uint64_t matmul_banks(const struct fast *f, const struct sa_instr *instr) {
  const int32_t most = f->config->bank_bytes < INT32_MAX ? (int32_t)f->config->bank_bytes : INT32_MAX;
  const int32_t s0 = instr->u.matmul.stride0, s1 = instr->u.matmul.stride1, s2 = instr->u.matmul.stride2;
  if (s0 < 0 || s1 < 0 || s2 < 0 || s0 > most || s1 > most || s2 > most) return 0;
  const uint64_t low = instr->u.matmul.ub_addr;
  const uint64_t high = low + (uint64_t)s0 * (instr->u.matmul.n0 - 1u) + (uint64_t)s1 * (instr->u.matmul.n1 - 1u) +
                        (uint64_t)s2 * (instr->u.matmul.n2 - 1u) + instr->u.matmul.k_used - 1;
  if (high >= f->config->buffer_bytes) return 0;
  const uint64_t first = low >> f->bank_shift, last = high >> f->bank_shift;
  return (UINT64_MAX >> (63 - (last - first))) << first;
}

void fast_use_banks(struct fast *f, enum sa_unit unit, const struct fast_entry *entry,
                    uint64_t read, uint64_t end) {
  if (entry->instr->opcode == SA_OP_WLOAD) return; /* reads DRAM alone */
  if (entry->instr->opcode == SA_OP_MATMUL) {
    const uint64_t banks = matmul_banks(f, entry->instr);
    const struct fast_use use = {.from = entry->start, .to = read, .index = entry->index, .banks = banks};
    if (banks) add_use(f, FAST_READ, unit, &use);
    if (banks) return;
  }
  struct sa_access accesses[SA_MAX_ACCESSES];
  const unsigned count = sa_instr_accesses(f->config, entry->instr, f->reader.base, accesses);
  struct fast_use reads = {.from = entry->start, .to = end, .index = entry->index};
  struct fast_use writes = reads;
  for (unsigned i = 0; i < count; i++) {
    const struct sa_access *a = &accesses[i];
    if (a->space != SA_SPACE_BUFFER) continue;
    const uint64_t banks =
        banks_of(f, entry, a, 0, a->address, a->address + (int64_t)a->bytes - 1);
    if (a->writes) {
      writes.banks |= banks;
    } else {
      reads.banks |= banks;
      if (a->ends_with_read_event) reads.to = read;
    }
  }
  if (reads.banks) add_use(f, FAST_READ, unit, &reads);
  if (writes.banks) add_use(f, FAST_WRITE, unit, &writes);
}

static void report(struct fast *f, enum fast_direction direction, enum sa_unit first_unit,
                   const struct fast_use *first, enum sa_unit second_unit,
                   const struct fast_use *second) {
  f->status = sa_fail(f->error, SA_ERR_ILLEGAL,
                      "instructions %" PRIu64 " (%s) and %" PRIu64
                      " (%s) %s bank %d of the buffer at one time, cycle %" PRIu64,
                      f->skipped + first->index, unit_names[first_unit], f->skipped + second->index,
                      unit_names[second_unit], direction == FAST_READ ? "read" : "write",
                      __builtin_ctzll(first->banks & second->banks), second->from);
}

/* Looks for two uses of one bank that overlap, one of each unit. Both lists ascend in time. */
static void compare(struct fast *f, enum fast_direction direction, enum sa_unit a, enum sa_unit b) {
  const struct fast_uses *one = &f->uses[direction][a], *two = &f->uses[direction][b];
  size_t behind = 0; /* uses of `two` that end before one->items[i] begins */
  for (size_t i = 0; i < one->count; i++) {
    const struct fast_use *x = &one->items[i];
    if (!(x->banks & two->banks)) continue;
    while (behind < two->count && two->items[behind].to < x->from) behind++;
    for (size_t j = behind; j < two->count && two->items[j].from <= x->to; j++) {
      const struct fast_use *y = &two->items[j];
      if (!(x->banks & y->banks)) continue;
      if (x->from <= y->from)
        report(f, direction, a, x, b, y);
      else
        report(f, direction, b, y, a, x);
      return;
    }
  }
}

/* Forgets the uses that end before the horizon. */
static void forget(struct fast_uses *uses, uint64_t horizon) {
  size_t ended = 0, left = 0;
  while (ended < uses->count && uses->items[ended].to < horizon) ended++;
  uses->banks = 0;
  for (size_t i = ended; i < uses->count; i++) {
    uses->banks |= uses->items[i].banks;
    uses->items[left++] = uses->items[i];
  }
  uses->count = left;
}

void fast_sweep_banks(struct fast *f, uint64_t horizon) {
  /* LOAD and STORE note their uses when they end, but have them since their start */
  for (unsigned u = 0; u <= SA_STORE; u++) {
    const struct fast_requester *rq = &f->requester[u];
    if (rq->started == rq->finished) continue;
    const uint64_t start = rq->flight[rq->finished % FAST_FLIGHTS].start;
    if (start < horizon) horizon = start;
  }
  for (unsigned d = 0; d < FAST_DIRECTIONS; d++) {
    for (unsigned a = 0; a < SA_UNITS; a++)
      for (unsigned b = a + 1; b < SA_UNITS && f->status == SA_OK; b++)
        if (f->uses[d][a].banks & f->uses[d][b].banks) compare(f, d, a, b);
    for (unsigned u = 0; u < SA_UNITS; u++) forget(&f->uses[d][u], horizon);
  }
}
