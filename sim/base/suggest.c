/* Nearest known word: see suggest.h. The distance is the optimal string alignment. */
#include "base/suggest.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { WORD_MAX_CHARS = 64, LONG_WORD_CHARS = 9 };

static int lower(char c) { return tolower((unsigned char)c); }

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

size_t sa_suggest_distance(const char *a, const char *b) {
  const size_t rows = strlen(a), cols = strlen(b);
  if (rows >= WORD_MAX_CHARS || cols >= WORD_MAX_CHARS) return SIZE_MAX;
  size_t d[WORD_MAX_CHARS][WORD_MAX_CHARS]; /* d[i][j]: first i of a to first j of b */
  for (size_t i = 0; i <= rows; i++) d[i][0] = i;
  for (size_t j = 0; j <= cols; j++) d[0][j] = j;
  for (size_t i = 1; i <= rows; i++) {
    for (size_t j = 1; j <= cols; j++) {
      const size_t changed = lower(a[i - 1]) != lower(b[j - 1]);
      d[i][j] = smaller(smaller(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + changed);
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]))
        d[i][j] = smaller(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[rows][cols];
}

const char *sa_suggest(const char *word, const char *const *candidates, size_t count) {
  size_t best_distance = (strlen(word) < LONG_WORD_CHARS ? 2 : 3) + 1;
  const char *best = NULL;
  for (size_t i = 0; i < count; i++) {
    const char *dot = strrchr(candidates[i], '.');
    size_t distance = sa_suggest_distance(word, candidates[i]);
    if (dot) distance = smaller(distance, sa_suggest_distance(word, dot + 1));
    /* as many changes as letters is no likeness */
    if (distance < best_distance && distance < strlen(word)) {
      best_distance = distance;
      best = candidates[i];
    }
  }
  return best;
}

const char *sa_suggest_hint(char *buffer, size_t size, const char *word,
                            const char *const *candidates, size_t count) {
  const char *nearest = sa_suggest(word, candidates, count);
  if (nearest)
    snprintf(buffer, size, "; did you mean \"%s\"?", nearest);
  else
    snprintf(buffer, size, "%s", "");
  return buffer;
}
