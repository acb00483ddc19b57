/* `systole config`: a machine as it will be simulated, or the list of presets. The output is a config
 * file itself; figures that follow from it stand in its comments. */
#include "machine/config.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/models.h"
#include "base/units.h"
#include "cmd/load.h"
#include "cosim/rtl.h"

static double per_second(const struct sa_config *config) {
  return (double)config->array_rows * config->array_cols * (double)config->clock_hz;
}

/* All ports together. */
static double bandwidth(const struct sa_config *config) {
  double sum = 0;
  for (unsigned i = 0; i < config->memory_ports; i++) sum += (double)config->port[i].bandwidth_bytes_per_s;
  return sum;
}

static void print_size(const char *name, uint64_t bytes) {
  char text[SA_QUANTITY_CHARS];
  printf("# %-26s %s\n", name, sa_quantity_format(SA_DIM_BYTES, bytes, text));
}

static void print_derived(const struct sa_config *config) {
  const double macs = per_second(config);
  printf("#\n# derived\n");
  printf("# %-26s %.4g TMAC/s = %.4g TOPS (1 MAC = 2 operations)\n", "peak", macs / 1e12, 2 * macs / 1e12);
  printf("# %-26s %.1f MAC per DRAM byte\n", "ridge point", macs / bandwidth(config));
  if (config->memory_ports == 2)
    printf("# %-26s %.1f MAC per weight byte\n", "ridge point, weights",
           macs / (double)config->port[1].bandwidth_bytes_per_s);
  for (unsigned i = 0; i < config->memory_ports; i++)
    printf("# %-26s %" PRIu64 "/%" PRIu64 " bytes a cycle\n", i ? "weight memory" : "memory",
           config->bw_num[i], config->bw_den[i]);
  print_size("on-chip memory", sa_config_sram_bytes(config));
  print_size("  unified buffer", config->buffer_bytes);
  print_size("  accumulators, two banks", 2 * sa_config_accumulator_bank_bytes(config));
  print_size("  weight FIFO", sa_config_fifo_bytes(config));
  print_size("buffer bank", config->bank_bytes);
  print_size("buffer line", config->line_bytes);
  print_size("weight line", config->weight_line_bytes);
  printf("# %-26s %" PRIu32 " cycles\n", "weight shift", config->shift_cycles);
  printf("# %-26s %" PRIu32 " cycles\n", "row issued to accumulated", config->matmul_latency);
}

/* One line of the list of presets. A file that can't be loaded says why instead. */
static void print_preset(void *user, const char *name) {
  (void)user;
  struct sa_config config;
  struct sa_error error = {0};
  if (sa_config_load(name, NULL, 0, &config, &error)) {
    printf("%-12s %s\n", name, error.message);
    return;
  }
  char array[32], clock[SA_QUANTITY_CHARS], buffer[SA_QUANTITY_CHARS];
  snprintf(array, sizeof array, "%" PRIu32 "x%" PRIu32, config.array_rows, config.array_cols);
  printf("%-12s %-8s %-8s %-9s %.4g GB/s\n", name, array,
         sa_quantity_format(SA_DIM_HZ, config.clock_hz, clock),
         sa_quantity_format(SA_DIM_BYTES, config.buffer_bytes, buffer), bandwidth(&config) / 1e9);
}

static int list_presets(void) {
  struct sa_error error = {0};
  printf("%-12s %-8s %-8s %-9s %s\n", "preset", "array", "clock", "buffer", "memory");
  return sa_models_list("arch", print_preset, NULL, &error) ? sa_command_fail(&error) : SA_EXIT_OK;
}

static void print_rtl_parameters(const struct sa_config *config) {
  char text[SA_RTL_PARAMETERS][SA_RTL_PARAMETER_CHARS];
  sa_rtl_parameters(config, false, text);
  for (int i = 0; i < SA_RTL_PARAMETERS; i++) puts(text[i]);
}

static int run(const struct sa_args *args) {
  struct sa_config config;
  struct sa_error error = {0};
  size_t count;
  const char *const *assignments = sa_args_values(args, "set", &count);
  const bool rtl = sa_args_has(args, "rtl");
  if (sa_args_count(args) == 0 && count == 0 && !rtl) return list_presets();
  if (sa_args_count(args) == 0) {
    sa_fail(&error, SA_ERR_INPUT, "config --%s needs CONFIG (see systole config --help)", count ? "set" : "rtl");
    return sa_command_fail(&error);
  }
  if (sa_load_named_machine(sa_args_get(args, 0), assignments, count, &config, NULL, &error))
    return sa_command_fail(&error);
  if (rtl) {
    print_rtl_parameters(&config);
    return SA_EXIT_OK;
  }
  printf("# %s\n", config.name);
  sa_config_write(&config, stdout);
  print_derived(&config);
  return SA_EXIT_OK;
}

static const struct sa_command_option OPTIONS[] = {
    SA_OPTION_SET,
    {.name = "rtl", .help = "print the parameters of rtl/systole.v instead, one NAME=VALUE a line"},
};

const struct sa_command sa_command_config = {
    .name = "config",
    .arguments = "[CONFIG]",
    .max_arguments = 1,
    .summary = "check a machine and print it with its derived figures; without CONFIG list the presets",
    .details = "CONFIG is a file, or a preset's name: models/arch/NAME.yaml in $SYSTOLE_MODELS or in the\n"
               "shipped models.\n",
    SA_OPTIONS(OPTIONS),
    .run = run,
};
