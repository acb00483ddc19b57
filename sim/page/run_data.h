/* The data of a run's page: everything that its report knows, each layer's mapping, the timeline, the
 * worked example of a wavefront. */
#ifndef SA_PAGE_RUN_DATA_H
#define SA_PAGE_RUN_DATA_H
#include "page/timeline.h"
#include "report/simulate.h"

struct sa_page_run {
  const struct sa_config *config;
  const struct sa_net *net;
  const struct sa_simulation *simulation; /* finished */
  struct sa_timeline *timeline;           /* that watched it */
  uint64_t window_first, window_last;     /* cycles whose instructions are kept one by one */
  const char *version, *command;          /* what made the page, as text */
  json_t *comparison;                     /* of systole compare, or null; stays the caller's */
};

/* *data is the caller's. Its form: docs/report.md. */
enum sa_status sa_page_run_data(const struct sa_page_run *run, json_t **data, struct sa_error *error) SA_CHECKED;
#endif
