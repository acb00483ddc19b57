/* The timeline of a run as files: timeline.csv (every instruction), trace.json (the same for Chrome's
 * and Perfetto's viewers, one cycle shown as one microsecond), dram.csv (every burst, for external
 * DRAM simulators). Formats: docs/traces.md. */
#ifndef SA_REPORT_TRACE_H
#define SA_REPORT_TRACE_H
#include "engine/engine.h"

struct sa_trace;

/* Null if out of memory. */
struct sa_trace *sa_trace_create(void);
void sa_trace_free(struct sa_trace *trace);

/* Sets the callbacks and their user pointer; everything the engine reports is then kept. */
void sa_trace_attach(struct sa_trace *trace, struct sa_engine_options *options);

/* Writes the three files into directory, which is made if it is missing. layer_names[layer_count]:
 * names by layer number. All three appear whole or none of the failed one. */
enum sa_status sa_trace_write(const struct sa_trace *trace, const char *directory,
                              const char *const *layer_names, size_t layer_count,
                              struct sa_error *error) SA_CHECKED;
#endif
