/* The parameters of a network while its file is read: names with a value that the file gives, that a file
 * which is `like` it gives instead, or that the user sets. A value is a whole number, an expression of other
 * parameters (base/expr.h), or one of these for each phase. It is computed when it is first asked for, so
 * that the order in the file does not matter and what was never asked for is known. */
#ifndef SA_NET_NET_PARAMS_H
#define SA_NET_NET_PARAMS_H
#include "base/yaml_doc.h"
#include "net/net.h"

#define SA_NET_MAX_PARAMS 64
#define SA_NET_MAX_PARAM ((uint64_t)1 << 40) /* of a value; the smallest is 0 */

struct sa_net_param_entry {
  const char *name;          /* in a document */
  struct sa_yaml_node value; /* what the file says */
  const char *given;         /* what the user says, or null; his own text */
  enum { SA_NET_PARAM_OPEN, SA_NET_PARAM_BUSY, SA_NET_PARAM_KNOWN } state;
  bool used;                 /* something asked for it */
  int64_t number;            /* once known */
};

struct sa_net_params {
  struct sa_net_param_entry entries[SA_NET_MAX_PARAMS];
  size_t count;
};

/* Takes the mapping `parameters` of a file (no node: nothing). The documents must outlive *params. */
enum sa_status sa_net_params_read(struct sa_net_params *params, struct sa_yaml_node mapping,
                                  struct sa_error *error) SA_CHECKED;
/* Takes the mapping of a file that is like the one read before: every name must be there already. */
enum sa_status sa_net_params_replace(struct sa_net_params *params, struct sa_yaml_node mapping,
                                     struct sa_error *error) SA_CHECKED;
/* Takes the user's settings "NAME=VALUE", the last of one name counts; `network` stands in messages. The
 * texts must outlive *params. */
enum sa_status sa_net_params_set(struct sa_net_params *params, const char *network, const char *const *settings,
                                 size_t count, struct sa_error *error) SA_CHECKED;
/* A whole number of min .. max, plain or as an expression; `what` begins the message. */
enum sa_status sa_net_params_number(struct sa_net_params *params, struct sa_yaml_node node, const char *what,
                                    uint64_t min, uint64_t max, uint64_t *value,
                                    struct sa_error *error) SA_CHECKED;
/* The same from text; messages have no place. */
enum sa_status sa_net_params_text(struct sa_net_params *params, const char *text, const char *what,
                                  uint64_t min, uint64_t max, uint64_t *value, struct sa_error *error) SA_CHECKED;
/* Whether a comparison holds: `phase == decode`. */
enum sa_status sa_net_params_holds(struct sa_net_params *params, struct sa_yaml_node node, const char *what,
                                   bool *holds, struct sa_error *error) SA_CHECKED;
/* When everything is read: refuses settings that changed nothing, and leaves in *net its phase and the
 * parameters that it depends on. */
enum sa_status sa_net_params_finish(const struct sa_net_params *params, struct sa_net *net,
                                    struct sa_error *error) SA_CHECKED;
#endif
