# Files of sim/machine.
libsystole_core_la_SOURCES += sim/machine/config.h sim/machine/counters.def sim/machine/counters.h sim/machine/latency.def sim/machine/latency.h
