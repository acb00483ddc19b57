/* The data and the frame of a report's page; what a browser makes of it is tests/check-page's. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "net/net_yaml.h"
#include "page/assets.h"
#include "page/page.h"
#include "page/run_data.h"
#include "run_cli.h"
#include "test_main.h"

/* The page as text; the caller frees it. */
static char *page_text(enum sa_page_kind kind, const char *title, const json_t *data) {
  char *text = NULL;
  size_t bytes = 0;
  struct sa_error error = {0};
  FILE *out = open_memstream(&text, &bytes);
  ck_assert_ptr_nonnull(out);
  ck_assert_msg(sa_page_write(kind, title, data, out, &error) == SA_OK, "%s", error.message);
  fclose(out);
  return text;
}

static size_t count_of(const char *text, const char *part) {
  size_t count = 0;
  for (const char *at = text; (at = strstr(at, part)); at += strlen(part)) count++;
  return count;
}

/* The embedded data, parsed. */
static json_t *page_data(const char *text) {
  const char *begin = strstr(text, "id=\"data\">");
  ck_assert_ptr_nonnull(begin);
  begin += strlen("id=\"data\">");
  const char *end = strstr(begin, "</script>");
  ck_assert_ptr_nonnull(end);
  json_error_t error;
  json_t *data = json_loadb(begin, (size_t)(end - begin), 0, &error);
  ck_assert_msg(data, "%s", error.text);
  return data;
}

START_TEST(no_text_can_leave_its_place) {
  static const char nasty[] = "</script><script>alert(1)</script><!--\x01\xe2\x80\xa8&amp;\"'\\";
  json_t *data = json_pack("{s:o}", "name", sa_page_text(nasty)), *nothing = json_object();
  char *text = page_text(SA_PAGE_RUN, nasty, data), *plain = page_text(SA_PAGE_RUN, "x", nothing);
  ck_assert_uint_eq(count_of(text, "</script>"), count_of(plain, "</script>"));
  ck_assert_uint_eq(count_of(text, "<script"), count_of(plain, "<script"));
  ck_assert_ptr_nonnull(strstr(text, "<title>&lt;/script&gt;&lt;script&gt;alert(1)"));
  ck_assert_ptr_null(strstr(strstr(text, "id=\"data\">"), "\xe2\x80\xa8"));
  json_t *back = page_data(text);
  ck_assert_str_eq(json_string_value(json_object_get(back, "name")), nasty);
  json_decref(back);
  json_decref(data);
  json_decref(nothing);
  free(text);
  free(plain);
}
END_TEST

START_TEST(bytes_that_are_no_text_become_question_marks) {
  static const struct { const char *text, *clean; } cases[] = {
      {"plain", "plain"}, {"\xc3\xa4", "\xc3\xa4"}, {"a\xff" "b", "a?b"}, {"\xc3", "?"}, {"\xc0\x80", "??"},
      {"\xed\xa0\x80", "???"}, {"\xe0\x80\x80", "???"}, {"\xf4\x90\x80\x80", "????"}, {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    json_t *json = sa_page_text(cases[i].text);
    ck_assert_str_eq(json_string_value(json), cases[i].clean);
    json_decref(json);
  }
}
END_TEST

START_TEST(a_page_names_no_address_outside) {
  for (size_t i = 0; i < sa_asset_count; i++) {
    char *text = strndup((const char *)sa_assets[i].bytes, sa_assets[i].count);
    for (const char *at = text; (at = strstr(at, "://")); at++) /* the name of a namespace is fetched by nobody */
      ck_assert_msg(strncmp(at, "://www.w3.org/2000/svg", 22) == 0, "%s: %.60s", sa_assets[i].name, at - 5);
    ck_assert_msg(!strstr(text, "</script") && !strstr(text, "innerHTML") && !strstr(text, "@import") && !strstr(text, "eval("),
                  "%s", sa_assets[i].name);
    free(text);
  }
}
END_TEST

/* ---- The timeline ---- */

static struct sa_instr_event event(enum sa_unit unit, const struct sa_instr *instr, uint64_t start, uint64_t end,
                                   uint32_t layer) {
  return (struct sa_instr_event){.unit = unit, .instr = instr, .layer = layer, .start = start, .end = end};
}

static json_t *timeline_json(struct sa_timeline *timeline, uint64_t cycles, uint32_t layers, uint64_t first, uint64_t last) {
  json_t *json = NULL;
  struct sa_error error = {0};
  ck_assert_msg(sa_timeline_json(timeline, cycles, layers, first, last, &json, &error) == SA_OK, "%s", error.message);
  return json;
}

static long long number(const json_t *array, size_t i) { return json_integer_value(json_array_get(array, i)); }

START_TEST(a_short_timeline_is_kept_cycle_by_cycle) {
  const struct sa_instr load = {.opcode = SA_OP_LOAD}, matmul = {.opcode = SA_OP_MATMUL};
  struct sa_engine_options options = {0};
  struct sa_timeline *timeline = sa_timeline_create();
  sa_timeline_attach(timeline, &options);
  const struct sa_instr_event events[] = {event(SA_LOAD, &load, 0, 3, 0), event(SA_LOAD, &load, 2, 5, 1),
                                          event(SA_MATMUL, &matmul, 4, 9, 1), event(SA_MATMUL, &matmul, 6, 7, 1)};
  for (size_t i = 0; i < 4; i++) options.on_instr(options.user, &events[i]);
  json_t *json = timeline_json(timeline, 10, 3, 0, UINT64_MAX);
  json_t *busy = json_object_get(json, "busy"), *window = json_object_get(json, "window");
  ck_assert_int_eq(json_integer_value(json_object_get(busy, "width")), 1);
  const json_t *shares = json_object_get(busy, "shares");
  ck_assert_str_eq(json_string_value(json_array_get(shares, SA_LOAD)), "______0000");
  ck_assert_str_eq(json_string_value(json_array_get(shares, SA_MATMUL)), "0000______");
  ck_assert_str_eq(json_string_value(json_array_get(shares, SA_VECTOR)), "0000000000");
  const json_t *items = json_object_get(window, "items");
  ck_assert_uint_eq(json_array_size(items), 20);
  static const int expected[] = {SA_LOAD, -1, 0, 0, 4, SA_LOAD, -1, 1, 2, 4, SA_MATMUL, -1, 1, 2, 6, SA_MATMUL, -1, 1, 2, 2};
  for (size_t i = 0; i < 20; i++)
    if (expected[i] >= 0) ck_assert_int_eq(number(items, i), expected[i]);
  ck_assert_str_eq(json_string_value(json_array_get(json_object_get(window, "instructions"), (size_t)number(items, 11))), "MATMUL");
  /* the span of layer 1 is that of its MATMULs; layer 2 has nothing */
  const json_t *layers = json_object_get(json, "layers");
  ck_assert_int_eq(number(json_array_get(layers, 0), 0), 0);
  ck_assert_int_eq(number(json_array_get(layers, 1), 0), 4);
  ck_assert_int_eq(number(json_array_get(layers, 1), 1), 9);
  ck_assert(json_is_null(json_array_get(layers, 2)));
  json_decref(json);
  sa_timeline_free(timeline);
}
END_TEST

START_TEST(a_long_timeline_stays_small) {
  const struct sa_instr vector = {.opcode = SA_OP_VMOV};
  struct sa_engine_options options = {0};
  struct sa_timeline *timeline = sa_timeline_create();
  sa_timeline_attach(timeline, &options);
  enum { COUNT = 1000000, STEP = 1000 };
  for (uint64_t i = 0; i < COUNT; i++) {
    const struct sa_instr_event e = event(SA_VECTOR, &vector, i * STEP, i * STEP + STEP / 2 - 1, 0);
    options.on_instr(options.user, &e);
  }
  json_t *json = timeline_json(timeline, (uint64_t)COUNT * STEP, 1, 5 * STEP, UINT64_MAX);
  char *text = json_dumps(json, JSON_COMPACT);
  ck_assert_uint_lt(strlen(text), 600000);
  free(text);
  const json_t *window = json_object_get(json, "window"), *busy = json_object_get(json, "busy");
  ck_assert_uint_eq(json_array_size(json_object_get(window, "items")), 5 * (size_t)SA_TIMELINE_INSTRUCTIONS);
  ck_assert_int_eq(json_integer_value(json_object_get(window, "last")), (5LL + SA_TIMELINE_INSTRUCTIONS) * STEP - 1);
  const char *shares = json_string_value(json_array_get(json_object_get(busy, "shares"), SA_VECTOR));
  ck_assert_uint_le(strlen(shares), SA_TIMELINE_BINS);
  for (const char *share = shares; *share; share++) /* half of 63, rounded, give or take a part of an instruction */
    ck_assert_msg(*share >= 'v' && *share <= 'w', "%c", *share);
  json_decref(json);
  sa_timeline_free(timeline);
}
END_TEST

START_TEST(a_window_behind_the_end_is_refused) {
  struct sa_timeline *timeline = sa_timeline_create();
  struct sa_error error = {0};
  json_t *json;
  ck_assert_int_eq(sa_timeline_json(timeline, 100, 1, 100, 200, &json, &error), SA_ERR_INPUT);
  ck_assert_str_eq(error.message, "the window begins in cycle 100; the run has 100 cycles");
  sa_timeline_free(timeline);
}
END_TEST

/* ---- Whole pages, by the program ---- */

static char *read_page(const char *path) {
  FILE *file = fopen(path, "r");
  ck_assert_ptr_nonnull(file);
  char *text = calloc(1, 1 << 23);
  ck_assert_uint_gt(fread(text, 1, (1 << 23) - 1, file), 0);
  fclose(file);
  unlink(path);
  return text;
}

static double sum_of(const json_t *data, const char *key) {
  double sum = 0;
  size_t column = 0;
  while (strcmp(json_string_value(json_object_get(json_array_get(json_object_get(data, "columns"), column), "key")), key) != 0)
    column++;
  const json_t *rows = json_object_get(data, "rows");
  for (size_t i = 0; i < json_array_size(rows); i++) sum += json_number_value(json_array_get(json_array_get(rows, i), column));
  return sum - json_number_value(json_array_get(json_object_get(data, "total"), column));
}

START_TEST(a_runs_page_holds_the_whole_report) {
  struct cli_result result;
  run_cli("report array8 kws-dscnn --batch 2 -o test_page.html", &result);
  ck_assert_msg(result.status == 0, "%s", result.errors);
  char *text = read_page("test_page.html");
  json_t *data = page_data(text);
  ck_assert(sum_of(data, "cycles") == 0);
  ck_assert(sum_of(data, "cycles_weight_stall") == 0);
  ck_assert(sum_of(data, "macs") == 0);
  const json_t *rows = json_object_get(data, "rows"), *numbers = json_object_get(data, "row_layers"),
               *layers = json_object_get(data, "layers");
  for (size_t i = 0; i < json_array_size(rows); i++) { /* each row finds its layer, and its mapping */
    const json_t *layer = json_array_get(layers, (size_t)number(numbers, i));
    ck_assert_str_eq(json_string_value(json_object_get(layer, "name")), json_string_value(json_array_get(json_array_get(rows, i), 0)));
    ck_assert_uint_gt(json_array_size(json_object_get(layer, "ops")), 0);
  }
  ck_assert_uint_eq(json_array_size(json_object_get(data, "wavefronts")), 3);
  ck_assert_str_eq(json_string_value(json_object_get(data, "command")), "systole report array8 kws-dscnn --output test_page.html --batch 2");
  json_decref(data);
  free(text);
}
END_TEST

START_TEST(large_networks_make_pages_below_five_megabytes) {
  struct cli_result result;
  run_cli("report tpu-v1 bert-large --set seq=512 -o test_page.html", &result);
  ck_assert_msg(result.status == 0, "%s", result.errors);
  char *text = read_page("test_page.html");
  ck_assert_uint_lt(strlen(text), 5000000);
  free(text);
}
END_TEST

static void expect_failure(const char *arguments, const char *message) {
  struct cli_result result;
  run_cli(arguments, &result);
  ck_assert_int_eq(result.status, 2);
  ck_assert_msg(strstr(result.errors, message), "%s: %s", arguments, result.errors);
  ck_assert_int_ne(access("test_page.html", F_OK), 0);
}

START_TEST(mistakes_are_named_and_leave_no_page) {
  expect_failure("report array8 kws-dscnn -o test_page.html --window 5", "--window is \"5\"; it must be FIRST:LAST, two cycles");
  expect_failure("report array8 kws-dscnn -o test_page.html --window 9:5", "it must be FIRST:LAST");
  expect_failure("report array8 kws-dscnn -o test_page.html --window 99999999:999999990", "the window begins in cycle 99999999");
  expect_failure("report array8 kws-dscnn -o test_page.html --where 1", "--where belongs to a sweep's store");
  expect_failure("report array8 kws-dscnn -o test_page.html --baseline nothing.json", "nothing.json");
  expect_failure("report nothing.db -o test_page.html", "nothing.db: there is no such store");
  expect_failure("report nothing.db -o test_page.html --batch 2", "--batch belongs to CONFIG NETWORK");
  expect_failure("report array8 kws-dscnn -o nowhere/test_page.html", "nowhere/test_page.html: cannot write");
}
END_TEST

START_TEST(a_sweeps_page_holds_its_points_and_those_refused) {
  struct cli_result result;
  FILE *file = fopen("test_page.yaml", "w");
  fputs("config: array8\nnetworks: [lenet5]\nparameters:\n  array.rows: [4, 8]\n  array.cols: [4, 8]\n"
        "  unified_buffer.size: [64 B, 64 KiB]\n", file);
  fclose(file);
  unlink("test_page.db");
  run_cli("sweep test_page.yaml -o test_page.db", &result);
  ck_assert_msg(result.status == 0, "%s", result.errors);
  run_cli("report test_page.db -o test_page.html", &result);
  ck_assert_msg(result.status == 0, "%s", result.errors);
  char *text = read_page("test_page.html");
  json_t *data = page_data(text);
  ck_assert_uint_eq(json_array_size(json_object_get(json_object_get(data, "points"), "rows")), 4);
  ck_assert_uint_eq(json_array_size(json_object_get(json_object_get(data, "refused"), "rows")), 4);
  json_decref(data);
  free(text);
  run_cli("report test_page.db --where 'array_rows = 8' -o test_page.html", &result);
  ck_assert_msg(result.status == 0, "%s", result.errors);
  text = read_page("test_page.html");
  data = page_data(text);
  ck_assert_uint_eq(json_array_size(json_object_get(json_object_get(data, "points"), "rows")), 2);
  json_decref(data);
  free(text);
  expect_failure("report test_page.db --where 'cycles < 0' -o test_page.html", "has no simulated point for which --where holds");
  expect_failure("report test_page.db --where 'cycels < 0' -o test_page.html", "cycels");
  unlink("test_page.db");
  unlink("test_page.yaml");
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("page");
  TCase *tcase = tcase_create("page");
  tcase_set_timeout(tcase, 60);
  tcase_add_test(tcase, no_text_can_leave_its_place);
  tcase_add_test(tcase, bytes_that_are_no_text_become_question_marks);
  tcase_add_test(tcase, a_page_names_no_address_outside);
  tcase_add_test(tcase, a_short_timeline_is_kept_cycle_by_cycle);
  tcase_add_test(tcase, a_long_timeline_stays_small);
  tcase_add_test(tcase, a_window_behind_the_end_is_refused);
  tcase_add_test(tcase, a_runs_page_holds_the_whole_report);
  tcase_add_test(tcase, large_networks_make_pages_below_five_megabytes);
  tcase_add_test(tcase, mistakes_are_named_and_leave_no_page);
  tcase_add_test(tcase, a_sweeps_page_holds_its_points_and_those_refused);
  suite_add_tcase(suite, tcase);
  return suite;
}

SA_TEST_MAIN(make_suite)
