/* `systole explain` as text; see explain.h. */
#include "report/explain.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "program/isa_table.h"

/* Instructions kept per layer, lines shown, and characters of the time axis. */
enum { KEPT = 512, SHOWN = 48, AXIS = 64 };

struct seen {
  uint64_t index, start, end;
  uint8_t unit, opcode;
};

struct sa_explain {
  uint32_t layer;
  uint64_t total[SA_UNITS]; /* instructions of the layer */
  struct seen *seen;        /* the first KEPT / SA_UNITS of each unit */
  size_t count;
};

struct sa_explain *sa_explain_create(uint32_t layer) {
  struct sa_explain *explain = calloc(1, sizeof *explain);
  if (!explain) return NULL;
  explain->layer = layer;
  explain->seen = malloc(KEPT * sizeof *explain->seen);
  if (!explain->seen) {
    free(explain);
    return NULL;
  }
  return explain;
}

void sa_explain_free(struct sa_explain *explain) {
  if (!explain) return;
  free(explain->seen);
  free(explain);
}

static void keep(void *user, const struct sa_instr_event *event) {
  struct sa_explain *explain = user;
  if (event->layer != explain->layer) return;
  if (explain->total[event->unit]++ >= KEPT / SA_UNITS) return;
  explain->seen[explain->count++] = (struct seen){.index = event->index,
                                                  .start = event->start,
                                                  .end = event->end,
                                                  .unit = (uint8_t)event->unit,
                                                  .opcode = event->instr->opcode};
}

void sa_explain_attach(struct sa_explain *explain, struct sa_engine_options *options) {
  options->on_instr = keep;
  options->user = explain;
}

static int by_start(const void *a, const void *b) {
  const struct seen *x = a, *y = b;
  if (x->start != y->start) return x->start < y->start ? -1 : 1;
  return x->index < y->index ? -1 : x->index > y->index;
}

static void write_timeline(const struct sa_explain *explain, FILE *out) {
  static const char *const units[SA_UNITS] = {"LOAD", "STORE", "WLOAD", "MATMUL", "VECTOR"};
  if (!explain->count) {
    fputs("\nThe layer has no instructions of its own.\n", out);
    return;
  }
  qsort(explain->seen, explain->count, sizeof *explain->seen, by_start);
  const size_t shown = explain->count < SHOWN ? explain->count : SHOWN;
  const uint64_t first = explain->seen[0].start;
  uint64_t last = first;
  for (size_t i = 0; i < shown; i++)
    if (explain->seen[i].end > last) last = explain->seen[i].end;
  const uint64_t per_char = (last - first) / AXIS + 1;
  fprintf(out,
          "\nTimeline of the first %zu instructions, from cycle %" PRIu64 "; one character is %" PRIu64
          " cycle%s\n",
          shown, first, per_char, per_char == 1 ? "" : "s");
  for (size_t i = 0; i < shown; i++) {
    const struct seen *s = &explain->seen[i];
    const int from = (int)((s->start - first) / per_char), to = (int)((s->end - first) / per_char);
    fprintf(out, "  %-6s %-9s %8" PRIu64 " .. %8" PRIu64 " |%*s", units[s->unit],
            sa_isa_op(sa_isa_find(s->opcode))->name, s->start - first, s->end - first, from, "");
    for (int k = from; k <= to; k++) fputc("lswMV"[s->unit], out);
    fputc('\n', out);
  }
  fputs("  of", out);
  for (int unit = 0; unit < SA_UNITS; unit++)
    fprintf(out, " %" PRIu64 " %s%s", explain->total[unit], units[unit], unit + 1 < SA_UNITS ? "," : "\n");
}

static void write_op(const struct sa_op_map *map, const struct sa_op *op, FILE *out) {
  char a[28], b[28];
  const bool gemm = op->kind == SA_KIND_GEMM;
  fprintf(out, "  tile of M: %" PRIu32 " image%s x %" PRIu32 " row%s x %" PRIu32 " column%s of the output; %" PRIu32
               " such tile%s\n",
          map->images, map->images == 1 ? "" : "s", map->rows, map->rows == 1 ? "" : "s", map->cols,
          map->cols == 1 ? "" : "s", map->m_tiles, map->m_tiles == 1 ? "" : "s");
  if (map->n_tiles)
    fprintf(out, "  tiles of N: %" PRIu32 "%s; folds of the reduction: %" PRIu32 "\n", map->n_tiles,
            map->depthwise ? " (diagonal: one channel a filter)" : "", map->fold_count);
  if (gemm && map->fold_count) {
    fputs("  folds (bytes of K):", out);
    for (uint32_t i = 0; i < map->fold_count && i < 16; i++) fprintf(out, " %" PRIu32, map->folds[i].k_used);
    fputs(map->fold_count > 16 ? " ...\n" : "\n", out);
  }
  if (map->n_tiles)
    fprintf(out, "  order: %s\n",
            map->order == SA_ORDER_N_OUTER
                ? "for each tile of N, all tiles of M"
                : "for each tile of M, all tiles of N (weights are fetched again for every tile of M)");
  fprintf(out, "  operands: %s; result: %s\n",
          map->streams_in ? "streamed from DRAM tile by tile" : "resident in the unified buffer",
          map->streams_out ? "streamed to DRAM" : "resident in the unified buffer");
  if (map->weight_bytes)
    fprintf(out, "  weights: %s; parameters: %s\n", sa_format_bytes(map->weight_bytes, a),
            sa_format_bytes(map->param_bytes, b));
  if (map->candidates)
    fprintf(out,
            "  why: the cheapest of %" PRIu32 " candidates by estimate: array %" PRIu64 ", weights %" PRIu64
            ", vector %" PRIu64 ", memory %" PRIu64 " cycles side by side, plus a tail of %" PRIu64 "\n",
            map->candidates, map->array_cycles, map->weight_cycles, map->vector_cycles, map->memory_cycles,
            map->tail_cycles);
}

static const struct sa_metrics *find_row(const struct sa_report *report, const char *name) {
  for (size_t i = 0; i < report->layer_count; i++)
    if (strcmp(report->layers[i].name, name) == 0) return &report->layers[i];
  return NULL;
}

static void write_account(const struct sa_metrics *m, FILE *out) {
  fprintf(out, "  %" PRIu64 " cycles; bounds: array %" PRIu64 ", memory %" PRIu64 ", vector %" PRIu64
               " (%s binds); cycles / bound = %.3f\n",
          m->cycles, m->bound_array, m->bound_memory, m->bound_vector, m->binds,
          m->bound_cycles ? (double)m->cycles / (double)m->bound_cycles : 0.0);
  fputs("  at MATMUL's head:", out);
  for (int i = 0; i < SA_CAUSES; i++)
    if (m->counters.matmul_cause[i])
      fprintf(out, " %s %" PRIu64 ";", sa_cause_name((enum sa_cause)i), m->counters.matmul_cause[i]);
  fputc('\n', out);
}

void sa_explain_write(const struct sa_explain *explain, const struct sa_config *config,
                      const struct sa_net *net, const struct sa_simulation *simulation, FILE *out) {
  const struct sa_layer *layer = &net->layers[explain->layer];
  fprintf(out, "%s of %s on %s (%" PRIu32 "x%" PRIu32 "): %s, output %" PRIu32 "x%" PRIu32 "x%" PRIu32
               "x%" PRIu32,
          layer->name, net->name, config->name, config->array_rows, config->array_cols,
          sa_layer_kind_name(layer->kind), layer->out.n, layer->out.h, layer->out.w, layer->out.c);
  if (layer->gemm_count)
    fprintf(out, ", GEMM M %" PRIu64 " x K %" PRIu64 " x N %" PRIu64 ", %" PRIu64 " of them", layer->gemm_m,
            layer->gemm_k, layer->gemm_n, layer->gemm_count);
  fputs("\n\nMapping\n", out);
  bool any = false;
  for (uint32_t i = 0; i < simulation->mapping.graph.op_count; i++)
    if (simulation->mapping.graph.ops[i].layer == explain->layer) {
      write_op(&simulation->mapping.ops[i], &simulation->mapping.graph.ops[i], out);
      any = true;
    }
  if (!any) fputs("  no operation: the layer is done in place by others\n", out);
  const struct sa_metrics *row = find_row(&simulation->report, layer->name);
  if (row) {
    fputs("\nCycles\n", out);
    write_account(row, out);
  }
  write_timeline(explain, out);
}
