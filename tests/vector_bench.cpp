/* Bench of rtl/vector.v alone: random instructions one behind the other, with and without waits,
 * against the model of vector_model.h. Every cycle it compares start, reads (addresses, bytes),
 * accumulator reads, writes (addresses, bytes, data), events with their tokens, and busy.
 * Usage: vector_bench COLS LANES LINE_BYTES INSTRUCTIONS SEED [RECORD]
 * RECORD: a file for every cycle's inputs and outputs, which vector_replay.v runs again. */
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "Vvector.h"
#include "vector_model.h"
#include "verilated.h"

namespace {

constexpr uint32_t kRegion = 1 << 16, kRegions = 3; /* the first is never written */
constexpr unsigned kAccRows = 64;

struct Random {
  std::mt19937_64 engine;
  uint32_t below(uint32_t n) { return static_cast<uint32_t>(engine() % n); }
  uint32_t range(uint32_t lo, uint32_t hi) { return lo + below(hi - lo + 1); }
  bool chance(uint32_t percent) { return below(100) < percent; }
};

/* A scale word that brings values of `bits` bits near int8, or any at all. */
uint32_t scale_word(Random &random, int bits) {
  if (random.chance(10)) return static_cast<uint32_t>(random.engine());
  const int32_t mult = static_cast<int32_t>(random.below(1u << 26)) - (1 << 25);
  int shift = bits + 25 - 7 + static_cast<int>(random.below(4)) - 2;
  if (random.chance(10)) shift = 0;
  if (shift > 63) shift = 63;
  if (shift < 0) shift = 0;
  return (static_cast<uint32_t>(mult) & 0x3ffffffu) | static_cast<uint32_t>(shift) << 26;
}

struct Config {
  unsigned cols, lanes, line;
  bool table[3]; /* loaded */
};

/* An instruction whose operands lie in `source` and results in region `target`. */
void draw(Random &random, Config &c, uint32_t source, uint32_t target, bool fence,
          uint32_t w[16]) {
  memset(w, 0, 64);
  static const unsigned ops[] = {0x50, 0x51, 0x51, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58,
                                 0x58, 0x59, 0x59};
  unsigned op = ops[random.below(sizeof ops / sizeof *ops)];
  if (op == 0x58 && !(c.table[1] && c.table[2])) op = 0x57;
  const bool acc = op == 0x51, pool = op == 0x55 || op == 0x56, rows = op >= 0x58;
  unsigned flags = fence ? 4 : 0;
  w[0] = op;
  w[1] = static_cast<uint32_t>(random.engine()) & 0xfffffff;
  w[2] = random.below(32) | random.below(32) << 8;
  if (op == 0x50) {
    w[0] |= flags << 8;
    return;
  }
  if (op == 0x57) {
    const uint32_t number = random.below(3);
    c.table[number] = true;
    w[0] |= (flags | number << 5) << 8;
    w[3] = source + random.below(kRegion - 256);
    return;
  }
  const uint32_t n_limit = acc ? c.cols : 3 * c.lanes + 2;
  uint32_t n = random.chance(30) ? random.range(1, c.lanes) : random.range(1, n_limit);
  if (n > n_limit) n = n_limit;
  if (rows && random.chance(3)) n = random.range(200, 600);
  uint32_t n0 = random.range(1, 5), n1 = random.range(1, 3);
  if (random.chance(20)) n0 = n1 = 1;
  if (rows && random.chance(5)) n0 = 256, n1 = 1;
  if (n0 == 256 && n > 64) n = 64;
  const uint32_t tx = pool ? random.range(1, 4) : 1, ty = pool ? random.range(1, 3) : 1;
  const uint32_t pitch = n + random.below(20), middle = kRegion / 2;
  if (acc && random.chance(50)) flags |= 1;
  if (acc && random.chance(50)) flags |= 2;
  if (c.table[0] && random.chance(40)) flags |= 8;
  if (op == 0x59 && random.chance(40)) flags |= 16;
  w[0] |= flags << 8;
  const int lo = random.chance(60) ? -128 : static_cast<int>(random.below(128)) - 128;
  const int hi = random.chance(60) ? 127 : static_cast<int>(random.below(128));
  w[2] |= static_cast<uint32_t>(lo & 255) << 16 | static_cast<uint32_t>(hi) << 24;
  w[4] = n0 | n1 << 16;
  w[5] = n | tx << 16 | ty << 24;
  if (acc) {
    w[3] = random.range(20, 40) | random.below(2) << 16;
    w[6] = random.below(5) - 2;
    w[7] = random.below(9) - 4;
  } else {
    w[3] = source + middle + random.below(100);
    w[6] = random.chance(30) ? -pitch : pitch;
    w[7] = random.below(2000) - 1000;
  }
  w[8] = source + middle + random.below(1000);
  w[9] = random.below(400) - 200;
  w[10] = random.below(4000) - 2000;
  if (n0 == 256) w[9] = random.below(40) - 20;
  if (op == 0x59) w[10] = 0;
  w[11] = target + middle;
  w[12] = random.chance(20) ? -pitch : pitch;
  w[13] = w[12] * n0;
  if (acc) w[14] = source + random.below(kRegion - 8 * n);
  else if (rows) w[14] = scale_word(random, 24);
  else w[14] = scale_word(random, op == 0x54 ? 14 : op == 0x56 ? 10 : 8);
  w[15] = acc || op == 0x53 ? scale_word(random, 8) : 0;
  if (op == 0x52 && fence && random.chance(30)) { /* in place */
    w[3] = w[11];
    w[6] = w[12];
    w[7] = w[13];
  }
}

int fail(uint64_t cycle, const char *what, uint64_t got, uint64_t want) {
  fprintf(stderr, "vector_bench: cycle %" PRIu64 ": %s is 0x%" PRIx64 ", must be 0x%" PRIx64 "\n",
          cycle, what, got, want);
  return 1;
}

/* Bytes on a port of any width; the rest of it is rubbish. */
template <typename Port> void put(Port &port, const void *bytes, size_t count) {
  memset(static_cast<void *>(&port), 0xa5, sizeof port);
  if (count) memcpy(static_cast<void *>(&port), bytes, count);
}

/* Hexadecimal digits of a port, its highest byte first; bytes from `known` on are unknown. */
template <typename Port> void record(FILE *file, const Port &port, size_t bytes, size_t known) {
  const uint8_t *data = reinterpret_cast<const uint8_t *>(&port);
  for (size_t i = bytes; i-- > 0;) {
    if (i < known) fprintf(file, "%02x", data[i]);
    else fputs("xx", file);
  }
  fputc(' ', file);
}

} // namespace

int main(int argc, char **argv) {
  if (argc != 6 && argc != 7) {
    fprintf(stderr, "usage: vector_bench COLS LANES LINE_BYTES INSTRUCTIONS SEED [RECORD]\n");
    return 2;
  }
  FILE *recording = argc == 7 ? fopen(argv[6], "w") : nullptr;
  if (argc == 7 && !recording) {
    fprintf(stderr, "vector_bench: cannot write %s\n", argv[6]);
    return 2;
  }
  Config config = {static_cast<unsigned>(atoi(argv[1])), static_cast<unsigned>(atoi(argv[2])),
                   static_cast<unsigned>(atoi(argv[3])), {}};
  const uint64_t count = strtoull(argv[4], nullptr, 0);
  Random random{std::mt19937_64(strtoull(argv[5], nullptr, 0))};
  VectorModel model(config.cols, config.lanes, kRegion * kRegions, kAccRows);
  for (auto &byte : model.buffer) byte = static_cast<uint8_t>(random.engine());
  /* Parameters: biases of all sizes, scales that bring accumulators near int8 and back. */
  for (auto &value : model.acc) {
    value = static_cast<int32_t>(random.engine()) >> random.below(32);
  }
  std::vector<uint8_t> memory = model.buffer;

  VerilatedContext context;
  context.randReset(2); /* what no reset sets begins at random */
  context.randSeed(static_cast<int>(random.below(1000) + 1));
  Vvector top(&context);
  std::vector<uint8_t> ub_data[2];
  std::vector<int32_t> acc_data[2];
  uint32_t w[16] = {};
  uint64_t started = 0, free_at = 0, ended = 0, wait = 0, cycle = 0;
  bool have = false;
  uint64_t busy_until = 0;
  bool any = false;
  uint64_t starts_by_op[16] = {};
  bool dirty = false; /* written regions hold results in flight */

  top.clk_i = 0;
  top.rst_ni = 0;
  top.head_valid_i = 0;
  top.tokens_ok_i = 0;
  for (int i = 0; i < 4; ++i) {
    top.clk_i = !top.clk_i;
    top.eval();
  }
  top.rst_ni = 1;
  while (started < count || cycle <= busy_until) {
    /* Inputs of this cycle. */
    if (!have && started < count && (random.chance(70) || wait == 0)) {
      const bool fence = random.chance(30);
      if (fence) dirty = false;
      const uint32_t target = random.range(1, kRegions - 1);
      const uint32_t source = dirty ? 0 : random.chance(50) ? 0 : kRegions - target;
      draw(random, config, source * kRegion, target * kRegion, fence, w);
      if ((w[0] & 255) != 0x50 && (w[0] & 255) != 0x57) dirty = true;
      have = true;
      wait = random.chance(50) ? 0 : random.below(60);
    }
    if (wait && have) --wait;
    top.head_valid_i = have && (wait < 20);
    top.tokens_ok_i = wait == 0;
    memcpy(static_cast<void *>(&top.head_i), w, 64);
    put(top.ub_rd_data_i, ub_data[1].data(), ub_data[1].size());
    put(top.acc_rd_data_i, acc_data[1].data(), acc_data[1].size() * 4);
    const size_t ub_here = ub_data[1].size(), acc_here = acc_data[1].size() * 4;
    top.eval();

    /* What must happen. */
    const bool start = have && wait == 0 && cycle >= free_at &&
                       (!(w[0] >> 8 & 4) || !any || cycle > ended);
    if (top.start_o != start) return fail(cycle, "start_o", top.start_o, start);
    if (start) {
      const uint64_t steps = model.start(w, cycle);
      free_at = cycle + steps;
      ended = busy_until = cycle + steps - 1 + 8;
      any = true;
      ++starts_by_op[w[0] & 15];
      ++started;
      have = false;
    }
    const bool busy = any && cycle <= busy_until;
    if (top.busy_o != busy) return fail(cycle, "busy_o", top.busy_o, busy);

    const bool rd = !model.reads.empty() && model.reads.front().cycle == cycle;
    if (top.ub_rd_en_o != rd) return fail(cycle, "ub_rd_en_o", top.ub_rd_en_o, rd);
    ub_data[1] = ub_data[0];
    ub_data[0].clear();
    if (rd) {
      const Access a = model.reads.front();
      model.reads.pop_front();
      if (top.ub_rd_addr_o != a.addr) return fail(cycle, "ub_rd_addr_o", top.ub_rd_addr_o, a.addr);
      if (top.ub_rd_bytes_o != a.bytes) {
        return fail(cycle, "ub_rd_bytes_o", top.ub_rd_bytes_o, a.bytes);
      }
      ub_data[0].assign(memory.begin() + a.addr, memory.begin() + a.addr + a.bytes);
    }
    const bool acc = !model.acc_reads.empty() && model.acc_reads.front().cycle == cycle;
    if (top.acc_rd_en_o != acc) return fail(cycle, "acc_rd_en_o", top.acc_rd_en_o, acc);
    acc_data[1] = acc_data[0];
    acc_data[0].clear();
    if (acc) {
      const AccAccess a = model.acc_reads.front();
      model.acc_reads.pop_front();
      if (top.acc_rd_bank_o != a.bank) {
        return fail(cycle, "acc_rd_bank_o", top.acc_rd_bank_o, a.bank);
      }
      if (top.acc_rd_row_o != a.row) return fail(cycle, "acc_rd_row_o", top.acc_rd_row_o, a.row);
      const auto from = model.acc.begin() +
                        static_cast<long>((a.bank * kAccRows + a.row) * config.cols);
      acc_data[0].assign(from, from + config.cols);
    }
    const bool wr = !model.writes.empty() && model.writes.front().cycle == cycle;
    if (top.ub_wr_en_o != wr) return fail(cycle, "ub_wr_en_o", top.ub_wr_en_o, wr);
    if (wr) {
      const Write &a = model.writes.front();
      if (top.ub_wr_addr_o != a.addr) return fail(cycle, "ub_wr_addr_o", top.ub_wr_addr_o, a.addr);
      if (top.ub_wr_bytes_o != a.data.size()) {
        return fail(cycle, "ub_wr_bytes_o", top.ub_wr_bytes_o, a.data.size());
      }
      const uint8_t *data = reinterpret_cast<const uint8_t *>(&top.ub_wr_data_o);
      for (size_t i = 0; i < a.data.size(); ++i) {
        if (data[i] != a.data[i]) {
          fprintf(stderr, "vector_bench: lane %zu of the write below\n", i);
          return fail(cycle, "ub_wr_data_o", data[i], a.data[i]);
        }
      }
      memcpy(&memory[a.addr], a.data.data(), a.data.size());
      model.writes.pop_front();
    }
    const bool rd_ev = !model.ev_read.empty() && model.ev_read.front().cycle == cycle;
    if (top.ev_read_o != rd_ev) return fail(cycle, "ev_read_o", top.ev_read_o, rd_ev);
    if (rd_ev) {
      if (top.give_read_o != model.ev_read.front().give) {
        return fail(cycle, "give_read_o", top.give_read_o, model.ev_read.front().give);
      }
      model.ev_read.pop_front();
    }
    const bool done = !model.ev_done.empty() && model.ev_done.front().cycle == cycle;
    if (top.ev_done_o != done) return fail(cycle, "ev_done_o", top.ev_done_o, done);
    if (top.end_o != done) return fail(cycle, "end_o", top.end_o, done);
    if (done) {
      if (top.give_done_o != model.ev_done.front().give) {
        return fail(cycle, "give_done_o", top.give_done_o, model.ev_done.front().give);
      }
      model.ev_done.pop_front();
    }

    if (recording) {
      fprintf(recording, "%x %x ", top.head_valid_i, top.tokens_ok_i);
      record(recording, top.head_i, 64, have || start ? 64 : 0);
      record(recording, top.ub_rd_data_i, config.line, ub_here);
      record(recording, top.acc_rd_data_i, config.cols * 4, acc_here);
      fprintf(recording, "%x %x %x %x %x %x %x %x %x %x %x ", top.start_o, top.busy_o,
              top.ub_rd_en_o, top.ub_rd_addr_o, top.ub_rd_bytes_o, top.acc_rd_en_o,
              top.acc_rd_bank_o, top.acc_rd_row_o, top.ub_wr_en_o, top.ub_wr_addr_o,
              top.ub_wr_bytes_o);
      record(recording, top.ub_wr_data_o, config.line, config.line);
      fprintf(recording, "%x %x %x %x\n", top.ev_read_o, top.give_read_o, top.ev_done_o,
              top.give_done_o);
    }
    top.clk_i = 1;
    top.eval();
    top.clk_i = 0;
    top.eval();
    ++cycle;
  }
  if (recording && fclose(recording) != 0) {
    fprintf(stderr, "vector_bench: cannot write %s\n", argv[6]);
    return 2;
  }
  if (memory != model.buffer) return fail(cycle, "final buffer", 1, 0);
  printf("vector_bench: cols %u lanes %u line %u: %" PRIu64 " instructions, %" PRIu64
         " cycles agree; by op:", config.cols, config.lanes, config.line, started, cycle);
  for (unsigned op = 0; op < 10; ++op) printf(" %" PRIu64, starts_by_op[op]);
  printf("\n");
  return 0;
}
