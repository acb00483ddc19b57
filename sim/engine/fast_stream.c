/* The inner part of a row of bursts, granted in one tight loop: the same steps as grant(),
 * fast_present() and fast_store_read() in fast_port.c take one by one, for bursts after which
 * nothing can happen but the next burst of the same row. A short cut only: with a listener for
 * bursts the engine does without, and a test compares the two. */
#include "dram/dram_inline.h"
#include "engine/fast.h"

/* Bursts of the row that come after the walk's next one. */
static uint64_t rest_of_row(const struct fast_walk *walk) {
  return ((walk->row_last - walk->burst) & FAST_ADDRESS_MASK) / walk->burst_bytes;
}

uint64_t fast_stream_reads(struct fast_requester *rq, uint64_t cycle, uint64_t limit) {
  if (!rq->active) return cycle;
  const uint64_t rest = rest_of_row(&rq->walk);
  if (!rest || rq->slot[rq->granted & 1].last) return cycle;
  struct sa_dram dram = rq->port->dram;
  uint64_t *credit = rq->credit;
  const uint32_t mask = rq->credit_mask, bytes = rq->walk.burst_bytes;
  const uint64_t first = rq->granted, end = first + rest;
  uint64_t address = rq->slot[first & 1].address, next = rq->walk.burst;
  uint64_t n = first, grant, ahead = first + 1 - rq->outstanding;
  do {
    grant = cycle;
    credit[n++ & mask] = sa_dram_accept_inline(&dram, grant, address, bytes, false) + 1;
    address = next;
    next = (next + bytes) & FAST_ADDRESS_MASK;
    /* the next burst is loaded when its credit is there; before the first use of a credit the ring
     * holds zero */
    cycle = fast_max(grant, credit[ahead++ & mask]) + 1;
  } while (n < end && cycle < limit);
  rq->port->dram = dram;
  rq->granted = n;
  rq->loaded = n + 1;
  rq->last_grant = grant;
  rq->last_end = credit[(n - 1) & mask];
  rq->walk.burst = next;
  rq->slot[n & 1].address = address;
  rq->slot[n & 1].last = false;
  rq->presented = cycle;
  return cycle;
}

uint64_t fast_stream_writes(struct fast_requester *rq, uint64_t cycle, uint64_t limit) {
  if (!rq->active || rq->loaded != rq->granted + 2) return cycle;
  const uint64_t rest = rest_of_row(&rq->walk);
  if (!rest || rq->slot[0].last || rq->slot[1].last) return cycle;
  struct sa_dram dram = rq->port->dram;
  uint64_t *credit = rq->credit;
  const uint32_t mask = rq->credit_mask, bytes = rq->walk.burst_bytes;
  const uint64_t first = rq->granted, end = first + rest, beats = rq->port->beats;
  uint64_t address = rq->slot[first & 1].address;
  uint64_t second = rq->slot[~first & 1].address, third = rq->walk.burst;
  uint64_t ready, second_ready = rq->slot[~first & 1].ready, read = rq->last_read;
  uint64_t n = first, grant, ahead = first + 2 - rq->outstanding;
  do {
    grant = cycle;
    credit[n++ & mask] = sa_dram_accept_inline(&dram, grant, address, bytes, true) + 1;
    address = second;
    second = third;
    third = (third + bytes) & FAST_ADDRESS_MASK;
    /* the buffer of the burst granted is read into again; the other one is presented */
    ready = second_ready;
    cycle = fast_max(ready, grant + beats);
    read = fast_max(fast_max(read, grant + 1) + beats, credit[ahead++ & mask]);
    second_ready = read + beats + SA_LAT_UB_READ;
  } while (n < end && cycle < limit);
  rq->port->dram = dram;
  rq->granted = n;
  rq->loaded = n + 2;
  rq->last_grant = grant;
  rq->last_end = credit[(n - 1) & mask];
  rq->walk.burst = third;
  rq->last_read = read;
  rq->slot[n & 1].address = address;
  rq->slot[n & 1].ready = ready;
  rq->slot[~n & 1].address = second;
  rq->slot[~n & 1].ready = second_ready;
  rq->presented = cycle;
  return cycle;
}
