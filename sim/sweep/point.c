/* A point from its number, its legality and its content hash: see sweep.h. */
#include <config.h>

#include "sweep/sweep.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/expr.h"
#include "base/hash.h"
#include "base/suggest.h"
#include "sweep/scope.h"

static enum sa_status not_given(const char *name, enum sa_status status, struct sa_error *error) {
  return sa_fail(error, status, "%s has no value here: neither the config nor the sweep gives it", name);
}

static enum sa_status no_such(const char *name, struct sa_error *error) {
  const char *names[SA_PARAMS + 2];
  char hint[128];
  for (size_t i = 0; i < SA_PARAMS; i++) names[i] = sa_params[i].name;
  names[SA_PARAMS] = "batch";
  names[SA_PARAMS + 1] = "sram_bytes";
  return sa_fail(error, SA_ERR_INPUT, "there is no parameter \"%.64s\"%s", name,
                 sa_suggest_hint(hint, sizeof hint, name, names, SA_PARAMS + 2));
}

enum sa_status sa_scope_find_param(const void *user, const char *name, int64_t *value,
                                   struct sa_error *error) {
  const struct sa_config *config = user;
  const struct sa_param *param = sa_param_find(name);
  if (!param) return no_such(name, error);
  *value = (int64_t)sa_param_get(param, config);
  return *value ? SA_OK : not_given(name, SA_ERR_INPUT, error);
}

enum sa_status sa_scope_find_result(const void *user, const char *name, int64_t *value,
                                    struct sa_error *error) {
  const struct sa_point *point = user;
  if (strcmp(name, "batch") == 0) {
    *value = point ? point->network->net.batch : 1;
    return SA_OK;
  }
  const struct sa_param *param = sa_param_find(name);
  const bool sram = strcmp(name, "sram_bytes") == 0;
  if (!param && !sram) return no_such(name, error);
  *value = 1;
  if (!point) return SA_OK;
  if (sram && point->kind != SA_POINT_LEGAL) return not_given(name, SA_ERR_LIMIT, error);
  *value = (int64_t)(sram ? sa_config_sram_bytes(&point->config) : sa_param_get(param, &point->config));
  return *value ? SA_OK : not_given(name, SA_ERR_LIMIT, error);
}

static enum sa_status make_config(const struct sa_sweep *sweep, uint64_t number, struct sa_point *point) {
  point->config = sweep->base;
  for (size_t i = sweep->axis_count; i-- > 0;) {
    const struct sa_sweep_axis *axis = &sweep->axes[i];
    sa_param_put(axis->param, &point->config, axis->values[number % axis->count]);
    number /= axis->count;
  }
  point->network = &sweep->networks[number];
  const struct sa_expr_scope scope = {sa_scope_find_param, &point->config};
  for (size_t i = 0; i < sweep->coupling_count; i++) {
    const struct sa_sweep_rule *rule = &sweep->couplings[i];
    int64_t value;
    enum sa_status status = sa_expr_value(rule->text, &scope, &value, &point->reason);
    if (!status && value < 0)
      status = sa_fail(&point->reason, SA_ERR_LIMIT, "%s = %s is %" PRId64 "; it must not be negative",
                       rule->param->name, rule->text, value);
    if (!status) status = sa_param_check(rule->param, (uint64_t)value, &point->reason);
    if (status) return status;
    sa_param_put(rule->param, &point->config, (uint64_t)value);
  }
  struct sa_config finished = point->config;
  const enum sa_status status = sa_config_finish(&finished, &point->reason);
  if (!status) point->config = finished;
  return status;
}

const char *sa_sweep_mapper_name(const struct sa_sweep_mapper *mapper, char buffer[SA_MAPPER_CHARS]) {
  if (mapper->search && mapper->limit)
    snprintf(buffer, SA_MAPPER_CHARS, "search %" PRIu32, mapper->limit);
  else
    snprintf(buffer, SA_MAPPER_CHARS, "%s", mapper->search ? "search" : "default");
  return buffer;
}

/* Name and values of everything that a result depends on. */
static void hash_point(struct sa_point *point) {
  uint64_t hash = SA_HASH_INIT;
  for (size_t i = 0; i < SA_PARAMS; i++) {
    hash = sa_hash_string(hash, sa_params[i].name);
    hash = sa_hash_u64(hash, sa_param_get(&sa_params[i], &point->config));
  }
  point->config_hash = hash;
  hash = sa_hash_string(hash, point->config.name);
  hash = sa_hash_string(hash, PACKAGE_VERSION);
  hash = sa_hash_string(hash, sa_source_hash);
  hash = sa_hash_string(hash, point->network->name);
  hash = sa_hash_string(hash, point->network->parameters);
  hash = sa_hash_u64(hash, point->network->hash);
  hash = sa_hash_u64(hash, point->network->net.batch);
  char mapper[SA_MAPPER_CHARS];
  hash = sa_hash_string(hash, sa_sweep_mapper_name(&point->mapper, mapper));
  point->id = hash;
}

void sa_sweep_point(const struct sa_sweep *sweep, uint64_t number, struct sa_point *point) {
  memset(point, 0, sizeof *point);
  point->mapper = sweep->mapper;
  point->kind = make_config(sweep, number, point) ? SA_POINT_ILLEGAL : SA_POINT_LEGAL;
  hash_point(point);
  const struct sa_expr_scope scope = {sa_scope_find_result, point};
  for (size_t i = 0; i < sweep->constraint_count; i++) {
    struct sa_error error;
    bool holds;
    const enum sa_status status = sa_expr_holds(sweep->constraints[i].text, &scope, &holds, &error);
    /* of an illegal point only what has a value can be compared */
    if (status && point->kind == SA_POINT_LEGAL) {
      point->kind = SA_POINT_ILLEGAL;
      point->reason = error;
    }
    if (status || holds) continue;
    point->kind = SA_POINT_EXCLUDED;
    point->excluded_by = i;
    return;
  }
}
