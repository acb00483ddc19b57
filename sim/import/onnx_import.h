/* ONNX models as networks: what PyTorch's and TensorFlow's exporters write for convolutional networks,
 * transformers and LSTMs. docs/import.md lists the operators and what becomes of each. Weights are not
 * read: only their shapes count. */
#ifndef SA_IMPORT_ONNX_IMPORT_H
#define SA_IMPORT_ONNX_IMPORT_H
#include "import/notes.h"
#include "import/onnx_shape.h"
#include "net/net.h"

struct sa_onnx_options {
  const struct sa_onnx_dim_override *dims; /* sizes of symbolic dimensions */
  size_t dim_count;
  uint32_t batch;    /* n of every network input instead of the model's; 0: as the model says */
  bool skip_unknown; /* leave out what is not understood instead of failing */
};

/* An operator that is not known, printable, and how many nodes have it. */
struct sa_onnx_unknown {
  char op[64];
  uint32_t count;
};

struct sa_onnx_report {
  int64_t ir_version, opset;
  uint32_t node_count, skipped; /* skipped: nodes left out, with those that depend on their shapes */
  struct sa_onnx_unknown *unknown; /* owned; most frequent first */
  size_t unknown_count, unknown_capacity;
  struct sa_notes notes;
};

void sa_onnx_report_init(struct sa_onnx_report *report);
void sa_onnx_report_release(struct sa_onnx_report *report);

/* Imports the model into *net (initialised, empty; empty again on failure) and finishes it. *report
 * (initialised) is filled also on failure, as far as the import came: without skip_unknown an unknown
 * operator is an error that names the first ones, and the report has all. Errors in the file carry the
 * byte offset. */
enum sa_status sa_onnx_import(const char *path, const struct sa_onnx_options *options, struct sa_net *net,
                              struct sa_onnx_report *report, struct sa_error *error) SA_CHECKED;
#endif
