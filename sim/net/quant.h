/* Seeded tensors and quantisation of a network without trained weights: one deterministic rule from
 * which the memory image and the reference model are both made. */
#ifndef SA_NET_QUANT_H
#define SA_NET_QUANT_H
#include "net/net.h"

/* Weight of layer l: k counts the reduction in [kernel_h][kernel_w][channel in group] order (FC: input
 * feature; LSTM: input features, then hidden ones), n the output channel (LSTM: gates i, f, g, o,
 * each c wide). Values in -127..127, roughly normal. */
int8_t sa_quant_weight(uint64_t seed, const struct sa_net *net, uint32_t layer, uint64_t k, uint64_t n);
/* Bias of output channel n, in accumulator units. 0 if the layer has none. */
int32_t sa_quant_bias(uint64_t seed, const struct sa_net *net, uint32_t layer, uint64_t n);
/* Scale word of output channel n of a CONV, FC, MATMUL, LSTM; n = 0 for the others' scale A. */
uint32_t sa_quant_scale(const struct sa_net *net, uint32_t layer, uint64_t n);
/* Scale word of the residual (fused) or of operand B (ADD). */
uint32_t sa_quant_scale_b(const struct sa_net *net, uint32_t layer);
/* gamma (which 0) and beta (which 1) of a NORM. */
int8_t sa_quant_norm(uint64_t seed, const struct sa_net *net, uint32_t layer, uint32_t which, uint64_t n);
/* Value of an INPUT layer's element, index in NHWC order. */
int8_t sa_quant_input(uint64_t seed, const struct sa_net *net, uint32_t layer, uint64_t index);
/* Activation table: out[v & 255] for GELU, SIGMOID, TANH, SWISH; clamp bounds for every activation
 * (RELU: 0..127, RELU6: 0..6 in its scale, else -128..127). */
void sa_quant_table(enum sa_activation activation, uint8_t table[256]);
void sa_quant_clamp(enum sa_activation activation, int8_t *lo, int8_t *hi);
/* Exponential table of softmax: 16-bit, index m - a. */
void sa_quant_exp_table(uint16_t table[256]);
#endif
