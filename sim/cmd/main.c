/* The program `systole`: finds the command in the table, parses its line, runs it. */
#include <config.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "cmd/args.h"
#include "cmd/commands.h"

int sa_command_fail(const struct sa_error *error) {
  char text[sizeof error->file + sizeof error->message + 32];
  fprintf(stderr, "systole: %s\n", sa_error_format(error, text, sizeof text));
  return SA_EXIT_BAD_INPUT;
}

static void print_program_help(void) {
  printf("usage: systole COMMAND [OPTION]... [ARGUMENT]...\n\n"
         "Simulates a weight-stationary systolic array (TPU style) cycle for cycle.\n\ncommands:\n");
  for (size_t i = 0; i < SA_COMMANDS; i++)
    printf("  %-10s %s\n", sa_commands[i]->name, sa_commands[i]->summary);
  printf("\noptions:\n  --help     this text; systole COMMAND --help: a command's\n"
         "  --version  the version\n\n"
         "exit status: 0 done, 1 a difference or a failed check, 2 bad input\n");
}

static void print_command_help(const struct sa_command *command) {
  printf("usage: systole %s [OPTION]...%s%s\n\n%s\n", command->name, command->arguments[0] ? " " : "",
         command->arguments, command->summary);
  if (command->details) printf("\n%s", command->details);
  printf("\noptions:\n");
  for (size_t i = 0; i < command->option_count; i++) {
    const struct sa_command_option *option = &command->options[i];
    char form[80];
    snprintf(form, sizeof form, "--%s%s%s", option->name, option->argument ? " " : "",
             option->argument ? option->argument : "");
    if (option->letter)
      printf("  -%c, %-24s %s\n", option->letter, form, option->help);
    else
      printf("      %-24s %s\n", form, option->help);
  }
  printf("  -h, %-24s %s\n", "--help", "this text");
}

static int run_command(const struct sa_command *command, int argc, char **argv) {
  struct sa_args args;
  struct sa_error error = {0};
  if (sa_args_parse(command, argc, argv, &args, &error)) return sa_command_fail(&error);
  int status = SA_EXIT_OK;
  if (args.help)
    print_command_help(command);
  else
    status = command->run(&args);
  sa_args_release(&args);
  return status;
}

static int no_such_command(const char *name) {
  const char *names[SA_COMMANDS];
  struct sa_error error = {0};
  char hint[128];
  for (size_t i = 0; i < SA_COMMANDS; i++) names[i] = sa_commands[i]->name;
  sa_fail(&error, SA_ERR_INPUT, "there is no command \"%.64s\"%s (see systole --help)", name,
          sa_suggest_hint(hint, sizeof hint, name, names, SA_COMMANDS));
  return sa_command_fail(&error);
}

static int dispatch(int argc, char **argv) {
  if (argc < 2) {
    struct sa_error error = {0};
    sa_fail(&error, SA_ERR_INPUT, "which command? (see systole --help)");
    return sa_command_fail(&error);
  }
  if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
    print_program_help();
    return SA_EXIT_OK;
  }
  if (strcmp(argv[1], "--version") == 0) {
    printf("%s\n", PACKAGE_STRING);
    return SA_EXIT_OK;
  }
  for (size_t i = 0; i < SA_COMMANDS; i++)
    if (strcmp(argv[1], sa_commands[i]->name) == 0) return run_command(sa_commands[i], argc - 1, argv + 1);
  return no_such_command(argv[1]);
}

int main(int argc, char **argv) {
  const int status = dispatch(argc, argv);
  errno = 0;
  if (fflush(stdout) != 0 || ferror(stdout)) { /* a full disk is no success */
    fprintf(stderr, "systole: cannot write to standard output%s%s\n", errno ? ": " : "",
            errno ? strerror(errno) : "");
    return SA_EXIT_BAD_INPUT;
  }
  return status;
}
