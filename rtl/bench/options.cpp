/* The bench's command line: --name value pairs. */
#include "options.h"

#include <cstdlib>
#include <stdexcept>

namespace {
uint64_t number(const std::string &name, const std::string &text) {
  char *end = nullptr;
  const unsigned long long value = strtoull(text.c_str(), &end, 10);
  if (text.empty() || text[0] == '-' || *end != '\0') {
    throw std::runtime_error(name + " is " + text + "; it must be a number");
  }
  return value;
}
}  // namespace

Options parse_options(int argc, char **argv) {
  Options options;
  for (int i = 1; i < argc; i += 2) {
    const std::string name = argv[i];
    if (i + 1 == argc) throw std::runtime_error(name + " needs a value");
    const std::string value = argv[i + 1];
    if (name == "--stream") options.stream = value;
    else if (name == "--memory") options.memory = value;
    else if (name == "--counters") options.counters = value;
    else if (name == "--timeline") options.timeline = value;
    else if (name == "--bursts") options.bursts = value;
    else if (name == "--memory-out") options.memory_out = value;
    else if (name == "--record") options.record = value;
    else if (name == "--wave") options.wave = value;
    else if (name == "--coverage") options.coverage = value;
    else if (name == "--idle-limit") options.idle_limit = number(name, value);
    else if (name == "--port0" || name == "--port1") {
      /* BURST:OUTSTANDING:LATENCY:NUM/DEN */
      unsigned long long burst, outstanding, latency, num, den;
      char rest;
      if (sscanf(value.c_str(), "%llu:%llu:%llu:%llu/%llu%c", &burst, &outstanding, &latency, &num,
                 &den, &rest) != 5 || burst == 0 || burst > 4096 || outstanding == 0 ||
          outstanding > 256 || latency == 0 || num == 0 || den == 0) {
        throw std::runtime_error(name + " is " + value +
                                 "; it must be BURST:OUTSTANDING:LATENCY:NUM/DEN");
      }
      PortOptions &port = options.port[name == "--port1"];
      port.burst_bytes = static_cast<uint32_t>(burst);
      port.outstanding = static_cast<uint32_t>(outstanding);
      port.latency_cycles = latency;
      port.num = num;
      port.den = den;
    } else {
      throw std::runtime_error(name + " is not an option");
    }
  }
  if (options.stream.empty()) throw std::runtime_error("--stream is missing");
  return options;
}
