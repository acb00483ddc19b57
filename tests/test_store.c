/* Stores that are not as they should be: of another schema, cut off, with flipped bits. Every command says so
 * in one line and changes nothing. And the SQL of the documentation, run. */
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run_cli.h"
#include "store_dump.h"
#include "sweep/store.h"
#include "test_main.h"

#define GOOD "t_store.db"
#define BAD "t_store_bad.db"
#define NEW "t_store_new.db"

static struct cli_result result;

static const char SWEEP[] =
    "config: array8\n"
    "networks: [mlp, lenet5]\n"
    "parameters:\n"
    "  array.rows: [4, 8]\n"
    "  array.cols: array.rows\n"
    "  memory.bandwidth: [100 MB/s, 200 MB/s]\n"
    "  unified_buffer.size: [16 KiB, 64 KiB, 65 KiB]\n";
enum { POINTS = 24 };

static void run_ok(const char *arguments) {
  run_cli(arguments, &result);
  ck_assert_msg(result.status == 0, "%s: %s", arguments, result.errors);
}

static void clean(void) {
  store_remove(GOOD);
  store_remove(BAD);
  store_remove(NEW);
  unlink("t_store.yaml");
}

static void set_up(void) {
  clean();
  FILE *file = fopen("t_store.yaml", "w");
  ck_assert_ptr_nonnull(file);
  fputs(SWEEP, file);
  ck_assert_int_eq(fclose(file), 0);
  run_ok("sweep t_store.yaml -o " GOOD);
  ck_assert_int_eq(store_number(GOOD, "SELECT count(*) FROM point"), POINTS);
}

/* The file's bytes; the caller frees them. */
static char *read_file(const char *path, size_t *bytes) {
  FILE *file = fopen(path, "rb");
  ck_assert_ptr_nonnull(file);
  char *data = malloc(1 << 20);
  ck_assert_ptr_nonnull(data);
  *bytes = fread(data, 1, 1 << 20, file);
  ck_assert(*bytes < 1 << 20);
  fclose(file);
  return data;
}

static void write_file(const char *path, const char *data, size_t bytes) {
  FILE *file = fopen(path, "wb");
  ck_assert_ptr_nonnull(file);
  ck_assert_uint_eq(fwrite(data, 1, bytes, file), bytes);
  ck_assert_int_eq(fclose(file), 0);
}

/* Done, or refused in one line. */
static bool refused(const char *arguments) {
  run_cli(arguments, &result);
  ck_assert_msg(result.status == 0 || result.status == 2, "%s: status %d", arguments, result.status);
  if (result.status == 0) return false;
  const char *end = strchr(result.errors, '\n');
  ck_assert_msg(strncmp(result.errors, "systole: ", 9) == 0 && end && !end[1], "%s: %s", arguments, result.errors);
  return true;
}

static void assert_refused(const char *arguments, const char *message) {
  ck_assert_msg(refused(arguments), "%s is not refused", arguments);
  ck_assert_msg(strstr(result.errors, message), "%s: %s", arguments, result.errors);
}

static const char *const COMMANDS[] = {"sweep t_store.yaml -o " BAD, "results " BAD, "results " BAD " --explain ''",
                                       "merge " NEW " " BAD, "merge " BAD " " GOOD};
enum { COMMAND_COUNT = sizeof COMMANDS / sizeof *COMMANDS };

START_TEST(a_store_of_another_schema_is_refused_and_left_alone) {
  run_ok("merge " BAD " " GOOD);
  store_number(BAD, "PRAGMA journal_mode = DELETE");
  size_t bytes, again;
  char *data = read_file(BAD, &bytes);
  data[63] = (char)(data[63] + 1); /* low byte of user_version in the header */
  write_file(BAD, data, bytes);
  for (int i = 0; i < COMMAND_COUNT; i++) {
    char message[128];
    snprintf(message, sizeof message, BAD ": the store has schema %d; this version of systole reads schema %d\n",
             SA_STORE_SCHEMA + 1, SA_STORE_SCHEMA);
    assert_refused(COMMANDS[i], message);
    store_remove(NEW);
  }
  char *after = read_file(BAD, &again);
  ck_assert_uint_eq(again, bytes);
  ck_assert_mem_eq(after, data, bytes);
  free(after);
  free(data);
}
END_TEST

/* A cut store is told by its header; an empty file is a store to be. */
START_TEST(a_truncated_store_is_refused) {
  size_t bytes;
  char *data = read_file(GOOD, &bytes);
  const size_t lengths[] = {1, 99, 512, 4095, 4096, 8192, bytes / 2, bytes - 4096, bytes - 1};
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
    for (int k = 0; k < COMMAND_COUNT; k++) {
      store_remove(BAD);
      write_file(BAD, data, lengths[i]);
      ck_assert_msg(refused(COMMANDS[k]), "%s does with the first %zu bytes of %zu", COMMANDS[k], lengths[i], bytes);
      store_remove(NEW);
    }
  store_remove(BAD);
  write_file(BAD, data, 0);
  run_ok("sweep t_store.yaml -o " BAD);
  char *left = store_dump(BAD), *right = store_dump(GOOD);
  ck_assert_str_eq(left, right);
  free(left);
  free(right);
  free(data);
}
END_TEST

/* Bits flipped anywhere: refused in one line, or read; never a crash, never a store made worse. */
START_TEST(flipped_bits_never_crash_and_are_mostly_found) {
  size_t bytes;
  char *data = read_file(GOOD, &bytes);
  char *before = store_dump(GOOD);
  int found = 0;
  srand(1);
  for (int i = 0; i < 60; i++) {
    /* one in two in the head of a page, where its structure is */
    const size_t page = (size_t)rand() % (bytes / 4096), offset = (size_t)rand() % (i % 2 ? 4096 : 16);
    const size_t place = page * 4096 + offset;
    const char was = data[place];
    data[place] = (char)(was ^ (1 << rand() % 8));
    const char *command = COMMANDS[i % COMMAND_COUNT];
    store_remove(BAD);
    store_remove(NEW);
    write_file(BAD, data, bytes);
    data[place] = was;
    found += refused(command);
  }
  ck_assert_int_gt(found, 10);
  char *after = store_dump(GOOD);
  ck_assert_str_eq(before, after);
  free(before);
  free(after);
  free(data);
}
END_TEST

START_TEST(a_damaged_store_is_not_written_to) {
  size_t bytes, again;
  char *data = read_file(GOOD, &bytes);
  memset(data + bytes / 4096 / 2 * 4096, 0x5a, 4096); /* a page in the middle */
  write_file(BAD, data, bytes);
  assert_refused("sweep t_store.yaml --where 'batch == 1' -o " BAD, BAD ": the store is damaged");
  assert_refused("merge " NEW " " BAD, BAD ": the store is damaged");
  ck_assert_int_eq(store_number(NEW, "SELECT count(*) FROM point"), 0);
  char *after = read_file(BAD, &again);
  ck_assert_uint_eq(again, bytes);
  ck_assert_mem_eq(after, data, bytes);
  free(after);
  free(data);
}
END_TEST

START_TEST(what_is_no_database_is_refused) {
  static const char text[] = "This is a text of some length that is certainly no SQLite database.\n";
  for (int i = 0; i < COMMAND_COUNT; i++) {
    write_file(BAD, text, sizeof text - 1);
    assert_refused(COMMANDS[i], "not a store of systole sweep\n");
    store_remove(NEW);
  }
  assert_refused("results t_no_such.db", "t_no_such.db: there is no such store\n");
  ck_assert_int_ne(access("t_no_such.db", F_OK), 0);
}
END_TEST

/* ---- docs/sweeps.md ---- */

static char *documentation(void) {
  char path[1024];
  const char *folder = getenv("srcdir"); /* set by make check */
  size_t bytes;
  snprintf(path, sizeof path, "%s/docs/sweeps.md", folder ? folder : ".");
  char *text = read_file(path, &bytes);
  text[bytes] = '\0';
  return text;
}

START_TEST(the_documentation_names_the_schema) {
  char *text = documentation(), schema[64];
  snprintf(schema, sizeof schema, "application id 0x%x, `user_version` %d)", SA_STORE_APPLICATION, SA_STORE_SCHEMA);
  ck_assert_msg(strstr(text, schema), "docs/sweeps.md lacks: %s", schema);
  free(text);
}
END_TEST

/* Its five queries. */
static char *sql_of_the_documentation(void) {
  char *text = documentation();
  char *begin = strstr(text, "```sql\n");
  ck_assert_ptr_nonnull(begin);
  memmove(text, begin + 7, strlen(begin + 7) + 1);
  char *end = strstr(text, "```");
  ck_assert_ptr_nonnull(end);
  *end = '\0';
  return text;
}

/* An id that stands in the text becomes that of a point of the store. */
static void put_id(sqlite3 *database, char *sql) {
  char *place = strstr(sql, "point = '");
  if (!place) return;
  sqlite3_stmt *statement;
  ck_assert_int_eq(sqlite3_prepare_v2(database, "SELECT min(id) FROM result", -1, &statement, NULL), SQLITE_OK);
  ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
  memcpy(place + strlen("point = '"), sqlite3_column_text(statement, 0), 16);
  sqlite3_finalize(statement);
}

START_TEST(the_queries_of_the_documentation_have_answers) {
  char *text = sql_of_the_documentation();
  sqlite3 *database;
  ck_assert_int_eq(sqlite3_open_v2(GOOD, &database, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
  put_id(database, text);
  const char *sql = text;
  int queries = 0;
  for (sqlite3_stmt *statement; *sql; queries++) {
    ck_assert_msg(sqlite3_prepare_v2(database, sql, -1, &statement, &sql) == SQLITE_OK, "%s: %s", sql,
                  sqlite3_errmsg(database));
    if (!statement) break;
    int rows = 0;
    while (sqlite3_step(statement) == SQLITE_ROW) {
      for (int i = 0; i < sqlite3_column_count(statement); i++)
        ck_assert_msg(sqlite3_column_type(statement, i) != SQLITE_NULL, "%s: column %d is empty",
                      sqlite3_sql(statement), i);
      rows++;
    }
    ck_assert_msg(rows > 0, "no answer to: %s", sqlite3_sql(statement));
    sqlite3_finalize(statement);
  }
  ck_assert_int_eq(queries, 5);
  sqlite3_close(database);
  free(text);
}
END_TEST

static Suite *store_suite(void) {
  Suite *suite = suite_create("store");
  TCase *tcase = tcase_create("store");
  tcase_set_timeout(tcase, 300);
  tcase_add_checked_fixture(tcase, set_up, clean);
  tcase_add_test(tcase, a_store_of_another_schema_is_refused_and_left_alone);
  tcase_add_test(tcase, a_truncated_store_is_refused);
  tcase_add_test(tcase, flipped_bits_never_crash_and_are_mostly_found);
  tcase_add_test(tcase, a_damaged_store_is_not_written_to);
  tcase_add_test(tcase, what_is_no_database_is_refused);
  tcase_add_test(tcase, the_documentation_names_the_schema);
  tcase_add_test(tcase, the_queries_of_the_documentation_have_answers);
  suite_add_tcase(suite, tcase);
  return suite;
}

SA_TEST_MAIN(store_suite)
