/* SCALE-Sim's own closed form for one GEMM: cycles of a systolic array that loads, computes and drains
 * one fold after the other, without memory stalls. Printed beside our count, so that both are seen.
 * Source: Samajdar et al., ISPASS 2020, and the tool itself (v3). */
#ifndef SA_IMPORT_CLOSED_FORM_H
#define SA_IMPORT_CLOSED_FORM_H
#include <stdint.h>

#include "base/error.h"

enum sa_dataflow { SA_DATAFLOW_WS, SA_DATAFLOW_IS, SA_DATAFLOW_OS, SA_DATAFLOWS };

/* "ws", "is", "os" */
const char *sa_dataflow_name(enum sa_dataflow dataflow);

struct sa_closed_form {
  uint64_t folds;        /* of one GEMM */
  uint64_t fold_cycles;  /* preload, stream, drain of one fold, as the tool counts them */
  uint64_t cycles;       /* folds x fold_cycles x GEMMs */
  uint64_t tool_cycles;  /* what the tool prints: for each GEMM the number of its last cycle, which is
                          * one less than the count: its own off-by-one */
  uint64_t paper_cycles; /* by the paper's formula; differs from cycles for OS only */
};

/*   WS: folds = ceil(K/R) ceil(N/C), a fold takes 2R + C + M - 2
 *   IS: folds = ceil(K/R) ceil(M/C), a fold takes 2R + C + N - 2
 *   OS: folds = ceil(M/R) ceil(N/C), a fold takes  R + C + K - 2 (the paper: 2R + C + K - 2)
 * `count` GEMMs of one shape (groups, heads) follow each other. All arguments at least 1.
 * SA_ERR_LIMIT if a result leaves 64 bits. */
enum sa_status sa_closed_form(enum sa_dataflow dataflow, uint32_t rows, uint32_t cols, uint64_t m,
                              uint64_t k, uint64_t n, uint64_t count, struct sa_closed_form *form,
                              struct sa_error *error) SA_CHECKED;
#endif
