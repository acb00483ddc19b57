/* Reading of sweep files (docs/sweeps.md) and all that they name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/expr.h"
#include "base/models.h"
#include "base/vec.h"
#include "base/yaml_doc.h"
#include "sweep/networks.h"
#include "sweep/scope.h"
#include "sweep/sweep.h"

enum { NAME_CHARS = 512 };

void sa_sweep_init(struct sa_sweep *sweep) { memset(sweep, 0, sizeof *sweep); }

static void release_rules(struct sa_sweep_rule *rules, size_t count) {
  for (size_t i = 0; i < count; i++) free(rules[i].text);
  free(rules);
}

void sa_sweep_release(struct sa_sweep *sweep) {
  for (size_t i = 0; i < sweep->axis_count; i++) free(sweep->axes[i].values);
  for (size_t i = 0; i < sweep->network_count; i++) {
    free(sweep->networks[i].name);
    free(sweep->networks[i].parameters);
    sa_net_release(&sweep->networks[i].net);
  }
  release_rules(sweep->couplings, sweep->coupling_count);
  release_rules(sweep->constraints, sweep->constraint_count);
  free(sweep->axes);
  free(sweep->networks);
  sa_sweep_init(sweep);
}

static enum sa_status no_memory(struct sa_error *error) {
  return sa_fail(error, SA_ERR_MEMORY, "out of memory");
}

static enum sa_status locate(struct sa_yaml_node node, enum sa_status status, struct sa_error *error) {
  if (!status) return status;
  return sa_error_locate(error, status, sa_yaml_file(node), sa_yaml_line(node), sa_yaml_column(node));
}

/* ---- Axes ---- */

/* Appends values[0], its successors by `step` or `factor` (one of them 0), up to `to`, which must be hit. */
static enum sa_status add_value(struct sa_sweep_axis *axis, uint64_t value, struct sa_yaml_node node,
                                struct sa_error *error) {
  enum sa_status status = sa_param_check(axis->param, value, error);
  if (status) return locate(node, status, error);
  char text[SA_QUANTITY_CHARS];
  for (size_t i = 0; i < axis->count; i++)
    if (axis->values[i] == value)
      return sa_yaml_fail(node, error, "%s has the value %s twice", axis->param->name,
                          sa_param_format(axis->param, value, text));
  if (axis->count == SA_SWEEP_MAX_VALUES)
    return sa_yaml_fail(node, error, "%s has more than %u values", axis->param->name, SA_SWEEP_MAX_VALUES);
  uint64_t *grown = sa_vec_grow(axis->values, &axis->capacity, axis->count + 1, sizeof *grown);
  if (!grown) return no_memory(error);
  axis->values = grown;
  axis->values[axis->count++] = value;
  return SA_OK;
}

/* Values after `from` up to `to`: times `factor` if that is not 0, else plus `step`. */
static enum sa_status add_range(struct sa_sweep_axis *axis, uint64_t from, uint64_t to, uint64_t step,
                                uint64_t factor, struct sa_yaml_node node, struct sa_error *error) {
  char last[SA_QUANTITY_CHARS], end[SA_QUANTITY_CHARS];
  const struct sa_param *param = axis->param;
  while (from < to) {
    uint64_t next;
    const bool overflow = factor ? __builtin_mul_overflow(from, factor, &next)
                                 : __builtin_add_overflow(from, step, &next);
    if (overflow || next > to)
      return sa_yaml_fail(node, error, "%s: the range ends at %s, which its steps do not hit (the last is %s)",
                          param->name, sa_param_format(param, to, end), sa_param_format(param, from, last));
    const enum sa_status status = add_value(axis, next, node, error);
    if (status) return status;
    from = next;
  }
  return SA_OK;
}

/* `[8, 16, ..., 64]`: by the difference of the two values before the dots; `[8, 16, 32, ..., 256]`: by
 * their ratio, if the last three have one and no common difference. */
static enum sa_status add_dots(struct sa_sweep_axis *axis, uint64_t to, struct sa_yaml_node node,
                               struct sa_error *error) {
  if (axis->count < 2)
    return sa_yaml_fail(node, error, "%s: ... needs two values before it", axis->param->name);
  const uint64_t *v = axis->values + axis->count;
  const uint64_t before = v[-2], last = v[-1];
  char from_text[SA_QUANTITY_CHARS], to_text[SA_QUANTITY_CHARS];
  if (last <= before || to <= last)
    return sa_yaml_fail(node, error, "%s: the range from %s to %s is empty", axis->param->name,
                        sa_param_format(axis->param, last, from_text),
                        sa_param_format(axis->param, to, to_text));
  if (axis->count < 3 || before - v[-3] == last - before)
    return add_range(axis, last, to, last - before, 0, node, error);
  if (last % before == 0 && before % v[-3] == 0 && last / before == before / v[-3])
    return add_range(axis, last, to, 0, last / before, node, error);
  return sa_yaml_fail(node, error, "%s: the three values before ... have neither one difference nor one ratio",
                      axis->param->name);
}

static enum sa_status read_list(struct sa_sweep_axis *axis, struct sa_yaml_node list,
                                struct sa_error *error) {
  const size_t count = sa_yaml_count(list);
  enum sa_status status = SA_OK;
  for (size_t i = 0; i < count && !status; i++) {
    struct sa_yaml_node item = sa_yaml_item(list, i);
    status = sa_yaml_expect(item, SA_YAML_SCALAR, axis->param->name, error);
    if (status) return status;
    const bool dots = strcmp(sa_yaml_text(item), "...") == 0;
    if (dots && i + 1 == count)
      return sa_yaml_fail(item, error, "%s: ... needs a last value", axis->param->name);
    if (dots) item = sa_yaml_item(list, ++i);
    uint64_t value;
    status = locate(item, sa_param_parse(axis->param, sa_yaml_text(item), &value, error), error);
    if (!status) status = dots ? add_dots(axis, value, item, error) : add_value(axis, value, item, error);
  }
  return status;
}

/* {from: A, to: B, step: S} or {from: A, to: B, factor: F} */
static enum sa_status read_range(struct sa_sweep_axis *axis, struct sa_yaml_node map,
                                 struct sa_error *error) {
  static const char *const keys[] = {"from", "to", "step", "factor"};
  const struct sa_param *param = axis->param;
  uint64_t values[4] = {0};
  enum sa_status status = sa_yaml_check_keys(map, param->name, keys, 4, error);
  for (size_t i = 0; i < 4 && !status; i++) {
    const struct sa_yaml_node node = sa_yaml_get(map, keys[i]);
    if (!node.id) continue;
    char name[NAME_CHARS];
    snprintf(name, sizeof name, "%s.%s", param->name, keys[i]);
    const bool factor = i == 3;
    status = sa_yaml_read_quantity(node, factor ? SA_DIM_COUNT : param->dimension, name, factor ? 2 : 1,
                                   INT64_MAX, &values[i], error);
  }
  if (status) return status;
  if (!values[0] || !values[1] || !values[2] == !values[3])
    return sa_yaml_fail(map, error, "%s: a range is from, to and either step or factor", param->name);
  char from_text[SA_QUANTITY_CHARS], to_text[SA_QUANTITY_CHARS];
  if (values[1] < values[0])
    return sa_yaml_fail(map, error, "%s: the range from %s to %s is empty", param->name,
                        sa_param_format(param, values[0], from_text),
                        sa_param_format(param, values[1], to_text));
  status = add_value(axis, values[0], map, error);
  return status ? status : add_range(axis, values[0], values[1], values[2], values[3], map, error);
}

static enum sa_status add_rule(struct sa_sweep_rule **rules, size_t *count, size_t *capacity,
                               const struct sa_param *param, const char *text, struct sa_yaml_node node,
                               struct sa_error *error) {
  struct sa_sweep_rule *grown = sa_vec_grow(*rules, capacity, *count + 1, sizeof *grown);
  if (!grown) return no_memory(error);
  *rules = grown;
  struct sa_sweep_rule *rule = &grown[*count];
  *rule = (struct sa_sweep_rule){.param = param, .text = strdup(text)};
  if (!rule->text) return no_memory(error);
  if (node.id) {
    snprintf(rule->file, sizeof rule->file, "%s", sa_yaml_file(node));
    rule->line = sa_yaml_line(node);
    rule->column = sa_yaml_column(node);
  }
  ++*count;
  return SA_OK;
}

/* A coupling is told from a mistaken value by a name in it. `given` is the base with one value of every
 * axis and of the couplings so far, so that names without a value are found here. */
static enum sa_status read_coupling(struct sa_sweep *sweep, const struct sa_param *param,
                                    struct sa_yaml_node value, struct sa_config *given,
                                    struct sa_error *error) {
  const struct sa_expr_scope scope = {sa_scope_find_param, given};
  const char *text = sa_yaml_text(value);
  uint64_t number;
  unsigned names = 0;
  if (sa_expr_check(text, false, &scope, &names, NULL) || names == 0)
    if (names == 0 || param->rule == SA_PARAM_CHOICE)
      return locate(value, sa_param_parse(param, text, &number, error), error);
  enum sa_status status = locate(value, sa_expr_check(text, false, &scope, NULL, error), error);
  if (!status)
    status = add_rule(&sweep->couplings, &sweep->coupling_count, &sweep->coupling_capacity, param, text, value,
                      error);
  if (!status && !sa_param_get(param, given)) sa_param_put(param, given, param->min);
  return status;
}

static enum sa_status add_axis(struct sa_sweep *sweep, const struct sa_param *param,
                               struct sa_yaml_node value, struct sa_error *error) {
  struct sa_sweep_axis *grown =
      sa_vec_grow(sweep->axes, &sweep->axis_capacity, sweep->axis_count + 1, sizeof *grown);
  if (!grown) return no_memory(error);
  sweep->axes = grown;
  struct sa_sweep_axis *axis = &grown[sweep->axis_count++];
  *axis = (struct sa_sweep_axis){.param = param};
  enum sa_status status = sa_yaml_kind(value) == SA_YAML_SEQUENCE ? read_list(axis, value, error)
                                                                  : read_range(axis, value, error);
  if (!status && axis->count == 0) status = sa_yaml_fail(value, error, "%s has no value", param->name);
  return status;
}

/* Lists, ranges and plain values first, in the order of the file; then what depends on them. */
static enum sa_status read_parameters(struct sa_sweep *sweep, struct sa_yaml_node map,
                                      struct sa_error *error) {
  if (!map.id) return SA_OK;
  enum sa_status status = sa_yaml_expect(map, SA_YAML_MAPPING, "parameters", error);
  struct sa_config given = sweep->base;
  bool coupled[SA_PARAMS] = {false};
  for (size_t i = 0; i < sa_yaml_count(map) && !status; i++) {
    const struct sa_yaml_node key = sa_yaml_key(map, i), value = sa_yaml_value(map, i);
    const struct sa_param *param = sa_param_find(sa_yaml_text(key));
    if (!param) {
      char hint[128];
      return sa_yaml_fail(key, error, "there is no parameter \"%.64s\"%s", sa_yaml_text(key),
                          sa_param_hint(hint, sizeof hint, sa_yaml_text(key)));
    }
    uint64_t number;
    if (sa_yaml_kind(value) != SA_YAML_SCALAR) {
      status = add_axis(sweep, param, value, error);
      if (!status) sa_param_put(param, &given, sweep->axes[sweep->axis_count - 1].values[0]);
    } else if (!sa_param_parse(param, sa_yaml_text(value), &number, NULL)) {
      sa_param_put(param, &sweep->base, number);
      sa_param_put(param, &given, number);
    } else {
      coupled[param - sa_params] = true;
    }
  }
  for (size_t i = 0; i < sa_yaml_count(map) && !status; i++) {
    const struct sa_param *param = sa_param_find(sa_yaml_text(sa_yaml_key(map, i)));
    if (coupled[param - sa_params])
      status = read_coupling(sweep, param, sa_yaml_value(map, i), &given, error);
  }
  return status;
}

/* ---- The rest ---- */

static enum sa_status check_constraint(const char *text, struct sa_error *error) {
  const struct sa_expr_scope scope = {sa_scope_find_result, NULL};
  return sa_expr_check(text, true, &scope, NULL, error);
}

static enum sa_status read_constraints(struct sa_sweep *sweep, struct sa_yaml_node list,
                                       struct sa_error *error) {
  if (!list.id) return SA_OK;
  enum sa_status status = sa_yaml_expect(list, SA_YAML_SEQUENCE, "constraints", error);
  for (size_t i = 0; i < sa_yaml_count(list) && !status; i++) {
    const struct sa_yaml_node item = sa_yaml_item(list, i);
    status = sa_yaml_expect(item, SA_YAML_SCALAR, "a constraint", error);
    if (!status) status = locate(item, check_constraint(sa_yaml_text(item), error), error);
    if (!status)
      status = add_rule(&sweep->constraints, &sweep->constraint_count, &sweep->constraint_capacity, NULL,
                        sa_yaml_text(item), item, error);
  }
  return status;
}

enum sa_status sa_sweep_add_constraint(struct sa_sweep *sweep, const char *text, struct sa_error *error) {
  const struct sa_yaml_node nowhere = {0};
  const enum sa_status status = check_constraint(text, error);
  return status ? status
                : add_rule(&sweep->constraints, &sweep->constraint_count, &sweep->constraint_capacity, NULL,
                           text, nowhere, error);
}

static enum sa_status count_points(struct sa_sweep *sweep, struct sa_yaml_node root, struct sa_error *error) {
  sweep->point_count = sweep->network_count;
  for (size_t i = 0; i < sweep->axis_count; i++)
    if (__builtin_mul_overflow(sweep->point_count, sweep->axes[i].count, &sweep->point_count) ||
        sweep->point_count > SA_SWEEP_MAX_POINTS)
      return sa_yaml_fail(root, error, "the sweep has more than %u points", (unsigned)SA_SWEEP_MAX_POINTS);
  return SA_OK;
}

static enum sa_status read_sweep(struct sa_sweep *sweep, struct sa_yaml_node root, struct sa_error *error) {
  static const char *const keys[] = {"config", "parameters", "networks", "batches", "constraints"};
  char name[NAME_CHARS];
  enum sa_status status = sa_yaml_expect(root, SA_YAML_MAPPING, "a sweep", error);
  if (!status) status = sa_yaml_check_keys(root, "a sweep", keys, sizeof keys / sizeof *keys, error);
  if (status) return status;
  const struct sa_yaml_node config = sa_yaml_get(root, "config");
  if (!config.id) return sa_yaml_fail(root, error, "config is missing");
  status = sa_yaml_read_name(config, "config", name, sizeof name, error);
  if (!status) status = locate(config, sa_config_read(name, &sweep->base, error), error);
  if (!status) status = read_parameters(sweep, sa_yaml_get(root, "parameters"), error);
  if (!status) status = read_constraints(sweep, sa_yaml_get(root, "constraints"), error);
  if (!status) status = sa_sweep_read_networks(sweep, root, error);
  return status ? status : count_points(sweep, root, error);
}

static enum sa_status read_document(struct sa_yaml *yaml, struct sa_sweep *sweep, struct sa_error *error) {
  const enum sa_status status = read_sweep(sweep, sa_yaml_root(yaml), error);
  sa_yaml_free(yaml);
  if (status) sa_sweep_release(sweep);
  return status;
}

enum sa_status sa_sweep_load(const char *name_or_path, struct sa_sweep *sweep, struct sa_error *error) {
  char path[4096];
  struct sa_yaml *yaml = NULL;
  sa_sweep_init(sweep);
  enum sa_status status = sa_models_find("sweep", name_or_path, path, sizeof path, error);
  if (!status) status = sa_yaml_load(path, &yaml, error);
  return status ? status : read_document(yaml, sweep, error);
}

enum sa_status sa_sweep_parse(const char *file, const char *text, size_t bytes, struct sa_sweep *sweep,
                              struct sa_error *error) {
  struct sa_yaml *yaml = NULL;
  sa_sweep_init(sweep);
  const enum sa_status status = sa_yaml_parse(file, text, bytes, &yaml, error);
  return status ? status : read_document(yaml, sweep, error);
}
