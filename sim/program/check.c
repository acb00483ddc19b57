/* Legality of a program; see check.h. */
#include "program/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "program/isa_table.h"
#include "program/order.h"
#include "program/overlap.h"

struct check {
  const struct sa_config *config;
  struct sa_order *order;
  uint64_t base[SA_BASE_REGS];
  uint64_t total[SA_UNITS]; /* instructions of each unit in the stream */
  bool table[3];            /* loaded */
  bool had_matmul;
  char conflict[400];       /* first one of the instruction; "" = none */
};

static const char *name_of(const struct sa_instr *instr) {
  return sa_isa_op(sa_isa_find(instr->opcode))->name;
}

static void note_conflict(void *user, const struct sa_conflict *conflict) {
  static const char *const unit_names[SA_UNITS] = {"LOAD", "STORE", "WLOAD", "MATMUL", "VECTOR"};
  static const char *const says[] = {"reads what", "overwrites what", "overwrites what",
                                     "reads a buffer bank that", "writes a buffer bank that"};
  static const char *const does[] = {"writes", "reads", "writes", "may still be reading",
                                     "may still be writing"};
  struct check *check = user;
  if (check->conflict[0]) return;
  snprintf(check->conflict, sizeof check->conflict,
           "its %s %s instruction %" PRIu64 " of %s %s with its %s, and no token orders them",
           conflict->later->operand, says[conflict->kind], conflict->index,
           unit_names[conflict->unit], does[conflict->kind], conflict->earlier->operand);
}

static enum sa_status check_table(const struct check *check, unsigned table, struct sa_error *error) {
  if (check->table[table]) return SA_OK;
  return sa_fail(error, SA_ERR_ILLEGAL, "it uses table %u, which no VTABLE has loaded", table);
}

static enum sa_status check_vector(struct check *check, const struct sa_instr *instr,
                                   struct sa_error *error) {
  if (instr->opcode == SA_OP_VTABLE) check->table[instr->flags >> SA_F_TABLE_SHIFT] = true;
  if (instr->opcode == SA_OP_VTABLE || instr->opcode == SA_OP_VECTOR_SYNC) return SA_OK;
  enum sa_status status = sa_instr_check_in_place(check->config, instr, check->base, error);
  if (status == SA_OK && (instr->flags & SA_F_TABLE)) status = check_table(check, 0, error);
  for (unsigned table = 1; table < 3 && instr->opcode == SA_OP_VSOFTMAX && status == SA_OK; table++)
    status = check_table(check, table, error);
  return status;
}

/* Rules of one instruction that need no other one, but the encoding's. */
static enum sa_status check_encoding(const struct sa_instr *instr, struct sa_error *error) {
  uint32_t words[SA_INSTR_WORDS];
  struct sa_instr decoded;
  sa_instr_encode(instr, words);
  return sa_instr_decode(words, &decoded, error);
}

static enum sa_status check_instr(struct check *check, const struct sa_instr *instr, uint64_t index,
                                  struct sa_error *error) {
  const enum sa_unit unit = sa_instr_unit(instr->opcode);
  if (instr->opcode == SA_OP_BASE) check->base[instr->u.base.reg] = instr->u.base.value;
  enum sa_status status = check_encoding(instr, error);
  if (status == SA_OK) status = sa_instr_check(check->config, instr, check->base, error);
  if (status == SA_OK && unit == SA_VECTOR) status = check_vector(check, instr, error);
  if (status == SA_OK && instr->opcode == SA_OP_MATMUL && !check->had_matmul) {
    check->had_matmul = true;
    if (!(instr->flags & SA_F_NEXT_TILE))
      status = sa_fail(error, SA_ERR_ILLEGAL, "it is the first MATMUL and has no next_tile");
  }
  check->conflict[0] = 0;
  if (status == SA_OK)
    status = sa_order_conflicts(check->order, instr, note_conflict, check, error);
  if (status == SA_OK && check->conflict[0])
    status = sa_fail(error, SA_ERR_ILLEGAL, "%s", check->conflict);
  if (status == SA_OK) status = sa_order_append(check->order, instr, index, error);
  return status;
}

enum { FORGET_INTERVAL = 1024 };

static void forget(struct check *check) {
  unsigned finished = 0;
  for (int unit = 0; unit < SA_UNITS; unit++)
    if (sa_order_count(check->order, (enum sa_unit)unit) == check->total[unit]) finished |= 1u << unit;
  sa_order_forget(check->order, finished);
}

static enum sa_status check_stream(struct check *check, const struct sa_program *program,
                                   struct sa_error *error) {
  struct sa_stream_reader reader;
  const struct sa_instr *instr;
  uint32_t layer;
  sa_stream_open(&reader, program);
  while ((instr = sa_stream_next(&reader, &layer)))
    if (sa_instr_unit(instr->opcode) != SA_UNITS) check->total[sa_instr_unit(instr->opcode)]++;
  sa_stream_open(&reader, program);
  for (uint64_t index = 0; (instr = sa_stream_next(&reader, &layer)); index++) {
    struct sa_error inner = {0};
    const enum sa_status status = check_instr(check, instr, index, &inner);
    if (status != SA_OK)
      return sa_fail(error, status == SA_ERR_INPUT ? SA_ERR_ILLEGAL : status,
                     "instruction %" PRIu64 " (%s): %s", index, name_of(instr), inner.message);
    if (index % FORGET_INTERVAL == 0) forget(check);
  }
  const uint32_t left = sa_order_tiles(check->order);
  if (left)
    return sa_fail(error, SA_ERR_ILLEGAL, "%" PRIu32 " weight tiles are fetched and never consumed", left);
  return SA_OK;
}

enum sa_status sa_program_check(const struct sa_config *config, const struct sa_program *program,
                                struct sa_error *error) {
  struct check check;
  memset(&check, 0, sizeof check);
  check.config = config;
  check.order = sa_order_create(config);
  if (!check.order) return sa_fail(error, SA_ERR_MEMORY, "program: out of memory for its check");
  const enum sa_status status = check_stream(&check, program, error);
  sa_order_free(check.order);
  return status;
}
