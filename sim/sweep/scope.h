/* What names mean in a sweep's expressions. */
#ifndef SA_SWEEP_SCOPE_H
#define SA_SWEEP_SCOPE_H
#include <stdint.h>

#include "base/error.h"

/* For couplings: user is an unfinished config; a parameter that it does not give is an error. */
enum sa_status sa_scope_find_param(const void *user, const char *name, int64_t *value,
                                   struct sa_error *error) SA_CHECKED;
/* For constraints: user is a struct sa_point, or null to check names alone. Parameters, batch,
 * sram_bytes. */
enum sa_status sa_scope_find_result(const void *user, const char *name, int64_t *value,
                                    struct sa_error *error) SA_CHECKED;
#endif
