/* Timelines of bounded size; see timeline.h. */
#include "page/timeline.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "program/isa_table.h"

struct seen {
  uint64_t start, end;
  uint32_t layer;
  uint8_t unit, opcode;
};

struct sa_timeline {
  struct seen *items; /* owned; in program order within each unit */
  size_t count, capacity;
  bool out_of_memory; /* callbacks cannot fail; sa_timeline_json does then */
};

/* First and last cycle of what a layer does on the array and in VECTOR, or, if it does nothing there, anywhere. */
struct span {
  uint64_t first, last;
  bool computes, any;
};

struct sa_timeline *sa_timeline_create(void) { return calloc(1, sizeof(struct sa_timeline)); }

void sa_timeline_free(struct sa_timeline *timeline) {
  if (!timeline) return;
  free(timeline->items);
  free(timeline);
}

static void keep(void *user, const struct sa_instr_event *event) {
  struct sa_timeline *timeline = user;
  struct seen *grown = sa_vec_grow(timeline->items, &timeline->capacity, timeline->count + 1, sizeof *grown);
  if (!grown) {
    timeline->out_of_memory = true;
    return;
  }
  timeline->items = grown;
  grown[timeline->count++] = (struct seen){event->start, event->end, event->layer, (uint8_t)event->unit,
                                           event->instr->opcode};
}

void sa_timeline_attach(struct sa_timeline *timeline, struct sa_engine_options *options) {
  options->on_instr = keep;
  options->user = timeline;
}

static int by_start(const void *a, const void *b) {
  const struct seen *x = a, *y = b;
  if (x->start != y->start) return x->start < y->start ? -1 : 1;
  return x->unit != y->unit ? (x->unit < y->unit ? -1 : 1) : (x->end > y->end) - (x->end < y->end);
}

/* Adds cycles first .. end - 1 to the slices of `width` cycles. */
static void add_busy(uint64_t *busy, uint64_t width, uint64_t first, uint64_t end) {
  while (first < end) {
    const uint64_t bin = first / width, bin_end = (bin + 1) * width;
    const uint64_t until = end < bin_end ? end : bin_end;
    busy[bin] += until - first;
    first = until;
  }
}

/* Busy cycles per slice of one unit. Items are sorted by start; instructions of a unit may overlap. */
static void count_busy(const struct sa_timeline *timeline, int unit, uint64_t width, uint64_t *busy) {
  uint64_t covered = 0; /* cycles before it are counted */
  for (size_t i = 0; i < timeline->count; i++) {
    const struct seen *s = &timeline->items[i];
    if (s->unit != unit || s->end < covered) continue;
    add_busy(busy, width, s->start > covered ? s->start : covered, s->end + 1);
    covered = s->end + 1;
  }
}

/* Shares in 63rds, a digit of base 64 each; anything at all is at least 1. */
static json_t *shares(const uint64_t *busy, size_t bins, uint64_t width, uint64_t cycles) {
  static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
  char *text = malloc(bins + 1);
  if (!text) return NULL;
  for (size_t i = 0; i < bins; i++) {
    const uint64_t whole = i + 1 < bins ? width : cycles - (uint64_t)(bins - 1) * width;
    const uint64_t share = (busy[i] * 63 + whole / 2) / whole;
    text[i] = digits[busy[i] && !share ? 1 : share];
  }
  text[bins] = '\0';
  json_t *json = json_string(text);
  free(text);
  return json;
}

static json_t *busy_json(const struct sa_timeline *timeline, uint64_t cycles) {
  const uint64_t width = (cycles + SA_TIMELINE_BINS - 1) / SA_TIMELINE_BINS;
  const size_t bins = (size_t)((cycles + width - 1) / width);
  uint64_t *busy = malloc(bins * sizeof *busy);
  json_t *units = json_array();
  for (int unit = 0; busy && unit < SA_UNITS; unit++) {
    memset(busy, 0, bins * sizeof *busy);
    count_busy(timeline, unit, width, busy);
    json_array_append_new(units, shares(busy, bins, width, cycles));
  }
  free(busy);
  return json_pack("{s:I, s:o}", "width", (json_int_t)width, "shares", units);
}

static json_t *spans_json(const struct sa_timeline *timeline, uint32_t layer_count, struct sa_error *error) {
  struct span *spans = calloc(layer_count ? layer_count : 1, sizeof *spans);
  if (!spans) {
    sa_fail(error, SA_ERR_MEMORY, "out of memory");
    return NULL;
  }
  for (size_t i = 0; i < timeline->count; i++) {
    const struct seen *s = &timeline->items[i];
    assert(s->layer < layer_count);
    struct span *span = &spans[s->layer];
    const bool computes = s->unit == SA_MATMUL || s->unit == SA_VECTOR;
    if (span->computes && !computes) continue;
    if (!span->any || computes != span->computes) *span = (struct span){s->start, s->end, computes, true};
    if (s->start < span->first) span->first = s->start;
    if (s->end > span->last) span->last = s->end;
  }
  json_t *json = json_array();
  for (uint32_t l = 0; l < layer_count; l++)
    json_array_append_new(json, spans[l].any ? json_pack("[I,I]", (json_int_t)spans[l].first, (json_int_t)spans[l].last)
                                             : json_null());
  free(spans);
  return json;
}

/* The window: [unit, instruction, layer, start, cycles] a piece, starts relative to the one before. */
static json_t *window_json(const struct sa_timeline *timeline, uint64_t first, uint64_t last) {
  json_t *items = json_array();
  size_t begin = 0;
  while (begin < timeline->count && timeline->items[begin].start < first) begin++;
  uint64_t before = first;
  size_t end = begin;
  for (; end < timeline->count && end - begin < SA_TIMELINE_INSTRUCTIONS && timeline->items[end].start <= last; end++) {
    const struct seen *s = &timeline->items[end];
    json_array_append_new(items, json_integer(s->unit));
    json_array_append_new(items, json_integer((json_int_t)sa_isa_find(s->opcode)));
    json_array_append_new(items, json_integer(s->layer));
    json_array_append_new(items, json_integer((json_int_t)(s->start - before)));
    json_array_append_new(items, json_integer((json_int_t)(s->end - s->start + 1)));
    before = s->start;
  }
  /* complete up to the cycle before the first one that is missing */
  if (end < timeline->count && timeline->items[end].start <= last) last = timeline->items[end].start - 1;
  json_t *names = json_array();
  for (size_t i = 0; i < SA_OPS; i++) json_array_append_new(names, json_string(sa_isa_op(i)->name));
  return json_pack("{s:I, s:I, s:o, s:o}", "first", (json_int_t)first, "last", (json_int_t)last, "instructions", names,
                   "items", items);
}

enum sa_status sa_timeline_json(struct sa_timeline *timeline, uint64_t cycles, uint32_t layer_count, uint64_t first,
                                uint64_t last, json_t **json, struct sa_error *error) {
  if (timeline->out_of_memory) return sa_fail(error, SA_ERR_MEMORY, "out of memory after %zu instructions", timeline->count);
  if (first >= cycles)
    return sa_fail(error, SA_ERR_INPUT, "the window begins in cycle %" PRIu64 "; the run has %" PRIu64 " cycles", first,
                   cycles);
  if (timeline->count) qsort(timeline->items, timeline->count, sizeof *timeline->items, by_start);
  json_t *spans = spans_json(timeline, layer_count, error);
  if (!spans) return SA_ERR_MEMORY;
  *json = json_pack("{s:I, s:I, s:[s,s,s,s,s], s:o, s:o, s:o}", "cycles", (json_int_t)cycles, "count",
                    (json_int_t)timeline->count, "units", "LOAD", "STORE", "WLOAD", "MATMUL", "VECTOR", "busy",
                    busy_json(timeline, cycles), "layers", spans, "window",
                    window_json(timeline, first, last < cycles ? last : cycles - 1));
  return *json ? SA_OK : sa_fail(error, SA_ERR_MEMORY, "out of memory");
}
