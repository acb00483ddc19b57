/* The store's SQL, made from the tables of parameters and columns. All texts are malloc'ed, null if out
 * of memory. */
#ifndef SA_SWEEP_SCHEMA_H
#define SA_SWEEP_SCHEMA_H
#include <stdbool.h>
#include <stddef.h>

enum sa_table { SA_TABLE_POINT, SA_TABLE_TOTAL, SA_TABLE_LAYER, SA_TABLES };

extern const char *const sa_table_names[SA_TABLES];

/* Everything that an empty database needs to become a store. */
char *sa_schema_sql(void);
/* "INSERT OR IGNORE INTO ...", one ? for each column. */
char *sa_schema_insert(enum sa_table table);
/* Whether a column of columns.def is one of the totals' too (texts that name a layer are not). */
bool sa_schema_in_total(size_t column);
#endif
