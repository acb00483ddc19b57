/* SCALE-Sim's closed form beside the simulated cycles, layer by layer: two answers to one question, and
 * what lies between them. */
#ifndef SA_REPORT_CLOSED_REPORT_H
#define SA_REPORT_CLOSED_REPORT_H
#include "import/closed_form.h"
#include "report/report.h"

/* Writes the comparison as a table or as CSV (SA_FORMAT_JSON is SA_ERR_INPUT); `layer`, unless null,
 * restricts the rows to that layer and leaves the total out. Write errors stay in the stream. */
enum sa_status sa_closed_report_write(const struct sa_report *report, enum sa_dataflow dataflow,
                                      enum sa_format format, const char *layer, FILE *out,
                                      struct sa_error *error) SA_CHECKED;
#endif
