/* Reports: choice of format, number formatting, CSV. The table and JSON have files of their own. */
#include "report/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void sa_report_release(struct sa_report *report) {
  free(report->layers);
  *report = (struct sa_report){0};
}

enum sa_status sa_format_parse(const char *text, enum sa_format *format, struct sa_error *error) {
  static const char *const names[] = {"table", "csv", "json"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(text, names[i]) == 0) {
      *format = (enum sa_format)i;
      return SA_OK;
    }
  return sa_fail(error, SA_ERR_INPUT, "--format is '%s'; it must be table, csv or json", text);
}

char *sa_format_count(uint64_t value, char *text) {
  char digits[24];
  const int length = snprintf(digits, sizeof digits, "%" PRIu64, value);
  char *at = text;
  for (int i = 0; i < length; i++) {
    if (i && (length - i) % 3 == 0) *at++ = ',';
    *at++ = digits[i];
  }
  *at = '\0';
  return text;
}

char *sa_format_bytes(uint64_t bytes, char *text) {
  static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  double value = (double)bytes;
  size_t unit = 0;
  while (value >= 1024 && unit + 1 < sizeof units / sizeof *units) {
    value /= 1024;
    unit++;
  }
  snprintf(text, 28, unit ? "%.2f %s" : "%.0f %s", value, units[unit]);
  return text;
}

void sa_csv_text(const char *text, FILE *out) {
  if (!strpbrk(text, ",\"\r\n")) {
    fputs(text, out);
    return;
  }
  fputc('"', out);
  for (; *text; text++) {
    if (*text == '"') fputc('"', out);
    fputc(*text, out);
  }
  fputc('"', out);
}

void sa_report_write_csv_row(const struct sa_metrics *m, FILE *out) {
  for (size_t i = 0; i < sa_column_count; i++) {
    const union sa_value value = sa_metrics_value(m, i);
    if (i) fputc(',', out);
    switch (sa_columns[i].type) {
      case SA_COLUMN_U: fprintf(out, "%" PRIu64, value.u); break;
      case SA_COLUMN_F: fprintf(out, "%.9g", value.f); break;
      case SA_COLUMN_S: sa_csv_text(value.s, out); break;
    }
  }
  fputc('\n', out);
}

void sa_report_write_csv_head(FILE *out) {
  for (size_t i = 0; i < sa_column_count; i++) fprintf(out, "%s%s", i ? "," : "", sa_columns[i].key);
  fputc('\n', out);
}

void sa_report_write_csv(const struct sa_report *report, const char *layer, FILE *out) {
  sa_report_write_csv_head(out);
  for (size_t i = 0; i < report->layer_count; i++)
    if (!layer || strcmp(layer, report->layers[i].name) == 0) sa_report_write_csv_row(&report->layers[i], out);
  if (!layer) sa_report_write_csv_row(&report->total, out);
}

enum sa_status sa_report_write(const struct sa_report *report, enum sa_format format,
                               const char *layer, FILE *out, struct sa_error *error) {
  if (layer) {
    size_t i = 0;
    while (i < report->layer_count && strcmp(report->layers[i].name, layer) != 0) i++;
    if (i == report->layer_count)
      return sa_fail(error, SA_ERR_INPUT, "network %s runs no layer \"%.64s\"", report->network, layer);
  }
  switch (format) {
    case SA_FORMAT_TABLE: sa_report_write_table(report, layer, out); return SA_OK;
    case SA_FORMAT_CSV: sa_report_write_csv(report, layer, out); return SA_OK;
    case SA_FORMAT_JSON: return sa_report_write_json(report, layer, out, error);
  }
  return SA_OK;
}
