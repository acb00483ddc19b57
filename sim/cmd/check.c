/* `systole check`: the C engine against the RTL. */
#include "cmd/check.h"

#include <string.h>

#include "cmd/interrupt.h"
#include "cmd/load.h"
#include "cosim/rtl.h"

static const struct sa_command_option options[] = {
    SA_OPTION_SET_BOTH,
    SA_OPTIONS_NETWORK,
    SA_OPTION_MAP,
    {"layer", 'l', "NAME", false, "print this layer alone (the whole network is run)"},
    {"grid", 'g', NULL, false, "the array as a grid of PE modules instead of the flat form"},
    {"all-values", 'a', NULL, false, "store every layer's output, so that all of them are compared"},
    {"no-values", 0, NULL, false, "cycles and counters only, on an empty memory"},
    {"wave", 'w', "FILE.fst", false, "write the RTL's waveform"},
    {"random", 'r', "N", false, "N random pairs of a machine and a program instead of CONFIG NETWORK"},
    {"seed", 0, "S", false, "seed of the values, or of --random (default: 1)"},
    {"builds", 0, "B", false, "--random: RTL builds to spread the pairs over (default: one for 50)"},
    {"only", 0, "I", false, "--random: run pair I alone"},
    {"programs", 0, "WORD", false, "--random: raw, of random layers (layers), or half and half (both, the default)"},
    {"instructions", 0, "K", false, "--random: length of raw programs"},
    {"first-layer", 0, "F", false, "--random: of each network layers F to ..."},
    {"last-layer", 0, "L", false, "... L alone, from 1; layers before F become inputs"},
};

/* Options of --random alone; the others but --seed are of CONFIG NETWORK alone. */
static bool is_of_random(const char *name) {
  static const char *const names[] = {"random", "builds", "only", "programs", "instructions", "first-layer", "last-layer"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(names[i], name) == 0) return true;
  return false;
}

/* An option of the other half is an error. */
static enum sa_status refuse_others(const struct sa_args *args, bool random, struct sa_error *error) {
  for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
    const char *name = options[i].name;
    if (!sa_args_has(args, name) || strcmp(name, "seed") == 0 || is_of_random(name) == random) continue;
    return sa_fail(error, SA_ERR_INPUT, random ? "--%s is for CONFIG NETWORK; --random draws both" : "--%s is for --random",
                   name);
  }
  return SA_OK;
}

static enum sa_status look_at_options(const struct sa_args *args, bool random, struct sa_error *error) {
  if (random != (sa_args_count(args) == 0) || sa_args_count(args) == 1)
    return sa_fail(error, SA_ERR_INPUT, "check takes CONFIG NETWORK or --random N (see systole check --help)");
  return refuse_others(args, random, error);
}

static int run(const struct sa_args *args) {
  struct sa_error error = {0};
  const bool random = sa_args_has(args, "random");
  if (look_at_options(args, random, &error)) return sa_command_fail(&error);
  sa_interrupt_catch(); /* temporary files are removed */
  if (sa_rtl_available(&error)) return sa_command_fail(&error);
  return random ? sa_check_random(args) : sa_check_network(args);
}

const struct sa_command sa_command_check = {
    .name = "check",
    .arguments = "[CONFIG NETWORK]",
    .min_arguments = 0,
    .max_arguments = 2,
    .summary = "run the C engine and the RTL on the same program and compare everything",
    .details = "Compares every instruction's start and end, every burst, every counter and every stored byte.\n"
               "Exit status 1 at any difference. Needs Verilator and SystemC; executables are kept in\n"
               "~/.cache/systole (or $XDG_CACHE_HOME/systole), one for each machine but for its memory's timing.\n"
               "--random draws machines and programs, says which classes of coverage they met, and shrinks what\n"
               "differs; a class that was never met counts as a failure. docs/validation.md says more.\n",
    SA_OPTIONS(options),
    .run = run,
};
