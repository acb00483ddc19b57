/* Values: executes a program's stream in program order on a memory image. A legal program gives the
 * same values under any timing, so no clock is needed here. docs/machine.md section 5. */
#ifndef SA_ENGINE_EXEC_H
#define SA_ENGINE_EXEC_H
#include "base/memory.h"
#include "machine/config.h"
#include "program/program.h"

/* Called after each instruction with the machine's state, for tests and for value injection. */
struct sa_exec_state {
  uint8_t *buffer;       /* unified buffer, buffer_bytes */
  int32_t *accumulators; /* [2][accumulator_rows][array_cols] */
};
typedef void sa_exec_hook(void *user, uint64_t index, const struct sa_instr *instr,
                          const struct sa_exec_state *state);

/* Runs the stream on the image, which is read and written. hook may be null. BASE and END are not
 * reported to it, but counted by index. An operand out of range, a missing tile or a full FIFO is
 * SA_ERR_ILLEGAL. */
enum sa_status sa_exec_run(const struct sa_config *config, const struct sa_program *program,
                           struct sa_memory *memory, sa_exec_hook *hook, void *user,
                           struct sa_error *error) SA_CHECKED;
#endif
