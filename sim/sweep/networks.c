/* Networks of a sweep: names, perhaps with settings behind them ("bert-base:seq=384"), or mappings that give
 * parameters one value or several: {name: bert-base, seq: [128, 384]}. See networks.h. */
#include "sweep/networks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/vec.h"
#include "import/load_any.h"
#include "net/net_write.h"

enum { MAX_BATCHES = 64, NAME_CHARS = 512, MAX_NETWORKS = 4096, MAX_PARAMETERS = 32 };

static enum sa_status no_memory(struct sa_error *error) {
  return sa_fail(error, SA_ERR_MEMORY, "out of memory");
}

enum sa_status sa_sweep_hash_network(const struct sa_net *net, uint64_t *hash, struct sa_error *error) {
  char *text = NULL;
  size_t bytes = 0;
  FILE *out = open_memstream(&text, &bytes);
  if (!out) return no_memory(error);
  sa_net_write(net, out);
  const bool failed = ferror(out) != 0;
  if (fclose(out) != 0 || failed) {
    free(text);
    return no_memory(error);
  }
  *hash = sa_hash_bytes(SA_HASH_INIT, text, bytes);
  free(text);
  return SA_OK;
}

/* What stands behind the colon in "bert-base:seq=384"; "" (the end) if nothing does. */
static const char *settings_of(const char *name, const struct sa_net *net) {
  bool given = false;
  for (uint32_t i = 0; i < net->param_count; i++) given = given || net->params[i].is_given;
  const char *colon = given ? strrchr(name, ':') : NULL;
  return colon ? colon + 1 : name + strlen(name);
}

static enum sa_status add_network(struct sa_sweep *sweep, struct sa_yaml_node node, const char *name,
                                  uint32_t batch, struct sa_error *error) {
  if (sweep->network_count == MAX_NETWORKS)
    return sa_yaml_fail(node, error, "the sweep has more than %d networks, with their parameters and batches",
                        MAX_NETWORKS);
  struct sa_sweep_network *grown =
      sa_vec_grow(sweep->networks, &sweep->network_capacity, sweep->network_count + 1, sizeof *grown);
  if (!grown) return no_memory(error);
  sweep->networks = grown;
  struct sa_sweep_network *network = &grown[sweep->network_count];
  *network = (struct sa_sweep_network){0};
  const struct sa_net_choice choice = {.onnx = {.batch = batch}};
  struct sa_error inner = {0};
  enum sa_status status = sa_load_any_net(name, &choice, &network->net, NULL, &inner);
  if (status == SA_ERR_MEMORY) return no_memory(error);
  if (status) { /* with the place in this file before that in the network's */
    char text[sizeof inner.message];
    return sa_yaml_fail(node, error, "%s", sa_error_format(&inner, text, sizeof text));
  }
  status = sa_sweep_hash_network(&network->net, &network->hash, error);
  if (status) {
    sa_net_release(&network->net);
    return status;
  }
  sweep->network_count++;
  const char *settings = settings_of(name, &network->net);
  network->name = strndup(name, (size_t)(settings - name) - (*settings ? 1 : 0));
  network->parameters = strdup(settings);
  if (!network->name || !network->parameters) return no_memory(error);
  for (size_t i = 0; i + 1 < sweep->network_count; i++)
    if (sweep->networks[i].net.batch == network->net.batch && strcmp(sweep->networks[i].name, network->name) == 0 &&
        strcmp(sweep->networks[i].parameters, settings) == 0)
      return sa_yaml_fail(node, error, "network %s with batch %u is given twice", name, network->net.batch);
  return SA_OK;
}

/* ---- Mappings ---- */

/* Parameters with their values, counted through like the digits of a number. */
struct choices {
  struct sa_yaml_node keys[MAX_PARAMETERS], values[MAX_PARAMETERS];
  size_t at[MAX_PARAMETERS];
  size_t count;
};

static struct sa_yaml_node value_of(const struct choices *choices, size_t i) {
  const struct sa_yaml_node node = choices->values[i];
  return sa_yaml_kind(node) == SA_YAML_SEQUENCE ? sa_yaml_item(node, choices->at[i]) : node;
}

/* The next combination, the last parameter fastest; false after the last one. */
static bool next_choice(struct choices *choices) {
  for (size_t i = choices->count; i-- > 0;) {
    const bool list = sa_yaml_kind(choices->values[i]) == SA_YAML_SEQUENCE;
    if (list && ++choices->at[i] < sa_yaml_count(choices->values[i])) return true;
    choices->at[i] = 0;
  }
  return false;
}

static enum sa_status read_choices(struct sa_yaml_node map, struct choices *choices, struct sa_error *error) {
  choices->count = 0;
  for (size_t i = 0; i < sa_yaml_count(map); i++) {
    const struct sa_yaml_node key = sa_yaml_key(map, i), value = sa_yaml_value(map, i);
    if (strcmp(sa_yaml_text(key), "name") == 0) continue;
    if (choices->count == MAX_PARAMETERS)
      return sa_yaml_fail(key, error, "a network is given more than %d parameters", MAX_PARAMETERS);
    if (sa_yaml_kind(value) == SA_YAML_SEQUENCE && sa_yaml_count(value) == 0)
      return sa_yaml_fail(value, error, "%.64s has no value", sa_yaml_text(key));
    choices->keys[choices->count] = key;
    choices->values[choices->count] = value;
    choices->at[choices->count++] = 0;
  }
  return SA_OK;
}

/* "bert-base:phase=decode,context=128" for the combination at hand. */
static enum sa_status write_name(const char *name, const struct choices *choices, char whole[NAME_CHARS],
                                 struct sa_error *error) {
  size_t used = (size_t)snprintf(whole, NAME_CHARS, "%s", name);
  bool has_settings = strrchr(name, ':') && strchr(strrchr(name, ':'), '=');
  for (size_t i = 0; i < choices->count; i++) {
    const struct sa_yaml_node value = value_of(choices, i);
    const enum sa_status status = sa_yaml_expect(value, SA_YAML_SCALAR, sa_yaml_text(choices->keys[i]), error);
    if (status) return status;
    if (strpbrk(sa_yaml_text(value), ",:="))
      return sa_yaml_fail(value, error, "%.64s is \"%.64s\"; a value has no comma, colon or equals sign",
                          sa_yaml_text(choices->keys[i]), sa_yaml_text(value));
    used += (size_t)snprintf(whole + used, NAME_CHARS - used, "%s%s=%s", has_settings ? "," : ":",
                             sa_yaml_text(choices->keys[i]), sa_yaml_text(value));
    if (used >= NAME_CHARS)
      return sa_yaml_fail(value, error, "the network's name with its parameters is longer than %d characters",
                          NAME_CHARS - 1);
    has_settings = true;
  }
  return SA_OK;
}

static enum sa_status add_mapping(struct sa_sweep *sweep, struct sa_yaml_node map, const uint32_t *batches,
                                  size_t batch_count, struct sa_error *error) {
  struct choices choices;
  char name[NAME_CHARS], whole[NAME_CHARS];
  const struct sa_yaml_node name_node = sa_yaml_get(map, "name");
  if (!name_node.id) return sa_yaml_fail(map, error, "a network's name is missing");
  enum sa_status status = sa_yaml_read_name(name_node, "name", name, sizeof name, error);
  if (!status) status = read_choices(map, &choices, error);
  if (status) return status;
  do {
    status = write_name(name, &choices, whole, error);
    for (size_t k = 0; k < batch_count && !status; k++) status = add_network(sweep, map, whole, batches[k], error);
  } while (!status && next_choice(&choices));
  return status;
}

/* ---- All of them ---- */

/* The batch sizes; none given: 0, as the network's file says. */
static enum sa_status read_batches(struct sa_yaml_node list, uint32_t batches[MAX_BATCHES], size_t *count,
                                   struct sa_error *error) {
  batches[0] = 0;
  *count = 1;
  if (!list.id) return SA_OK;
  enum sa_status status = sa_yaml_expect(list, SA_YAML_SEQUENCE, "batches", error);
  if (status) return status;
  *count = sa_yaml_count(list);
  if (*count == 0 || *count > MAX_BATCHES)
    return sa_yaml_fail(list, error, "batches has %zu values; it takes 1 to %d", *count, MAX_BATCHES);
  for (size_t i = 0; i < *count && !status; i++)
    status = sa_yaml_read_u32(sa_yaml_item(list, i), "a batch", 1, 65536, &batches[i], error);
  return status;
}

enum sa_status sa_sweep_read_networks(struct sa_sweep *sweep, struct sa_yaml_node root, struct sa_error *error) {
  const struct sa_yaml_node list = sa_yaml_get(root, "networks");
  uint32_t batches[MAX_BATCHES];
  size_t batch_count;
  if (!list.id) return sa_yaml_fail(root, error, "networks are missing");
  enum sa_status status = sa_yaml_expect(list, SA_YAML_SEQUENCE, "networks", error);
  if (!status && sa_yaml_count(list) == 0) return sa_yaml_fail(list, error, "networks has no value");
  if (!status) status = read_batches(sa_yaml_get(root, "batches"), batches, &batch_count, error);
  for (size_t i = 0; !status && i < sa_yaml_count(list); i++) {
    const struct sa_yaml_node item = sa_yaml_item(list, i);
    char name[NAME_CHARS];
    if (sa_yaml_kind(item) == SA_YAML_MAPPING) {
      status = add_mapping(sweep, item, batches, batch_count, error);
      continue;
    }
    status = sa_yaml_read_name(item, "a network", name, sizeof name, error);
    for (size_t k = 0; k < batch_count && !status; k++) status = add_network(sweep, item, name, batches[k], error);
  }
  return status;
}
