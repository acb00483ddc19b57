/* Fuzz target: any bytes as a saved baseline. What is accepted must be written and read again as the same
 * text; what is refused must say why. */
#include <config.h> /* _GNU_SOURCE: memfd_create */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "baseline/results.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition) {
  if (!condition) abort();
}

/* Reads bytes through a file that lives in memory alone. */
static enum sa_status load(const void *data, size_t size, struct sa_baseline *baseline, struct sa_error *error) {
  const int file = memfd_create("baseline.json", 0);
  require(file >= 0 && write(file, data, size) == (ssize_t)size);
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", file);
  const enum sa_status status = sa_baseline_load(path, baseline, error);
  close(file);
  return status;
}

/* The caller frees the text. */
static char *text_of(const struct sa_baseline *baseline, size_t *length) {
  char *text = NULL;
  struct sa_error error = {0};
  FILE *out = open_memstream(&text, length);
  require(out && !sa_baseline_write_json(baseline, out, &error) && !fclose(out));
  return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct sa_baseline first, second;
  struct sa_error error = {0};
  const enum sa_status status = load(data, size, &first, &error);
  if (status) {
    require(error.status == status && error.message[0]);
    return 0;
  }
  size_t first_length, second_length;
  char *one = text_of(&first, &first_length);
  require(!load(one, first_length, &second, &error));
  char *two = text_of(&second, &second_length);
  require(first_length == second_length && memcmp(one, two, first_length) == 0);
  free(one);
  free(two);
  FILE *sink = fopen("/dev/null", "w");
  require(sink != NULL);
  sa_baseline_write_table(&first, sink);
  sa_baseline_write_csv(&first, sink);
  fclose(sink);
  for (int dtype = 0; dtype < SA_DTYPES; dtype++) sa_baseline_best(&first, (enum sa_dtype)dtype);
  sa_baseline_release(&first);
  sa_baseline_release(&second);
  return 0;
}
