/* Program files (`.sap`): a program in binary, with what tells a reader where it belongs.
 *
 * All numbers little-endian.
 *   8 bytes   "SAPROG\0\1" (the last byte is the version)
 *   u64       hash of the config it was made for, 0 = not stated
 *   u32 x 3   number of blocks, calls, layer names
 *   blocks    each u32 count, then count times: 16 u32 words of the instruction, u32 layer
 *   calls     each u32 block, u32 first layer, 8 u64 base registers
 *   names     each u16 length, bytes (no control characters)
 * and nothing behind. The flat form has no header: the stream's instructions, 64 bytes each, BASE and
 * END included, as the host sends it to the sequencer. */
#ifndef SA_PROGRAM_FILE_H
#define SA_PROGRAM_FILE_H
#include "program/program.h"

struct sa_program_file {
  uint64_t config_hash;
  struct sa_program program;
  char **layer_names; /* owned; empty, or one for each layer of the program */
  size_t layer_count;
};

void sa_program_file_init(struct sa_program_file *file);
void sa_program_file_release(struct sa_program_file *file);

/* Writes a program; layer_names may be null if layer_count is 0. Nothing stays behind on failure. */
enum sa_status sa_program_save(const struct sa_program *program, uint64_t config_hash,
                               const char *const *layer_names, size_t layer_count, const char *path,
                               struct sa_error *error) SA_CHECKED;

/* Reads a program file into an initialised struct, which stays as it was on failure. Every count is
 * checked against the size, every instruction decoded. */
enum sa_status sa_program_load(struct sa_program_file *file, const char *path,
                               struct sa_error *error) SA_CHECKED;
/* As sa_program_load, from memory; `path` names it in messages. */
enum sa_status sa_program_parse(struct sa_program_file *file, const char *path, const void *data,
                                size_t bytes, struct sa_error *error) SA_CHECKED;

/* Writes the flat form. */
enum sa_status sa_program_save_stream(const struct sa_program *program, const char *path,
                                      struct sa_error *error) SA_CHECKED;
#endif
