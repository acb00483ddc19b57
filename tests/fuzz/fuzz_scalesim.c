/* Fuzz target: any bytes as a SCALE-Sim config and as a topology. Whatever is accepted must be finished and
 * have a closed form or say why not; whatever is refused must say why. */
#define _GNU_SOURCE /* memfd_create */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "import/scalesim_cfg.h"
#include "import/scalesim_topology.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition) {
  if (!condition) abort();
}

static void check_forms(const struct sa_net *net) {
  for (uint32_t i = 0; i < net->layer_count; i++) {
    const struct sa_layer *layer = &net->layers[i];
    for (int flow = 0; flow < SA_DATAFLOWS && layer->gemm_count; flow++) {
      struct sa_closed_form form;
      struct sa_error error = {0};
      if (sa_closed_form((enum sa_dataflow)flow, 8, 8, layer->gemm_m, layer->gemm_k, layer->gemm_n,
                         layer->gemm_count, &form, &error))
        require(error.message[0]);
      else
        require(form.cycles == form.tool_cycles + layer->gemm_count);
    }
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char path[64];
  const int descriptor = memfd_create("fuzz", 0);
  require(descriptor >= 0 && write(descriptor, data, size) == (ssize_t)size);
  snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
  struct sa_config config;
  enum sa_dataflow dataflow;
  struct sa_notes notes;
  struct sa_net net;
  struct sa_error error = {0};
  sa_notes_init(&notes);
  sa_net_init(&net);
  enum sa_status status = sa_scalesim_cfg_read(path, &config, &dataflow, &notes, &error);
  if (!status) status = sa_config_finish(&config, &error);
  require(!status || error.message[0]);
  error = (struct sa_error){0};
  if (sa_scalesim_topology_read(path, &net, &notes, &error))
    require(error.message[0] && !net.layers);
  else
    check_forms(&net);
  sa_net_release(&net);
  sa_notes_release(&notes);
  close(descriptor);
  return 0;
}
