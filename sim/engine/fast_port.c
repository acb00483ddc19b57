/* Bursts: how LOAD, WLOAD and STORE cut instructions into them, when they are presented, and the
 * arbiter that grants them. docs/machine.md section 3, STORE in section 4.
 *
 * A requester whose next request comes before anybody else's is granted burst after burst in one
 * loop. It leaves the loop when its instruction ends, or, if others are there, when the front end
 * gets free: what follows from that may present a request. Alone, the last burst of an instruction
 * is granted in the cycle after it was loaded, and nothing that follows from the free front end
 * can be presented so early. */
#include <assert.h>

#include "engine/fast.h"

static void walk_row(struct fast_walk *walk, uint64_t address) {
  const uint64_t mask = FAST_ADDRESS_MASK & ~(uint64_t)(walk->burst_bytes - 1);
  walk->row = address;
  walk->burst = address & mask;
  walk->row_last = (address + walk->bytes - 1) & mask;
}

void fast_walk_start(struct fast_walk *walk, uint64_t address, uint32_t bytes, uint32_t n0,
                     uint32_t n1, int64_t pitch0, int64_t pitch1, uint32_t burst_bytes) {
  *walk = (struct fast_walk){.plane = address, .pitch0 = (uint64_t)pitch0,
                             .pitch1 = (uint64_t)pitch1, .bytes = bytes,
                             .burst_bytes = burst_bytes,
                             .burst_shift = (uint32_t)__builtin_ctz(burst_bytes),
                             .n0 = n0, .n1 = n1};
  walk_row(walk, address);
}

/* To the next burst; false if there is none. */
static bool walk_next(struct fast_walk *walk) {
  if (walk->burst != walk->row_last) {
    walk->burst = (walk->burst + walk->burst_bytes) & FAST_ADDRESS_MASK;
    return true;
  }
  if (++walk->i0 < walk->n0) {
    walk_row(walk, walk->row + walk->pitch0);
    return true;
  }
  if (++walk->i1 == walk->n1) return false;
  walk->i0 = 0;
  walk->plane += walk->pitch1;
  walk_row(walk, walk->plane);
  return true;
}

/* When may burst n be loaded, as far as credits are concerned? Its credit's last user is granted. */
static uint64_t credit_time(const struct fast_requester *rq, uint64_t n) {
  return n < rq->outstanding ? 0 : rq->credit[(n - rq->outstanding) & rq->credit_mask];
}

static void release_front_end(struct fast *f, struct fast_requester *rq, uint64_t next_start) {
  rq->active = false;
  rq->next_start = next_start;
  f->dirty |= 1u << rq->unit;
}

void fast_present(struct fast *f, struct fast_requester *rq, uint64_t earliest) {
  assert(rq->active && rq->loaded == rq->granted);
  const uint64_t n = rq->loaded++;
  const uint64_t load = fast_max(earliest, credit_time(rq, n));
  rq->slot[n & 1].address = rq->walk.burst;
  rq->presented = load + 1;
  rq->slot[n & 1].last = !walk_next(&rq->walk);
  if (rq->slot[n & 1].last) release_front_end(f, rq, load + 1);
}

void fast_store_read(struct fast *f) {
  struct fast_requester *rq = &f->requester[SA_STORE];
  const uint64_t beats = rq->port->beats;
  while (rq->active && rq->loaded - rq->granted < 2 &&
         rq->loaded - rq->granted < rq->outstanding) {
    const uint64_t n = rq->loaded;
    uint64_t read = fast_max(rq->active_start + 1, credit_time(rq, n));
    if (n >= 1) read = fast_max(read, rq->last_read + beats);
    if (n >= 2) read = fast_max(read, rq->slot[n & 1].grant + beats + 1);
    rq->last_read = read;
    rq->slot[n & 1].address = rq->walk.burst;
    rq->slot[n & 1].ready = read + beats + SA_LAT_UB_READ;
    rq->slot[n & 1].last = !walk_next(&rq->walk);
    rq->loaded++;
    if (rq->slot[n & 1].last) release_front_end(f, rq, read + beats);
  }
  if (rq->granted == rq->loaded) {
    rq->presented = FAST_NEVER;
  } else {
    rq->presented = rq->slot[rq->granted & 1].ready;
    if (rq->granted) rq->presented = fast_max(rq->presented, rq->last_grant + beats);
  }
}

/* The last burst of the oldest instruction under way was granted and completes in `completion`. */
static void end_bursts(struct fast *f, struct fast_requester *rq, uint64_t completion) {
  const struct fast_entry *entry = &rq->flight[rq->finished++ % FAST_FLIGHTS];
  const uint64_t bursts = rq->granted - rq->first_burst;
  const uint64_t bytes = bursts * rq->port->burst_bytes;
  uint64_t end = completion + SA_LAT_LOAD_WRITE;
  struct sa_counters *counters = entry->counters;
  if (rq->unit == SA_STORE) {
    end = completion;
    counters->dram_write_bytes[entry->instr->tensor_class] += bytes;
  } else {
    counters->dram_read_bytes[entry->instr->tensor_class] += bytes;
  }
  counters->dram_bursts[rq->unit] += bursts;
  rq->first_burst = rq->granted;
  f->dirty |= 1u << rq->unit; /* SYNC and FILL may wait for this */
  fast_use_banks(f, rq->unit, entry, end, end);
  fast_finish(f, rq->unit, entry, end);
  if (rq->unit == SA_WLOAD) fast_tile_ready(f, end + 1);
}

static void report_burst(const struct fast *f, const struct fast_requester *rq, uint64_t cycle,
                         uint64_t completion) {
  const struct fast_entry *entry = &rq->flight[rq->finished % FAST_FLIGHTS];
  const struct sa_burst_event event = {
      .unit = rq->unit, .cycle = cycle, .completion = completion,
      .address = rq->slot[rq->granted & 1].address, .bytes = rq->port->burst_bytes,
      .is_write = rq->unit == SA_STORE, .layer = entry->layer};
  f->options.on_burst(f->options.user, &event);
}

/* Grants the requester's oldest request in `cycle`, and the next ones as long as they are presented
 * before `limit`, the first cycle in which somebody else's request is visible. */
static void grant(struct fast *f, struct fast_requester *rq, uint64_t cycle, uint64_t limit) {
  struct fast_port *port = rq->port;
  const bool is_store = rq->unit == SA_STORE;
  struct sa_counters *counters = rq->flight[rq->finished % FAST_FLIGHTS].counters;
  counters->arb_wait[rq->unit] += cycle - rq->presented;
  if (port->last != rq->unit) port->busy_bursts = 0;
  port->last = rq->unit;
  for (;;) {
    if (!f->options.on_burst) {
      const uint64_t before = rq->granted;
      cycle = is_store ? fast_stream_writes(rq, cycle, limit) : fast_stream_reads(rq, cycle, limit);
      if (rq->granted != before && cycle >= limit) break;
    }
    const uint64_t n = rq->granted;
    const bool bus_idles = port->dram.free_cycle < cycle + port->dram.latency_cycles;
    port->busy_bursts = bus_idles ? 1 : port->busy_bursts + 1;
    const uint64_t completion =
        sa_dram_accept(&port->dram, cycle, rq->slot[n & 1].address, port->burst_bytes, is_store);
    if (f->options.on_burst) report_burst(f, rq, cycle, completion);
    rq->last_end = rq->credit[n & rq->credit_mask] = completion + 1;
    rq->last_grant = cycle;
    rq->granted = n + 1;
    const bool last = rq->slot[n & 1].last;
    if (is_store) {
      rq->slot[n & 1].grant = cycle;
      if (last) end_bursts(f, rq, completion);
      fast_store_read(f);
      if (f->dirty || rq->presented >= limit) break;
    } else {
      rq->presented = FAST_NEVER;
      if (last) end_bursts(f, rq, completion);
      if (!rq->active) break;
      fast_present(f, rq, fast_max(cycle, rq->active_start + 1));
      if (last || rq->presented >= limit) break;
    }
    cycle = rq->presented;
  }
  port->next_grant = rq->last_grant + 1;
}

/* Requesters of port 0 are LOAD, STORE and, if it is the only one, WLOAD. */
static unsigned shared_requesters(const struct fast *f) {
  return f->config->memory_ports == 2 ? 2u : 3u;
}

uint64_t fast_port_next(const struct fast *f) {
  uint64_t first = FAST_NEVER;
  for (unsigned u = 0; u < shared_requesters(f); u++)
    if (f->requester[u].presented < first) first = f->requester[u].presented;
  return first == FAST_NEVER ? first : fast_max(first, f->port[0].next_grant);
}

bool fast_port_run(struct fast *f) {
  const unsigned count = shared_requesters(f);
  do {
    const uint64_t cycle = fast_port_next(f);
    if (cycle == FAST_NEVER) return false;
    unsigned winner = f->port[0].last;
    do {
      winner = winner + 1 >= count ? 0 : winner + 1;
    } while (f->requester[winner].presented > cycle);
    uint64_t limit = FAST_NEVER;
    for (unsigned u = 0; u < count; u++)
      if (u != winner && f->requester[u].presented < limit) limit = f->requester[u].presented;
    grant(f, &f->requester[winner], cycle, limit);
  } while (!f->dirty);
  return true;
}

void fast_private_run(struct fast *f) {
  struct fast_requester *rq = &f->requester[SA_WLOAD];
  while (rq->presented != FAST_NEVER)
    grant(f, rq, fast_max(rq->presented, rq->port->next_grant), FAST_NEVER);
}
