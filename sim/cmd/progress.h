/* One line of progress on stderr, for runs of more than a second before a terminal; else silent. */
#ifndef SA_CMD_PROGRESS_H
#define SA_CMD_PROGRESS_H
#include <stdbool.h>
#include <stdint.h>

struct sa_progress {
  const char *what;  /* "simulating resnet50" */
  bool enabled;      /* stderr is a terminal */
  bool shown;        /* the line is on the screen */
  uint64_t begin_ns, last_ns;
};

void sa_progress_begin(struct sa_progress *progress, const char *what);
/* done: the share done, 0 .. 1. Cheap; redraws at most ten times a second. */
void sa_progress_update(struct sa_progress *progress, double done);
/* Shows a text in place of the share at once: something begins of which no share is known. */
void sa_progress_say(struct sa_progress *progress, const char *text);
/* Removes the line. */
void sa_progress_end(struct sa_progress *progress);
#endif
