/* A program: blocks of instructions, and calls of blocks with eight base registers each
 * (docs/machine.md section 2). Blocks hold decoded instructions and the layer each belongs to. */
#ifndef SA_PROGRAM_PROGRAM_H
#define SA_PROGRAM_PROGRAM_H
#include <stddef.h>
#include <stdint.h>

#include "program/isa.h"

#define SA_BASE_REGS 8

struct sa_block {
  struct sa_instr *instrs; /* owned */
  uint32_t *layers;        /* owned; layer of each instruction, relative to the call's first layer */
  size_t count, capacity;
};

struct sa_call {
  uint32_t block;
  uint32_t first_layer;        /* added to the block's layer numbers */
  uint64_t base[SA_BASE_REGS]; /* 48 bits each */
};

struct sa_program {
  struct sa_block *blocks; /* owned */
  size_t block_count;
  struct sa_call *calls;   /* owned */
  size_t call_count;
};

void sa_program_init(struct sa_program *program);
void sa_program_release(struct sa_program *program);
/* Appends an empty block / a call; the new block's number goes to *block. */
enum sa_status sa_program_add_block(struct sa_program *program, uint32_t *block,
                                    struct sa_error *error) SA_CHECKED;
enum sa_status sa_program_add_call(struct sa_program *program, const struct sa_call *call,
                                   struct sa_error *error) SA_CHECKED;
enum sa_status sa_block_append(struct sa_block *block, const struct sa_instr *instr, uint32_t layer,
                               struct sa_error *error) SA_CHECKED;

/* The stream an engine sees: BASE instructions where registers change, blocks, END. */
struct sa_stream_reader {
  const struct sa_program *program;
  size_t call, position;
  uint64_t base[SA_BASE_REGS]; /* as the sequencer holds them now */
  struct sa_instr synthetic;   /* BASE or END being delivered */
  unsigned pending_regs;       /* of the current call, still to be compared */
  bool ended;
};
void sa_stream_open(struct sa_stream_reader *reader, const struct sa_program *program);
/* Next instruction, or null after END. *layer: its layer (UINT32_MAX for BASE and END). The
 * pointer is valid until the next call. */
const struct sa_instr *sa_stream_next(struct sa_stream_reader *reader, uint32_t *layer);
/* Number of instructions the stream delivers, END included. */
uint64_t sa_stream_length(const struct sa_program *program);
#endif
