/* Inside the network reader: what value_yaml.c (one value), layer_yaml.c (one layer) and net_yaml.c (the
 * file) share. */
#ifndef SA_NET_READER_H
#define SA_NET_READER_H
#include "base/yaml_doc.h"
#include "net/names.h"
#include "net/net.h"
#include "net/net_params.h"

#define SA_NET_MAX_SIZE ((uint32_t)INT32_MAX) /* of one dimension */

/* One repetition of a repeated block; outer null: the file itself. */
struct sa_net_scope {
  const struct sa_net_scope *outer;
  char prefix[64];   /* before the names inside: "block.3." */
  uint32_t entry;    /* what `entry` names; UINT32_MAX: nothing */
  uint32_t block;    /* sa_layer.block of the layers inside */
  unsigned depth;
};

struct sa_net_reader {
  struct sa_net *net;
  size_t capacity;   /* of net->layers */
  struct sa_names names;
  struct sa_net_params params;
  struct sa_yaml_node defaults; /* may be no node */
};

/* ---- layer_yaml.c ---- */
/* Checks `defaults`: types, and keys that make sense as a default. */
enum sa_status sa_net_check_defaults(struct sa_yaml_node defaults, struct sa_error *error) SA_CHECKED;
/* Appends the layer that the mapping describes. */
enum sa_status sa_net_read_layer(struct sa_net_reader *reader, const struct sa_net_scope *scope,
                                 struct sa_yaml_node node, struct sa_error *error) SA_CHECKED;
/* Appends a layer and finishes it; errors point to `place`. */
enum sa_status sa_net_append(struct sa_net_reader *reader, const struct sa_layer *layer,
                             struct sa_yaml_node place, struct sa_error *error) SA_CHECKED;
/* ---- value_yaml.c ---- */
/* A whole number, plain or as an expression of the file's parameters. `what` begins messages. */
enum sa_status sa_net_read_u32(struct sa_net_reader *reader, struct sa_yaml_node value, const char *what,
                               uint32_t min, uint32_t max, uint32_t *number, struct sa_error *error) SA_CHECKED;
/* N or [h, w]. */
enum sa_status sa_net_read_pair(struct sa_net_reader *reader, struct sa_yaml_node value, const char *what,
                                uint32_t min, uint32_t max, uint32_t *h, uint32_t *w,
                                struct sa_error *error) SA_CHECKED;
/* [c], [w, c] or [h, w, c]; n from the network's batch. */
enum sa_status sa_net_read_shape(struct sa_net_reader *reader, struct sa_yaml_node node, const char *what,
                                 struct sa_shape *shape, struct sa_error *error) SA_CHECKED;
/* A name: its characters checked, the scope's prefix before it. */
enum sa_status sa_net_read_name(const struct sa_net_scope *scope, struct sa_yaml_node node,
                                const char *what, char name[64], struct sa_error *error) SA_CHECKED;
/* The layer called `name` seen from the scope (in this repetition, in those around it, in the file), `prev`
 * or `entry`; UINT32_MAX if there is none. */
uint32_t sa_net_find_layer(const struct sa_net_reader *reader, const struct sa_net_scope *scope,
                           const char *name);
/* NAME or NAME[first:end] of a layer before this one. */
enum sa_status sa_net_read_reference(struct sa_net_reader *reader, const struct sa_net_scope *scope,
                                     struct sa_yaml_node value, const char *what, struct sa_layer_input *input,
                                     struct sa_error *error) SA_CHECKED;
#endif
