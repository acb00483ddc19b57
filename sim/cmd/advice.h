/* `systole results --explain`: what binds a point of a store, and what to change next. */
#ifndef SA_CMD_ADVICE_H
#define SA_CMD_ADVICE_H
#include "report/report.h"
#include "sweep/store.h"

/* Simulates the point and its neighbours and prints what follows on standard output. */
enum sa_status sa_print_advice(struct sa_store *store, const char *id, enum sa_format format,
                               struct sa_error *error) SA_CHECKED;
#endif
