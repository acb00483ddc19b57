/* Strict YAML on libyaml: see yaml_doc.h. A first pass over the events refuses what we don't use, in
 * linear time and without a tree; what is left is loaded as libyaml's document. */
#include "base/yaml_doc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/file.h"
#include "base/suggest.h"

struct sa_yaml {
  yaml_document_t document;
  char *file; /* owned */
};

/* ---- Reading ---- */

static enum sa_status fail_mark(struct sa_error *error, const char *file, const yaml_mark_t *mark,
                                const char *message) {
  return sa_fail_at(error, SA_ERR_INPUT, file, (int)mark->line + 1, (int)mark->column + 1, "%s",
                    message);
}

static enum sa_status fail_parser(struct sa_error *error, const char *file, const yaml_parser_t *parser) {
  if (parser->error == YAML_MEMORY_ERROR)
    return sa_fail_at(error, SA_ERR_MEMORY, file, 0, 0, "out of memory");
  const char *problem = parser->problem ? parser->problem : "malformed";
  if (parser->error == YAML_READER_ERROR) /* its place is a byte offset */
    return sa_fail_at(error, SA_ERR_INPUT, file, 0, 0, "byte %zu: %s", parser->problem_offset, problem);
  if (parser->context)
    return sa_fail_at(error, SA_ERR_INPUT, file, (int)parser->problem_mark.line + 1,
                      (int)parser->problem_mark.column + 1, "not YAML: %s, %s", parser->context, problem);
  return sa_fail_at(error, SA_ERR_INPUT, file, (int)parser->problem_mark.line + 1,
                    (int)parser->problem_mark.column + 1, "not YAML: %s", problem);
}

/* What of an event is outside our subset; null if nothing. depth and documents are counted here. */
static const char *refuse(const yaml_event_t *event, unsigned *depth, unsigned *documents) {
  const yaml_char_t *anchor = NULL, *tag = NULL;
  switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
      if (++*documents > 1) return "a second document begins; there must be one only";
      return NULL;
    case YAML_ALIAS_EVENT:
      return "aliases (*name) are not allowed";
    case YAML_SCALAR_EVENT:
      anchor = event->data.scalar.anchor;
      tag = event->data.scalar.tag;
      if (strlen((const char *)event->data.scalar.value) != event->data.scalar.length)
        return "a null character is not allowed";
      break;
    case YAML_SEQUENCE_START_EVENT:
      anchor = event->data.sequence_start.anchor;
      tag = event->data.sequence_start.tag;
      ++*depth;
      break;
    case YAML_MAPPING_START_EVENT:
      anchor = event->data.mapping_start.anchor;
      tag = event->data.mapping_start.tag;
      ++*depth;
      break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
      --*depth;
      return NULL;
    default:
      return NULL;
  }
  if (anchor) return "anchors (&name) are not allowed";
  if (tag) return "tags (!name) are not allowed";
  if (*depth > SA_YAML_MAX_DEPTH) return "nested too deeply; at most 64 levels are allowed";
  return NULL;
}

static enum sa_status check_events(const char *file, const char *text, size_t bytes,
                                   struct sa_error *error) {
  yaml_parser_t parser;
  if (!yaml_parser_initialize(&parser))
    return sa_fail_at(error, SA_ERR_MEMORY, file, 0, 0, "out of memory");
  yaml_parser_set_input_string(&parser, (const unsigned char *)text, bytes);
  enum sa_status status = SA_OK;
  unsigned depth = 0, documents = 0;
  bool ended = false;
  while (!status && !ended) {
    yaml_event_t event;
    if (!yaml_parser_parse(&parser, &event)) {
      status = fail_parser(error, file, &parser);
      break;
    }
    const char *message = refuse(&event, &depth, &documents);
    if (message) status = fail_mark(error, file, &event.start_mark, message);
    ended = event.type == YAML_STREAM_END_EVENT;
    yaml_event_delete(&event);
  }
  yaml_parser_delete(&parser);
  if (!status && documents == 0)
    return sa_fail_at(error, SA_ERR_INPUT, file, 0, 0, "the file holds no YAML document");
  return status;
}

static enum sa_status load_document(struct sa_yaml *yaml, const char *text, size_t bytes,
                                    struct sa_error *error) {
  yaml_parser_t parser;
  if (!yaml_parser_initialize(&parser))
    return sa_fail_at(error, SA_ERR_MEMORY, yaml->file, 0, 0, "out of memory");
  yaml_parser_set_input_string(&parser, (const unsigned char *)text, bytes);
  enum sa_status status = SA_OK;
  if (!yaml_parser_load(&parser, &yaml->document)) {
    status = fail_parser(error, yaml->file, &parser);
    memset(&yaml->document, 0, sizeof yaml->document);
  }
  yaml_parser_delete(&parser);
  return status;
}

static int by_text_then_place(const void *a, const void *b) {
  const yaml_node_t *x = *(yaml_node_t *const *)a, *y = *(yaml_node_t *const *)b;
  const int order = strcmp((const char *)x->data.scalar.value, (const char *)y->data.scalar.value);
  if (order) return order;
  return (x->start_mark.index > y->start_mark.index) - (x->start_mark.index < y->start_mark.index);
}

/* Keys of one mapping: scalars, each once. The first wrong key of the file is reported. */
static enum sa_status check_mapping(struct sa_yaml *yaml, yaml_node_t *mapping, struct sa_error *error) {
  const yaml_node_pair_t *pairs = mapping->data.mapping.pairs.start;
  const size_t count = (size_t)(mapping->data.mapping.pairs.top - pairs);
  if (count == 0) return SA_OK;
  yaml_node_t **keys = malloc(count * sizeof *keys);
  if (!keys) return sa_fail_at(error, SA_ERR_MEMORY, yaml->file, 0, 0, "out of memory");
  for (size_t i = 0; i < count; i++) {
    keys[i] = yaml_document_get_node(&yaml->document, pairs[i].key);
    if (keys[i]->type != YAML_SCALAR_NODE) {
      const enum sa_status status =
          fail_mark(error, yaml->file, &keys[i]->start_mark, "a key must be a scalar");
      free(keys);
      return status;
    }
  }
  qsort(keys, count, sizeof *keys, by_text_then_place);
  const yaml_node_t *again = NULL, *first = NULL;
  for (size_t i = 1; i < count; i++) {
    if (strcmp((char *)keys[i]->data.scalar.value, (char *)keys[i - 1]->data.scalar.value) == 0 &&
        (!again || keys[i]->start_mark.index < again->start_mark.index)) {
      first = keys[i - 1];
      again = keys[i];
    }
  }
  enum sa_status status = SA_OK;
  if (again)
    status = sa_fail_at(error, SA_ERR_INPUT, yaml->file, (int)again->start_mark.line + 1,
                        (int)again->start_mark.column + 1,
                        "key \"%.64s\" is given twice; it is already in line %d",
                        (const char *)again->data.scalar.value, (int)first->start_mark.line + 1);
  free(keys);
  return status;
}

static enum sa_status check_mappings(struct sa_yaml *yaml, struct sa_error *error) {
  const size_t count = (size_t)(yaml->document.nodes.top - yaml->document.nodes.start);
  for (size_t i = 0; i < count; i++) {
    yaml_node_t *node = yaml->document.nodes.start + i;
    if (node->type != YAML_MAPPING_NODE) continue;
    const enum sa_status status = check_mapping(yaml, node, error);
    if (status) return status;
  }
  return SA_OK;
}

enum sa_status sa_yaml_parse(const char *name, const char *text, size_t bytes, struct sa_yaml **yaml,
                             struct sa_error *error) {
  if (bytes > SA_YAML_MAX_BYTES)
    return sa_fail_at(error, SA_ERR_LIMIT, name, 0, 0, "the file is too large; at most %u bytes are read",
                      SA_YAML_MAX_BYTES);
  struct sa_yaml *fresh = calloc(1, sizeof *fresh);
  if (fresh) fresh->file = strdup(name);
  if (!fresh || !fresh->file) {
    free(fresh);
    return sa_fail_at(error, SA_ERR_MEMORY, name, 0, 0, "out of memory");
  }
  enum sa_status status = check_events(name, text, bytes, error);
  if (!status) status = load_document(fresh, text, bytes, error);
  if (!status) status = check_mappings(fresh, error);
  if (status) {
    sa_yaml_free(fresh);
    return status;
  }
  *yaml = fresh;
  return SA_OK;
}

enum sa_status sa_yaml_load(const char *path, struct sa_yaml **yaml, struct sa_error *error) {
  char *text;
  size_t bytes;
  enum sa_status status = sa_file_read(path, SA_YAML_MAX_BYTES, &text, &bytes, error);
  if (status) return status;
  status = sa_yaml_parse(path, text, bytes, yaml, error);
  free(text);
  return status;
}

void sa_yaml_free(struct sa_yaml *yaml) {
  if (!yaml) return;
  yaml_document_delete(&yaml->document);
  free(yaml->file);
  free(yaml);
}

/* ---- Walking ---- */

static const yaml_node_t *raw(struct sa_yaml_node node) {
  return node.id > 0 ? node.yaml->document.nodes.start + (node.id - 1) : NULL;
}

struct sa_yaml_node sa_yaml_root(const struct sa_yaml *yaml) {
  return (struct sa_yaml_node){yaml, 1};
}

const char *sa_yaml_file(struct sa_yaml_node node) { return node.yaml->file; }

enum sa_yaml_kind sa_yaml_kind(struct sa_yaml_node node) {
  const yaml_node_t *n = raw(node);
  if (!n) return SA_YAML_NONE;
  switch (n->type) {
    case YAML_SCALAR_NODE: return SA_YAML_SCALAR;
    case YAML_SEQUENCE_NODE: return SA_YAML_SEQUENCE;
    case YAML_MAPPING_NODE: return SA_YAML_MAPPING;
    default: return SA_YAML_NONE;
  }
}

int sa_yaml_line(struct sa_yaml_node node) {
  const yaml_node_t *n = raw(node);
  return n ? (int)n->start_mark.line + 1 : 0;
}

int sa_yaml_column(struct sa_yaml_node node) {
  const yaml_node_t *n = raw(node);
  return n ? (int)n->start_mark.column + 1 : 0;
}

const char *sa_yaml_text(struct sa_yaml_node node) {
  return sa_yaml_kind(node) == SA_YAML_SCALAR ? (const char *)raw(node)->data.scalar.value : "";
}

size_t sa_yaml_count(struct sa_yaml_node node) {
  const yaml_node_t *n = raw(node);
  switch (sa_yaml_kind(node)) {
    case SA_YAML_SEQUENCE: return (size_t)(n->data.sequence.items.top - n->data.sequence.items.start);
    case SA_YAML_MAPPING: return (size_t)(n->data.mapping.pairs.top - n->data.mapping.pairs.start);
    default: return 0;
  }
}

struct sa_yaml_node sa_yaml_item(struct sa_yaml_node sequence, size_t i) {
  return (struct sa_yaml_node){sequence.yaml, raw(sequence)->data.sequence.items.start[i]};
}

struct sa_yaml_node sa_yaml_key(struct sa_yaml_node mapping, size_t i) {
  return (struct sa_yaml_node){mapping.yaml, raw(mapping)->data.mapping.pairs.start[i].key};
}

struct sa_yaml_node sa_yaml_value(struct sa_yaml_node mapping, size_t i) {
  return (struct sa_yaml_node){mapping.yaml, raw(mapping)->data.mapping.pairs.start[i].value};
}

struct sa_yaml_node sa_yaml_get(struct sa_yaml_node mapping, const char *key) {
  const size_t count = sa_yaml_kind(mapping) == SA_YAML_MAPPING ? sa_yaml_count(mapping) : 0;
  for (size_t i = 0; i < count; i++)
    if (strcmp(sa_yaml_text(sa_yaml_key(mapping, i)), key) == 0) return sa_yaml_value(mapping, i);
  return (struct sa_yaml_node){mapping.yaml, 0};
}

/* ---- Checking and typed reading ---- */

enum sa_status sa_yaml_fail(struct sa_yaml_node node, struct sa_error *error, const char *format, ...) {
  char message[sizeof error->message];
  va_list args;
  va_start(args, format);
  vsnprintf(message, sizeof message, format, args);
  va_end(args);
  return sa_fail_at(error, SA_ERR_INPUT, sa_yaml_file(node), sa_yaml_line(node), sa_yaml_column(node),
                    "%s", message);
}

static enum sa_status locate(struct sa_yaml_node node, enum sa_status status, struct sa_error *error) {
  return sa_error_locate(error, status, sa_yaml_file(node), sa_yaml_line(node), sa_yaml_column(node));
}

enum sa_status sa_yaml_expect(struct sa_yaml_node node, enum sa_yaml_kind kind, const char *name,
                              struct sa_error *error) {
  static const char *const names[] = {"absent", "a scalar", "a sequence", "a mapping"};
  if (sa_yaml_kind(node) == kind) return SA_OK;
  return sa_yaml_fail(node, error, "%s must be %s, not %s", name, names[kind], names[sa_yaml_kind(node)]);
}

enum sa_status sa_yaml_check_keys(struct sa_yaml_node mapping, const char *name,
                                  const char *const *known, size_t count, struct sa_error *error) {
  const enum sa_status status = sa_yaml_expect(mapping, SA_YAML_MAPPING, name, error);
  if (status) return status;
  for (size_t i = 0; i < sa_yaml_count(mapping); i++) {
    const struct sa_yaml_node key = sa_yaml_key(mapping, i);
    size_t k = 0;
    while (k < count && strcmp(known[k], sa_yaml_text(key)) != 0) k++;
    if (k < count) continue;
    char hint[128];
    return sa_yaml_fail(key, error, "%s has no key \"%.64s\"%s", name, sa_yaml_text(key),
                        sa_suggest_hint(hint, sizeof hint, sa_yaml_text(key), known, count));
  }
  return SA_OK;
}

enum sa_status sa_yaml_read_quantity(struct sa_yaml_node node, enum sa_dimension dimension,
                                     const char *name, uint64_t min, uint64_t max, uint64_t *value,
                                     struct sa_error *error) {
  enum sa_status status = sa_yaml_expect(node, SA_YAML_SCALAR, name, error);
  if (status) return status;
  uint64_t read;
  status = sa_quantity_parse(dimension, name, sa_yaml_text(node), &read, error);
  if (!status) status = sa_quantity_check(dimension, name, read, min, max, error);
  if (status) return locate(node, status, error);
  *value = read;
  return SA_OK;
}

enum sa_status sa_yaml_read_u32(struct sa_yaml_node node, const char *name, uint32_t min, uint32_t max,
                                uint32_t *value, struct sa_error *error) {
  uint64_t wide;
  const enum sa_status status =
      sa_yaml_read_quantity(node, SA_DIM_COUNT, name, min, max, &wide, error);
  if (!status) *value = (uint32_t)wide;
  return status;
}

enum sa_status sa_yaml_read_bool(struct sa_yaml_node node, const char *name, bool *value,
                                 struct sa_error *error) {
  static const char *const words[] = {"false", "true"};
  size_t index;
  const enum sa_status status = sa_yaml_read_word(node, name, words, 2, &index, error);
  if (!status) *value = index == 1;
  return status;
}

enum sa_status sa_yaml_read_word(struct sa_yaml_node node, const char *name, const char *const *words,
                                 size_t count, size_t *index, struct sa_error *error) {
  const enum sa_status status = sa_yaml_expect(node, SA_YAML_SCALAR, name, error);
  if (status) return status;
  for (size_t i = 0; i < count; i++) {
    if (strcmp(words[i], sa_yaml_text(node)) == 0) {
      *index = i;
      return SA_OK;
    }
  }
  char list[512] = "";
  size_t used = 0;
  for (size_t i = 0; i < count && used < sizeof list; i++)
    used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", words[i]);
  return sa_yaml_fail(node, error, "%s is \"%.64s\"; it must be one of: %s", name, sa_yaml_text(node),
                      list);
}

enum sa_status sa_yaml_read_name(struct sa_yaml_node node, const char *name, char *buffer, size_t size,
                                 struct sa_error *error) {
  const enum sa_status status = sa_yaml_expect(node, SA_YAML_SCALAR, name, error);
  if (status) return status;
  const size_t length = strlen(sa_yaml_text(node));
  if (length == 0) return sa_yaml_fail(node, error, "%s is empty", name);
  if (length >= size)
    return sa_yaml_fail(node, error, "%s has %zu characters; it must have less than %zu", name, length,
                        size);
  memcpy(buffer, sa_yaml_text(node), length + 1);
  return SA_OK;
}
