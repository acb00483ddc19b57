/* Lines of a text file: see lines.h. */
#include "import/lines.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"

enum sa_status sa_lines_open(struct sa_lines *lines, const char *path, struct sa_error *error) {
  *lines = (struct sa_lines){.path = path};
  const enum sa_status status =
      sa_file_read(path, SA_LINES_MAX_BYTES, &lines->data, &lines->bytes, error);
  if (status) return status;
  int line = 1;
  for (size_t i = 0; i < lines->bytes; i++) {
    if (lines->data[i] == '\n') line++;
    if (lines->data[i] != '\0') continue;
    sa_lines_close(lines);
    return sa_fail_at(error, SA_ERR_INPUT, path, line, 0,
                      "the line has a null byte; this is no text file");
  }
  if (lines->bytes >= 3 && memcmp(lines->data, "\xef\xbb\xbf", 3) == 0) lines->position = 3;
  return SA_OK;
}

void sa_lines_close(struct sa_lines *lines) {
  free(lines->data);
  *lines = (struct sa_lines){.path = lines->path};
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v'; }

char *sa_text_trim(char *text) {
  while (is_blank(*text)) text++;
  size_t length = strlen(text);
  while (length > 0 && is_blank(text[length - 1])) length--;
  text[length] = '\0';
  return text;
}

char *sa_lines_next(struct sa_lines *lines, int *column) {
  if (lines->position >= lines->bytes) return NULL;
  char *begin = lines->data + lines->position;
  /* the data end with a null byte, so that the last line needs no line end; a lone CR ends a line too */
  size_t length = strcspn(begin, "\r\n");
  const bool crlf = begin[length] == '\r' && begin[length + 1] == '\n';
  lines->position += length + (crlf ? 2 : 1);
  begin[length] = '\0';
  lines->number++;
  char *text = sa_text_trim(begin);
  *column = (int)(text - begin) + 1;
  return text;
}

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

bool sa_text_same(const char *a, const char *b) {
  while (*a && lower(*a) == lower(*b)) a++, b++;
  return lower(*a) == lower(*b);
}

bool sa_text_contains(const char *text, const char *word) {
  for (; *text; text++) {
    size_t i = 0;
    while (word[i] && lower(text[i]) == lower(word[i])) i++;
    if (!word[i]) return true;
  }
  return word[0] == '\0';
}
