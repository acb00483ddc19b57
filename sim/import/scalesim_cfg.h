/* SCALE-Sim's config files (v1, v2, v3): INI, `key : value` or `key = value`, keys without letter case,
 * in any section. Read into a machine of ours; docs/import.md says what becomes of each key and why.
 * SCALE-Sim has no clock: cycles mean the same here, seconds are told for 1 GHz. */
#ifndef SA_IMPORT_SCALESIM_CFG_H
#define SA_IMPORT_SCALESIM_CFG_H
#include "import/closed_form.h"
#include "import/notes.h"
#include "machine/config.h"

#define SA_SCALESIM_CLOCK_HZ UINT64_C(1000000000)

/* Reads the file. *config gets every parameter (sa_config_finish is still the caller's to call);
 * *dataflow what the file names, which the closed form uses: the machine itself is weight stationary.
 * Keys without effect, unknown keys, rounded sizes and another dataflow are told in *notes (may be
 * null). Errors name file, line and key. */
enum sa_status sa_scalesim_cfg_read(const char *path, struct sa_config *config,
                                    enum sa_dataflow *dataflow, struct sa_notes *notes,
                                    struct sa_error *error) SA_CHECKED;
#endif
