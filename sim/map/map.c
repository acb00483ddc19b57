/* sa_map: lowering, plan, layout, emission in turn. */
#include "map/map.h"

#include <stdlib.h>
#include <string.h>

#include "map/mapper.h"

void sa_mapping_init(struct sa_mapping *mapping) {
  memset(mapping, 0, sizeof *mapping);
  sa_graph_init(&mapping->graph);
  sa_program_init(&mapping->program);
}

void sa_mapping_release(struct sa_mapping *mapping) {
  for (uint32_t i = 0; mapping->ops && i < mapping->graph.op_count; i++) {
    free(mapping->ops[i].folds);
    free(mapping->ops[i].tile_addr);
  }
  free(mapping->ops);
  free(mapping->tensors);
  sa_graph_release(&mapping->graph);
  sa_program_release(&mapping->program);
  sa_mapping_init(mapping);
}

static enum sa_status run(struct sa_mapper *m) {
  const struct sa_graph *g = m->graph;
  m->mapping->ops = calloc((size_t)g->op_count + 1, sizeof *m->mapping->ops);
  m->mapping->tensors = calloc((size_t)g->tensor_count + 1, sizeof *m->mapping->tensors);
  m->plans = calloc((size_t)g->op_count + 1, sizeof *m->plans);
  m->tensors = calloc((size_t)g->tensor_count + 1, sizeof *m->tensors);
  m->frugal = calloc((size_t)g->op_count + 1, sizeof *m->frugal);
  m->apart = calloc((size_t)g->op_count + 1, sizeof *m->apart);
  if (!m->apart || !m->mapping->ops || !m->mapping->tensors || !m->plans || !m->tensors || !m->frugal)
    return sa_fail(m->error, SA_ERR_MEMORY, "mapping: out of memory for %u operations", g->op_count);
  enum sa_status status = sa_plan(m);
  if (status == SA_OK) status = sa_layout(m);
  if (status == SA_OK) status = sa_emit_program(m);
  m->mapping->buffer_peak_bytes = m->places.peak_bytes;
  return status;
}

enum sa_status sa_map(const struct sa_config *config, const struct sa_net *net,
                      const struct sa_map_options *options, struct sa_mapping *mapping,
                      struct sa_error *error) {
  static const struct sa_map_options defaults;
  sa_mapping_init(mapping);
  enum sa_status status = sa_lower(net, config->array_rows, &mapping->graph, error);
  if (status != SA_OK) return status;
  struct sa_mapper m = {.config = config,
                        .net = net,
                        .options = options ? options : &defaults,
                        .mapping = mapping,
                        .graph = &mapping->graph,
                        .error = error};
  sa_places_init(&m.places, config);
  status = run(&m);
  sa_places_release(&m.places);
  free(m.plans);
  free(m.tensors);
  free(m.frugal);
  free(m.apart);
  free(m.event_pool);
  free(m.ghosts);
  free(m.fold_order);
  free(m.fold_wait);
  if (status != SA_OK) sa_mapping_release(mapping);
  return status;
}
