/* Every shipped network written as SCALE-Sim writes its topologies, as convolutions and as GEMMs, in all the
 * dialects that its own files come in: each loads, and every layer keeps its GEMM. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/models.h"
#include "import/scalesim_topology.h"
#include "net/net_yaml.h"
#include "temporary.h"
#include "test_main.h"

/* What files differ in; a dialect is a set of these. */
enum { TRAILING_COMMA = 1, CARRIAGE_RETURNS = 2, BLANK_LINES = 4, SPARSITY = 8, NO_LAST_NEWLINE = 16, SPACES = 32,
       DIALECTS = 64 };

struct text { char *data; size_t bytes; FILE *out; };

static void open_text(struct text *t) {
  t->out = open_memstream(&t->data, &t->bytes);
  ck_assert_ptr_nonnull(t->out);
}

static void end_line(FILE *out, unsigned dialect, bool last) {
  if (dialect & TRAILING_COMMA) fputc(',', out);
  if (last && dialect & NO_LAST_NEWLINE) return;
  fputs(dialect & CARRIAGE_RETURNS ? "\r\n" : "\n", out);
  if (dialect & BLANK_LINES) fputs(dialect & CARRIAGE_RETURNS ? "\r\n" : "  \n", out);
}

static void write_cell(FILE *out, unsigned dialect, uint64_t value) {
  fprintf(out, dialect & SPACES ? ", \t%" PRIu64 " " : ",%" PRIu64, value);
}

/* Layers that a row of the form can say. */
static bool is_written(const struct sa_layer *l, bool gemm) {
  if (gemm) return l->gemm_count == 1 && l->weights > 0;
  return l->kind == SA_LAYER_CONV && l->groups == 1 && l->dilation_h == 1 && l->dilation_w == 1 &&
         l->stride_h == l->stride_w;
}

static uint32_t write_network(const struct sa_net *net, bool gemm, unsigned dialect, FILE *out) {
  uint32_t rows = 0, written = 0;
  for (uint32_t i = 0; i < net->layer_count; i++) rows += is_written(&net->layers[i], gemm);
  fputs(gemm ? "Layer, M, N, K" : "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, "
                                  "Num Filter, Strides", out);
  if (dialect & SPARSITY) fputs(", Sparsity", out);
  end_line(out, dialect, false);
  for (uint32_t i = 0; i < net->layer_count; i++) {
    const struct sa_layer *l = &net->layers[i];
    if (!is_written(l, gemm)) continue;
    fputs(l->name, out);
    if (gemm) {
      write_cell(out, dialect, l->gemm_m);
      write_cell(out, dialect, l->gemm_n);
      write_cell(out, dialect, l->gemm_k);
    } else { /* padded, and no more than the windows cover */
      write_cell(out, dialect, (uint64_t)(l->out.h - 1) * l->stride_h + l->kernel_h);
      write_cell(out, dialect, (uint64_t)(l->out.w - 1) * l->stride_w + l->kernel_w);
      write_cell(out, dialect, l->kernel_h);
      write_cell(out, dialect, l->kernel_w);
      write_cell(out, dialect, l->gemm_k / l->kernel_h / l->kernel_w);
      write_cell(out, dialect, l->out.c);
      write_cell(out, dialect, l->stride_h);
    }
    if (dialect & SPARSITY) fputs(dialect & SPACES ? ", 2:4 " : ",2:4", out);
    end_line(out, dialect, ++written == rows);
  }
  return rows;
}

/* The file's layers, one by one, against those that were written. */
static void compare(const struct sa_net *net, bool gemm, const struct sa_net *read) {
  uint32_t at = 0;
  for (uint32_t i = 0; i < net->layer_count; i++) {
    const struct sa_layer *want = &net->layers[i];
    if (!is_written(want, gemm)) continue;
    while (at < read->layer_count && read->layers[at].macs == 0) at++;
    ck_assert_msg(at < read->layer_count, "%s: layer %s is missing", net->name, want->name);
    const struct sa_layer *have = &read->layers[at++];
    ck_assert_msg(have->gemm_m * have->gemm_count == want->gemm_m && have->gemm_n == want->gemm_n &&
                      have->gemm_k == want->gemm_k && have->macs == want->macs,
                  "%s: layer %s is %" PRIu64 " x %" PRIu64 " x %" PRIu64 " instead of %" PRIu64 " x %" PRIu64
                  " x %" PRIu64, net->name, want->name, have->gemm_m, have->gemm_n, have->gemm_k, want->gemm_m,
                  want->gemm_n, want->gemm_k);
  }
  while (at < read->layer_count && read->layers[at].macs == 0) at++;
  ck_assert_uint_eq(at, read->layer_count);
}

struct walk { bool gemm; unsigned files; };

static void check_network(void *user, const char *name) {
  struct walk *walk = user;
  struct sa_net net;
  struct sa_error error = {0};
  const struct sa_net_options options = {.batch = 1};
  ck_assert_msg(sa_net_load(name, &options, &net, &error) == SA_OK, "%s: %s", name, error.message);
  for (unsigned dialect = 0; dialect < DIALECTS; dialect++) {
    struct text text;
    struct sa_net read;
    struct sa_notes notes;
    open_text(&text);
    const uint32_t rows = write_network(&net, walk->gemm, dialect, text.out);
    ck_assert_int_eq(fclose(text.out), 0);
    if (rows > 0) {
      const char *path = temporary_file(".csv", text.data, text.bytes);
      sa_net_init(&read);
      sa_notes_init(&notes);
      ck_assert_msg(sa_scalesim_topology_read(path, &read, &notes, &error) == SA_OK, "%s, dialect %u: %d:%d: %s", name,
                    dialect, error.line, error.column, error.message);
      compare(&net, walk->gemm, &read);
      sa_net_release(&read);
      sa_notes_release(&notes);
      unlink(path);
      walk->files++;
    }
    free(text.data);
  }
  sa_net_release(&net);
}

START_TEST(every_network_loads_in_every_dialect) {
  struct walk walk = {.gemm = _i != 0};
  struct sa_error error;
  ck_assert_int_eq(sa_models_list("net", check_network, &walk, &error), SA_OK);
  ck_assert_uint_gt(walk.files, 20 * DIALECTS);
}
END_TEST

static Suite *make_suite(void) {
  Suite *suite = suite_create("scalesim_bulk");
  TCase *tcase = tcase_create("scalesim_bulk");
  tcase_set_timeout(tcase, 120);
  tcase_add_loop_test(tcase, every_network_loads_in_every_dialect, 0, 2);
  suite_add_tcase(suite, tcase);
  return suite;
}

SA_TEST_MAIN(make_suite)
