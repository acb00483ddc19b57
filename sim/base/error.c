/* Error records: formatted once, at the place of failure. */
#include "base/error.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static void fill(struct sa_error *error, enum sa_status status, const char *file, int line,
                 int column, const char *format, va_list args) {
  if (!error) return;
  /* the message may quote the record's own old text, so it is built aside */
  struct sa_error fresh = {.status = status, .line = line, .column = column};
  if (file) snprintf(fresh.file, sizeof fresh.file, "%s", file);
  vsnprintf(fresh.message, sizeof fresh.message, format, args);
  *error = fresh;
}

enum sa_status sa_fail(struct sa_error *error, enum sa_status status, const char *format, ...) {
  va_list args;
  va_start(args, format);
  fill(error, status, NULL, 0, 0, format, args);
  va_end(args);
  return status;
}

enum sa_status sa_fail_at(struct sa_error *error, enum sa_status status, const char *file, int line,
                          int column, const char *format, ...) {
  va_list args;
  va_start(args, format);
  fill(error, status, file, line, column, format, args);
  va_end(args);
  return status;
}

enum sa_status sa_error_locate(struct sa_error *error, enum sa_status status, const char *file,
                               int line, int column) {
  if (error && !error->file[0]) {
    snprintf(error->file, sizeof error->file, "%s", file);
    error->line = line;
    error->column = column;
  }
  return status;
}

/* Names quoted from a file or the command line may hold anything; the message stays one clean line. */
static void replace_control_characters(char *text, bool keep_lines) {
  for (; *text; text++) {
    const unsigned char c = (unsigned char)*text;
    if ((c < 0x20 && !(keep_lines && c == '\n')) || c == 0x7f) *text = '?';
  }
}

const char *sa_error_format(const struct sa_error *error, char *buffer, size_t size) {
  if (error->file[0] && error->line > 0)
    snprintf(buffer, size, "%s:%d:%d: %s", error->file, error->line, error->column, error->message);
  else if (error->file[0])
    snprintf(buffer, size, "%s: %s", error->file, error->message);
  else
    snprintf(buffer, size, "%s", error->message);
  replace_control_characters(buffer, error->status == SA_ERR_STUCK);
  return buffer;
}
