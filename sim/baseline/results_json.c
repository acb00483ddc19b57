/* Results as JSON, written and read: docs/baseline.md has the schema. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "baseline/results.h"

#define SCHEMA "systole-baseline"
#define VERSION 1

/* JSON has no infinity; an error that large is one. */
static double representable(double value) { return isfinite(value) ? value : 1e300; }

static json_t *stats_json(const struct sa_stats *s) {
  return json_pack("{s:I, s:I, s:f, s:f, s:f, s:f}", "samples", (json_int_t)s->samples, "preempted",
                   (json_int_t)s->preempted, "min_s", s->min_s, "p10_s", s->p10_s, "median_s", s->median_s,
                   "confidence", s->confidence);
}

static json_t *layer_json(const struct sa_layer_time *t) {
  return json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:f, s:f, s:o, s:o}", "layer", t->name, "kind", t->kind,
                   "implementation", t->implementation, "macs", (json_int_t)t->macs, "bytes", (json_int_t)t->bytes,
                   "checked", (json_int_t)t->checked, "error", representable(t->error), "tolerance", t->tolerance, "pass",
                   stats_json(&t->pass), "alone", stats_json(&t->alone));
}

static json_t *run_json(const struct sa_baseline_run *run) {
  json_t *layers = json_array();
  for (uint32_t i = 0; i < run->layer_count; i++) json_array_append_new(layers, layer_json(&run->layers[i]));
  json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:i, s:b, s:b, s:s, s:o, s:o}", "provider", run->provider, "dtype",
                             sa_dtype_name(run->dtype), "isa", run->isa, "version", run->version, "threads",
                             (int)run->threads, "complete", run->complete, "exact", run->exact, "warning", run->warning,
                             "total", stats_json(&run->total), "layers", layers);
  if (object && run->energy_j >= 0) json_object_set_new(object, "energy_j", json_real(run->energy_j));
  return object;
}

static json_t *host_json(const struct sa_host *h) {
  return json_pack("{s:s, s:s, s:s, s:s, s:i, s:I, s:I, s:I, s:f}", "cpu", h->cpu, "isa", h->isa, "governor",
                   h->governor, "kernel", h->kernel, "cores", (int)h->cores, "l1d_bytes", (json_int_t)h->l1d_bytes,
                   "l2_bytes", (json_int_t)h->l2_bytes, "l3_bytes", (json_int_t)h->l3_bytes, "load", h->load);
}

static json_t *roofline_json(const struct sa_roofline *r) {
  json_t *object = json_pack("{s:f}", "bytes_per_s", r->bytes_per_s);
  for (int d = 0; d < SA_DTYPES; d++)
    json_object_set_new(object, sa_dtype_name((enum sa_dtype)d),
                        json_pack("{s:f, s:s}", "macs_per_s", r->macs_per_s[d], "kernel", r->kernel[d]));
  return object;
}

enum sa_status sa_baseline_write_json(const struct sa_baseline *baseline, FILE *out, struct sa_error *error) {
  json_t *runs = json_array(), *skipped = json_array();
  for (size_t i = 0; i < baseline->run_count; i++) json_array_append_new(runs, run_json(&baseline->runs[i]));
  for (size_t i = 0; i < baseline->skipped_count; i++) json_array_append_new(skipped, json_string(baseline->skipped[i]));
  json_t *root = json_pack("{s:s, s:i, s:s, s:i, s:b, s:o, s:o, s:o, s:o}", "schema", SCHEMA, "version", VERSION,
                           "network", baseline->network, "batch", (int)baseline->batch, "complete", baseline->complete,
                           "host", host_json(&baseline->host), "roofline", roofline_json(&baseline->roofline), "runs",
                           runs, "skipped", skipped);
  const bool failed = !root || json_dumpf(root, out, JSON_INDENT(1) | JSON_REAL_PRECISION(9)) != 0;
  json_decref(root);
  fputc('\n', out);
  return failed ? sa_fail(error, SA_ERR_IO, "cannot write the baseline as JSON") : SA_OK;
}

/* ---- Reading ---- */

struct reader {
  const char *path;
  struct sa_error *error;
  enum sa_status status; /* the first failure; after it nothing is read */
};

static const json_t *member(struct reader *r, const json_t *object, const char *key, json_type type) {
  static const char *const words[] = {"an object", "an array", "a string", "a whole number", "a number"};
  if (r->status) return NULL;
  const json_t *value = json_object_get(object, key);
  const bool number = type == JSON_REAL && json_is_number(value);
  if (value && (json_typeof(value) == type || number)) return value;
  r->status = sa_fail_at(r->error, SA_ERR_INPUT, r->path, 0, 0, value ? "\"%s\" must be %s" : "no \"%s\"; it must be %s",
                         key, words[type]);
  return NULL;
}

static void read_text(struct reader *r, const json_t *object, const char *key, char *text, size_t size) {
  const json_t *value = member(r, object, key, JSON_STRING);
  if (value) snprintf(text, size, "%s", json_string_value(value));
}

static double read_number(struct reader *r, const json_t *object, const char *key) {
  const json_t *value = member(r, object, key, JSON_REAL);
  const double number = json_number_value(value);
  if (!r->status && !(number >= 0))
    r->status = sa_fail_at(r->error, SA_ERR_INPUT, r->path, 0, 0, "\"%s\" is %g; it must not be negative", key, number);
  return number;
}

static uint64_t read_count(struct reader *r, const json_t *object, const char *key) {
  const json_t *value = member(r, object, key, JSON_INTEGER);
  const json_int_t count = json_integer_value(value);
  if (!r->status && count < 0)
    r->status = sa_fail_at(r->error, SA_ERR_INPUT, r->path, 0, 0, "\"%s\" is %lld; it must not be negative", key, (long long)count);
  return (uint64_t)count;
}

static struct sa_stats read_stats(struct reader *r, const json_t *object, const char *key) {
  const json_t *s = member(r, object, key, JSON_OBJECT);
  struct sa_stats stats = {0};
  if (!s) return stats;
  stats.samples = read_count(r, s, "samples");
  stats.preempted = read_count(r, s, "preempted");
  stats.min_s = read_number(r, s, "min_s");
  stats.p10_s = read_number(r, s, "p10_s");
  stats.median_s = read_number(r, s, "median_s");
  stats.confidence = read_number(r, s, "confidence");
  return stats;
}

static void read_layer(struct reader *r, const json_t *object, struct sa_layer_time *t) {
  read_text(r, object, "layer", t->name, sizeof t->name);
  read_text(r, object, "kind", t->kind, sizeof t->kind);
  read_text(r, object, "implementation", t->implementation, sizeof t->implementation);
  t->macs = read_count(r, object, "macs");
  t->bytes = read_count(r, object, "bytes");
  t->checked = read_count(r, object, "checked");
  t->error = read_number(r, object, "error");
  t->tolerance = read_number(r, object, "tolerance");
  t->pass = read_stats(r, object, "pass");
  t->alone = read_stats(r, object, "alone");
}

static void read_run(struct reader *r, const json_t *object, struct sa_baseline_run *run) {
  char dtype[16] = "";
  *run = (struct sa_baseline_run){.energy_j = -1};
  read_text(r, object, "provider", run->provider, sizeof run->provider);
  read_text(r, object, "dtype", dtype, sizeof dtype);
  read_text(r, object, "isa", run->isa, sizeof run->isa);
  read_text(r, object, "version", run->version, sizeof run->version);
  read_text(r, object, "warning", run->warning, sizeof run->warning);
  run->threads = (unsigned)read_count(r, object, "threads");
  run->complete = json_is_true(json_object_get(object, "complete"));
  run->exact = json_is_true(json_object_get(object, "exact"));
  if (json_object_get(object, "energy_j")) run->energy_j = read_number(r, object, "energy_j");
  run->total = read_stats(r, object, "total");
  while (!r->status && run->dtype < SA_DTYPES && strcmp(dtype, sa_dtype_name(run->dtype)) != 0) {
    if (run->dtype + 1 == SA_DTYPES) {
      r->status = sa_fail_at(r->error, SA_ERR_INPUT, r->path, 0, 0, "\"dtype\" is \"%s\"; it must be fp32, bf16 or int8", dtype);
      return;
    }
    run->dtype++;
  }
  const json_t *layers = member(r, object, "layers", JSON_ARRAY);
  if (!layers) return;
  const size_t count = json_array_size(layers);
  run->layers = calloc(count ? count : 1, sizeof *run->layers);
  if (!run->layers) {
    r->status = sa_fail(r->error, SA_ERR_MEMORY, "out of memory");
    return;
  }
  run->layer_count = (uint32_t)count;
  for (size_t i = 0; i < count; i++) read_layer(r, json_array_get(layers, i), &run->layers[i]);
}

static void read_host(struct reader *r, const json_t *h, struct sa_host *host) {
  if (!h) return;
  read_text(r, h, "cpu", host->cpu, sizeof host->cpu);
  read_text(r, h, "isa", host->isa, sizeof host->isa);
  read_text(r, h, "governor", host->governor, sizeof host->governor);
  read_text(r, h, "kernel", host->kernel, sizeof host->kernel);
  host->cores = (unsigned)read_count(r, h, "cores");
  host->l1d_bytes = read_count(r, h, "l1d_bytes");
  host->l2_bytes = read_count(r, h, "l2_bytes");
  host->l3_bytes = read_count(r, h, "l3_bytes");
  host->load = read_number(r, h, "load");
}

static void read_roofline(struct reader *r, const json_t *object, struct sa_roofline *roofline) {
  if (!object) return;
  roofline->bytes_per_s = read_number(r, object, "bytes_per_s");
  for (int d = 0; d < SA_DTYPES; d++) {
    const json_t *peak = member(r, object, sa_dtype_name((enum sa_dtype)d), JSON_OBJECT);
    if (!peak) return;
    roofline->macs_per_s[d] = read_number(r, peak, "macs_per_s");
    read_text(r, peak, "kernel", roofline->kernel[d], sizeof roofline->kernel[d]);
  }
}

static void read_root(struct reader *r, const json_t *root, struct sa_baseline *b) {
  char schema[32] = "";
  read_text(r, root, "schema", schema, sizeof schema);
  const uint64_t version = read_count(r, root, "version");
  if (!r->status && (strcmp(schema, SCHEMA) != 0 || version != VERSION)) {
    r->status = sa_fail_at(r->error, SA_ERR_INPUT, r->path, 0, 0, "schema %s version %llu; it must be %s version %d", schema,
                           (unsigned long long)version, SCHEMA, VERSION);
    return;
  }
  read_text(r, root, "network", b->network, sizeof b->network);
  b->batch = (uint32_t)read_count(r, root, "batch");
  b->complete = json_is_true(json_object_get(root, "complete"));
  read_host(r, member(r, root, "host", JSON_OBJECT), &b->host);
  read_roofline(r, member(r, root, "roofline", JSON_OBJECT), &b->roofline);
  const json_t *runs = member(r, root, "runs", JSON_ARRAY);
  if (runs && json_array_size(runs) > SA_BASELINE_MAX_RUNS)
    r->status = sa_fail_at(r->error, SA_ERR_LIMIT, r->path, 0, 0, "%zu runs; there may be %d", json_array_size(runs), SA_BASELINE_MAX_RUNS);
  for (size_t i = 0; !r->status && i < json_array_size(runs); i++) read_run(r, json_array_get(runs, i), &b->runs[b->run_count++]);
}

enum sa_status sa_baseline_load(const char *path, struct sa_baseline *baseline, struct sa_error *error) {
  *baseline = (struct sa_baseline){0};
  json_error_t why;
  json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
  if (!root)
    return sa_fail_at(error, why.line < 0 ? SA_ERR_IO : SA_ERR_INPUT, path, why.line > 0 ? why.line : 0,
                      why.line > 0 ? why.column : 0, "%s", why.text);
  struct reader reader = {.path = path, .error = error};
  read_root(&reader, root, baseline);
  json_decref(root);
  if (reader.status) sa_baseline_release(baseline);
  return reader.status;
}
