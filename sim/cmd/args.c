/* Command lines by table: see command.h and args.h. getopt_long does the splitting; the messages are
 * ours, with suggestions. */
#include "cmd/args.h"

#include <assert.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "base/units.h"

enum { OPTIONS_MAX = 32, CODE_BASE = 256, CODE_HELP = CODE_BASE + OPTIONS_MAX };

/* getopt's two descriptions of one table. Long options carry CODE_BASE + their row. */
struct getopt_tables {
  struct option longs[OPTIONS_MAX + 2];
  char shorts[2 * OPTIONS_MAX + 4];
};

static void make_tables(const struct sa_command *command, struct getopt_tables *tables) {
  assert(command->option_count <= OPTIONS_MAX);
  memset(tables, 0, sizeof *tables);
  size_t used = 0;
  tables->shorts[used++] = ':'; /* a missing value is told from an unknown option */
  tables->shorts[used++] = 'h';
  for (size_t i = 0; i < command->option_count; i++) {
    const struct sa_command_option *option = &command->options[i];
    tables->longs[i] = (struct option){option->name, option->argument ? required_argument : no_argument,
                                       NULL, CODE_BASE + (int)i};
    if (!option->letter) continue;
    tables->shorts[used++] = option->letter;
    if (option->argument) tables->shorts[used++] = ':';
  }
  tables->longs[command->option_count] = (struct option){"help", no_argument, NULL, CODE_HELP};
}

static enum sa_status unknown_option(const struct sa_command *command, const char *word, int letter,
                                     struct sa_error *error) {
  if (strncmp(word, "--", 2) != 0)
    return sa_fail(error, SA_ERR_INPUT, "%s has no option -%c (see systole %s --help)", command->name,
                   letter, command->name);
  const char *names[OPTIONS_MAX + 1];
  char hint[128], name[64];
  for (size_t i = 0; i < command->option_count; i++) names[i] = command->options[i].name;
  names[command->option_count] = "help";
  const size_t length = strcspn(word + 2, "=");
  snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : sizeof name - 1), word + 2);
  return sa_fail(error, SA_ERR_INPUT, "%s has no option --%s%s", command->name, name,
                 sa_suggest_hint(hint, sizeof hint, name, names, command->option_count + 1));
}

/* The option's row for a code that getopt_long returned. */
static size_t row_of(const struct sa_command *command, int code) {
  if (code >= CODE_BASE) return (size_t)(code - CODE_BASE);
  size_t i = 0;
  while (command->options[i].letter != code) i++;
  return i;
}

static enum sa_status parse_options(int argc, char **argv, struct sa_args *args, struct sa_error *error) {
  const struct sa_command *command = args->command;
  struct getopt_tables tables;
  make_tables(command, &tables);
  opterr = 0;
  optind = 1;
  for (int code; (code = getopt_long(argc, argv, tables.shorts, tables.longs, NULL)) != -1;) {
    const char *word = argv[optind - 1];
    if (code == CODE_HELP || code == 'h') {
      args->help = true;
      return SA_OK;
    }
    if (code == ':') return sa_fail(error, SA_ERR_INPUT, "%s: %.64s needs a value", command->name, word);
    if (code == '?') {
      if (optopt >= CODE_BASE) /* a flag with =value */
        return sa_fail(error, SA_ERR_INPUT, "%s: --%s takes no value", command->name,
                       optopt == CODE_HELP ? "help" : command->options[row_of(command, optopt)].name);
      return unknown_option(command, word, optopt, error);
    }
    const size_t row = row_of(command, code);
    args->values[row * args->value_capacity + args->value_counts[row]++] = optarg ? optarg : "";
  }
  return SA_OK;
}

static enum sa_status check_counts(const struct sa_args *args, struct sa_error *error) {
  const struct sa_command *command = args->command;
  if (args->argument_count < command->min_arguments)
    return sa_fail(error, SA_ERR_INPUT, "%s needs %s (see systole %s --help)", command->name,
                   command->arguments, command->name);
  if (args->argument_count > command->max_arguments)
    return sa_fail(error, SA_ERR_INPUT, "%s: \"%.64s\" is one argument too many (see systole %s --help)",
                   command->name, args->arguments[command->max_arguments], command->name);
  for (size_t i = 0; i < command->option_count; i++)
    if (args->value_counts[i] > 1 && !command->options[i].repeats)
      return sa_fail(error, SA_ERR_INPUT, "%s: --%s is given twice", command->name,
                     command->options[i].name);
  return SA_OK;
}

enum sa_status sa_args_parse(const struct sa_command *command, int argc, char **argv,
                             struct sa_args *args, struct sa_error *error) {
  *args = (struct sa_args){.command = command, .value_capacity = (size_t)argc};
  args->values = calloc((command->option_count + 1) * args->value_capacity, sizeof *args->values);
  args->value_counts = calloc(command->option_count + 1, sizeof *args->value_counts);
  enum sa_status status = SA_OK;
  if (!args->values || !args->value_counts) status = sa_fail(error, SA_ERR_MEMORY, "out of memory");
  if (!status) status = parse_options(argc, argv, args, error);
  if (!status && !args->help) {
    args->arguments = argv + optind;
    args->argument_count = (size_t)(argc - optind);
    status = check_counts(args, error);
  }
  if (status) sa_args_release(args);
  return status;
}

void sa_args_release(struct sa_args *args) {
  free(args->values);
  free(args->value_counts);
  *args = (struct sa_args){0};
}

size_t sa_args_count(const struct sa_args *args) { return args->argument_count; }

const char *sa_args_get(const struct sa_args *args, size_t i) {
  return i < args->argument_count ? args->arguments[i] : NULL;
}

const char *const *sa_args_values(const struct sa_args *args, const char *option, size_t *count) {
  size_t row = 0;
  while (row < args->command->option_count && strcmp(args->command->options[row].name, option) != 0) row++;
  assert(row < args->command->option_count);
  *count = args->value_counts[row];
  return &args->values[row * args->value_capacity];
}

bool sa_args_has(const struct sa_args *args, const char *option) {
  return sa_args_value(args, option) != NULL;
}

const char *sa_args_value(const struct sa_args *args, const char *option) {
  size_t count;
  const char *const *values = sa_args_values(args, option, &count);
  return count ? values[count - 1] : NULL;
}

enum sa_status sa_args_number(const struct sa_args *args, const char *option, unsigned long long min,
                              unsigned long long max, unsigned long long *value, struct sa_error *error) {
  const char *text = sa_args_value(args, option);
  if (!text) return SA_OK;
  char name[64];
  uint64_t number;
  snprintf(name, sizeof name, "--%s", option);
  enum sa_status status = sa_quantity_parse(SA_DIM_COUNT, name, text, &number, error);
  if (!status) status = sa_quantity_check(SA_DIM_COUNT, name, number, min, max, error);
  if (!status) *value = number;
  return status;
}

enum sa_status sa_args_word(const struct sa_args *args, const char *option, const char *const *words,
                            size_t count, size_t *index, struct sa_error *error) {
  const char *text = sa_args_value(args, option);
  if (!text) return SA_OK;
  for (size_t i = 0; i < count; i++) {
    if (strcmp(words[i], text) == 0) {
      *index = i;
      return SA_OK;
    }
  }
  char list[256] = "";
  size_t used = 0;
  for (size_t i = 0; i < count && used < sizeof list; i++)
    used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", words[i]);
  return sa_fail(error, SA_ERR_INPUT, "--%s is \"%.64s\"; it must be one of: %s", option, text, list);
}
