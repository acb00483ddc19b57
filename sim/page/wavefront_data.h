/* The wavefronts that a page plays: the worked example of docs/wavefront.md, with two weight registers a PE
 * and with one. */
#ifndef SA_PAGE_WAVEFRONT_DATA_H
#define SA_PAGE_WAVEFRONT_DATA_H
#include <jansson.h>

#include "base/error.h"

/* *json: an array of {title, gemm, wavefront}; the caller's. */
enum sa_status sa_page_wavefronts(json_t **json, struct sa_error *error) SA_CHECKED;
#endif
