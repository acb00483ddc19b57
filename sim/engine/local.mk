# Files of sim/engine.
libsystole_core_la_SOURCES += \
  sim/engine/exec.c sim/engine/exec.h sim/engine/exec_vector.c sim/engine/exec_vector.h
