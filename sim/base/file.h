/* Whole files: reading one with a size limit, and writing one so that a failure leaves nothing behind. */
#ifndef SA_BASE_FILE_H
#define SA_BASE_FILE_H
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"

/* Reads the file, at most max_bytes, into *data (malloc, a null byte added behind the end). */
enum sa_status sa_file_read(const char *path, size_t max_bytes, char **data, size_t *bytes,
                            struct sa_error *error) SA_CHECKED;

/* An output that appears under its name only when complete: written beside it and renamed by
 * sa_output_commit. A path that exists and is no regular file (a pipe, /dev/null) is written directly. */
struct sa_output {
  FILE *file;      /* write here */
  char *path;      /* owned */
  char *temporary; /* owned; null if written directly */
};

enum sa_status sa_output_open(struct sa_output *output, const char *path, struct sa_error *error)
    SA_CHECKED;
/* Flushes, closes and renames; on failure nothing stays behind. Ends the output either way. */
enum sa_status sa_output_commit(struct sa_output *output, struct sa_error *error) SA_CHECKED;
/* Closes and removes. Legal after commit and on a zeroed struct. */
void sa_output_discard(struct sa_output *output);
#endif
