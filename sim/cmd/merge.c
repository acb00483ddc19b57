/* `systole merge`: stores of a sweep's shards into one. */
#include <inttypes.h>
#include <stdio.h>

#include "cmd/command.h"
#include "sweep/store.h"

static enum sa_status merge(const struct sa_args *args, struct sa_error *error) {
  struct sa_store *store;
  enum sa_status status = sa_store_open(sa_args_get(args, 0), SA_STORE_WRITE, &store, error);
  if (status) return status;
  for (size_t i = 1; i < sa_args_count(args) && !status; i++) {
    uint64_t added = 0;
    status = sa_store_merge(store, sa_args_get(args, i), &added, error);
    if (!status) printf("%s: %" PRIu64 " points added\n", sa_args_get(args, i), added);
  }
  sa_store_close(store);
  return status;
}

static int run(const struct sa_args *args) {
  struct sa_error error = {0};
  return merge(args, &error) ? sa_command_fail(&error) : SA_EXIT_OK;
}

const struct sa_command sa_command_merge = {
    .name = "merge",
    .arguments = "STORE FROM...",
    .min_arguments = 2,
    .max_arguments = 100000,
    .summary = "add the points of stores to a store",
    .details = "STORE is made if it is not there. A point with different content in two stores is an error; the\n"
               "store FROM it is in is left out whole.\n",
    .run = run,
};
