/* Files that live as long as a test needs them. */
#ifndef SA_TESTS_TEMPORARY_H
#define SA_TESTS_TEMPORARY_H
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Writes the bytes to a new file whose name ends in `suffix` and returns its path (static). */
static inline const char *temporary_file(const char *suffix, const void *bytes, size_t count) {
  static char path[64];
  snprintf(path, sizeof path, "/tmp/sa_test_XXXXXX%s", suffix);
  int length = 0;
  while (suffix[length]) length++;
  const int descriptor = mkstemps(path, length);
  ck_assert_int_ge(descriptor, 0);
  FILE *file = fdopen(descriptor, "wb");
  ck_assert_ptr_nonnull(file);
  if (count) ck_assert_uint_eq(fwrite(bytes, 1, count, file), count);
  ck_assert_int_eq(fclose(file), 0);
  return path;
}
#endif
