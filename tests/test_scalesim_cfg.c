/* SCALE-Sim's config files of all three versions become machines; bad ones say where and why. */
#include <check.h>
#include <stdbool.h>
#include <string.h>

#include "import/scalesim_cfg.h"
#include "temporary.h"
#include "test_main.h"

static struct sa_config config;
static enum sa_dataflow dataflow;
static struct sa_notes notes;
static struct sa_error error;

static enum sa_status read_text(const char *text) {
  const char *path = temporary_file(".cfg", text, strlen(text));
  sa_notes_release(&notes);
  const enum sa_status status = sa_scalesim_cfg_read(path, &config, &dataflow, &notes, &error);
  unlink(path);
  return status;
}

static void accept(const char *text) { ck_assert_msg(read_text(text) == SA_OK, "%s", error.message); }

static void refuse(const char *text, int line, const char *message) {
  ck_assert_int_eq(read_text(text), SA_ERR_INPUT);
  ck_assert_str_eq(error.message, message);
  ck_assert_int_eq(error.line, line);
  ck_assert_ptr_nonnull(strstr(error.file, ".cfg"));
}

static bool noted(const char *part) {
  for (size_t i = 0; i < notes.count; i++)
    if (strstr(notes.lines[i], part)) return true;
  return false;
}

#define V1 "[general]\nrun_name = \"AlphaGo_32x32_os\"\n\n[architecture_presets]\nArrayHeight:    32\n" \
           "ArrayWidth:     16\nIfmapSramSz:    512\nFilterSramSz:   512\nOfmapSramSz:    256\n" \
           "IfmapOffset:    0\nFilterOffset:   10000000\nOfmapOffset:    20000000\nDataflow:       os\n"
#define V2(rest) "[general]\r\nrun_name = run_ws\r\n[architecture_presets]\r\narrayheight : 12\r\n" \
                 "ARRAYWIDTH = 14\r\nIfmapSramSzkB: 36\r\nFilterSramSzkB:   36\r\nOfmapSramSzkB: 37\r\n" \
                 "Dataflow : ws\r\nBandwidth : 10\r\nMemoryBanks: 1\r\n" rest

START_TEST(a_v1_file_needs_no_bandwidth) {
  accept(V1);
  ck_assert_str_eq(config.name, "AlphaGo_32x32_os");
  ck_assert_uint_eq(config.array_rows, 32);
  ck_assert_uint_eq(config.array_cols, 16);
  ck_assert_uint_eq(config.vector_lanes, 16);
  ck_assert_uint_eq(config.buffer_bytes, 768u << 10);
  ck_assert_uint_eq(config.buffer_banks, 12);
  ck_assert_uint_eq(config.accumulator_rows, (256u << 10) / 2 / 16);
  ck_assert_uint_eq(config.weight_fifo_tiles, 64);
  ck_assert_uint_eq(config.weight_buffers, 1);
  ck_assert_uint_eq(config.port[0].width_bytes, 64);
  ck_assert_uint_eq(config.port[1].width_bytes, 32);
  ck_assert_int_eq(dataflow, SA_DATAFLOW_OS);
  ck_assert(noted("Dataflow is os"));
  ck_assert_uint_eq(notes.count, 1);
}
END_TEST

START_TEST(user_bandwidth_is_words_per_cycle_for_each_of_three_interfaces) {
  accept(V2("[run_presets]\r\nInterfaceBandwidth: USER"));
  ck_assert_uint_eq(config.memory_ports, 2);
  ck_assert_uint_eq(config.port[0].bandwidth_bytes_per_s, 20 * SA_SCALESIM_CLOCK_HZ);
  ck_assert_uint_eq(config.port[0].width_bytes, 32);
  ck_assert_uint_eq(config.port[1].bandwidth_bytes_per_s, 10 * SA_SCALESIM_CLOCK_HZ);
  ck_assert_uint_eq(config.port[1].width_bytes, 16);
  ck_assert_uint_eq(config.buffer_bytes, 80u << 10); /* 73 KiB in 10 banks of 8 */
  ck_assert_uint_eq(config.buffer_banks, 10);
  ck_assert(noted("73 KiB rounded up to 80 KiB"));
  ck_assert_uint_eq(notes.count, 1);
}
END_TEST

START_TEST(a_v3_file_says_what_has_no_effect) {
  accept(V2("[layout]\nIfmapCustomLayout: True\nFilterCustomLayout: False\nIfmapSRAMBankNum: 10\n"
            "[sparsity]\nSparsitySupport : true\nSparseRep : ellpack_block\n[run_presets]\n"
            "InterfaceBandwidth: calc\nUseRamulatorTrace: True\nReadRequestBuffer: 32\nColour: red\n"));
  ck_assert_uint_eq(config.port[1].outstanding_bursts, 32);
  ck_assert(noted("CustomLayout"));
  ck_assert(noted("SparsitySupport"));
  ck_assert(noted("UseRamulatorTrace"));
  ck_assert(noted(":23: key 'Colour' is not known and has no effect"));
  ck_assert_uint_eq(notes.count, 5);
}
END_TEST

START_TEST(of_several_bandwidths_the_first_counts) {
  accept("ArrayHeight: 8\nArrayWidth: 8\nIfmapSramSzkB: 1\nFilterSramSzkB: 1\nOfmapSramSzkB: 1\n"
         "Dataflow: is\nBandwidth: 4, 8, 16\nInterfaceBandwidth: USER\n");
  ck_assert_uint_eq(config.port[1].bandwidth_bytes_per_s, 4 * SA_SCALESIM_CLOCK_HZ);
  ck_assert_int_eq(dataflow, SA_DATAFLOW_IS);
  ck_assert(noted("only the first value is used"));
}
END_TEST

START_TEST(the_machine_of_every_shipped_size_is_legal) {
  static const unsigned sizes[][5] = {{12, 14, 36, 36, 36}, {256, 256, 6144, 6144, 2048},
                                      {32, 32, 64, 64, 64}, {128, 128, 4096, 4096, 8192}};
  for (size_t i = 0; i < 4; i++) {
    char text[400];
    snprintf(text, sizeof text, "ArrayHeight:%u\nArrayWidth:%u\nIfmapSramSzkB:%u\nFilterSramSzkB:%u\n"
             "OfmapSramSzkB:%u\nDataflow:ws\n", sizes[i][0], sizes[i][1], sizes[i][2], sizes[i][3],
             sizes[i][4]);
    accept(text);
    ck_assert_msg(sa_config_finish(&config, &error) == SA_OK, "%s", error.message);
    ck_assert_uint_eq(config.buffer_bytes, (uint64_t)(sizes[i][2] + sizes[i][4]) << 10);
  }
}
END_TEST

START_TEST(bad_files_say_where_and_why) {
  refuse("", 0, "ArrayHeight is missing");
  refuse("ArrayHeight: 0\n", 1, "ArrayHeight is '0'; it must be a whole number between 1 and 512");
  refuse("\n\nArrayHeight: 3.5\n", 3, "ArrayHeight is '3.5'; it must be a whole number between 1 and 512");
  refuse("ArrayHeight: 99999999999999999999\n", 1,
         "ArrayHeight is '99999999999999999999'; it must be a whole number between 1 and 512");
  refuse("ArrayHeight:\n", 1, "ArrayHeight is ''; it must be a whole number between 1 and 512");
  refuse("ArrayHeight: 8\nArrayHeight: 8\n", 2,
         "ArrayHeight is given a second time; the first is in line 1");
  refuse("Dataflow: rs\n", 1, "Dataflow is 'rs'; it must be ws, is or os");
  refuse("InterfaceBandwidth: LOTS\n", 1, "InterfaceBandwidth is 'LOTS'; it must be CALC or USER");
  refuse("SparsitySupport: maybe\n", 1, "SparsitySupport is 'maybe'; it must be true or false");
  refuse("[general\n", 1, "the section '[general' lacks its ']'");
  refuse("what is this\x1b\n", 1, "'what is this?' is neither a section nor 'key : value'");
  refuse("ArrayHeight: 8\nArrayWidth: 8\nIfmapSramSzkB: 1\nFilterSramSzkB: 1\nOfmapSramSzkB: 1\n"
         "Dataflow: is\nInterfaceBandwidth: USER\n", 0,
         "InterfaceBandwidth is USER, but Bandwidth is missing");
}
END_TEST

START_TEST(a_binary_file_and_a_missing_one_are_refused) {
  const char *path = temporary_file(".cfg", "a: 1\nb\0c", 8);
  ck_assert_int_eq(sa_scalesim_cfg_read(path, &config, &dataflow, NULL, &error), SA_ERR_INPUT);
  ck_assert_int_eq(error.line, 2);
  unlink(path);
  ck_assert_int_eq(sa_scalesim_cfg_read("/nonexistent.cfg", &config, &dataflow, NULL, &error), SA_ERR_IO);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("SCALE-Sim config");
  TCase *tests = tcase_create("config");
  tcase_add_test(tests, a_v1_file_needs_no_bandwidth);
  tcase_add_test(tests, user_bandwidth_is_words_per_cycle_for_each_of_three_interfaces);
  tcase_add_test(tests, a_v3_file_says_what_has_no_effect);
  tcase_add_test(tests, of_several_bandwidths_the_first_counts);
  tcase_add_test(tests, the_machine_of_every_shipped_size_is_legal);
  tcase_add_test(tests, bad_files_say_where_and_why);
  tcase_add_test(tests, a_binary_file_and_a_missing_one_are_refused);
  suite_add_tcase(suite, tests);
  return suite;
}
SA_TEST_MAIN(make_suite)
