/* Safe and unique names: see names.h. */
#include "import/names.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
static bool is_kept(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.'; }
static bool is_separator(char c) { return c == '/' || c == ':' || c == ' ' || c == '\t' || c == '.'; }

void sa_name_clean(const char *bytes, size_t length, const char *fallback, char out[SA_NAME_CHARS]) {
  size_t end = length, begin = 0, n = 0;
  while (end > 0 && is_separator(bytes[end - 1])) end--;
  if (end > SA_NAME_CHARS - 1) begin = end - (SA_NAME_CHARS - 1);
  while (begin < end && !is_letter(bytes[begin]) && is_separator(bytes[begin])) begin++;
  if (begin < end && !is_letter(bytes[begin]) && end - begin < SA_NAME_CHARS - 1) out[n++] = '_';
  for (size_t i = begin; i < end; i++) {
    const char c = is_separator(bytes[i]) ? '.' : is_kept(bytes[i]) ? bytes[i] : '_';
    if (c == '.' && n > 0 && out[n - 1] == '.') continue; /* never "..", which paths understand */
    out[n++] = c;
  }
  out[n] = '\0';
  if (n > 0 && !is_letter(out[0])) out[0] = '_';
  if (n == 0) snprintf(out, SA_NAME_CHARS, "%s", fallback);
  if (strcmp(out, "prev") == 0) snprintf(out, SA_NAME_CHARS, "prev_"); /* words of network files */
  if (strcmp(out, "entry") == 0) snprintf(out, SA_NAME_CHARS, "entry_");
}

char *sa_name_show(const char *bytes, size_t length, char *out, size_t size) {
  size_t n = 0;
  while (n < length && n + 1 < size) {
    out[n] = bytes[n] >= ' ' && bytes[n] <= '~' ? bytes[n] : '?';
    n++;
  }
  if (n < length && n >= 3) memcpy(out + n - 3, "...", 3);
  out[n] = '\0';
  return out;
}

void sa_name_table_init(struct sa_name_table *names) { *names = (struct sa_name_table){0}; }

void sa_name_table_release(struct sa_name_table *names) {
  free(names->slots);
  sa_name_table_init(names);
}

/* The slot that holds the name, or the free one where it belongs. */
static struct sa_name_slot *find_slot(const struct sa_name_table *names, const char *name) {
  const size_t mask = names->slot_count - 1;
  size_t i = (size_t)sa_hash_string(SA_HASH_INIT, name) & mask;
  while (names->slots[i].name[0] && strcmp(names->slots[i].name, name) != 0) i = (i + 1) & mask;
  return &names->slots[i];
}

/* Keeps the table at most half full. */
static enum sa_status make_room(struct sa_name_table *names, struct sa_error *error) {
  if (names->slot_count >= 2 * (names->count + 1)) return SA_OK;
  struct sa_name_table larger = {.slot_count = names->slot_count ? 2 * names->slot_count : 64};
  larger.slots = calloc(larger.slot_count, sizeof *larger.slots);
  if (!larger.slots) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  for (size_t i = 0; i < names->slot_count; i++)
    if (names->slots[i].name[0]) *find_slot(&larger, names->slots[i].name) = names->slots[i];
  larger.count = names->count;
  free(names->slots);
  *names = larger;
  return SA_OK;
}

enum sa_status sa_name_table_make(struct sa_name_table *names, const char *bytes, size_t length,
                             const char *fallback, char out[SA_NAME_CHARS], struct sa_error *error) {
  enum sa_status status = make_room(names, error);
  if (status) return status;
  char base[SA_NAME_CHARS];
  sa_name_clean(bytes, length, fallback, base);
  memcpy(out, base, SA_NAME_CHARS);
  struct sa_name_slot *first = find_slot(names, base), *slot = first;
  while (slot->name[0]) { /* taken; the base name's slot knows where to go on */
    char suffix[24];
    const int width = snprintf(suffix, sizeof suffix, "_%llu", (unsigned long long)first->next_number++);
    snprintf(out, SA_NAME_CHARS, "%.*s%s", SA_NAME_CHARS - 1 - width, base, suffix);
    slot = find_slot(names, out);
  }
  memcpy(slot->name, out, SA_NAME_CHARS);
  slot->next_number = 2;
  names->count++;
  return SA_OK;
}
