/* Operators and the forms in which exporters write them, one small graph each. */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "import/onnx_import.h"
#include "onnx_build.h"
#include "test_main.h"

static struct sa_net net;
static struct sa_onnx_report report;
static struct sa_error error;

static enum sa_status import_with(int64_t opset, const struct sa_onnx_options *options) {
  const char *path = onnx_file(8, opset);
  sa_net_release(&net);
  sa_onnx_report_release(&report);
  error = (struct sa_error){.message = ""};
  const enum sa_status status = sa_onnx_import(path, options, &net, &report, &error);
  unlink(path);
  return status;
}

static void import(int64_t opset) {
  ck_assert_msg(import_with(opset, &(struct sa_onnx_options){.dims = NULL}) == SA_OK, "%s", error.message);
}

static bool noted(const char *part) {
  for (size_t i = 0; i < report.notes.count; i++)
    if (strstr(report.notes.lines[i], part)) return true;
  return false;
}

/* The network is the input(s) and then exactly these kinds. */
static void check_kinds(uint32_t count, const enum sa_layer_kind *kinds) {
  ck_assert_uint_eq(net.layer_count, count);
  for (uint32_t i = 0; i < count; i++) ck_assert_int_eq(net.layers[i].kind, kinds[i]);
}
#define KINDS(...)                                                                            \
  check_kinds(sizeof((const enum sa_layer_kind[]){__VA_ARGS__}) / sizeof(enum sa_layer_kind), \
              (const enum sa_layer_kind[]){__VA_ARGS__})

static void check_out(uint32_t layer, uint32_t n, uint32_t h, uint32_t w, uint32_t c) {
  const struct sa_shape *out = &net.layers[layer].out;
  ck_assert_msg(out->n == n && out->h == h && out->w == w && out->c == c, "%u: %u x %u x %u x %u",
                layer, out->n, out->h, out->w, out->c);
}

START_TEST(auto_pad_puts_the_odd_element_where_it_says) {
  for (int lower = 0; lower < 2; lower++) {
    onnx_begin();
    ONNX_INPUT("x", 1, 3, 9, 8);
    ONNX_WEIGHT("w", 4, 3, 4, 3);
    ONNX_ATTR_INTS("strides", 2, 2);
    onnx_attr_text("auto_pad", lower ? "SAME_LOWER" : "SAME_UPPER");
    onnx_node("Conv", "x w", "y");
    ONNX_OUTPUT("y", 1, 4, 5, 4);
    import(13);
    const struct sa_layer *conv = &net.layers[1];
    check_out(1, 1, 5, 4, 4);
    ck_assert_uint_eq(conv->pad_top, lower ? 2 : 1);
    ck_assert_uint_eq(conv->pad_bottom, lower ? 1 : 2);
    ck_assert_uint_eq(conv->pad_left, lower ? 1 : 0);
    ck_assert(!conv->has_bias);
  }
}
END_TEST

START_TEST(a_pad_before_a_window_becomes_its_padding) {
  onnx_begin();
  ONNX_INPUT("x", 1, 3, 8, 8);
  ONNX_INTS("pads", 0, 0, 0, 1, 0, 0, 1, 0);
  onnx_node("Pad", "x pads", "p");
  ONNX_WEIGHT("w", 4, 3, 3, 3);
  ONNX_ATTR_INTS("pads", 1, 1, 1, 1);
  onnx_node("Conv", "p w", "y");
  ONNX_OUTPUT("y", 1, 4, 9, 9);
  import(13);
  KINDS(SA_LAYER_INPUT, SA_LAYER_CONV);
  check_out(1, 1, 9, 9, 4);
  ck_assert_uint_eq(net.layers[1].pad_left, 2);
  ck_assert_uint_eq(net.layers[1].pad_bottom, 2);
}
END_TEST

START_TEST(a_pool_that_rounds_up_is_padded_behind) {
  onnx_begin();
  ONNX_INPUT("x", 1, 3, 8, 7);
  ONNX_ATTR_INTS("kernel_shape", 3, 3);
  ONNX_ATTR_INTS("strides", 2, 2);
  onnx_attr_int("ceil_mode", 1);
  onnx_node("MaxPool", "x", "y");
  ONNX_OUTPUT("y", 1, 3, 4, 3);
  import(13);
  check_out(1, 1, 4, 3, 3);
  ck_assert_uint_eq(net.layers[1].pad_bottom, 1);
  ck_assert_uint_eq(net.layers[1].pad_right, 0);
}
END_TEST

START_TEST(a_signal_is_an_image_of_one_row) {
  onnx_begin();
  ONNX_INPUT("x", 2, 40, 100);
  ONNX_WEIGHT("w", 64, 20, 5);
  onnx_attr_int("group", 2);
  ONNX_ATTR_INTS("dilations", 2);
  onnx_node("Conv", "x w", "y");
  ONNX_OUTPUT("y", 2, 64, 92);
  import(13);
  check_out(0, 2, 1, 100, 40);
  check_out(1, 2, 1, 92, 64);
  ck_assert_uint_eq(net.layers[1].kernel_h, 1);
  ck_assert_uint_eq(net.layers[1].dilation_w, 2);
  ck_assert_uint_eq(net.batch, 2);
}
END_TEST

START_TEST(batch_norm_is_folded_and_its_numbers_counted) {
  onnx_begin();
  ONNX_INPUT("x", 1, 3, 8, 8);
  ONNX_WEIGHT("w", 4, 3, 1, 1);
  ONNX_WEIGHT("s", 4);
  onnx_node("Conv", "x w", "c");
  onnx_node("BatchNormalization", "c s s s s", "b");
  onnx_node("Relu", "b", "y");
  ONNX_OUTPUT("y", 1, 4, 8, 8);
  import(9);
  KINDS(SA_LAYER_INPUT, SA_LAYER_CONV);
  ck_assert(net.layers[1].has_batch_norm);
  ck_assert_int_eq(net.layers[1].activation, SA_ACT_RELU);
  ck_assert_uint_eq(net.layers[1].params, 12 + 8);
}
END_TEST

/* x sigmoid(x), and what MobileNetV3 writes: x clip(x + 3, 0, 6) / 6. */
START_TEST(products_of_a_tensor_and_its_functions_are_one_activation) {
  onnx_begin();
  ONNX_INPUT("x", 1, 3, 8, 8);
  ONNX_WEIGHT("w", 4, 3, 1, 1);
  ONNX_WEIGHT("v", 4, 4, 1, 1);
  onnx_node("Conv", "x w", "c");
  onnx_node("Sigmoid", "c", "s");
  onnx_node("Mul", "c s", "silu");
  onnx_node("Conv", "silu v", "d");
  onnx_float("three", 3);
  onnx_float("zero", 0);
  onnx_float("six", 6);
  onnx_node("Add", "d three", "d3");
  onnx_node("Clip", "d3 zero six", "r");
  onnx_node("Mul", "d r", "m");
  onnx_node("Div", "m six", "y");
  ONNX_OUTPUT("y", 1, 4, 8, 8);
  import(13);
  KINDS(SA_LAYER_INPUT, SA_LAYER_CONV, SA_LAYER_CONV);
  ck_assert_int_eq(net.layers[1].activation, SA_ACT_SWISH);
  ck_assert_int_eq(net.layers[2].activation, SA_ACT_SWISH);
}
END_TEST

START_TEST(gelu_in_its_tanh_form_is_gelu) {
  onnx_begin();
  ONNX_INPUT("x", 1, 8, 16);
  ONNX_WEIGHT("w", 16, 32);
  onnx_node("MatMul", "x w", "h");
  onnx_float("three", 3);
  onnx_float("a", 0.044715f);
  onnx_float("b", 0.797885f);
  onnx_float("one", 1);
  onnx_float("half", 0.5f);
  onnx_node("Pow", "h three", "p");
  onnx_node("Mul", "a p", "ap");
  onnx_node("Add", "h ap", "s");
  onnx_node("Mul", "s b", "sb");
  onnx_node("Tanh", "sb", "t");
  onnx_node("Add", "t one", "t1");
  onnx_node("Mul", "h half", "hh");
  onnx_node("Mul", "hh t1", "y");
  ONNX_OUTPUT("y", 1, 8, 32);
  import(13);
  KINDS(SA_LAYER_INPUT, SA_LAYER_FC);
  ck_assert_int_eq(net.layers[1].activation, SA_ACT_GELU);
}
END_TEST

START_TEST(squeeze_and_excite_multiplies_a_vector_over_an_image) {
  onnx_begin();
  ONNX_INPUT("x", 1, 8, 6, 6);
  ONNX_WEIGHT("w", 8, 8, 3, 3);
  ONNX_WEIGHT("a", 2, 8, 1, 1);
  ONNX_WEIGHT("b", 8, 2, 1, 1);
  ONNX_ATTR_INTS("pads", 1, 1, 1, 1);
  onnx_node("Conv", "x w", "c");
  onnx_node("GlobalAveragePool", "c", "g");
  onnx_node("Conv", "g a", "s1");
  onnx_node("Relu", "s1", "s2");
  onnx_node("Conv", "s2 b", "s3");
  onnx_node("HardSigmoid", "s3", "s4");
  onnx_node("Mul", "s4 c", "y");
  ONNX_OUTPUT("y", 1, 8, 6, 6);
  import(13);
  KINDS(SA_LAYER_INPUT, SA_LAYER_CONV, SA_LAYER_AVGPOOL, SA_LAYER_CONV, SA_LAYER_CONV, SA_LAYER_MUL);
  ck_assert_int_eq(net.layers[4].activation, SA_ACT_SIGMOID);
  ck_assert_uint_eq(net.layers[5].inputs[0].layer, 1);
  ck_assert_uint_eq(net.layers[5].inputs[1].layer, 4);
  ck_assert(noted("HardSigmoid runs as sigmoid"));
}
END_TEST

/* timm's attention: one projection, reshape to [N, T, 3, heads, d], permute, unbind by Gather. */
START_TEST(attention_by_permute_and_unbind_reads_slices) {
  onnx_begin();
  ONNX_INPUT("x", 1, 10, 24);
  ONNX_WEIGHT("w", 24, 72);
  onnx_node("MatMul", "x w", "qkv");
  ONNX_INTS("s5", 1, 10, 3, 4, 6);
  onnx_node("Reshape", "qkv s5", "r");
  ONNX_ATTR_INTS("perm", 2, 0, 3, 1, 4);
  onnx_node("Transpose", "r", "t");
  ONNX_INTS("i0", 0);
  ONNX_INTS("i1", 1);
  ONNX_INTS("i2", -1);
  ONNX_INTS("axis0", 0);
  static const char *const parts[3][3] = {{"t i0", "q1", "q"}, {"t i1", "k1", "k"}, {"t i2", "v1", "v"}};
  for (int i = 0; i < 3; i++) {
    onnx_attr_int("axis", 0);
    onnx_node("Gather", parts[i][0], parts[i][1]);
    char inputs[20];
    snprintf(inputs, sizeof inputs, "%s axis0", parts[i][1]);
    onnx_node("Squeeze", inputs, parts[i][2]);
  }
  ONNX_ATTR_INTS("perm", 0, 1, 3, 2);
  onnx_node("Transpose", "k", "kt");
  onnx_node("MatMul", "q kt", "scores");
  onnx_attr_int("axis", -1);
  onnx_node("Softmax", "scores", "p");
  onnx_node("MatMul", "p v", "c");
  ONNX_ATTR_INTS("perm", 0, 2, 1, 3);
  onnx_node("Transpose", "c", "ct");
  ONNX_INTS("s3", 0, 0, -1);
  onnx_node("Reshape", "ct s3", "y");
  ONNX_OUTPUT("y", 1, 10, 24);
  import(13);
  KINDS(SA_LAYER_INPUT, SA_LAYER_FC, SA_LAYER_MATMUL, SA_LAYER_SOFTMAX, SA_LAYER_MATMUL);
  check_out(2, 1, 4, 10, 10);
  check_out(4, 1, 1, 10, 24);
  ck_assert_uint_eq(net.layers[2].inputs[1].c_first, 24);
  ck_assert_uint_eq(net.layers[4].inputs[1].c_first, 48);
}
END_TEST

/* Grouped-query attention: two heads of k and v, each repeated for two of q by Unsqueeze and Expand. */
START_TEST(expanded_heads_are_grouped_queries) {
  onnx_begin();
  ONNX_INPUT("x", 1, 10, 24);
  ONNX_WEIGHT("wq", 24, 24);
  ONNX_WEIGHT("wk", 24, 12);
  onnx_node("MatMul", "x wq", "q0");
  onnx_node("MatMul", "x wk", "k0");
  ONNX_INTS("sq", 1, 10, 4, 6);
  ONNX_INTS("sk", 1, 10, 2, 6);
  onnx_node("Reshape", "q0 sq", "q1");
  onnx_node("Reshape", "k0 sk", "k1");
  ONNX_ATTR_INTS("perm", 0, 2, 1, 3);
  onnx_node("Transpose", "q1", "q");
  ONNX_ATTR_INTS("perm", 0, 2, 1, 3);
  onnx_node("Transpose", "k1", "k2");
  ONNX_INTS("two", 2);
  onnx_node("Unsqueeze", "k2 two", "k3");
  ONNX_INTS("se", 1, 2, 2, 10, 6);
  onnx_node("Expand", "k3 se", "k4");
  ONNX_INTS("sf", 1, 4, 10, 6);
  onnx_node("Reshape", "k4 sf", "k5");
  ONNX_ATTR_INTS("perm", 0, 1, 3, 2);
  onnx_node("Transpose", "k5", "k");
  onnx_node("MatMul", "q k", "y");
  ONNX_OUTPUT("y", 1, 4, 10, 10);
  import(13);
  KINDS(SA_LAYER_INPUT, SA_LAYER_FC, SA_LAYER_FC, SA_LAYER_MATMUL);
  ck_assert_uint_eq(net.layers[3].heads, 4);
  ck_assert_uint_eq(net.layers[3].kv_heads, 2);
}
END_TEST

START_TEST(rms_norm_written_out_is_one_layer) {
  onnx_begin();
  ONNX_INPUT("x", 1, 8, 16);
  ONNX_WEIGHT("g", 16);
  onnx_float("two", 2);
  onnx_float("eps", 1e-6f);
  onnx_node("Pow", "x two", "s");
  ONNX_ATTR_INTS("axes", -1);
  onnx_node("ReduceMean", "s", "m");
  onnx_node("Add", "m eps", "e");
  onnx_node("Sqrt", "e", "r");
  onnx_node("Reciprocal", "r", "i");
  onnx_node("Mul", "x i", "n");
  onnx_node("Mul", "g n", "y");
  ONNX_OUTPUT("y", 1, 8, 16);
  import(13);
  KINDS(SA_LAYER_INPUT, SA_LAYER_NORM);
  ck_assert(net.layers[1].rms);
}
END_TEST

START_TEST(a_layer_norm_whose_middle_is_read_elsewhere_is_not_matched) {
  onnx_begin();
  ONNX_INPUT("x", 1, 8, 16);
  onnx_float("two", 2);
  onnx_float("eps", 1e-6f);
  ONNX_ATTR_INTS("axes", -1);
  onnx_node("ReduceMean", "x", "m");
  onnx_node("Sub", "x m", "d");
  onnx_node("Pow", "d two", "s");
  ONNX_ATTR_INTS("axes", -1);
  onnx_node("ReduceMean", "s", "v");
  onnx_node("Add", "v eps", "e");
  onnx_node("Sqrt", "e", "r");
  onnx_node("Div", "d r", "y");
  ONNX_OUTPUT("y", 1, 8, 16);
  ONNX_OUTPUT("v", 1, 8, 1);
  ck_assert_int_eq(import_with(13, &(struct sa_onnx_options){.dims = NULL}), SA_ERR_INPUT);
  ck_assert_ptr_nonnull(strstr(error.message, "it reduces something else than all positions"));
}
END_TEST

START_TEST(token_numbers_are_looked_up_by_the_host) {
  onnx_begin();
  onnx_value(11, "ids", 7, (const int64_t[]){1, 12, -2});
  onnx_value(11, "mask", 7, (const int64_t[]){1, 12, -2});
  ONNX_WEIGHT("table", 1000, 32);
  ONNX_WEIGHT("positions", 1, 12, 32);
  ONNX_WEIGHT("w", 32, 8);
  onnx_node("Gather", "table ids", "e");
  onnx_node("Add", "e positions", "x");
  onnx_node("MatMul", "x w", "h");
  onnx_attr_int("to", 1);
  onnx_node("Cast", "mask", "m");
  ONNX_INTS("two", 2);
  onnx_node("Unsqueeze", "m two", "mu");
  onnx_node("Add", "h mu", "y");
  ONNX_OUTPUT("y", 1, 12, 8);
  import(13);
  KINDS(SA_LAYER_INPUT, SA_LAYER_FC);
  check_out(0, 1, 1, 12, 32);
  ck_assert_uint_eq(net.extra_params, 1000 * 32 + 12 * 32);
  ck_assert(noted("looked up by token"));
  ck_assert(noted("a mask has no layer"));
}
END_TEST

START_TEST(flatten_of_an_image_is_a_classifier_over_all_of_it) {
  onnx_begin();
  ONNX_INPUT("x", 2, 3, 4, 5);
  ONNX_WEIGHT("w", 10, 60);
  ONNX_WEIGHT("b", 10);
  onnx_node("Flatten", "x", "f");
  onnx_attr_int("transB", 1);
  onnx_node("Gemm", "f w b", "y");
  ONNX_OUTPUT("y", 2, 10);
  import(13);
  KINDS(SA_LAYER_INPUT, SA_LAYER_FC);
  ck_assert(net.layers[1].flatten && net.layers[1].has_bias);
  ck_assert_uint_eq(net.layers[1].macs, 2 * 600);
}
END_TEST

/* tf2onnx: channels last outside, a transpose to channels first, weights through Identity. */
START_TEST(tensorflows_images_keep_their_layout) {
  onnx_begin();
  ONNX_INPUT("x", 1, 8, 6, 3);
  ONNX_WEIGHT("w0", 4, 3, 3, 3);
  onnx_node("Identity", "w0", "w");
  ONNX_ATTR_INTS("perm", 0, 3, 1, 2);
  onnx_node("Transpose", "x", "t");
  onnx_node("Conv", "t w", "c");
  ONNX_ATTR_INTS("perm", 0, 2, 3, 1);
  onnx_node("Transpose", "c", "u");
  ONNX_ATTR_INTS("axes", 1, 2);
  onnx_attr_int("keepdims", 0);
  onnx_node("ReduceMean", "u", "y");
  ONNX_OUTPUT("y", 1, 4);
  import(13);
  KINDS(SA_LAYER_INPUT, SA_LAYER_CONV, SA_LAYER_AVGPOOL);
  check_out(0, 1, 8, 6, 3);
  ck_assert_uint_eq(report.notes.count, 0);
}
END_TEST

START_TEST(channels_are_split_and_joined_without_layers_of_their_own) {
  onnx_begin();
  ONNX_INPUT("x", 1, 8, 4, 4);
  ONNX_WEIGHT("w", 4, 4, 1, 1);
  onnx_attr_int("axis", 1);
  onnx_node("Split", "x", "a b");
  onnx_node("Conv", "b w", "c");
  onnx_attr_int("axis", 1);
  onnx_node("Concat", "a c x a b c x a b c", "y");
  ONNX_OUTPUT("y", 1, 48, 4, 4);
  import(13);
  KINDS(SA_LAYER_INPUT, SA_LAYER_CONV, SA_LAYER_CONCAT, SA_LAYER_CONCAT); /* ten inputs in two layers */
  ck_assert_uint_eq(net.layers[1].inputs[0].c_first, 4);
  check_out(3, 1, 4, 4, 48);
}
END_TEST

START_TEST(a_channel_shuffle_moves_nothing) {
  onnx_begin();
  ONNX_INPUT("x", 1, 6, 4, 4);
  ONNX_INTS("apart", 1, 2, 3, 4, 4);
  ONNX_INTS("together", 1, 6, 4, 4);
  onnx_node("Reshape", "x apart", "a");
  ONNX_ATTR_INTS("perm", 0, 2, 1, 3, 4);
  onnx_node("Transpose", "a", "b");
  onnx_node("Reshape", "b together", "c");
  onnx_attr_int("axis", 1);
  onnx_node("Split", "c", "d e");
  ONNX_WEIGHT("w", 8, 3, 1, 1);
  onnx_node("Conv", "e w", "y");
  ONNX_OUTPUT("y", 1, 8, 4, 4);
  import(13);
  KINDS(SA_LAYER_INPUT, SA_LAYER_CONV);
  ck_assert_uint_eq(net.layers[1].inputs[0].c_first, 3);
  ck_assert(noted("a channel shuffle moves nothing"));
}
END_TEST

START_TEST(resize_by_whole_factors_is_an_upsampling) {
  onnx_begin();
  ONNX_INPUT("x", 1, 8, 4, 5);
  ONNX_INTS("sizes", 1, 8, 8, 15);
  onnx_attr_text("mode", "nearest");
  onnx_node("Resize", "x - - sizes", "y");
  ONNX_OUTPUT("y", 1, 8, 8, 15);
  import(13);
  KINDS(SA_LAYER_INPUT, SA_LAYER_UPSAMPLE);
  check_out(1, 1, 8, 15, 8);
}
END_TEST

START_TEST(a_bidirectional_lstm_is_two_and_a_join) {
  onnx_begin();
  ONNX_INPUT("x", 7, 2, 5);
  ONNX_WEIGHT("w", 2, 12, 5);
  ONNX_WEIGHT("r", 2, 12, 3);
  ONNX_WEIGHT("b", 2, 24);
  onnx_attr_int("hidden_size", 3);
  onnx_attr_text("direction", "bidirectional");
  onnx_node("LSTM", "x w r b", "y");
  ONNX_ATTR_INTS("perm", 0, 2, 1, 3);
  onnx_node("Transpose", "y", "t");
  ONNX_INTS("s", 7, 2, 6);
  onnx_node("Reshape", "t s", "z");
  ONNX_WEIGHT("v", 6, 4);
  onnx_node("MatMul", "z v", "out");
  ONNX_OUTPUT("out", 7, 2, 4);
  import(13);
  KINDS(SA_LAYER_INPUT, SA_LAYER_LSTM, SA_LAYER_LSTM, SA_LAYER_CONCAT, SA_LAYER_FC);
  check_out(0, 2, 1, 7, 5);
  check_out(3, 2, 1, 7, 6);
}
END_TEST

START_TEST(shape_arithmetic_is_folded_to_the_last_reshape) {
  onnx_begin();
  ONNX_INPUT("x", 2, 6, 4, 4);
  onnx_node("Shape", "x", "s");
  ONNX_INTS("i0", 0);
  ONNX_INTS("i1", 1);
  ONNX_INTS("minus", -1);
  onnx_node("Gather", "s i0", "n");
  onnx_node("Gather", "s i1", "c");
  onnx_attr_int("axis", 0);
  onnx_node("Concat", "n c minus", "to");
  onnx_node("Reshape", "x to", "r");
  ONNX_ATTR_INTS("perm", 0, 2, 1);
  onnx_node("Transpose", "r", "t");
  ONNX_WEIGHT("w", 6, 5);
  onnx_node("MatMul", "t w", "y");
  ONNX_OUTPUT("y", 2, 16, 5);
  import(13);
  ck_assert_int_eq(net.layers[net.layer_count - 1].kind, SA_LAYER_FC);
  check_out(net.layer_count - 1, 2, 1, 16, 5);
  ck_assert(noted("rows of an image become one row of tokens"));
}
END_TEST

START_TEST(weights_from_the_left_are_a_layer_too) {
  onnx_begin();
  ONNX_INPUT("x", 1, 6, 10);
  ONNX_ATTR_INTS("perm", 0, 2, 1);
  onnx_node("Transpose", "x", "t");
  ONNX_WEIGHT("w", 4, 10);
  onnx_node("MatMul", "w t", "y");
  ONNX_OUTPUT("y", 1, 4, 6);
  import(13);
  KINDS(SA_LAYER_INPUT, SA_LAYER_FC);
  check_out(1, 1, 1, 6, 4);
}
END_TEST

START_TEST(unknown_operators_are_listed_with_their_share) {
  onnx_begin();
  ONNX_INPUT("x", 1, 3, 8, 8);
  ONNX_WEIGHT("w", 3, 3, 1, 1);
  onnx_node("Conv", "x w", "a");
  onnx_node("Frobnicate", "a", "b");
  onnx_node("Frobnicate", "b", "c");
  onnx_node("Evil\x1b[2J", "c", "d");
  onnx_node("Conv", "d w", "y");
  ONNX_OUTPUT("y", 1, 3, 8, 8);
  onnx_value(13, "b", 1, (const int64_t[]){1, 3, 8, 8, -2});
  onnx_value(13, "c", 1, (const int64_t[]){1, 3, 8, 8, -2});
  onnx_value(13, "d", 1, (const int64_t[]){1, 3, 8, 8, -2});
  ck_assert_int_eq(import_with(13, &(struct sa_onnx_options){.dims = NULL}), SA_ERR_INPUT);
  ck_assert_str_eq(error.message,
                   "3 of 5 nodes have unknown operators: Frobnicate (2, 40.0 %), Evil?[2J (1, 20.0 %); "
                   "--skip-unknown leaves them out");
  ck_assert_uint_eq(net.layer_count, 0);
  ck_assert_uint_eq(report.unknown_count, 2);
  ck_assert_int_eq(import_with(13, &(struct sa_onnx_options){.skip_unknown = true}), SA_OK);
  KINDS(SA_LAYER_INPUT, SA_LAYER_CONV, SA_LAYER_CONV); /* they keep the shape: taken for what they read */
  ck_assert_uint_eq(report.skipped, 3);
}
END_TEST

START_TEST(behind_a_skipped_operator_of_another_shape_the_network_begins_anew) {
  onnx_begin();
  ONNX_INPUT("x", 1, 3, 8, 8);
  ONNX_WEIGHT("w", 3, 3, 1, 1);
  onnx_node("Conv", "x w", "a");
  onnx_node("Frobnicate", "a", "b");
  onnx_node("Conv", "b w", "c");
  onnx_node("Frobnicate", "a", "d");
  onnx_node("Conv", "d w", "e");
  ONNX_OUTPUT("c", 1, 3, 4, 4);
  ONNX_OUTPUT("e", 1, 3, -1, -1);
  onnx_value(13, "b", 1, (const int64_t[]){1, 3, 4, 4, -2});
  ck_assert_int_eq(import_with(13, &(struct sa_onnx_options){.skip_unknown = true}), SA_OK);
  KINDS(SA_LAYER_INPUT, SA_LAYER_CONV, SA_LAYER_INPUT, SA_LAYER_CONV);
  ck_assert(noted("what makes it is skipped"));
  ck_assert_uint_eq(report.skipped, 3); /* both, and the convolution whose input has no shape */
}
END_TEST

START_TEST(what_cannot_be_expressed_names_node_operator_and_offset) {
  onnx_begin();
  ONNX_INPUT("x", 1, 3, 8, 8);
  onnx_attr_int("axis", 2);
  onnx_node("Softmax", "x", "soft");
  ONNX_OUTPUT("soft", 1, 3, 8, 8);
  ck_assert_int_eq(import_with(13, &(struct sa_onnx_options){.dims = NULL}), SA_ERR_INPUT);
  ck_assert_ptr_nonnull(strstr(error.message, "node 'soft' (Softmax, offset "));
  ck_assert_ptr_nonnull(strstr(error.message, "): it runs over something else than a layer's channels"));
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("ONNX operators");
  TCase *tests = tcase_create("operators");
  tcase_add_test(tests, auto_pad_puts_the_odd_element_where_it_says);
  tcase_add_test(tests, a_pad_before_a_window_becomes_its_padding);
  tcase_add_test(tests, a_pool_that_rounds_up_is_padded_behind);
  tcase_add_test(tests, a_signal_is_an_image_of_one_row);
  tcase_add_test(tests, batch_norm_is_folded_and_its_numbers_counted);
  tcase_add_test(tests, products_of_a_tensor_and_its_functions_are_one_activation);
  tcase_add_test(tests, gelu_in_its_tanh_form_is_gelu);
  tcase_add_test(tests, squeeze_and_excite_multiplies_a_vector_over_an_image);
  tcase_add_test(tests, attention_by_permute_and_unbind_reads_slices);
  tcase_add_test(tests, expanded_heads_are_grouped_queries);
  tcase_add_test(tests, rms_norm_written_out_is_one_layer);
  tcase_add_test(tests, a_layer_norm_whose_middle_is_read_elsewhere_is_not_matched);
  tcase_add_test(tests, token_numbers_are_looked_up_by_the_host);
  tcase_add_test(tests, flatten_of_an_image_is_a_classifier_over_all_of_it);
  tcase_add_test(tests, tensorflows_images_keep_their_layout);
  tcase_add_test(tests, channels_are_split_and_joined_without_layers_of_their_own);
  tcase_add_test(tests, a_channel_shuffle_moves_nothing);
  tcase_add_test(tests, resize_by_whole_factors_is_an_upsampling);
  tcase_add_test(tests, a_bidirectional_lstm_is_two_and_a_join);
  tcase_add_test(tests, shape_arithmetic_is_folded_to_the_last_reshape);
  tcase_add_test(tests, weights_from_the_left_are_a_layer_too);
  tcase_add_test(tests, unknown_operators_are_listed_with_their_share);
  tcase_add_test(tests, behind_a_skipped_operator_of_another_shape_the_network_begins_anew);
  tcase_add_test(tests, what_cannot_be_expressed_names_node_operator_and_offset);
  suite_add_tcase(suite, tests);
  return suite;
}
SA_TEST_MAIN(make_suite)
