/* What a picture shows: a table with named columns (the CSV beside the picture, and what gnuplot reads), and
 * a few named values (titles, units, limits of axes) that its script gets as variables. */
#ifndef SA_PLOT_DATA_H
#define SA_PLOT_DATA_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

#define SA_PLOT_MAX_COLUMNS 32
#define SA_PLOT_MAX_VALUES 96

struct sa_plot_cell {
  char *text;    /* owned; null: a number */
  double number;
};

struct sa_plot_value {
  char name[32];
  char *text;    /* owned; null: a number */
  double number;
};

struct sa_plot_data {
  char *column_names;                       /* owned; cut into columns */
  const char *columns[SA_PLOT_MAX_COLUMNS];
  size_t column_count;
  struct sa_plot_cell *cells; /* owned; [rows][column_count], the last row perhaps not full yet */
  size_t cell_count, cell_capacity;
  struct sa_plot_value values[SA_PLOT_MAX_VALUES];
  size_t value_count;
  char empty[160]; /* why there would be no row, for the message: "no layer multiplies" */
  bool out_of_memory;
};

void sa_plot_data_init(struct sa_plot_data *data);
void sa_plot_data_release(struct sa_plot_data *data);

/* Names the columns, once, with commas: "layer,kind,cycles". */
void sa_plot_columns(struct sa_plot_data *data, const char *names);
/* Appends a cell; a row is full after column_count of them. Running out of memory is remembered and told by
 * sa_plot_data_check. Text is copied. */
void sa_plot_number(struct sa_plot_data *data, double number);
void sa_plot_text(struct sa_plot_data *data, const char *text);
/* Sets a variable of the script; names are the program's own, [a-z0-9_]. */
void sa_plot_set(struct sa_plot_data *data, const char *name, double number);
void sa_plot_set_text(struct sa_plot_data *data, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same with a number behind the name: "group_3". */
void sa_plot_set_text_at(struct sa_plot_data *data, const char *name, size_t index, const char *text);

static inline size_t sa_plot_rows(const struct sa_plot_data *data) {
  return data->column_count ? data->cell_count / data->column_count : 0;
}

/* What can be drawn: at least one row, every number finite. The message names the row and the column. */
enum sa_status sa_plot_data_check(const struct sa_plot_data *data, struct sa_error *error) SA_CHECKED;

/* The table as CSV (RFC 4180). `plain`: for gnuplot, which takes neither a quote nor a comma within quotes:
 * separated by tabs, quotes are apostrophes and control characters question marks. */
void sa_plot_write_csv(const struct sa_plot_data *data, bool plain, FILE *out);
/* A text in gnuplot's language, with a new line: in single quotes, in which nothing is expanded. */
void sa_plot_write_text(const char *text, FILE *out);
/* The values as assignments. */
void sa_plot_write_values(const struct sa_plot_data *data, FILE *out);
#endif
