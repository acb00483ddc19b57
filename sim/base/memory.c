/* Sparse memory image: see memory.h. Pages hang in an open-addressed hash table keyed by page number. */
#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/rng.h"

enum { PAGE_BITS = 16, PAGE_BYTES = 1 << PAGE_BITS, FIRST_SLOTS = 64, RECORD_HEADER_BYTES = 16 };
#define ADDRESS_MASK ((UINT64_C(1) << 48) - 1)

static const char MAGIC[8] = {'S', 'A', 'M', 'E', 'M', 0, 0, 1};

struct slot {
  uint64_t page;       /* address >> PAGE_BITS */
  unsigned char *data; /* owned; null = empty slot */
};

struct sa_memory {
  struct slot *slots; /* slot_count is a power of two, at most three quarters taken */
  size_t slot_count, page_count;
};

struct sa_memory *sa_memory_create(void) {
  struct sa_memory *memory = calloc(1, sizeof *memory);
  if (!memory) return NULL;
  memory->slots = calloc(FIRST_SLOTS, sizeof *memory->slots);
  if (!memory->slots) {
    free(memory);
    return NULL;
  }
  memory->slot_count = FIRST_SLOTS;
  return memory;
}

void sa_memory_free(struct sa_memory *memory) {
  if (!memory) return;
  for (size_t i = 0; i < memory->slot_count; i++) free(memory->slots[i].data);
  free(memory->slots);
  free(memory);
}

/* The page's slot, or the empty one where it belongs. */
static struct slot *find(struct slot *slots, size_t slot_count, uint64_t page) {
  size_t i = (size_t)sa_rng_mix(page) & (slot_count - 1);
  while (slots[i].data && slots[i].page != page) i = (i + 1) & (slot_count - 1);
  return &slots[i];
}

static int grow(struct sa_memory *memory) {
  const size_t count = memory->slot_count * 2;
  struct slot *slots = calloc(count, sizeof *slots);
  if (!slots) return -1;
  for (size_t i = 0; i < memory->slot_count; i++) {
    const struct slot *old = &memory->slots[i];
    if (old->data) *find(slots, count, old->page) = *old;
  }
  free(memory->slots);
  memory->slots = slots;
  memory->slot_count = count;
  return 0;
}

/* The page's bytes, made if absent; null if memory ends. */
static unsigned char *page_for_write(struct sa_memory *memory, uint64_t page) {
  struct slot *slot = find(memory->slots, memory->slot_count, page);
  if (slot->data) return slot->data;
  if ((memory->page_count + 1) * 4 > memory->slot_count * 3) {
    if (grow(memory)) return NULL;
    slot = find(memory->slots, memory->slot_count, page);
  }
  slot->data = calloc(1, PAGE_BYTES);
  if (!slot->data) return NULL;
  slot->page = page;
  memory->page_count++;
  return slot->data;
}

static size_t within_page(uint64_t address, size_t bytes) {
  const size_t rest = PAGE_BYTES - (size_t)(address & (PAGE_BYTES - 1));
  return bytes < rest ? bytes : rest;
}

void sa_memory_read(const struct sa_memory *memory, uint64_t address, void *out, size_t bytes) {
  unsigned char *to = out;
  while (bytes > 0) {
    address &= ADDRESS_MASK;
    const size_t part = within_page(address, bytes);
    const struct slot *slot = find(memory->slots, memory->slot_count, address >> PAGE_BITS);
    if (slot->data)
      memcpy(to, slot->data + (address & (PAGE_BYTES - 1)), part);
    else
      memset(to, 0, part);
    to += part;
    address += part;
    bytes -= part;
  }
}

/* Lowers *address to the first difference between a page of `a` and what `b` has there. */
static bool differ_from(const struct sa_memory *a, const struct sa_memory *b, bool found, uint64_t *address) {
  static const unsigned char zeros[PAGE_BYTES];
  for (size_t i = 0; i < a->slot_count; i++) {
    const struct slot *slot = &a->slots[i];
    if (!slot->data) continue;
    const struct slot *other = find(b->slots, b->slot_count, slot->page);
    const unsigned char *data = other->data ? other->data : zeros;
    if (memcmp(slot->data, data, PAGE_BYTES) == 0) continue;
    size_t offset = 0;
    while (slot->data[offset] == data[offset]) offset++;
    const uint64_t at = (slot->page << PAGE_BITS) + offset;
    if (!found || at < *address) *address = at;
    found = true;
  }
  return found;
}

bool sa_memory_differ(const struct sa_memory *a, const struct sa_memory *b, uint64_t *address) {
  return differ_from(b, a, differ_from(a, b, false, address), address);
}

enum sa_status sa_memory_write(struct sa_memory *memory, uint64_t address, const void *data,
                               size_t bytes, struct sa_error *error) {
  const unsigned char *from = data;
  while (bytes > 0) {
    address &= ADDRESS_MASK;
    const size_t part = within_page(address, bytes);
    unsigned char *page = page_for_write(memory, address >> PAGE_BITS);
    if (!page)
      return sa_fail(error, SA_ERR_MEMORY, "out of memory for a memory image of %zu pages of %d KiB",
                     memory->page_count + 1, PAGE_BYTES / 1024);
    memcpy(page + (address & (PAGE_BYTES - 1)), from, part);
    from += part;
    address += part;
    bytes -= part;
  }
  return SA_OK;
}

static void put_u64(unsigned char *out, uint64_t x) {
  for (unsigned i = 0; i < 8; i++) out[i] = (unsigned char)(x >> (8 * i));
}

static uint64_t get_u64(const unsigned char *in) {
  uint64_t x = 0;
  for (unsigned i = 0; i < 8; i++) x |= (uint64_t)in[i] << (8 * i);
  return x;
}

static int by_page(const void *a, const void *b) {
  const struct slot *x = a, *y = b;
  return (x->page > y->page) - (x->page < y->page);
}

/* One record: the page without the zeros at its ends, nothing for a page of zeros, so that equal
 * contents make equal files. Errors stay in the stream's flag. */
static void write_page(FILE *file, const struct slot *slot) {
  size_t first = 0, end = PAGE_BYTES;
  while (first < end && slot->data[first] == 0) first++;
  while (end > first && slot->data[end - 1] == 0) end--;
  if (first == end) return;
  unsigned char header[RECORD_HEADER_BYTES];
  put_u64(header, (slot->page << PAGE_BITS) + first);
  put_u64(header + 8, end - first);
  fwrite(header, 1, sizeof header, file);
  fwrite(slot->data + first, 1, end - first, file);
}

enum sa_status sa_memory_save(const struct sa_memory *memory, const char *path,
                              struct sa_error *error) {
  struct slot *sorted = malloc((memory->page_count + 1) * sizeof *sorted);
  if (!sorted) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  size_t count = 0;
  for (size_t i = 0; i < memory->slot_count; i++)
    if (memory->slots[i].data) sorted[count++] = memory->slots[i];
  qsort(sorted, count, sizeof *sorted, by_page);
  struct sa_output output;
  enum sa_status status = sa_output_open(&output, path, error);
  if (!status) {
    fwrite(MAGIC, 1, sizeof MAGIC, output.file);
    for (size_t i = 0; i < count; i++) write_page(output.file, &sorted[i]);
    status = sa_output_commit(&output, error);
  }
  free(sorted);
  return status;
}

/* One record's data, in pieces, so that a length that the file doesn't hold costs nothing. */
static enum sa_status read_record(struct sa_memory *memory, FILE *file, const char *path,
                                  uint64_t address, uint64_t length, struct sa_error *error) {
  unsigned char piece[4096];
  if (length > ADDRESS_MASK + 1 || address > ADDRESS_MASK + 1 - length)
    return sa_fail_at(error, SA_ERR_INPUT, path, 0, 0,
                      "a record of %llu bytes at address %llu passes 48 bits",
                      (unsigned long long)length, (unsigned long long)address);
  while (length > 0) {
    const size_t part = length < sizeof piece ? (size_t)length : sizeof piece;
    if (fread(piece, 1, part, file) != part)
      return sa_fail_at(error, SA_ERR_INPUT, path, 0, 0,
                        "the file ends %llu bytes before the end of a record",
                        (unsigned long long)length);
    const enum sa_status status = sa_memory_write(memory, address, piece, part, error);
    if (status) return status;
    address += part;
    length -= part;
  }
  return SA_OK;
}

static enum sa_status load_file(struct sa_memory *memory, FILE *file, const char *path,
                                struct sa_error *error) {
  unsigned char header[RECORD_HEADER_BYTES];
  if (fread(header, 1, sizeof MAGIC, file) != sizeof MAGIC || memcmp(header, MAGIC, sizeof MAGIC))
    return sa_fail_at(error, SA_ERR_INPUT, path, 0, 0, "not a memory image of version 1");
  for (;;) {
    const size_t got = fread(header, 1, sizeof header, file);
    if (got == 0 && !ferror(file)) return SA_OK;
    if (got != sizeof header)
      return sa_fail_at(error, SA_ERR_INPUT, path, 0, 0, "the file ends inside a record's header");
    const enum sa_status status =
        read_record(memory, file, path, get_u64(header), get_u64(header + 8), error);
    if (status) return status;
  }
}

enum sa_status sa_memory_load(struct sa_memory *memory, const char *path, struct sa_error *error) {
  FILE *file = fopen(path, "rb");
  if (!file) return sa_fail_at(error, SA_ERR_IO, path, 0, 0, "cannot open: %s", strerror(errno));
  const enum sa_status status = load_file(memory, file, path, error);
  fclose(file);
  return status;
}
