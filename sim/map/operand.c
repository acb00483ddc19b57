/* Data into and out of the buffer: boxes of tensors that are resident or staged, and who must wait for
 * whom. */
#include <assert.h>

#include "map/mapper.h"

enum { MAX_COUNT = 65535 };

/* ---- Regions ---- */

static enum sa_stream read_stream(enum sa_unit unit) {
  static const enum sa_stream streams[SA_UNITS] = {SA_EV_LOAD, SA_EV_STORE, SA_EV_WLOAD,
                                                   SA_EV_MATMUL_READ, SA_EV_VECTOR_READ};
  return streams[unit];
}

void sa_region_read(struct sa_mapper *m, uint32_t region, enum sa_unit unit, int64_t first, int64_t end,
                    struct sa_stamp *wait) {
  struct sa_region *r = &m->places.regions[region];
  sa_emit_bank(&m->emitter, unit, false, (uint64_t)first, (uint64_t)end, wait);
  r->uses.seq[read_stream(unit)] = m->emitter.count[unit] + 1;
}

void sa_region_write(struct sa_mapper *m, uint32_t region, enum sa_unit unit, int64_t first,
                     int64_t end, struct sa_stamp *wait) {
  struct sa_region *r = &m->places.regions[region];
  sa_emit_bank(&m->emitter, unit, true, (uint64_t)first, (uint64_t)end, wait);
  for (int s = 0; s < SA_STREAMS; s++)
    if (unit != SA_VECTOR || (s != SA_EV_VECTOR_READ && s != SA_EV_VECTOR_DONE))
      sa_stamp_add(wait, (enum sa_stream)s, r->before.seq[s]);
  r->uses.seq[unit == SA_LOAD ? SA_EV_LOAD : SA_EV_VECTOR_DONE] = m->emitter.count[unit] + 1;
}

void sa_region_recycle(struct sa_mapper *m, uint32_t region) {
  struct sa_region *r = &m->places.regions[region];
  sa_stamp_merge(&r->before, &r->uses);
}

void sa_regions_activate(struct sa_mapper *m, uint32_t op) {
  for (; m->next_region < m->places.count; m->next_region++) {
    struct sa_region *r = &m->places.regions[m->next_region];
    if (r->first > op) break;
    const uint64_t end = (uint64_t)r->address + r->bytes;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < m->ghost_count; i++) {
      const struct sa_region *g = &m->places.regions[m->ghosts[i]];
      const uint64_t g_end = (uint64_t)g->address + g->bytes;
      const bool overlaps = g->address < end && r->address < g_end;
      if (overlaps) {
        assert(g->last < r->first);
        sa_stamp_merge(&r->before, &g->before);
        sa_stamp_merge(&r->before, &g->uses);
      }
      /* a region that this one covers is spoken for by this one */
      if (!(overlaps && r->address <= g->address && g_end <= end)) m->ghosts[kept++] = m->ghosts[i];
    }
    m->ghost_count = kept;
    m->ghosts[m->ghost_count++] = m->next_region;
  }
}

/* ---- Rows between DRAM and buffer ---- */

/* Rows of LOAD, STORE or FILL, before they are split into instructions. */
struct rows {
  uint8_t opcode;
  uint32_t region;
  int64_t buffer, dram;
  uint64_t bytes;
  uint32_t n0, n1;
  int64_t dram_pitch0, dram_pitch1, buffer_pitch0, buffer_pitch1;
  enum sa_class tensor_class;
};

static bool pitch_fits(int64_t pitch) { return pitch <= INT32_MAX && pitch >= INT32_MIN; }

static uint32_t emit_rows(struct sa_mapper *m, const struct rows *r, const struct sa_stamp *wait) {
  struct sa_instr instr = {.opcode = r->opcode, .tensor_class = (uint8_t)r->tensor_class};
  instr.u.mem.ub_addr = (uint32_t)r->buffer;
  instr.u.mem.dram_addr = (uint64_t)r->dram;
  instr.u.mem.bytes = (uint32_t)r->bytes;
  instr.u.mem.n0 = (uint16_t)r->n0;
  instr.u.mem.n1 = (uint16_t)r->n1;
  if (r->n0 > 1) {
    instr.u.mem.dram_pitch0 = (int32_t)r->dram_pitch0;
    instr.u.mem.ub_pitch0 = (int32_t)r->buffer_pitch0;
  }
  if (r->n1 > 1) {
    instr.u.mem.dram_pitch1 = (int32_t)r->dram_pitch1;
    instr.u.mem.ub_pitch1 = (int32_t)r->buffer_pitch1;
  }
  struct sa_stamp all = *wait;
  const int64_t end = r->buffer + (r->n1 - 1) * r->buffer_pitch1 + (r->n0 - 1) * r->buffer_pitch0 +
                      (int64_t)r->bytes;
  if (r->opcode == SA_OP_STORE)
    sa_region_read(m, r->region, SA_STORE, r->buffer, end, &all);
  else
    sa_region_write(m, r->region, SA_LOAD, r->buffer, end, &all);
  return sa_emit(&m->emitter, &instr, &all);
}

/* Emits the rows, as few instructions as counts and pitches allow. Returns the last one's number. */
static uint32_t move_rows(struct sa_mapper *m, const struct rows *all, const struct sa_stamp *wait) {
  struct rows r = *all;
  if (r.n0 > 1 && r.n1 == 1 && r.buffer_pitch0 == (int64_t)r.bytes && r.opcode != SA_OP_FILL &&
      r.dram_pitch0 == (int64_t)r.bytes && r.bytes * r.n0 <= UINT32_MAX) {
    r.bytes *= r.n0; /* contiguous on both sides */
    r.n0 = 1;
  }
  uint32_t last = 0;
  const bool together = r.n1 <= MAX_COUNT && pitch_fits(r.dram_pitch1) && pitch_fits(r.buffer_pitch1);
  const bool rows_together = pitch_fits(r.dram_pitch0) && pitch_fits(r.buffer_pitch0);
  const uint32_t step1 = together ? r.n1 : 1, step0 = rows_together ? MAX_COUNT : 1;
  for (uint32_t i1 = 0; i1 < all->n1; i1 += step1) {
    for (uint32_t i0 = 0; i0 < r.n0; i0 += step0) {
      struct rows part = r;
      part.n1 = step1;
      part.n0 = r.n0 - i0 < step0 ? r.n0 - i0 : step0;
      part.buffer += i1 * r.buffer_pitch1 + i0 * r.buffer_pitch0;
      part.dram += i1 * r.dram_pitch1 + i0 * r.dram_pitch0;
      last = emit_rows(m, &part, wait);
    }
  }
  return last;
}

static const struct sa_stamp no_wait;

uint32_t sa_load_bytes(struct sa_mapper *m, uint32_t region, uint64_t offset, uint64_t dram,
                       uint64_t bytes, enum sa_class tensor_class) {
  const struct rows rows = {.opcode = SA_OP_LOAD,
                            .region = region,
                            .buffer = (int64_t)(m->places.regions[region].address + offset),
                            .dram = (int64_t)dram,
                            .bytes = bytes,
                            .n0 = 1,
                            .n1 = 1,
                            .tensor_class = tensor_class};
  return move_rows(m, &rows, &no_wait);
}

/* Zeros: n1 x n0 rows of the region. */
static uint32_t fill(struct sa_mapper *m, uint32_t region, int64_t address, int64_t bytes, uint32_t n0,
                     int64_t pitch0, uint32_t n1, int64_t pitch1) {
  if (bytes <= 0 || n0 == 0 || n1 == 0) return 0;
  const struct rows rows = {.opcode = SA_OP_FILL,
                            .region = region,
                            .buffer = address,
                            .bytes = (uint64_t)bytes,
                            .n0 = n0,
                            .n1 = n1,
                            .buffer_pitch0 = pitch0,
                            .buffer_pitch1 = pitch1,
                            .tensor_class = SA_CLASS_WEIGHTS};
  return move_rows(m, &rows, &no_wait);
}

void sa_tensor_fill_halo(struct sa_mapper *m, uint32_t tensor) {
  struct sa_tensor_state *s = &m->tensors[tensor];
  const struct sa_tensor *t = &m->graph->tensors[tensor];
  const struct sa_region *r = &m->places.regions[s->region];
  const uint32_t h = t->shape.h, n = t->shape.n;
  const int64_t width = (int64_t)t->shape.w * t->shape.c;
  const int64_t image_end = s->origin + (h - 1) * s->row + width; /* behind the first image's pixels */
  const int64_t end = image_end + (n - 1) * s->image;
  const uint32_t before = m->emitter.count[SA_LOAD];
  fill(m, s->region, r->address, s->origin - r->address, 1, 0, 1, 0);
  fill(m, s->region, s->origin + width, s->row - width, h - 1, s->row, n, s->image);
  fill(m, s->region, image_end, s->origin + s->image - image_end, n - 1, s->image, 1, 0);
  fill(m, s->region, end, (int64_t)r->address + r->bytes - end, 1, 0, 1, 0);
  if (m->emitter.count[SA_LOAD] > before) s->filled = m->emitter.count[SA_LOAD];
}

/* ---- Tensors in DRAM ---- */

static uint32_t line_of(const struct sa_tensor *t, uint32_t image, uint32_t row, uint32_t col) {
  return t->shape.h > 1 ? image * t->shape.h + row : image * t->shape.w + col;
}

/* Lines [*first, *end) of one image's part of a box; the box lies inside the tensor. */
static void lines_of(const struct sa_tensor *t, const struct sa_box *box, uint32_t image,
                     uint32_t *first, uint32_t *end) {
  *first = line_of(t, image, (uint32_t)box->row, (uint32_t)box->col);
  *end = 1 + line_of(t, image, (uint32_t)box->row + box->rows - 1, (uint32_t)box->col + box->cols - 1);
}

/* The part of a box inside its tensor; false if there is none. */
static bool clip(const struct sa_tensor *t, struct sa_box *box) {
  const int64_t row = box->row < 0 ? 0 : box->row, col = box->col < 0 ? 0 : box->col;
  const int64_t row_end = box->row + box->rows, col_end = box->col + box->cols;
  const int64_t rows = (row_end < t->shape.h ? row_end : t->shape.h) - row;
  const int64_t cols = (col_end < t->shape.w ? col_end : t->shape.w) - col;
  if (rows <= 0 || cols <= 0) return false;
  box->row = row;
  box->col = col;
  box->rows = (uint32_t)rows;
  box->cols = (uint32_t)cols;
  return true;
}

static int64_t view_address(const struct sa_view *view, const struct sa_box *whole,
                            const struct sa_box *part) {
  return view->origin + (part->image - whole->image) * view->image +
         (part->row - whole->row) * view->row + (part->col - whole->col) * view->pixel +
         (int64_t)part->channel - whole->channel;
}

/* Rows that move a box between a tensor in DRAM and a view; the box lies inside the tensor. */
static struct rows rows_of(const struct sa_mapper *m, uint8_t opcode, uint32_t tensor,
                           const struct sa_box *box, const struct sa_view *view, int64_t buffer) {
  const struct sa_tensor *t = &m->graph->tensors[tensor];
  const int64_t c = t->shape.c, w = t->shape.w, h = t->shape.h;
  struct rows r = {.opcode = opcode,
                   .region = view->region,
                   .buffer = buffer,
                   .dram = (int64_t)sa_dram_address(m->mapping, tensor, box->image, (uint64_t)box->row,
                                                    (uint64_t)box->col, box->channel),
                   .tensor_class = t->is_cache    ? SA_CLASS_KV
                                   : t->is_input  ? SA_CLASS_IFMAP
                                   : t->is_output ? SA_CLASS_OFMAP
                                                  : SA_CLASS_SPILL};
  if (box->channels == c && view->pixel == c) { /* pixels side by side */
    r.bytes = (uint64_t)box->cols * box->channels;
    r.n0 = box->rows;
    r.n1 = box->images;
    r.dram_pitch0 = w * c;
    r.dram_pitch1 = h * w * c;
    r.buffer_pitch0 = view->row;
    r.buffer_pitch1 = view->image;
    const uint64_t rows_bytes = r.bytes * r.n0;
    if (r.n0 > 1 && r.buffer_pitch0 == (int64_t)r.bytes && r.dram_pitch0 == (int64_t)r.bytes &&
        rows_bytes <= INT32_MAX) {
      r.bytes = rows_bytes;
      r.n0 = 1;
    }
    if (r.n0 == 1) { /* images become the inner level */
      r.n0 = r.n1;
      r.dram_pitch0 = r.dram_pitch1;
      r.buffer_pitch0 = r.buffer_pitch1;
      r.n1 = 1;
    }
    return r;
  }
  r.bytes = box->channels;
  r.n0 = box->cols;
  r.n1 = box->rows;
  r.dram_pitch0 = c;
  r.dram_pitch1 = w * c;
  r.buffer_pitch0 = view->pixel;
  r.buffer_pitch1 = view->row;
  return r;
}

/* Moves a box of tokens that are appended to a cache, where each head has a run of its own. */
static uint32_t move_appended(struct sa_mapper *m, uint8_t opcode, uint32_t tensor, const struct sa_box *box,
                              const struct sa_view *view, int64_t buffer, const struct sa_stamp *wait) {
  const struct sa_shape *home = &m->graph->tensors[m->graph->tensors[tensor].home].shape;
  uint32_t last = 0;
  for (uint32_t c = 0, n; c < box->channels; c += n) {
    const uint32_t left = box->channels - c, in_head = home->c - (box->channel + c) % home->c;
    n = left < in_head ? left : in_head;
    const struct rows rows = {.opcode = opcode,
                              .region = view->region,
                              .buffer = buffer + c,
                              .dram = (int64_t)sa_dram_address(m->mapping, tensor, box->image, 0, (uint64_t)box->col,
                                                               box->channel + c),
                              .bytes = n,
                              .n0 = box->cols,
                              .n1 = box->images,
                              .dram_pitch0 = home->c,
                              .dram_pitch1 = (int64_t)home->h * home->w * home->c,
                              .buffer_pitch0 = view->pixel,
                              .buffer_pitch1 = view->image,
                              .tensor_class = SA_CLASS_KV};
    last = move_rows(m, &rows, wait);
  }
  return last;
}

/* Moves a box image by image where two levels do not suffice. */
static uint32_t move_box(struct sa_mapper *m, uint8_t opcode, uint32_t tensor, const struct sa_box *box,
                         const struct sa_view *view, int64_t buffer, const struct sa_stamp *wait) {
  if (m->graph->tensors[tensor].home != SA_NONE) return move_appended(m, opcode, tensor, box, view, buffer, wait);
  const bool whole_pixels = box->channels == m->graph->tensors[tensor].shape.c &&
                            view->pixel == (int64_t)box->channels;
  if (whole_pixels || box->images == 1) {
    const struct rows rows = rows_of(m, opcode, tensor, box, view, buffer);
    return move_rows(m, &rows, wait);
  }
  uint32_t last = 0;
  for (uint32_t i = 0; i < box->images; i++) {
    struct sa_box one = *box;
    one.image += i;
    one.images = 1;
    const struct rows rows = rows_of(m, opcode, tensor, &one, view, buffer + i * view->image);
    last = move_rows(m, &rows, wait);
  }
  return last;
}

/* A LOAD waits for every STORE that wrote to one of its bursts: lines of the box and its neighbours. */
static void wait_for_stores(const struct sa_mapper *m, uint32_t tensor, const struct sa_box *box,
                            struct sa_stamp *wait) {
  const struct sa_tensor *t = &m->graph->tensors[tensor];
  const struct sa_tensor_state *s = &m->tensors[tensor];
  if (t->appended != SA_NONE) sa_stamp_add(wait, SA_EV_STORE, m->tensors[t->appended].part_stored);
  if (!s->stored) return;
  if (t->part_of != tensor || t->shape.n < t->whole_images) /* other parts of the batch share bursts */
    sa_stamp_add(wait, SA_EV_STORE, m->tensors[t->part_of].part_stored);
  const uint64_t line_bytes = (t->shape.h > 1 ? (uint64_t)t->shape.w : 1) * t->shape.c;
  const uint64_t near = m->config->port[0].burst_bytes / line_bytes + 1;
  for (uint32_t i = 0; i < box->images; i++) {
    uint32_t first, end;
    lines_of(t, box, box->image + i, &first, &end);
    const uint64_t from = first < near ? 0 : first - near;
    const uint64_t to = end + near < s->lines ? end + near : s->lines;
    for (uint64_t line = from; line < to; line++) sa_stamp_add(wait, SA_EV_STORE, s->stored[line]);
  }
}

static uint32_t load_box(struct sa_mapper *m, uint32_t tensor, const struct sa_box *box,
                         const struct sa_view *view, int64_t buffer) {
  struct sa_stamp wait = no_wait;
  wait_for_stores(m, tensor, box, &wait);
  const uint32_t seq = move_box(m, SA_OP_LOAD, tensor, box, view, buffer, &wait);
  m->tensors[m->graph->tensors[tensor].part_of].last_load = seq;
  return seq;
}

/* ---- Operands ---- */

static struct sa_view resident_view(const struct sa_mapper *m, uint32_t tensor,
                                    const struct sa_box *box) {
  const struct sa_tensor_state *s = &m->tensors[tensor];
  const int64_t pixel = m->graph->tensors[tensor].shape.c;
  return (struct sa_view){.origin = s->origin + box->image * s->image + box->row * s->row +
                                    box->col * pixel + box->channel,
                          .image = s->image,
                          .row = s->row,
                          .pixel = pixel,
                          .region = s->region,
                          .tensor = tensor};
}

static struct sa_view staged_view(const struct sa_mapper *m, const struct sa_operand *operand,
                                  uint32_t slot, const struct sa_box *box) {
  struct sa_view v = {.origin = m->places.regions[operand->region[slot]].address,
                      .pixel = box->channels,
                      .region = operand->region[slot],
                      .tensor = SA_NONE,
                      .ready = operand->ready[slot]};
  v.row = v.pixel * box->cols;
  v.image = v.row * box->rows;
  return v;
}

static bool same_box(const struct sa_box *a, const struct sa_box *b) {
  return a->image == b->image && a->images == b->images && a->row == b->row && a->col == b->col &&
         a->rows == b->rows && a->cols == b->cols && a->channel == b->channel &&
         a->channels == b->channels;
}

static uint32_t find_slot(const struct sa_operand *operand, const struct sa_box *box) {
  for (uint32_t i = 0; i < operand->slots; i++)
    if (operand->full[i] && same_box(&operand->held[i], box)) return i;
  return SA_NONE;
}

/* Takes the next slot in turn for a box. */
static uint32_t claim_slot(struct sa_mapper *m, struct sa_operand *operand, const struct sa_box *box) {
  const uint32_t slot = operand->next;
  operand->next = (slot + 1) % operand->slots;
  sa_region_recycle(m, operand->region[slot]);
  operand->held[slot] = *box;
  operand->full[slot] = true;
  operand->ready[slot] = 0;
  return slot;
}

/* Rows of all images of a resident input up to the end of a box, behind those requested so far. */
static void request_rows(struct sa_mapper *m, uint32_t tensor, const struct sa_box *box) {
  struct sa_tensor_state *s = &m->tensors[tensor];
  const struct sa_tensor *t = &m->graph->tensors[tensor];
  struct sa_box part = *box;
  if (!clip(t, &part)) return;
  const uint32_t h = t->shape.h;
  uint32_t end = (part.image + part.images - 1) * h + (uint32_t)part.row + part.rows;
  while (s->requested < end) { /* at most the rest of one image, or whole images */
    const uint32_t image = s->requested / h, row = s->requested % h;
    struct sa_box b = {image, 1, row, 0, h - row, t->shape.w, 0, t->shape.c};
    if (row == 0 && end - s->requested >= h) b.images = (end - s->requested) / h;
    else if (end - s->requested < b.rows) b.rows = end - s->requested;
    const struct sa_view view = resident_view(m, tensor, &b);
    const uint32_t seq = load_box(m, tensor, &b, &view, view.origin);
    sa_view_written(m, &view, &b, seq);
    s->requested += b.images * b.rows;
  }
}

void sa_operand_fetch(struct sa_mapper *m, struct sa_operand *operand, const struct sa_box *box) {
  const uint32_t tensor = operand->ref.tensor;
  const struct sa_tensor *t = &m->graph->tensors[tensor];
  if (!operand->streamed) {
    if (t->is_input) request_rows(m, tensor, box);
    return;
  }
  if (find_slot(operand, box) != SA_NONE) return;
  const uint32_t slot = claim_slot(m, operand, box), region = operand->region[slot];
  const struct sa_view v = staged_view(m, operand, slot, box);
  struct sa_box in = *box;
  if (!clip(t, &in)) {
    operand->ready[slot] = fill(m, region, v.origin, v.image * box->images, 1, 0, 1, 0);
    return;
  }
  const uint32_t above = (uint32_t)(in.row - box->row), left = (uint32_t)(in.col - box->col);
  const uint32_t below = box->rows - above - in.rows, right = box->cols - left - in.cols;
  const int64_t first = v.origin + above * v.row; /* first row with pixels */
  fill(m, region, v.origin, above * v.row, box->images, v.image, 1, 0);
  fill(m, region, first, left * v.pixel, in.rows, v.row, box->images, v.image);
  fill(m, region, first + (left + in.cols) * v.pixel, right * v.pixel, in.rows, v.row, box->images,
       v.image);
  fill(m, region, first + in.rows * v.row, below * v.row, box->images, v.image, 1, 0);
  operand->ready[slot] = load_box(m, tensor, &in, &v, view_address(&v, box, &in));
}

struct sa_view sa_operand_view(struct sa_mapper *m, const struct sa_operand *operand,
                               const struct sa_box *box) {
  if (!operand->streamed) return resident_view(m, operand->ref.tensor, box);
  const uint32_t slot = find_slot(operand, box);
  assert(slot != SA_NONE);
  return staged_view(m, operand, slot, box);
}

void sa_operand_begin(struct sa_mapper *m, struct sa_operand *out, const struct sa_box *box) {
  if (out->streamed) claim_slot(m, out, box);
}

/* VECTOR's event of the last write to a part of a result. */
static void wait_written(const struct sa_mapper *m, const struct sa_view *view,
                         const struct sa_box *part, struct sa_stamp *wait) {
  if (view->tensor == SA_NONE)
    sa_stamp_add(wait, SA_EV_VECTOR_DONE, m->places.regions[view->region].uses.seq[SA_EV_VECTOR_DONE]);
  else
    sa_view_wait(m, view, part, wait);
}

void sa_operand_store(struct sa_mapper *m, struct sa_operand *out, const struct sa_box *box) {
  const uint32_t tensor = out->ref.tensor;
  struct sa_tensor_state *s = &m->tensors[tensor];
  const struct sa_tensor *t = &m->graph->tensors[tensor];
  if (!s->stored) return;
  const struct sa_view view = sa_operand_view(m, out, box);
  struct sa_stamp wait = no_wait;
  wait_written(m, &view, box, &wait);
  struct sa_tensor_state *whole = &m->tensors[t->part_of];
  sa_stamp_add(&wait, SA_EV_LOAD, whole->last_load); /* readers of bursts that this one touches too */
  if (t->home != SA_NONE) sa_stamp_add(&wait, SA_EV_LOAD, m->tensors[t->home].last_load);
  const uint32_t seq = move_box(m, SA_OP_STORE, tensor, box, &view, view.origin, &wait);
  for (uint32_t i = 0; i < box->images; i++) {
    uint32_t first, end;
    lines_of(t, box, box->image + i, &first, &end);
    for (uint32_t line = first; line < end; line++) s->stored[line] = seq;
  }
  if (box->image + box->images == t->shape.n) whole->part_stored = seq;
}

/* ---- Views ---- */

void sa_view_wait(const struct sa_mapper *m, const struct sa_view *view, const struct sa_box *part,
                  struct sa_stamp *wait) {
  if (view->tensor == SA_NONE) {
    sa_stamp_add(wait, SA_EV_LOAD, view->ready);
    return;
  }
  const struct sa_tensor_state *s = &m->tensors[view->tensor];
  const struct sa_tensor *t = &m->graph->tensors[view->tensor];
  sa_stamp_add(wait, SA_EV_LOAD, s->filled);
  struct sa_box in = *part;
  if (!clip(t, &in)) return;
  const uint32_t first_part = in.channel / s->part_channels;
  const uint32_t last_part = (in.channel + in.channels - 1) / s->part_channels;
  uint32_t latest = 0;
  for (uint32_t i = 0; i < in.images; i++) {
    uint32_t first, end;
    lines_of(t, &in, in.image + i, &first, &end);
    for (uint32_t line = first; line < end; line++)
      for (uint32_t p = first_part; p <= last_part; p++) {
        const uint32_t seq = s->written[(size_t)line * s->parts + p];
        if (seq > latest) latest = seq;
      }
  }
  sa_stamp_add(wait, s->by_load ? SA_EV_LOAD : SA_EV_VECTOR_DONE, latest);
}

void sa_view_written(struct sa_mapper *m, const struct sa_view *view, const struct sa_box *part,
                     uint32_t seq) {
  if (view->tensor == SA_NONE) return;
  struct sa_tensor_state *s = &m->tensors[view->tensor];
  const struct sa_tensor *t = &m->graph->tensors[view->tensor];
  const uint32_t first_part = part->channel / s->part_channels;
  const uint32_t last_part = (part->channel + part->channels - 1) / s->part_channels;
  for (uint32_t i = 0; i < part->images; i++) {
    uint32_t first, end;
    lines_of(t, part, part->image + i, &first, &end);
    for (uint32_t line = first; line < end; line++)
      for (uint32_t p = first_part; p <= last_part; p++) s->written[(size_t)line * s->parts + p] = seq;
  }
}
