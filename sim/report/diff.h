/* Two runs of one network side by side: where the cycles went, layer by layer. */
#ifndef SA_REPORT_DIFF_H
#define SA_REPORT_DIFF_H
#include "report/report.h"

/* Writes the comparison. Both reports are of the same network (same layers in the same order). JSON:
 * schema "systole-diff", version 1: layers and total, each with `a` and `b` as in the report. */
enum sa_status sa_diff_write(const struct sa_report *a, const struct sa_report *b,
                             enum sa_format format, FILE *out, struct sa_error *error) SA_CHECKED;
#endif
