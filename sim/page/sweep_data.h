/* The data of a sweep's page: the points of a store with what differs between them and their figures. */
#ifndef SA_PAGE_SWEEP_DATA_H
#define SA_PAGE_SWEEP_DATA_H
#include <jansson.h>

#include "sweep/query.h"

#define SA_PAGE_POINTS 10000u /* a page holds at most so many points, the fastest ones */

struct sa_page_sweep {
  struct sa_store *store;
  const char *where;              /* SQL expression that restricts the points, or null */
  const char *name;               /* of the store, as text */
  const char *version, *command;  /* what made the page, as text */
};

/* SA_ERR_INPUT: no simulated point. *data is the caller's. Its form: docs/report.md. */
enum sa_status sa_page_sweep_data(const struct sa_page_sweep *sweep, json_t **data, struct sa_error *error) SA_CHECKED;
#endif
