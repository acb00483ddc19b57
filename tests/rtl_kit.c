#include "rtl_kit.h"

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/exec.h"

enum { MAX_EVENTS = 1 << 16, COMMAND = 4096 };

static const char *const unit_names[SA_UNITS] = {"LOAD", "STORE", "WLOAD", "MATMUL", "VECTOR"};

static const char *source_folder(void) {
  const char *srcdir = getenv("srcdir");
  return srcdir ? srcdir : ".";
}

static const char *build_script(void) {
  static char path[512];
  snprintf(path, sizeof path, "%s/scripts/rtl-build", source_folder());
  return path;
}

bool rtl_available(void) {
  char command[COMMAND];
  snprintf(command, sizeof command, "%s --check", build_script());
  return system(command) == 0;
}

void rtl_bench_open(struct rtl_bench *bench, const struct sa_config *config, bool grid) {
  char command[COMMAND];
  bench->records = false;
  snprintf(bench->parameters, sizeof bench->parameters,
           "Rows=%u Cols=%u WeightBuffers=%u ShiftRows=%u BufferBytes=%" PRIu64 " Banks=%u "
           "AccRows=%u FifoTiles=%u Lanes=%u LoadQueue=%u StoreQueue=%u WloadQueue=%u "
           "MatmulQueue=%u VectorQueue=%u Ports=%u Port0Bytes=%u Port1Bytes=%u ArrayGrid=%d",
           config->array_rows, config->array_cols, config->weight_buffers,
           config->weight_shift_rows, config->buffer_bytes, config->buffer_banks,
           config->accumulator_rows, config->weight_fifo_tiles, config->vector_lanes,
           config->queue_depth[SA_LOAD], config->queue_depth[SA_STORE],
           config->queue_depth[SA_WLOAD], config->queue_depth[SA_MATMUL],
           config->queue_depth[SA_VECTOR], config->memory_ports, config->port[0].width_bytes,
           config->port[1].width_bytes, grid);
  snprintf(command, sizeof command, "%s %s", build_script(), bench->parameters);
  FILE *pipe = popen(command, "r");
  ck_assert_ptr_nonnull(pipe);
  ck_assert_msg(fgets(bench->path, sizeof bench->path, pipe) != NULL, "no bench: %s", command);
  ck_assert_msg(pclose(pipe) == 0, "the bench cannot be built: %s", command);
  bench->path[strcspn(bench->path, "\n")] = '\0';
  snprintf(bench->folder, sizeof bench->folder, "/tmp/sa_rtl_XXXXXX");
  ck_assert_ptr_nonnull(mkdtemp(bench->folder));
}

static const char *const files[] = {"stream", "memory", "counters", "timeline", "bursts", "after", "record",
                                    "replayed", "model"};

void rtl_bench_close(struct rtl_bench *bench) {
  char path[128];
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
    snprintf(path, sizeof path, "%s/%s", bench->folder, files[i]);
    unlink(path);
  }
  rmdir(bench->folder);
}

static FILE *open_file(const struct rtl_bench *bench, const char *name, const char *mode) {
  char path[128];
  snprintf(path, sizeof path, "%s/%s", bench->folder, name);
  FILE *file = fopen(path, mode);
  ck_assert_msg(file != NULL, "%s cannot be opened", path);
  return file;
}

static void write_stream(const struct rtl_bench *bench, const struct sa_program *program) {
  FILE *file = open_file(bench, "stream", "wb");
  struct sa_stream_reader reader;
  sa_stream_open(&reader, program);
  const struct sa_instr *instr;
  uint32_t layer;
  while ((instr = sa_stream_next(&reader, &layer))) {
    uint32_t words[SA_INSTR_WORDS];
    sa_instr_encode(instr, words);
    for (int i = 0; i < SA_INSTR_WORDS; i++)
      for (int b = 0; b < 4; b++) fputc((int)(words[i] >> (8 * b) & 255), file);
  }
  ck_assert_int_eq(fclose(file), 0);
}

static void run_bench(const struct rtl_bench *bench, const struct sa_config *config, bool image,
                      const char *label) {
  char command[COMMAND], ports[2][128];
  for (int p = 0; p < 2; p++)
    snprintf(ports[p], sizeof ports[p], "%u:%u:%u:%" PRIu64 "/%" PRIu64,
             config->port[p].burst_bytes, config->port[p].outstanding_bursts,
             config->port[p].latency_cycles, config->bw_num[p], config->bw_den[p]);
  snprintf(command, sizeof command,
           "cd %s && %s --stream stream %s --port0 %s --port1 %s --counters counters "
           "--timeline timeline --bursts bursts %s > log 2>&1; s=$?; cat log | grep -v -i systemc | "
           "grep -v -e Copyright -e 'ALL RIGHTS' -e '^$' -e sc_stop >&2; rm -f log; exit $s",
           bench->folder, bench->path, image ? "--memory memory --memory-out after" : "", ports[0],
           ports[1], bench->records ? "--record record" : "");
  const int status = system(command);
  ck_assert_msg(status == 0, "%s: the bench failed: %s", label, command);
}

/* What the engine reported, by unit in program order; filled by callbacks. */
struct record {
  struct sa_instr_event *instrs; /* all units, as reported */
  size_t instr_count;
  struct sa_burst_event *bursts;
  size_t burst_count;
};

static void on_instr(void *user, const struct sa_instr_event *event) {
  struct record *record = user;
  ck_assert_uint_lt(record->instr_count, MAX_EVENTS);
  record->instrs[record->instr_count++] = *event;
}

static void on_burst(void *user, const struct sa_burst_event *event) {
  struct record *record = user;
  ck_assert_uint_lt(record->burst_count, MAX_EVENTS);
  record->bursts[record->burst_count++] = *event;
}

static int unit_of(const char *name) {
  for (int u = 0; u < SA_UNITS; u++)
    if (!strcmp(name, unit_names[u])) return u;
  ck_abort_msg("unit %s", name);
}

/* Instruction `number` of the unit, from 0. */
static const struct sa_instr_event *find(const struct record *record, int unit, uint64_t number) {
  for (size_t i = 0; i < record->instr_count; i++)
    if ((int)record->instrs[i].unit == unit && number-- == 0) return &record->instrs[i];
  return NULL;
}

static void compare_timeline(const struct rtl_bench *bench, const struct record *record,
                             const char *label) {
  FILE *file = open_file(bench, "timeline", "r");
  char name[16];
  uint64_t number, start, end;
  size_t lines = 0;
  uint64_t first = UINT64_MAX;
  char message[256] = "";
  while (fscanf(file, "%15s %" SCNu64 " %" SCNu64 " %" SCNu64, name, &number, &start, &end) == 4) {
    lines++;
    const struct sa_instr_event *event = find(record, unit_of(name), number);
    ck_assert_msg(event != NULL, "%s: %s %" PRIu64 " ran in the RTL alone", label, name, number);
    if (event->start == start && event->end == end) continue;
    const uint64_t when = start < event->start ? start : event->start;
    if (when >= first) continue;
    first = when;
    snprintf(message, sizeof message,
             "%s: %s %" PRIu64 " (instruction %" PRIu64 ", opcode %02x): RTL %" PRIu64 "..%" PRIu64
             ", engine %" PRIu64 "..%" PRIu64,
             label, name, number, event->index, event->instr->opcode, start, end, event->start,
             event->end);
  }
  fclose(file);
  ck_assert_msg(!message[0], "%s", message);
  ck_assert_msg(lines == record->instr_count, "%s: %zu instructions ended in the RTL, %zu in the engine",
                label, lines, record->instr_count);
}

static int by_cycle(const void *a, const void *b) {
  const struct sa_burst_event *x = a, *y = b;
  if (x->cycle != y->cycle) return x->cycle < y->cycle ? -1 : 1;
  return (x->unit > y->unit) - (x->unit < y->unit);
}

static void compare_bursts(const struct rtl_bench *bench, struct record *record, const char *label) {
  qsort(record->bursts, record->burst_count, sizeof record->bursts[0], by_cycle);
  FILE *file = open_file(bench, "bursts", "r");
  char name[16], direction;
  struct sa_burst_event burst;
  size_t i = 0;
  while (fscanf(file, "%15s %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu32 " %c", name, &burst.cycle,
                &burst.completion, &burst.address, &burst.bytes, &direction) == 6) {
    ck_assert_msg(i < record->burst_count, "%s: burst %zu was granted in the RTL alone", label, i);
    const struct sa_burst_event *other = &record->bursts[i];
    ck_assert_msg(unit_of(name) == (int)other->unit && burst.cycle == other->cycle &&
                      burst.completion == other->completion && burst.address == other->address &&
                      burst.bytes == other->bytes && (direction == 'W') == other->is_write,
                  "%s: burst %zu: RTL %s %" PRIx64 " in %" PRIu64 "..%" PRIu64 ", engine %s %" PRIx64
                  " in %" PRIu64 "..%" PRIu64,
                  label, i, name, burst.address, burst.cycle, burst.completion,
                  unit_names[other->unit], other->address, other->cycle, other->completion);
    i++;
  }
  fclose(file);
  ck_assert_msg(i == record->burst_count, "%s: %zu bursts in the RTL, %zu in the engine", label, i,
                record->burst_count);
}

static void compare_counters(const struct rtl_bench *bench, const struct sa_counters *counters,
                             const char *label) {
  FILE *file = open_file(bench, "counters", "r");
  char name[64];
  uint64_t value;
#define SA_COUNTER(field, count, unit, meaning)                                                    \
  for (int i = 0; i < (count); i++) {                                                              \
    ck_assert_int_eq(fscanf(file, "%63s %" SCNu64, name, &value), 2);                              \
    ck_assert_msg(!strncmp(name, #field, strlen(#field)), "counter %s is not %s", name, #field);   \
    ck_assert_msg(value == counters->field[i], "%s: %s: RTL %" PRIu64 ", engine %" PRIu64, label,  \
                  name, value, counters->field[i]);                                                \
  }
#include "machine/counters.def"
#undef SA_COUNTER
  fclose(file);
}

/* Compares the pages that the RTL's memory has; what neither wrote is zero in both. */
static void compare_memory(const struct rtl_bench *bench, const struct sa_memory *expected,
                           const char *label) {
  struct sa_memory *after = sa_memory_create();
  struct sa_error error;
  char path[128];
  snprintf(path, sizeof path, "%s/after", bench->folder);
  ck_assert_int_eq(sa_memory_load(after, path, &error), SA_OK);
  FILE *file = open_file(bench, "after", "rb");
  uint8_t head[16];
  ck_assert_uint_eq(fread(head, 1, 8, file), 8);
  while (fread(head, 1, 16, file) == 16) {
    uint64_t address = 0, bytes = 0;
    for (int i = 7; i >= 0; i--) {
      address = address << 8 | head[i];
      bytes = bytes << 8 | head[8 + i];
    }
    ck_assert_int_eq(fseek(file, (long)bytes, SEEK_CUR), 0);
    static uint8_t got[65536], want[65536];
    ck_assert_uint_le(bytes, sizeof got);
    sa_memory_read(after, address, got, bytes);
    sa_memory_read(expected, address, want, bytes);
    for (uint64_t i = 0; i < bytes; i++)
      ck_assert_msg(got[i] == want[i], "%s: memory at %" PRIx64 ": RTL %d, values %d", label,
                    address + i, (int8_t)got[i], (int8_t)want[i]);
  }
  fclose(file);
  sa_memory_free(after);
}

void rtl_compare(const struct rtl_bench *bench, const struct sa_config *config,
                 const struct sa_program *program, struct sa_memory *image, const char *label,
                 struct sa_counters *counters) {
  static struct sa_instr_event instrs[MAX_EVENTS];
  static struct sa_burst_event bursts[MAX_EVENTS];
  struct record record = {.instrs = instrs, .bursts = bursts};
  const struct sa_engine_options options = {.on_instr = on_instr, .on_burst = on_burst,
                                            .user = &record};
  struct sa_counters own;
  struct sa_error error = {0};
  ck_assert_msg(sa_engine_run_plain(config, program, &options, &own, &error) == SA_OK, "%s: %s",
                label, error.message);
  write_stream(bench, program);
  if (image) {
    char path[128];
    snprintf(path, sizeof path, "%s/memory", bench->folder);
    ck_assert_msg(sa_memory_save(image, path, &error) == SA_OK, "%s: %s", label, error.message);
  }
  run_bench(bench, config, image != NULL, label);
  compare_timeline(bench, &record, label);
  compare_bursts(bench, &record, label);
  compare_counters(bench, &own, label);
  if (image) {
    ck_assert_msg(sa_exec_run(config, program, image, NULL, NULL, &error) == SA_OK, "%s: %s", label,
                  error.message);
    compare_memory(bench, image, label);
  }
  if (counters) *counters = own;
}

bool rtl_replay_available(void) { return system("iverilog -V > /dev/null 2>&1") == 0; }

void rtl_replay(const struct rtl_bench *bench, const struct sa_config *config, const char *label) {
  char command[COMMAND], overrides[COMMAND / 2] = "", parameters[sizeof bench->parameters];
  memcpy(parameters, bench->parameters, sizeof parameters);
  for (char *name = strtok(parameters, " "); name; name = strtok(NULL, " ")) {
    const size_t used = strlen(overrides);
    snprintf(overrides + used, sizeof overrides - used, " -Preplay.%s", name);
  }
  snprintf(command, sizeof command,
           "iverilog -g2012 -I%s/rtl -s replay%s -o %s/model %s/tests/replay.v %s/rtl/*.v "
           "2> %s/log; s=$?; rm -f %s/log; exit $s",
           source_folder(), overrides, bench->folder, source_folder(), source_folder(),
           bench->folder, bench->folder);
  ck_assert_msg(system(command) == 0, "%s: %s", label, command);
  snprintf(command, sizeof command,
           "cd %s && vvp -n model +record=record +counters=replayed +burst0=%u +burst1=%u "
           "+outstanding0=%u +outstanding1=%u | tail -1",
           bench->folder, config->port[0].burst_bytes, config->port[1].burst_bytes,
           config->port[0].outstanding_bursts, config->port[1].outstanding_bursts);
  FILE *pipe = popen(command, "r");
  ck_assert_ptr_nonnull(pipe);
  char said[256] = "nothing";
  ck_assert_msg(fgets(said, sizeof said, pipe) != NULL, "%s: the replay said nothing", label);
  pclose(pipe);
  ck_assert_msg(!strncmp(said, "replayed ", 9), "%s, replayed: %s", label, said);
  FILE *counters = open_file(bench, "counters", "r"), *replayed = open_file(bench, "replayed", "r");
  char name[64];
  uint64_t value, again;
  while (fscanf(counters, "%63s %" SCNu64, name, &value) == 2) {
    ck_assert_int_eq(fscanf(replayed, "%" SCNu64, &again), 1);
    ck_assert_msg(value == again, "%s: %s was %" PRIu64 ", replayed %" PRIu64, label, name, value,
                  again);
  }
  fclose(counters);
  fclose(replayed);
}
