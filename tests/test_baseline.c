/* The CPU baseline: every provider computes every kind of layer rightly in every data type, the check
 * notices when it does not, and what is measured adds up. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "baseline/host.h"
#include "baseline/lessons.h"
#include "baseline/measure.h"
#include "baseline/reference.h"
#include "baseline/workload.h"
#include "net/net_yaml.h"
#include "test_main.h"

/* Every kind of layer, odd sizes, slices, groups, dilation, asymmetric padding, residuals in place and not. */
static const char EVERYTHING[] =
    "input: {shape: [9, 11, 5]}\n"
    "layers:\n"
    "- {name: stem, type: conv, kernel: [3, 5], out: 24, stride: [1, 2], pad: [0, 1, 2, 3], act: relu6}\n"
    "- {name: grouped, type: conv, kernel: 3, out: 36, groups: 3, pad: 1, act: relu, batch_norm: true}\n"
    "- {name: dilated, type: conv, kernel: 3, out: 36, dilation: 2, pad: 2, add: grouped, act: relu}\n"
    "- {name: depthwise, type: dwconv, kernel: 3, stride: 2, pad: same}\n"
    "- {name: pointwise, type: conv, kernel: 1, out: 36, add: depthwise, act: swish}\n"
    "- {name: again, type: conv, kernel: 1, out: 36, add: depthwise, act: gelu}\n"
    "- {name: sum, type: add, inputs: [pointwise, again], act: tanh}\n"
    "- {name: squeeze, type: avgpool, global: true}\n"
    "- {name: gate, type: fc, out: 36, act: sigmoid}\n"
    "- {name: scaled, type: mul, inputs: [sum, gate]}\n"
    "- {name: joined, type: concat, inputs: [scaled, again]}\n"
    "- {name: up, type: upsample, factor: 2}\n"
    "- {name: positive, type: act, act: relu}\n"
    "- {name: pool, type: maxpool, kernel: 3, stride: 2, pad: 1}\n"
    "- {name: mean, type: avgpool, kernel: 2, stride: 1, pad: 1}\n"
    "- {name: flat, type: fc, out: 40, flatten: true, act: relu}\n"
    "- {name: out, type: softmax}\n";

static const char ATTENTION[] =
    "input: {shape: [7, 32]}\n"
    "layers:\n"
    "- {name: qkv, type: fc, out: 64}\n"
    "- {name: scores, type: matmul, inputs: [\"qkv[0:32]\", \"qkv[32:48]\"], heads: 4, kv_heads: 2, transpose_b: true}\n"
    "- {name: weights, type: softmax}\n"
    "- {name: context, type: matmul, inputs: [weights, \"qkv[48:64]\"], heads: 4, kv_heads: 2}\n"
    "- {name: project, type: fc, out: 32, add: input}\n"
    "- {name: norm, type: norm}\n"
    "- {name: rms, type: norm, rms: true}\n"
    "- {name: q2, type: fc, out: 32}\n"
    "- {name: s2, type: matmul, inputs: [q2, rms], heads: 4, transpose_b: true}\n"
    "- {name: c2, type: matmul, inputs: [s2, rms], heads: 4}\n"
    "- {name: lstm, type: lstm, out: 12}\n";

static const char *const TEXTS[] = {EVERYTHING, ATTENTION};
static struct sa_error error;

static void parse(const char *text, uint32_t batch, struct sa_net *net) {
  const struct sa_net_options options = {.batch = batch};
  sa_net_init(net);
  ck_assert_msg(!sa_net_parse("test.yaml", text, strlen(text), &options, net, &error), "%s", error.message);
}

static void measure(const struct sa_net *net, enum sa_dtype dtype, const struct sa_provider_class *class,
                    enum sa_isa isa, struct sa_baseline_run *run) {
  struct sa_measure_options options = sa_measure_defaults();
  options.repeat = 2;
  options.isa = isa;
  ck_assert_msg(!sa_measure(net, dtype, class, &options, run, &error), "%s", error.message);
}

static bool there(const struct sa_provider_class *class) {
  const struct sa_provider_options options = {sa_isa_best(), 1};
  struct sa_provider *provider;
  struct sa_error why = {0};
  const enum sa_status status = class->open(&options, &provider, &why);
  ck_assert_msg(!status || status == SA_ERR_INPUT, "%s", why.message);
  if (!status) class->close(provider);
  return !status;
}

static void check_all_layers(const struct sa_provider_class *class, enum sa_isa isa) {
  for (int dtype = 0; dtype < SA_DTYPES; dtype++)
    for (size_t text = 0; class->dtypes[dtype] && text < 2; text++) {
      struct sa_net net;
      parse(TEXTS[text], 2, &net);
      struct sa_baseline_run run;
      measure(&net, (enum sa_dtype)dtype, class, isa, &run);
      ck_assert_uint_eq(run.layer_count, net.layer_count - 1);
      for (uint32_t i = 0; i < run.layer_count; i++) {
        const struct sa_layer_time *t = &run.layers[i];
        ck_assert_msg(t->checked == sa_shape_elems(&net.layers[i + 1].out), "%s: %llu checked", t->name,
                      (unsigned long long)t->checked);
        ck_assert_msg(t->error <= t->tolerance, "%s %s %s by %s: error %g, tolerance %g", class->name,
                      sa_dtype_name((enum sa_dtype)dtype), t->name, t->implementation, t->error, t->tolerance);
      }
      ck_assert(run.exact && run.complete);
      sa_baseline_run_release(&run);
      sa_net_release(&net);
    }
}

START_TEST(every_provider_computes_every_kind_of_layer) {
  const struct sa_provider_class *class = sa_providers[_i];
  if (there(class)) check_all_layers(class, sa_isa_best());
}
END_TEST

START_TEST(the_vectorised_loops_are_right_at_every_width) {
  for (enum sa_isa isa = SA_ISA_SSE41; isa <= SA_ISA_AVX512; isa++)
    if (sa_isa_present(isa)) check_all_layers(&sa_provider_vector, isa);
}
END_TEST

/* A workload of one layer whose output is put in by hand. */
static double error_of_outputs(enum sa_dtype dtype, float value, double *tolerance) {
  struct sa_net net;
  struct sa_workload workload;
  struct sa_check check;
  parse("input: {shape: [4, 4, 8]}\nlayers:\n- {name: pool, type: maxpool, kernel: 2}\n", 1, &net);
  ck_assert(!sa_workload_init(&workload, &net, dtype, &error));
  struct sa_cpu_op *op = &workload.ops[1];
  for (uint64_t i = 0; i < 32; i++) sa_dtype_store(dtype, op->out.data, i, value);
  sa_check_op(op, NULL, UINT64_MAX / 2, &check);
  ck_assert_uint_eq(check.checked, 32);
  *tolerance = check.tolerance;
  sa_workload_release(&workload);
  sa_net_release(&net);
  return check.error;
}

START_TEST(a_wrong_output_does_not_pass_the_check) {
  double tolerance;
  for (int dtype = 0; dtype < SA_DTYPES; dtype++) {
    ck_assert_double_gt(error_of_outputs((enum sa_dtype)dtype, 0, &tolerance), tolerance);
    ck_assert_double_gt(error_of_outputs((enum sa_dtype)dtype, 100, &tolerance), tolerance);
  }
  ck_assert_double_gt(error_of_outputs(SA_DTYPE_FP32, NAN, &tolerance), tolerance);
  ck_assert_double_gt(error_of_outputs(SA_DTYPE_FP32, 1e30f, &tolerance), tolerance);
}
END_TEST

START_TEST(tensors_that_live_together_do_not_share_memory) {
  struct sa_net net;
  struct sa_workload workload;
  parse(EVERYTHING, 1, &net);
  ck_assert(!sa_workload_init(&workload, &net, SA_DTYPE_FP32, &error));
  for (uint32_t i = 1; i < net.layer_count; i++)
    for (uint32_t j = 0; j < net.layers[i].input_count; j++)
      ck_assert_ptr_ne(workload.ops[i].in[j].data, workload.ops[i].out.data);
  /* grouped is read by dilated's window too, depthwise by `again` later: neither may be replaced */
  ck_assert_ptr_ne(workload.ops[3].out.data, workload.ops[3].residual.data);
  ck_assert_ptr_ne(workload.ops[5].out.data, workload.ops[5].residual.data);
  ck_assert_ptr_eq(workload.ops[6].out.data, workload.ops[6].residual.data);
  uint64_t all = 0;
  for (uint32_t i = 0; i < net.layer_count; i++) all += 4 * sa_shape_elems(&net.layers[i].out);
  ck_assert_uint_lt(workload.tensor_bytes, all);
  sa_workload_release(&workload);
  sa_net_release(&net);
}
END_TEST

START_TEST(one_layer_can_be_timed_alone_and_a_stop_is_heeded) {
  struct sa_net net;
  struct sa_baseline_run run;
  parse(ATTENTION, 1, &net);
  struct sa_measure_options options = sa_measure_defaults();
  options.repeat = 3;
  options.layer = "scores";
  ck_assert(!sa_measure(&net, SA_DTYPE_FP32, &sa_provider_plain, &options, &run, &error));
  ck_assert_uint_eq(run.layer_count, 1);
  ck_assert_str_eq(run.layers[0].name, "scores");
  ck_assert_uint_eq(run.layers[0].pass.samples, 3);
  ck_assert_uint_eq(run.layers[0].alone.samples, 3);
  ck_assert_uint_eq(run.layers[0].macs, 7ull * 7 * 8 * 4);
  sa_baseline_run_release(&run);
  sa_net_release(&net);
}
END_TEST

static bool at_once(void *user) {
  (void)user;
  return true;
}

START_TEST(a_run_that_is_stopped_says_so) {
  struct sa_net net;
  struct sa_baseline_run run;
  parse(ATTENTION, 1, &net);
  struct sa_measure_options options = sa_measure_defaults();
  options.stopped = at_once;
  ck_assert(!sa_measure(&net, SA_DTYPE_FP32, &sa_provider_plain, &options, &run, &error));
  ck_assert(!run.complete);
  ck_assert_uint_eq(run.total.samples, 0);
  sa_baseline_run_release(&run);
  sa_net_release(&net);
}
END_TEST

START_TEST(order_statistics_are_those_of_the_samples) {
  struct sa_samples samples = {0};
  for (int i = 101; i > 0; i--) ck_assert(!sa_samples_add(&samples, i, i == 7, &error));
  const struct sa_stats stats = sa_samples_stats(&samples);
  ck_assert_uint_eq(stats.samples, 101);
  ck_assert_uint_eq(stats.preempted, 1);
  ck_assert_double_eq_tol(stats.preempted_cost, 7 / (5144 / 100.0) - 1, 1e-12);
  ck_assert_double_eq(stats.min_s, 1);
  ck_assert_double_eq(stats.p10_s, 11);
  ck_assert_double_eq(stats.median_s, 51);
  /* ranks 50.5 -+ 9.85, outwards: 40 and 61, which are 41 and 62 */
  ck_assert_double_eq_tol(stats.confidence, 21 / 102.0, 1e-12);
  sa_samples_release(&samples);
  ck_assert(!sa_samples_add(&samples, 1, 0, &error));
  ck_assert_double_eq(sa_samples_stats(&samples).confidence, 1);
  sa_samples_release(&samples);
}
END_TEST

START_TEST(bf16_rounds_to_nearest_even) {
  ck_assert_uint_eq(sa_float_to_bf16(1.0f), 0x3f80);
  ck_assert_uint_eq(sa_float_to_bf16(1.0f + 1 / 256.0f), 0x3f80);
  ck_assert_uint_eq(sa_float_to_bf16(1.0f + 3 / 256.0f), 0x3f82);
  ck_assert_float_eq(sa_bf16_to_float(0xc049), -3.140625f);
}
END_TEST

START_TEST(the_ladder_s_loops_compute_what_they_should) {
  uint64_t macs;
  double seconds;
  for (enum sa_lesson lesson = SA_LESSON_UNOPTIMISED; lesson < SA_LESSONS; lesson++) {
    ck_assert_msg(!sa_lesson_sum(lesson, 1003, &macs, &seconds, &error), "%s", error.message);
    ck_assert_uint_eq(macs, 1003);
    ck_assert_msg(!sa_lesson_gemm(lesson, 33, &macs, &seconds, &error), "%s", error.message);
    ck_assert_uint_eq(macs, 33 * 33);
  }
  for (enum sa_isa isa = SA_ISA_SSE41; isa <= SA_ISA_AVX512; isa++)
    if (sa_isa_present(isa))
      ck_assert_msg(!sa_lesson_vector_sum(isa, 1003, &macs, &seconds, &error), "%s", error.message);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("baseline");
  TCase *layers = tcase_create("layers"), *rest = tcase_create("rest");
  tcase_set_timeout(layers, 120);
  tcase_add_loop_test(layers, every_provider_computes_every_kind_of_layer, 0, SA_PROVIDERS);
  tcase_add_test(layers, the_vectorised_loops_are_right_at_every_width);
  suite_add_tcase(suite, layers);
  tcase_add_test(rest, a_wrong_output_does_not_pass_the_check);
  tcase_add_test(rest, tensors_that_live_together_do_not_share_memory);
  tcase_add_test(rest, one_layer_can_be_timed_alone_and_a_stop_is_heeded);
  tcase_add_test(rest, a_run_that_is_stopped_says_so);
  tcase_add_test(rest, order_statistics_are_those_of_the_samples);
  tcase_add_test(rest, the_ladder_s_loops_compute_what_they_should);
  tcase_add_test(rest, bf16_rounds_to_nearest_even);
  suite_add_tcase(suite, rest);
  return suite;
}

SA_TEST_MAIN(make_suite)
