/* The store of a sweep's results: one SQLite file, STRICT tables, WAL. Tables, made from params.def and
 * columns.def, with dots in names turned to underscores (docs/sweeps.md):
 *   point  one row a design point: inputs, hashes, status, reason
 *   total  one row a simulated point: the figures of the whole network
 *   layer  one row a layer of a simulated point
 *   result (view) point joined with total
 * Every row depends on the point alone, never on when or where it was run. */
#ifndef SA_SWEEP_STORE_H
#define SA_SWEEP_STORE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include "base/error.h"
#include "report/report.h"
#include "report/search.h"
#include "sweep/sweep.h"

#define SA_STORE_APPLICATION 0x5379734c
#define SA_STORE_SCHEMA 3
#define SA_STORE_ID_CHARS 17
#define SA_STORE_NAME_CHARS 64

struct sa_store;

enum sa_store_mode { SA_STORE_READ, SA_STORE_WRITE /* made if it is not there */ };

/* Opens a store. Refused: what is no store, a newer schema, for writing also a damaged file. */
enum sa_status sa_store_open(const char *path, enum sa_store_mode mode, struct sa_store **store,
                             struct sa_error *error) SA_CHECKED;
/* Whether the file is whole, which takes the time to read it. */
enum sa_status sa_store_check(struct sa_store *store, struct sa_error *error) SA_CHECKED;
void sa_store_close(struct sa_store *store); /* null is legal; an open transaction is rolled back */
sqlite3 *sa_store_database(struct sa_store *store);

enum sa_status sa_store_has(struct sa_store *store, uint64_t id, bool *has, struct sa_error *error)
    SA_CHECKED;
enum sa_status sa_store_begin(struct sa_store *store, struct sa_error *error) SA_CHECKED;
enum sa_status sa_store_commit(struct sa_store *store, struct sa_error *error) SA_CHECKED;
/* Adds a point within a transaction; one that is there already stays. report: null if the point is
 * illegal (its reason says why). search: null if its mapping was not searched. */
enum sa_status sa_store_put(struct sa_store *store, const struct sa_point *point,
                            const struct sa_report *report, const struct sa_search *search,
                            struct sa_error *error) SA_CHECKED;
/* Points that show a fault of the simulator. */
enum sa_status sa_store_count_failed(struct sa_store *store, uint64_t *count, struct sa_error *error)
    SA_CHECKED;
/* Points that another version or build of the simulator left. */
enum sa_status sa_store_count_others(struct sa_store *store, uint64_t *count, struct sa_error *error)
    SA_CHECKED;

/* Adds all points of another store. SA_ERR_ILLEGAL: a point has different content in both. *added: new
 * points. */
enum sa_status sa_store_merge(struct sa_store *store, const char *path, uint64_t *added,
                              struct sa_error *error) SA_CHECKED;

/* Makes the error of a failed SQLite call. */
enum sa_status sa_store_fail(sqlite3 *database, struct sa_error *error);
/* A parameter's or column's name as SQL has it. */
const char *sa_store_name(const char *name, char buffer[SA_STORE_NAME_CHARS]);
const char *sa_store_id(uint64_t id, char buffer[SA_STORE_ID_CHARS]);
#endif
