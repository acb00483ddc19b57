/* The reference model of networks: see ref_net.h. Slow and plain on purpose. */
#include "ref_net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/quant.h"

static void *allocate(size_t count, size_t size) {
  void *memory = calloc(count ? count : 1, size);
  if (!memory) {
    fprintf(stderr, "the reference model is out of memory\n");
    exit(EXIT_FAILURE);
  }
  return memory;
}

/* ---- Arithmetic of docs/machine.md section 5 ---- */

/* Divides by 2^shift, halves upwards. */
static int64_t round_shift(int64_t x, unsigned shift) {
  return shift == 0 ? x : (x + ((int64_t)1 << (shift - 1))) >> shift;
}

struct scale { int64_t mult; unsigned shift; };

static struct scale unpack(uint32_t word) {
  const int64_t low = word & 0x3ffffff;
  return (struct scale){low >= 1 << 25 ? low - (1 << 26) : low, word >> 26};
}

static int8_t clamp(int64_t x, int lo, int hi) {
  return (int8_t)(x < lo ? lo : x > hi ? hi : x);
}

/* Clamp and table of an activation. */
static int8_t activate(enum sa_activation activation, int64_t x) {
  int8_t lo, hi;
  uint8_t table[256];
  sa_quant_clamp(activation, &lo, &hi);
  const int8_t clamped = clamp(x, lo, hi);
  if (!sa_quant_uses_table(activation)) return clamped;
  sa_quant_table(activation, table);
  return (int8_t)table[(uint8_t)clamped];
}

static int64_t integer_root(int64_t x) {
  int64_t root = 0;
  while ((root + 1) * (root + 1) <= x) root++;
  return root;
}

/* ---- Tensors ---- */

struct view { /* channels c_first .. of a tensor */
  const int8_t *data;
  struct sa_shape whole;
  uint32_t c_first, c_count;
};

struct run {
  const struct sa_net *net;
  uint64_t seed;
  int8_t **outputs;
};

static struct view view_of(const struct run *run, const struct sa_layer_input *input) {
  return (struct view){run->outputs[input->layer], run->net->layers[input->layer].out, input->c_first,
                       input->c_count};
}

static size_t offset(const struct sa_shape *shape, size_t n, size_t h, size_t w, size_t c) {
  return ((n * shape->h + h) * shape->w + w) * shape->c + c;
}

static int8_t at(const struct view *view, size_t n, size_t h, size_t w, size_t c) {
  return view->data[offset(&view->whole, n, h, w, view->c_first + c)];
}

/* All weights of a layer as weights[n][k]. */
static int8_t *all_weights(const struct run *run, uint32_t layer, size_t k_count, size_t n_count) {
  int8_t *weights = allocate(k_count * n_count, 1);
  for (size_t n = 0; n < n_count; n++)
    for (size_t k = 0; k < k_count; k++)
      weights[n * k_count + k] = sa_quant_weight(run->seed, run->net, layer, k, n);
  return weights;
}

/* Sum of products modulo 2^32. */
static int32_t dot(const int8_t *a, const int8_t *b, size_t count) {
  uint32_t sum = 0;
  for (size_t k = 0; k < count; k++) sum += (uint32_t)(a[k] * b[k]);
  return (int32_t)sum;
}

/* What stands between sums and outputs of one layer, column by column. */
struct column { int64_t bias; struct scale scale; };

static struct column *all_columns(const struct run *run, uint32_t layer, size_t count) {
  struct column *columns = allocate(count, sizeof *columns);
  for (size_t n = 0; n < count; n++) {
    columns[n].bias = sa_quant_bias(run->seed, run->net, layer, n);
    columns[n].scale = unpack(sa_quant_scale(run->net, layer, n));
  }
  return columns;
}

/* Values behind the sums of a layer: bias, scale, residual, activation. */
struct finish {
  const struct run *run;
  const struct sa_layer *layer;
  struct scale residual_scale;
  struct view residual;
  uint8_t table[256]; /* the activation, for every value after the clamp */
  int8_t lo, hi;
};

static struct finish finish_of(const struct run *run, uint32_t index) {
  struct finish f = {.run = run, .layer = &run->net->layers[index]};
  if (f.layer->has_residual) {
    f.residual_scale = unpack(sa_quant_scale_b(run->net, index));
    f.residual = view_of(run, &f.layer->residual);
  }
  sa_quant_clamp(f.layer->activation, &f.lo, &f.hi);
  for (int v = -128; v < 128; v++) f.table[(uint8_t)v] = (uint8_t)v;
  if (sa_quant_uses_table(f.layer->activation)) sa_quant_table(f.layer->activation, f.table);
  return f;
}

static int8_t finish_sum(const struct finish *f, int32_t sum, const struct column *column, size_t n,
                         size_t h, size_t w, size_t c) {
  int64_t y = round_shift((sum + column->bias) * column->scale.mult, column->scale.shift);
  if (f->layer->has_residual)
    y += round_shift(at(&f->residual, n, h, w, c) * f->residual_scale.mult, f->residual_scale.shift);
  return (int8_t)f->table[(uint8_t)clamp(y, f->lo, f->hi)];
}

/* ---- Layers ---- */

static void run_input(const struct run *run, uint32_t index, int8_t *out) {
  const uint64_t count = sa_shape_elems(&run->net->layers[index].out);
  for (uint64_t i = 0; i < count; i++) out[i] = sa_quant_input(run->seed, run->net, index, i);
}

/* out[oy][ox][oc] = sum over the kernel and the group's channels, zeros beyond the edge. */
static void run_conv(const struct run *run, uint32_t index, int8_t *out) {
  const struct sa_layer *l = &run->net->layers[index];
  const struct view in = view_of(run, &l->inputs[0]);
  const size_t in_group = in.c_count / l->groups, out_group = l->out.c / l->groups;
  const size_t k_count = (size_t)l->kernel_h * l->kernel_w * in_group;
  int8_t *weights = all_weights(run, index, k_count, l->out.c);
  struct column *columns = all_columns(run, index, l->out.c);
  int8_t *window = allocate(k_count, 1);
  const struct finish f = finish_of(run, index);
  for (size_t n = 0; n < l->out.n; n++)
    for (size_t oy = 0; oy < l->out.h; oy++)
      for (size_t ox = 0; ox < l->out.w; ox++)
        for (size_t g = 0; g < l->groups; g++) {
          size_t k = 0;
          for (size_t ky = 0; ky < l->kernel_h; ky++)
            for (size_t kx = 0; kx < l->kernel_w; kx++) {
              const int64_t y = (int64_t)(oy * l->stride_h + ky * l->dilation_h) - l->pad_top;
              const int64_t x = (int64_t)(ox * l->stride_w + kx * l->dilation_w) - l->pad_left;
              const bool inside = y >= 0 && y < in.whole.h && x >= 0 && x < in.whole.w;
              for (size_t c = 0; c < in_group; c++)
                window[k++] = inside ? at(&in, n, (size_t)y, (size_t)x, g * in_group + c) : 0;
            }
          for (size_t oc = g * out_group; oc < (g + 1) * out_group; oc++)
            out[offset(&l->out, n, oy, ox, oc)] =
                finish_sum(&f, dot(window, weights + oc * k_count, k_count), &columns[oc], n, oy, ox, oc);
        }
  free(window);
  free(columns);
  free(weights);
}

static void run_fc(const struct run *run, uint32_t index, int8_t *out) {
  const struct sa_layer *l = &run->net->layers[index];
  const struct view in = view_of(run, &l->inputs[0]);
  const size_t rows = l->flatten ? in.whole.h : 1, cols = l->flatten ? in.whole.w : 1;
  const size_t k_count = rows * cols * in.c_count;
  int8_t *weights = all_weights(run, index, k_count, l->out.c);
  struct column *columns = all_columns(run, index, l->out.c);
  int8_t *vector = allocate(k_count, 1);
  const struct finish f = finish_of(run, index);
  for (size_t n = 0; n < l->out.n; n++)
    for (size_t h = 0; h < l->out.h; h++)
      for (size_t w = 0; w < l->out.w; w++) {
        size_t k = 0;
        for (size_t y = 0; y < rows; y++)
          for (size_t x = 0; x < cols; x++)
            for (size_t c = 0; c < in.c_count; c++) vector[k++] = at(&in, n, h + y, w + x, c);
        for (size_t oc = 0; oc < l->out.c; oc++)
          out[offset(&l->out, n, h, w, oc)] =
              finish_sum(&f, dot(vector, weights + oc * k_count, k_count), &columns[oc], n, h, w, oc);
      }
  free(vector);
  free(columns);
  free(weights);
}

static void run_matmul(const struct run *run, uint32_t index, int8_t *out) {
  const struct sa_layer *l = &run->net->layers[index];
  const struct view a = view_of(run, &l->inputs[0]), b = view_of(run, &l->inputs[1]);
  const size_t width = b.c_count / l->kv_heads, sharing = l->heads / l->kv_heads;
  const struct column column = {0, unpack(sa_quant_scale(run->net, index, 0))};
  const struct finish f = finish_of(run, index);
  for (size_t n = 0; n < a.whole.n; n++)
    for (size_t head = 0; head < l->heads; head++)
      for (size_t query = 0; query < a.whole.w; query++) {
        const size_t first = head / sharing * width; /* of this head in B */
        if (l->transpose_b) {
          for (size_t key = 0; key < b.whole.w; key++) {
            uint32_t sum = 0;
            for (size_t d = 0; d < width; d++)
              sum += (uint32_t)(at(&a, n, 0, query, head * width + d) * at(&b, n, 0, key, first + d));
            out[offset(&l->out, n, head, query, key)] =
                finish_sum(&f, (int32_t)sum, &column, n, head, query, key);
          }
        } else {
          for (size_t d = 0; d < width; d++) {
            uint32_t sum = 0;
            for (size_t key = 0; key < b.whole.w; key++)
              sum += (uint32_t)(at(&a, n, head, query, key) * at(&b, n, 0, key, first + d));
            out[offset(&l->out, n, 0, query, head * width + d)] =
                finish_sum(&f, (int32_t)sum, &column, n, 0, query, head * width + d);
          }
        }
      }
}

static void run_pool(const struct run *run, uint32_t index, int8_t *out) {
  const struct sa_layer *l = &run->net->layers[index];
  const struct view in = view_of(run, &l->inputs[0]);
  const struct scale scale = unpack(sa_quant_scale(run->net, index, 0));
  for (size_t n = 0; n < l->out.n; n++)
    for (size_t oy = 0; oy < l->out.h; oy++)
      for (size_t ox = 0; ox < l->out.w; ox++)
        for (size_t c = 0; c < l->out.c; c++) {
          int64_t sum = 0, largest = -128;
          for (size_t ky = 0; ky < l->kernel_h; ky++)
            for (size_t kx = 0; kx < l->kernel_w; kx++) {
              const int64_t y = (int64_t)(oy * l->stride_h + ky) - l->pad_top;
              const int64_t x = (int64_t)(ox * l->stride_w + kx) - l->pad_left;
              const bool inside = y >= 0 && y < in.whole.h && x >= 0 && x < in.whole.w;
              const int8_t value = inside ? at(&in, n, (size_t)y, (size_t)x, c) : 0;
              sum += value;
              if (value > largest) largest = value;
            }
          const int64_t mean = round_shift(sum * scale.mult, scale.shift);
          out[offset(&l->out, n, oy, ox, c)] =
              l->kind == SA_LAYER_MAXPOOL ? (int8_t)largest : clamp(mean, -128, 127);
        }
}

/* ADD, MUL, and ACT as well, whose second operand does not exist. */
static void run_elementwise(const struct run *run, uint32_t index, int8_t *out) {
  const struct sa_layer *l = &run->net->layers[index];
  const struct view a = view_of(run, &l->inputs[0]);
  const struct view b = l->kind == SA_LAYER_ACT ? a : view_of(run, &l->inputs[1]);
  const struct scale sa = unpack(sa_quant_scale(run->net, index, 0));
  const struct scale sb = unpack(sa_quant_scale_b(run->net, index));
  for (size_t n = 0; n < l->out.n; n++)
    for (size_t h = 0; h < l->out.h; h++)
      for (size_t w = 0; w < l->out.w; w++)
        for (size_t c = 0; c < l->out.c; c++) {
          const size_t period = b.c_count, in_group = c % period;
          const size_t rotated = l->rotate ? (in_group + period / 2) % period : in_group;
          const int64_t x = at(&a, n, h, w, c - in_group + rotated);
          const int64_t y = at(&b, n, b.whole.h == 1 ? 0 : h, b.whole.w == 1 ? 0 : w, in_group);
          int64_t value = x * sa.mult;
          if (l->kind == SA_LAYER_ADD) value = x * sa.mult + y * sb.mult;
          if (l->kind == SA_LAYER_MUL) value = x * y * sa.mult;
          out[offset(&l->out, n, h, w, c)] = activate(l->activation, round_shift(value, sa.shift));
        }
}

static void run_softmax(const struct run *run, uint32_t index, int8_t *out) {
  const struct sa_layer *l = &run->net->layers[index];
  const struct view in = view_of(run, &l->inputs[0]);
  const struct scale scale = unpack(sa_quant_scale(run->net, index, 0));
  uint16_t exponential[256];
  sa_quant_exp_table(exponential);
  for (size_t n = 0; n < l->out.n; n++)
    for (size_t h = 0; h < l->out.h; h++)
      for (size_t w = 0; w < l->out.w; w++) {
        int largest = -128;
        int64_t sum = 0;
        for (size_t c = 0; c < l->out.c; c++)
          if (at(&in, n, h, w, c) > largest) largest = at(&in, n, h, w, c);
        for (size_t c = 0; c < l->out.c; c++) sum += exponential[largest - at(&in, n, h, w, c)];
        const int64_t reciprocal = ((int64_t)1 << 31) / (sum < 1 ? 1 : sum);
        for (size_t c = 0; c < l->out.c; c++) {
          const int64_t part = exponential[largest - at(&in, n, h, w, c)] * reciprocal;
          out[offset(&l->out, n, h, w, c)] = clamp(round_shift(part * scale.mult, scale.shift), -128, 127);
        }
      }
}

static void run_norm(const struct run *run, uint32_t index, int8_t *out) {
  const struct sa_layer *l = &run->net->layers[index];
  const struct view in = view_of(run, &l->inputs[0]);
  const struct scale scale = unpack(sa_quant_scale(run->net, index, 0));
  const int64_t inverse = (1 << 24) / (int64_t)l->out.c;
  for (size_t n = 0; n < l->out.n; n++)
    for (size_t h = 0; h < l->out.h; h++)
      for (size_t w = 0; w < l->out.w; w++) {
        int64_t sum = 0, squares = 0;
        for (size_t c = 0; c < l->out.c; c++) {
          sum += at(&in, n, h, w, c);
          squares += at(&in, n, h, w, c) * at(&in, n, h, w, c);
        }
        const int64_t mean = l->rms ? 0 : round_shift(sum * inverse, 24);
        int64_t variance = round_shift(squares * inverse, 20) - mean * mean * 16;
        if (variance < 1) variance = 1;
        const int64_t factor = (1 << 20) / integer_root(variance << 12);
        for (size_t c = 0; c < l->out.c; c++) {
          const int64_t gamma = sa_quant_norm(run->seed, run->net, index, 0, c);
          const int64_t beta = l->rms ? 0 : sa_quant_norm(run->seed, run->net, index, 1, c);
          const int64_t deviation = at(&in, n, h, w, c) - mean;
          const int64_t y = round_shift(deviation * factor * gamma * scale.mult, scale.shift) + beta;
          out[offset(&l->out, n, h, w, c)] = clamp(y, -128, 127);
        }
      }
}

static void run_concat(const struct run *run, uint32_t index, int8_t *out) {
  const struct sa_layer *l = &run->net->layers[index];
  size_t first = 0;
  for (uint32_t i = 0; i < l->input_count; i++) {
    const struct view in = view_of(run, &l->inputs[i]);
    for (size_t n = 0; n < l->out.n; n++)
      for (size_t h = 0; h < l->out.h; h++)
        for (size_t w = 0; w < l->out.w; w++)
          for (size_t c = 0; c < in.c_count; c++)
            out[offset(&l->out, n, h, w, first + c)] = at(&in, n, h, w, c);
    first += in.c_count;
  }
}

static void run_upsample(const struct run *run, uint32_t index, int8_t *out) {
  const struct sa_layer *l = &run->net->layers[index];
  const struct view in = view_of(run, &l->inputs[0]);
  for (size_t n = 0; n < l->out.n; n++)
    for (size_t h = 0; h < l->out.h; h++)
      for (size_t w = 0; w < l->out.w; w++)
        for (size_t c = 0; c < l->out.c; c++)
          out[offset(&l->out, n, h, w, c)] = at(&in, n, h / l->kernel_h, w / l->kernel_w, c);
}

/* One element-wise step of the LSTM. */
static int8_t lstm_step(enum sa_lstm_step step, int64_t value) {
  const struct scale scale = unpack(sa_quant_lstm_scale(step));
  return clamp(round_shift(value * scale.mult, scale.shift), -128, 127);
}

static void run_lstm(const struct run *run, uint32_t index, int8_t *out) {
  const struct sa_layer *l = &run->net->layers[index];
  const struct view in = view_of(run, &l->inputs[0]);
  const size_t hidden = l->out.c, k_count = in.c_count + hidden;
  int8_t *weights = all_weights(run, index, k_count, 4 * hidden);
  struct column *columns = all_columns(run, index, 4 * hidden);
  int8_t *vector = allocate(k_count, 1), *gates = allocate(4 * hidden, 1), *cell = allocate(hidden, 1);
  for (size_t n = 0; n < l->out.n; n++) {
    memset(cell, 0, hidden);
    for (size_t t = 0; t < l->out.w; t++) {
      for (size_t c = 0; c < in.c_count; c++) vector[c] = at(&in, n, 0, t, c);
      for (size_t j = 0; j < hidden; j++)
        vector[in.c_count + j] = t == 0 ? 0 : out[offset(&l->out, n, 0, t - 1, j)];
      for (size_t g = 0; g < 4 * hidden; g++) {
        const int64_t sum = dot(vector, weights + g * k_count, k_count) + columns[g].bias;
        gates[g] = activate(g / hidden == 2 ? SA_ACT_TANH : SA_ACT_SIGMOID,
                            round_shift(sum * columns[g].scale.mult, columns[g].scale.shift));
      }
      for (size_t j = 0; j < hidden; j++) {
        const int8_t i = gates[j], f = gates[hidden + j], g = gates[2 * hidden + j], o = gates[3 * hidden + j];
        const int8_t kept = lstm_step(SA_LSTM_FORGET, f * cell[j]);
        const int8_t added = lstm_step(SA_LSTM_INPUT, i * g);
        cell[j] = lstm_step(SA_LSTM_SUM, kept + added);
        out[offset(&l->out, n, 0, t, j)] = lstm_step(SA_LSTM_OUTPUT, o * activate(SA_ACT_TANH, cell[j]));
      }
    }
  }
  free(cell);
  free(gates);
  free(vector);
  free(columns);
  free(weights);
}

/* A product or a sum of two numbers of a GRU. */
static int8_t gru_step(enum sa_gru_step first, int64_t a, enum sa_gru_step second, int64_t b) {
  const struct scale x = unpack(sa_quant_gru_scale(first)), y = unpack(sa_quant_gru_scale(second));
  return clamp(round_shift(first == SA_GRU_PRODUCT ? a * b * x.mult : a * x.mult + b * y.mult, x.shift), -128, 127);
}

static int8_t gru_product(int64_t a, int64_t b) { return gru_step(SA_GRU_PRODUCT, a, SA_GRU_PRODUCT, b); }

/* Gates r, z from [x, h]; the candidate n from [x, r h]; h = n - z n + z h. */
static void run_gru(const struct run *run, uint32_t index, int8_t *out) {
  const struct sa_layer *l = &run->net->layers[index];
  const struct view in = view_of(run, &l->inputs[0]);
  const size_t hidden = l->out.c, k_count = in.c_count + hidden;
  int8_t *weights = all_weights(run, index, k_count, 3 * hidden);
  struct column *columns = all_columns(run, index, 3 * hidden);
  int8_t *vector = allocate(k_count, 1), *gates = allocate(3 * hidden, 1), *state = allocate(hidden, 1);
  for (size_t n = 0; n < l->out.n; n++) {
    memset(state, 0, hidden);
    for (size_t t = 0; t < l->out.w; t++) {
      for (size_t c = 0; c < in.c_count; c++) vector[c] = at(&in, n, 0, t, c);
      for (size_t g = 0; g < 3 * hidden; g++) {
        if (g % hidden == 0) /* a gate begins */
          for (size_t j = 0; j < hidden; j++)
            vector[in.c_count + j] = g / hidden == 2 ? gru_product(gates[j], state[j]) : state[j];
        const int64_t sum = dot(vector, weights + g * k_count, k_count) + columns[g].bias;
        gates[g] = activate(g / hidden == 2 ? SA_ACT_TANH : SA_ACT_SIGMOID,
                            round_shift(sum * columns[g].scale.mult, columns[g].scale.shift));
      }
      for (size_t j = 0; j < hidden; j++) {
        const int8_t z = gates[hidden + j], candidate = gates[2 * hidden + j];
        const int8_t taken = gru_step(SA_GRU_PLUS, candidate, SA_GRU_MINUS, gru_product(z, candidate));
        const int8_t kept = gru_product(z, state[j]);
        state[j] = t == 0 ? taken : gru_step(SA_GRU_PLUS, taken, SA_GRU_PLUS, kept);
        out[offset(&l->out, n, 0, t, j)] = state[j];
      }
    }
  }
  free(state);
  free(gates);
  free(vector);
  free(columns);
  free(weights);
}

/* h = tanh of the sum of [x, h]. */
static void run_rnn(const struct run *run, uint32_t index, int8_t *out) {
  const struct sa_layer *l = &run->net->layers[index];
  const struct view in = view_of(run, &l->inputs[0]);
  const size_t hidden = l->out.c, k_count = in.c_count + hidden;
  int8_t *weights = all_weights(run, index, k_count, hidden), *vector = allocate(k_count, 1);
  struct column *columns = all_columns(run, index, hidden);
  for (size_t n = 0; n < l->out.n; n++)
    for (size_t t = 0; t < l->out.w; t++) {
      for (size_t c = 0; c < in.c_count; c++) vector[c] = at(&in, n, 0, t, c);
      for (size_t j = 0; j < hidden; j++) vector[in.c_count + j] = t ? out[offset(&l->out, n, 0, t - 1, j)] : 0;
      for (size_t j = 0; j < hidden; j++) {
        const int64_t sum = dot(vector, weights + j * k_count, k_count) + columns[j].bias;
        out[offset(&l->out, n, 0, t, j)] =
            activate(SA_ACT_TANH, round_shift(sum * columns[j].scale.mult, columns[j].scale.shift));
      }
    }
  free(columns);
  free(vector);
  free(weights);
}

/* Tokens from before, seeded, and behind them the input's. */
static void run_cache(const struct run *run, uint32_t index, int8_t *out) {
  const struct sa_layer *l = &run->net->layers[index];
  const struct view in = view_of(run, &l->inputs[0]);
  const size_t earlier = l->out.w - in.whole.w;
  run_input(run, index, out);
  for (size_t n = 0; n < l->out.n; n++)
    for (size_t w = 0; w < in.whole.w; w++)
      for (size_t c = 0; c < l->out.c; c++) out[offset(&l->out, n, 0, earlier + w, c)] = at(&in, n, 0, w, c);
}

void ref_net_run(const struct sa_net *net, uint64_t seed, struct ref_net *result) {
  static void (*const kinds[])(const struct run *, uint32_t, int8_t *) = {
      [SA_LAYER_INPUT] = run_input,     [SA_LAYER_CONV] = run_conv,       [SA_LAYER_FC] = run_fc,
      [SA_LAYER_MATMUL] = run_matmul,   [SA_LAYER_MAXPOOL] = run_pool,    [SA_LAYER_AVGPOOL] = run_pool,
      [SA_LAYER_ADD] = run_elementwise, [SA_LAYER_MUL] = run_elementwise, [SA_LAYER_ACT] = run_elementwise,
      [SA_LAYER_SOFTMAX] = run_softmax, [SA_LAYER_NORM] = run_norm,       [SA_LAYER_CONCAT] = run_concat,
      [SA_LAYER_LSTM] = run_lstm,       [SA_LAYER_GRU] = run_gru,         [SA_LAYER_RNN] = run_rnn,         [SA_LAYER_CACHE] = run_cache,
      [SA_LAYER_UPSAMPLE] = run_upsample};
  *result = (struct ref_net){allocate(net->layer_count, sizeof *result->outputs), net->layer_count};
  const struct run run = {net, seed, result->outputs};
  for (uint32_t i = 0; i < net->layer_count; i++) {
    result->outputs[i] = allocate(sa_shape_elems(&net->layers[i].out), 1);
    kinds[net->layers[i].kind](&run, i, result->outputs[i]);
  }
}

void ref_net_release(struct ref_net *result) {
  for (uint32_t i = 0; i < result->layer_count; i++) free(result->outputs[i]);
  free(result->outputs);
  *result = (struct ref_net){NULL, 0};
}
