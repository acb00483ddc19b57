/* Fault injection, to be preloaded: the allocation numbered $SA_FAULT_ALLOC (from 1) and all later ones
 * fail. Allocations of the loader and of libc's start-up count too, which only shifts the numbers. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

/* glibc's own names of the real functions */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

static long limit, count; /* limit 0: not read yet */

static int fails(void) {
  if (limit == 0) {
    const char *text = getenv("SA_FAULT_ALLOC");
    limit = text ? atol(text) : -1;
  }
  if (limit < 0 || ++count < limit) return 0;
  errno = ENOMEM;
  return 1;
}

void *malloc(size_t size) { return fails() ? NULL : __libc_malloc(size); }
void *calloc(size_t n, size_t size) { return fails() ? NULL : __libc_calloc(n, size); }
void *realloc(void *old, size_t size) { return fails() ? NULL : __libc_realloc(old, size); }
