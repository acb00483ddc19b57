/* Joining of stores: see store.h. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sweep/schema.h"
#include "sweep/store.h"

static enum sa_status step(sqlite3 *database, const char *sql, const char *text, char *answer, size_t size,
                           struct sa_error *error) {
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2(database, sql, -1, &statement, NULL);
  if (code == SQLITE_OK && text) sqlite3_bind_text(statement, 1, text, -1, SQLITE_STATIC);
  if (code == SQLITE_OK) code = sqlite3_step(statement);
  if (answer) answer[0] = '\0';
  if (code == SQLITE_ROW && answer) snprintf(answer, size, "%s", (const char *)sqlite3_column_text(statement, 0));
  const enum sa_status status =
      code == SQLITE_ROW || code == SQLITE_DONE ? SA_OK : sa_store_fail(database, error);
  sqlite3_finalize(statement);
  return status;
}

/* Rows that are in both stores must be equal in every column. */
static enum sa_status check_conflict(sqlite3 *database, const char *path, enum sa_table table,
                                     struct sa_error *error) {
  char sql[256], id[SA_STORE_ID_CHARS];
  const char *name = sa_table_names[table], *key = table == SA_TABLE_POINT ? "id" : "point";
  snprintf(sql, sizeof sql,
           "SELECT %s FROM (SELECT * FROM other.%s EXCEPT SELECT * FROM main.%s) "
           "WHERE %s IN (SELECT id FROM main.point) LIMIT 1", key, name, name, key);
  const enum sa_status status = step(database, sql, NULL, id, sizeof id, error);
  if (status || !id[0]) return status;
  return sa_fail_at(error, SA_ERR_ILLEGAL, path, 0, 0,
                    "point %s is in both stores with different content (table %s); nothing was merged", id, name);
}

static enum sa_status copy_rows(sqlite3 *database, const char *path, uint64_t *added, struct sa_error *error) {
  enum sa_status status = SA_OK;
  for (int table = 0; table < SA_TABLES && !status; table++)
    status = check_conflict(database, path, (enum sa_table)table, error);
  /* children first: they go by what main.point lacks */
  static const char *const copies[] = {
      "INSERT INTO main.layer SELECT * FROM other.layer WHERE point NOT IN (SELECT id FROM main.point)",
      "INSERT INTO main.total SELECT * FROM other.total WHERE point NOT IN (SELECT id FROM main.point)",
      "INSERT INTO main.point SELECT * FROM other.point WHERE id NOT IN (SELECT id FROM main.point)"};
  for (size_t i = 0; i < sizeof copies / sizeof *copies && !status; i++)
    status = step(database, copies[i], NULL, NULL, 0, error);
  if (!status) *added = (uint64_t)sqlite3_changes64(database);
  return status;
}

enum sa_status sa_store_merge(struct sa_store *store, const char *path, uint64_t *added,
                              struct sa_error *error) {
  sqlite3 *database = sa_store_database(store);
  struct sa_store *other;
  enum sa_status status = sa_store_open(path, SA_STORE_READ, &other, error); /* a store of our schema? */
  if (status) return status;
  status = sa_store_check(other, error);
  sa_store_close(other);
  if (status) return status;
  status = step(database, "ATTACH ? AS other", path, NULL, 0, error);
  if (status) return status;
  status = sa_store_begin(store, error);
  if (!status) {
    status = copy_rows(database, path, added, error);
    if (!status) status = sa_store_commit(store, error);
    if (status) sqlite3_exec(database, "ROLLBACK", NULL, NULL, NULL);
  }
  sqlite3_exec(database, "DETACH other", NULL, NULL, NULL);
  return status;
}
