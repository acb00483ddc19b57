/* Pictures of a sweep: rows of its store by SQL, by name of their columns. */
#include <config.h> /* _GNU_SOURCE: asprintf */

#include <stdlib.h>
#include <string.h>

#include "plot/collect.h"
#include "sweep/query.h"

enum { MOST_GROUPS = 8 }; /* lines that can be told apart, and colours there are */

/* Names of the lines: network, and batch where it differs. */
struct groups {
  char names[MOST_GROUPS][SA_PLOT_TEXT_CHARS];
  size_t count;
};

static const char *text_of(sqlite3_stmt *row, int column) {
  const char *text = (const char *)sqlite3_column_text(row, column);
  return text ? text : "";
}

/* The number of a group from 1, added if it is new. */
static enum sa_status find_group(struct groups *groups, const char *name, size_t *number, struct sa_error *error) {
  size_t i = 0;
  while (i < groups->count && strcmp(groups->names[i], name) != 0) i++;
  if (i == MOST_GROUPS)
    return sa_fail(error, SA_ERR_INPUT, "the sweep has more than %d networks; choose some with --where "
                   "\"network IN ('resnet50', ...)\"", MOST_GROUPS);
  if (i == groups->count) snprintf(groups->names[groups->count++], sizeof groups->names[0], "%s", name);
  *number = i + 1;
  return SA_OK;
}

static void set_groups(struct sa_plot_data *data, const struct groups *groups) {
  for (size_t i = 0; i < groups->count; i++) sa_plot_set_text_at(data, "group", i + 1, groups->names[i]);
  sa_plot_set(data, "groups", (double)groups->count);
}

/* How a kind reads a store: `columns` of the store in the order of the kind's own `names`, both beginning with
 * the network and the batch. Of points with equal `per` the one with the fewest cycles counts. */
struct question {
  const char *columns, *per, *where;
  bool by_batch; /* a batch is a line of its own */
};

static enum sa_status check_numbers(sqlite3_stmt *row, int first, int count, struct sa_error *error) {
  for (int i = first; i < count; i++) {
    const int type = sqlite3_column_type(row, i);
    if (type != SQLITE_INTEGER && type != SQLITE_FLOAT)
      return sa_fail(error, SA_ERR_INPUT, "column %s is %s; a picture needs numbers", sqlite3_column_name(row, i),
                     type == SQLITE_NULL ? "empty" : "text");
  }
  return SA_OK;
}

static enum sa_status add_row(const struct question *question, sqlite3_stmt *row, int count, struct groups *groups,
                              struct sa_plot_data *data, struct sa_error *error) {
  char name[SA_PLOT_TEXT_CHARS];
  size_t group = 0;
  if (question->by_batch)
    snprintf(name, sizeof name, "%.280s, batch %.20s", text_of(row, 0), text_of(row, 1));
  else
    snprintf(name, sizeof name, "%.300s", text_of(row, 0));
  enum sa_status status = check_numbers(row, 1, count, error);
  if (!status) status = find_group(groups, name, &group, error);
  if (status) return status;
  sa_plot_text(data, text_of(row, 0));
  sa_plot_number(data, (double)group);
  for (int i = 1; i < count; i++) sa_plot_number(data, sqlite3_column_double(row, i));
  return SA_OK;
}

/* Whether a column differs between simulated points of the question. */
static enum sa_status differs(const struct sa_plot_source *source, const char *column, bool *answer,
                              struct sa_error *error) {
  sqlite3 *database = sa_store_database(source->store);
  char sql[1200];
  sqlite3_stmt *statement = NULL;
  if (source->where && strlen(source->where) > 1000)
    return sa_fail(error, SA_ERR_INPUT, "--where has %zu characters; at most 1000 are taken", strlen(source->where));
  snprintf(sql, sizeof sql, "SELECT min(%s) IS NOT max(%s) FROM result WHERE (%s\n)", column, column,
           source->where ? source->where : "1");
  int code = sqlite3_prepare_v2(database, sql, -1, &statement, NULL);
  if (code == SQLITE_ERROR)
    return sa_fail(error, SA_ERR_INPUT, "the filter is not understood: %s", sqlite3_errmsg(database));
  if (code == SQLITE_OK) code = sqlite3_step(statement);
  *answer = code == SQLITE_ROW && sqlite3_column_int(statement, 0);
  const enum sa_status status = code == SQLITE_ROW ? SA_OK : sa_store_fail(database, error);
  sqlite3_finalize(statement);
  return status;
}

/* Both conditions, malloc'ed; null if out of memory. */
static char *both(const char *a, const char *b) {
  char *text;
  if (asprintf(&text, "(%s\n) AND (%s\n)", a ? a : "1", b ? b : "1") < 0) return NULL;
  return text;
}

static enum sa_status ask(const struct sa_plot_source *source, const struct question *question,
                          struct sa_plot_data *data, struct groups *groups, struct sa_error *error) {
  struct sa_query query = {.columns = question->columns, .best = "cycles", .per = question->per};
  struct sa_query_run *run = NULL;
  bool there;
  char *where = both(source->where, question->where);
  if (!where) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  query.where = where;
  enum sa_status status = sa_query_open(source->store, &query, &run, error);
  while (!status && !(status = sa_query_next(run, &there, error)) && there)
    status = add_row(question, sa_query_row(run), sa_query_columns(run), groups, data, error);
  sa_query_close(run);
  free(where);
  return status;
}

/* What all of them begin with: subtitle, why there may be nothing, and one machine's name if there is one. */
static enum sa_status begin(const struct sa_plot_source *source, struct sa_plot_data *data, const char *missing,
                            struct sa_error *error) {
  sqlite3 *database = sa_store_database(source->store);
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2(database, "SELECT count(DISTINCT config), min(config), count(*), min(clock), max(clock) "
                                "FROM result", -1, &statement, NULL);
  if (code == SQLITE_OK) code = sqlite3_step(statement);
  if (code == SQLITE_ROW) {
    const double low = sqlite3_column_double(statement, 3) / 1e6, high = sqlite3_column_double(statement, 4) / 1e6;
    char clock[64];
    snprintf(clock, sizeof clock, low < high ? "%g to %g MHz" : "%g MHz", low, high);
    const bool one = sqlite3_column_int(statement, 0) == 1;
    sa_plot_set_text(data, "subtitle", "%s%s, %d points, %s%s%s", one ? "variants of " : "",
                     one ? text_of(statement, 1) : source->store_name, sqlite3_column_int(statement, 2), clock,
                     source->where ? ", where " : "", source->where ? source->where : "");
    snprintf(data->empty, sizeof data->empty, "%s", sqlite3_column_int(statement, 2) == 0 ? "the store holds no simulated point" : missing);
  }
  const enum sa_status status = code == SQLITE_ROW ? SA_OK : sa_store_fail(database, error);
  sqlite3_finalize(statement);
  return status;
}

static enum sa_status lines(const struct sa_plot_source *source, struct sa_plot_data *data, struct question question,
                            const char *names, const char *missing, struct sa_error *error) {
  struct groups groups = {.count = 0};
  sa_plot_columns(data, names);
  enum sa_status status = begin(source, data, missing, error);
  if (!status && strstr(question.per, "batch") && question.by_batch) status = differs(source, "batch", &question.by_batch, error);
  if (!status) status = ask(source, &question, data, &groups, error);
  set_groups(data, &groups);
  return status;
}

enum sa_status sa_plot_collect_utilisation(const struct sa_plot_source *source, struct sa_plot_data *data,
                                           struct sa_error *error) {
  static const char names[] = "network,group,batch,size,mac_utilisation,mapping_utilisation,array_utilisation,cycles";
  const struct question question = {"network,batch,array_rows,mac_utilisation,mapping_utilisation,array_utilisation,cycles",
                                    "network,batch,array_rows", "array_rows = array_cols", true};
  return lines(source, data, question, names, "no array of the sweep is square", error);
}

enum sa_status sa_plot_collect_bandwidth(const struct sa_plot_source *source, struct sa_plot_data *data,
                                         struct sa_error *error) {
  static const char names[] = "network,group,batch,bytes_per_s,time_us,mac_utilisation";
  const struct question question = {"network,batch,memory_bandwidth,time_us,mac_utilisation",
                                    "network,batch,memory_bandwidth", "1", true};
  bool varies;
  enum sa_status status = differs(source, "memory_bandwidth", &varies, error);
  if (!status && varies) return lines(source, data, question, names, "no point is left", error);
  return status ? status : sa_fail(error, SA_ERR_INPUT, "nothing to draw: memory.bandwidth is the same in all points of %s", source->store_name);
}

enum sa_status sa_plot_collect_buffer(const struct sa_plot_source *source, struct sa_plot_data *data,
                                      struct sa_error *error) {
  static const char names[] = "network,group,batch,buffer_bytes,dram_read_bytes,dram_write_bytes,time_us";
  const struct question question = {"network,batch,unified_buffer_size,dram_read_bytes,dram_write_bytes,time_us",
                                    "network,batch,unified_buffer_size", "1", true};
  bool varies;
  enum sa_status status = differs(source, "unified_buffer_size", &varies, error);
  if (!status && varies) return lines(source, data, question, names, "no point is left", error);
  return status ? status : sa_fail(error, SA_ERR_INPUT, "nothing to draw: unified_buffer.size is the same in all points of %s", source->store_name);
}

enum sa_status sa_plot_collect_batch(const struct sa_plot_source *source, struct sa_plot_data *data,
                                     struct sa_error *error) {
  static const char names[] = "network,group,batch,mac_utilisation,time_us";
  const struct question question = {"network,batch,mac_utilisation,time_us", "network,batch", "1", false};
  bool varies;
  enum sa_status status = differs(source, "batch", &varies, error);
  if (!status && varies) return lines(source, data, question, names, "no point is left", error);
  return status ? status : sa_fail(error, SA_ERR_INPUT, "nothing to draw: the batch is the same in all points of %s", source->store_name);
}

enum sa_status sa_plot_collect_heatmap(const struct sa_plot_source *source, struct sa_plot_data *data,
                                       struct sa_error *error) {
  static const char names[] = "network,group,batch,rows,cols,mac_utilisation_percent,cycles";
  const struct question question = {"network,batch,array_rows,array_cols,mac_utilisation,cycles",
                                    "network,batch,array_rows,array_cols", "1", true};
  enum sa_status status = lines(source, data, question, names, "no point is left", error);
  for (size_t row = 0; row < sa_plot_rows(data); row++) {
    struct sa_plot_cell *cell = &data->cells[row * data->column_count + 5];
    cell->number *= 100;
    if (!status && data->cells[row * data->column_count + 1].number > 1)
      status = sa_fail(error, SA_ERR_INPUT, "a heat map shows one network at one batch; choose with --where \"network = '%.64s' AND batch = %g\"",
                       data->cells[0].text, data->cells[2].number);
  }
  if (!status && sa_plot_rows(data)) sa_plot_set_text(data, "what", "%s, batch %g", data->cells[0].text, data->cells[2].number);
  return status;
}

/* ---- The Pareto front ---- */

static enum sa_status add_points(const struct sa_plot_source *source, const char *columns, const char *pareto,
                                 bool front, struct sa_plot_data *data, struct sa_error *error) {
  const struct sa_query query = {.columns = columns, .where = source->where, .pareto = pareto};
  struct sa_query_run *run = NULL;
  bool there;
  enum sa_status status = sa_query_open(source->store, &query, &run, error);
  while (!status && !(status = sa_query_next(run, &there, error)) && there) {
    sqlite3_stmt *row = sa_query_row(run);
    status = check_numbers(row, 2, 6, error);
    if (status) break;
    for (int i = 0; i < 2; i++) sa_plot_text(data, text_of(row, i));
    for (int i = 2; i < 6; i++) sa_plot_number(data, sqlite3_column_double(row, i));
    sa_plot_number(data, front);
  }
  sa_query_close(run);
  return status;
}

enum sa_status sa_plot_collect_pareto(const struct sa_plot_source *source, struct sa_plot_data *data,
                                      struct sa_error *error) {
  static const char names[] = "id,network,rows,cols,x,y,front";
  const char *x = source->x ? source->x : "sram_bytes", *y = source->y ? source->y : "time_us";
  char columns[256], pareto[160];
  if (strlen(x) > 64 || strlen(y) > 64 || strpbrk(x, ",:") || strpbrk(y, ",:"))
    return sa_fail(error, SA_ERR_INPUT, "--x and --y take the name of one column each");
  snprintf(columns, sizeof columns, "id,network,array_rows,array_cols,%s,%s", x, y);
  snprintf(pareto, sizeof pareto, "%s,%s", y, x);
  sa_plot_columns(data, names);
  enum sa_status status = begin(source, data, "no point is left", error);
  if (!status) status = add_points(source, columns, NULL, false, data, error);
  const size_t all = sa_plot_rows(data);
  if (!status) status = add_points(source, columns, pareto, true, data, error);
  sa_plot_set(data, "front_size", (double)(sa_plot_rows(data) - all));
  sa_plot_set_text(data, "x_name", "%s", x);
  sa_plot_set_text(data, "y_name", "%s", y);
  return status;
}
