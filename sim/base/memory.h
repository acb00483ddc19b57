/* A sparse 48-bit byte-addressed memory image in 64 KiB pages; bytes never written read as zero.
 * File form (`.mem`): the 8 bytes "SAMEM\0\0\1", then records of address (u64), length (u64), data,
 * little-endian, until the end of the file. */
#ifndef SA_BASE_MEMORY_H
#define SA_BASE_MEMORY_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#ifdef __cplusplus
extern "C" {
#endif

struct sa_memory;

/* Null if out of memory. sa_memory_free(NULL) is legal. */
struct sa_memory *sa_memory_create(void);
void sa_memory_free(struct sa_memory *memory);
void sa_memory_read(const struct sa_memory *memory, uint64_t address, void *out, size_t bytes);
enum sa_status sa_memory_write(struct sa_memory *memory, uint64_t address, const void *data,
                               size_t bytes, struct sa_error *error) SA_CHECKED;
/* Whether two images hold different bytes, and the lowest address where they do. */
bool sa_memory_differ(const struct sa_memory *a, const struct sa_memory *b, uint64_t *address);
enum sa_status sa_memory_save(const struct sa_memory *memory, const char *path,
                              struct sa_error *error) SA_CHECKED;
enum sa_status sa_memory_load(struct sa_memory *memory, const char *path, struct sa_error *error)
    SA_CHECKED;
#ifdef __cplusplus
}
#endif
#endif
