/* The bench's command line. */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H
#include <cstdint>
#include <string>

struct PortOptions {
  uint32_t burst_bytes = 64;
  uint32_t outstanding = 4;
  uint64_t latency_cycles = 10;
  uint64_t num = 1, den = 1; /* bytes per cycle */
};

struct Options {
  std::string stream, memory; /* in */
  /* out, "" = not wanted */
  std::string counters, timeline, bursts, memory_out, record, wave, coverage;
  PortOptions port[2];
  uint64_t idle_limit = 1u << 22; /* cycles without any event after which the run is stuck */
};

/* Throws std::runtime_error naming the argument. */
Options parse_options(int argc, char **argv);
#endif
