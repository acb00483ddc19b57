/* A store's points as JSON; see sweep_data.h. */
#include "page/sweep_data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/params.h"
#include "page/page.h"
#include "report/metrics.h"

/* Figures that every page has; the first one orders the points. What differs between them is added. */
static const char figures[] =
    "cycles,time_us,macs,mac_utilisation,mapping_utilisation,array_utilisation,bound_cycles,distance,sram_bytes,"
    "dram_read_bytes,dram_write_bytes,bytes_per_cycle,operational_intensity,cycles_active,cycles_non_matrix,"
    "cycles_drain,cycles_idle,cycles_input_stall,cycles_raw_stall,cycles_accumulator_stall,cycles_weight_stall,"
    "cycles_weight_shift";

/* What a column is called in params.def or columns.def, or "". */
static void describe(const char *name, const char **unit, const char **meaning) {
  *unit = *meaning = "";
  const size_t column = sa_column_find(name);
  if (column < sa_column_count) {
    *unit = sa_columns[column].unit;
    *meaning = sa_columns[column].meaning;
  }
  for (size_t i = 0; i < SA_PARAMS; i++) {
    char buffer[SA_STORE_NAME_CHARS];
    if (strcmp(sa_store_name(sa_params[i].name, buffer), name) != 0) continue;
    *unit = sa_dimension_unit(sa_params[i].dimension);
    *meaning = sa_params[i].meaning;
  }
  if (strcmp(name, "sram_bytes") == 0) {
    *unit = "bytes";
    *meaning = "all memory on the chip: unified buffer, accumulators, weight FIFO";
  }
}

static json_t *columns_json(struct sa_query_run *run) {
  json_t *columns = json_array();
  for (int i = 0; i < sa_query_columns(run); i++) {
    const char *unit, *meaning, *name = sqlite3_column_name(sa_query_row(run), i);
    describe(name, &unit, &meaning);
    json_array_append_new(columns, json_pack("{s:o, s:s, s:s, s:b}", "key", sa_page_text(name), "unit", unit, "meaning",
                                             meaning, "figure", sa_column_find(name) < sa_column_count));
  }
  return columns;
}

static json_t *cell_json(sqlite3_stmt *row, int column) {
  const char *text;
  switch (sqlite3_column_type(row, column)) {
    case SQLITE_INTEGER: return json_integer(sqlite3_column_int64(row, column));
    case SQLITE_FLOAT: return json_real(sqlite3_column_double(row, column));
    case SQLITE_NULL: return json_null();
    default: text = (const char *)sqlite3_column_text(row, column); return sa_page_text(text ? text : "");
  }
}

/* All rows of a query, at most `limit`; *more: there are others. */
static enum sa_status rows_json(struct sa_query_run *run, size_t limit, json_t *rows, bool *more,
                                struct sa_error *error) {
  *more = false;
  for (bool there;;) {
    const enum sa_status status = sa_query_next(run, &there, error);
    if (status || !there) return status;
    *more = json_array_size(rows) == limit;
    if (*more) return SA_OK;
    json_t *row = json_array();
    for (int i = 0; i < sa_query_columns(run); i++) json_array_append_new(row, cell_json(sa_query_row(run), i));
    json_array_append_new(rows, row);
  }
}

static enum sa_status ask(struct sa_store *store, const struct sa_query *query, json_t *object, size_t limit,
                          struct sa_error *error) {
  struct sa_query_run *run = NULL;
  bool more;
  enum sa_status status = sa_query_open(store, query, &run, error);
  if (status) return status;
  json_t *rows = json_array();
  status = rows_json(run, limit, rows, &more, error);
  json_object_set_new(object, "columns", columns_json(run));
  json_object_set_new(object, "rows", rows);
  json_object_set_new(object, "more", json_boolean(more));
  sa_query_close(run);
  return status;
}

enum sa_status sa_page_sweep_data(const struct sa_page_sweep *sweep, json_t **data, struct sa_error *error) {
  enum { MAX_REASONS = 200 };
  const struct sa_query points = {.where = sweep->where, .sort = figures};
  const struct sa_query illegal = {.where = sweep->where, .illegal = true};
  json_t *done = json_object(), *refused = json_object();
  enum sa_status status = done && refused ? SA_OK : sa_fail(error, SA_ERR_MEMORY, "out of memory");
  if (!status) status = ask(sweep->store, &points, done, SA_PAGE_POINTS, error);
  if (!status && !json_array_size(json_object_get(done, "rows")))
    status = sa_fail(error, SA_ERR_INPUT, "%s has no simulated point%s", sweep->name,
                     sweep->where ? " for which --where holds" : "");
  /* a filter may name figures, which points that were not simulated do not have */
  if (!status && !sweep->where) status = ask(sweep->store, &illegal, refused, MAX_REASONS, error);
  if (status) {
    json_decref(done);
    json_decref(refused);
    return status;
  }
  *data = json_pack("{s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:o}", "schema", "systole-page-sweep", "version", 1, "made_by",
                    sa_page_text(sweep->version), "command", sa_page_text(sweep->command), "store",
                    sa_page_text(sweep->name), "where", sa_page_text(sweep->where ? sweep->where : ""), "points", done,
                    "refused", refused);
  return *data ? SA_OK : sa_fail(error, SA_ERR_MEMORY, "out of memory");
}
