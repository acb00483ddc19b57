/* Encoding and decoding of instructions, expanded from isa.def. Every field is one row of the table,
 * so the two directions cannot disagree about a bit. */
#include "program/isa.h"

#include <assert.h>
#include <string.h>

#include "program/isa_table.h"

static const struct sa_op_row op_rows[SA_OPS] = {
#define SA_OP(name, unit) {#name, SA_OP_##name, unit},
#include "program/isa.def"
};

#define SIGN_U false
#define SIGN_S true
static const struct sa_field_row field_rows[] = {
#define SA_FIELD(ops, name, member, part, word, bit, width, sign, min) \
  {(uint32_t)(ops), #name, part, word, bit, width, SIGN_##sign, min},
#include "program/isa.def"
};

const struct sa_op_row *sa_isa_op(size_t i) {
  assert(i < SA_OPS);
  return &op_rows[i];
}

enum sa_op_index sa_isa_find(uint8_t opcode) {
  switch (opcode) {
#define SA_OP(name, unit) case SA_OP_##name: return SA_OPI_##name;
#include "program/isa.def"
    default: return SA_OPS;
  }
}

const struct sa_field_row *sa_isa_fields(size_t *count) {
  *count = sizeof field_rows / sizeof field_rows[0];
  return field_rows;
}

enum sa_unit sa_instr_unit(uint8_t opcode) {
  static const uint8_t units_left[256] = { /* SA_UNITS - unit: 0 where there is none */
#define SA_OP(name, unit) [SA_OP_##name] = SA_UNITS - (unit),
#include "program/isa.def"
  };
  return (enum sa_unit)(SA_UNITS - units_left[opcode]);
}

static uint32_t mask_of(unsigned width) {
  return width == 32 ? 0xffffffffu : (1u << width) - 1u;
}

/* A member's bits from `part` up, sign bits of narrow members not extended beyond `width`. */
static uint32_t slice(uint64_t member, unsigned part, unsigned width) {
  return (uint32_t)(member >> part) & mask_of(width);
}

/* Does the member fit the field that holds its highest bits? */
static bool fits(uint64_t member, unsigned part, unsigned width, bool is_signed) {
  if (is_signed) return true; /* signed members are as wide as their fields */
  return member >> part >> width == 0;
}

void sa_instr_encode(const struct sa_instr *instr, uint32_t words[SA_INSTR_WORDS]) {
  const enum sa_op_index op = sa_isa_find(instr->opcode);
  assert(op != SA_OPS);
  const uint32_t set = 1u << op;
  memset(words, 0, SA_INSTR_WORDS * sizeof words[0]);
  words[0] = instr->opcode;
#define SA_PART(ops, name, member, part, word, bit, width, sign, min) \
  if (set & (uint32_t)(ops)) words[word] |= slice((uint64_t)instr->member, part, width) << (bit);
#define SA_FIELD(ops, name, member, part, word, bit, width, sign, min)                   \
  if (set & (uint32_t)(ops)) {                                                           \
    assert(fits((uint64_t)instr->member, part, width, SIGN_##sign));                     \
    words[word] |= slice((uint64_t)instr->member, part, width) << (bit);                 \
  }
#include "program/isa.def"
}

/* Rules of single instructions that a field's width cannot state. */
static enum sa_status check_fields(const struct sa_instr *instr, const char *name,
                                   struct sa_error *error) {
  if ((instr->opcode == SA_OP_WLOAD || instr->opcode == SA_OP_WLOAD_UB) &&
      (instr->flags & SA_F_DIAGONAL)) {
    if (instr->flags & SA_F_TRANSPOSED)
      return sa_fail(error, SA_ERR_INPUT, "%s is transposed and diagonal; it can be one", name);
    if (instr->u.wload.k_used != instr->u.wload.n_used)
      return sa_fail(error, SA_ERR_INPUT,
                     "%s is diagonal with k_used %u and n_used %u; they must be equal", name,
                     instr->u.wload.k_used, instr->u.wload.n_used);
  }
  if (instr->opcode == SA_OP_VTABLE && instr->flags >> SA_F_TABLE_SHIFT > 2)
    return sa_fail(error, SA_ERR_INPUT, "%s.number is %d; it must be between 0 and 2", name,
                   instr->flags >> SA_F_TABLE_SHIFT);
  return SA_OK;
}

enum sa_status sa_instr_decode(const uint32_t words[SA_INSTR_WORDS], struct sa_instr *instr,
                               struct sa_error *error) {
  const enum sa_op_index op = sa_isa_find((uint8_t)words[0]);
  if (op == SA_OPS)
    return sa_fail(error, SA_ERR_INPUT, "opcode 0x%02x is not an instruction",
                   (unsigned)(words[0] & 0xff));
  const uint32_t set = 1u << op;
  const char *name = op_rows[op].name;
  struct sa_instr fresh;
  memset(&fresh, 0, sizeof fresh);
  fresh.opcode = (uint8_t)words[0];
#define SA_FIELD(ops, field, member, part, word, bit, width, sign, min)                          \
  if (set & (uint32_t)(ops)) {                                                                   \
    const uint32_t value = words[word] >> (bit) & mask_of(width);                                \
    if ((min) && !value)                                                                         \
      return sa_fail(error, SA_ERR_INPUT, "%s.%s is 0; it must be at least 1", name, #field);     \
    fresh.member =                                                                               \
        (__typeof__(fresh.member))((uint64_t)fresh.member | (uint64_t)value << (part));          \
  }
#include "program/isa.def"
  uint32_t again[SA_INSTR_WORDS];
  sa_instr_encode(&fresh, again);
  for (int w = 0; w < SA_INSTR_WORDS; w++)
    if (again[w] != words[w])
      return sa_fail(error, SA_ERR_INPUT, "%s has unused bits 0x%08x set in word %d", name,
                     (unsigned)(words[w] & ~again[w]), w);
  const enum sa_status status = check_fields(&fresh, name, error);
  if (status == SA_OK) *instr = fresh;
  return status;
}
