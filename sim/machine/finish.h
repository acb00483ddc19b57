/* sa_config_finish for a caller who knows where parameters were given. */
#ifndef SA_MACHINE_FINISH_H
#define SA_MACHINE_FINISH_H
#include "machine/params.h"

/* As sa_config_finish; on failure *culprit is the parameter at fault. *config changes on success only. */
enum sa_status sa_config_finish_blaming(struct sa_config *config, const struct sa_param **culprit,
                                        struct sa_error *error) SA_CHECKED;
#endif
