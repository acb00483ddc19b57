# Files of sim/program: the instruction set, programs and their streams.
libsystole_core_la_SOURCES += \
  sim/program/access.c sim/program/access.h \
  sim/program/isa.c sim/program/isa.def sim/program/isa.h sim/program/isa_table.h \
  sim/program/program.c sim/program/program.h
