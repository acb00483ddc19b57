/* A network in one data type, ready for kernels: operators, and memory for its tensors. Tensors whose lives
 * do not overlap share memory, as a runtime would have it, so that the caches see the usual traffic. */
#ifndef SA_BASELINE_WORKLOAD_H
#define SA_BASELINE_WORKLOAD_H
#include "baseline/op.h"

struct sa_workload {
  const struct sa_net *net;
  enum sa_dtype dtype;
  struct sa_cpu_op *ops;       /* owned [net->layer_count] */
  void **blocks;           /* owned: memory of the tensors */
  size_t block_count;
  uint64_t tensor_bytes;   /* all blocks */
};

/* Draws weights and inputs. The network must outlive it. */
enum sa_status sa_workload_init(struct sa_workload *workload, const struct sa_net *net, enum sa_dtype dtype,
                                struct sa_error *error) SA_CHECKED;
void sa_workload_release(struct sa_workload *workload);

/* Puts the residual where the kernel expects it, if it is not there. Part of the layer's time. */
void sa_workload_place_residual(const struct sa_cpu_op *op);
#endif
