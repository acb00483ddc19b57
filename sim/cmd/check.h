/* The two halves of `systole check`, for check.c. */
#ifndef SA_CMD_CHECK_H
#define SA_CMD_CHECK_H
#include "cmd/command.h"

/* What is shown meanwhile. */
#define SA_CHECK_BUILDING "building the RTL of this machine (some 10 s; kept for later runs)"

/* --random N: random machines and programs. Returns the exit status. */
int sa_check_random(const struct sa_args *args);
/* CONFIG NETWORK: a whole network, layer by layer. */
int sa_check_network(const struct sa_args *args);
#endif
