/* Names from foreign files made safe and unique. Strings of a model are never trusted: a layer name
 * ends up in YAML, in CSV, on a terminal and in file names, so it keeps letters, digits, '_', '-' and
 * '.' only, begins with a letter or '_', and no two layers share one. */
#ifndef SA_IMPORT_NAMES_H
#define SA_IMPORT_NAMES_H
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define SA_NAME_CHARS 64 /* of a layer's or network's name, the final null included */

/* Makes a safe name of the bytes (which need no final null): '/', ':' and blanks between kept characters
 * become '.', others '_'; of a long name the tail is kept, which tells more; an empty one becomes
 * `fallback`. */
void sa_name_clean(const char *bytes, size_t length, const char *fallback, char out[SA_NAME_CHARS]);

/* Text as it can be shown in a message: printable ASCII, at most size - 1 characters, cut with "...".
 * Returns out. */
char *sa_name_show(const char *bytes, size_t length, char *out, size_t size);

/* The names given so far. */
struct sa_name_slot {
  char name[SA_NAME_CHARS]; /* "" = free */
  uint64_t next_number;     /* to try when the name is asked for again */
};
struct sa_name_table {
  struct sa_name_slot *slots; /* owned; open addressing */
  size_t count, slot_count;   /* slot_count: 0 or a power of two */
};

void sa_name_table_init(struct sa_name_table *names);
void sa_name_table_release(struct sa_name_table *names);

/* As sa_name_clean, then appends "_2", "_3", ... until the name is new, and remembers it. */
enum sa_status sa_name_table_make(struct sa_name_table *names, const char *bytes, size_t length,
                             const char *fallback, char out[SA_NAME_CHARS], struct sa_error *error)
    SA_CHECKED;
#endif
