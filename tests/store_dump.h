/* The whole content of a store as text, rows by key: two stores hold the same if their dumps are equal. */
#ifndef SA_TESTS_STORE_DUMP_H
#define SA_TESTS_STORE_DUMP_H

/* malloc'ed. The test fails if the file is no sound store. */
char *store_dump(const char *path);
/* The single number that a query gives. */
long long store_number(const char *path, const char *sql);
/* Removes a store with what SQLite keeps beside it. */
void store_remove(const char *path);
#endif
