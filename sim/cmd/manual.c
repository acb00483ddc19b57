/* `systole manual`: the manual page systole(1), made from the tables of commands, options and
 * parameters, so that it can't say anything else than the program does. */
#include <config.h>
#include <stdio.h>

#include "cmd/commands.h"
#include "machine/params.h"

/* Text as roff takes it: backslashes and hyphens escaped, no line begins with a request. */
static void put(const char *text) {
  int line_begins = 1;
  for (const char *c = text; *c; c++) {
    if (line_begins && (*c == '.' || *c == '\'')) fputs("\\&", stdout);
    if (*c == '\\')
      fputs("\\e", stdout);
    else if (*c == '-')
      fputs("\\-", stdout);
    else
      putchar(*c);
    line_begins = *c == '\n';
  }
}

static void put_option(const struct sa_command_option *option) {
  printf(".TP\n");
  if (option->letter) printf("\\fB\\-%c\\fR, ", option->letter);
  printf("\\fB\\-\\-");
  put(option->name);
  printf("\\fR");
  if (option->argument) {
    printf(" \\fI");
    put(option->argument);
    printf("\\fR");
  }
  printf("\n");
  put(option->help);
  printf("\n");
}

static void put_command(const struct sa_command *command) {
  printf(".SS \"systole %s", command->name);
  if (command->option_count) printf(" [OPTION]...");
  printf("%s%s\"\n", command->arguments[0] ? " " : "", command->arguments);
  put(command->summary);
  printf(".\n");
  if (command->details) {
    printf(".PP\n.nf\n");
    put(command->details);
    printf(".fi\n");
  }
  for (size_t i = 0; i < command->option_count; i++) put_option(&command->options[i]);
}

static void put_parameter(const struct sa_param *param) {
  char range[2 * SA_QUANTITY_CHARS + 32];
  printf(".TP\n.B ");
  put(param->name);
  printf("\n");
  put(param->meaning);
  printf(".\nRange: ");
  put(sa_param_range(param, range, sizeof range));
  printf(". Default: ");
  put(param->default_text + (param->default_text[0] == '='));
  printf(".\n");
}

static int run(const struct sa_args *args) {
  (void)args;
  printf(".TH SYSTOLE 1 \"\" \"%s\"\n", PACKAGE_STRING);
  printf(".SH NAME\nsystole \\- simulate a weight\\-stationary systolic array cycle for cycle\n");
  printf(".SH SYNOPSIS\n.B systole\n.I COMMAND\n[\\fIOPTION\\fR]... [\\fIARGUMENT\\fR]...\n.br\n"
         ".B systole\n\\fB\\-\\-help\\fR | \\fB\\-\\-version\\fR\n");
  printf(".SH COMMANDS\nEach takes \\fB\\-\\-help\\fR.\n");
  for (size_t i = 0; i < SA_COMMANDS; i++) put_command(sa_commands[i]);
  printf(".SH PARAMETERS\nA machine's config is YAML; \\fBarray.rows\\fR is the key \\fBrows\\fR in the mapping "
         "\\fBarray\\fR.\nValues take units: 24 MiB, 34 GB/s, 700 MHz, 100 cycles.\n");
  for (size_t i = 0; i < SA_PARAMS; i++) put_parameter(&sa_params[i]);
  printf(".SH ENVIRONMENT\n.TP\n.B SYSTOLE_MODELS\nA folder with arch/ and net/, in which machines and "
         "networks are found by name,\ninstead of the shipped ones.\n");
  printf(".SH EXIT STATUS\n0: done. 1: a difference, or a failed check. 2: bad input.\n");
  return SA_EXIT_OK;
}

const struct sa_command sa_command_manual = {
    .name = "manual",
    .arguments = "",
    .summary = "print the manual page systole(1), as man and groff read it",
    .run = run,
};
