/* posix_spawn with both outputs in unlinked temporary files, so that no pipe can fill up. */
#include "cosim/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

void sa_spawned_release(struct sa_spawned *spawned) {
  free(spawned->out);
  free(spawned->err);
  *spawned = (struct sa_spawned){0};
}

/* The file's text from its beginning; null if memory ends. */
static char *read_back(FILE *file) {
  char *text = malloc(SA_SPAWN_MAX_BYTES + 1);
  if (!text) return NULL;
  rewind(file);
  const size_t bytes = fread(text, 1, SA_SPAWN_MAX_BYTES, file);
  text[bytes] = '\0';
  char *fitting = realloc(text, bytes + 1);
  return fitting ? fitting : text;
}

static int start(const char *const *argv, int out, int err, pid_t *pid) {
  posix_spawn_file_actions_t actions;
  int failed = posix_spawn_file_actions_init(&actions);
  if (failed) return failed;
  failed = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  if (!failed) failed = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  if (!failed) failed = posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
  /* posix_spawnp takes char *const * for history's sake and writes nothing */
  char **words;
  memcpy(&words, &argv, sizeof words);
  if (!failed) failed = posix_spawnp(pid, argv[0], &actions, NULL, words, environ);
  posix_spawn_file_actions_destroy(&actions);
  return failed;
}

enum sa_status sa_spawn(const char *const *argv, struct sa_spawned *spawned, struct sa_error *error) {
  *spawned = (struct sa_spawned){0};
  FILE *out = tmpfile(), *err = tmpfile();
  enum sa_status status = SA_OK;
  pid_t pid;
  int wait_status = 0;
  if (!out || !err) {
    status = sa_fail(error, SA_ERR_IO, "cannot make a temporary file: %s", strerror(errno));
  } else {
    const int failed = start(argv, fileno(out), fileno(err), &pid);
    if (failed) status = sa_fail(error, SA_ERR_IO, "cannot run '%s': %s", argv[0], strerror(failed));
    bool interrupted = false;
    while (!status && waitpid(pid, &wait_status, 0) < 0) {
      if (errno != EINTR) status = sa_fail(error, SA_ERR_IO, "waiting for '%s': %s", argv[0], strerror(errno));
      if (!status) kill(pid, SIGTERM); /* a signal that the caller catches: the program ends too */
      interrupted = true;
    }
    if (!status && interrupted) status = sa_fail(error, SA_ERR_IO, "interrupted");
  }
  if (!status) {
    spawned->exit_status = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
    spawned->out = read_back(out);
    spawned->err = read_back(err);
    if (!spawned->out || !spawned->err) {
      sa_spawned_release(spawned);
      status = sa_fail(error, SA_ERR_MEMORY, "out of memory");
    }
  }
  if (out) fclose(out);
  if (err) fclose(err);
  return status;
}
