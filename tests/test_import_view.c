/* Views of a layer's tensor under reshape, transpose and slice; fusion of single-operation networks. */
#include <check.h>
#include <string.h>

#include "import/net_fuse.h"
#include "import/onnx_view.h"
#include "test_main.h"

static const enum sa_axis TOKENS[3] = {SA_AXIS_N, SA_AXIS_W, SA_AXIS_C};
static const struct sa_shape SHAPE = {2, 1, 10, 24};

static struct sa_view tokens(void) {
  struct sa_view view;
  sa_view_init(&view, 5, &SHAPE, 3, TOKENS);
  return view;
}

START_TEST(heads_are_the_outer_part_of_the_channels) {
  struct sa_view view = tokens();
  ck_assert(sa_view_reshape(&view, 4, (const int64_t[]){2, 10, 4, 6}));
  sa_view_transpose(&view, (const int64_t[]){0, 2, 1, 3});
  ck_assert_int_eq(view.atoms[1].axis, SA_AXIS_C);
  ck_assert_uint_eq(view.atoms[1].size, 4);
  ck_assert_uint_eq(view.atoms[1].stride, 6);
  ck_assert(sa_view_is_axis(&view, 2, SA_AXIS_W, &SHAPE));
  ck_assert(!sa_view_is_axis(&view, 3, SA_AXIS_C, &SHAPE));
  sa_view_transpose(&view, (const int64_t[]){0, 2, 1, 3});
  ck_assert(sa_view_reshape(&view, 3, (const int64_t[]){2, 10, 24}));
  const struct sa_view whole = tokens();
  ck_assert(sa_view_same(&view, &whole));
}
END_TEST

START_TEST(what_would_cut_an_atom_unevenly_is_refused_and_changes_nothing) {
  struct sa_view view = tokens();
  const struct sa_view before = view;
  ck_assert(!sa_view_reshape(&view, 2, (const int64_t[]){3, 160}));
  ck_assert(!sa_view_reshape(&view, 3, (const int64_t[]){2, 16, 15}));
  ck_assert(!sa_view_reshape(&view, 2, (const int64_t[]){2, 10}));
  ck_assert_int_eq(memcmp(&view, &before, sizeof view), 0);
}
END_TEST

START_TEST(a_slice_of_channels_moves_the_window_on_the_layer) {
  struct sa_view view = tokens();
  ck_assert(sa_view_slice(&view, 2, 8, 16));
  ck_assert_uint_eq(view.from.c_first, 8);
  ck_assert_uint_eq(view.from.c_count, 16);
  ck_assert(sa_view_slice(&view, 2, 8, 8)); /* of what is left */
  ck_assert_uint_eq(view.from.c_first, 16);
  ck_assert(sa_view_is_axis(&view, 2, SA_AXIS_C, &SHAPE));
  ck_assert(!sa_view_slice(&view, 1, 0, 5)); /* tokens are no channels */
  ck_assert(sa_view_reshape(&view, 4, (const int64_t[]){2, 10, 2, 4}));
  ck_assert(!sa_view_slice(&view, 3, 0, 2)); /* the inner part is no range */
  ck_assert(sa_view_slice(&view, 2, 1, 1));
  ck_assert_uint_eq(view.from.c_first, 20);
  ck_assert_uint_eq(view.from.c_count, 4);
}
END_TEST

START_TEST(a_vector_spreads_over_positions_only) {
  const struct sa_shape image = {1, 4, 5, 8}, point = {1, 1, 1, 8};
  static const enum sa_axis axes[4] = {SA_AXIS_N, SA_AXIS_C, SA_AXIS_H, SA_AXIS_W};
  struct sa_view a, b;
  sa_view_init(&a, 0, &image, 4, axes);
  sa_view_init(&b, 1, &point, 4, axes);
  ck_assert(sa_view_spread(&a, &b));
  ck_assert(!sa_view_same(&a, &b));
  sa_view_transpose(&b, (const int64_t[]){0, 2, 3, 1});
  ck_assert(!sa_view_spread(&a, &b));
}
END_TEST

/* x -> conv -> relu -> out, conv read a second time by `extra`. */
static struct sa_net small_net(struct sa_layer layers[6], bool read_twice) {
  memset(layers, 0, 6 * sizeof *layers);
  const struct sa_layer_input from0 = {0, 0, 8}, from1 = {1, 0, 8}, from2 = {2, 0, 8};
  layers[0] = (struct sa_layer){.name = "x", .kind = SA_LAYER_INPUT, .out = {1, 1, 4, 8}};
  layers[1] = (struct sa_layer){.name = "fc", .kind = SA_LAYER_FC, .inputs = {from0}, .input_count = 1, .out = {.c = 8}};
  layers[2] = (struct sa_layer){.name = "relu", .kind = SA_LAYER_ACT, .inputs = {from1}, .input_count = 1,
                                .activation = SA_ACT_RELU};
  layers[3] = (struct sa_layer){.name = "sum", .kind = SA_LAYER_ADD, .inputs = {from0, read_twice ? from1 : from2},
                                .input_count = 2};
  layers[4] = (struct sa_layer){.name = "dead", .kind = SA_LAYER_SOFTMAX, .inputs = {from2}, .input_count = 1};
  struct sa_net net = {.name = "t", .layers = layers, .layer_count = 5, .batch = 1};
  struct sa_error error = {.message = ""};
  ck_assert_msg(sa_net_finish(&net, &error) == SA_OK, "%s", error.message);
  return net;
}

START_TEST(what_nobody_reads_goes_first_and_stands_in_no_fusions_way) {
  struct sa_layer layers[6];
  uint32_t map[6];
  struct sa_error error;
  struct sa_net net = small_net(layers, true); /* the sum reads fc; relu is read by the dead softmax */
  const bool keep[6] = {[3] = true};
  ck_assert_int_eq(sa_net_fuse(&net, keep, map, &error), SA_OK);
  ck_assert_uint_eq(map[4], UINT32_MAX);
  ck_assert_uint_eq(map[2], UINT32_MAX);
  ck_assert_uint_eq(map[3], 1);
  ck_assert_uint_eq(net.layer_count, 2);
  ck_assert_int_eq(net.layers[1].activation, SA_ACT_NONE);
  ck_assert(net.layers[1].has_residual && net.layers[1].residual.layer == 0);
  ck_assert_int_eq(sa_net_finish(&net, &error), SA_OK);
}
END_TEST

START_TEST(an_activation_goes_into_its_producer_and_readers_follow) {
  struct sa_layer layers[6];
  uint32_t map[6];
  struct sa_error error;
  struct sa_net net = small_net(layers, false);
  const bool keep[6] = {[3] = true, [4] = true};
  ck_assert_int_eq(sa_net_fuse(&net, keep, map, &error), SA_OK);
  ck_assert_uint_eq(map[2], 1);
  ck_assert_uint_eq(net.layer_count, 4);
  ck_assert_int_eq(net.layers[1].activation, SA_ACT_RELU);
  ck_assert_uint_eq(net.layers[2].inputs[1].layer, 1);
  ck_assert(!net.layers[1].has_residual); /* a sum behind an activation is no residual */
  ck_assert_int_eq(sa_net_finish(&net, &error), SA_OK);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("views and fusion");
  TCase *tests = tcase_create("views");
  tcase_add_test(tests, heads_are_the_outer_part_of_the_channels);
  tcase_add_test(tests, what_would_cut_an_atom_unevenly_is_refused_and_changes_nothing);
  tcase_add_test(tests, a_slice_of_channels_moves_the_window_on_the_layer);
  tcase_add_test(tests, a_vector_spreads_over_positions_only);
  suite_add_tcase(suite, tests);
  TCase *fusion = tcase_create("fusion");
  tcase_add_test(fusion, what_nobody_reads_goes_first_and_stands_in_no_fusions_way);
  tcase_add_test(fusion, an_activation_goes_into_its_producer_and_readers_follow);
  suite_add_tcase(suite, fusion);
  return suite;
}
SA_TEST_MAIN(make_suite)
