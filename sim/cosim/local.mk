# Files of sim/cosim: the RTL as an engine, and the comparison with the C engine.
AM_CPPFLAGS += -DSA_SOURCE_SCRIPTS=\"$(abs_top_srcdir)/scripts\" -DSA_INSTALLED_SCRIPTS=\"$(pkgdatadir)/scripts\"
libsystole_core_la_SOURCES += \
	sim/cosim/crosscheck.c sim/cosim/crosscheck.h \
	sim/cosim/random_pair.c sim/cosim/random_pair.h \
	sim/cosim/random_check.c sim/cosim/random_check.h \
	sim/cosim/record.c sim/cosim/record.h \
	sim/cosim/rtl.c sim/cosim/rtl.h \
	sim/cosim/spawn.c sim/cosim/spawn.h
