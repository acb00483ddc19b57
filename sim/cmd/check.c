/* `systole check`: the C engine against the RTL. */
#include "cmd/check.h"

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

static int run(const struct sa_args *args) {
  struct sa_error error = {0};
  const bool random = sa_args_has(args, "random");
  if (random != (sa_args_count(args) == 0) || sa_args_count(args) == 1) {
    sa_fail(&error, SA_ERR_INPUT, "check takes CONFIG NETWORK or --random N (see systole check --help)");
    return sa_command_fail(&error);
  }
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
               "~/.cache/systole. docs/validation.md says what is compared with what.\n",
    SA_OPTIONS(options),
    .run = run,
};
