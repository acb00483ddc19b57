libsystole_core_la_SOURCES += \
	sim/machine/config.c sim/machine/config.h \
	sim/machine/counters.def sim/machine/counters.h \
	sim/machine/finish.c sim/machine/finish.h \
	sim/machine/latency.def sim/machine/latency.h \
	sim/machine/params.c sim/machine/params.def sim/machine/params.h
