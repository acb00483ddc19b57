/* Reading YAML: places, and the exact message for everything that is refused. */
#include <stdio.h>
#include <string.h>

#include "base/yaml_doc.h"
#include "test_main.h"

static struct sa_error error;
static char formatted[2048];

static struct sa_yaml *parse(const char *text) {
  struct sa_yaml *yaml = NULL;
  error = (struct sa_error){0};
  if (sa_yaml_parse("t.yaml", text, strlen(text), &yaml, &error)) ck_abort_msg("%s", error.message);
  return yaml;
}

/* The message with which `text` is refused. */
static const char *refusal(const char *text, size_t bytes) {
  struct sa_yaml *yaml = NULL;
  error = (struct sa_error){0};
  ck_assert_int_ne(sa_yaml_parse("t.yaml", text, bytes, &yaml, &error), SA_OK);
  ck_assert_ptr_null(yaml);
  return sa_error_format(&error, formatted, sizeof formatted);
}

START_TEST(nodes_know_their_place) {
  struct sa_yaml *yaml = parse("# comment\narray:\n  rows: 64\n  list: [a, b]\n");
  const struct sa_yaml_node array = sa_yaml_get(sa_yaml_root(yaml), "array");
  const struct sa_yaml_node rows = sa_yaml_get(array, "rows");
  ck_assert_int_eq(sa_yaml_line(rows), 3);
  ck_assert_int_eq(sa_yaml_column(rows), 9);
  ck_assert_str_eq(sa_yaml_text(rows), "64");
  const struct sa_yaml_node list = sa_yaml_get(array, "list");
  ck_assert_int_eq(sa_yaml_kind(list), SA_YAML_SEQUENCE);
  ck_assert_uint_eq(sa_yaml_count(list), 2);
  ck_assert_str_eq(sa_yaml_text(sa_yaml_item(list, 1)), "b");
  ck_assert_int_eq(sa_yaml_kind(sa_yaml_get(array, "cols")), SA_YAML_NONE);
  ck_assert_str_eq(sa_yaml_text(sa_yaml_get(array, "cols")), "");
  sa_yaml_free(yaml);
}
END_TEST

static const struct {
  const char *text, *message;
} REFUSED[] = {
    {"", "t.yaml: the file holds no YAML document"},
    {"# only a comment\n", "t.yaml: the file holds no YAML document"},
    {"a: 1\na: 2\n", "t.yaml:2:1: key \"a\" is given twice; it is already in line 1"},
    {"a: &x 1\n", "t.yaml:1:4: anchors (&name) are not allowed"},
    {"a: *x\n", "t.yaml:1:4: aliases (*name) are not allowed"},
    {"a: !!int 1\n", "t.yaml:1:4: tags (!name) are not allowed"},
    {"a: 1\n---\nb: 1\n", "t.yaml:2:1: a second document begins; there must be one only"},
    {"[a]: 1\n", "t.yaml:1:1: a key must be a scalar"},
    {"a: \"x\\0y\"\n", "t.yaml:1:4: a null character is not allowed"},
    {"a: [1, 2\nb: 3\n",
     "t.yaml:2:2: not YAML: while parsing a flow sequence, did not find expected ',' or ']'"},
    {"a:\n\tb: 1\n",
     "t.yaml:2:1: not YAML: while scanning for the next token, found character that cannot start any token"},
    {"a: \xff\n", "t.yaml: byte 3: invalid leading UTF-8 octet"},
};

START_TEST(what_is_outside_the_subset_is_refused_with_its_place) {
  ck_assert_str_eq(refusal(REFUSED[_i].text, strlen(REFUSED[_i].text)), REFUSED[_i].message);
}
END_TEST

START_TEST(nesting_is_allowed_up_to_64_levels) {
  char text[2 * (SA_YAML_MAX_DEPTH + 1)];
  memset(text, '[', SA_YAML_MAX_DEPTH);
  memset(text + SA_YAML_MAX_DEPTH, ']', SA_YAML_MAX_DEPTH);
  struct sa_yaml *yaml = NULL;
  ck_assert_int_eq(sa_yaml_parse("t", text, 2 * SA_YAML_MAX_DEPTH, &yaml, &error), SA_OK);
  sa_yaml_free(yaml);
  memset(text, '[', SA_YAML_MAX_DEPTH + 1);
  memset(text + SA_YAML_MAX_DEPTH + 1, ']', SA_YAML_MAX_DEPTH + 1);
  ck_assert_str_eq(refusal(text, sizeof text),
                   "t.yaml:1:65: nested too deeply; at most 64 levels are allowed");
}
END_TEST

START_TEST(the_largest_hostile_files_are_refused_quickly) {
  /* each would take quadratic time or much stack in a reader without limits */
  static const char *const pieces[] = {"[", "{", "- ", "? ", "&a ", "- &a x\n", "- [\n", "a: {b: "};
  char *text = malloc(SA_YAML_MAX_BYTES + 1);
  ck_assert_ptr_nonnull(text);
  const size_t length = strlen(pieces[_i]);
  for (size_t i = 0; i < SA_YAML_MAX_BYTES; i++) text[i] = pieces[_i][i % length];
  refusal(text, SA_YAML_MAX_BYTES);
  free(text);
}
END_TEST

START_TEST(a_file_over_the_size_limit_is_refused) {
  char *text = calloc(1, SA_YAML_MAX_BYTES + 1);
  ck_assert_ptr_nonnull(text);
  ck_assert_str_eq(refusal(text, SA_YAML_MAX_BYTES + 1),
                   "t.yaml: the file is too large; at most 4194304 bytes are read");
  ck_assert_int_eq(error.status, SA_ERR_LIMIT);
  free(text);
}
END_TEST

START_TEST(a_missing_file_is_an_io_error) {
  struct sa_yaml *yaml = NULL;
  ck_assert_int_eq(sa_yaml_load("no/such.yaml", &yaml, &error), SA_ERR_IO);
  ck_assert_str_eq(sa_error_format(&error, formatted, sizeof formatted),
                   "no/such.yaml: cannot open: No such file or directory");
}
END_TEST

START_TEST(an_unknown_key_names_the_nearest_known_one) {
  static const char *const known[] = {"rows", "cols"};
  struct sa_yaml *yaml = parse("array:\n  rowz: 1\n");
  const struct sa_yaml_node array = sa_yaml_get(sa_yaml_root(yaml), "array");
  ck_assert_int_eq(sa_yaml_check_keys(array, "array", known, 2, &error), SA_ERR_INPUT);
  ck_assert_str_eq(sa_error_format(&error, formatted, sizeof formatted),
                   "t.yaml:2:3: array has no key \"rowz\"; did you mean \"rows\"?");
  sa_yaml_free(yaml);
}
END_TEST

START_TEST(typed_readers_accept_exactly_their_type) {
  struct sa_yaml *yaml = parse("n: 12\nb: true\nw: two\ns: hello\nm: {}\nbw: 34 GB/s\nz: 0\n");
  const struct sa_yaml_node root = sa_yaml_root(yaml);
  static const char *const words[] = {"one", "two"};
  uint32_t n = 0;
  bool b = false;
  size_t w = 0;
  char s[6];
  uint64_t rate = 0;
  ck_assert_int_eq(sa_yaml_read_u32(sa_yaml_get(root, "n"), "n", 1, 12, &n, &error), SA_OK);
  ck_assert_uint_eq(n, 12);
  ck_assert_int_eq(sa_yaml_read_bool(sa_yaml_get(root, "b"), "b", &b, &error), SA_OK);
  ck_assert(b);
  ck_assert_int_eq(sa_yaml_read_word(sa_yaml_get(root, "w"), "w", words, 2, &w, &error), SA_OK);
  ck_assert_uint_eq(w, 1);
  ck_assert_int_eq(sa_yaml_read_name(sa_yaml_get(root, "s"), "s", s, sizeof s, &error), SA_OK);
  ck_assert_str_eq(s, "hello");
  ck_assert_int_eq(sa_yaml_read_quantity(sa_yaml_get(root, "bw"), SA_DIM_RATE, "bw", 1, UINT64_MAX, &rate,
                                         &error), SA_OK);
  ck_assert_uint_eq(rate, UINT64_C(34000000000));

  ck_assert_int_ne(sa_yaml_read_u32(sa_yaml_get(root, "z"), "array.rows", 1, 512, &n, &error), SA_OK);
  ck_assert_str_eq(sa_error_format(&error, formatted, sizeof formatted),
                   "t.yaml:7:4: array.rows is 0; it must be between 1 and 512");
  error = (struct sa_error){0};
  ck_assert_int_ne(sa_yaml_read_u32(sa_yaml_get(root, "m"), "m", 1, 12, &n, &error), SA_OK);
  ck_assert_str_eq(error.message, "m must be a scalar, not a mapping");
  ck_assert_int_ne(sa_yaml_read_bool(sa_yaml_get(root, "n"), "n", &b, &error), SA_OK);
  ck_assert_str_eq(error.message, "n is \"12\"; it must be one of: false, true");
  ck_assert_int_ne(sa_yaml_read_name(sa_yaml_get(root, "s"), "s", s, 5, &error), SA_OK);
  ck_assert_str_eq(error.message, "s has 5 characters; it must have less than 5");
  sa_yaml_free(yaml);
}
END_TEST

static Suite *suite(void) {
  Suite *s = suite_create("yaml_doc");
  TCase *c = tcase_create("yaml_doc");
  tcase_add_test(c, nodes_know_their_place);
  tcase_add_loop_test(c, what_is_outside_the_subset_is_refused_with_its_place, 0,
                      (int)(sizeof REFUSED / sizeof REFUSED[0]));
  tcase_add_test(c, nesting_is_allowed_up_to_64_levels);
  tcase_add_loop_test(c, the_largest_hostile_files_are_refused_quickly, 0, 8);
  tcase_add_test(c, a_file_over_the_size_limit_is_refused);
  tcase_add_test(c, a_missing_file_is_an_io_error);
  tcase_add_test(c, an_unknown_key_names_the_nearest_known_one);
  tcase_add_test(c, typed_readers_accept_exactly_their_type);
  suite_add_tcase(s, c);
  return s;
}

SA_TEST_MAIN(suite)
