/* The machine that measures: see host.h. Linux tells it in /proc and /sys. */
#include <config.h> /* _GNU_SOURCE: affinity, usage of a thread */

#include "baseline/host.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "baseline/kernel.h"

/* First line of a file, without its end; "" if there is none. */
static void read_line(const char *path, char *text, size_t size) {
  text[0] = '\0';
  FILE *file = fopen(path, "r");
  if (!file) return;
  if (!fgets(text, (int)size, file)) text[0] = '\0';
  fclose(file);
  text[strcspn(text, "\n")] = '\0';
}

/* Value of the first `key : value` line of /proc/cpuinfo that begins with the key. The line may be long. */
static bool cpuinfo(const char *key, char *value, size_t size) {
  FILE *file = fopen("/proc/cpuinfo", "r");
  if (!file) return false;
  char *line = NULL;
  size_t capacity = 0;
  bool found = false;
  while (!found && getline(&line, &capacity, file) > 0) {
    const char *colon = strchr(line, ':');
    if (strncmp(line, key, strlen(key)) != 0 || !colon) continue;
    line[strcspn(line, "\n")] = '\0';
    snprintf(value, size, "%s", colon + 1 + (colon[1] == ' '));
    found = true;
  }
  free(line);
  fclose(file);
  return found;
}

bool sa_host_has_flag(const char *flag) {
  char flags[8192], word[64];
  if (!cpuinfo("flags", flags, sizeof flags - 2)) return false;
  memmove(flags + 1, flags, strlen(flags) + 1);
  flags[0] = ' ';
  strncat(flags, " ", sizeof flags - strlen(flags) - 1);
  snprintf(word, sizeof word, " %s ", flag);
  return strstr(flags, word) != NULL;
}

static uint64_t cache_bytes(int name) {
  const long bytes = sysconf(name);
  return bytes > 0 ? (uint64_t)bytes : 0;
}

void sa_host_read(struct sa_host *host) {
  *host = (struct sa_host){.cores = (unsigned)sysconf(_SC_NPROCESSORS_ONLN)};
  if (!cpuinfo("model name", host->cpu, sizeof host->cpu)) snprintf(host->cpu, sizeof host->cpu, "unknown");
  snprintf(host->isa, sizeof host->isa, "%s", sa_isa_name(sa_isa_best()));
  read_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", host->governor, sizeof host->governor);
  struct utsname name;
  if (uname(&name) == 0) snprintf(host->kernel, sizeof host->kernel, "%.20s %.60s", name.sysname, name.release);
  host->l1d_bytes = cache_bytes(_SC_LEVEL1_DCACHE_SIZE);
  host->l2_bytes = cache_bytes(_SC_LEVEL2_CACHE_SIZE);
  host->l3_bytes = cache_bytes(_SC_LEVEL3_CACHE_SIZE);
  if (getloadavg(&host->load, 1) != 1) host->load = 0;
}

enum sa_status sa_host_pin(unsigned threads, struct sa_error *error) {
  cpu_set_t allowed, chosen;
  CPU_ZERO(&allowed);
  CPU_ZERO(&chosen);
  if (sched_getaffinity(0, sizeof allowed, &allowed))
    return sa_fail(error, SA_ERR_IO, "cannot ask for this process's cores: %s", strerror(errno));
  unsigned left = threads;
  for (size_t core = CPU_SETSIZE; core-- > 0 && left;)
    if (CPU_ISSET(core, &allowed)) {
      CPU_SET(core, &chosen);
      left--;
    }
  if (left)
    return sa_fail(error, SA_ERR_INPUT, "--threads is %u; this process may use %u cores", threads, threads - left);
  if (sched_setaffinity(0, sizeof chosen, &chosen))
    return sa_fail(error, SA_ERR_IO, "cannot bind to %u cores: %s", threads, strerror(errno));
  return SA_OK;
}

double sa_host_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

uint64_t sa_host_preemptions(void) {
  struct rusage usage;
  return getrusage(RUSAGE_THREAD, &usage) ? 0 : (uint64_t)usage.ru_nivcsw;
}

double sa_host_stolen(void) {
  FILE *file = fopen("/proc/stat", "r");
  if (!file) return 0;
  unsigned long long steal = 0;
  if (fscanf(file, "cpu %*u %*u %*u %*u %*u %*u %*u %llu", &steal) != 1) steal = 0;
  fclose(file);
  return (double)steal / (double)sysconf(_SC_CLK_TCK);
}

double sa_host_energy(void) {
  char text[32];
  read_line("/sys/class/powercap/intel-rapl:0/energy_uj", text, sizeof text);
  return text[0] ? strtod(text, NULL) * 1e-6 : -1;
}
