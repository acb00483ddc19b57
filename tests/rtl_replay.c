/* See rtl_replay.h. */
#include "rtl_replay.h"

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cosim/spawn.h"

enum { MAX_FILES = 64, PATH_CHARS = 512 };

static const char *source_folder(void) {
  const char *srcdir = getenv("srcdir");
  return srcdir ? srcdir : ".";
}

bool rtl_replay_available(void) {
  struct sa_spawned spawned;
  struct sa_error error;
  const char *const argv[] = {"iverilog", "-V", NULL};
  if (sa_spawn(argv, &spawned, &error)) return false;
  const bool works = spawned.exit_status == 0;
  sa_spawned_release(&spawned);
  return works;
}

/* Runs a program that must succeed; its output goes to `out`. */
static void run(const char *const *argv, const char *label, char *out, size_t size) {
  struct sa_spawned spawned;
  struct sa_error error = {0};
  ck_assert_msg(sa_spawn(argv, &spawned, &error) == SA_OK, "%s: %s", label, error.message);
  ck_assert_msg(spawned.exit_status == 0, "%s: %s failed: %s", label, argv[0], spawned.err);
  snprintf(out, size, "%s", spawned.out);
  sa_spawned_release(&spawned);
}

/* Compiles the machine with the replay into `model`; probe: with the probe of its PEs. */
static void compile(const struct sa_config *config, bool grid, bool probe, const char *model, const char *label) {
  char parameters[SA_RTL_PARAMETERS][SA_RTL_PARAMETER_CHARS];
  char overrides[SA_RTL_PARAMETERS][SA_RTL_PARAMETER_CHARS + 16];
  char include[PATH_CHARS], command[PATH_CHARS], list[PATH_CHARS * MAX_FILES], out[256];
  sa_rtl_parameters(config, grid, parameters);
  for (int i = 0; i < SA_RTL_PARAMETERS; i++)
    snprintf(overrides[i], sizeof overrides[i], "-Preplay.%.*s", SA_RTL_PARAMETER_CHARS, parameters[i]);
  snprintf(include, sizeof include, "-I%s/rtl", source_folder());
  const char *folder = source_folder();
  if (probe)
    snprintf(command, sizeof command, "ls %s/tests/replay.v %s/tests/wavefront_probe.v %s/rtl/*.v", folder, folder, folder);
  else
    snprintf(command, sizeof command, "ls %s/tests/replay.v %s/rtl/*.v", folder, folder);
  const char *const ls[] = {"sh", "-c", command, NULL};
  run(ls, label, list, sizeof list);
  char sides[2][SA_RTL_PARAMETER_CHARS];
  snprintf(sides[0], sizeof sides[0], "-Pwavefront_probe.Rows=%u", config->array_rows);
  snprintf(sides[1], sizeof sides[1], "-Pwavefront_probe.Cols=%u", config->array_cols);
  const char *argv[SA_RTL_PARAMETERS + MAX_FILES + 16] = {"iverilog", "-g2012", include, "-s", "replay", "-o", model};
  size_t count = 7;
  for (int i = 0; i < SA_RTL_PARAMETERS; i++) argv[count++] = overrides[i];
  if (probe) {
    const char *const more[] = {"-s", "wavefront_probe", sides[0], sides[1]};
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) argv[count++] = more[i];
  }
  for (char *file = strtok(list, "\n"); file; file = strtok(NULL, "\n")) {
    ck_assert_uint_lt(count, sizeof argv / sizeof *argv - 1);
    argv[count++] = file;
  }
  argv[count] = NULL;
  run(argv, label, out, sizeof out);
}

static void compare_counters(const char *path, const struct sa_counters *counters, const char *label) {
  FILE *file = fopen(path, "r");
  ck_assert_ptr_nonnull(file);
#define SA_COUNTER(field, count, unit, meaning)                                                       \
  for (int i = 0; i < (count); i++) {                                                                 \
    uint64_t value;                                                                                   \
    ck_assert_int_eq(fscanf(file, "%" SCNu64, &value), 1);                                            \
    ck_assert_msg(value == counters->field[i], "%s: " #field "[%d] was %" PRIu64 ", replayed %" PRIu64, \
                  label, i, counters->field[i], value);                                               \
  }
#include "machine/counters.def"
#undef SA_COUNTER
  fclose(file);
}

static void replay(const struct sa_config *config, bool grid, const char *record,
                   const struct sa_counters *counters, const char *probed, const char *label) {
  char model[PATH_CHARS], replayed[PATH_CHARS], plus[7][PATH_CHARS + 16], out[4096];
  snprintf(model, sizeof model, "%s.vvp", record);
  snprintf(replayed, sizeof replayed, "%s.counters", record);
  compile(config, grid, probed != NULL, model, label);
  snprintf(plus[0], sizeof plus[0], "+record=%s", record);
  snprintf(plus[1], sizeof plus[1], "+counters=%s", replayed);
  for (int p = 0; p < 2; p++) {
    snprintf(plus[2 + p], sizeof plus[0], "+burst%d=%u", p, config->port[p].burst_bytes);
    snprintf(plus[4 + p], sizeof plus[0], "+outstanding%d=%u", p, config->port[p].outstanding_bursts);
  }
  snprintf(plus[6], sizeof plus[6], "+probed=%s", probed ? probed : "");
  const char *const argv[] = {"vvp", "-n", model, plus[0], plus[1], plus[2], plus[3], plus[4], plus[5], plus[6], NULL};
  run(argv, label, out, sizeof out);
  ck_assert_msg(strstr(out, "replayed ") != NULL, "%s, replayed: %s", label, out);
  compare_counters(replayed, counters, label);
  unlink(model);
  unlink(replayed);
}

void rtl_replay(const struct sa_config *config, bool grid, const char *record,
                const struct sa_counters *counters, const char *label) {
  replay(config, grid, record, counters, NULL, label);
}

void rtl_replay_pes(const struct sa_config *config, const char *record, const struct sa_counters *counters,
                    const char *probed, const char *label) {
  replay(config, true, record, counters, probed, label);
}
