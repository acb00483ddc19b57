/* Reading, setting and writing a machine's parameters; what they mean together is finish.c. */
#include "machine/config.h"

#include <stdlib.h>
#include <string.h>

#include "base/models.h"
#include "base/yaml_doc.h"
#include "machine/finish.h"
#include "machine/params.h"

enum { NAME_MAX_CHARS = 64 };

/* A config being read: where each parameter stands in the file, by its row; no node = not there. */
struct reading {
  struct sa_config config;
  struct sa_yaml *yaml;
  struct sa_yaml_node place[SA_PARAMS];
};

static enum sa_status no_such(const char *name, struct sa_error *error) {
  char hint[128];
  return sa_fail(error, SA_ERR_INPUT, "there is no parameter \"%.64s\"%s", name,
                 sa_param_hint(hint, sizeof hint, name));
}

enum sa_status sa_config_set(struct sa_config *config, const char *name, const char *value,
                             struct sa_error *error) {
  const struct sa_param *param = sa_param_find(name);
  if (!param) return no_such(name, error);
  uint64_t number;
  const enum sa_status status = sa_param_parse(param, value, &number, error);
  if (!status) sa_param_put(param, config, number);
  return status;
}

enum sa_status sa_config_assign(struct sa_config *config, const char *assignment,
                                struct sa_error *error) {
  const char *equals = strchr(assignment, '=');
  if (!equals)
    return sa_fail(error, SA_ERR_INPUT, "\"%.64s\" is not of the form parameter=value", assignment);
  char name[NAME_MAX_CHARS];
  const size_t length = (size_t)(equals - assignment);
  if (length >= sizeof name) return no_such(assignment, error);
  memcpy(name, assignment, length);
  name[length] = '\0';
  return sa_config_set(config, name, equals + 1, error);
}

/* ---- Reading ---- */

/* Whether a parameter's name begins with `name` and a dot. */
static int is_group(const char *name) {
  const size_t length = strlen(name);
  for (size_t i = 0; i < SA_PARAMS; i++)
    if (strncmp(sa_params[i].name, name, length) == 0 && sa_params[i].name[length] == '.') return 1;
  return 0;
}

static enum sa_status read_param(struct reading *reading, const struct sa_param *param,
                                 struct sa_yaml_node value, struct sa_error *error) {
  enum sa_status status = sa_yaml_expect(value, SA_YAML_SCALAR, param->name, error);
  if (status) return status;
  uint64_t number;
  status = sa_param_parse(param, sa_yaml_text(value), &number, error);
  if (status)
    return sa_error_locate(error, status, sa_yaml_file(value), sa_yaml_line(value), sa_yaml_column(value));
  struct sa_yaml_node *place = &reading->place[param - sa_params];
  if (place->id) /* as `array.rows: 8` and as `array: {rows: 8}` */
    return sa_yaml_fail(value, error, "%s is given twice; it is already in line %d", param->name,
                        sa_yaml_line(*place));
  sa_param_put(param, &reading->config, number);
  *place = value;
  return SA_OK;
}

static enum sa_status read_mapping(struct reading *reading, const char *group, struct sa_yaml_node mapping,
                                   struct sa_error *error) {
  enum sa_status status =
      sa_yaml_expect(mapping, SA_YAML_MAPPING, group[0] ? group : "a machine's config", error);
  for (size_t i = 0; !status && i < sa_yaml_count(mapping); i++) {
    const struct sa_yaml_node key = sa_yaml_key(mapping, i), value = sa_yaml_value(mapping, i);
    char name[2 * NAME_MAX_CHARS];
    snprintf(name, sizeof name, "%s%s%.64s", group, group[0] ? "." : "", sa_yaml_text(key));
    const struct sa_param *param = sa_param_find(name);
    if (param) {
      status = read_param(reading, param, value, error);
    } else if (!group[0] && is_group(name)) {
      status = read_mapping(reading, name, value, error);
    } else {
      status = no_such(name, error);
      sa_error_locate(error, status, sa_yaml_file(key), sa_yaml_line(key), sa_yaml_column(key));
    }
  }
  return status;
}

/* Reads the document, which *reading takes over and holds on success. */
static enum sa_status read_document(struct sa_yaml *yaml, struct reading *reading, struct sa_error *error) {
  memset(reading, 0, sizeof *reading);
  reading->yaml = yaml;
  const struct sa_yaml_node root = sa_yaml_root(yaml);
  sa_models_name(sa_yaml_file(root), reading->config.name, sizeof reading->config.name);
  const enum sa_status status = read_mapping(reading, "", root, error);
  if (status) sa_yaml_free(yaml);
  return status;
}

static enum sa_status open_config(const char *name_or_path, struct reading *reading, struct sa_error *error) {
  char path[4096];
  struct sa_yaml *yaml = NULL;
  enum sa_status status = sa_models_find("arch", name_or_path, path, sizeof path, error);
  if (!status) status = sa_yaml_load(path, &yaml, error);
  if (!status) status = read_document(yaml, reading, error);
  return status;
}

enum sa_status sa_config_read(const char *name_or_path, struct sa_config *config,
                              struct sa_error *error) {
  struct reading reading;
  const enum sa_status status = open_config(name_or_path, &reading, error);
  if (status) return status;
  sa_yaml_free(reading.yaml);
  *config = reading.config;
  return SA_OK;
}

enum sa_status sa_config_parse(const char *name, const char *text, size_t bytes,
                               struct sa_config *config, struct sa_error *error) {
  struct reading reading;
  struct sa_yaml *yaml = NULL;
  enum sa_status status = sa_yaml_parse(name, text, bytes, &yaml, error);
  if (!status) status = read_document(yaml, &reading, error);
  if (status) return status;
  sa_yaml_free(reading.yaml);
  *config = reading.config;
  return SA_OK;
}

/* The finished machine, or the failure with the place of the parameter at fault. A parameter that an
 * assignment changed has no place in the file. */
static enum sa_status finish(struct reading *reading, const struct sa_config *as_read,
                             struct sa_error *error) {
  const struct sa_param *culprit = NULL;
  const enum sa_status status = sa_config_finish_blaming(&reading->config, &culprit, error);
  if (!status || !culprit) return status;
  const struct sa_yaml_node place = reading->place[culprit - sa_params];
  const char *file = sa_yaml_file(sa_yaml_root(reading->yaml));
  if (sa_param_get(culprit, as_read) != sa_param_get(culprit, &reading->config)) return status;
  if (place.id) return sa_error_locate(error, status, file, sa_yaml_line(place), sa_yaml_column(place));
  return sa_error_locate(error, status, file, 0, 0);
}

enum sa_status sa_config_load(const char *name_or_path, const char *const *assignments, size_t count,
                              struct sa_config *config, struct sa_error *error) {
  struct reading reading;
  enum sa_status status = open_config(name_or_path, &reading, error);
  if (status) return status;
  const struct sa_config as_read = reading.config;
  for (size_t i = 0; !status && i < count; i++)
    status = sa_config_assign(&reading.config, assignments[i], error);
  if (!status) status = finish(&reading, &as_read, error);
  sa_yaml_free(reading.yaml);
  if (!status) *config = reading.config;
  return status;
}

/* ---- Writing ---- */

void sa_config_write(const struct sa_config *config, FILE *file) {
  char group[NAME_MAX_CHARS] = "";
  for (size_t i = 0; i < SA_PARAMS; i++) {
    const struct sa_param *param = &sa_params[i];
    const uint64_t value = sa_param_get(param, config);
    const char *dot = strchr(param->name, '.');
    const size_t length = dot ? (size_t)(dot - param->name) : 0;
    const int other_port = strncmp(param->name, "weight_memory.", strlen("weight_memory.")) == 0;
    if (value == 0 || (other_port && config->memory_ports == 1)) continue;
    if (length && (strlen(group) != length || strncmp(group, param->name, length) != 0)) {
      snprintf(group, sizeof group, "%.*s", (int)length, param->name);
      fprintf(file, "%s:\n", group);
    }
    char text[SA_QUANTITY_CHARS];
    fprintf(file, "%s%s: %s\n", dot ? "  " : "", dot ? dot + 1 : param->name,
            sa_param_format(param, value, text));
  }
}
