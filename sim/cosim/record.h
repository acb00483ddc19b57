/* What a run did, in the order in which the C engine and the RTL are compared: each unit's instructions
 * in program order, and the bursts by cycle. */
#ifndef SA_COSIM_RECORD_H
#define SA_COSIM_RECORD_H
#include "engine/engine.h"

struct sa_record_instr {
  uint64_t index; /* in the stream; 0 in the RTL's record, which knows units only */
  uint64_t start, end;
  uint32_t layer;
  uint8_t opcode;
};

struct sa_record {
  struct sa_record_instr *instrs[SA_UNITS]; /* owned */
  size_t instr_count[SA_UNITS], instr_capacity[SA_UNITS];
  struct sa_burst_event *bursts;            /* owned */
  size_t burst_count, burst_capacity;
  struct sa_counters counters;
  bool out_of_memory;                       /* something was dropped */
};

void sa_record_init(struct sa_record *record);
void sa_record_release(struct sa_record *record);
void sa_record_add_instr(struct sa_record *record, enum sa_unit unit, const struct sa_record_instr *instr);
void sa_record_add_burst(struct sa_record *record, const struct sa_burst_event *burst);
/* Orders the bursts by cycle, then unit. */
void sa_record_sort(struct sa_record *record);

/* Runs the C engine (plain: the cycle-by-cycle one) and records it. */
enum sa_status sa_record_engine(const struct sa_config *config, const struct sa_program *program,
                                bool plain, struct sa_record *record, struct sa_error *error) SA_CHECKED;
#endif
