/* What is written is read back as the same network. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/models.h"
#include "net/net_write.h"
#include "net/net_yaml.h"
#include "test_main.h"

/* Layers as written are numbered in order and belong to no block. */
static void check_equal(const struct sa_net *a, const struct sa_net *b) {
  ck_assert_str_eq(a->name, b->name);
  ck_assert_uint_eq(a->layer_count, b->layer_count);
  ck_assert_uint_eq(a->extra_params, b->extra_params);
  for (uint32_t i = 0; i < a->layer_count; i++) {
    struct sa_layer left = a->layers[i];
    const struct sa_layer *right = &b->layers[i];
    left.block = 0;
    ck_assert_str_eq(left.name, right->name);
    ck_assert_msg(memcmp(left.inputs, right->inputs, sizeof left.inputs[0] * left.input_count) == 0,
                  "%s", left.name);
    ck_assert_msg(left.kind == right->kind && left.input_count == right->input_count &&
                      left.activation == right->activation && left.groups == right->groups &&
                      left.heads == right->heads && left.kv_heads == right->kv_heads &&
                      left.flatten == right->flatten && left.transpose_b == right->transpose_b &&
                      left.rms == right->rms && left.has_bias == right->has_bias &&
                      left.has_batch_norm == right->has_batch_norm &&
                      left.has_residual == right->has_residual,
                  "%s", left.name);
    ck_assert_msg(left.kernel_h == right->kernel_h && left.kernel_w == right->kernel_w &&
                      left.stride_h == right->stride_h && left.stride_w == right->stride_w &&
                      left.dilation_h == right->dilation_h && left.dilation_w == right->dilation_w &&
                      left.pad_top == right->pad_top && left.pad_left == right->pad_left &&
                      left.pad_bottom == right->pad_bottom && left.pad_right == right->pad_right,
                  "%s", left.name);
    ck_assert_msg(memcmp(&left.out, &right->out, sizeof left.out) == 0 &&
                      memcmp(&left.residual, &right->residual, sizeof left.residual) == 0 &&
                      left.macs == right->macs && left.params == right->params,
                  "%s", left.name);
  }
}

static void round_trip(const struct sa_net *net) {
  char *text = NULL;
  size_t bytes = 0;
  FILE *file = open_memstream(&text, &bytes);
  sa_net_write(net, file);
  fclose(file);
  struct sa_net again;
  struct sa_error error = {.message = ""};
  const struct sa_net_options options = {.batch = net->batch};
  ck_assert_msg(sa_net_parse("again.yaml", text, bytes, &options, &again, &error) == SA_OK,
                "%s: %d: %s", net->name, error.line, error.message);
  check_equal(net, &again);
  sa_net_release(&again);
  free(text);
}

static int networks;

static void round_trip_shipped(void *user, const char *name) {
  (void)user;
  struct sa_net net;
  struct sa_error error = {.message = ""};
  const struct sa_net_options options = {.batch = 3};
  ck_assert_msg(sa_net_load(name, &options, &net, &error) == SA_OK, "%s", error.message);
  round_trip(&net);
  sa_net_release(&net);
  networks++;
}

START_TEST(every_shipped_network_reads_back) {
  struct sa_error error;
  networks = 0;
  ck_assert_int_eq(sa_models_list("net", round_trip_shipped, NULL, &error), SA_OK);
  ck_assert_int_ge(networks, 30);
}
END_TEST

START_TEST(every_kind_and_key_reads_back) {
  static const char text[] =
      "name: all\nextra_params: 7\ninput: {name: image, shape: [9, 8, 4]}\nlayers:\n"
      "- {name: a, type: conv, kernel: [3, 5], stride: [2, 1], pad: [1, 2, 0, 1], dilation: [1, 1], "
      "out: 8, groups: 2, bias: false, act: relu6}\n"
      "- {name: b, type: conv, kernel: 3, pad: 1, dilation: 1, out: 8, batch_norm: true, add: a, act: "
      "swish}\n"
      "- {name: b2, type: conv, kernel: 3, pad: 2, dilation: 2, out: 8, batch_norm: true, bias: true}\n"
      "- {name: c, type: maxpool, kernel: 2}\n"
      "- {name: d, type: upsample, factor: [2, 3], input: c}\n"
      "- {name: e, type: avgpool, global: true, input: b}\n"
      "- {name: f, type: mul, inputs: [b, e], act: sigmoid}\n"
      "- {name: g, type: add, inputs: [b, f]}\n"
      "- {name: h, type: requantise}\n"
      "- {name: i, type: act, act: tanh}\n"
      "- {name: j, type: concat, inputs: [\"b[2:5]\", f]}\n"
      "- {name: k, type: fc, flatten: true, out: 6, bias: false}\n"
      "- {name: l, type: softmax}\n"
      "- {name: tokens, type: input, shape: [5, 16]}\n"
      "- {name: m, type: matmul, inputs: [tokens, \"tokens[8:16]\"], heads: 2, kv_heads: 1, "
      "transpose_b: true}\n"
      "- {name: n, type: matmul, inputs: [m, tokens], heads: 2}\n"
      "- {name: o, type: norm, rms: true}\n"
      "- {name: p, type: lstm, out: 3, bias: false}\n"
      "- {name: q, type: input, shape: [6]}\n";
  struct sa_net net;
  struct sa_error error = {.message = ""};
  ck_assert_msg(sa_net_parse("t.yaml", text, sizeof text - 1, NULL, &net, &error) == SA_OK, "%d: %s",
                error.line, error.message);
  round_trip(&net);
  sa_net_release(&net);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("network writer");
  TCase *tests = tcase_create("round trips");
  tcase_add_test(tests, every_shipped_network_reads_back);
  tcase_add_test(tests, every_kind_and_key_reads_back);
  suite_add_tcase(suite, tests);
  return suite;
}
SA_TEST_MAIN(make_suite)
