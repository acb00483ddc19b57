/* Comparing the C engine with the RTL; see crosscheck.h. */
#include "cosim/crosscheck.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/exec.h"
#include "program/access.h"
#include "program/isa_table.h"

static const char *const unit_names[SA_UNITS] = {"LOAD", "STORE", "WLOAD", "MATMUL", "VECTOR"};

void sa_crosscheck_init(struct sa_crosscheck *check) {
  memset(check, 0, sizeof *check);
  sa_record_init(&check->engine);
  sa_record_init(&check->rtl);
  check->first_cycle = UINT64_MAX;
  check->first_layer = UINT32_MAX;
}

void sa_crosscheck_release(struct sa_crosscheck *check) {
  sa_record_release(&check->engine);
  sa_record_release(&check->rtl);
  sa_crosscheck_init(check);
}

/* Differences that are no events come behind all that are, in this order. */
#define CYCLE_COUNT (UINT64_MAX - 1)
#define CYCLE_NONE UINT64_MAX

/* Counts a difference and keeps its sentence if it is the earliest. */
__attribute__((format(printf, 4, 5))) static void differ(struct sa_crosscheck *check, uint64_t cycle,
                                                         uint32_t layer, const char *format, ...) {
  check->differences++;
  if (check->first[0] && cycle >= check->first_cycle) return;
  check->first_cycle = cycle;
  check->first_layer = layer;
  va_list args;
  va_start(args, format);
  vsnprintf(check->first, sizeof check->first, format, args);
  va_end(args);
}

static uint64_t min(uint64_t a, uint64_t b) { return a < b ? a : b; }

static void compare_instrs(struct sa_crosscheck *check) {
  for (int unit = 0; unit < SA_UNITS; unit++) {
    const size_t count = check->engine.instr_count[unit];
    if (count != check->rtl.instr_count[unit])
      differ(check, CYCLE_COUNT, UINT32_MAX, "%s ran %zu instructions in the engine, %zu in the RTL", unit_names[unit],
             count, check->rtl.instr_count[unit]);
    for (size_t i = 0; i < count && i < check->rtl.instr_count[unit]; i++) {
      const struct sa_record_instr *a = &check->engine.instrs[unit][i], *b = &check->rtl.instrs[unit][i];
      check->instrs++;
      if (a->start == b->start && a->end == b->end) continue;
      const uint64_t when = a->start != b->start ? min(a->start, b->start) : min(a->end, b->end);
      differ(check, when, a->layer,
             "%s instruction %zu (%s, %" PRIu64 " of the stream): engine %" PRIu64 " .. %" PRIu64
             ", RTL %" PRIu64 " .. %" PRIu64,
             unit_names[unit], i, sa_isa_op(sa_isa_find(a->opcode))->name, a->index, a->start, a->end,
             b->start, b->end);
    }
  }
}

static void compare_bursts(struct sa_crosscheck *check) {
  const struct sa_record *engine = &check->engine, *rtl = &check->rtl;
  if (engine->burst_count != rtl->burst_count)
    differ(check, CYCLE_COUNT, UINT32_MAX, "%zu bursts in the engine, %zu in the RTL", engine->burst_count,
           rtl->burst_count);
  for (size_t i = 0; i < engine->burst_count && i < rtl->burst_count; i++) {
    const struct sa_burst_event *a = &engine->bursts[i], *b = &rtl->bursts[i];
    check->bursts++;
    if (a->unit == b->unit && a->cycle == b->cycle && a->completion == b->completion &&
        a->address == b->address && a->bytes == b->bytes && a->is_write == b->is_write)
      continue;
    differ(check, min(a->cycle, b->cycle), a->layer,
           "burst %zu: engine %s %s 0x%" PRIx64 " in %" PRIu64 " .. %" PRIu64 ", RTL %s %s 0x%" PRIx64
           " in %" PRIu64 " .. %" PRIu64,
           i, unit_names[a->unit], a->is_write ? "write" : "read", a->address, a->cycle, a->completion,
           unit_names[b->unit], b->is_write ? "write" : "read", b->address, b->cycle, b->completion);
  }
}

static void compare_counters(struct sa_crosscheck *check) {
#define SA_COUNTER(field, count, unit, meaning)                                                       \
  for (int i = 0; i < (count); i++) {                                                                 \
    check->counters++;                                                                                \
    if (check->engine.counters.field[i] != check->rtl.counters.field[i])                              \
      differ(check, CYCLE_NONE, UINT32_MAX, "counter " #field "[%d]: engine %" PRIu64 ", RTL %" PRIu64, i,        \
             check->engine.counters.field[i], check->rtl.counters.field[i]);                          \
  }
#include "machine/counters.def"
#undef SA_COUNTER
}

/* Two memory images, and where what a program stored differs in them. */
struct stored {
  const struct sa_memory *expected, *got;
  uint64_t address, bytes; /* first byte that differs, by the order of STOREs; how many do */
  uint32_t layer;          /* that stored it last */
  bool found;
};

/* Looks at a row that an instruction of `layer` stored. */
static void look_at_row(struct stored *stored, uint64_t address, uint64_t bytes, uint32_t layer) {
  enum { CHUNK = 256 };
  uint8_t a[CHUNK], b[CHUNK];
  if (stored->found && stored->address - address < bytes) stored->layer = layer;
  for (uint64_t done = 0; done < bytes; done += CHUNK) {
    const uint64_t count = min(bytes - done, CHUNK);
    sa_memory_read(stored->expected, address + done, a, count);
    sa_memory_read(stored->got, address + done, b, count);
    if (memcmp(a, b, count) == 0) continue;
    for (uint64_t i = 0; i < count; i++) {
      if (a[i] == b[i]) continue;
      stored->bytes++;
      if (stored->found) continue;
      stored->found = true;
      stored->address = address + done + i;
      stored->layer = layer;
    }
  }
}

static void look_at_stores(struct stored *stored, const struct sa_config *config,
                           const struct sa_program *program) {
  uint64_t base[SA_BASE_REGS] = {0};
  uint32_t layer;
  struct sa_stream_reader reader;
  const struct sa_instr *instr;
  sa_stream_open(&reader, program);
  while ((instr = sa_stream_next(&reader, &layer))) {
    if (instr->opcode == SA_OP_BASE) base[instr->u.base.reg] = instr->u.base.value;
    if (instr->opcode != SA_OP_STORE) continue;
    struct sa_access access[SA_MAX_ACCESSES];
    const unsigned count = sa_instr_accesses(config, instr, base, access);
    for (unsigned i = 0; i < count; i++) {
      if (access[i].space != SA_SPACE_DRAM) continue;
      for (struct sa_row_walk row = sa_access_rows(&access[i]); !row.done; sa_row_next(&row))
        look_at_row(stored, (uint64_t)row.address, access[i].bytes, layer);
    }
  }
}

static void compare_memory(struct sa_crosscheck *check, const struct sa_config *config,
                           const struct sa_program *program, const struct sa_memory *expected,
                           const struct sa_memory *got) {
  struct stored stored = {.expected = expected, .got = got, .layer = UINT32_MAX};
  if (!sa_memory_differ(expected, got, &stored.address)) return; /* else its lowest address */
  look_at_stores(&stored, config, program);
  int8_t a, b;
  sa_memory_read(expected, stored.address, &a, 1);
  sa_memory_read(got, stored.address, &b, 1);
  differ(check, CYCLE_NONE, stored.layer,
         "memory at 0x%" PRIx64 ": engine %d, RTL %d; %" PRIu64 " of the bytes stored differ", stored.address, a,
         b, stored.bytes);
}

/* Bytes that an instruction stores. */
static uint64_t stored_bytes(const struct sa_instr *instr) {
  return instr->opcode == SA_OP_STORE ? (uint64_t)instr->u.mem.bytes * instr->u.mem.n0 * instr->u.mem.n1 : 0;
}

void sa_crosscheck_compare(struct sa_crosscheck *check) {
  compare_instrs(check);
  compare_bursts(check);
  compare_counters(check);
}

enum sa_status sa_crosscheck_run(const struct sa_rtl *rtl, const struct sa_config *config,
                                 const struct sa_program *program, struct sa_memory *memory,
                                 const struct sa_rtl_files *files, struct sa_crosscheck *check, struct sa_error *error) {
  enum sa_status status = sa_record_engine(config, program, false, &check->engine, error);
  if (status) return status;
  struct sa_memory *after = memory ? sa_memory_create() : NULL;
  if (memory && !after) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  status = sa_rtl_run(rtl, config, program, memory, files, &check->rtl, after, error);
  if (!status && memory) status = sa_exec_run(config, program, memory, NULL, NULL, error);
  if (!status) sa_crosscheck_compare(check);
  if (!status && memory) {
    compare_memory(check, config, program, memory, after);
    struct sa_stream_reader reader;
    sa_stream_open(&reader, program);
    const struct sa_instr *instr;
    uint32_t layer;
    while ((instr = sa_stream_next(&reader, &layer))) check->bytes += stored_bytes(instr);
  }
  sa_memory_free(after);
  return status;
}

/* An instruction's end in both engines, by place in the stream. */
struct ends { uint64_t engine, rtl; };

/* Bytes of bursts by layer; the RTL's n-th burst of a unit is of the engine's n-th one's layer. */
static enum sa_status add_traffic(const struct sa_crosscheck *check, struct sa_crosscheck_layer *layers,
                                  size_t layer_count, struct sa_error *error) {
  const struct sa_record *engine = &check->engine, *rtl = &check->rtl;
  for (int unit = 0; unit < SA_UNITS; unit++) {
    uint32_t *layer_of = calloc(engine->burst_count + 1, sizeof *layer_of);
    if (!layer_of) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
    size_t count = 0, seen = 0;
    for (size_t i = 0; i < engine->burst_count; i++) {
      const struct sa_burst_event *burst = &engine->bursts[i];
      if ((int)burst->unit != unit) continue;
      layer_of[count++] = burst->layer;
      if (burst->layer < layer_count) layers[burst->layer].engine_traffic += burst->bytes;
    }
    for (size_t i = 0; i < rtl->burst_count && count; i++) {
      if ((int)rtl->bursts[i].unit != unit) continue;
      const uint32_t layer = layer_of[seen < count ? seen : count - 1];
      if (layer < layer_count) layers[layer].rtl_traffic += rtl->bursts[i].bytes;
      seen++;
    }
    free(layer_of);
  }
  return SA_OK;
}

enum sa_status sa_crosscheck_layers(const struct sa_crosscheck *check, const struct sa_program *program,
                                    struct sa_crosscheck_layer *layers, size_t layer_count,
                                    struct sa_error *error) {
  memset(layers, 0, layer_count * sizeof *layers);
  const uint64_t length = sa_stream_length(program);
  struct ends *ends = calloc(length, sizeof *ends);
  if (!ends) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  for (int unit = 0; unit < SA_UNITS; unit++)
    for (size_t i = 0; i < check->engine.instr_count[unit] && i < check->rtl.instr_count[unit]; i++)
      ends[check->engine.instrs[unit][i].index] =
          (struct ends){check->engine.instrs[unit][i].end + 1, check->rtl.instrs[unit][i].end + 1};
  struct sa_stream_reader reader;
  sa_stream_open(&reader, program);
  const struct sa_instr *instr;
  uint32_t layer;
  struct ends most = {0, 0};
  for (uint64_t i = 0; (instr = sa_stream_next(&reader, &layer)); i++) {
    if (layer >= layer_count) continue;
    if (ends[i].engine > most.engine) {
      layers[layer].engine_cycles += ends[i].engine - most.engine;
      most.engine = ends[i].engine;
    }
    if (ends[i].rtl > most.rtl) {
      layers[layer].rtl_cycles += ends[i].rtl - most.rtl;
      most.rtl = ends[i].rtl;
    }
    layers[layer].bytes += stored_bytes(instr);
  }
  free(ends);
  return add_traffic(check, layers, layer_count, error);
}
