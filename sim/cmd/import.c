/* `systole import`: a network of another tool written as one of ours, to be read and changed by hand. */
#include <stdio.h>

#include "base/file.h"
#include "cmd/load.h"
#include "net/net_write.h"

static const struct sa_command_option options[] = {
    SA_OPTION_SET_NETWORK,
    SA_OPTIONS_NETWORK,
    {"output", 'o', "FILE", false, "write to FILE instead of standard output"},
};

static enum sa_status write_net(const struct sa_net *net, const char *path, struct sa_error *error) {
  if (!path) {
    sa_net_write(net, stdout);
    return SA_OK;
  }
  struct sa_output output;
  const enum sa_status status = sa_output_open(&output, path, error);
  if (status) return status;
  sa_net_write(net, output.file);
  return sa_output_commit(&output, error);
}

static int run(const struct sa_args *args) {
  struct sa_error error = {0};
  struct sa_net net;
  if (sa_load_network(args, 0, &net, &error)) return sa_command_fail(&error);
  const enum sa_status status = write_net(&net, sa_args_value(args, "output"), &error);
  const struct sa_net_totals totals = sa_net_total(&net);
  if (!status)
    fprintf(stderr, "%s: %u layers, %.6g GMAC, %.6g M weights\n", net.name, net.layer_count,
            (double)totals.macs / 1e9, (double)totals.weights / 1e6);
  sa_net_release(&net);
  return status ? sa_command_fail(&error) : SA_EXIT_OK;
}

const struct sa_command sa_command_import = {
    .name = "import",
    .arguments = "MODEL",
    .min_arguments = 1,
    .max_arguments = 1,
    .summary = "write an ONNX model or a SCALE-Sim topology as a network file",
    .details = "MODEL is an ONNX model (.onnx) or a SCALE-Sim topology (.csv); docs/import.md says what becomes\n"
               "of each operator and column. Every NETWORK of other commands may be such a file too.\n",
    SA_OPTIONS(options),
    .run = run,
};
