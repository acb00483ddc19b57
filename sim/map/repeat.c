/* Repetitions of a network's repeated block. Each is a call of its own in the program, from one op that begins
 * a chain to the same one of the next repetition; weights, parameters and tensors of one lie in DRAM as those
 * of any other, so that a call's base register is all that tells them apart.
 *
 * Of a block repeated often only a few repetitions are mapped: the first ones and the last. One is the model. If
 * the one behind it comes out as the same instructions, with the same waits and tokens, then so would all that
 * follow but the last ones (the tail), and the program calls the model's block for them:
 *
 *     mapped   0 1 2 3         called   0 1 1 1 1 1 3
 *                ^ model             tail: 3
 *
 * If not, others are tried, with more first ones or a longer tail; in the end all are mapped. Places in the buffer are those of the repetition before wherever
 * they are free (sa_place.like), so that repetitions become alike soon. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "map/mapper.h"

/* ---- Numbers ---- */

/* Repetition, of those kept, that number x belongs to. The last one kept is the last one of all; in the list
 * of all layers it has its place there, behind `left_out` others. */
static uint32_t repetition_of(const struct sa_mapper *m, uint32_t x, uint32_t first, uint32_t each, uint32_t left_out) {
  if (m->repeat.count == 0 || x < first) return SA_NONE;
  uint32_t k = (x - first) / each;
  if (k >= m->kept - 1 + left_out) k -= left_out;
  return k < m->kept ? k : SA_NONE;
}

uint32_t sa_repeat_of_op(const struct sa_mapper *m, uint32_t op) {
  return repetition_of(m, op, m->repeat.first_op, m->repeat.ops, 0);
}

uint32_t sa_repeat_of_layer(const struct sa_mapper *m, uint32_t layer) {
  return repetition_of(m, layer, m->repeat.first_layer, m->repeat.layers, m->repeat.count - m->kept);
}

uint32_t sa_repeat_earlier_op(const struct sa_mapper *m, uint32_t op) {
  const uint32_t k = sa_repeat_of_op(m, op);
  return k == SA_NONE || k == 0 ? SA_NONE : op - m->repeat.ops;
}

uint32_t sa_repeat_earlier_tensor(const struct sa_mapper *m, uint32_t tensor) {
  const struct sa_repeat *r = &m->repeat;
  const uint32_t layer = m->graph->tensors[tensor].layer, k = sa_repeat_of_layer(m, layer);
  if (k == SA_NONE || k == 0) return SA_NONE;
  const uint32_t left_out = k + 1 == m->kept ? r->count - m->kept : 0;
  return m->graph->layers[layer - (left_out + 1) * r->layers].tensor;
}

uint32_t sa_repeat_cut(const struct sa_mapper *m) {
  for (uint32_t op = 0; op < m->repeat.ops; op++) {
    bool begins = true;
    for (uint32_t k = 1; k < m->kept && begins; k++)
      begins = !m->plans[m->repeat.first_op + k * m->repeat.ops + op].joined;
    if (begins) return op;
  }
  return SA_NONE;
}

/* Of those kept, the one that stands for all between it and the last. */
static uint32_t model_repetition(const struct sa_mapper *m) { return m->kept - m->tail - 2; }

static bool is_short(const struct sa_mapper *m) { return m->kept < m->repeat.count; }

void sa_repeat_begin(struct sa_mapper *m, uint32_t k) {
  const size_t model = is_short(m) && k > model_repetition(m) ? model_repetition(m) : SA_NO_MODEL;
  sa_emit_block(&m->emitter, k * m->repeat_bytes, m->repeat.first_layer + k * m->repeat.layers, model);
  /* accumulators begin anew, so that every repetition finds the same turn */
  m->acc_turn = (m->acc_turn + 3) / 4 * 4;
}

/* ---- Blocks ---- */

/* Whether a block leaves as many tokens as it finds, whatever they are. */
static bool keeps_tokens(const struct sa_block *block) {
  struct sa_held_tokens held = {.peak = 0};
  sa_hold_tokens(block, &held);
  for (int u = 0; u < SA_UNITS; u++)
    for (int s = 0; s < SA_STREAMS; s++)
      if (held.count[u][s] != 0) return false;
  return true;
}

/* Whether an instruction of a shadow is the model's, in what it gives too. */
static bool is_same(const struct sa_shadow *s, const struct sa_block *model) {
  return s->model != SA_NONE && s->gives[0] == model->instrs[s->model].give_read &&
         s->gives[1] == model->instrs[s->model].give_done;
}

bool sa_repeat_unlike(const struct sa_mapper *m) {
  const struct sa_program *program = &m->mapping->program;
  const size_t second = model_repetition(m) + 1u;
  if (!is_short(m) || program->block_count <= second + 1) return false;
  const struct sa_emit_block *block = &m->emitter.blocks[second];
  return block->others.count > 0 || block->shadowed != program->blocks[second - 1].count ||
         program->blocks[second].count > 0;
}

static bool same_block(const struct sa_emit_block *block, const struct sa_block *model) {
  size_t i = 0;
  while (i < model->count && block->shadow[i].model == i && is_same(&block->shadow[i], model)) i++;
  return i == model->count;
}

/* ---- Pieces ----
 * The last repetitions differ from the model in a few instructions, which give to what follows, and in what is
 * fetched early; and the last one has more at its end. So all are cut into pieces, and most of the tail's are
 * the model's. The one before the model differs at its beginning, and shares the model's end. */

enum {
  LEAST_PIECE = 256, /* instructions that are worth a piece */
  MOST_PIECES = 6    /* that a repetition of the tail and the model have in common */
};

/* Instructions [from, to) of a shadow. */
struct piece { size_t from, to; bool shared; };
struct pieces { struct piece list[2 * MOST_PIECES + 2]; uint32_t count; };

/* Where the model is cut: ascending. */
struct cuts { size_t at[2 * MOST_PIECES * SA_MOST_TAIL + 3]; uint32_t count; };

/* The last piece becomes longer, or a new one begins. */
static void add_piece(struct pieces *p, size_t to, bool shared) {
  struct piece *last = p->count ? &p->list[p->count - 1] : NULL;
  const size_t from = last ? last->to : 0;
  if (to == from) return;
  if (last && !last->shared && !shared) last->to = to;
  else p->list[p->count++] = (struct piece){from, to, shared};
}

static void find_pieces(const struct sa_emit_block *last, const struct sa_block *model, struct pieces *p) {
  const size_t least = model->count / MOST_PIECES > LEAST_PIECE ? model->count / MOST_PIECES : LEAST_PIECE;
  p->count = 0;
  for (size_t i = 0, end; i < last->shadowed; i = end) {
    const struct sa_shadow *s = &last->shadow[i];
    end = i + 1;
    if (!is_same(s, model)) continue;
    while (end < last->shadowed && last->shadow[end].model == s->model + (end - i) && is_same(&last->shadow[end], model))
      end++;
    if (end - i < least) continue;
    add_piece(p, i, false);
    add_piece(p, end, true);
  }
  add_piece(p, last->shadowed, false);
}

/* Instructions of a repetition of the tail that are not the model's, or not enough of them. *other: of the others,
 * the next one. */
static enum sa_status copy_own(const struct sa_emit_block *last, const struct sa_block *model, const struct piece *piece,
                               size_t *other, struct sa_block *to, struct sa_error *error) {
  enum sa_status status = SA_OK;
  for (size_t i = piece->from; i < piece->to && status == SA_OK; i++) {
    const struct sa_shadow *s = &last->shadow[i];
    const struct sa_block *from = s->model == SA_NONE ? &last->others : model;
    const size_t at = s->model == SA_NONE ? (*other)++ : s->model;
    struct sa_instr instr = from->instrs[at];
    instr.give_read = s->gives[0];
    instr.give_done = s->gives[1];
    status = sa_block_append(to, &instr, from->layers[at], error);
  }
  return status;
}

static void shrink_block(struct sa_block *block, size_t count) {
  block->count = count;
  if (count == 0) return;
  struct sa_instr *instrs = realloc(block->instrs, count * sizeof *instrs);
  if (instrs) block->instrs = instrs;
  uint32_t *layers = realloc(block->layers, count * sizeof *layers);
  if (layers) block->layers = layers;
  if (instrs && layers) block->capacity = count;
}

/* Moves what is behind instruction `at` of a block to an empty one. */
static enum sa_status cut_block(struct sa_block *block, size_t at, struct sa_block *rest, struct sa_error *error) {
  enum sa_status status = SA_OK;
  for (size_t i = at; i < block->count && status == SA_OK; i++)
    status = sa_block_append(rest, &block->instrs[i], block->layers[i], error);
  if (status == SA_OK) shrink_block(block, at);
  return status;
}

static void add_cut(struct cuts *cuts, size_t at) {
  uint32_t i = 0;
  while (i < cuts->count && cuts->at[i] < at) i++;
  if (i < cuts->count && cuts->at[i] == at) return;
  memmove(&cuts->at[i + 1], &cuts->at[i], (cuts->count++ - i) * sizeof cuts->at[0]);
  cuts->at[i] = at;
}

/* The model's instructions that a shared piece stands for: [*from, *to). */
static void in_model(const struct sa_emit_block *shadow, const struct piece *piece, size_t *from, size_t *to) {
  *from = shadow->shadow[piece->from].model;
  *to = *from + (piece->to - piece->from);
}

/* The beginning and the end of the model, and of all shared pieces. */
static void find_cuts(const struct sa_emit_block *shadow, const struct pieces *p, struct cuts *cuts) {
  for (uint32_t i = 0; i < p->count; i++) {
    size_t from, to;
    if (!p->list[i].shared) continue;
    in_model(shadow, &p->list[i], &from, &to);
    add_cut(cuts, from);
    add_cut(cuts, to);
  }
}

/* The next block that is called for a repetition of the tail. */
static enum sa_status add_tail(struct sa_mapper *m, uint32_t block) {
  uint32_t *grown = sa_vec_grow(m->tail_blocks, &m->tail_block_capacity, m->tail_block_count + 1, sizeof *grown);
  if (!grown) return sa_fail(m->error, SA_ERR_MEMORY, "mapping: out of memory");
  m->tail_blocks = grown;
  grown[m->tail_block_count++] = block;
  return SA_OK;
}

/* Adds the blocks of a repetition of the tail: the model's, its own, and what it has behind its shadow, which is
 * taken over. */
static enum sa_status add_pieces(struct sa_mapper *m, const struct sa_emit_block *shadow, const struct pieces *p,
                                 const struct cuts *cuts, struct sa_block *behind) {
  struct sa_program *program = &m->mapping->program;
  const uint32_t model = model_repetition(m);
  enum sa_status status = SA_OK;
  uint32_t number;
  size_t other = 0;
  for (uint32_t i = 0; i < p->count && status == SA_OK; i++) {
    size_t from, to;
    if (p->list[i].shared) {
      in_model(shadow, &p->list[i], &from, &to);
      for (uint32_t k = 0; k + 1 < cuts->count && status == SA_OK; k++)
        if (cuts->at[k] >= from && cuts->at[k] < to) status = add_tail(m, model + k);
      continue;
    }
    status = sa_program_add_block(program, &number, m->error);
    if (status == SA_OK) status = add_tail(m, number);
    if (status == SA_OK)
      status = copy_own(shadow, &program->blocks[model], &p->list[i], &other, &program->blocks[number], m->error);
  }
  if (status != SA_OK || behind->count == 0) return status;
  status = sa_program_add_block(program, &number, m->error);
  if (status != SA_OK) return status;
  program->blocks[number] = *behind;
  memset(behind, 0, sizeof *behind);
  return add_tail(m, number);
}

/* First layer of the call of a repetition's first block: what comes before all is in the block of the first. */
static uint32_t first_layer_of(const struct sa_mapper *m, uint32_t k) {
  return k ? m->repeat.first_layer + k * m->repeat.layers : 0;
}

/* How many of the last instructions of the repetition before the model are the model's last ones. */
static size_t shared_end(const struct sa_mapper *m) {
  const uint32_t model = model_repetition(m);
  const struct sa_block *block = &m->mapping->program.blocks[model], *before = block - 1;
  const uint32_t more = m->repeat.first_layer + (model - 1) * m->repeat.layers - first_layer_of(m, model - 1);
  size_t count = 0;
  while (count < block->count && count < before->count) {
    const size_t i = block->count - count - 1, k = before->count - count - 1;
    const struct sa_instr *a = &block->instrs[i], *b = &before->instrs[k];
    if (a->give_read != b->give_read || a->give_done != b->give_done || before->layers[k] != block->layers[i] + more ||
        !sa_emit_same(a, b))
      break;
    count++;
  }
  return count < LEAST_PIECE ? 0 : count;
}

/* Blocks of the program: the first repetitions, the model's pieces, the tail's own pieces. */
static enum sa_status cut_pieces(struct sa_mapper *m) {
  struct sa_program *program = &m->mapping->program;
  const uint32_t model = model_repetition(m), first = model + 2;
  const struct sa_emit_block *shadows = &m->emitter.blocks[first];
  struct sa_block behind[SA_MOST_TAIL];
  struct pieces pieces[SA_MOST_TAIL];
  struct cuts cuts = {.count = 0};
  enum sa_status status = SA_OK;
  uint32_t number;
  add_cut(&cuts, 0);
  add_cut(&cuts, program->blocks[model].count);
  for (uint32_t t = 0; t < m->tail; t++) {
    behind[t] = program->blocks[first + t];
    find_pieces(&shadows[t], &program->blocks[model], &pieces[t]);
    find_cuts(&shadows[t], &pieces[t], &cuts);
  }
  const size_t shared = shared_end(m);
  add_cut(&cuts, program->blocks[model].count - shared);
  shrink_block(&program->blocks[model - 1], program->blocks[model - 1].count - shared);
  m->shared_piece = 0;
  while (cuts.at[m->shared_piece] < program->blocks[model].count - shared) m->shared_piece++;
  program->block_count = model + 1;
  m->model_pieces = cuts.count - 1;
  m->tail_block_count = 0;
  for (uint32_t i = 1; i < m->model_pieces && status == SA_OK; i++)
    status = sa_program_add_block(program, &number, m->error);
  for (uint32_t t = 0; t < m->tail; t++) {
    m->tail_first[t] = m->tail_block_count;
    if (status == SA_OK) status = add_pieces(m, &shadows[t], &pieces[t], &cuts, &behind[t]);
    free(behind[t].instrs);
    free(behind[t].layers);
  }
  m->tail_first[m->tail] = m->tail_block_count;
  for (uint32_t i = m->model_pieces; i-- > 1 && status == SA_OK;)
    status = cut_block(&program->blocks[model], cuts.at[i], &program->blocks[model + i], m->error);
  return status;
}

enum sa_status sa_repeat_settle(struct sa_mapper *m, bool *alike) {
  struct sa_program *program = &m->mapping->program;
  *alike = true;
  if (!is_short(m)) return SA_OK;
  const size_t model = model_repetition(m);
  const struct sa_block *block = &program->blocks[model];
  *alike = !sa_repeat_unlike(m) && same_block(&m->emitter.blocks[model + 1], block) && keeps_tokens(block);
  return *alike ? cut_pieces(m) : SA_OK;
}

/* ---- Calls ---- */

static enum sa_status call_blocks(struct sa_mapper *m, const struct sa_call *like, const uint32_t *blocks,
                                  uint32_t count) {
  enum sa_status status = SA_OK;
  struct sa_call call = *like;
  for (uint32_t i = 0; i < count && status == SA_OK; i++) {
    call.block = blocks ? blocks[i] : like->block + i;
    status = sa_program_add_call(&m->mapping->program, &call, m->error);
  }
  return status;
}

enum sa_status sa_repeat_calls(struct sa_mapper *m) {
  const struct sa_repeat *r = &m->repeat;
  const uint32_t calls = r->count ? r->count : 1;
  enum sa_status status = SA_OK;
  for (uint32_t i = 0; i < calls && status == SA_OK; i++) {
    struct sa_call call = {.block = i};
    call.first_layer = first_layer_of(m, i);
    call.base[SA_REPEAT_REG] = i * m->repeat_bytes;
    if (!is_short(m) || i < model_repetition(m)) {
      status = call_blocks(m, &call, NULL, 1);
      if (!is_short(m) || i + 1 < model_repetition(m) || status != SA_OK) continue;
      call.block = model_repetition(m) + m->shared_piece;
      call.first_layer = r->first_layer + i * r->layers;
      status = call_blocks(m, &call, NULL, m->model_pieces - m->shared_piece);
    } else if (i < calls - m->tail) {
      call.block = model_repetition(m);
      status = call_blocks(m, &call, NULL, m->model_pieces);
    } else {
      const size_t *first = &m->tail_first[i - (calls - m->tail)];
      status = call_blocks(m, &call, &m->tail_blocks[first[0]], (uint32_t)(first[1] - first[0]));
    }
  }
  return status;
}

uint32_t sa_repeat_peak_tokens(const struct sa_mapper *m) {
  const struct sa_block *blocks = m->mapping->program.blocks;
  struct sa_held_tokens held = {.peak = 0};
  const size_t count = is_short(m) ? model_repetition(m) + m->model_pieces : m->mapping->program.block_count;
  for (size_t i = 0; i < count; i++) {
    if (is_short(m) && i == model_repetition(m))
      for (uint32_t k = m->shared_piece; k < m->model_pieces; k++) sa_hold_tokens(&blocks[i + k], &held);
    sa_hold_tokens(&blocks[i], &held);
  }
  for (size_t i = 0; is_short(m) && i < m->tail_block_count; i++) sa_hold_tokens(&blocks[m->tail_blocks[i]], &held);
  return held.peak; /* what is left out leaves what it finds */
}

/* ---- The mapping of all repetitions ---- */

/* Repetition, of those kept, that stands for repetition k of all. */
static uint32_t stands_for(const struct sa_mapper *m, uint32_t k) {
  const uint32_t model = model_repetition(m), left_out = m->repeat.count - m->kept;
  return k + m->tail >= m->repeat.count ? k - left_out : k < model ? k : model;
}

static void expand_ops(struct sa_mapper *m, const struct sa_graph *whole, struct sa_op_map *ops) {
  struct sa_op_map *from = m->mapping->ops;
  const struct sa_repeat *r = &m->repeat;
  const uint32_t model = model_repetition(m);
  for (uint32_t i = 0; i < whole->op_count; i++) {
    const uint32_t k = i < r->first_op ? 0 : (i - r->first_op) / r->ops;
    const bool repeated = i >= r->first_op && k < r->count;
    const uint32_t kept = stands_for(m, k);
    if (!repeated) {
      ops[i] = from[i < r->first_op ? i : i - (r->count - m->kept) * r->ops];
      continue;
    }
    ops[i] = from[i - (k - kept) * r->ops];
    ops[i].tile_base += (k - kept) * m->repeat_bytes;
    ops[i].param_addr += (k - kept) * m->repeat_bytes;
    if (kept == model && k != model) ops[i].borrowed = true;
  }
  /* those of the one that the model was compared with stand for nothing */
  for (uint32_t i = r->first_op + (model + 1) * r->ops; i < r->first_op + (model + 2) * r->ops; i++) {
    if (from[i].borrowed) continue;
    free(from[i].folds);
    free(from[i].tile_addr);
  }
}

static void expand_tensors(struct sa_mapper *m, const struct sa_graph *whole, struct sa_tensor_map *tensors) {
  const struct sa_repeat *r = &m->repeat;
  for (uint32_t i = 0; i < whole->tensor_count; i++) {
    const uint32_t layer = whole->tensors[i].layer;
    const uint32_t k = layer < r->first_layer ? 0 : (layer - r->first_layer) / r->layers;
    const bool repeated = layer >= r->first_layer && k < r->count;
    const uint32_t moved = repeated ? k - stands_for(m, k) : 0;
    /* layers of the last one have the numbers that they have among all */
    const uint32_t model = repeated && k + 1 < r->count ? layer - moved * r->layers : layer;
    tensors[i] = m->mapping->tensors[m->graph->layers[model].tensor];
    if (tensors[i].in_dram) tensors[i].dram_addr += moved * m->repeat_bytes;
  }
}

enum sa_status sa_repeat_expand(struct sa_mapper *m, struct sa_graph *whole) {
  struct sa_op_map *ops = calloc((size_t)whole->op_count + 1, sizeof *ops);
  struct sa_tensor_map *tensors = calloc((size_t)whole->tensor_count + 1, sizeof *tensors);
  if (!ops || !tensors) {
    free(ops);
    free(tensors);
    return sa_fail(m->error, SA_ERR_MEMORY, "mapping: out of memory for %u operations", whole->op_count);
  }
  expand_ops(m, whole, ops);
  expand_tensors(m, whole, tensors);
  free(m->mapping->ops);
  free(m->mapping->tensors);
  m->mapping->ops = ops;
  m->mapping->tensors = tensors;
  sa_graph_release(&m->mapping->graph);
  m->mapping->graph = *whole;
  sa_graph_init(whole);
  return SA_OK;
}
