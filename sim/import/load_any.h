/* Machines and networks by what their files are: ours by name or .yaml, SCALE-Sim's .cfg and .csv, ONNX's
 * .onnx. The suffix decides (letter case aside). */
#ifndef SA_IMPORT_LOAD_ANY_H
#define SA_IMPORT_LOAD_ANY_H
#include "import/closed_form.h"
#include "import/notes.h"
#include "import/onnx_import.h"
#include "machine/config.h"
#include "net/net.h"

/* Reads a machine, applies the assignments ("array.rows=64") in order, finishes it. *dataflow (may be
 * null): what a .cfg names, else weight stationary. */
enum sa_status sa_load_any_config(const char *name_or_path, const char *const *assignments, size_t count,
                                  struct sa_config *config, enum sa_dataflow *dataflow,
                                  struct sa_notes *notes, struct sa_error *error) SA_CHECKED;

/* What a user may say about a network of any form. */
struct sa_net_choice {
  struct sa_onnx_options onnx;  /* batch: n of every input; 0: as the file says, else 1. The rest: ONNX alone */
  const char *const *settings;  /* "NAME=VALUE" for parameters of our own files */
  size_t setting_count;
};

/* Reads a finished network. A choice that means nothing for the file's form is SA_ERR_INPUT. On failure
 * *net is empty. */
enum sa_status sa_load_any_net(const char *name_or_path, const struct sa_net_choice *choice,
                               struct sa_net *net, struct sa_notes *notes, struct sa_error *error)
    SA_CHECKED;
#endif
