/* Broken, hostile and unfinished ONNX files: one clear message, no crash, bounded memory. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "import/onnx_import.h"
#include "onnx_build.h"
#include "temporary.h"
#include "test_main.h"

static struct sa_error error;

static enum sa_status import_path(const char *path, bool skip) {
  struct sa_net net;
  struct sa_onnx_report report;
  sa_net_init(&net);
  sa_onnx_report_init(&report);
  error = (struct sa_error){.message = ""};
  const struct sa_onnx_options options = {.skip_unknown = skip};
  const enum sa_status status = sa_onnx_import(path, &options, &net, &report, &error);
  if (status) ck_assert_uint_eq(net.layer_count, 0);
  if (status) ck_assert_int_ne(error.message[0], '\0');
  sa_net_release(&net);
  sa_onnx_report_release(&report);
  return status;
}

static enum sa_status import_bytes(const void *bytes, size_t count) {
  const char *path = temporary_file(".onnx", bytes, count);
  const enum sa_status status = import_path(path, false);
  unlink(path);
  return status;
}

static void refuse_bytes(const void *bytes, size_t count, const char *message) {
  ck_assert_int_eq(import_bytes(bytes, count), SA_ERR_INPUT);
  ck_assert_str_eq(error.message, message);
}

/* The model of onnx_build is refused with this message, or with one that contains it. */
static void refuse_model(int64_t ir_version, int64_t opset, const char *part) {
  const char *path = onnx_file(ir_version, opset);
  ck_assert_int_ne(import_path(path, false), SA_OK);
  ck_assert_msg(strstr(error.message, part) != NULL, "%s", error.message);
  ck_assert_str_eq(error.file, path);
  unlink(path);
}

static void small_model(void) {
  onnx_begin();
  ONNX_INPUT("x", 1, 3, 8, 8);
  ONNX_WEIGHT("w", 4, 3, 3, 3);
  ONNX_INTS("shape", 1, -1);
  onnx_node("Conv", "x w", "c");
  onnx_node("Relu", "c", "r");
  onnx_node("Reshape", "r shape", "f");
  ONNX_WEIGHT("v", 144, 10);
  onnx_node("MatMul", "f v", "y");
  ONNX_OUTPUT("y", 1, 10);
}

START_TEST(files_that_are_no_models) {
  refuse_bytes("", 0, "the file is empty");
  refuse_bytes("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12,
               "offset 0: a number has more than ten bytes; this is no protobuf");
  refuse_bytes("\x08", 1, "offset 1: a number passes the end of its message");
  refuse_bytes("hello world", 11, "offset 2: a field is a group, which ONNX does not use");
  refuse_bytes("\x3a\x05hello", 6, "offset 0: field 7 claims 5 bytes; its message has 4 left");
  refuse_bytes("\x08\x07", 2, "the file has no graph; it is no ONNX model");
  refuse_bytes("\x0b", 1, "offset 0: a field is a group, which ONNX does not use");
  refuse_bytes("\x0e", 1, "offset 0: a field has an unknown wire type; this is no protobuf");
  refuse_bytes("\x00\x00", 2, "offset 0: a field has a number outside 1 to 2^29 - 1; this is no protobuf");
  refuse_bytes("\x3a\x00\x3a\x00", 4, "offset 4: the model has a second graph");
  refuse_bytes("\x38\x01", 2, "offset 2: the graph (field 7) has wire type 0 instead of 2");
  ck_assert_int_eq(import_path("/nonexistent.onnx", false), SA_ERR_IO);
  ck_assert_int_eq(import_path("/", false), SA_ERR_INPUT);
  ck_assert_str_eq(error.message, "this is no regular file");
}
END_TEST

START_TEST(a_file_that_claims_gigabytes_takes_none) {
  /* the graph's length field says 2^40 */
  refuse_bytes("\x08\x07\x3a\x80\x80\x80\x80\x80\x20", 9,
               "offset 2: field 7 claims 1099511627776 bytes; its message has 0 left");
  onnx_begin();
  ONNX_INPUT("x", 1, 3, 2000000000, 2000000000);
  refuse_model(8, 13, "an input has more than 2^40 elements");
  onnx_begin();
  ONNX_INPUT("x", 1, 3, 8, 8);
  ONNX_WEIGHT("w", 2000000000, 2000000000, 3, 3);
  onnx_node("Conv", "x w", "y");
  refuse_model(8, 13, "a tensor claims more than 2^40 elements");
  onnx_begin();
  ONNX_INTS("s", 2147483647, 400);
  onnx_node("ConstantOfShape", "s", "y");
  ONNX_OUTPUT("y", 1);
  refuse_model(8, 13, "no output that a layer computes");
}
END_TEST

START_TEST(versions_out_of_range) {
  small_model();
  refuse_model(2, 13, "the IR version is 2; 3 to 11 are understood");
  refuse_model(8, 99, "the operator set is 99; 7 to 22 are understood");
  refuse_model(8, -1, "the operator set is -1; 7 to 22 are understood");
}
END_TEST

START_TEST(graphs_that_are_no_order_of_computation) {
  onnx_begin();
  ONNX_INPUT("x", 1, 3);
  onnx_node("Add", "x b", "a");
  onnx_node("Relu", "a", "b");
  ONNX_OUTPUT("b", 1, 3);
  refuse_model(8, 13, "node 'a' (Add, offset 33): its input 'b' is made by no node before it");
  onnx_begin();
  ONNX_INPUT("x", 1, 3);
  onnx_node("Relu", "a", "a");
  refuse_model(8, 13, "its input 'a' is made by no node before it");
  onnx_begin();
  ONNX_INPUT("x", 1, 3);
  onnx_node("Relu", "x", "a");
  onnx_node("Relu", "x", "a");
  refuse_model(8, 13, "the tensor 'a' is made twice");
  onnx_begin();
  ONNX_INPUT("x", 1, 3);
  ONNX_INPUT("x", 1, 3);
  refuse_model(8, 13, "the tensor 'x' is an input twice");
  onnx_begin();
  ONNX_WEIGHT("w", 3);
  ONNX_WEIGHT("w", 3);
  refuse_model(8, 13, "the tensor 'w' has two initializers");
  onnx_begin();
  ONNX_OUTPUT("y", 3);
  refuse_model(8, 13, "the tensor 'y' is an output of the graph, but no node makes it");
}
END_TEST

START_TEST(shapes_that_do_not_fit) {
  onnx_begin();
  ONNX_INPUT("x", 1, 4, 8, 8);
  ONNX_WEIGHT("w", 4, 3, 3, 3);
  onnx_node("Conv", "x w", "y");
  refuse_model(8, 13, "1 groups, 4 input channels and weights of 4 x 3 do not fit together");
  onnx_begin();
  ONNX_INPUT("x", 1, 5);
  ONNX_WEIGHT("w", 4, 3);
  onnx_node("MatMul", "x w", "y");
  refuse_model(8, 13, "its inputs' inner sizes, 5 and 4, differ");
  onnx_begin();
  ONNX_INPUT("x", 1, 5);
  ONNX_INTS("s", 2, -1);
  onnx_node("Reshape", "x s", "y");
  refuse_model(8, 13, "5 elements cannot be divided by 2");
  onnx_begin();
  ONNX_INPUT("x", 1, 5);
  ONNX_INTS("s", -1, -1);
  onnx_node("Reshape", "x s", "y");
  refuse_model(8, 13, "two of its dimensions are left open");
  onnx_begin();
  ONNX_INPUT("x", 1, 5);
  ONNX_ATTR_INTS("perm", 0, 0);
  onnx_node("Transpose", "x", "y");
  refuse_model(8, 13, "perm is no permutation");
  onnx_begin();
  ONNX_INPUT("x", 2, 5);
  ONNX_INPUT("z", 3, 5);
  onnx_node("Relu", "x", "y");
  refuse_model(8, 13, "the input 'z' of 3 x 5");
  onnx_begin();
  ONNX_INPUT("x", 1, 5);
  ONNX_INPUT("z", 1, 4);
  onnx_node("Add", "x z", "y");
  refuse_model(8, 13, "its inputs of 1 x 5 and 1 x 4 cannot be broadcast to one shape");
  onnx_begin();
  ONNX_INPUT("x", 1, 3, 8, 8);
  ONNX_ATTR_INTS("kernel_shape", 9, 9);
  onnx_node("MaxPool", "x", "y");
  refuse_model(8, 13, "its window of 9 x 9 does not fit into its padded input");
  onnx_begin();
  ONNX_INPUT("x", 1, 3, 8, 8);
  ONNX_ATTR_INTS("kernel_shape", 2, 2);
  ONNX_ATTR_INTS("strides", 0, 1);
  onnx_node("MaxPool", "x", "y");
  refuse_model(8, 13, "strides is 0; it must be between 1 and 65535");
  onnx_begin();
  ONNX_INPUT("x", -1, 3);
  onnx_node("Relu", "x", "y");
  refuse_model(8, 13, "dimension 0 of the input 'x' is symbolic; give it a size with --dim N=1");
  onnx_begin();
  ONNX_INPUT("x", 1, 0);
  onnx_node("Relu", "x", "y");
  refuse_model(8, 13, "dimension 1 of the input 'x' is 0");
}
END_TEST

START_TEST(nodes_without_their_operands) {
  static const char *const ops[] = {
#define SA_ONNX_OP(name, shape, lower) #name,
#include "import/onnx_ops.def"
#undef SA_ONNX_OP
  };
  for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
    for (int form = 0; form < 5; form++) {
      static const char *const inputs[] = {"", "x", "- x", "x - x", "w x x x"};
      onnx_begin();
      ONNX_INPUT("x", 1, 3, 8, 8);
      ONNX_WEIGHT("w", 1, 3, 8, 8);
      onnx_node(ops[i], inputs[form], form == 3 ? "-" : "y");
      onnx_node("Relu", "x", "z");
      ONNX_OUTPUT("z", 1, 3, 8, 8);
      const char *path = onnx_file(8, 13);
      (void)import_path(path, false); /* any answer will do, a crash won't */
      (void)import_path(path, true);
      unlink(path);
    }
}
END_TEST

static const char *data_path(const char *name) {
  static char path[512];
  const char *source = getenv("srcdir");
  snprintf(path, sizeof path, "%s/tests/data/onnx/%s.onnx", source ? source : ".", name);
  return path;
}

static size_t read_data(const char *name, uint8_t *bytes, size_t capacity) {
  FILE *file = fopen(data_path(name), "rb");
  ck_assert_ptr_nonnull(file);
  const size_t count = fread(bytes, 1, capacity, file);
  fclose(file);
  return count;
}

START_TEST(a_truncated_file_is_refused_wherever_it_ends) {
  static struct pb model;
  small_model();
  onnx_model(&model, 8, 13);
  ck_assert_msg(import_bytes(model.data, model.bytes) == SA_OK, "%s", error.message);
  for (size_t n = 0; n < model.bytes; n++) ck_assert_int_ne(import_bytes(model.data, n), SA_OK);
}
END_TEST

START_TEST(any_flipped_bit_gives_a_network_or_a_message) {
  static struct pb model;
  small_model();
  onnx_model(&model, 8, 13);
  for (size_t bit = 0; bit < 8 * model.bytes; bit++) {
    model.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    (void)import_bytes(model.data, model.bytes);
    model.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
  }
}
END_TEST

START_TEST(flipped_bytes_of_an_exported_encoder_do_no_harm) {
  static uint8_t bytes[1 << 16];
  const size_t count = read_data("encoder", bytes, sizeof bytes);
  ck_assert_uint_gt(count, 1000);
  for (size_t i = 0; i < count; i += 7) {
    const uint8_t kept = bytes[i];
    bytes[i] = (uint8_t)(kept + 1 + i % 250);
    const char *path = temporary_file(".onnx", bytes, count);
    (void)import_path(path, i % 2);
    unlink(path);
    bytes[i] = kept;
  }
}
END_TEST

/* A message in a message, ten thousand deep: fields that are not read cost nothing, and none is followed. */
START_TEST(deep_nesting_needs_no_stack) {
  static uint8_t deep[60000];
  size_t at = sizeof deep; /* built from the inside; each level is tag and length before what is there */
  while (at > 8) {
    const size_t length = sizeof deep - at;
    uint8_t head[4];
    size_t n = 0;
    head[n++] = 7 << 3 | 2;
    for (size_t rest = length; n == 1 || rest; rest >>= 7)
      head[n++] = (uint8_t)(rest & 127) | (rest > 127 ? 128 : 0);
    at -= n;
    memcpy(deep + at, head, n);
  }
  ck_assert_int_eq(import_bytes(deep + at, sizeof deep - at), SA_ERR_INPUT);
  static struct pb model, attribute, node;
  small_model();
  attribute.bytes = node.bytes = 0;
  pb_text(&attribute, 1, "body");
  pb_bytes(&attribute, 6, deep + at, 20000); /* a subgraph */
  pb_text(&node, 1, "r");
  pb_text(&node, 2, "z");
  pb_text(&node, 4, "Loop");
  pb_message(&node, 5, &attribute);
  pb_message(&onnx_graph, 1, &node);
  onnx_model(&model, 8, 13);
  ck_assert_int_eq(import_bytes(model.data, model.bytes), SA_ERR_INPUT);
  ck_assert_str_eq(
      error.message,
      "1 of 5 nodes have unknown operators: Loop (1, 20.0 %); --skip-unknown leaves them out");
}
END_TEST

START_TEST(values_of_shapes_must_be_as_many_as_claimed) {
  static struct pb tensor;
  onnx_begin();
  ONNX_INPUT("x", 1, 5);
  tensor.bytes = 0;
  pb_int(&tensor, 1, 3);
  pb_int(&tensor, 2, 7);
  pb_text(&tensor, 8, "s");
  pb_bytes(&tensor, 9, "\1\0\0\0\0\0\0\0", 8);
  pb_message(&onnx_graph, 5, &tensor);
  onnx_node("Reshape", "x s", "y");
  refuse_model(8, 13, "a tensor of 3 elements has 8 bytes");
  onnx_begin();
  ONNX_INPUT("x", 1, 5);
  tensor.bytes = 0;
  for (int i = 0; i < 9; i++) pb_int(&tensor, 1, 1);
  pb_text(&tensor, 8, "s");
  pb_message(&onnx_graph, 5, &tensor);
  onnx_node("Reshape", "x s", "y");
  refuse_model(8, 13, "a tensor has 9 dimensions; at most 8 are understood");
}
END_TEST

/* Two thousand nodes that all ask for the largest constant: the values kept are bounded. */
START_TEST(folded_values_are_bounded) {
  static struct pb model;
  onnx_begin();
  ONNX_INPUT("x", 1, 5);
  ONNX_INTS("s", 4096);
  for (int i = 0; i < 2000; i++) {
    char name[16];
    snprintf(name, sizeof name, "c%d", i);
    onnx_node("ConstantOfShape", "s", name);
  }
  onnx_node("Relu", "x", "y");
  ONNX_OUTPUT("y", 1, 5);
  onnx_model(&model, 8, 13);
  struct rusage before, after;
  getrusage(RUSAGE_SELF, &before);
  ck_assert_msg(import_bytes(model.data, model.bytes) == SA_OK, "%s", error.message);
  getrusage(RUSAGE_SELF, &after);
  ck_assert_int_lt(after.ru_maxrss - before.ru_maxrss, 48 * 1024); /* KiB; all of them would take 64 MiB */
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("ONNX bad input");
  TCase *tests = tcase_create("bad input");
  tcase_set_timeout(tests, 60);
  tcase_add_test(tests, files_that_are_no_models);
  tcase_add_test(tests, a_file_that_claims_gigabytes_takes_none);
  tcase_add_test(tests, versions_out_of_range);
  tcase_add_test(tests, graphs_that_are_no_order_of_computation);
  tcase_add_test(tests, shapes_that_do_not_fit);
  tcase_add_test(tests, nodes_without_their_operands);
  tcase_add_test(tests, a_truncated_file_is_refused_wherever_it_ends);
  tcase_add_test(tests, any_flipped_bit_gives_a_network_or_a_message);
  tcase_add_test(tests, flipped_bytes_of_an_exported_encoder_do_no_harm);
  tcase_add_test(tests, deep_nesting_needs_no_stack);
  tcase_add_test(tests, values_of_shapes_must_be_as_many_as_claimed);
  tcase_add_test(tests, folded_values_are_bounded);
  suite_add_tcase(suite, tests);
  return suite;
}
SA_TEST_MAIN(make_suite)
