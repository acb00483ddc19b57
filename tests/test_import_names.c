/* Names of foreign files come out safe and unique; notes stay printable and bounded. */
#include <check.h>
#include <string.h>

#include "import/names.h"
#include "import/notes.h"
#include "test_main.h"

static const char *clean(const char *text) {
  static char out[SA_NAME_CHARS];
  sa_name_clean(text, strlen(text), "layer", out);
  return out;
}

START_TEST(paths_become_dotted_names) {
  ck_assert_str_eq(clean("/layer1/layer1.0/conv1/Conv"), "layer1.layer1.0.conv1.Conv");
  ck_assert_str_eq(clean("../../etc/passwd"), "etc.passwd");
  ck_assert_str_eq(clean("onnx::MatMul_12"), "onnx.MatMul_12");
}
END_TEST

START_TEST(hostile_bytes_become_underscores) {
  ck_assert_str_eq(clean("a\x1b[31mb\n\"'{}$`;"), "a__31mb________");
  ck_assert_str_eq(clean("caf\xc3\xa9"), "caf__");
  ck_assert_str_eq(clean("-rf"), "_-rf");
  ck_assert_str_eq(clean("1"), "_1");
  ck_assert_str_eq(clean(""), "layer");
  ck_assert_str_eq(clean(" ./ "), "layer");
  ck_assert_str_eq(clean("prev"), "prev_"); /* network files give these two a meaning */
  ck_assert_str_eq(clean("/entry"), "entry_");
}
END_TEST

START_TEST(of_a_long_name_the_tail_stays) {
  char text[200];
  memset(text, 'a', sizeof text);
  strcpy(text + 100, "/tail");
  char out[SA_NAME_CHARS];
  sa_name_clean(text, strlen(text), "layer", out);
  ck_assert_uint_eq(strlen(out), SA_NAME_CHARS - 1);
  ck_assert_str_eq(out + SA_NAME_CHARS - 1 - 5, ".tail");
  memset(text, '1', sizeof text);
  sa_name_clean(text, sizeof text, "layer", out);
  ck_assert_uint_eq(strlen(out), SA_NAME_CHARS - 1);
  ck_assert_int_eq(out[0], '_');
}
END_TEST

START_TEST(equal_names_are_numbered) {
  struct sa_name_table names;
  sa_name_table_init(&names);
  char out[SA_NAME_CHARS];
  struct sa_error error;
  const char *const given[] = {"a", "a", "a_2", "a", "a/"};
  const char *const want[] = {"a", "a_2", "a_2_2", "a_3", "a_4"};
  for (int i = 0; i < 5; i++) {
    ck_assert_int_eq(sa_name_table_make(&names, given[i], strlen(given[i]), "layer", out, &error), SA_OK);
    ck_assert_str_eq(out, want[i]);
  }
  sa_name_table_release(&names);
}
END_TEST

START_TEST(a_hundred_thousand_equal_names_take_no_quadratic_time) {
  struct sa_name_table names;
  sa_name_table_init(&names);
  char out[SA_NAME_CHARS], text[100];
  struct sa_error error;
  memset(text, 'x', sizeof text);
  for (int i = 0; i < 100000; i++)
    ck_assert_int_eq(sa_name_table_make(&names, text, sizeof text, "layer", out, &error), SA_OK);
  ck_assert_str_eq(out + SA_NAME_CHARS - 1 - 8, "x_100000");
  ck_assert_uint_eq(names.count, 100000);
  sa_name_table_release(&names);
}
END_TEST

START_TEST(notes_are_printable_and_end_at_a_hundred) {
  struct sa_notes notes;
  sa_notes_init(&notes);
  sa_notes_add(&notes, "key '%s'", "\x1b[2J\xff");
  ck_assert_str_eq(notes.lines[0], "key '?[2J?'");
  sa_notes_add(&notes, "key '%s'", "?[2J?"); /* alike: counted */
  ck_assert_uint_eq(notes.count, 1);
  ck_assert_uint_eq(notes.times[0], 2);
  for (int i = 0; i < 150; i++) sa_notes_add(&notes, "%d", i);
  ck_assert_uint_eq(notes.count, SA_NOTES_MAX);
  ck_assert_uint_eq(notes.dropped, 51);
  sa_notes_release(&notes);
  sa_notes_add(NULL, "nothing");
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("import names");
  TCase *tests = tcase_create("names and notes");
  tcase_add_test(tests, paths_become_dotted_names);
  tcase_add_test(tests, hostile_bytes_become_underscores);
  tcase_add_test(tests, of_a_long_name_the_tail_stays);
  tcase_add_test(tests, equal_names_are_numbered);
  tcase_add_test(tests, a_hundred_thousand_equal_names_take_no_quadratic_time);
  tcase_add_test(tests, notes_are_printable_and_end_at_a_hundred);
  suite_add_tcase(suite, tests);
  return suite;
}
SA_TEST_MAIN(make_suite)
