/* The reference model of networks itself: cases worked out by hand, and relations between layers that
 * compute the same in different ways. */
#include <math.h>
#include <string.h>

#include "net/net_yaml.h"
#include "net/quant.h"
#include "ref_net.h"
#include "test_main.h"

struct result {
  struct sa_net net;
  struct ref_net ref;
};

static struct result run(const char *text) {
  struct result r;
  struct sa_error error;
  ck_assert_msg(sa_net_parse("t", text, strlen(text), NULL, &r.net, &error) == SA_OK, "%s", error.message);
  ref_net_run(&r.net, 5, &r.ref);
  return r;
}

static void release(struct result *r) {
  ref_net_release(&r->ref);
  sa_net_release(&r->net);
}

static void assert_same(const struct result *a, uint32_t layer_a, const struct result *b, uint32_t layer_b) {
  const uint64_t elems = sa_shape_elems(&a->net.layers[layer_a].out);
  ck_assert_uint_eq(elems, sa_shape_elems(&b->net.layers[layer_b].out));
  ck_assert_mem_eq(a->ref.outputs[layer_a], b->ref.outputs[layer_b], elems);
}

/* Weights depend on the layer's number, k and n: layers of one number and one k order agree. */
START_TEST(a_window_as_large_as_the_input_is_a_flattened_fc) {
  struct result conv = run("input: {shape: [3, 5, 4]}\nlayers:\n"
                           "- {name: a, type: conv, kernel: [3, 5], out: 6, act: relu}\n");
  struct result fc = run("input: {shape: [3, 5, 4]}\nlayers:\n"
                         "- {name: a, type: fc, flatten: true, out: 6, act: relu}\n");
  assert_same(&conv, 1, &fc, 1);
  release(&conv);
  release(&fc);
}
END_TEST

START_TEST(a_1x1_window_is_an_fc_at_every_position) {
  struct result conv = run("input: {shape: [3, 5, 4]}\nlayers:\n"
                           "- {name: a, type: conv, kernel: 1, out: 6, act: gelu}\n");
  struct result fc = run("input: {shape: [3, 5, 4]}\nlayers:\n- {name: a, type: fc, out: 6, act: gelu}\n");
  assert_same(&conv, 1, &fc, 1);
  release(&conv);
  release(&fc);
}
END_TEST

START_TEST(depthwise_is_a_group_for_every_channel) {
  struct result dw = run("input: {shape: [6, 6, 4]}\nlayers:\n- {name: a, type: dwconv, kernel: 3, pad: 1}\n");
  struct result grouped = run("input: {shape: [6, 6, 4]}\nlayers:\n"
                              "- {name: a, type: conv, kernel: 3, pad: 1, groups: 4, out: 4}\n");
  assert_same(&dw, 1, &grouped, 1);
  release(&dw);
  release(&grouped);
}
END_TEST

START_TEST(a_convolution_is_the_sum_that_the_formula_says) {
  struct result r = run("input: {shape: [5, 6, 4]}\nlayers:\n"
                        "- {name: a, type: conv, kernel: [2, 3], stride: [2, 1], dilation: [1, 2], "
                        "pad: [1, 2, 0, 1], groups: 2, out: 6}\n");
  const struct sa_layer *l = &r.net.layers[1];
  ck_assert(l->out.h == 3 && l->out.w == 5);
  /* out[1][3][4]: second group, input rows 1 and 2, columns 1, 3, 5, channels 2 and 3 */
  int64_t sum = sa_quant_bias(5, &r.net, 1, 4);
  for (uint64_t ky = 0; ky < 2; ky++)
    for (uint64_t kx = 0; kx < 3; kx++)
      for (uint64_t c = 0; c < 2; c++)
        sum += r.ref.outputs[0][((1 + ky) * 6 + 1 + 2 * kx) * 4 + 2 + c] *
               sa_quant_weight(5, &r.net, 1, (ky * 3 + kx) * 2 + c, 4);
  const uint32_t word = sa_quant_scale(&r.net, 1, 4);
  const double exact = (double)sum * (word & 0x3ffffff) / pow(2, word >> 26);
  ck_assert_int_eq(r.ref.outputs[1][(1 * 5 + 3) * 6 + 4], (int)floor(exact + 0.5));
  release(&r);
}
END_TEST

START_TEST(heads_are_slices) {
  struct result joined = run("input: {shape: [5, 16]}\nlayers:\n"
                             "- {name: s, type: matmul, inputs: [\"input[0:8]\", \"input[8:16]\"], heads: 2, transpose_b: true}\n");
  struct result first = run("input: {shape: [5, 16]}\nlayers:\n"
                            "- {name: s, type: matmul, inputs: [\"input[0:4]\", \"input[8:12]\"], transpose_b: true}\n");
  struct result second = run("input: {shape: [5, 16]}\nlayers:\n"
                             "- {name: s, type: matmul, inputs: [\"input[4:8]\", \"input[12:16]\"], transpose_b: true}\n");
  ck_assert_mem_eq(joined.ref.outputs[1], first.ref.outputs[1], 25);
  ck_assert_mem_eq(joined.ref.outputs[1] + 25, second.ref.outputs[1], 25);
  release(&joined);
  release(&first);
  release(&second);
}
END_TEST

START_TEST(shared_heads_read_the_same_keys) {
  struct result shared = run("input: {shape: [5, 12]}\nlayers:\n"
                             "- {name: s, type: matmul, inputs: [\"input[0:8]\", \"input[8:12]\"], heads: 2, "
                             "kv_heads: 1, transpose_b: true}\n"
                             "- {name: o, type: matmul, inputs: [s, \"input[8:12]\"], heads: 2, kv_heads: 1}\n");
  struct result second = run("input: {shape: [5, 12]}\nlayers:\n"
                             "- {name: s, type: matmul, inputs: [\"input[4:8]\", \"input[8:12]\"], transpose_b: true}\n"
                             "- {name: o, type: matmul, inputs: [s, \"input[8:12]\"]}\n");
  ck_assert_mem_eq(shared.ref.outputs[1] + 25, second.ref.outputs[1], 25);
  for (int i = 0; i < 5; i++)
    ck_assert_mem_eq(shared.ref.outputs[2] + 8 * i + 4, second.ref.outputs[2] + 4 * i, 4);
  release(&shared);
  release(&second);
}
END_TEST

START_TEST(a_padded_maximum_sees_zeros) {
  struct result r = run("input: {shape: [4, 4, 8]}\nlayers:\n"
                        "- {name: p, type: maxpool, kernel: 3, stride: 1, pad: 1}\n"
                        "- {name: q, type: maxpool, input: input, kernel: 3, stride: 1}\n");
  for (int c = 0; c < 8; c++) {
    int largest = 0; /* at the corner: the zeros outside and four values */
    for (int i = 0; i < 4; i++) {
      const int8_t value = r.ref.outputs[0][((i / 2) * 4 + i % 2) * 8 + c];
      if (value > largest) largest = value;
    }
    ck_assert_int_eq(r.ref.outputs[1][c], largest);
  }
  for (int y = 0; y < 2; y++) /* inside, padding makes no difference */
    ck_assert_mem_eq(r.ref.outputs[1] + ((y + 1) * 4 + 1) * 8, r.ref.outputs[2] + y * 16, 16);
  release(&r);
}
END_TEST

START_TEST(an_average_divides_by_the_whole_window) {
  struct result r = run("input: {shape: [4, 4, 2]}\nlayers:\n"
                        "- {name: p, type: avgpool, kernel: 3, stride: 1, pad: 1}\n");
  int sum = 0;
  for (int i = 0; i < 4; i++) sum += r.ref.outputs[0][((i / 2) * 4 + i % 2) * 2];
  ck_assert_int_eq(r.ref.outputs[1][0], (int)floor(sum / 9.0 + 0.5));
  release(&r);
}
END_TEST

START_TEST(a_softmax_sums_to_about_127_and_a_norm_has_no_mean) {
  struct result r = run("input: {shape: [6, 64]}\nlayers:\n- {name: s, type: softmax}\n"
                        "- {name: n, type: norm, input: input}\n- {name: m, type: norm, input: input, rms: true}\n");
  for (int row = 0; row < 6; row++) {
    int sum = 0;
    double exact = 0, norm = 0, squares = 0;
    for (int c = 0; c < 64; c++) exact += exp(r.ref.outputs[0][row * 64 + c] / 16.0);
    for (int c = 0; c < 64; c++) {
      const double share = 127 * exp(r.ref.outputs[0][row * 64 + c] / 16.0) / exact;
      ck_assert_double_lt(fabs(r.ref.outputs[1][row * 64 + c] - share), 0.51);
      sum += r.ref.outputs[1][row * 64 + c];
      norm += r.ref.outputs[2][row * 64 + c];
      squares += pow(r.ref.outputs[3][row * 64 + c], 2);
    }
    ck_assert_int_le(abs(sum - 127), 20); /* 64 roundings */
    ck_assert_double_lt(fabs(norm / 64), 4);
    ck_assert_double_lt(fabs(sqrt(squares / 64) - 30), 4);
  }
  release(&r);
}
END_TEST

START_TEST(joining_and_enlarging_move_values_only) {
  struct result r = run("input: {shape: [2, 3, 6]}\nlayers:\n"
                        "- {name: j, type: concat, inputs: [\"input[4:6]\", input, \"input[1:2]\"]}\n"
                        "- {name: u, type: upsample, factor: [2, 3]}\n");
  const int8_t *x = r.ref.outputs[0], *j = r.ref.outputs[1], *u = r.ref.outputs[2];
  const int from[9] = {4, 5, 0, 1, 2, 3, 4, 5, 1};
  for (int p = 0; p < 6; p++)
    for (int c = 0; c < 9; c++) ck_assert_int_eq(j[p * 9 + c], x[p * 6 + from[c]]);
  ck_assert(r.net.layers[2].out.h == 4 && r.net.layers[2].out.w == 9);
  for (int h = 0; h < 4; h++)
    for (int w = 0; w < 9; w++) ck_assert_mem_eq(u + (h * 9 + w) * 9, j + (h / 2 * 3 + w / 3) * 9, 9);
  release(&r);
}
END_TEST

START_TEST(sums_and_products_of_tensors) {
  struct result r = run("input: {shape: [2, 2, 4]}\nlayers:\n"
                        "- {name: g, type: avgpool, global: true}\n"
                        "- {name: a, type: add, inputs: [input, g]}\n"
                        "- {name: m, type: mul, inputs: [input, g], act: relu}\n"
                        "- {name: q, type: requantise, input: input}\n");
  for (int i = 0; i < 16; i++) {
    const double x = r.ref.outputs[0][i], g = r.ref.outputs[1][i % 4];
    const uint32_t wa = sa_quant_scale(&r.net, 2, 0), wb = sa_quant_scale_b(&r.net, 2);
    const uint32_t wm = sa_quant_scale(&r.net, 3, 0), wq = sa_quant_scale(&r.net, 4, 0);
    const double add = (x * (wa & 0x3ffffff) + g * (wb & 0x3ffffff)) / pow(2, wa >> 26);
    const double mul = x * g * (wm & 0x3ffffff) / pow(2, wm >> 26);
    const double act = x * (wq & 0x3ffffff) / pow(2, wq >> 26);
    ck_assert_int_eq(r.ref.outputs[2][i], (int)fmin(127, fmax(-128, floor(add + 0.5))));
    ck_assert_int_eq(r.ref.outputs[3][i], (int)fmin(127, fmax(0, floor(mul + 0.5))));
    ck_assert_int_eq(r.ref.outputs[4][i], (int)fmin(127, fmax(-128, floor(act + 0.5))));
  }
  release(&r);
}
END_TEST

/* In real numbers, step by step; each rounding moves a state by at most a few units. */
START_TEST(an_lstm_follows_the_real_one) {
  struct result r = run("input: {shape: [3, 8]}\nlayers:\n- {name: l, type: lstm, out: 16}\n");
  double h[16] = {0}, c[16] = {0};
  for (int t = 0; t < 3; t++) {
    double next[16];
    for (uint64_t j = 0; j < 16; j++) {
      double gate[4];
      for (uint64_t g = 0; g < 4; g++) {
        const uint64_t n = g * 16 + j;
        double sum = sa_quant_bias(5, &r.net, 1, n);
        for (uint64_t k = 0; k < 8; k++) sum += r.ref.outputs[0][t * 8 + (int)k] * sa_quant_weight(5, &r.net, 1, k, n);
        for (uint64_t k = 0; k < 16; k++) sum += 128 * h[k] * sa_quant_weight(5, &r.net, 1, 8 + k, n);
        const uint32_t word = sa_quant_scale(&r.net, 1, n);
        const double x = fmin(127, fmax(-128, sum * (word & 0x3ffffff) / pow(2, word >> 26)));
        gate[g] = g == 2 ? tanh(x / 32) : 1 / (1 + exp(-x / 16));
      }
      c[j] = fmin(127 / 32.0, fmax(-4, gate[1] * c[j] + gate[0] * gate[2]));
      next[j] = gate[3] * tanh(c[j]);
      ck_assert_double_lt(fabs(r.ref.outputs[1][t * 16 + (int)j] - 128 * next[j]), 7);
    }
    for (int j = 0; j < 16; j++) h[j] = r.ref.outputs[1][t * 16 + j] / 128.0;
  }
  release(&r);
}
END_TEST

START_TEST(values_stay_alive_and_unsaturated_through_a_network) {
  struct result r;
  struct sa_error error;
  ck_assert_int_eq(sa_net_load("kws-dscnn", NULL, &r.net, &error), SA_OK);
  ref_net_run(&r.net, 1, &r.ref);
  for (uint32_t l = 0; l < r.net.layer_count; l++) {
    if (r.net.layers[l].kind != SA_LAYER_CONV && r.net.layers[l].kind != SA_LAYER_FC) continue;
    const uint64_t elems = sa_shape_elems(&r.net.layers[l].out);
    double squares = 0, saturated = 0;
    for (uint64_t i = 0; i < elems; i++) {
      const int8_t v = r.ref.outputs[l][i];
      squares += v * v;
      saturated += v == 127 || v == -128;
    }
    const double rms = sqrt(squares / (double)elems), design = r.net.layers[l].spread / 16.0;
    ck_assert_msg(rms > design / 2 && rms < 2 * design, "%s: %g for %g", r.net.layers[l].name, rms, design);
    ck_assert_double_lt(saturated / (double)elems, 0.05);
  }
  release(&r);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("ref_net");
  TCase *tcase = tcase_create("ref_net");
  tcase_add_test(tcase, a_window_as_large_as_the_input_is_a_flattened_fc);
  tcase_add_test(tcase, a_1x1_window_is_an_fc_at_every_position);
  tcase_add_test(tcase, depthwise_is_a_group_for_every_channel);
  tcase_add_test(tcase, a_convolution_is_the_sum_that_the_formula_says);
  tcase_add_test(tcase, heads_are_slices);
  tcase_add_test(tcase, shared_heads_read_the_same_keys);
  tcase_add_test(tcase, a_padded_maximum_sees_zeros);
  tcase_add_test(tcase, an_average_divides_by_the_whole_window);
  tcase_add_test(tcase, a_softmax_sums_to_about_127_and_a_norm_has_no_mean);
  tcase_add_test(tcase, joining_and_enlarging_move_values_only);
  tcase_add_test(tcase, sums_and_products_of_tensors);
  tcase_add_test(tcase, an_lstm_follows_the_real_one);
  tcase_add_test(tcase, values_stay_alive_and_unsaturated_through_a_network);
  suite_add_tcase(suite, tcase);
  return suite;
}

SA_TEST_MAIN(make_suite)
