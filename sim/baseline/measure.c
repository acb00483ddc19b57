/* Passes over a network, and layers alone: see measure.h. */
#include "baseline/measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "baseline/host.h"
#include "baseline/reference.h"
#include "baseline/workload.h"

#define MIN_PASSES 8       /* fewer have no confidence interval */
#define NOISY 0.10         /* median above minimum that calls for a warning */
#define ALONE_MIN_SAMPLES 3

struct sa_measure_options sa_measure_defaults(void) {
  return (struct sa_measure_options){.isa = sa_isa_best(), .threads = 1, .confidence = 0.02, .seconds = 5,
                                     .check_budget = 20000000};
}

struct session {
  const struct sa_net *net;
  const struct sa_measure_options *options;
  struct sa_provider *provider;
  const struct sa_provider_class *class;
  struct sa_workload workload;
  struct sa_kernel **kernels;      /* owned [layer_count]; null of inputs */
  struct sa_samples *pass, *alone; /* owned [layer_count] */
  struct sa_samples total;
  struct sa_baseline_run *run;
};

static bool stopped(const struct session *s) {
  return s->options->stopped && s->options->stopped(s->options->user);
}

static void progress(const struct session *s, double done) {
  if (s->options->progress) s->options->progress(s->options->user, done < 1 ? done : 1);
}

static bool wanted(const struct session *s, uint32_t layer) {
  return s->kernels[layer] && (!s->options->layer || strcmp(s->options->layer, s->net->layers[layer].name) == 0);
}

static double run_kernel(struct sa_kernel *kernel) {
  const double begin = sa_host_now();
  sa_workload_place_residual(kernel->op);
  kernel->class->run(kernel);
  return sa_host_now() - begin;
}

static enum sa_status prepare(struct session *s, struct sa_error *error) {
  const uint32_t count = s->net->layer_count;
  s->kernels = calloc(count, sizeof *s->kernels);
  s->pass = calloc(count, sizeof *s->pass);
  s->alone = calloc(count, sizeof *s->alone);
  s->run->layers = calloc(count, sizeof *s->run->layers);
  if (!s->kernels || !s->pass || !s->alone || !s->run->layers) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  const struct sa_provider_options options = {s->options->isa, s->options->threads};
  for (uint32_t i = 0; i < count; i++) {
    if (s->net->layers[i].kind == SA_LAYER_INPUT) continue;
    const enum sa_status status =
        sa_kernel_prepare(s->class, s->provider, &options, &s->workload.ops[i], &s->kernels[i], error);
    if (status) return status;
  }
  return SA_OK;
}

/* The residual's values before a kernel replaces them, dense. Null without one, or out of memory. */
static void *copy_residual(const struct sa_cpu_op *op) {
  if (!op->has_residual) return NULL;
  void *copy = malloc(op->rows * op->out.shape.c * sa_dtype_bytes(op->dtype));
  if (copy) memcpy(copy, op->out.data, op->rows * op->out.shape.c * sa_dtype_bytes(op->dtype));
  return copy;
}

/* The first pass warms up and is checked, layer by layer. */
static enum sa_status check_pass(struct session *s, struct sa_error *error) {
  struct sa_baseline_run *run = s->run;
  run->exact = true;
  for (uint32_t i = 0; i < s->net->layer_count && !stopped(s); i++) {
    struct sa_kernel *kernel = s->kernels[i];
    if (!kernel) continue;
    sa_workload_place_residual(kernel->op);
    void *residual = copy_residual(kernel->op);
    if (kernel->op->has_residual && !residual) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
    kernel->class->run(kernel);
    progress(s, 0.2 * i / s->net->layer_count);
    struct sa_check check = {0};
    if (wanted(s, i)) sa_check_op(kernel->op, residual, s->options->check_budget, &check);
    free(residual);
    if (!wanted(s, i)) continue;
    const struct sa_layer *layer = &s->net->layers[i];
    struct sa_layer_time *time = &run->layers[run->layer_count++];
    *time = (struct sa_layer_time){.macs = layer->macs, .bytes = sa_cpu_op_bytes(kernel->op), .checked = check.checked,
                                   .error = check.error, .tolerance = check.tolerance};
    memcpy(time->name, layer->name, sizeof time->name);
    snprintf(time->kind, sizeof time->kind, "%s", sa_layer_kind_name(layer->kind));
    memcpy(time->implementation, kernel->implementation, sizeof time->implementation);
    if (!(check.error <= check.tolerance)) run->exact = false;
  }
  return SA_OK;
}

static enum sa_status time_pass(struct session *s, struct sa_error *error) {
  double total = 0;
  uint64_t preempted = 0;
  for (uint32_t i = 0; i < s->net->layer_count; i++) {
    if (!s->kernels[i]) continue;
    if (stopped(s)) return SA_OK; /* half a pass is no sample of the total */
    const uint64_t before = sa_host_preemptions();
    const double seconds = run_kernel(s->kernels[i]);
    const uint64_t lost = sa_host_preemptions() - before;
    if (!wanted(s, i)) continue;
    total += seconds;
    preempted += lost;
    const enum sa_status status = sa_samples_add(&s->pass[i], seconds, lost, error);
    if (status) return status;
  }
  return sa_samples_add(&s->total, total, preempted, error);
}

static enum sa_status time_passes(struct session *s, struct sa_error *error) {
  const double begin = sa_host_now(), energy = sa_host_energy();
  while (!stopped(s)) {
    const enum sa_status status = time_pass(s, error);
    if (status) return status;
    const uint64_t passes = s->total.count;
    const double gone = sa_host_now() - begin;
    progress(s, 0.2 + 0.4 * (s->options->repeat ? (double)passes / (double)s->options->repeat
                                                : gone / s->options->seconds));
    if (s->options->repeat ? passes >= s->options->repeat : gone >= s->options->seconds) break;
    if (s->options->repeat || passes < MIN_PASSES) continue;
    if (sa_samples_stats(&s->total).confidence <= s->options->confidence) break;
  }
  const double after = sa_host_energy();
  s->run->energy_j = energy >= 0 && after >= energy && s->total.count ? (after - energy) / (double)s->total.count : -1;
  return SA_OK;
}

/* Each layer alone, repeated: its share of the seconds, or until its median is known. */
static enum sa_status time_alone(struct session *s, struct sa_error *error) {
  for (uint32_t i = 0; i < s->net->layer_count && !stopped(s); i++) {
    if (!wanted(s, i)) continue;
    struct sa_samples *samples = &s->alone[i];
    const double begin = sa_host_now(), share = s->options->seconds / s->run->layer_count;
    run_kernel(s->kernels[i]);
    do {
      const uint64_t before = sa_host_preemptions();
      const double seconds = run_kernel(s->kernels[i]);
      const enum sa_status status = sa_samples_add(samples, seconds, sa_host_preemptions() - before, error);
      if (status) return status;
      if (samples->count % 32 == 0 && sa_samples_stats(samples).confidence <= s->options->confidence) break;
    } while (!stopped(s) && (s->options->repeat ? samples->count < s->options->repeat
                             : sa_host_now() - begin < share || (samples->count < ALONE_MIN_SAMPLES &&
                                                                 sa_host_now() - begin < 4 * share)));
    progress(s, 0.6 + 0.4 * i / s->net->layer_count);
  }
  return SA_OK;
}

static void warn(struct sa_baseline_run *run, const struct sa_measure_options *options, double stolen) {
  const struct sa_stats *t = &run->total;
  const double above = t->min_s > 0 ? t->median_s / t->min_s - 1 : 0;
  char *text = run->warning;
  const size_t size = sizeof run->warning;
  size_t used = 0;
#define SA_ADD(...) (used += (size_t)snprintf(text + used, size - used, __VA_ARGS__))
  if (above > NOISY) SA_ADD("the median pass is %.0f %% above the fastest; ", 100 * above);
  if (t->samples < MIN_PASSES)
    SA_ADD("%llu passes are too few to know the median's spread; ", (unsigned long long)t->samples);
  else if (t->confidence > options->confidence)
    SA_ADD("%s %.0f %% wide at 95 %% after %llu passes; ", "the median's confidence interval is", 200 * t->confidence,
           (unsigned long long)t->samples);
  if (t->preempted * 10 > t->samples && t->preempted_cost > options->confidence)
    SA_ADD("%llu of %llu passes were preempted and took %.0f %% longer; ", (unsigned long long)t->preempted,
           (unsigned long long)t->samples, 100 * t->preempted_cost);
  if (stolen > 0.01 * t->median_s * (double)t->samples) SA_ADD("a hypervisor took %.2f s away; ", stolen);
#undef SA_ADD
  if (used >= 2) text[(used < size ? used : size - 1) - 2] = '\0';
}

static void summarise(struct session *s) {
  struct sa_baseline_run *run = s->run;
  uint32_t at = 0;
  for (uint32_t i = 0; i < s->net->layer_count && at < run->layer_count; i++) {
    if (!wanted(s, i)) continue;
    run->layers[at].pass = sa_samples_stats(&s->pass[i]);
    run->layers[at].alone = sa_samples_stats(&s->alone[i]);
    at++;
  }
  run->total = sa_samples_stats(&s->total);
  run->complete = !stopped(s);
}

static void release(struct session *s) {
  for (uint32_t i = 0; i < s->net->layer_count; i++) {
    if (s->kernels) sa_kernel_free(s->kernels[i]);
    if (s->pass) sa_samples_release(&s->pass[i]);
    if (s->alone) sa_samples_release(&s->alone[i]);
  }
  free(s->kernels);
  free(s->pass);
  free(s->alone);
  sa_samples_release(&s->total);
  if (s->workload.ops) sa_workload_release(&s->workload);
}

static enum sa_status measure(struct session *s, struct sa_error *error) {
  enum sa_status status = sa_workload_init(&s->workload, s->net, s->run->dtype, error);
  if (!status) status = prepare(s, error);
  const double stolen = sa_host_stolen();
  if (!status) status = check_pass(s, error);
  if (!status) status = time_passes(s, error);
  const double taken = sa_host_stolen() - stolen;
  if (!status) status = time_alone(s, error);
  if (!status) {
    summarise(s);
    warn(s->run, s->options, taken);
  }
  return status;
}

enum sa_status sa_measure(const struct sa_net *net, enum sa_dtype dtype, const struct sa_provider_class *class,
                          const struct sa_measure_options *options, struct sa_baseline_run *run,
                          struct sa_error *error) {
  *run = (struct sa_baseline_run){.dtype = dtype, .threads = options->threads, .energy_j = -1};
  snprintf(run->provider, sizeof run->provider, "%s", class->name);
  snprintf(run->isa, sizeof run->isa, "%s", sa_isa_name(options->isa));
  struct session session = {.net = net, .options = options, .class = class, .run = run};
  const struct sa_provider_options provider_options = {options->isa, options->threads};
  enum sa_status status = class->open(&provider_options, &session.provider, error);
  if (status) return status;
  class->version(session.provider, run->version, sizeof run->version);
  status = measure(&session, error);
  release(&session);
  class->close(session.provider);
  if (status) sa_baseline_run_release(run);
  return status;
}
