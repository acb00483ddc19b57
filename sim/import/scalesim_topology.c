/* SCALE-Sim's topology files: see scalesim_topology.h. */
#include "import/scalesim_topology.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "import/lines.h"
#include "import/names.h"

#define MAX_FIELDS 32

/* One row in the file's terms. */
struct row {
  char *fields[MAX_FIELDS]; /* trimmed, in the line itself */
  int columns[MAX_FIELDS];  /* where each begins, from 1 */
  int count;
};

enum role { ROLE_NONE, ROLE_STRIDE_W, ROLE_SPARSITY, ROLE_BATCH };

struct reader {
  struct sa_lines lines;
  struct sa_net *net;
  size_t capacity;
  struct sa_name_table names;
  bool is_gemm, form_known;
  int m, n, k;                 /* GEMM: their columns */
  enum role roles[MAX_FIELDS]; /* of the columns behind the fixed ones, by the header */
  bool told[MAX_FIELDS];       /* a note about this column was made */
  uint32_t batch;              /* of the convolutions so far, 0: none yet */
  struct sa_notes *notes;
  struct sa_error *error;
};

static int fixed_columns(const struct reader *r) { return r->is_gemm ? 4 : 8; }

static const char *column_name(const struct reader *r, int i) {
  static const char *const conv[] = {"layer name", "IFMAP height", "IFMAP width", "filter height",
                                     "filter width", "channels", "filters", "stride"};
  if (i < fixed_columns(r)) {
    if (!r->is_gemm) return conv[i];
    return i == r->m ? "M" : i == r->n ? "N" : i == r->k ? "K" : "layer name";
  }
  return r->roles[i] == ROLE_BATCH      ? "batch size"
         : r->roles[i] == ROLE_SPARSITY ? "sparsity"
                                        : "stride width";
}

static enum sa_status split(struct reader *r, char *line, int column, struct row *row) {
  row->count = 0;
  for (char *field = line;;) {
    char *comma = strchr(field, ',');
    if (comma) *comma = '\0';
    if (row->count == MAX_FIELDS)
      return sa_fail_at(r->error, SA_ERR_INPUT, r->lines.path, r->lines.number, 0,
                        "the line has more than %d columns", MAX_FIELDS);
    char *text = sa_text_trim(field);
    row->columns[row->count] = column + (int)(text - line);
    row->fields[row->count++] = text;
    if (!comma) break;
    field = comma + 1;
  }
  while (row->count > 0 && row->fields[row->count - 1][0] == '\0') row->count--; /* trailing commas */
  return SA_OK;
}

static bool is_number(const char *text) {
  return *text != '\0' && text[strspn(text, "0123456789")] == '\0';
}

/* Whole numbers directly behind the name. */
static int leading_numbers(const struct row *row) {
  int count = 0;
  while (1 + count < row->count && is_number(row->fields[1 + count])) count++;
  return count;
}

static bool is_title(const struct row *row, int i, const char *title) {
  return i < row->count && sa_text_same(row->fields[i], title);
}

/* What the titles say. */
static void read_header(struct reader *r, const struct row *row) {
  for (int i = 1; i < 4; i++) {
    if (is_title(row, i, "M")) r->m = i;
    if (is_title(row, i, "N")) r->n = i;
    if (is_title(row, i, "K")) r->k = i;
  }
  r->is_gemm = r->m && r->n && r->k;
  r->form_known = r->is_gemm || (row->count > 3 && sa_text_contains(row->fields[3], "filter"));
  for (int i = fixed_columns(r); i < row->count; i++)
    r->roles[i] = sa_text_contains(row->fields[i], "sparsity") ? ROLE_SPARSITY
                  : sa_text_contains(row->fields[i], "batch")  ? ROLE_BATCH
                  : sa_text_contains(row->fields[i], "stride") ? ROLE_STRIDE_W
                                                               : ROLE_NONE;
}

static enum sa_status read_number(struct reader *r, const struct row *row, int i, uint32_t *number) {
  const char *text = i < row->count ? row->fields[i] : "";
  if (i >= row->count)
    return sa_fail_at(r->error, SA_ERR_INPUT, r->lines.path, r->lines.number, 0,
                      "the line ends before the %s (column %d of %d)", column_name(r, i), i + 1,
                      fixed_columns(r));
  char shown[60];
  uint64_t value = 0;
  const char *c = text;
  for (; *c >= '0' && *c <= '9' && value <= UINT32_MAX; c++) value = 10 * value + (uint64_t)(*c - '0');
  if (*c != '\0' || value == 0 || value > INT32_MAX)
    return sa_fail_at(r->error, SA_ERR_INPUT, r->lines.path, r->lines.number, row->columns[i],
                      "the %s is '%s'; it must be a whole number between 1 and %" PRId32,
                      column_name(r, i), sa_name_show(text, strlen(text), shown, sizeof shown), INT32_MAX);
  *number = (uint32_t)value;
  return SA_OK;
}

/* The columns behind the fixed ones: stride width and batch if there, the rest told once. */
static enum sa_status read_extras(struct reader *r, const struct row *row, uint32_t *stride_w,
                                  uint32_t *batch) {
  enum sa_status status = SA_OK;
  for (int i = fixed_columns(r); i < row->count && !status; i++) {
    const char *text = row->fields[i];
    enum role role = r->roles[i];
    if (*text == '\0') continue;
    unsigned kept = 0, of = 0;
    int end = 0;
    const bool is_ratio = sscanf(text, "%9u:%9u%n", &kept, &of, &end) == 2 && text[end] == '\0';
    if (is_ratio) role = ROLE_SPARSITY;
    if (role == ROLE_NONE && i == fixed_columns(r) && is_number(text))
      role = r->is_gemm ? ROLE_BATCH : ROLE_STRIDE_W;
    if (role == ROLE_STRIDE_W) {
      status = read_number(r, row, i, stride_w);
    } else if (role == ROLE_BATCH) {
      status = read_number(r, row, i, batch);
    } else if (role == ROLE_SPARSITY && strcmp(text, "1") != 0 && (!is_ratio || kept == 0 || kept > of)) {
      char shown[60];
      status = sa_fail_at(r->error, SA_ERR_INPUT, r->lines.path, r->lines.number, row->columns[i],
                          "the sparsity is '%s'; it must be N:M with N between 1 and M",
                          sa_name_show(text, strlen(text), shown, sizeof shown));
    } else if (role == ROLE_SPARSITY ? kept < of && !r->told[i] : !r->told[i]) {
      char shown[60];
      r->told[i] = true;
      sa_name_show(text, strlen(text), shown, sizeof shown);
      if (role == ROLE_SPARSITY)
        sa_notes_add(r->notes, "%s:%d: sparsity %s: the machine is dense; every weight is computed",
                     r->lines.path, r->lines.number, shown);
      else
        sa_notes_add(r->notes, "%s:%d: column %d ('%s') is not known and has no effect", r->lines.path,
                     r->lines.number, i + 1, shown);
    }
  }
  return status;
}

static enum sa_status add_layer(struct reader *r, const struct sa_layer *layer) {
  if (r->net->layer_count >= SA_NET_MAX_LAYERS)
    return sa_fail_at(r->error, SA_ERR_LIMIT, r->lines.path, r->lines.number, 0,
                      "the network would have more than %u layers, inputs counted", SA_NET_MAX_LAYERS);
  struct sa_layer *grown =
      sa_vec_grow(r->net->layers, &r->capacity, r->net->layer_count + 1, sizeof *grown);
  if (!grown) return sa_fail(r->error, SA_ERR_MEMORY, "out of memory");
  r->net->layers = grown;
  r->net->layers[r->net->layer_count++] = *layer;
  return SA_OK;
}

/* Appends the operation with inputs of its own, each of shape in[i] (n is the net's batch). */
static enum sa_status add_with_inputs(struct reader *r, const char *name, struct sa_layer *layer,
                                      const struct sa_shape *in, uint32_t inputs) {
  char clean[SA_NAME_CHARS];
  enum sa_status status = sa_name_table_make(&r->names, name, strlen(name), "layer", clean, r->error);
  for (uint32_t i = 0; i < inputs && !status; i++) {
    struct sa_layer input = {.kind = SA_LAYER_INPUT, .out = in[i]};
    char text[SA_NAME_CHARS + 8];
    snprintf(text, sizeof text, "%s%s", clean, i == 0 ? ".in" : ".in2");
    status = sa_name_table_make(&r->names, text, strlen(text), "in", input.name, r->error);
    layer->inputs[i] = (struct sa_layer_input){.layer = r->net->layer_count};
    if (!status) status = add_layer(r, &input);
  }
  if (status) return status;
  memcpy(layer->name, clean, sizeof layer->name);
  layer->input_count = inputs;
  return add_layer(r, layer);
}

static enum sa_status too_large(struct reader *r) {
  return sa_fail_at(r->error, SA_ERR_LIMIT, r->lines.path, r->lines.number, 0,
                    "width x channels x filter height leaves %" PRId32, INT32_MAX);
}

static bool product(uint32_t a, uint32_t b, uint32_t *p) {
  return !__builtin_mul_overflow(a, b, p) && *p <= INT32_MAX;
}

/* M x K times K x N, `batch` times with filters of their own: FC, or a product of two activations. */
static enum sa_status add_gemm(struct reader *r, const char *name, uint32_t m, uint32_t n, uint32_t k,
                               uint32_t batch) {
  if (batch == 1) {
    struct sa_layer fc = {.kind = SA_LAYER_FC, .out = {.c = n}};
    return add_with_inputs(r, name, &fc, &(struct sa_shape){1, 1, m, k}, 1);
  }
  uint32_t width;
  if (!product(batch, k, &width)) return too_large(r);
  struct sa_layer matmul = {
      .kind = SA_LAYER_MATMUL, .heads = batch, .kv_heads = batch, .transpose_b = true};
  const struct sa_shape in[2] = {{1, 1, m, width}, {1, 1, n, width}};
  return add_with_inputs(r, name, &matmul, in, 2);
}

static enum sa_status read_gemm(struct reader *r, const struct row *row) {
  uint32_t m = 0, n = 0, k = 0, batch = 1, stride = 1;
  enum sa_status status = read_number(r, row, r->m, &m);
  if (!status) status = read_number(r, row, r->n, &n);
  if (!status) status = read_number(r, row, r->k, &k);
  if (!status) status = read_extras(r, row, &stride, &batch);
  return status ? status : add_gemm(r, row->fields[0], m, n, k, batch);
}

/* Positions of a filter along one axis, ceil((size - filter + stride) / stride); 0 if it does not fit. */
static uint32_t positions(uint32_t size, uint32_t filter, uint32_t stride) {
  if (size < filter) return stride > filter - size ? 1 : 0;
  return (size - filter) / stride + ((size - filter) % stride != 0) + 1;
}

static enum sa_status read_batch(struct reader *r, const struct row *row, uint32_t batch) {
  if (r->batch && r->batch != batch)
    return sa_fail_at(r->error, SA_ERR_INPUT, r->lines.path, r->lines.number, row->columns[0],
                      "the batch size is %" PRIu32 " here and %" PRIu32
                      " above; a network has one batch size", batch, r->batch);
  r->batch = batch;
  return SA_OK;
}

static enum sa_status read_conv(struct reader *r, const struct row *row) {
  uint32_t v[8] = {0}, batch = 1;
  enum sa_status status = SA_OK;
  for (int i = 1; i < 8 && !status; i++) status = read_number(r, row, i, &v[i]);
  uint32_t h = v[1], w = v[2], fh = v[3], fw = v[4], c = v[5], stride_h = v[7], stride_w = v[7];
  if (!status) status = read_extras(r, row, &stride_w, &batch);
  if (!status) status = read_batch(r, row, batch);
  if (status) return status;
  const bool depthwise = strstr(row->fields[0], "DP") != NULL;
  const uint32_t out_h = positions(h, fh, stride_h), out_w = positions(w, fw, stride_w);
  if (!out_h || !out_w)
    return sa_fail_at(r->error, SA_ERR_INPUT, r->lines.path, r->lines.number, row->columns[out_h ? 4 : 3],
                      "the filter is %" PRIu32 " x %" PRIu32 ", the ifmap only %" PRIu32 " x %" PRIu32
                      "; shapes are given already padded", fh, fw, h, w);
  struct sa_layer layer = {.kind = SA_LAYER_CONV, .out = {.c = v[6]}, .groups = 1};
  if (depthwise) {
    layer.groups = c;
    if (!product(c, v[6], &layer.out.c)) return too_large(r);
  } else if (fw == w) { /* full width: width and channels are one vector */
    if (!product(w, c, &c)) return too_large(r);
    w = fw = stride_w = 1;
    if (fh == h && h > 1) { /* full height too */
      if (!product(h, c, &c)) return too_large(r);
      h = fh = 1;
    }
    if (fh == 1 && (stride_h == 1 || h == 1)) { /* one row after the other: a GEMM with M = rows */
      layer.kind = SA_LAYER_FC;
      layer.groups = 0;
      return add_with_inputs(r, row->fields[0], &layer, &(struct sa_shape){batch, 1, h, c}, 1);
    }
  }
  layer.kernel_h = fh, layer.kernel_w = fw;
  layer.stride_h = stride_h, layer.stride_w = stride_w;
  layer.dilation_h = layer.dilation_w = 1;
  /* what the last window needs beyond the edge; 64 bits since out * stride may pass the size */
  const uint64_t need_h = (uint64_t)(out_h - 1) * stride_h + fh;
  const uint64_t need_w = w == 1 ? fw : (uint64_t)(out_w - 1) * stride_w + fw;
  layer.pad_bottom = need_h > h ? (uint32_t)(need_h - h) : 0;
  layer.pad_right = need_w > w ? (uint32_t)(need_w - w) : 0;
  return add_with_inputs(r, row->fields[0], &layer, &(struct sa_shape){batch, h, w, c}, 1);
}

static enum sa_status read_row(struct reader *r, struct row *row) {
  if (row->count == 0) return SA_OK; /* blank, or commas alone */
  if (row->count == 1) {             /* a heading within the file */
    char shown[60];
    sa_notes_add(r->notes, "%s:%d: '%s' stands alone and is taken for a heading", r->lines.path,
                 r->lines.number,
                 sa_name_show(row->fields[0], strlen(row->fields[0]), shown, sizeof shown));
    return SA_OK;
  }
  return r->is_gemm ? read_gemm(r, row) : read_conv(r, row);
}

/* Without clear titles the first row of numbers tells which of the two forms this is. */
static void guess_form(struct reader *r, const struct row *row) {
  if (r->form_known) return;
  r->form_known = true;
  if (leading_numbers(row) < 3 || row->count > 6) return;
  r->is_gemm = true;
  r->m = 1, r->n = 2, r->k = 3;
}

static enum sa_status read_rows(struct reader *r) {
  struct row row;
  enum sa_status status = SA_OK;
  bool header = false;
  char *line;
  int column;
  while (!status && (line = sa_lines_next(&r->lines, &column))) {
    status = split(r, line, column, &row);
    if (status || row.count == 0) continue;
    if (!header) {
      header = true;
      if (leading_numbers(&row) == 0) {
        read_header(r, &row);
        continue;
      }
      sa_notes_add(r->notes,
                   "%s:%d: there is no header line; this line is read as a layer (SCALE-Sim drops it)",
                   r->lines.path, r->lines.number);
    }
    if (row.count > 1) guess_form(r, &row);
    status = read_row(r, &row);
  }
  if (!status && r->net->layer_count == 0)
    return sa_fail_at(r->error, SA_ERR_INPUT, r->lines.path, 0, 0, "the file has no layer");
  return status;
}

/* The file's name without folders and suffix. */
static void name_net(struct sa_net *net, const char *path) {
  const char *slash = strrchr(path, '/');
  const char *base = slash ? slash + 1 : path;
  const char *dot = strrchr(base, '.');
  sa_name_clean(base, dot && dot != base ? (size_t)(dot - base) : strlen(base), "topology", net->name);
}

enum sa_status sa_scalesim_topology_read(const char *path, struct sa_net *net, struct sa_notes *notes,
                                         struct sa_error *error) {
  struct reader r = {.net = net, .notes = notes, .error = error};
  sa_name_table_init(&r.names);
  enum sa_status status = sa_lines_open(&r.lines, path, error);
  if (status) return status;
  name_net(net, path);
  status = read_rows(&r);
  net->batch = r.batch ? r.batch : 1;
  sa_lines_close(&r.lines);
  sa_name_table_release(&r.names);
  if (!status) status = sa_net_finish(net, error);
  if (status) sa_net_release(net);
  return status;
}
