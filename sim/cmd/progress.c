/* Progress on stderr: see progress.h. */
#include "cmd/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

static const uint64_t QUIET_NS = 1000000000, REDRAW_NS = 100000000;

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void sa_progress_begin(struct sa_progress *progress, const char *what) {
  *progress = (struct sa_progress){.what = what, .enabled = isatty(STDERR_FILENO) == 1, .begin_ns = now_ns()};
}

void sa_progress_update(struct sa_progress *progress, double done) {
  if (!progress->enabled) return;
  const uint64_t now = now_ns();
  if (now - progress->begin_ns < QUIET_NS || now - progress->last_ns < REDRAW_NS) return;
  progress->last_ns = now;
  progress->shown = true;
  const double seconds = (double)(now - progress->begin_ns) * 1e-9;
  fprintf(stderr, "\r%s: %3.0f %%, %.0f s \033[K", progress->what, 100.0 * done, seconds);
  fflush(stderr);
}

void sa_progress_say(struct sa_progress *progress, const char *text) {
  if (!progress->enabled) return;
  progress->shown = true;
  fprintf(stderr, "\r%s \033[K", text);
  fflush(stderr);
}

void sa_progress_end(struct sa_progress *progress) {
  if (progress->shown) fprintf(stderr, "\r\033[K");
  progress->shown = false;
}
