/* Fuzz target: any bytes as assembly text. What is accepted must be text again that gives the same
 * text; what is refused must say where and why. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "program/asm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition) {
  if (!condition) abort();
}

static char *text_of(const struct sa_program *program, size_t *length) {
  char *text = NULL;
  FILE *out = open_memstream(&text, length);
  require(out != NULL);
  sa_disassemble(program, out);
  fclose(out);
  return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct sa_program program, again;
  struct sa_error error = {.message = ""};
  sa_program_init(&program);
  sa_program_init(&again);
  const enum sa_status status = sa_assemble("fuzz", (const char *)data, size, &program, &error);
  if (status != SA_OK) {
    require(error.status == status && error.message[0] && error.line > 0 && error.column > 0);
    require(!program.block_count);
    return 0;
  }
  size_t length, length_again;
  char *text = text_of(&program, &length);
  require(sa_assemble("fuzz", text, length, &again, &error) == SA_OK);
  char *text_again = text_of(&again, &length_again);
  require(length == length_again && memcmp(text, text_again, length) == 0);
  free(text);
  free(text_again);
  sa_program_release(&program);
  sa_program_release(&again);
  return 0;
}
