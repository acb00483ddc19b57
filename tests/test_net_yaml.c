/* The network reader: what a file means, and the exact message of every mistake. */
#include <stdio.h>
#include <string.h>

#include "net/net_yaml.h"
#include "test_main.h"

static enum sa_status parse(const char *text, struct sa_net *net, struct sa_error *error) {
  return sa_net_parse("t.yaml", text, strlen(text), NULL, net, error);
}

/* A network that must be good. */
static struct sa_net good(const char *text) {
  struct sa_net net;
  struct sa_error error;
  ck_assert_msg(parse(text, &net, &error) == SA_OK, "%d:%d: %s", error.line, error.column, error.message);
  return net;
}

static const struct sa_layer *layer(const struct sa_net *net, const char *name) {
  for (uint32_t i = 0; i < net->layer_count; i++)
    if (strcmp(net->layers[i].name, name) == 0) return &net->layers[i];
  ck_abort_msg("no layer %s", name);
}

#define HEAD "input: {shape: [8, 8, 4]}\nlayers:\n"

START_TEST(a_layer_takes_the_one_before_it) {
  struct sa_net net = good(HEAD "- {name: a, type: conv, kernel: 3, out: 8}\n"
                                "- {name: b, type: fc, out: 2}\n"
                                "- {name: c, type: fc, input: a, out: 2}\n"
                                "- {name: d, type: fc, input: prev, out: 2}\n");
  ck_assert_str_eq(net.name, "t");
  ck_assert_uint_eq(net.layer_count, 5);
  ck_assert_uint_eq(layer(&net, "a")->inputs[0].layer, 0);
  ck_assert_uint_eq(layer(&net, "b")->inputs[0].layer, 1);
  ck_assert_uint_eq(layer(&net, "c")->inputs[0].layer, 1);
  ck_assert_uint_eq(layer(&net, "d")->inputs[0].layer, 3);
  sa_net_release(&net);
}
END_TEST

START_TEST(shapes_of_one_two_and_three_sizes) {
  struct sa_net net = good("input: {name: x, shape: [7]}\nlayers:\n"
                           "- {name: y, type: input, shape: [5, 7]}\n"
                           "- {name: z, type: input, shape: [3, 5, 7]}\n");
  const struct sa_shape *x = &net.layers[0].out, *y = &net.layers[1].out, *z = &net.layers[2].out;
  ck_assert(x->n == 1 && x->h == 1 && x->w == 1 && x->c == 7);
  ck_assert(y->n == 1 && y->h == 1 && y->w == 5 && y->c == 7);
  ck_assert(z->n == 1 && z->h == 3 && z->w == 5 && z->c == 7);
  sa_net_release(&net);
}
END_TEST

START_TEST(repeated_blocks_name_their_layers_and_know_their_entry) {
  struct sa_net net = good("input: {shape: [16]}\nlayers:\n"
                           "- {name: first, type: fc, out: 16}\n"
                           "- repeat: 2\n"
                           "  name: block\n"
                           "  first: 1\n"
                           "  layers:\n"
                           "  - {name: a, type: fc, out: 16}\n"
                           "  - repeat: 2\n"
                           "    name: inner\n"
                           "    layers:\n"
                           "    - {name: b, type: fc, out: 16, add: entry}\n"
                           "    - {name: c, type: add, inputs: [b, a]}\n"
                           "  - {name: d, type: fc, out: 16, add: entry}\n"
                           "- {name: last, type: add, inputs: [block.1.a, block.2.inner.1.c]}\n");
  const char *const names[] = {"input", "first", "block.1.a", "block.1.inner.0.b", "block.1.inner.0.c",
                               "block.1.inner.1.b", "block.1.inner.1.c", "block.1.d", "block.2.a",
                               "block.2.inner.0.b", "block.2.inner.0.c", "block.2.inner.1.b",
                               "block.2.inner.1.c", "block.2.d", "last"};
  ck_assert_uint_eq(net.layer_count, sizeof names / sizeof *names);
  for (uint32_t i = 0; i < net.layer_count; i++) ck_assert_str_eq(net.layers[i].name, names[i]);
  ck_assert_uint_eq(net.layers[3].residual.layer, 2);  /* entry of inner.0: a */
  ck_assert_uint_eq(net.layers[5].residual.layer, 4);  /* entry of inner.1: inner.0.c */
  ck_assert_uint_eq(net.layers[7].residual.layer, 1);  /* entry of block.1: first */
  ck_assert_uint_eq(net.layers[13].residual.layer, 7); /* entry of block.2: block.1.d */
  ck_assert_uint_eq(net.layers[12].inputs[0].layer, 11);
  ck_assert_uint_eq(net.layers[12].inputs[1].layer, 8);
  ck_assert_uint_eq(net.layers[14].inputs[0].layer, 2);
  ck_assert_uint_eq(net.layers[14].inputs[1].layer, 12);
  const uint32_t blocks[] = {0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 0};
  for (uint32_t i = 0; i < net.layer_count; i++) ck_assert_uint_eq(net.layers[i].block, blocks[i]);
  sa_net_release(&net);
}
END_TEST

START_TEST(defaults_hold_where_a_layer_says_nothing) {
  struct sa_net net = good("input: {shape: [8, 8, 4]}\n"
                           "defaults:\n"
                           "  conv: {kernel: 3, pad: 1, act: relu, batch_norm: true}\n"
                           "layers:\n"
                           "- {name: a, type: conv, out: 4}\n"
                           "- {name: b, type: conv, out: 4, kernel: 1, pad: 0, act: none, bias: true}\n"
                           "- {name: c, type: conv, out: 4, batch_norm: false}\n"
                           "- {name: d, type: fc, out: 4}\n");
  const struct sa_layer *a = layer(&net, "a"), *b = layer(&net, "b"), *c = layer(&net, "c");
  ck_assert(a->kernel_h == 3 && a->pad_right == 1 && a->activation == SA_ACT_RELU);
  ck_assert(a->has_batch_norm && !a->has_bias);
  ck_assert(b->kernel_h == 1 && b->pad_top == 0 && b->activation == SA_ACT_NONE);
  ck_assert(b->has_batch_norm && b->has_bias);
  ck_assert(!c->has_batch_norm && c->has_bias);
  ck_assert(layer(&net, "d")->has_bias && layer(&net, "d")->activation == SA_ACT_NONE);
  sa_net_release(&net);
}
END_TEST

START_TEST(padding_same_is_tensorflows) {
  /* in, kernel, stride, dilation, before, after: worked out by hand */
  static const uint32_t cases[][6] = {{8, 3, 1, 1, 1, 1},  {8, 3, 2, 1, 0, 1},  {7, 3, 2, 1, 1, 1},
                                      {49, 10, 2, 1, 4, 5}, {10, 4, 2, 1, 1, 1}, {8, 1, 2, 1, 0, 0},
                                      {8, 3, 1, 2, 2, 2},  {5, 2, 1, 1, 0, 1}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const uint32_t *c = cases[i];
    char text[256];
    snprintf(text, sizeof text,
             "input: {shape: [%u, 4, 2]}\nlayers:\n"
             "- {name: a, type: conv, kernel: [%u, 1], stride: [%u, 1], dilation: [%u, 1], pad: same, out: 2}\n",
             c[0], c[1], c[2], c[3]);
    struct sa_net net = good(text);
    ck_assert_uint_eq(net.layers[1].pad_top, c[4]);
    ck_assert_uint_eq(net.layers[1].pad_bottom, c[5]);
    ck_assert_uint_eq(net.layers[1].pad_left + net.layers[1].pad_right, 0);
    ck_assert_uint_eq(net.layers[1].out.h, (c[0] + c[2] - 1) / c[2]);
    sa_net_release(&net);
  }
}
END_TEST

START_TEST(padding_of_one_two_and_four_numbers) {
  struct sa_net net = good(HEAD "- {name: a, type: conv, kernel: 5, pad: 2, out: 4}\n"
                                "- {name: b, type: conv, kernel: 5, pad: [1, 2], out: 4}\n"
                                "- {name: c, type: conv, kernel: 5, pad: [1, 2, 3, 4], out: 4}\n");
  const struct sa_layer *a = &net.layers[1], *b = &net.layers[2], *c = &net.layers[3];
  ck_assert(a->pad_top == 2 && a->pad_left == 2 && a->pad_bottom == 2 && a->pad_right == 2);
  ck_assert(b->pad_top == 1 && b->pad_left == 2 && b->pad_bottom == 1 && b->pad_right == 2);
  ck_assert(c->pad_top == 1 && c->pad_left == 2 && c->pad_bottom == 3 && c->pad_right == 4);
  sa_net_release(&net);
}
END_TEST

START_TEST(pools_step_by_their_kernel_unless_told) {
  struct sa_net net = good(HEAD "- {name: a, type: maxpool, kernel: 2}\n"
                                "- {name: b, type: avgpool, input: input, kernel: 3, stride: 1}\n"
                                "- {name: c, type: avgpool, global: true}\n");
  ck_assert_uint_eq(layer(&net, "a")->out.h, 4);
  ck_assert_uint_eq(layer(&net, "b")->out.h, 6);
  ck_assert(layer(&net, "c")->out.h == 1 && layer(&net, "c")->kernel_w == 6);
  sa_net_release(&net);
}
END_TEST

START_TEST(channel_slices_are_half_open) {
  struct sa_net net = good("input: {shape: [4, 12]}\nlayers:\n"
                           "- {name: s, type: matmul, inputs: [\"input[0:4]\", \"input[4:8]\"], transpose_b: true}\n"
                           "- {name: o, type: matmul, inputs: [s, \"input[8:12]\"]}\n");
  ck_assert(net.layers[1].inputs[1].c_first == 4 && net.layers[1].inputs[1].c_count == 4);
  ck_assert(net.layers[2].out.w == 4 && net.layers[2].out.c == 4);
  sa_net_release(&net);
}
END_TEST

START_TEST(depthwise_takes_its_groups_from_the_input) {
  struct sa_net net = good(HEAD "- {name: a, type: dwconv, kernel: 3}\n"
                                "- {name: b, type: dwconv, kernel: 3, out: 8}\n"
                                "- {name: c, type: dwconv, input: \"b[2:7]\", kernel: 3}\n");
  ck_assert(layer(&net, "a")->groups == 4 && layer(&net, "a")->out.c == 4);
  ck_assert(layer(&net, "b")->groups == 4 && layer(&net, "b")->out.c == 8);
  ck_assert(layer(&net, "c")->groups == 5 && layer(&net, "c")->out.c == 5);
  sa_net_release(&net);
}
END_TEST

/* A mistake and the whole message for it, with its place. */
static const struct { const char *text, *message; } mistakes[] = {
    {"", "t.yaml: the file holds no YAML document"},
    {"[1, 2]", "t.yaml:1:1: the network must be a mapping, not a sequence"},
    {"layers: []", "t.yaml:1:1: the network needs the key \"input\""},
    {"input: {shape: [3]}", "t.yaml:1:1: the network needs the key \"layers\""},
    {"input: {shape: [3]}\nlayers: []", "t.yaml:2:9: layers are empty"},
    {"input: {shape: [3]}\nlayer: []", "t.yaml:2:1: the network has no key \"layer\"; did you mean \"layers\"?"},
    {"input: {size: [3]}\nlayers: []", "t.yaml:1:9: input has no key \"size\""},
    {"input: {}\nlayers: []", "t.yaml:1:8: input needs the key \"shape\""},
    {"input: {shape: 3}\nlayers: []", "t.yaml:1:16: input.shape must be a sequence, not a scalar"},
    {"input: {shape: []}\nlayers: []",
     "t.yaml:1:16: input.shape has 0 numbers; it must be [c], [w, c] or [h, w, c]"},
    {"input: {shape: [1, 2, 3, 4]}\nlayers: []",
     "t.yaml:1:16: input.shape has 4 numbers; it must be [c], [w, c] or [h, w, c]"},
    {"input: {shape: [0]}\nlayers: []", "t.yaml:1:17: input.shape is 0; it must be between 1 and 2147483647"},
    {"input: {shape: [2147483648]}\nlayers: []",
     "t.yaml:1:17: input.shape is 2147483648; it must be between 1 and 2147483647"},
    {"input: {shape: [65536, 65536, 257]}\nlayers: []",
     "t.yaml:1:8: layer input: its output of 1 x 65536 x 65536 x 257 passes 2^40 bytes"},
    {"extra_params: 1099511627777\n" HEAD,
     "t.yaml:1:15: extra_params is 1099511627777; it must be between 0 and 1099511627776"},
    {HEAD "- 5", "t.yaml:3:3: a layer must be a mapping, not a scalar"},
    {HEAD "- {type: fc, out: 2}", "t.yaml:3:3: a layer needs the key \"name\""},
    {HEAD "- {name: a, out: 2}", "t.yaml:3:3: layer a needs the key \"type\""},
    {HEAD "- {name: a b, type: fc, out: 2}",
     "t.yaml:3:10: a layer's name is \"a b\"; it must consist of letters, digits and . _ - + /"},
    {HEAD "- {name: prev, type: fc, out: 2}",
     "t.yaml:3:10: a layer's name is \"prev\", which is a reserved word"},
    {HEAD "- {name: a234567890123456789012345678901234567890123456789012345678901234, type: fc}",
     "t.yaml:3:10: a layer's name has 64 characters; it must have less than 64"},
    {HEAD "- {name: a, type: fcc, out: 2}",
     "t.yaml:3:19: layer a: type is \"fcc\"; it must be one of: input, conv, dwconv, fc, matmul, maxpool, avgpool, "
     "add, mul, act, requantise, softmax, norm, concat, lstm, gru, rnn, cache, upsample"},
    {HEAD "- {name: a, type: conv, kernal: 3, out: 2}",
     "t.yaml:3:25: layer a (conv) has no key \"kernal\"; did you mean \"kernel\"?"},
    {HEAD "- {name: a, type: fc, kernel: 3, out: 2}", "t.yaml:3:23: layer a (fc) has no key \"kernel\""},
    {HEAD "- {name: a, type: conv, out: 2}", "t.yaml:3:3: layer a: conv needs the key \"kernel\""},
    {HEAD "- {name: a, type: conv, kernel: 3}", "t.yaml:3:3: layer a: conv needs the key \"out\""},
    {HEAD "- {name: a, type: maxpool}", "t.yaml:3:3: layer a: maxpool needs the key \"kernel\""},
    {HEAD "- {name: a, type: maxpool, kernel: 2, global: true}",
     "t.yaml:3:47: layer a: global is true and there is a kernel; it must be one or the other"},
    {HEAD "- {name: a, type: conv, kernel: 0, out: 2}",
     "t.yaml:3:33: layer a: kernel is 0; it must be between 1 and 255"},
    {HEAD "- {name: a, type: conv, kernel: -1, out: 2}",
     "t.yaml:3:33: layer a: kernel is \"-1\"; it must begin with a digit"},
    {HEAD "- {name: a, type: conv, kernel: [3], out: 2}",
     "t.yaml:3:33: layer a: kernel has 1 numbers; it must be one number or [h, w]"},
    {HEAD "- {name: a, type: conv, kernel: 3, stride: 0, out: 2}",
     "t.yaml:3:44: layer a: stride is 0; it must be between 1 and 65535"},
    {HEAD "- {name: a, type: conv, kernel: 3, pad: [1, 2, 3], out: 2}",
     "t.yaml:3:41: layer a: pad has 3 numbers; it must be one number, [h, w], [top, left, bottom, right] or same"},
    {HEAD "- {name: a, type: conv, kernel: 3, pad: 3, out: 2}",
     "t.yaml:3:10: layer a: padding [3, 3, 3, 3] must be smaller than the window, 3 x 3"},
    {HEAD "- {name: a, type: conv, kernel: 9, out: 2}",
     "t.yaml:3:10: layer a: its window of 9 x 9 does not fit into the padded input of 8 x 8"},
    {HEAD "- {name: a, type: conv, kernel: 3, groups: 3, out: 6}",
     "t.yaml:3:10: layer a: 3 groups do not divide 4 input and 6 output channels"},
    {HEAD "- {name: a, type: conv, kernel: 3, out: 0}",
     "t.yaml:3:41: layer a: out is 0; it must be between 1 and 2147483647"},
    {HEAD "- {name: a, type: fc, out: 99999999999}",
     "t.yaml:3:28: layer a: out is 99999999999; it must be between 1 and 2147483647"},
    {HEAD "- {name: a, type: fc, out: 2, act: rely}",
     "t.yaml:3:36: layer a: act is \"rely\"; it must be one of: none, relu, relu6, gelu, sigmoid, tanh, swish"},
    {HEAD "- {name: a, type: fc, out: 2, bias: yes}",
     "t.yaml:3:37: layer a: bias is \"yes\"; it must be one of: false, true"},
    {HEAD "- {name: a, type: act}", "t.yaml:3:3: layer a: act needs the key \"act\""},
    {HEAD "- {name: conv1, type: fc, out: 2}\n- {name: b, type: fc, input: con1, out: 2}",
     "t.yaml:4:30: layer b: input is \"con1\"; no layer before it has that name; did you mean \"conv1\"?"},
    {HEAD "- {name: a, type: fc, input: a, out: 2}",
     "t.yaml:3:30: layer a: input is \"a\"; no layer before it has that name"},
    {HEAD "- {name: a, type: fc, input: entry, out: 2}",
     "t.yaml:3:30: layer a: input is \"entry\", which only layers of a repeated block have"},
    {HEAD "- {name: a, type: fc, input: \"input[2:]\", out: 2}",
     "t.yaml:3:30: layer a: input is \"input[2:]\"; channels are written name[first:end], first < end"},
    {HEAD "- {name: a, type: fc, input: \"input[2:2]\", out: 2}",
     "t.yaml:3:30: layer a: input is \"input[2:2]\"; channels are written name[first:end], first < end"},
    {HEAD "- {name: a, type: fc, input: \"input[2:6]\", out: 2}",
     "t.yaml:3:10: layer a: channels 2 to 6 of input are asked for; it has 4"},
    {HEAD "- {name: a, type: fc, out: 2}\n- {name: a, type: fc, out: 2}", "t.yaml:4:10: two layers are named a"},
    {HEAD "- {name: a, type: add, inputs: [input]}", "t.yaml:3:10: layer a: it has 1 inputs; add takes 2"},
    {HEAD "- {name: a, type: concat, inputs: []}", "t.yaml:3:35: layer a: inputs has 0 names; it must have between 1 and 8"},
    {HEAD "- {name: a, type: fc, out: 2}\n- {name: b, type: add, inputs: [input, a]}",
     "t.yaml:4:10: layer b: its inputs are 1 x 8 x 8 x 4 and 1 x 8 x 8 x 2; they must be equal, or the second must "
     "be 1 x 1 x 1 x 4"},
    {HEAD "- {name: a, type: fc, out: 2, add: input}",
     "t.yaml:3:10: layer a: the residual is 1 x 8 x 8 x 4 and the output 1 x 8 x 8 x 2; they must be equal"},
    {HEAD "- {name: a, type: maxpool, kernel: 2}\n- {name: b, type: concat, inputs: [input, a]}",
     "t.yaml:4:10: layer b: its inputs are 1 x 8 x 8 x 4 and 1 x 4 x 4 x 4; they may differ in channels only"},
    {HEAD "- {name: a, type: matmul, inputs: [input, input]}",
     "t.yaml:3:10: layer a: its second input is 1 x 8 x 8 x 4; it must have h = 1 and c a multiple of kv_heads (1)"},
    {"input: {shape: [6, 8]}\nlayers:\n- {name: a, type: matmul, inputs: [input, \"input[0:6]\"], transpose_b: true}",
     "t.yaml:3:10: layer a: its first input is 1 x 1 x 6 x 8 and its second 1 x 1 x 6 x 6; with 1 heads, kv_heads 1 "
     "and transpose_b true the first must be 1 x 1 x (any) x 6"},
    {"input: {shape: [6, 8]}\nlayers:\n- {name: a, type: matmul, inputs: [input, input], heads: 4, kv_heads: 3}",
     "t.yaml:3:10: layer a: heads (4) is not a multiple of kv_heads (3)"},
    {HEAD "- {name: a, type: lstm, out: 4}",
     "t.yaml:3:10: layer a: its input is 1 x 8 x 8 x 4; it must have h = 1, w steps"},
    {HEAD "- {name: a, type: upsample, factor: 256}",
     "t.yaml:3:37: layer a: factor is 256; it must be between 1 and 255"},
    {"defaults: {con: {out: 2}}\n" HEAD, "t.yaml:1:12: defaults has no key \"con\"; did you mean \"conv\"?"},
    {"defaults: {conv: {input: a}}\n" HEAD,
     "t.yaml:1:19: defaults of conv has no key \"input\""},
    {HEAD "- {repeat: 0, name: b, layers: []}", "t.yaml:3:12: repeat is 0; it must be between 1 and 100000"},
    {HEAD "- {repeat: 2, layers: []}", "t.yaml:3:3: a repeated block needs the key \"name\""},
    {HEAD "- {repeat: 2, name: b}", "t.yaml:3:3: a repeated block needs the key \"layers\""},
    {HEAD "- {repeat: 2, name: b, layers: []}", "t.yaml:3:32: a repeated block's layers are empty"},
    {HEAD "- {repeat: 2, name: b, count: 3, layers: []}", "t.yaml:3:24: a repeated block has no key \"count\""},
    {HEAD "- {repeat: 99999, name: b, layers: [{name: x, type: fc, out: 1}, {name: y, type: fc, out: 1}]}",
     "t.yaml:3:73: the network has more than 100000 layers"},
    {"input: {shape: [1048576]}\nlayers:\n- {name: a, type: fc, out: 1048577}",
     "t.yaml:3:10: layer a: its weights pass 2^40 bytes"},
};

START_TEST(a_mistake_has_this_message) {
  struct sa_net net;
  struct sa_error error;
  char text[2048];
  ck_assert_int_ne(parse(mistakes[_i].text, &net, &error), SA_OK);
  ck_assert_str_eq(sa_error_format(&error, text, sizeof text), mistakes[_i].message);
  ck_assert_ptr_null(net.layers);
}
END_TEST

START_TEST(blocks_nest_eight_deep_and_no_deeper) {
  for (int depth = 8; depth <= 9; depth++) {
    char text[2048] = "input: {shape: [4]}\nlayers: ", *end = text + strlen(text);
    for (int i = 0; i < depth; i++) end += sprintf(end, "[{repeat: 1, name: b, layers: ");
    end += sprintf(end, "[{name: a, type: fc, out: 4}]");
    for (int i = 0; i < depth; i++) end += sprintf(end, "}]");
    struct sa_net net;
    struct sa_error error;
    const enum sa_status status = parse(text, &net, &error);
    if (depth == 8) {
      ck_assert_int_eq(status, SA_OK);
      ck_assert_str_eq(net.layers[1].name, "b.0.b.0.b.0.b.0.b.0.b.0.b.0.b.0.a");
      sa_net_release(&net);
    } else {
      ck_assert_int_eq(status, SA_ERR_INPUT);
      ck_assert_str_eq(error.message, "repeated blocks are nested more than 8 deep");
    }
  }
}
END_TEST

START_TEST(a_hundred_thousand_layers_are_read) {
  struct sa_net net = good("input: {shape: [1]}\nlayers:\n- repeat: 99999\n  name: b\n  layers:\n"
                           "  - {name: x, type: fc, out: 1}\n");
  ck_assert_uint_eq(net.layer_count, 100000);
  ck_assert_str_eq(net.layers[99999].name, "b.99998.x");
  sa_net_release(&net);
}
END_TEST

START_TEST(a_batch_has_limits) {
  const char *text = HEAD "- {name: a, type: fc, out: 2}";
  struct sa_net net;
  struct sa_error error;
  struct sa_net_options options = {.batch = 65536};
  ck_assert_int_eq(sa_net_parse("t", text, strlen(text), &options, &net, &error), SA_OK);
  ck_assert_uint_eq(net.layers[1].out.n, 65536);
  sa_net_release(&net);
  options.batch = 65537;
  ck_assert_int_eq(sa_net_parse("t", text, strlen(text), &options, &net, &error), SA_ERR_LIMIT);
  ck_assert_str_eq(error.message, "batch is 65537; it must be between 1 and 65536");
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("net_yaml");
  TCase *tcase = tcase_create("reading");
  tcase_add_test(tcase, a_layer_takes_the_one_before_it);
  tcase_add_test(tcase, shapes_of_one_two_and_three_sizes);
  tcase_add_test(tcase, repeated_blocks_name_their_layers_and_know_their_entry);
  tcase_add_test(tcase, defaults_hold_where_a_layer_says_nothing);
  tcase_add_test(tcase, padding_same_is_tensorflows);
  tcase_add_test(tcase, padding_of_one_two_and_four_numbers);
  tcase_add_test(tcase, pools_step_by_their_kernel_unless_told);
  tcase_add_test(tcase, channel_slices_are_half_open);
  tcase_add_test(tcase, depthwise_takes_its_groups_from_the_input);
  suite_add_tcase(suite, tcase);
  TCase *errors = tcase_create("mistakes");
  tcase_add_loop_test(errors, a_mistake_has_this_message, 0, (int)(sizeof mistakes / sizeof *mistakes));
  tcase_add_test(errors, blocks_nest_eight_deep_and_no_deeper);
  tcase_add_test(errors, a_hundred_thousand_layers_are_read);
  tcase_add_test(errors, a_batch_has_limits);
  suite_add_tcase(suite, errors);
  return suite;
}

SA_TEST_MAIN(make_suite)
