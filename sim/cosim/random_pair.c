/* Random machines and programs; see random_pair.h. */
#include "cosim/random_pair.h"

#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"
#include "engine/random.h"
#include "map/map.h"
#include "map/random_net.h"

enum {
  MIN_INSTRUCTIONS = 10,
  MAX_INSTRUCTIONS = 200,
  MAX_LAYERS = 6,
  MAX_CYCLES = 60000, /* of a network: larger ones are drawn again */
  NETWORK_TRIES = 60,
  BUFFER_DOUBLINGS = 9
};

uint64_t sa_random_build_of(const struct sa_random_draw *draw, uint64_t index) {
  return index * draw->builds / draw->pairs;
}

/* Seeds of the machine of a build, and of a pair. */
static uint64_t build_seed(const struct sa_random_draw *draw, uint64_t build) {
  return sa_rng_mix(sa_rng_mix(draw->seed) + 2 * build);
}
static uint64_t pair_seed(const struct sa_random_draw *draw, uint64_t index) {
  return sa_rng_mix(sa_rng_mix(draw->seed) + 2 * index + 1);
}

void sa_random_build(const struct sa_random_draw *draw, uint64_t build, struct sa_config *config) {
  struct sa_rng rng;
  sa_rng_init(&rng, build_seed(draw, build));
  sa_random_config(&rng, config);
  if (draw->programs == SA_RANDOM_RAW) return;
  /* networks need more than instructions do: from a tile of a pixel to everything resident */
  config->buffer_bytes <<= sa_rng_range(&rng, 0, BUFFER_DOUBLINGS);
  sa_random_timing(&rng, config); /* finishes it */
}

void sa_random_pair_init(struct sa_random_pair *pair) {
  memset(pair, 0, sizeof *pair);
  sa_net_init(&pair->net);
  sa_program_init(&pair->program);
}

void sa_random_pair_release(struct sa_random_pair *pair) {
  sa_net_release(&pair->net);
  sa_program_release(&pair->program);
  sa_memory_free(pair->memory);
  sa_random_pair_init(pair);
}

/* ---- From layers ---- */

static uint32_t inputs_of(const struct sa_net *net) {
  uint32_t count = 0;
  while (count < net->layer_count && net->layers[count].kind == SA_LAYER_INPUT) count++;
  return count;
}

/* Marks what the layers first .. last read of the layers before `first`. */
static void mark_reads(const struct sa_net *net, uint32_t first, uint32_t last, bool *read) {
  for (uint32_t l = first; l <= last; l++) {
    const struct sa_layer *layer = &net->layers[l];
    for (uint32_t i = 0; i < layer->input_count; i++) read[layer->inputs[i].layer] = true;
    if (layer->has_residual) read[layer->residual.layer] = true;
  }
}

/* Leaves layers first .. last (indices); those before of which they read become inputs. */
static enum sa_status cut(struct sa_net *net, uint32_t first, uint32_t last, struct sa_error *error) {
  uint32_t *moved = calloc(net->layer_count, sizeof *moved);
  bool *read = calloc(net->layer_count, sizeof *read);
  if (!moved || !read) {
    free(moved);
    free(read);
    return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  }
  mark_reads(net, first, last, read);
  uint32_t count = 0;
  for (uint32_t l = 0; l <= last; l++) {
    if (l < first && !read[l]) continue;
    struct sa_layer layer = net->layers[l];
    if (l < first) {
      struct sa_layer input = {.kind = SA_LAYER_INPUT, .out = layer.out};
      memcpy(input.name, layer.name, sizeof input.name);
      layer = input;
    }
    for (uint32_t i = 0; i < layer.input_count; i++) layer.inputs[i].layer = moved[layer.inputs[i].layer];
    if (layer.has_residual) layer.residual.layer = moved[layer.residual.layer];
    moved[l] = count;
    net->layers[count++] = layer;
  }
  net->layer_count = count;
  free(moved);
  free(read);
  return sa_net_finish(net, error);
}

/* Maps the pair's network; its program becomes the pair's. */
static enum sa_status map(struct sa_random_pair *pair, bool store_all, uint64_t image_seed,
                          struct sa_error *error) {
  struct sa_mapping mapping;
  const struct sa_map_options options = {.store_all = store_all};
  enum sa_status status = sa_map(&pair->config, &pair->net, &options, &mapping, error);
  if (status) return status;
  status = sa_map_image(&pair->config, &pair->net, &mapping, image_seed, pair->memory, error);
  pair->program = mapping.program;
  sa_program_init(&mapping.program);
  sa_mapping_release(&mapping);
  return status;
}

static enum sa_status new_memory(struct sa_random_pair *pair, struct sa_error *error) {
  sa_memory_free(pair->memory);
  pair->memory = sa_memory_create();
  return pair->memory ? SA_OK : sa_fail(error, SA_ERR_MEMORY, "out of memory");
}

/* Draws networks until one fits the machine and ends soon; *found says whether one did. The part wanted
 * is cut out of it. */
static enum sa_status draw_network(struct sa_rng *rng, const struct sa_random_part *part,
                                   struct sa_random_pair *pair, bool *found, struct sa_error *error) {
  *found = false;
  for (uint32_t tries = 0; tries < NETWORK_TRIES && !*found; tries++) {
    const uint32_t most = MAX_LAYERS - tries * MAX_LAYERS / NETWORK_TRIES;
    enum sa_status status = sa_random_net(rng, most, &pair->net, error);
    if (status) return status;
    const bool store_all = sa_rng_below(rng, 100) < 80;
    const uint64_t image_seed = sa_rng_next(rng);
    status = new_memory(pair, error);
    if (!status) status = map(pair, store_all, image_seed, error);
    if (!status) {
      struct sa_counters counters;
      status = sa_engine_run(&pair->config, &pair->program, NULL, &counters, NULL, 0, error);
      *found = !status && counters.cycles[0] <= MAX_CYCLES;
    }
    if (*found && part && part->last_layer) {
      const uint32_t inputs = inputs_of(&pair->net), all = pair->net.layer_count - inputs;
      const uint32_t last = part->last_layer < all ? part->last_layer : all;
      const uint32_t first = part->first_layer && part->first_layer <= last ? part->first_layer : 1;
      sa_program_release(&pair->program);
      status = new_memory(pair, error);
      if (!status) status = cut(&pair->net, inputs + first - 1, inputs + last - 1, error);
      if (!status) status = map(pair, store_all, image_seed, error);
      return status;
    }
    if (*found) return SA_OK;
    sa_program_release(&pair->program);
    sa_net_release(&pair->net);
    if (status && status != SA_ERR_LIMIT) return status;
  }
  return new_memory(pair, error);
}

/* ---- Both kinds ---- */

/* The length comes from a generator of its own, so that asking for a length changes nothing else. */
static enum sa_status draw_raw(struct sa_rng *rng, uint64_t length_seed, const struct sa_random_part *part,
                               struct sa_random_pair *pair, struct sa_error *error) {
  struct sa_rng aside;
  sa_rng_init(&aside, length_seed);
  pair->instructions = (uint32_t)sa_rng_range(&aside, MIN_INSTRUCTIONS, MAX_INSTRUCTIONS);
  if (part && part->instructions) pair->instructions = part->instructions;
  return sa_random_program(rng, &pair->config, pair->instructions, &pair->program, pair->memory, error);
}

static bool wants_layers(const struct sa_random_draw *draw, uint64_t index) {
  return draw->programs == SA_RANDOM_LAYERS || (draw->programs == SA_RANDOM_BOTH && index % 2 == 1);
}

enum sa_status sa_random_pair_draw(const struct sa_random_draw *draw, uint64_t index,
                                   const struct sa_random_part *part, struct sa_random_pair *pair,
                                   struct sa_error *error) {
  sa_random_pair_init(pair);
  sa_random_build(draw, sa_random_build_of(draw, index), &pair->config);
  struct sa_rng rng;
  sa_rng_init(&rng, pair_seed(draw, index));
  sa_random_timing(&rng, &pair->config);
  enum sa_status status = new_memory(pair, error);
  if (!status && wants_layers(draw, index)) status = draw_network(&rng, part, pair, &pair->from_layers, error);
  if (!status && !pair->from_layers) status = draw_raw(&rng, pair_seed(draw, index) ^ 1, part, pair, error);
  pair->layers = pair->net.layer_count - inputs_of(&pair->net);
  if (status) sa_random_pair_release(pair);
  return status;
}
