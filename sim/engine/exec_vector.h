/* Values of the VECTOR unit: its tables and parameters, and one function that executes an
 * instruction. docs/machine.md section 5. */
#ifndef SA_ENGINE_EXEC_VECTOR_H
#define SA_ENGINE_EXEC_VECTOR_H
#include "machine/config.h"
#include "program/isa.h"

#define SA_MAX_COLS 512

struct sa_exec_vector {
  uint8_t table[3][256];        /* activation, exponential low and high bytes */
  int32_t bias[SA_MAX_COLS];    /* parameters of the last VACC that loaded the column */
  uint32_t scale[SA_MAX_COLS];
};

/* Zero tables and parameters, as after reset. */
void sa_exec_vector_init(struct sa_exec_vector *vector);

/* Executes one VECTOR instruction whose operands are in range. buffer: the unified buffer;
 * accumulators: [2][accumulator_rows][array_cols]. */
void sa_exec_vector_run(struct sa_exec_vector *vector, const struct sa_config *config,
                        const struct sa_instr *instr, uint8_t *buffer, const int32_t *accumulators);
#endif
