/* Records of runs; see record.h. */
#include "cosim/record.h"

#include <stdlib.h>
#include <string.h>

void sa_record_init(struct sa_record *record) { memset(record, 0, sizeof *record); }

void sa_record_release(struct sa_record *record) {
  for (int unit = 0; unit < SA_UNITS; unit++) free(record->instrs[unit]);
  free(record->bursts);
  sa_record_init(record);
}

/* Room for one more; null and the mark if memory ends. */
static void *grow(struct sa_record *record, void *items, size_t count, size_t *capacity, size_t size) {
  if (count < *capacity) return items;
  const size_t wanted = *capacity ? 2 * *capacity : 1024;
  void *bigger = realloc(items, wanted * size);
  if (bigger)
    *capacity = wanted;
  else
    record->out_of_memory = true;
  return bigger;
}

void sa_record_add_instr(struct sa_record *record, enum sa_unit unit, const struct sa_record_instr *instr) {
  struct sa_record_instr *items = grow(record, record->instrs[unit], record->instr_count[unit],
                                       &record->instr_capacity[unit], sizeof *items);
  if (!items) return;
  record->instrs[unit] = items;
  items[record->instr_count[unit]++] = *instr;
}

void sa_record_add_burst(struct sa_record *record, const struct sa_burst_event *burst) {
  struct sa_burst_event *items =
      grow(record, record->bursts, record->burst_count, &record->burst_capacity, sizeof *items);
  if (!items) return;
  record->bursts = items;
  items[record->burst_count++] = *burst;
}

static int by_cycle(const void *a, const void *b) {
  const struct sa_burst_event *x = a, *y = b;
  if (x->cycle != y->cycle) return x->cycle < y->cycle ? -1 : 1;
  return (x->unit > y->unit) - (x->unit < y->unit);
}

void sa_record_sort(struct sa_record *record) {
  if (record->burst_count) qsort(record->bursts, record->burst_count, sizeof *record->bursts, by_cycle);
}

static void on_instr(void *user, const struct sa_instr_event *event) {
  sa_record_add_instr(user, event->unit,
                      &(struct sa_record_instr){.index = event->index,
                                                .start = event->start,
                                                .end = event->end,
                                                .layer = event->layer,
                                                .opcode = event->instr->opcode});
}

static void on_burst(void *user, const struct sa_burst_event *event) { sa_record_add_burst(user, event); }

enum sa_status sa_record_engine(const struct sa_config *config, const struct sa_program *program,
                                bool plain, struct sa_record *record, struct sa_error *error) {
  const struct sa_engine_options options = {.on_instr = on_instr, .on_burst = on_burst, .user = record};
  const enum sa_status status =
      plain ? sa_engine_run_plain(config, program, &options, &record->counters, error)
            : sa_engine_run(config, program, &options, &record->counters, NULL, 0, error);
  if (status) return status;
  if (record->out_of_memory) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  sa_record_sort(record);
  return SA_OK;
}
