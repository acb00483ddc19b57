/* Where shipped models are found: see models.h. */
#include "base/models.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/suggest.h"
#include "base/vec.h"

static const char SUFFIX[] = ".yaml";

static int ends_with(const char *text, const char *end) {
  const size_t length = strlen(text), end_length = strlen(end);
  return length > end_length && strcmp(text + length - end_length, end) == 0;
}

/* Joins into path; 0 if it doesn't fit. */
static int join(char *path, size_t size, const char *folder, const char *kind, const char *name,
                const char *suffix) {
  const int length = snprintf(path, size, "%s/%s/%s%s", folder, kind, name, suffix);
  return length >= 0 && (size_t)length < size;
}

/* The folder that holds `kind`: of the environment, the source tree or the installation. */
static const char *models_folder(const char *kind) {
  const char *chosen = getenv("SYSTOLE_MODELS");
  if (chosen && chosen[0]) return chosen;
  char path[4096];
  if (join(path, sizeof path, SA_SOURCE_MODELS, kind, "", "") && access(path, R_OK) == 0)
    return SA_SOURCE_MODELS;
  return SA_INSTALLED_MODELS;
}

struct names {
  char **items; /* owned, each too */
  size_t count, capacity;
};

static void names_release(struct names *names) {
  for (size_t i = 0; i < names->count; i++) free(names->items[i]);
  free(names->items);
}

static int by_text(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All models of a kind, sorted; none if the folder is missing. */
static enum sa_status list(const char *kind, struct names *names, struct sa_error *error) {
  char path[4096];
  *names = (struct names){0};
  DIR *dir = join(path, sizeof path, models_folder(kind), kind, "", "") ? opendir(path) : NULL;
  if (!dir) return SA_OK;
  enum sa_status status = SA_OK;
  for (const struct dirent *entry; !status && (entry = readdir(dir));) {
    if (!ends_with(entry->d_name, SUFFIX) || entry->d_name[0] == '.') continue;
    char **grown = sa_vec_grow(names->items, &names->capacity, names->count + 1, sizeof *names->items);
    if (grown) names->items = grown;
    char *name = grown ? strndup(entry->d_name, strlen(entry->d_name) - strlen(SUFFIX)) : NULL;
    if (name)
      names->items[names->count++] = name;
    else
      status = sa_fail(error, SA_ERR_MEMORY, "out of memory");
  }
  closedir(dir);
  if (names->count) qsort(names->items, names->count, sizeof *names->items, by_text);
  return status;
}

static enum sa_status not_found(const char *kind, const char *name, struct sa_error *error) {
  struct names names;
  enum sa_status status = list(kind, &names, error);
  if (!status) {
    char hint[320];
    sa_suggest_hint(hint, sizeof hint, name, (const char *const *)names.items, names.count);
    status = sa_fail(error, SA_ERR_INPUT, "\"%.200s\" is neither a file nor one of the models in %.300s/%s%s",
                     name, models_folder(kind), kind, hint);
  }
  names_release(&names);
  return status;
}

enum sa_status sa_models_find(const char *kind, const char *name, char *path, size_t size,
                              struct sa_error *error) {
  if (strlen(name) >= size)
    return sa_fail(error, SA_ERR_INPUT, "the path has %zu characters; it must have less than %zu",
                   strlen(name), size);
  struct stat info;
  const int is_file = stat(name, &info) == 0 && !S_ISDIR(info.st_mode);
  if (strchr(name, '/') || is_file) {
    memcpy(path, name, strlen(name) + 1);
    return SA_OK;
  }
  return sa_models_shipped(kind, name, path, size, error);
}

enum sa_status sa_models_shipped(const char *kind, const char *name, char *path, size_t size,
                                 struct sa_error *error) {
  const char *suffix = ends_with(name, SUFFIX) ? "" : SUFFIX;
  if (join(path, size, models_folder(kind), kind, name, suffix) && access(path, F_OK) == 0)
    return SA_OK;
  return not_found(kind, name, error);
}

void sa_models_name(const char *path, char *name, size_t size) {
  const char *slash = strrchr(path, '/');
  const char *last = slash ? slash + 1 : path;
  const size_t length = strlen(last) - (ends_with(last, SUFFIX) ? strlen(SUFFIX) : 0);
  snprintf(name, size, "%.*s", (int)(length < size ? length : size - 1), last);
}

enum sa_status sa_models_list(const char *kind, void (*visit)(void *user, const char *name), void *user,
                              struct sa_error *error) {
  struct names names;
  const enum sa_status status = list(kind, &names, error);
  for (size_t i = 0; !status && i < names.count; i++) visit(user, names.items[i]);
  names_release(&names);
  return status;
}
