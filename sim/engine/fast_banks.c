/* The bank rule of docs/machine.md section 4: instructions of different units that overlap in time do
 * not use one bank of the unified buffer in the same direction.
 *
 * Units are simulated ahead of each other, so uses are written down per unit, each list ascending in
 * time, and merged in order of time once everything before some horizon is known. */
#include "base/vec.h"
#include "engine/fast.h"
#include "program/access.h"

static const char *const unit_names[SA_UNITS] = {"LOAD", "STORE", "WLOAD", "MATMUL", "VECTOR"};

static void add_use(struct fast *f, enum fast_direction direction, enum sa_unit unit,
                    const struct fast_use *use) {
  struct fast_uses *uses = &f->uses[direction][unit];
  struct fast_use *items =
      sa_vec_grow(uses->items, &uses->capacity, uses->count + 1, sizeof *items);
  if (!items) {
    fast_out_of_memory(f);
    return;
  }
  uses->items = items;
  items[uses->count++] = *use;
  f->records++;
}

/* The bytes low..high, with the levels from `level` on still to be walked around them. Strides of
 * at most a bank leave no bank out; each step of a larger one is looked at by itself. */
static void use_range(struct fast *f, enum sa_unit unit, const struct sa_access *access,
                      unsigned level, int64_t low, int64_t high, struct fast_use *use) {
  const int64_t bank_bytes = (int64_t)f->config->bank_bytes;
  for (; level < SA_ACCESS_LEVELS; level++) {
    const int64_t n = access->count[level], s = access->stride[level];
    if (n > 1 && (s > bank_bytes || s < -bank_bytes)) {
      for (int64_t i = 0; i < n && f->status == SA_OK; i++)
        use_range(f, unit, access, level + 1, low + i * s, high + i * s, use);
      return;
    }
    if (s < 0)
      low += (n - 1) * s;
    else
      high += (n - 1) * s;
  }
  if (low < access->limit_first || high >= access->limit_end) {
    f->status = sa_fail(f->error, SA_ERR_ILLEGAL,
                        "instruction %llu (%s): %s reaches bytes %lld to %lld of a buffer of %llu",
                        (unsigned long long)use->index, unit_names[unit], access->operand,
                        (long long)low, (long long)high,
                        (unsigned long long)f->config->buffer_bytes);
    return;
  }
  use->first = (uint32_t)(low >> f->bank_shift);
  use->last = (uint32_t)(high >> f->bank_shift);
  add_use(f, access->writes ? FAST_WRITE : FAST_READ, unit, use);
}

void fast_use_banks(struct fast *f, enum sa_unit unit, const struct fast_entry *entry,
                    uint64_t read, uint64_t end) {
  struct sa_access accesses[SA_MAX_ACCESSES];
  const unsigned count = sa_instr_accesses(f->config, entry->instr, f->reader.base, accesses);
  for (unsigned i = 0; i < count; i++) {
    const struct sa_access *a = &accesses[i];
    if (a->space != SA_SPACE_BUFFER) continue;
    struct fast_use use = {.from = entry->start, .to = a->ends_with_read_event ? read : end,
                           .index = entry->index};
    use_range(f, unit, a, 0, a->address, a->address + (int64_t)a->bytes - 1, &use);
  }
}

static void check_use(struct fast *f, enum fast_direction direction, enum sa_unit unit,
                      const struct fast_use *use) {
  for (uint32_t b = use->first; b <= use->last; b++) {
    struct fast_bank *bank = &f->banks[direction][b];
    for (unsigned other = 0; other < SA_UNITS; other++) {
      if (other == (unsigned)unit || bank->user[other].after <= use->from) continue;
      f->status = sa_fail(
          f->error, SA_ERR_ILLEGAL,
          "instructions %llu (%s) and %llu (%s) %s bank %u of the buffer at one time, cycle %llu",
          (unsigned long long)bank->user[other].index, unit_names[other],
          (unsigned long long)use->index, unit_names[unit],
          direction == FAST_READ ? "read" : "write", b, (unsigned long long)use->from);
      return;
    }
    bank->user[unit].after = use->to + 1;
    bank->user[unit].index = use->index;
  }
}

static void sweep_direction(struct fast *f, enum fast_direction direction, uint64_t horizon) {
  struct fast_uses *uses = f->uses[direction];
  while (f->status == SA_OK) {
    unsigned first = SA_UNITS;
    uint64_t from = horizon;
    for (unsigned u = 0; u < SA_UNITS; u++) {
      if (uses[u].done == uses[u].count || uses[u].items[uses[u].done].from >= from) continue;
      first = u;
      from = uses[u].items[uses[u].done].from;
    }
    if (first == SA_UNITS) break;
    check_use(f, direction, first, &uses[first].items[uses[first].done++]);
  }
  for (unsigned u = 0; u < SA_UNITS; u++) {
    for (size_t i = uses[u].done; i < uses[u].count; i++)
      uses[u].items[i - uses[u].done] = uses[u].items[i];
    uses[u].count -= uses[u].done;
    uses[u].done = 0;
  }
}

void fast_sweep_banks(struct fast *f, uint64_t horizon) {
  /* LOAD and STORE note their use when they end, which is behind the horizon as long as they have
   * bursts to be granted: a use swept before is in order with theirs, or began after their start
   * and overlaps it, which is found from either side. */
  for (unsigned d = 0; d < FAST_DIRECTIONS; d++) sweep_direction(f, d, horizon);
}
