/* Programs as text: a disassembler and an assembler. Assembling what was disassembled gives the same
 * program. docs/machine.md section 8 names the fields.
 *
 *   # comment to the end of the line
 *   block NAME                     begins a block; instructions follow, one a line:
 *     layer 3                      layer of the instructions that follow (0 at a block's begin)
 *     LOAD ub_addr=0x100 dram_addr=0x4000 bytes=64 n0=2 ... take_store=1 done_to_matmul
 *   call NAME layer=3 base0=0x1000 calls the block; layer: the first layer; base registers not named are 0
 *
 * A field is name=value, decimal or 0x...; a field of one bit can be its name alone. Fields not named
 * are 0, or 1 where 0 is illegal. */
#ifndef SA_PROGRAM_ASM_H
#define SA_PROGRAM_ASM_H
#include <stdio.h>

#include "program/program.h"

/* Writes the text of a program. Errors of the stream are the caller's to look at. */
void sa_disassemble(const struct sa_program *program, FILE *out);
/* Writes one instruction, without a newline. */
void sa_disassemble_instr(const struct sa_instr *instr, FILE *out);

/* Reads a program from text into an initialised, empty program. Errors carry line and column; `path`
 * names the text in them. On failure the program is released. */
enum sa_status sa_assemble(const char *path, const char *text, size_t bytes,
                           struct sa_program *program, struct sa_error *error) SA_CHECKED;
#endif
