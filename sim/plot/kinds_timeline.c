/* The timeline: instructions of each unit as bars in a window of cycles. Instructions of one unit overlap
 * (bursts of the next LOAD are under way before the last one's have come), so each unit has lanes. */
#include <stdlib.h>
#include <string.h>

#include "plot/collect.h"
#include "base/vec.h"
#include "program/isa_table.h"

struct bar {
  uint64_t start, end;
  uint32_t layer;
  uint8_t unit, opcode, lane;
};

struct window {
  uint64_t from, to; /* to: the first cycle behind it */
  struct bar *bars;  /* owned */
  size_t count, capacity;
  bool out_of_memory;
};

enum { MOST_LANES = 4, MOST_BARS = 4000, DEFAULT_BARS = 160 };

#define CHAR_WIDTH 0.0085 /* of a letter, as part of the axis */

static const char *const unit_names[SA_UNITS] = {"LOAD", "STORE", "WLOAD", "MATMUL", "VECTOR"};

static void keep(void *user, const struct sa_instr_event *event) {
  struct window *window = user;
  if (event->end < window->from || event->start >= window->to || window->count > MOST_BARS) return;
  struct bar *grown = sa_vec_grow(window->bars, &window->capacity, window->count + 1, sizeof *grown);
  if (!grown) {
    window->out_of_memory = true;
    return;
  }
  window->bars = grown;
  grown[window->count++] = (struct bar){event->start, event->end, event->layer, (uint8_t)event->unit,
                                        event->instr->opcode, 0};
}

static int by_start(const void *a, const void *b) {
  const struct bar *x = a, *y = b;
  if (x->unit != y->unit) return x->unit - y->unit;
  if (x->start != y->start) return x->start < y->start ? -1 : 1;
  return (x->end > y->end) - (x->end < y->end);
}

/* Each bar into the first lane that is free; beyond the last lane bars cover each other. */
static void give_lanes(struct window *window, unsigned lanes[SA_UNITS]) {
  uint64_t busy[SA_UNITS][MOST_LANES] = {{0}};
  for (int u = 0; u < SA_UNITS; u++) lanes[u] = 1;
  for (size_t i = 0; i < window->count; i++) {
    struct bar *bar = &window->bars[i];
    uint8_t lane = 0;
    while (lane + 1 < MOST_LANES && busy[bar->unit][lane] > bar->start) lane++;
    busy[bar->unit][lane] = bar->end + 1;
    bar->lane = lane;
    if (lane + 1u > lanes[bar->unit]) lanes[bar->unit] = lane + 1u;
  }
}

/* Without --to: about DEFAULT_BARS instructions from `from` on, at the run's mean rate. */
static uint64_t choose_end(const struct sa_counters *counters, uint64_t from) {
  double instructions = 0;
  for (int u = 0; u < SA_UNITS; u++) instructions += (double)counters->instructions[u];
  const uint64_t cycles = counters->cycles[0];
  const double wanted = instructions > 0 ? (double)cycles * DEFAULT_BARS / instructions : (double)cycles;
  return wanted + (double)from < (double)cycles ? from + (uint64_t)wanted : cycles;
}

static enum sa_status find_bars(const struct sa_plot_run *run, struct window *window, struct sa_error *error) {
  struct sa_counters counters;
  const struct sa_engine_options options = {.on_instr = keep, .user = window};
  const enum sa_status status = sa_engine_run(run->config, &run->simulation->mapping.program, &options, &counters,
                                              NULL, 0, error);
  if (status) return status;
  if (window->out_of_memory) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  if (window->count > MOST_BARS)
    return sa_fail(error, SA_ERR_LIMIT, "more than %d instructions lie in cycles %llu to %llu; choose a smaller window "
                   "with --from and --to", MOST_BARS, (unsigned long long)window->from, (unsigned long long)window->to);
  if (window->count) qsort(window->bars, window->count, sizeof *window->bars, by_start);
  return SA_OK;
}

/* Where a layer's name stands: over its first MATMUL in the window, if the last name leaves room. */
static bool named(const struct sa_plot_run *run, const struct window *window, size_t i, double *free_from) {
  const struct bar *bar = &window->bars[i];
  if (bar->unit != SA_MATMUL || bar->layer >= run->net->layer_count || (double)bar->start < *free_from) return false;
  for (size_t k = i; k > 0 && window->bars[k - 1].unit == SA_MATMUL; k--)
    if (window->bars[k - 1].layer == bar->layer) return false;
  const double width = (double)(window->to - window->from) * CHAR_WIDTH;
  const double begin = (double)(bar->start > window->from ? bar->start : window->from);
  const double end = begin + width * (double)strlen(run->net->layers[bar->layer].name);
  if (end > (double)window->to) return false;
  *free_from = end + width;
  return true;
}

static void add_bars(const struct sa_plot_run *run, const struct window *window, struct sa_plot_data *data) {
  double free_from = 0;
  for (size_t i = 0; i < window->count; i++) {
    const struct bar *bar = &window->bars[i];
    const enum sa_op_index op = sa_isa_find(bar->opcode);
    sa_plot_text(data, unit_names[bar->unit]);
    sa_plot_number(data, bar->unit);
    sa_plot_number(data, bar->lane);
    sa_plot_text(data, op < SA_OPS ? sa_isa_op(op)->name : "?");
    sa_plot_text(data, bar->layer < run->net->layer_count ? run->net->layers[bar->layer].name : "");
    sa_plot_number(data, bar->layer);
    sa_plot_number(data, (double)bar->start);
    sa_plot_number(data, (double)bar->end);
    sa_plot_text(data, named(run, window, i, &free_from) ? run->net->layers[bar->layer].name : "");
  }
}

enum sa_status sa_plot_collect_timeline(const struct sa_plot_source *source, struct sa_plot_data *data,
                                        struct sa_error *error) {
  static const char columns[] = "unit,unit_number,lane,operation,layer,layer_number,start,end,label";
  const struct sa_plot_run *run = &source->runs[0];
  const uint64_t cycles = run->simulation->counters.cycles[0];
  struct window window = {.from = source->from, .to = source->to};
  if (window.from >= cycles)
    return sa_fail(error, SA_ERR_INPUT, "--from is %llu; the run has %llu cycles", (unsigned long long)window.from,
                   (unsigned long long)cycles);
  if (window.to && window.to <= window.from)
    return sa_fail(error, SA_ERR_INPUT, "--to is %llu; it must be above --from, %llu", (unsigned long long)window.to,
                   (unsigned long long)window.from);
  if (!window.to) window.to = choose_end(&run->simulation->counters, window.from);
  if (window.to > cycles) window.to = cycles;
  enum sa_status status = find_bars(run, &window, error);
  if (!status) {
    unsigned lanes[SA_UNITS];
    give_lanes(&window, lanes);
    sa_plot_describe_run(data, run);
    sa_plot_columns(data, columns);
    add_bars(run, &window, data);
    for (int u = 0; u < SA_UNITS; u++) {
      char name[32];
      snprintf(name, sizeof name, "lanes_%d", u);
      sa_plot_set(data, name, lanes[u]);
      sa_plot_set_text_at(data, "unit", (size_t)u, unit_names[u]);
    }
    sa_plot_set(data, "from_cycle", (double)window.from);
    sa_plot_set(data, "to_cycle", (double)window.to);
    snprintf(data->empty, sizeof data->empty, "no instruction lies in cycles %llu to %llu",
             (unsigned long long)window.from, (unsigned long long)window.to);
  }
  free(window.bars);
  return status;
}
