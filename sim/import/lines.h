/* A small text file read line by line, as users' editors leave it: any line end, a byte order mark,
 * blanks around. */
#ifndef SA_IMPORT_LINES_H
#define SA_IMPORT_LINES_H
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define SA_LINES_MAX_BYTES ((size_t)16 << 20)

struct sa_lines {
  const char *path; /* the caller's, for messages */
  char *data;       /* owned */
  size_t bytes, position;
  int number;       /* of the line last delivered, from 1 */
};

/* Reads the file. Refuses more than SA_LINES_MAX_BYTES and null bytes (SA_ERR_INPUT with the line). */
enum sa_status sa_lines_open(struct sa_lines *lines, const char *path, struct sa_error *error) SA_CHECKED;
void sa_lines_close(struct sa_lines *lines);

/* The next line, trimmed of blanks and null-terminated, writable, valid until the file is closed; null at
 * the end. *column: where it begins, from 1. */
char *sa_lines_next(struct sa_lines *lines, int *column);

/* Removes blanks at both ends in place; returns the first character kept. */
char *sa_text_trim(char *text);
/* Letter case costs nothing (ASCII). */
bool sa_text_same(const char *a, const char *b);
/* `text` contains `word`, letter case aside (ASCII). */
bool sa_text_contains(const char *text, const char *word);
#endif
