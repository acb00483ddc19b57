/* A network: layers in execution order, each with one output tensor (NHWC, int8). Read from
 * models/net/NAME.yaml (net_yaml.h), checked and shaped by sa_net_finish. A sequence of tokens is
 * h = 1, w = sequence, c = width; attention scores are h = heads, w = queries, c = keys.
 * What each kind means in values is fixed in docs/networks.md. */
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
  SA_LAYER_MAXPOOL, SA_LAYER_AVGPOOL, /* window; a zero kernel means global; padding counts as 0 */
  SA_LAYER_ADD, SA_LAYER_MUL,         /* two inputs of one shape, or the second n x 1 x 1 x c; MUL: see rotate */
  SA_LAYER_ACT,      /* requantise and/or activation alone */
  SA_LAYER_SOFTMAX,  /* over c */
  SA_LAYER_NORM,     /* layer norm or RMS norm over c, with gamma (and beta) */
  SA_LAYER_CONCAT,   /* along c */
  SA_LAYER_LSTM,     /* one LSTM layer over w = steps; hidden = c of the output */
  SA_LAYER_GRU,      /* the same with a GRU's cell */
  SA_LAYER_RNN,      /* and with a plain one: h = tanh of the sum of [x, h] */
  SA_LAYER_CACHE,    /* KV cache: tokens that lie in DRAM, and behind them the input's, which are appended */
  SA_LAYER_UPSAMPLE  /* nearest neighbour: each element kernel_h x kernel_w times */
};

enum sa_activation {
  SA_ACT_NONE, SA_ACT_RELU, SA_ACT_RELU6, SA_ACT_GELU, SA_ACT_SIGMOID, SA_ACT_TANH, SA_ACT_SWISH
};

struct sa_shape { uint32_t n, h, w, c; };

/* An input: the output of an earlier layer, or channels [c_first, c_first + c_count) of it. A zero
 * c_count stands for all channels from c_first on; sa_net_finish puts the number in. */
struct sa_layer_input { uint32_t layer, c_first, c_count; };

#define SA_LAYER_MAX_INPUTS 8
#define SA_NET_MAX_LAYERS 100000u
#define SA_NET_MAX_TENSOR_BYTES ((uint64_t)1 << 40) /* of one output tensor or weight matrix */
#define SA_NET_MAX_MACS ((uint64_t)1 << 60)         /* of the network */
#define SA_NET_MAX_KERNEL 255u
#define SA_NET_MAX_STRIDE 65535u

struct sa_layer {
  char name[64];
  enum sa_layer_kind kind;
  struct sa_layer_input inputs[SA_LAYER_MAX_INPUTS];
  uint32_t input_count;
  struct sa_shape out;
  /* CONV, pools, UPSAMPLE (kernel = factors). Zero strides, dilations and groups stand for 1. */
  uint32_t kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w;
  uint32_t pad_top, pad_left, pad_bottom, pad_right, groups;
  /* FC: the input's h, w, c are one vector of h*w*c values (as after a flatten) */
  bool flatten;
  /* MATMUL: heads of A; B has kv_heads. transposed B: out[h][i][j] = sum_d A[i][h,d] B[j][h,d]
   * (A: w = queries, c = heads*d; out: h = heads, w = queries, c = keys); else
   * out[i][h,d] = sum_j A[h][i][j] B[j][h,d] (out: w = queries, c = heads*d). Head h of A uses head
   * h / (heads / kv_heads) of B. Zero heads stand for 1, zero kv_heads for heads. */
  uint32_t heads, kv_heads;
  bool transpose_b;
  bool rms;          /* NORM without mean and beta */
  /* MUL, whose second input may have a divisor of the first's channels, repeated: of each such group of the
   * first input's channels the second half is taken before the first */
  bool rotate;
  bool has_bias;       /* CONV, FC, LSTM, GRU, RNN: counted in params, not in mac_weights */
  bool has_batch_norm; /* CONV, FC: folded into scale and bias; two learned numbers a channel */
  /* fused behind CONV, FC, MATMUL: residual tensor of out's shape, added before the activation */
  bool has_residual;
  struct sa_layer_input residual;
  enum sa_activation activation; /* CONV, FC, MATMUL, ADD, MUL, ACT */
  uint32_t block;    /* repetition, from 1, of the outermost repeated block; 0 outside */
  /* filled by sa_net_finish */
  uint64_t macs;     /* useful multiply-accumulates, whole batch */
  uint64_t weights;  /* learned multiplicands (mac_weights of the references) */
  uint64_t params;   /* all learned numbers: weights, biases, gamma and beta, batch norm */
  uint64_t gemm_m, gemm_k, gemm_n, gemm_count; /* GEMM per group, head or step, and how many; 0 if none */
  uint32_t spread;   /* root mean square that the output's values are designed for, in 1/16 */
};

/* What a run of a network that makes text does: reads a prompt, or makes one more token. */
enum sa_phase { SA_PHASE_NONE, SA_PHASE_PREFILL, SA_PHASE_DECODE };

/* A parameter that the network depends on. */
struct sa_net_param {
  char name[32];
  uint64_t value; /* of "phase": 0 prefill, 1 decode */
  bool is_given;  /* by the user, not by the file */
};

#define SA_NET_NAME_CHARS 256

struct sa_net {
  /* The file's name, and behind a colon what the user set: "gpt2:phase=decode,context=512" */
  char name[SA_NET_NAME_CHARS];
  struct sa_layer *layers; /* owned */
  uint32_t layer_count;
  uint32_t batch;          /* n of every input */
  uint64_t extra_params;   /* learned numbers of no layer: embedding and position tables */
  struct sa_net_param *params; /* owned; in the file's order */
  uint32_t param_count;
  enum sa_phase phase;
  uint64_t tokens;         /* new ones that a run handles for each sequence of the batch; 0: not a token model */
};

struct sa_net_totals { uint64_t macs, weights, params; };

/* An empty network. */
void sa_net_init(struct sa_net *net);
void sa_net_release(struct sa_net *net);

/* Checks that shapes fit together, fills out shapes, macs, weights, params, gemm_*, and puts the
 * values in for which zero stands. Given: kind, inputs, parameters, out.c of CONV, FC, LSTM, GRU and RNN, out.w
 * of CACHE, and the whole out of INPUT. Messages name the layer. Finishing twice changes nothing. */
enum sa_status sa_net_finish(struct sa_net *net, struct sa_error *error) SA_CHECKED;
/* The same for one layer whose inputs are finished; does not look at names. */
enum sa_status sa_net_finish_layer(struct sa_net *net, uint32_t layer, struct sa_error *error)
    SA_CHECKED;

/* Sums over the layers of a finished network. */
struct sa_net_totals sa_net_total(const struct sa_net *net);
/* Whether its steps depend on each other: LSTM, GRU, RNN; and columns of its matrix for each channel. */
static inline bool sa_layer_is_recurrent(const struct sa_layer *layer) {
  return layer->kind == SA_LAYER_LSTM || layer->kind == SA_LAYER_GRU || layer->kind == SA_LAYER_RNN;
}
static inline uint32_t sa_layer_gates(const struct sa_layer *layer) {
  return layer->kind == SA_LAYER_RNN ? 1 : layer->kind == SA_LAYER_GRU ? 3 : 4;
}
/* Elements, which are bytes, of a tensor of a finished network. */
static inline uint64_t sa_shape_elems(const struct sa_shape *shape) {
  return (uint64_t)shape->n * shape->h * shape->w * shape->c;
}
/* Word by which files and reports name a kind or an activation. */
const char *sa_layer_kind_name(enum sa_layer_kind kind);
const char *sa_activation_name(enum sa_activation activation);

#endif
