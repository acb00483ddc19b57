/* The protobuf wire format: see onnx_wire.h. */
#include "import/onnx_wire.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum sa_status sa_mapped_open(struct sa_mapped_file *mapping, const char *path, struct sa_error *error) {
  const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  struct stat info;
  if (descriptor < 0 || fstat(descriptor, &info) != 0) {
    const int reason = errno;
    if (descriptor >= 0) close(descriptor);
    return sa_fail_at(error, SA_ERR_IO, path, 0, 0, "cannot open: %s", strerror(reason));
  }
  void *data = MAP_FAILED;
  if (S_ISREG(info.st_mode) && info.st_size > 0)
    data = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  const int reason = errno;
  close(descriptor);
  if (!S_ISREG(info.st_mode)) return sa_fail_at(error, SA_ERR_INPUT, path, 0, 0, "this is no regular file");
  if (info.st_size == 0) return sa_fail_at(error, SA_ERR_INPUT, path, 0, 0, "the file is empty");
  if (data == MAP_FAILED)
    return sa_fail_at(error, SA_ERR_IO, path, 0, 0, "cannot map: %s", strerror(reason));
  *mapping = (struct sa_mapped_file){path, data, (size_t)info.st_size};
  return SA_OK;
}

void sa_mapped_close(struct sa_mapped_file *mapping) {
  if (mapping->data) munmap((void *)(uintptr_t)mapping->data, mapping->bytes);
  *mapping = (struct sa_mapped_file){.path = mapping->path};
}

static enum sa_status fail(const struct sa_wire *wire, const uint8_t *at, struct sa_error *error,
                           const char *what) {
  return sa_fail_at(error, SA_ERR_INPUT, wire->file->path, 0, 0, "offset %zu: %s",
                    sa_wire_offset(wire->file, at), what);
}

enum sa_status sa_wire_varint(struct sa_wire *wire, uint64_t *value, struct sa_error *error) {
  const uint8_t *start = wire->at;
  uint64_t result = 0;
  for (unsigned shift = 0; shift < 70; shift += 7) {
    if (wire->at == wire->end) return fail(wire, start, error, "a number passes the end of its message");
    const uint8_t byte = *wire->at++;
    if (shift < 64) result |= (uint64_t)(byte & 0x7f) << shift;
    if (!(byte & 0x80)) {
      *value = result;
      return SA_OK;
    }
  }
  return fail(wire, start, error, "a number has more than ten bytes; this is no protobuf");
}

static uint64_t little_endian(const uint8_t *data, unsigned bytes) {
  uint64_t value = 0;
  for (unsigned i = 0; i < bytes; i++) value |= (uint64_t)data[i] << (8 * i);
  return value;
}

enum sa_status sa_wire_next(struct sa_wire *wire, struct sa_wire_field *field, struct sa_error *error) {
  *field = (struct sa_wire_field){.number = 0};
  if (wire->at == wire->end) return SA_OK;
  const uint8_t *start = wire->at;
  uint64_t tag, length = 0;
  enum sa_status status = sa_wire_varint(wire, &tag, error);
  if (status) return status;
  const unsigned type = (unsigned)(tag & 7);
  if (tag >> 3 == 0 || tag >> 3 > 0x1fffffff)
    return fail(wire, start, error, "a field has a number outside 1 to 2^29 - 1; this is no protobuf");
  field->number = (uint32_t)(tag >> 3);
  field->type = (enum sa_wire_type)type;
  const size_t left_before = (size_t)(wire->end - wire->at);
  switch (type) {
    case SA_WIRE_VARINT:
      return sa_wire_varint(wire, &field->value, error);
    case SA_WIRE_FIXED64:
    case SA_WIRE_FIXED32:
      length = type == SA_WIRE_FIXED64 ? 8 : 4;
      if (left_before < length) return fail(wire, start, error, "a number passes the end of its message");
      field->value = little_endian(wire->at, (unsigned)length);
      break;
    case SA_WIRE_BYTES:
      status = sa_wire_varint(wire, &length, error);
      if (status) return status;
      if (length > (size_t)(wire->end - wire->at))
        return sa_fail_at(error, SA_ERR_INPUT, wire->file->path, 0, 0,
                          "offset %zu: field %u claims %llu bytes; its message has %zu left",
                          sa_wire_offset(wire->file, start), field->number, (unsigned long long)length,
                          (size_t)(wire->end - wire->at));
      field->bytes = (struct sa_span){wire->at, (size_t)length};
      break;
    default:
      return fail(wire, start, error, type == 3 || type == 4
                                          ? "a field is a group, which ONNX does not use"
                                          : "a field has an unknown wire type; this is no protobuf");
  }
  wire->at += length;
  return SA_OK;
}

enum sa_status sa_wire_expect(const struct sa_wire *wire, const struct sa_wire_field *field,
                              enum sa_wire_type type, const char *name, struct sa_error *error) {
  if (field->type == type) return SA_OK;
  return sa_fail_at(error, SA_ERR_INPUT, wire->file->path, 0, 0,
                    "offset %zu: %s (field %u) has wire type %d instead of %d",
                    sa_wire_offset(wire->file, wire->at), name, field->number, (int)field->type, (int)type);
}
