/* Test bench of the RTL: streams a program into it, connects its memory ports to the DRAM function
 * over TLM-2.0, and writes down what comes out: counters, timeline, bursts, memory.
 * Exit status: 0 the program ended, 1 it broke the bank rule or got stuck or an assertion of the RTL
 * failed, 2 bad input. */
#include <array>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <systemc>
#ifdef SYSTOLE_WAVE
#include <verilated_fst_sc.h>
#endif

#include "Vsystole.h"
#include "dram_target.h"
#include "image.h"
#include "options.h"
#include "port_adapter.h"

namespace {

const uint32_t kUnits = 5;
const char *const kUnitNames[kUnits] = {"LOAD", "STORE", "WLOAD", "MATMUL", "VECTOR"};

struct CounterName {
  const char *name;
  uint32_t count;
};
const CounterName kCounters[] = {
#define SA_COUNTER(field, count, unit, meaning) {#field, count},
#include "machine/counters.def"
#undef SA_COUNTER
};

/* Ports are bool, uint32_t, uint64_t or sc_bv, depending on their width. */
template <typename T>
uint8_t get_byte(const T &value, uint32_t index) {
  if (index >= 8) return 0;
  return static_cast<uint8_t>(static_cast<uint64_t>(value) >> (8 * index));
}
template <int N>
uint8_t get_byte(const sc_dt::sc_bv<N> &value, uint32_t index) {
  return static_cast<uint8_t>(value.get_word(static_cast<int>(index / 4)) >> (8 * (index % 4)));
}
template <typename T>
void put_bytes(T &value, const uint8_t *bytes, uint32_t count) {
  uint64_t all = 0;
  for (uint32_t i = 0; i < count; i++) all |= static_cast<uint64_t>(bytes[i]) << (8 * i);
  value = static_cast<T>(all);
}
template <int N>
void put_bytes(sc_dt::sc_bv<N> &value, const uint8_t *bytes, uint32_t count) {
  for (uint32_t i = 0; i < count; i += 4) {
    value.set_word(static_cast<int>(i / 4), bytes[i] | uint32_t{bytes[i + 1]} << 8 |
                                                uint32_t{bytes[i + 2]} << 16 |
                                                uint32_t{bytes[i + 3]} << 24);
  }
}

template <typename T>
struct Data;
template <typename T>
struct Data<sc_core::sc_in<T>> { using type = T; };
template <typename T>
struct Data<sc_core::sc_out<T>> { using type = T; };

/* A signal of the type of a port of the machine. */
#define SIGNAL(port) sc_core::sc_signal<Data<std::remove_reference_t<decltype(Vsystole::port)>>::type> port{#port}

class Bench : public sc_core::sc_module {
 public:
  Bench(sc_core::sc_module_name name, const Options &options, const sc_core::sc_time &period)
      : sc_module(name), options_(options), half_(period / 2), machine("machine"),
        port0("port0", SYSTOLE_PORT0_BYTES, options.port[0].burst_bytes, period),
        port1("port1", SYSTOLE_PORT1_BYTES, options.port[1].burst_bytes, period),
        dram0("dram0", image, period, options.port[0].num, options.port[0].den,
              options.port[0].latency_cycles),
        dram1("dram1", image, period, options.port[1].num, options.port[1].den,
              options.port[1].latency_cycles) {
#define BIND(port) machine.port(port)
    BIND(clk_i); BIND(rst_ni); BIND(burst0_bytes_i); BIND(burst1_bytes_i); BIND(outstanding0_i);
    BIND(outstanding1_i); BIND(instr_valid_i); BIND(instr_i); BIND(instr_ready_o);
    BIND(m0_req_valid_o); BIND(m0_req_write_o); BIND(m0_req_id_o); BIND(m0_req_addr_o);
    BIND(m0_rd_valid_i); BIND(m0_rd_last_i); BIND(m0_rd_id_i); BIND(m0_rd_data_i);
    BIND(m0_wr_valid_o); BIND(m0_wr_last_o); BIND(m0_wr_data_o); BIND(m0_wr_strb_o);
    BIND(m0_resp_valid_i); BIND(m1_req_valid_o); BIND(m1_req_addr_o); BIND(m1_rd_valid_i);
    BIND(m1_rd_last_i); BIND(m1_rd_data_i); BIND(start_o); BIND(end_o); BIND(done_o);
    BIND(collision_o); BIND(counter_sel_i); BIND(counter_o);
#undef BIND
    port0.socket.bind(dram0.socket);
    port1.socket.bind(dram1.socket);
    if (!options.memory.empty()) image.load(options.memory);
    stream_.open(options.stream, std::ios::binary);
    if (!stream_) throw std::runtime_error(options.stream + ": cannot be opened");
    open(timeline_, options.timeline);
    open(bursts_, options.bursts);
    open(record_, options.record);
    SC_HAS_PROCESS(Bench);
    SC_METHOD(tick);
    burst0_bytes_i = options.port[0].burst_bytes;
    burst1_bytes_i = options.port[1].burst_bytes;
    outstanding0_i = options.port[0].outstanding;
    outstanding1_i = options.port[1].outstanding;
  }

  /* Writes what is left to write; false if the run failed. */
  bool finish() {
    if (!options_.memory_out.empty()) image.save(options_.memory_out);
    check(timeline_, options_.timeline);
    check(bursts_, options_.bursts);
    check(record_, options_.record);
    if (!options_.counters.empty()) {
      std::ofstream file;
      open(file, options_.counters);
      size_t index = 0;
      for (const CounterName &counter : kCounters) {
        for (uint32_t i = 0; i < counter.count; i++, index++) {
          file << counter.name;
          if (counter.count > 1) file << '[' << i << ']';
          file << ' ' << counters_.at(index) << '\n';
        }
      }
      check(file, options_.counters);
    }
    return !failed_;
  }

 private:
  static constexpr uint32_t kResetCycles = 2;
  const Options &options_;
  const sc_core::sc_time half_;

 public:
  Vsystole machine;

 private:
  SIGNAL(clk_i); SIGNAL(rst_ni); SIGNAL(burst0_bytes_i); SIGNAL(burst1_bytes_i); SIGNAL(outstanding0_i);
  SIGNAL(outstanding1_i); SIGNAL(instr_valid_i); SIGNAL(instr_i); SIGNAL(instr_ready_o);
  SIGNAL(m0_req_valid_o); SIGNAL(m0_req_write_o); SIGNAL(m0_req_id_o); SIGNAL(m0_req_addr_o);
  SIGNAL(m0_rd_valid_i); SIGNAL(m0_rd_last_i); SIGNAL(m0_rd_id_i); SIGNAL(m0_rd_data_i);
  SIGNAL(m0_wr_valid_o); SIGNAL(m0_wr_last_o); SIGNAL(m0_wr_data_o); SIGNAL(m0_wr_strb_o);
  SIGNAL(m0_resp_valid_i); SIGNAL(m1_req_valid_o); SIGNAL(m1_req_addr_o); SIGNAL(m1_rd_valid_i);
  SIGNAL(m1_rd_last_i); SIGNAL(m1_rd_data_i); SIGNAL(start_o); SIGNAL(end_o); SIGNAL(done_o);
  SIGNAL(collision_o); SIGNAL(counter_sel_i); SIGNAL(counter_o);
  Image image;
  PortAdapter port0, port1;
  DramTarget dram0, dram1;

  enum { kReset, kRun, kRead } phase_ = kReset;
  uint64_t cycle_ = 0, last_event_ = 0;
  uint32_t reset_left_ = kResetCycles;
  uint32_t counters_selected_ = 0;
  bool failed_ = false, settle_ = true, taken_ = false;
  std::ifstream stream_;
  std::ofstream timeline_, bursts_, record_;
  std::array<std::deque<uint64_t>, kUnits> started_;
  std::array<uint64_t, kUnits> ended_{};
  std::vector<uint64_t> counters_;

  /* Drives the clock. Inputs change with its falling edge, so that the machine is evaluated twice a
   * cycle; before the rising edge, which ends the cycle, all signals have the cycle's values. */
  void tick() {
    if (!clk_i.read()) {
      clk_i = true;
      end_cycle();
    } else {
      clk_i = false;
      begin_cycle();
    }
    next_trigger(half_);
  }

  void end_cycle() {
    if (phase_ != kRun) return;
    if (record_.is_open()) record();
    if (done_o.read()) {
      if (collision_o.read()) fail("two units used one bank of the buffer in the same cycle");
      phase_ = kRead;
      return;
    }
    observe();
    if (cycle_ - last_event_ > options_.idle_limit) {
      fail("no instruction, request or end for " + std::to_string(options_.idle_limit) +
           " cycles before cycle " + std::to_string(cycle_));
      phase_ = kRead;
    }
  }

  void begin_cycle() {
    switch (phase_) {
      case kReset:
        if (--reset_left_ > 0) return;
        rst_ni = true; /* the cycle that begins is cycle 0 */
        fetch();
        phase_ = kRun;
        return;
      case kRun:
        if (taken_) fetch();
        cycle_++;
        drive();
        return;
      case kRead: read_counter(); return;
    }
  }

  /* One counter every other cycle: the value comes one cycle behind its selection. */
  void read_counter() {
    settle_ = !settle_;
    if (settle_) return;
    if (counters_selected_ > 0) counters_.push_back(counter_o.read());
    size_t all = 0;
    for (const CounterName &counter : kCounters) all += counter.count;
    if (counters_.size() == all) {
      port0.retire(UINT64_MAX);
      port1.retire(UINT64_MAX);
      sc_core::sc_stop();
    }
    counter_sel_i = counters_selected_++;
  }

  void fail(const std::string &why) {
    std::cerr << options_.stream << ": " << why << std::endl;
    failed_ = true;
  }

  /* Puts the next instruction of the stream on the host port. */
  void fetch() {
    uint8_t word[64];
    const bool there = static_cast<bool>(stream_.read(reinterpret_cast<char *>(word), 64));
    if (there) {
      sc_dt::sc_bv<512> value;
      put_bytes(value, word, 64);
      instr_i = value;
    }
    instr_valid_i = there;
  }

  void observe() {
    const uint32_t starts = start_o.read();
    const uint32_t ends = end_o.read();
    taken_ = instr_ready_o.read();
    if (taken_ || starts || ends) last_event_ = cycle_;
    for (uint32_t unit = 0; unit < kUnits; unit++) {
      if (starts >> unit & 1) started_[unit].push_back(cycle_);
      if (!(ends >> unit & 1)) continue;
      if (started_[unit].empty()) throw std::runtime_error("an instruction ended that never started");
      if (timeline_.is_open()) {
        timeline_ << kUnitNames[unit] << ' ' << ended_[unit] << ' ' << started_[unit].front() << ' '
                  << cycle_ << '\n';
      }
      started_[unit].pop_front();
      ended_[unit]++;
    }
    if (m0_req_valid_o.read()) {
      log(port0, port0.request(cycle_, m0_req_id_o.read(), m0_req_addr_o.read(),
                               m0_req_write_o.read()));
    }
    if (m1_req_valid_o.read()) log(port1, port1.request(cycle_, 2, m1_req_addr_o.read(), false));
    if (m0_wr_valid_o.read()) {
      uint8_t *data, *enables;
      port0.write_beat(&data, &enables);
      for (uint32_t i = 0; i < SYSTOLE_PORT0_BYTES; i++) {
        data[i] = get_byte(m0_wr_data_o.read(), i);
        enables[i] = get_byte(m0_wr_strb_o.read(), i / 8) >> (i % 8) & 1;
      }
    }
  }

  /* One line of this cycle's inputs and outputs, in hexadecimal, for replay in another simulator
   * (tests/replay.v); what is not valid is 0. */
  void record() {
    const bool read0 = m0_rd_valid_i.read(), read1 = m1_rd_valid_i.read();
    field(instr_valid_i, 1);
    field(instr_i, 64, instr_valid_i.read());
    field(m0_rd_valid_i, 1);
    field(m0_rd_last_i, 1, read0);
    field(m0_rd_id_i, 1, read0);
    field(m0_rd_data_i, SYSTOLE_PORT0_BYTES, read0);
    field(m0_resp_valid_i, 1);
    field(m1_rd_valid_i, 1);
    field(m1_rd_last_i, 1, read1);
    field(m1_rd_data_i, SYSTOLE_PORT1_BYTES, read1);
    field(instr_ready_o, 1);
    field(start_o, 1);
    field(end_o, 1);
    field(done_o, 1);
    field(m0_req_valid_o, 1);
    field(m0_req_write_o, 1, m0_req_valid_o.read());
    field(m0_req_id_o, 1, m0_req_valid_o.read());
    field(m0_req_addr_o, 6, m0_req_valid_o.read());
    field(m0_wr_valid_o, 1);
    field(m0_wr_last_o, 1, m0_wr_valid_o.read());
    field(m0_wr_data_o, SYSTOLE_PORT0_BYTES, m0_wr_valid_o.read());
    field(m0_wr_strb_o, (SYSTOLE_PORT0_BYTES + 7) / 8, m0_wr_valid_o.read());
    field(m1_req_valid_o, 1);
    field(m1_req_addr_o, 6, m1_req_valid_o.read());
    record_ << '\n';
  }

  template <typename T>
  void field(const sc_core::sc_signal<T> &signal, uint32_t bytes, bool valid = true) {
    static const char digits[] = "0123456789abcdef";
    for (uint32_t i = bytes; i-- > 0;) {
      const uint8_t byte = valid ? get_byte(signal.read(), i) : 0;
      record_ << digits[byte >> 4] << digits[byte & 15];
    }
    record_ << ' ';
  }

  void log(const PortAdapter &port, const Burst &burst) {
    last_event_ = cycle_;
    if (!bursts_.is_open()) return;
    bursts_ << kUnitNames[burst.unit] << ' ' << burst.cycle << ' ' << burst.completion << ' '
            << burst.payload.get_address() << ' ' << port.burst_bytes() << ' '
            << (burst.payload.is_write() ? 'W' : 'R') << '\n';
  }

  /* The memory's signals in the cycle that begins. */
  void drive() {
    const PortAdapter::Beat beat0 = port0.beat(cycle_);
    m0_rd_valid_i = beat0.read;
    m0_resp_valid_i = beat0.response;
    if (beat0.read) {
      m0_rd_last_i = beat0.last;
      m0_rd_id_i = beat0.unit;
      auto data = m0_rd_data_i.read();
      put_bytes(data, beat0.data, SYSTOLE_PORT0_BYTES);
      m0_rd_data_i = data;
    }
    const PortAdapter::Beat beat1 = port1.beat(cycle_);
    m1_rd_valid_i = beat1.read;
    if (beat1.read) {
      m1_rd_last_i = beat1.last;
      auto data = m1_rd_data_i.read();
      put_bytes(data, beat1.data, SYSTOLE_PORT1_BYTES);
      m1_rd_data_i = data;
    }
  }

  static void open(std::ofstream &file, const std::string &path) {
    if (path.empty()) return;
    file.open(path);
    if (!file) throw std::runtime_error(path + ": cannot be written");
  }
  static void check(std::ofstream &file, const std::string &path) {
    if (path.empty()) return;
    file.flush();
    if (!file) throw std::runtime_error(path + ": cannot be written");
  }
};
}  // namespace

/* Verilator calls this when an assertion of the machine failed, whose sentence it has printed. */
void vl_stop(const char *file, int line, const char *) {
  std::cerr << "systole-rtl: " << file << ':' << line << ": an assertion of the RTL failed" << std::endl;
  std::_Exit(1);
}

int sc_main(int argc, char **argv) {
  try {
    const Options options = parse_options(argc, argv);
    const sc_core::sc_time period(1, sc_core::SC_NS);
    Bench bench("bench", options, period);
#ifdef SYSTOLE_WAVE
    VerilatedFstSc wave;
    if (!options.wave.empty()) {
      Verilated::traceEverOn(true);
      sc_core::sc_start(sc_core::SC_ZERO_TIME);
      bench.machine.trace(&wave, 99);
      wave.open(options.wave.c_str());
      if (!wave.isOpen()) throw std::runtime_error(options.wave + ": cannot be written");
    }
#else
    if (!options.wave.empty()) throw std::runtime_error("--wave needs a bench built with waves");
#endif
#ifndef SYSTOLE_COVERAGE
    if (!options.coverage.empty()) throw std::runtime_error("--coverage needs a bench built for it");
#endif
    sc_core::sc_start();
    const bool good = bench.finish();
    bench.machine.final();
#ifdef SYSTOLE_WAVE
    if (!options.wave.empty()) wave.close();
#endif
#ifdef SYSTOLE_COVERAGE
    if (!options.coverage.empty()) {
      Verilated::threadContextp()->coveragep()->write(options.coverage.c_str());
    }
#endif
    return good ? 0 : 1;
  } catch (const std::exception &error) {
    std::cerr << "systole-rtl: " << error.what() << std::endl;
    return 2;
  }
}
