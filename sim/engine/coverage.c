/* Coverage of a series of runs; see coverage.h. Classes are numbered: rows of coverage.def,
 * operations, flags, token pairs. */
#include "engine/coverage.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "program/access.h"
#include "program/isa_table.h"
#include "program/order.h"

/* What a program is like, as far as its text says. */
struct facts {
  bool straddles, unaligned, chunks, repeated, bases, wraps;
  unsigned acc_banks; /* mask */
  unsigned folds;     /* most MATMULs in a row that add into the same rows, the first included */
};

static const char *const names[] = {
#define SA_COVER(name, condition) name,
#include "engine/coverage.def"
#undef SA_COVER
};

enum { CLASSES = sizeof names / sizeof names[0] };

static bool is_flag(const struct sa_field_row *field) {
  return field->word == 0 && field->bit >= 8 && field->bit < 16;
}

/* Pairs of an operation and one of its flags, in the order of the table. */
enum { FLAG_PAIRS_MAX = 48 };
struct flag_pairs {
  size_t count;
  struct flag_pair { size_t op; const struct sa_field_row *flag; } pairs[FLAG_PAIRS_MAX];
};

static struct flag_pairs all_flag_pairs(void) {
  struct flag_pairs all = {.count = 0};
  size_t count;
  const struct sa_field_row *fields = sa_isa_fields(&count);
  for (size_t op = 0; op < SA_OPS; op++)
    for (size_t i = 0; i < count; i++)
      if (is_flag(&fields[i]) && fields[i].ops >> op & 1) {
        assert(all.count < FLAG_PAIRS_MAX);
        all.pairs[all.count++] = (struct flag_pair){op, &fields[i]};
      }
  return all;
}

/* The k-th pair of a stream and a taker that is not its own unit. */
static void token_pair(size_t k, enum sa_stream *stream, enum sa_unit *taker) {
  const size_t others = SA_UNITS - 1, skip = k % others;
  *stream = (enum sa_stream)(k / others);
  const enum sa_unit own = sa_stream_unit(*stream);
  *taker = (enum sa_unit)(skip < own ? skip : skip + 1);
}

enum { TOKEN_PAIRS = SA_STREAMS * (SA_UNITS - 1) };

size_t sa_coverage_classes(void) {
  const size_t count = CLASSES + SA_OPS + all_flag_pairs().count + TOKEN_PAIRS;
  assert(count <= SA_COVERAGE_MAX);
  return count;
}

const char *sa_coverage_name(size_t index, char name[SA_COVERAGE_NAME]) {
  static const char *const units[SA_UNITS] = {"LOAD", "STORE", "WLOAD", "MATMUL", "VECTOR"};
  static const char *const streams[SA_STREAMS] = {"LOAD",        "STORE",       "WLOAD",
                                                  "MATMUL_READ", "MATMUL_DONE", "VECTOR_READ",
                                                  "VECTOR_DONE"};
  const struct flag_pairs flags = all_flag_pairs();
  if (index < CLASSES) {
    snprintf(name, SA_COVERAGE_NAME, "%s", names[index]);
  } else if (index < CLASSES + SA_OPS) {
    snprintf(name, SA_COVERAGE_NAME, "op %s", sa_isa_op(index - CLASSES)->name);
  } else if (index < CLASSES + SA_OPS + flags.count) {
    const struct flag_pair *pair = &flags.pairs[index - CLASSES - SA_OPS];
    snprintf(name, SA_COVERAGE_NAME, "flag %s.%s", sa_isa_op(pair->op)->name, pair->flag->name);
  } else {
    enum sa_stream stream;
    enum sa_unit taker;
    token_pair(index - CLASSES - SA_OPS - flags.count, &stream, &taker);
    snprintf(name, SA_COVERAGE_NAME, "token %s to %s", streams[stream], units[taker]);
  }
  return name;
}

void sa_coverage_init(struct sa_coverage *coverage) { memset(coverage, 0, sizeof *coverage); }

size_t sa_coverage_missing(const struct sa_coverage *coverage) {
  const size_t classes = sa_coverage_classes();
  size_t missing = 0;
  for (size_t i = 0; i < classes; i++) missing += coverage->hits[i] == 0;
  return missing;
}

void sa_coverage_write(const struct sa_coverage *coverage, FILE *out) {
  const size_t classes = sa_coverage_classes();
  char name[SA_COVERAGE_NAME];
  fprintf(out, "Coverage: runs with each class, of %" PRIu64 "\n", coverage->runs);
  for (size_t i = 0; i < classes; i++)
    fprintf(out, "  %-46s %8" PRIu64 "%s\n", sa_coverage_name(i, name), coverage->hits[i],
            coverage->hits[i] ? "" : "  MISSING");
}

/* ---- One program ---- */

static void note_operands(struct facts *facts, const struct sa_config *config,
                          const struct sa_instr *instr, const uint64_t base[SA_BASE_REGS]) {
  struct sa_access access[SA_MAX_ACCESSES];
  const unsigned count = sa_instr_accesses(config, instr, base, access);
  for (unsigned i = 0; i < count; i++) {
    const uint64_t first = (uint64_t)access[i].address, last = first + access[i].bytes - 1;
    if (access[i].space == SA_SPACE_BUFFER)
      facts->straddles |= first / config->bank_bytes != last / config->bank_bytes;
    if (access[i].space != SA_SPACE_DRAM) continue;
    const enum sa_unit unit = sa_instr_unit(instr->opcode);
    const uint64_t burst = config->port[sa_config_port_of(config, unit)].burst_bytes;
    facts->unaligned |= first % burst || (last + 1) % burst;
    const uint64_t offset = unit == SA_WLOAD ? instr->u.wload.dram_addr : instr->u.mem.dram_addr;
    facts->wraps |= first < offset;
  }
}

struct fold_run { uint16_t row; uint8_t bank; unsigned folds; };

static void note_matmul(struct facts *facts, struct fold_run *run, const struct sa_instr *instr) {
  const bool adds = instr->flags & SA_F_ACCUMULATE;
  const bool same = run->row == instr->u.matmul.acc_row && run->bank == instr->u.matmul.acc_bank;
  run->folds = adds && same ? run->folds + 1 : 1;
  run->row = instr->u.matmul.acc_row;
  run->bank = instr->u.matmul.acc_bank;
  if (run->folds > facts->folds) facts->folds = run->folds;
  facts->acc_banks |= 1u << instr->u.matmul.acc_bank;
}

/* Marks the classes of operations, flags and tokens that an instruction is in. */
static void mark_instr(bool seen[SA_COVERAGE_MAX], const struct flag_pairs *flags,
                       const struct sa_instr *instr) {
  const enum sa_op_index op = sa_isa_find(instr->opcode);
  seen[CLASSES + op] = true;
  for (size_t k = 0; k < flags->count; k++) {
    const struct sa_field_row *flag = flags->pairs[k].flag;
    if (flags->pairs[k].op == op && instr->flags >> flag->part & ((1u << flag->width) - 1))
      seen[CLASSES + SA_OPS + k] = true;
  }
  for (size_t k = 0; k < TOKEN_PAIRS; k++) {
    enum sa_stream stream;
    enum sa_unit taker;
    token_pair(k, &stream, &taker);
    if (sa_instr_unit(instr->opcode) == taker && instr->take[stream])
      seen[CLASSES + SA_OPS + flags->count + k] = true;
  }
}

static struct facts look_at(const struct sa_config *config, const struct sa_program *program,
                            bool seen[SA_COVERAGE_MAX]) {
  const struct flag_pairs flags = all_flag_pairs();
  struct facts facts = {.folds = 0};
  struct fold_run run = {0, 0, 0};
  struct sa_stream_reader reader;
  const struct sa_instr *instr;
  uint32_t layer;
  uint64_t base[SA_BASE_REGS] = {0};
  sa_stream_open(&reader, program);
  while ((instr = sa_stream_next(&reader, &layer))) {
    mark_instr(seen, &flags, instr);
    if (instr->opcode == SA_OP_BASE) {
      base[instr->u.base.reg] = instr->u.base.value;
      facts.bases = true;
    }
    note_operands(&facts, config, instr, base);
    if (instr->opcode == SA_OP_MATMUL) note_matmul(&facts, &run, instr);
    if (instr->opcode >= SA_OP_VACC && instr->opcode != SA_OP_VTABLE)
      facts.chunks |= instr->u.vec.n > config->vector_lanes;
  }
  for (size_t i = 1; i < program->call_count; i++)
    facts.repeated |= program->calls[i].block == program->calls[i - 1].block;
  return facts;
}

void sa_coverage_add(struct sa_coverage *coverage, const struct sa_config *config,
                     const struct sa_program *program, const struct sa_counters *counters) {
  const struct sa_config *c = config;
  const struct sa_counters *k = counters;
  bool seen[SA_COVERAGE_MAX] = {false};
  const struct facts facts = look_at(config, program, seen), *f = &facts;
  size_t i = 0;
#define SA_COVER(name, condition) seen[i++] = (condition) != 0;
#include "engine/coverage.def"
#undef SA_COVER
  const size_t classes = sa_coverage_classes();
  for (i = 0; i < classes; i++) coverage->hits[i] += seen[i];
  coverage->runs++;
}
