/* Shared objects at run time: see library.h. */
#include "baseline/library.h"

#include <dlfcn.h>
#include <string.h>

enum sa_status sa_library_open(const char *file, const struct sa_symbol *symbols, size_t count,
                               void **library, struct sa_error *error) {
  /* never unloaded: their threads may outlive the last use */
  void *opened = dlopen(file, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!opened) return sa_fail(error, SA_ERR_INPUT, "cannot open %s: %s", file, dlerror());
  for (size_t i = 0; i < count; i++) {
    void *symbol = dlsym(opened, symbols[i].name);
    if (!symbol) {
      dlclose(opened);
      return sa_fail(error, SA_ERR_INPUT, "%s has no function %s", file, symbols[i].name);
    }
    memcpy(symbols[i].address, &symbol, sizeof symbol); /* ISO C has no cast from data to function */
  }
  *library = opened;
  return SA_OK;
}

void sa_library_set_threads(void *library, unsigned threads) {
  void (*set)(int) = NULL;
  void *symbol = dlsym(library, "omp_set_num_threads");
  memcpy(&set, &symbol, sizeof set);
  if (set) set((int)threads);
}

void sa_library_close(void *library) {
  if (library) dlclose(library);
}
