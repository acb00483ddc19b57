/* `systole params`: the table of parameters. */
#include <stdio.h>
#include <string.h>

#include "cmd/command.h"
#include "machine/params.h"

static int run(const struct sa_args *args) {
  (void)args;
  printf("%-26s %-8s %-19s %-33s %s\n", "parameter", "unit", "default", "range", "meaning");
  for (size_t i = 0; i < SA_PARAMS; i++) {
    const struct sa_param *param = &sa_params[i];
    char range[2 * SA_QUANTITY_CHARS + 32];
    const char *unit = sa_dimension_unit(param->dimension);
    printf("%-26s %-8s %-19s %-33s %s\n", param->name, unit[0] ? unit : "-",
           param->default_text + (param->default_text[0] == '='), sa_param_range(param, range, sizeof range),
           param->meaning);
  }
  return SA_EXIT_OK;
}

const struct sa_command sa_command_params = {
    .name = "params",
    .arguments = "",
    .summary = "print every parameter of a machine: unit, default, range, meaning",
    .details = "A config file is YAML: array.rows is the key `rows` in the mapping `array`. A default that\n"
               "is another parameter's name is that one's value.\n",
    .run = run,
};
