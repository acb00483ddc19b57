/* Runs the program: see run_cli.h. */
#include "run_cli.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void read_back(const char *path, char *text, size_t size) {
  FILE *file = fopen(path, "r");
  ck_assert_ptr_nonnull(file);
  const size_t count = fread(text, 1, size - 1, file);
  text[count] = '\0';
  fclose(file);
  unlink(path);
}

void run_cli(const char *arguments, struct cli_result *result) {
  char command[4096], out[] = "cli_out.XXXXXX", err[] = "cli_err.XXXXXX";
  close(mkstemp(out));
  close(mkstemp(err));
  /* a redirection in `arguments` comes later and wins */
  snprintf(command, sizeof command, ">%s 2>%s ./systole %s", out, err, arguments);
  const int status = system(command);
  result->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  read_back(out, result->output, sizeof result->output);
  read_back(err, result->errors, sizeof result->errors);
}
