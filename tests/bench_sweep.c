/* Speed and memory of a sweep: ResNet-50 on the shipped 1,000 machines with one worker and two, and on 200 of
 * them, which shows whether memory grows with the points. Each is a process of its own, its store new. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STORE "bench_sweep.db"

static const struct {
  const char *jobs, *where;
  int points;
} cases[] = {{"1", "memory.bandwidth == 4 GB/s", 200}, {"1", "batch == 1", 1000}, {"2", "batch == 1", 1000}};

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double of(struct timeval time) { return (double)time.tv_sec + 1e-6 * (double)time.tv_usec; }

static void remove_store(void) {
  unlink(STORE);
  unlink(STORE "-wal");
  unlink(STORE "-shm");
}

int main(void) {
  double first = 0;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    int status;
    struct rusage use;
    remove_store();
    const double begin = seconds();
    const pid_t child = fork();
    if (child == 0) {
      if (!freopen("/dev/null", "w", stdout)) _exit(1);
      execl("./systole", "systole", "sweep", "resnet50-arrays", "-j", cases[i].jobs, "--where", cases[i].where,
            "-o", STORE, (char *)NULL);
      _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &use) != child || status != 0) {
      fprintf(stderr, "bench_sweep: the sweep failed\n");
      return 1;
    }
    const double took = seconds() - begin;
    printf("sweep, %d points of resnet50, %s worker%s: %.2f s, %.0f points/s, %.2f s of the processor, %.1f MiB", cases[i].points,
           cases[i].jobs, cases[i].jobs[0] == '1' ? "" : "s", took, cases[i].points / took,
           of(use.ru_utime) + of(use.ru_stime), (double)use.ru_maxrss / 1024);
    if (i == 1) first = took;
    if (i == 2) printf("; %.2f times as fast as with one", first / took);
    printf("\n");
  }
  remove_store();
  return 0;
}
