/* `systole check --random N`: random machines and programs on both engines. */
#include "cmd/check.h"

#include <inttypes.h>
#include <stdio.h>

#include "cmd/progress.h"
#include "cosim/random_check.h"
#include "program/isa_table.h"

/* One RTL build serves this many pairs unless --builds says otherwise. */
enum { PAIRS_PER_BUILD = 50 };

static void on_pair(void *user, uint64_t done, uint64_t pairs) {
  sa_progress_update(user, (double)done / (double)pairs);
}

static void print_program(const struct sa_program *program) {
  struct sa_stream_reader reader;
  sa_stream_open(&reader, program);
  const struct sa_instr *instr;
  uint32_t layer;
  for (uint64_t i = 0; (instr = sa_stream_next(&reader, &layer)); i++)
    printf("  %4" PRIu64 " %s\n", i, sa_isa_op(sa_isa_find(instr->opcode))->name);
}

static int report(const struct sa_random_options *options, const struct sa_random_result *result,
                  bool whole_draw) {
  printf("%" PRIu64 " configuration-program pairs over %" PRIu64 " RTL builds (%" PRIu64
         " configurations), seed %" PRIu64 "\n",
         result->pairs, result->builds, result->configs, options->seed);
  printf("compared: %" PRIu64 " cycles, %" PRIu64 " instructions, %" PRIu64 " bursts, all counters, %" PRIu64
         " stored bytes\n",
         result->cycles, result->instrs, result->bursts, result->bytes);
  if (result->mismatches) {
    printf("\n%" PRIu64 " of %" PRIu64 " pairs differ; the first, pair %" PRIu64 ", shrunk to:\n",
           result->mismatches, result->pairs, result->failed_pair);
    print_program(&result->shrunk);
    printf("%s\nrepeat with: systole check --random %" PRIu64 " --seed %" PRIu64 " --builds %" PRIu64
           " --only %" PRIu64 " --instructions %" PRIu32 "\n",
           result->failed, options->pairs, options->seed, options->builds, result->failed_pair,
           result->failed_instructions);
    return SA_EXIT_DIFFERENT;
  }
  puts("no difference\n");
  sa_coverage_write(&result->coverage, stdout);
  const size_t missing = sa_coverage_missing(&result->coverage);
  if (!whole_draw || !missing) return SA_EXIT_OK;
  printf("\n%zu classes were never drawn; draw more pairs or builds\n", missing);
  return SA_EXIT_DIFFERENT;
}

int sa_check_random(const struct sa_args *args) {
  struct sa_error error = {0};
  unsigned long long pairs = 0, seed = 1, only = UINT64_MAX, instructions = 0;
  if (sa_args_number(args, "random", 1, UINT32_MAX, &pairs, &error) ||
      sa_args_number(args, "seed", 0, UINT64_MAX, &seed, &error))
    return sa_command_fail(&error);
  unsigned long long builds = (pairs + PAIRS_PER_BUILD - 1) / PAIRS_PER_BUILD;
  if (sa_args_number(args, "builds", 1, pairs, &builds, &error) ||
      sa_args_number(args, "only", 0, pairs - 1, &only, &error) ||
      sa_args_number(args, "instructions", 10, 1000000, &instructions, &error))
    return sa_command_fail(&error);
  struct sa_progress progress;
  const struct sa_random_options options = {.seed = seed,
                                            .pairs = pairs,
                                            .builds = builds,
                                            .only = only,
                                            .instructions = (uint32_t)instructions,
                                            .on_pair = on_pair,
                                            .user = &progress};
  struct sa_random_result result;
  sa_progress_begin(&progress, "checking");
  const enum sa_status status = sa_random_check(&options, &result, &error);
  sa_progress_end(&progress);
  const int exit_status = status ? sa_command_fail(&error)
                                 : report(&options, &result, only == UINT64_MAX && instructions == 0);
  sa_random_release(&result);
  return exit_status;
}
