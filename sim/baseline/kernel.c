/* The table of providers, and the choice of a kernel for a layer. */
#include "baseline/kernel.h"

#include <assert.h>
#include <stddef.h>

#include "baseline/gemm.h"
#include "baseline/host.h"
#include "baseline/lstm.h"
#include "baseline/rows.h"
#include "baseline/vector.h"

const struct sa_provider_class *const sa_providers[SA_PROVIDERS] = {&sa_provider_dnnl, &sa_provider_blas,
                                                                    &sa_provider_vector, &sa_provider_plain};

const char *sa_isa_name(enum sa_isa isa) {
  static const char *const names[] = {"sse41", "avx2", "avx512", "vnni", "bf16", "amx"};
  assert(isa < SA_ISAS);
  return names[isa];
}

bool sa_isa_present(enum sa_isa isa) {
#if defined __x86_64__
  __builtin_cpu_init();
  switch (isa) {
    case SA_ISA_SSE41: return __builtin_cpu_supports("sse4.1");
    case SA_ISA_AVX2: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case SA_ISA_AVX512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
    case SA_ISA_VNNI: return __builtin_cpu_supports("avx512vnni");
    case SA_ISA_BF16: return __builtin_cpu_supports("avx512bf16");
    case SA_ISA_AMX: return sa_host_has_flag("amx_int8") && sa_host_has_flag("amx_bf16");
    case SA_ISAS: break;
  }
#endif
  (void)isa;
  return false;
}

enum sa_isa sa_isa_best(void) {
  enum sa_isa best = SA_ISA_SSE41;
  for (enum sa_isa isa = SA_ISA_SSE41; isa < SA_ISAS; isa++)
    if (sa_isa_present(isa)) best = isa;
  return best;
}

enum sa_status sa_kernel_prepare(const struct sa_provider_class *class, struct sa_provider *provider,
                                 const struct sa_provider_options *options, const struct sa_cpu_op *op,
                                 struct sa_kernel **kernel, struct sa_error *error) {
  *kernel = NULL;
  if (op->layer->kind == SA_LAYER_LSTM)
    return sa_lstm_prepare(class, provider, options, op, kernel, error);
  if (sa_layer_is_recurrent(op->layer))
    return sa_fail(error, SA_ERR_INPUT, "layer %s: %s layers are not run on the CPU", op->layer->name,
                   sa_layer_kind_name(op->layer->kind));
  const enum sa_status status = class->prepare(provider, op, kernel, error);
  if (status || *kernel) return status;
  return sa_cpu_op_has_gemm(op) ? sa_vector_prepare(options->isa, op, kernel, error)
                            : sa_rows_prepare(op, kernel, error);
}

void sa_kernel_free(struct sa_kernel *kernel) {
  if (kernel) kernel->class->free(kernel);
}
