/* Pools in slices of channels. A pool's window must be in the buffer whole; that of a global pool is a whole
 * image. Where its input is too large to stay in the buffer and the window takes much of it, the pool becomes
 * several, each of some of the channels. */
#include <stdlib.h>

#include "map/mapper.h"

enum { RESIDENT_SHARE = 2, WINDOW_SHARE = 3 }; /* of the buffer: an input that may stay; a window, twice of it */

static uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* Channels of one slice; all: not to be sliced. */
static uint32_t slice_channels(const struct sa_config *config, const struct sa_graph *graph, const struct sa_op *op) {
  const uint32_t all = op->out.c_count;
  if (op->kind != SA_KIND_MAXPOOL && op->kind != SA_KIND_AVGPOOL) return all;
  const struct sa_tensor *in = &graph->tensors[op->a.tensor];
  const uint64_t window = (uint64_t)smaller(op->window.kernel_h, in->shape.h) * smaller(op->window.kernel_w, in->shape.w);
  const uint64_t room = config->buffer_bytes / WINDOW_SHARE;
  if (sa_shape_elems(&in->shape) <= config->buffer_bytes / RESIDENT_SHARE || window * all <= room) return all;
  const uint32_t most = window < room ? (uint32_t)(room / window) : 1; /* channels that find room */
  const uint32_t burst = config->port[0].burst_bytes;
  return most >= burst ? most / burst * burst : most;
}

enum sa_status sa_slice_pools(const struct sa_config *config, struct sa_graph *graph, struct sa_error *error) {
  size_t count = 0;
  for (uint32_t i = 0; i < graph->op_count; i++)
    count += sa_ceil_div(graph->ops[i].out.c_count, slice_channels(config, graph, &graph->ops[i]));
  if (count == graph->op_count) return SA_OK;
  struct sa_op *ops = calloc(count, sizeof *ops);
  if (!ops) return sa_fail(error, SA_ERR_MEMORY, "mapping: out of memory for %zu operations", count);
  uint32_t next = 0;
  for (uint32_t i = 0; i < graph->op_count; i++) {
    const struct sa_op *op = &graph->ops[i];
    const uint32_t slice = slice_channels(config, graph, op);
    for (uint32_t c = 0; c < op->out.c_count; c += slice) {
      struct sa_op *part = &ops[next];
      *part = *op;
      part->part_of = next++;
      if (slice == op->out.c_count) continue;
      part->a.c_first += c;
      part->out.c_first += c;
      part->a.c_count = part->out.c_count = smaller(slice, op->out.c_count - c);
    }
  }
  free(graph->ops);
  graph->ops = ops;
  graph->op_count = next;
  sa_graph_find_lifetimes(graph);
  return SA_OK;
}
