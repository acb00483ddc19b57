/* Output values as CSV; see values.h. */
#include "report/values.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "engine/exec.h"

static enum sa_status write_layer(const struct sa_net *net, const struct sa_mapping *mapping,
                                  const struct sa_memory *memory, uint32_t index, FILE *out,
                                  struct sa_error *error) {
  const struct sa_layer *layer = &net->layers[index];
  const struct sa_shape *s = &layer->out;
  int8_t *values = malloc(sa_shape_elems(s));
  if (!values) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  sa_map_read_output(mapping, memory, index, values);
  const int8_t *value = values;
  for (uint32_t n = 0; n < s->n; n++)
    for (uint32_t h = 0; h < s->h; h++)
      for (uint32_t w = 0; w < s->w; w++)
        for (uint32_t c = 0; c < s->c; c++)
          fprintf(out, "%s,%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",%d\n", layer->name, n, h, w, c,
                  *value++);
  free(values);
  return SA_OK;
}

static enum sa_status write_all(const struct sa_net *net, const struct sa_mapping *mapping,
                                const struct sa_memory *memory, const char *path, struct sa_error *error) {
  struct sa_output output;
  enum sa_status status = sa_output_open(&output, path, error);
  if (status) return status;
  fputs("layer,n,h,w,c,value\n", output.file);
  for (uint32_t i = 0; i < net->layer_count && !status; i++)
    if (net->layers[i].kind != SA_LAYER_INPUT && sa_map_has_output(mapping, i))
      status = write_layer(net, mapping, memory, i, output.file, error);
  if (status) {
    sa_output_discard(&output);
    return status;
  }
  return sa_output_commit(&output, error);
}

enum sa_status sa_values_write(const struct sa_config *config, const struct sa_net *net,
                               const struct sa_mapping *mapping, uint64_t seed, const char *path,
                               struct sa_error *error) {
  struct sa_memory *memory = sa_memory_create();
  if (!memory) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  enum sa_status status = sa_map_image(config, net, mapping, seed, memory, error);
  if (!status) status = sa_exec_run(config, &mapping->program, memory, NULL, NULL, error);
  if (!status) status = write_all(net, mapping, memory, path, error);
  sa_memory_free(memory);
  return status;
}
