/* The table of kinds, and what all pictures have in common. */
#include <config.h> /* _GNU_SOURCE: asprintf */

#include "plot/plot.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/suggest.h"
#include "plot/collect.h"
#include "plot/gnuplot.h"

const struct sa_plot_kind sa_plots[SA_PLOTS] = {
#define SA_PLOT(name, input, least, most, title, summary) \
  {#name, SA_PLOT_##input, least, most, title, summary, sa_plot_collect_##name},
#include "plot/kinds.def"
#undef SA_PLOT
};

enum sa_status sa_plot_find(const char *name, const struct sa_plot_kind **kind, struct sa_error *error) {
  const char *names[SA_PLOTS];
  for (size_t i = 0; i < SA_PLOTS; i++) {
    names[i] = sa_plots[i].name;
    if (strcmp(name, names[i]) == 0) {
      *kind = &sa_plots[i];
      return SA_OK;
    }
  }
  char hint[128];
  sa_suggest_hint(hint, sizeof hint, name, names, SA_PLOTS);
  return sa_fail(error, SA_ERR_INPUT, "there is no kind of picture \"%.64s\"%s (systole plot --help lists them)", name,
                 hint);
}

void sa_plot_describe_machine(const struct sa_config *config, char text[SA_PLOT_TEXT_CHARS]) {
  snprintf(text, SA_PLOT_TEXT_CHARS, "%s: %ux%u PEs at %g MHz", config->name, config->array_rows, config->array_cols,
           (double)config->clock_hz / 1e6);
}

void sa_plot_describe_network(const struct sa_net *net, char text[SA_PLOT_TEXT_CHARS]) {
  const char *phase = net->phase == SA_PHASE_PREFILL ? " prefill" : net->phase == SA_PHASE_DECODE ? " decode" : "";
  bool is_named = false; /* "gpt2:phase=decode" */
  for (uint32_t i = 0; i < net->param_count; i++)
    is_named = is_named || (net->params[i].is_given && strcmp(net->params[i].name, "phase") == 0);
  snprintf(text, SA_PLOT_TEXT_CHARS, "%s%s", net->name, is_named ? "" : phase);
}

void sa_plot_describe_run(struct sa_plot_data *data, const struct sa_plot_run *run) {
  char machine[SA_PLOT_TEXT_CHARS], network[SA_PLOT_TEXT_CHARS];
  sa_plot_describe_machine(run->config, machine);
  sa_plot_describe_network(run->net, network);
  sa_plot_set_text(data, "subtitle", "%s, batch %u, on %s", network, run->net->batch, machine);
}

/* ---- Frames ---- */

static double value_of(const struct sa_plot_data *data, const char *name) {
  for (size_t i = 0; i < data->value_count; i++)
    if (strcmp(data->values[i].name, name) == 0) return data->values[i].number;
  return 0;
}

/* "wave.png" to "wave-010.png". */
static char *frame_path(const char *path, uint64_t frame) {
  char *name;
  const int stem = (int)strlen(path) - 4;
  return asprintf(&name, "%.*s-%03" PRIu64 "%s", stem, path, frame, path + stem) < 0 ? NULL : name;
}

static void remove_frames(const char *path, uint64_t first, uint64_t end) {
  for (uint64_t frame = first; frame < end; frame++) {
    char *name = frame_path(path, frame);
    if (name) unlink(name);
    free(name);
  }
}

/* A picture a cycle; the data, which are those of all, with the first one. */
static enum sa_status draw_frames(const char *script, struct sa_plot_data *data, const char *path, const char *csv_path,
                                  struct sa_error *error) {
  const uint64_t first = (uint64_t)value_of(data, "first_cycle"), last = (uint64_t)value_of(data, "last_cycle");
  enum sa_status status = SA_OK;
  uint64_t frame = first;
  for (; frame <= last && !status; frame++) {
    char *name = frame_path(path, frame);
    sa_plot_set(data, "frame", (double)frame);
    status = name ? sa_gnuplot(script, data, name, frame == first ? csv_path : NULL, error)
                  : sa_fail(error, SA_ERR_MEMORY, "out of memory");
    free(name);
  }
  if (!status) return SA_OK;
  remove_frames(path, first, frame);
  if (frame > first + 1) unlink(csv_path);
  return status;
}

enum sa_status sa_plot_draw(const struct sa_plot_kind *kind, const struct sa_plot_source *source, const char *path,
                            struct sa_error *error) {
  struct sa_plot_data data;
  enum sa_picture picture;
  enum sa_status status = sa_picture_of(path, &picture, error);
  if (!status && picture == SA_PICTURE_GIF && (kind->input != SA_PLOT_ARRAY || source->frames))
    status = sa_fail(error, SA_ERR_INPUT, "a .gif is for wavefront and registers, without --frames");
  if (status) return status;
  char *csv_path = sa_picture_csv(path);
  if (!csv_path) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  sa_plot_data_init(&data);
  sa_plot_set_text(&data, "title", "%s", kind->title);
  sa_plot_set_text(&data, "subtitle", "%s", "");
  sa_plot_set_text(&data, "note", "%s", "");
  sa_plot_set_text(&data, "version", "systole %s", PACKAGE_VERSION);
  status = kind->collect(source, &data, error);
  if (!status)
    status = source->frames ? draw_frames(kind->name, &data, path, csv_path, error)
                            : sa_gnuplot(kind->name, &data, path, csv_path, error);
  sa_plot_data_release(&data);
  free(csv_path);
  return status;
}
