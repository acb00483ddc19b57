/* Models exported by PyTorch (scripts/make-onnx-testdata) come out with the published totals and with
 * the layers that a person would write. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import/onnx_import.h"
#include "test_main.h"

static struct sa_net net;
static struct sa_onnx_report report;

static void import(const char *name, const struct sa_onnx_options *options) {
  const char *source = getenv("srcdir");
  char path[512];
  snprintf(path, sizeof path, "%s/tests/data/onnx/%s.onnx", source ? source : ".", name);
  struct sa_error error = {.message = ""};
  sa_net_release(&net);
  sa_onnx_report_release(&report);
  ck_assert_msg(sa_onnx_import(path, options, &net, &report, &error) == SA_OK, "%s: %s", error.file,
                error.message);
  ck_assert_str_eq(net.name, name);
  ck_assert_uint_eq(report.unknown_count, 0);
  ck_assert_uint_eq(report.skipped, 0);
}

static void check_totals(uint64_t macs, uint64_t weights, uint64_t params) {
  const struct sa_net_totals totals = sa_net_total(&net);
  ck_assert_uint_eq(totals.macs, macs);
  ck_assert_uint_eq(totals.weights, weights);
  if (params) ck_assert_uint_eq(totals.params, params);
}

static uint32_t count(enum sa_layer_kind kind) {
  uint32_t layers = 0;
  for (uint32_t i = 0; i < net.layer_count; i++) layers += net.layers[i].kind == kind;
  return layers;
}

static const struct sa_onnx_options PLAIN = {.dims = NULL};

/* The exporter folds the batch norms, so that parameters are weights and one bias a channel. */
START_TEST(resnet50_has_4_089_gmac_and_nothing_but_fused_layers) {
  const struct sa_onnx_dim_override dims[] = {{"N", 1}};
  import("resnet50", &(struct sa_onnx_options){.dims = dims, .dim_count = 1});
  check_totals(4089184256, 25502912, 25502912 + 26560 + 1000);
  ck_assert_uint_eq(count(SA_LAYER_CONV), 53);
  ck_assert_uint_eq(count(SA_LAYER_FC), 1);
  ck_assert_uint_eq(net.layer_count, 1 + 53 + 1 + 2); /* input, pools, classifier */
  uint32_t residuals = 0;
  for (uint32_t i = 0; i < net.layer_count; i++) residuals += net.layers[i].has_residual;
  ck_assert_uint_eq(residuals, 16);
  ck_assert_uint_eq(report.notes.count, 0);
}
END_TEST

START_TEST(a_symbolic_batch_can_be_any) {
  const struct sa_onnx_dim_override dims[] = {{"N", 8}};
  import("resnet50", &(struct sa_onnx_options){.dims = dims, .dim_count = 1});
  ck_assert_uint_eq(net.batch, 8);
  check_totals(8 * UINT64_C(4089184256), 25502912, 0);
}
END_TEST

START_TEST(a_fixed_batch_can_be_overridden) {
  import("encoder", &(struct sa_onnx_options){.batch = 4});
  ck_assert_uint_eq(net.batch, 4);
  check_totals(4 * UINT64_C(104857600), 1572864, 0);
}
END_TEST

START_TEST(mobilenet_v2_has_0_301_gmac_and_depthwise_layers) {
  import("mobilenet_v2", &PLAIN);
  check_totals(300774272, 3469760, 0);
  uint32_t depthwise = 0;
  for (uint32_t i = 0; i < net.layer_count; i++) depthwise += net.layers[i].groups > 1;
  ck_assert_uint_eq(depthwise, 17);
  ck_assert_uint_eq(net.layer_count, 1 + 52 + 1 + 1); /* 52 convolutions, a pool, the classifier */
}
END_TEST

START_TEST(vit_b_16_has_17_564_gmac_and_all_parameters) {
  import("vit_b_16", &PLAIN);
  check_totals(17563828224, 86292480, 86567656);
  ck_assert_uint_eq(count(SA_LAYER_NORM), 25);
  ck_assert_uint_eq(count(SA_LAYER_MATMUL), 24);
  ck_assert_uint_eq(count(SA_LAYER_SOFTMAX), 12);
  ck_assert_uint_eq(count(SA_LAYER_ACT), 0); /* GELU is fused into the layers before it */
  ck_assert_uint_eq(count(SA_LAYER_ADD), 0);
  ck_assert_uint_eq(report.notes.count, 1);
  ck_assert_str_eq(report.notes.lines[0],
                   "Concat (1 x 197 x 768) comes from the host as a new network input: "
                   "joined along something else than channels");
}
END_TEST

START_TEST(an_encoder_comes_out_as_its_nine_layers_a_block) {
  static const enum sa_layer_kind block[9] = {SA_LAYER_FC,     SA_LAYER_MATMUL, SA_LAYER_SOFTMAX,
                                              SA_LAYER_MATMUL, SA_LAYER_FC,     SA_LAYER_NORM,
                                              SA_LAYER_FC,     SA_LAYER_FC,     SA_LAYER_NORM};
  import("encoder", &PLAIN);
  check_totals(104857600, 1572864, 1579520);
  ck_assert_uint_eq(net.layer_count, 19);
  for (uint32_t i = 0; i < 18; i++) ck_assert_int_eq(net.layers[1 + i].kind, block[i % 9]);
  const struct sa_layer *scores = &net.layers[2], *context = &net.layers[4];
  ck_assert_uint_eq(scores->heads, 4);
  ck_assert(scores->transpose_b && !context->transpose_b);
  ck_assert_uint_eq(scores->inputs[0].layer, 1); /* q, k, v are slices of one layer */
  ck_assert_uint_eq(scores->inputs[1].c_first, 256);
  ck_assert_uint_eq(context->inputs[1].c_first, 512);
  ck_assert_int_eq(net.layers[7].activation, SA_ACT_GELU);
  ck_assert(net.layers[5].has_residual && net.layers[5].residual.layer == 0);
}
END_TEST

START_TEST(a_recurrent_network_keeps_its_steps) {
  import("lstm", &PLAIN);
  ck_assert_uint_eq(net.layer_count, 4);
  ck_assert_uint_eq(count(SA_LAYER_LSTM), 2);
  ck_assert_uint_eq(net.layers[1].out.w, 20);
  check_totals(20 * (4 * 128 * (40 + 128) + 4 * 128 * 256 + 128 * 10),
               4 * 128 * (40 + 128) + 4 * 128 * 256 + 1280, 0);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("ONNX models");
  TCase *tests = tcase_create("exported models");
  tcase_add_test(tests, resnet50_has_4_089_gmac_and_nothing_but_fused_layers);
  tcase_add_test(tests, a_symbolic_batch_can_be_any);
  tcase_add_test(tests, a_fixed_batch_can_be_overridden);
  tcase_add_test(tests, mobilenet_v2_has_0_301_gmac_and_depthwise_layers);
  tcase_add_test(tests, vit_b_16_has_17_564_gmac_and_all_parameters);
  tcase_add_test(tests, an_encoder_comes_out_as_its_nine_layers_a_block);
  tcase_add_test(tests, a_recurrent_network_keeps_its_steps);
  suite_add_tcase(suite, tests);
  return suite;
}
SA_TEST_MAIN(make_suite)
