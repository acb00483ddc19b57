/* The program's surface: help, exit statuses, exact messages, and what config and params print. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "machine/params.h"
#include "run_cli.h"
#include "test_main.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))

static struct cli_result result;

static const char *const COMMANDS[] = {
#define SA_COMMAND(name) #name,
#include "cmd/commands.def"
#undef SA_COMMAND
};

START_TEST(the_list_of_commands_names_each_once_in_the_order_of_the_table) {
  run_cli("--help", &result);
  ck_assert_int_eq(result.status, 0);
  const char *last = result.output;
  for (int i = 0; i < COUNT(COMMANDS); i++) {
    char line[64];
    snprintf(line, sizeof line, "\n  %-10s ", COMMANDS[i]);
    const char *here = strstr(result.output, line);
    ck_assert_msg(here && here > last, "%s", COMMANDS[i]);
    ck_assert_ptr_null(strstr(here + 1, line));
    last = here;
  }
}
END_TEST

START_TEST(every_command_explains_itself) {
  char arguments[64], usage[64];
  snprintf(arguments, sizeof arguments, "%s --help", COMMANDS[_i]);
  snprintf(usage, sizeof usage, "usage: systole %s [OPTION]...", COMMANDS[_i]);
  run_cli(arguments, &result);
  ck_assert_int_eq(result.status, 0);
  ck_assert_str_eq(result.errors, "");
  ck_assert_int_eq(strncmp(result.output, usage, strlen(usage)), 0);
  ck_assert_ptr_nonnull(strstr(result.output, "\noptions:\n"));
  for (const char *line = result.output; line; line = strchr(line, '\n')) {
    line += line != result.output;
    ck_assert_msg(strcspn(line, "\n") <= 120, "%s", line);
  }
}
END_TEST

START_TEST(every_command_refuses_an_option_that_it_does_not_have) {
  char arguments[64], expected[128];
  snprintf(arguments, sizeof arguments, "%s --frobnicate=1", COMMANDS[_i]);
  snprintf(expected, sizeof expected, "systole: %s has no option --frobnicate\n", COMMANDS[_i]);
  run_cli(arguments, &result);
  ck_assert_int_eq(result.status, 2);
  ck_assert_str_eq(result.errors, expected);
  ck_assert_str_eq(result.output, "");
}
END_TEST

START_TEST(the_version_is_printed) {
  run_cli("--version", &result);
  ck_assert_int_eq(result.status, 0);
  ck_assert_int_eq(strncmp(result.output, "systole ", 8), 0);
}
END_TEST

static const struct {
  const char *arguments, *message;
} WRONG[] = {
    {"", "systole: which command? (see systole --help)\n"},
    {"confg", "systole: there is no command \"confg\"; did you mean \"config\"? (see systole --help)\n"},
    {"zzzz", "systole: there is no command \"zzzz\" (see systole --help)\n"},
    {"config tpu-v1 extra", "systole: config: \"extra\" is one argument too many (see systole config --help)\n"},
    {"config --set", "systole: config: --set needs a value\n"},
    {"config -s", "systole: config: -s needs a value\n"},
    {"config --sot x", "systole: config has no option --sot; did you mean \"set\"?\n"},
    {"config -q", "systole: config has no option -q (see systole config --help)\n"},
    {"config --help=3", "systole: config: --help takes no value\n"},
    {"config --set clock=1", "systole: config --set needs CONFIG (see systole config --help)\n"},
    {"config --rtl", "systole: config --rtl needs CONFIG (see systole config --help)\n"},
    {"config no/such.yaml", "systole: no/such.yaml: cannot open: No such file or directory\n"},
    {"config tpu-v1 --set array.rows=0", "systole: array.rows is 0; it must be between 1 and 512\n"},
    {"config tpu-v1 --set array.rowz=3",
     "systole: there is no parameter \"array.rowz\"; did you mean \"array.rows\"?\n"},
    {"config tpu-v1 > /dev/full", "systole: cannot write to standard output: No space left on device\n"},
    {"params --help > /dev/full", "systole: cannot write to standard output: No space left on device\n"},
};

START_TEST(wrong_use_is_one_message_and_status_2) {
  run_cli(WRONG[_i].arguments, &result);
  ck_assert_int_eq(result.status, 2);
  ck_assert_str_eq(result.errors, WRONG[_i].message);
  ck_assert_str_eq(result.output, "");
}
END_TEST

START_TEST(params_prints_every_parameter) {
  run_cli("params", &result);
  ck_assert_int_eq(result.status, 0);
  for (size_t i = 0; i < SA_PARAMS; i++) {
    char begin[64];
    snprintf(begin, sizeof begin, "\n%s ", sa_params[i].name);
    ck_assert_msg(strstr(result.output, begin) != NULL, "%s", sa_params[i].name);
    ck_assert_ptr_nonnull(strstr(result.output, sa_params[i].meaning));
  }
}
END_TEST

START_TEST(config_prints_a_config_that_prints_itself) {
  static char first[sizeof result.output];
  run_cli("config tpu-v2 --set array.rows=24 --set array.cols=40", &result);
  ck_assert_int_eq(result.status, 0);
  ck_assert_ptr_nonnull(strstr(result.output, "  rows: 24\n  cols: 40\n"));
  ck_assert_ptr_nonnull(strstr(result.output, "  lanes: 128\n")); /* given in the file */
  FILE *file = fopen("tpu-v2-cli-test.yaml", "w");
  fputs(result.output, file);
  fclose(file);
  strcpy(first, strchr(result.output, '\n')); /* after the name */
  run_cli("config tpu-v2-cli-test.yaml", &result);
  ck_assert_int_eq(result.status, 0);
  ck_assert_str_eq(strchr(result.output, '\n'), first);
  unlink("tpu-v2-cli-test.yaml");
}
END_TEST

START_TEST(config_shows_the_published_peak_and_ridge_point_of_tpu_v1) {
  run_cli("config tpu-v1", &result);
  ck_assert_int_eq(result.status, 0);
  ck_assert_ptr_nonnull(strstr(result.output, "45.88 TMAC/s = 91.75 TOPS"));        /* paper: 92 TOPS */
  ck_assert_ptr_nonnull(strstr(result.output, "1349.3 MAC per weight byte"));       /* paper: 1350 */
  ck_assert_ptr_nonnull(strstr(result.output, "accumulators, two banks  4 MiB\n")); /* paper: 4 MiB */
}
END_TEST

START_TEST(config_prints_the_parameters_of_the_rtl) {
  run_cli("config tpu-v1 --rtl --set array.rows=24", &result);
  ck_assert_int_eq(result.status, 0);
  ck_assert_ptr_nonnull(strstr(result.output, "Rows=24\nCols=256\nWeightBuffers=2\n"));
  ck_assert_ptr_nonnull(strstr(result.output, "\nPort1Bytes=64\n"));
}
END_TEST

START_TEST(config_without_a_name_lists_the_presets) {
  run_cli("config", &result);
  ck_assert_int_eq(result.status, 0);
  ck_assert_ptr_nonnull(strstr(result.output, "\ntpu-v1       256x256  700 MHz  24 MiB    48 GB/s\n"));
}
END_TEST

START_TEST(another_folder_of_models_can_be_named) {
  run_cli("config tpu-v1", &result);
  ck_assert_int_eq(result.status, 0);
  setenv("SYSTOLE_MODELS", "/nonexistent", 1);
  run_cli("config tpu-v1", &result);
  ck_assert_int_eq(result.status, 2);
  ck_assert_str_eq(result.errors,
                   "systole: \"tpu-v1\" is neither a file nor one of the models in /nonexistent/arch\n");
  unsetenv("SYSTOLE_MODELS");
}
END_TEST

/* Runs the example whose command follows "    $ ./systole " at `text`; the indented lines after it must
 * be the output's beginning up to "...", or all of it. Returns where the example ends. */
static const char *check_example(const char *text) {
  char arguments[256], line[256];
  snprintf(arguments, sizeof arguments, "%.*s", (int)strcspn(text, "\n"), text);
  run_cli(arguments, &result);
  ck_assert_int_eq(result.status, 0);
  const char *output = result.output;
  text += strcspn(text, "\n") + 1;
  while (strncmp(text, "    ", 4) == 0 && strncmp(text, "    ...\n", 8) != 0) {
    snprintf(line, sizeof line, "%.*s\n", (int)strcspn(text + 4, "\n"), text + 4);
    ck_assert_msg(strncmp(output, line, strlen(line)) == 0, "systole %s\ndocumented: %s", arguments, line);
    output += strlen(line);
    text += strcspn(text, "\n") + 1;
  }
  return text;
}

/* Documents whose examples are run. */
static const char *const DOCUMENTS[] = {"README.md", "docs/config.md"};

/* Reads a file of the source tree. Returns a static buffer. */
static const char *source_text(const char *name) {
  static char text[65536];
  char path[1024];
  const char *folder = getenv("srcdir"); /* set by make check */
  snprintf(path, sizeof path, "%s/%s", folder ? folder : ".", name);
  FILE *file = fopen(path, "r");
  ck_assert_msg(file != NULL, "%s", path);
  text[fread(text, 1, sizeof text - 1, file)] = '\0';
  fclose(file);
  return text;
}

START_TEST(the_examples_of_a_document_print_what_it_says) {
  int examples = 0;
  const char *command = "    $ ./systole ";
  for (const char *at = source_text(DOCUMENTS[_i]); (at = strstr(at, command)); examples++)
    at = check_example(at + strlen(command));
  ck_assert_int_gt(examples, 0);
}
END_TEST

START_TEST(the_first_config_of_the_documentation_is_complete_and_has_nothing_to_spare) {
  const char *begin = strstr(source_text("docs/config.md"), "```yaml\n");
  ck_assert_ptr_nonnull(begin);
  begin += strlen("```yaml\n");
  struct sa_config config;
  struct sa_error error = {0};
  const size_t length = (size_t)(strstr(begin, "```") - begin);
  if (sa_config_parse("docs", begin, length, &config, &error)) ck_abort_msg("%s", error.message);
  for (size_t i = 0; i < SA_PARAMS; i++)
    ck_assert_int_eq(sa_param_get(&sa_params[i], &config) != 0,
                     strcmp(sa_params[i].default_text, SA_PARAM_REQUIRED) == 0);
  if (sa_config_finish(&config, &error)) ck_abort_msg("%s", error.message);
}
END_TEST

START_TEST(the_manual_page_holds_every_command_option_and_parameter) {
  run_cli("manual", &result);
  ck_assert_int_eq(result.status, 0);
  for (int i = 0; i < COUNT(COMMANDS); i++) {
    char heading[64];
    snprintf(heading, sizeof heading, "\n.SS \"systole %s", COMMANDS[i]);
    ck_assert_msg(strstr(result.output, heading) != NULL, "%s", COMMANDS[i]);
  }
  ck_assert_ptr_nonnull(strstr(result.output, "\\fB\\-s\\fR, \\fB\\-\\-set\\fR \\fIPARAMETER=VALUE\\fR\n"));
  ck_assert_ptr_nonnull(strstr(result.output, "\n.B weight_memory.latency\n"));
  ck_assert_ptr_null(strstr(result.output, "\n.\n")); /* an empty request swallows text */
}
END_TEST

static Suite *suite(void) {
  Suite *s = suite_create("cli");
  TCase *c = tcase_create("cli");
  tcase_add_test(c, the_list_of_commands_names_each_once_in_the_order_of_the_table);
  tcase_add_loop_test(c, every_command_explains_itself, 0, COUNT(COMMANDS));
  tcase_add_loop_test(c, every_command_refuses_an_option_that_it_does_not_have, 0, COUNT(COMMANDS));
  tcase_add_test(c, the_version_is_printed);
  tcase_add_loop_test(c, wrong_use_is_one_message_and_status_2, 0, COUNT(WRONG));
  tcase_add_test(c, params_prints_every_parameter);
  tcase_add_test(c, config_prints_a_config_that_prints_itself);
  tcase_add_test(c, config_shows_the_published_peak_and_ridge_point_of_tpu_v1);
  tcase_add_test(c, config_prints_the_parameters_of_the_rtl);
  tcase_add_test(c, config_without_a_name_lists_the_presets);
  tcase_add_test(c, another_folder_of_models_can_be_named);
  tcase_add_loop_test(c, the_examples_of_a_document_print_what_it_says, 0, COUNT(DOCUMENTS));
  tcase_add_test(c, the_first_config_of_the_documentation_is_complete_and_has_nothing_to_spare);
  tcase_add_test(c, the_manual_page_holds_every_command_option_and_parameter);
  suite_add_tcase(s, c);
  return s;
}

SA_TEST_MAIN(suite)
