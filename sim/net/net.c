/* A network as a whole: its life, its checks beyond single layers, its totals. The rules of single
 * layers are in shape.c. */
#include "net/net.h"

#include <assert.h>
#include <stdlib.h>

#include "net/names.h"

void sa_net_init(struct sa_net *net) {
  *net = (struct sa_net){.batch = 1};
}

void sa_net_release(struct sa_net *net) {
  free(net->layers);
  free(net->params);
  sa_net_init(net);
}

/* Layers are found by their names, so two may not share one. */
static enum sa_status check_names(const struct sa_net *net, struct sa_error *error) {
  struct sa_names names;
  sa_names_init(&names);
  enum sa_status status = SA_OK;
  for (uint32_t i = 0; i < net->layer_count && status == SA_OK; i++) {
    const char *name = net->layers[i].name;
    if (sa_names_find(&names, net, name) != UINT32_MAX)
      status = sa_fail(error, SA_ERR_INPUT, "two layers are named %s", name);
    else
      status = sa_names_add(&names, net, i, error);
  }
  sa_names_release(&names);
  return status;
}

enum sa_status sa_net_finish(struct sa_net *net, struct sa_error *error) {
  if (net->layer_count == 0 || net->layer_count > SA_NET_MAX_LAYERS)
    return sa_fail(error, SA_ERR_LIMIT, "the network has %u layers; it must have between 1 and %u",
                   net->layer_count, SA_NET_MAX_LAYERS);
  enum sa_status status = check_names(net, error);
  uint64_t macs = 0;
  for (uint32_t i = 0; i < net->layer_count && status == SA_OK; i++) {
    status = sa_net_finish_layer(net, i, error);
    if (status == SA_OK && net->layers[i].macs > SA_NET_MAX_MACS - macs)
      status = sa_fail(error, SA_ERR_LIMIT, "layer %s: the network passes 2^60 MACs here",
                       net->layers[i].name);
    macs += net->layers[i].macs;
  }
  return status;
}

struct sa_net_totals sa_net_total(const struct sa_net *net) {
  struct sa_net_totals totals = {.params = net->extra_params};
  for (uint32_t i = 0; i < net->layer_count; i++) {
    totals.macs += net->layers[i].macs;
    totals.weights += net->layers[i].weights;
    totals.params += net->layers[i].params;
  }
  return totals;
}

const char *sa_layer_kind_name(enum sa_layer_kind kind) {
  static const char *const names[] = {
      [SA_LAYER_INPUT] = "input",     [SA_LAYER_CONV] = "conv",       [SA_LAYER_FC] = "fc",
      [SA_LAYER_MATMUL] = "matmul",   [SA_LAYER_MAXPOOL] = "maxpool", [SA_LAYER_AVGPOOL] = "avgpool",
      [SA_LAYER_ADD] = "add",         [SA_LAYER_MUL] = "mul",         [SA_LAYER_ACT] = "act",
      [SA_LAYER_SOFTMAX] = "softmax", [SA_LAYER_NORM] = "norm",       [SA_LAYER_CONCAT] = "concat",
      [SA_LAYER_LSTM] = "lstm",       [SA_LAYER_GRU] = "gru",         [SA_LAYER_RNN] = "rnn",
      [SA_LAYER_CACHE] = "cache",     [SA_LAYER_UPSAMPLE] = "upsample"};
  assert((size_t)kind < sizeof names / sizeof *names);
  return names[kind];
}

const char *sa_activation_name(enum sa_activation activation) {
  static const char *const names[] = {
      [SA_ACT_NONE] = "none",       [SA_ACT_RELU] = "relu", [SA_ACT_RELU6] = "relu6",
      [SA_ACT_GELU] = "gelu",       [SA_ACT_SIGMOID] = "sigmoid",
      [SA_ACT_TANH] = "tanh",       [SA_ACT_SWISH] = "swish"};
  assert((size_t)activation < sizeof names / sizeof *names);
  return names[activation];
}
