/* One layer as a CPU computes it: shapes, weights and scales in a data type of the host, and where its
 * operands lie. Every provider (oneDNN, OpenBLAS, the C loops) and the reference work from this.
 *
 * A layer's result is  post * act(pre * (scale[c] * (sum + bias[c]) + residual_scale * residual)), rounded
 * once. In fp32 and bf16 pre = post = 1. In int8 the weights, biases and scales are those that the
 * simulated machine uses (net/quant.h), and pre and post are the units of its activation tables; the
 * machine rounds before its table, a CPU library does not, so the values may differ by a unit. */
#ifndef SA_BASELINE_OP_H
#define SA_BASELINE_OP_H
#include "base/error.h"
#include "net/net.h"

enum sa_dtype { SA_DTYPE_FP32, SA_DTYPE_BF16, SA_DTYPE_INT8, SA_DTYPES };

/* "fp32", "bf16", "int8" */
const char *sa_dtype_name(enum sa_dtype dtype);
size_t sa_dtype_bytes(enum sa_dtype dtype);

/* A tensor operand: position (n, h, w) begins at data + ((n * shape.h + h) * shape.w + w) * pitch elements. */
struct sa_operand {
  uint32_t layer;        /* whose output it is */
  struct sa_shape shape; /* after the channel slice */
  uint32_t first, pitch; /* elements; pitch is all channels of the tensor */
  void *data;            /* first channel of the slice; set when memory is planned */
};

struct sa_cpu_op {
  const struct sa_net *net;
  const struct sa_layer *layer;
  uint32_t index;
  enum sa_dtype dtype;
  struct sa_operand in[SA_LAYER_MAX_INPUTS];
  struct sa_operand out;
  bool has_residual; /* `out` holds the residual when the kernel starts */
  struct sa_operand residual;
  /* CONV, FC, LSTM: weights[k][n], row major. k and n: of one group / of all groups. */
  void *weights; /* owned, elements of dtype; null if the layer has none */
  uint64_t k, n;
  float *bias;  /* owned [n], in units of the sum; null if none */
  float *scale; /* owned [n] or [1] (scale_count); multiplies the sum (int8), 1 in other types */
  uint64_t scale_count;
  float residual_scale, pre, post, cap; /* cap: of relu6, after post */
  float in_scale[2];                    /* ADD, MUL, ACT: of each input */
  float *gamma, *beta;                  /* owned [c]; NORM */
  uint64_t rows;                        /* positions (n, h, w) of the output */
};

/* Makes the operator of layer `index` of a finished network: draws its weights. Memory is not planned. */
enum sa_status sa_cpu_op_init(struct sa_cpu_op *op, const struct sa_net *net, uint32_t index, enum sa_dtype dtype,
                          struct sa_error *error) SA_CHECKED;
void sa_cpu_op_release(struct sa_cpu_op *op);

/* Whether it is a MUL whose second operand is repeated, or whose first is rotated. */
static inline bool sa_cpu_op_is_periodic(const struct sa_cpu_op *op) {
  return op->layer->kind == SA_LAYER_MUL && (op->layer->rotate || op->in[1].shape.c != op->in[0].shape.c);
}

/* Element access in any data type, for what is not timed and for the row operators. */
float sa_dtype_load(enum sa_dtype dtype, const void *data, uint64_t index);
void sa_dtype_store(enum sa_dtype dtype, void *data, uint64_t index, float value);

/* A row of them. int8 is rounded to nearest even and clamped. */
void sa_dtype_load_row(enum sa_dtype dtype, const void *from, uint64_t count, float *row);
void sa_dtype_store_row(enum sa_dtype dtype, void *to, uint64_t count, const float *row);

/* Bytes that the layer must at least move: its inputs, weights and output, once. */
uint64_t sa_cpu_op_bytes(const struct sa_cpu_op *op);

/* The activation between pre and post, without either. */
float sa_cpu_op_activate(const struct sa_cpu_op *op, float value);

/* bf16 is the upper half of a float, rounded to nearest even. */
static inline float sa_bf16_to_float(uint16_t value) {
  union { uint32_t bits; float value; } u = {.bits = (uint32_t)value << 16};
  return u.value;
}
static inline uint16_t sa_float_to_bf16(float value) {
  union { float value; uint32_t bits; } u = {.value = value};
  return (uint16_t)((u.bits + 0x7fffu + (u.bits >> 16 & 1u)) >> 16);
}
#endif
