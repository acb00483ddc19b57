/* Whole files: see file.h. */
#include "base/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/vec.h"

static enum sa_status io_error(struct sa_error *error, const char *path, const char *what) {
  return sa_fail_at(error, SA_ERR_IO, path, 0, 0, "%s: %s", what, strerror(errno));
}

/* Reads the open file to its end. *data may be set on failure too and is the caller's. */
static enum sa_status read_all(FILE *file, const char *path, size_t max_bytes, char **data,
                               size_t *bytes, struct sa_error *error) {
  size_t capacity = 0, count = 0;
  for (;;) {
    char *grown = sa_vec_grow(*data, &capacity, count + 4096, 1);
    if (!grown) return sa_fail_at(error, SA_ERR_MEMORY, path, 0, 0, "out of memory");
    *data = grown;
    errno = 0;
    const size_t got = fread(*data + count, 1, capacity - count - 1, file);
    count += got;
    if (count > max_bytes)
      return sa_fail_at(error, SA_ERR_LIMIT, path, 0, 0,
                        "the file is too large; at most %zu bytes are read", max_bytes);
    if (ferror(file)) return io_error(error, path, "cannot read");
    if (got == 0) break;
  }
  (*data)[count] = '\0';
  *bytes = count;
  return SA_OK;
}

enum sa_status sa_file_read(const char *path, size_t max_bytes, char **data, size_t *bytes,
                            struct sa_error *error) {
  FILE *file = fopen(path, "rb");
  if (!file) return io_error(error, path, "cannot open");
  char *content = NULL;
  size_t count = 0;
  const enum sa_status status = read_all(file, path, max_bytes, &content, &count, error);
  fclose(file);
  if (status) {
    free(content);
    return status;
  }
  *data = content;
  *bytes = count;
  return SA_OK;
}

void sa_output_discard(struct sa_output *output) {
  if (output->file) fclose(output->file);
  if (output->temporary) remove(output->temporary);
  free(output->temporary);
  free(output->path);
  *output = (struct sa_output){0};
}

static enum sa_status open_temporary(struct sa_output *output, struct sa_error *error) {
  static const char SUFFIX[] = ".XXXXXX";
  const size_t length = strlen(output->path);
  output->temporary = malloc(length + sizeof SUFFIX);
  if (!output->temporary) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  memcpy(output->temporary, output->path, length);
  memcpy(output->temporary + length, SUFFIX, sizeof SUFFIX);
  const int descriptor = mkstemp(output->temporary);
  if (descriptor < 0) {
    const enum sa_status status = io_error(error, output->path, "cannot write");
    free(output->temporary); /* no file of this name is ours to remove */
    output->temporary = NULL;
    return status;
  }
  const mode_t mask = umask(0); /* mkstemp's file is private; give it the mode of a created one */
  umask(mask);
  if (fchmod(descriptor, 0666 & ~mask) != 0 || !(output->file = fdopen(descriptor, "wb"))) {
    const enum sa_status status = io_error(error, output->path, "cannot write");
    close(descriptor);
    return status;
  }
  return SA_OK;
}

enum sa_status sa_output_open(struct sa_output *output, const char *path, struct sa_error *error) {
  *output = (struct sa_output){0};
  if (!path[0]) return sa_fail(error, SA_ERR_INPUT, "the name of the output file is empty");
  struct stat info;
  const int exists = stat(path, &info) == 0;
  /* a symbolic link is followed, so that the rename replaces the file and not the link */
  output->path = exists && S_ISREG(info.st_mode) ? realpath(path, NULL) : strdup(path);
  if (!output->path) return sa_fail_at(error, SA_ERR_IO, path, 0, 0, "cannot write: %s", strerror(errno));
  enum sa_status status = SA_OK;
  if (exists && !S_ISREG(info.st_mode)) {
    output->file = fopen(path, "wb");
    if (!output->file) status = io_error(error, path, "cannot write");
  } else {
    status = open_temporary(output, error);
  }
  if (status) sa_output_discard(output);
  return status;
}

enum sa_status sa_output_commit(struct sa_output *output, struct sa_error *error) {
  enum sa_status status = SA_OK;
  errno = 0;
  const int bad = ferror(output->file) != 0;
  if (fclose(output->file) != 0 || bad) status = io_error(error, output->path, "cannot write");
  output->file = NULL;
  if (!status && output->temporary && rename(output->temporary, output->path) != 0)
    status = io_error(error, output->path, "cannot write");
  if (!status) {
    free(output->temporary);
    output->temporary = NULL;
  }
  sa_output_discard(output);
  return status;
}
