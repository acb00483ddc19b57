/* Fuzz target: any bytes as a program file. What is accepted must come back the same through the
 * disassembler and the assembler, and its check on a machine must end with a verdict; what is refused
 * must say why. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "program/asm.h"
#include "program/check.h"
#include "program/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition) {
  if (!condition) abort();
}

static void same_streams(const struct sa_program *a, const struct sa_program *b) {
  struct sa_stream_reader x, y;
  uint32_t layer_x, layer_y, words_x[SA_INSTR_WORDS], words_y[SA_INSTR_WORDS];
  sa_stream_open(&x, a);
  sa_stream_open(&y, b);
  for (;;) {
    const struct sa_instr *i = sa_stream_next(&x, &layer_x), *j = sa_stream_next(&y, &layer_y);
    require(!i == !j);
    if (!i) return;
    sa_instr_encode(i, words_x);
    sa_instr_encode(j, words_y);
    require(memcmp(words_x, words_y, sizeof words_x) == 0 && layer_x == layer_y);
  }
}

static void round_trip(const struct sa_program *program) {
  char *text = NULL;
  size_t length = 0;
  FILE *out = open_memstream(&text, &length);
  require(out != NULL);
  sa_disassemble(program, out);
  fclose(out);
  struct sa_program again;
  struct sa_error error;
  sa_program_init(&again);
  require(sa_assemble("fuzz", text, length, &again, &error) == SA_OK);
  same_streams(program, &again);
  sa_program_release(&again);
  free(text);
}

/* DRAM transfers of so many rows that comparing them takes longer than a fuzzer waits. */
static int is_long(const struct sa_program *program) {
  for (size_t b = 0; b < program->block_count; b++)
    for (size_t i = 0; i < program->blocks[b].count; i++) {
      const struct sa_instr *instr = &program->blocks[b].instrs[i];
      const int mem = instr->opcode == SA_OP_LOAD || instr->opcode == SA_OP_STORE;
      if (mem && (uint64_t)instr->u.mem.n0 * instr->u.mem.n1 > 4096) return 1;
    }
  return 0;
}

static void check(const struct sa_program *program) {
  struct sa_config config = {.clock_hz = 1000, .array_rows = 8, .array_cols = 8, .weight_buffers = 2,
                             .weight_shift_rows = 1, .buffer_bytes = 4096, .buffer_banks = 8,
                             .accumulator_rows = 32, .weight_fifo_tiles = 2, .vector_lanes = 8,
                             .memory_ports = 1};
  struct sa_error error = {.message = ""};
  for (int unit = 0; unit < SA_UNITS; unit++) config.queue_depth[unit] = 4;
  config.port[0] = (struct sa_port_config){.width_bytes = 4, .burst_bytes = 16, .outstanding_bursts = 4,
                                           .latency_cycles = 10, .bandwidth_bytes_per_s = 4000};
  require(sa_config_finish(&config, &error) == SA_OK);
  const enum sa_status status = sa_program_check(&config, program, &error);
  require(status == SA_OK || (status == error.status && error.message[0]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct sa_program_file file;
  struct sa_error error = {.message = ""};
  sa_program_file_init(&file);
  const enum sa_status status = sa_program_parse(&file, "fuzz", data, size, &error);
  if (status != SA_OK) {
    require(error.status == status && error.message[0] && !file.program.block_count);
    return 0;
  }
  if (sa_stream_length(&file.program) < 2000) {
    round_trip(&file.program);
    if (!is_long(&file.program)) check(&file.program);
  }
  sa_program_file_release(&file);
  return 0;
}
