/* Timelines: events are kept as the engine reports them, sorted by start, and written at the end. */
#include "report/trace.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "program/isa_table.h"

static const char *const unit_names[SA_UNITS] = {"LOAD", "STORE", "WLOAD", "MATMUL", "VECTOR"};

struct instr_record {
  uint64_t index, start, end;
  uint32_t layer;
  uint8_t unit, opcode;
};

struct sa_trace {
  struct instr_record *instrs;
  size_t instr_count, instr_capacity;
  struct sa_burst_event *bursts;
  size_t burst_count, burst_capacity;
  bool out_of_memory; /* callbacks cannot fail; sa_trace_write does then */
};

struct sa_trace *sa_trace_create(void) { return calloc(1, sizeof(struct sa_trace)); }

void sa_trace_free(struct sa_trace *trace) {
  if (!trace) return;
  free(trace->instrs);
  free(trace->bursts);
  free(trace);
}

/* Room for one more element, or null and the out_of_memory mark. */
static void *grow(struct sa_trace *trace, void *items, size_t count, size_t *capacity, size_t size) {
  if (count < *capacity) return items;
  const size_t wanted = *capacity ? 2 * *capacity : 4096;
  void *bigger = realloc(items, wanted * size);
  if (!bigger) {
    trace->out_of_memory = true;
    return NULL;
  }
  *capacity = wanted;
  return bigger;
}

static void keep_instr(void *user, const struct sa_instr_event *event) {
  struct sa_trace *trace = user;
  struct instr_record *items =
      grow(trace, trace->instrs, trace->instr_count, &trace->instr_capacity, sizeof *items);
  if (!items) return;
  trace->instrs = items;
  items[trace->instr_count++] = (struct instr_record){.index = event->index,
                                                      .start = event->start,
                                                      .end = event->end,
                                                      .layer = event->layer,
                                                      .unit = (uint8_t)event->unit,
                                                      .opcode = event->instr->opcode};
}

static void keep_burst(void *user, const struct sa_burst_event *event) {
  struct sa_trace *trace = user;
  struct sa_burst_event *items =
      grow(trace, trace->bursts, trace->burst_count, &trace->burst_capacity, sizeof *items);
  if (!items) return;
  trace->bursts = items;
  items[trace->burst_count++] = *event;
}

void sa_trace_attach(struct sa_trace *trace, struct sa_engine_options *options) {
  options->on_instr = keep_instr;
  options->on_burst = keep_burst;
  options->user = trace;
}

static int by_start(const void *a, const void *b) {
  const struct instr_record *x = a, *y = b;
  if (x->start != y->start) return x->start < y->start ? -1 : 1;
  return x->index < y->index ? -1 : x->index > y->index;
}

static int by_cycle(const void *a, const void *b) {
  const struct sa_burst_event *x = a, *y = b;
  if (x->cycle != y->cycle) return x->cycle < y->cycle ? -1 : 1;
  return x->unit < y->unit ? -1 : x->unit > y->unit;
}

static const char *opcode_name(uint8_t opcode) { return sa_isa_op(sa_isa_find(opcode))->name; }

struct names {
  const char *const *layers;
  size_t count;
};

static const char *layer_name(const struct names *names, uint32_t layer) {
  return layer < names->count ? names->layers[layer] : "-";
}

static void write_timeline(const struct sa_trace *trace, const struct names *names, FILE *out) {
  fputs("index,unit,instruction,layer,start,end\n", out);
  for (size_t i = 0; i < trace->instr_count; i++) {
    const struct instr_record *r = &trace->instrs[i];
    fprintf(out, "%" PRIu64 ",%s,%s,%s,%" PRIu64 ",%" PRIu64 "\n", r->index, unit_names[r->unit],
            opcode_name(r->opcode), layer_name(names, r->layer), r->start, r->end);
  }
}

static void write_chrome(const struct sa_trace *trace, const struct names *names, FILE *out) {
  fputs("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n", out);
  for (int unit = 0; unit < SA_UNITS; unit++)
    fprintf(out,
            "{\"ph\":\"M\",\"pid\":1,\"tid\":%d,\"name\":\"thread_name\",\"args\":{\"name\":\"%s\"}}%s\n",
            unit, unit_names[unit], unit + 1 < SA_UNITS || trace->instr_count ? "," : "");
  for (size_t i = 0; i < trace->instr_count; i++) {
    const struct instr_record *r = &trace->instrs[i];
    json_t *name = json_string(layer_name(names, r->layer));
    char *quoted = name ? json_dumps(name, JSON_ENCODE_ANY) : NULL;
    fprintf(out,
            "{\"ph\":\"X\",\"pid\":1,\"tid\":%d,\"ts\":%" PRIu64 ",\"dur\":%" PRIu64
            ",\"name\":\"%s\",\"args\":{\"layer\":%s,\"index\":%" PRIu64 "}}%s\n",
            r->unit, r->start, r->end - r->start + 1, opcode_name(r->opcode),
            quoted ? quoted : "\"-\"", r->index, i + 1 < trace->instr_count ? "," : "");
    free(quoted);
    json_decref(name);
  }
  fputs("]}\n", out);
}

static void write_bursts(const struct sa_trace *trace, const struct names *names, FILE *out) {
  fputs("cycle,address,bytes,direction,unit,completion,layer\n", out);
  for (size_t i = 0; i < trace->burst_count; i++) {
    const struct sa_burst_event *b = &trace->bursts[i];
    fprintf(out, "%" PRIu64 ",0x%" PRIx64 ",%" PRIu32 ",%s,%s,%" PRIu64 ",%s\n", b->cycle, b->address,
            b->bytes, b->is_write ? "write" : "read", unit_names[b->unit], b->completion,
            layer_name(names, b->layer));
  }
}

typedef void writer(const struct sa_trace *trace, const struct names *names, FILE *out);

static enum sa_status write_file(const struct sa_trace *trace, const char *directory,
                                 const char *name, writer *write, const struct names *names,
                                 struct sa_error *error) {
  char path[4096];
  if (snprintf(path, sizeof path, "%s/%s", directory, name) >= (int)sizeof path)
    return sa_fail(error, SA_ERR_LIMIT, "the path of '%s' in '%.64s...' is longer than %zu bytes", name,
                   directory, sizeof path - 1);
  struct sa_output out;
  enum sa_status status = sa_output_open(&out, path, error);
  if (status) return status;
  write(trace, names, out.file);
  return sa_output_commit(&out, error);
}

enum sa_status sa_trace_write(const struct sa_trace *trace, const char *directory,
                              const char *const *layer_names, size_t layer_count,
                              struct sa_error *error) {
  if (trace->out_of_memory)
    return sa_fail(error, SA_ERR_MEMORY, "out of memory after %zu timeline events",
                   trace->instr_count + trace->burst_count);
  if (mkdir(directory, 0777) != 0 && errno != EEXIST)
    return sa_fail(error, SA_ERR_IO, "cannot make directory '%s': %s", directory, strerror(errno));
  if (trace->instr_count) qsort(trace->instrs, trace->instr_count, sizeof *trace->instrs, by_start);
  if (trace->burst_count) qsort(trace->bursts, trace->burst_count, sizeof *trace->bursts, by_cycle);
  const struct names names = {layer_names, layer_count};
  enum sa_status status =
      write_file(trace, directory, "timeline.csv", write_timeline, &names, error);
  if (!status) status = write_file(trace, directory, "trace.json", write_chrome, &names, error);
  if (!status) status = write_file(trace, directory, "dram.csv", write_bursts, &names, error);
  return status;
}
