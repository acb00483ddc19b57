/* `systole check --random N`: random machines and programs on both engines. */
#include "cmd/check.h"

#include <inttypes.h>
#include <stdio.h>

#include "cmd/progress.h"
#include "cosim/random_check.h"
#include "net/net_write.h"
#include "program/asm.h"

/* One RTL build serves this many pairs unless --builds says otherwise. */
enum { PAIRS_PER_BUILD = 50 };

static const char *const program_words[] = {
    [SA_RANDOM_BOTH] = "both", [SA_RANDOM_RAW] = "raw", [SA_RANDOM_LAYERS] = "layers"};

static void on_pair(void *user, uint64_t done, uint64_t pairs) {
  sa_progress_update(user, (double)done / (double)pairs);
}

static void on_build(void *user) { sa_progress_say(user, SA_CHECK_BUILDING); }

/* The command that runs the shrunk case again. */
static void print_repeat(const struct sa_random_options *options, const struct sa_random_result *result) {
  const struct sa_random_draw *draw = &options->draw;
  const struct sa_random_part *part = &result->failed_part;
  printf("repeat with: systole check --random %" PRIu64 " --seed %" PRIu64 " --builds %" PRIu64, draw->pairs,
         draw->seed, draw->builds);
  if (draw->programs != SA_RANDOM_BOTH) printf(" --programs %s", program_words[draw->programs]);
  printf(" --only %" PRIu64, result->failed_pair);
  if (part->instructions) printf(" --instructions %" PRIu32, part->instructions);
  if (part->last_layer) printf(" --first-layer %" PRIu32 " --last-layer %" PRIu32, part->first_layer, part->last_layer);
  putchar('\n');
}

static void print_failure(const struct sa_random_options *options, const struct sa_random_result *result) {
  printf("\n%" PRIu64 " of %" PRIu64 " pairs differ; the first, pair %" PRIu64 ", shrunk to this machine:\n\n",
         result->mismatches, result->pairs, result->failed_pair);
  sa_config_write(&result->shrunk.config, stdout);
  if (result->shrunk.from_layers) {
    puts("\nand this network:\n");
    sa_net_write(&result->shrunk.net, stdout);
  } else {
    puts("\nand this program:\n");
    sa_disassemble(&result->shrunk.program, stdout);
  }
  printf("\nthe first difference: %s\n", result->failed);
  print_repeat(options, result);
}

static int report(const struct sa_random_options *options, const struct sa_random_result *result) {
  printf("%" PRIu64 " configuration-program pairs over %" PRIu64 " RTL builds, seed %" PRIu64 ": %" PRIu64
         " raw programs, %" PRIu64 " of random layers\n",
         result->pairs, result->builds, options->draw.seed, result->pairs - result->from_layers,
         result->from_layers);
  printf("compared: %" PRIu64 " cycles, %" PRIu64 " instructions, %" PRIu64 " bursts, all counters, %" PRIu64
         " stored bytes\n",
         result->cycles, result->instrs, result->bursts, result->bytes);
  if (result->mismatches) {
    print_failure(options, result);
    return SA_EXIT_DIFFERENT;
  }
  puts("no difference");
  if (options->only != UINT64_MAX || options->part.instructions || options->part.last_layer)
    return SA_EXIT_OK; /* not the whole draw: coverage says nothing */
  putchar('\n');
  sa_coverage_write(&result->coverage, stdout);
  const size_t missing = sa_coverage_missing(&result->coverage);
  if (!missing) return SA_EXIT_OK;
  printf("\n%zu classes were never drawn; draw more pairs or builds\n", missing);
  return SA_EXIT_DIFFERENT;
}

static enum sa_status read_options(const struct sa_args *args, struct sa_random_options *options,
                                   struct sa_error *error) {
  unsigned long long pairs = 0, seed = 1, only = UINT64_MAX, instructions = 0, first = 0, last = 0;
  size_t programs = SA_RANDOM_BOTH;
  enum sa_status status = sa_args_number(args, "random", 1, UINT32_MAX, &pairs, error);
  unsigned long long builds = (pairs + PAIRS_PER_BUILD - 1) / PAIRS_PER_BUILD;
  if (!status) status = sa_args_number(args, "seed", 0, UINT64_MAX, &seed, error);
  if (!status) status = sa_args_number(args, "builds", 1, pairs, &builds, error);
  if (!status) status = sa_args_number(args, "only", 0, pairs - 1, &only, error);
  if (!status)
    status = sa_args_word(args, "programs", program_words, sizeof program_words / sizeof *program_words,
                          &programs, error);
  if (!status) status = sa_args_number(args, "instructions", 10, 1000000, &instructions, error);
  if (!status) status = sa_args_number(args, "last-layer", 1, UINT32_MAX, &last, error);
  if (!status && !last && sa_args_has(args, "first-layer"))
    status = sa_fail(error, SA_ERR_INPUT, "--first-layer needs --last-layer");
  if (!status) status = sa_args_number(args, "first-layer", 1, last, &first, error);
  *options = (struct sa_random_options){
      .draw = {.seed = seed, .pairs = pairs, .builds = builds, .programs = (enum sa_random_programs)programs},
      .only = only,
      .part = {(uint32_t)instructions, (uint32_t)first, (uint32_t)last}};
  return status;
}

int sa_check_random(const struct sa_args *args) {
  struct sa_error error = {0};
  struct sa_random_options options;
  if (read_options(args, &options, &error)) return sa_command_fail(&error);
  struct sa_progress progress;
  options.on_pair = on_pair;
  options.on_build = on_build;
  options.user = &progress;
  struct sa_random_result result;
  sa_progress_begin(&progress, "checking");
  const enum sa_status status = sa_random_check(&options, &result, &error);
  sa_progress_end(&progress);
  const int exit_status = status ? sa_command_fail(&error) : report(&options, &result);
  sa_random_release(&result);
  return exit_status;
}
