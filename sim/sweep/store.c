/* Opening, writing and merging of stores: see store.h. */
#include <config.h>

#include "sweep/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/metrics.h"
#include "sweep/schema.h"

#define RECOVERY "; what `sqlite3 STORE .recover` saves can be merged"

struct sa_store {
  sqlite3 *database;
  sqlite3_stmt *has;
  sqlite3_stmt *point, *total, *layer; /* null in a store that is only read */
};

static const int BUSY_MS = 60000;
enum { SQLITE_HEADER_BYTES = 100, SQLITE_LEAST_PAGE = 512 };

const char *sa_store_name(const char *name, char buffer[SA_STORE_NAME_CHARS]) {
  snprintf(buffer, SA_STORE_NAME_CHARS, "%s", name);
  for (char *c = buffer; *c; c++)
    if (*c == '.') *c = '_';
  return buffer;
}

const char *sa_store_id(uint64_t id, char buffer[SA_STORE_ID_CHARS]) {
  snprintf(buffer, SA_STORE_ID_CHARS, "%016" PRIx64, id);
  return buffer;
}

enum sa_status sa_store_fail(sqlite3 *database, struct sa_error *error) {
  const int code = sqlite3_errcode(database);
  const char *path = sqlite3_db_filename(database, "main"), *what = sqlite3_errmsg(database);
  if (code == SQLITE_NOMEM) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  if (code == SQLITE_NOTADB) what = "not a store of systole sweep";
  if (code == SQLITE_CORRUPT) what = "the store is damaged" RECOVERY;
  if (code == SQLITE_FULL)
    what = "the disk is full; what was committed is safe and the next call carries on";
  if (code == SQLITE_IOERR)
    what = "disk I/O error; what was committed is safe and the next call carries on";
  return sa_fail_at(error, SA_ERR_IO, path && *path ? path : "store", 0, 0, "%s", what);
}

static enum sa_status run_sql(sqlite3 *database, const char *sql, struct sa_error *error) {
  return sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK ? SA_OK : sa_store_fail(database, error);
}

/* The single number that a query gives, 0 if none. */
static enum sa_status query_number(sqlite3 *database, const char *sql, int64_t *value, struct sa_error *error) {
  sqlite3_stmt *statement = NULL;
  *value = 0;
  int code = sqlite3_prepare_v2(database, sql, -1, &statement, NULL);
  if (code == SQLITE_OK) code = sqlite3_step(statement);
  if (code == SQLITE_ROW) *value = sqlite3_column_int64(statement, 0);
  enum sa_status status = SA_OK;
  if (code != SQLITE_ROW && code != SQLITE_DONE) status = sa_store_fail(database, error);
  sqlite3_finalize(statement);
  return status;
}

/* Reads the whole file: what is written into a damaged store may be lost with it. */
enum sa_status sa_store_check(struct sa_store *store, struct sa_error *error) {
  sqlite3 *database = store->database;
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2(database, "PRAGMA quick_check(1)", -1, &statement, NULL);
  if (code == SQLITE_OK) code = sqlite3_step(statement);
  enum sa_status status = SA_OK;
  if (code != SQLITE_ROW) {
    status = sa_store_fail(database, error);
  } else {
    const char *found = (const char *)sqlite3_column_text(statement, 0);
    if (!found || strcmp(found, "ok") != 0)
      status = sa_fail_at(error, SA_ERR_IO, sqlite3_db_filename(database, "main"), 0, 0,
                          "the store is damaged (%s)" RECOVERY,
                          found ? found : "unreadable");
  }
  sqlite3_finalize(statement);
  return status;
}

/* A store, or an empty file that may become one. */
static enum sa_status check_kind(sqlite3 *database, const char *path, bool *empty, struct sa_error *error) {
  int64_t application, version, tables;
  enum sa_status status = query_number(database, "PRAGMA application_id", &application, error);
  if (!status) status = query_number(database, "PRAGMA user_version", &version, error);
  if (!status) status = query_number(database, "SELECT count(*) FROM sqlite_schema", &tables, error);
  if (status) return status;
  /* SQLite takes a file shorter than its header for an empty one, and reads a cut page as if zeros followed */
  struct stat file;
  const bool there = stat(path, &file) == 0 && S_ISREG(file.st_mode) && file.st_size > 0;
  *empty = tables == 0 && application == 0 && version == 0 && !(there && file.st_size < SQLITE_HEADER_BYTES);
  if (*empty) return SA_OK;
  if (application != SA_STORE_APPLICATION)
    return sa_fail_at(error, SA_ERR_INPUT, path, 0, 0, "not a store of systole sweep");
  if (version != SA_STORE_SCHEMA)
    return sa_fail_at(error, SA_ERR_INPUT, path, 0, 0,
                      "the store has schema %" PRId64 "; this version of systole reads schema %d", version,
                      SA_STORE_SCHEMA);
  if (there && file.st_size % SQLITE_LEAST_PAGE != 0)
    return sa_fail_at(error, SA_ERR_IO, path, 0, 0, "the store is damaged: its last page is cut off" RECOVERY);
  return SA_OK;
}

static enum sa_status create_schema(sqlite3 *database, struct sa_error *error) {
  char *sql = sa_schema_sql();
  if (!sql) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  const enum sa_status status = run_sql(database, sql, error);
  free(sql);
  return status;
}

static enum sa_status prepare(sqlite3 *database, char *sql, sqlite3_stmt **statement, struct sa_error *error) {
  if (!sql) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  const int code = sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL);
  free(sql);
  return code == SQLITE_OK ? SA_OK : sa_store_fail(database, error);
}

/* Two processes may make the same store at once: only one sees it empty under the write lock. */
static enum sa_status open_for_writing(struct sa_store *store, const char *path, struct sa_error *error) {
  sqlite3 *database = store->database;
  bool empty;
  enum sa_status status = check_kind(database, path, &empty, error);
  if (!status) status = sa_store_check(store, error);
  if (!status) status = run_sql(database, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE", error);
  if (!status) status = check_kind(database, path, &empty, error);
  if (!status && empty) status = create_schema(database, error);
  if (!status) status = run_sql(database, "COMMIT", error);
  if (!status) status = prepare(database, sa_schema_insert(SA_TABLE_POINT), &store->point, error);
  if (!status) status = prepare(database, sa_schema_insert(SA_TABLE_TOTAL), &store->total, error);
  if (!status) status = prepare(database, sa_schema_insert(SA_TABLE_LAYER), &store->layer, error);
  return status;
}

enum sa_status sa_store_open(const char *path, enum sa_store_mode mode, struct sa_store **out,
                             struct sa_error *error) {
  if (mode == SA_STORE_READ && access(path, R_OK) != 0)
    return sa_fail_at(error, SA_ERR_IO, path, 0, 0, "there is no such store");
  struct sa_store *store = calloc(1, sizeof *store);
  if (!store) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  const int flags = mode == SA_STORE_READ ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  enum sa_status status = SA_OK;
  if (sqlite3_open_v2(path, &store->database, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
    status = store->database ? sa_fail_at(error, SA_ERR_IO, path, 0, 0, "%s", sqlite3_errmsg(store->database))
                             : sa_fail(error, SA_ERR_MEMORY, "out of memory");
  if (!status) sqlite3_busy_timeout(store->database, BUSY_MS);
  bool empty = false;
  if (!status && mode == SA_STORE_WRITE) status = open_for_writing(store, path, error);
  if (!status && mode == SA_STORE_READ) {
    status = check_kind(store->database, path, &empty, error);
    if (!status && empty) status = sa_fail_at(error, SA_ERR_INPUT, path, 0, 0, "not a store of systole sweep");
    if (!status) status = run_sql(store->database, "PRAGMA query_only = 1", error);
  }
  if (!status) status = prepare(store->database, strdup("SELECT 1 FROM point WHERE id = ?"), &store->has, error);
  if (status)
    sa_store_close(store);
  else
    *out = store;
  return status;
}

void sa_store_close(struct sa_store *store) {
  if (!store) return;
  sqlite3_finalize(store->has);
  sqlite3_finalize(store->point);
  sqlite3_finalize(store->total);
  sqlite3_finalize(store->layer);
  sqlite3_close(store->database);
  free(store);
}

sqlite3 *sa_store_database(struct sa_store *store) { return store->database; }

enum sa_status sa_store_has(struct sa_store *store, uint64_t id, bool *has, struct sa_error *error) {
  char text[SA_STORE_ID_CHARS];
  sqlite3_bind_text(store->has, 1, sa_store_id(id, text), -1, SQLITE_STATIC);
  const int code = sqlite3_step(store->has);
  *has = code == SQLITE_ROW;
  const enum sa_status status =
      code == SQLITE_ROW || code == SQLITE_DONE ? SA_OK : sa_store_fail(store->database, error);
  sqlite3_reset(store->has);
  return status;
}

enum sa_status sa_store_begin(struct sa_store *store, struct sa_error *error) {
  return run_sql(store->database, "BEGIN IMMEDIATE", error);
}

enum sa_status sa_store_commit(struct sa_store *store, struct sa_error *error) {
  return run_sql(store->database, "COMMIT", error);
}

/* ---- Rows ---- */

/* Binds parameters of a statement one after the other. */
struct binder {
  sqlite3_stmt *statement;
  int next;
};

static void put_text(struct binder *binder, const char *text) {
  sqlite3_bind_text(binder->statement, binder->next++, text, -1, SQLITE_TRANSIENT);
}

static void put_number(struct binder *binder, uint64_t number) {
  sqlite3_bind_int64(binder->statement, binder->next++, (sqlite3_int64)number);
}

static void put_null(struct binder *binder) { sqlite3_bind_null(binder->statement, binder->next++); }

static enum sa_status insert(struct sa_store *store, sqlite3_stmt *statement, struct sa_error *error) {
  const int code = sqlite3_step(statement);
  const enum sa_status status = code == SQLITE_DONE ? SA_OK : sa_store_fail(store->database, error);
  sqlite3_reset(statement);
  return status;
}

static enum sa_status put_point(struct sa_store *store, const struct sa_point *point, const char *id,
                                bool simulated, struct sa_error *error) {
  struct binder binder = {store->point, 1};
  char text[sizeof point->reason.file + sizeof point->reason.message + 32], hash[SA_STORE_ID_CHARS];
  const struct sa_error *reason = &point->reason;
  put_text(&binder, id);
  put_text(&binder, simulated ? "done" : reason->status == SA_ERR_ILLEGAL || reason->status == SA_ERR_STUCK
                                             ? "failed" : "illegal");
  if (simulated)
    put_null(&binder);
  else
    put_text(&binder, sa_error_format(reason, text, sizeof text));
  put_text(&binder, PACKAGE_VERSION);
  put_text(&binder, sa_source_hash);
  put_text(&binder, point->config.name);
  put_text(&binder, sa_store_id(point->config_hash, hash));
  put_text(&binder, point->network->name);
  put_text(&binder, point->network->parameters);
  put_text(&binder, sa_store_id(point->network->hash, hash));
  put_number(&binder, point->network->net.batch);
  put_text(&binder, sa_sweep_mapper_name(&point->mapper, text));
  for (size_t i = 0; i < SA_PARAMS; i++) {
    const uint64_t value = sa_param_get(&sa_params[i], &point->config);
    if (!value)
      put_null(&binder);
    else if (sa_params[i].rule == SA_PARAM_CHOICE)
      put_text(&binder, sa_param_format(&sa_params[i], value, text));
    else
      put_number(&binder, value);
  }
  if (point->kind == SA_POINT_LEGAL)
    put_number(&binder, sa_config_sram_bytes(&point->config));
  else
    put_null(&binder);
  return insert(store, store->point, error);
}

/* default_cycles: null if the mapping was not searched. */
static enum sa_status put_metrics(struct sa_store *store, const struct sa_metrics *m, const char *id,
                                  const size_t *number, const uint64_t *default_cycles,
                                  struct sa_error *error) {
  struct binder binder = {number ? store->layer : store->total, 1};
  put_text(&binder, id);
  if (number) put_number(&binder, *number);
  for (size_t i = 0; i < sa_column_count; i++) {
    if (!number && !sa_schema_in_total(i)) continue;
    const union sa_value value = sa_metrics_value(m, i);
    switch (sa_columns[i].type) {
      case SA_COLUMN_U: put_number(&binder, value.u); break;
      case SA_COLUMN_F: sqlite3_bind_double(binder.statement, binder.next++, value.f); break;
      case SA_COLUMN_S: put_text(&binder, value.s); break;
    }
  }
  if (default_cycles)
    put_number(&binder, *default_cycles);
  else
    put_null(&binder);
  return insert(store, binder.statement, error);
}

/* Cycles of the report's row under the default mapping. Rows follow the network's layers; an input that
 * takes no cycles has none. */
static uint64_t default_cycles_of(const struct sa_point *point, const struct sa_search *search,
                                  const char *name, uint32_t *layer) {
  const struct sa_net *net = &point->network->net;
  while (strcmp(net->layers[*layer].name, name) != 0) ++*layer;
  return search->layer_default_cycles[(*layer)++];
}

enum sa_status sa_store_put(struct sa_store *store, const struct sa_point *point,
                            const struct sa_report *report, const struct sa_search *search,
                            struct sa_error *error) {
  char id[SA_STORE_ID_CHARS];
  sa_store_id(point->id, id);
  enum sa_status status = put_point(store, point, id, report != NULL, error);
  if (status || !report || sqlite3_changes(store->database) == 0) return status;
  status = put_metrics(store, &report->total, id, NULL, search ? &search->default_cycles : NULL, error);
  uint32_t layer = 0;
  for (size_t i = 0; i < report->layer_count && !status; i++) {
    const uint64_t cycles = search ? default_cycles_of(point, search, report->layers[i].name, &layer) : 0;
    status = put_metrics(store, &report->layers[i], id, &i, search ? &cycles : NULL, error);
  }
  return status;
}

enum sa_status sa_store_count_failed(struct sa_store *store, uint64_t *count, struct sa_error *error) {
  int64_t number;
  const enum sa_status status =
      query_number(store->database, "SELECT count(*) FROM point WHERE status = 'failed'", &number, error);
  *count = (uint64_t)number;
  return status;
}

enum sa_status sa_store_count_others(struct sa_store *store, uint64_t *count, struct sa_error *error) {
  int64_t number;
  char sql[96 + SA_SOURCE_HASH_CHARS];
  snprintf(sql, sizeof sql, "SELECT count(*) FROM point WHERE version <> '%s' OR build <> '%s'", PACKAGE_VERSION,
           sa_source_hash);
  const enum sa_status status = query_number(store->database, sql, &number, error);
  *count = (uint64_t)number;
  return status;
}
