/* LOAD, STORE, WLOAD, the arbiters and the DRAM, cycle by cycle: docs/machine.md sections 3 and 4. */
#include <assert.h>

#include "engine/plain.h"

static const struct sa_port_config *port_of(const struct plain *p, enum sa_unit unit) {
  return &p->config->port[sa_config_port_of(p->config, unit)];
}

static uint32_t beats(const struct plain *p, enum sa_unit unit) {
  return port_of(p, unit)->burst_bytes / port_of(p, unit)->width_bytes;
}

void plain_port_init(struct plain *p) {
  for (int unit = 0; unit < PLAIN_REQUESTERS; unit++)
    p->front[unit].credits = port_of(p, (enum sa_unit)unit)->outstanding_bursts;
  for (int port = 0; port < 2; port++) {
    sa_dram_init(&p->dram[port], p->config->bw_num[port], p->config->bw_den[port],
                 p->config->port[port].latency_cycles);
    p->last_granted[port] = SA_WLOAD;
  }
}

/* ---- Starts ---- */

static bool all_credits_home(const struct plain *p, enum sa_unit unit) {
  return p->front[unit].credits == port_of(p, unit)->outstanding_bursts;
}

bool plain_port_may_start(const struct plain *p, enum sa_unit unit, const struct sa_instr *instr) {
  const struct plain_front *front = &p->front[unit];
  if (front->active || p->t < front->may_start) return false;
  const bool quiet = !front->request && all_credits_home(p, unit);
  const bool slot = p->fifo.slots < p->config->weight_fifo_tiles;
  switch ((enum sa_opcode)instr->opcode) {
    case SA_OP_LOAD: case SA_OP_STORE: return true;
    case SA_OP_FILL: case SA_OP_LOAD_SYNC: return quiet;
    case SA_OP_STORE_SYNC: return quiet && p->store.taken == 0;
    case SA_OP_WLOAD: return slot;
    case SA_OP_WLOAD_UB: return slot && quiet;
    default:
      assert(instr->opcode == SA_OP_WLOAD_SYNC);
      return quiet && (!p->fifo.had_buffer_tile || p->t > p->fifo.buffer_tile_end);
  }
}

/* The front end takes an instruction whose rows it will cut into bursts. */
static void start_bursts(struct plain *p, struct plain_flight *flight) {
  struct plain_front *front = &p->front[flight->unit];
  struct sa_access access[SA_MAX_ACCESSES];
  sa_instr_accesses(p->config, flight->entry.instr, flight->entry.base, access);
  front->active = true;
  front->flight = flight;
  front->dram = access[0]; /* the DRAM side comes first */
  front->walk = sa_access_rows(&front->dram);
  const uint64_t burst_bytes = port_of(p, flight->unit)->burst_bytes;
  front->next_burst = (uint64_t)front->walk.address / burst_bytes * burst_bytes;
}

static void take_slot(struct plain *p, const struct sa_instr *instr) {
  const uint32_t k = instr->u.wload.k_used, n = instr->u.wload.n_used;
  const uint64_t bytes = instr->flags & SA_F_DIAGONAL ? k : (uint64_t)k * n;
  p->fifo.tiles[p->fifo.count++] = (struct plain_tile){.k = k, .n = n, .bytes = bytes};
  p->fifo.slots++;
  p->counters.fifo_write_bytes[0] += bytes;
}

/* FILL: a line a cycle. */
static uint64_t fill_cycles(const struct plain *p, const struct sa_instr *instr) {
  const uint64_t line = p->config->line_bytes;
  const uint64_t rows = (uint64_t)instr->u.mem.n0 * instr->u.mem.n1;
  return rows * ((instr->u.mem.bytes + line - 1) / line);
}

/* WLOAD_UB: a row a cycle. */
static uint64_t buffer_tile_rows(const struct sa_instr *instr) {
  if (instr->flags & SA_F_DIAGONAL) return 1;
  return instr->flags & SA_F_TRANSPOSED ? instr->u.wload.n_used : instr->u.wload.k_used;
}

static void start_alone(struct plain *p, struct plain_flight *flight, uint64_t end,
                        uint64_t may_start) {
  plain_schedule(p, PLAIN_EVENT_DONE, end, flight->unit, flight);
  p->front[flight->unit].may_start = may_start;
  plain_expect(p, may_start);
}

void plain_port_start(struct plain *p, struct plain_flight *flight) {
  const struct sa_instr *instr = flight->entry.instr;
  const uint64_t t = p->t;
  switch ((enum sa_opcode)instr->opcode) {
    case SA_OP_LOAD: case SA_OP_STORE:
      start_bursts(p, flight);
      break;
    case SA_OP_WLOAD:
      take_slot(p, instr);
      start_bursts(p, flight);
      break;
    case SA_OP_FILL: {
      const uint64_t n = fill_cycles(p, instr);
      start_alone(p, flight, t + n, t + n + 1);
      break;
    }
    case SA_OP_WLOAD_UB: {
      const uint64_t n = buffer_tile_rows(instr), end = t + n + SA_LAT_UB_READ;
      take_slot(p, instr);
      start_alone(p, flight, end, t + n + 1);
      plain_schedule(p, PLAIN_TILE_READY, end, SA_WLOAD, NULL);
      p->fifo.had_buffer_tile = true;
      p->fifo.buffer_tile_end = end;
      break;
    }
    default: /* SYNC */
      start_alone(p, flight, t + 1, t + 2);
  }
}

/* ---- Bursts ---- */

/* The next burst of the front end's instruction; the walk goes on to the one after. */
static struct plain_burst cut_burst(struct plain *p, enum sa_unit unit) {
  struct plain_front *front = &p->front[unit];
  const uint64_t burst_bytes = port_of(p, unit)->burst_bytes;
  struct plain_burst burst = {.address = front->next_burst, .flight = front->flight};
  front->next_burst += burst_bytes;
  if (front->next_burst >= (uint64_t)front->walk.address + front->dram.bytes) {
    sa_row_next(&front->walk);
    front->next_burst = (uint64_t)front->walk.address / burst_bytes * burst_bytes;
  }
  burst.last = front->walk.done;
  return burst;
}

/* STORE's oldest burst that waits for its grant. */
static uint32_t oldest_store_burst(const struct plain *p) { return p->store.waiting == 2 ? 0 : 1; }

static bool store_presents(const struct plain *p) {
  const struct plain_store *store = &p->store;
  if (!store->waiting) return false;
  const uint64_t whole = store->read_start[oldest_store_burst(p)] + beats(p, SA_STORE) + SA_LAT_UB_READ;
  return p->t >= whole && p->t >= store->data_end;
}

/* Round robin among the requesters of one port, beginning after the last one granted. */
static void arbitrate(const struct plain *p, uint32_t port, struct plain_wires *w) {
  for (unsigned step = 1; step <= PLAIN_REQUESTERS; step++) {
    const enum sa_unit unit = (enum sa_unit)((p->last_granted[port] + step) % PLAIN_REQUESTERS);
    if (!w->requests[unit] || sa_config_port_of(p->config, unit) != port) continue;
    w->grant[unit] = true;
    return;
  }
}

void plain_port_decide(const struct plain *p, struct plain_wires *w) {
  w->requests[SA_LOAD] = p->front[SA_LOAD].request;
  w->requests[SA_STORE] = store_presents(p);
  w->requests[SA_WLOAD] = p->front[SA_WLOAD].request;
  for (uint32_t port = 0; port < p->config->memory_ports; port++) arbitrate(p, port, w);
  for (int unit = 0; unit < PLAIN_REQUESTERS; unit++) {
    const struct plain_front *front = &p->front[unit];
    const bool room = unit == SA_STORE ? p->store.taken < 2 && p->t >= p->store.may_read
                                       : !front->request || w->grant[unit];
    w->load_burst[unit] = front->active && front->credits > 0 && room;
  }
}

static void commit_grant(struct plain *p, enum sa_unit unit, const struct plain_burst *burst) {
  const uint32_t port = sa_config_port_of(p->config, unit);
  const uint32_t bytes = p->config->port[port].burst_bytes;
  const bool is_write = unit == SA_STORE;
  const uint64_t completion =
      sa_dram_accept(&p->dram[port], p->t, burst->address, bytes, is_write);
  const struct sa_instr *instr = burst->flight->entry.instr;
  p->last_granted[port] = unit;
  p->counters.dram_bursts[unit]++;
  if (is_write)
    p->counters.dram_write_bytes[instr->tensor_class] += bytes;
  else
    p->counters.dram_read_bytes[instr->tensor_class] += bytes;
  plain_schedule(p, PLAIN_CREDIT, completion, unit, NULL);
  if (burst->last) {
    const uint64_t end = completion + (is_write ? 0 : SA_LAT_LOAD_WRITE);
    if (unit == SA_WLOAD) plain_schedule(p, PLAIN_TILE_READY, end, unit, NULL);
    plain_schedule(p, PLAIN_EVENT_DONE, end, unit, burst->flight);
  }
  if (p->options->on_burst) {
    const struct sa_burst_event event = {
        .unit = unit, .cycle = p->t, .completion = completion, .address = burst->address,
        .bytes = bytes, .is_write = is_write, .layer = burst->flight->entry.layer};
    p->options->on_burst(p->options->user, &event);
  }
}

/* LOAD and WLOAD: the granted request goes, the next one comes. */
static void commit_reader(struct plain *p, enum sa_unit unit, const struct plain_wires *w) {
  struct plain_front *front = &p->front[unit];
  if (w->grant[unit]) {
    front->request = false;
    commit_grant(p, unit, &front->burst);
  }
  if (w->load_burst[unit]) {
    front->burst = cut_burst(p, unit);
    front->request = true;
    front->credits--;
    front->active = !front->burst.last;
  }
}

static void commit_store(struct plain *p, const struct plain_wires *w) {
  struct plain_front *front = &p->front[SA_STORE];
  struct plain_store *store = &p->store;
  const uint32_t nb = beats(p, SA_STORE);
  if (w->grant[SA_STORE]) {
    const struct plain_burst burst = store->burst[oldest_store_burst(p)];
    store->waiting--;
    store->data_end = p->t + nb;
    plain_schedule(p, PLAIN_BUFFER_FREE, p->t + nb, SA_STORE, NULL);
    commit_grant(p, SA_STORE, &burst);
  }
  if (w->load_burst[SA_STORE]) { /* the younger burst is always in [1] */
    store->burst[0] = store->burst[1];
    store->read_start[0] = store->read_start[1];
    store->burst[1] = cut_burst(p, SA_STORE);
    store->read_start[1] = p->t;
    store->waiting++;
    store->taken++;
    store->may_read = p->t + nb;
    plain_expect(p, p->t + nb + SA_LAT_UB_READ);
    front->credits--;
    front->active = !store->burst[1].last;
    if (store->burst[1].last) front->may_start = p->t + nb;
  }
}

void plain_port_commit(struct plain *p, const struct plain_wires *w) {
  commit_reader(p, SA_LOAD, w);
  commit_store(p, w);
  commit_reader(p, SA_WLOAD, w);
}
