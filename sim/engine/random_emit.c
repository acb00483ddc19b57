/* Appending an instruction to a random program, with the tokens that make it legal. */
#include <assert.h>
#include <string.h>

#include "base/vec.h"
#include "engine/random_build.h"

enum { MAX_TAKE = 15 };

uint32_t random_between(struct random_build *b, uint32_t first, uint32_t last) {
  return (uint32_t)sa_rng_range(b->rng, first, last);
}

bool random_chance(struct random_build *b, uint32_t percent) {
  return sa_rng_below(b->rng, 100) < percent;
}

/* ---- Operands ---- */

/* The field that holds an access's address, by the operand's name. */
static uint32_t *address_field(struct sa_instr *instr, const char *operand) {
  if (!strcmp(operand, "a")) return &instr->u.vec.a;
  if (!strcmp(operand, "b")) return &instr->u.vec.b;
  if (!strcmp(operand, "d")) return &instr->u.vec.d;
  if (!strcmp(operand, "param")) return &instr->u.vec.w14;
  assert(!strcmp(operand, "ub_addr"));
  if (instr->opcode == SA_OP_MATMUL) return &instr->u.matmul.ub_addr;
  return instr->opcode == SA_OP_WLOAD_UB ? &instr->u.wload.ub_addr : &instr->u.mem.ub_addr;
}

/* A start in 0 .. most, near the beginning of a bank or anywhere. */
static uint32_t random_start(struct random_build *b, int64_t most) {
  const uint32_t any = random_between(b, 0, (uint32_t)most);
  if (random_chance(b, 30)) return any;
  const uint32_t bank = random_between(b, 0, b->config->buffer_banks - 1);
  const uint64_t start = bank * b->config->bank_bytes + random_between(b, 0, 5);
  return start <= (uint64_t)most ? (uint32_t)start : any;
}

static void set_acc_row(struct sa_instr *instr, uint32_t bank, uint32_t row) {
  if (instr->opcode == SA_OP_MATMUL) {
    instr->u.matmul.acc_bank = (uint8_t)bank;
    instr->u.matmul.acc_row = (uint16_t)row;
  } else {
    instr->u.vec.a = row | bank << 16;
  }
}

bool random_place_operands(struct random_build *b, struct sa_instr *instr) {
  struct sa_access access[SA_MAX_ACCESSES];
  const unsigned count = sa_instr_accesses(b->config, instr, b->base, access);
  for (unsigned i = 0; i < count; i++) {
    int64_t first, end;
    sa_access_bounds(&access[i], &first, &end);
    const int64_t size = access[i].limit_end - access[i].limit_first;
    if (access[i].space == SA_SPACE_DRAM) continue; /* chosen with the instruction */
    const int64_t below = access[i].address - first, above = end - access[i].address;
    if (below + above > size) return false;
    if (access[i].space == SA_SPACE_ACC) {
      const uint32_t row = random_between(b, (uint32_t)below, (uint32_t)(size - above));
      set_acc_row(instr, random_between(b, 0, 1), row);
    } else {
      const int64_t most = size - below - above;
      *address_field(instr, access[i].operand) = (uint32_t)below + random_start(b, most);
    }
  }
  return true;
}

/* ---- Tokens ---- */

static struct sa_instr *instr_at(struct random_build *b, enum sa_unit unit, uint64_t ordinal) {
  const struct random_place place = b->places[unit][ordinal];
  return &b->program->blocks[place.block].instrs[place.position];
}

/* An earlier instruction gives a token of the stream to the unit, unless it does already. */
static void give(struct random_build *b, enum sa_stream stream, uint64_t ordinal, enum sa_unit taker) {
  const enum sa_unit unit = sa_stream_unit(stream);
  struct sa_instr *giver = instr_at(b, unit, ordinal);
  const bool read_event = stream != sa_unit_done_stream(unit);
  uint8_t *mask = read_event ? &giver->give_read : &giver->give_done;
  if (*mask >> taker & 1) return;
  *mask = (uint8_t)(*mask | 1u << taker);
  b->status = sa_order_add_give(b->order, stream, ordinal, taker, b->error);
}

/* Tokens to be taken so that the event `ordinal` of the stream is known. */
static uint32_t takes_for(const struct random_build *b, enum sa_stream stream, enum sa_unit taker,
                          uint64_t ordinal) {
  const size_t pending = sa_order_pending(b->order, stream, taker);
  for (size_t i = 0; i < pending; i++)
    if (sa_order_pending_ordinal(b->order, stream, taker, i) >= ordinal) return (uint32_t)i + 1;
  return 0;
}

static enum sa_opcode sync_of(enum sa_unit unit) { return (enum sa_opcode)(0x10 * (unit + 1)); }

static void append(struct random_build *b, const struct sa_instr *instr) {
  if (b->status != SA_OK) return;
  const enum sa_unit unit = sa_instr_unit(instr->opcode);
  b->status = sa_order_append(b->order, instr, b->index++, b->error);
  if (b->status != SA_OK) return;
  struct random_place *places = sa_vec_grow(b->places[unit], &b->place_capacity[unit],
                                            b->place_count[unit] + 1, sizeof *places);
  if (!places) {
    b->status = sa_fail(b->error, SA_ERR_MEMORY, "random program: out of memory");
    return;
  }
  b->places[unit] = places;
  struct sa_block *block = &b->program->blocks[b->block];
  places[b->place_count[unit]++] = (struct random_place){b->block, (uint32_t)block->count};
  b->status = sa_block_append(block, instr, b->layer, b->error);
  b->made++;
}

/* Takes `count` tokens of the stream, in SYNCs before the instruction as far as they do not fit. */
static void take(struct random_build *b, struct sa_instr *instr, enum sa_stream stream, uint32_t count) {
  while (count > MAX_TAKE && b->status == SA_OK) {
    struct sa_instr sync = {.opcode = (uint8_t)sync_of(sa_instr_unit(instr->opcode))};
    sync.take[stream] = MAX_TAKE;
    append(b, &sync);
    count -= MAX_TAKE;
  }
  if (count > instr->take[stream]) instr->take[stream] = (uint8_t)count;
}

/* What an instruction has to know before it starts: for each stream 1 + the latest ordinal. */
struct needs {
  uint64_t event[SA_STREAMS];
  enum sa_unit own;
  bool fence;
};

static void note_need(void *user, const struct sa_conflict *conflict) {
  struct needs *needs = user;
  if (conflict->unit == needs->own)
    needs->fence = true;
  else if (conflict->ordinal + 1 > needs->event[conflict->stream])
    needs->event[conflict->stream] = conflict->ordinal + 1;
}

static void resolve(struct random_build *b, struct sa_instr *instr) {
  struct needs needs = {.own = sa_instr_unit(instr->opcode)};
  b->status = sa_order_conflicts(b->order, instr, note_need, &needs, b->error);
  if (needs.fence) instr->flags |= SA_F_FENCE;
  for (int s = 0; s < SA_STREAMS && b->status == SA_OK; s++) {
    const enum sa_stream stream = (enum sa_stream)s;
    if (!needs.event[s]) continue;
    const uint64_t ordinal = needs.event[s] - 1;
    if (!takes_for(b, stream, needs.own, ordinal) || random_chance(b, 60))
      give(b, stream, ordinal, needs.own);
    if (b->status == SA_OK) take(b, instr, stream, takes_for(b, stream, needs.own, ordinal));
  }
}

/* Tokens that nothing needs: given now, or taken because they are there. */
static void decorate(struct random_build *b, struct sa_instr *instr) {
  const enum sa_unit own = sa_instr_unit(instr->opcode);
  for (int unit = 0; unit < SA_UNITS; unit++) {
    if (unit == (int)own) continue;
    if (random_chance(b, 6)) instr->give_done = (uint8_t)(instr->give_done | 1u << unit);
    if (random_chance(b, 6) && (own == SA_MATMUL || own == SA_VECTOR))
      instr->give_read = (uint8_t)(instr->give_read | 1u << unit);
  }
  for (int s = 0; s < SA_STREAMS; s++) {
    const size_t pending = sa_order_pending(b->order, (enum sa_stream)s, own);
    if (pending > instr->take[s] && instr->take[s] < MAX_TAKE && random_chance(b, 20))
      instr->take[s]++;
  }
}

void random_emit(struct random_build *b, const struct sa_instr *instr) {
  struct sa_instr legal = *instr;
  if (b->status == SA_OK) resolve(b, &legal);
  if (b->status == SA_OK) decorate(b, &legal);
  append(b, &legal);
}

/* Takes everything that was given to the unit. */
static void drain_tokens(struct random_build *b, enum sa_unit unit, struct sa_instr *sync) {
  for (int s = 0; s < SA_STREAMS; s++)
    take(b, sync, (enum sa_stream)s, (uint32_t)sa_order_pending(b->order, (enum sa_stream)s, unit));
}

void random_barrier(struct random_build *b) {
  static const enum sa_unit others[] = {SA_LOAD, SA_STORE, SA_WLOAD, SA_MATMUL};
  for (int i = 0; i < 4 && b->status == SA_OK; i++) { /* all tell VECTOR */
    struct sa_instr sync = {.opcode = (uint8_t)sync_of(others[i]), .give_done = 1u << SA_VECTOR};
    append(b, &sync);
  }
  struct sa_instr middle = {.opcode = SA_OP_VECTOR_SYNC, .flags = SA_F_FENCE};
  drain_tokens(b, SA_VECTOR, &middle);
  for (int i = 0; i < 4; i++) middle.give_done = (uint8_t)(middle.give_done | 1u << others[i]);
  append(b, &middle);
  for (int i = 0; i < 4 && b->status == SA_OK; i++) { /* VECTOR tells all */
    struct sa_instr sync = {.opcode = (uint8_t)sync_of(others[i])};
    drain_tokens(b, others[i], &sync);
    append(b, &sync);
  }
}
