/* See map_kit.h. */
#include "map_kit.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/engine.h"
#include "engine/exec.h"
#include "program/check.h"
#include "ref_net.h"

enum { SEED = 3 };

/* Compares every layer's output with the reference; the first difference goes into text. */
static bool outputs_equal(const struct sa_net *net, const struct sa_mapping *mapping,
                          const struct sa_memory *memory, char text[256]) {
  struct ref_net ref;
  ref_net_run(net, SEED, &ref);
  bool equal = true;
  for (uint32_t l = 0; l < net->layer_count && equal; l++) {
    const struct sa_layer *layer = &net->layers[l];
    if (layer->kind == SA_LAYER_INPUT || !sa_map_has_output(mapping, l)) continue;
    const uint64_t elems = sa_shape_elems(&layer->out);
    int8_t *out = malloc(elems);
    ck_assert_ptr_nonnull(out);
    sa_map_read_output(mapping, memory, l, out);
    for (uint64_t i = 0; i < elems && equal; i++)
      if (out[i] != ref.outputs[l][i]) {
        snprintf(text, 256, "layer %s (%s), element %llu: %d, the reference has %d", layer->name,
                 sa_layer_kind_name(layer->kind), (unsigned long long)i, out[i], ref.outputs[l][i]);
        equal = false;
      }
    free(out);
  }
  ref_net_release(&ref);
  return equal;
}

bool map_kit_values_equal(const struct sa_config *config, const struct sa_net *net,
                          const struct sa_mapping *mapping, char text[256]) {
  struct sa_error error = {0};
  struct sa_memory *memory = sa_memory_create();
  ck_assert_ptr_nonnull(memory);
  bool ok = sa_map_image(config, net, mapping, SEED, memory, &error) == SA_OK &&
            sa_exec_run(config, &mapping->program, memory, NULL, NULL, &error) == SA_OK;
  if (ok) ok = outputs_equal(net, mapping, memory, text);
  else snprintf(text, 256, "%.250s", error.message);
  sa_memory_free(memory);
  return ok;
}

bool map_kit_works(const struct sa_config *config, const struct sa_net *net,
                   const struct sa_map_options *options, struct sa_counters *counters, char text[256]) {
  struct sa_error error = {0};
  struct sa_mapping mapping;
  if (sa_map(config, net, options, &mapping, &error) != SA_OK) {
    snprintf(text, 256, "not mapped: %.240s", error.message);
    return false;
  }
  bool ok = sa_program_check(config, &mapping.program, &error) == SA_OK;
  if (!ok) snprintf(text, 256, "not legal: %.240s", error.message);
  ok = ok && map_kit_values_equal(config, net, &mapping, text);
  struct sa_counters local;
  if (ok && sa_engine_run(config, &mapping.program, NULL, counters ? counters : &local, NULL, 0, &error) != SA_OK) {
    snprintf(text, 256, "does not run: %.240s", error.message);
    ok = false;
  }
  sa_mapping_release(&mapping);
  return ok;
}
