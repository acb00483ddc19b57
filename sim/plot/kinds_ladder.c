/* The ladder, from the file that `systole baseline --ladder -o FILE.json` wrote. */
#include <string.h>

#include <jansson.h>

#include "plot/collect.h"

/* The problem shown: the first GEMM; of a file without one, its first. */
static const char *choose_problem(const json_t *rungs) {
  const char *first = NULL;
  size_t i;
  const json_t *rung;
  json_array_foreach(rungs, i, rung) {
    const char *problem = json_string_value(json_object_get(rung, "problem"));
    if (!problem) continue;
    if (strncmp(problem, "gemm", 4) == 0) return problem;
    if (!first) first = problem;
  }
  return first ? first : "";
}

static enum sa_status read_rungs(const json_t *root, const char *path, struct sa_plot_data *data,
                                 struct sa_error *error) {
  static const char columns[] = "rung,number,dtype,gops,times_first,array";
  const char *schema = json_string_value(json_object_get(root, "schema"));
  const json_t *rungs = json_object_get(root, "rungs"), *rung;
  if (!schema || strcmp(schema, "systole-ladder") != 0 || !json_is_array(rungs))
    return sa_fail_at(error, SA_ERR_INPUT, path, 0, 0,
                      "this is no ladder; systole baseline --ladder --format json -o FILE makes one");
  const char *problem = choose_problem(rungs);
  double first = 0, highest = 0;
  size_t number = 0, i;
  sa_plot_columns(data, columns);
  json_array_foreach(rungs, i, rung) {
    const char *of = json_string_value(json_object_get(rung, "problem"));
    const char *name = json_string_value(json_object_get(rung, "rung"));
    const char *dtype = json_string_value(json_object_get(rung, "dtype"));
    const double gops = json_number_value(json_object_get(rung, "gops"));
    if (!of || !name || !dtype || strcmp(of, problem) != 0 || !(gops > 0)) continue; /* not on that computer */
    if (!(first > 0)) first = gops;
    if (gops > highest) highest = gops;
    sa_plot_text(data, name);
    sa_plot_number(data, (double)++number);
    sa_plot_text(data, dtype);
    sa_plot_number(data, gops);
    sa_plot_number(data, gops / first);
    sa_plot_number(data, strstr(name, "simulated") != NULL);
  }
  sa_plot_set_text(data, "subtitle", "%s, one core unless said else; 1 MAC = 2 operations", problem);
  snprintf(data->empty, sizeof data->empty, "no rung of the ladder was measured");
  return SA_OK;
}

enum sa_status sa_plot_collect_ladder(const struct sa_plot_source *source, struct sa_plot_data *data,
                                      struct sa_error *error) {
  json_error_t why;
  json_t *root = json_load_file(source->ladder, 0, &why);
  if (!root) return sa_fail_at(error, SA_ERR_INPUT, source->ladder, why.line > 0 ? why.line : 0, 0, "%s", why.text);
  const enum sa_status status = read_rungs(root, source->ladder, data, error);
  json_decref(root);
  return status;
}
