/* Peephole fusion: see net_fuse.h. */
#include "import/net_fuse.h"

#include <stdlib.h>

/* Readers of each layer's output; a wanted output counts as one. */
static void count_uses(const struct sa_net *net, const bool *keep, uint32_t *uses) {
  for (uint32_t i = 0; i < net->layer_count; i++) {
    const struct sa_layer *layer = &net->layers[i];
    if (keep[i] && layer->kind != SA_LAYER_INPUT) uses[i]++;
    for (uint32_t k = 0; k < layer->input_count; k++) uses[layer->inputs[k].layer]++;
    if (layer->has_residual) uses[layer->residual.layer]++;
  }
}

/* What nobody reads reads nothing itself; from the end, so that chains go too. */
static void drop_unread(const struct sa_net *net, uint32_t *uses) {
  for (uint32_t i = net->layer_count; i-- > 0;) {
    const struct sa_layer *layer = &net->layers[i];
    if (uses[i] > 0) continue;
    for (uint32_t k = 0; k < layer->input_count; k++) uses[layer->inputs[k].layer]--;
    if (layer->has_residual) uses[layer->residual.layer]--;
  }
}

static bool is_product(enum sa_layer_kind kind) {
  return kind == SA_LAYER_CONV || kind == SA_LAYER_FC || kind == SA_LAYER_MATMUL;
}

/* All of the layer's channels are read, by this reader alone. */
static bool is_whole(const struct sa_net *net, const struct sa_layer_input *input, const uint32_t *uses) {
  return uses[input->layer] == 1 && input->c_first == 0 &&
         input->c_count == net->layers[input->layer].out.c;
}

/* The activation goes into its producer; true if it did. */
static bool fuse_activation(struct sa_net *net, const struct sa_layer *act, const uint32_t *uses) {
  struct sa_layer *host = &net->layers[act->inputs[0].layer];
  if (!is_whole(net, &act->inputs[0], uses) || host->activation != SA_ACT_NONE) return false;
  if (!is_product(host->kind) && host->kind != SA_LAYER_ADD && host->kind != SA_LAYER_MUL) return false;
  host->activation = act->activation;
  return true;
}

/* The addition becomes a residual of its later operand; returns which operand that is, or -1. */
static int fuse_addition(struct sa_net *net, const struct sa_layer *add, const uint32_t *uses) {
  const int later = add->inputs[1].layer > add->inputs[0].layer;
  const struct sa_layer_input *other = &add->inputs[1 - later];
  struct sa_layer *host = &net->layers[add->inputs[later].layer];
  const struct sa_shape *shape = &net->layers[other->layer].out;
  const bool same = shape->n == host->out.n && shape->h == host->out.h && shape->w == host->out.w &&
                    other->c_count == host->out.c;
  if (add->inputs[0].layer == add->inputs[1].layer || !same ||
      !is_whole(net, &add->inputs[later], uses) || !is_product(host->kind) ||
      host->activation != SA_ACT_NONE || host->has_residual || add->activation != SA_ACT_NONE)
    return -1;
  host->has_residual = true;
  host->residual = *other;
  return later;
}

/* An input now read from where the layer went. */
static void redirect(struct sa_layer_input *input, const uint32_t *target) {
  input->layer = target[input->layer];
}

/* Moves the layers that stay to the front and renumbers. */
static void compact(struct sa_net *net, const uint32_t *target, const uint32_t *uses, uint32_t *map) {
  uint32_t made = 0;
  for (uint32_t i = 0; i < net->layer_count; i++)
    map[i] = target[i] == i && uses[i] > 0 ? made++ : UINT32_MAX;
  for (uint32_t i = 0; i < net->layer_count; i++) {
    struct sa_layer layer = net->layers[i];
    if (map[i] == UINT32_MAX) continue;
    for (uint32_t k = 0; k < layer.input_count; k++) layer.inputs[k].layer = map[layer.inputs[k].layer];
    if (layer.has_residual) layer.residual.layer = map[layer.residual.layer];
    net->layers[map[i]] = layer;
  }
  for (uint32_t i = 0; i < net->layer_count; i++)
    if (target[i] != i) map[i] = map[target[i]];
  net->layer_count = made;
}

enum sa_status sa_net_fuse(struct sa_net *net, const bool *keep, uint32_t *map, struct sa_error *error) {
  const uint32_t count = net->layer_count;
  uint32_t *uses = calloc(2 * (size_t)count + 1, sizeof *uses);
  if (!uses) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  uint32_t *target = uses + count;
  count_uses(net, keep, uses);
  drop_unread(net, uses);
  for (uint32_t i = 0; i < count; i++) {
    struct sa_layer *layer = &net->layers[i];
    target[i] = i;
    if (uses[i] == 0) continue;
    for (uint32_t k = 0; k < layer->input_count; k++) redirect(&layer->inputs[k], target);
    int operand = -1;
    if (layer->kind == SA_LAYER_ACT && fuse_activation(net, layer, uses)) operand = 0;
    if (layer->kind == SA_LAYER_ADD) operand = fuse_addition(net, layer, uses);
    if (operand < 0) continue;
    target[i] = layer->inputs[operand].layer;
    uses[target[i]] = uses[i];
  }
  compact(net, target, uses, map);
  free(uses);
  return SA_OK;
}
