/* Shipped networks against published sizes: MACs, weights and parameters of whole networks
 * (tests/data/model_totals.csv) and the GEMM of every layer (tests/data/workload_layers.csv). */
#include <stdio.h>
#include <string.h>

#include "base/models.h"
#include "net/net_yaml.h"
#include "test_main.h"

#define COLUMNS 16

/* A shipped network, perhaps with settings, and the table's model that it is, or its totals derived by hand. */
static const struct shipped {
  const char *file, *model;
  uint32_t batch;
  struct sa_net_totals totals; /* where model is null */
} shipped[] = {
    {"ad-autoencoder", "mlperf_tiny_ad_autoencoder", 1, {0, 0, 0}},
    {"alexnet", "alexnet_torchvision", 1, {0, 0, 0}},
    {"alexnet-caffe", "alexnet_caffe_grouped", 1, {0, 0, 0}},
    {"bert-base", "bert_base_seq128", 1, {0, 0, 0}},
    {"bert-base:seq=384", "bert_base_seq384", 1, {0, 0, 0}},
    {"bert-base:seq=512", "bert_base_seq512", 1, {0, 0, 0}},
    {"bert-large", "bert_large_seq384", 1, {0, 0, 0}},
    {"bert-large:seq=512", "bert_large_seq512", 1, {0, 0, 0}},
    {"dlrm", "dlrm_mlperf_criteo_mlps_batch1", 1, {0, 0, 0}},
    {"dlrm", "dlrm_mlperf_criteo_mlps_batch2048", 2048, {0, 0, 0}},
    {"efficientnet-b0", "efficientnet_b0", 1, {0, 0, 0}},
    {"gnmt", "gnmt_mlperf_8x1024_one_step_batch1", 1, {0, 0, 0}},
    {"googlenet", "googlenet_torchvision_3x3", 1, {0, 0, 0}},
    {"googlenet-paper", "googlenet_paper_5x5", 1, {0, 0, 0}},
    {"gpt2:phase=decode", "gpt2_124m_decode_ctx1024", 1, {0, 0, 0}},
    {"gpt2", "gpt2_124m_prefill1024_full_logits", 1, {0, 0, 0}},
    {"kws-dscnn", "mlperf_tiny_kws_dscnn", 1, {0, 0, 0}},
    {"lenet5", "lenet5", 1, {0, 0, 0}},
    {"llama2-7b:phase=decode", "llama2_7b_decode_ctx2048", 1, {0, 0, 0}},
    {"llama2-7b", "llama2_7b_prefill2048_lastlogit", 1, {0, 0, 0}},
    {"llama3-70b:phase=decode", "llama3_70b_decode_ctx2048", 1, {0, 0, 0}},
    {"llama3-70b", "llama3_70b_prefill2048_lastlogit", 1, {0, 0, 0}},
    {"llama3-8b:phase=decode", "llama3_8b_decode_ctx2048", 1, {0, 0, 0}},
    {"llama3-8b", "llama3_8b_prefill2048_lastlogit", 1, {0, 0, 0}},
    /* weights: 4 * 256 * (128 + 256) + 4 * 256 * (256 + 256) = 393216 + 524288, and 256 * 32 = 8192,
     * each used in 16 steps; biases 1024 + 1024 + 32 */
    {"lstm", NULL, 1, {16 * (393216 + 524288 + 8192), 393216 + 524288 + 8192, 925696 + 2080}},
    /* 256 * 1024 + 2 * 1024 * 1024 + 1024 * 512 + 512 * 10; biases 3 * 1024 + 512 + 10 */
    {"mlp", NULL, 1, {262144 + 2097152 + 524288 + 5120, 2888704, 2888704 + 3594}},
    {"mobilenetv1", "mobilenet_v1_1.0_224", 1, {0, 0, 0}},
    {"mobilenetv2", "mobilenet_v2_1.0_224", 1, {0, 0, 0}},
    {"resnet18", "resnet18", 1, {0, 0, 0}},
    {"resnet50", "resnet50_v1.5_torchvision", 1, {0, 0, 0}},
    {"resnet50-v1", "resnet50_v1_original", 1, {0, 0, 0}},
    {"resnet8", "mlperf_tiny_ic_resnet8_cifar10", 1, {0, 0, 0}},
    {"squeezenet", "squeezenet1_1", 1, {0, 0, 0}},
    {"tiny-yolo-v2", "tiny_yolo_v2_voc_416", 1, {0, 0, 0}},
    {"tiny-yolo-v3", "tiny_yolo_v3_coco_416", 1, {0, 0, 0}},
    /* 16 convolutions: 25 * 48 * 248 + 14 * 9 * 248^2 + 248; each output of 19 x 19; biases */
    {"tpu1-cnn0", NULL, 0, {8 * 361 * 8047352ull, 8047352, 8047352 + 15 * 248 + 1}},
    /* batch norm of 64 + 192 + 7 * (3 * 104 + 5 * 264 + 2 * 312) channels, biases of 3 * 5632 + 1000 */
    {"tpu1-cnn1", NULL, 0, {175628388352, 99962432, 99962432 + 2 * 16048 + 17896}},
    /* four gates of (1536 + 1024) x 1024, then 5 cells of 2048 x 1024; a bias for each of 24 * 1024 */
    {"tpu1-lstm0", NULL, 0, {64 * 52428800ull, 52428800, 52428800 + 24 * 1024}},
    /* 36 matrices of 600 x 600 and the words'; biases but for the 12 of x */
    {"tpu1-lstm1", NULL, 0, {96 * 34003200ull, 34003200, 34003200 + 24 * 600 + 35072}},
    {"tpu1-mlp0", NULL, 0, {200 * 20000000ull, 20000000, 20000000 + 5 * 2000}},
    {"tpu1-mlp1", NULL, 0, {168 * 5017600ull, 5017600, 5017600 + 4 * 1120}},
    {"vgg16", "vgg16", 1, {0, 0, 0}},
    {"vit-b16", "vit_b_16_224", 1, {0, 0, 0}},
    {"vww-mobilenet", "mlperf_tiny_vww_mobilenet_v1_0.25_96", 1, {0, 0, 0}},
};
#define SHIPPED ((int)(sizeof shipped / sizeof *shipped))

/* Names of the table that are written differently in our files. */
static const struct { const char *row, *layer; } aliases[] = {
    {"qkv_proj(x3)", "qkv"},                               {"qk^T", "scores"},
    {"pv", "context"},       {"lm_head(tied)", "lm_head"}, {"interaction(27x128 @ 128x27)", "interaction"},
};

static FILE *open_data(const char *name) {
  char path[4096];
  const char *srcdir = getenv("srcdir");
  snprintf(path, sizeof path, "%s/tests/data/%s", srcdir ? srcdir : ".", name);
  FILE *file = fopen(path, "r");
  ck_assert_msg(file != NULL, "cannot open %s", path);
  return file;
}

/* Next row, split at commas in place. False at the end. */
static bool next_row(FILE *file, char line[512], char *cells[COLUMNS]) {
  if (!fgets(line, 512, file)) return false;
  line[strcspn(line, "\r\n")] = '\0';
  int count = 0;
  for (char *cell = line; cell && count < COLUMNS; count++) {
    cells[count] = cell;
    cell = strchr(cell, ',');
    if (cell) *cell++ = '\0';
  }
  return true;
}

static uint64_t number(const char *text) {
  return strtoull(text, NULL, 10);
}

/* Whether it is of models/net/NAME.yaml. */
static bool is_file(const struct shipped *s, const char *name) {
  const size_t length = strcspn(s->file, ":");
  return strlen(name) == length && strncmp(s->file, name, length) == 0;
}

static void load(const struct shipped *s, struct sa_net *net) {
  struct sa_error error;
  const struct sa_net_options options = {.batch = s->batch};
  ck_assert_msg(sa_net_load(s->file, &options, net, &error) == SA_OK, "%s: %s", s->file, error.message);
}

START_TEST(macs_weights_and_parameters_of_every_network_are_the_published_ones) {
  const struct shipped *s = &shipped[_i];
  struct sa_net_totals want = s->totals;
  if (s->model) {
    FILE *file = open_data("model_totals.csv");
    char line[512], *cells[COLUMNS];
    while (next_row(file, line, cells))
      if (strcmp(cells[0], s->model) == 0)
        want = (struct sa_net_totals){number(cells[1]), number(cells[3]), number(cells[2])};
    fclose(file);
  }
  struct sa_net net;
  load(s, &net);
  const struct sa_net_totals have = sa_net_total(&net);
  ck_assert_str_eq(net.name, s->file);
  ck_assert_uint_gt(want.macs, 0);
  ck_assert_uint_eq(have.macs, want.macs);
  ck_assert_uint_eq(have.weights, want.weights);
  ck_assert_uint_eq(have.params, want.params);
  sa_net_release(&net);
}
END_TEST

/* A layer of a repeated block stands for its row by its last part: block.3.qkv for qkv. */
static const char *own_name(const struct sa_layer *layer) {
  if (strncmp(layer->name, "block.", 6) != 0) return layer->name;
  return strchr(layer->name + 6, '.') + 1;
}

START_TEST(every_row_of_the_layer_table_is_in_its_network) {
  const struct shipped *s = &shipped[_i];
  if (!s->model) return;
  struct sa_net net;
  load(s, &net);
  FILE *file = open_data("workload_layers.csv");
  char line[512], *cells[COLUMNS];
  uint32_t rows = 0, learned = 0;
  while (next_row(file, line, cells)) {
    if (strcmp(cells[0], s->model) != 0) continue;
    rows++;
    const char *name = cells[1];
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
      if (strcmp(name, aliases[i].row) == 0) name = aliases[i].layer;
    const uint32_t joined = strstr(cells[1], "(x3)") ? 3 : 1; /* three products of the table are one of ours */
    const uint32_t apart = strstr(cells[1], "c_attn") ? 3 : 1; /* and the other way round: wq, wk, wv */
    uint64_t count = 0, macs = 0, weights = 0, params = 0;
    for (uint32_t i = 0; i < net.layer_count; i++) {
      const struct sa_layer *layer = &net.layers[i];
      const char *own = own_name(layer);
      if (apart > 1 ? own[0] != 'w' || !strchr("qkv", own[1]) : strcmp(own, name) != 0) continue;
      ck_assert_uint_eq(layer->gemm_m, number(cells[2]));
      ck_assert_uint_eq(layer->gemm_n, number(cells[3]) * joined / apart);
      ck_assert_uint_eq(layer->gemm_k, number(cells[4]));
      count += layer->gemm_count * joined;
      macs += layer->macs;
      weights += layer->weights;
      params += layer->params;
      learned++;
    }
    ck_assert_msg(count == number(cells[5]) * apart, "%s %s: count %llu", s->file, name, (unsigned long long)count);
    ck_assert_uint_eq(macs, number(cells[6]));
    ck_assert_uint_eq(weights, number(cells[7]));
    ck_assert_uint_eq(params, number(cells[8]));
  }
  fclose(file);
  uint32_t with_macs = 0;
  for (uint32_t i = 0; i < net.layer_count; i++) with_macs += net.layers[i].macs > 0;
  ck_assert_uint_gt(rows, 0);
  ck_assert_uint_eq(learned, with_macs);
  sa_net_release(&net);
}
END_TEST

static void count_name(void *user, const char *name) {
  int *unknown = user;
  for (int i = 0; i < SHIPPED; i++)
    if (is_file(&shipped[i], name)) return;
  fprintf(stderr, "models/net/%s.yaml is in no table of this test\n", name);
  ++*unknown;
}

START_TEST(every_file_of_models_net_is_tested_here) {
  struct sa_error error;
  int unknown = 0;
  ck_assert_int_eq(sa_models_list("net", count_name, &unknown, &error), SA_OK);
  ck_assert_int_eq(unknown, 0);
}
END_TEST

/* The machine pads with zeros: a padded maximum is the usual one if no value is negative. */
START_TEST(padded_maximum_pools_of_shipped_networks_see_no_negative_values) {
  struct sa_net net;
  load(&shipped[_i], &net);
  for (uint32_t i = 0; i < net.layer_count; i++) {
    const struct sa_layer *pool = &net.layers[i];
    if (pool->kind != SA_LAYER_MAXPOOL) continue;
    if (pool->pad_top + pool->pad_left + pool->pad_bottom + pool->pad_right == 0) continue;
    const struct sa_layer *from = &net.layers[pool->inputs[0].layer];
    while (from->kind == SA_LAYER_MAXPOOL) from = &net.layers[from->inputs[0].layer];
    for (uint32_t j = 0; j < (from->kind == SA_LAYER_CONCAT ? from->input_count : 1); j++) {
      const struct sa_layer *source =
          from->kind == SA_LAYER_CONCAT ? &net.layers[from->inputs[j].layer] : from;
      ck_assert_int_eq(source->activation, SA_ACT_RELU);
    }
  }
  sa_net_release(&net);
}
END_TEST

START_TEST(batch_multiplies_macs_and_leaves_weights) {
  struct sa_net one, eight;
  load(&(struct shipped){"resnet50", NULL, 1, {0, 0, 0}}, &one);
  load(&(struct shipped){"resnet50", NULL, 8, {0, 0, 0}}, &eight);
  ck_assert_uint_eq(8 * sa_net_total(&one).macs, sa_net_total(&eight).macs);
  ck_assert_uint_eq(sa_net_total(&one).params, sa_net_total(&eight).params);
  ck_assert_uint_eq(eight.layers[eight.layer_count - 1].out.n, 8);
  sa_net_release(&one);
  sa_net_release(&eight);
}
END_TEST

/* Counts of layers as the paper has them: what a CONCAT joins is no layer there. */
START_TEST(tpu_v1s_applications_have_the_layers_weights_and_intensity_of_table_1) {
  static const char *const apps[] = {"MLP0", "MLP1", "LSTM0", "LSTM1", "CNN0", "CNN1"};
  static const char *const files[] = {"tpu1-mlp0", "tpu1-mlp1", "tpu1-lstm0", "tpu1-lstm1", "tpu1-cnn0", "tpu1-cnn1"};
  struct sa_net net;
  load(&(struct shipped){files[_i], NULL, 0, {0, 0, 0}}, &net);
  uint64_t fc = 0, conv = 0, vector = 0, pool = 0;
  for (uint32_t i = 0; i < net.layer_count; i++) {
    const enum sa_layer_kind kind = net.layers[i].kind;
    fc += kind == SA_LAYER_FC;
    conv += kind == SA_LAYER_CONV;
    vector += kind == SA_LAYER_ADD || kind == SA_LAYER_MUL || kind == SA_LAYER_ACT;
    pool += kind == SA_LAYER_MAXPOOL || kind == SA_LAYER_AVGPOOL;
  }
  FILE *file = open_data("tpuv1_table1_workloads.csv");
  char line[512], *cells[COLUMNS];
  bool found = false;
  while (next_row(file, line, cells)) {
    if (strcmp(cells[0], apps[_i]) != 0) continue;
    found = true;
    ck_assert_uint_eq(fc, number(cells[2]));
    ck_assert_uint_eq(conv, number(cells[3]));
    ck_assert_uint_eq(vector, number(cells[4]));
    ck_assert_uint_eq(pool, number(cells[5]));
    const struct sa_net_totals totals = sa_net_total(&net);
    const double weights = (double)totals.weights / 1e6, intensity = (double)totals.macs / (double)totals.weights;
    ck_assert_double_eq_tol(weights, (double)number(cells[8]), 0.01 * (double)number(cells[8]));
    ck_assert_double_eq_tol(intensity, (double)number(cells[9]), 0.005 * (double)number(cells[9]));
    ck_assert_uint_eq(net.batch, number(cells[10]));
  }
  fclose(file);
  ck_assert(found);
  sa_net_release(&net);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("networks");
  TCase *tcase = tcase_create("networks");
  tcase_add_loop_test(tcase, macs_weights_and_parameters_of_every_network_are_the_published_ones, 0, SHIPPED);
  tcase_add_loop_test(tcase, every_row_of_the_layer_table_is_in_its_network, 0, SHIPPED);
  tcase_add_loop_test(tcase, padded_maximum_pools_of_shipped_networks_see_no_negative_values, 0, SHIPPED);
  tcase_add_loop_test(tcase, tpu_v1s_applications_have_the_layers_weights_and_intensity_of_table_1, 0, 6);
  tcase_add_test(tcase, every_file_of_models_net_is_tested_here);
  tcase_add_test(tcase, batch_multiplies_macs_and_leaves_weights);
  suite_add_tcase(suite, tcase);
  return suite;
}

SA_TEST_MAIN(make_suite)
