/* What a reader has to say besides success: lines for the user (a key without effect, a column that
 * was ignored), in the order they came up. The library collects, a command prints. */
#ifndef SA_IMPORT_NOTES_H
#define SA_IMPORT_NOTES_H
#include <stddef.h>
#include <stdint.h>

#define SA_NOTES_MAX 100 /* lines kept; further ones are only counted */

struct sa_notes {
  char **lines; /* owned; one sentence each, printable ASCII only, no two alike */
  uint64_t times[SA_NOTES_MAX]; /* how often each was added */
  size_t count, capacity;
  uint64_t dropped; /* lines not kept */
};

void sa_notes_init(struct sa_notes *notes);
void sa_notes_release(struct sa_notes *notes);

/* Adds a line, or counts it if it is there (cut at 500 characters; whatever is not printable ASCII becomes '?'). A null `notes` is
 * legal and takes nothing. A line for which memory is lacking counts as dropped. */
void sa_notes_add(struct sa_notes *notes, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
#endif
