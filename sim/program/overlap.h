/* Do two accesses touch a common address? */
#ifndef SA_PROGRAM_OVERLAP_H
#define SA_PROGRAM_OVERLAP_H
#include "program/access.h"

/* The same addresses with as few levels as possible: rows that touch each other become one. */
struct sa_access sa_access_normal(const struct sa_access *access);

/* Both of one space. *overlap is set; fails only when memory ends. */
enum sa_status sa_access_overlap(const struct sa_access *a, const struct sa_access *b, bool *overlap,
                                 struct sa_error *error) SA_CHECKED;
#endif
