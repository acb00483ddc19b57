/* Printing of a point's neighbourhood: see advice.h. */
#include "cmd/advice.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/interrupt.h"
#include "cmd/progress.h"
#include "sweep/neighbours.h"

enum { TOP_LAYERS = 4 };

static double percent(uint64_t part, uint64_t whole) { return whole ? 100.0 * (double)part / (double)whole : 0; }

static double change(uint64_t before, uint64_t after) { return percent(after, before) - 100.0; }

static uint64_t cycles_of(const struct sa_neighbourhood *around) { return around->point.counters.cycles[0]; }

/* ---- As text ---- */

static void print_head(const struct sa_recalled *point, const struct sa_neighbourhood *around) {
  const struct sa_metrics *total = &around->point.report.total;
  char cycles[28], bytes[28], mapper[SA_MAPPER_CHARS];
  const char *parameters = point->network.parameters;
  printf("%s: %s%s%s on %s, batch %" PRIu32 ", mapper %s\n", point->id, point->network.name,
         parameters[0] ? " " : "", parameters, point->config.name, point->network.net.batch,
         sa_sweep_mapper_name(&point->mapper, mapper));
  printf("%s cycles (%.4g us), MAC utilisation %.1f %%, memory on chip %s\n",
         sa_format_count(cycles_of(around), cycles),
         (double)cycles_of(around) * 1e6 / (double)point->config.clock_hz,
         100.0 * sa_metrics_value(total, sa_column_find("mac_utilisation")).f,
         sa_format_bytes(around->sram_bytes, bytes));
  if (cycles_of(around) != point->cycles)
    printf("note: the store has %" PRIu64 " cycles, of another build of systole\n", point->cycles);
}

/* Layers with the most cycles of the cause that binds. */
static void print_layers(const struct sa_neighbourhood *around) {
  const struct sa_report *report = &around->point.report;
  const uint64_t all = report->total.counters.matmul_cause[around->binds];
  uint64_t below = UINT64_MAX;
  size_t last = SIZE_MAX;
  for (int rank = 0; rank < TOP_LAYERS; rank++) {
    size_t best = SIZE_MAX;
    uint64_t most = 0;
    for (size_t i = 0; i < report->layer_count; i++) {
      const uint64_t cycles = report->layers[i].counters.matmul_cause[around->binds];
      const bool later = cycles < below || (cycles == below && (last == SIZE_MAX || i > last));
      if (later && cycles > most) {
        most = cycles;
        best = i;
      }
    }
    if (best == SIZE_MAX) break;
    printf("%s%s (%.0f %%)", rank ? ", " : "  most of it in ", report->layers[best].name, percent(most, all));
    below = most;
    last = best;
  }
  putchar('\n');
}

static const char *widening(const struct sa_neighbour *n) {
  return n->widened == 0 ? "" : n->widened == 1 ? ", twice the width" : ", twice the width and burst";
}

static void print_change(const struct sa_neighbour *n) {
  char from[SA_QUANTITY_CHARS], to[SA_QUANTITY_CHARS];
  printf("%s %s -> %s%s", n->param->name, sa_param_format(n->param, n->from, from),
         sa_param_format(n->param, n->to, to), widening(n));
}

static void print_advice(const struct sa_neighbourhood *around) {
  const struct sa_neighbour *next = around->next, *spare = around->spare;
  const char *cause = sa_cause_name(around->binds);
  char count[28], bytes[28];
  printf("\nwhat binds: %s, %.1f %% of the cycles\n", cause,
         percent(around->point.counters.matmul_cause[around->binds], cycles_of(around)));
  print_layers(around);
  if (next) {
    fputs("change next: ", stdout);
    print_change(next);
    printf(": %s cycles (%+.1f %%)%s\n", sa_format_count(next->cycles, count),
           change(cycles_of(around), next->cycles),
           next->against == around->binds ? ", as the account says"
                                          : "; what the account says does not help by itself");
  } else {
    fputs("change next: no single parameter, doubled or halved, gains a hundredth\n", stdout);
  }
  if (!spare) return;
  fputs("to spare: ", stdout);
  print_change(spare);
  printf(" saves %s at %+.2f %% cycles\n", sa_format_bytes(around->sram_bytes - spare->sram_bytes, bytes),
         change(cycles_of(around), spare->cycles));
}

static void print_account(const struct sa_recalled *point, const struct sa_neighbourhood *around) {
  char count[28], text[256];
  fputs("\nwhere the cycles go, and what should help\n", stdout);
  for (int i = 0; i < SA_CAUSES; i++) {
    const uint64_t cycles = around->point.counters.matmul_cause[i];
    if (!cycles) continue;
    printf("  %-18s %14s %5.1f %%  %s\n", sa_cause_name((enum sa_cause)i), sa_format_count(cycles, count),
           percent(cycles, cycles_of(around)), sa_remedies((enum sa_cause)i, &point->config, text, sizeof text));
  }
}

static void print_neighbours(const struct sa_neighbourhood *around) {
  char from[SA_QUANTITY_CHARS], to[SA_QUANTITY_CHARS], cycles[28], bytes[28];
  fputs("\nneighbours: one parameter doubled or halved, each simulated (*: against what binds)\n", stdout);
  printf("  %-26s %12s %12s %14s %8s %11s %8s\n", "parameter", "from", "to", "cycles", "change", "on chip", "change");
  for (size_t i = 0; i < around->count; i++) {
    const struct sa_neighbour *n = &around->neighbours[i];
    printf("%c %-26s %12s %12s ", n->against == around->binds ? '*' : ' ', n->param->name,
           sa_param_format(n->param, n->from, from), sa_param_format(n->param, n->to, to));
    if (n->simulated)
      printf("%14s %+7.1f%% %11s %+7.1f%%%s\n", sa_format_count(n->cycles, cycles),
             change(cycles_of(around), n->cycles), sa_format_bytes(n->sram_bytes, bytes),
             change(around->sram_bytes, n->sram_bytes), widening(n));
    else
      printf(" impossible: %s\n", n->reason.message);
  }
}

/* ---- As CSV and JSON ---- */

static void print_csv(const struct sa_neighbourhood *around) {
  char from[SA_QUANTITY_CHARS], to[SA_QUANTITY_CHARS];
  puts("parameter,from,to,widened,against,cycles,sram_bytes,reason");
  printf(",,,,,%" PRIu64 ",%" PRIu64 ",\n", cycles_of(around), around->sram_bytes);
  for (size_t i = 0; i < around->count; i++) {
    const struct sa_neighbour *n = &around->neighbours[i];
    printf("%s,%s,%s,%u,%s,", n->param->name, sa_param_format(n->param, n->from, from),
           sa_param_format(n->param, n->to, to), n->widened,
           n->against == SA_CAUSES ? "" : sa_cause_name(n->against));
    if (n->simulated)
      printf("%" PRIu64 ",%" PRIu64 ",\n", n->cycles, n->sram_bytes);
    else {
      fputs(",,", stdout);
      sa_csv_text(n->reason.message, stdout);
      putchar('\n');
    }
  }
}

static json_t *neighbour_json(const struct sa_neighbour *n) {
  char from[SA_QUANTITY_CHARS], to[SA_QUANTITY_CHARS];
  json_t *object = json_pack("{s:s, s:s, s:s, s:i, s:s?}", "parameter", n->param->name, "from",
                             sa_param_format(n->param, n->from, from), "to", sa_param_format(n->param, n->to, to),
                             "widened", (int)n->widened, "against", n->against == SA_CAUSES ? NULL : sa_cause_name(n->against));
  json_t *more = n->simulated ? json_pack("{s:I, s:I}", "cycles", (json_int_t)n->cycles, "sram_bytes",
                                          (json_int_t)n->sram_bytes)
                              : json_pack("{s:s}", "reason", n->reason.message);
  if (!object || !more || json_object_update(object, more)) {
    json_decref(object);
    object = NULL;
  }
  json_decref(more);
  return object;
}

/* Position in the list of neighbours, or null. */
static json_t *position(const struct sa_neighbourhood *around, const struct sa_neighbour *n) {
  return n ? json_integer((json_int_t)(n - around->neighbours)) : json_null();
}

static enum sa_status print_json(const struct sa_recalled *point, const struct sa_neighbourhood *around,
                                 struct sa_error *error) {
  json_t *list = json_array(), *causes = json_object();
  int failed = !list || !causes;
  for (size_t i = 0; i < around->count && !failed; i++)
    failed = json_array_append_new(list, neighbour_json(&around->neighbours[i]));
  for (int i = 0; i < SA_CAUSES && !failed; i++)
    failed = json_object_set_new(causes, sa_cause_name((enum sa_cause)i),
                                 json_integer((json_int_t)around->point.counters.matmul_cause[i]));
  json_t *root = json_pack("{s:s, s:I, s:I, s:s, s:O, s:o, s:o, s:O}", "id", point->id, "cycles",
                           (json_int_t)cycles_of(around), "sram_bytes", (json_int_t)around->sram_bytes, "binds",
                           sa_cause_name(around->binds), "causes", causes, "next", position(around, around->next),
                           "spare", position(around, around->spare), "neighbours", list);
  failed = failed || !root || json_dumpf(root, stdout, JSON_INDENT(2));
  json_decref(root);
  json_decref(list);
  json_decref(causes);
  if (failed) return sa_fail(error, SA_ERR_MEMORY, "the answer cannot be written as JSON");
  putchar('\n');
  return SA_OK;
}

/* ---- All of it ---- */

static bool show_progress(void *user, double done) {
  sa_progress_update(user, done);
  return sa_interrupt_wanted();
}

static enum sa_status explore(const struct sa_recalled *point, struct sa_neighbourhood *around,
                              struct sa_error *error) {
  const long cores = sysconf(_SC_NPROCESSORS_ONLN);
  struct sa_progress progress;
  sa_interrupt_catch();
  sa_progress_begin(&progress, "simulating the neighbours");
  const enum sa_status status =
      sa_neighbourhood_explore(point, cores > 0 ? (unsigned)cores : 1, show_progress, &progress, around, error);
  sa_progress_end(&progress);
  return status;
}

enum sa_status sa_print_advice(struct sa_store *store, const char *id, enum sa_format format,
                               struct sa_error *error) {
  struct sa_recalled point;
  struct sa_neighbourhood around;
  enum sa_status status = sa_store_recall(store, id, &point, error);
  if (status) return status;
  status = explore(&point, &around, error);
  if (!status) {
    switch (format) {
      case SA_FORMAT_TABLE:
        print_head(&point, &around);
        print_advice(&around);
        print_account(&point, &around);
        print_neighbours(&around);
        break;
      case SA_FORMAT_CSV: print_csv(&around); break;
      case SA_FORMAT_JSON: status = print_json(&point, &around, error); break;
    }
    sa_neighbourhood_release(&around);
  }
  sa_recalled_release(&point);
  return status;
}
