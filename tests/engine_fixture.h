/* Small machines and programs for tests of the engines, and a recorder of what a run reports. */
#ifndef SA_TESTS_ENGINE_FIXTURE_H
#define SA_TESTS_ENGINE_FIXTURE_H
#include "engine/engine.h"

/* rows x cols PEs, shared port of 16 bytes a cycle in bursts of 16, latency 10, buffer of 4 banks. */
struct sa_config fixture_config(uint32_t rows, uint32_t cols);

/* Appends to block 0 of a program (made if there is none, with one call), layer 0. The pointer is
 * valid until the next append. */
struct sa_instr *fixture_add(struct sa_program *program, enum sa_opcode opcode);

/* Shortest forms: addresses 0 unless given, everything else 1. */
struct sa_instr *fixture_load(struct sa_program *program, uint32_t ub_addr, uint64_t dram_addr,
                              uint32_t bytes);
struct sa_instr *fixture_store(struct sa_program *program, uint32_t ub_addr, uint64_t dram_addr,
                               uint32_t bytes);
struct sa_instr *fixture_wload(struct sa_program *program, uint64_t dram_addr, uint16_t k, uint16_t n);
struct sa_instr *fixture_matmul(struct sa_program *program, uint32_t ub_addr, uint16_t rows, uint16_t k,
                                uint8_t flags);
struct sa_instr *fixture_vacc(struct sa_program *program, uint32_t d, uint16_t rows, uint16_t n);
struct sa_instr *fixture_vmov(struct sa_program *program, uint32_t a, uint32_t d, uint16_t rows,
                              uint16_t n);

/* Layer of the last instruction appended. */
void fixture_layer(struct sa_program *program, uint32_t layer);

/* What a run reported, at most FIXTURE_EVENTS of each. */
#define FIXTURE_EVENTS 65536
struct fixture_record {
  struct sa_instr_event instrs[FIXTURE_EVENTS];
  struct sa_burst_event bursts[FIXTURE_EVENTS];
  size_t instr_count, burst_count;
};
/* Options that fill *record (large: make it static). */
struct sa_engine_options fixture_options(struct fixture_record *record);
/* Start and end of stream instruction `index`; fails the test if it was not reported. */
uint64_t fixture_start(const struct fixture_record *record, uint64_t index);
uint64_t fixture_end(const struct fixture_record *record, uint64_t index);

/* Runs the program; fails the test with the engine's message if it does not succeed. */
struct sa_counters fixture_run(const struct sa_config *config, const struct sa_program *program,
                               struct fixture_record *record);
#endif
