/* Time and memory of `systole run` on the largest networks, as `make bench` prints them; fails where memory is
 * above its limit, which unlike time is the same on every run.
 * usage: bench_scale SYSTOLE */
#define _DEFAULT_SOURCE
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct row {
  const char *name;
  const char *arguments[6];
  double limit_s;
  long limit_kib;
};

static const struct row rows[] = {
    {"Llama 3 70B, decode with a context of 2,048", {"tpu-v2", "llama3-70b", "--phase", "decode"}, 0.2, 131072},
    {"Llama 3 70B, prefill of 2,048 tokens", {"tpu-v2", "llama3-70b", "--phase", "prefill"}, 0.5, 131072},
};

static double since(const struct timespec *start) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)(now.tv_sec - start->tv_sec) + 1e-9 * (double)(now.tv_nsec - start->tv_nsec);
}

/* Runs the command with its output dropped; false if it fails. */
static bool measure(const char *systole, const struct row *row, double *seconds, struct rusage *usage) {
  char *argv[9] = {(char *)systole, (char *)"run"};
  for (int i = 0; i < 6 && row->arguments[i]; i++) argv[i + 2] = (char *)row->arguments[i];
  struct timespec start;
  clock_gettime(CLOCK_MONOTONIC, &start);
  const pid_t child = fork();
  if (child < 0) return false;
  if (child == 0) {
    const int nowhere = open("/dev/null", O_WRONLY);
    if (nowhere < 0 || dup2(nowhere, 1) < 0 || dup2(nowhere, 2) < 0) _exit(127);
    execv(systole, argv);
    _exit(127);
  }
  int status;
  if (wait4(child, &status, 0, usage) != child) return false;
  *seconds = since(&start);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(int argc, char **argv) {
  int failed = 0;
  for (size_t i = 0; i < sizeof rows / sizeof *rows && argc == 2; i++) {
    double seconds = 0;
    struct rusage usage;
    if (!measure(argv[1], &rows[i], &seconds, &usage)) {
      fprintf(stderr, "bench_scale: %s fails on %s\n", argv[1], rows[i].name);
      return 1;
    }
    const double cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                       1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
    printf("scale, %s: %.2f s, %.2f of them on the processor (wanted: %.1f), %.0f MiB (wanted: %.0f)\n", rows[i].name,
           seconds, cpu, rows[i].limit_s, (double)usage.ru_maxrss / 1024, (double)rows[i].limit_kib / 1024);
    failed |= usage.ru_maxrss > rows[i].limit_kib;
  }
  if (failed) fprintf(stderr, "bench_scale: more memory than wanted\n");
  return failed;
}
