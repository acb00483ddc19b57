/* What an instruction touches: DRAM bytes, buffer bytes, accumulator rows, as affine rows. The one
 * place that knows; legality checks, values, the bank rule and the random generator read it.
 * A tile in the weight FIFO and VECTOR's own tables and parameters are not operands in this sense. */
#ifndef SA_PROGRAM_ACCESS_H
#define SA_PROGRAM_ACCESS_H
#include "machine/config.h"
#include "program/isa.h"
#include "program/program.h"

enum sa_space { SA_SPACE_DRAM, SA_SPACE_BUFFER, SA_SPACE_ACC };

#define SA_ACCESS_LEVELS 4
#define SA_MAX_ACCESSES 4

/* Rows of `bytes` contiguous bytes (accumulators: rows of the bank), one for each index vector
 * below count[], at address + sum of index * stride. Level 0 is the innermost. */
struct sa_access {
  enum sa_space space;
  bool reads, writes;              /* accumulating does both */
  bool ends_with_read_event;       /* the access is over at the READ event, not at the last event */
  const char *operand;             /* for messages: the field that holds the address */
  int64_t address;                 /* DRAM: base register added, 48 bits; ACC: bank * rows + row */
  uint64_t bytes;
  uint32_t count[SA_ACCESS_LEVELS];
  int64_t stride[SA_ACCESS_LEVELS];
  uint32_t passes;                 /* times that every row is read: row reductions read theirs again */
  int64_t limit_first, limit_end;  /* legal addresses: limit_first <= a < limit_end */
};

/* Fills accesses[] and returns their number. base: the sequencer's registers. */
unsigned sa_instr_accesses(const struct sa_config *config, const struct sa_instr *instr,
                           const uint64_t base[SA_BASE_REGS],
                           struct sa_access accesses[SA_MAX_ACCESSES]);

/* Smallest address touched, and the one behind the largest. */
void sa_access_bounds(const struct sa_access *access, int64_t *first, int64_t *end);

/* Bytes moved (accumulators: rows), all rows and passes. */
uint64_t sa_access_total(const struct sa_access *access);
/* Mask of the buffer banks that a buffer access touches. It must be in range. */
uint64_t sa_access_banks(const struct sa_config *config, const struct sa_access *access);

/* All accesses inside their memory, and every other operand in the range that the machine gives it
 * (k_used, n_used, columns, rows of reductions). SA_ERR_ILLEGAL; the message names the operand. */
enum sa_status sa_instr_check(const struct sa_config *config, const struct sa_instr *instr,
                              const uint64_t base[SA_BASE_REGS], struct sa_error *error) SA_CHECKED;

/* Rows of an access one by one, innermost level first. Set the struct from sa_access_rows. */
struct sa_row_walk {
  const struct sa_access *access;
  uint32_t index[SA_ACCESS_LEVELS];
  int64_t address;
  bool done;
};
struct sa_row_walk sa_access_rows(const struct sa_access *access);
/* To the next row; sets done behind the last. */
void sa_row_next(struct sa_row_walk *walk);
#endif
