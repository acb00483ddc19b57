/* `systole diff`: two machines side by side on one network. */
#include <stdio.h>

#include "base/file.h"
#include "cmd/command.h"
#include "cmd/load.h"
#include "report/diff.h"
#include "report/simulate.h"

static const struct sa_command_option options[] = {
    {"set", 's', "PARAMETER=VALUE", true, "change a parameter of both machines or of NETWORK; repeatable"},
    {"set-b", 'S', "PARAMETER=VALUE", true, "change a parameter of CONFIG2 alone; repeatable"},
    SA_OPTIONS_NETWORK,
    {"format", 'f', "FORMAT", false, "table, csv or json (default: table)"},
    {"output", 'o', "FILE", false, "write to FILE instead of standard output"},
};

/* CONFIG2 with --set, then --set-b. */
static enum sa_status load_second(const struct sa_args *args, struct sa_config *config,
                                  struct sa_error *error) {
  enum { MOST = SA_MAX_SETTINGS };
  const char *all[MOST];
  size_t common, own;
  const char *const *set_b = sa_args_values(args, "set-b", &own);
  const enum sa_status status = sa_load_machine_settings(args, all, &common, error);
  if (status) return status;
  if (common + own > MOST)
    return sa_fail(error, SA_ERR_INPUT, "%zu assignments are given; at most %d are taken", common + own, MOST);
  for (size_t i = 0; i < own; i++) all[common + i] = set_b[i];
  return sa_load_named_machine(sa_args_get(args, 1), all, common + own, config, NULL, error);
}

static enum sa_status compare(const struct sa_args *args, const struct sa_config config[2],
                              const struct sa_net *net, enum sa_format format, struct sa_error *error) {
  struct sa_simulation runs[2];
  enum sa_status status = SA_OK;
  for (int i = 0; i < 2; i++) sa_simulation_init(&runs[i]);
  for (int i = 0; i < 2 && !status; i++)
    status = sa_simulate(&config[i], net, NULL, NULL, &runs[i], error);
  const char *path = sa_args_value(args, "output");
  struct sa_output output = {.file = stdout};
  if (!status && path) status = sa_output_open(&output, path, error);
  if (!status) {
    status = sa_diff_write(&runs[0].report, &runs[1].report, format, output.file, error);
    if (path && status) sa_output_discard(&output);
    if (path && !status) status = sa_output_commit(&output, error);
  }
  for (int i = 0; i < 2; i++) sa_simulation_release(&runs[i]);
  return status;
}

static int run(const struct sa_args *args) {
  struct sa_error error = {0};
  enum sa_format format = SA_FORMAT_TABLE;
  const char *wanted = sa_args_value(args, "format");
  if (wanted && sa_format_parse(wanted, &format, &error)) return sa_command_fail(&error);
  struct sa_config config[2];
  struct sa_net net;
  if (sa_load_machine(args, 0, &config[0], NULL, &error) || load_second(args, &config[1], &error) ||
      sa_load_network(args, 2, &net, &error))
    return sa_command_fail(&error);
  const enum sa_status status = compare(args, config, &net, format, &error);
  sa_net_release(&net);
  return status ? sa_command_fail(&error) : SA_EXIT_OK;
}

const struct sa_command sa_command_diff = {
    .name = "diff",
    .arguments = "CONFIG1 CONFIG2 NETWORK",
    .min_arguments = 3,
    .max_arguments = 3,
    .summary = "put two machines side by side on a network: where the cycles went, layer by layer",
    .details = "CONFIG1 and CONFIG2 may be the same with --set-b changing the second.\n",
    SA_OPTIONS(options),
    .run = run,
};
