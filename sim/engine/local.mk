# Files of sim/engine.
libsystole_core_la_SOURCES += \
  sim/engine/exec.c sim/engine/exec.h sim/engine/exec_vector.c sim/engine/exec_vector.h
libsystole_core_la_SOURCES += \
  sim/engine/plain.c sim/engine/plain.h sim/engine/plain_compute.c sim/engine/plain_port.c \
  sim/engine/plain_report.c
