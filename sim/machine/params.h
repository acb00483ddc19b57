/* The table of a machine's parameters (params.def) as data, and access to a parameter by its row. In
 * a config that isn't finished 0 means "not given"; no parameter's range holds 0. */
#ifndef SA_MACHINE_PARAMS_H
#define SA_MACHINE_PARAMS_H
#include <stddef.h>
#include <stdint.h>

#include "base/units.h"
#include "machine/config.h"

enum sa_param_rule {
  SA_PARAM_ANY,          /* every whole number of the range */
  SA_PARAM_POWER_OF_TWO, /* powers of two of the range */
  SA_PARAM_CHOICE        /* words; the value is the word's position from 1 */
};

struct sa_param {
  const char *name;          /* dotted, as in "array.rows" */
  enum sa_dimension dimension;
  size_t offset, size;       /* of the field in struct sa_config: 4 or 8 bytes */
  const char *default_text;  /* see params.def */
  uint64_t min, max;
  enum sa_param_rule rule;
  const char *meaning;
};

enum {
  SA_PARAMS = 0
#define SA_PARAM(name, dimension, field, preset, min, max, rule, meaning) +1
#include "machine/params.def"
#undef SA_PARAM
};

extern const struct sa_param sa_params[SA_PARAMS];

/* The row of this name, or null. */
const struct sa_param *sa_param_find(const char *name);
/* `; did you mean "array.rows"?` or "", as sa_suggest_hint. */
const char *sa_param_hint(char *buffer, size_t size, const char *name);

uint64_t sa_param_get(const struct sa_param *param, const struct sa_config *config);
void sa_param_put(const struct sa_param *param, struct sa_config *config, uint64_t value);
/* "required", as a default, means that there is none. */
#define SA_PARAM_REQUIRED "required"
/* Range and rule; the message names parameter, value and limit. */
enum sa_status sa_param_check(const struct sa_param *param, uint64_t value, struct sa_error *error)
    SA_CHECKED;
/* Text with unit to a checked value. */
enum sa_status sa_param_parse(const struct sa_param *param, const char *text, uint64_t *value,
                              struct sa_error *error) SA_CHECKED;
/* The value as a config file would say it, and the range as `systole params` prints it. */
const char *sa_param_format(const struct sa_param *param, uint64_t value, char buffer[SA_QUANTITY_CHARS]);
const char *sa_param_range(const struct sa_param *param, char *buffer, size_t size);
#endif
