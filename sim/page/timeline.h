/* The timeline of a run for the page: how busy each unit is in every slice of time, the span of every
 * layer, and the instructions of a window one by one. Of bounded size, however long the run. */
#ifndef SA_PAGE_TIMELINE_H
#define SA_PAGE_TIMELINE_H
#include <jansson.h>

#include "engine/engine.h"

struct sa_timeline;

#define SA_TIMELINE_BINS 16384u         /* slices of time, at most */
#define SA_TIMELINE_INSTRUCTIONS 20000u /* of the window, at most */

/* Null if out of memory. sa_timeline_free(NULL) is legal. */
struct sa_timeline *sa_timeline_create(void);
void sa_timeline_free(struct sa_timeline *timeline);
/* Sets on_instr and user. */
void sa_timeline_attach(struct sa_timeline *timeline, struct sa_engine_options *options);

/* The finished run of `cycles` cycles, layers counted from 0 to layer_count - 1. Instructions that start
 * in first .. last are kept one by one, those that start earliest if they are too many. *json is the
 * caller's. Its form: docs/report.md. */
enum sa_status sa_timeline_json(struct sa_timeline *timeline, uint64_t cycles, uint32_t layer_count,
                                uint64_t first, uint64_t last, json_t **json, struct sa_error *error) SA_CHECKED;
#endif
