/* Dumps of stores: see store_dump.h. Written against SQL alone, without the library. */
#include "store_dump.h"

#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static sqlite3 *open_store(const char *path) {
  sqlite3 *database;
  ck_assert_int_eq(sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
  return database;
}

static void dump_query(sqlite3 *database, const char *sql, FILE *out) {
  sqlite3_stmt *statement;
  ck_assert_msg(sqlite3_prepare_v2(database, sql, -1, &statement, NULL) == SQLITE_OK, "%s",
                sqlite3_errmsg(database));
  int code;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    for (int i = 0; i < sqlite3_column_count(statement); i++) {
      const char *text = (const char *)sqlite3_column_text(statement, i);
      fprintf(out, "%s|", text ? text : "NULL");
    }
    fputc('\n', out);
  }
  ck_assert_msg(code == SQLITE_DONE, "%s", sqlite3_errmsg(database));
  sqlite3_finalize(statement);
}

char *store_dump(const char *path) {
  sqlite3 *database = open_store(path);
  char *text;
  size_t bytes;
  FILE *out = open_memstream(&text, &bytes);
  dump_query(database, "PRAGMA integrity_check", out);
  dump_query(database, "PRAGMA foreign_key_check", out);
  ck_assert_int_eq(fflush(out), 0);
  ck_assert_str_eq(text, "ok|\n");
  dump_query(database, "SELECT * FROM point ORDER BY id", out);
  dump_query(database, "SELECT * FROM total ORDER BY point", out);
  dump_query(database, "SELECT * FROM layer ORDER BY point, number", out);
  fclose(out);
  sqlite3_close(database);
  return text;
}

long long store_number(const char *path, const char *sql) {
  sqlite3 *database = open_store(path);
  sqlite3_stmt *statement;
  ck_assert_msg(sqlite3_prepare_v2(database, sql, -1, &statement, NULL) == SQLITE_OK, "%s",
                sqlite3_errmsg(database));
  ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
  const long long number = sqlite3_column_int64(statement, 0);
  sqlite3_finalize(statement);
  sqlite3_close(database);
  return number;
}

void store_remove(const char *path) {
  static const char *const ends[] = {"", "-wal", "-shm"};
  char name[256];
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    snprintf(name, sizeof name, "%s%s", path, ends[i]);
    unlink(name);
  }
}
