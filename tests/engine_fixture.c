#include "engine_fixture.h"

#include <check.h>
#include <string.h>

struct sa_config fixture_config(uint32_t rows, uint32_t cols) {
  struct sa_config config = {.clock_hz = 1000000000, .array_rows = rows, .array_cols = cols,
                             .weight_buffers = 2, .weight_shift_rows = 1, .buffer_bytes = 16384,
                             .buffer_banks = 4, .accumulator_rows = 512, .weight_fifo_tiles = 4,
                             .memory_ports = 1};
  config.port[0] = (struct sa_port_config){.width_bytes = 16, .burst_bytes = 16,
                                           .outstanding_bursts = 16, .latency_cycles = 10,
                                           .bandwidth_bytes_per_s = 16000000000};
  return config;
}

struct sa_instr *fixture_add(struct sa_program *program, enum sa_opcode opcode) {
  struct sa_error error;
  uint32_t block;
  if (!program->block_count) {
    ck_assert_int_eq(sa_program_add_block(program, &block, &error), SA_OK);
    ck_assert_int_eq(sa_program_add_call(program, &(struct sa_call){0}, &error), SA_OK);
  }
  const struct sa_instr instr = {.opcode = (uint8_t)opcode};
  struct sa_block *b = &program->blocks[0];
  ck_assert_int_eq(sa_block_append(b, &instr, 0, &error), SA_OK);
  return &b->instrs[b->count - 1];
}

static struct sa_instr *add_mem(struct sa_program *program, enum sa_opcode opcode, uint32_t ub_addr,
                                uint64_t dram_addr, uint32_t bytes) {
  struct sa_instr *instr = fixture_add(program, opcode);
  instr->u.mem.ub_addr = ub_addr;
  instr->u.mem.dram_addr = dram_addr;
  instr->u.mem.bytes = bytes;
  instr->u.mem.n0 = instr->u.mem.n1 = 1;
  return instr;
}

struct sa_instr *fixture_load(struct sa_program *program, uint32_t ub_addr, uint64_t dram_addr,
                              uint32_t bytes) {
  return add_mem(program, SA_OP_LOAD, ub_addr, dram_addr, bytes);
}

struct sa_instr *fixture_store(struct sa_program *program, uint32_t ub_addr, uint64_t dram_addr,
                               uint32_t bytes) {
  return add_mem(program, SA_OP_STORE, ub_addr, dram_addr, bytes);
}

struct sa_instr *fixture_wload(struct sa_program *program, uint64_t dram_addr, uint16_t k, uint16_t n) {
  struct sa_instr *instr = fixture_add(program, SA_OP_WLOAD);
  instr->u.wload.dram_addr = dram_addr;
  instr->u.wload.k_used = k;
  instr->u.wload.n_used = n;
  return instr;
}

struct sa_instr *fixture_matmul(struct sa_program *program, uint32_t ub_addr, uint16_t rows, uint16_t k,
                                uint8_t flags) {
  struct sa_instr *instr = fixture_add(program, SA_OP_MATMUL);
  instr->flags = flags;
  instr->u.matmul.ub_addr = ub_addr;
  instr->u.matmul.n0 = rows;
  instr->u.matmul.n1 = instr->u.matmul.n2 = 1;
  instr->u.matmul.k_used = k;
  instr->u.matmul.stride0 = k;
  return instr;
}

static struct sa_instr *add_vec(struct sa_program *program, enum sa_opcode opcode, uint32_t a,
                                uint32_t d, uint16_t rows, uint16_t n) {
  struct sa_instr *instr = fixture_add(program, opcode);
  instr->u.vec.a = a;
  instr->u.vec.d = d;
  instr->u.vec.n0 = rows;
  instr->u.vec.n1 = 1;
  instr->u.vec.n = n;
  instr->u.vec.tap_x = instr->u.vec.tap_y = 1;
  instr->u.vec.d_s0 = n;
  instr->u.vec.lo = -128;
  instr->u.vec.hi = 127;
  return instr;
}

struct sa_instr *fixture_vacc(struct sa_program *program, uint32_t d, uint16_t rows, uint16_t n) {
  struct sa_instr *instr = add_vec(program, SA_OP_VACC, 0, d, rows, n);
  instr->u.vec.a_s0 = 1;
  return instr;
}

struct sa_instr *fixture_vmov(struct sa_program *program, uint32_t a, uint32_t d, uint16_t rows,
                              uint16_t n) {
  struct sa_instr *instr = add_vec(program, SA_OP_VMOV, a, d, rows, n);
  instr->u.vec.a_s0 = n;
  return instr;
}

void fixture_layer(struct sa_program *program, uint32_t layer) {
  program->blocks[0].layers[program->blocks[0].count - 1] = layer;
}

static void record_instr(void *user, const struct sa_instr_event *event) {
  struct fixture_record *record = user;
  if (record->instr_count == FIXTURE_EVENTS) ck_abort_msg("more than %d instructions", FIXTURE_EVENTS);
  record->instrs[record->instr_count++] = *event;
}

static void record_burst(void *user, const struct sa_burst_event *event) {
  struct fixture_record *record = user;
  if (record->burst_count == FIXTURE_EVENTS) ck_abort_msg("more than %d bursts", FIXTURE_EVENTS);
  record->bursts[record->burst_count++] = *event;
}

struct sa_engine_options fixture_options(struct fixture_record *record) {
  record->instr_count = record->burst_count = 0;
  return (struct sa_engine_options){.on_instr = record_instr, .on_burst = record_burst, .user = record};
}

static const struct sa_instr_event *find(const struct fixture_record *record, uint64_t index) {
  for (size_t i = 0; i < record->instr_count; i++)
    if (record->instrs[i].index == index) return &record->instrs[i];
  ck_abort_msg("instruction %llu was not reported", (unsigned long long)index);
  return NULL;
}

uint64_t fixture_start(const struct fixture_record *record, uint64_t index) {
  return find(record, index)->start;
}

uint64_t fixture_end(const struct fixture_record *record, uint64_t index) {
  return find(record, index)->end;
}

struct sa_counters fixture_run(const struct sa_config *config, const struct sa_program *program,
                               struct fixture_record *record) {
  struct sa_config finished = *config;
  struct sa_error error = {0};
  struct sa_counters counters;
  ck_assert_msg(sa_config_finish(&finished, &error) == SA_OK, "%s", error.message);
  const struct sa_engine_options options = record ? fixture_options(record)
                                                  : (struct sa_engine_options){0};
  ck_assert_msg(sa_engine_run(&finished, program, &options, &counters, NULL, 0, &error) == SA_OK,
                "%s", error.message);
  return counters;
}
