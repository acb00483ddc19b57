/* Loading of a command's CONFIG, NETWORK and --map. */
#include "cmd/load.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "base/units.h"
#include "machine/params.h"
#include "net/net_yaml.h"

/* Prints what a reader had to say, and forgets it. */
static void print_notes(struct sa_notes *notes) {
  for (size_t i = 0; i < notes->count; i++) {
    fprintf(stderr, "systole: note: %s", notes->lines[i]);
    if (notes->times[i] > 1) fprintf(stderr, " (%" PRIu64 " times)", notes->times[i]);
    fputs("\n", stderr);
  }
  if (notes->dropped) fprintf(stderr, "systole: note: and %" PRIu64 " more notes\n", notes->dropped);
  sa_notes_release(notes);
}

enum sa_status sa_load_named_machine(const char *name, const char *const *assignments, size_t count,
                                     struct sa_config *config, enum sa_dataflow *dataflow,
                                     struct sa_error *error) {
  struct sa_notes notes;
  sa_notes_init(&notes);
  const enum sa_status status =
      sa_load_any_config(name, assignments, count, config, dataflow, &notes, error);
  print_notes(&notes);
  return status;
}

/* Whether "NAME=VALUE" is meant for the machine: every other name is the network's, which have no dots. */
static bool is_of_machine(const char *assignment) {
  char name[64];
  const size_t length = strcspn(assignment, "=");
  if (length >= sizeof name || !assignment[length]) return true;
  snprintf(name, sizeof name, "%.*s", (int)length, assignment);
  return strchr(name, '.') || sa_param_find(name);
}

/* Those values of --set that are the machine's, or the others. */
static enum sa_status select_settings(const struct sa_args *args, bool of_machine,
                                      const char *chosen[SA_MAX_SETTINGS], size_t *count, struct sa_error *error) {
  size_t given;
  const char *const *all = sa_args_values(args, "set", &given);
  if (given > SA_MAX_SETTINGS)
    return sa_fail(error, SA_ERR_INPUT, "--set is given %zu times; at most %d are taken", given, SA_MAX_SETTINGS);
  *count = 0;
  for (size_t i = 0; i < given; i++)
    if (is_of_machine(all[i]) == of_machine) chosen[(*count)++] = all[i];
  return SA_OK;
}

enum sa_status sa_load_machine_settings(const struct sa_args *args, const char *settings[SA_MAX_SETTINGS],
                                        size_t *count, struct sa_error *error) {
  return select_settings(args, true, settings, count, error);
}

enum sa_status sa_load_no_network_settings(const struct sa_args *args, struct sa_error *error) {
  const char *settings[SA_MAX_SETTINGS];
  size_t count = 0;
  const enum sa_status status = select_settings(args, false, settings, &count, error);
  if (status || count == 0) return status;
  return sa_fail(error, SA_ERR_INPUT, "--set %.64s: machines have no such parameter, and no network is read here",
                 settings[0]);
}

enum sa_status sa_load_machine(const struct sa_args *args, size_t index, struct sa_config *config,
                               enum sa_dataflow *dataflow, struct sa_error *error) {
  const char *settings[SA_MAX_SETTINGS];
  size_t count = 0;
  const enum sa_status status = sa_load_machine_settings(args, settings, &count, error);
  if (status) return status;
  return sa_load_named_machine(sa_args_get(args, index), settings, count, config, dataflow, error);
}

#define MAX_DIMS 64

/* "NAME=SIZE"; names[i] is the caller's to free. */
static enum sa_status read_dims(const struct sa_args *args, char *names[MAX_DIMS],
                                struct sa_onnx_dim_override dims[MAX_DIMS], size_t *count,
                                struct sa_error *error) {
  size_t given;
  const char *const *values = sa_args_values(args, "dim", &given);
  if (given > MAX_DIMS)
    return sa_fail(error, SA_ERR_INPUT, "--dim is given %zu times; at most %d are taken", given, MAX_DIMS);
  for (size_t i = 0; i < given; i++) {
    const char *equals = strrchr(values[i], '=');
    uint64_t size;
    if (!equals || equals == values[i])
      return sa_fail(error, SA_ERR_INPUT, "--dim is \"%.64s\"; it must be NAME=SIZE", values[i]);
    enum sa_status status = sa_quantity_parse(SA_DIM_COUNT, "--dim", equals + 1, &size, error);
    if (!status) status = sa_quantity_check(SA_DIM_COUNT, "--dim", size, 1, SA_ONNX_MAX_DIM, error);
    if (status) return status;
    names[i] = strndup(values[i], (size_t)(equals - values[i]));
    if (!names[i]) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
    dims[i] = (struct sa_onnx_dim_override){names[i], (int64_t)size};
    *count = i + 1;
  }
  return SA_OK;
}

/* The network's part of --set, then --phase and --context, written into `texts`. */
static enum sa_status read_settings(const struct sa_args *args, bool has_machine, const char *settings[SA_MAX_SETTINGS + 2],
                                    char texts[2][64], size_t *count, struct sa_error *error) {
  static const char *const names[] = {"phase", "context"};
  enum sa_status status = SA_OK;
  if (has_machine) {
    status = select_settings(args, false, settings, count, error);
  } else {
    const char *const *all = sa_args_values(args, "set", count);
    if (*count > SA_MAX_SETTINGS)
      return sa_fail(error, SA_ERR_INPUT, "--set is given %zu times; at most %d are taken", *count, SA_MAX_SETTINGS);
    for (size_t i = 0; i < *count; i++) settings[i] = all[i];
  }
  for (size_t i = 0; i < 2 && !status; i++) {
    const char *value = sa_args_value(args, names[i]);
    if (!value) continue;
    const int length = snprintf(texts[i], sizeof texts[i], "%s=%s", names[i], value);
    if (length >= (int)sizeof texts[i] || !value[0])
      return sa_fail(error, SA_ERR_INPUT, "--%s is \"%.64s\"; it must be a value of %s", names[i], value, names[i]);
    settings[(*count)++] = texts[i];
  }
  return status;
}

enum sa_status sa_load_network(const struct sa_args *args, size_t index, struct sa_net *net,
                               struct sa_error *error) {
  unsigned long long batch = 0;
  char *names[MAX_DIMS], texts[2][64];
  const char *settings[SA_MAX_SETTINGS + 2];
  struct sa_onnx_dim_override dims[MAX_DIMS];
  struct sa_net_choice choice = {.onnx = {.dims = dims, .skip_unknown = sa_args_has(args, "skip-unknown")},
                                 .settings = settings};
  struct sa_notes notes;
  sa_notes_init(&notes);
  enum sa_status status = sa_args_number(args, "batch", 1, SA_NET_MAX_BATCH, &batch, error);
  choice.onnx.batch = (uint32_t)batch;
  if (!status) status = read_settings(args, index > 0, settings, texts, &choice.setting_count, error);
  if (!status) status = read_dims(args, names, dims, &choice.onnx.dim_count, error);
  if (!status) status = sa_load_any_net(sa_args_get(args, index), &choice, net, &notes, error);
  print_notes(&notes);
  for (size_t i = 0; i < choice.onnx.dim_count; i++) free(names[i]);
  return status;
}

enum sa_status sa_load_machine_and_network(const struct sa_args *args, struct sa_config *config,
                                           struct sa_net *net, struct sa_error *error) {
  const enum sa_status status = sa_load_machine(args, 0, config, NULL, error);
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

/* Whether the mapper chooses tiles for a layer, and between orders. */
static bool has_tiles(const struct sa_layer *layer) {
  return layer->kind != SA_LAYER_INPUT && layer->kind != SA_LAYER_CONCAT && layer->kind != SA_LAYER_CACHE &&
         !sa_layer_is_recurrent(layer);
}

static bool has_order(const struct sa_layer *layer) {
  return layer->kind == SA_LAYER_CONV || layer->kind == SA_LAYER_FC;
}

/* What its tiles cover: of a MATMUL rows are heads, of an UPSAMPLE those of its input. */
static struct sa_shape tiled_shape(const struct sa_net *net, const struct sa_layer *layer) {
  struct sa_shape shape = layer->out;
  if (layer->kind == SA_LAYER_MATMUL) shape.h = layer->heads;
  if (layer->kind == SA_LAYER_UPSAMPLE) {
    shape.h = net->layers[layer->inputs[0].layer].out.h;
    shape.w = net->layers[layer->inputs[0].layer].out.w;
  }
  return shape;
}

static enum sa_status set_key(const struct sa_net *net, struct sa_map_override *override, const char *key,
                              const char *value, struct sa_error *error) {
  static const char *const keys[] = {"images", "rows", "cols", "choice", "order"};
  enum { KEYS = sizeof keys / sizeof *keys, ORDER = KEYS - 1 };
  const struct sa_layer *layer = &net->layers[override->layer];
  const struct sa_shape shape = tiled_shape(net, layer);
  uint32_t *const numbers[ORDER] = {&override->images, &override->rows, &override->cols, &override->choice};
  const uint32_t most[ORDER] = {shape.n, shape.h, shape.w, UINT32_MAX};
  size_t i = 0;
  while (i < KEYS && strcmp(keys[i], key) != 0) i++;
  if (i == KEYS)
    return sa_fail(error, SA_ERR_INPUT, "--map has no key \"%.64s\"; it takes images, rows, cols, choice, order", key);
  if (i == ORDER ? override->order != SA_ORDER_AUTO : *numbers[i] != 0)
    return sa_fail(error, SA_ERR_INPUT, "--map: %s of layer %s is given twice", key, layer->name);
  if (i < ORDER) {
    char what[128];
    uint64_t number;
    snprintf(what, sizeof what, "--map: %s of layer %s", key, layer->name);
    enum sa_status status = sa_quantity_parse(SA_DIM_COUNT, what, value, &number, error);
    if (!status) status = sa_quantity_check(SA_DIM_COUNT, what, number, 1, most[i], error);
    if (!status) *numbers[i] = (uint32_t)number;
    return status;
  }
  if (!has_order(layer))
    return sa_fail(error, SA_ERR_INPUT, "--map: layer %s (%s) has no order of loops to choose", layer->name,
                   sa_layer_kind_name(layer->kind));
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
  if (!status && !has_tiles(&net->layers[override->layer]))
    return sa_fail(error, SA_ERR_INPUT, "--map: layer %s (%s) has no tiles to choose", text,
                   sa_layer_kind_name(net->layers[override->layer].kind));
  char *rest = colon + 1;
  for (char *part; !status && (part = strsep(&rest, ","));) {
    char *equals = strchr(part, '=');
    if (!equals) return sa_fail(error, SA_ERR_INPUT, "--map: \"%.64s\" is no KEY=VALUE", part);
    *equals = '\0';
    status = set_key(net, override, part, equals + 1, error);
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
    for (size_t k = 0; k < i && !status; k++)
      if (overrides[k].layer == overrides[i].layer)
        status = sa_fail(error, SA_ERR_INPUT, "--map is given twice for layer %s",
                         net->layers[overrides[i].layer].name);
  }
  return status;
}
