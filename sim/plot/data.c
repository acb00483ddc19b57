/* Tables and variables of pictures: see data.h. */
#include <config.h> /* _GNU_SOURCE: vasprintf */

#include "plot/data.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "report/report.h"

void sa_plot_data_init(struct sa_plot_data *data) { memset(data, 0, sizeof *data); }

void sa_plot_data_release(struct sa_plot_data *data) {
  for (size_t i = 0; i < data->cell_count; i++) free(data->cells[i].text);
  for (size_t i = 0; i < data->value_count; i++) free(data->values[i].text);
  free(data->cells);
  free(data->column_names);
  sa_plot_data_init(data);
}

void sa_plot_columns(struct sa_plot_data *data, const char *names) {
  char *save = NULL;
  data->column_names = strdup(names);
  if (!data->column_names) {
    data->out_of_memory = true;
    return;
  }
  for (char *name = strtok_r(data->column_names, ",", &save); name && data->column_count < SA_PLOT_MAX_COLUMNS;
       name = strtok_r(NULL, ",", &save))
    data->columns[data->column_count++] = name;
}

static void add_cell(struct sa_plot_data *data, char *text, double number) {
  struct sa_plot_cell *grown =
      sa_vec_grow(data->cells, &data->cell_capacity, data->cell_count + 1, sizeof *data->cells);
  if (!grown) {
    free(text);
    data->out_of_memory = true;
    return;
  }
  data->cells = grown;
  data->cells[data->cell_count++] = (struct sa_plot_cell){text, number};
}

void sa_plot_number(struct sa_plot_data *data, double number) { add_cell(data, NULL, number); }

void sa_plot_text(struct sa_plot_data *data, const char *text) {
  char *copy = strdup(text);
  if (copy)
    add_cell(data, copy, 0);
  else
    data->out_of_memory = true;
}

/* A variable of that name, new or emptied; null if there is no room. */
static struct sa_plot_value *value_at(struct sa_plot_data *data, const char *name) {
  size_t i = 0;
  while (i < data->value_count && strcmp(data->values[i].name, name) != 0) i++;
  if (i == SA_PLOT_MAX_VALUES) {
    data->out_of_memory = true;
    return NULL;
  }
  struct sa_plot_value *value = &data->values[i];
  if (i == data->value_count)
    data->value_count++;
  else
    free(value->text);
  *value = (struct sa_plot_value){0};
  snprintf(value->name, sizeof value->name, "%s", name);
  return value;
}

void sa_plot_set(struct sa_plot_data *data, const char *name, double number) {
  struct sa_plot_value *value = value_at(data, name);
  if (value) value->number = number;
}

void sa_plot_set_text(struct sa_plot_data *data, const char *name, const char *format, ...) {
  struct sa_plot_value *value = value_at(data, name);
  if (!value) return;
  va_list arguments;
  va_start(arguments, format);
  if (vasprintf(&value->text, format, arguments) < 0) {
    value->text = NULL;
    data->out_of_memory = true;
  }
  va_end(arguments);
}

void sa_plot_set_text_at(struct sa_plot_data *data, const char *name, size_t index, const char *text) {
  char numbered[32];
  snprintf(numbered, sizeof numbered, "%.16s_%zu", name, index);
  sa_plot_set_text(data, numbered, "%s", text);
}

/* The text that names a row in a message: its first text. */
static const char *row_name(const struct sa_plot_data *data, size_t row) {
  for (size_t i = 0; i < data->column_count; i++) {
    const struct sa_plot_cell *cell = &data->cells[row * data->column_count + i];
    if (cell->text) return cell->text;
  }
  return "";
}

enum sa_status sa_plot_data_check(const struct sa_plot_data *data, struct sa_error *error) {
  if (data->out_of_memory) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  if (data->cell_count == 0)
    return sa_fail(error, SA_ERR_INPUT, "nothing to draw: %s", data->empty[0] ? data->empty : "no data");
  for (size_t i = 0; i < data->cell_count; i++)
    if (!data->cells[i].text && !isfinite(data->cells[i].number))
      return sa_fail(error, SA_ERR_INPUT, "cannot draw: %s of row %zu (%.64s) is %g, which is no finite number",
                     data->columns[i % data->column_count], i / data->column_count + 1,
                     row_name(data, i / data->column_count), data->cells[i].number);
  for (size_t i = 0; i < data->value_count; i++)
    if (!data->values[i].text && !isfinite(data->values[i].number))
      return sa_fail(error, SA_ERR_INPUT, "cannot draw: %s is %g, which is no finite number",
                     data->values[i].name, data->values[i].number);
  return SA_OK;
}

/* For gnuplot: one line, no quotes. Always quoted, so that it is no number. */
static void write_plain(const char *text, FILE *out) {
  fputs(*text ? "\"" : "\" ", out); /* an empty field would swallow the next one */
  for (; *text; text++) {
    const unsigned char c = (unsigned char)*text;
    fputc(c < 32 || c == 127 ? '?' : c == '"' ? '\'' : c, out);
  }
  fputc('"', out);
}

void sa_plot_write_csv(const struct sa_plot_data *data, bool plain, FILE *out) {
  const char *separator = plain ? "\t" : ",";
  for (size_t i = 0; i < data->column_count; i++) fprintf(out, "%s%s", i ? separator : "", data->columns[i]);
  fputc('\n', out);
  for (size_t i = 0; i < data->cell_count; i++) {
    const struct sa_plot_cell *cell = &data->cells[i];
    if (i % data->column_count > 0) fputs(separator, out);
    if (!cell->text)
      fprintf(out, "%.15g", cell->number);
    else if (plain)
      write_plain(cell->text, out);
    else
      sa_csv_text(cell->text, out);
    if (i % data->column_count == data->column_count - 1) fputc('\n', out);
  }
}

void sa_plot_write_text(const char *text, FILE *out) {
  fputc('\'', out);
  for (; *text; text++) {
    if (*text == '\'') fputc('\'', out);
    fputc((unsigned char)*text < 32 || *text == 127 ? '?' : *text, out);
  }
  fputs("'\n", out);
}

void sa_plot_write_values(const struct sa_plot_data *data, FILE *out) {
  for (size_t i = 0; i < data->value_count; i++) {
    const struct sa_plot_value *value = &data->values[i];
    fprintf(out, "%s = ", value->name);
    if (value->text)
      sa_plot_write_text(value->text, out);
    else
      fprintf(out, "%.15e\n", value->number); /* with a point: gnuplot divides whole numbers as such */
  }
}
