/* The store's SQL: see schema.h. */
#include "sweep/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/params.h"
#include "report/metrics.h"
#include "sweep/store.h"

const char *const sa_table_names[SA_TABLES] = {"point", "total", "layer"};

bool sa_schema_in_total(size_t column) { return sa_columns[column].type != SA_COLUMN_S; }

static void write_metrics(FILE *out, bool total) {
  static const char *const types[] = {[SA_COLUMN_U] = "INTEGER", [SA_COLUMN_F] = "REAL", [SA_COLUMN_S] = "TEXT"};
  for (size_t i = 0; i < sa_column_count; i++)
    if (!total || sa_schema_in_total(i))
      fprintf(out, ", \"%s\" %s NOT NULL", sa_columns[i].key, types[sa_columns[i].type]);
}

static void write_point_table(FILE *out) {
  fputs("CREATE TABLE point (id TEXT NOT NULL PRIMARY KEY,"
        " status TEXT NOT NULL CHECK (status IN ('done', 'illegal', 'failed')), reason TEXT,"
        " version TEXT NOT NULL, build TEXT NOT NULL, config TEXT NOT NULL, config_hash TEXT NOT NULL,"
        " network TEXT NOT NULL, network_parameters TEXT NOT NULL, network_hash TEXT NOT NULL, batch INTEGER NOT NULL,"
        " mapper TEXT NOT NULL",
        out);
  char name[SA_STORE_NAME_CHARS];
  for (size_t i = 0; i < SA_PARAMS; i++)
    fprintf(out, ", \"%s\" %s", sa_store_name(sa_params[i].name, name),
            sa_params[i].rule == SA_PARAM_CHOICE ? "TEXT" : "INTEGER");
  fputs(", sram_bytes INTEGER) STRICT, WITHOUT ROWID;\n", out);
}

static void write_schema(FILE *out) {
  write_point_table(out);
  fputs("CREATE TABLE total (point TEXT NOT NULL PRIMARY KEY REFERENCES point (id)", out);
  write_metrics(out, true);
  fputs(", default_cycles INTEGER) STRICT, WITHOUT ROWID;\n"
        "CREATE TABLE layer (point TEXT NOT NULL REFERENCES point (id), number INTEGER NOT NULL",
        out);
  write_metrics(out, false);
  fputs(", default_cycles INTEGER, PRIMARY KEY (point, number)) STRICT, WITHOUT ROWID;\n"
        "CREATE VIEW result AS SELECT * FROM point JOIN total ON total.point = point.id;\n",
        out);
  fprintf(out, "PRAGMA application_id = %d; PRAGMA user_version = %d;\n", SA_STORE_APPLICATION, SA_STORE_SCHEMA);
}

/* What write(out) writes, as a string. */
static char *collect(void (*write)(FILE *out)) {
  char *text = NULL;
  size_t bytes;
  FILE *out = open_memstream(&text, &bytes);
  if (!out) return NULL;
  write(out);
  const bool failed = ferror(out) != 0;
  if (fclose(out) == 0 && !failed) return text;
  free(text);
  return NULL;
}

char *sa_schema_sql(void) { return collect(write_schema); }

static size_t column_count(enum sa_table table) {
  if (table == SA_TABLE_POINT) return 12 + SA_PARAMS + 1;
  size_t count = table == SA_TABLE_TOTAL ? 2 : 3;
  for (size_t i = 0; i < sa_column_count; i++) count += table == SA_TABLE_LAYER || sa_schema_in_total(i);
  return count;
}

char *sa_schema_insert(enum sa_table table) {
  const size_t count = column_count(table);
  char *sql = malloc(64 + 2 * count);
  if (!sql) return NULL;
  size_t used = (size_t)snprintf(sql, 64, "INSERT OR IGNORE INTO %s VALUES (", sa_table_names[table]);
  for (size_t i = 0; i < count; i++) {
    sql[used++] = '?';
    sql[used++] = i + 1 < count ? ',' : ')';
  }
  sql[used] = '\0';
  return sql;
}
