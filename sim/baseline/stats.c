/* Order statistics of samples: see stats.h. */
#include "baseline/stats.h"

#include <math.h>
#include <stdlib.h>

#include "base/vec.h"

enum sa_status sa_samples_add(struct sa_samples *samples, double seconds, uint64_t preemptions,
                              struct sa_error *error) {
  double *grown = sa_vec_grow(samples->seconds, &samples->capacity, samples->count + 1, sizeof *grown);
  if (!grown) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  samples->seconds = grown;
  samples->seconds[samples->count++] = seconds;
  if (preemptions) {
    samples->preempted++;
    samples->preempted_seconds += seconds;
  }
  return SA_OK;
}

static int by_value(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Between two samples where the rank falls between them. */
static double quantile(const struct sa_samples *samples, double share) {
  const double rank = share * (double)(samples->count - 1);
  const size_t below = (size_t)rank, above = below + 1 < samples->count ? below + 1 : below;
  const double part = rank - (double)below;
  return samples->seconds[below] * (1 - part) + samples->seconds[above] * part;
}

struct sa_stats sa_samples_stats(struct sa_samples *samples) {
  struct sa_stats stats = {.samples = samples->count, .preempted = samples->preempted, .confidence = 1};
  if (samples->count == 0) return stats;
  qsort(samples->seconds, samples->count, sizeof *samples->seconds, by_value);
  stats.min_s = samples->seconds[0];
  stats.p10_s = quantile(samples, 0.1);
  stats.median_s = quantile(samples, 0.5);
  double all = 0;
  for (size_t i = 0; i < samples->count; i++) all += samples->seconds[i];
  const uint64_t rest = samples->count - samples->preempted;
  if (rest && samples->preempted && all > samples->preempted_seconds)
    stats.preempted_cost = samples->preempted_seconds / (double)samples->preempted * (double)rest /
                               (all - samples->preempted_seconds) - 1;
  /* the number of samples below the median is binomial: ranks n/2 -+ 1.96 sqrt(n)/2 hold 95 % */
  const double n = (double)samples->count, spread = 0.98 * sqrt(n);
  const double low = floor(n / 2 - spread), high = ceil(n / 2 + spread);
  if (low >= 0 && high < n && stats.median_s > 0)
    stats.confidence = (samples->seconds[(size_t)high] - samples->seconds[(size_t)low]) / (2 * stats.median_s);
  return stats;
}

void sa_samples_release(struct sa_samples *samples) {
  free(samples->seconds);
  *samples = (struct sa_samples){0};
}
