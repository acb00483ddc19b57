/* Runs the program as a user does and keeps what it said. The working directory of tests is the build
 * folder, where ./systole is. */
#ifndef SA_TESTS_RUN_CLI_H
#define SA_TESTS_RUN_CLI_H

struct cli_result {
  int status;              /* exit status; 128 + signal if it was killed */
  char output[65536];      /* stdout, cut if longer */
  char errors[8192];       /* stderr */
};

/* `arguments` are words for the shell: quote as there. */
void run_cli(const char *arguments, struct cli_result *result);
#endif
