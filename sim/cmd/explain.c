/* `systole explain`: how a layer is mapped, why, and what its first tiles look like in time. */
#include <stdio.h>
#include <string.h>

#include "cmd/command.h"
#include "cmd/load.h"
#include "report/explain.h"

static const struct sa_command_option options[] = {
    SA_OPTION_SET_BOTH,
    SA_OPTIONS_NETWORK,
    {"layer", 'l', "NAME", false, "the layer (required)"},
    SA_OPTION_MAP,
};

static enum sa_status find_layer(const struct sa_args *args, const struct sa_net *net, uint32_t *layer,
                                 struct sa_error *error) {
  const char *name = sa_args_value(args, "layer");
  if (!name) return sa_fail(error, SA_ERR_INPUT, "--layer NAME is required");
  return sa_load_find_layer(net, name, layer, error);
}

static enum sa_status explain(const struct sa_args *args, const struct sa_config *config,
                              const struct sa_net *net, struct sa_error *error) {
  uint32_t layer;
  enum sa_status status = find_layer(args, net, &layer, error);
  if (status) return status;
  struct sa_map_override overrides[SA_MAX_OVERRIDES];
  struct sa_map_options map = {.overrides = overrides};
  status = sa_load_overrides(args, net, overrides, &map.override_count, error);
  if (status) return status;
  struct sa_explain *watch = sa_explain_create(layer);
  if (!watch) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  struct sa_engine_options engine = {0};
  sa_explain_attach(watch, &engine);
  struct sa_simulation simulation;
  sa_simulation_init(&simulation);
  status = sa_simulate(config, net, &map, &engine, &simulation, error);
  if (!status) sa_explain_write(watch, config, net, &simulation, stdout);
  sa_simulation_release(&simulation);
  sa_explain_free(watch);
  return status;
}

static int run(const struct sa_args *args) {
  struct sa_error error = {0};
  struct sa_config config;
  struct sa_net net;
  if (sa_load_machine_and_network(args, &config, &net, &error)) return sa_command_fail(&error);
  const enum sa_status status = explain(args, &config, &net, &error);
  sa_net_release(&net);
  return status ? sa_command_fail(&error) : SA_EXIT_OK;
}

const struct sa_command sa_command_explain = {
    .name = "explain",
    .arguments = "CONFIG NETWORK",
    .min_arguments = 2,
    .max_arguments = 2,
    .summary = "show how one layer is mapped, why, and its first instructions in time",
    .details = SA_MAP_DETAILS,
    SA_OPTIONS(options),
    .run = run,
};
