libsystole_core_la_SOURCES += \
	sim/base/error.c sim/base/error.h \
	sim/base/file.c sim/base/file.h \
	sim/base/hash.c sim/base/hash.h \
	sim/base/memory.c sim/base/memory.h \
	sim/base/rng.c sim/base/rng.h \
	sim/base/vec.c sim/base/vec.h
