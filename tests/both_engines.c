/* See both_engines.h. Differences are told apart by hand, since ck_assert writes to libcheck's log
 * whether it holds or not, which is slow for every event of many programs. */
#include "both_engines.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

static void on_instr(void *user, const struct sa_instr_event *event) {
  struct engine_run *run = user;
  run->instrs = sa_vec_grow(run->instrs, &run->instr_capacity, run->instr_count + 1, sizeof *event);
  if (!run->instrs) ck_abort_msg("out of memory");
  run->instrs[run->instr_count++] = *event;
}

static void on_burst(void *user, const struct sa_burst_event *event) {
  struct engine_run *run = user;
  run->bursts = sa_vec_grow(run->bursts, &run->burst_capacity, run->burst_count + 1, sizeof *event);
  if (!run->bursts) ck_abort_msg("out of memory");
  run->bursts[run->burst_count++] = *event;
}

static void on_shift(void *user, uint64_t cycle) {
  struct engine_run *run = user;
  run->shifts = sa_vec_grow(run->shifts, &run->shift_capacity, run->shift_count + 1, sizeof cycle);
  if (!run->shifts) ck_abort_msg("out of memory");
  run->shifts[run->shift_count++] = cycle;
}

void engine_run_release(struct engine_run *run) {
  free(run->instrs);
  free(run->bursts);
  free(run->shifts);
  memset(run, 0, sizeof *run);
}

static int by_index(const void *a, const void *b) {
  const struct sa_instr_event *x = a, *y = b;
  return (x->index > y->index) - (x->index < y->index);
}

static int by_cycle(const void *a, const void *b) {
  const struct sa_burst_event *x = a, *y = b;
  if (x->cycle != y->cycle) return x->cycle < y->cycle ? -1 : 1;
  return (x->unit > y->unit) - (x->unit < y->unit);
}

static void sort(struct engine_run *run) {
  if (run->instr_count)
    qsort(run->instrs, run->instr_count, sizeof run->instrs[0], by_index);
  if (run->burst_count)
    qsort(run->bursts, run->burst_count, sizeof run->bursts[0], by_cycle);
}

static bool same_instr(const struct sa_instr_event *x, const struct sa_instr_event *y) {
  return x->index == y->index && x->unit == y->unit && x->instr == y->instr &&
         x->layer == y->layer && x->start == y->start && x->end == y->end;
}

static bool same_burst(const struct sa_burst_event *x, const struct sa_burst_event *y) {
  return x->unit == y->unit && x->cycle == y->cycle && x->completion == y->completion &&
         x->address == y->address && x->bytes == y->bytes && x->is_write == y->is_write &&
         x->layer == y->layer;
}

static void compare_instrs(const char *context, const struct engine_run *run,
                           const struct engine_run *plain) {
  for (size_t i = 0; i < run->instr_count && i < plain->instr_count; i++) {
    const struct sa_instr_event *x = &run->instrs[i], *y = &plain->instrs[i];
    if (!same_instr(x, y))
      ck_abort_msg("%s: instruction %llu (opcode %02x) %llu..%llu; cycle by cycle: %llu (opcode "
                   "%02x) %llu..%llu",
                   context, (unsigned long long)x->index, x->instr->opcode,
                   (unsigned long long)x->start, (unsigned long long)x->end,
                   (unsigned long long)y->index, y->instr->opcode, (unsigned long long)y->start,
                   (unsigned long long)y->end);
  }
  if (run->instr_count != plain->instr_count)
    ck_abort_msg("%s: %zu instructions, not %zu", context, run->instr_count, plain->instr_count);
}

static void compare_bursts(const char *context, const struct engine_run *run,
                           const struct engine_run *plain) {
  for (size_t i = 0; i < run->burst_count && i < plain->burst_count; i++) {
    const struct sa_burst_event *x = &run->bursts[i], *y = &plain->bursts[i];
    if (!same_burst(x, y))
      ck_abort_msg("%s: burst %zu is unit %d's at %llx in %llu..%llu; cycle by cycle: unit %d's at "
                   "%llx in %llu..%llu",
                   context, i, x->unit, (unsigned long long)x->address,
                   (unsigned long long)x->cycle, (unsigned long long)x->completion, y->unit,
                   (unsigned long long)y->address, (unsigned long long)y->cycle,
                   (unsigned long long)y->completion);
  }
  if (run->burst_count != plain->burst_count)
    ck_abort_msg("%s: %zu bursts, not %zu", context, run->burst_count, plain->burst_count);
}

/* Shifts that would begin after the run's end are none. */
static void cut_shifts(struct engine_run *run) {
  while (run->shift_count && run->shifts[run->shift_count - 1] >= run->counters.cycles[0]) run->shift_count--;
}

static void compare_shifts(const char *context, struct engine_run *run, const struct engine_run *plain) {
  cut_shifts(run);
  if (run->shift_count != plain->shift_count)
    ck_abort_msg("%s: %zu shifts of tiles, not %zu", context, run->shift_count, plain->shift_count);
  for (size_t i = 0; i < run->shift_count; i++)
    if (run->shifts[i] != plain->shifts[i])
      ck_abort_msg("%s: shift %zu begins in %llu; cycle by cycle: %llu", context, i,
                   (unsigned long long)run->shifts[i], (unsigned long long)plain->shifts[i]);
}

static void compare_counters(const char *context, const struct sa_counters *x,
                             const struct sa_counters *y) {
#define SA_COUNTER(field, count, unit, meaning)                                               \
  for (int i = 0; i < (count); i++)                                                           \
    if (x->field[i] != y->field[i])                                                           \
      ck_abort_msg("%s: %s[%d] is %llu; cycle by cycle: %llu", context, #field, i,            \
                   (unsigned long long)x->field[i], (unsigned long long)y->field[i]);
#include "machine/counters.def"
#undef SA_COUNTER
}

/* Layers add up to the totals; causes add up to the cycles. */
static void check_sums(const char *context, const struct sa_counters *total,
                       const struct sa_layer_counters *layers, size_t layer_count) {
  struct sa_counters sum = {0};
  uint64_t cycles = 0, peak = 0, causes = 0;
  for (size_t l = 0; l < layer_count; l++) {
#define SA_COUNTER(field, count, unit, meaning) \
  for (int i = 0; i < (count); i++) sum.field[i] += layers[l].counters.field[i];
#include "machine/counters.def"
#undef SA_COUNTER
    cycles += layers[l].cycles;
    if (layers[l].counters.fifo_peak_tiles[0] > peak) peak = layers[l].counters.fifo_peak_tiles[0];
  }
  sum.fifo_peak_tiles[0] = peak; /* a maximum, not a sum */
  compare_counters(context, &sum, total);
  for (int c = 0; c < SA_CAUSES; c++) causes += total->matmul_cause[c];
  if (cycles != total->cycles[0] || causes != total->cycles[0])
    ck_abort_msg("%s: %llu cycles, %llu in layers, %llu by cause", context,
                 (unsigned long long)total->cycles[0], (unsigned long long)cycles,
                 (unsigned long long)causes);
}

static size_t layers_of(const struct sa_program *program) {
  uint32_t last = 0;
  for (size_t c = 0; c < program->call_count; c++) {
    const struct sa_block *block = &program->blocks[program->calls[c].block];
    for (size_t i = 0; i < block->count; i++) {
      const uint32_t layer = program->calls[c].first_layer + block->layers[i];
      if (layer > last) last = layer;
    }
    if (program->calls[c].first_layer > last) last = program->calls[c].first_layer;
  }
  return (size_t)last + 1;
}

static void compare(const char *context, struct engine_run *run, const struct engine_run *plain) {
  sort(run);
  if (run->status != plain->status)
    ck_abort_msg("%s: status %d (%s); cycle by cycle: %d (%s)", context, run->status,
                 run->error.message, plain->status, plain->error.message);
  if (run->status != SA_OK) return;
  compare_instrs(context, run, plain);
  compare_shifts(context, run, plain);
  compare_counters(context, &run->counters, &plain->counters);
}

void both_engines_run(const struct sa_config *config, const struct sa_program *program,
                      const char *context, struct engine_run *plain) {
  struct sa_engine_options options = {
      .on_instr = on_instr, .on_burst = on_burst, .on_shift = on_shift, .user = plain};
  memset(plain, 0, sizeof *plain);
  plain->status =
      sa_engine_run_plain(config, program, &options, &plain->counters, &plain->error);
  sort(plain);

  struct engine_run run = {0};
  const size_t layer_count = layers_of(program);
  struct sa_layer_counters *layers = calloc(layer_count, sizeof *layers);
  if (!layers) ck_abort_msg("out of memory");
  options.user = &run;
  run.status =
      sa_engine_run(config, program, &options, &run.counters, layers, layer_count, &run.error);
  compare(context, &run, plain);
  if (run.status == SA_OK) {
    compare_bursts(context, &run, plain);
    check_sums(context, &run.counters, layers, layer_count);
  }
  free(layers);
  engine_run_release(&run);

  /* nobody listens to bursts: streams of them are granted in one loop */
  options.on_burst = NULL;
  run.status = sa_engine_run(config, program, &options, &run.counters, NULL, 0, &run.error);
  compare(context, &run, plain);
  engine_run_release(&run);
}
