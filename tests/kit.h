/* Small machines and programs for tests: a config, one block built instruction by instruction, and
 * the timeline of a run. */
#ifndef SA_TESTS_KIT_H
#define SA_TESTS_KIT_H
#include "engine/engine.h"
#include "program/program.h"

enum { KIT_MAX_EVENTS = 256 };

struct kit {
  struct sa_config config;
  struct sa_program program;
  struct sa_counters counters;
  struct sa_instr_event events[KIT_MAX_EVENTS]; /* by index in the stream; start = end = 0: none */
  struct sa_burst_event bursts[KIT_MAX_EVENTS]; /* in the order of their grants */
  size_t burst_count;
  struct sa_error error;
};

/* A machine of rows x cols: two weight buffers, p = 1; buffer of 8 banks of 512 bytes; 64 accumulator
 * rows a bank; FIFO of 2 tiles; queues of 4; one port of 4 bytes a cycle, bursts of 16 (nb = 4), 4
 * outstanding, latency 10, full bandwidth. Change fields, then call kit_finish. */
void kit_init(struct kit *kit, uint32_t rows, uint32_t cols);
/* Derives the config's other fields. */
void kit_finish(struct kit *kit);
void kit_release(struct kit *kit);

/* Appends an instruction to the block and returns it for its fields and tokens to be set. */
struct sa_instr *kit_sync(struct kit *kit, enum sa_unit unit);
struct sa_instr *kit_mem(struct kit *kit, enum sa_opcode opcode, uint64_t dram, uint32_t ub,
                         uint32_t bytes);
struct sa_instr *kit_wload(struct kit *kit, uint64_t dram, uint32_t k, uint32_t n);
struct sa_instr *kit_wload_ub(struct kit *kit, uint32_t ub, uint32_t k, uint32_t n, unsigned flags);
struct sa_instr *kit_matmul(struct kit *kit, uint32_t ub, uint32_t rows, uint32_t k, unsigned flags);
struct sa_instr *kit_vector(struct kit *kit, enum sa_opcode opcode, uint32_t a, uint32_t d,
                            uint32_t rows, uint32_t n);
/* give: sets the done mask's bit; the taker takes one token of the stream. */
void kit_give(struct sa_instr *giver, enum sa_unit taker);
void kit_give_read(struct sa_instr *giver, enum sa_unit taker);
void kit_take(struct sa_instr *taker, enum sa_stream stream);

/* Runs both C engines, which must agree; the status must be `expected`. */
void kit_run(struct kit *kit, enum sa_status expected);
/* Instruction `index` started and ended in these cycles. */
void kit_expect(const struct kit *kit, unsigned index, uint64_t start, uint64_t end);
#endif
