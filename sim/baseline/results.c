/* Results as a table and as CSV; JSON is in results_json.c. */
#include "baseline/results.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void sa_baseline_run_release(struct sa_baseline_run *run) {
  free(run->layers);
  run->layers = NULL;
  run->layer_count = 0;
}

void sa_baseline_release(struct sa_baseline *baseline) {
  for (size_t i = 0; i < baseline->run_count; i++) sa_baseline_run_release(&baseline->runs[i]);
  baseline->run_count = 0;
}

const struct sa_baseline_run *sa_baseline_best(const struct sa_baseline *baseline, enum sa_dtype dtype) {
  const struct sa_baseline_run *best = NULL;
  for (size_t i = 0; i < baseline->run_count; i++) {
    const struct sa_baseline_run *run = &baseline->runs[i];
    if (run->dtype != dtype || !run->complete || run->total.samples == 0) continue;
    if (!best || run->total.median_s < best->total.median_s) best = run;
  }
  return best;
}

/* 1 MAC = 2 operations. */
static double gops(uint64_t macs, double seconds) {
  return seconds > 0 ? 2 * (double)macs / seconds / 1e9 : 0;
}

static uint64_t run_macs(const struct sa_baseline_run *run) {
  uint64_t macs = 0;
  for (uint32_t i = 0; i < run->layer_count; i++) macs += run->layers[i].macs;
  return macs;
}

static void write_host(const struct sa_baseline *b, FILE *out) {
  const struct sa_host *h = &b->host;
  fprintf(out, "%s, batch %" PRIu32 ", on %s, %u cores, %s, governor %s, %s, load %.2f\n", b->network, b->batch,
          h->cpu, h->cores, h->isa, h->governor[0] ? h->governor : "unknown", h->kernel, h->load);
  const struct sa_roofline *r = &b->roofline;
  for (int d = 0; d < SA_DTYPES; d++)
    if (r->macs_per_s[d] > 0)
      fprintf(out, "peak %s  %8.1f GOP/s a core (%s)\n", sa_dtype_name((enum sa_dtype)d), 2 * r->macs_per_s[d] / 1e9, r->kernel[d]);
  if (r->bytes_per_s > 0) fprintf(out, "memory     %8.1f GB/s (triad, one core)\n", r->bytes_per_s / 1e9);
  for (size_t i = 0; i < b->skipped_count; i++) fprintf(out, "skipped    %s\n", b->skipped[i]);
}

/* What was not measured, after an interruption, is no zero. */
static void write_us(uint64_t samples, double seconds, FILE *out) {
  if (samples)
    fprintf(out, " %10.1f", seconds * 1e6);
  else
    fprintf(out, " %10s", "-");
}

static void write_run(const struct sa_baseline_run *run, FILE *out) {
  fprintf(out, "\n%s %s, up to %s, %u thread%s%s%s\n", run->provider, sa_dtype_name(run->dtype), run->isa,
          run->threads, run->threads == 1 ? "" : "s", run->version[0] ? ", " : "", run->version);
  fprintf(out, "%-24s %-8s %10s %10s %10s %10s %9s %8s  %s\n", "layer", "kind", "min us", "p10 us", "median us",
          "alone us", "GOP/s", "error", "by");
  for (uint32_t i = 0; i < run->layer_count; i++) {
    const struct sa_layer_time *t = &run->layers[i];
    char rate[32] = "-";
    if (t->macs && t->pass.samples) snprintf(rate, sizeof rate, "%.1f", gops(t->macs, t->pass.median_s));
    fprintf(out, "%-24.24s %-8s", t->name, t->kind);
    write_us(t->pass.samples, t->pass.min_s, out);
    write_us(t->pass.samples, t->pass.p10_s, out);
    write_us(t->pass.samples, t->pass.median_s, out);
    write_us(t->alone.samples, t->alone.median_s, out);
    fprintf(out, " %9s %8.2g%s %s\n", rate, t->error, t->error <= t->tolerance ? " " : "!", t->implementation);
  }
  const struct sa_stats *t = &run->total;
  fprintf(out, "%-24s %-8s", "total", "");
  write_us(t->samples, t->min_s, out);
  write_us(t->samples, t->p10_s, out);
  write_us(t->samples, t->median_s, out);
  fprintf(out, " %10s", "");
  if (t->samples) fprintf(out, " %9.1f", gops(run_macs(run), t->median_s));
  fputc('\n', out);
  fprintf(out, "%" PRIu64 " passes, %" PRIu64 " preempted, median known to %.1f %%", t->samples, t->preempted,
          100 * t->confidence);
  if (run->energy_j >= 0) fprintf(out, ", %.3g J a pass", run->energy_j);
  if (!run->complete) fputs(", interrupted", out);
  fputc('\n', out);
  if (!run->exact) fputs("! outputs marked so differ from the reference by more than rounding\n", out);
  if (!run->exact && run->dtype == SA_DTYPE_INT8 && strcmp(run->provider, "onednn") == 0)
    fputs("  (oneDNN's int8 is inexact below VNNI: weights are halved, or sums of two products saturate at 16 bits)\n", out);
  if (run->warning[0]) fprintf(out, "noisy: %s\n", run->warning);
}

static void write_summary(const struct sa_baseline *b, FILE *out) {
  fprintf(out, "\n%-10s %-5s %12s %10s %8s\n", "provider", "type", "median ms", "GOP/s", "of peak");
  for (size_t i = 0; i < b->run_count; i++) {
    const struct sa_baseline_run *run = &b->runs[i];
    const double rate = gops(run_macs(run), run->total.median_s);
    const double peak = 2 * b->roofline.macs_per_s[run->dtype] * run->threads / 1e9;
    fprintf(out, "%-10s %-5s %12.3f %10.1f", run->provider, sa_dtype_name(run->dtype), run->total.median_s * 1e3, rate);
    if (peak > 0) fprintf(out, " %6.1f %%", 100 * rate / peak);
    fputc('\n', out);
  }
}

void sa_baseline_write_table(const struct sa_baseline *baseline, FILE *out) {
  write_host(baseline, out);
  for (size_t i = 0; i < baseline->run_count; i++) write_run(&baseline->runs[i], out);
  write_summary(baseline, out);
  fputs("\nmin, p10, median: the layer within passes over the whole network; alone: the median of the layer repeated\n"
        "by itself, its data in the caches. 1 MAC = 2 operations. error: largest difference from the reference,\n"
        "int8 in units, else relative.\n", out);
}

static void write_text(const char *text, FILE *out) { /* RFC 4180 */
  fputc('"', out);
  for (; *text; text++) {
    if (*text == '"') fputc('"', out);
    fputc(*text, out);
  }
  fputc('"', out);
}

static void write_stats(const struct sa_stats *s, FILE *out) {
  fprintf(out, ",%" PRIu64 ",%" PRIu64 ",%.9g,%.9g,%.9g,%.4g", s->samples, s->preempted, s->min_s, s->p10_s,
          s->median_s, s->confidence);
}

void sa_baseline_write_csv(const struct sa_baseline *baseline, FILE *out) {
  fputs("provider,dtype,isa,threads,layer,kind,implementation,macs,bytes,checked,error,tolerance,"
        "pass_samples,pass_preempted,pass_min_s,pass_p10_s,pass_median_s,pass_confidence,"
        "alone_samples,alone_preempted,alone_min_s,alone_p10_s,alone_median_s,alone_confidence\n", out);
  for (size_t i = 0; i < baseline->run_count; i++) {
    const struct sa_baseline_run *run = &baseline->runs[i];
    struct sa_layer_time total = {.name = "total", .macs = run_macs(run), .pass = run->total};
    for (uint32_t j = 0; j <= run->layer_count; j++) {
      const struct sa_layer_time *t = j < run->layer_count ? &run->layers[j] : &total;
      if (j < run->layer_count) total.bytes += t->bytes;
      fprintf(out, "%s,%s,%s,%u,", run->provider, sa_dtype_name(run->dtype), run->isa, run->threads);
      write_text(t->name, out);
      fprintf(out, ",%s,", t->kind);
      write_text(t->implementation, out);
      fprintf(out, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%.4g,%.4g", t->macs, t->bytes, t->checked, t->error, t->tolerance);
      write_stats(&t->pass, out);
      write_stats(&t->alone, out);
      fputc('\n', out);
    }
  }
}
