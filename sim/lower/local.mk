# Files of sim/lower.
libsystole_core_la_SOURCES += sim/lower/lower.c sim/lower/lower.h sim/lower/repeat.c sim/lower/split.c
