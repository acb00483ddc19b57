/* Why a layer is mapped as it is, and what its first tiles look like in time, as text. */
#ifndef SA_REPORT_EXPLAIN_H
#define SA_REPORT_EXPLAIN_H
#include "report/simulate.h"

struct sa_explain;

/* Watches the instructions of one layer during a run. Null if out of memory. */
struct sa_explain *sa_explain_create(uint32_t layer);
void sa_explain_free(struct sa_explain *explain);
/* Sets on_instr and user. */
void sa_explain_attach(struct sa_explain *explain, struct sa_engine_options *options);

/* Writes the mapping of the layer, its bounds and cycle account, and a timeline of its first
 * instructions. */
void sa_explain_write(const struct sa_explain *explain, const struct sa_config *config,
                      const struct sa_net *net, const struct sa_simulation *simulation, FILE *out);
#endif
