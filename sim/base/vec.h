/* Growable arrays: a plain pointer with a count and a capacity, grown by one function. */
#ifndef SA_BASE_VEC_H
#define SA_BASE_VEC_H
#include <stddef.h>

/* Makes room for `needed` items of `item_bytes` each. Returns the array, perhaps moved, with
 * *capacity at least `needed` (it at least doubles, so that appending costs constant time); null if
 * memory ends or the size overflows: then the old array and *capacity are as before, still the caller's.
 *
 *   struct thing *grown = sa_vec_grow(v->items, &v->capacity, v->count + 1, sizeof *v->items);
 *   if (!grown) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
 *   v->items = grown; */
void *sa_vec_grow(void *items, size_t *capacity, size_t needed, size_t item_bytes)
    __attribute__((warn_unused_result));
#endif
