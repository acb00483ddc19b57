/* Where shipped models (presets, networks) are found. */
#ifndef SA_BASE_MODELS_H
#define SA_BASE_MODELS_H
#include <stddef.h>

#include "base/error.h"

/* Resolves what a user names into a path. A name with a slash, or of a file that exists, is that
 * path. Any other is NAME.yaml (or NAME if it ends so) in the folder `kind` ("arch" or "net") of
 * $SYSTOLE_MODELS if that is set, else of the source tree the program was built from, else of the
 * installed models. Not found: the message has the nearest name there is. */
enum sa_status sa_models_find(const char *kind, const char *name, char *path, size_t size,
                              struct sa_error *error) SA_CHECKED;

/* The same for a name that is never a path: files outside of that folder are not looked for. The name must
 * have no slash. */
enum sa_status sa_models_shipped(const char *kind, const char *name, char *path, size_t size,
                                 struct sa_error *error) SA_CHECKED;

/* The model's name of a path: the last part without ".yaml". */
void sa_models_name(const char *path, char *name, size_t size);

/* Calls visit(user, name) for every model of a kind that sa_models_find would find by name, in
 * alphabetical order. */
enum sa_status sa_models_list(const char *kind, void (*visit)(void *user, const char *name), void *user,
                              struct sa_error *error) SA_CHECKED;
#endif
