/* Fuzz target: any bytes as a network file. Whatever is accepted must be finished, must stay as it is
 * when finished again, and must have scales and spreads in range; whatever is refused must say why. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/net_yaml.h"
#include "net/quant.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition) {
  if (!condition) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct sa_net net;
  struct sa_error error = {0};
  const enum sa_status status = sa_net_parse("fuzz.yaml", (const char *)data, size, NULL, &net, &error);
  if (status) {
    require(error.status == status && error.message[0] && !net.layers);
    return 0;
  }
  require(net.layer_count >= 2 && net.layer_count <= SA_NET_MAX_LAYERS);
  const size_t bytes = net.layer_count * sizeof *net.layers;
  struct sa_layer *before = malloc(bytes);
  if (!before) abort();
  memcpy(before, net.layers, bytes);
  require(sa_net_finish(&net, &error) == SA_OK);
  require(memcmp(before, net.layers, bytes) == 0);
  free(before);
  for (uint32_t i = 0; i < net.layer_count && i < 1000; i++) {
    const struct sa_layer *layer = &net.layers[i];
    require(sa_shape_elems(&layer->out) >= 1 && sa_shape_elems(&layer->out) <= SA_NET_MAX_TENSOR_BYTES);
    require(layer->spread >= 16 && layer->spread <= 127 * 16);
    require((sa_quant_scale(&net, i, layer->out.c - 1) & 0x3ffffff) < 1u << 25);
    require((sa_quant_scale_b(&net, i) & 0x3ffffff) < 1u << 25);
    sa_quant_bias(1, &net, i, 0);
  }
  sa_net_release(&net);
  return 0;
}
