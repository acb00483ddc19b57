/* A command of `systole`: one file and one row of commands.def each. The table entry below says what
 * the command takes; main.c parses by it, checks, and calls run with the result. To add one:
 * SA_COMMAND(name) in commands.def and `const struct sa_command sa_command_name` in name.c. */
#ifndef SA_CMD_COMMAND_H
#define SA_CMD_COMMAND_H
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Exit statuses of the program. */
enum { SA_EXIT_OK = 0, SA_EXIT_DIFFERENT = 1, SA_EXIT_BAD_INPUT = 2 };

struct sa_command_option {
  const char *name;     /* long name, without dashes */
  char letter;          /* short form, or 0 */
  const char *argument; /* its name in the help; null for a flag */
  bool repeats;         /* may be given more than once; else the last one counts */
  const char *help;     /* one line */
};

struct sa_args;

struct sa_command {
  const char *name;
  const char *arguments; /* as in the usage line: "CONFIG NETWORK", "[CONFIG]" */
  unsigned min_arguments, max_arguments;
  const char *summary;   /* one line, for the list of commands */
  const char *details;   /* more lines of help, or null */
  const struct sa_command_option *options;
  size_t option_count;
  int (*run)(const struct sa_args *args); /* exit status */
};

/* A command's options table and its length, for the entry. */
#define SA_OPTIONS(table) .options = (table), .option_count = sizeof(table) / sizeof(table)[0]

/* ---- What run is given ---- */

/* Number of arguments that are no options, and argument i, or null beyond. */
size_t sa_args_count(const struct sa_args *args);
const char *sa_args_get(const struct sa_args *args, size_t i);
/* Whether the option was given; its (last) value or null; all its values in order. The name must be
 * in the command's table. */
bool sa_args_has(const struct sa_args *args, const char *option);
const char *sa_args_value(const struct sa_args *args, const char *option);
const char *const *sa_args_values(const struct sa_args *args, const char *option, size_t *count);

/* An option's value as a whole number of min .. max; *value is untouched if the option is absent. */
enum sa_status sa_args_number(const struct sa_args *args, const char *option, unsigned long long min,
                              unsigned long long max, unsigned long long *value,
                              struct sa_error *error) SA_CHECKED;
/* An option's value as a position in `words`; *index is untouched if the option is absent. */
enum sa_status sa_args_word(const struct sa_args *args, const char *option, const char *const *words,
                            size_t count, size_t *index, struct sa_error *error) SA_CHECKED;

/* Prints "systole: message" on stderr; returns SA_EXIT_BAD_INPUT, so that `return
 * sa_command_fail(&error)` reads well. */
int sa_command_fail(const struct sa_error *error);

/* The option that every command with a CONFIG has: sets one parameter. */
#define SA_OPTION_SET \
  {"set", 's', "PARAMETER=VALUE", true, "change a parameter of CONFIG (see `systole params`); repeatable"}
#endif
