/* Repetitions of a network's repeated block. Each is a call of its own in the program, from one op that begins
 * a chain to the same one of the next repetition; weights, parameters and tensors of one lie in DRAM as those
 * of any other, so that a call's base register is all that tells them apart.
 *
 * Of a block repeated often only a few repetitions are mapped: the first ones and the last. The model is the
 * last one but two of them. If the one behind it comes out as the same instructions, with the same waits and
 * tokens, then so would all that follow, and the program calls the model's block for them:
 *
 *     mapped   0 1 2 3         called   0 1 1 1 1 1 3
 *                ^ model
 *
 * If not, more are mapped, in the end all. Places in the buffer are those of the repetition before wherever
 * they are free (sa_place.like), so that repetitions become alike soon. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

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
static uint32_t model_repetition(const struct sa_mapper *m) { return m->kept - 3; }

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
 * The last repetition differs from the model in a few instructions, which give to what follows, and in what is
 * fetched early; and it has more at its end. So both are cut into pieces, and most of the last one's are the
 * model's. */

enum { LEAST_PIECE = 256 }; /* instructions that are worth a piece */

/* Instructions [from, to) of the last repetition's shadow. */
struct piece { size_t from, to; bool shared; };
struct pieces { struct piece list[2 * SA_MOST_PIECES + 2]; uint32_t count; };

/* The last piece becomes longer, or a new one begins. */
static void add_piece(struct pieces *p, size_t to, bool shared) {
  struct piece *last = p->count ? &p->list[p->count - 1] : NULL;
  const size_t from = last ? last->to : 0;
  if (to == from) return;
  if (last && !last->shared && !shared) last->to = to;
  else p->list[p->count++] = (struct piece){from, to, shared};
}

static void find_pieces(const struct sa_emit_block *last, const struct sa_block *model, struct pieces *p) {
  const size_t least = model->count / SA_MOST_PIECES > LEAST_PIECE ? model->count / SA_MOST_PIECES : LEAST_PIECE;
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

/* Instructions of the last repetition that are not the model's, or not enough of them. *other: of the others,
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

/* Moves what is behind instruction `at` of a block to an empty one. */
static enum sa_status cut_block(struct sa_block *block, size_t at, struct sa_block *rest, struct sa_error *error) {
  enum sa_status status = SA_OK;
  for (size_t i = at; i < block->count && status == SA_OK; i++)
    status = sa_block_append(rest, &block->instrs[i], block->layers[i], error);
  if (status != SA_OK) return status;
  block->count = at;
  if (at == 0) return SA_OK;
  struct sa_instr *instrs = realloc(block->instrs, at * sizeof *instrs);
  if (instrs) block->instrs = instrs;
  uint32_t *layers = realloc(block->layers, at * sizeof *layers);
  if (layers) block->layers = layers;
  if (instrs && layers) block->capacity = at;
  return SA_OK;
}

/* Where the model's block is cut: the beginnings and ends of shared pieces. Returns how many pieces that makes. */
static uint32_t find_cuts(const struct sa_emit_block *last, const struct pieces *p, size_t end, size_t *cuts) {
  uint32_t count = 0;
  cuts[count] = 0;
  for (uint32_t i = 0; i < p->count; i++) {
    if (!p->list[i].shared) continue;
    const size_t from = last->shadow[p->list[i].from].model, to = from + (p->list[i].to - p->list[i].from);
    if (from > cuts[count]) cuts[++count] = from;
    cuts[++count] = to;
  }
  if (end > cuts[count]) cuts[++count] = end;
  return count;
}

/* Blocks of the program: the first repetitions, the model's pieces, the last one's own pieces. */
static enum sa_status cut_pieces(struct sa_mapper *m, const struct sa_emit_block *last, const struct pieces *p) {
  struct sa_program *program = &m->mapping->program;
  const uint32_t model = model_repetition(m);
  struct sa_block rest = program->blocks[model + 2]; /* behind the shadow */
  size_t cuts[2 * SA_MOST_PIECES + 2], other = 0;
  uint32_t number, next = 0;
  enum sa_status status = SA_OK;
  program->block_count = model + 1;
  m->model_pieces = find_cuts(last, p, program->blocks[model].count, cuts);
  m->last_count = 0;
  for (uint32_t i = 1; i < m->model_pieces && status == SA_OK; i++)
    status = sa_program_add_block(program, &number, m->error);
  for (uint32_t i = 0; i < p->count && status == SA_OK; i++) {
    if (p->list[i].shared) {
      while (cuts[next] != last->shadow[p->list[i].from].model) next++;
      m->last_blocks[m->last_count++] = model + next;
      continue;
    }
    status = sa_program_add_block(program, &number, m->error);
    if (status != SA_OK) break;
    m->last_blocks[m->last_count++] = number;
    status = copy_own(last, &program->blocks[model], &p->list[i], &other, &program->blocks[number], m->error);
  }
  for (uint32_t i = m->model_pieces; i-- > 1 && status == SA_OK;)
    status = cut_block(&program->blocks[model], cuts[i], &program->blocks[model + i], m->error);
  if (status == SA_OK && rest.count) status = sa_program_add_block(program, &number, m->error);
  if (status == SA_OK && rest.count) {
    m->last_blocks[m->last_count++] = number;
    program->blocks[number] = rest;
    return SA_OK;
  }
  free(rest.instrs);
  free(rest.layers);
  return status;
}

enum sa_status sa_repeat_settle(struct sa_mapper *m, bool *alike) {
  struct sa_program *program = &m->mapping->program;
  *alike = true;
  if (!is_short(m)) return SA_OK;
  const size_t model = model_repetition(m);
  const struct sa_block *block = &program->blocks[model];
  *alike = !sa_repeat_unlike(m) && same_block(&m->emitter.blocks[model + 1], block) && keeps_tokens(block);
  if (!*alike) return SA_OK;
  struct pieces pieces;
  find_pieces(&m->emitter.blocks[model + 2], block, &pieces);
  return cut_pieces(m, &m->emitter.blocks[model + 2], &pieces);
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
    if (i > 0) call.first_layer = r->first_layer + i * r->layers;
    call.base[SA_REPEAT_REG] = i * m->repeat_bytes;
    if (!is_short(m) || i < model_repetition(m)) {
      status = call_blocks(m, &call, NULL, 1);
    } else {
      call.block = model_repetition(m);
      status = i + 1 < calls ? call_blocks(m, &call, NULL, m->model_pieces)
                             : call_blocks(m, &call, m->last_blocks, m->last_count);
    }
  }
  return status;
}

uint32_t sa_repeat_peak_tokens(const struct sa_mapper *m) {
  const struct sa_block *blocks = m->mapping->program.blocks;
  struct sa_held_tokens held = {.peak = 0};
  const size_t count = is_short(m) ? model_repetition(m) + m->model_pieces : m->mapping->program.block_count;
  for (size_t i = 0; i < count; i++) sa_hold_tokens(&blocks[i], &held);
  for (uint32_t i = 0; is_short(m) && i < m->last_count; i++) sa_hold_tokens(&blocks[m->last_blocks[i]], &held);
  return held.peak; /* what is left out leaves what it finds */
}

/* ---- The mapping of all repetitions ---- */

/* Repetition, of those kept, that stands for repetition k of all. */
static uint32_t stands_for(const struct sa_mapper *m, uint32_t k) {
  const uint32_t model = model_repetition(m);
  return k + 1 == m->repeat.count ? m->kept - 1 : k < model ? k : model;
}

/* The op or layer of the short graph that stands for x of the whole one; *moved: how many repetitions behind
 * it x lies. */
static uint32_t model_of(const struct sa_mapper *m, uint32_t x, uint32_t first, uint32_t each, uint32_t *moved) {
  *moved = 0;
  if (x < first) return x;
  const uint32_t k = (x - first) / each;
  if (k >= m->repeat.count) return x - (m->repeat.count - m->kept) * each;
  const uint32_t kept = stands_for(m, k);
  *moved = k - kept;
  return x - *moved * each;
}

static void expand_ops(struct sa_mapper *m, const struct sa_graph *whole, struct sa_op_map *ops) {
  struct sa_op_map *from = m->mapping->ops;
  const struct sa_repeat *r = &m->repeat;
  for (uint32_t i = 0; i < whole->op_count; i++) {
    uint32_t moved;
    const uint32_t model = model_of(m, i, r->first_op, r->ops, &moved);
    ops[i] = from[model];
    if (moved) {
      ops[i].tile_base += moved * m->repeat_bytes;
      ops[i].param_addr += moved * m->repeat_bytes;
      /* the last repetition is nobody's but its own model's */
      ops[i].borrowed = from[model].borrowed || i < r->first_op + (r->count - 1) * r->ops;
    }
  }
  /* those of the one that the model was compared with stand for nothing */
  for (uint32_t i = r->first_op + (m->kept - 2) * r->ops; i < r->first_op + (m->kept - 1) * r->ops; i++) {
    if (from[i].borrowed) continue;
    free(from[i].folds);
    free(from[i].tile_addr);
  }
}

static void expand_tensors(struct sa_mapper *m, const struct sa_graph *whole, struct sa_tensor_map *tensors) {
  const struct sa_repeat *r = &m->repeat;
  for (uint32_t i = 0; i < whole->tensor_count; i++) {
    const uint32_t layer = whole->tensors[i].layer;
    uint32_t moved = 0, model = layer;
    if (layer >= r->first_layer && layer < r->first_layer + (r->count - 1) * r->layers)
      model = model_of(m, layer, r->first_layer, r->layers, &moved);
    else if (layer < r->first_layer + r->count * r->layers && layer >= r->first_layer)
      moved = r->count - m->kept; /* the last one: layers have their numbers, addresses those of one kept */
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
