/* Reading a point back: see recall.h. */
#include <config.h>

#include "sweep/recall.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import/load_any.h"
#include "machine/params.h"

void sa_recalled_init(struct sa_recalled *recalled) { memset(recalled, 0, sizeof *recalled); }

void sa_recalled_release(struct sa_recalled *recalled) {
  free(recalled->network.name);
  free(recalled->network.parameters);
  sa_net_release(&recalled->network.net);
  sa_recalled_init(recalled);
}

/* The row's column of that name, or -1. */
static int find_column(sqlite3_stmt *row, const char *name) {
  for (int i = sqlite3_column_count(row); i-- > 0;)
    if (strcmp(sqlite3_column_name(row, i), name) == 0) return i;
  return -1;
}

static const char *text_of(sqlite3_stmt *row, const char *name) {
  const int column = find_column(row, name);
  const char *text = column < 0 ? NULL : (const char *)sqlite3_column_text(row, column);
  return text ? text : "";
}

static uint64_t number_of(sqlite3_stmt *row, const char *name) {
  const int column = find_column(row, name);
  return column < 0 ? 0 : (uint64_t)sqlite3_column_int64(row, column);
}

static bool same_machine(const struct sa_config *a, const struct sa_config *b) {
  for (size_t i = 0; i < SA_PARAMS; i++)
    if (sa_param_get(&sa_params[i], a) != sa_param_get(&sa_params[i], b)) return false;
  return true;
}

/* Takes away every parameter that its default would give back, so that what followed another parameter
 * follows it again. The number of ports decides what the weight port's defaults are and stays. */
static void drop_defaults(struct sa_recalled *recalled) {
  for (size_t i = 0; i < SA_PARAMS; i++) {
    struct sa_config given = recalled->given;
    if (strcmp(sa_params[i].name, "memory.ports") == 0) continue;
    sa_param_put(&sa_params[i], &given, 0);
    struct sa_config finished = given;
    if (sa_config_finish(&finished, NULL) == SA_OK && same_machine(&finished, &recalled->config))
      recalled->given = given;
  }
}

static enum sa_status read_machine(sqlite3_stmt *row, struct sa_recalled *recalled, struct sa_error *error) {
  struct sa_config *config = &recalled->config;
  snprintf(config->name, sizeof config->name, "%s", text_of(row, "config"));
  for (size_t i = 0; i < SA_PARAMS; i++) {
    char name[SA_STORE_NAME_CHARS];
    sa_store_name(sa_params[i].name, name);
    const int column = find_column(row, name);
    if (column < 0 || sqlite3_column_type(row, column) == SQLITE_NULL) continue;
    uint64_t value = (uint64_t)sqlite3_column_int64(row, column);
    enum sa_status status = SA_OK;
    if (sa_params[i].rule == SA_PARAM_CHOICE)
      status = sa_param_parse(&sa_params[i], text_of(row, name), &value, error);
    if (!status) status = sa_param_check(&sa_params[i], value, error);
    if (status) return status;
    sa_param_put(&sa_params[i], config, value);
  }
  recalled->given = *config;
  const enum sa_status status = sa_config_finish(config, error);
  if (!status) drop_defaults(recalled);
  return status;
}

/* The network is the one of that name now; its content must be the same still. */
static enum sa_status read_network(sqlite3_stmt *row, struct sa_recalled *recalled, struct sa_error *error) {
  struct sa_sweep_network *network = &recalled->network;
  char hash[SA_STORE_ID_CHARS], *whole = NULL;
  network->name = strdup(text_of(row, "network"));
  network->parameters = strdup(text_of(row, "network_parameters"));
  if (!network->name || !network->parameters ||
      asprintf(&whole, "%s%s%s", network->name, network->parameters[0] ? ":" : "", network->parameters) < 0)
    return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  const struct sa_net_choice choice = {.onnx = {.batch = (uint32_t)number_of(row, "batch")}};
  enum sa_status status = sa_load_any_net(whole, &choice, &network->net, NULL, error);
  if (!status) status = sa_sweep_hash_network(&network->net, &network->hash, error);
  if (!status && strcmp(sa_store_id(network->hash, hash), text_of(row, "network_hash")) != 0)
    status = sa_fail(error, SA_ERR_INPUT, "network %.200s is not what point %s was simulated with: it has changed since",
                     whole, recalled->id);
  free(whole);
  return status;
}

static enum sa_status read_point(sqlite3_stmt *row, struct sa_recalled *recalled, struct sa_error *error) {
  snprintf(recalled->id, sizeof recalled->id, "%s", text_of(row, "id"));
  if (strcmp(text_of(row, "status"), "done") != 0)
    return sa_fail(error, SA_ERR_INPUT, "point %s was not simulated: %.512s", recalled->id, text_of(row, "reason"));
  recalled->same_build = strcmp(text_of(row, "version"), PACKAGE_VERSION) == 0 &&
                         strcmp(text_of(row, "build"), sa_source_hash) == 0;
  recalled->cycles = number_of(row, "cycles");
  const char *mapper = text_of(row, "mapper");
  recalled->mapper.search = strncmp(mapper, "search", 6) == 0;
  recalled->mapper.limit = recalled->mapper.search ? (uint32_t)strtoul(mapper + 6, NULL, 10) : 0;
  const enum sa_status status = read_machine(row, recalled, error);
  return status ? status : read_network(row, recalled, error);
}

enum sa_status sa_store_recall(struct sa_store *store, const char *id, struct sa_recalled *recalled,
                               struct sa_error *error) {
  sqlite3 *database = sa_store_database(store);
  sqlite3_stmt *row = NULL;
  sa_recalled_init(recalled);
  int code = sqlite3_prepare_v2(database, "SELECT point.*, total.cycles, count(*) OVER () AS matches FROM point "
                                          "LEFT JOIN total ON total.point = point.id "
                                          "WHERE substr(id, 1, length(?1)) = ?1", -1, &row, NULL);
  if (code == SQLITE_OK) code = sqlite3_bind_text(row, 1, id, -1, SQLITE_STATIC);
  if (code == SQLITE_OK) code = sqlite3_step(row);
  enum sa_status status = SA_OK;
  if (code != SQLITE_ROW && code != SQLITE_DONE)
    status = sa_store_fail(database, error);
  else if (code == SQLITE_DONE)
    status = sa_fail(error, SA_ERR_INPUT, "the store has no point whose id begins with \"%.32s\"", id);
  else if (number_of(row, "matches") > 1)
    status = sa_fail(error, SA_ERR_INPUT, "%" PRIu64 " points have an id that begins with \"%.32s\"; give more of it",
                     number_of(row, "matches"), id);
  else
    status = read_point(row, recalled, error);
  sqlite3_finalize(row);
  if (status) sa_recalled_release(recalled);
  return status;
}
