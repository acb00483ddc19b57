/* A network: layers in execution order, each with one output tensor (NHWC, int8). Read from
 * models/net/NAME.yaml (net_yaml.h), checked and shaped by sa_net_finish. A sequence of tokens is
 * h = 1, w = sequence, c = width; attention scores are h = heads, w = queries, c = keys. */
#ifndef SA_NET_NET_H
#define SA_NET_NET_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum sa_layer_kind {
  SA_LAYER_INPUT,    /* a tensor that lies in DRAM when the run begins */
  SA_LAYER_CONV,     /* window over h, w; groups; depthwise if groups == c of the input */
  SA_LAYER_FC,       /* every (n, h, w) position: out[c] = sum in[k] w[k][c]; flatten: see below */
  SA_LAYER_MATMUL,   /* two activations, per head */
  SA_LAYER_MAXPOOL, SA_LAYER_AVGPOOL, /* window; a zero kernel in the file means global */
  SA_LAYER_ADD, SA_LAYER_MUL,         /* two inputs of one shape */
  SA_LAYER_ACT,      /* requantise and/or activation alone */
  SA_LAYER_SOFTMAX,  /* over c */
  SA_LAYER_NORM,     /* layer norm or RMS norm over c, with gamma (and beta) */
  SA_LAYER_CONCAT,   /* along c */
  SA_LAYER_LSTM      /* one LSTM layer over w = steps; hidden = c of the output */
};

enum sa_activation {
  SA_ACT_NONE, SA_ACT_RELU, SA_ACT_RELU6, SA_ACT_GELU, SA_ACT_SIGMOID, SA_ACT_TANH, SA_ACT_SWISH
};

struct sa_shape { uint32_t n, h, w, c; };

/* An input: the output of an earlier layer, or channels [c_first, c_first + c_count) of it. */
struct sa_layer_input { uint32_t layer, c_first, c_count; };

#define SA_LAYER_MAX_INPUTS 8

struct sa_layer {
  char name[64];
  enum sa_layer_kind kind;
  struct sa_layer_input inputs[SA_LAYER_MAX_INPUTS];
  uint32_t input_count;
  struct sa_shape out;
  /* CONV and pools */
  uint32_t kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w;
  uint32_t pad_top, pad_left, pad_bottom, pad_right, groups;
  /* FC: the input's h, w, c are one vector of h*w*c values (as after a flatten) */
  bool flatten;
  /* MATMUL: heads of A; B has kv_heads. transposed B: out[h][i][j] = sum_d A[i][h,d] B[j][h,d]
   * (A: w = queries, c = heads*d; out: h = heads, w = queries, c = keys); else
   * out[i][h,d] = sum_j A[h][i][j] B[j][h,d] (out: w = queries, c = heads*d). */
  uint32_t heads, kv_heads;
  bool transpose_b;
  bool rms;          /* NORM without mean and beta */
  bool has_bias;     /* CONV, FC, LSTM: counted in params, not in mac_weights */
  /* fused behind CONV, FC, MATMUL, ADD, MUL: residual tensor added before the activation */
  bool has_residual;
  struct sa_layer_input residual;
  enum sa_activation activation;
  uint32_t block;    /* which repetition of a repeated block, 0 outside */
  /* filled by sa_net_finish */
  uint64_t macs;     /* useful multiply-accumulates, whole batch */
  uint64_t weights;  /* learned multiplicands (mac_weights of the references) */
  uint64_t gemm_m, gemm_k, gemm_n, gemm_count; /* GEMM per group or head, and how many; 0 if none */
};

struct sa_net {
  char name[64];
  struct sa_layer *layers; /* owned */
  uint32_t layer_count;
  uint32_t batch;
};

void sa_net_init(struct sa_net *net);
void sa_net_release(struct sa_net *net);

/* Checks that shapes fit together, fills out shapes, macs, weights, gemm_*. Messages name the layer. */
enum sa_status sa_net_finish(struct sa_net *net, struct sa_error *error) SA_CHECKED;

#endif
