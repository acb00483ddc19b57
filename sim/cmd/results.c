/* `systole results`: answers from a store of `systole sweep`, as table, CSV or JSON. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "cmd/advice.h"
#include "cmd/command.h"
#include "report/report.h"
#include "sweep/query.h"

enum { MAX_COLUMNS = 64 };

static const struct sa_command_option options[] = {
    {"columns", 'c', "COLUMNS", false, "what to print (default: what differs, cycles, utilisation, memory)"},
    {"where", 'w', "SQL", false, "points for which this SQL expression holds"},
    {"sort", 's', "COLUMNS", false, "order, each column with :min (default) or :max first"},
    {"pareto", 'p', "COLUMNS", false, "points that no other one beats in all of these (:min or :max)"},
    {"best", 'b', "COLUMNS", false, "the best point (:min or :max), of each group with --per"},
    {"per", 0, "COLUMNS", false, "with --best: points with equal values here are a group"},
    {"illegal", 0, NULL, false, "the points that were not simulated, with their reason"},
    {"explain", 'e', "ID", false, "what binds that point, and its neighbours, simulated (a beginning of ID will do)"},
    {"limit", 'n', "N", false, "at most N rows"},
    {"format", 'f', "FORMAT", false, "table, csv or json (default: table)"},
};

static const char *text_of(sqlite3_stmt *row, int column) {
  const char *text = (const char *)sqlite3_column_text(row, column);
  return text ? text : "";
}

/* A cell as printed: reals short, the rest as it is. */
static const char *cell(sqlite3_stmt *row, int column, bool pretty, char *buffer, size_t size) {
  if (pretty && sqlite3_column_type(row, column) == SQLITE_FLOAT) {
    snprintf(buffer, size, "%.4g", sqlite3_column_double(row, column));
    return buffer;
  }
  return text_of(row, column);
}

static enum sa_status print_table(struct sa_query_run *run, struct sa_error *error) {
  int widths[MAX_COLUMNS];
  const int count = sa_query_columns(run);
  sqlite3_stmt *row = sa_query_row(run);
  char buffer[64];
  bool there;
  enum sa_status status;
  for (int i = 0; i < count; i++) widths[i] = (int)strlen(sqlite3_column_name(row, i));
  while (!(status = sa_query_next(run, &there, error)) && there)
    for (int i = 0; i < count; i++) {
      const int width = (int)strlen(cell(row, i, true, buffer, sizeof buffer));
      if (width > widths[i]) widths[i] = width;
    }
  if (status) return status;
  for (int i = 0; i < count; i++) printf("%s%*s", i ? "  " : "", widths[i], sqlite3_column_name(row, i));
  putchar('\n');
  while (!(status = sa_query_next(run, &there, error)) && there) {
    for (int i = 0; i < count; i++)
      printf("%s%*s", i ? "  " : "", widths[i], cell(row, i, true, buffer, sizeof buffer));
    putchar('\n');
  }
  return status;
}

/* RFC 4180: quotes where a comma, a quote or a new line is in the text. */
static void print_csv_cell(const char *text) {
  if (!strpbrk(text, ",\"\n")) {
    fputs(text, stdout);
    return;
  }
  putchar('"');
  for (; *text; text++) {
    if (*text == '"') putchar('"');
    putchar(*text);
  }
  putchar('"');
}

static enum sa_status print_csv(struct sa_query_run *run, struct sa_error *error) {
  const int count = sa_query_columns(run);
  sqlite3_stmt *row = sa_query_row(run);
  for (int i = 0; i < count; i++) printf("%s%s", i ? "," : "", sqlite3_column_name(row, i));
  putchar('\n');
  bool there;
  enum sa_status status;
  while (!(status = sa_query_next(run, &there, error)) && there) {
    for (int i = 0; i < count; i++) {
      if (i) putchar(',');
      print_csv_cell(text_of(row, i));
    }
    putchar('\n');
  }
  return status;
}

static json_t *json_cell(sqlite3_stmt *row, int column) {
  switch (sqlite3_column_type(row, column)) {
    case SQLITE_INTEGER: return json_integer(sqlite3_column_int64(row, column));
    case SQLITE_FLOAT: return json_real(sqlite3_column_double(row, column));
    case SQLITE_NULL: return json_null();
    default: return json_string(text_of(row, column));
  }
}

static enum sa_status print_json_row(sqlite3_stmt *row, int count, struct sa_error *error) {
  json_t *object = json_object();
  int failed = !object;
  for (int i = 0; i < count && !failed; i++)
    failed = json_object_set_new(object, sqlite3_column_name(row, i), json_cell(row, i));
  failed = failed || json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(9));
  json_decref(object);
  return failed ? sa_fail(error, SA_ERR_MEMORY, "a row cannot be written as JSON") : SA_OK;
}

static enum sa_status print_json(struct sa_query_run *run, struct sa_error *error) {
  const int count = sa_query_columns(run);
  bool there, first = true;
  enum sa_status status;
  putchar('[');
  while (!(status = sa_query_next(run, &there, error)) && there) {
    fputs(first ? "\n" : ",\n", stdout);
    first = false;
    status = print_json_row(sa_query_row(run), count, error);
    if (status) return status;
  }
  fputs("\n]\n", stdout);
  return status;
}

static enum sa_status read_query(const struct sa_args *args, struct sa_query *query, struct sa_error *error) {
  *query = (struct sa_query){.columns = sa_args_value(args, "columns"),
                             .where = sa_args_value(args, "where"),
                             .sort = sa_args_value(args, "sort"),
                             .pareto = sa_args_value(args, "pareto"),
                             .best = sa_args_value(args, "best"),
                             .per = sa_args_value(args, "per"),
                             .illegal = sa_args_has(args, "illegal")};
  unsigned long long limit = 0;
  if ((query->sort != NULL) + (query->pareto != NULL) + (query->best != NULL) > 1)
    return sa_fail(error, SA_ERR_INPUT, "--sort, --pareto and --best each set the order; give one of them");
  if (query->per && !query->best) return sa_fail(error, SA_ERR_INPUT, "--per belongs to --best");
  if (query->illegal && (query->pareto || query->best))
    return sa_fail(error, SA_ERR_INPUT, "--illegal points have no figures to be compared");
  const enum sa_status status = sa_args_number(args, "limit", 1, UINT64_MAX, &limit, error);
  query->limit = limit;
  return status;
}

static enum sa_status print_answer(const struct sa_args *args, enum sa_format format, struct sa_error *error) {
  struct sa_query query;
  struct sa_store *store = NULL;
  struct sa_query_run *run = NULL;
  enum sa_status status = read_query(args, &query, error);
  if (!status) status = sa_store_open(sa_args_get(args, 0), SA_STORE_READ, &store, error);
  if (!status) status = sa_query_open(store, &query, &run, error);
  if (!status) {
    switch (format) {
      case SA_FORMAT_TABLE: status = print_table(run, error); break;
      case SA_FORMAT_CSV: status = print_csv(run, error); break;
      case SA_FORMAT_JSON: status = print_json(run, error); break;
    }
  }
  sa_query_close(run);
  sa_store_close(store);
  return status;
}

/* --explain answers by itself: no other option but the format goes with it. */
static enum sa_status explain(const struct sa_args *args, enum sa_format format, struct sa_error *error) {
  struct sa_store *store = NULL;
  for (size_t i = 0; i < sizeof options / sizeof *options; i++)
    if (strcmp(options[i].name, "explain") != 0 && strcmp(options[i].name, "format") != 0 &&
        sa_args_has(args, options[i].name))
      return sa_fail(error, SA_ERR_INPUT, "--%s does not go with --explain", options[i].name);
  enum sa_status status = sa_store_open(sa_args_get(args, 0), SA_STORE_READ, &store, error);
  if (!status) status = sa_print_advice(store, sa_args_value(args, "explain"), format, error);
  sa_store_close(store);
  return status;
}

static int run(const struct sa_args *args) {
  struct sa_error error = {0};
  enum sa_format format = SA_FORMAT_TABLE;
  const char *wanted = sa_args_value(args, "format");
  if (wanted && sa_format_parse(wanted, &format, &error)) return sa_command_fail(&error);
  if (sa_args_has(args, "explain")) return explain(args, format, &error) ? sa_command_fail(&error) : SA_EXIT_OK;
  return print_answer(args, format, &error) ? sa_command_fail(&error) : SA_EXIT_OK;
}

const struct sa_command sa_command_results = {
    .name = "results",
    .arguments = "STORE",
    .min_arguments = 1,
    .max_arguments = 1,
    .summary = "answers from a sweep's store: tables, the best points, Pareto fronts",
    .details = "COLUMNS is a list with commas: parameters (array.rows or array_rows) and the figures of\n"
               "docs/metrics.md. SQL uses the same names, with underscores: 'array_rows >= 64 AND batch = 1'.\n",
    SA_OPTIONS(options),
    .run = run,
};
