/* Fuzz target: any bytes as an ONNX model. Whatever is accepted must be a finished network that reads back
 * from what is written of it; whatever is refused must say why. */
#define _GNU_SOURCE /* memfd_create */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "import/onnx_import.h"
#include "base/yaml_doc.h"
#include "net/net_write.h"
#include "net/net_yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition) {
  if (!condition) abort();
}

/* Reads back, unless the text is too long for a network file. */
static void read_back(const struct sa_net *net) {
  char *text = NULL;
  size_t length = 0;
  FILE *file = open_memstream(&text, &length);
  sa_net_write(net, file);
  fclose(file);
  struct sa_net again;
  struct sa_error error = {0};
  const struct sa_net_options options = {.batch = net->batch};
  if (length < SA_YAML_MAX_BYTES && net->batch <= SA_NET_MAX_BATCH) {
    require(sa_net_parse("fuzz.yaml", text, length, &options, &again, &error) == SA_OK);
    require(again.layer_count == net->layer_count && sa_net_total(&again).macs == sa_net_total(net).macs);
    sa_net_release(&again);
  }
  free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char path[64];
  const int descriptor = memfd_create("fuzz.onnx", 0);
  require(descriptor >= 0 && write(descriptor, data, size) == (ssize_t)size);
  snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
  const struct sa_onnx_dim_override dims[] = {{"N", 2}};
  for (int skip = 0; skip < 2; skip++) {
    struct sa_net net;
    struct sa_onnx_report report;
    struct sa_error error = {0};
    sa_net_init(&net);
    sa_onnx_report_init(&report);
    const struct sa_onnx_options options = {.dims = dims, .dim_count = 1, .skip_unknown = skip};
    if (sa_onnx_import(path, &options, &net, &report, &error))
      require(error.message[0] && !net.layers);
    else
      read_back(&net);
    sa_net_release(&net);
    sa_onnx_report_release(&report);
  }
  close(descriptor);
  return 0;
}
