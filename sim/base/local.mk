libsystole_core_la_SOURCES += sim/base/error.c sim/base/error.h
