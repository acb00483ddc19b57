/* FNV-1a (Fowler, Noll, Vo): see hash.h. */
#include "base/hash.h"

#include <string.h>

static const uint64_t FNV_PRIME = UINT64_C(0x100000001b3);

uint64_t sa_hash_bytes(uint64_t hash, const void *data, size_t bytes) {
  const unsigned char *p = data;
  for (size_t i = 0; i < bytes; i++) hash = (hash ^ p[i]) * FNV_PRIME;
  return hash;
}

uint64_t sa_hash_u64(uint64_t hash, uint64_t x) {
  for (unsigned i = 0; i < 8; i++) hash = (hash ^ (x >> (8 * i) & 0xff)) * FNV_PRIME;
  return hash;
}

uint64_t sa_hash_string(uint64_t hash, const char *text) {
  return sa_hash_bytes(hash, text, strlen(text) + 1);
}
