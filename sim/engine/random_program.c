/* Random programs; see random.h. A program is a row of segments, each a block. Some segments are
 * called once and run on into the next; some lie between barriers and are called several times, with
 * other base registers, as the layers of a network are. */
#include <stdlib.h>
#include <string.h>

#include "engine/random_build.h"

#define MASK_48 ((UINT64_C(1) << 48) - 1)

/* Random data of a region, and behind it parameter planes: small biases, scales that bring sums of a
 * few thousand into int8. */
static void fill_region(struct random_build *b, uint64_t base) {
  uint8_t data[RANDOM_REGION_BYTES + 8 * RANDOM_PLANE_PITCH];
  for (size_t i = 0; i < RANDOM_REGION_BYTES; i++) data[i] = (uint8_t)sa_rng_next(b->rng);
  for (size_t c = 0; c < RANDOM_PLANE_PITCH; c++) {
    const uint32_t bias = random_between(b, 0, 8191) - 4096u;
    const uint32_t scale = sa_scale_word((int32_t)random_between(b, 1, 1 << 16), random_between(b, 18, 24));
    const uint64_t param = bias | (uint64_t)scale << 32;
    for (size_t j = 0; j < 8; j++)
      data[RANDOM_REGION_BYTES + j * RANDOM_PLANE_PITCH + c] = (uint8_t)(param >> 8 * j);
  }
  if (b->status == SA_OK) b->status = sa_memory_write(b->memory, base, data, sizeof data, b->error);
}

/* New places for the regions, far apart; what base registers hold is such that base + delta wraps. */
static void draw_bases(struct random_build *b, struct sa_call *call) {
  for (unsigned r = 0; r < RANDOM_REGIONS; r++) {
    if (b->made && random_chance(b, 50)) continue; /* as before */
    const uint64_t place = ((uint64_t)r << 44) + sa_rng_below(b->rng, UINT64_C(1) << 40);
    fill_region(b, place);
    call->base[r] = (place - b->delta[r]) & MASK_48;
  }
}

/* The sequencer's registers take the call's values. */
static void set_bases(struct random_build *b, const struct sa_call *call) {
  for (uint8_t r = 0; r < SA_BASE_REGS; r++) {
    if (b->base[r] == call->base[r]) continue;
    struct sa_instr base = {.opcode = SA_OP_BASE};
    base.u.base.reg = r;
    base.u.base.value = b->base[r] = call->base[r];
    if (b->status == SA_OK) b->status = sa_order_append(b->order, &base, b->index++, b->error);
  }
}

enum { SEGMENT_MIN = 5, SEGMENT_MAX = 70 };

/* One segment, or as much of it as the program's length allows: a shorter program from the same random
 * numbers begins as the longer one does. */
static void add_segment(struct random_build *b, struct sa_call *call, uint32_t instructions,
                        bool *was_repeated) {
  const bool repeated = random_chance(b, 35);
  if (repeated && b->made && !*was_repeated) { /* in the segment before: an iteration begins with nothing pending */
    random_consume_tiles(b);
    random_barrier(b);
  }
  draw_bases(b, call);
  if (b->status == SA_OK) b->status = sa_program_add_block(b->program, &b->block, b->error);
  if (b->status != SA_OK) return;
  call->block = b->block;
  set_bases(b, call);
  uint32_t until = b->made + random_between(b, SEGMENT_MIN, SEGMENT_MAX);
  if (until > instructions) until = instructions;
  if (!b->made) random_prologue(b);
  while (b->made < until && b->status == SA_OK) {
    if (random_chance(b, 15)) b->layer++;
    const uint32_t before = b->made;
    random_any(b);
    if (b->made == before && random_chance(b, 2)) break; /* nothing fits this machine */
  }
  const uint32_t calls = repeated ? random_between(b, 2, 5) : 1;
  if (repeated) {
    random_consume_tiles(b);
    random_barrier(b);
  }
  for (uint32_t i = 0; i < calls && b->status == SA_OK; i++) {
    if (i && random_chance(b, 60)) {
      draw_bases(b, call);
      set_bases(b, call);
    }
    b->status = sa_program_add_call(b->program, call, b->error);
    call->first_layer += b->layer;
  }
  b->layer = 0;
  *was_repeated = repeated;
}

/* Calls are appended behind those that the program has; the order begins with registers at zero, as
 * the first call of a program finds them. */
static void build(struct random_build *b, uint32_t instructions) {
  struct sa_call call = {.block = 0};
  bool was_repeated = false;
  for (unsigned r = 0; r < RANDOM_REGIONS; r++)
    b->delta[r] = random_chance(b, 50) ? 0 : sa_rng_below(b->rng, UINT64_C(1) << 48);
  while (b->made < instructions && b->status == SA_OK)
    add_segment(b, &call, instructions, &was_repeated);
  random_consume_tiles(b);
}

enum sa_status sa_random_program(struct sa_rng *rng, const struct sa_config *config,
                                 uint32_t instructions, struct sa_program *program,
                                 struct sa_memory *memory, struct sa_error *error) {
  struct random_build b;
  memset(&b, 0, sizeof b);
  b.rng = rng;
  b.config = config;
  b.program = program;
  b.memory = memory;
  b.error = error;
  b.order = sa_order_create(config);
  if (!b.order) return sa_fail(error, SA_ERR_MEMORY, "random program: out of memory");
  build(&b, instructions);
  for (int unit = 0; unit < SA_UNITS; unit++) free(b.places[unit]);
  sa_order_free(b.order);
  return b.status;
}
