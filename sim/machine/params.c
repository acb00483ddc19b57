/* Parameters as data: see params.h. */
#include "machine/params.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"

const struct sa_param sa_params[SA_PARAMS] = {
#define SA_PARAM(name, dimension, field, preset, min, max, rule, meaning)                 \
  {name,   SA_DIM_##dimension, offsetof(struct sa_config, field),                        \
   sizeof(((struct sa_config *)0)->field), preset, min, max, SA_PARAM_##rule, meaning},
#include "machine/params.def"
#undef SA_PARAM
};

/* The words of data_type, the only parameter with choices: enum sa_data_type from 1. */
static const char *const DATA_TYPES[] = {NULL, "int8"};

const struct sa_param *sa_param_find(const char *name) {
  for (size_t i = 0; i < SA_PARAMS; i++)
    if (strcmp(sa_params[i].name, name) == 0) return &sa_params[i];
  return NULL;
}

const char *sa_param_hint(char *buffer, size_t size, const char *name) {
  const char *names[SA_PARAMS];
  for (size_t i = 0; i < SA_PARAMS; i++) names[i] = sa_params[i].name;
  return sa_suggest_hint(buffer, size, name, names, SA_PARAMS);
}

uint64_t sa_param_get(const struct sa_param *param, const struct sa_config *config) {
  const unsigned char *field = (const unsigned char *)config + param->offset;
  uint64_t wide;
  uint32_t narrow;
  if (param->size == sizeof wide) {
    memcpy(&wide, field, sizeof wide);
    return wide;
  }
  memcpy(&narrow, field, sizeof narrow);
  return narrow;
}

void sa_param_put(const struct sa_param *param, struct sa_config *config, uint64_t value) {
  unsigned char *field = (unsigned char *)config + param->offset;
  if (param->size == sizeof value) {
    memcpy(field, &value, sizeof value);
  } else {
    const uint32_t narrow = (uint32_t)value;
    assert(narrow == value);
    memcpy(field, &narrow, sizeof narrow);
  }
}

enum sa_status sa_param_check(const struct sa_param *param, uint64_t value, struct sa_error *error) {
  const enum sa_status status =
      sa_quantity_check(param->dimension, param->name, value, param->min, param->max, error);
  if (status || param->rule != SA_PARAM_POWER_OF_TWO || (value & (value - 1)) == 0) return status;
  uint64_t below = 1;
  while (below * 2 < value) below *= 2;
  char is[SA_QUANTITY_CHARS], low[SA_QUANTITY_CHARS], high[SA_QUANTITY_CHARS];
  return sa_fail(error, SA_ERR_INPUT, "%s is %s; it must be a power of two (nearest: %s and %s)",
                 param->name, sa_param_format(param, value, is), sa_param_format(param, below, low),
                 sa_param_format(param, below * 2, high));
}

enum sa_status sa_param_parse(const struct sa_param *param, const char *text, uint64_t *value,
                              struct sa_error *error) {
  uint64_t read;
  if (param->rule == SA_PARAM_CHOICE) {
    for (read = param->min; read <= param->max; read++) {
      if (strcmp(DATA_TYPES[read], text) == 0) {
        *value = read;
        return SA_OK;
      }
    }
    return sa_fail(error, SA_ERR_INPUT, "%s is \"%.64s\"; int8 is the only data type modelled",
                   param->name, text);
  }
  enum sa_status status = sa_quantity_parse(param->dimension, param->name, text, &read, error);
  if (!status) status = sa_param_check(param, read, error);
  if (!status) *value = read;
  return status;
}

const char *sa_param_format(const struct sa_param *param, uint64_t value, char buffer[SA_QUANTITY_CHARS]) {
  if (param->rule != SA_PARAM_CHOICE) return sa_quantity_format(param->dimension, value, buffer);
  snprintf(buffer, SA_QUANTITY_CHARS, "%s", DATA_TYPES[value]);
  return buffer;
}

const char *sa_param_range(const struct sa_param *param, char *buffer, size_t size) {
  char low[SA_QUANTITY_CHARS], high[SA_QUANTITY_CHARS];
  sa_param_format(param, param->min, low);
  sa_param_format(param, param->max, high);
  if (param->min == param->max)
    snprintf(buffer, size, "%s", low);
  else
    snprintf(buffer, size, "%s .. %s%s", low, high,
             param->rule == SA_PARAM_POWER_OF_TWO ? ", a power of two" : "");
  return buffer;
}
