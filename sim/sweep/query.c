/* Queries become one SQL statement; only the Pareto front is found here: with the rows ordered by the
 * objectives, a row can be beaten by earlier ones alone. */
#include "sweep/query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "base/vec.h"

enum { MAX_NAMES = 256, MAX_LIST = 32 };

struct column {
  char name[SA_STORE_NAME_CHARS];
  bool max;
};

struct list {
  struct column columns[MAX_LIST];
  size_t count;
};

struct sa_query_run {
  struct sa_store *store;
  sqlite3_stmt *statement;
  struct list objectives;
  int shown;
  uint64_t limit, given;
  double *front; /* owned; [front_count][objectives.count], smaller is better */
  size_t front_count, front_capacity;
};

/* A column of the table or view; quoted names that SQLite does not know would be texts to it. */
static enum sa_status check_column(sqlite3 *database, const char *table, const char *name,
                                   struct sa_error *error) {
  char sql[64], hint[128];
  const char *names[MAX_NAMES];
  sqlite3_stmt *statement = NULL;
  snprintf(sql, sizeof sql, "SELECT * FROM %s LIMIT 0", table);
  if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) != SQLITE_OK) return sa_store_fail(database, error);
  size_t count = (size_t)sqlite3_column_count(statement);
  if (count > MAX_NAMES) count = MAX_NAMES;
  enum sa_status status = SA_ERR_INPUT;
  for (size_t i = 0; i < count; i++) {
    names[i] = sqlite3_column_name(statement, (int)i);
    if (strcmp(names[i], name) == 0) status = SA_OK;
  }
  if (status)
    sa_fail(error, SA_ERR_INPUT, "the store has no column \"%.64s\"%s", name,
            sa_suggest_hint(hint, sizeof hint, name, names, count));
  sqlite3_finalize(statement);
  return status;
}

/* "cycles,mac_utilisation:max"; text may be null: nothing. */
static enum sa_status read_list(sqlite3 *database, const char *table, const char *text, bool ordered,
                                struct list *list, struct sa_error *error) {
  list->count = 0;
  while (text && *text) {
    const size_t length = strcspn(text, ",");
    char item[SA_STORE_NAME_CHARS];
    if (length >= sizeof item || list->count == MAX_LIST)
      return sa_fail(error, SA_ERR_INPUT, "\"%.64s\" is too long a list of columns", text);
    snprintf(item, sizeof item, "%.*s", (int)length, text);
    struct column *column = &list->columns[list->count++];
    char *colon = strchr(item, ':');
    column->max = colon && strcmp(colon, ":max") == 0;
    if (colon && (!ordered || (!column->max && strcmp(colon, ":min") != 0)))
      return sa_fail(error, SA_ERR_INPUT, "\"%s\": %s", item,
                     ordered ? "after the colon min or max is expected" : "no direction is meant here");
    if (colon) *colon = '\0';
    sa_store_name(item, column->name);
    const enum sa_status status = check_column(database, table, column->name, error);
    if (status) return status;
    text += length + (text[length] == ',');
  }
  return SA_OK;
}

static void add_column(struct list *list, const char *name) {
  for (size_t i = 0; i < list->count; i++)
    if (strcmp(list->columns[i].name, name) == 0) return;
  if (list->count == MAX_LIST) return; /* a choice of ours: what does not fit is not shown */
  snprintf(list->columns[list->count].name, SA_STORE_NAME_CHARS, "%s", name);
  list->columns[list->count++].max = false;
}

/* Inputs that differ between the store's points. */
static enum sa_status add_varied(sqlite3 *database, struct list *list, struct sa_error *error) {
  static const char *const always[] = {"config", "network", "network_parameters", "batch", "mapper",
                                       "version", "build"};
  const size_t count = sizeof always / sizeof *always;
  for (size_t i = 0; i < SA_PARAMS + count; i++) {
    char name[SA_STORE_NAME_CHARS], sql[256];
    sa_store_name(i < count ? always[i] : sa_params[i - count].name, name);
    snprintf(sql, sizeof sql, "SELECT min(\"%s\") IS NOT max(\"%s\") FROM point WHERE status = 'done'", name, name);
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(database, sql, -1, &statement, NULL);
    if (code == SQLITE_OK) code = sqlite3_step(statement);
    if (code == SQLITE_ROW && (sqlite3_column_int(statement, 0) || i == 1)) add_column(list, name);
    const enum sa_status status = code == SQLITE_ROW ? SA_OK : sa_store_fail(database, error);
    sqlite3_finalize(statement);
    if (status) return status;
  }
  return SA_OK;
}

static enum sa_status choose_columns(sqlite3 *database, const struct sa_query *query,
                                     const struct list *asked, struct list *shown, struct sa_error *error) {
  const char *table = query->illegal ? "point" : "result";
  if (query->columns) return read_list(database, table, query->columns, false, shown, error);
  shown->count = 0;
  add_column(shown, "id");
  if (query->illegal) {
    static const char *const names[] = {"status", "config", "network", "batch", "reason"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) add_column(shown, names[i]);
    return SA_OK;
  }
  const enum sa_status status = add_varied(database, shown, error);
  add_column(shown, "cycles");
  add_column(shown, "mac_utilisation");
  add_column(shown, "sram_bytes");
  for (size_t i = 0; i < asked->count; i++) add_column(shown, asked->columns[i].name);
  return status;
}

static void write_names(const struct list *list, bool ordered, FILE *out) {
  for (size_t i = 0; i < list->count; i++)
    fprintf(out, "%s\"%s\"%s", i ? ", " : "", list->columns[i].name,
            ordered && list->columns[i].max ? " DESC" : "");
}

/* The statement: shown columns, then the objectives. */
static void write_sql(const struct sa_query *query, const struct list *shown, const struct list *order,
                      const struct list *per, FILE *out) {
  fputs("SELECT ", out);
  write_names(shown, false, out);
  if (query->pareto) {
    fputs(", ", out);
    write_names(order, false, out);
  }
  if (query->best) {
    fputs(" FROM (SELECT *, row_number() OVER (", out);
    if (per->count) fputs("PARTITION BY ", out);
    write_names(per, false, out);
    fputs(" ORDER BY ", out);
    write_names(order, true, out);
    fputs(", id) AS place_in_group FROM result", out);
  } else {
    fprintf(out, " FROM %s", query->illegal ? "point" : "result");
  }
  fprintf(out, " WHERE (%s%s%s)", query->where ? query->where : "1", query->where ? "\n" : "",
          query->illegal ? ") AND (status <> 'done'" : "");
  if (query->best) fputs(") WHERE place_in_group = 1", out);
  fputs(" ORDER BY ", out);
  if (query->best && per->count) {
    write_names(per, false, out);
    fputs(", ", out);
  }
  write_names(order, true, out);
  fputs(order->count ? ", id" : "id", out);
}

static enum sa_status prepare(struct sa_query_run *run, const struct sa_query *query, const struct list *shown,
                              const struct list *order, const struct list *per, struct sa_error *error) {
  char *sql = NULL;
  size_t bytes;
  FILE *out = open_memstream(&sql, &bytes);
  if (!out) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  write_sql(query, shown, order, per, out);
  if (fclose(out) != 0) {
    free(sql);
    return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  }
  sqlite3 *database = sa_store_database(run->store);
  const int code = sqlite3_prepare_v2(database, sql, -1, &run->statement, NULL);
  free(sql);
  if (code == SQLITE_ERROR)
    return sa_fail(error, SA_ERR_INPUT, "the filter is not understood: %s", sqlite3_errmsg(database));
  return code == SQLITE_OK ? SA_OK : sa_store_fail(database, error);
}

enum sa_status sa_query_open(struct sa_store *store, const struct sa_query *query, struct sa_query_run **out,
                             struct sa_error *error) {
  sqlite3 *database = sa_store_database(store);
  const char *table = query->illegal ? "point" : "result";
  const char *order_text = query->pareto ? query->pareto : query->best ? query->best : query->sort;
  struct list shown, order, per;
  enum sa_status status = read_list(database, table, order_text, true, &order, error);
  if (!status) status = read_list(database, table, query->per, false, &per, error);
  if (!status && order_text && order.count == 0) status = sa_fail(error, SA_ERR_INPUT, "a list of columns is empty");
  if (!status) status = choose_columns(database, query, &order, &shown, error);
  if (!status && shown.count == 0) status = sa_fail(error, SA_ERR_INPUT, "a list of columns is empty");
  if (status) return status;
  struct sa_query_run *run = calloc(1, sizeof *run);
  if (!run) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  run->store = store;
  run->shown = (int)shown.count;
  run->limit = query->limit;
  if (query->pareto) run->objectives = order;
  status = prepare(run, query, &shown, &order, &per, error);
  if (status)
    sa_query_close(run);
  else
    *out = run;
  return status;
}

void sa_query_close(struct sa_query_run *run) {
  if (!run) return;
  sqlite3_finalize(run->statement);
  free(run->front);
  free(run);
}

sqlite3_stmt *sa_query_row(struct sa_query_run *run) { return run->statement; }

int sa_query_columns(const struct sa_query_run *run) { return run->shown; }

/* Whether a is at least as good everywhere and better somewhere. */
static bool beats(const double *a, const double *b, size_t count) {
  bool better = false;
  for (size_t i = 0; i < count; i++) {
    if (a[i] > b[i]) return false;
    better = better || a[i] < b[i];
  }
  return better;
}

/* Adds the current row to the front unless it is beaten. */
static enum sa_status try_front(struct sa_query_run *run, bool *kept, struct sa_error *error) {
  const size_t count = run->objectives.count;
  double *grown = sa_vec_grow(run->front, &run->front_capacity, run->front_count + 1, count * sizeof *grown);
  if (!grown) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  run->front = grown;
  double *row = grown + run->front_count * count;
  for (size_t i = 0; i < count; i++) {
    const double value = sqlite3_column_double(run->statement, run->shown + (int)i);
    row[i] = run->objectives.columns[i].max ? -value : value;
  }
  *kept = true;
  for (size_t i = 0; i < run->front_count && *kept; i++) *kept = !beats(grown + i * count, row, count);
  run->front_count += *kept;
  return SA_OK;
}

enum sa_status sa_query_next(struct sa_query_run *run, bool *there, struct sa_error *error) {
  *there = false;
  while (!run->limit || run->given < run->limit) {
    const int code = sqlite3_step(run->statement);
    if (code == SQLITE_DONE) break;
    if (code != SQLITE_ROW) return sa_store_fail(sa_store_database(run->store), error);
    bool kept = true;
    if (run->objectives.count) {
      const enum sa_status status = try_front(run, &kept, error);
      if (status) return status;
    }
    if (!kept) continue;
    run->given++;
    *there = true;
    return SA_OK;
  }
  sqlite3_reset(run->statement);
  run->given = 0;
  run->front_count = 0;
  return SA_OK;
}
