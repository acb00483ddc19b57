/* Fixed latencies as SA_LAT_<name>, from latency.def. */
#ifndef SA_MACHINE_LATENCY_H
#define SA_MACHINE_LATENCY_H
enum sa_latency {
#define SA_LATENCY(name, cycles, meaning) SA_LAT_##name = (cycles),
#include "machine/latency.def"
#undef SA_LATENCY
  SA_LAT_END_
};
#endif
