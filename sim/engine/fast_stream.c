/* The inner part of a row of bursts: the same steps that grant(), fast_present() and
 * fast_store_read() in fast_port.c take one by one, for bursts after which nothing can happen but the
 * next burst of the same row. Short cuts only: with a listener for bursts the engine does without,
 * and tests compare the two.
 *
 * First short cut: one tight loop over such bursts.
 *
 * Second: a saturated stream in closed form. Let O be the outstanding limit, c_n burst n's completion
 * and g_n its grant. The bus takes q = burst_cycles, or q + 1, cycles a burst. When the bus has been
 * busy with this requester's bursts for the last O, and burst n waited for its credit alone, then
 *   reads:  g_n = c_{n-O} + 2 (the credit is visible in c_{n-O} + 1, loaded then, presented next);
 *   writes: read from c_{n-O} + 1, granted in g_n = c_{n-O} + nb + UB_READ + 1.
 * Burst n finds the bus busy if its earliest data g_n + latency is not behind the bus's free time,
 * which is O - 1 bursts behind c_{n-O}: (O - 1) q >= latency + (g_n - c_{n-O}) suffices. Burst n + 1
 * then waits for its credit alone too: for reads since c increases by at least one a burst; for
 * writes since it increases by at least nb, the beats of a burst, and by 2 q >= 2 nb + UB_READ + 1
 * over two, which is when the buffer is free again. So the bus stays busy: the times of all
 * following bursts lie on one line. */
#include "dram/dram_inline.h"
#include "engine/fast.h"

/* Bursts skipped at once: their fractions (num < 2^47) still add up in 64 bits. */
#define MOST_SKIPPED 65536u

/* Bursts of the row that come after the walk's next one. */
static uint64_t rest_of_row(const struct fast_walk *walk) {
  return ((walk->row_last - walk->burst) & FAST_ADDRESS_MASK) >> walk->burst_shift;
}

static uint64_t smaller(uint64_t a, uint64_t b) { return a < b ? a : b; }

/* How many of `most` bursts of a saturated stream, the next one granted in `cycle`, are granted before
 * the limit for sure? */
static uint64_t before_limit(const struct sa_dram *dram, uint64_t cycle, uint64_t limit,
                             uint64_t most) {
  const uint64_t sure = (limit - 1 - cycle) / (dram->burst_cycles + 1);
  return smaller(smaller(most, sure), MOST_SKIPPED);
}

/* Accepts `count` > O bursts from number n on, back to back, and notes the credits of the last O. */
static void accept_line(const struct fast_requester *rq, struct sa_dram *dram, uint64_t n,
                        uint64_t count) {
  const uint64_t skipped = count - rq->outstanding;
  const uint64_t fraction = dram->free_fraction + skipped * dram->burst_fraction;
  dram->free_cycle += skipped * dram->burst_cycles + fraction / dram->bytes_per_cycle_num;
  dram->free_fraction = fraction % dram->bytes_per_cycle_num;
  for (uint64_t i = n + skipped; i < n + count; i++)
    rq->credit[i & rq->credit_mask] =
        sa_dram_accept_inline(dram, 0, 0, dram->burst_bytes, false) + 1;
}

uint64_t fast_stream_reads(struct fast_requester *rq, uint64_t cycle, uint64_t limit) {
  if (!rq->active) return cycle;
  const uint64_t rest = rest_of_row(&rq->walk);
  if (!rest || rq->slot[rq->granted & 1].last) return cycle;
  struct sa_dram dram = rq->port->dram;
  uint64_t *credit = rq->credit;
  const uint32_t mask = rq->credit_mask, bytes = rq->walk.burst_bytes;
  const uint64_t outstanding = rq->outstanding, first = rq->granted, end = first + rest;
  uint64_t address = rq->slot[first & 1].address, next = rq->walk.burst;
  uint64_t n = first, grant, busy = rq->port->busy_bursts;
  do {
    if (end - n > 2 * outstanding && busy >= outstanding &&
        cycle == credit[(n - outstanding) & mask] + 1 && cycle < limit &&
        (outstanding - 1) * dram.burst_cycles >= dram.latency_cycles + 2) {
      const uint64_t count = before_limit(&dram, cycle, limit, end - n - 1);
      if (count > outstanding) {
        accept_line(rq, &dram, n, count);
        n += count;
        address = (next + (count - 1) * bytes) & FAST_ADDRESS_MASK;
        next = (address + bytes) & FAST_ADDRESS_MASK;
        cycle = credit[(n - outstanding) & mask] + 1;
      }
    }
    const uint64_t stop = smaller(end, n + outstanding);
    do {
      grant = cycle;
      busy = dram.free_cycle < grant + dram.latency_cycles ? 1 : busy + 1;
      credit[n & mask] = sa_dram_accept_inline(&dram, grant, address, bytes, false) + 1;
      n++;
      address = next;
      next = (next + bytes) & FAST_ADDRESS_MASK;
      /* the next burst is loaded when its credit is there; before the first use of a credit the
       * ring holds zero */
      cycle = fast_max(grant, credit[(n - outstanding) & mask]) + 1;
    } while (n < stop && cycle < limit);
  } while (n < end && cycle < limit);
  rq->port->dram = dram;
  rq->port->busy_bursts = busy;
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
  const uint64_t outstanding = rq->outstanding, first = rq->granted, end = first + rest;
  const uint64_t beats = rq->port->beats, gap = beats + SA_LAT_UB_READ;
  uint64_t address = rq->slot[first & 1].address;
  uint64_t second = rq->slot[~first & 1].address, third = rq->walk.burst;
  uint64_t ready, second_ready = rq->slot[~first & 1].ready, read = rq->last_read;
  uint64_t n = first, grant, busy = rq->port->busy_bursts;
  do {
    if (end - n > 2 * outstanding && busy >= outstanding &&
        cycle == credit[(n - outstanding) & mask] + gap &&
        read == credit[(n + 1 - outstanding) & mask] && cycle < limit &&
        (outstanding - 1) * dram.burst_cycles >= dram.latency_cycles + gap + 1 &&
        2 * dram.burst_cycles >= beats + gap + 1) {
      const uint64_t count = before_limit(&dram, cycle, limit, end - n - 1);
      if (count > outstanding) {
        accept_line(rq, &dram, n, count);
        n += count;
        address = (third + (count - 2) * bytes) & FAST_ADDRESS_MASK;
        second = (address + bytes) & FAST_ADDRESS_MASK;
        third = (second + bytes) & FAST_ADDRESS_MASK;
        cycle = credit[(n - outstanding) & mask] + gap;
        read = credit[(n + 1 - outstanding) & mask];
        second_ready = read + gap;
      }
    }
    const uint64_t stop = smaller(end, n + outstanding);
    do {
      grant = cycle;
      busy = dram.free_cycle < grant + dram.latency_cycles ? 1 : busy + 1;
      credit[n & mask] = sa_dram_accept_inline(&dram, grant, address, bytes, true) + 1;
      n++;
      address = second;
      second = third;
      third = (third + bytes) & FAST_ADDRESS_MASK;
      /* the buffer of the burst granted is read into again; the other one is presented */
      ready = second_ready;
      cycle = fast_max(ready, grant + beats);
      read = fast_max(fast_max(read, grant + 1) + beats, credit[(n + 1 - outstanding) & mask]);
      second_ready = read + gap;
    } while (n < stop && cycle < limit);
  } while (n < end && cycle < limit);
  rq->port->dram = dram;
  rq->port->busy_bursts = busy;
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
