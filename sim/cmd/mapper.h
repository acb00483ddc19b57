/* --mapper search for every command that maps a network: its options, and what the search gained. */
#ifndef SA_CMD_MAPPER_H
#define SA_CMD_MAPPER_H
#include <stdio.h>

#include "cmd/command.h"
#include "report/search.h"

#define SA_OPTIONS_MAPPER \
  {"mapper", 0, "HOW", false, "default, or search: try every candidate of every layer on the engine"}, \
  {"search-limit", 0, "N", false, "most simulations of a search (default: by the network's size)"}
#define SA_MAPPER_DETAILS \
  "--mapper search simulates the network with each candidate of each layer and keeps what is faster. Its\n" \
  "result depends on the inputs and on --search-limit alone.\n"

/* Reads the options; *limit as struct sa_search_options has it. */
enum sa_status sa_mapper_read(const struct sa_args *args, bool *search, uint32_t *limit, struct sa_error *error)
    SA_CHECKED;

/* Writes what the search gained, per layer and in total, with the --map that repeats each choice. `report`
 * is that of a run with the overrides found. */
void sa_mapper_write_gain(const struct sa_search *search, const struct sa_net *net, const struct sa_report *report,
                          FILE *out);
/* The same in one line. */
void sa_mapper_write_summary(const struct sa_search *search, FILE *out);
#endif
