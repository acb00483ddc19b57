/* Networks built in C: what sa_net_finish fills in and refuses, and the seeded numbers. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "net/net_yaml.h"
#include "net/quant.h"
#include "test_main.h"

/* A network of these layers, finished; its array must outlive it. */
static enum sa_status finish(struct sa_layer *layers, uint32_t count, struct sa_net *net,
                             struct sa_error *error) {
  *net = (struct sa_net){.layers = layers, .layer_count = count, .batch = 1};
  return sa_net_finish(net, error);
}

START_TEST(zero_stands_for_the_usual_value) {
  struct sa_layer layers[] = {
      {.name = "x", .kind = SA_LAYER_INPUT, .out = {2, 9, 9, 6}},
      {.name = "conv", .kind = SA_LAYER_CONV, .input_count = 1, .kernel_h = 3, .kernel_w = 2, .out.c = 5},
      {.name = "pool", .kind = SA_LAYER_AVGPOOL, .input_count = 1, .inputs = {{1, 0, 0}}},
      {.name = "row", .kind = SA_LAYER_INPUT, .out = {2, 1, 4, 8}},
      {.name = "mm", .kind = SA_LAYER_MATMUL, .input_count = 2, .inputs = {{3, 0, 0}, {3, 0, 0}},
       .heads = 2, .transpose_b = true},
      {.name = "part", .kind = SA_LAYER_ACT, .input_count = 1, .inputs = {{3, 5, 0}}}};
  struct sa_net net;
  struct sa_error error;
  ck_assert_int_eq(finish(layers, 6, &net, &error), SA_OK);
  ck_assert(layers[1].stride_h == 1 && layers[1].dilation_w == 1 && layers[1].groups == 1);
  ck_assert(layers[1].inputs[0].c_count == 6);
  ck_assert(layers[1].out.n == 2 && layers[1].out.h == 7 && layers[1].out.w == 8);
  ck_assert(layers[2].kernel_h == 7 && layers[2].kernel_w == 8 && layers[2].out.h == 1);
  ck_assert(layers[4].kv_heads == 2 && layers[4].out.h == 2 && layers[4].out.w == 4 && layers[4].out.c == 4);
  ck_assert(layers[5].inputs[0].c_count == 3 && layers[5].out.c == 3);
}
END_TEST

START_TEST(gemms_and_macs_of_each_kind) {
  struct sa_layer layers[] = {
      {.name = "x", .kind = SA_LAYER_INPUT, .out = {2, 6, 6, 8}},
      {.name = "grouped", .kind = SA_LAYER_CONV, .input_count = 1, .kernel_h = 3, .kernel_w = 3,
       .pad_top = 1, .pad_left = 1, .pad_bottom = 1, .pad_right = 1, .groups = 2, .out.c = 10,
       .has_bias = true},
      {.name = "flat", .kind = SA_LAYER_FC, .input_count = 1, .flatten = true, .out.c = 3,
       .has_batch_norm = true},
      {.name = "positions", .kind = SA_LAYER_FC, .input_count = 1, .out.c = 3},
      {.name = "seq", .kind = SA_LAYER_INPUT, .out = {2, 1, 5, 12}},
      {.name = "lstm", .kind = SA_LAYER_LSTM, .input_count = 1, .inputs = {{4, 0, 0}}, .out.c = 7,
       .has_bias = true},
      {.name = "norm", .kind = SA_LAYER_NORM, .input_count = 1, .inputs = {{5, 0, 0}}},
      {.name = "rms", .kind = SA_LAYER_NORM, .input_count = 1, .inputs = {{5, 0, 0}}, .rms = true}};
  struct sa_net net;
  struct sa_error error;
  ck_assert_int_eq(finish(layers, 8, &net, &error), SA_OK);
  /* m, k, n, count, weights, params */
  static const uint64_t want[][6] = {
      {0, 0, 0, 0, 0, 0},          {72, 36, 5, 2, 360, 370}, {2, 288, 3, 1, 864, 870},
      {72, 8, 3, 1, 24, 24},       {0, 0, 0, 0, 0, 0},       {2, 19, 28, 5, 532, 560},
      {0, 0, 0, 0, 0, 14},         {0, 0, 0, 0, 0, 7}};
  uint64_t macs = 0;
  for (int i = 0; i < 8; i++) {
    const struct sa_layer *l = &layers[i];
    ck_assert_uint_eq(l->gemm_m, want[i][0]);
    ck_assert_uint_eq(l->gemm_k, want[i][1]);
    ck_assert_uint_eq(l->gemm_n, want[i][2]);
    ck_assert_uint_eq(l->gemm_count, want[i][3]);
    ck_assert_uint_eq(l->macs, want[i][0] * want[i][1] * want[i][2] * want[i][3]);
    ck_assert_uint_eq(l->weights, want[i][4]);
    ck_assert_uint_eq(l->params, want[i][5]);
    macs += l->macs;
  }
  ck_assert_uint_eq(sa_net_total(&net).macs, macs);
}
END_TEST

START_TEST(finishing_twice_changes_nothing) {
  struct sa_net net;
  struct sa_error error;
  ck_assert_int_eq(sa_net_load("tiny-yolo-v3", NULL, &net, &error), SA_OK);
  const size_t bytes = net.layer_count * sizeof *net.layers;
  struct sa_layer *before = malloc(bytes);
  ck_assert_ptr_nonnull(before);
  memcpy(before, net.layers, bytes);
  ck_assert_int_eq(sa_net_finish(&net, &error), SA_OK);
  ck_assert_mem_eq(before, net.layers, bytes);
  free(before);
  sa_net_release(&net);
}
END_TEST

/* One layer behind an input of 1 x 4 x 4 x 4, and why it is refused. */
static const struct { struct sa_layer layer; const char *message; } refused[] = {
    {{.name = "a", .kind = SA_LAYER_FC, .input_count = 1, .inputs = {{1, 0, 0}}, .out.c = 1},
     "layer a: its input is layer number 1, which is not before it"},
    {{.name = "a", .kind = SA_LAYER_FC, .out.c = 1}, "layer a: it has 0 inputs; fc takes 1"},
    {{.name = "a", .kind = SA_LAYER_CONCAT}, "layer a: it has 0 inputs; concat takes 1 to 8"},
    {{.name = "x", .kind = SA_LAYER_SOFTMAX, .input_count = 1}, "two layers are named x"},
    {{.name = "a", .kind = SA_LAYER_FC, .input_count = 1},
     "layer a: its output is 1 x 4 x 4 x 0; every size must be between 1 and 2147483647"},
    {{.name = "a", .kind = SA_LAYER_SOFTMAX, .input_count = 1, .has_residual = true},
     "layer a: softmax has no fused residual"},
    {{.name = "a", .kind = SA_LAYER_ADD, .input_count = 2, .has_residual = true},
     "layer a: add has no fused residual"},
    {{.name = "a", .kind = SA_LAYER_NORM, .input_count = 1, .activation = SA_ACT_GELU},
     "layer a: norm has no activation"},
    {{.name = "a", .kind = SA_LAYER_ACT, .input_count = 1, .has_bias = true}, "layer a: act has no bias"},
    {{.name = "a", .kind = SA_LAYER_LSTM, .input_count = 1, .out.c = 1, .has_batch_norm = true},
     "layer a: lstm has no batch norm"},
    {{.name = "a", .kind = SA_LAYER_CONV, .input_count = 1, .out.c = 1, .kernel_h = 3},
     "layer a: kernel is 3 x 0; it must be between 1 and 255"},
    {{.name = "a", .kind = SA_LAYER_CONV, .input_count = 1, .out.c = 1, .kernel_h = 256, .kernel_w = 1},
     "layer a: kernel is 256 x 1; it must be between 1 and 255"},
    {{.name = "a", .kind = SA_LAYER_CONV, .input_count = 1, .out.c = 1, .kernel_h = 1, .kernel_w = 1,
      .stride_w = 65536},
     "layer a: stride is 1 x 65536; it must be between 1 and 65535"},
    {{.name = "a", .kind = SA_LAYER_CONV, .input_count = 1, .out.c = 1, .kernel_h = 1, .kernel_w = 1,
      .dilation_h = 256},
     "layer a: dilation is 256 x 1; it must be between 1 and 255"},
    {{.name = "a", .kind = SA_LAYER_MAXPOOL, .input_count = 1, .kernel_h = 2, .kernel_w = 2, .dilation_h = 2},
     "layer a: a pool has no dilation; it is 2 x 1"},
    {{.name = "a", .kind = SA_LAYER_ACT, .input_count = 1, .inputs = {{0, 4, 0}}},
     "layer a: channels 4 to 4 of x are asked for; it has 4"},
    {{.name = "a", .kind = SA_LAYER_ACT, .input_count = 1, .inputs = {{0, 1, 4}}},
     "layer a: channels 1 to 5 of x are asked for; it has 4"},
};

START_TEST(a_layer_is_refused_with_this_message) {
  struct sa_layer layers[] = {{.name = "x", .kind = SA_LAYER_INPUT, .out = {1, 4, 4, 4}}, refused[_i].layer};
  struct sa_net net;
  struct sa_error error;
  ck_assert_int_ne(finish(layers, 2, &net, &error), SA_OK);
  ck_assert_str_eq(error.message, refused[_i].message);
}
END_TEST

START_TEST(a_network_has_at_most_2_to_the_60_macs) {
  struct sa_layer layers[] = {
      {.name = "x", .kind = SA_LAYER_INPUT, .out = {1, 1, 1 << 20, 1 << 20}},
      {.name = "a", .kind = SA_LAYER_FC, .input_count = 1, .out.c = 1 << 20},
      {.name = "b", .kind = SA_LAYER_FC, .input_count = 1, .out.c = 1}};
  struct sa_net net;
  struct sa_error error;
  ck_assert_int_eq(finish(layers, 2, &net, &error), SA_OK);
  ck_assert_int_eq(finish(layers, 3, &net, &error), SA_ERR_LIMIT);
  ck_assert_str_eq(error.message, "layer b: the network passes 2^60 MACs here");
}
END_TEST

/* ---- Seeded numbers ---- */

START_TEST(weights_are_roughly_normal_within_127) {
  double sum = 0, squares = 0, products = 0;
  int previous = 0;
  enum { COUNT = 1 << 18 };
  for (uint64_t i = 0; i < COUNT; i++) {
    const int w = sa_quant_weight(7, NULL, 3, i >> 8, i & 255);
    ck_assert(w >= -127 && w <= 127);
    sum += w;
    squares += w * w;
    products += w * previous;
    previous = w;
  }
  ck_assert_double_lt(fabs(sum / COUNT), 0.3);
  ck_assert_double_lt(fabs(sqrt(squares / COUNT) - 36.7), 0.3);
  ck_assert_double_lt(fabs(products / COUNT), 0.01 * 37 * 37); /* neighbours have nothing in common */
}
END_TEST

START_TEST(weights_depend_on_seed_layer_and_place) {
  int same[4] = {0, 0, 0, 0};
  for (uint64_t i = 0; i < 1000; i++) {
    const int8_t w = sa_quant_weight(1, NULL, 2, i, 5);
    same[0] += w == sa_quant_weight(2, NULL, 2, i, 5);
    same[1] += w == sa_quant_weight(1, NULL, 3, i, 5);
    same[2] += w == sa_quant_weight(1, NULL, 2, i, 6);
    same[3] += w == sa_quant_input(1, NULL, 2, i);
    ck_assert_int_eq(w, sa_quant_weight(1, NULL, 2, i, 5));
  }
  for (int i = 0; i < 4; i++) ck_assert_int_lt(same[i], 30); /* by chance about 1 in 131 */
}
END_TEST

START_TEST(tables_hold_the_documented_functions) {
  uint8_t gelu[256], sigmoid[256], tanh_[256], swish[256];
  uint16_t exponential[256];
  sa_quant_table(SA_ACT_GELU, gelu);
  sa_quant_table(SA_ACT_SIGMOID, sigmoid);
  sa_quant_table(SA_ACT_TANH, tanh_);
  sa_quant_table(SA_ACT_SWISH, swish);
  sa_quant_exp_table(exponential);
  ck_assert(gelu[0] == 0 && gelu[127] == 127 && (int8_t)gelu[0x80] == 0 && gelu[32] == 27); /* 32 * 0.8413 */
  ck_assert(sigmoid[0] == 64 && sigmoid[127] == 127 && sigmoid[0x80] == 0 && sigmoid[16] == 94); /* 128 * 0.7311 */
  ck_assert(tanh_[0] == 0 && tanh_[127] == 127 && (int8_t)tanh_[0x80] == -127 && tanh_[32] == 97); /* 127 * 0.7616 */
  ck_assert(swish[0] == 0 && swish[32] == 23); /* 32 * 0.7311 */
  ck_assert(exponential[0] == 65535 && exponential[16] == 24109 && exponential[255] == 0); /* 65535 / e */
  for (int i = 1; i < 256; i++) ck_assert(exponential[i] <= exponential[i - 1]);
}
END_TEST

START_TEST(clamps_are_those_of_the_activations) {
  int8_t lo, hi;
  sa_quant_clamp(SA_ACT_NONE, &lo, &hi);
  ck_assert(lo == -128 && hi == 127);
  sa_quant_clamp(SA_ACT_RELU, &lo, &hi);
  ck_assert(lo == 0 && hi == 127);
  sa_quant_clamp(SA_ACT_RELU6, &lo, &hi);
  ck_assert(lo == 0 && hi == 96);
  sa_quant_clamp(SA_ACT_GELU, &lo, &hi);
  ck_assert(lo == -128 && hi == 127);
  ck_assert(sa_quant_uses_table(SA_ACT_SWISH) && !sa_quant_uses_table(SA_ACT_RELU6));
}
END_TEST

START_TEST(multipliers_are_positive_and_of_at_most_25_bits) {
  static const char *const names[] = {"efficientnet-b0", "bert-base", "resnet50", "lstm", "gnmt"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    struct sa_net net;
    struct sa_error error;
    ck_assert_int_eq(sa_net_load(names[i], NULL, &net, &error), SA_OK);
    for (uint32_t l = 0; l < net.layer_count; l++) {
      for (uint64_t n = 0; n < 8; n++) {
        const uint32_t mult = sa_quant_scale(&net, l, n) & 0x3ffffff;
        ck_assert(mult > 0 && mult < 1u << 25);
      }
      const bool two = net.layers[l].has_residual || net.layers[l].kind == SA_LAYER_ADD;
      const uint32_t second = sa_quant_scale_b(&net, l) & 0x3ffffff;
      ck_assert(two ? second > 0 && second < 1u << 25 : second == 0);
      if (net.layers[l].kind == SA_LAYER_ADD) /* one shift for both operands */
        ck_assert_uint_eq(sa_quant_scale(&net, l, 0) >> 26, sa_quant_scale_b(&net, l) >> 26);
    }
    sa_net_release(&net);
  }
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("net");
  TCase *shapes = tcase_create("shapes");
  tcase_add_test(shapes, zero_stands_for_the_usual_value);
  tcase_add_test(shapes, gemms_and_macs_of_each_kind);
  tcase_add_test(shapes, finishing_twice_changes_nothing);
  tcase_add_loop_test(shapes, a_layer_is_refused_with_this_message, 0, (int)(sizeof refused / sizeof *refused));
  tcase_add_test(shapes, a_network_has_at_most_2_to_the_60_macs);
  suite_add_tcase(suite, shapes);
  TCase *quant = tcase_create("quant");
  tcase_add_test(quant, weights_are_roughly_normal_within_127);
  tcase_add_test(quant, weights_depend_on_seed_layer_and_place);
  tcase_add_test(quant, tables_hold_the_documented_functions);
  tcase_add_test(quant, clamps_are_those_of_the_activations);
  tcase_add_test(quant, multipliers_are_positive_and_of_at_most_25_bits);
  suite_add_tcase(suite, quant);
  return suite;
}

SA_TEST_MAIN(make_suite)
