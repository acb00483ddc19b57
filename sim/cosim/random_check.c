/* Random pairs on both engines; see random_check.h. */
#include "cosim/random_check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "engine/random.h"

enum { MIN_INSTRUCTIONS = 10, MAX_INSTRUCTIONS = 200 };

/* Independent generators for the machine of a build and for a pair. */
static void seed_build(const struct sa_random_options *options, uint64_t build, struct sa_rng *rng) {
  sa_rng_init(rng, sa_rng_mix(sa_rng_mix(options->seed) + 2 * build));
}

static void seed_pair(const struct sa_random_options *options, uint64_t index, struct sa_rng *rng) {
  sa_rng_init(rng, sa_rng_mix(sa_rng_mix(options->seed) + 2 * index + 1));
}

static uint64_t build_of(const struct sa_random_options *options, uint64_t index) {
  return index * options->builds / options->pairs;
}

/* Length asked for when sa_random_pair is given 0. */
static uint32_t drawn_length(const struct sa_random_options *options, uint64_t index) {
  struct sa_rng rng;
  sa_rng_init(&rng, sa_rng_mix(sa_rng_mix(options->seed) + 2 * index + 1) ^ 1);
  return (uint32_t)sa_rng_range(&rng, MIN_INSTRUCTIONS, MAX_INSTRUCTIONS);
}

enum sa_status sa_random_pair(const struct sa_random_options *options, uint64_t index,
                              uint32_t instructions, struct sa_config *config,
                              struct sa_program *program, struct sa_memory **memory,
                              struct sa_error *error) {
  struct sa_rng rng;
  seed_build(options, build_of(options, index), &rng);
  sa_random_config(&rng, config);
  seed_pair(options, index, &rng);
  sa_random_timing(&rng, config);
  sa_program_init(program);
  *memory = sa_memory_create();
  if (!*memory) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  const enum sa_status status =
      sa_random_program(&rng, config, instructions ? instructions : drawn_length(options, index), program,
                        *memory, error);
  if (status) {
    sa_program_release(program);
    sa_memory_free(*memory);
    *memory = NULL;
  }
  return status;
}

/* Whether the pair fails with programs of that length; the program is kept in *kept if it does. */
static enum sa_status fails(const struct sa_rtl *rtl, const struct sa_random_options *options,
                            uint64_t index, uint32_t instructions, bool *failed, char *why, size_t size,
                            struct sa_program *kept, struct sa_error *error) {
  struct sa_config config;
  struct sa_program program;
  struct sa_memory *memory;
  enum sa_status status = sa_random_pair(options, index, instructions, &config, &program, &memory, error);
  if (status) return status;
  struct sa_crosscheck check;
  sa_crosscheck_init(&check);
  status = sa_crosscheck_run(rtl, &config, &program, memory, NULL, &check, error);
  /* an RTL that gets stuck is a mismatch too */
  *failed = status == SA_ERR_STUCK || (!status && check.differences);
  if (*failed) {
    snprintf(why, size, "%s", status ? error->message : check.first);
    sa_program_release(kept);
    *kept = program;
    status = SA_OK;
  } else {
    sa_program_release(&program);
  }
  sa_crosscheck_release(&check);
  sa_memory_free(memory);
  return status;
}

/* Finds a short program of the same pair that still fails: lengths are halved, then lowered by one. */
static enum sa_status shrink(const struct sa_rtl *rtl, const struct sa_random_options *options,
                             uint64_t index, uint32_t length, struct sa_random_result *result,
                             struct sa_error *error) {
  uint32_t best = length, step = length / 2;
  while (step > 0) {
    const uint32_t tried = best > step ? best - step : 0;
    bool failed = false;
    if (tried >= MIN_INSTRUCTIONS) {
      const enum sa_status status = fails(rtl, options, index, tried, &failed, result->failed,
                                          sizeof result->failed, &result->shrunk, error);
      if (status) return status;
    }
    if (failed)
      best = tried;
    else
      step /= 2;
  }
  result->failed_instructions = best;
  return SA_OK;
}

static enum sa_status run_pair(const struct sa_rtl *rtl, const struct sa_random_options *options,
                               uint64_t index, struct sa_random_result *result, struct sa_error *error) {
  struct sa_config config;
  struct sa_program program;
  struct sa_memory *memory;
  enum sa_status status =
      sa_random_pair(options, index, options->instructions, &config, &program, &memory, error);
  if (status) return status;
  struct sa_crosscheck check;
  sa_crosscheck_init(&check);
  status = sa_crosscheck_run(rtl, &config, &program, memory, NULL, &check, error);
  const bool stuck = status == SA_ERR_STUCK, failed = stuck || (!status && check.differences);
  if (!status || stuck) {
    result->pairs++;
    result->instrs += check.instrs;
    result->bursts += check.bursts;
    result->bytes += check.bytes;
    result->cycles += check.engine.counters.cycles[0];
    sa_coverage_add(&result->coverage, &config, &program, &check.engine.counters);
    if (stuck) status = SA_OK;
  }
  sa_crosscheck_release(&check);
  sa_program_release(&program);
  sa_memory_free(memory);
  if (failed && result->mismatches++ == 0) {
    result->failed_pair = index;
    bool again;
    const uint32_t most = options->instructions ? options->instructions : drawn_length(options, index);
    status = fails(rtl, options, index, options->instructions, &again, result->failed,
                   sizeof result->failed, &result->shrunk, error);
    if (!status) status = shrink(rtl, options, index, most, result, error);
  }
  return status;
}

static enum sa_status run_build(const struct sa_random_options *options, uint64_t first, uint64_t end,
                                struct sa_random_result *result, struct sa_error *error) {
  struct sa_rng rng;
  struct sa_config config;
  seed_build(options, build_of(options, first), &rng);
  sa_random_config(&rng, &config);
  struct sa_rtl rtl;
  /* small arrays are checked in both forms: the grid in every other build */
  enum sa_status status = sa_rtl_open(&config, build_of(options, first) % 2 == 1, false, &rtl, error);
  if (status) return status;
  result->builds++;
  for (uint64_t i = first; i < end && !status; i++) {
    if (options->only != UINT64_MAX && options->only != i) continue;
    status = run_pair(&rtl, options, i, result, error);
    if (options->on_pair) options->on_pair(options->user, i + 1, options->pairs);
  }
  sa_rtl_close(&rtl);
  return status;
}

enum sa_status sa_random_check(const struct sa_random_options *options, struct sa_random_result *result,
                               struct sa_error *error) {
  memset(result, 0, sizeof *result);
  sa_program_init(&result->shrunk);
  sa_coverage_init(&result->coverage);
  enum sa_status status = SA_OK;
  for (uint64_t first = 0; first < options->pairs && !status;) {
    uint64_t end = first + 1;
    while (end < options->pairs && build_of(options, end) == build_of(options, first)) end++;
    const bool wanted = options->only == UINT64_MAX || (options->only >= first && options->only < end);
    if (wanted) status = run_build(options, first, end, result, error);
    first = end;
  }
  result->configs = result->pairs; /* every pair draws its timing anew */
  return status;
}

void sa_random_release(struct sa_random_result *result) {
  sa_program_release(&result->shrunk);
}
