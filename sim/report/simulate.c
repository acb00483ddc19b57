/* From a config and a network to a report. */
#include "report/simulate.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "map/bounds.h"

void sa_simulation_init(struct sa_simulation *simulation) {
  memset(simulation, 0, sizeof *simulation);
  sa_mapping_init(&simulation->mapping);
}

void sa_simulation_release(struct sa_simulation *simulation) {
  sa_mapping_release(&simulation->mapping);
  free(simulation->layers);
  sa_report_release(&simulation->report);
  sa_simulation_init(simulation);
}

static void set_bound(struct sa_metrics *m, const struct sa_bound *bound) {
  m->bound_array = bound->array_cycles;
  m->bound_memory = bound->memory_cycles;
  m->bound_vector = bound->vector_cycles;
  m->bound_cycles = m->bound_array;
  m->binds = "array";
  if (m->bound_memory > m->bound_cycles) {
    m->bound_cycles = m->bound_memory;
    m->binds = "memory";
  }
  if (m->bound_vector > m->bound_cycles) {
    m->bound_cycles = m->bound_vector;
    m->binds = "vector";
  }
}

/* Layers add up to the run in cycles and in every cause. */
static enum sa_status check_sums(const struct sa_report *report, struct sa_error *error) {
  uint64_t cycles = 0, causes[SA_CAUSES] = {0};
  for (size_t i = 0; i < report->layer_count; i++) {
    cycles += report->layers[i].cycles;
    for (int k = 0; k < SA_CAUSES; k++) causes[k] += report->layers[i].counters.matmul_cause[k];
  }
  if (cycles != report->total.cycles)
    return sa_fail(error, SA_ERR_ILLEGAL, "the layers add up to %" PRIu64 " cycles, the run took %" PRIu64,
                   cycles, report->total.cycles);
  for (int k = 0; k < SA_CAUSES; k++)
    if (causes[k] != report->total.counters.matmul_cause[k])
      return sa_fail(error, SA_ERR_ILLEGAL,
                     "cause %d: the layers add up to %" PRIu64 " cycles, the run has %" PRIu64, k,
                     causes[k], report->total.counters.matmul_cause[k]);
  return SA_OK;
}

/* Rows of both banks that some MATMUL writes: the highest of each. */
static uint64_t accumulator_peak_rows(const struct sa_program *program) {
  uint64_t peak[2] = {0, 0};
  for (size_t b = 0; b < program->block_count; b++)
    for (size_t i = 0; i < program->blocks[b].count; i++) {
      const struct sa_instr *instr = &program->blocks[b].instrs[i];
      if (instr->opcode != SA_OP_MATMUL) continue;
      const uint64_t end = instr->u.matmul.acc_row +
                           (uint64_t)instr->u.matmul.n0 * instr->u.matmul.n1 * instr->u.matmul.n2;
      if (end > peak[instr->u.matmul.acc_bank]) peak[instr->u.matmul.acc_bank] = end;
    }
  return peak[0] + peak[1];
}

/* Useful MACs that the program executes: the first step of a recurrent layer has no hidden state to multiply. */
static uint64_t executed_macs(const struct sa_layer *layer) {
  if (!sa_layer_is_recurrent(layer)) return layer->macs;
  const uint64_t hidden = layer->out.c;
  return layer->macs - layer->out.n * hidden * sa_layer_gates(layer) * hidden;
}

static void fill_layer(struct sa_metrics *m, const struct sa_config *config,
                       const struct sa_layer *layer, const struct sa_layer_counters *counted,
                       const struct sa_bound *bound) {
  *m = (struct sa_metrics){.config = config,
                           .name = layer->name,
                           .kind = sa_layer_kind_name(layer->kind),
                           .gemm_m = layer->gemm_m,
                           .gemm_k = layer->gemm_k,
                           .gemm_n = layer->gemm_n,
                           .gemm_count = layer->gemm_count,
                           .macs = executed_macs(layer),
                           .cycles = counted->cycles,
                           .counters = counted->counters};
  set_bound(m, bound);
}

static enum sa_status fill_report(struct sa_simulation *simulation, const struct sa_config *config,
                                  const struct sa_net *net, struct sa_error *error) {
  struct sa_report *report = &simulation->report;
  report->config = config;
  report->network = net->name;
  report->batch = net->batch;
  report->phase = net->phase;
  report->params = net->params;
  report->param_count = net->param_count;
  report->layers = calloc(net->layer_count, sizeof *report->layers);
  if (!report->layers) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  struct sa_metrics *total = &report->total;
  *total = (struct sa_metrics){.config = config,
                               .name = "total",
                               .kind = "",
                               .binds = "",
                               .cycles = simulation->counters.cycles[0],
                               .tokens = net->tokens * net->batch,
                               .is_prompt = net->tokens && net->phase == SA_PHASE_PREFILL,
                               .counters = simulation->counters};
  for (uint32_t i = 0; i < net->layer_count; i++) {
    const struct sa_layer *layer = &net->layers[i];
    const struct sa_layer_counters *counted = &simulation->layers[i];
    /* inputs and caches are not executed: their LOADs and STOREs belong to the layers that use them */
    const bool is_passive = layer->kind == SA_LAYER_INPUT || layer->kind == SA_LAYER_CACHE;
    if (is_passive && counted->cycles == 0 && counted->counters.instructions[SA_VECTOR] == 0) continue;
    struct sa_bound bound;
    sa_bound_layer(config, net, i, &bound);
    struct sa_metrics *m = &report->layers[report->layer_count++];
    fill_layer(m, config, layer, counted, &bound);
    total->macs += m->macs;
    total->bound_cycles += m->bound_cycles;
    total->bound_array += m->bound_array;
    total->bound_memory += m->bound_memory;
    total->bound_vector += m->bound_vector;
  }
  report->peaks[0] = (struct sa_memory_peak){"unified buffer", "bytes",
                                             simulation->mapping.buffer_peak_bytes,
                                             config->buffer_bytes};
  report->peaks[1] = (struct sa_memory_peak){"accumulators", "rows of both banks",
                                             accumulator_peak_rows(&simulation->mapping.program),
                                             2ull * config->accumulator_rows};
  report->peaks[2] = (struct sa_memory_peak){"weight FIFO", "tiles",
                                             simulation->counters.fifo_peak_tiles[0],
                                             config->weight_fifo_tiles};
  if (config->dram_bytes)
    report->peaks[3] = (struct sa_memory_peak){"DRAM", "bytes", simulation->mapping.dram_bytes,
                                               config->dram_bytes};
  enum sa_status status = sa_metrics_check_total(total, error);
  return status ? status : check_sums(report, error);
}

enum sa_status sa_simulate(const struct sa_config *config, const struct sa_net *net,
                           const struct sa_map_options *map_options,
                           const struct sa_engine_options *engine_options,
                           struct sa_simulation *simulation, struct sa_error *error) {
  enum sa_status status = sa_map(config, net, map_options, &simulation->mapping, error);
  if (status) return status;
  simulation->layers = calloc(net->layer_count, sizeof *simulation->layers);
  if (!simulation->layers) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  status = sa_engine_run(config, &simulation->mapping.program, engine_options, &simulation->counters,
                         simulation->layers, net->layer_count, error);
  return status ? status : fill_report(simulation, config, net, error);
}
