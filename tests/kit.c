/* Small machines and programs for tests; see kit.h. */
#include "kit.h"

#include <check.h>
#include <string.h>

#include "both_engines.h"

void kit_init(struct kit *kit, uint32_t rows, uint32_t cols) {
  memset(kit, 0, sizeof *kit);
  struct sa_config *c = &kit->config;
  c->clock_hz = 1000;
  c->array_rows = rows;
  c->array_cols = cols;
  c->weight_buffers = 2;
  c->weight_shift_rows = 1;
  c->buffer_bytes = 4096;
  c->buffer_banks = 8;
  c->accumulator_rows = 64;
  c->weight_fifo_tiles = 2;
  c->vector_lanes = cols;
  for (int unit = 0; unit < SA_UNITS; unit++) c->queue_depth[unit] = 4;
  c->memory_ports = 1;
  c->port[0] = (struct sa_port_config){.width_bytes = 4, .burst_bytes = 16, .outstanding_bursts = 4,
                                       .latency_cycles = 10, .bandwidth_bytes_per_s = 4000};
  c->port[1] = c->port[0];
  sa_program_init(&kit->program);
  uint32_t block;
  ck_assert_int_eq(sa_program_add_block(&kit->program, &block, &kit->error), SA_OK);
  const struct sa_call call = {.block = block};
  ck_assert_int_eq(sa_program_add_call(&kit->program, &call, &kit->error), SA_OK);
}

void kit_finish(struct kit *kit) {
  ck_assert_msg(sa_config_finish(&kit->config, &kit->error) == SA_OK, "%s", kit->error.message);
}

void kit_release(struct kit *kit) { sa_program_release(&kit->program); }

static struct sa_instr *append(struct kit *kit, const struct sa_instr *instr) {
  struct sa_block *block = &kit->program.blocks[0];
  if (!block->capacity) { /* room for all, so that returned instructions stay in place */
    for (int i = 0; i < KIT_MAX_EVENTS; i++)
      ck_assert_int_eq(sa_block_append(block, instr, 0, &kit->error), SA_OK);
    block->count = 0;
  }
  ck_assert_uint_lt(block->count + 1, KIT_MAX_EVENTS);
  ck_assert_int_eq(sa_block_append(block, instr, 0, &kit->error), SA_OK);
  return &block->instrs[block->count - 1];
}

struct sa_instr *kit_sync(struct kit *kit, enum sa_unit unit) {
  const struct sa_instr instr = {.opcode = (uint8_t)(0x10 * (unit + 1))};
  return append(kit, &instr);
}

struct sa_instr *kit_mem(struct kit *kit, enum sa_opcode opcode, uint64_t dram, uint32_t ub,
                         uint32_t bytes) {
  struct sa_instr instr = {.opcode = (uint8_t)opcode};
  instr.u.mem.dram_addr = dram;
  instr.u.mem.ub_addr = ub;
  instr.u.mem.bytes = bytes;
  instr.u.mem.n0 = instr.u.mem.n1 = 1;
  return append(kit, &instr);
}

struct sa_instr *kit_wload(struct kit *kit, uint64_t dram, uint32_t k, uint32_t n) {
  struct sa_instr instr = {.opcode = SA_OP_WLOAD};
  instr.u.wload.dram_addr = dram;
  instr.u.wload.k_used = (uint16_t)k;
  instr.u.wload.n_used = (uint16_t)n;
  return append(kit, &instr);
}

struct sa_instr *kit_wload_ub(struct kit *kit, uint32_t ub, uint32_t k, uint32_t n, unsigned flags) {
  struct sa_instr instr = {.opcode = SA_OP_WLOAD_UB, .flags = (uint8_t)flags};
  instr.u.wload.ub_addr = ub;
  instr.u.wload.k_used = (uint16_t)k;
  instr.u.wload.n_used = (uint16_t)n;
  instr.u.wload.ub_pitch = (int32_t)(flags & SA_F_TRANSPOSED ? k : n);
  return append(kit, &instr);
}

struct sa_instr *kit_matmul(struct kit *kit, uint32_t ub, uint32_t rows, uint32_t k, unsigned flags) {
  struct sa_instr instr = {.opcode = SA_OP_MATMUL, .flags = (uint8_t)flags};
  instr.u.matmul.ub_addr = ub;
  instr.u.matmul.n0 = (uint16_t)rows;
  instr.u.matmul.n1 = instr.u.matmul.n2 = 1;
  instr.u.matmul.k_used = (uint16_t)k;
  instr.u.matmul.stride0 = (int32_t)k;
  return append(kit, &instr);
}

struct sa_instr *kit_vector(struct kit *kit, enum sa_opcode opcode, uint32_t a, uint32_t d,
                            uint32_t rows, uint32_t n) {
  struct sa_instr instr = {.opcode = (uint8_t)opcode};
  instr.u.vec.a = a;
  instr.u.vec.d = d;
  instr.u.vec.n0 = (uint16_t)rows;
  instr.u.vec.n1 = instr.u.vec.tap_x = instr.u.vec.tap_y = 1;
  instr.u.vec.n = (uint16_t)n;
  instr.u.vec.a_s0 = opcode == SA_OP_VACC ? 1 : (int32_t)n;
  instr.u.vec.d_s0 = (int32_t)n;
  instr.u.vec.w14 = sa_scale_word(1, 0);
  instr.u.vec.lo = -128;
  instr.u.vec.hi = 127;
  return append(kit, &instr);
}

void kit_give(struct sa_instr *giver, enum sa_unit taker) {
  giver->give_done = (uint8_t)(giver->give_done | 1u << taker);
}

void kit_give_read(struct sa_instr *giver, enum sa_unit taker) {
  giver->give_read = (uint8_t)(giver->give_read | 1u << taker);
}

void kit_take(struct sa_instr *taker, enum sa_stream stream) { taker->take[stream]++; }

void kit_run(struct kit *kit, enum sa_status expected) {
  struct engine_run run;
  both_engines_run(&kit->config, &kit->program, "kit", &run);
  ck_assert_msg(run.status == expected, "status %d, not %d: %s", run.status, expected,
                run.error.message);
  ck_assert_uint_le(run.burst_count, KIT_MAX_EVENTS);
  memset(kit->events, 0, sizeof kit->events);
  for (size_t i = 0; i < run.instr_count; i++) kit->events[run.instrs[i].index] = run.instrs[i];
  for (size_t i = 0; i < run.burst_count; i++) kit->bursts[i] = run.bursts[i];
  kit->burst_count = run.burst_count;
  kit->counters = run.counters;
  kit->error = run.error;
  engine_run_release(&run);
}

void kit_expect(const struct kit *kit, unsigned index, uint64_t start, uint64_t end) {
  const struct sa_instr_event *e = &kit->events[index];
  ck_assert_msg(e->start == start && e->end == end,
                "instruction %u ran from %llu to %llu, not from %llu to %llu", index,
                (unsigned long long)e->start, (unsigned long long)e->end, (unsigned long long)start,
                (unsigned long long)end);
}
