/* Opens oneDNN: see dnnl_library.h. */
#include <config.h>

#if HAVE_DNNL
#include "baseline/dnnl_library.h"

#include <stdlib.h>

#include "baseline/library.h"

enum sa_status sa_dnnl_check(dnnl_status_t status, const char *what, struct sa_error *error) {
  if (status == dnnl_success) return SA_OK;
  if (status == dnnl_out_of_memory) return sa_fail(error, SA_ERR_MEMORY, "oneDNN: %s: out of memory", what);
  if (status == dnnl_unimplemented) return sa_fail(error, SA_ERR_LIMIT, "oneDNN has no %s", what);
  return sa_fail(error, SA_ERR_IO, "oneDNN: %s failed with status %d", what, (int)status);
}

/* oneDNN takes a ceiling once, before its first other call. */
static enum sa_status limit_isa(struct sa_dnnl *dnnl, enum sa_isa isa, struct sa_error *error) {
  static const dnnl_cpu_isa_t ceilings[SA_ISAS] = {
      dnnl_cpu_isa_sse41,            dnnl_cpu_isa_avx2,
      dnnl_cpu_isa_avx512_core,      dnnl_cpu_isa_avx512_core_vnni,
      dnnl_cpu_isa_avx512_core_bf16, dnnl_cpu_isa_avx512_core_amx};
  if (dnnl->set_max_cpu_isa(ceilings[isa]) == dnnl_success) return SA_OK;
  const dnnl_cpu_isa_t effective = dnnl->get_effective_cpu_isa();
  if (((unsigned)effective & ~(unsigned)ceilings[isa]) == 0) return SA_OK;
  return sa_fail(error, SA_ERR_INPUT, "oneDNN is in use with more than %s already", sa_isa_name(isa));
}

enum sa_status sa_dnnl_open(const struct sa_provider_options *options, struct sa_dnnl *dnnl,
                            struct sa_error *error) {
  *dnnl = (struct sa_dnnl){0};
  const struct sa_symbol symbols[] = {
#define SA_SYMBOL(name) {"dnnl_" #name, &dnnl->name},
      SA_DNNL_FUNCTIONS(SA_SYMBOL)
#undef SA_SYMBOL
  };
  enum sa_status status =
      sa_library_open("libdnnl.so.2", symbols, sizeof symbols / sizeof *symbols, &dnnl->library, error);
  if (status) return status;
  status = limit_isa(dnnl, options->isa, error);
  sa_library_set_threads(dnnl->library, options->threads);
  if (!status) status = sa_dnnl_check(dnnl->engine_create(&dnnl->engine, dnnl_cpu, 0), "CPU engine", error);
  if (!status)
    status = sa_dnnl_check(dnnl->stream_create(&dnnl->stream, dnnl->engine, dnnl_stream_default_flags),
                           "stream", error);
  if (status) sa_dnnl_close(dnnl);
  return status;
}

void sa_dnnl_close(struct sa_dnnl *dnnl) {
  if (dnnl->stream) dnnl->stream_destroy(dnnl->stream);
  if (dnnl->engine) dnnl->engine_destroy(dnnl->engine);
  sa_library_close(dnnl->library);
  *dnnl = (struct sa_dnnl){0};
}
#else
typedef int sa_built_without_dnnl; /* ISO C wants a declaration */
#endif
