/* Parses a command line by a command's table; used by main.c alone. */
#ifndef SA_CMD_ARGS_H
#define SA_CMD_ARGS_H
#include "cmd/command.h"

/* The parsed line. `values` holds one slot per word of the line for each option. */
struct sa_args {
  const struct sa_command *command;
  char **arguments;     /* into argv */
  size_t argument_count;
  const char **values;  /* [option_count][value_capacity]; owned */
  size_t *value_counts; /* [option_count]; owned */
  size_t value_capacity;
  bool help;            /* --help was given: nothing else was checked */
};

/* argv[0] is the command's name. On success the caller releases *args. */
enum sa_status sa_args_parse(const struct sa_command *command, int argc, char **argv,
                             struct sa_args *args, struct sa_error *error) SA_CHECKED;
void sa_args_release(struct sa_args *args);
#endif
