/* Notes to the user: see notes.h. */
#include "import/notes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

void sa_notes_init(struct sa_notes *notes) { *notes = (struct sa_notes){0}; }

void sa_notes_release(struct sa_notes *notes) {
  for (size_t i = 0; i < notes->count; i++) free(notes->lines[i]);
  free(notes->lines);
  sa_notes_init(notes);
}

void sa_notes_add(struct sa_notes *notes, const char *format, ...) {
  if (!notes) return;
  char line[501];
  va_list args;
  va_start(args, format);
  vsnprintf(line, sizeof line, format, args);
  va_end(args);
  for (char *c = line; *c; c++)
    if (*c < ' ' || *c > '~') *c = '?';
  for (size_t i = 0; i < notes->count; i++)
    if (strcmp(notes->lines[i], line) == 0) {
      notes->times[i]++;
      return;
    }
  char *kept = NULL, **grown = NULL;
  if (notes->count < SA_NOTES_MAX) {
    grown = sa_vec_grow(notes->lines, &notes->capacity, notes->count + 1, sizeof *grown);
    if (grown) {
      notes->lines = grown;
      kept = strdup(line);
    }
  }
  if (!kept) {
    notes->dropped++;
    return;
  }
  notes->times[notes->count] = 1;
  notes->lines[notes->count++] = kept;
}
