/* What every queue's head waits for, when nothing can advance any more. */
#include <stdarg.h>
#include <stdio.h>

#include "engine/fast.h"

static const char *const unit_names[SA_UNITS] = {"LOAD", "STORE", "WLOAD", "MATMUL", "VECTOR"};
static const char *const stream_names[SA_STREAMS] = {
    "LOAD", "STORE", "WLOAD", "MATMUL_READ", "MATMUL_DONE", "VECTOR_READ", "VECTOR_DONE"};

/* A text of limited length; what does not fit is cut. */
struct text {
  char bytes[900];
  size_t length;
};

static void add(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void add(struct text *text, const char *format, ...) {
  va_list args;
  va_start(args, format);
  const int n = vsnprintf(text->bytes + text->length, sizeof text->bytes - text->length, format,
                          args);
  va_end(args);
  if (n > 0) text->length += (size_t)n;
  if (text->length >= sizeof text->bytes) text->length = sizeof text->bytes - 1;
}

static void add_unit(struct text *text, const struct fast *f, enum sa_unit unit) {
  const struct fast_queue *q = &f->queue[unit];
  add(text, "; %s: %llu of %u queued", unit_names[unit],
      (unsigned long long)(q->pushed - q->popped), q->depth);
  if (q->pushed == q->popped) return;
  const struct fast_entry *head = &q->entries[q->popped & q->mask];
  add(text, ", head is instruction %llu", (unsigned long long)(f->skipped + head->index));
  bool waits_for_token = false;
  for (unsigned s = 0; s < SA_STREAMS; s++) {
    const struct fast_tokens *k = &f->tokens[s][unit];
    if (k->given - k->taken >= head->instr->take[s]) continue;
    add(text, "%s takes %u of %s, has %llu", waits_for_token ? " and" : ", which",
        head->instr->take[s], stream_names[s], (unsigned long long)(k->given - k->taken));
    waits_for_token = true;
  }
  if (waits_for_token) return;
  if (unit == SA_WLOAD) add(text, ", which waits for a free weight FIFO slot");
  if (unit == SA_MATMUL) add(text, ", which waits for a tile");
}

enum sa_status fast_stuck(const struct fast *f) {
  struct text text = {.length = 0};
  if (f->current)
    add(&text, "sequencer: instruction %llu waits for the full queue of %s",
        (unsigned long long)(f->skipped + f->index), unit_names[sa_instr_unit(f->current->opcode)]);
  else
    add(&text, "sequencer: at the end");
  for (unsigned u = 0; u < SA_UNITS; u++) add_unit(&text, f, u);
  for (unsigned u = 0; u < 3; u++) {
    const struct fast_requester *rq = &f->requester[u];
    add(&text, "; %s credits: %u of %u home", unit_names[u],
        rq->outstanding - (uint32_t)(rq->loaded - rq->granted), rq->outstanding);
  }
  const struct fast_fifo *fifo = &f->fifo;
  add(&text, "; weight FIFO: %llu of %u slots taken, %llu tiles ready, shadow %s",
      (unsigned long long)(fifo->started - fifo->shifted), f->config->weight_fifo_tiles,
      (unsigned long long)(fifo->ready - fifo->shifted),
      fifo->shifted > fifo->consumed ? "full" : "empty");
  return sa_fail(f->error, SA_ERR_STUCK, "no progress is possible from cycle %llu on: %s",
                 (unsigned long long)f->last_end_after, text.bytes);
}
