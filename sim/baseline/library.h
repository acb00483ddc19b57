/* Libraries opened when a baseline is measured, so that the simulator starts without them: a table of
 * functions by name, filled from a shared object. */
#ifndef SA_BASELINE_LIBRARY_H
#define SA_BASELINE_LIBRARY_H
#include <stddef.h>

#include "base/error.h"

struct sa_symbol { const char *name; void *address; /* of a function pointer */ };

/* Opens `file` and fills every symbol. On failure nothing stays open; the message names what is missing. */
enum sa_status sa_library_open(const char *file, const struct sa_symbol *symbols, size_t count,
                               void **library, struct sa_error *error) SA_CHECKED;
/* Sets the number of threads of the OpenMP that the library brings, if it brings one. */
void sa_library_set_threads(void *library, unsigned threads);
void sa_library_close(void *library);
#endif
