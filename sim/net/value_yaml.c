/* Reads what the keys of a network file may hold: numbers, shapes, names, references to layers. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "net/reader.h"

enum { MAX_REFERENCE = 256 };

/* ---- Numbers ---- */

enum sa_status sa_net_read_u32(struct sa_net_reader *reader, struct sa_yaml_node value, const char *what,
                               uint32_t min, uint32_t max, uint32_t *number, struct sa_error *error) {
  uint64_t wide = 0;
  const enum sa_status status = sa_net_params_number(&reader->params, value, what, min, max, &wide, error);
  if (!status) *number = (uint32_t)wide;
  return status;
}

enum sa_status sa_net_read_pair(struct sa_net_reader *reader, struct sa_yaml_node value, const char *what,
                                uint32_t min, uint32_t max, uint32_t *h, uint32_t *w, struct sa_error *error) {
  if (sa_yaml_kind(value) == SA_YAML_SEQUENCE) {
    if (sa_yaml_count(value) != 2)
      return sa_yaml_fail(value, error, "%s has %zu numbers; it must be one number or [h, w]", what,
                          sa_yaml_count(value));
    const enum sa_status status = sa_net_read_u32(reader, sa_yaml_item(value, 0), what, min, max, h, error);
    return status ? status : sa_net_read_u32(reader, sa_yaml_item(value, 1), what, min, max, w, error);
  }
  const enum sa_status status = sa_net_read_u32(reader, value, what, min, max, h, error);
  if (!status) *w = *h;
  return status;
}

enum sa_status sa_net_read_shape(struct sa_net_reader *reader, struct sa_yaml_node node, const char *what,
                                 struct sa_shape *shape, struct sa_error *error) {
  enum sa_status status = sa_yaml_expect(node, SA_YAML_SEQUENCE, what, error);
  if (status) return status;
  const size_t count = sa_yaml_count(node);
  if (count < 1 || count > 3)
    return sa_yaml_fail(node, error, "%s has %zu numbers; it must be [c], [w, c] or [h, w, c]", what,
                        count);
  *shape = (struct sa_shape){reader->net->batch, 1, 1, 1};
  uint32_t *const sizes[] = {&shape->h, &shape->w, &shape->c};
  for (size_t i = 0; i < count && !status; i++)
    status = sa_net_read_u32(reader, sa_yaml_item(node, i), what, 1, SA_NET_MAX_SIZE, sizes[3 - count + i], error);
  return status;
}

/* ---- Names ---- */

enum sa_status sa_net_read_name(const struct sa_net_scope *scope, struct sa_yaml_node node,
                                const char *what, char name[64], struct sa_error *error) {
  char own[64];
  const enum sa_status status = sa_yaml_read_name(node, what, own, sizeof own, error);
  if (status) return status;
  for (const char *c = own; *c; c++)
    if (!isalnum((unsigned char)*c) && !strchr("._-+/", *c))
      return sa_yaml_fail(node, error, "%s is \"%s\"; it must consist of letters, digits and . _ - + /",
                          what, own);
  if (strcmp(own, "prev") == 0 || strcmp(own, "entry") == 0)
    return sa_yaml_fail(node, error, "%s is \"%s\", which is a reserved word", what, own);
  const size_t length = strlen(scope->prefix) + strlen(own);
  if (length > 63)
    return sa_yaml_fail(node, error, "%s is \"%s%s\" with %zu characters; it must have at most 63", what,
                        scope->prefix, own, length);
  memcpy(name, scope->prefix, strlen(scope->prefix));
  memcpy(name + strlen(scope->prefix), own, strlen(own) + 1);
  return SA_OK;
}

/* ---- References ---- */

uint32_t sa_net_find_layer(const struct sa_net_reader *reader, const struct sa_net_scope *scope,
                           const char *name) {
  if (strcmp(name, "prev") == 0)
    return reader->net->layer_count ? reader->net->layer_count - 1 : UINT32_MAX;
  if (strcmp(name, "entry") == 0) return scope->entry;
  for (; scope; scope = scope->outer) {
    char full[MAX_REFERENCE + 64];
    snprintf(full, sizeof full, "%s%s", scope->prefix, name);
    const uint32_t layer = sa_names_find(&reader->names, reader->net, full);
    if (layer != UINT32_MAX) return layer;
  }
  return UINT32_MAX;
}

static enum sa_status fail_unknown(const struct sa_net *net, struct sa_yaml_node value, const char *what,
                                   const char *name, struct sa_error *error) {
  if (strcmp(name, "entry") == 0)
    return sa_yaml_fail(value, error, "%s is \"entry\", which only layers of a repeated block have", what);
  const char **names = malloc((net->layer_count + 1) * sizeof *names);
  if (!names) return sa_fail(error, SA_ERR_MEMORY, "out of memory for %u names", net->layer_count);
  for (uint32_t i = 0; i < net->layer_count; i++) names[i] = net->layers[i].name;
  char hint[160];
  sa_suggest_hint(hint, sizeof hint, name, names, net->layer_count);
  free(names);
  return sa_yaml_fail(value, error, "%s is \"%.95s\"; no layer before it has that name%s", what, name, hint);
}

/* "first:end]", each a number or an expression. */
static enum sa_status read_slice(struct sa_net_reader *reader, struct sa_yaml_node value, const char *what,
                                 char *slice, struct sa_layer_input *input, struct sa_error *error) {
  char *colon = strchr(slice, ':'), *bracket = strchr(slice, ']');
  uint64_t first = 0, end = 0;
  if (!colon || !bracket || bracket < colon || bracket[1] != '\0' || colon == slice || bracket == colon + 1)
    return sa_yaml_fail(value, error, "%s is \"%.95s\"; channels are written name[first:end], first < end", what,
                        sa_yaml_text(value));
  *colon = *bracket = '\0';
  enum sa_status status = sa_net_params_text(&reader->params, slice, what, 0, SA_NET_MAX_SIZE, &first, error);
  if (!status) status = sa_net_params_text(&reader->params, colon + 1, what, 0, SA_NET_MAX_SIZE, &end, error);
  if (status)
    return sa_error_locate(error, status, sa_yaml_file(value), sa_yaml_line(value), sa_yaml_column(value));
  if (first >= end)
    return sa_yaml_fail(value, error, "%s is \"%.95s\"; channels are written name[first:end], first < end", what,
                        sa_yaml_text(value));
  input->c_first = (uint32_t)first;
  input->c_count = (uint32_t)(end - first);
  return SA_OK;
}

enum sa_status sa_net_read_reference(struct sa_net_reader *reader, const struct sa_net_scope *scope,
                                     struct sa_yaml_node value, const char *what, struct sa_layer_input *input,
                                     struct sa_error *error) {
  char name[MAX_REFERENCE];
  enum sa_status status = sa_yaml_read_name(value, what, name, sizeof name, error);
  if (status) return status;
  *input = (struct sa_layer_input){0};
  char *slice = strchr(name, '[');
  if (slice) {
    *slice = '\0';
    status = read_slice(reader, value, what, slice + 1, input, error);
    if (status) return status;
  }
  input->layer = sa_net_find_layer(reader, scope, name);
  return input->layer == UINT32_MAX ? fail_unknown(reader->net, value, what, name, error) : SA_OK;
}
