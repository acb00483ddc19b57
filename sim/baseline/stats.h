/* Samples of a time and what is said about them. */
#ifndef SA_BASELINE_STATS_H
#define SA_BASELINE_STATS_H
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct sa_samples {
  double *seconds; /* owned */
  size_t count, capacity;
  uint64_t preempted; /* samples during which the thread lost its core */
  double preempted_seconds; /* their sum */
};

struct sa_stats {
  uint64_t samples, preempted;
  double min_s, p10_s, median_s;
  /* half the 95 % confidence interval of the median (by order statistics), relative to it; 1 while there
   * are too few samples to tell */
  double confidence;
  /* how much longer, relatively, preempted samples took than the others in the mean; 0 if all or none were */
  double preempted_cost;
};

enum sa_status sa_samples_add(struct sa_samples *samples, double seconds, uint64_t preemptions,
                              struct sa_error *error) SA_CHECKED;
/* Sorts the samples. */
struct sa_stats sa_samples_stats(struct sa_samples *samples);
void sa_samples_release(struct sa_samples *samples);
#endif
