/* Is a program legal on a machine? docs/machine.md sections 2 and 4, in program order: operand ranges,
 * tokens, tiles, tables, and the order of everything that touches the same bytes, rows or banks. */
#ifndef SA_PROGRAM_CHECK_H
#define SA_PROGRAM_CHECK_H
#include "program/program.h"

/* SA_ERR_ILLEGAL: the message names the instruction by its place in the stream and, for a conflict,
 * both. Slow in comparison with a run; memory grows with what is not yet known to have ended. */
enum sa_status sa_program_check(const struct sa_config *config, const struct sa_program *program,
                                struct sa_error *error) SA_CHECKED;
#endif
