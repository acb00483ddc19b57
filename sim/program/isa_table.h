/* The instruction set as data, from isa.def: for the assembler, the disassembler, generated headers
 * and tests. Operations are numbered in the table's order; sets of operations are bit masks. */
#ifndef SA_PROGRAM_ISA_TABLE_H
#define SA_PROGRAM_ISA_TABLE_H
#include <stddef.h>

#include "program/isa.h"

enum sa_op_index {
#define SA_OP(name, unit) SA_OPI_##name,
#include "program/isa.def"
  SA_OPS
};

/* Sets of operations that the rows of isa.def name. */
enum {
#define SA_OP(name, unit) ON_##name = 1 << SA_OPI_##name,
#include "program/isa.def"
  ON_DRAM_MEM = ON_LOAD | ON_STORE,
  ON_MEM = ON_DRAM_MEM | ON_FILL,
  ON_TILE = ON_WLOAD | ON_WLOAD_UB,
  ON_VEC_TWO = ON_VADD | ON_VMUL,
  ON_POOL = ON_VMAX | ON_VAVG,
  ON_VEC_OUT = ON_VACC | ON_VMOV | ON_VEC_TWO | ON_POOL | ON_VSOFTMAX | ON_VNORM,
  ON_VEC_BUFFER = (ON_VEC_OUT & ~ON_VACC) | ON_VTABLE,
  ON_SCALE_A = ON_VMOV | ON_VEC_TWO | ON_VAVG | ON_VSOFTMAX | ON_VNORM,
  ON_UNIT_LOAD = ON_LOAD_SYNC | ON_LOAD | ON_FILL,
  ON_UNIT_STORE = ON_STORE_SYNC | ON_STORE,
  ON_UNIT_WLOAD = ON_WLOAD_SYNC | ON_TILE,
  ON_UNIT_MATMUL = ON_MATMUL_SYNC | ON_MATMUL,
  ON_UNIT_VECTOR = ON_VECTOR_SYNC | ON_VEC_OUT | ON_VTABLE,
  ON_VECTOR = ON_UNIT_VECTOR,
  ON_UNITS = ON_UNIT_LOAD | ON_UNIT_STORE | ON_UNIT_WLOAD | ON_UNIT_MATMUL | ON_UNIT_VECTOR
};

/* One operation. */
struct sa_op_row {
  const char *name;
  uint8_t opcode;
  enum sa_unit unit; /* SA_UNITS: the sequencer */
};

/* One field of one word. */
struct sa_field_row {
  uint32_t ops;          /* in which operations */
  const char *name;      /* rows of one name in one operation are parts of one value */
  uint8_t part;          /* least bit of the member that the field holds */
  uint8_t word, bit, width;
  bool is_signed;
  uint8_t min;           /* 0 or 1 */
};

/* Row of an operation; i < SA_OPS. */
const struct sa_op_row *sa_isa_op(size_t i);
/* Number of an opcode's operation, SA_OPS if there is none. */
enum sa_op_index sa_isa_find(uint8_t opcode);
/* All fields, in the table's order. */
const struct sa_field_row *sa_isa_fields(size_t *count);
#endif
