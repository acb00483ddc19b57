/* Fuzz target: any bytes as a machine's config. Whatever is accepted must print and read back to the
 * same machine; whatever is refused must say why. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition) {
  if (!condition) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct sa_config config, again;
  struct sa_error error = {0};
  enum sa_status status = sa_config_parse("fuzz.yaml", (const char *)data, size, &config, &error);
  if (!status) status = sa_config_finish(&config, &error);
  if (status) {
    require(error.status == status && error.message[0]);
    return 0;
  }
  char *text = NULL;
  size_t length = 0;
  FILE *file = open_memstream(&text, &length);
  sa_config_write(&config, file);
  fclose(file);
  require(sa_config_parse("fuzz.yaml", text, length, &again, &error) == SA_OK);
  require(sa_config_finish(&again, &error) == SA_OK);
  require(memcmp(&config, &again, sizeof config) == 0);
  free(text);
  return 0;
}
