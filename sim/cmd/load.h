/* What every command with CONFIG and NETWORK does first. */
#ifndef SA_CMD_LOAD_H
#define SA_CMD_LOAD_H
#include "cmd/command.h"
#include "machine/config.h"
#include "map/map.h"
#include "net/net.h"

/* Options --set, --batch and --map belong into the command's table. */
#define SA_OPTION_BATCH {"batch", 'b', "N", false, "batch size (default: 1)"}
#define SA_OPTION_MAP \
  {"map", 'm', "LAYER:KEY=VALUE,...", true, "fix a layer's mapping: images, rows, cols, order (m or n); repeatable"}
#define SA_MAP_DETAILS \
  "--map l1.0.conv2:rows=8,order=n fixes the tile of M (images, rows, cols of the output) and the loop\n" \
  "order (m: tiles of M outermost, n: tiles of N outermost) of one layer; what is not named stays the\n" \
  "mapper's choice.\n"
#define SA_MAX_OVERRIDES 256

/* Loads argument `index` as a config, with the assignments of --set. */
enum sa_status sa_load_machine(const struct sa_args *args, size_t index, struct sa_config *config,
                               struct sa_error *error) SA_CHECKED;
/* Loads argument `index` as a network, with --batch. On success the caller releases *net. */
enum sa_status sa_load_network(const struct sa_args *args, size_t index, struct sa_net *net,
                               struct sa_error *error) SA_CHECKED;
/* Arguments 0 and 1. */
enum sa_status sa_load_machine_and_network(const struct sa_args *args, struct sa_config *config,
                                           struct sa_net *net, struct sa_error *error) SA_CHECKED;
/* Number of the layer with that name; the message suggests the nearest one. */
enum sa_status sa_load_find_layer(const struct sa_net *net, const char *name, uint32_t *layer,
                                  struct sa_error *error) SA_CHECKED;
/* The values of --map, at most SA_MAX_OVERRIDES. */
enum sa_status sa_load_overrides(const struct sa_args *args, const struct sa_net *net,
                                 struct sa_map_override *overrides, size_t *count,
                                 struct sa_error *error) SA_CHECKED;
#endif
