/* The report as JSON: schema "systole-report", version 1, docs/report-json.md. */
#include <jansson.h>
#include <string.h>

#include "report/report.h"

json_t *sa_metrics_json(const struct sa_metrics *m) {
  json_t *object = json_object();
  for (size_t i = 0; i < sa_column_count; i++) {
    const union sa_value value = sa_metrics_value(m, i);
    json_t *item = NULL;
    switch (sa_columns[i].type) {
      case SA_COLUMN_U: item = json_integer((json_int_t)value.u); break;
      case SA_COLUMN_F: item = json_real(value.f); break;
      case SA_COLUMN_S: item = json_string(value.s); break;
    }
    json_object_set_new(object, sa_columns[i].key, item);
  }
  return object;
}

static json_t *machine(const struct sa_config *config) {
  return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I}", "name", config->name, "clock_hz",
                   (json_int_t)config->clock_hz, "array_rows", (json_int_t)config->array_rows,
                   "array_cols", (json_int_t)config->array_cols, "buffer_bytes",
                   (json_int_t)config->buffer_bytes, "memory_ports",
                   (json_int_t)config->memory_ports);
}

static json_t *peaks(const struct sa_report *report) {
  json_t *array = json_array();
  for (size_t i = 0; i < SA_REPORT_PEAKS; i++)
    if (report->peaks[i].name)
      json_array_append_new(array, json_pack("{s:s, s:s, s:I, s:I}", "memory", report->peaks[i].name,
                                             "unit", report->peaks[i].unit, "used",
                                             (json_int_t)report->peaks[i].used, "size",
                                             (json_int_t)report->peaks[i].size));
  return array;
}

/* The network's parameters; a phase by its word. */
static json_t *parameters(const struct sa_report *report) {
  json_t *object = json_object();
  for (uint32_t i = 0; i < report->param_count; i++) {
    const struct sa_net_param *p = &report->params[i];
    json_t *value = strcmp(p->name, "phase") == 0 ? json_string(p->value ? "decode" : "prefill")
                                                  : json_integer((json_int_t)p->value);
    json_object_set_new(object, p->name, value);
  }
  return object;
}

enum sa_status sa_report_write_json(const struct sa_report *report, const char *layer, FILE *out,
                                    struct sa_error *error) {
  json_t *layers = json_array();
  for (size_t i = 0; i < report->layer_count; i++)
    if (!layer || strcmp(layer, report->layers[i].name) == 0)
      json_array_append_new(layers, sa_metrics_json(&report->layers[i]));
  json_t *root = json_pack("{s:s, s:i, s:o, s:s, s:I, s:o}", "schema", "systole-report", "version", 1,
                           "machine", machine(report->config), "network", report->network, "batch",
                           (json_int_t)report->batch, "layers", layers);
  if (root && report->param_count) json_object_set_new(root, "parameters", parameters(report));
  if (root && !layer) {
    json_object_set_new(root, "total", sa_metrics_json(&report->total));
    json_object_set_new(root, "peaks", peaks(report));
  }
  const int failed = !root || json_dumpf(root, out, JSON_INDENT(1) | JSON_REAL_PRECISION(10)) != 0;
  json_decref(root);
  fputc('\n', out);
  return failed ? sa_fail(error, SA_ERR_IO, "cannot write the JSON report") : SA_OK;
}
