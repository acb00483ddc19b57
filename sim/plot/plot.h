/* Pictures: each kind is a row of kinds.def, a collector that makes its table from simulations or a store,
 * and a script for gnuplot. docs/gallery.md shows them all. */
#ifndef SA_PLOT_PLOT_H
#define SA_PLOT_PLOT_H
#include <stddef.h>
#include <stdint.h>

#include "baseline/results.h"
#include "plot/data.h"
#include "report/simulate.h"
#include "report/wavefront.h"
#include "sweep/store.h"

/* What a kind is made from. */
enum sa_plot_input {
  SA_PLOT_RUNS,     /* one machine, some networks */
  SA_PLOT_MACHINES, /* some machines, one network */
  SA_PLOT_ARRAY,    /* the inside of a small array */
  SA_PLOT_SWEEP,    /* a store */
  SA_PLOT_LADDER    /* a file of `systole baseline --ladder` */
};

#define SA_PLOT_MAX_RUNS 8

/* A finished simulation with what it was made from. */
struct sa_plot_run {
  const struct sa_config *config;
  const struct sa_net *net;
  const struct sa_simulation *simulation;
};

/* What a collector may use; nothing is owned. Members that do not belong to the kind's input are zero. */
struct sa_plot_source {
  struct sa_plot_run runs[SA_PLOT_MAX_RUNS];
  size_t run_count;
  const struct sa_baseline *baseline; /* or null */
  const struct sa_wavefront *wavefronts[2]; /* of registers: one weight register, then two */
  size_t wavefront_count;
  bool frames;                        /* of them: a picture each cycle */
  struct sa_store *store;
  const char *store_name;             /* as the picture calls it */
  const char *where, *x, *y;          /* of a sweep: an SQL filter, columns; or null */
  const char *ladder;                 /* path */
  uint64_t from, to;                  /* window of the timeline in cycles; to 0: chosen */
};

struct sa_plot_kind {
  const char *name;
  enum sa_plot_input input;
  size_t least, most; /* runs */
  const char *title, *summary;
  enum sa_status (*collect)(const struct sa_plot_source *source, struct sa_plot_data *data, struct sa_error *error);
};

enum {
  SA_PLOTS = 0
#define SA_PLOT(name, input, least, most, title, summary) +1
#include "plot/kinds.def"
#undef SA_PLOT
};

extern const struct sa_plot_kind sa_plots[SA_PLOTS];

/* The kind of that name; the message of an unknown one suggests another. */
enum sa_status sa_plot_find(const char *name, const struct sa_plot_kind **kind, struct sa_error *error) SA_CHECKED;

/* Draws a kind and writes picture and CSV (gnuplot.h). With `frames`, "wave.png" becomes a picture for every cycle,
 * wave-010.png ...; all appear or none. From C, to embed a picture of a simulation,
 *
 *   struct sa_plot_source source = {.runs = {{&config, &net, &simulation}}, .run_count = 1};
 *   status = sa_plot_draw(kind, &source, "account.svg", &error); */
enum sa_status sa_plot_draw(const struct sa_plot_kind *kind, const struct sa_plot_source *source, const char *path,
                            struct sa_error *error) SA_CHECKED;
#endif
