/* Parameters of networks: expressions, phases, settings, files that are like others, and every mistake. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/net_yaml.h"
#include "test_main.h"

#define HEAD "parameters:\n  phase: prefill\n  seq: 8\n  context: 32\n  width: 2 * half\n  half: 16\n" \
             "  tokens: {prefill: seq, decode: 1}\n"
#define BODY "input: {shape: [tokens, width]}\ntokens: tokens\nlayers:\n" \
             "- {name: a, type: fc, out: width * 3}\n" \
             "- {name: b, type: fc, input: \"a[width:2 * width]\", out: half}\n" \
             "- {name: c, type: input, when: phase == decode, shape: [context, width]}\n"

static enum sa_status parse(const char *text, const char *const *settings, size_t count, struct sa_net *net,
                            struct sa_error *error) {
  const struct sa_net_options options = {1, settings, count};
  *error = (struct sa_error){0};
  return sa_net_parse("t.yaml", text, strlen(text), &options, net, error);
}

static struct sa_net good(const char *text, const char *const *settings, size_t count) {
  struct sa_net net;
  struct sa_error error;
  ck_assert_msg(parse(text, settings, count, &net, &error) == SA_OK, "%d:%d: %s", error.line, error.column,
                error.message);
  return net;
}

START_TEST(values_are_expressions_of_parameters_in_any_order) {
  struct sa_net net = good(HEAD BODY, NULL, 0);
  ck_assert_uint_eq(net.layers[0].out.w, 8);
  ck_assert_uint_eq(net.layers[0].out.c, 32);
  ck_assert_uint_eq(net.layers[1].out.c, 96);
  ck_assert_uint_eq(net.layers[2].inputs[0].c_first, 32);
  ck_assert_uint_eq(net.layers[2].inputs[0].c_count, 32);
  ck_assert_uint_eq(net.layers[2].out.c, 16);
  ck_assert_uint_eq(net.layer_count, 3);
  ck_assert_uint_eq(net.tokens, 8);
  ck_assert_int_eq(net.phase, SA_PHASE_PREFILL);
  sa_net_release(&net);
}
END_TEST

START_TEST(settings_change_parameters_and_what_follows_from_them) {
  static const char *const settings[] = {"seq=4", "half=3", "seq=5"};
  struct sa_net net = good(HEAD BODY, settings, 3);
  ck_assert_uint_eq(net.layers[0].out.w, 5);
  ck_assert_uint_eq(net.layers[0].out.c, 6);
  ck_assert_uint_eq(net.param_count, 5); /* context is not used */
  ck_assert_str_eq(net.params[1].name, "seq");
  ck_assert(net.params[1].value == 5 && net.params[1].is_given);
  ck_assert(!net.params[0].is_given);
  ck_assert_str_eq(net.name, "t:seq=5,half=3");
  sa_net_release(&net);
}
END_TEST

START_TEST(a_phase_chooses_values_and_layers) {
  static const char *const settings[] = {"phase=decode", "context=100"};
  struct sa_net net = good(HEAD BODY, settings, 2);
  ck_assert_int_eq(net.phase, SA_PHASE_DECODE);
  ck_assert_str_eq(net.name, "t:phase=decode,context=100");
  ck_assert_uint_eq(net.tokens, 1);
  ck_assert_uint_eq(net.layers[0].out.w, 1);
  ck_assert_uint_eq(net.layer_count, 4);
  ck_assert_uint_eq(net.layers[3].out.w, 100);
  sa_net_release(&net);
}
END_TEST

START_TEST(a_repeated_block_may_be_left_out_too) {
  static const char text[] = "parameters: {n: 3, extra: 0}\ninput: {shape: [4]}\nlayers:\n"
                             "- {name: a, type: fc, out: 4}\n"
                             "- {repeat: n, name: b, when: extra > 0, layers: [{name: x, type: fc, out: 4}]}\n";
  static const char *const with[] = {"extra=1"};
  struct sa_net net = good(text, NULL, 0);
  ck_assert_uint_eq(net.layer_count, 2);
  sa_net_release(&net);
  net = good(text, with, 1);
  ck_assert_uint_eq(net.layer_count, 5);
  sa_net_release(&net);
}
END_TEST

static const struct bad_setting { const char *setting, *message; } bad_settings[] = {
    {"sequ=3", "network t has no parameter \"sequ\"; did you mean \"seq\"?"},
    {"clok=3", "network t has no parameter \"clok\"; did you mean \"clock\"?"},
    {"seq", "\"seq\" must be NAME=VALUE"},
    {"=3", "\"=3\" must be NAME=VALUE"},
    {"seq=", "seq=: \"\": a number, a name or ( expected at the end"},
    {"seq=x", "seq=x: there is no parameter \"x\""},
    {"seq=seq + 1", "seq=seq + 1: parameter seq depends on itself"},
    {"seq=1 - 2", "seq=1 - 2: seq is -1; it must be between 0 and 2^40"},
    {"seq=2 * 1099511627776", "seq=2 * 1099511627776: seq is 2199023255552; it must be between 0 and 2^40"},
    {"seq=3 / 0", "seq=3 / 0: \"3 / 0\" divides by zero"},
    {"phase=decoding", "phase is \"decoding\"; it must be prefill or decode"},
    {"context=64", "context=64 changes nothing in network t, whose phase is prefill"},
};

START_TEST(settings_that_mean_nothing_are_refused) {
  const struct bad_setting *c = &bad_settings[_i];
  struct sa_net net;
  struct sa_error error;
  ck_assert_int_ne(parse(HEAD BODY, &c->setting, 1, &net, &error), SA_OK);
  ck_assert_str_eq(error.message, c->message);
  ck_assert_uint_eq(net.layer_count, 0);
}
END_TEST

static const struct bad_file { const char *text; int line, column; const char *message; } bad_files[] = {
    {"parameters: {a: b, b: a}\ninput: {shape: [a]}\n", 1, 23, "parameter a depends on itself"},
    {"parameters: {clock: 3}\n", 1, 14,
     "a parameter is named clock, as a parameter of machines is; choose another name"},
    {"parameters: {decode: 3}\n", 1, 14, "a parameter is named decode, which is a phase"},
    {"parameters: {a.b: 3}\n", 1, 14,
     "a parameter is named \"a.b\"; a name has up to 31 letters, digits and _ and begins with a letter"},
    {"parameters: {phase: later}\n", 1, 21, "phase is \"later\"; it must be one of: prefill, decode"},
    {"parameters: {a: {prefill: 1}}\n", 1, 17, "a has no value for the phase decode"},
    {"parameters: {a: {prefill: 1, decode: 2}}\ninput: {shape: [a]}\n", 1, 17,
     "a has a value for each phase; there is no parameter phase"},
    {"parameters: {a: [1]}\n", 1, 17, "a must be a scalar, not a sequence"},
    {"parameters: {a: 1 +}\ninput: {shape: [a]}\n", 1, 17, "\"1 +\": a number, a name or ( expected at the end"},
    {"parameters: {width: 1}\ninput: {shape: [widht]}\n", 2, 17,
     "input.shape: there is no parameter \"widht\"; did you mean \"width\"?"},
    {"parameters: {a: 3}\ninput: {shape: [a - 3]}\n", 2, 17,
     "input.shape is a - 3 = 0; it must be between 1 and 2147483647"},
    {"parameters: {a: 3}\ninput: {shape: [a]}\nlayers:\n- {name: f, type: fc, out: a, when: a}\n", 4, 37,
     "\"a\": a comparison (<= >= == != < >) expected at the end"},
    {"input: {shape: [4]}\nlayers:\n- {name: f, type: fc, input: \"input[4:2 + 2]\", out: 1}\n", 3, 30,
     "layer f: input is \"input[4:2 + 2]\"; channels are written name[first:end], first < end"},
    {"name: \"a\\x1b[2J\"\ninput: {shape: [4]}\n", 1, 7, "name has a control character (byte 27) at place 2"},
    {"like: ../etc/passwd\n", 1, 7, "like is \"../etc/passwd\"; it must be a network's name: letters, digits and . _ -"},
    {"like: bert-base\nlayers: []\n", 2, 1, "a network that is like another has no key \"layers\""},
    {"like: bert-base\nparameters: {widht: 3}\n", 2, 14,
     "the network that it is like has no parameter \"widht\"; did you mean \"width\"?"},
};

START_TEST(mistakes_in_a_file_are_told_with_their_place) {
  const struct bad_file *c = &bad_files[_i];
  struct sa_net net;
  struct sa_error error;
  ck_assert_int_ne(parse(c->text, NULL, 0, &net, &error), SA_OK);
  ck_assert_str_eq(error.message, c->message);
  ck_assert_int_eq(error.line, c->line);
  ck_assert_int_eq(error.column, c->column);
}
END_TEST

static void write_file(const char *path, const char *text) {
  FILE *file = fopen(path, "w");
  ck_assert_ptr_nonnull(file);
  fputs(text, file);
  ck_assert_int_eq(fclose(file), 0);
}

START_TEST(a_network_like_another_has_its_layers_with_other_values) {
  static const char text[] = "like: bert-base\nparameters: {layers: 2, seq: 16}\n";
  static const char *const settings[] = {"seq=32"};
  struct sa_net net = good(text, settings, 1);
  ck_assert_str_eq(net.name, "t:seq=32");
  ck_assert_uint_eq(net.layers[0].out.w, 32);
  ck_assert_uint_eq(net.layer_count, 1 + 2 * 9 + 2);
  sa_net_release(&net);
}
END_TEST

START_TEST(a_file_beside_it_comes_before_a_shipped_network) {
  char folder[] = "/tmp/sa_test_XXXXXX", base[64], path[64];
  struct sa_net net;
  struct sa_error error;
  ck_assert_ptr_nonnull(mkdtemp(folder));
  snprintf(base, sizeof base, "%s/bert-base.yaml", folder);
  write_file(base, "parameters: {n: 3}\ninput: {shape: [n]}\nlayers: [{name: a, type: fc, out: n}]\n");
  snprintf(path, sizeof path, "%s/mine.yaml", folder);
  write_file(path, "like: bert-base\nparameters: {n: 5}\n");
  ck_assert_msg(sa_net_load(path, NULL, &net, &error) == SA_OK, "%s", error.message);
  ck_assert_str_eq(net.name, "mine");
  ck_assert_uint_eq(net.layers[1].out.c, 5);
  sa_net_release(&net);
  write_file(path, "like: mine\n"); /* itself */
  ck_assert_int_eq(sa_net_load(path, NULL, &net, &error), SA_ERR_INPUT);
  ck_assert_str_eq(error.message, "networks are like each other more than 4 times in a row");
  ck_assert_int_eq(unlink(path) | unlink(base) | rmdir(folder), 0);
}
END_TEST

START_TEST(settings_may_stand_behind_the_name) {
  struct sa_net net;
  struct sa_error error;
  static const char *const settings[] = {"layers=3"};
  const struct sa_net_options options = {2, settings, 1};
  ck_assert_msg(sa_net_load("bert-base:seq=16,layers=1", &options, &net, &error) == SA_OK, "%s", error.message);
  ck_assert_str_eq(net.name, "bert-base:seq=16,layers=3");
  ck_assert(net.layers[0].out.n == 2 && net.layers[0].out.w == 16);
  ck_assert_uint_eq(net.layer_count, 1 + 3 * 9 + 2);
  sa_net_release(&net);
  ck_assert_int_eq(sa_net_load("bert-base:", NULL, &net, &error), SA_ERR_INPUT);
  ck_assert_int_eq(sa_net_load("bert-base:seq=4,,x", NULL, &net, &error), SA_ERR_INPUT);
  ck_assert_str_eq(error.message, "\"\" must be NAME=VALUE");
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("net_params");
  TCase *tcase = tcase_create("net_params");
  tcase_add_test(tcase, values_are_expressions_of_parameters_in_any_order);
  tcase_add_test(tcase, settings_change_parameters_and_what_follows_from_them);
  tcase_add_test(tcase, a_phase_chooses_values_and_layers);
  tcase_add_test(tcase, a_repeated_block_may_be_left_out_too);
  tcase_add_loop_test(tcase, settings_that_mean_nothing_are_refused, 0,
                      (int)(sizeof bad_settings / sizeof *bad_settings));
  tcase_add_loop_test(tcase, mistakes_in_a_file_are_told_with_their_place, 0,
                      (int)(sizeof bad_files / sizeof *bad_files));
  tcase_add_test(tcase, a_network_like_another_has_its_layers_with_other_values);
  tcase_add_test(tcase, a_file_beside_it_comes_before_a_shipped_network);
  tcase_add_test(tcase, settings_may_stand_behind_the_name);
  suite_add_tcase(suite, tcase);
  return suite;
}

SA_TEST_MAIN(make_suite)
