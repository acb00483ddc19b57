/* Building and running the Verilated machine; see rtl.h. */
#include "cosim/rtl.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cosim/spawn.h"

static const char *const unit_names[SA_UNITS] = {"LOAD", "STORE", "WLOAD", "MATMUL", "VECTOR"};
static const char *const file_names[] = {"stream", "memory", "counters", "timeline", "bursts", "after"};

enum { RUN_PATH = 4096 + 16 }; /* chars of a path in the run's folder */

/* The script of the source tree the program was built from, else the installed one. */
static const char *script(void) {
  const char *chosen = getenv("SYSTOLE_RTL_BUILD");
  if (chosen && chosen[0]) return chosen;
  return access(SA_SOURCE_SCRIPTS "/rtl-build", X_OK) == 0 ? SA_SOURCE_SCRIPTS "/rtl-build"
                                                           : SA_INSTALLED_SCRIPTS "/rtl-build";
}

/* Last line of a text, for messages. */
static const char *last_line(char *text) {
  size_t length = strlen(text);
  while (length && (text[length - 1] == '\n' || text[length - 1] == '\r')) text[--length] = '\0';
  const char *line = strrchr(text, '\n');
  return line ? line + 1 : text;
}

/* Runs the script; its standard output, one line, goes to `out` (may be null). */
static enum sa_status run_script(const char *const *argv, char *out, size_t size, struct sa_error *error) {
  struct sa_spawned spawned;
  enum sa_status status = sa_spawn(argv, &spawned, error);
  if (status) return status;
  if (spawned.exit_status != 0)
    status = sa_fail(error, SA_ERR_IO, "the RTL cannot be built: %s",
                     spawned.err[0] ? last_line(spawned.err) : "scripts/rtl-build failed");
  else if (out && (size_t)snprintf(out, size, "%s", last_line(spawned.out)) >= size)
    status = sa_fail(error, SA_ERR_LIMIT, "the path of the RTL's bench is longer than %zu bytes", size - 1);
  sa_spawned_release(&spawned);
  return status;
}

enum sa_status sa_rtl_available(struct sa_error *error) {
  const char *const argv[] = {script(), "--check", NULL};
  return run_script(argv, NULL, 0, error);
}

void sa_rtl_parameters(const struct sa_config *c, bool grid,
                       char text[SA_RTL_PARAMETERS][SA_RTL_PARAMETER_CHARS]) {
  const struct { const char *name; uint64_t value; } rows[SA_RTL_PARAMETERS] = {
      {"Rows", c->array_rows},
      {"Cols", c->array_cols},
      {"WeightBuffers", c->weight_buffers},
      {"ShiftRows", c->weight_shift_rows},
      {"BufferBytes", c->buffer_bytes},
      {"Banks", c->buffer_banks},
      {"AccRows", c->accumulator_rows},
      {"FifoTiles", c->weight_fifo_tiles},
      {"Lanes", c->vector_lanes},
      {"LoadQueue", c->queue_depth[SA_LOAD]},
      {"StoreQueue", c->queue_depth[SA_STORE]},
      {"WloadQueue", c->queue_depth[SA_WLOAD]},
      {"MatmulQueue", c->queue_depth[SA_MATMUL]},
      {"VectorQueue", c->queue_depth[SA_VECTOR]},
      {"Ports", c->memory_ports},
      {"Port0Bytes", c->port[0].width_bytes},
      {"Port1Bytes", c->port[1].width_bytes},
      {"ArrayGrid", grid},
  };
  for (int i = 0; i < SA_RTL_PARAMETERS; i++)
    snprintf(text[i], SA_RTL_PARAMETER_CHARS, "%s=%" PRIu64, rows[i].name, rows[i].value);
}

/* Asks for the path of the bench; with `find` only if it is built, else *found is false. */
static enum sa_status ask_script(const struct sa_config *config, const struct sa_rtl_options *options, bool find,
                                 bool *found, struct sa_rtl *rtl, struct sa_error *error) {
  char text[SA_RTL_PARAMETERS][SA_RTL_PARAMETER_CHARS];
  sa_rtl_parameters(config, options->grid, text);
  const char *argv[SA_RTL_PARAMETERS + 4];
  size_t count = 0;
  argv[count++] = script();
  if (find) argv[count++] = "--find";
  if (options->wave) argv[count++] = "--wave";
  for (int i = 0; i < SA_RTL_PARAMETERS; i++) argv[count++] = text[i];
  argv[count] = NULL;
  const enum sa_status status = run_script(argv, rtl->path, sizeof rtl->path, error);
  *found = !status && rtl->path[0];
  return status;
}

enum sa_status sa_rtl_open(const struct sa_config *config, const struct sa_rtl_options *options,
                           struct sa_rtl *rtl, struct sa_error *error) {
  static const struct sa_rtl_options plain = {.grid = false};
  if (!options) options = &plain;
  bool found = false;
  enum sa_status status = SA_OK;
  if (options->on_build) {
    status = ask_script(config, options, true, &found, rtl, error);
    if (!status && !found) options->on_build(options->user);
  }
  if (!status && !found) status = ask_script(config, options, false, &found, rtl, error);
  if (status) return status;
  const char *where = getenv("TMPDIR");
  if (!where || !where[0]) where = "/tmp";
  if ((size_t)snprintf(rtl->folder, sizeof rtl->folder, "%s/systole-XXXXXX", where) >= sizeof rtl->folder)
    return sa_fail(error, SA_ERR_LIMIT, "TMPDIR is longer than %zu bytes", sizeof rtl->folder - 16);
  if (!mkdtemp(rtl->folder))
    return sa_fail(error, SA_ERR_IO, "cannot make a folder in %s: %s", where, strerror(errno));
  return SA_OK;
}

static void path_of(const struct sa_rtl *rtl, const char *name, char path[RUN_PATH]) {
  snprintf(path, RUN_PATH, "%s/%s", rtl->folder, name);
}

void sa_rtl_close(struct sa_rtl *rtl) {
  char path[RUN_PATH];
  for (size_t i = 0; i < sizeof file_names / sizeof *file_names; i++) {
    path_of(rtl, file_names[i], path);
    unlink(path);
  }
  rmdir(rtl->folder);
}

static enum sa_status write_stream(const struct sa_program *program, const char *path,
                                   struct sa_error *error) {
  struct sa_output output;
  const enum sa_status status = sa_output_open(&output, path, error);
  if (status) return status;
  struct sa_stream_reader reader;
  sa_stream_open(&reader, program);
  const struct sa_instr *instr;
  uint32_t layer;
  while ((instr = sa_stream_next(&reader, &layer))) {
    uint32_t words[SA_INSTR_WORDS];
    unsigned char bytes[4 * SA_INSTR_WORDS];
    sa_instr_encode(instr, words);
    for (int i = 0; i < 4 * SA_INSTR_WORDS; i++) bytes[i] = (unsigned char)(words[i / 4] >> (8 * (i % 4)));
    fwrite(bytes, 1, sizeof bytes, output.file);
  }
  return sa_output_commit(&output, error);
}

static enum sa_status open_result(const char *path, FILE **file, struct sa_error *error) {
  *file = fopen(path, "r");
  return *file ? SA_OK : sa_fail(error, SA_ERR_IO, "cannot read '%s': %s", path, strerror(errno));
}

static int unit_of(const char *name) {
  for (int unit = 0; unit < SA_UNITS; unit++)
    if (strcmp(name, unit_names[unit]) == 0) return unit;
  return -1;
}

static enum sa_status read_timeline(const char *path, struct sa_record *record, struct sa_error *error) {
  FILE *file;
  const enum sa_status status = open_result(path, &file, error);
  if (status) return status;
  char name[16];
  uint64_t number;
  struct sa_record_instr instr = {0};
  while (fscanf(file, "%15s %" SCNu64 " %" SCNu64 " %" SCNu64, name, &number, &instr.start, &instr.end) == 4) {
    const int unit = unit_of(name);
    if (unit < 0) break;
    sa_record_add_instr(record, (enum sa_unit)unit, &instr);
  }
  const bool whole = feof(file);
  fclose(file);
  return whole ? SA_OK : sa_fail(error, SA_ERR_IO, "'%s' is no timeline of the RTL's bench", path);
}

static enum sa_status read_bursts(const char *path, struct sa_record *record, struct sa_error *error) {
  FILE *file;
  const enum sa_status status = open_result(path, &file, error);
  if (status) return status;
  char name[16], direction;
  struct sa_burst_event burst = {0};
  while (fscanf(file, "%15s %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu32 " %c", name, &burst.cycle,
                &burst.completion, &burst.address, &burst.bytes, &direction) == 6) {
    const int unit = unit_of(name);
    if (unit < 0) break;
    burst.unit = (enum sa_unit)unit;
    burst.is_write = direction == 'W';
    sa_record_add_burst(record, &burst);
  }
  const bool whole = feof(file);
  fclose(file);
  sa_record_sort(record);
  return whole ? SA_OK : sa_fail(error, SA_ERR_IO, "'%s' is no burst log of the RTL's bench", path);
}

static enum sa_status read_counters(const char *path, struct sa_record *record, struct sa_error *error) {
  FILE *file;
  const enum sa_status status = open_result(path, &file, error);
  if (status) return status;
  char name[64];
  bool good = true;
#define SA_COUNTER(field, count, unit, meaning)                                          \
  for (int i = 0; i < (count) && good; i++)                                              \
    good = fscanf(file, "%63s %" SCNu64, name, &record->counters.field[i]) == 2 &&       \
           strncmp(name, #field, sizeof #field - 1) == 0;
#include "machine/counters.def"
#undef SA_COUNTER
  fclose(file);
  return good ? SA_OK : sa_fail(error, SA_ERR_IO, "'%s' has not the counters of this version", path);
}

static enum sa_status run_bench(const struct sa_rtl *rtl, const struct sa_config *config,
                                char paths[][RUN_PATH], bool has_memory,
                                const struct sa_rtl_files *files, struct sa_error *error) {
  char ports[2][160];
  for (int p = 0; p < 2; p++)
    snprintf(ports[p], sizeof ports[p], "%" PRIu32 ":%" PRIu32 ":%" PRIu32 ":%" PRIu64 "/%" PRIu64,
             config->port[p].burst_bytes, config->port[p].outstanding_bursts,
             config->port[p].latency_cycles, config->bw_num[p], config->bw_den[p]);
  const char *argv[24] = {rtl->path,    "--stream",   paths[0], "--port0",  ports[0],   "--port1", ports[1],
                          "--counters", paths[2],     "--timeline", paths[3], "--bursts", paths[4],
                          "--memory-out", paths[5]};
  size_t count = 15;
  if (has_memory) {
    argv[count++] = "--memory";
    argv[count++] = paths[1];
  }
  if (files && files->wave) {
    argv[count++] = "--wave";
    argv[count++] = files->wave;
  }
  if (files && files->record) {
    argv[count++] = "--record";
    argv[count++] = files->record;
  }
  argv[count] = NULL;
  struct sa_spawned spawned;
  enum sa_status status = sa_spawn(argv, &spawned, error);
  if (status) return status;
  if (spawned.exit_status != 0)
    status = sa_fail(error, spawned.exit_status == 1 ? SA_ERR_STUCK : SA_ERR_IO, "the RTL's bench: %s",
                     spawned.err[0] ? last_line(spawned.err) : "it ended without a word");
  sa_spawned_release(&spawned);
  return status;
}

enum sa_status sa_rtl_run(const struct sa_rtl *rtl, const struct sa_config *config,
                          const struct sa_program *program, const struct sa_memory *memory,
                          const struct sa_rtl_files *files, struct sa_record *record, struct sa_memory *after,
                          struct sa_error *error) {
  char paths[sizeof file_names / sizeof *file_names][RUN_PATH];
  for (size_t i = 0; i < sizeof file_names / sizeof *file_names; i++) path_of(rtl, file_names[i], paths[i]);
  enum sa_status status = write_stream(program, paths[0], error);
  if (!status && memory) status = sa_memory_save(memory, paths[1], error);
  if (!status) status = run_bench(rtl, config, paths, memory != NULL, files, error);
  if (!status) status = read_counters(paths[2], record, error);
  if (!status) status = read_timeline(paths[3], record, error);
  if (!status) status = read_bursts(paths[4], record, error);
  if (!status && after) status = sa_memory_load(after, paths[5], error);
  if (!status && record->out_of_memory) status = sa_fail(error, SA_ERR_MEMORY, "out of memory");
  return status;
}
