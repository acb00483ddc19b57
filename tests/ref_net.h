/* A separately written model of a whole network in values: plain loops over dense NHWC tensors by
 * docs/networks.md and docs/machine.md section 5. It knows no tiles, no buffers and no instructions;
 * it shares with the code under test only the layer list (net.h) and the seeded numbers (quant.h). */
#ifndef SA_TESTS_REF_NET_H
#define SA_TESTS_REF_NET_H
#include "net/net.h"

struct ref_net {
  int8_t **outputs; /* of every layer, dense NHWC; owned */
  uint32_t layer_count;
};

/* Computes every layer of a finished network. Ends the program if memory ends. */
void ref_net_run(const struct sa_net *net, uint64_t seed, struct ref_net *result);
void ref_net_release(struct ref_net *result);
#endif
