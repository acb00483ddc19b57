/* Speed of the event-driven engine alone, on programs that stand for whole networks: VGG-16 at batch
 * 8 on TPU v1 (two ports) and on TPU v2 (one), written straight from the layers' shapes, without the
 * mapper.
 *
 * bench_engine [PROGRAM]: without an argument every program, best of several runs; with one, that
 * program once, for callgrind. Prints simulated cycles and events (instructions and bursts). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/engine.h"

enum { RUNS = 7 };

struct conv { uint32_t size, in, out; }; /* square maps, 3 x 3 kernels */

static const struct conv vgg_convs[] = {
    {224, 3, 64},   {224, 64, 64},  {112, 64, 128}, {112, 128, 128}, {56, 128, 256},
    {56, 256, 256}, {56, 256, 256}, {28, 256, 512}, {28, 512, 512},  {28, 512, 512},
    {14, 512, 512}, {14, 512, 512}, {14, 512, 512}};
static const struct { uint32_t in, out; } vgg_fcs[] = {{25088, 4096}, {4096, 4096}, {4096, 1000}};

struct writer {
  const struct sa_config *config;
  struct sa_block *block;
  uint32_t layer;
  uint64_t weights;  /* DRAM address of the next tile */
  unsigned groups;   /* accumulator banks handed to VECTOR so far */
  unsigned loads;
};

static void die(const struct sa_error *error) {
  fprintf(stderr, "bench_engine: %s\n", error->message);
  exit(1);
}

static void append(struct writer *w, const struct sa_instr *instr) {
  struct sa_error error;
  if (sa_block_append(w->block, instr, w->layer, &error) != SA_OK) die(&error);
}

static uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* One tile and its fold over `rows` rows of the ifmap. */
static void write_fold(struct writer *w, uint32_t rows, uint32_t k, uint32_t n, bool first, bool last,
                       bool waits_for_load) {
  struct sa_instr tile = {.opcode = SA_OP_WLOAD, .tensor_class = SA_CLASS_WEIGHTS};
  tile.u.wload.dram_addr = w->weights;
  tile.u.wload.k_used = (uint16_t)k;
  tile.u.wload.n_used = (uint16_t)n;
  w->weights += (uint64_t)k * n;
  append(w, &tile);
  struct sa_instr fold = {.opcode = SA_OP_MATMUL, .flags = SA_F_NEXT_TILE};
  if (!first) fold.flags |= SA_F_ACCUMULATE;
  if (first && w->groups >= 2) fold.take[SA_EV_VECTOR_READ] = 1;
  if (waits_for_load) fold.take[SA_EV_LOAD] = 1;
  if (last) fold.give_done = 1 << SA_VECTOR;
  fold.u.matmul.n0 = (uint16_t)rows;
  fold.u.matmul.n1 = fold.u.matmul.n2 = 1;
  fold.u.matmul.k_used = (uint16_t)k;
  fold.u.matmul.stride0 = (int32_t)k;
  fold.u.matmul.acc_bank = w->groups & 1;
  append(w, &fold);
}

/* Requantises the group and stores it: buffer banks 8.. are VECTOR's, 0.. LOAD's and MATMUL's. */
static void write_result(struct writer *w, uint32_t rows, uint32_t n) {
  const uint32_t out = (uint32_t)(8 + (w->groups & 1)) * (uint32_t)w->config->bank_bytes;
  struct sa_instr vacc = {.opcode = SA_OP_VACC, .flags = SA_F_PARAMS};
  vacc.take[SA_EV_MATMUL_DONE] = 1;
  if (w->groups >= 2) vacc.take[SA_EV_STORE] = 1;
  vacc.give_read = 1 << SA_MATMUL;
  vacc.give_done = 1 << SA_STORE;
  vacc.u.vec.a = (w->groups & 1) << 16;
  vacc.u.vec.n0 = (uint16_t)rows;
  vacc.u.vec.n1 = 1;
  vacc.u.vec.n = (uint16_t)n;
  vacc.u.vec.tap_x = vacc.u.vec.tap_y = 1;
  vacc.u.vec.a_s0 = 1;
  vacc.u.vec.d = out;
  vacc.u.vec.d_s0 = (int32_t)n;
  vacc.u.vec.w14 = 12 * (uint32_t)w->config->bank_bytes;
  append(w, &vacc);
  struct sa_instr store = {.opcode = SA_OP_STORE, .tensor_class = SA_CLASS_OFMAP};
  store.take[SA_EV_VECTOR_DONE] = 1;
  store.give_done = 1 << SA_VECTOR;
  store.u.mem.ub_addr = out;
  store.u.mem.bytes = rows * n;
  store.u.mem.n0 = store.u.mem.n1 = 1;
  append(w, &store);
  w->groups++;
}

static void write_load(struct writer *w, uint32_t bytes) {
  struct sa_instr load = {.opcode = SA_OP_LOAD, .tensor_class = SA_CLASS_IFMAP};
  load.give_done = 1 << SA_MATMUL;
  load.u.mem.ub_addr = (uint32_t)((w->loads++ & 1) * 4 * w->config->bank_bytes);
  load.u.mem.bytes = bytes;
  load.u.mem.n0 = load.u.mem.n1 = 1;
  append(w, &load);
}

/* M x K times K x N: groups of as many rows as an accumulator bank has; `k_fold` values of K a fold. */
static void write_gemm(struct writer *w, uint32_t m, uint32_t k, uint32_t n, uint32_t k_fold,
                       uint32_t load_bytes_per_row) {
  const struct sa_config *c = w->config;
  k_fold = smaller(k_fold, c->array_rows);
  for (uint32_t m0 = 0; m0 < m; m0 += c->accumulator_rows) {
    const uint32_t rows = smaller(m - m0, c->accumulator_rows);
    write_load(w, rows * load_bytes_per_row);
    for (uint32_t n0 = 0; n0 < n; n0 += c->array_cols) {
      const uint32_t cols = smaller(n - n0, c->array_cols);
      for (uint32_t k0 = 0; k0 < k; k0 += k_fold)
        write_fold(w, rows, smaller(k - k0, k_fold), cols, k0 == 0, k0 + k_fold >= k,
                   n0 == 0 && k0 == 0);
      write_result(w, rows, cols);
    }
  }
}

static void write_vgg16(const struct sa_config *config, uint32_t batch, struct sa_program *program) {
  struct sa_error error;
  struct sa_call call = {0};
  sa_program_init(program);
  if (sa_program_add_block(program, &call.block, &error) != SA_OK ||
      sa_program_add_call(program, &call, &error) != SA_OK)
    die(&error);
  struct writer w = {.config = config, .block = &program->blocks[0]};
  for (size_t i = 0; i < sizeof vgg_convs / sizeof vgg_convs[0]; i++, w.layer++) {
    const struct conv *l = &vgg_convs[i];
    write_gemm(&w, l->size * l->size * batch, 9 * l->in, l->out, 3 * l->in, l->in);
  }
  for (size_t i = 0; i < sizeof vgg_fcs / sizeof vgg_fcs[0]; i++, w.layer++)
    write_gemm(&w, batch, vgg_fcs[i].in, vgg_fcs[i].out, config->array_rows, vgg_fcs[i].in);
}

static uint64_t sum(const uint64_t *counts, int n) {
  uint64_t total = 0;
  for (int i = 0; i < n; i++) total += counts[i];
  return total;
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void bench(const char *arch, int runs) {
  enum { LAYERS = 16 };
  struct sa_error error;
  struct sa_config config;
  struct sa_program program;
  struct sa_counters counters;
  struct sa_layer_counters layers[LAYERS];
  double best = 1e9;
  if (sa_config_load(arch, NULL, 0, &config, &error) != SA_OK) die(&error);
  write_vgg16(&config, 8, &program);
  for (int i = 0; i < runs; i++) {
    const double start = seconds();
    if (sa_engine_run(&config, &program, NULL, &counters, layers, LAYERS, &error) != SA_OK)
      die(&error);
    const double time = seconds() - start;
    if (time < best) best = time;
  }
  const uint64_t cycles = counters.cycles[0], instrs = sum(counters.instructions, SA_UNITS);
  const uint64_t bursts = sum(counters.dram_bursts, 3), events = instrs + bursts;
  printf("engine, VGG-16-like, batch 8, %s: %llu cycles, %llu instructions + %llu bursts = %llu events",
         arch, (unsigned long long)cycles, (unsigned long long)instrs, (unsigned long long)bursts,
         (unsigned long long)events);
  if (runs > 1)
    printf(", %.2f ms: %.0f M cycles/s, %.1f M events/s", 1e3 * best, 1e-6 * (double)cycles / best,
           1e-6 * (double)events / best);
  putchar('\n');
  sa_program_release(&program);
}

int main(int argc, char **argv) {
  if (argc > 1) {
    bench(argv[1], 1);
    return 0;
  }
  bench("tpu-v1", RUNS);
  bench("tpu-v2", RUNS);
  return 0;
}
