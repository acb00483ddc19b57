/* oneDNN's functions, as found in the shared object at run time. The headers are those of the build. */
#ifndef SA_BASELINE_DNNL_LIBRARY_H
#define SA_BASELINE_DNNL_LIBRARY_H
#include <dnnl.h>

#include "baseline/kernel.h"

#define SA_DNNL_FUNCTIONS(F)                                                                          \
  F(version) F(set_max_cpu_isa) F(get_effective_cpu_isa) F(engine_create) F(engine_destroy)           \
  F(stream_create) F(stream_destroy) F(stream_wait) F(memory_desc_init_by_strides)                    \
  F(memory_desc_init_by_tag) F(memory_desc_get_size) F(memory_create) F(memory_destroy)               \
  F(memory_get_data_handle) F(primitive_attr_create) F(primitive_attr_destroy)                        \
  F(primitive_attr_set_output_scales) F(primitive_attr_set_scales) F(primitive_attr_set_post_ops)     \
  F(post_ops_create) F(post_ops_destroy) F(post_ops_append_sum) F(post_ops_append_eltwise)            \
  F(dilated_convolution_forward_desc_init) F(matmul_desc_init) F(pooling_v2_forward_desc_init)        \
  F(softmax_v2_forward_desc_init) F(layer_normalization_forward_desc_init) F(binary_desc_init)        \
  F(eltwise_forward_desc_init) F(primitive_desc_create) F(primitive_desc_destroy)                     \
  F(primitive_desc_query) F(primitive_create) F(primitive_destroy) F(primitive_execute)               \
  F(reorder_primitive_desc_create)

struct sa_dnnl {
#define SA_MEMBER(name) __typeof__(dnnl_##name) *name;
  SA_DNNL_FUNCTIONS(SA_MEMBER)
#undef SA_MEMBER
  void *library;
  dnnl_engine_t engine;
  dnnl_stream_t stream;
};

/* Fails unless oneDNN's status is success: SA_ERR_LIMIT where it has no such kernel, else SA_ERR_IO. */
enum sa_status sa_dnnl_check(dnnl_status_t status, const char *what, struct sa_error *error) SA_CHECKED;

enum sa_status sa_dnnl_open(const struct sa_provider_options *options, struct sa_dnnl *dnnl,
                            struct sa_error *error) SA_CHECKED;
void sa_dnnl_close(struct sa_dnnl *dnnl);
#endif
