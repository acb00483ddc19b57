/* Seeded tensors and quantisation of a network without trained weights: one deterministic rule from
 * which the memory image and the reference model are both made. Every number is a hash of its place,
 * so any one can be asked for alone, in any order, in a few nanoseconds.
 *
 * Scales keep values of healthy spread through deep networks: every layer is designed for an output
 * whose root mean square before the activation is about 30 of 127. That of its inputs is known
 * from their layers (sa_layer.spread), that of the weights is fixed, and a sum of K products of
 * zero-mean weights grows with sqrt(K); the scale is what is left. Multipliers are positive and of at
 * most 25 bits. Activation tables read their input in units of 1/32, sigmoid of 1/16. */
#ifndef SA_NET_QUANT_H
#define SA_NET_QUANT_H
#include "net/net.h"

/* Weight of layer l: k counts the reduction in [kernel_h][kernel_w][channel in group] order (FC: input
 * feature; LSTM, GRU, RNN: input features, then hidden ones), n the output channel (LSTM: gates i, f, g, o, GRU:
 * r, z, n, each c wide). Values in -127..127, roughly normal. */
int8_t sa_quant_weight(uint64_t seed, const struct sa_net *net, uint32_t layer, uint64_t k, uint64_t n);
/* Bias of output channel n, in accumulator units. 0 if the layer has none. */
int32_t sa_quant_bias(uint64_t seed, const struct sa_net *net, uint32_t layer, uint64_t n);
/* Scale word of output channel n of a CONV, FC, LSTM, GRU, RNN; n = 0 for the others' scale A (MATMUL: one word
 * for all channels). ADD: the shift of scale A is used for both operands, and is that of scale B too. */
uint32_t sa_quant_scale(const struct sa_net *net, uint32_t layer, uint64_t n);
/* Scale word of the residual (fused) or of operand B (ADD). */
uint32_t sa_quant_scale_b(const struct sa_net *net, uint32_t layer);
/* gamma (which 0) and beta (which 1) of a NORM. */
int8_t sa_quant_norm(uint64_t seed, const struct sa_net *net, uint32_t layer, uint32_t which, uint64_t n);
/* Value of an INPUT layer's element, index in NHWC order. */
int8_t sa_quant_input(uint64_t seed, const struct sa_net *net, uint32_t layer, uint64_t index);
/* An LSTM layer's element-wise steps (docs/networks.md), each a VECTOR operation with one scale word:
 * f * c, i * g, their sum (both operands), o * tanh(c). */
enum sa_lstm_step { SA_LSTM_FORGET, SA_LSTM_INPUT, SA_LSTM_SUM, SA_LSTM_OUTPUT };
uint32_t sa_quant_lstm_scale(enum sa_lstm_step step);
/* The same of a GRU: products, and the two signs of its sums. */
enum sa_gru_step { SA_GRU_PRODUCT, SA_GRU_PLUS, SA_GRU_MINUS };
uint32_t sa_quant_gru_scale(enum sa_gru_step step);
/* Whether an activation needs a table (else the clamp alone does it). */
bool sa_quant_uses_table(enum sa_activation activation);
/* Activation table: out[v & 255] for GELU, SIGMOID, TANH, SWISH (for the others the identity);
 * clamp bounds for every activation (RELU: 0..127, RELU6: 0..96, which is 6 in units of 1/16, else
 * -128..127). */
void sa_quant_table(enum sa_activation activation, uint8_t table[256]);
void sa_quant_clamp(enum sa_activation activation, int8_t *lo, int8_t *hi);
/* Exponential table of softmax: 16-bit, index m - a. */
void sa_quant_exp_table(uint16_t table[256]);
/* Design root mean square of a layer's output in 1/16, from its kind and its inputs' spreads;
 * sa_net_finish_layer keeps it in sa_layer.spread. */
uint32_t sa_quant_spread(const struct sa_net *net, uint32_t layer);
#endif
