/* Loading of a command's CONFIG, NETWORK and --map. */
#include "cmd/load.h"

#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "base/units.h"
#include "net/net_yaml.h"

enum sa_status sa_load_machine(const struct sa_args *args, size_t index, struct sa_config *config,
                               struct sa_error *error) {
  size_t count;
  const char *const *assignments = sa_args_values(args, "set", &count);
  return sa_config_load(sa_args_get(args, index), assignments, count, config, error);
}

enum sa_status sa_load_network(const struct sa_args *args, size_t index, struct sa_net *net,
                               struct sa_error *error) {
  unsigned long long batch = 1;
  const enum sa_status status =
      sa_args_number(args, "batch", 1, SA_NET_MAX_BATCH, &batch, error);
  if (status) return status;
  const struct sa_net_options options = {.batch = (uint32_t)batch};
  sa_net_init(net);
  return sa_net_load(sa_args_get(args, index), &options, net, error);
}

enum sa_status sa_load_machine_and_network(const struct sa_args *args, struct sa_config *config,
                                           struct sa_net *net, struct sa_error *error) {
  const enum sa_status status = sa_load_machine(args, 0, config, error);
  return status ? status : sa_load_network(args, 1, net, error);
}

enum sa_status sa_load_find_layer(const struct sa_net *net, const char *name, uint32_t *layer,
                                  struct sa_error *error) {
  for (uint32_t i = 0; i < net->layer_count; i++)
    if (strcmp(net->layers[i].name, name) == 0) {
      *layer = i;
      return SA_OK;
    }
  const char **names = malloc(net->layer_count * sizeof *names);
  if (!names) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  for (uint32_t i = 0; i < net->layer_count; i++) names[i] = net->layers[i].name;
  char hint[128];
  sa_suggest_hint(hint, sizeof hint, name, names, net->layer_count);
  free(names);
  return sa_fail(error, SA_ERR_INPUT, "network %s has no layer \"%.64s\"%s", net->name, name, hint);
}

static enum sa_status set_key(struct sa_map_override *override, const char *key, const char *value,
                              struct sa_error *error) {
  static const char *const keys[] = {"images", "rows", "cols", "order"};
  uint32_t *const numbers[] = {&override->images, &override->rows, &override->cols};
  size_t i = 0;
  while (i < sizeof keys / sizeof *keys && strcmp(keys[i], key) != 0) i++;
  if (i == sizeof keys / sizeof *keys)
    return sa_fail(error, SA_ERR_INPUT, "--map has no key \"%.64s\"; it takes images, rows, cols, order", key);
  if (i < sizeof numbers / sizeof *numbers) {
    uint64_t number;
    enum sa_status status = sa_quantity_parse(SA_DIM_COUNT, key, value, &number, error);
    if (!status) status = sa_quantity_check(SA_DIM_COUNT, key, number, 1, UINT32_MAX, error);
    if (!status) *numbers[i] = (uint32_t)number;
    return status;
  }
  if (strcmp(value, "m") == 0)
    override->order = SA_ORDER_M_OUTER;
  else if (strcmp(value, "n") == 0)
    override->order = SA_ORDER_N_OUTER;
  else
    return sa_fail(error, SA_ERR_INPUT, "--map: order is \"%.64s\"; it must be m or n", value);
  return SA_OK;
}

/* "LAYER:KEY=VALUE,KEY=VALUE"; text is a copy that may be cut up. */
static enum sa_status parse_override(char *text, const struct sa_net *net,
                                     struct sa_map_override *override, struct sa_error *error) {
  *override = (struct sa_map_override){0};
  char *colon = strrchr(text, ':');
  if (!colon)
    return sa_fail(error, SA_ERR_INPUT, "--map is \"%.128s\"; it must be LAYER:KEY=VALUE,...", text);
  *colon = '\0';
  enum sa_status status = sa_load_find_layer(net, text, &override->layer, error);
  char *save = NULL;
  for (char *part = strtok_r(colon + 1, ",", &save); part && !status; part = strtok_r(NULL, ",", &save)) {
    char *equals = strchr(part, '=');
    if (!equals) return sa_fail(error, SA_ERR_INPUT, "--map: \"%.64s\" has no value", part);
    *equals = '\0';
    status = set_key(override, part, equals + 1, error);
  }
  return status;
}

enum sa_status sa_load_overrides(const struct sa_args *args, const struct sa_net *net,
                                 struct sa_map_override *overrides, size_t *count,
                                 struct sa_error *error) {
  const char *const *values = sa_args_values(args, "map", count);
  if (*count > SA_MAX_OVERRIDES)
    return sa_fail(error, SA_ERR_INPUT, "--map is given %zu times; at most %d are taken", *count,
                   SA_MAX_OVERRIDES);
  enum sa_status status = SA_OK;
  for (size_t i = 0; i < *count && !status; i++) {
    char *text = strdup(values[i]);
    if (!text) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
    status = parse_override(text, net, &overrides[i], error);
    free(text);
  }
  return status;
}
