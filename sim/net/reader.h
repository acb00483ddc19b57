/* Inside the network reader: what layer_yaml.c (one layer) and net_yaml.c (the file) share. */
#ifndef SA_NET_READER_H
#define SA_NET_READER_H
#include "base/yaml_doc.h"
#include "net/names.h"
#include "net/net.h"

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
  struct sa_yaml_node defaults; /* may be no node */
};

/* Checks `defaults`: types, and keys that make sense as a default. */
enum sa_status sa_net_check_defaults(struct sa_yaml_node defaults, struct sa_error *error) SA_CHECKED;
/* Appends the layer that the mapping describes. */
enum sa_status sa_net_read_layer(struct sa_net_reader *reader, const struct sa_net_scope *scope,
                                 struct sa_yaml_node node, struct sa_error *error) SA_CHECKED;
/* Reads a name, checks its characters and puts the scope's prefix before it. */
enum sa_status sa_net_read_name(const struct sa_net_scope *scope, struct sa_yaml_node node,
                                const char *what, char name[64], struct sa_error *error) SA_CHECKED;
/* Appends a layer and finishes it; errors point to `place`. */
enum sa_status sa_net_append(struct sa_net_reader *reader, const struct sa_layer *layer,
                             struct sa_yaml_node place, struct sa_error *error) SA_CHECKED;
/* [c], [w, c] or [h, w, c]; n from the network's batch. */
enum sa_status sa_net_read_shape(const struct sa_net *net, struct sa_yaml_node node, const char *what,
                                 struct sa_shape *shape, struct sa_error *error) SA_CHECKED;
#endif
