/* A run as JSON; see run_data.h. */
#include "page/run_data.h"

#include <stdio.h>
#include <string.h>

#include "machine/params.h"
#include "page/page.h"
#include "page/wavefront_data.h"

static const char *const column_types[] = {"count", "real", "text"};

static json_t *columns_json(void) {
  json_t *columns = json_array();
  for (size_t i = 0; i < sa_column_count; i++)
    json_array_append_new(columns, json_pack("{s:s, s:s, s:s, s:s}", "key", sa_columns[i].key, "unit",
                                             sa_columns[i].unit, "meaning", sa_columns[i].meaning, "type",
                                             column_types[sa_columns[i].type]));
  return columns;
}

/* One row of figures, in the order of the columns. */
static json_t *row_json(const struct sa_metrics *m) {
  json_t *row = json_array();
  for (size_t i = 0; i < sa_column_count; i++) {
    const union sa_value value = sa_metrics_value(m, i);
    switch (sa_columns[i].type) {
      case SA_COLUMN_U: json_array_append_new(row, json_integer((json_int_t)value.u)); break;
      case SA_COLUMN_F: json_array_append_new(row, json_real(value.f)); break;
      case SA_COLUMN_S: json_array_append_new(row, sa_page_text(value.s)); break;
    }
  }
  return row;
}

static json_t *machine_json(const struct sa_config *config) {
  json_t *params = json_array();
  for (size_t i = 0; i < SA_PARAMS; i++) {
    char text[SA_QUANTITY_CHARS];
    const uint64_t value = sa_param_get(&sa_params[i], config);
    if (value)
      json_array_append_new(params, json_pack("[s,s,s]", sa_params[i].name, sa_param_format(&sa_params[i], value, text),
                                              sa_params[i].meaning));
  }
  const double bytes_per_cycle = (double)config->bw_num[0] / (double)config->bw_den[0] +
                                 (config->memory_ports == 2 ? (double)config->bw_num[1] / (double)config->bw_den[1] : 0);
  return json_pack("{s:o, s:I, s:I, s:I, s:f, s:I, s:I, s:o}", "name", sa_page_text(config->name), "clock_hz",
                   (json_int_t)config->clock_hz, "rows", (json_int_t)config->array_rows, "cols",
                   (json_int_t)config->array_cols, "bytes_per_cycle", bytes_per_cycle, "ports",
                   (json_int_t)config->memory_ports, "sram_bytes", (json_int_t)sa_config_sram_bytes(config), "params",
                   params);
}

static json_t *peaks_json(const struct sa_report *report) {
  json_t *peaks = json_array();
  for (size_t i = 0; i < SA_REPORT_PEAKS; i++)
    if (report->peaks[i].name)
      json_array_append_new(peaks, json_pack("[s,s,I,I]", report->peaks[i].name, report->peaks[i].unit,
                                             (json_int_t)report->peaks[i].used, (json_int_t)report->peaks[i].size));
  return peaks;
}

/* Folds of equal size that follow each other: [how many, rows of PEs], the first of them. */
static json_t *folds_json(const struct sa_op_map *map) {
  enum { LISTED = 12 };
  json_t *folds = json_array();
  for (uint32_t i = 0, next; i < map->fold_count && json_array_size(folds) < LISTED; i = next) {
    for (next = i + 1; next < map->fold_count && map->folds[next].k_used == map->folds[i].k_used;) next++;
    json_array_append_new(folds, json_pack("[I,I]", (json_int_t)(next - i), (json_int_t)map->folds[i].k_used));
  }
  return folds;
}

static json_t *op_json(const struct sa_op *op, const struct sa_op_map *map) {
  json_t *folds = op->kind == SA_KIND_GEMM ? folds_json(map) : json_array();
  return json_pack("{s:[I,I,I], s:I, s:I, s:s?, s:b, s:b, s:b, s:I, s:o, s:I, s:I, s:I, s:[I,I,I,I,I]}", "tile",
                   (json_int_t)map->images, (json_int_t)map->rows, (json_int_t)map->cols, "m_tiles",
                   (json_int_t)map->m_tiles, "n_tiles", (json_int_t)map->n_tiles, "order",
                   !map->n_tiles ? NULL : map->order == SA_ORDER_N_OUTER ? "n" : "m", "diagonal", map->depthwise,
                   "streams_in", map->streams_in, "streams_out", map->streams_out, "fold_count",
                   (json_int_t)map->fold_count, "folds", folds, "weight_bytes", (json_int_t)map->weight_bytes,
                   "param_bytes", (json_int_t)map->param_bytes, "candidates", (json_int_t)map->candidates, "estimate",
                   (json_int_t)map->array_cycles, (json_int_t)map->weight_cycles, (json_int_t)map->vector_cycles,
                   (json_int_t)map->memory_cycles, (json_int_t)map->tail_cycles);
}

/* Every layer of the network: shape, and how its operations are mapped. */
static json_t *layers_json(const struct sa_page_run *run) {
  const struct sa_net *net = run->net;
  const struct sa_mapping *mapping = &run->simulation->mapping;
  json_t *layers = json_array();
  for (uint32_t l = 0; l < net->layer_count; l++) {
    const struct sa_layer *layer = &net->layers[l];
    json_array_append_new(layers, json_pack("{s:o, s:s, s:[I,I,I,I], s:[]}", "name", sa_page_text(layer->name), "kind",
                                            sa_layer_kind_name(layer->kind), "out", (json_int_t)layer->out.n,
                                            (json_int_t)layer->out.h, (json_int_t)layer->out.w,
                                            (json_int_t)layer->out.c, "ops"));
  }
  for (uint32_t i = 0; i < mapping->graph.op_count; i++)
    json_array_append_new(json_object_get(json_array_get(layers, mapping->graph.ops[i].layer), "ops"),
                          op_json(&mapping->graph.ops[i], &mapping->ops[i]));
  return layers;
}

/* Number of the network's layer of each row: rows leave out what is not executed. */
static json_t *row_layers_json(const struct sa_page_run *run) {
  const struct sa_report *report = &run->simulation->report;
  json_t *numbers = json_array();
  uint32_t layer = 0;
  for (size_t i = 0; i < report->layer_count; i++, layer++) {
    while (report->layers[i].name != run->net->layers[layer].name) layer++;
    json_array_append_new(numbers, json_integer(layer));
  }
  return numbers;
}

enum sa_status sa_page_run_data(const struct sa_page_run *run, json_t **data, struct sa_error *error) {
  const struct sa_report *report = &run->simulation->report;
  json_t *timeline, *wavefronts;
  enum sa_status status = sa_timeline_json(run->timeline, report->total.cycles, run->net->layer_count,
                                           run->window_first, run->window_last, &timeline, error);
  if (status) return status;
  status = sa_page_wavefronts(&wavefronts, error);
  if (status) {
    json_decref(timeline);
    return status;
  }
  json_t *rows = json_array();
  for (size_t i = 0; i < report->layer_count; i++) json_array_append_new(rows, row_json(&report->layers[i]));
  *data = json_pack("{s:s, s:i, s:o, s:o, s:o, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:O?}", "schema",
                    "systole-page-run", "version", 1, "made_by", sa_page_text(run->version), "command",
                    sa_page_text(run->command), "network", sa_page_text(run->net->name), "batch",
                    (json_int_t)run->net->batch, "machine", machine_json(run->config), "columns", columns_json(),
                    "rows", rows, "row_layers", row_layers_json(run), "total", row_json(&report->total), "peaks",
                    peaks_json(report), "layers", layers_json(run), "timeline", timeline, "wavefronts", wavefronts,
                    "comparison", run->comparison);
  return *data ? SA_OK : sa_fail(error, SA_ERR_MEMORY, "out of memory");
}
