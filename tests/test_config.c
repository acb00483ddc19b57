/* The machine's config: the table of parameters, defaults, every rule with its exact message. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/models.h"
#include "base/rng.h"
#include "machine/config.h"
#include "machine/params.h"
#include "test_main.h"

static struct sa_error error;
static char formatted[2048];

static const char *message(void) { return sa_error_format(&error, formatted, sizeof formatted); }

/* A small legal machine, not finished. */
static struct sa_config small(void) {
  struct sa_config config = {.clock_hz = 1000000000, .array_rows = 8, .array_cols = 4,
                             .buffer_bytes = 64 * 1024, .accumulator_rows = 64};
  config.port[0] = (struct sa_port_config){.width_bytes = 16, .burst_bytes = 64, .latency_cycles = 20,
                                           .bandwidth_bytes_per_s = 12800000000};
  return config;
}

static void set(struct sa_config *config, const char *assignment) {
  error = (struct sa_error){0};
  if (sa_config_assign(config, assignment, &error)) ck_abort_msg("%s", error.message);
}

static void finish(struct sa_config *config) {
  error = (struct sa_error){0};
  if (sa_config_finish(config, &error)) ck_abort_msg("%s", error.message);
}

/* Reads a config from a file of this text. */
static enum sa_status load_text(const char *text, struct sa_config *config) {
  char path[] = "test_config.XXXXXX";
  const int descriptor = mkstemp(path);
  ck_assert_int_ge(descriptor, 0);
  ck_assert_int_eq(write(descriptor, text, strlen(text)), (ssize_t)strlen(text));
  close(descriptor);
  error = (struct sa_error){0};
  const enum sa_status status = sa_config_load(path, NULL, 0, config, &error);
  unlink(path);
  strcpy(error.file, error.file[0] ? "t.yaml" : ""); /* its name is random */
  return status;
}

START_TEST(the_table_has_no_two_rows_of_one_name_or_field) {
  for (size_t i = 0; i < SA_PARAMS; i++) {
    for (size_t j = 0; j < i; j++) {
      ck_assert_str_ne(sa_params[i].name, sa_params[j].name);
      ck_assert_uint_ne(sa_params[i].offset, sa_params[j].offset);
    }
  }
}
END_TEST

START_TEST(every_row_is_whole) {
  for (size_t i = 0; i < SA_PARAMS; i++) {
    const struct sa_param *p = &sa_params[i];
    ck_assert_uint_gt(p->min, 0); /* 0 means not given */
    ck_assert_uint_le(p->min, p->max);
    ck_assert(p->size == 4 || p->size == 8);
    ck_assert(p->size == 8 || p->max <= UINT32_MAX);
    ck_assert_uint_gt(strlen(p->meaning), 0);
    uint64_t value;
    if (p->default_text[0] == '=') { /* an earlier row */
      const struct sa_param *other = sa_param_find(p->default_text + 1);
      ck_assert_ptr_nonnull(other);
      ck_assert(other < p);
    } else if (strcmp(p->default_text, "required") && strcmp(p->default_text, "automatic") &&
               strcmp(p->default_text, "unstated")) {
      ck_assert_int_eq(sa_param_parse(p, p->default_text, &value, &error), SA_OK);
    }
  }
}
END_TEST

START_TEST(rows_of_a_group_stand_together) {
  /* a printed config has each group once */
  for (size_t i = 0; i < SA_PARAMS; i++) {
    const char *dot = strchr(sa_params[i].name, '.');
    if (!dot) continue;
    const size_t length = (size_t)(dot - sa_params[i].name) + 1;
    bool ended = false;
    for (size_t j = i + 1; j < SA_PARAMS; j++) {
      const bool same = strncmp(sa_params[j].name, sa_params[i].name, length) == 0;
      ck_assert_msg(!(same && ended), "%s", sa_params[j].name);
      ended = ended || !same;
    }
  }
}
END_TEST

START_TEST(both_ends_of_each_range_are_accepted_and_no_more) {
  const struct sa_param *p = &sa_params[_i];
  ck_assert_int_eq(sa_param_check(p, p->min, &error), SA_OK);
  ck_assert_int_eq(sa_param_check(p, p->max, &error), SA_OK);
  ck_assert_int_ne(sa_param_check(p, p->min - 1, &error), SA_OK);
  ck_assert_int_ne(sa_param_check(p, p->max + 1, &error), SA_OK);
}
END_TEST

START_TEST(what_is_not_given_gets_its_default) {
  struct sa_config c = small();
  finish(&c);
  ck_assert_uint_eq(c.weight_buffers, 2);
  ck_assert_uint_eq(c.weight_shift_rows, 1);
  ck_assert_uint_eq(c.weight_fifo_tiles, 4);
  ck_assert_uint_eq(c.vector_lanes, 4);
  ck_assert_uint_eq(c.memory_ports, 1);
  ck_assert_uint_eq(c.port[0].outstanding_bursts, 16);
  ck_assert_uint_eq(c.data_type, SA_DATA_INT8);
  for (int unit = 0; unit < SA_UNITS; unit++) ck_assert_uint_eq(c.queue_depth[unit], 16);
  ck_assert_mem_eq(&c.port[0], &c.port[1], sizeof c.port[0]);
}
END_TEST

START_TEST(derived_sizes_are_those_of_the_reference) {
  struct sa_config c = small();
  set(&c, "array.weight_shift_rows=3");
  set(&c, "weight_memory.width=64");
  set(&c, "weight_memory.bandwidth=33 GB/s");
  finish(&c);
  ck_assert_uint_eq(c.line_bytes, 16);        /* max(16, 8, 4, 4, 16) */
  ck_assert_uint_eq(c.weight_line_bytes, 64); /* max(16, 8, 4, 64) */
  ck_assert_uint_eq(c.shift_cycles, 3);       /* ceil(8 / 3) */
  ck_assert_uint_eq(c.release_cycles, 8);
  ck_assert_uint_eq(c.matmul_latency, 2 + 8 + 4 - 1 + 2);
  ck_assert_uint_eq(c.memory_ports, 2);
  ck_assert_uint_eq(c.bw_num[0], 64); /* 12.8 bytes a cycle */
  ck_assert_uint_eq(c.bw_den[0], 5);
  ck_assert_uint_eq(c.bw_num[1], 33);
  ck_assert_uint_eq(c.bw_den[1], 1);
  ck_assert_uint_eq(c.port[1].burst_bytes, 64); /* memory's */
  ck_assert_uint_eq(c.buffer_banks, 16);
  ck_assert_uint_eq(c.bank_bytes, 4096);
}
END_TEST

START_TEST(lines_grow_with_the_widest_of_their_users) {
  static const struct {
    const char *set;
    uint32_t line, weight_line;
  } cases[] = {{"array.rows=17", 32, 32}, {"array.cols=100", 128, 128}, {"vector.lanes=33", 64, 16},
               {"memory.width=32", 32, 32}, {"weight_memory.width=32", 16, 32}};
  struct sa_config c = small();
  set(&c, cases[_i].set);
  set(&c, "memory.burst=256");
  finish(&c);
  ck_assert_uint_eq(c.line_bytes, cases[_i].line);
  ck_assert_uint_eq(c.weight_line_bytes, cases[_i].weight_line);
}
END_TEST

START_TEST(finishing_twice_changes_nothing) {
  struct sa_config c = small();
  finish(&c);
  struct sa_config again = c;
  finish(&again);
  ck_assert_mem_eq(&c, &again, sizeof c);
}
END_TEST

START_TEST(a_failed_finish_leaves_the_config_alone) {
  struct sa_config c = small();
  c.accumulator_rows = 70000;
  struct sa_config before = c;
  ck_assert_int_ne(sa_config_finish(&c, &error), SA_OK);
  ck_assert_mem_eq(&c, &before, sizeof c);
}
END_TEST

START_TEST(banks_are_chosen_for_each_size) {
  static const struct {
    const char *size;
    uint32_t banks;
  } cases[] = {{"24 MiB", 24}, {"16 MiB", 16}, {"20 MiB", 20}, {"7 MiB", 14}, {"9 MiB", 18},
               {"23 KiB", 23}, {"256 KiB", 16}, {"256 B", 8},  {"64 B", 2},   {"32 B", 1}};
  struct sa_config c = small();
  char text[64];
  snprintf(text, sizeof text, "unified_buffer.size=%s", cases[_i].size);
  set(&c, text);
  finish(&c);
  ck_assert_uint_eq(c.buffer_banks, cases[_i].banks);
  ck_assert_uint_eq(c.bank_bytes * c.buffer_banks, c.buffer_bytes);
}
END_TEST

static const struct {
  const char *set[2], *message;
} REFUSED[] = {
    {{"array.weight_shift_rows=9"},
     "array.weight_shift_rows is 9; it must be at most array.rows, which is 8"},
    {{"memory.burst=8"}, "memory.burst is 8 B; it must be at least memory.width, which is 16 B"},
    {{"weight_memory.width=128"},
     "weight_memory.burst is 64 B; it must be at least weight_memory.width, which is 128 B"},
    {{"memory.bandwidth=16000000001"},
     "memory.bandwidth is 16000000001 B/s; it must be at most memory.width x clock, which is 16 GB/s"},
    {{"weight_memory.bandwidth=17 GB/s"},
     "weight_memory.bandwidth is 17 GB/s; it must be at most weight_memory.width x clock, which is 16 GB/s"},
    {{"unified_buffer.size=25 KiB"},
     "unified_buffer.size is 25 KiB; no number of banks up to 24 gives banks of a power of two of at least"
     " 32 B (nearest: 24 KiB and 26 KiB)"},
    {{"unified_buffer.size=33"},
     "unified_buffer.size is 33 B; no number of banks up to 24 gives banks of a power of two of at least"
     " 32 B (nearest: 32 B and 64 B)"},
    {{"unified_buffer.size=32", "vector.lanes=17"},
     "unified_buffer.size is 32 B; it must be at least 64 B, two lines of this machine"},
    {{"unified_buffer.banks=12"},
     "unified_buffer.banks is 12; 64 KiB / banks must be a power of two of at least 32 B (nearest: 8 and 16)"},
    {{"unified_buffer.size=192", "unified_buffer.banks=12"},
     "unified_buffer.banks is 12; 192 B / banks must be a power of two of at least 32 B (nearest: 6)"},
    {{"unified_buffer.size=23 KiB", "unified_buffer.banks=7"},
     "unified_buffer.banks is 7; 23 KiB / banks must be a power of two of at least 32 B (nearest: 23)"},
    {{"unified_buffer.size=67 KiB", "unified_buffer.banks=7"},
     "unified_buffer.size is 67 KiB; no number of banks up to 64 gives banks of a power of two of at least"
     " 32 B (nearest: 66 KiB and 68 KiB)"},
};

START_TEST(a_broken_rule_names_parameter_value_and_limit) {
  struct sa_config c = small();
  for (int i = 0; i < 2 && REFUSED[_i].set[i]; i++) set(&c, REFUSED[_i].set[i]);
  error = (struct sa_error){0};
  ck_assert_int_eq(sa_config_finish(&c, &error), SA_ERR_INPUT);
  ck_assert_str_eq(message(), REFUSED[_i].message);
}
END_TEST

static const struct {
  const char *assignment, *message;
} UNSETTABLE[] = {
    {"array.rows=0", "array.rows is 0; it must be between 1 and 512"},
    {"array.rows=513", "array.rows is 513; it must be between 1 and 512"},
    {"array.rows=1e3", "array.rows is \"1e3\"; it must be a whole number without a unit"},
    {"array.rows=-3", "array.rows is \"-3\"; it must begin with a digit"},
    {"array.rows=", "array.rows is \"\"; it must begin with a digit"},
    {"array.rowz=3", "there is no parameter \"array.rowz\"; did you mean \"array.rows\"?"},
    {"rows=3", "there is no parameter \"rows\"; did you mean \"array.rows\"?"},
    {"zebra=3", "there is no parameter \"zebra\""},
    {"array.rows", "\"array.rows\" is not of the form parameter=value"},
    {"data_type=bf16", "data_type is \"bf16\"; int8 is the only data type modelled"},
    {"memory.width=24",
     "memory.width is 24 B; it must be a power of two (nearest: 16 B and 32 B)"},
    {"memory.latency=70000", "memory.latency is 70000 cycles; it must be between 1 cycles and 65535 cycles"},
    {"clock=0", "clock is 0 Hz; it must be between 1 kHz and 100 GHz"},
};

START_TEST(a_value_that_cannot_be_set_is_named_with_its_limit) {
  struct sa_config c = small();
  const struct sa_config before = c;
  error = (struct sa_error){0};
  ck_assert_int_eq(sa_config_assign(&c, UNSETTABLE[_i].assignment, &error), SA_ERR_INPUT);
  ck_assert_str_eq(message(), UNSETTABLE[_i].message);
  ck_assert_mem_eq(&c, &before, sizeof c);
}
END_TEST

#define BASE_TEXT                                                                         \
  "clock: 1 GHz\narray: {rows: 8, cols: 4}\nunified_buffer:\n  size: 64 KiB\naccumulator:\n  rows: 64\n"
#define MEMORY_TEXT "memory:\n  width: 16 B\n  burst: 64 B\n  bandwidth: 12.8 GB/s\n  latency: 20 cycles\n"

static const struct {
  const char *text, *message;
} BAD_FILES[] = {
    {"clock: 1 GHz\narray:\n  rows: 0\n", "t.yaml:3:9: array.rows is 0; it must be between 1 and 512"},
    {"clock: 700 MHx\n", "t.yaml:1:8: clock is \"700 MHx\"; \"MHx\" is not a unit of frequency (GHz, MHz, kHz, Hz)"},
    {"array:\n  rowz: 3\n", "t.yaml:2:3: there is no parameter \"array.rowz\"; did you mean \"array.rows\"?"},
    {"array.rows: 3\narray: {rows: 4}\n",
     "t.yaml:2:15: array.rows is given twice; it is already in line 1"},
    {"array: 3\n", "t.yaml:1:8: array must be a mapping, not a scalar"},
    {"array:\n  rows: [1]\n", "t.yaml:2:9: array.rows must be a scalar, not a sequence"},
    {"- 1\n", "t.yaml:1:1: a machine's config must be a mapping, not a sequence"},
    {BASE_TEXT, "t.yaml: memory.width is not given; it has no default (1 B .. 1 KiB, a power of two)"},
    {BASE_TEXT MEMORY_TEXT "  outstanding: 16 B\n",
     "t.yaml:12:16: memory.outstanding is \"16 B\"; it must be a whole number without a unit"},
    {BASE_TEXT "  nothing: 1\n", "t.yaml:7:3: there is no parameter \"accumulator.nothing\""},
    {MEMORY_TEXT BASE_TEXT "vector:\n  lanes: 8\nweight_memory:\n  bandwidth: 20 GB/s\n",
     "t.yaml:15:14: weight_memory.bandwidth is 20 GB/s; it must be at most weight_memory.width x clock,"
     " which is 16 GB/s"},
};

START_TEST(a_bad_file_is_refused_with_the_place) {
  struct sa_config c;
  ck_assert_int_eq(load_text(BAD_FILES[_i].text, &c), SA_ERR_INPUT);
  ck_assert_str_eq(message(), BAD_FILES[_i].message);
}
END_TEST

static const char *const PRESETS[] = {"tpu-v1", "tpu-v2", "edge64", "array32", "array16", "array8", "array4"};
enum { PRESET_COUNT = sizeof PRESETS / sizeof PRESETS[0] };

START_TEST(a_written_config_reads_back_to_the_same_machine) {
  struct sa_config c, again;
  error = (struct sa_error){0};
  if (sa_config_load(PRESETS[_i], NULL, 0, &c, &error)) ck_abort_msg("%s", message());
  ck_assert_str_eq(c.name, PRESETS[_i]);
  char *text = NULL;
  size_t size = 0;
  FILE *file = open_memstream(&text, &size);
  sa_config_write(&c, file);
  fclose(file);
  if (load_text(text, &again)) ck_abort_msg("%s", message());
  memcpy(again.name, c.name, sizeof c.name);
  ck_assert_mem_eq(&c, &again, sizeof c);
  free(text);
}
END_TEST

static void count_name(void *user, const char *name) {
  (void)name;
  ++*(int *)user;
}

START_TEST(every_shipped_config_is_tested_here) {
  int count = 0;
  ck_assert_int_eq(sa_models_list("arch", count_name, &count, &error), SA_OK);
  ck_assert_int_eq(count, PRESET_COUNT);
}
END_TEST

START_TEST(tpu_v1_is_the_published_machine) {
  struct sa_config c;
  ck_assert_int_eq(sa_config_load("tpu-v1", NULL, 0, &c, &error), SA_OK);
  ck_assert_uint_eq(c.array_rows * c.array_cols, 65536);
  ck_assert_uint_eq(c.array_rows * c.array_cols * c.clock_hz * 2 / 1000000000000, 91); /* 92 TOPS, rounded up */
  ck_assert_uint_eq(2 * sa_config_accumulator_bank_bytes(&c), 4 << 20);
  ck_assert_uint_eq(sa_config_fifo_bytes(&c), 256 << 10);
  ck_assert_uint_eq(c.shift_cycles, 256);
  ck_assert_uint_eq(c.memory_ports, 2);
}
END_TEST

START_TEST(one_port_can_be_chosen_for_a_machine_with_two) {
  static const char *const one[] = {"memory.ports=1"};
  struct sa_config c;
  ck_assert_int_eq(sa_config_load("tpu-v1", one, 1, &c, &error), SA_OK);
  ck_assert_uint_eq(c.memory_ports, 1);
  ck_assert_mem_eq(&c.port[0], &c.port[1], sizeof c.port[0]);
}
END_TEST

START_TEST(what_an_assignment_breaks_is_not_blamed_on_the_file) {
  static const char *const more[] = {"memory.bandwidth=100 GB/s"};
  struct sa_config c;
  error = (struct sa_error){0};
  ck_assert_int_ne(sa_config_load("tpu-v1", more, 1, &c, &error), SA_OK);
  ck_assert_str_eq(message(),
                   "memory.bandwidth is 100 GB/s; it must be at most memory.width x clock, which is 22.4 GB/s");
}
END_TEST

START_TEST(an_unknown_preset_names_the_nearest_one) {
  struct sa_config c;
  error = (struct sa_error){0};
  ck_assert_int_ne(sa_config_load("tpu_v1", NULL, 0, &c, &error), SA_OK);
  ck_assert_ptr_nonnull(strstr(message(), "\"tpu_v1\" is neither a file nor one of the models in "));
  ck_assert_ptr_nonnull(strstr(message(), "; did you mean \"tpu-v1\"?"));
}
END_TEST

START_TEST(the_smallest_and_the_largest_machine_are_legal) {
  struct sa_config least = {0}, most = {0};
  for (size_t i = 0; i < SA_PARAMS; i++) {
    sa_param_put(&sa_params[i], &least, sa_params[i].min);
    sa_param_put(&sa_params[i], &most, sa_params[i].max);
  }
  finish(&least);
  ck_assert_uint_eq(least.line_bytes, 16);
  ck_assert_uint_eq(least.bank_bytes, 32);
  finish(&most);
  ck_assert_uint_eq(most.line_bytes, 1024);
  ck_assert_uint_eq(most.matmul_latency, 2 + 512 + 512 - 1 + 2);
  ck_assert_uint_eq(most.bw_num[0], 1024);
  ck_assert_uint_eq(most.bw_den[0], 1);
}
END_TEST

/* A value anywhere in the row's range, small ones as likely as large ones. */
static uint64_t draw(struct sa_rng *rng, const struct sa_param *param) {
  const uint64_t span = (param->max - param->min) >> sa_rng_below(rng, 40);
  const uint64_t value = param->min + sa_rng_below(rng, span + 1);
  uint64_t power = 1;
  if (param->rule != SA_PARAM_POWER_OF_TWO) return value;
  while (power * 2 <= value) power *= 2;
  return power;
}

START_TEST(a_random_config_is_finished_by_the_rules_or_refused_by_name) {
  struct sa_rng rng;
  int finished = 0;
  sa_rng_init(&rng, 3);
  for (int round = 0; round < 20000; round++) {
    struct sa_config c = {0};
    for (size_t i = 0; i < SA_PARAMS; i++)
      if (strcmp(sa_params[i].default_text, SA_PARAM_REQUIRED) == 0 || sa_rng_below(&rng, 4) == 0)
        sa_param_put(&sa_params[i], &c, draw(&rng, &sa_params[i]));
    error = (struct sa_error){0};
    if (sa_config_finish(&c, &error)) {
      char name[64];
      snprintf(name, sizeof name, "%.*s", (int)strcspn(error.message, " "), error.message);
      ck_assert_msg(sa_param_find(name) != NULL, "%s", error.message);
      continue;
    }
    finished++;
    ck_assert_uint_eq(c.bank_bytes * c.buffer_banks, c.buffer_bytes);
    ck_assert_uint_eq(c.bank_bytes & (c.bank_bytes - 1), 0);
    ck_assert_uint_ge(c.bank_bytes, 2 * c.line_bytes);
    ck_assert_uint_ge(c.line_bytes, c.port[0].width_bytes);
    ck_assert_uint_ge(c.shift_cycles * c.weight_shift_rows, c.array_rows);
    for (int i = 0; i < 2; i++) {
      ck_assert_uint_le(c.bw_num[i], c.bw_den[i] * c.port[i].width_bytes);
      ck_assert_uint_le(c.port[i].width_bytes, c.port[i].burst_bytes);
      ck_assert_uint_eq(c.bw_num[i] * (c.clock_hz / c.bw_den[i]), c.port[i].bandwidth_bytes_per_s);
    }
  }
  ck_assert_int_gt(finished, 100);
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))

static Suite *suite(void) {
  Suite *s = suite_create("config");
  TCase *c = tcase_create("config");
  tcase_add_test(c, the_table_has_no_two_rows_of_one_name_or_field);
  tcase_add_test(c, every_row_is_whole);
  tcase_add_test(c, rows_of_a_group_stand_together);
  tcase_add_loop_test(c, both_ends_of_each_range_are_accepted_and_no_more, 0, SA_PARAMS);
  tcase_add_test(c, what_is_not_given_gets_its_default);
  tcase_add_test(c, derived_sizes_are_those_of_the_reference);
  tcase_add_loop_test(c, lines_grow_with_the_widest_of_their_users, 0, 5);
  tcase_add_test(c, finishing_twice_changes_nothing);
  tcase_add_test(c, a_failed_finish_leaves_the_config_alone);
  tcase_add_loop_test(c, banks_are_chosen_for_each_size, 0, 10);
  tcase_add_loop_test(c, a_broken_rule_names_parameter_value_and_limit, 0, COUNT(REFUSED));
  tcase_add_loop_test(c, a_value_that_cannot_be_set_is_named_with_its_limit, 0, COUNT(UNSETTABLE));
  tcase_add_loop_test(c, a_bad_file_is_refused_with_the_place, 0, COUNT(BAD_FILES));
  tcase_add_loop_test(c, a_written_config_reads_back_to_the_same_machine, 0, PRESET_COUNT);
  tcase_add_test(c, the_smallest_and_the_largest_machine_are_legal);
  tcase_add_test(c, a_random_config_is_finished_by_the_rules_or_refused_by_name);
  tcase_add_test(c, every_shipped_config_is_tested_here);
  tcase_add_test(c, tpu_v1_is_the_published_machine);
  tcase_add_test(c, one_port_can_be_chosen_for_a_machine_with_two);
  tcase_add_test(c, what_an_assignment_breaks_is_not_blamed_on_the_file);
  tcase_add_test(c, an_unknown_preset_names_the_nearest_one);
  suite_add_tcase(s, c);
  return s;
}

SA_TEST_MAIN(suite)
