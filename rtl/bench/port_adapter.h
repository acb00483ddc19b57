/* From the signals of one memory port to TLM-2.0 and back: turns each request into a transaction,
 * plays read beats in the cycles that end with its completion, gathers write beats. Nothing of the
 * machine is decided here. */
#ifndef BENCH_PORT_ADAPTER_H
#define BENCH_PORT_ADAPTER_H
#include <deque>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <vector>

struct Burst {
  tlm::tlm_generic_payload payload;
  std::vector<uint8_t> data, enables;
  uint32_t unit;              /* 0 LOAD, 1 STORE, 2 WLOAD */
  uint64_t cycle, completion; /* accepted, completed */
  uint32_t beats_gathered = 0;
};

class PortAdapter : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<PortAdapter> socket;

  PortAdapter(sc_core::sc_module_name name, uint32_t width_bytes, uint32_t burst_bytes,
              const sc_core::sc_time &period)
      : sc_module(name), socket("socket"), width_(width_bytes), burst_(burst_bytes),
        period_(period) {}

  uint32_t width() const { return width_; }
  uint32_t burst_bytes() const { return burst_; }

  /* A request is on the port in this cycle. */
  const Burst &request(uint64_t cycle, uint32_t unit, uint64_t address, bool is_write) {
    bursts_.push_back(std::make_unique<Burst>());
    Burst &burst = *bursts_.back();
    burst.data.assign(burst_, 0);
    burst.enables.assign(burst_, 0);
    burst.unit = unit;
    burst.cycle = cycle;
    burst.payload.set_command(is_write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    burst.payload.set_address(address);
    burst.payload.set_data_ptr(burst.data.data());
    burst.payload.set_data_length(burst_);
    burst.payload.set_streaming_width(burst_);
    burst.payload.set_byte_enable_ptr(is_write ? burst.enables.data() : nullptr);
    burst.payload.set_byte_enable_length(is_write ? burst_ : 0);
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket->nb_transport_fw(burst.payload, phase, delay);
    burst.completion = cycle + delay.value() / period_.value();
    return burst;
  }

  /* A write beat is on the port in this cycle: the place for its bytes and enables. */
  void write_beat(uint8_t **data, uint8_t **enables) {
    for (const std::unique_ptr<Burst> &burst : bursts_) {
      if (!burst->payload.is_write() || burst->beats_gathered * width_ == burst_) continue;
      *data = burst->data.data() + burst->beats_gathered * width_;
      *enables = burst->enables.data() + burst->beats_gathered * width_;
      burst->beats_gathered++;
      return;
    }
    SC_REPORT_FATAL("port", "a write beat came that no burst is waiting for");
  }

  /* What the memory puts on the port in `cycle`: a read beat, a write's response, or nothing. */
  struct Beat {
    bool read = false, last = false, response = false;
    uint32_t unit = 0;
    const uint8_t *data = nullptr;
  };
  Beat beat(uint64_t cycle) {
    Beat out;
    retire(cycle);
    if (bursts_.empty()) return out;
    const Burst &front = *bursts_.front();
    const uint64_t beats = burst_ / width_;
    if (front.payload.is_write()) {
      out.response = cycle == front.completion;
    } else if (cycle + beats > front.completion) {
      const uint64_t index = cycle + beats - front.completion - 1;
      out.read = true;
      out.last = index == beats - 1;
      out.unit = front.unit;
      out.data = front.data.data() + index * width_;
    }
    return out;
  }

  /* Ends every transaction that completed before `cycle`. */
  void retire(uint64_t cycle) {
    while (!bursts_.empty() && bursts_.front()->completion < cycle) {
      tlm::tlm_phase phase = tlm::END_RESP;
      sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
      socket->nb_transport_fw(bursts_.front()->payload, phase, delay);
      bursts_.pop_front();
    }
  }

 private:
  uint32_t width_, burst_;
  sc_core::sc_time period_;
  std::deque<std::unique_ptr<Burst>> bursts_; /* in flight, in order of completion */
};
#endif
