/* Reader of the protobuf wire format over bytes in memory, without copying and without recursion: a message
 * is a span, its fields come one by one, a nested message is again a span. Every length is checked
 * against the message that holds it; messages of errors carry the byte offset in the file. */
#ifndef SA_IMPORT_ONNX_WIRE_H
#define SA_IMPORT_ONNX_WIRE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* A file mapped for reading. */
struct sa_mapped_file {
  const char *path;    /* the caller's, for messages */
  const uint8_t *data; /* bytes of them */
  size_t bytes;
};

/* Maps a regular file that is not empty. */
enum sa_status sa_mapped_open(struct sa_mapped_file *mapping, const char *path, struct sa_error *error)
    SA_CHECKED;
void sa_mapped_close(struct sa_mapped_file *mapping);

/* Bytes of a mapping; null data with 0 bytes: nothing there. */
struct sa_span {
  const uint8_t *data;
  size_t bytes;
};

enum sa_wire_type { SA_WIRE_VARINT = 0, SA_WIRE_FIXED64 = 1, SA_WIRE_BYTES = 2, SA_WIRE_FIXED32 = 5 };

struct sa_wire_field {
  uint32_t number; /* 0: the message is over */
  enum sa_wire_type type;
  uint64_t value;       /* of a varint or fixed field */
  struct sa_span bytes; /* of a length-delimited field */
};

/* A position in a message. */
struct sa_wire {
  const struct sa_mapped_file *file;
  const uint8_t *at, *end;
};

static inline struct sa_wire sa_wire_open(const struct sa_mapped_file *file, struct sa_span message) {
  return (struct sa_wire){file, message.data, message.data ? message.data + message.bytes : NULL};
}
/* Offset of a byte in the file, for messages. */
static inline size_t sa_wire_offset(const struct sa_mapped_file *file, const uint8_t *at) {
  return at ? (size_t)(at - file->data) : 0;
}

/* The next field; at the end field->number is 0. Refuses what protobuf refuses: field number 0, groups,
 * unknown wire types, varints over ten bytes, lengths past the end of the message. */
enum sa_status sa_wire_next(struct sa_wire *wire, struct sa_wire_field *field, struct sa_error *error)
    SA_CHECKED;
/* One bare varint, as in a packed repeated field. */
enum sa_status sa_wire_varint(struct sa_wire *wire, uint64_t *value, struct sa_error *error) SA_CHECKED;
/* Fails unless the field has the wire type; `name` is the field's. */
enum sa_status sa_wire_expect(const struct sa_wire *wire, const struct sa_wire_field *field,
                              enum sa_wire_type type, const char *name, struct sa_error *error)
    SA_CHECKED;
#endif
