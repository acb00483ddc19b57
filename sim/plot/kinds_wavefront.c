/* The inside of a small array in space and time: every PE in every cycle, the activations on their way in,
 * the sums that come out. One machine, or the same work with one and with two weight registers a PE. */
#include <inttypes.h>

#include "machine/latency.h"
#include "plot/collect.h"

enum { MOST_PES = 64, MOST_CYCLES = 120, MOST_OUTPUTS = 64 };

static const char columns[] = "what,machine,cycle,r,c,activity,row,tile,input,weight,above,below,arriving_tile,arriving,until";

/* What is common to all rows of the table. */
struct place { const char *what; size_t machine; uint64_t cycle; int64_t r, c; uint64_t until; };

static void add(struct sa_plot_data *data, const struct place *place, const struct sa_pe_state *pe) {
  sa_plot_text(data, place->what);
  sa_plot_number(data, (double)place->machine);
  sa_plot_number(data, (double)place->cycle);
  sa_plot_number(data, (double)place->r);
  sa_plot_number(data, (double)place->c);
  sa_plot_text(data, sa_pe_activity_name(pe->activity));
  const double numbers[] = {(double)pe->row, (double)pe->tile, pe->input, pe->weight, pe->above,
                            pe->below, (double)pe->arriving_tile, pe->arriving};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) sa_plot_number(data, numbers[i]);
  sa_plot_number(data, (double)place->until);
}

/* Activations on the array's left side: the cycle in which they enter. */
static void add_inputs(const struct sa_wavefront *w, size_t machine, struct sa_plot_data *data) {
  for (size_t i = 0; i < w->row_count; i++)
    for (uint32_t r = 0; r < w->rows[i].k_used; r++) {
      const struct place place = {"input", machine, w->rows[i].issue + SA_LAT_UB_READ + r, r, -1,
                                  w->rows[i].issue + SA_LAT_UB_READ + r};
      const struct sa_pe_state state = {.row = (int64_t)i, .tile = w->rows[i].tile, .input = w->rows[i].inputs[r],
                                        .arriving_tile = -1};
      add(data, &place, &state);
    }
}

/* Last cycle in which a sum that was there in `cycle` still is: a later row adds to it. */
static uint64_t replaced(const struct sa_wavefront *w, int64_t row, uint64_t cycle, uint64_t last) {
  for (size_t i = (size_t)row + 1; i < w->row_count; i++)
    if (w->rows[i].acc_row == w->rows[row].acc_row) return cycle + (w->rows[i].issue - w->rows[row].issue) - 1;
  return last;
}

static void add_cycles(const struct sa_wavefront *w, size_t machine, uint64_t first, uint64_t last,
                       struct sa_plot_data *data) {
  for (uint64_t cycle = first; cycle <= last; cycle++) {
    for (uint32_t r = 0; r < w->config.array_rows; r++)
      for (uint32_t c = 0; c < w->config.array_cols; c++) {
        const struct place place = {"pe", machine, cycle, r, c, cycle};
        const struct sa_pe_state state = sa_wavefront_pe(w, cycle, r, c);
        add(data, &place, &state);
      }
    for (uint32_t c = 0; c < w->config.array_cols; c++) {
      const int64_t row = sa_wavefront_result(w, cycle, c);
      if (row < 0) continue;
      const struct place place = {"sum", machine, cycle, w->rows[row].acc_row, c,
                                  replaced(w, row, cycle, last)};
      const struct sa_pe_state state = {.row = row, .tile = w->rows[row].tile, .below = w->rows[row].results[c],
                                        .arriving_tile = -1};
      add(data, &place, &state);
    }
  }
}

static enum sa_status check_size(const struct sa_wavefront *w, uint64_t cycles, struct sa_error *error) {
  const uint32_t pes = w->config.array_rows * w->config.array_cols;
  uint32_t outputs = 0;
  for (size_t i = 0; i < w->row_count; i++)
    if (w->rows[i].acc_row + 1 > outputs) outputs = w->rows[i].acc_row + 1;
  if (pes > MOST_PES)
    return sa_fail(error, SA_ERR_LIMIT, "%s has %" PRIu32 " x %" PRIu32 " PEs; at most %d can be drawn (try --set "
                   "array.rows=4 --set array.cols=4)", w->config.name, w->config.array_rows, w->config.array_cols, MOST_PES);
  if (cycles > MOST_CYCLES)
    return sa_fail(error, SA_ERR_LIMIT, "the picture would have %" PRIu64 " cycles; at most %d can be drawn", cycles, MOST_CYCLES);
  if (outputs > MOST_OUTPUTS)
    return sa_fail(error, SA_ERR_LIMIT, "the picture would have %" PRIu32 " rows of sums; at most %d can be drawn", outputs, MOST_OUTPUTS);
  return SA_OK;
}

static enum sa_status collect(const struct sa_plot_source *source, struct sa_plot_data *data, struct sa_error *error) {
  uint64_t from = UINT64_MAX, to = 0;
  uint32_t outputs = 0;
  sa_plot_columns(data, columns);
  for (size_t i = 0; i < source->wavefront_count; i++) {
    const struct sa_wavefront *w = source->wavefronts[i];
    uint64_t first, last;
    char text[SA_PLOT_TEXT_CHARS];
    if (!sa_wavefront_span(w, &first, &last)) return sa_fail(error, SA_ERR_INPUT, "nothing to draw: no row of activations");
    const enum sa_status status = check_size(w, last - first + 1, error);
    if (status) return status;
    for (size_t k = 0; k < w->row_count; k++)
      if (w->rows[k].acc_row + 1 > outputs) outputs = w->rows[k].acc_row + 1;
    snprintf(text, sizeof text, "%" PRIu32 " weight register%s a PE", w->config.weight_buffers,
             w->config.weight_buffers == 1 ? "" : "s");
    sa_plot_set_text_at(data, "machine", i + 1, text);
    snprintf(text, sizeof text, "done_%zu", i + 1);
    sa_plot_set(data, text, (double)last + 1);
    if (first < from) from = first;
    if (last > to) to = last;
  }
  for (size_t i = 0; i < source->wavefront_count; i++) {
    add_inputs(source->wavefronts[i], i + 1, data);
    add_cycles(source->wavefronts[i], i + 1, from, to, data);
  }
  const struct sa_wavefront *w = source->wavefronts[0];
  sa_plot_set_text(data, "subtitle", "%zu rows of activations, %zu weight tile%s, on %s: %" PRIu32 "x%" PRIu32 " PEs", w->row_count,
                   w->tile_count, w->tile_count == 1 ? "" : "s", w->config.name, w->config.array_rows, w->config.array_cols);
  sa_plot_set(data, "machines", (double)source->wavefront_count);
  sa_plot_set(data, "pe_rows", w->config.array_rows);
  sa_plot_set(data, "pe_cols", w->config.array_cols);
  sa_plot_set(data, "outputs", outputs);
  sa_plot_set(data, "first_cycle", (double)from);
  sa_plot_set(data, "last_cycle", (double)to);
  sa_plot_set(data, "frame", -1);
  return SA_OK;
}

enum sa_status sa_plot_collect_wavefront(const struct sa_plot_source *source, struct sa_plot_data *data,
                                         struct sa_error *error) {
  return collect(source, data, error);
}

enum sa_status sa_plot_collect_registers(const struct sa_plot_source *source, struct sa_plot_data *data,
                                         struct sa_error *error) {
  return collect(source, data, error);
}
