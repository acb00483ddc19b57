/* Instructions: decoded form, encoding to and from 64 bytes, names. docs/machine.md sections 2 and 8. */
#ifndef SA_PROGRAM_ISA_H
#define SA_PROGRAM_ISA_H
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "machine/config.h"

#define SA_INSTR_WORDS 16

enum sa_opcode {
  SA_OP_END = 0x00, SA_OP_BASE = 0x01,
  SA_OP_LOAD_SYNC = 0x10, SA_OP_LOAD = 0x11, SA_OP_FILL = 0x12,
  SA_OP_STORE_SYNC = 0x20, SA_OP_STORE = 0x21,
  SA_OP_WLOAD_SYNC = 0x30, SA_OP_WLOAD = 0x31, SA_OP_WLOAD_UB = 0x32,
  SA_OP_MATMUL_SYNC = 0x40, SA_OP_MATMUL = 0x41,
  SA_OP_VECTOR_SYNC = 0x50, SA_OP_VACC = 0x51, SA_OP_VMOV = 0x52, SA_OP_VADD = 0x53,
  SA_OP_VMUL = 0x54, SA_OP_VMAX = 0x55, SA_OP_VAVG = 0x56, SA_OP_VTABLE = 0x57,
  SA_OP_VSOFTMAX = 0x58, SA_OP_VNORM = 0x59
};

/* Event streams, in the order of the take fields. */
enum sa_stream {
  SA_EV_LOAD, SA_EV_STORE, SA_EV_WLOAD, SA_EV_MATMUL_READ, SA_EV_MATMUL_DONE, SA_EV_VECTOR_READ,
  SA_EV_VECTOR_DONE, SA_STREAMS
};

/* Flag bits (word 0, 15:8). */
enum {
  SA_F_ACCUMULATE = 1, SA_F_NEXT_TILE = 2,                       /* MATMUL */
  SA_F_TRANSPOSED = 1, SA_F_DIAGONAL = 2,                        /* WLOAD, WLOAD_UB */
  SA_F_PARAMS = 1, SA_F_RESIDUAL = 2, SA_F_FENCE = 4, SA_F_TABLE = 8, SA_F_RMS = 16, /* VECTOR */
  SA_F_TABLE_SHIFT = 5                                           /* VTABLE: number in 6:5 */
};

/* Tensor classes (word 0, 19:16) by which DRAM traffic is counted. */
enum sa_class {
  SA_CLASS_WEIGHTS, SA_CLASS_IFMAP, SA_CLASS_OFMAP, SA_CLASS_SPILL, SA_CLASS_PARAMS,
  SA_CLASS_KV, SA_CLASS_OTHER, SA_CLASSES = 8
};

struct sa_instr {
  uint8_t opcode;              /* enum sa_opcode */
  uint8_t flags;
  uint8_t tensor_class;        /* enum sa_class */
  uint8_t give_read, give_done;/* masks of taking units, bit = enum sa_unit */
  uint8_t take[SA_STREAMS];    /* 0..15 */
  union {
    struct { uint8_t reg; uint64_t value; } base;              /* BASE: value 48 bits */
    struct {                                                   /* LOAD, STORE, FILL */
      uint32_t ub_addr, bytes;
      uint64_t dram_addr;      /* 48 bits; FILL: the byte */
      uint8_t base_reg;
      uint16_t n0, n1;         /* >= 1 */
      int32_t dram_pitch0, dram_pitch1, ub_pitch0, ub_pitch1;
    } mem;
    struct {                                                   /* WLOAD, WLOAD_UB */
      uint32_t ub_addr;
      uint64_t dram_addr;
      uint8_t base_reg;
      uint16_t k_used, n_used; /* 1..R, 1..C */
      int32_t ub_pitch;
    } wload;
    struct {                                                   /* MATMUL */
      uint32_t ub_addr;
      uint16_t n0, n1, n2, k_used;
      int32_t stride0, stride1, stride2;
      uint16_t acc_row;
      uint8_t acc_bank;
    } matmul;
    struct {                                                   /* VECTOR */
      uint32_t a, b, d;        /* a: buffer address, or for VACC acc_row | bank << 16 */
      uint16_t n0, n1, n;
      uint8_t tap_x, tap_y;    /* VMAX, VAVG: >= 1; else 1 encodes as 1 */
      int32_t a_s0, a_s1, b_s0, b_s1, d_s0, d_s1;
      uint32_t w14, w15;       /* parameter address or scale word A; scale word B */
      int8_t lo, hi;
    } vec;
  } u;
};

/* Scale word from a signed 26-bit multiplier and a shift of 0..63. */
static inline uint32_t sa_scale_word(int32_t mult, uint32_t shift) {
  return ((uint32_t)mult & 0x3ffffffu) | shift << 26;
}

/* Unit that executes an opcode; SA_UNITS for END and BASE. */
enum sa_unit sa_instr_unit(uint8_t opcode);

/* Encodes into 16 words. The fields must be in range (asserted). */
void sa_instr_encode(const struct sa_instr *instr, uint32_t words[SA_INSTR_WORDS]);

/* Decodes; an unknown opcode, a set unused bit or a zero count is SA_ERR_INPUT. */
enum sa_status sa_instr_decode(const uint32_t words[SA_INSTR_WORDS], struct sa_instr *instr,
                               struct sa_error *error) SA_CHECKED;
#endif
