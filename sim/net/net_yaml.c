/* Reads a network file: its head, its list of layers, and the repeated blocks in it. One layer is
 * layer_yaml.c's. */
#include "net/net_yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/models.h"
#include "net/reader.h"

static enum sa_status read_list(struct sa_net_reader *reader, const struct sa_net_scope *scope,
                                struct sa_yaml_node list, const char *what, struct sa_error *error);

/* `repeat: N, name: block, layers: [...]`: the list N times, its names behind "block.0." and so on. */
static enum sa_status read_repeat(struct sa_net_reader *reader, const struct sa_net_scope *outer,
                                  struct sa_yaml_node node, struct sa_error *error) {
  static const char *const keys[] = {"repeat", "name", "first", "layers"};
  enum sa_status status =
      sa_yaml_check_keys(node, "a repeated block", keys, sizeof keys / sizeof *keys, error);
  if (status) return status;
  if (outer->depth == SA_NET_MAX_REPEAT_DEPTH)
    return sa_yaml_fail(node, error, "repeated blocks are nested more than %d deep",
                        SA_NET_MAX_REPEAT_DEPTH);
  const struct sa_yaml_node name_node = sa_yaml_get(node, "name"), first_node = sa_yaml_get(node, "first");
  uint32_t times = 0, first = 0;
  char name[64];
  status = sa_yaml_read_u32(sa_yaml_get(node, "repeat"), "repeat", 1, SA_NET_MAX_LAYERS, &times, error);
  if (status) return status;
  if (sa_yaml_kind(name_node) == SA_YAML_NONE)
    return sa_yaml_fail(node, error, "a repeated block needs the key \"name\"");
  if (sa_yaml_kind(sa_yaml_get(node, "layers")) == SA_YAML_NONE)
    return sa_yaml_fail(node, error, "a repeated block needs the key \"layers\"");
  status = sa_net_read_name(outer, name_node, "a repeated block's name", name, error);
  if (!status && sa_yaml_kind(first_node) != SA_YAML_NONE)
    status = sa_yaml_read_u32(first_node, "first", 0, SA_NET_MAX_LAYERS, &first, error);
  for (uint32_t i = 0; i < times && !status; i++) {
    struct sa_net_scope scope = {.outer = outer, .depth = outer->depth + 1};
    scope.block = outer->depth == 0 ? i + 1 : outer->block;
    scope.entry = reader->net->layer_count ? reader->net->layer_count - 1 : UINT32_MAX;
    char prefix[96];
    const int length = snprintf(prefix, sizeof prefix, "%s.%u.", name, first + i);
    if (length > 62)
      return sa_yaml_fail(name_node, error,
                          "the block's names begin with \"%s\", %d characters; at most 62 are possible",
                          prefix, length);
    memcpy(scope.prefix, prefix, (size_t)length + 1);
    status = read_list(reader, &scope, sa_yaml_get(node, "layers"), "a repeated block's layers", error);
  }
  return status;
}

static enum sa_status read_list(struct sa_net_reader *reader, const struct sa_net_scope *scope,
                                struct sa_yaml_node list, const char *what, struct sa_error *error) {
  enum sa_status status = sa_yaml_expect(list, SA_YAML_SEQUENCE, what, error);
  if (!status && sa_yaml_count(list) == 0) status = sa_yaml_fail(list, error, "%s are empty", what);
  for (size_t i = 0; i < sa_yaml_count(list) && !status; i++) {
    const struct sa_yaml_node item = sa_yaml_item(list, i);
    if (sa_yaml_kind(sa_yaml_get(item, "repeat")) != SA_YAML_NONE)
      status = read_repeat(reader, scope, item, error);
    else
      status = sa_net_read_layer(reader, scope, item, error);
  }
  return status;
}

/* `input: {shape: [h, w, c]}`: the first layer. */
static enum sa_status read_input(struct sa_net_reader *reader, const struct sa_net_scope *scope,
                                 struct sa_yaml_node node, struct sa_error *error) {
  static const char *const keys[] = {"name", "shape"};
  struct sa_layer layer = {.name = "input", .kind = SA_LAYER_INPUT};
  enum sa_status status = sa_yaml_check_keys(node, "input", keys, sizeof keys / sizeof *keys, error);
  const struct sa_yaml_node name = sa_yaml_get(node, "name"), shape = sa_yaml_get(node, "shape");
  if (!status && sa_yaml_kind(name) != SA_YAML_NONE)
    status = sa_net_read_name(scope, name, "input.name", layer.name, error);
  if (!status && sa_yaml_kind(shape) == SA_YAML_NONE)
    status = sa_yaml_fail(node, error, "input needs the key \"shape\"");
  if (!status) status = sa_net_read_shape(reader->net, shape, "input.shape", &layer.out, error);
  return status ? status : sa_net_append(reader, &layer, node, error);
}

static enum sa_status read_network(struct sa_net_reader *reader, struct sa_yaml_node root,
                                   struct sa_error *error) {
  static const char *const keys[] = {"name", "input", "defaults", "extra_params", "layers"};
  struct sa_net *net = reader->net;
  enum sa_status status =
      sa_yaml_check_keys(root, "the network", keys, sizeof keys / sizeof *keys, error);
  if (status) return status;
  const struct sa_yaml_node name = sa_yaml_get(root, "name"), input = sa_yaml_get(root, "input");
  const struct sa_yaml_node extra = sa_yaml_get(root, "extra_params"), layers = sa_yaml_get(root, "layers");
  sa_models_name(sa_yaml_file(root), net->name, sizeof net->name);
  if (sa_yaml_kind(name) != SA_YAML_NONE)
    status = sa_yaml_read_name(name, "name", net->name, sizeof net->name, error);
  if (!status && sa_yaml_kind(extra) != SA_YAML_NONE)
    status = sa_yaml_read_quantity(extra, SA_DIM_COUNT, "extra_params", 0, SA_NET_MAX_TENSOR_BYTES,
                                   &net->extra_params, error);
  reader->defaults = sa_yaml_get(root, "defaults");
  if (!status && sa_yaml_kind(reader->defaults) != SA_YAML_NONE)
    status = sa_net_check_defaults(reader->defaults, error);
  const struct sa_net_scope file = {.entry = UINT32_MAX};
  if (!status && sa_yaml_kind(input) == SA_YAML_NONE)
    status = sa_yaml_fail(root, error, "the network needs the key \"input\"");
  if (!status) status = read_input(reader, &file, input, error);
  if (!status && sa_yaml_kind(layers) == SA_YAML_NONE)
    status = sa_yaml_fail(root, error, "the network needs the key \"layers\"");
  if (!status) status = read_list(reader, &file, layers, "layers", error);
  if (!status) {
    status = sa_net_finish(net, error);
    if (status) status = sa_error_locate(error, status, sa_yaml_file(root), 0, 0);
  }
  return status;
}

/* Reads the document into *net. */
static enum sa_status read_document(const struct sa_yaml *yaml, const struct sa_net_options *options,
                                    struct sa_net *net, struct sa_error *error) {
  sa_net_init(net);
  net->batch = options && options->batch ? options->batch : 1;
  if (net->batch > SA_NET_MAX_BATCH)
    return sa_fail(error, SA_ERR_LIMIT, "batch is %u; it must be between 1 and %u", net->batch,
                   SA_NET_MAX_BATCH);
  struct sa_net_reader reader = {.net = net};
  sa_names_init(&reader.names);
  const enum sa_status status = read_network(&reader, sa_yaml_root(yaml), error);
  sa_names_release(&reader.names);
  if (status) sa_net_release(net);
  return status;
}

enum sa_status sa_net_load(const char *name_or_path, const struct sa_net_options *options,
                           struct sa_net *net, struct sa_error *error) {
  struct sa_yaml *yaml;
  char path[4096];
  sa_net_init(net);
  enum sa_status status = sa_models_find("net", name_or_path, path, sizeof path, error);
  if (!status) status = sa_yaml_load(path, &yaml, error);
  if (status) return status;
  status = read_document(yaml, options, net, error);
  sa_yaml_free(yaml);
  return status;
}

enum sa_status sa_net_parse(const char *file, const char *text, size_t bytes,
                            const struct sa_net_options *options, struct sa_net *net,
                            struct sa_error *error) {
  struct sa_yaml *yaml;
  sa_net_init(net);
  enum sa_status status = sa_yaml_parse(file, text, bytes, &yaml, error);
  if (status) return status;
  status = read_document(yaml, options, net, error);
  sa_yaml_free(yaml);
  return status;
}
