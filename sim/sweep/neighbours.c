/* Exploration around a point: see neighbours.h. */
#include "sweep/neighbours.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Against each cause of cycles, the most promising first. Everything named here is also tried the other way. */
static const struct remedy {
  enum sa_cause cause;
  const char *param;
  bool up;
} remedies[] = {
    {SA_CAUSE_ACTIVE, "array.rows", true},
    {SA_CAUSE_ACTIVE, "array.cols", true},
    {SA_CAUSE_NON_MATRIX, "vector.lanes", true},
    {SA_CAUSE_NON_MATRIX, "memory.bandwidth", true},
    {SA_CAUSE_DRAIN, "array.weight_buffers", true},
    {SA_CAUSE_DRAIN, "array.rows", false},
    {SA_CAUSE_DRAIN, "array.cols", false},
    {SA_CAUSE_IDLE, "memory.bandwidth", true},
    {SA_CAUSE_IDLE, "memory.latency", false},
    {SA_CAUSE_INPUT_STALL, "memory.bandwidth", true},
    {SA_CAUSE_INPUT_STALL, "unified_buffer.size", true},
    {SA_CAUSE_INPUT_STALL, "memory.latency", false},
    {SA_CAUSE_INPUT_STALL, "memory.outstanding", true},
    {SA_CAUSE_INPUT_STALL, "memory.ports", true},
    {SA_CAUSE_RAW_STALL, "vector.lanes", true},
    {SA_CAUSE_RAW_STALL, "accumulator.rows", false},
    {SA_CAUSE_ACC_STALL, "vector.lanes", true},
    {SA_CAUSE_ACC_STALL, "accumulator.rows", true},
    {SA_CAUSE_WEIGHT_STALL, "weight_memory.bandwidth", true},
    {SA_CAUSE_WEIGHT_STALL, "memory.bandwidth", true},
    {SA_CAUSE_WEIGHT_STALL, "weight_fifo.tiles", true},
    {SA_CAUSE_WEIGHT_STALL, "accumulator.rows", true},
    {SA_CAUSE_WEIGHT_STALL, "weight_memory.outstanding", true},
    {SA_CAUSE_WEIGHT_STALL, "weight_memory.latency", false},
    {SA_CAUSE_WEIGHT_SHIFT, "array.weight_shift_rows", true},
    {SA_CAUSE_WEIGHT_SHIFT, "array.weight_buffers", true},
};

enum { REMEDIES = sizeof remedies / sizeof *remedies };

/* A port of one's own has parameters of its own. */
static bool applies(const struct remedy *remedy, const struct sa_config *config) {
  const bool weight_port = strncmp(remedy->param, "weight_memory.", strlen("weight_memory.")) == 0;
  if (weight_port) return config->memory_ports == 2;
  /* with a weight port, weights do not come through the other one */
  return !(remedy->cause == SA_CAUSE_WEIGHT_STALL && config->memory_ports == 2 &&
           strcmp(remedy->param, "memory.bandwidth") == 0);
}

const char *sa_remedies(enum sa_cause cause, const struct sa_config *config, char *buffer, size_t size) {
  size_t used = 0;
  buffer[0] = '\0';
  for (size_t i = 0; i < REMEDIES && used < size; i++)
    if (remedies[i].cause == cause && applies(&remedies[i], config))
      used += (size_t)snprintf(buffer + used, size - used, "%s%s %s", used ? ", " : "", remedies[i].param,
                               remedies[i].up ? "up" : "down");
  return buffer;
}

/* ---- One neighbour ---- */

static enum sa_status simulate(const struct sa_recalled *point, const struct sa_config *config, unsigned jobs,
                               struct sa_simulation *simulation, struct sa_error *error) {
  const struct sa_search_options how = {.jobs = jobs, .limit = point->mapper.limit};
  const struct sa_net *net = &point->network.net;
  struct sa_search search;
  sa_search_init(&search);
  sa_simulation_init(simulation);
  enum sa_status status = SA_OK;
  if (point->mapper.search) status = sa_search_mapping(config, net, NULL, &how, &search, error);
  const struct sa_map_options map = {.overrides = search.overrides, .override_count = search.override_count};
  if (!status) status = sa_simulate(config, net, &map, NULL, simulation, error);
  if (status) sa_simulation_release(simulation);
  sa_search_release(&search);
  return status;
}

const struct sa_param *sa_neighbour_companion(const struct sa_param *param, unsigned i) {
  static const char *const names[SA_WIDEN] = {"width", "burst"};
  const char *dot = strchr(param->name, '.');
  char name[64];
  if (!dot || strcmp(dot, ".bandwidth") != 0) return NULL;
  snprintf(name, sizeof name, "%.*s%s", (int)(dot + 1 - param->name), param->name, names[i]);
  return sa_param_find(name);
}

/* The changed machine, with a wider port if there is no other way. */
static enum sa_status change(const struct sa_recalled *point, struct sa_neighbour *n, struct sa_config *config) {
  struct sa_config wide = point->given;
  enum sa_status status;
  sa_param_put(n->param, &wide, n->to);
  *config = wide;
  status = sa_config_finish(config, &n->reason);
  for (n->widened = 0; status == SA_ERR_INPUT && n->to > n->from && n->widened < SA_WIDEN;) {
    const struct sa_param *companion = sa_neighbour_companion(n->param, n->widened);
    if (!companion) return status;
    sa_param_put(companion, &wide, 2 * sa_param_get(companion, &point->config));
    n->widened++;
    *config = wide;
    status = sa_config_finish(config, &n->reason);
  }
  return status;
}

/* Out of memory and faults of the simulator end the exploration; what no machine can be is a result. */
static enum sa_status try_neighbour(const struct sa_recalled *point, unsigned jobs, struct sa_neighbour *n,
                                    struct sa_error *error) {
  struct sa_config config;
  struct sa_simulation simulation;
  enum sa_status status = change(point, n, &config);
  if (!status) status = simulate(point, &config, jobs, &simulation, &n->reason);
  if (status == SA_ERR_INPUT || status == SA_ERR_LIMIT) return SA_OK;
  if (status) {
    *error = n->reason;
    return status;
  }
  n->simulated = true;
  n->cycles = simulation.counters.cycles[0];
  n->sram_bytes = sa_config_sram_bytes(&config);
  sa_simulation_release(&simulation);
  return SA_OK;
}

/* ---- All of them ---- */

static void add(struct sa_neighbourhood *around, const struct sa_recalled *point, const struct remedy *remedy,
                bool up) {
  const struct sa_param *param = sa_param_find(remedy->param);
  const uint64_t from = sa_param_get(param, &point->config), to = up ? 2 * from : from / 2;
  const enum sa_cause against = up == remedy->up ? remedy->cause : SA_CAUSES;
  if (to < param->min || to > param->max) return; /* a third weight buffer, for instance */
  size_t i = 0;
  while (i < around->count && (around->neighbours[i].param != param || around->neighbours[i].to != to)) i++;
  struct sa_neighbour *n = &around->neighbours[i];
  if (i == around->count) {
    *n = (struct sa_neighbour){.param = param, .from = from, .to = to, .against = against};
    around->count++;
  } else if (against == around->binds || n->against == SA_CAUSES) {
    n->against = against;
  }
}

static void list_neighbours(struct sa_neighbourhood *around, const struct sa_recalled *point) {
  for (size_t i = 0; i < REMEDIES; i++) {
    if (!applies(&remedies[i], &point->config)) continue;
    add(around, point, &remedies[i], true);
    add(around, point, &remedies[i], false);
  }
}

static int compare_neighbours(const void *a, const void *b) {
  const struct sa_neighbour *x = a, *y = b;
  if (x->simulated != y->simulated) return x->simulated ? -1 : 1;
  if (x->cycles != y->cycles) return x->cycles < y->cycles ? -1 : 1;
  const int names = strcmp(x->param->name, y->param->name);
  return names ? names : (x->to > y->to) - (x->to < y->to);
}

/* The neighbours are in order: the first that qualifies is the best. */
static void judge(struct sa_neighbourhood *around) {
  const uint64_t cycles = around->point.counters.cycles[0];
  for (int advised = 1; advised >= 0 && !around->next; advised--)
    for (size_t i = 0; i < around->count && !around->next; i++) {
      const struct sa_neighbour *n = &around->neighbours[i];
      if (n->simulated && (n->against == around->binds || !advised) && n->cycles < cycles && (cycles - n->cycles) * 100 >= cycles)
        around->next = n;
    }
  for (size_t i = 0; i < around->count; i++) {
    const struct sa_neighbour *n = &around->neighbours[i];
    if (n->simulated && n->sram_bytes < around->sram_bytes && n->cycles * 100 < cycles * 101 &&
        (!around->spare || n->sram_bytes < around->spare->sram_bytes))
      around->spare = n;
  }
}

static enum sa_cause largest_cause(const struct sa_counters *counters) {
  int largest = 0;
  for (int i = 1; i < SA_CAUSES; i++)
    if (counters->matmul_cause[i] > counters->matmul_cause[largest]) largest = i;
  return (enum sa_cause)largest;
}

enum sa_status sa_neighbourhood_explore(const struct sa_recalled *point, unsigned jobs,
                                        bool (*on_progress)(void *user, double done), void *user,
                                        struct sa_neighbourhood *around, struct sa_error *error) {
  memset(around, 0, sizeof *around);
  around->neighbours = calloc(2 * REMEDIES, sizeof *around->neighbours);
  if (!around->neighbours) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  enum sa_status status = simulate(point, &point->config, jobs, &around->point, error);
  if (!status) {
    around->sram_bytes = sa_config_sram_bytes(&point->config);
    around->binds = largest_cause(&around->point.counters);
    list_neighbours(around, point);
  }
  for (size_t i = 0; i < around->count && !status; i++) {
    if (on_progress && on_progress(user, (double)i / (double)around->count))
      status = sa_fail(error, SA_ERR_INPUT, "interrupted");
    else
      status = try_neighbour(point, jobs, &around->neighbours[i], error);
  }
  if (status) {
    sa_neighbourhood_release(around);
    return status;
  }
  qsort(around->neighbours, around->count, sizeof *around->neighbours, compare_neighbours);
  judge(around);
  return SA_OK;
}

void sa_neighbourhood_release(struct sa_neighbourhood *around) {
  sa_simulation_release(&around->point);
  free(around->neighbours);
  memset(around, 0, sizeof *around);
}
