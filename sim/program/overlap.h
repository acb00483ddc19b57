/* Do two accesses touch a common address? Does a VECTOR instruction write over its own operands? */
#ifndef SA_PROGRAM_OVERLAP_H
#define SA_PROGRAM_OVERLAP_H
#include "program/access.h"

/* The same addresses with as few levels as possible: rows that touch each other become one. */
struct sa_access sa_access_normal(const struct sa_access *access);

/* Both of one space. *overlap is set; fails only when memory ends. */
enum sa_status sa_access_overlap(const struct sa_access *a, const struct sa_access *b, bool *overlap,
                                 struct sa_error *error) SA_CHECKED;

/* VECTOR's outputs may lie on its own operands only in place: the same rows, disjoint from each other,
 * and never on VNORM's gamma and beta, which serve every row; the rows of a row reduction are disjoint
 * in any case. SA_ERR_ILLEGAL otherwise. */
enum sa_status sa_instr_check_in_place(const struct sa_config *config, const struct sa_instr *instr,
                                       const uint64_t base[SA_BASE_REGS], struct sa_error *error)
    SA_CHECKED;
#endif
