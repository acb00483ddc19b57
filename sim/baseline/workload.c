/* Memory planning of a network's tensors: see workload.h. */
#include "baseline/workload.h"

#include <stdlib.h>
#include <string.h>

#include "net/quant.h"

#define SEED 1u
#define INPUT_UNIT 30.0f /* int8 values that stand for 1.0 */
#define ALIGNMENT 64     /* a cache line */

struct block { void *data; size_t bytes; bool used; };

struct plan {
  struct block *blocks;
  size_t count;
  uint32_t *last_use; /* of each layer's output: the last layer that reads it */
  size_t *block_of;
};

/* Whether there is something in the tensor before the first layer runs. */
static bool is_drawn(const struct sa_layer *layer) {
  return layer->kind == SA_LAYER_INPUT || layer->kind == SA_LAYER_CACHE;
}

static void find_last_uses(const struct sa_net *net, uint32_t *last_use) {
  for (uint32_t i = 0; i < net->layer_count; i++) {
    const struct sa_layer *layer = &net->layers[i];
    /* inputs are drawn once and outputs are kept */
    last_use[i] = is_drawn(layer) ? UINT32_MAX : i;
    for (uint32_t j = 0; j <= layer->input_count; j++) {
      if (j == layer->input_count && !layer->has_residual) break;
      const uint32_t from = j < layer->input_count ? layer->inputs[j].layer : layer->residual.layer;
      if (last_use[from] != UINT32_MAX) last_use[from] = i;
    }
  }
  for (uint32_t i = 0; i < net->layer_count; i++)
    if (last_use[i] == i) last_use[i] = UINT32_MAX;
}

/* The smallest free block that is large enough, else a new one. */
static enum sa_status take_block(struct plan *plan, size_t bytes, size_t *index, struct sa_error *error) {
  size_t best = plan->count;
  for (size_t i = 0; i < plan->count; i++)
    if (!plan->blocks[i].used && plan->blocks[i].bytes >= bytes &&
        (best == plan->count || plan->blocks[i].bytes < plan->blocks[best].bytes))
      best = i;
  if (best == plan->count) {
    const size_t rounded = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    void *data = aligned_alloc(ALIGNMENT, rounded);
    if (!data) return sa_fail(error, SA_ERR_MEMORY, "out of memory for tensors (%zu bytes)", bytes);
    memset(data, 0, rounded);
    plan->blocks[plan->count++] = (struct block){data, rounded, false};
  }
  plan->blocks[best].used = true;
  *index = best;
  return SA_OK;
}

/* A residual that is dense and read for the last time here is replaced by the sum. */
static bool in_place(const struct sa_cpu_op *op, const uint32_t *last_use) {
  if (!op->has_residual || op->residual.shape.c != op->residual.pitch) return false;
  if (last_use[op->residual.layer] != op->index) return false;
  for (uint32_t i = 0; i < op->layer->input_count; i++)
    if (op->in[i].layer == op->residual.layer) return false;
  return true;
}

static void *operand_data(const struct plan *plan, const struct sa_operand *operand, enum sa_dtype dtype) {
  return (char *)plan->blocks[plan->block_of[operand->layer]].data + operand->first * sa_dtype_bytes(dtype);
}

static enum sa_status place(struct sa_workload *workload, struct plan *plan, struct sa_error *error) {
  const struct sa_net *net = workload->net;
  for (uint32_t i = 0; i < net->layer_count; i++) {
    struct sa_cpu_op *op = &workload->ops[i];
    const bool replace = in_place(op, plan->last_use);
    if (replace) {
      plan->block_of[i] = plan->block_of[op->residual.layer];
    } else {
      const enum sa_status status = take_block(plan, sa_shape_elems(&op->out.shape) * sa_dtype_bytes(op->dtype),
                                               &plan->block_of[i], error);
      if (status) return status;
    }
    op->out.data = operand_data(plan, &op->out, op->dtype);
    for (uint32_t j = 0; j < op->layer->input_count; j++) op->in[j].data = operand_data(plan, &op->in[j], op->dtype);
    if (op->has_residual) op->residual.data = operand_data(plan, &op->residual, op->dtype);
    for (uint32_t j = 0; j < i; j++)
      if (plan->last_use[j] == i && !(replace && j == op->residual.layer))
        plan->blocks[plan->block_of[j]].used = false;
  }
  return SA_OK;
}

static void draw_input(struct sa_cpu_op *op) {
  const uint64_t count = sa_shape_elems(&op->out.shape);
  for (uint64_t i = 0; i < count; i++) {
    const float value = sa_quant_input(SEED, op->net, op->index, i);
    sa_dtype_store(op->dtype, op->out.data, i, op->dtype == SA_DTYPE_INT8 ? value : value / INPUT_UNIT);
  }
}

static enum sa_status plan_memory(struct sa_workload *workload, struct sa_error *error) {
  const uint32_t layers = workload->net->layer_count;
  struct plan plan = {.blocks = calloc(layers, sizeof *plan.blocks),
                      .last_use = malloc(layers * sizeof *plan.last_use),
                      .block_of = malloc(layers * sizeof *plan.block_of)};
  workload->blocks = malloc(layers * sizeof *workload->blocks);
  enum sa_status status = SA_OK;
  if (!plan.blocks || !plan.last_use || !plan.block_of || !workload->blocks) {
    status = sa_fail(error, SA_ERR_MEMORY, "out of memory");
  } else {
    find_last_uses(workload->net, plan.last_use);
    status = place(workload, &plan, error);
    for (size_t i = 0; i < plan.count; i++) {
      workload->blocks[workload->block_count++] = plan.blocks[i].data;
      workload->tensor_bytes += plan.blocks[i].bytes;
    }
  }
  free(plan.blocks);
  free(plan.last_use);
  free(plan.block_of);
  return status;
}

enum sa_status sa_workload_init(struct sa_workload *workload, const struct sa_net *net, enum sa_dtype dtype,
                                struct sa_error *error) {
  *workload = (struct sa_workload){.net = net, .dtype = dtype, .ops = calloc(net->layer_count, sizeof *workload->ops)};
  if (!workload->ops) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  enum sa_status status = SA_OK;
  for (uint32_t i = 0; i < net->layer_count && !status; i++)
    status = sa_cpu_op_init(&workload->ops[i], net, i, dtype, error);
  if (!status) status = plan_memory(workload, error);
  for (uint32_t i = 0; i < net->layer_count && !status; i++)
    if (is_drawn(&net->layers[i])) draw_input(&workload->ops[i]);
  if (status) sa_workload_release(workload);
  return status;
}

void sa_workload_release(struct sa_workload *workload) {
  for (uint32_t i = 0; workload->ops && i < workload->net->layer_count; i++) sa_cpu_op_release(&workload->ops[i]);
  for (size_t i = 0; i < workload->block_count; i++) free(workload->blocks[i]);
  free(workload->ops);
  free(workload->blocks);
  *workload = (struct sa_workload){0};
}

void sa_workload_place_residual(const struct sa_cpu_op *op) {
  if (!op->has_residual || op->residual.data == op->out.data) return;
  const size_t bytes = sa_dtype_bytes(op->dtype), row = op->out.shape.c * bytes;
  if (op->residual.shape.c == op->residual.pitch) {
    memcpy(op->out.data, op->residual.data, op->rows * row);
    return;
  }
  for (uint64_t i = 0; i < op->rows; i++)
    memcpy((char *)op->out.data + i * row, (const char *)op->residual.data + i * op->residual.pitch * bytes, row);
}
