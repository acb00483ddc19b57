libsystole_core_la_SOURCES += sim/dram/dram.c sim/dram/dram.h sim/dram/dram_inline.h
