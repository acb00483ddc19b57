/* The memory behind one port: a TLM-2.0 target that asks the DRAM function of the C engine when a
 * burst completes. Protocol: BEGIN_REQ in the cycle in which the burst is accepted; the answer is
 * TLM_UPDATED with BEGIN_RESP and a delay to the cycle of completion, and holds the data of a read.
 * END_RESP in the cycle of completion; by then the initiator has a write's data and byte enables. */
#ifndef BENCH_DRAM_TARGET_H
#define BENCH_DRAM_TARGET_H
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include "dram/dram.h"
#include "image.h"

class DramTarget : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<DramTarget> socket;

  DramTarget(sc_core::sc_module_name name, Image &image, const sc_core::sc_time &period,
             uint64_t num, uint64_t den, uint64_t latency_cycles)
      : sc_module(name), socket("socket"), image_(image), period_(period) {
    sa_dram_init(&dram_, num, den, latency_cycles);
    socket.register_nb_transport_fw(this, &DramTarget::forward);
  }

 private:
  tlm::tlm_sync_enum forward(tlm::tlm_generic_payload &burst, tlm::tlm_phase &phase,
                             sc_core::sc_time &delay) {
    if (phase == tlm::BEGIN_REQ) {
      const uint64_t now = sc_core::sc_time_stamp().value() / period_.value();
      const uint64_t done = sa_dram_accept(&dram_, now, burst.get_address(),
                                           burst.get_data_length(), burst.is_write());
      if (burst.is_read()) {
        image_.read(burst.get_address(), burst.get_data_ptr(), burst.get_data_length());
      }
      burst.set_response_status(tlm::TLM_OK_RESPONSE);
      delay += sc_core::sc_time::from_value((done - now) * period_.value());
      phase = tlm::BEGIN_RESP;
      return tlm::TLM_UPDATED;
    }
    if (burst.is_write()) {
      image_.write(burst.get_address(), burst.get_data_ptr(), burst.get_byte_enable_ptr(),
                   burst.get_data_length());
    }
    return tlm::TLM_COMPLETED;
  }

  Image &image_;
  sc_core::sc_time period_;
  sa_dram dram_;
};
#endif
