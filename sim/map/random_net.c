/* Random networks; see random_net.h. A layer is drawn and kept if it can be finished. */
#include "map/random_net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ELEMS = 12000, MAX_MACS = 3000000, TRIES = 200 };

static uint32_t between(struct sa_rng *rng, uint32_t first, uint32_t last) {
  return (uint32_t)sa_rng_range(rng, first, last);
}

static bool chance(struct sa_rng *rng, uint32_t percent) { return sa_rng_below(rng, 100) < percent; }

/* Small channel counts often, up to 48 sometimes. */
static uint32_t channels(struct sa_rng *rng) {
  return chance(rng, 40) ? between(rng, 1, 8) : between(rng, 1, 48);
}

static struct sa_layer_input draw_input(struct sa_rng *rng, const struct sa_net *net, uint32_t before) {
  struct sa_layer_input in = {chance(rng, 60) ? before - 1 : (uint32_t)sa_rng_below(rng, before), 0, 0};
  const uint32_t c = net->layers[in.layer].out.c;
  if (chance(rng, 12)) { /* a slice */
    in.c_first = (uint32_t)sa_rng_below(rng, c);
    in.c_count = between(rng, 1, c - in.c_first);
  }
  return in;
}

static enum sa_activation draw_activation(struct sa_rng *rng) {
  return chance(rng, 50) ? SA_ACT_RELU : (enum sa_activation)between(rng, SA_ACT_NONE, SA_ACT_SWISH);
}

static void draw_window(struct sa_rng *rng, struct sa_layer *layer, uint32_t max_dilation) {
  layer->kernel_h = between(rng, 1, 4);
  layer->kernel_w = chance(rng, 60) ? layer->kernel_h : between(rng, 1, 4);
  layer->stride_h = between(rng, 1, 3);
  layer->stride_w = chance(rng, 70) ? layer->stride_h : between(rng, 1, 3);
  layer->dilation_h = chance(rng, 75) ? 1 : between(rng, 1, max_dilation);
  layer->dilation_w = chance(rng, 75) ? 1 : between(rng, 1, max_dilation);
  layer->pad_top = between(rng, 0, layer->kernel_h - 1);
  layer->pad_left = between(rng, 0, layer->kernel_w - 1);
  layer->pad_bottom = between(rng, 0, layer->kernel_h - 1);
  layer->pad_right = between(rng, 0, layer->kernel_w - 1);
}

/* Part of the second input of a MUL as a factor that is repeated over c channels, if a divisor of c is there. */
static void draw_period(struct sa_rng *rng, const struct sa_net *net, uint32_t c, struct sa_layer *layer) {
  struct sa_layer_input *b = &layer->inputs[1];
  const uint32_t most = net->layers[b->layer].out.c, period = between(rng, 1, c);
  if (c % period || period > most) return;
  b->c_first = between(rng, 0, most - period);
  b->c_count = period;
  layer->rotate = period % 2 == 0 && chance(rng, 60);
}

static void draw_layer(struct sa_rng *rng, const struct sa_net *net, uint32_t index, struct sa_layer *layer) {
  memset(layer, 0, sizeof *layer);
  snprintf(layer->name, sizeof layer->name, "l%u", (unsigned)index);
  layer->kind = (enum sa_layer_kind)between(rng, SA_LAYER_CONV, SA_LAYER_UPSAMPLE);
  if (chance(rng, 25)) layer->kind = SA_LAYER_CONV;
  layer->input_count = 1;
  layer->inputs[0] = draw_input(rng, net, index);
  const struct sa_shape in = net->layers[layer->inputs[0].layer].out;
  const uint32_t c = layer->inputs[0].c_count ? layer->inputs[0].c_count : in.c - layer->inputs[0].c_first;
  switch (layer->kind) {
    case SA_LAYER_CONV:
      draw_window(rng, layer, 3);
      layer->groups = chance(rng, 25) ? c : chance(rng, 15) ? between(rng, 1, 4) : 1;
      layer->out.c = layer->groups == c && chance(rng, 80) ? c : layer->groups * between(rng, 1, 9);
      if (layer->groups == 1) layer->out.c = channels(rng);
      layer->has_bias = chance(rng, 70);
      layer->activation = draw_activation(rng);
      break;
    case SA_LAYER_FC:
      layer->flatten = chance(rng, 40);
      layer->out.c = channels(rng);
      layer->has_bias = chance(rng, 70);
      layer->activation = draw_activation(rng);
      break;
    case SA_LAYER_MATMUL:
      layer->input_count = 2;
      layer->inputs[1] = draw_input(rng, net, index);
      layer->transpose_b = chance(rng, 60);
      layer->heads = between(rng, 1, 4);
      layer->kv_heads = chance(rng, 70) ? layer->heads : 1;
      layer->activation = draw_activation(rng);
      break;
    case SA_LAYER_MAXPOOL:
    case SA_LAYER_AVGPOOL:
      if (chance(rng, 80)) draw_window(rng, layer, 1);
      break;
    case SA_LAYER_ADD:
    case SA_LAYER_MUL:
      layer->input_count = 2;
      layer->inputs[1] = draw_input(rng, net, index);
      if (layer->kind == SA_LAYER_MUL && chance(rng, 50)) draw_period(rng, net, c, layer);
      layer->activation = draw_activation(rng);
      break;
    case SA_LAYER_ACT: layer->activation = draw_activation(rng); break;
    case SA_LAYER_NORM: layer->rms = chance(rng, 40); break;
    case SA_LAYER_CONCAT:
      layer->input_count = between(rng, 1, 4);
      for (uint32_t k = 1; k < layer->input_count; k++) layer->inputs[k] = draw_input(rng, net, index);
      break;
    case SA_LAYER_CACHE: layer->out.w = in.w + (chance(rng, 70) ? between(rng, 1, 12) : 0); break;
    case SA_LAYER_LSTM:
    case SA_LAYER_GRU:
    case SA_LAYER_RNN:
      layer->out.c = between(rng, 1, 20);
      layer->has_bias = chance(rng, 50);
      break;
    case SA_LAYER_UPSAMPLE:
      layer->kernel_h = between(rng, 1, 3);
      layer->kernel_w = between(rng, 1, 3);
      break;
    case SA_LAYER_INPUT:
    case SA_LAYER_SOFTMAX: break;
  }
}

/* A residual of the output's shape, if an earlier layer has one. */
static void add_residual(struct sa_rng *rng, const struct sa_net *net, uint32_t index, struct sa_layer *layer) {
  for (uint32_t tries = 0; tries < index; tries++) {
    const uint32_t from = (uint32_t)sa_rng_below(rng, index);
    const struct sa_shape *s = &net->layers[from].out;
    if (s->n != layer->out.n || s->h != layer->out.h || s->w != layer->out.w || s->c < layer->out.c) continue;
    layer->has_residual = true;
    layer->residual = (struct sa_layer_input){from, (uint32_t)sa_rng_below(rng, s->c - layer->out.c + 1),
                                              layer->out.c};
    return;
  }
}

/* Draws layer `index` until one fits and is small; false if none does. */
static bool find_layer(struct sa_rng *rng, struct sa_net *net, uint32_t index) {
  struct sa_error ignored;
  struct sa_layer *layer = &net->layers[index];
  for (uint32_t tries = 0; tries < TRIES; tries++) {
    draw_layer(rng, net, index, layer);
    if (sa_net_finish_layer(net, index, &ignored) != SA_OK) continue;
    if (sa_shape_elems(&layer->out) > MAX_ELEMS || layer->macs > MAX_MACS) continue;
    const bool may = layer->kind == SA_LAYER_CONV || layer->kind == SA_LAYER_FC || layer->kind == SA_LAYER_MATMUL;
    if (may && chance(rng, 40)) add_residual(rng, net, index, layer);
    if (sa_net_finish_layer(net, index, &ignored) == SA_OK) return true;
  }
  return false;
}

enum sa_status sa_random_net(struct sa_rng *rng, uint32_t max_layers, struct sa_net *net,
                             struct sa_error *error) {
  sa_net_init(net);
  snprintf(net->name, sizeof net->name, "random");
  net->batch = chance(rng, 60) ? 1 : between(rng, 1, 5);
  const uint32_t inputs = chance(rng, 80) ? 1 : 2, most = inputs + between(rng, 1, max_layers);
  net->layers = calloc(most, sizeof *net->layers);
  if (!net->layers) return sa_fail(error, SA_ERR_MEMORY, "random network: out of memory for %u layers", most);
  const bool tokens = chance(rng, 40); /* h = 1: sequences */
  for (uint32_t i = 0; i < inputs; i++) {
    struct sa_layer *layer = &net->layers[i];
    layer->kind = SA_LAYER_INPUT;
    snprintf(layer->name, sizeof layer->name, "input%u", i);
    layer->out = (struct sa_shape){net->batch, tokens ? 1 : between(rng, 1, 14), between(rng, 1, 14),
                                   chance(rng, 40) ? between(rng, 1, 4) : channels(rng)};
    if (i && chance(rng, 50)) layer->out = net->layers[0].out;
  }
  net->layer_count = inputs;
  while (net->layer_count < most) {
    net->layer_count++;
    if (!find_layer(rng, net, net->layer_count - 1)) {
      net->layer_count--;
      break;
    }
  }
  const enum sa_status status = sa_net_finish(net, error);
  if (status != SA_OK) sa_net_release(net);
  return status;
}
