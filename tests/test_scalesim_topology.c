/* SCALE-Sim's topology files as they are found in the wild become networks; bad ones say where and why. */
#include <check.h>
#include <string.h>

#include "import/scalesim_topology.h"
#include "temporary.h"
#include "test_main.h"

static struct sa_net net;
static struct sa_notes notes;
static struct sa_error error;

#define CONV                                                                                   \
  "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, " \
  "Strides,\n"
#define GEMM "Layer,M,N,K,\n"

static enum sa_status read_bytes(const char *text, size_t bytes) {
  const char *path = temporary_file(".csv", text, bytes);
  sa_net_release(&net);
  sa_notes_release(&notes);
  const enum sa_status status = sa_scalesim_topology_read(path, &net, &notes, &error);
  unlink(path);
  return status;
}

static void accept(const char *text) {
  ck_assert_msg(read_bytes(text, strlen(text)) == SA_OK, "%s", error.message);
}

static void refuse(enum sa_status status, const char *text, int line, int column, const char *message) {
  ck_assert_msg(read_bytes(text, strlen(text)) == status, "%s: %s", text, error.message);
  ck_assert_str_eq(error.message, message);
  ck_assert_int_eq(error.line, line);
  ck_assert_int_eq(error.column, column);
  ck_assert_uint_eq(net.layer_count, 0);
}

static bool noted(const char *part) {
  for (size_t i = 0; i < notes.count; i++)
    if (strstr(notes.lines[i], part)) return true;
  return false;
}

static const struct sa_layer *layer(const char *name) {
  for (uint32_t i = 0; i < net.layer_count; i++)
    if (strcmp(net.layers[i].name, name) == 0) return &net.layers[i];
  ck_abort_msg("no layer %s", name);
}

static void check_gemm(const char *name, enum sa_layer_kind kind, uint64_t m, uint64_t k, uint64_t n,
                       uint64_t count) {
  const struct sa_layer *l = layer(name);
  ck_assert_int_eq(l->kind, kind);
  ck_assert_uint_eq(l->gemm_m, m);
  ck_assert_uint_eq(l->gemm_k, k);
  ck_assert_uint_eq(l->gemm_n, n);
  ck_assert_uint_eq(l->gemm_count, count);
}

START_TEST(convolutions_keep_their_gemm) {
  accept(
      CONV
      "Conv1, 229, 229, 7, 7, 3, 64, 2,\nConv2,\t56,56,1,1,64,64,1,\r\n\n  \nFC,1,1,1,1,2048,1000,1,");
  ck_assert_uint_eq(net.layer_count, 6);
  check_gemm("Conv1", SA_LAYER_CONV, 112 * 112, 147, 64, 1);
  check_gemm("Conv2", SA_LAYER_CONV, 56 * 56, 64, 64, 1);
  check_gemm("FC", SA_LAYER_FC, 1, 2048, 1000, 1);
  ck_assert_int_eq(net.layers[0].kind, SA_LAYER_INPUT);
  ck_assert_str_eq(net.layers[0].name, "Conv1.in");
  ck_assert_uint_eq(notes.count, 0);
  ck_assert_ptr_nonnull(strstr(net.name, "sa_test_"));
}
END_TEST

/* ceil((6 - 3 + 2) / 2) = 3 windows although the third hangs over the edge by one. */
START_TEST(a_last_window_over_the_edge_counts) {
  accept(CONV "a,6,9,3,3,4,8,2,\n");
  check_gemm("a", SA_LAYER_CONV, 3 * 4, 36, 8, 1);
  ck_assert_uint_eq(layer("a")->pad_bottom, 1);
  ck_assert_uint_eq(layer("a")->pad_right, 0);
  ck_assert_uint_eq(layer("a")->pad_top, 0);
}
END_TEST

START_TEST(a_missing_trailing_comma_loses_no_column) {
  accept(
      "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, "
      "Strides\n"
      "Conv11,270,512,1,1,256,256,1\nConv2D_1, 96, 96, 3, 3, 3, 8, 2, 1\n");
  check_gemm("Conv11", SA_LAYER_CONV, 270 * 512, 256, 256, 1);
  check_gemm("Conv2D_1", SA_LAYER_CONV, 48 * 94, 27, 8, 1);
}
END_TEST

START_TEST(dp_in_the_name_means_depthwise) {
  accept(CONV "Conv_DP_1,114,114,3,3,32,1,1,\nDepthwise,114,114,3,3,32,1,1,\nDP2,10,10,3,3,8,2,1,\n");
  check_gemm("Conv_DP_1", SA_LAYER_CONV, 112 * 112, 9, 1, 32);
  check_gemm("Depthwise", SA_LAYER_CONV, 112 * 112, 288, 1, 1);
  check_gemm("DP2", SA_LAYER_CONV, 64, 9, 2, 8);
}
END_TEST

START_TEST(filters_as_wide_as_the_ifmap_become_fully_connected) {
  accept(CONV "mlp,1024,512,1,512,1,256,1,\nwhole,6,6,6,6,256,4096,1,\ntext,5,1024,3,1024,1,100,1,\n"
              "rows,9,64,1,64,2,7,2,\n");
  check_gemm("mlp", SA_LAYER_FC, 1024, 512, 256, 1);
  check_gemm("whole", SA_LAYER_FC, 1, 9216, 4096, 1);
  check_gemm("text", SA_LAYER_CONV, 3, 3072, 100, 1);
  check_gemm("rows", SA_LAYER_CONV, 5, 128, 7, 1);
}
END_TEST

START_TEST(gemm_files_are_told_by_their_titles_in_any_order) {
  accept("Layer,M,N,K\nConv1a,4186116,64,9\n\nConv10,3474496,2,64\n");
  check_gemm("Conv1a", SA_LAYER_FC, 4186116, 9, 64, 1);
  accept("Layer Name, K, M, N,\ng, 5, 6, 7,\n");
  check_gemm("g", SA_LAYER_FC, 6, 5, 7, 1);
  accept("name,rows,columns,depth,\ng, 5, 6, 7,\n");
  check_gemm("g", SA_LAYER_FC, 5, 7, 6, 1);
}
END_TEST

START_TEST(a_gemm_with_a_batch_is_a_product_per_head) {
  accept(GEMM "qk,1378,4440,128,28,\n");
  check_gemm("qk", SA_LAYER_MATMUL, 1378, 128, 4440, 28);
}
END_TEST

START_TEST(sparsity_batch_and_remarks_are_told_apart) {
  accept(
      "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, "
      "Strides, Sparsity,\n"
      "CONV_1, 5, 5, 3, 3, 2, 6, 1, 2:4,\nCONV_2, 5, 5, 4, 4, 1, 4, 1, 1,\n");
  ck_assert(noted("sparsity 2:4: the machine is dense"));
  accept("Layer Name, M, N, K, Sparsity,\nGEMM_1, 1, 5, 16, 1,\nGEMM_2, 1, 5, 16, 4:4\n");
  check_gemm("GEMM_1", SA_LAYER_FC, 1, 16, 5, 1);
  ck_assert_uint_eq(notes.count, 0);
  accept(
      "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, "
      "Strides, Batch Size,\n"
      "a, 512, 512, 1, 1, 3, 40, 1, 4,\nb, 5, 5, 1, 1, 3, 40, 1, 4,\n");
  ck_assert_uint_eq(net.batch, 4);
  check_gemm("b", SA_LAYER_CONV, 100, 3, 40, 1);
  accept(CONV "Conv2_dw, 112, 112, 3, 3, 1, 1, 1,#dw\nConv4_dw, 112, 112, 3, 3, 1, 1, 2,#dw\n");
  ck_assert_uint_eq(notes.count, 1);
  ck_assert(noted(":2: column 9 ('#dw') is not known and has no effect"));
}
END_TEST

START_TEST(a_file_without_header_keeps_its_first_layer) {
  accept("a,8,8,3,3,1,1,1,\nb,8,8,3,3,1,1,1,\n");
  ck_assert_uint_eq(net.layer_count, 4);
  ck_assert(noted("no header line"));
  accept("\xef\xbb\xbf" "g,2,3,4\n");
  check_gemm("g", SA_LAYER_FC, 2, 4, 3, 1);
}
END_TEST

START_TEST(headings_and_rows_of_commas_are_read_over) {
  accept(CONV ",,,,,,,,\nAlexnet,\nRes, 19, 19, 3, 3, 17, 2, 1,\nRes, 19, 19, 3, 3, 17, 2, 1, \n");
  ck_assert_uint_eq(net.layer_count, 4);
  ck_assert_str_eq(net.layers[3].name, "Res_2");
  ck_assert(noted("'Alexnet' stands alone"));
}
END_TEST

START_TEST(bad_files_say_where_and_why) {
  refuse(SA_ERR_INPUT, "", 0, 0, "the file has no layer");
  refuse(SA_ERR_INPUT, CONV, 0, 0, "the file has no layer");
  refuse(SA_ERR_INPUT, CONV "LSTM_x, 1, B, 1, 1, D, H, 1,\n", 2, 12,
         "the IFMAP width is 'B'; it must be a whole number between 1 and 2147483647");
  refuse(SA_ERR_INPUT, CONV "FC, 1, 1, 1, ,1 2, 2, 1,\n", 2, 14,
         "the filter width is ''; it must be a whole number between 1 and 2147483647");
  refuse(SA_ERR_INPUT, CONV "a,8,8,3,3,1,\n", 2, 0, "the line ends before the filters (column 7 of 8)");
  refuse(SA_ERR_INPUT, CONV "a,0,8,3,3,1,1,1,\n", 2, 3,
         "the IFMAP height is '0'; it must be a whole number between 1 and 2147483647");
  refuse(SA_ERR_INPUT, CONV "a,8,8,3,3,1,-1,1,\n", 2, 13,
         "the filters is '-1'; it must be a whole number between 1 and 2147483647");
  refuse(SA_ERR_INPUT, CONV "a,8,8,3,3,1,1,1e3,\n", 2, 15,
         "the stride is '1e3'; it must be a whole number between 1 and 2147483647");
  refuse(SA_ERR_INPUT, CONV "a,8,8,3,3,4294967297,1,1,\n", 2, 11,
         "the channels is '4294967297'; it must be a whole number between 1 and 2147483647");
  refuse(SA_ERR_INPUT, CONV "a,2,8,3,3,1,1,1,\n", 2, 7,
         "the filter is 3 x 3, the ifmap only 2 x 8; shapes are given already padded");
  refuse(SA_ERR_LIMIT, CONV "a,2147483647,2147483647,1,2147483647,2,1,1,\n", 2, 0,
         "width x channels x filter height leaves 2147483647");
  refuse(SA_ERR_INPUT, GEMM "g,1,2\n", 2, 0, "the line ends before the K (column 4 of 4)");
  refuse(SA_ERR_INPUT, "Layer,M,N,K,Sparsity\ng,1,2,3,4:2\n", 2, 9,
         "the sparsity is '4:2'; it must be N:M with N between 1 and M");
  refuse(SA_ERR_INPUT, CONV "a,1,1,1,1,1,1,1,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,x\n", 2, 0,
         "the line has more than 32 columns");
  refuse(SA_ERR_LIMIT, GEMM "g,2147483647,2147483647,1\n", 0, 0,
         "layer g: its output of 1 x 1 x 2147483647 x 2147483647 passes 2^40 bytes");
  ck_assert_int_eq(read_bytes(GEMM "g\0,1,2,3\n", 22), SA_ERR_INPUT);
  ck_assert_int_eq(error.line, 2);
}
END_TEST

START_TEST(two_batch_sizes_in_one_network_are_refused) {
  refuse(SA_ERR_INPUT,
         "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, "
         "Strides, Batch Size,\na, 512, 512, 1, 1, 3, 40, 1, 4,\nb, 5, 5, 1, 1, 3, 40, 1, 2,\n",
         3, 1, "the batch size is 2 here and 4 above; a network has one batch size");
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("SCALE-Sim topology");
  TCase *tests = tcase_create("topology");
  tcase_add_test(tests, convolutions_keep_their_gemm);
  tcase_add_test(tests, a_last_window_over_the_edge_counts);
  tcase_add_test(tests, a_missing_trailing_comma_loses_no_column);
  tcase_add_test(tests, dp_in_the_name_means_depthwise);
  tcase_add_test(tests, filters_as_wide_as_the_ifmap_become_fully_connected);
  tcase_add_test(tests, gemm_files_are_told_by_their_titles_in_any_order);
  tcase_add_test(tests, a_gemm_with_a_batch_is_a_product_per_head);
  tcase_add_test(tests, sparsity_batch_and_remarks_are_told_apart);
  tcase_add_test(tests, a_file_without_header_keeps_its_first_layer);
  tcase_add_test(tests, headings_and_rows_of_commas_are_read_over);
  tcase_add_test(tests, bad_files_say_where_and_why);
  tcase_add_test(tests, two_batch_sizes_in_one_network_are_refused);
  suite_add_tcase(suite, tests);
  return suite;
}
SA_TEST_MAIN(make_suite)
