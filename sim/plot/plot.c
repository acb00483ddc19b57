/* The table of kinds, and what all pictures have in common. */
#include <config.h>

#include "plot/plot.h"

#include <string.h>

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

void sa_plot_describe_run(struct sa_plot_data *data, const struct sa_plot_run *run) {
  char machine[SA_PLOT_TEXT_CHARS];
  sa_plot_describe_machine(run->config, machine);
  sa_plot_set_text(data, "subtitle", "%s, batch %u, on %s", run->net->name, run->net->batch, machine);
}

enum sa_status sa_plot_draw(const struct sa_plot_kind *kind, const struct sa_plot_source *source, const char *path,
                            struct sa_error *error) {
  struct sa_plot_data data;
  sa_plot_data_init(&data);
  sa_plot_set_text(&data, "title", "%s", kind->title);
  sa_plot_set_text(&data, "subtitle", "%s", "");
  sa_plot_set_text(&data, "note", "%s", "");
  sa_plot_set_text(&data, "version", "systole %s", PACKAGE_VERSION);
  enum sa_status status = kind->collect(source, &data, error);
  if (!status) status = sa_gnuplot(kind->name, &data, path, error);
  sa_plot_data_release(&data);
  return status;
}
