/* The disassembler; see asm.h. It prints encoded words field by field, as isa.def names them. */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "program/asm.h"
#include "program/isa_table.h"

static uint64_t field_bits(const struct sa_field_row *field, const uint32_t words[SA_INSTR_WORDS]) {
  return words[field->word] >> field->bit & (uint32_t)((UINT64_C(1) << field->width) - 1);
}

/* Addresses and scale words are read best in hexadecimal. */
static bool is_hexadecimal(const char *name) {
  static const char *const names[] = {"ub_addr", "dram_addr", "a", "b", "d", "param", "scale_a",
                                      "scale_b", "acc_row"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (!strcmp(name, names[i])) return true;
  return false;
}

static void print_value(const struct sa_field_row *field, uint64_t value, FILE *out) {
  if (field->is_signed) {
    const uint64_t sign = UINT64_C(1) << (field->width - 1);
    fprintf(out, " %s=%" PRId64, field->name, (int64_t)(value ^ sign) - (int64_t)sign);
  } else if (field->width == 1 && value == 1) {
    fprintf(out, " %s", field->name);
  } else if (is_hexadecimal(field->name)) {
    fprintf(out, " %s=0x%" PRIx64, field->name, value);
  } else {
    fprintf(out, " %s=%" PRIu64, field->name, value);
  }
}

void sa_disassemble_instr(const struct sa_instr *instr, FILE *out) {
  const enum sa_op_index op = sa_isa_find(instr->opcode);
  assert(op != SA_OPS);
  uint32_t words[SA_INSTR_WORDS];
  sa_instr_encode(instr, words);
  fputs(sa_isa_op(op)->name, out);
  size_t count;
  const struct sa_field_row *fields = sa_isa_fields(&count);
  for (size_t i = 0; i < count; i++) {
    if (!(fields[i].ops >> op & 1)) continue;
    uint64_t value = field_bits(&fields[i], words);
    const size_t first = i;
    if (i + 1 < count && !strcmp(fields[i].name, fields[i + 1].name) && fields[i + 1].ops >> op & 1) {
      i++; /* the high word */
      value |= field_bits(&fields[i], words) << fields[i].part;
    }
    if (value != fields[first].min) print_value(&fields[first], value, out);
  }
}

static void print_block(const struct sa_block *block, size_t number, FILE *out) {
  uint32_t layer = 0;
  fprintf(out, "block b%zu\n", number);
  for (size_t i = 0; i < block->count; i++) {
    if (block->layers[i] != layer) fprintf(out, "  layer %" PRIu32 "\n", block->layers[i]);
    layer = block->layers[i];
    fputs("  ", out);
    sa_disassemble_instr(&block->instrs[i], out);
    putc('\n', out);
  }
}

void sa_disassemble(const struct sa_program *program, FILE *out) {
  for (size_t i = 0; i < program->block_count; i++) print_block(&program->blocks[i], i, out);
  for (size_t i = 0; i < program->call_count; i++) {
    const struct sa_call *call = &program->calls[i];
    fprintf(out, "call b%" PRIu32, call->block);
    if (call->first_layer) fprintf(out, " layer=%" PRIu32, call->first_layer);
    for (int reg = 0; reg < SA_BASE_REGS; reg++)
      if (call->base[reg]) fprintf(out, " base%d=0x%" PRIx64, reg, call->base[reg]);
    putc('\n', out);
  }
}
