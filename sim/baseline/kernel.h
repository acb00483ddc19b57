/* Providers of kernels: who can compute a layer on this CPU. A provider that does not offer a layer
 * leaves it to the row operators or the vectorised loops, and the result names who did it. */
#ifndef SA_BASELINE_KERNEL_H
#define SA_BASELINE_KERNEL_H
#include "baseline/op.h"

struct sa_kernel;

struct sa_kernel_class {
  void (*run)(struct sa_kernel *kernel); /* computes op->out from op->in */
  void (*free)(struct sa_kernel *kernel);
};

/* Head of every provider's own struct. */
struct sa_kernel {
  const struct sa_kernel_class *class;
  const struct sa_cpu_op *op;
  char implementation[64]; /* "jit:avx512_core_vnni", "c:vector avx2" */
};

/* A plain GEMM with fixed right side, for layers made of several: sums[m][n] = a[m][k] * b[k][n], a in the
 * data type, sums in fp32. */
struct sa_sums {
  void (*run)(struct sa_sums *sums, const void *a, uint64_t a_pitch, float *out);
  void (*free)(struct sa_sums *sums);
  enum sa_dtype dtype;
  uint64_t m, k, n;
  char implementation[64];
};

/* Ceilings of the instruction set, each with all before it. */
enum sa_isa {
  SA_ISA_SSE41, SA_ISA_AVX2, SA_ISA_AVX512, SA_ISA_VNNI, SA_ISA_BF16, SA_ISA_AMX, SA_ISAS
};

struct sa_provider_options {
  enum sa_isa isa;  /* highest that may be used */
  unsigned threads; /* of the libraries; the C loops use one */
};

struct sa_provider; /* an opened one */

struct sa_provider_class {
  const char *name, *meaning;
  bool dtypes[SA_DTYPES];
  /* Opens it. SA_ERR_INPUT: not there (not built in, or no such library); the message says which. */
  enum sa_status (*open)(const struct sa_provider_options *options, struct sa_provider **provider,
                         struct sa_error *error);
  void (*close)(struct sa_provider *provider);
  /* Prepares a kernel: weights are packed here, not in run. The op's operands have their addresses and
   * must outlive the kernel. *kernel null on success: not offered. */
  enum sa_status (*prepare)(struct sa_provider *provider, const struct sa_cpu_op *op, struct sa_kernel **kernel,
                            struct sa_error *error);
  /* Prepares such a GEMM; b has pitch n. *sums null on success: not offered. */
  enum sa_status (*prepare_sums)(struct sa_provider *provider, enum sa_dtype dtype, uint64_t m, uint64_t k,
                                 uint64_t n, uint64_t a_pitch, const void *b, struct sa_sums **sums,
                                 struct sa_error *error);
  /* "oneDNN 2.6.3", "OpenBLAS 0.3.21 ..."; "" of the C loops. */
  void (*version)(struct sa_provider *provider, char *text, size_t size);
};

extern const struct sa_provider_class sa_provider_dnnl;   /* oneDNN */
extern const struct sa_provider_class sa_provider_blas;   /* OpenBLAS */
extern const struct sa_provider_class sa_provider_vector; /* vectorised C */
extern const struct sa_provider_class sa_provider_plain;  /* plain C loop nest */

#define SA_PROVIDERS 4
extern const struct sa_provider_class *const sa_providers[SA_PROVIDERS];

/* "sse41" ... "amx"; what the host has. */
const char *sa_isa_name(enum sa_isa isa);
bool sa_isa_present(enum sa_isa isa);
enum sa_isa sa_isa_best(void);

/* Prepares a kernel of the provider, or, where it offers none, of the vectorised loops or the row
 * operators. */
enum sa_status sa_kernel_prepare(const struct sa_provider_class *class, struct sa_provider *provider,
                                 const struct sa_provider_options *options, const struct sa_cpu_op *op,
                                 struct sa_kernel **kernel, struct sa_error *error) SA_CHECKED;
void sa_kernel_free(struct sa_kernel *kernel);
#endif
