/* Loading by suffix: see load_any.h. */
#include "import/load_any.h"

#include <string.h>

#include "import/lines.h"
#include "import/scalesim_cfg.h"
#include "import/scalesim_topology.h"
#include "net/net_yaml.h"

static bool has_suffix(const char *path, const char *suffix) {
  const size_t length = strlen(path), end = strlen(suffix);
  return length > end && sa_text_same(path + length - end, suffix);
}

enum sa_status sa_load_any_config(const char *name_or_path, const char *const *assignments, size_t count,
                                  struct sa_config *config, enum sa_dataflow *dataflow,
                                  struct sa_notes *notes, struct sa_error *error) {
  enum sa_dataflow flow = SA_DATAFLOW_WS;
  enum sa_status status;
  if (has_suffix(name_or_path, ".cfg")) {
    struct sa_config read;
    status = sa_scalesim_cfg_read(name_or_path, &read, &flow, notes, error);
    for (size_t i = 0; i < count && !status; i++) status = sa_config_assign(&read, assignments[i], error);
    if (!status) status = sa_config_finish(&read, error);
    if (!status) *config = read;
  } else {
    status = sa_config_load(name_or_path, assignments, count, config, error);
  }
  if (!status && dataflow) *dataflow = flow;
  return status;
}

static enum sa_status load_topology(const char *path, uint32_t batch, struct sa_net *net,
                                    struct sa_notes *notes, struct sa_error *error) {
  enum sa_status status = sa_scalesim_topology_read(path, net, notes, error);
  if (status || batch == 0) return status;
  for (uint32_t i = 0; i < net->layer_count; i++)
    if (net->layers[i].kind == SA_LAYER_INPUT) net->layers[i].out.n = batch;
  net->batch = batch;
  status = sa_net_finish(net, error);
  if (status) sa_net_release(net);
  return status;
}

static enum sa_status load_onnx(const char *path, const struct sa_onnx_options *options,
                                struct sa_net *net, struct sa_notes *notes, struct sa_error *error) {
  struct sa_onnx_report report;
  sa_onnx_report_init(&report);
  const enum sa_status status = sa_onnx_import(path, options, net, &report, error);
  for (size_t i = 0; i < report.unknown_count && !status; i++)
    sa_notes_add(notes, "skipped %s: %u of %u nodes, %.1f %%", report.unknown[i].op,
                 report.unknown[i].count, report.node_count,
                 100.0 * report.unknown[i].count / report.node_count);
  for (size_t i = 0; i < report.notes.count && !status; i++)
    for (uint64_t k = 0; k < report.notes.times[i]; k++) sa_notes_add(notes, "%s", report.notes.lines[i]);
  if (notes && !status) notes->dropped += report.notes.dropped;
  sa_onnx_report_release(&report);
  return status;
}

/* Refuses what a file of this form has no use for. */
static enum sa_status check_choice(const char *path, const struct sa_net_choice *choice, bool is_onnx,
                                   bool is_ours, struct sa_error *error) {
  if (!is_onnx && choice->onnx.dim_count)
    return sa_fail(error, SA_ERR_INPUT, "%.200s is no ONNX model; only these have symbolic dimensions (\"%.64s\")",
                   path, choice->onnx.dims[0].name);
  if (!is_onnx && choice->onnx.skip_unknown)
    return sa_fail(error, SA_ERR_INPUT, "%.200s is no ONNX model; only these have unknown operators to skip", path);
  if (!is_ours && choice->setting_count)
    return sa_fail(error, SA_ERR_INPUT, "%.200s has no parameters; \"%.64s\" is none of the machine's either", path,
                   choice->settings[0]);
  return SA_OK;
}

enum sa_status sa_load_any_net(const char *name_or_path, const struct sa_net_choice *choice,
                               struct sa_net *net, struct sa_notes *notes, struct sa_error *error) {
  const bool is_csv = has_suffix(name_or_path, ".csv"), is_onnx = has_suffix(name_or_path, ".onnx");
  sa_net_init(net);
  const enum sa_status status = check_choice(name_or_path, choice, is_onnx, !is_csv && !is_onnx, error);
  if (status) return status;
  if (is_csv) return load_topology(name_or_path, choice->onnx.batch, net, notes, error);
  if (is_onnx) return load_onnx(name_or_path, &choice->onnx, net, notes, error);
  const struct sa_net_options own = {choice->onnx.batch, choice->settings, choice->setting_count};
  return sa_net_load(name_or_path, &own, net, error);
}
