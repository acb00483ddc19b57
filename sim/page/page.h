/* Reports as one HTML file that needs nothing else: data as JSON, styles and scripts within, no address
 * outside. The data are what other modules computed; the page's scripts (sim/page/assets) draw them.
 * docs/report.md. */
#ifndef SA_PAGE_PAGE_H
#define SA_PAGE_PAGE_H
#include <stdio.h>

#include <jansson.h>

#include "base/error.h"

enum sa_page_kind { SA_PAGE_RUN, SA_PAGE_SWEEP, SA_PAGE_KINDS };

/* Writes the page. `title` and every text in the data may hold any characters: they are escaped. The data
 * stay the caller's. Write errors stay in the stream for its owner to check. */
enum sa_status sa_page_write(enum sa_page_kind kind, const char *title, const json_t *data, FILE *out,
                             struct sa_error *error) SA_CHECKED;

/* A text as JSON: bytes that are no UTF-8 become '?'. Null if out of memory. */
json_t *sa_page_text(const char *text);
#endif
