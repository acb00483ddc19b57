/* Programs: growing lists of blocks and calls, and the stream a sequencer sees of them. */
#include "program/program.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void sa_program_init(struct sa_program *program) { memset(program, 0, sizeof *program); }

void sa_program_release(struct sa_program *program) {
  for (size_t i = 0; i < program->block_count; i++) {
    free(program->blocks[i].instrs);
    free(program->blocks[i].layers);
  }
  free(program->blocks);
  free(program->calls);
  sa_program_init(program);
}

/* Room for one more element in an array that has no capacity field: it grows at powers of two. */
static void *grow_by_one(void *array, size_t count, size_t element_bytes) {
  if (count & (count - 1)) return array; /* not a power of two: there is room */
  const size_t capacity = count ? 2 * count : 1;
  if (capacity > SIZE_MAX / element_bytes) return NULL;
  return realloc(array, capacity * element_bytes);
}

enum sa_status sa_program_add_block(struct sa_program *program, uint32_t *block,
                                    struct sa_error *error) {
  if (program->block_count == UINT32_MAX)
    return sa_fail(error, SA_ERR_LIMIT, "program: more than %u blocks", UINT32_MAX);
  struct sa_block *blocks =
      grow_by_one(program->blocks, program->block_count, sizeof program->blocks[0]);
  if (!blocks) return sa_fail(error, SA_ERR_MEMORY, "program: out of memory for a block");
  program->blocks = blocks;
  memset(&blocks[program->block_count], 0, sizeof blocks[0]);
  *block = (uint32_t)program->block_count++;
  return SA_OK;
}

enum sa_status sa_program_add_call(struct sa_program *program, const struct sa_call *call,
                                   struct sa_error *error) {
  assert(call->block < program->block_count);
  const struct sa_call copy = *call; /* it may lie in the array that moves */
  struct sa_call *calls =
      grow_by_one(program->calls, program->call_count, sizeof program->calls[0]);
  if (!calls) return sa_fail(error, SA_ERR_MEMORY, "program: out of memory for a call");
  program->calls = calls;
  calls[program->call_count++] = copy;
  return SA_OK;
}

enum sa_status sa_block_append(struct sa_block *block, const struct sa_instr *instr, uint32_t layer,
                               struct sa_error *error) {
  assert(sa_instr_unit(instr->opcode) != SA_UNITS); /* BASE and END are made by the stream */
  const struct sa_instr copy = *instr; /* it may lie in the array that moves */
  if (block->count == block->capacity) {
    const size_t capacity = block->capacity ? 2 * block->capacity : 16;
    struct sa_instr *instrs = realloc(block->instrs, capacity * sizeof *instrs);
    if (instrs) block->instrs = instrs;
    uint32_t *layers = realloc(block->layers, capacity * sizeof *layers);
    if (layers) block->layers = layers;
    if (!instrs || !layers)
      return sa_fail(error, SA_ERR_MEMORY, "program: out of memory for %zu instructions", capacity);
    block->capacity = capacity;
  }
  block->instrs[block->count] = copy;
  block->layers[block->count++] = layer;
  return SA_OK;
}

#define ALL_REGS ((1u << SA_BASE_REGS) - 1u)

void sa_stream_open(struct sa_stream_reader *reader, const struct sa_program *program) {
  memset(reader, 0, sizeof *reader);
  reader->program = program;
  reader->pending_regs = ALL_REGS;
}

/* The next BASE of the current call, if a register still has to change. */
static const struct sa_instr *next_base(struct sa_stream_reader *reader,
                                        const struct sa_call *call) {
  while (reader->pending_regs) {
    const unsigned reg = (unsigned)__builtin_ctz(reader->pending_regs);
    reader->pending_regs &= reader->pending_regs - 1;
    if (call->base[reg] == reader->base[reg]) continue;
    reader->base[reg] = call->base[reg];
    memset(&reader->synthetic, 0, sizeof reader->synthetic);
    reader->synthetic.opcode = SA_OP_BASE;
    reader->synthetic.u.base.reg = (uint8_t)reg;
    reader->synthetic.u.base.value = call->base[reg];
    return &reader->synthetic;
  }
  return NULL;
}

const struct sa_instr *sa_stream_next(struct sa_stream_reader *reader, uint32_t *layer) {
  const struct sa_program *program = reader->program;
  while (reader->call < program->call_count) {
    const struct sa_call *call = &program->calls[reader->call];
    const struct sa_block *block = &program->blocks[call->block];
    const struct sa_instr *base = next_base(reader, call);
    if (base) {
      *layer = UINT32_MAX;
      return base;
    }
    if (reader->position < block->count) {
      *layer = call->first_layer + block->layers[reader->position];
      return &block->instrs[reader->position++];
    }
    reader->call++;
    reader->position = 0;
    reader->pending_regs = ALL_REGS;
  }
  *layer = UINT32_MAX;
  if (reader->ended) return NULL;
  reader->ended = true;
  memset(&reader->synthetic, 0, sizeof reader->synthetic);
  reader->synthetic.opcode = SA_OP_END;
  return &reader->synthetic;
}

uint64_t sa_stream_length(const struct sa_program *program) {
  uint64_t length = 1; /* END */
  uint64_t base[SA_BASE_REGS] = {0};
  for (size_t i = 0; i < program->call_count; i++) {
    const struct sa_call *call = &program->calls[i];
    for (int reg = 0; reg < SA_BASE_REGS; reg++) length += call->base[reg] != base[reg];
    memcpy(base, call->base, sizeof base);
    length += program->blocks[call->block].count;
  }
  return length;
}
