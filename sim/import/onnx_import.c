/* ONNX import, end to end: see onnx_import.h. */
#include "import/onnx_import.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "import/names.h"
#include "import/net_fuse.h"
#include "import/onnx_lower.h"

void sa_onnx_report_init(struct sa_onnx_report *report) {
  *report = (struct sa_onnx_report){.unknown = NULL};
}

void sa_onnx_report_release(struct sa_onnx_report *report) {
  free(report->unknown);
  sa_notes_release(&report->notes);
  sa_onnx_report_init(report);
}

#define MAX_UNKNOWN 64 /* different operators told apart; the rest is counted together */

static enum sa_status count_unknown(struct sa_onnx_report *report, const struct sa_onnx_node *node,
                                    struct sa_error *error) {
  char op[sizeof report->unknown->op], domain[24];
  int length = 0;
  if (node->domain.bytes)
    length = snprintf(
        op, sizeof op, "%s.",
        sa_name_show((const char *)node->domain.data, node->domain.bytes, domain, sizeof domain));
  sa_name_show((const char *)node->op.data, node->op.bytes, op + length, sizeof op - (size_t)length);
  for (size_t i = 0; i < report->unknown_count; i++) {
    const bool rest = i == MAX_UNKNOWN - 1;
    if (rest) snprintf(report->unknown[i].op, sizeof op, "(others)");
    if (!rest && strcmp(report->unknown[i].op, op) != 0) continue;
    report->unknown[i].count++;
    return SA_OK;
  }
  struct sa_onnx_unknown *grown =
      sa_vec_grow(report->unknown, &report->unknown_capacity, report->unknown_count + 1, sizeof *grown);
  if (!grown) return sa_fail(error, SA_ERR_MEMORY, "out of memory");
  report->unknown = grown;
  memcpy(grown[report->unknown_count].op, op, sizeof op);
  grown[report->unknown_count++].count = 1;
  return SA_OK;
}

static int more_frequent(const void *a, const void *b) {
  const struct sa_onnx_unknown *left = a, *right = b;
  if (left->count != right->count) return left->count < right->count ? 1 : -1;
  return strcmp(left->op, right->op);
}

/* Lists the operators without a rule; an error unless they may be skipped. */
static enum sa_status find_unknown(const struct sa_onnx_model *model, bool skip,
                                   struct sa_onnx_report *report, struct sa_error *error) {
  uint32_t total = 0;
  for (uint32_t i = 0; i < model->node_count; i++) {
    if (sa_onnx_op_known(&model->nodes[i])) continue;
    const enum sa_status status = count_unknown(report, &model->nodes[i], error);
    if (status) return status;
    total++;
  }
  if (total == 0) return SA_OK;
  qsort(report->unknown, report->unknown_count, sizeof *report->unknown, more_frequent);
  if (skip) return SA_OK;
  char list[400];
  size_t used = 0;
  for (size_t i = 0; i < report->unknown_count && used + 80 < sizeof list; i++)
    used += (size_t)snprintf(list + used, sizeof list - used, "%s%s (%" PRIu32 ", %.1f %%)", i ? ", " : "",
                             report->unknown[i].op, report->unknown[i].count,
                             100.0 * report->unknown[i].count / model->node_count);
  return sa_fail_at(error, SA_ERR_INPUT, model->file.path, 0, 0,
                    "%" PRIu32 " of %" PRIu32
                    " nodes have unknown operators: %s; --skip-unknown leaves them out",
                    total, model->node_count, list);
}

/* Fuses, drops what nobody reads, tells which parts come from the host. */
static enum sa_status tidy(struct sa_lower *l, const char *path) {
  uint32_t *map = calloc(l->net->layer_count + 1u, sizeof *map);
  if (!map) return sa_fail(l->error, SA_ERR_MEMORY, "out of memory");
  const enum sa_status status = sa_net_fuse(l->net, l->is_output, map, l->error);
  for (size_t i = 0; i < l->restart_count && !status; i++) {
    char size[100];
    const struct sa_restart *restart = &l->restarts[i];
    if (map[restart->layer] == UINT32_MAX) continue;
    sa_notes_add(l->notes, "%s (%s) comes from the host as a new network input: %s",
                 l->net->layers[map[restart->layer]].name,
                 sa_onnx_shape_text(&restart->shape, size, sizeof size), restart->why);
  }
  free(map);
  bool computes = false;
  for (uint32_t i = 0; i < l->net->layer_count; i++) computes |= l->net->layers[i].kind != SA_LAYER_INPUT;
  if (!status && !computes)
    return sa_fail_at(l->error, SA_ERR_INPUT, path, 0, 0, "the model has no output that a layer computes");
  return status;
}

static enum sa_status finish(struct sa_net *net, uint32_t batch, struct sa_error *error) {
  for (uint32_t i = 0; i < net->layer_count && batch; i++)
    if (net->layers[i].kind == SA_LAYER_INPUT) net->layers[i].out.n = batch;
  if (batch) net->batch = batch;
  return sa_net_finish(net, error);
}

/* The file's name without folders and suffix; exporters give all their graphs one name. */
static void name_net(struct sa_net *net, const char *path) {
  const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path, *dot = strrchr(base, '.');
  const size_t length = dot && dot != base ? (size_t)(dot - base) : strlen(base);
  sa_name_clean(base, length, "model", net->name);
}

enum sa_status sa_onnx_import(const char *path, const struct sa_onnx_options *options, struct sa_net *net,
                              struct sa_onnx_report *report, struct sa_error *error) {
  struct sa_onnx_model model;
  struct sa_onnx_shapes shapes = {.infos = NULL};
  struct sa_error here = {.message = ""};
  struct sa_lower l = {
      .model = &model, .shapes = &shapes, .net = net, .notes = &report->notes, .error = &here};
  enum sa_status status = sa_onnx_model_open(&model, path, &here);
  if (!status) {
    report->ir_version = model.ir_version;
    report->opset = model.opset;
    report->node_count = model.node_count;
    status = find_unknown(&model, options->skip_unknown, report, &here);
  }
  if (!status) status = sa_onnx_shapes_infer(&shapes, &model, options->dims, options->dim_count, &here);
  if (!status) status = sa_lower_run(&l, options->skip_unknown, &report->skipped);
  if (!status) status = tidy(&l, path);
  if (!status) {
    name_net(net, path);
    status = finish(net, options->batch, &here);
  }
  sa_lower_release(&l);
  sa_onnx_shapes_release(&shapes);
  sa_onnx_model_close(&model);
  if (status) sa_net_release(net);
  if (status && error) *error = here;
  return status;
}
