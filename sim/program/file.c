/* Program files; see file.h. */
#include "program/file.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

static const char magic[8] = {'S', 'A', 'P', 'R', 'O', 'G', 0, 1};

enum {
  INSTR_BYTES = 4 * SA_INSTR_WORDS,
  BLOCK_ENTRY_BYTES = INSTR_BYTES + 4,
  CALL_BYTES = 8 + 8 * SA_BASE_REGS,
  NAME_MAX_BYTES = 255
};

#define FILE_MAX_BYTES ((size_t)1 << 32)

void sa_program_file_init(struct sa_program_file *file) { memset(file, 0, sizeof *file); }

void sa_program_file_release(struct sa_program_file *file) {
  sa_program_release(&file->program);
  for (size_t i = 0; i < file->layer_count; i++) free(file->layer_names[i]);
  free(file->layer_names);
  sa_program_file_init(file);
}

/* ---- Writing ---- */

static void put_le(FILE *out, uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; i++) putc((int)(value >> 8 * i & 0xff), out);
}

static void put_instr(FILE *out, const struct sa_instr *instr) {
  uint32_t words[SA_INSTR_WORDS];
  sa_instr_encode(instr, words);
  for (int w = 0; w < SA_INSTR_WORDS; w++) put_le(out, words[w], 4);
}

static void put_block(FILE *out, const struct sa_block *block) {
  put_le(out, block->count, 4);
  for (size_t i = 0; i < block->count; i++) {
    put_instr(out, &block->instrs[i]);
    put_le(out, block->layers[i], 4);
  }
}

static void put_call(FILE *out, const struct sa_call *call) {
  put_le(out, call->block, 4);
  put_le(out, call->first_layer, 4);
  for (int reg = 0; reg < SA_BASE_REGS; reg++) put_le(out, call->base[reg], 8);
}

static void put_name(FILE *out, const char *name) {
  size_t length = strlen(name);
  if (length > NAME_MAX_BYTES) length = NAME_MAX_BYTES;
  put_le(out, length, 2);
  fwrite(name, 1, length, out);
}

enum sa_status sa_program_save(const struct sa_program *program, uint64_t config_hash,
                               const char *const *layer_names, size_t layer_count, const char *path,
                               struct sa_error *error) {
  struct sa_output output;
  const enum sa_status status = sa_output_open(&output, path, error);
  if (status != SA_OK) return status;
  FILE *out = output.file;
  fwrite(magic, 1, sizeof magic, out);
  put_le(out, config_hash, 8);
  put_le(out, program->block_count, 4);
  put_le(out, program->call_count, 4);
  put_le(out, layer_count, 4);
  for (size_t i = 0; i < program->block_count; i++) put_block(out, &program->blocks[i]);
  for (size_t i = 0; i < program->call_count; i++) put_call(out, &program->calls[i]);
  for (size_t i = 0; i < layer_count; i++) put_name(out, layer_names[i]);
  return sa_output_commit(&output, error);
}

enum sa_status sa_program_save_stream(const struct sa_program *program, const char *path,
                                      struct sa_error *error) {
  struct sa_output output;
  const enum sa_status status = sa_output_open(&output, path, error);
  if (status != SA_OK) return status;
  struct sa_stream_reader reader;
  const struct sa_instr *instr;
  uint32_t layer;
  sa_stream_open(&reader, program);
  while ((instr = sa_stream_next(&reader, &layer))) put_instr(output.file, instr);
  return sa_output_commit(&output, error);
}

/* ---- Reading ---- */

struct input {
  const char *path;
  const unsigned char *data;
  size_t bytes, at;
  struct sa_error *error;
};

static enum sa_status __attribute__((format(printf, 2, 3)))
bad(const struct input *in, const char *format, ...) {
  char text[sizeof in->error->message];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  return sa_fail_at(in->error, SA_ERR_INPUT, in->path, 0, 0, "%s", text);
}

static uint64_t get_le(struct input *in, unsigned bytes) { /* the caller has looked at the size */
  uint64_t value = 0;
  for (unsigned i = 0; i < bytes; i++) value |= (uint64_t)in->data[in->at++] << 8 * i;
  return value;
}

/* Are there `count` items of at least `each` bytes? */
static enum sa_status need(const struct input *in, uint64_t count, size_t each, const char *what) {
  const size_t left = in->bytes - in->at;
  if (count <= left / each) return SA_OK;
  return bad(in, "truncated: %" PRIu64 " %s need %" PRIu64 " bytes at offset %zu, but %zu are left", count,
             what, count * each, in->at, left);
}

static enum sa_status read_instr(struct input *in, struct sa_block *block, size_t number, size_t i) {
  uint32_t words[SA_INSTR_WORDS];
  struct sa_instr instr;
  struct sa_error inner;
  const size_t at = in->at;
  for (int w = 0; w < SA_INSTR_WORDS; w++) words[w] = (uint32_t)get_le(in, 4);
  const uint32_t layer = (uint32_t)get_le(in, 4);
  if (sa_instr_decode(words, &instr, &inner) != SA_OK)
    return bad(in, "block %zu, instruction %zu (offset %zu): %s", number, i, at, inner.message);
  if (sa_instr_unit(instr.opcode) == SA_UNITS)
    return bad(in, "block %zu, instruction %zu (offset %zu): BASE and END cannot be in a block", number,
               i, at);
  return sa_block_append(block, &instr, layer, in->error);
}

static enum sa_status read_block(struct input *in, struct sa_program *program, size_t number) {
  uint32_t block;
  enum sa_status status = need(in, 1, 4, "bytes of a block's count");
  if (status != SA_OK) return status;
  const uint32_t count = (uint32_t)get_le(in, 4);
  status = need(in, count, BLOCK_ENTRY_BYTES, "instructions");
  if (status == SA_OK) status = sa_program_add_block(program, &block, in->error);
  for (uint32_t i = 0; i < count && status == SA_OK; i++)
    status = read_instr(in, &program->blocks[block], number, i);
  return status;
}

static enum sa_status read_call(struct input *in, struct sa_program *program, size_t number) {
  struct sa_call call;
  call.block = (uint32_t)get_le(in, 4);
  call.first_layer = (uint32_t)get_le(in, 4);
  if (call.block >= program->block_count)
    return bad(in, "call %zu: block is %" PRIu32 "; there are %zu blocks", number, call.block,
               program->block_count);
  for (int reg = 0; reg < SA_BASE_REGS; reg++) {
    call.base[reg] = get_le(in, 8);
    if (call.base[reg] >> 48)
      return bad(in, "call %zu: base register %d is 0x%" PRIx64 "; it has 48 bits", number, reg,
                 call.base[reg]);
  }
  return sa_program_add_call(program, &call, in->error);
}

static enum sa_status read_name(struct input *in, struct sa_program_file *file, size_t number) {
  enum sa_status status = need(in, 1, 2, "bytes of a name's length");
  if (status != SA_OK) return status;
  const size_t length = get_le(in, 2);
  if (length > NAME_MAX_BYTES)
    return bad(in, "layer name %zu has %zu bytes; the limit is %d", number, length, NAME_MAX_BYTES);
  status = need(in, length, 1, "bytes of a layer name");
  if (status != SA_OK) return status;
  for (size_t i = 0; i < length; i++)
    if (in->data[in->at + i] < ' ' || in->data[in->at + i] == 127)
      return bad(in, "layer name %zu holds a control character", number);
  char *name = malloc(length + 1);
  if (!name) return sa_fail(in->error, SA_ERR_MEMORY, "%s: out of memory for a name", in->path);
  memcpy(name, in->data + in->at, length);
  name[length] = 0;
  in->at += length;
  file->layer_names[file->layer_count++] = name;
  return SA_OK;
}

static enum sa_status read_names(struct input *in, struct sa_program_file *file, uint32_t count) {
  enum sa_status status = need(in, count, 2, "layer names");
  if (status != SA_OK || !count) return status;
  file->layer_names = calloc(count, sizeof file->layer_names[0]);
  if (!file->layer_names) return sa_fail(in->error, SA_ERR_MEMORY, "%s: out of memory for names", in->path);
  for (uint32_t i = 0; i < count && status == SA_OK; i++) status = read_name(in, file, i);
  return status;
}

/* With names, every layer that an instruction belongs to has one. */
static enum sa_status check_layers(const struct input *in, const struct sa_program_file *file) {
  if (!file->layer_count) return SA_OK;
  for (size_t c = 0; c < file->program.call_count; c++) {
    const struct sa_call *call = &file->program.calls[c];
    const struct sa_block *block = &file->program.blocks[call->block];
    for (size_t i = 0; i < block->count; i++) {
      const uint64_t layer = (uint64_t)call->first_layer + block->layers[i];
      if (layer >= file->layer_count)
        return bad(in, "call %zu, instruction %zu: layer is %" PRIu64 "; there are %zu layers", c, i, layer,
                   file->layer_count);
    }
  }
  return SA_OK;
}

static enum sa_status read_file(struct input *in, struct sa_program_file *file) {
  enum sa_status status = need(in, 1, sizeof magic + 8 + 12, "bytes of the header");
  if (status != SA_OK) return status;
  if (memcmp(in->data, magic, sizeof magic - 1) != 0) return bad(in, "not a program file");
  if (in->data[sizeof magic - 1] != magic[sizeof magic - 1])
    return bad(in, "program file of version %d; this reads version %d", in->data[sizeof magic - 1],
               magic[sizeof magic - 1]);
  in->at = sizeof magic;
  file->config_hash = get_le(in, 8);
  const uint32_t blocks = (uint32_t)get_le(in, 4), calls = (uint32_t)get_le(in, 4);
  const uint32_t names = (uint32_t)get_le(in, 4);
  status = need(in, blocks, 4, "blocks");
  for (uint32_t i = 0; i < blocks && status == SA_OK; i++) status = read_block(in, &file->program, i);
  if (status == SA_OK) status = need(in, calls, CALL_BYTES, "calls");
  for (uint32_t i = 0; i < calls && status == SA_OK; i++) status = read_call(in, &file->program, i);
  if (status == SA_OK) status = read_names(in, file, names);
  if (status == SA_OK && in->at != in->bytes)
    return bad(in, "%zu bytes behind the end of the program", in->bytes - in->at);
  return status == SA_OK ? check_layers(in, file) : status;
}

enum sa_status sa_program_parse(struct sa_program_file *file, const char *path, const void *data,
                                size_t bytes, struct sa_error *error) {
  struct input in = {.path = path, .data = data, .bytes = bytes, .error = error};
  struct sa_program_file fresh;
  sa_program_file_init(&fresh);
  const enum sa_status status = read_file(&in, &fresh);
  if (status != SA_OK) {
    sa_program_file_release(&fresh);
    return status;
  }
  sa_program_file_release(file);
  *file = fresh;
  return SA_OK;
}

enum sa_status sa_program_load(struct sa_program_file *file, const char *path,
                               struct sa_error *error) {
  char *data;
  size_t bytes;
  enum sa_status status = sa_file_read(path, FILE_MAX_BYTES, &data, &bytes, error);
  if (status != SA_OK) return status;
  status = sa_program_parse(file, path, data, bytes, error);
  free(data);
  return status;
}
