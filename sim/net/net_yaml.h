/* Reads a network from its YAML file; the format is in docs/networks.md. */
#ifndef SA_NET_NET_YAML_H
#define SA_NET_NET_YAML_H
#include <stddef.h>

#include "net/net.h"

#define SA_NET_MAX_REPEAT_DEPTH 8
#define SA_NET_MAX_BATCH 65536u

#define SA_NET_MAX_SETTINGS 64
#define SA_NET_MAX_LIKE 4 /* files that are like one another, in a row */

struct sa_net_options {
  uint32_t batch; /* n of every input, 1..SA_NET_MAX_BATCH; 0: as the file says, else 1 */
  const char *const *settings; /* "NAME=VALUE" for parameters of the file; of one name the last counts */
  size_t setting_count;
};

/* Reads and finishes a network from a file or by the name of a shipped one ("resnet50":
 * models/net/resnet50.yaml, see base/models.h). Settings may stand behind the name too, before those of the
 * options: "gpt2:phase=decode,context=512". On failure *net is empty. */
enum sa_status sa_net_load(const char *name_or_path, const struct sa_net_options *options, struct sa_net *net,
                           struct sa_error *error) SA_CHECKED;
/* The same from text in memory; `file` stands in messages, and its stem is the network's name if the
 * text gives none. */
enum sa_status sa_net_parse(const char *file, const char *text, size_t bytes,
                            const struct sa_net_options *options, struct sa_net *net,
                            struct sa_error *error) SA_CHECKED;
#endif
