/* Times a network on this CPU: one provider, one data type. Every layer's output is checked before it is
 * timed. Layers are timed inside passes over the whole network, with the caches as their neighbours leave
 * them, and then each alone, repeated, which runs hot and looks faster. */
#ifndef SA_BASELINE_MEASURE_H
#define SA_BASELINE_MEASURE_H
#include "baseline/kernel.h"
#include "baseline/stats.h"

struct sa_layer_time {
  char name[64], kind[16];
  char implementation[64]; /* who computed it */
  uint64_t macs, bytes;    /* bytes: inputs, weights, output, once */
  uint64_t checked;        /* outputs compared with the reference */
  double error, tolerance; /* of the check: reference.h */
  struct sa_stats pass, alone;
};

struct sa_baseline_run {
  char provider[16], version[160], isa[16];
  enum sa_dtype dtype;
  unsigned threads;
  struct sa_layer_time *layers; /* owned; without the network's inputs */
  uint32_t layer_count;
  struct sa_stats total; /* of whole passes (with --layer: sums of the one layer) */
  double energy_j;       /* per pass, of the package; negative: not offered */
  bool complete;         /* false: interrupted, the figures are of what was measured until then */
  bool exact;            /* every check within its tolerance */
  char warning[320];     /* why not to trust it; "" if quiet */
};

struct sa_measure_options {
  enum sa_isa isa;
  unsigned threads;
  uint64_t repeat;       /* passes; 0: until the median is known to `confidence`, or `seconds` have gone */
  double confidence;     /* 0.02: 2 % */
  double seconds;        /* for the passes of one run; the layers alone get as much again */
  uint64_t check_budget; /* multiplications per layer */
  const char *layer;     /* or null: time this one only (the pass is run whole) */
  bool (*stopped)(void *user);              /* or null: asked between layers */
  void (*progress)(void *user, double done); /* or null */
  void *user;
};

struct sa_measure_options sa_measure_defaults(void);

/* A provider that cannot be opened: SA_ERR_INPUT. */
enum sa_status sa_measure(const struct sa_net *net, enum sa_dtype dtype, const struct sa_provider_class *class,
                          const struct sa_measure_options *options, struct sa_baseline_run *run,
                          struct sa_error *error) SA_CHECKED;
void sa_baseline_run_release(struct sa_baseline_run *run);
#endif
