/* Parameters of networks: see net_params.h. */
#include "net/net_params.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/expr.h"
#include "base/suggest.h"
#include "machine/params.h"

enum { MAX_TEXT = 256, MAX_HINT = 128 };

static const char PHASE[] = "phase";
static const char *const phases[] = {"prefill", "decode"}; /* their values are 0 and 1 */
#define PHASES (sizeof phases / sizeof *phases)

static enum sa_status locate(struct sa_yaml_node node, enum sa_status status, struct sa_error *error) {
  if (!status) return status;
  return sa_error_locate(error, status, sa_yaml_file(node), sa_yaml_line(node), sa_yaml_column(node));
}

/* ---- Names ---- */

static struct sa_net_param_entry *find_entry(struct sa_net_params *params, const char *name, size_t length) {
  for (size_t i = 0; i < params->count; i++)
    if (strncmp(params->entries[i].name, name, length) == 0 && params->entries[i].name[length] == '\0')
      return &params->entries[i];
  return NULL;
}

static size_t find_phase(const char *word) {
  size_t i = 0;
  while (i < PHASES && strcmp(phases[i], word) != 0) i++;
  return i;
}

/* `; did you mean "seq"?`: of the network's names and, for a setting, the machine's. */
static const char *hint_of(const struct sa_net_params *params, const char *name, bool machine,
                           char hint[MAX_HINT]) {
  const char *names[SA_NET_MAX_PARAMS + SA_PARAMS];
  size_t count = 0;
  for (size_t i = 0; i < params->count; i++) names[count++] = params->entries[i].name;
  for (size_t i = 0; machine && i < SA_PARAMS; i++) names[count++] = sa_params[i].name;
  return sa_suggest_hint(hint, MAX_HINT, name, names, count);
}

static enum sa_status check_name(struct sa_yaml_node key, struct sa_error *error) {
  const char *name = sa_yaml_text(key);
  bool good = isalpha((unsigned char)name[0]) && strlen(name) < sizeof((struct sa_net_param *)0)->name;
  for (const char *c = name; *c; c++) good = good && (isalnum((unsigned char)*c) || *c == '_');
  if (!good)
    return sa_yaml_fail(key, error, "a parameter is named \"%.64s\"; a name has up to 31 letters, digits and _ and "
                        "begins with a letter", name);
  if (find_phase(name) < PHASES)
    return sa_yaml_fail(key, error, "a parameter is named %s, which is a phase", name);
  if (sa_param_find(name))
    return sa_yaml_fail(key, error, "a parameter is named %s, as a parameter of machines is; choose another name",
                        name);
  return SA_OK;
}

/* A scalar, or a mapping with a scalar for each phase. */
static enum sa_status check_value(struct sa_yaml_node key, struct sa_yaml_node value, struct sa_error *error) {
  const char *name = sa_yaml_text(key);
  if (strcmp(name, PHASE) == 0) {
    size_t index;
    return sa_yaml_read_word(value, name, phases, PHASES, &index, error);
  }
  if (sa_yaml_kind(value) != SA_YAML_MAPPING) return sa_yaml_expect(value, SA_YAML_SCALAR, name, error);
  enum sa_status status = sa_yaml_check_keys(value, name, phases, PHASES, error);
  for (size_t i = 0; i < PHASES && !status; i++) {
    const struct sa_yaml_node one = sa_yaml_get(value, phases[i]);
    if (sa_yaml_kind(one) == SA_YAML_NONE)
      return sa_yaml_fail(value, error, "%s has no value for the phase %s", name, phases[i]);
    status = sa_yaml_expect(one, SA_YAML_SCALAR, name, error);
  }
  return status;
}

enum sa_status sa_net_params_read(struct sa_net_params *params, struct sa_yaml_node mapping,
                                  struct sa_error *error) {
  if (sa_yaml_kind(mapping) == SA_YAML_NONE) return SA_OK;
  enum sa_status status = sa_yaml_expect(mapping, SA_YAML_MAPPING, "parameters", error);
  if (!status && sa_yaml_count(mapping) > SA_NET_MAX_PARAMS)
    return sa_yaml_fail(mapping, error, "there are %zu parameters; there may be %d", sa_yaml_count(mapping),
                        SA_NET_MAX_PARAMS);
  for (size_t i = 0; i < sa_yaml_count(mapping) && !status; i++) {
    const struct sa_yaml_node key = sa_yaml_key(mapping, i), value = sa_yaml_value(mapping, i);
    status = check_name(key, error);
    if (!status) status = check_value(key, value, error);
    params->entries[params->count++] = (struct sa_net_param_entry){.name = sa_yaml_text(key), .value = value};
  }
  return status;
}

enum sa_status sa_net_params_replace(struct sa_net_params *params, struct sa_yaml_node mapping,
                                     struct sa_error *error) {
  if (sa_yaml_kind(mapping) == SA_YAML_NONE) return SA_OK;
  enum sa_status status = sa_yaml_expect(mapping, SA_YAML_MAPPING, "parameters", error);
  for (size_t i = 0; i < sa_yaml_count(mapping) && !status; i++) {
    const struct sa_yaml_node key = sa_yaml_key(mapping, i), value = sa_yaml_value(mapping, i);
    const char *name = sa_yaml_text(key);
    struct sa_net_param_entry *entry = find_entry(params, name, strlen(name));
    char hint[MAX_HINT];
    if (!entry)
      return sa_yaml_fail(key, error, "the network that it is like has no parameter \"%.64s\"%s", name,
                          hint_of(params, name, false, hint));
    status = check_value(key, value, error);
    entry->value = value;
  }
  return status;
}

/* ---- Values ---- */

static enum sa_status find(const void *user, const char *name, int64_t *value, struct sa_error *error);

/* What the file or the user says in the phase at hand. */
static enum sa_status text_of(struct sa_net_params *params, struct sa_net_param_entry *entry,
                              const char **text, struct sa_error *error) {
  struct sa_yaml_node node = entry->value;
  if (!entry->given && sa_yaml_kind(node) == SA_YAML_MAPPING) {
    int64_t phase = 0;
    if (!find_entry(params, PHASE, strlen(PHASE)))
      return sa_yaml_fail(node, error, "%s has a value for each phase; there is no parameter phase", entry->name);
    const enum sa_status status = find(&params, PHASE, &phase, error);
    if (status) return status;
    node = sa_yaml_get(node, phases[phase]);
  }
  *text = entry->given ? entry->given : sa_yaml_text(node);
  return SA_OK;
}

static enum sa_status compute(struct sa_net_params *params, struct sa_net_param_entry *entry,
                              struct sa_error *error) {
  const struct sa_expr_scope scope = {find, &params};
  const char *text = "";
  enum sa_status status = SA_OK;
  if (entry->state == SA_NET_PARAM_KNOWN) return SA_OK;
  if (entry->state == SA_NET_PARAM_BUSY)
    return sa_fail(error, SA_ERR_INPUT, "parameter %s depends on itself", entry->name);
  entry->state = SA_NET_PARAM_BUSY;
  status = text_of(params, entry, &text, error);
  if (!status) status = sa_expr_value(text, &scope, &entry->number, error);
  if (!status && (entry->number < 0 || (uint64_t)entry->number > SA_NET_MAX_PARAM))
    status = sa_fail(error, SA_ERR_LIMIT, "%s is %" PRId64 "; it must be between 0 and 2^40", entry->name,
                     entry->number);
  if (status) return entry->given ? status : locate(entry->value, status, error);
  entry->state = SA_NET_PARAM_KNOWN;
  return SA_OK;
}

/* For expressions; user points to a pointer to the parameters. */
static enum sa_status find(const void *user, const char *name, int64_t *value, struct sa_error *error) {
  struct sa_net_params *params = *(struct sa_net_params *const *)user;
  const size_t phase = find_phase(name);
  if (phase < PHASES) {
    *value = (int64_t)phase;
    return SA_OK;
  }
  struct sa_net_param_entry *entry = find_entry(params, name, strlen(name));
  char hint[MAX_HINT];
  if (!entry)
    return sa_fail(error, SA_ERR_INPUT, "there is no parameter \"%.64s\"%s", name,
                   hint_of(params, name, false, hint));
  entry->used = true;
  const enum sa_status status = compute(params, entry, error);
  *value = entry->number;
  return status;
}

enum sa_status sa_net_params_set(struct sa_net_params *params, const char *network, const char *const *settings,
                                 size_t count, struct sa_error *error) {
  enum sa_status status = SA_OK;
  for (size_t i = 0; i < count; i++) {
    const char *equals = strchr(settings[i], '=');
    if (!equals || equals == settings[i] || equals - settings[i] >= MAX_TEXT)
      return sa_fail(error, SA_ERR_INPUT, "\"%.64s\" must be NAME=VALUE", settings[i]);
    char name[MAX_TEXT], hint[MAX_HINT];
    snprintf(name, sizeof name, "%.*s", (int)(equals - settings[i]), settings[i]);
    struct sa_net_param_entry *entry = find_entry(params, name, strlen(name));
    if (!entry)
      return sa_fail(error, SA_ERR_INPUT, "network %s has no parameter \"%.64s\"%s", network, name,
                     hint_of(params, name, true, hint));
    if (strcmp(name, PHASE) == 0 && find_phase(equals + 1) == PHASES)
      return sa_fail(error, SA_ERR_INPUT, "phase is \"%.64s\"; it must be prefill or decode", equals + 1);
    entry->given = equals + 1;
  }
  for (size_t i = 0; i < params->count && !status; i++)
    if (params->entries[i].given) {
      struct sa_error inner = {0};
      status = compute(params, &params->entries[i], &inner);
      if (status && inner.file[0] && error) *error = inner;
      else if (status)
        status = sa_fail(error, status, "%s=%.64s: %s", params->entries[i].name, params->entries[i].given,
                         inner.message);
    }
  return status;
}

/* ---- Use ---- */

enum sa_status sa_net_params_text(struct sa_net_params *params, const char *text, const char *what,
                                  uint64_t min, uint64_t max, uint64_t *value, struct sa_error *error) {
  const bool is_expression = text[0] == '(' || (isalpha((unsigned char)text[0]) && params->count) ||
                             (text[0] && strpbrk(text + 1, "+-*/"));
  if (!is_expression) {
    const enum sa_status status = sa_quantity_parse(SA_DIM_COUNT, what, text, value, error);
    return status ? status : sa_quantity_check(SA_DIM_COUNT, what, *value, min, max, error);
  }
  const struct sa_expr_scope scope = {find, &params};
  int64_t number = 0;
  struct sa_error inner = {0};
  const enum sa_status status = sa_expr_value(text, &scope, &number, &inner);
  if (status) {
    if (inner.file[0]) { /* a parameter's own mistake */
      if (error) *error = inner;
      return status;
    }
    return sa_fail(error, status, "%s: %s", what, inner.message);
  }
  if (number < 0 || (uint64_t)number < min || (uint64_t)number > max)
    return sa_fail(error, SA_ERR_INPUT, "%s is %.128s = %" PRId64 "; it must be between %" PRIu64 " and %" PRIu64,
                   what, text, number, min, max);
  *value = (uint64_t)number;
  return SA_OK;
}

enum sa_status sa_net_params_number(struct sa_net_params *params, struct sa_yaml_node node, const char *what,
                                    uint64_t min, uint64_t max, uint64_t *value, struct sa_error *error) {
  const enum sa_status status = sa_yaml_expect(node, SA_YAML_SCALAR, what, error);
  if (status) return status;
  return locate(node, sa_net_params_text(params, sa_yaml_text(node), what, min, max, value, error), error);
}

enum sa_status sa_net_params_holds(struct sa_net_params *params, struct sa_yaml_node node, const char *what,
                                   bool *holds, struct sa_error *error) {
  const struct sa_expr_scope scope = {find, &params};
  const enum sa_status status = sa_yaml_expect(node, SA_YAML_SCALAR, what, error);
  return status ? status : locate(node, sa_expr_holds(sa_yaml_text(node), &scope, holds, error), error);
}

/* Names what the user set behind the network's name, so that no two networks have one name. */
static void append_settings(struct sa_net *net) {
  size_t used = strlen(net->name);
  char separator = ':';
  for (uint32_t i = 0; i < net->param_count && used < sizeof net->name; i++) {
    const struct sa_net_param *p = &net->params[i];
    if (!p->is_given) continue;
    const size_t left = sizeof net->name - used;
    const int length = strcmp(p->name, PHASE) == 0
                           ? snprintf(net->name + used, left, "%c%s=%s", separator, p->name, phases[p->value])
                           : snprintf(net->name + used, left, "%c%s=%" PRIu64, separator, p->name, p->value);
    used += (size_t)length;
    separator = ',';
  }
  if (used >= sizeof net->name) memcpy(net->name + sizeof net->name - 4, "...", 4);
}

enum sa_status sa_net_params_finish(const struct sa_net_params *params, struct sa_net *net,
                                    struct sa_error *error) {
  const struct sa_net_param_entry *phase = NULL;
  for (size_t i = 0; i < params->count; i++)
    if (strcmp(params->entries[i].name, PHASE) == 0) phase = &params->entries[i];
  const char *word = !phase ? NULL : phase->given ? phase->given : sa_yaml_text(phase->value);
  net->phase = !word ? SA_PHASE_NONE : find_phase(word) == 0 ? SA_PHASE_PREFILL : SA_PHASE_DECODE;
  if (params->count == 0) return SA_OK;
  net->params = calloc(params->count, sizeof *net->params);
  if (!net->params) return sa_fail(error, SA_ERR_MEMORY, "out of memory for %zu parameters", params->count);
  for (size_t i = 0; i < params->count; i++) {
    const struct sa_net_param_entry *entry = &params->entries[i];
    if (entry->given && !entry->used)
      return sa_fail(error, SA_ERR_INPUT, "%s=%.64s changes nothing in network %s%s%s", entry->name, entry->given,
                     net->name, word && entry != phase ? ", whose phase is " : "", word && entry != phase ? word : "");
    if (!entry->used) continue;
    struct sa_net_param *param = &net->params[net->param_count++];
    snprintf(param->name, sizeof param->name, "%s", entry->name);
    param->value = (uint64_t)entry->number;
    param->is_given = entry->given != NULL;
  }
  append_settings(net);
  return SA_OK;
}
