/* Runs another program without a shell and collects what it prints. */
#ifndef SA_COSIM_SPAWN_H
#define SA_COSIM_SPAWN_H
#include <stddef.h>

#include "base/error.h"

/* What a program left: its exit status (128 + signal if one ended it) and output, NUL-terminated. */
struct sa_spawned {
  int exit_status;
  char *out, *err; /* owned; at most SA_SPAWN_MAX_BYTES each, the rest is dropped */
};

#define SA_SPAWN_MAX_BYTES (1u << 20)

/* Runs argv (null-terminated, argv[0] a path or a name looked up in PATH), standard input empty.
 * Fails only if it cannot be started, or if a signal that the caller catches comes meanwhile: then it is
 * ended too (SIGTERM) and the message is "interrupted". The caller releases *spawned on success. */
enum sa_status sa_spawn(const char *const *argv, struct sa_spawned *spawned, struct sa_error *error)
    SA_CHECKED;
void sa_spawned_release(struct sa_spawned *spawned);
#endif
