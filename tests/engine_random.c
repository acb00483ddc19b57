#include "engine_random.h"

#include <check.h>
#include <string.h>

static uint32_t range(struct sa_rng *rng, uint32_t first, uint32_t last) {
  return (uint32_t)sa_rng_range(rng, first, last);
}

static bool chance(struct sa_rng *rng, unsigned percent) { return sa_rng_below(rng, 100) < percent; }

static void random_port(struct sa_rng *rng, struct sa_port_config *port) {
  const uint32_t width_log = range(rng, 0, 5);
  port->width_bytes = 1u << width_log;
  port->burst_bytes = port->width_bytes << range(rng, 0, 4);
  port->outstanding_bursts = chance(rng, 30) ? range(rng, 1, 2) : range(rng, 1, 12);
  port->latency_cycles = chance(rng, 50) ? range(rng, 1, 6) : range(rng, 1, 80);
  /* of a clock of 1 MHz */
  const uint64_t most = port->width_bytes * UINT64_C(1000000);
  port->bandwidth_bytes_per_s = chance(rng, 30) ? most
                                : chance(rng, 50) ? most * range(rng, 1, 11) / 12
                                                  : sa_rng_range(rng, most / 20 + 1, most);
}

struct sa_config random_timing_config(struct sa_rng *rng) {
  struct sa_config config = {.clock_hz = 1000000, .buffer_banks = 8, .accumulator_rows = 64};
  config.array_rows = chance(rng, 20) ? 1 : range(rng, 1, 24);
  config.array_cols = chance(rng, 20) ? 1 : range(rng, 1, 24);
  config.weight_buffers = range(rng, 1, 2);
  config.weight_shift_rows = range(rng, 1, config.array_rows);
  config.weight_fifo_tiles = range(rng, 1, 5);
  config.vector_lanes = range(rng, 1, 24);
  for (int u = 0; u < SA_UNITS; u++) config.queue_depth[u] = range(rng, 1, 6);
  config.memory_ports = range(rng, 1, 2);
  random_port(rng, &config.port[0]);
  config.port[1] = config.port[0];
  if (config.memory_ports == 2) random_port(rng, &config.port[1]);
  config.buffer_bytes = 8 * 4096;
  return config;
}

struct generator {
  struct sa_rng *rng;
  const struct sa_config *config;
  struct sa_block *block;
  uint32_t tokens[SA_STREAMS][SA_UNITS];
  uint32_t tiles; /* fetched and not consumed */
  uint32_t layer, layers;
  bool shares_banks;
};

/* Address in a bank that is the unit's own for this direction, or in any bank. */
static uint32_t in_bank(struct generator *g, uint32_t bank, uint32_t offset) {
  if (g->shares_banks) bank = range(g->rng, 0, 6);
  return bank * 4096 + range(g->rng, 0, offset);
}

/* Takes some of what is there, gives some. */
static void random_tokens(struct generator *g, struct sa_instr *instr) {
  static const enum sa_unit giver[SA_STREAMS] = {SA_LOAD, SA_STORE, SA_WLOAD, SA_MATMUL, SA_MATMUL,
                                                 SA_VECTOR, SA_VECTOR};
  const enum sa_unit unit = sa_instr_unit(instr->opcode);
  for (int s = 0; s < SA_STREAMS; s++) {
    if (giver[s] == unit || !chance(g->rng, 60)) continue;
    uint32_t most = g->tokens[s][unit] < 15 ? g->tokens[s][unit] : 15;
    if (most > 2 && chance(g->rng, 70)) most = 1;
    instr->take[s] = (uint8_t)range(g->rng, 0, most);
    g->tokens[s][unit] -= instr->take[s];
  }
  for (int s = 0; s < SA_STREAMS; s++) {
    if (giver[s] != unit) continue;
    const bool read = s == SA_EV_MATMUL_READ || s == SA_EV_VECTOR_READ;
    for (int u = 0; u < SA_UNITS; u++) {
      if (u == (int)unit || !chance(g->rng, 35) || g->tokens[s][u] > 200) continue;
      *(read ? &instr->give_read : &instr->give_done) |= (uint8_t)(1u << u);
      g->tokens[s][u]++;
    }
  }
}

static void random_mem(struct generator *g, struct sa_instr *instr, uint32_t bank) {
  instr->tensor_class = (uint8_t)range(g->rng, 0, 6);
  instr->u.mem.bytes = chance(g->rng, 40) ? range(g->rng, 1, 8) : range(g->rng, 1, 300);
  instr->u.mem.n0 = (uint16_t)range(g->rng, 1, 4);
  instr->u.mem.n1 = (uint16_t)range(g->rng, 1, 3);
  instr->u.mem.ub_pitch0 = (int32_t)range(g->rng, 0, 300);
  instr->u.mem.ub_pitch1 = (int32_t)range(g->rng, 0, 300);
  instr->u.mem.ub_addr = in_bank(g, bank, 500);
  if (g->shares_banks && chance(g->rng, 20)) { /* leaves out a bank */
    instr->u.mem.n0 = 2;
    instr->u.mem.ub_pitch0 = instr->u.mem.ub_addr < 4 * 4096 ? 2 * 4096 : -2 * 4096;
  } else if (instr->u.mem.ub_addr > 3 * 4096 && chance(g->rng, 20)) {
    instr->u.mem.ub_pitch0 = -(int32_t)range(g->rng, 0, 3000);
  }
  if (!g->shares_banks && chance(g->rng, 6)) { /* a long stream of bursts */
    instr->u.mem.n0 = instr->u.mem.n1 = 1;
    instr->u.mem.bytes = range(g->rng, 300, 3500);
  }
  if (instr->opcode == SA_OP_FILL) return;
  instr->u.mem.dram_addr = sa_rng_below(g->rng, 1 << 20);
  instr->u.mem.base_reg = (uint8_t)range(g->rng, 0, SA_BASE_REGS - 1);
  instr->u.mem.dram_pitch0 = (int32_t)range(g->rng, 0, 2000);
  instr->u.mem.dram_pitch1 = (int32_t)range(g->rng, 0, 2000);
}

static void random_wload(struct generator *g, struct sa_instr *instr) {
  instr->tensor_class = (uint8_t)range(g->rng, 0, 6);
  instr->flags = (uint8_t)range(g->rng, 0, 2); /* natural, transposed, diagonal */
  instr->u.wload.k_used = (uint16_t)range(g->rng, 1, g->config->array_rows);
  instr->u.wload.n_used = (uint16_t)range(g->rng, 1, g->config->array_cols);
  if (instr->flags == SA_F_DIAGONAL) {
    if (instr->u.wload.k_used > g->config->array_cols)
      instr->u.wload.k_used = (uint16_t)g->config->array_cols;
    instr->u.wload.n_used = instr->u.wload.k_used;
  }
  if (instr->opcode == SA_OP_WLOAD) {
    instr->u.wload.dram_addr = sa_rng_below(g->rng, 1 << 20);
    instr->u.wload.base_reg = (uint8_t)range(g->rng, 0, SA_BASE_REGS - 1);
  } else {
    instr->u.wload.ub_addr = in_bank(g, 3, 100);
    instr->u.wload.ub_pitch = (int32_t)range(g->rng, 0, 100);
  }
  g->tiles++;
}

static void random_matmul(struct generator *g, struct sa_instr *instr) {
  instr->flags = (uint8_t)range(g->rng, 0, SA_F_ACCUMULATE);
  instr->u.matmul.ub_addr = in_bank(g, 0, 100);
  instr->u.matmul.n0 = (uint16_t)range(g->rng, 1, 6);
  instr->u.matmul.n1 = (uint16_t)range(g->rng, 1, 4);
  instr->u.matmul.n2 = (uint16_t)(chance(g->rng, 20) ? range(g->rng, 1, 2) : 1);
  instr->u.matmul.k_used = (uint16_t)range(g->rng, 1, g->config->array_rows);
  instr->u.matmul.stride0 = (int32_t)range(g->rng, 0, 100);
  if (!g->tiles || chance(g->rng, 20)) return;
  instr->flags |= SA_F_NEXT_TILE;
  g->tiles--;
}

static void random_vec(struct generator *g, struct sa_instr *instr) {
  struct sa_rng *rng = g->rng;
  const uint8_t opcode = instr->opcode;
  instr->u.vec.n0 = (uint16_t)range(rng, 1, 5);
  instr->u.vec.n1 = (uint16_t)range(rng, 1, 3);
  instr->u.vec.n = (uint16_t)range(rng, 1, opcode == SA_OP_VACC ? g->config->array_cols : 40);
  instr->u.vec.tap_x = instr->u.vec.tap_y = 1;
  instr->u.vec.a = opcode == SA_OP_VACC ? 0 : in_bank(g, 1, 200);
  instr->u.vec.b = in_bank(g, 1, 200);
  instr->u.vec.d = in_bank(g, 4, 1000);
  instr->u.vec.w14 = in_bank(g, 1, 2000);
  instr->u.vec.a_s0 = instr->u.vec.d_s0 = (int32_t)range(rng, 0, 50);
  if (opcode == SA_OP_VMAX || opcode == SA_OP_VAVG) {
    instr->u.vec.tap_x = (uint8_t)range(rng, 1, 3);
    instr->u.vec.tap_y = (uint8_t)range(rng, 1, 3);
  }
  if (chance(rng, 40)) instr->flags |= SA_F_FENCE;
  if (opcode == SA_OP_VACC) instr->flags |= (uint8_t)range(rng, 0, SA_F_PARAMS | SA_F_RESIDUAL);
  if (opcode == SA_OP_VNORM && chance(rng, 50)) instr->flags |= SA_F_RMS;
}

static void random_instr(struct generator *g) {
  static const uint8_t opcodes[] = {
      SA_OP_LOAD, SA_OP_LOAD, SA_OP_LOAD, SA_OP_FILL, SA_OP_LOAD_SYNC, SA_OP_STORE, SA_OP_STORE,
      SA_OP_STORE, SA_OP_STORE_SYNC, SA_OP_WLOAD, SA_OP_WLOAD, SA_OP_WLOAD, SA_OP_WLOAD_UB,
      SA_OP_WLOAD_SYNC, SA_OP_MATMUL, SA_OP_MATMUL, SA_OP_MATMUL, SA_OP_MATMUL, SA_OP_MATMUL,
      SA_OP_MATMUL_SYNC, SA_OP_VECTOR_SYNC, SA_OP_VACC, SA_OP_VACC, SA_OP_VACC, SA_OP_VMOV,
      SA_OP_VADD, SA_OP_VMUL, SA_OP_VMAX, SA_OP_VAVG, SA_OP_VTABLE, SA_OP_VSOFTMAX, SA_OP_VNORM};
  struct sa_instr instr = {.opcode = opcodes[sa_rng_below(g->rng, sizeof opcodes)]};
  if (sa_instr_unit(instr.opcode) == SA_WLOAD && instr.opcode != SA_OP_WLOAD_SYNC &&
      g->tiles >= g->config->weight_fifo_tiles + (g->config->weight_buffers == 2))
    instr.opcode = SA_OP_MATMUL;
  switch (instr.opcode) {
    case SA_OP_LOAD:
    case SA_OP_FILL: random_mem(g, &instr, range(g->rng, 0, 2)); break;
    case SA_OP_STORE: random_mem(g, &instr, 2); break;
    case SA_OP_WLOAD:
    case SA_OP_WLOAD_UB: random_wload(g, &instr); break;
    case SA_OP_MATMUL: random_matmul(g, &instr); break;
    case SA_OP_LOAD_SYNC: case SA_OP_STORE_SYNC: case SA_OP_WLOAD_SYNC: case SA_OP_MATMUL_SYNC:
    case SA_OP_VECTOR_SYNC: break;
    case SA_OP_VTABLE: instr.u.vec.a = in_bank(g, 1, 3000); break;
    default: random_vec(g, &instr);
  }
  random_tokens(g, &instr);
  if (chance(g->rng, 10) && g->layer + 1 < g->layers) g->layer++;
  struct sa_error error;
  ck_assert_int_eq(sa_block_append(g->block, &instr, g->layer, &error), SA_OK);
}

void random_timing_program(struct sa_rng *rng, const struct sa_config *config,
                           const struct random_shape *shape, struct sa_program *program) {
  struct sa_error error;
  struct generator g = {.rng = rng, .config = config, .layers = shape->layers,
                        .shares_banks = shape->shares_banks};
  const unsigned blocks = range(rng, 1, 2);
  sa_program_init(program);
  for (unsigned b = 0; b < blocks; b++) {
    struct sa_call call = {.first_layer = 0};
    ck_assert_int_eq(sa_program_add_block(program, &call.block, &error), SA_OK);
    for (int r = 0; r < SA_BASE_REGS; r++)
      if (chance(rng, 30)) call.base[r] = sa_rng_below(rng, UINT64_C(1) << 32);
    ck_assert_int_eq(sa_program_add_call(program, &call, &error), SA_OK);
    g.block = &program->blocks[call.block];
    for (unsigned i = 0; i < shape->length / blocks; i++) random_instr(&g);
  }
}
