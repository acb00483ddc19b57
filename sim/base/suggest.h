/* The nearest known word to a mistyped one. */
#ifndef SA_BASE_SUGGEST_H
#define SA_BASE_SUGGEST_H
#include <stddef.h>

/* Edit distance: insertions, deletions, substitutions and swaps of neighbours; letter case costs
 * nothing. Words of 64 characters and more are infinitely far (SIZE_MAX). */
size_t sa_suggest_distance(const char *a, const char *b);

/* The candidate nearest to `word`, the first of equals; null if none is near enough to be meant
 * (two changes, three in words of nine characters and more). A candidate's last dotted part matches too:
 * "rows" finds "array.rows". */
const char *sa_suggest(const char *word, const char *const *candidates, size_t count);

/* `; did you mean "rows"?` or "" into buffer (128 bytes will do for our names). Returns buffer. */
const char *sa_suggest_hint(char *buffer, size_t size, const char *word,
                            const char *const *candidates, size_t count);
#endif
