# Files of sim/program: the instruction set, programs and their streams.
libsystole_core_la_SOURCES += \
  sim/program/access.c sim/program/access.h \
  sim/program/asm.c sim/program/asm.h \
  sim/program/check.c sim/program/check.h \
  sim/program/disasm.c \
  sim/program/file.c sim/program/file.h \
  sim/program/isa.c sim/program/isa.def sim/program/isa.h sim/program/isa_table.h \
  sim/program/order.c sim/program/order.h \
  sim/program/overlap.c sim/program/overlap.h \
  sim/program/program.c sim/program/program.h
