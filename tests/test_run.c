/* The main job as a user runs it: run, diff, explain, program; figures that must add up, exact messages,
 * nothing half-written. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/metrics.h"
#include "run_cli.h"
#include "test_main.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))

static struct cli_result result;

/* Runs with --format json into a file and parses it. */
static json_t *run_json(const char *arguments) {
  char command[512];
  snprintf(command, sizeof command, "%s --format json -o test_run.json", arguments);
  run_cli(command, &result);
  ck_assert_msg(result.status == 0, "%s: %s", arguments, result.errors);
  json_error_t why;
  json_t *root = json_load_file("test_run.json", 0, &why);
  ck_assert_msg(root != NULL, "%s", why.text);
  unlink("test_run.json");
  return root;
}

static json_int_t integer(const json_t *object, const char *key) {
  const json_t *value = json_object_get(object, key);
  ck_assert_msg(json_is_integer(value), "%s", key);
  return json_integer_value(value);
}

static const char *const CASES[] = {"run tpu-v1 resnet50", "run tpu-v2 resnet50", "run edge64 mobilenetv2",
                                    "run array32 bert-base", "run array8 kws-dscnn --batch 3",
                                    "run array16 mlp --set array.weight_buffers=1", "run array32 lstm"};

START_TEST(layers_add_up_to_the_total_in_every_additive_column) {
  static const char *const keys[] = {
      "cycles", "macs", "bound_cycles", "dram_read_bytes", "dram_write_bytes", "weight_bytes", "param_bytes",
      "buffer_read_bytes", "buffer_write_bytes", "accumulator_row_writes", "tiles", "cycles_active",
      "cycles_non_matrix", "cycles_drain", "cycles_idle", "cycles_input_stall", "cycles_raw_stall",
      "cycles_accumulator_stall", "cycles_weight_stall", "cycles_weight_shift", "pe_cycles_padding"};
  json_t *root = run_json(CASES[_i]);
  const json_t *total = json_object_get(root, "total");
  for (int k = 0; k < COUNT(keys); k++) {
    json_int_t sum = 0;
    size_t index;
    const json_t *layer;
    json_array_foreach(json_object_get(root, "layers"), index, layer) sum += integer(layer, keys[k]);
    ck_assert_msg(sum == integer(total, keys[k]), "%s", keys[k]);
  }
  json_decref(root);
}
END_TEST

START_TEST(every_pe_cycle_is_accounted_for) {
  json_t *root = run_json(CASES[_i]);
  const json_t *total = json_object_get(root, "total"), *machine = json_object_get(root, "machine");
  const json_int_t pes = integer(machine, "array_rows") * integer(machine, "array_cols");
  const json_int_t waiting = integer(total, "cycles") - integer(total, "cycles_active");
  ck_assert(pes * integer(total, "cycles") ==
            integer(total, "macs") + integer(total, "pe_cycles_useless") +
                integer(total, "pe_cycles_padding") + pes * waiting);
  json_decref(root);
}
END_TEST

START_TEST(no_run_does_more_macs_than_its_pes_have_cycles) {
  json_t *root = run_json(CASES[_i]);
  const json_t *total = json_object_get(root, "total"), *machine = json_object_get(root, "machine");
  const json_int_t pes = integer(machine, "array_rows") * integer(machine, "array_cols");
  ck_assert(integer(total, "macs") <= pes * integer(total, "cycles"));
  ck_assert(json_real_value(json_object_get(total, "mac_utilisation")) <= 1.0);
  ck_assert(json_real_value(json_object_get(total, "mapping_utilisation")) <= 1.0);
  json_decref(root);
}
END_TEST

START_TEST(the_csv_has_a_line_a_layer_and_the_total_under_the_columns_of_the_table) {
  run_cli("run array8 kws-dscnn --format csv", &result);
  ck_assert_int_eq(result.status, 0);
  char head[8192] = "";
  for (size_t i = 0; i < sa_column_count; i++) {
    strcat(head, i ? "," : "");
    strcat(head, sa_columns[i].key);
  }
  ck_assert_int_eq(strncmp(result.output, head, strlen(head)), 0);
  int lines = 0;
  for (const char *c = result.output; *c; c++) lines += *c == '\n';
  ck_assert_int_eq(lines, 1 + 12 + 1);
  ck_assert_ptr_nonnull(strstr(result.output, "\ntotal,"));
}
END_TEST

START_TEST(one_layer_can_be_printed_alone) {
  run_cli("run array8 kws-dscnn --layer pw1 --format csv", &result);
  ck_assert_int_eq(result.status, 0);
  ck_assert_ptr_nonnull(strstr(result.output, "\npw1,"));
  ck_assert_ptr_null(strstr(result.output, "\npw2,"));
  ck_assert_ptr_null(strstr(result.output, "\ntotal,"));
}
END_TEST

START_TEST(a_fixed_mapping_changes_the_schedule_and_not_the_work) {
  json_t *own = run_json("run array32 resnet18"), *fixed = run_json("run array32 resnet18 --map conv1:rows=1,order=n");
  const json_t *a = json_object_get(own, "total"), *b = json_object_get(fixed, "total");
  ck_assert(integer(a, "macs") == integer(b, "macs"));
  ck_assert(integer(a, "cycles") != integer(b, "cycles"));
  json_decref(own);
  json_decref(fixed);
}
END_TEST

START_TEST(diff_of_a_machine_with_itself_shows_no_change) {
  run_cli("diff array8 array8 kws-dscnn", &result);
  ck_assert_int_eq(result.status, 0);
  ck_assert_ptr_nonnull(strstr(result.output, "B takes 1.000 of A's cycles"));
}
END_TEST

START_TEST(diff_shows_what_one_parameter_changes) {
  json_t *root = run_json("diff array8 array8 kws-dscnn --set-b array.cols=16");
  const json_t *total = json_object_get(root, "total");
  ck_assert(integer(json_object_get(total, "b"), "cycles") < integer(json_object_get(total, "a"), "cycles"));
  json_decref(root);
}
END_TEST

START_TEST(explain_names_tiles_order_reason_and_shows_time) {
  run_cli("explain tpu-v2 resnet50 --layer l2.0.conv2", &result);
  ck_assert_int_eq(result.status, 0);
  static const char *const parts[] = {"GEMM M 784 x K 1152 x N 128", "tile of M:", "order: ", "why: ",
                                      "bounds: array", "Timeline of the first"};
  for (int i = 0; i < COUNT(parts); i++)
    ck_assert_msg(strstr(result.output, parts[i]) != NULL, "%s", parts[i]);
}
END_TEST

START_TEST(assembling_what_was_disassembled_gives_the_same_bytes) {
  run_cli("program array16 resnet18 -o test_run_1.sap", &result);
  ck_assert_msg(result.status == 0, "%s", result.errors);
  run_cli("program test_run_1.sap --disassemble -o test_run.s", &result);
  ck_assert_int_eq(result.status, 0);
  run_cli("program test_run.s --assemble -o test_run_2.sap", &result);
  ck_assert_int_eq(result.status, 0);
  ck_assert_int_eq(system("cmp test_run_1.sap test_run_2.sap"), 0);
  unlink("test_run_1.sap");
  unlink("test_run_2.sap");
  unlink("test_run.s");
}
END_TEST

START_TEST(programs_of_networks_are_legal) {
  run_cli("program array8 kws-dscnn --check", &result);
  ck_assert_int_eq(result.status, 0);
  ck_assert_str_eq(result.errors, "the program is legal\n");
}
END_TEST

START_TEST(a_trace_has_every_instruction_and_every_burst) {
  run_cli("run array8 kws-dscnn --trace test_run_trace -o test_run.txt", &result);
  ck_assert_msg(result.status == 0, "%s", result.errors);
  json_error_t why;
  json_t *trace = json_load_file("test_run_trace/trace.json", 0, &why);
  ck_assert_msg(trace != NULL, "%s", why.text);
  ck_assert_uint_gt(json_array_size(json_object_get(trace, "traceEvents")), 100);
  json_decref(trace);
  ck_assert_int_eq(system("head -1 test_run_trace/timeline.csv | grep -qx index,unit,instruction,layer,start,end"), 0);
  ck_assert_int_eq(system("head -1 test_run_trace/dram.csv | grep -qx cycle,address,bytes,direction,unit,completion,layer"), 0);
  ck_assert_int_eq(system("rm -r test_run_trace test_run.txt"), 0);
}
END_TEST

START_TEST(values_are_those_of_the_seed_whatever_the_machine) {
  run_cli("run array8 kws-dscnn -o test_run.txt --values test_run_1.csv", &result);
  ck_assert_msg(result.status == 0, "%s", result.errors);
  run_cli("run array32 kws-dscnn -o test_run.txt --values test_run_2.csv", &result);
  ck_assert_int_eq(result.status, 0);
  run_cli("run array8 kws-dscnn -o test_run.txt --seed 2 --values test_run_3.csv", &result);
  ck_assert_int_eq(result.status, 0);
  ck_assert_int_eq(system("cmp test_run_1.csv test_run_2.csv"), 0);
  ck_assert_int_ne(system("cmp -s test_run_1.csv test_run_3.csv"), 0);
  ck_assert_int_eq(system("test $(wc -l < test_run_1.csv) -eq 13"), 0);
  ck_assert_int_eq(system("rm test_run.txt test_run_1.csv test_run_2.csv test_run_3.csv"), 0);
}
END_TEST

static const struct {
  const char *arguments, *message;
} WRONG[] = {
    {"run array8 kws-dscnn --format xml", "systole: --format is 'xml'; it must be table, csv or json\n"},
    {"run array8 kws-dscnn --layer pw9", "systole: network kws-dscnn has no layer \"pw9\"; did you mean \"pw0\"?\n"},
    {"run array8 kws-dscnn --batch 0", "systole: --batch is 0; it must be between 1 and 65536\n"},
    {"run array8 kws-dscnn -o no/such/folder/x", "systole: no/such/folder/x: cannot write: No such file or directory\n"},
    {"run array8 kws-dscnn --map pw1", "systole: --map is \"pw1\"; it must be LAYER:KEY=VALUE,...\n"},
    {"run array8 kws-dscnn --map pw1:rowz=3", "systole: --map has no key \"rowz\"; it takes images, rows, cols, choice, order\n"},
    {"run array8 kws-dscnn --map pw1:rows=3,", "systole: --map: \"\" is no KEY=VALUE\n"},
    {"run array8 kws-dscnn --map pw1:", "systole: --map: \"\" is no KEY=VALUE\n"},
    {"run array8 kws-dscnn --map pw1:rows=3,rows=4", "systole: --map: rows of layer pw1 is given twice\n"},
    {"run array8 kws-dscnn --map pw1:rows=3 --map pw1:cols=1", "systole: --map is given twice for layer pw1\n"},
    {"run array8 kws-dscnn --map pw1:rows=99", "systole: --map: rows of layer pw1 is 99; it must be between 1 and 25\n"},
    {"run array8 kws-dscnn --map pw1:images=2", "systole: --map: images of layer pw1 is 2; it must be between 1 and 1\n"},
    {"run array8 kws-dscnn --map input:rows=1", "systole: --map: layer input (input) has no tiles to choose\n"},
    {"run array8 kws-dscnn --map avgpool:order=n",
     "systole: --map: layer avgpool (avgpool) has no order of loops to choose\n"},
    {"run array8 kws-dscnn --skip-unknown",
     "systole: kws-dscnn is no ONNX model; only these have unknown operators to skip\n"},
    {"run array8 kws-dscnn --dim N=1", "systole: kws-dscnn is no ONNX model; only these have symbolic dimensions (\"N\")\n"},
    {"run array8 kws-dscnn --phase decode", "systole: network kws-dscnn has no parameter \"phase\"\n"},
    {"run array8 kws-dscnn -o ''", "systole: the name of the output file is empty\n"},
    {"run array8 kws-dscnn --map pw1:order=x", "systole: --map: order is \"x\"; it must be m or n\n"},
    {"run array8 kws-dscnn --map pw9:rows=3", "systole: network kws-dscnn has no layer \"pw9\"; did you mean \"pw0\"?\n"},
    {"run array8 kws-dscnn -o no --values no --seed x", "systole: --seed is \"x\"; it must begin with a digit\n"},
    {"run array8 kws-dscnn -o no --seed 2", "systole: --seed belongs to --values FILE\n"},
    {"run array8 kws-dscnn --set \"$(printf 'a\\nb\\033c')=1\"", "systole: network kws-dscnn has no parameter \"a?b?c\"\n"},
    {"explain array8 kws-dscnn", "systole: --layer NAME is required\n"},
    {"program array8 kws-dscnn", "systole: the binary form needs --output FILE (or say --disassemble)\n"},
    {"check array8", "systole: check takes CONFIG NETWORK or --random N (see systole check --help)\n"},
};

START_TEST(wrong_use_is_one_message_and_status_2) {
  run_cli(WRONG[_i].arguments, &result);
  ck_assert_int_eq(result.status, 2);
  ck_assert_str_eq(result.errors, WRONG[_i].message);
  ck_assert_int_ne(access("no", F_OK), 0);
}
END_TEST

static Suite *suite(void) {
  Suite *s = suite_create("run");
  TCase *tcase = tcase_create("the main job");
  tcase_set_timeout(tcase, 120);
  tcase_add_loop_test(tcase, layers_add_up_to_the_total_in_every_additive_column, 0, COUNT(CASES));
  tcase_add_loop_test(tcase, every_pe_cycle_is_accounted_for, 0, COUNT(CASES));
  tcase_add_loop_test(tcase, no_run_does_more_macs_than_its_pes_have_cycles, 0, COUNT(CASES));
  tcase_add_test(tcase, the_csv_has_a_line_a_layer_and_the_total_under_the_columns_of_the_table);
  tcase_add_test(tcase, one_layer_can_be_printed_alone);
  tcase_add_test(tcase, a_fixed_mapping_changes_the_schedule_and_not_the_work);
  tcase_add_test(tcase, diff_of_a_machine_with_itself_shows_no_change);
  tcase_add_test(tcase, diff_shows_what_one_parameter_changes);
  tcase_add_test(tcase, explain_names_tiles_order_reason_and_shows_time);
  tcase_add_test(tcase, assembling_what_was_disassembled_gives_the_same_bytes);
  tcase_add_test(tcase, programs_of_networks_are_legal);
  tcase_add_test(tcase, a_trace_has_every_instruction_and_every_burst);
  tcase_add_test(tcase, values_are_those_of_the_seed_whatever_the_machine);
  tcase_add_loop_test(tcase, wrong_use_is_one_message_and_status_2, 0, COUNT(WRONG));
  suite_add_tcase(s, tcase);
  return s;
}

SA_TEST_MAIN(suite)
