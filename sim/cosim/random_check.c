/* Random pairs on both engines; see random_check.h. */
#include "cosim/random_check.h"

#include <stdio.h>
#include <string.h>

enum { MIN_INSTRUCTIONS = 10 };

/* What is at hand while the pairs of a build run. */
struct job {
  const struct sa_random_options *options;
  const struct sa_rtl *rtl;
  struct sa_random_result *result;
};

/* Whether a comparison failed. An RTL that got stuck is a mismatch too, and no error: *status is SA_OK
 * then. The sentence goes to `why`. */
static bool is_mismatch(const struct sa_crosscheck *check, enum sa_status *status,
                        const struct sa_error *error, char *why, size_t size) {
  const bool stuck = *status == SA_ERR_STUCK, failed = stuck || (!*status && check->differences);
  if (failed) snprintf(why, size, "%s", stuck ? error->message : check->first);
  if (stuck) *status = SA_OK;
  return failed;
}

/* Whether a part of the pair fails too; if so it becomes the result's. A part that does not fit the
 * machine does not fail. */
static enum sa_status try_part(const struct job *job, uint64_t index, const struct sa_random_part *part,
                               bool *failed, struct sa_error *error) {
  struct sa_random_result *result = job->result;
  struct sa_random_pair pair;
  *failed = false;
  enum sa_status status = sa_random_pair_draw(&job->options->draw, index, part, &pair, error);
  if (status) return status == SA_ERR_LIMIT || status == SA_ERR_INPUT ? SA_OK : status;
  struct sa_crosscheck check;
  sa_crosscheck_init(&check);
  status = sa_crosscheck_run(job->rtl, &pair.config, &pair.program, pair.memory, NULL, &check, error);
  *failed = is_mismatch(&check, &status, error, result->failed, sizeof result->failed);
  sa_crosscheck_release(&check);
  if (*failed) {
    sa_random_pair_release(&result->shrunk);
    result->shrunk = pair;
    result->failed_part = *part;
  } else {
    sa_random_pair_release(&pair);
  }
  return status;
}

/* Finds a short raw program that still fails: its length is halved, then lowered by ever less. */
static enum sa_status shrink_raw(const struct job *job, uint64_t index, struct sa_error *error) {
  uint32_t best = job->result->shrunk.instructions, step = best / 2;
  while (step > 0) {
    bool failed = false;
    if (best >= step + MIN_INSTRUCTIONS) {
      const struct sa_random_part part = {.instructions = best - step};
      const enum sa_status status = try_part(job, index, &part, &failed, error);
      if (status) return status;
    }
    if (failed)
      best -= step;
    else
      step /= 2;
  }
  return SA_OK;
}

/* Finds the first layer at which it fails, then leaves out as many before it as can be. */
static enum sa_status shrink_layers(const struct job *job, uint64_t index, struct sa_error *error) {
  const uint32_t all = job->result->shrunk.layers;
  bool failed = false;
  struct sa_random_part part = {.first_layer = 1, .last_layer = 1};
  for (; part.last_layer < all; part.last_layer++) {
    const enum sa_status status = try_part(job, index, &part, &failed, error);
    if (status) return status;
    if (failed) break;
  }
  for (part.first_layer = part.last_layer; part.first_layer > 1; part.first_layer--) {
    const enum sa_status status = try_part(job, index, &part, &failed, error);
    if (status || failed) return status;
  }
  return SA_OK;
}

static bool is_whole(const struct sa_random_part *part) { return !part->instructions && !part->last_layer; }

/* Keeps the failed pair, and shrinks it unless a part was asked for. */
static enum sa_status keep_failure(const struct job *job, uint64_t index, struct sa_random_pair *pair,
                                   struct sa_error *error) {
  struct sa_random_result *result = job->result;
  result->failed_pair = index;
  result->failed_part = job->options->part;
  result->shrunk = *pair;
  sa_random_pair_init(pair);
  if (!is_whole(&job->options->part)) return SA_OK;
  return result->shrunk.from_layers ? shrink_layers(job, index, error) : shrink_raw(job, index, error);
}

static enum sa_status run_pair(const struct job *job, uint64_t index, struct sa_error *error) {
  struct sa_random_result *result = job->result;
  struct sa_random_pair pair;
  enum sa_status status = sa_random_pair_draw(&job->options->draw, index, &job->options->part, &pair, error);
  if (status) return status;
  struct sa_crosscheck check;
  char why[sizeof result->failed];
  sa_crosscheck_init(&check);
  status = sa_crosscheck_run(job->rtl, &pair.config, &pair.program, pair.memory, NULL, &check, error);
  const bool failed = is_mismatch(&check, &status, error, why, sizeof why);
  if (!status) {
    result->pairs++;
    result->from_layers += pair.from_layers;
    result->instrs += check.instrs;
    result->bursts += check.bursts;
    result->bytes += check.bytes;
    result->cycles += check.engine.counters.cycles[0];
    sa_coverage_add(&result->coverage, &pair.config, &pair.program, &check.engine.counters);
  }
  sa_crosscheck_release(&check);
  if (failed && result->mismatches++ == 0) {
    memcpy(result->failed, why, sizeof why);
    status = keep_failure(job, index, &pair, error);
  }
  sa_random_pair_release(&pair);
  return status;
}

/* Pairs first .. end - 1, which share a build. */
static enum sa_status run_build(const struct sa_random_options *options, uint64_t first, uint64_t end,
                                struct sa_random_result *result, struct sa_error *error) {
  const uint64_t build = sa_random_build_of(&options->draw, first);
  struct sa_config config;
  sa_random_build(&options->draw, build, &config);
  struct sa_rtl rtl;
  /* the array is checked in both forms: as a grid of PEs in every other build */
  const struct sa_rtl_options rtl_options = {
      .grid = build % 2 == 1, .on_build = options->on_build, .user = options->user};
  enum sa_status status = sa_rtl_open(&config, &rtl_options, &rtl, error);
  if (status) return status;
  result->builds++;
  const struct job job = {.options = options, .rtl = &rtl, .result = result};
  for (uint64_t i = first; i < end && !status; i++) {
    if (options->only != UINT64_MAX && options->only != i) continue;
    status = run_pair(&job, i, error);
    if (options->on_pair) options->on_pair(options->user, i + 1, options->draw.pairs);
  }
  sa_rtl_close(&rtl);
  return status;
}

enum sa_status sa_random_check(const struct sa_random_options *options, struct sa_random_result *result,
                               struct sa_error *error) {
  const struct sa_random_draw *draw = &options->draw;
  memset(result, 0, sizeof *result);
  sa_random_pair_init(&result->shrunk);
  sa_coverage_init(&result->coverage);
  enum sa_status status = SA_OK;
  for (uint64_t first = 0; first < draw->pairs && !status;) {
    uint64_t end = first + 1;
    while (end < draw->pairs && sa_random_build_of(draw, end) == sa_random_build_of(draw, first)) end++;
    const bool wanted = options->only == UINT64_MAX || (options->only >= first && options->only < end);
    if (wanted) status = run_build(options, first, end, result, error);
    first = end;
  }
  return status;
}

void sa_random_release(struct sa_random_result *result) { sa_random_pair_release(&result->shrunk); }
