/* What every command with CONFIG and NETWORK does first. */
#ifndef SA_CMD_LOAD_H
#define SA_CMD_LOAD_H
#include "cmd/command.h"
#include "import/load_any.h"
#include "machine/config.h"
#include "map/map.h"
#include "net/net.h"

/* Options --set, those of a NETWORK, and --map belong into the command's table. A command without CONFIG has
 * SA_OPTION_SET_NETWORK instead of SA_OPTION_SET_BOTH. */
#define SA_OPTION_SET_BOTH \
  {"set", 's', "PARAMETER=VALUE", true, "change a parameter of CONFIG or of NETWORK; repeatable"}
#define SA_OPTION_SET_NETWORK \
  {"set", 's', "PARAMETER=VALUE", true, "change a parameter of NETWORK; repeatable"}
#define SA_OPTIONS_NETWORK \
  {"batch", 'b', "N", false, "batch size (default: the file's, or 1)"}, \
  {"phase", 0, "PHASE", false, "of a network that makes text: prefill or decode"}, \
  {"context", 0, "N", false, "tokens that a decoded one attends to, itself included"}, \
  {"dim", 0, "NAME=SIZE", true, "size of a symbolic dimension of an ONNX model; repeatable"}, \
  {"skip-unknown", 0, NULL, false, "leave out operators of an ONNX model that are not understood"}
#define SA_OPTION_MAP \
  {"map", 'm', "LAYER:KEY=VALUE,...", true, "fix a layer's mapping: images, rows, cols, order (m or n), choice; repeatable"}
#define SA_MAP_DETAILS \
  "--map l1.0.conv2:rows=8,order=n fixes the tile of M (images, rows, cols of the output) and the loop\n" \
  "order (m: tiles of M outermost, n: tiles of N outermost) of one layer; what is not named stays the\n" \
  "mapper's choice. choice=I takes the I-th of the candidates that are left (explain counts them).\n"
#define SA_MAX_OVERRIDES 256
#define SA_MAX_SETTINGS 256

/* Loads argument `index` as a config, with those assignments of --set that are not the network's (names
 * without a dot that no machine knows). *dataflow (may be null): what a .cfg names. */
enum sa_status sa_load_machine(const struct sa_args *args, size_t index, struct sa_config *config,
                               enum sa_dataflow *dataflow, struct sa_error *error) SA_CHECKED;
/* Those assignments of --set. */
enum sa_status sa_load_machine_settings(const struct sa_args *args, const char *settings[SA_MAX_SETTINGS],
                                        size_t *count, struct sa_error *error) SA_CHECKED;
/* Fails if there are others: the command has no network here. */
enum sa_status sa_load_no_network_settings(const struct sa_args *args, struct sa_error *error) SA_CHECKED;
/* Loads a config by name, with assignments of the caller's. Notes go to standard error. */
enum sa_status sa_load_named_machine(const char *name, const char *const *assignments, size_t count,
                                     struct sa_config *config, enum sa_dataflow *dataflow,
                                     struct sa_error *error) SA_CHECKED;
/* Loads argument `index` as a network of any form, with SA_OPTIONS_NETWORK and its part of --set
 * (all of it if index is 0: there is no CONFIG). Notes go to standard error. On
 * success the caller releases *net. */
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
