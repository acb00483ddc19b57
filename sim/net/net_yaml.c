/* Reads a network file: its head, its list of layers, and the repeated blocks in it, or the file that it is
 * like. One layer is layer_yaml.c's, parameters are net_params.c's. */
#include "net/net_yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/models.h"
#include "net/reader.h"

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

static enum sa_status read_list(struct sa_net_reader *reader, const struct sa_net_scope *scope,
                                struct sa_yaml_node list, const char *what, struct sa_error *error);

/* `repeat: N, name: block, layers: [...]`: the list N times, its names behind "block.0." and so on. */
static enum sa_status read_repeat(struct sa_net_reader *reader, const struct sa_net_scope *outer,
                                  struct sa_yaml_node node, struct sa_error *error) {
  static const char *const keys[] = {"repeat", "name", "first", "layers", "when"};
  enum sa_status status =
      sa_yaml_check_keys(node, "a repeated block", keys, sizeof keys / sizeof *keys, error);
  if (status) return status;
  if (outer->depth == SA_NET_MAX_REPEAT_DEPTH)
    return sa_yaml_fail(node, error, "repeated blocks are nested more than %d deep",
                        SA_NET_MAX_REPEAT_DEPTH);
  const struct sa_yaml_node name_node = sa_yaml_get(node, "name"), first_node = sa_yaml_get(node, "first");
  uint32_t times = 0, first = 0;
  char name[64];
  status = sa_net_read_u32(reader, sa_yaml_get(node, "repeat"), "repeat", 1, SA_NET_MAX_LAYERS, &times, error);
  if (status) return status;
  if (sa_yaml_kind(name_node) == SA_YAML_NONE)
    return sa_yaml_fail(node, error, "a repeated block needs the key \"name\"");
  if (sa_yaml_kind(sa_yaml_get(node, "layers")) == SA_YAML_NONE)
    return sa_yaml_fail(node, error, "a repeated block needs the key \"layers\"");
  status = sa_net_read_name(outer, name_node, "a repeated block's name", name, error);
  if (!status && sa_yaml_kind(first_node) != SA_YAML_NONE)
    status = sa_net_read_u32(reader, first_node, "first", 0, SA_NET_MAX_LAYERS, &first, error);
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
    const struct sa_yaml_node item = sa_yaml_item(list, i), when = sa_yaml_get(item, "when");
    bool is_there = true;
    if (sa_yaml_kind(when) != SA_YAML_NONE)
      status = sa_net_params_holds(&reader->params, when, "when", &is_there, error);
    if (status || !is_there) continue;
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
  if (!status) status = sa_net_read_shape(reader, shape, "input.shape", &layer.out, error);
  return status ? status : sa_net_append(reader, &layer, node, error);
}

static bool is_control(char c) { return (unsigned char)c < 0x20 || c == 0x7f; }

/* The network's own name stands in reports and on terminals. */
static enum sa_status read_own_name(struct sa_net *net, struct sa_yaml_node root, struct sa_error *error) {
  const struct sa_yaml_node name = sa_yaml_get(root, "name");
  if (sa_yaml_kind(name) == SA_YAML_NONE) {
    sa_models_name(sa_yaml_file(root), net->name, sizeof net->name);
    for (char *c = net->name; *c; c++)
      if (is_control(*c)) *c = '?';
    return SA_OK;
  }
  const enum sa_status status = sa_yaml_read_name(name, "name", net->name, sizeof net->name, error);
  for (const char *c = net->name; *c && !status; c++)
    if (is_control(*c))
      return sa_yaml_fail(name, error, "name has a control character (byte %d) at place %td", *c, c - net->name + 1);
  return status;
}

static enum sa_status read_network(struct sa_net_reader *reader, struct sa_yaml_node root,
                                   struct sa_error *error) {
  struct sa_net *net = reader->net;
  const struct sa_yaml_node input = sa_yaml_get(root, "input"), tokens = sa_yaml_get(root, "tokens");
  const struct sa_yaml_node extra = sa_yaml_get(root, "extra_params"), layers = sa_yaml_get(root, "layers");
  enum sa_status status = SA_OK;
  if (sa_yaml_kind(extra) != SA_YAML_NONE)
    status = sa_net_params_number(&reader->params, extra, "extra_params", 0, SA_NET_MAX_TENSOR_BYTES,
                                  &net->extra_params, error);
  if (!status && sa_yaml_kind(tokens) != SA_YAML_NONE)
    status = sa_net_params_number(&reader->params, tokens, "tokens", 1, SA_NET_MAX_SIZE, &net->tokens, error);
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
  return status ? status : sa_net_params_finish(&reader->params, net, error);
}

/* ---- Files ---- */

/* A file, and those that it is like: files[0] has the user's name, the last one has the layers. */
struct family {
  struct sa_yaml *files[SA_NET_MAX_LIKE + 1];
  size_t count;
};

static void release_family(struct family *family) {
  for (size_t i = 0; i < family->count; i++) sa_yaml_free(family->files[i]);
}

/* The file NAME.yaml beside this one, else the shipped network of that name. A name comes from a file, so it
 * cannot lead elsewhere. */
static enum sa_status find_like(struct sa_yaml_node node, char *path, size_t size, struct sa_error *error) {
  char name[64];
  enum sa_status status = sa_yaml_read_name(node, "like", name, sizeof name, error);
  if (status) return status;
  if (name[0] == '.' || name[strspn(name, NAME_CHARACTERS)] != '\0')
    return sa_yaml_fail(node, error, "like is \"%s\"; it must be a network's name: letters, digits and . _ -", name);
  const char *file = sa_yaml_file(node), *slash = strrchr(file, '/');
  const int folder = slash ? (int)(slash - file) + 1 : 0;
  const int length = snprintf(path, size, "%.*s%s.yaml", folder, file, name);
  if (length > 0 && (size_t)length < size && access(path, F_OK) == 0) return SA_OK;
  status = sa_models_shipped("net", name, path, size, error);
  if (!status) return SA_OK;
  return sa_error_locate(error, status, file, sa_yaml_line(node), sa_yaml_column(node));
}

/* Loads what files[0] is like, and so on. */
static enum sa_status load_family(struct family *family, struct sa_error *error) {
  static const char *const keys[] = {"name", "parameters", "batch", "input", "tokens", "defaults", "extra_params", "layers"};
  static const char *const like_keys[] = {"name", "parameters", "like"};
  for (;;) {
    const struct sa_yaml_node root = sa_yaml_root(family->files[family->count - 1]);
    const struct sa_yaml_node like = sa_yaml_get(root, "like");
    char path[4096];
    if (sa_yaml_kind(like) == SA_YAML_NONE)
      return sa_yaml_check_keys(root, "the network", keys, sizeof keys / sizeof *keys, error);
    enum sa_status status = sa_yaml_check_keys(root, "a network that is like another", like_keys,
                                               sizeof like_keys / sizeof *like_keys, error);
    if (!status && family->count > SA_NET_MAX_LIKE)
      return sa_yaml_fail(like, error, "networks are like each other more than %d times in a row", SA_NET_MAX_LIKE);
    if (!status) status = find_like(like, path, sizeof path, error);
    if (!status) status = sa_yaml_load(path, &family->files[family->count], error);
    if (status) return status;
    family->count++;
  }
}

/* Reads the parameters from the last file to the first, the user's settings over them, then the layers. */
static enum sa_status read_family(const struct family *family, struct sa_net_reader *reader,
                                  const char *const *settings, size_t setting_count, struct sa_error *error) {
  const struct sa_yaml_node first = sa_yaml_root(family->files[0]);
  const struct sa_yaml_node base = sa_yaml_root(family->files[family->count - 1]);
  enum sa_status status = read_own_name(reader->net, first, error);
  if (!status) status = sa_net_params_read(&reader->params, sa_yaml_get(base, "parameters"), error);
  for (size_t i = family->count - 1; i-- > 0 && !status;)
    status = sa_net_params_replace(&reader->params, sa_yaml_get(sa_yaml_root(family->files[i]), "parameters"), error);
  if (!status) status = sa_net_params_set(&reader->params, reader->net->name, settings, setting_count, error);
  const struct sa_yaml_node batch = sa_yaml_get(base, "batch");
  if (!status && sa_yaml_kind(batch) != SA_YAML_NONE) { /* an error in it even where it does not count */
    uint32_t own = 0;
    status = sa_net_read_u32(reader, batch, "batch", 1, SA_NET_MAX_BATCH, &own, error);
    if (reader->net->batch == 0) reader->net->batch = own;
  }
  if (reader->net->batch == 0) reader->net->batch = 1;
  return status ? status : read_network(reader, base, error);
}

/* Reads the document, which it frees, into *net. */
static enum sa_status read_document(struct sa_yaml *yaml, uint32_t batch, const char *const *settings,
                                    size_t setting_count, struct sa_net *net, struct sa_error *error) {
  struct family family = {{yaml}, 1};
  sa_net_init(net);
  net->batch = batch; /* 0: as the file says */
  struct sa_net_reader *reader = calloc(1, sizeof *reader);
  enum sa_status status = SA_OK;
  if (!reader)
    status = sa_fail(error, SA_ERR_MEMORY, "out of memory for a network");
  else if (net->batch > SA_NET_MAX_BATCH)
    status = sa_fail(error, SA_ERR_LIMIT, "batch is %u; it must be between 1 and %u", net->batch, SA_NET_MAX_BATCH);
  if (reader) {
    reader->net = net;
    sa_names_init(&reader->names);
    if (!status) status = load_family(&family, error);
    if (!status) status = read_family(&family, reader, settings, setting_count, error);
    sa_names_release(&reader->names);
    free(reader);
  }
  release_family(&family);
  if (status) sa_net_release(net);
  return status;
}

/* "NAME:SETTING,SETTING" is cut in *text at the colon; the settings come before those of the options.
 * A colon of a file's name stays. Returns how many settings there are, or more than the limit. */
static size_t split_settings(char *text, const struct sa_net_options *options,
                             const char *settings[SA_NET_MAX_SETTINGS]) {
  size_t count = 0;
  char *colon = strrchr(text, ':');
  if (colon && strchr(colon, '=') && access(text, F_OK) != 0) {
    *colon = '\0';
    char *rest = colon + 1;
    for (char *part; (part = strsep(&rest, ","));) {
      if (count == SA_NET_MAX_SETTINGS) return count + 1;
      settings[count++] = part;
    }
  }
  for (size_t i = 0; options && i < options->setting_count; i++) {
    if (count == SA_NET_MAX_SETTINGS) return count + 1;
    settings[count++] = options->settings[i];
  }
  return count;
}

enum sa_status sa_net_load(const char *name_or_path, const struct sa_net_options *options,
                           struct sa_net *net, struct sa_error *error) {
  const char *settings[SA_NET_MAX_SETTINGS];
  struct sa_yaml *yaml;
  char path[4096];
  sa_net_init(net);
  char *text = strdup(name_or_path);
  if (!text) return sa_fail(error, SA_ERR_MEMORY, "out of memory for a name");
  const size_t count = split_settings(text, options, settings);
  enum sa_status status = SA_OK;
  if (count > SA_NET_MAX_SETTINGS)
    status = sa_fail(error, SA_ERR_INPUT, "more than %d settings of a network are given", SA_NET_MAX_SETTINGS);
  if (!status) status = sa_models_find("net", text, path, sizeof path, error);
  if (!status) status = sa_yaml_load(path, &yaml, error);
  if (!status) status = read_document(yaml, options ? options->batch : 0, settings, count, net, error);
  free(text);
  return status;
}

enum sa_status sa_net_parse(const char *file, const char *text, size_t bytes,
                            const struct sa_net_options *options, struct sa_net *net,
                            struct sa_error *error) {
  struct sa_yaml *yaml;
  sa_net_init(net);
  const enum sa_status status = sa_yaml_parse(file, text, bytes, &yaml, error);
  if (status) return status;
  return read_document(yaml, options ? options->batch : 0, options ? options->settings : NULL,
                       options ? options->setting_count : 0, net, error);
}
