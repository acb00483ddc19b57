/* Strict YAML: one document of plain mappings, sequences and scalars, every node with its place.
 * Refused with a message: files over SA_YAML_MAX_BYTES, nesting over SA_YAML_MAX_DEPTH, anchors,
 * aliases, tags, more than one document, keys that are no scalars, duplicate keys, null bytes.
 * Values stay text: a reader asks for what its schema says and gets it exactly or an error. */
#ifndef SA_BASE_YAML_DOC_H
#define SA_BASE_YAML_DOC_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/units.h"

#define SA_YAML_MAX_BYTES (4u << 20)
#define SA_YAML_MAX_DEPTH 64

struct sa_yaml; /* a document */

enum sa_yaml_kind { SA_YAML_NONE, SA_YAML_SCALAR, SA_YAML_SEQUENCE, SA_YAML_MAPPING };

/* A node, passed by value; id 0: no node (kind SA_YAML_NONE). Valid as long as its document. */
struct sa_yaml_node {
  const struct sa_yaml *yaml;
  int id;
};

/* Reads a file. The caller frees *yaml. */
enum sa_status sa_yaml_load(const char *path, struct sa_yaml **yaml, struct sa_error *error) SA_CHECKED;
/* Reads text in memory; `name` stands for the file in messages. */
enum sa_status sa_yaml_parse(const char *name, const char *text, size_t bytes, struct sa_yaml **yaml,
                             struct sa_error *error) SA_CHECKED;
void sa_yaml_free(struct sa_yaml *yaml);

struct sa_yaml_node sa_yaml_root(const struct sa_yaml *yaml);
const char *sa_yaml_file(struct sa_yaml_node node);
enum sa_yaml_kind sa_yaml_kind(struct sa_yaml_node node);
int sa_yaml_line(struct sa_yaml_node node);   /* from 1 */
int sa_yaml_column(struct sa_yaml_node node); /* from 1 */

/* Text of a scalar, "" of anything else. */
const char *sa_yaml_text(struct sa_yaml_node node);
/* Items of a sequence, pairs of a mapping, 0 of anything else. */
size_t sa_yaml_count(struct sa_yaml_node node);
/* Item i of a sequence; key and value of pair i of a mapping, in the order of the file. */
struct sa_yaml_node sa_yaml_item(struct sa_yaml_node sequence, size_t i);
struct sa_yaml_node sa_yaml_key(struct sa_yaml_node mapping, size_t i);
struct sa_yaml_node sa_yaml_value(struct sa_yaml_node mapping, size_t i);
/* Value under a key, or no node. */
struct sa_yaml_node sa_yaml_get(struct sa_yaml_node mapping, const char *key);

/* Fails with the node's place. */
enum sa_status sa_yaml_fail(struct sa_yaml_node node, struct sa_error *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* `array must be a mapping, not a scalar` */
enum sa_status sa_yaml_expect(struct sa_yaml_node node, enum sa_yaml_kind kind, const char *name,
                              struct sa_error *error) SA_CHECKED;
/* Every key of the mapping must be one of `known`: `tpu.yaml:4:3: array has no key "rowz"; did you
 * mean "rows"?` */
enum sa_status sa_yaml_check_keys(struct sa_yaml_node mapping, const char *name,
                                  const char *const *known, size_t count, struct sa_error *error)
    SA_CHECKED;

/* Typed readers of a scalar; `name` begins the message: `array.rows is 0; it must be between 1 and
 * 512`. A node that is no scalar is an error. */
enum sa_status sa_yaml_read_quantity(struct sa_yaml_node node, enum sa_dimension dimension,
                                     const char *name, uint64_t min, uint64_t max, uint64_t *value,
                                     struct sa_error *error) SA_CHECKED;
/* A whole number without unit. */
enum sa_status sa_yaml_read_u32(struct sa_yaml_node node, const char *name, uint32_t min, uint32_t max,
                                uint32_t *value, struct sa_error *error) SA_CHECKED;
/* true or false. */
enum sa_status sa_yaml_read_bool(struct sa_yaml_node node, const char *name, bool *value,
                                 struct sa_error *error) SA_CHECKED;
/* Position of the text in `words`; else an error that lists them all. */
enum sa_status sa_yaml_read_word(struct sa_yaml_node node, const char *name, const char *const *words,
                                 size_t count, size_t *index, struct sa_error *error) SA_CHECKED;
/* Non-empty text shorter than size. */
enum sa_status sa_yaml_read_name(struct sa_yaml_node node, const char *name, char *buffer, size_t size,
                                 struct sa_error *error) SA_CHECKED;
#endif
