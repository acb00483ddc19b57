/* Columns of every report, evaluated from columns.def. */
#include "report/metrics.h"

#include <inttypes.h>
#include <string.h>

#include "program/isa.h"

static double ratio(double a, double b) { return b > 0 ? a / b : 0; }

static uint64_t sum(const uint64_t *values, size_t count) {
  uint64_t total = 0;
  for (size_t i = 0; i < count; i++) total += values[i];
  return total;
}

static double pes(const struct sa_metrics *m) {
  return (double)m->config->array_rows * m->config->array_cols;
}

static double active(const struct sa_metrics *m) {
  return (double)m->counters.matmul_cause[SA_CAUSE_ACTIVE];
}

/* Cycles charged at MATMUL's head to this layer; for the whole run this equals its cycles. */
static double charged(const struct sa_metrics *m) {
  return (double)sum(m->counters.matmul_cause, SA_CAUSES);
}

static double dram_bytes(const struct sa_metrics *m) {
  return (double)(sum(m->counters.dram_read_bytes, SA_CLASSES) +
                  sum(m->counters.dram_write_bytes, SA_CLASSES));
}

static double seconds(const struct sa_metrics *m) {
  return (double)m->cycles / (double)m->config->clock_hz;
}

static double kv_bytes(const struct sa_metrics *m) {
  return (double)(m->counters.dram_read_bytes[SA_CLASS_KV] + m->counters.dram_write_bytes[SA_CLASS_KV]);
}

static double bandwidth(const struct sa_config *config) {
  double total = 0;
  for (uint32_t i = 0; i < config->memory_ports; i++)
    total += (double)config->bw_num[i] / (double)config->bw_den[i];
  return total;
}

static double roofline(const struct sa_metrics *m) {
  const double bytes = dram_bytes(m);
  if (bytes <= 0) return pes(m);
  const double fed = (double)m->macs / bytes * bandwidth(m->config);
  return fed < pes(m) ? fed : pes(m);
}

static uint64_t useless(const struct sa_metrics *m) {
  const uint64_t occupied = m->counters.macs_occupied[0];
  return occupied > m->macs ? occupied - m->macs : 0;
}

static uint64_t padding(const struct sa_metrics *m) {
  return (uint64_t)m->config->array_rows * m->config->array_cols *
             m->counters.matmul_cause[SA_CAUSE_ACTIVE] -
         m->counters.macs_occupied[0];
}

const struct sa_column sa_columns[] = {
#define SA_COLUMN(key, type, unit, meaning, expression) {#key, unit, meaning, SA_COLUMN_##type},
#include "report/columns.def"
#undef SA_COLUMN
};
const size_t sa_column_count = sizeof sa_columns / sizeof *sa_columns;

#define VALUE_U(x) (union sa_value){.u = (x)}
#define VALUE_F(x) (union sa_value){.f = (x)}
#define VALUE_S(x) (union sa_value){.s = (x)}

enum column_index {
#define SA_COLUMN(key, type, unit, meaning, expression) INDEX_##key,
#include "report/columns.def"
#undef SA_COLUMN
};

union sa_value sa_metrics_value(const struct sa_metrics *m, size_t index) {
  switch ((enum column_index)index) {
#define SA_COLUMN(key, type, unit, meaning, expression) \
  case INDEX_##key: return VALUE_##type(expression);
#include "report/columns.def"
#undef SA_COLUMN
  }
  return VALUE_U(0);
}

size_t sa_column_find(const char *key) {
  size_t i = 0;
  while (i < sa_column_count && strcmp(sa_columns[i].key, key) != 0) i++;
  return i;
}

enum sa_status sa_metrics_check_total(const struct sa_metrics *total, struct sa_error *error) {
  const struct sa_counters *c = &total->counters;
  const uint64_t causes = sum(c->matmul_cause, SA_CAUSES);
  if (causes != total->cycles)
    return sa_fail(error, SA_ERR_ILLEGAL,
                   "cycle account: causes add up to %" PRIu64 ", the run took %" PRIu64 " cycles",
                   causes, total->cycles);
  const uint64_t cells = (uint64_t)total->config->array_rows * total->config->array_cols;
  const uint64_t occupied = c->macs_occupied[0], issued = cells * c->matmul_cause[SA_CAUSE_ACTIVE];
  if (total->macs > occupied || occupied > issued)
    return sa_fail(error, SA_ERR_ILLEGAL,
                   "cycle account: %" PRIu64 " useful MACs, %" PRIu64 " occupied, %" PRIu64
                   " PE cycles issued; each must be at most the next",
                   total->macs, occupied, issued);
  const uint64_t stalls = cells * (causes - c->matmul_cause[SA_CAUSE_ACTIVE]);
  if (total->macs + useless(total) + padding(total) + stalls != cells * total->cycles)
    return sa_fail(error, SA_ERR_ILLEGAL, "cycle account: PE cycles do not add up");
  return SA_OK;
}
