/* A finished run, ready to be printed: one record of figures per layer, the total, memory peaks. */
#ifndef SA_REPORT_REPORT_H
#define SA_REPORT_REPORT_H
#include <stdio.h>

#include <jansson.h>

#include "net/net.h"
#include "report/metrics.h"

/* Largest use of each on-chip memory, and its size. */
struct sa_memory_peak {
  const char *name, *unit;
  uint64_t used, size;
};

#define SA_REPORT_PEAKS 4

struct sa_report {
  const struct sa_config *config;
  const char *network;
  uint32_t batch;
  enum sa_phase phase;
  const struct sa_net_param *params; /* of the network; not owned */
  uint32_t param_count;
  struct sa_metrics *layers; /* owned */
  size_t layer_count;
  struct sa_metrics total;   /* name "total"; bounds are the sums over the layers */
  struct sa_memory_peak peaks[SA_REPORT_PEAKS];
};

void sa_report_release(struct sa_report *report);

enum sa_format { SA_FORMAT_TABLE, SA_FORMAT_CSV, SA_FORMAT_JSON };

/* "table", "csv", "json"; anything else is SA_ERR_INPUT. */
enum sa_status sa_format_parse(const char *text, enum sa_format *format, struct sa_error *error)
    SA_CHECKED;

/* Writes the report; `layer`, unless null, restricts the rows to that layer (the total is left out).
 * Write errors stay in the stream for its owner to check. SA_ERR_INPUT: no such layer. */
enum sa_status sa_report_write(const struct sa_report *report, enum sa_format format,
                               const char *layer, FILE *out, struct sa_error *error) SA_CHECKED;

/* The parts of it. */
void sa_report_write_table(const struct sa_report *report, const char *layer, FILE *out);
void sa_report_write_csv(const struct sa_report *report, const char *layer, FILE *out);
void sa_report_write_csv_head(FILE *out);
void sa_report_write_csv_row(const struct sa_metrics *m, FILE *out);
enum sa_status sa_report_write_json(const struct sa_report *report, const char *layer, FILE *out,
                                    struct sa_error *error) SA_CHECKED;

/* The columns as a JSON object; null if out of memory. The caller owns the reference. */
json_t *sa_metrics_json(const struct sa_metrics *m);

/* A name, which may hold commas and quotes, as one field of CSV (RFC 4180). */
void sa_csv_text(const char *text, FILE *out);

/* Word for a cause of waiting, as reports print it. */
const char *sa_cause_name(enum sa_cause cause);

/* "1,234,567" into text (at least 28 bytes); returns text. */
char *sa_format_count(uint64_t value, char *text);
/* "1.23 MiB" into text (at least 28 bytes); returns text. */
char *sa_format_bytes(uint64_t bytes, char *text);
#endif
