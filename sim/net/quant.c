/* Seeded tensors and scales; the rules are in quant.h. Scales use integers only, so that they are the
 * same on every machine. */
#include "net/quant.h"

#include <assert.h>
#include <math.h>

/* Root mean square of the values that draw() gives: the sum of four uniform bytes, minus its mean, / 4:
 * sqrt(4 * (256^2 - 1) / 12) / 4 = 36.95, of which the division towards zero takes 0.3. */
#define DRAWN_RMS 37u
#define TARGET 30u  /* root mean square before the activation */
#define UNIT 16u    /* spreads are in 1/16 */

/* What is drawn: each kind of number of a layer has a stream of its own. */
enum stream { STREAM_WEIGHT, STREAM_BIAS, STREAM_GAMMA, STREAM_BETA, STREAM_INPUT, STREAM_SCALE };

/* 64 well mixed bits of a place: the finaliser of MurmurHash3 over two odd multiples. */
static inline uint64_t hash(uint64_t seed, uint32_t layer, enum stream stream, uint64_t a, uint64_t b) {
  uint64_t x = seed + ((uint64_t)layer << 3 | (uint64_t)stream) * 0xd6e8feb86659fd93u;
  x ^= x >> 32;
  x += a * 0x9e3779b97f4a7c15u + b * 0xc2b2ae3d27d4eb4fu;
  x = (x ^ x >> 33) * 0xff51afd7ed558ccdu;
  x = (x ^ x >> 33) * 0xc4ceb9fe1a85ec53u;
  return x ^ x >> 33;
}

/* A roughly normal value in -127..127: four bytes of the hash, summed in two halves. */
static inline int8_t draw(uint64_t bits) {
  const uint32_t pairs = (uint32_t)(bits & 0xff00ffu) + (uint32_t)(bits >> 8 & 0xff00ffu);
  const int sum = (int)((pairs & 0xffffu) + (pairs >> 16)); /* 0 .. 1020 */
  return (int8_t)((sum - 510) / 4);
}

int8_t sa_quant_weight(uint64_t seed, const struct sa_net *net, uint32_t layer, uint64_t k, uint64_t n) {
  (void)net;
  return draw(hash(seed, layer, STREAM_WEIGHT, k, n));
}

int8_t sa_quant_input(uint64_t seed, const struct sa_net *net, uint32_t layer, uint64_t index) {
  (void)net;
  return draw(hash(seed, layer, STREAM_INPUT, index, 0));
}

int8_t sa_quant_norm(uint64_t seed, const struct sa_net *net, uint32_t layer, uint32_t which, uint64_t n) {
  (void)net;
  if (which == 0) /* gamma: 48 .. 79, around 64 */
    return (int8_t)(48 + (int)(hash(seed, layer, STREAM_GAMMA, n, 0) & 31));
  return (int8_t)((int)(hash(seed, layer, STREAM_BETA, n, 0) & 15) - 8);
}

/* floor(sqrt(x)), bit by bit. */
static uint64_t root(uint64_t x) {
  uint64_t result = 0;
  for (uint64_t bit = (uint64_t)1 << 62; bit; bit >>= 2) {
    if (x >= result + bit) {
      x -= result + bit;
      result = (result >> 1) + bit;
    } else {
      result >>= 1;
    }
  }
  return result;
}

/* A scale word: docs/machine.md section 5. */
static uint32_t word(uint64_t mult, unsigned shift) {
  assert(mult < 1u << 25 && shift < 64);
  return (uint32_t)mult | (uint32_t)shift << 26;
}

/* num / den as a scale word whose multiplier has 24 bits. */
static uint32_t ratio(uint64_t num, uint64_t den) {
  unsigned shift = 0;
  for (; den >> 38; shift++) den >>= 1;
  for (; num < den << 23; shift++) num <<= 1;
  return word(num / den, shift);
}

/* Root mean square of the accumulated sums of a CONV, FC, LSTM (K products with drawn weights) or MATMUL,
 * in 1/(16 * 256). Rows of a softmax sum to 127 and are taken to have K / 16 entries that matter. */
static uint64_t sum_spread(const struct sa_net *net, const struct sa_layer *layer) {
  const struct sa_layer *a = &net->layers[layer->inputs[0].layer];
  const uint64_t k = layer->gemm_k;
  if (layer->kind != SA_LAYER_MATMUL) return a->spread * DRAWN_RMS * root(k << 16);
  const uint64_t b = net->layers[layer->inputs[1].layer].spread;
  if (a->kind != SA_LAYER_SOFTMAX) return a->spread * b / UNIT * root(k << 16);
  const uint64_t entries = k > 16 ? k / 16 : 1;
  return 127 * b * 256 * 256 / root(entries << 16);
}

/* Padding and uneven channels lose some of the spread on the way; layers with an activation make up
 * for it, and where it is too much the clamp holds it. Chosen by measuring the shipped networks. */
#define GAIN_NUM 9u
#define GAIN_DEN 8u

/* Two addends share the target, each with 1 / sqrt(2) of it. */
#define SHARE_NUM 181u
#define SHARE_DEN 256u
#define ADDEND_SHIFT 20u /* both operands of VADD have one shift */

/* Scale word of an addend whose values have this spread, at least UNIT. */
static uint32_t addend(uint32_t spread) {
  const uint64_t target = TARGET * UNIT * SHARE_NUM / SHARE_DEN;
  return word((target << ADDEND_SHIFT) / spread, ADDEND_SHIFT);
}

uint32_t sa_quant_scale(const struct sa_net *net, uint32_t index, uint64_t n) {
  const struct sa_layer *layer = &net->layers[index];
  const struct sa_layer *in = layer->input_count ? &net->layers[layer->inputs[0].layer] : NULL;
  switch (layer->kind) {
    case SA_LAYER_CONV:
    case SA_LAYER_FC:
    case SA_LAYER_LSTM:
    case SA_LAYER_GRU:
    case SA_LAYER_RNN:
    case SA_LAYER_MATMUL: {
      uint64_t num = TARGET * UNIT * 256, den = sum_spread(net, layer);
      if (layer->has_residual) num *= SHARE_NUM, den *= SHARE_DEN;
      if (layer->activation != SA_ACT_NONE) num *= GAIN_NUM, den *= GAIN_DEN;
      if (layer->kind != SA_LAYER_MATMUL) /* channels differ by up to an eighth */
        num *= 224 + (hash(0, index, STREAM_SCALE, n, 0) & 63), den *= 256;
      return ratio(num, den);
    }
    case SA_LAYER_AVGPOOL: return ratio(1, (uint64_t)layer->kernel_h * layer->kernel_w);
    case SA_LAYER_ADD: return addend(in->spread);
    case SA_LAYER_MUL:
      return ratio(TARGET * UNIT * UNIT,
                   (uint64_t)in->spread * net->layers[layer->inputs[1].layer].spread);
    case SA_LAYER_ACT: return ratio(TARGET * UNIT, in->spread);
    case SA_LAYER_SOFTMAX: return word(127, 31); /* e * r is 2^31 for a probability of 1 */
    case SA_LAYER_NORM: return word(TARGET, 18); /* d * q is 2^12 and gamma 2^6 for one deviation */
    case SA_LAYER_INPUT:
    case SA_LAYER_MAXPOOL:
    case SA_LAYER_CONCAT:
    case SA_LAYER_CACHE:
    case SA_LAYER_UPSAMPLE: break; /* values are passed on as they are */
  }
  return word(1, 0);
}

uint32_t sa_quant_scale_b(const struct sa_net *net, uint32_t index) {
  const struct sa_layer *layer = &net->layers[index];
  if (layer->has_residual) return addend(net->layers[layer->residual.layer].spread);
  if (layer->kind == SA_LAYER_ADD) return addend(net->layers[layer->inputs[1].layer].spread);
  return word(0, 0);
}

int32_t sa_quant_bias(uint64_t seed, const struct sa_net *net, uint32_t index, uint64_t n) {
  const struct sa_layer *layer = &net->layers[index];
  if (!layer->has_bias && !layer->has_batch_norm) return 0;
  /* uniform within a quarter of the sums' root mean square */
  const uint64_t bound = sum_spread(net, layer) / (UNIT * 256 * 4) + 1;
  const uint64_t limit = bound < (1u << 30) ? bound : 1u << 30;
  return (int32_t)(hash(seed, index, STREAM_BIAS, n, 0) % (2 * limit + 1)) - (int32_t)limit;
}

uint32_t sa_quant_lstm_scale(enum sa_lstm_step step) {
  /* Gates and h are in 1/128, c in 1/32. */
  static const unsigned shifts[] = {
      [SA_LSTM_FORGET] = 7, [SA_LSTM_INPUT] = 9, [SA_LSTM_SUM] = 0, [SA_LSTM_OUTPUT] = 7};
  assert((size_t)step < sizeof shifts / sizeof *shifts);
  return word(1, shifts[step]);
}

uint32_t sa_quant_gru_scale(enum sa_gru_step step) {
  if (step == SA_GRU_MINUS) return (UINT32_C(1) << 26) - 1; /* the multiplier -1 */
  return word(1, step == SA_GRU_PRODUCT ? 7 : 0);           /* gates and h are in 1/128 */
}

bool sa_quant_uses_table(enum sa_activation activation) {
  return activation == SA_ACT_GELU || activation == SA_ACT_SIGMOID || activation == SA_ACT_TANH ||
         activation == SA_ACT_SWISH;
}

void sa_quant_clamp(enum sa_activation activation, int8_t *lo, int8_t *hi) {
  *lo = activation == SA_ACT_RELU || activation == SA_ACT_RELU6 ? 0 : -128;
  *hi = activation == SA_ACT_RELU6 ? 96 : 127;
}

/* Nearest int8. */
static int8_t to_int8(double value) {
  const double rounded = floor(value + 0.5);
  return (int8_t)(rounded < -128 ? -128 : rounded > 127 ? 127 : rounded);
}

void sa_quant_table(enum sa_activation activation, uint8_t table[256]) {
  for (int v = -128; v <= 127; v++) {
    const double x = v / 32.0;
    double y = v;
    switch (activation) {
      case SA_ACT_GELU: y = 32 * x * 0.5 * (1 + erf(x / sqrt(2))); break;
      case SA_ACT_SIGMOID: y = 128 / (1 + exp(-2 * x)); break;
      case SA_ACT_TANH: y = 127 * tanh(x); break;
      case SA_ACT_SWISH: y = 32 * x / (1 + exp(-x)); break;
      case SA_ACT_NONE:
      case SA_ACT_RELU:
      case SA_ACT_RELU6: break;
    }
    table[v & 255] = (uint8_t)to_int8(y);
  }
}

void sa_quant_exp_table(uint16_t table[256]) {
  for (int i = 0; i < 256; i++) table[i] = (uint16_t)floor(65535 * exp(-i / 16.0) + 0.5);
}

/* Spread behind an activation of normal values with root mean square TARGET. */
static uint32_t activation_spread(enum sa_activation activation) {
  static const uint32_t spreads[] = {
      [SA_ACT_NONE] = TARGET * UNIT, [SA_ACT_RELU] = 339,     [SA_ACT_RELU6] = 339,
      [SA_ACT_GELU] = 311,           [SA_ACT_SIGMOID] = 1199, [SA_ACT_TANH] = 1238,
      [SA_ACT_SWISH] = 283};
  assert((size_t)activation < sizeof spreads / sizeof *spreads);
  return spreads[activation];
}

/* Weighted by channels, over the inputs of a CONCAT. */
static uint64_t mean_spread(const struct sa_net *net, const struct sa_layer *layer) {
  uint64_t squares = 0, channels = 0;
  for (uint32_t i = 0; i < layer->input_count; i++) {
    const uint64_t spread = net->layers[layer->inputs[i].layer].spread;
    squares += spread * spread * layer->inputs[i].c_count;
    channels += layer->inputs[i].c_count;
  }
  return root(squares / channels);
}

uint32_t sa_quant_spread(const struct sa_net *net, uint32_t index) {
  const struct sa_layer *layer = &net->layers[index];
  const uint64_t in = layer->input_count ? net->layers[layer->inputs[0].layer].spread : 0;
  const bool window = layer->kernel_h > 1 || layer->kernel_w > 1;
  uint64_t spread = 0;
  switch (layer->kind) {
    case SA_LAYER_INPUT: spread = DRAWN_RMS * UNIT; break;
    case SA_LAYER_CONV:
    case SA_LAYER_FC:
    case SA_LAYER_MATMUL:
    case SA_LAYER_ADD:
    case SA_LAYER_MUL:
    case SA_LAYER_ACT:
      spread = activation_spread(layer->activation);
      /* a sum of values that a ReLU left positive has a mean: an eighth more was measured */
      if (layer->activation == SA_ACT_RELU && (layer->has_residual || layer->kind == SA_LAYER_ADD))
        spread = spread * 9 / 8;
      break;
    case SA_LAYER_MAXPOOL: /* of a ReLU's values half more in a 2 x 2 window, twice in 3 x 3 ... */
      spread = !window ? in : layer->kernel_h * layer->kernel_w <= 4 ? in * 3 / 2 : in * 2;
      if (spread > TARGET * UNIT * 3 / 2) spread = TARGET * UNIT * 3 / 2; /* pools of pools add little */
      break;
    case SA_LAYER_AVGPOOL: spread = window ? in * 3 / 4 : in; break;
    case SA_LAYER_SOFTMAX: spread = 127 * UNIT * 256 * 2 / root((uint64_t)layer->out.c << 16); break;
    case SA_LAYER_NORM:
    case SA_LAYER_LSTM:
    case SA_LAYER_GRU:
    case SA_LAYER_RNN: spread = TARGET * UNIT; break;
    case SA_LAYER_CACHE: spread = layer->out.w > net->layers[layer->inputs[0].layer].out.w ? DRAWN_RMS * UNIT : in; break;
    case SA_LAYER_CONCAT: spread = mean_spread(net, layer); break;
    case SA_LAYER_UPSAMPLE: spread = in; break;
  }
  return (uint32_t)(spread < UNIT ? UNIT : spread > 127 * UNIT ? 127 * UNIT : spread);
}
