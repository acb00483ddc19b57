/* Weight shift, MATMUL and VECTOR, cycle by cycle: docs/machine.md sections 4 and 6. */
#include <assert.h>

#include "engine/plain.h"

static bool wants_tile(const struct sa_instr *instr) {
  return instr->opcode == SA_OP_MATMUL && (instr->flags & SA_F_NEXT_TILE);
}

static bool is_streaming(const struct plain *p) { return p->t < p->matmul.may_start; }

static bool shadow_is_full(const struct plain *p) {
  return p->matmul.shadow && p->t >= p->matmul.shadow_full;
}

static bool head_tile_ready(const struct plain *p) {
  return p->fifo.count > 0 && p->fifo.tiles[0].ready;
}

/* One weight buffer: the last row is out of every PE's way. */
static bool array_is_clear(const struct plain *p) {
  return !p->matmul.had_row ||
         p->t >= p->matmul.last_row + p->config->array_rows + p->config->array_cols - 1;
}

/* ---- MATMUL ---- */

bool plain_matmul_may_start(const struct plain *p, const struct sa_instr *instr) {
  return !is_streaming(p) && (!wants_tile(instr) || shadow_is_full(p));
}

void plain_matmul_start(struct plain *p, struct plain_flight *flight) {
  const struct sa_instr *instr = flight->entry.instr;
  struct plain_matmul *m = &p->matmul;
  uint64_t rows = 1; /* SYNC */
  if (instr->opcode == SA_OP_MATMUL) {
    rows = (uint64_t)instr->u.matmul.n0 * instr->u.matmul.n1 * instr->u.matmul.n2;
    if (wants_tile(instr)) {
      m->shadow = false;
      m->active_k = m->shadow_k;
      m->active_n = m->shadow_n;
    }
    m->had_row = true;
    m->last_row = p->t + rows - 1;
    p->counters.macs_occupied[0] += rows * m->active_k * m->active_n;
    p->counters.acc_row_writes[0] += rows;
    if (instr->flags & SA_F_ACCUMULATE) p->counters.acc_row_adds[0] += rows;
  }
  m->may_start = p->t + rows;
  flight->reads_until = p->t + rows - 1;
  plain_schedule(p, PLAIN_EVENT_READ, p->t + rows - 1, SA_MATMUL, flight);
  plain_schedule(p, PLAIN_EVENT_DONE, p->t + rows - 1 + p->config->matmul_latency, SA_MATMUL, flight);
}

/* ---- Weight shift ---- */

bool plain_shift_starts(const struct plain *p, const struct plain_wires *w) {
  if (!head_tile_ready(p)) return false;
  const struct plain_entry *head = plain_head(p, SA_MATMUL);
  const bool consumed = w->start[SA_MATMUL] && wants_tile(head->instr);
  if (p->config->weight_buffers == 2) return !p->matmul.shadow || consumed;
  return !p->matmul.shadow && !is_streaming(p) && head && wants_tile(head->instr) &&
         array_is_clear(p);
}

void plain_shift_commit(struct plain *p) {
  assert(p->fifo.count > 0 && !p->matmul.shadow);
  const struct plain_tile tile = p->fifo.tiles[0];
  p->fifo.count--;
  for (uint32_t i = 0; i < p->fifo.count; i++) p->fifo.tiles[i] = p->fifo.tiles[i + 1];
  p->matmul.shadow = true;
  p->matmul.shadow_full = p->t + p->config->shift_cycles;
  p->matmul.shadow_k = tile.k;
  p->matmul.shadow_n = tile.n;
  plain_expect(p, p->matmul.shadow_full);
  plain_schedule(p, PLAIN_SLOT_FREE, p->t + p->config->release_cycles - 1, SA_WLOAD, NULL);
  p->counters.tiles_shifted[0]++;
  p->counters.fifo_read_bytes[0] += tile.bytes;
  if (p->options->on_shift) p->options->on_shift(p->options->user, p->t);
}

/* ---- VECTOR ---- */

/* Steps of an instruction, gaps included. */
static uint64_t vector_steps(const struct sa_config *config, const struct sa_instr *instr) {
  if (instr->opcode == SA_OP_VECTOR_SYNC) return 1;
  if (instr->opcode == SA_OP_VTABLE) return SA_LAT_VEC_TABLE;
  const uint64_t rows = (uint64_t)instr->u.vec.n0 * instr->u.vec.n1;
  const uint64_t chunks = (instr->u.vec.n + config->vector_lanes - 1) / config->vector_lanes;
  switch ((enum sa_opcode)instr->opcode) {
    case SA_OP_VACC: return (instr->flags & SA_F_PARAMS ? SA_LAT_VEC_PARAM : 0u) + rows * chunks;
    case SA_OP_VMOV: return rows * chunks;
    case SA_OP_VADD: case SA_OP_VMUL: return 2 * rows * chunks;
    case SA_OP_VMAX: case SA_OP_VAVG:
      return rows * chunks * instr->u.vec.tap_x * instr->u.vec.tap_y;
    case SA_OP_VSOFTMAX: return 3 * rows * chunks + SA_LAT_VEC_MAX_GAP + SA_LAT_VEC_RECIP_GAP;
    default:
      assert(instr->opcode == SA_OP_VNORM);
      return rows * chunks + SA_LAT_VEC_ROOT_GAP +
             chunks * (rows + (instr->flags & SA_F_RMS ? 1u : 2u));
  }
}

bool plain_vector_may_start(const struct plain *p, const struct sa_instr *instr) {
  const struct plain_vector *v = &p->vector;
  if (p->t < v->may_start) return false;
  return !(instr->flags & SA_F_FENCE) || !v->had_instr || p->t > v->last_end;
}

void plain_vector_start(struct plain *p, struct plain_flight *flight) {
  const struct sa_instr *instr = flight->entry.instr;
  struct plain_vector *v = &p->vector;
  const uint64_t steps = vector_steps(p->config, instr);
  v->may_start = p->t + steps;
  v->had_instr = true;
  v->last_end = p->t + steps - 1 + SA_LAT_VEC_LATENCY;
  flight->reads_until = p->t + steps - 1;
  plain_schedule(p, PLAIN_EVENT_READ, p->t + steps - 1, SA_VECTOR, flight);
  plain_schedule(p, PLAIN_EVENT_DONE, v->last_end, SA_VECTOR, flight);
  if (instr->opcode == SA_OP_VACC)
    p->counters.acc_row_reads[0] +=
        steps - (instr->flags & SA_F_PARAMS ? (uint64_t)SA_LAT_VEC_PARAM : 0u);
}

/* ---- Where the cycle of MATMUL goes ---- */

static enum sa_cause cause_without_head(const struct plain *p, const struct plain_wires *w) {
  const bool vector_busy =
      w->start[SA_VECTOR] || (p->vector.had_instr && p->t <= p->vector.last_end);
  if (vector_busy) return SA_CAUSE_NON_MATRIX;
  if (p->matmul.had_row && p->t <= p->matmul.last_row + p->config->matmul_latency)
    return SA_CAUSE_DRAIN;
  return SA_CAUSE_IDLE;
}

/* Of the takes that are not met, the first in the order of the causes; SA_CAUSES if all are. */
static enum sa_cause cause_of_tokens(const struct plain *p, const struct sa_instr *instr) {
  static const struct { enum sa_stream stream; enum sa_cause cause; } order[] = {
      {SA_EV_LOAD, SA_CAUSE_INPUT_STALL},       {SA_EV_STORE, SA_CAUSE_INPUT_STALL},
      {SA_EV_WLOAD, SA_CAUSE_INPUT_STALL},      {SA_EV_VECTOR_DONE, SA_CAUSE_RAW_STALL},
      {SA_EV_VECTOR_READ, SA_CAUSE_ACC_STALL}};
  for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
    if (instr->take[order[i].stream] > p->tokens[order[i].stream][SA_MATMUL]) return order[i].cause;
  return SA_CAUSES;
}

enum sa_cause plain_cause(const struct plain *p, const struct plain_wires *w) {
  const struct plain_entry *head = plain_head(p, SA_MATMUL);
  const bool starts = w->start[SA_MATMUL];
  if (p->matmul.had_row && p->t <= p->matmul.last_row) return SA_CAUSE_ACTIVE;
  if (starts) return head->instr->opcode == SA_OP_MATMUL ? SA_CAUSE_ACTIVE : SA_CAUSE_IDLE;
  if (!head) return cause_without_head(p, w);
  const enum sa_cause tokens = cause_of_tokens(p, head->instr);
  if (tokens != SA_CAUSES) return tokens;
  assert(wants_tile(head->instr)); /* nothing else can keep it from starting */
  const bool no_tile = !p->matmul.shadow && !head_tile_ready(p);
  if (no_tile) return SA_CAUSE_WEIGHT_STALL;
  const bool draining = p->config->weight_buffers == 1 && !p->matmul.shadow && !array_is_clear(p);
  return draining ? SA_CAUSE_DRAIN : SA_CAUSE_WEIGHT_SHIFT;
}
