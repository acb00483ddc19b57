/* The assembler; see asm.h. A line is words; a word's fields are looked up in isa.def's table, put
 * together as encoded words, and decoded, so that the decoder's rules are the assembler's. */
#include "program/asm.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "base/vec.h"
#include "program/isa_table.h"

enum { WORD_MAX = 63 };

struct word {
  char text[WORD_MAX + 1];
  int column;
};

struct assembler {
  const char *path;
  const char *at, *end;          /* rest of the text */
  int line;
  const char *line_start;
  struct sa_program *program;
  char (*names)[WORD_MAX + 1];   /* of the blocks */
  size_t name_count, name_capacity;
  uint32_t layer;
  struct sa_error *error;
};

#define FAIL(a, column, ...) \
  sa_fail_at((a)->error, SA_ERR_INPUT, (a)->path, (a)->line, column, __VA_ARGS__)

/* ---- Words ---- */

static bool at_line_end(const struct assembler *a) {
  return a->at == a->end || *a->at == '\n' || *a->at == '#';
}

static void skip_blanks(struct assembler *a) {
  while (a->at < a->end && (*a->at == ' ' || *a->at == '\t' || *a->at == '\r')) a->at++;
}

/* The line's next word; text "" behind the last. */
static enum sa_status next_word(struct assembler *a, struct word *word) {
  size_t length = 0;
  skip_blanks(a);
  word->column = (int)(a->at - a->line_start) + 1;
  for (; !at_line_end(a) && *a->at != ' ' && *a->at != '\t' && *a->at != '\r'; a->at++) {
    if ((unsigned char)*a->at <= ' ' || (unsigned char)*a->at > 126)
      return FAIL(a, word->column + (int)length, "character 0x%02x is not text", (unsigned char)*a->at);
    if (length == WORD_MAX) return FAIL(a, word->column, "a word is longer than %d characters", WORD_MAX);
    word->text[length++] = *a->at;
  }
  word->text[length] = 0;
  return SA_OK;
}

/* Splits NAME=VALUE; *value is null without '='. */
static void split(struct word *word, const char **value) {
  char *equals = strchr(word->text, '=');
  *value = equals ? equals + 1 : NULL;
  if (equals) *equals = 0;
}

/* A number of `width` bits, decimal or hexadecimal; negative only if the field is signed. */
static enum sa_status parse_number(const struct assembler *a, const struct word *word,
                                   const char *text, unsigned width, bool is_signed, uint64_t *value) {
  const bool negative = is_signed && *text == '-';
  const char *digits = text + negative;
  const bool hexadecimal = digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X');
  const char *p = hexadecimal ? digits + 2 : digits;
  const uint64_t most_all = (UINT64_C(1) << width) - 1; /* fields have at most 48 bits */
  const uint64_t half = UINT64_C(1) << (width - 1);
  const uint64_t most = !is_signed ? most_all : negative ? half : half - 1;
  uint64_t sum = 0;
  bool valid = *p != 0;
  for (; *p && valid; p++) {
    const unsigned base = hexadecimal ? 16 : 10;
    const unsigned digit = *p >= '0' && *p <= '9'   ? (unsigned)(*p - '0')
                           : *p >= 'a' && *p <= 'f' ? (unsigned)(*p - 'a') + 10
                           : *p >= 'A' && *p <= 'F' ? (unsigned)(*p - 'A') + 10
                                                    : 16u;
    valid = digit < base;
    sum = sum * base + digit; /* below 2^52 + 15 */
    if (sum > most) break;
  }
  const int column = word->column + (int)(text - word->text);
  if (!valid) return FAIL(a, column, "%s: \"%s\" is not a number", word->text, text);
  if (sum > most)
    return FAIL(a, column, "%s is %s; it must be between %s%" PRIu64 " and %" PRIu64, word->text, text,
                is_signed ? "-" : "", is_signed ? half : 0, is_signed ? half - 1 : most_all);
  *value = (negative ? 0 - sum : sum) & most_all;
  return SA_OK;
}

/* ---- Instructions ---- */

static void put_bits(uint32_t words[SA_INSTR_WORDS], const struct sa_field_row *field, uint64_t value) {
  const uint32_t mask = (uint32_t)((UINT64_C(1) << field->width) - 1);
  words[field->word] = (words[field->word] & ~(mask << field->bit)) | ((uint32_t)value & mask) << field->bit;
}

static enum sa_status unknown_field(const struct assembler *a, const struct word *word,
                                    enum sa_op_index op) {
  enum { MOST = 64 };
  const char *candidates[MOST];
  char hint[128];
  size_t count, n = 0;
  const struct sa_field_row *fields = sa_isa_fields(&count);
  for (size_t i = 0; i < count && n < MOST; i++)
    if (fields[i].ops >> op & 1) candidates[n++] = fields[i].name;
  sa_suggest_hint(hint, sizeof hint, word->text, candidates, n);
  return FAIL(a, word->column, "%s has no field \"%s\"%s", sa_isa_op(op)->name, word->text, hint);
}

/* One NAME=VALUE or NAME of an instruction. seen: fields that the line has named. */
static enum sa_status set_field(const struct assembler *a, struct word *word, enum sa_op_index op,
                                uint32_t words[SA_INSTR_WORDS], uint64_t seen[4]) {
  const char *text;
  size_t count, i = 0;
  const struct sa_field_row *fields = sa_isa_fields(&count);
  split(word, &text);
  while (i < count && (!(fields[i].ops >> op & 1) || strcmp(fields[i].name, word->text))) i++;
  if (i == count) return unknown_field(a, word, op);
  if (seen[i / 64] >> i % 64 & 1) return FAIL(a, word->column, "%s is given twice", word->text);
  seen[i / 64] |= UINT64_C(1) << i % 64;
  const bool two = i + 1 < count && fields[i + 1].ops >> op & 1 &&
                   !strcmp(fields[i].name, fields[i + 1].name);
  const unsigned width = fields[i].width + (two ? fields[i + 1].width : 0u);
  uint64_t value = 1;
  if (!text && width != 1) return FAIL(a, word->column, "%s needs a value", word->text);
  if (text) {
    const enum sa_status status = parse_number(a, word, text, width, fields[i].is_signed, &value);
    if (status != SA_OK) return status;
  }
  put_bits(words, &fields[i], value);
  if (two) put_bits(words, &fields[i + 1], value >> fields[i + 1].part);
  return SA_OK;
}

static enum sa_op_index find_op(const char *name) {
  size_t op = 0;
  while (op < SA_OPS && strcmp(sa_isa_op(op)->name, name)) op++;
  return (enum sa_op_index)op;
}

static enum sa_status unknown_word(const struct assembler *a, const struct word *word) {
  const char *candidates[SA_OPS + 3] = {"block", "call", "layer"};
  char hint[128];
  for (size_t op = 0; op < SA_OPS; op++) candidates[3 + op] = sa_isa_op(op)->name;
  sa_suggest_hint(hint, sizeof hint, word->text, candidates, SA_OPS + 3);
  return FAIL(a, word->column, "\"%s\" is not an instruction%s", word->text, hint);
}

static enum sa_status read_instr(struct assembler *a, const struct word *name) {
  const enum sa_op_index op = find_op(name->text);
  if (op == SA_OPS) return unknown_word(a, name);
  if (sa_isa_op(op)->unit == SA_UNITS)
    return FAIL(a, name->column, "%s cannot be in a block; calls make it", name->text);
  if (!a->program->block_count) return FAIL(a, name->column, "%s comes before any block", name->text);
  uint32_t words[SA_INSTR_WORDS] = {sa_isa_op(op)->opcode};
  uint64_t seen[4] = {0};
  size_t count;
  const struct sa_field_row *fields = sa_isa_fields(&count);
  for (size_t i = 0; i < count; i++) /* what is not named is 0, or 1 where 0 is illegal */
    if (fields[i].ops >> op & 1) put_bits(words, &fields[i], fields[i].min);
  struct word word;
  enum sa_status status = next_word(a, &word);
  while (status == SA_OK && word.text[0]) {
    status = set_field(a, &word, op, words, seen);
    if (status == SA_OK) status = next_word(a, &word);
  }
  if (status != SA_OK) return status;
  struct sa_instr instr;
  struct sa_error inner;
  if (sa_instr_decode(words, &instr, &inner) != SA_OK) return FAIL(a, name->column, "%s", inner.message);
  struct sa_block *block = &a->program->blocks[a->program->block_count - 1];
  return sa_block_append(block, &instr, a->layer, a->error);
}

/* ---- Blocks and calls ---- */

static size_t find_block(const struct assembler *a, const char *name) {
  size_t i = 0;
  while (i < a->name_count && strcmp(a->names[i], name)) i++;
  return i;
}

static enum sa_status end_of_line(struct assembler *a) {
  struct word word;
  const enum sa_status status = next_word(a, &word);
  if (status != SA_OK || !word.text[0]) return status;
  return FAIL(a, word.column, "\"%s\" is not expected here", word.text);
}

static enum sa_status read_block(struct assembler *a) {
  struct word name;
  enum sa_status status = next_word(a, &name);
  if (status != SA_OK) return status;
  if (!name.text[0]) return FAIL(a, name.column, "block needs a name");
  if (find_block(a, name.text) < a->name_count)
    return FAIL(a, name.column, "block \"%s\" exists already", name.text);
  char(*names)[WORD_MAX + 1] =
      sa_vec_grow(a->names, &a->name_capacity, a->name_count + 1, sizeof *names);
  if (!names) return sa_fail(a->error, SA_ERR_MEMORY, "%s: out of memory for blocks", a->path);
  a->names = names;
  memcpy(names[a->name_count++], name.text, sizeof name.text);
  uint32_t block;
  status = sa_program_add_block(a->program, &block, a->error);
  a->layer = 0;
  return status == SA_OK ? end_of_line(a) : status;
}

static enum sa_status read_layer(struct assembler *a) {
  struct word word;
  uint64_t value;
  enum sa_status status = next_word(a, &word);
  if (status == SA_OK) status = parse_number(a, &word, word.text, 32, false, &value);
  if (status != SA_OK) return status;
  a->layer = (uint32_t)value;
  return end_of_line(a);
}

static enum sa_status set_call_field(const struct assembler *a, struct word *word, struct sa_call *call) {
  const char *text;
  uint64_t value;
  split(word, &text);
  const char *name = word->text;
  const bool base = !strncmp(name, "base", 4) && name[4] >= '0' && name[4] < '0' + SA_BASE_REGS && !name[5];
  if (!base && strcmp(name, "layer"))
    return FAIL(a, word->column, "call has no field \"%s\"; it has layer and base0 to base%d", name,
                SA_BASE_REGS - 1);
  if (!text) return FAIL(a, word->column, "%s needs a value", name);
  const enum sa_status status = parse_number(a, word, text, base ? 48 : 32, false, &value);
  if (status != SA_OK) return status;
  if (base)
    call->base[name[4] - '0'] = value;
  else
    call->first_layer = (uint32_t)value;
  return SA_OK;
}

static enum sa_status read_call(struct assembler *a) {
  struct word word;
  enum sa_status status = next_word(a, &word);
  if (status != SA_OK) return status;
  const size_t block = find_block(a, word.text);
  if (block == a->name_count)
    return FAIL(a, word.column, "call of \"%s\", which is no block above", word.text);
  struct sa_call call = {.block = (uint32_t)block};
  status = next_word(a, &word);
  while (status == SA_OK && word.text[0]) {
    status = set_call_field(a, &word, &call);
    if (status == SA_OK) status = next_word(a, &word);
  }
  return status == SA_OK ? sa_program_add_call(a->program, &call, a->error) : status;
}

static enum sa_status read_line(struct assembler *a) {
  struct word word;
  const enum sa_status status = next_word(a, &word);
  if (status != SA_OK || !word.text[0]) return status;
  if (!strcmp(word.text, "block")) return read_block(a);
  if (!strcmp(word.text, "call")) return read_call(a);
  if (!strcmp(word.text, "layer")) return read_layer(a);
  return read_instr(a, &word);
}

enum sa_status sa_assemble(const char *path, const char *text, size_t bytes,
                           struct sa_program *program, struct sa_error *error) {
  struct assembler a = {.path = path, .at = text, .end = text + bytes, .program = program, .error = error};
  enum sa_status status = SA_OK;
  while (status == SA_OK && a.at < a.end) {
    a.line++;
    a.line_start = a.at;
    status = read_line(&a);
    while (a.at < a.end && *a.at != '\n') a.at++; /* a comment */
    if (a.at < a.end) a.at++;
  }
  free(a.names);
  if (status != SA_OK) sa_program_release(program);
  return status;
}
