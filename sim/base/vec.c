/* Growable arrays: see vec.h. */
#include "base/vec.h"

#include <stdint.h>
#include <stdlib.h>

enum { VEC_FIRST_CAPACITY = 8 };

void *sa_vec_grow(void *items, size_t *capacity, size_t needed, size_t item_bytes) {
  if (items && needed <= *capacity) return items;
  size_t fresh = items ? *capacity : 0;
  fresh = fresh > SIZE_MAX / 2 ? SIZE_MAX : fresh * 2;
  if (fresh < VEC_FIRST_CAPACITY) fresh = VEC_FIRST_CAPACITY;
  if (fresh < needed) fresh = needed;
  if (fresh > SIZE_MAX / item_bytes) return NULL;
  void *moved = realloc(items, fresh * item_bytes);
  if (moved) *capacity = fresh;
  return moved;
}
