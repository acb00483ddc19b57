/* The wavefront as CSV, text and JSON; see wavefront.h. */
#include <inttypes.h>
#include <string.h>

#include "machine/latency.h"
#include "report/wavefront.h"

static void number_or_nothing(bool there, int64_t value, FILE *out) {
  fputc(',', out);
  if (there) fprintf(out, "%" PRId64, value);
}

static void write_pe(const struct sa_wavefront *w, uint64_t cycle, uint32_t r, uint32_t c, FILE *out) {
  const struct sa_pe_state pe = sa_wavefront_pe(w, cycle, r, c);
  fprintf(out, "%" PRIu64 ",%" PRIu32 ",%" PRIu32 ",%s", cycle, r, c, sa_pe_activity_name(pe.activity));
  number_or_nothing(pe.row >= 0, pe.row, out);
  number_or_nothing(pe.row >= 0, pe.input, out);
  number_or_nothing(pe.tile >= 0, pe.tile, out);
  number_or_nothing(pe.tile >= 0, pe.weight, out);
  number_or_nothing(pe.row >= 0, pe.above, out);
  number_or_nothing(pe.row >= 0, pe.below, out);
  number_or_nothing(pe.shadow_tile >= 0, pe.shadow_tile, out);
  number_or_nothing(pe.shadow_tile >= 0, pe.shadow, out);
  number_or_nothing(pe.arriving_tile >= 0, pe.arriving_tile, out);
  number_or_nothing(pe.arriving_tile >= 0, pe.arriving, out);
  fputc('\n', out);
}

void sa_wavefront_write_csv(const struct sa_wavefront *w, FILE *out) {
  uint64_t first, last;
  fputs("cycle,pe_row,pe_col,activity,row,input,tile,weight,above,below,shadow_tile,shadow,arriving_tile,arriving\n",
        out);
  if (!sa_wavefront_span(w, &first, &last)) return;
  const uint32_t rows = w->config.array_rows, cols = w->config.array_cols;
  for (uint64_t cycle = first; cycle <= last; cycle++) {
    for (uint32_t r = 0; r < rows; r++)
      for (uint32_t c = 0; c < cols; c++) write_pe(w, cycle, r, c, out);
    for (uint32_t c = 0; c < cols; c++) {
      const int64_t row = sa_wavefront_result(w, cycle, c);
      if (row >= 0)
        fprintf(out, "%" PRIu64 ",%" PRIu32 ",%" PRIu32 ",result,%" PRId64 ",,%" PRIu32 ",,,%" PRId32 ",,,,\n", cycle,
                rows, c, row, w->rows[row].tile, w->rows[row].results[c]);
    }
  }
}

/* ---- Text ---- */

enum { CELL = 17 };

/* "4+2*-1=2" and an arriving weight, or what is held; *blanks are due before it, and after it for the
 * next one, so that lines end with their last character. */
static void draw_pe(const struct sa_pe_state *pe, int *blanks, FILE *out) {
  char text[64] = ".", arrival[16] = "";
  if (pe->row >= 0)
    snprintf(text, sizeof text, "%" PRId32 "%+d*%d=%" PRId32, pe->above, pe->input, pe->weight, pe->below);
  else if (pe->tile >= 0)
    snprintf(text, sizeof text, "[%d]", pe->weight);
  if (pe->arriving_tile >= 0) snprintf(arrival, sizeof arrival, " <%d", pe->arriving);
  const int used =
      fprintf(out, "%*s%s%s%s", *blanks, "", text, pe->activity == SA_PE_SWAP ? "!" : "", arrival) - *blanks;
  *blanks = used < CELL ? CELL - used : 1;
}

static void draw_results(const struct sa_wavefront *w, uint64_t cycle, FILE *out) {
  bool any = false;
  for (uint32_t c = 0; c < w->config.array_cols; c++) any |= sa_wavefront_result(w, cycle, c) >= 0;
  if (!any) return;
  fputs("  sums   ", out);
  int blanks = 0;
  for (uint32_t c = 0; c < w->config.array_cols; c++, blanks += CELL) {
    const int64_t row = sa_wavefront_result(w, cycle, c);
    if (row >= 0) blanks = -fprintf(out, "%*sr%" PRId64 ": %" PRId32, blanks, "", row, w->rows[row].results[c]) + blanks;
  }
  fputc('\n', out);
}

void sa_wavefront_write_text(const struct sa_wavefront *w, uint64_t first, uint64_t last, FILE *out) {
  for (uint64_t cycle = first; cycle <= last; cycle++) {
    fprintf(out, "cycle %" PRIu64 "\n", cycle);
    for (uint32_t r = 0; r < w->config.array_rows; r++) {
      const struct sa_pe_state entering = sa_wavefront_pe(w, cycle, r, 0);
      char text[24] = "";
      if (entering.row >= 0) snprintf(text, sizeof text, "%d >", entering.input);
      fprintf(out, "  %6s ", text);
      int blanks = 0;
      for (uint32_t c = 0; c < w->config.array_cols; c++) {
        const struct sa_pe_state pe = sa_wavefront_pe(w, cycle, r, c);
        draw_pe(&pe, &blanks, out);
      }
      fputc('\n', out);
    }
    draw_results(w, cycle, out);
  }
}

/* ---- JSON ---- */

static json_t *bytes_json(const int8_t *values, size_t count) {
  json_t *array = json_array();
  for (size_t i = 0; i < count; i++) json_array_append_new(array, json_integer(values[i]));
  return array;
}

static json_t *tiles_json(const struct sa_wavefront *w) {
  json_t *tiles = json_array();
  for (size_t i = 0; i < w->tile_count; i++) {
    const struct sa_wavefront_tile *tile = &w->tiles[i];
    json_array_append_new(
        tiles, json_pack("{s:I, s:I, s:I, s:o}", "shift", (json_int_t)tile->shift, "k_used", (json_int_t)tile->k_used,
                         "n_used", (json_int_t)tile->n_used, "weights",
                         bytes_json(tile->weights, (size_t)w->config.array_rows * w->config.array_cols)));
  }
  return tiles;
}

static json_t *rows_json(const struct sa_wavefront *w) {
  json_t *rows = json_array();
  for (size_t i = 0; i < w->row_count; i++) {
    const struct sa_wavefront_row *row = &w->rows[i];
    json_t *results = json_array();
    for (uint32_t c = 0; c < w->config.array_cols; c++)
      json_array_append_new(results, json_integer(row->results[c]));
    json_array_append_new(rows, json_pack("{s:I, s:I, s:b, s:b, s:I, s:I, s:o, s:o}", "issue", (json_int_t)row->issue,
                                          "tile", (json_int_t)row->tile, "swaps", row->swaps, "accumulates",
                                          row->accumulates, "acc_bank", (json_int_t)row->acc_bank, "acc_row",
                                          (json_int_t)row->acc_row, "inputs",
                                          bytes_json(row->inputs, w->config.array_rows), "results", results));
  }
  return rows;
}

/* A PE as an array, in the order of "pe" below: short, as there are many. */
static json_t *pe_json(const struct sa_pe_state *pe) {
  return json_pack("[i,I,i,I,i,i,i,I,i,I,i]", (int)pe->activity, (json_int_t)pe->row, pe->input,
                   (json_int_t)pe->tile, pe->weight, (int)pe->above, (int)pe->below, (json_int_t)pe->shadow_tile,
                   pe->shadow, (json_int_t)pe->arriving_tile, pe->arriving);
}

static json_t *frame_json(const struct sa_wavefront *w, uint64_t cycle) {
  json_t *pes = json_array(), *results = json_array();
  for (uint32_t r = 0; r < w->config.array_rows; r++)
    for (uint32_t c = 0; c < w->config.array_cols; c++) {
      const struct sa_pe_state pe = sa_wavefront_pe(w, cycle, r, c);
      json_array_append_new(pes, pe_json(&pe));
    }
  for (uint32_t c = 0; c < w->config.array_cols; c++)
    json_array_append_new(results, json_integer(sa_wavefront_result(w, cycle, c)));
  return json_pack("{s:I, s:o, s:o}", "cycle", (json_int_t)cycle, "pes", pes, "results", results);
}

json_t *sa_wavefront_json(const struct sa_wavefront *w) {
  uint64_t first = 0, last = 0;
  json_t *frames = json_array();
  if (sa_wavefront_span(w, &first, &last))
    for (uint64_t cycle = first; cycle <= last; cycle++) json_array_append_new(frames, frame_json(w, cycle));
  json_t *activities = json_array();
  for (int i = 0; i < SA_PE_ACTIVITIES; i++)
    json_array_append_new(activities, json_string(sa_pe_activity_name((enum sa_pe_activity)i)));
  return json_pack("{s:s, s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:[s,s,s,s,s,s,s,s,s,s,s], s:o, s:o, s:o}", "schema",
                   "systole-wavefront", "version", 1, "rows_of_pes", (json_int_t)w->config.array_rows, "cols_of_pes",
                   (json_int_t)w->config.array_cols, "weight_buffers", (json_int_t)w->config.weight_buffers, "cycles",
                   (json_int_t)w->cycles, "first", (json_int_t)first, "last", (json_int_t)last, "activities",
                   activities, "pe", "activity", "row", "input", "tile", "weight", "above", "below", "shadow_tile",
                   "shadow", "arriving_tile", "arriving", "tiles", tiles_json(w), "rows", rows_json(w), "frames",
                   frames);
}
