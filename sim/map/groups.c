/* Merged groups. A group of a convolution has its own channels in and out; narrow ones leave most of the array
 * idle, and of a pixel only a few bytes lie side by side. Several groups together are one wider group whose
 * weights are zero wherever input and output belong to different ones:
 *
 *           outputs of 0 1 2 3
 *     inputs of 0      w . . .        one fold instead of four, for four times the bytes
 *               1      . w . .
 *               2      . . w .
 *               3      . . . w
 *
 * How many are merged is chosen by the time of the array and of the weights' port. Depthwise convolutions have
 * diagonal tiles, which need no zeros. */
#include "map/mapper.h"

static uint64_t ceil_div(uint64_t a, uint64_t b) { return (a + b - 1) / b; }

/* Cycles of an op with `merged` of its groups made one: of the array, or of fetching its weights once. */
static uint64_t cycles_of(const struct sa_config *config, const struct sa_graph *graph, const struct sa_op *op,
                          uint32_t merged) {
  const struct sa_shape *out = &graph->tensors[op->out.tensor].shape;
  const struct sa_window *w = &op->window;
  const uint64_t groups = op->groups / merged, c = op->a.c_count / groups, n = op->out.c_count / groups;
  const bool side_by_side =
      groups == 1 && w->dilation_w == 1 && op->a.c_count == graph->tensors[op->a.tensor].shape.c;
  const uint64_t runs = side_by_side ? w->kernel_h : (uint64_t)w->kernel_h * w->kernel_w;
  const uint64_t run = side_by_side ? w->kernel_w * c : c;
  const uint64_t rows = (uint64_t)op->images * out->h * out->w;
  uint64_t fold = rows > config->shift_cycles ? rows : config->shift_cycles;
  if (config->weight_buffers == 1) fold = rows + config->shift_cycles + config->array_rows + config->array_cols - 2;
  const uint64_t array = groups * ceil_div(n, config->array_cols) * runs * ceil_div(run, config->array_rows) * fold;
  const uint32_t port = sa_config_port_of(config, SA_WLOAD);
  const __uint128_t bits = (__uint128_t)(groups * runs * run * n) * config->bw_den[port];
  const uint64_t weights = (uint64_t)(bits / config->bw_num[port]);
  return array > weights ? array : weights;
}

void sa_merge_groups(const struct sa_config *config, struct sa_graph *graph) {
  for (uint32_t i = 0; i < graph->op_count; i++) {
    struct sa_op *op = &graph->ops[i];
    if (op->kind != SA_KIND_GEMM || op->groups == 1 || sa_op_is_depthwise(op)) continue;
    uint32_t best = 1;
    uint64_t least = cycles_of(config, graph, op, 1);
    for (uint32_t merged = 2; merged <= op->groups; merged++) {
      if (op->groups % merged) continue;
      const uint64_t cycles = cycles_of(config, graph, op, merged);
      if (cycles >= least) continue;
      least = cycles;
      best = merged;
    }
    op->groups /= best;
    op->merged = best;
  }
}
