/* oneDNN: a layer becomes one primitive, its weights packed as the primitive likes them. Where oneDNN has
 * only its reference code (its names begin with "ref") the layer is left to the loops in C. */
#include <config.h>

#include "baseline/kernel.h"

#if HAVE_DNNL
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "baseline/dnnl_library.h"
#include "baseline/gemm.h"
#include "baseline/rows.h"

struct sa_provider { struct sa_dnnl dnnl; };

#define MAX_ARGS 6

/* A primitive with everything that it runs on; all owned but the operands. */
struct primitive {
  const struct sa_dnnl *dnnl;
  dnnl_primitive_desc_t desc;
  dnnl_primitive_t handle;
  dnnl_exec_arg_t args[MAX_ARGS];
  int arg_count;
  char name[64];
};

static void release(struct primitive *p) {
  if (!p->dnnl) return;
  for (int i = 0; i < p->arg_count; i++) p->dnnl->memory_destroy(p->args[i].memory);
  if (p->handle) p->dnnl->primitive_destroy(p->handle);
  if (p->desc) p->dnnl->primitive_desc_destroy(p->desc);
  *p = (struct primitive){0};
}

static void execute(const struct primitive *p) {
  p->dnnl->primitive_execute(p->handle, p->dnnl->stream, p->arg_count, p->args);
  p->dnnl->stream_wait(p->dnnl->stream);
}

/* Adds an argument. `data` null: oneDNN allocates. */
static enum sa_status add_arg(struct primitive *p, int arg, const dnnl_memory_desc_t *desc, const void *data,
                              struct sa_error *error) {
  union { const void *in; void *out; } handle = {.in = data};
  dnnl_memory_t memory;
  const enum sa_status status = sa_dnnl_check(
      p->dnnl->memory_create(&memory, desc, p->dnnl->engine, data ? handle.out : DNNL_MEMORY_ALLOCATE),
      "memory", error);
  if (!status) p->args[p->arg_count++] = (dnnl_exec_arg_t){arg, memory};
  return status;
}

static dnnl_data_type_t type_of(enum sa_dtype dtype) {
  static const dnnl_data_type_t types[SA_DTYPES] = {dnnl_f32, dnnl_bf16, dnnl_s8};
  return types[dtype];
}

/* NHWC as oneDNN's logical n, c, h, w. */
static dnnl_memory_desc_t image_desc(const struct sa_dnnl *dnnl, const struct sa_operand *operand,
                                     enum sa_dtype dtype) {
  const struct sa_shape *s = &operand->shape;
  const dnnl_dims_t dims = {s->n, s->c, s->h, s->w};
  const dnnl_dim_t pitch = operand->pitch;
  const dnnl_dims_t strides = {pitch * s->w * s->h, 1, pitch * s->w, pitch};
  dnnl_memory_desc_t desc;
  dnnl->memory_desc_init_by_strides(&desc, 4, dims, type_of(dtype), strides);
  return desc;
}

static dnnl_memory_desc_t matrix_desc(const struct sa_dnnl *dnnl, dnnl_dim_t rows, dnnl_dim_t cols,
                                      dnnl_dim_t pitch, dnnl_data_type_t type) {
  const dnnl_dims_t dims = {rows, cols}, strides = {pitch, 1};
  dnnl_memory_desc_t desc;
  dnnl->memory_desc_init_by_strides(&desc, 2, dims, type, strides);
  return desc;
}

/* The same dimensions with a layout of the primitive's choice. */
static dnnl_memory_desc_t any_desc(const struct sa_dnnl *dnnl, const dnnl_memory_desc_t *like) {
  dnnl_memory_desc_t desc;
  dnnl->memory_desc_init_by_tag(&desc, like->ndims, like->dims, like->data_type, dnnl_format_tag_any);
  return desc;
}

/* ---- Attributes: scales, residual, activation ---- */

static dnnl_status_t append_activation(const struct sa_dnnl *dnnl, dnnl_post_ops_t ops, const struct sa_cpu_op *op) {
  dnnl_alg_kind_t kind = dnnl_eltwise_relu;
  float alpha = 0;
  switch (op->layer->activation) {
    case SA_ACT_NONE: return dnnl_success;
    case SA_ACT_RELU: break;
    case SA_ACT_RELU6: kind = dnnl_eltwise_bounded_relu; alpha = op->cap; break;
    case SA_ACT_GELU: kind = dnnl_eltwise_gelu_erf; break;
    case SA_ACT_SIGMOID: kind = dnnl_eltwise_logistic; break;
    case SA_ACT_TANH: kind = dnnl_eltwise_tanh; break;
    case SA_ACT_SWISH: kind = dnnl_eltwise_swish; alpha = 1; break;
  }
  dnnl_status_t status = dnnl->post_ops_append_eltwise(ops, 1, kind, alpha, 0);
  if (status == dnnl_success && op->post != 1)
    status = dnnl->post_ops_append_eltwise(ops, 1, dnnl_eltwise_linear, op->post, 0);
  return status;
}

static dnnl_status_t set_post_ops(const struct sa_dnnl *dnnl, dnnl_primitive_attr_t attr, const struct sa_cpu_op *op) {
  dnnl_post_ops_t ops;
  dnnl_status_t status = dnnl->post_ops_create(&ops);
  if (status != dnnl_success) return status;
  if (op->has_residual) status = dnnl->post_ops_append_sum(ops, op->residual_scale * op->pre);
  if (status == dnnl_success) status = append_activation(dnnl, ops, op);
  if (status == dnnl_success) status = dnnl->primitive_attr_set_post_ops(attr, ops);
  dnnl->post_ops_destroy(ops);
  return status;
}

/* `mask` has the channel dimension's bit. */
static dnnl_status_t set_sum_scales(const struct sa_dnnl *dnnl, dnnl_primitive_attr_t attr,
                                    const struct sa_cpu_op *op, int mask) {
  if (op->scale_count == 1 && op->scale[0] * op->pre == 1) return dnnl_success;
  float *scales = malloc(op->scale_count * sizeof *scales);
  if (!scales) return dnnl_out_of_memory;
  for (uint64_t i = 0; i < op->scale_count; i++) scales[i] = op->scale[i] * op->pre;
  const dnnl_status_t status = dnnl->primitive_attr_set_output_scales(
      attr, (dnnl_dim_t)op->scale_count, op->scale_count > 1 ? mask : 0, scales);
  free(scales);
  return status;
}

static dnnl_status_t set_input_scales(const struct sa_dnnl *dnnl, dnnl_primitive_attr_t attr,
                                      const struct sa_cpu_op *op) {
  static const int args[] = {DNNL_ARG_SRC_0, DNNL_ARG_SRC_1};
  dnnl_status_t status = dnnl_success;
  for (int i = 0; i < 2 && status == dnnl_success; i++) {
    const float scale = op->in_scale[i] * (i == 0 || op->layer->kind == SA_LAYER_ADD ? op->pre : 1);
    if (scale != 1) status = dnnl->primitive_attr_set_scales(attr, args[i], 1, 0, &scale);
  }
  return status;
}

/* Makes the primitive of an operation; SA_ERR_LIMIT if oneDNN has none but its reference code. */
static enum sa_status make(struct primitive *p, const_dnnl_op_desc_t operation, dnnl_primitive_attr_t attr,
                           struct sa_error *error) {
  enum sa_status status = sa_dnnl_check(
      p->dnnl->primitive_desc_create(&p->desc, operation, attr, p->dnnl->engine, NULL), "such kernel", error);
  if (status) return status;
  const char *name = "";
  p->dnnl->primitive_desc_query(p->desc, dnnl_query_impl_info_str, 0, &name);
  snprintf(p->name, sizeof p->name, "%s", name);
  if (strncmp(name, "ref", 3) == 0) return sa_fail(error, SA_ERR_LIMIT, "oneDNN has only a reference kernel");
  return sa_dnnl_check(p->dnnl->primitive_create(&p->handle, p->desc), "primitive", error);
}

static const dnnl_memory_desc_t *query_desc(const struct primitive *p, dnnl_query_t what) {
  const dnnl_memory_desc_t *desc = NULL;
  p->dnnl->primitive_desc_query(p->desc, what, 0, &desc);
  return desc;
}

/* Packs weights from their plain layout into the primitive's and adds them as an argument. */
static enum sa_status add_weights(struct primitive *p, const dnnl_memory_desc_t *plain, const void *weights,
                                  struct sa_error *error) {
  const dnnl_memory_desc_t *packed = query_desc(p, dnnl_query_weights_md);
  enum sa_status status = add_arg(p, DNNL_ARG_WEIGHTS, packed, NULL, error);
  if (status) return status;
  struct primitive reorder = {.dnnl = p->dnnl};
  status = sa_dnnl_check(p->dnnl->reorder_primitive_desc_create(&reorder.desc, plain, p->dnnl->engine, packed,
                                                                p->dnnl->engine, NULL), "reorder", error);
  if (!status)
    status = sa_dnnl_check(p->dnnl->primitive_create(&reorder.handle, reorder.desc), "reorder", error);
  if (!status) status = add_arg(&reorder, DNNL_ARG_FROM, plain, weights, error);
  if (!status) {
    reorder.args[reorder.arg_count] = (dnnl_exec_arg_t){DNNL_ARG_TO, p->args[p->arg_count - 1].memory};
    p->dnnl->primitive_execute(reorder.handle, p->dnnl->stream, reorder.arg_count + 1, reorder.args);
    p->dnnl->stream_wait(p->dnnl->stream);
  }
  release(&reorder);
  return status;
}

/* ---- Layers ---- */

static enum sa_status make_conv(struct primitive *p, const struct sa_cpu_op *op, dnnl_primitive_attr_t attr,
                                struct sa_error *error) {
  const struct sa_dnnl *dnnl = p->dnnl;
  const struct sa_layer *layer = op->layer;
  const dnnl_dim_t groups = layer->groups, out = layer->out.c / layer->groups, in = op->in[0].shape.c / layer->groups;
  const dnnl_dim_t n = (dnnl_dim_t)op->n, kh = layer->kernel_h, kw = layer->kernel_w;
  const dnnl_dims_t dims = {groups, out, in, kh, kw}, strides = {out, 1, n, kw * in * n, in * n};
  const int skip = groups == 1; /* without groups there is no such dimension */
  dnnl_memory_desc_t weights, bias;
  dnnl->memory_desc_init_by_strides(&weights, 5 - skip, dims + skip, type_of(op->dtype), strides + skip);
  const dnnl_dims_t bias_dims = {n};
  dnnl->memory_desc_init_by_tag(&bias, 1, bias_dims, dnnl_f32, dnnl_a);
  const dnnl_memory_desc_t src = image_desc(dnnl, &op->in[0], op->dtype), dst = image_desc(dnnl, &op->out, op->dtype);
  const dnnl_memory_desc_t any = any_desc(dnnl, &weights);
  const dnnl_dims_t steps = {layer->stride_h, layer->stride_w};
  const dnnl_dims_t dilates = {(dnnl_dim_t)layer->dilation_h - 1, (dnnl_dim_t)layer->dilation_w - 1};
  const dnnl_dims_t before = {layer->pad_top, layer->pad_left}, after = {layer->pad_bottom, layer->pad_right};
  dnnl_convolution_desc_t desc;
  enum sa_status status = sa_dnnl_check(set_sum_scales(dnnl, attr, op, 1 << 1), "scales", error);
  if (!status)
    status = sa_dnnl_check(
        dnnl->dilated_convolution_forward_desc_init(&desc, dnnl_forward_inference, dnnl_convolution_direct, &src,
                                                    &any, op->bias ? &bias : NULL, &dst, steps, dilates, before,
                                                    after), "convolution", error);
  if (!status) status = make(p, &desc, attr, error);
  if (!status) status = add_weights(p, &weights, op->weights, error);
  if (!status) status = add_arg(p, DNNL_ARG_SRC, &src, op->in[0].data, error);
  if (!status && op->bias) status = add_arg(p, DNNL_ARG_BIAS, &bias, op->bias, error);
  if (!status) status = add_arg(p, DNNL_ARG_DST, &dst, op->out.data, error);
  return status;
}

static enum sa_status make_fc(struct primitive *p, const struct sa_cpu_op *op, dnnl_primitive_attr_t attr,
                              struct sa_error *error) {
  const struct sa_dnnl *dnnl = p->dnnl;
  uint64_t pitch;
  if (!sa_gemm_rows(op, 0, &pitch)) return sa_fail(error, SA_ERR_LIMIT, "rows are not contiguous");
  const struct sa_gemm gemm = sa_gemm_of(op);
  const dnnl_dim_t m = (dnnl_dim_t)gemm.m, k = (dnnl_dim_t)gemm.k, n = (dnnl_dim_t)gemm.n;
  const dnnl_data_type_t type = type_of(op->dtype);
  const dnnl_memory_desc_t src = matrix_desc(dnnl, m, k, (dnnl_dim_t)pitch, type);
  const dnnl_memory_desc_t weights = matrix_desc(dnnl, k, n, n, type), any = any_desc(dnnl, &weights);
  const dnnl_memory_desc_t bias = matrix_desc(dnnl, 1, n, n, dnnl_f32), dst = matrix_desc(dnnl, m, n, n, type);
  dnnl_matmul_desc_t desc;
  enum sa_status status = sa_dnnl_check(set_sum_scales(dnnl, attr, op, 1 << 1), "scales", error);
  if (!status)
    status = sa_dnnl_check(dnnl->matmul_desc_init(&desc, &src, &any, op->bias ? &bias : NULL, &dst), "matmul", error);
  if (!status) status = make(p, &desc, attr, error);
  if (!status) status = add_weights(p, &weights, op->weights, error);
  if (!status) status = add_arg(p, DNNL_ARG_SRC, &src, op->in[0].data, error);
  if (!status && op->bias) status = add_arg(p, DNNL_ARG_BIAS, &bias, op->bias, error);
  if (!status) status = add_arg(p, DNNL_ARG_DST, &dst, op->out.data, error);
  return status;
}

/* Attention: dimensions image, kv head, head within, row, column; heads within share a right side. */
static enum sa_status make_matmul(struct primitive *p, const struct sa_cpu_op *op, dnnl_primitive_attr_t attr,
                                  struct sa_error *error) {
  const struct sa_dnnl *dnnl = p->dnnl;
  const struct sa_layer *layer = op->layer;
  const struct sa_gemm gemm = sa_gemm_of(op);
  const dnnl_dim_t m = (dnnl_dim_t)gemm.m, k = (dnnl_dim_t)gemm.k, n = (dnnl_dim_t)gemm.n;
  const dnnl_dim_t images = layer->out.n, kv = layer->kv_heads, share = layer->heads / layer->kv_heads;
  const dnnl_dim_t pa = op->in[0].pitch, pb = op->in[1].pitch, po = op->out.pitch;
  const bool scores = layer->transpose_b; /* A and B are per token, the output is per head */
  const dnnl_dims_t a_dims = {images, kv, share, m, k}, b_dims = {images, kv, 1, k, n}, o_dims = {images, kv, share, m, n};
  const dnnl_dim_t a_head = scores ? k : m * pa, o_head = scores ? m * n : n;
  const dnnl_dims_t a_strides = {a_head * kv * share, share * a_head, a_head, pa, 1};
  const dnnl_dims_t a_token = {m * pa, share * a_head, a_head, pa, 1};
  const dnnl_dim_t tokens = op->in[1].shape.w, width = scores ? k : n;
  const dnnl_dims_t b_strides = {tokens * pb, width, width, scores ? 1 : pb, scores ? pb : 1};
  const dnnl_dim_t o_row = scores ? n : po;
  const dnnl_dims_t o_strides = {scores ? o_head * kv * share : m * po, share * o_head, o_head, o_row, 1};
  /* with one head per kv head the shared dimension is left out: oneDNN's fast kernels take four at most */
  dnnl_memory_desc_t desc[3];
  const dnnl_dim_t *const dims[] = {a_dims, b_dims, o_dims};
  const dnnl_dim_t *const strides[] = {scores ? a_token : a_strides, b_strides, o_strides};
  for (int i = 0; i < 3; i++) {
    dnnl_dims_t d, s;
    int count = 0;
    for (int j = 0; j < 5; j++) {
      if (share == 1 && j == 2) continue;
      d[count] = dims[i][j];
      s[count++] = strides[i][j];
    }
    dnnl->memory_desc_init_by_strides(&desc[i], count, d, type_of(op->dtype), s);
  }
  dnnl_matmul_desc_t matmul;
  enum sa_status status = sa_dnnl_check(set_sum_scales(dnnl, attr, op, 0), "scales", error);
  if (!status)
    status = sa_dnnl_check(dnnl->matmul_desc_init(&matmul, &desc[0], &desc[1], NULL, &desc[2]), "matmul", error);
  if (!status) status = make(p, &matmul, attr, error);
  if (!status) status = add_arg(p, DNNL_ARG_SRC, &desc[0], op->in[0].data, error);
  if (!status) status = add_arg(p, DNNL_ARG_WEIGHTS, &desc[1], op->in[1].data, error);
  if (!status) status = add_arg(p, DNNL_ARG_DST, &desc[2], op->out.data, error);
  return status;
}

static enum sa_status make_pool(struct primitive *p, const struct sa_cpu_op *op, dnnl_primitive_attr_t attr,
                                struct sa_error *error) {
  const struct sa_layer *layer = op->layer;
  const dnnl_memory_desc_t src = image_desc(p->dnnl, &op->in[0], op->dtype), dst = image_desc(p->dnnl, &op->out, op->dtype);
  const dnnl_dims_t steps = {layer->stride_h, layer->stride_w}, kernel = {layer->kernel_h, layer->kernel_w};
  const dnnl_dims_t dilation = {0, 0}, before = {layer->pad_top, layer->pad_left};
  const dnnl_dims_t after = {layer->pad_bottom, layer->pad_right};
  dnnl_pooling_v2_desc_t desc;
  enum sa_status status = sa_dnnl_check(
      p->dnnl->pooling_v2_forward_desc_init(
          &desc, dnnl_forward_inference,
          layer->kind == SA_LAYER_MAXPOOL ? dnnl_pooling_max : dnnl_pooling_avg_include_padding, &src, &dst,
          steps, kernel, dilation, before, after), "pooling", error);
  if (!status) status = make(p, &desc, attr, error);
  if (!status) status = add_arg(p, DNNL_ARG_SRC, &src, op->in[0].data, error);
  if (!status) status = add_arg(p, DNNL_ARG_DST, &dst, op->out.data, error);
  return status;
}

static enum sa_status make_pair(struct primitive *p, const struct sa_cpu_op *op, dnnl_primitive_attr_t attr,
                                struct sa_error *error) {
  if (sa_cpu_op_is_periodic(op)) return sa_fail(error, SA_ERR_LIMIT, "no repeated operand");
  const dnnl_memory_desc_t a = image_desc(p->dnnl, &op->in[0], op->dtype), b = image_desc(p->dnnl, &op->in[1], op->dtype);
  const dnnl_memory_desc_t dst = image_desc(p->dnnl, &op->out, op->dtype);
  dnnl_binary_desc_t desc;
  enum sa_status status = sa_dnnl_check(set_input_scales(p->dnnl, attr, op), "scales", error);
  if (!status)
    status = sa_dnnl_check(p->dnnl->binary_desc_init(&desc, op->layer->kind == SA_LAYER_ADD ? dnnl_binary_add
                                                                                            : dnnl_binary_mul,
                                                     &a, &b, &dst), "binary operation", error);
  if (!status) status = make(p, &desc, attr, error);
  if (!status) status = add_arg(p, DNNL_ARG_SRC_0, &a, op->in[0].data, error);
  if (!status) status = add_arg(p, DNNL_ARG_SRC_1, &b, op->in[1].data, error);
  if (!status) status = add_arg(p, DNNL_ARG_DST, &dst, op->out.data, error);
  return status;
}

/* int8 softmax and norms have units of the machine that oneDNN 2.6 cannot express. */
static enum sa_status make_softmax(struct primitive *p, const struct sa_cpu_op *op, dnnl_primitive_attr_t attr,
                                   struct sa_error *error) {
  if (op->dtype == SA_DTYPE_INT8) return sa_fail(error, SA_ERR_LIMIT, "no int8");
  const dnnl_dim_t rows = (dnnl_dim_t)op->rows, c = op->layer->out.c;
  const dnnl_memory_desc_t src = matrix_desc(p->dnnl, rows, c, op->in[0].pitch, type_of(op->dtype));
  const dnnl_memory_desc_t dst = matrix_desc(p->dnnl, rows, c, op->out.pitch, type_of(op->dtype));
  dnnl_softmax_v2_desc_t desc;
  enum sa_status status =
      sa_dnnl_check(p->dnnl->softmax_v2_forward_desc_init(&desc, dnnl_forward_inference, dnnl_softmax_accurate,
                                                          &src, &dst, 1), "softmax", error);
  if (!status) status = make(p, &desc, attr, error);
  if (!status) status = add_arg(p, DNNL_ARG_SRC, &src, op->in[0].data, error);
  if (!status) status = add_arg(p, DNNL_ARG_DST, &dst, op->out.data, error);
  return status;
}

static enum sa_status make_norm(struct primitive *p, const struct sa_cpu_op *op, dnnl_primitive_attr_t attr,
                                struct sa_error *error) {
  if (op->dtype == SA_DTYPE_INT8 || op->layer->rms || op->in[0].pitch != op->layer->out.c)
    return sa_fail(error, SA_ERR_LIMIT, "no such norm");
  const dnnl_dim_t rows = (dnnl_dim_t)op->rows, c = op->layer->out.c;
  const dnnl_memory_desc_t data = matrix_desc(p->dnnl, rows, c, c, type_of(op->dtype));
  const dnnl_dims_t dims = {rows}, channels = {c};
  dnnl_memory_desc_t stat, vector;
  p->dnnl->memory_desc_init_by_tag(&stat, 1, dims, dnnl_f32, dnnl_a);
  p->dnnl->memory_desc_init_by_tag(&vector, 1, channels, dnnl_f32, dnnl_a);
  dnnl_layer_normalization_desc_t desc;
  enum sa_status status = sa_dnnl_check(
      p->dnnl->layer_normalization_forward_desc_init(&desc, dnnl_forward_inference, &data, &stat, SA_NORM_EPSILON,
                                                     dnnl_use_scale | dnnl_use_shift), "layer norm", error);
  if (!status) status = make(p, &desc, attr, error);
  if (!status) status = add_arg(p, DNNL_ARG_SRC, &data, op->in[0].data, error);
  if (!status) status = add_arg(p, DNNL_ARG_SCALE, &vector, op->gamma, error);
  if (!status) status = add_arg(p, DNNL_ARG_SHIFT, &vector, op->beta, error);
  if (!status) status = add_arg(p, DNNL_ARG_DST, &data, op->out.data, error);
  return status;
}

static enum sa_status make_layer(struct primitive *p, const struct sa_cpu_op *op, dnnl_primitive_attr_t attr,
                                 struct sa_error *error) {
  switch (op->layer->kind) {
    case SA_LAYER_CONV: return make_conv(p, op, attr, error);
    case SA_LAYER_FC: return make_fc(p, op, attr, error);
    case SA_LAYER_MATMUL: return make_matmul(p, op, attr, error);
    case SA_LAYER_MAXPOOL:
    case SA_LAYER_AVGPOOL: return make_pool(p, op, attr, error);
    case SA_LAYER_ADD:
    case SA_LAYER_MUL: return make_pair(p, op, attr, error);
    case SA_LAYER_SOFTMAX: return make_softmax(p, op, attr, error);
    case SA_LAYER_NORM: return make_norm(p, op, attr, error);
    default: return sa_fail(error, SA_ERR_LIMIT, "not offered");
  }
}

/* ---- The provider ---- */

struct dnnl_kernel {
  struct sa_kernel base;
  struct primitive primitive;
};

static void run(struct sa_kernel *kernel) { execute(&((struct dnnl_kernel *)kernel)->primitive); }

static void free_kernel(struct sa_kernel *kernel) {
  release(&((struct dnnl_kernel *)kernel)->primitive);
  free(kernel);
}

static enum sa_status prepare(struct sa_provider *provider, const struct sa_cpu_op *op, struct sa_kernel **kernel,
                              struct sa_error *error) {
  static const struct sa_kernel_class class = {run, free_kernel};
  const struct sa_dnnl *dnnl = &provider->dnnl;
  *kernel = NULL;
  struct dnnl_kernel *made = calloc(1, sizeof *made);
  if (!made) return sa_fail(error, SA_ERR_MEMORY, "layer %s: out of memory", op->layer->name);
  made->base = (struct sa_kernel){.class = &class, .op = op};
  made->primitive.dnnl = dnnl;
  struct sa_error own = {0};
  dnnl_primitive_attr_t attr = NULL;
  enum sa_status status = sa_dnnl_check(dnnl->primitive_attr_create(&attr), "attributes", &own);
  if (!status) status = sa_dnnl_check(set_post_ops(dnnl, attr, op), "post-operations", &own);
  if (!status) status = make_layer(&made->primitive, op, attr, &own);
  if (attr) dnnl->primitive_attr_destroy(attr);
  if (status) {
    free_kernel(&made->base);
    return status == SA_ERR_LIMIT ? SA_OK /* not offered */
                                  : sa_fail(error, status, "layer %s: %s", op->layer->name, own.message);
  }
  memcpy(made->base.implementation, made->primitive.name, sizeof made->base.implementation);
  *kernel = &made->base;
  return SA_OK;
}

/* A GEMM whose left side and result are given at each run. */
struct dnnl_sums {
  struct sa_sums base;
  struct primitive primitive;
  dnnl_memory_desc_t a, out;
};

static void run_sums(struct sa_sums *base, const void *a, uint64_t a_pitch, float *out) {
  struct dnnl_sums *sums = (struct dnnl_sums *)base;
  (void)a_pitch; /* known since it was prepared */
  struct sa_error error = {0};
  const int kept = sums->primitive.arg_count;
  if (!add_arg(&sums->primitive, DNNL_ARG_SRC, &sums->a, a, &error) &&
      !add_arg(&sums->primitive, DNNL_ARG_DST, &sums->out, out, &error))
    execute(&sums->primitive);
  while (sums->primitive.arg_count > kept)
    sums->primitive.dnnl->memory_destroy(sums->primitive.args[--sums->primitive.arg_count].memory);
}

static void free_sums(struct sa_sums *base) {
  release(&((struct dnnl_sums *)base)->primitive);
  free(base);
}

static enum sa_status prepare_sums(struct sa_provider *provider, enum sa_dtype dtype, uint64_t m, uint64_t k,
                                   uint64_t n, uint64_t a_pitch, const void *b, struct sa_sums **sums,
                                   struct sa_error *error) {
  const struct sa_dnnl *dnnl = &provider->dnnl;
  struct dnnl_sums *made = calloc(1, sizeof *made);
  if (!made) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  made->base = (struct sa_sums){run_sums, free_sums, dtype, m, k, n, ""};
  made->primitive.dnnl = dnnl;
  made->a = matrix_desc(dnnl, (dnnl_dim_t)m, (dnnl_dim_t)k, (dnnl_dim_t)a_pitch, type_of(dtype));
  made->out = matrix_desc(dnnl, (dnnl_dim_t)m, (dnnl_dim_t)n, (dnnl_dim_t)n, dnnl_f32);
  const dnnl_memory_desc_t plain = matrix_desc(dnnl, (dnnl_dim_t)k, (dnnl_dim_t)n, (dnnl_dim_t)n, type_of(dtype));
  const dnnl_memory_desc_t any = any_desc(dnnl, &plain);
  dnnl_matmul_desc_t desc;
  struct sa_error own = {0};
  enum sa_status status = sa_dnnl_check(dnnl->matmul_desc_init(&desc, &made->a, &any, NULL, &made->out), "matmul", &own);
  if (!status) status = make(&made->primitive, &desc, NULL, &own);
  if (!status) status = add_weights(&made->primitive, &plain, b, &own);
  if (status) {
    free_sums(&made->base);
    return status == SA_ERR_LIMIT ? SA_OK : sa_fail(error, status, "%s", own.message);
  }
  memcpy(made->base.implementation, made->primitive.name, sizeof made->base.implementation);
  *sums = &made->base;
  return SA_OK;
}

static void close_provider(struct sa_provider *provider) {
  if (provider) sa_dnnl_close(&provider->dnnl);
  free(provider);
}

static enum sa_status open_provider(const struct sa_provider_options *options, struct sa_provider **provider,
                                    struct sa_error *error) {
  struct sa_provider *opened = calloc(1, sizeof *opened);
  if (!opened) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  const enum sa_status status = sa_dnnl_open(options, &opened->dnnl, error);
  if (status)
    free(opened);
  else
    *provider = opened;
  return status;
}

static void version(struct sa_provider *provider, char *text, size_t size) {
  const dnnl_version_t *v = provider->dnnl.version();
  snprintf(text, size, "oneDNN %d.%d.%d", v->major, v->minor, v->patch);
}

const struct sa_provider_class sa_provider_dnnl = {
    .name = "onednn", .meaning = "oneDNN: convolution, matmul and others", .dtypes = {true, true, true},
    .open = open_provider, .close = close_provider, .prepare = prepare, .prepare_sums = prepare_sums,
    .version = version};

#else
static enum sa_status open_provider(const struct sa_provider_options *options, struct sa_provider **provider,
                                    struct sa_error *error) {
  (void)options, (void)provider;
  return sa_fail(error, SA_ERR_INPUT, "built without oneDNN");
}

/* It cannot be opened, so nothing else of it is ever called. */
const struct sa_provider_class sa_provider_dnnl = {
    .name = "onednn", .meaning = "oneDNN: convolution, matmul and others", .dtypes = {true, true, true}, .open = open_provider};
#endif
