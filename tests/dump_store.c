/* Prints a store's rows in a fixed order: equal stores give equal output. For scripts; test programs have
 * store_dump.h. */
#include <sqlite3.h>
#include <stdio.h>

static const char *const queries[] = {"PRAGMA integrity_check", "PRAGMA foreign_key_check",
                                      "SELECT * FROM point ORDER BY id", "SELECT * FROM total ORDER BY point",
                                      "SELECT * FROM layer ORDER BY point, number"};

static int dump(sqlite3 *database, const char *sql) {
  sqlite3_stmt *statement;
  if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) != SQLITE_OK) return 1;
  int code;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    for (int i = 0; i < sqlite3_column_count(statement); i++) {
      const char *text = (const char *)sqlite3_column_text(statement, i);
      printf("%s|", text ? text : "NULL");
    }
    putchar('\n');
  }
  sqlite3_finalize(statement);
  return code != SQLITE_DONE;
}

int main(int argc, char **argv) {
  sqlite3 *database = NULL;
  int failed = argc != 2 || sqlite3_open_v2(argv[1], &database, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK;
  for (size_t i = 0; i < sizeof queries / sizeof *queries && !failed; i++) failed = dump(database, queries[i]);
  if (failed) fprintf(stderr, "dump_store: %s\n", database ? sqlite3_errmsg(database) : "which store?");
  sqlite3_close(database);
  return failed;
}
