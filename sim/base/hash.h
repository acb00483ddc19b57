/* 64-bit FNV-1a: names cached builds and compares states. Not for hostile input. */
#ifndef SA_BASE_HASH_H
#define SA_BASE_HASH_H
#include <stddef.h>
#include <stdint.h>

#define SA_HASH_INIT UINT64_C(0xcbf29ce484222325)

/* Continues `hash` (SA_HASH_INIT to begin) over the bytes. Feed integers in a fixed byte order if the
 * result leaves the process. */
uint64_t sa_hash_bytes(uint64_t hash, const void *data, size_t bytes);
/* The eight bytes of x, little-endian. */
uint64_t sa_hash_u64(uint64_t hash, uint64_t x);
/* The characters and the final null, so that "ab","c" differs from "a","bc". */
uint64_t sa_hash_string(uint64_t hash, const char *text);
#endif
