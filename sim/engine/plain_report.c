/* What the cycle-by-cycle engine says when it cannot go on. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "engine/plain.h"
#include "program/isa_table.h"

static const char *const unit_names[SA_UNITS] = {"LOAD", "STORE", "WLOAD", "MATMUL", "VECTOR"};
static const char *const stream_names[SA_STREAMS] = {
    "LOAD", "STORE", "WLOAD", "MATMUL_READ", "MATMUL_DONE", "VECTOR_READ", "VECTOR_DONE"};

static const char *name_of(const struct sa_instr *instr) {
  return sa_isa_op(sa_isa_find(instr->opcode))->name;
}

/* A text that is cut when it is full. */
struct text {
  char data[900];
  size_t length;
};

static void __attribute__((format(printf, 2, 3))) say(struct text *text, const char *format, ...) {
  va_list args;
  va_start(args, format);
  const int n = vsnprintf(text->data + text->length, sizeof text->data - text->length, format, args);
  va_end(args);
  if (n > 0) text->length += (size_t)n;
  if (text->length >= sizeof text->data) text->length = sizeof text->data - 1;
}

static void say_head(struct text *text, const struct plain *p, enum sa_unit unit) {
  const struct plain_entry *head = plain_head(p, unit);
  if (!head) return;
  say(text, "; %s (%" PRIu32 " of %" PRIu32 " queued): instruction %" PRIu64 " %s", unit_names[unit],
      p->queue[unit].count, p->queue[unit].depth, head->index, name_of(head->instr));
  bool met = true;
  for (int stream = 0; stream < SA_STREAMS; stream++) {
    const uint32_t wants = head->instr->take[stream], has = p->tokens[stream][unit];
    if (wants <= has) continue;
    say(text, " waits for %" PRIu32 " tokens of %s and has %" PRIu32, wants, stream_names[stream], has);
    met = false;
  }
  if (met) say(text, " waits for its unit");
}

enum sa_status plain_stuck(const struct plain *p) {
  struct text text = {.length = 0};
  for (int unit = 0; unit < SA_UNITS; unit++) say_head(&text, p, (enum sa_unit)unit);
  for (int unit = 0; unit < SA_UNITS; unit++)
    if (p->flights[unit])
      say(&text, "; %s runs instruction %" PRIu64, unit_names[unit], p->flights[unit]->entry.index);
  say(&text, "; weight FIFO: %" PRIu32 " of %" PRIu32 " slots, %s ready; shadow %s", p->fifo.slots,
      p->config->weight_fifo_tiles, p->fifo.count && p->fifo.tiles[0].ready ? "head" : "none",
      p->matmul.shadow ? "taken" : "empty");
  say(&text, "; credits LOAD %" PRIu32 ", STORE %" PRIu32 ", WLOAD %" PRIu32,
      p->front[SA_LOAD].credits, p->front[SA_STORE].credits, p->front[SA_WLOAD].credits);
  if (p->current)
    say(&text, "; the sequencer holds instruction %" PRIu64 " %s", p->current_index, name_of(p->current));
  return sa_fail(p->error, SA_ERR_STUCK, "no progress is possible from cycle %" PRIu64 "%s", p->t,
                 text.data);
}

enum sa_status plain_bank_conflict(const struct plain *p, const struct plain_flight *a,
                                   const struct plain_flight *b, bool writing) {
  const uint64_t banks = writing ? a->write_banks & b->write_banks : a->read_banks & b->read_banks;
  return sa_fail(p->error, SA_ERR_ILLEGAL,
                 "instruction %" PRIu64 " (%s) and instruction %" PRIu64 " (%s) both %s buffer bank %d in "
                 "cycle %" PRIu64 "; tokens must keep them apart",
                 b->entry.index, name_of(b->entry.instr), a->entry.index, name_of(a->entry.instr),
                 writing ? "write" : "read", __builtin_ctzll(banks), p->t);
}
