# Files of sim/net.
libsystole_core_la_SOURCES += sim/net/net.c sim/net/net.h sim/net/quant.c sim/net/quant.h sim/net/shape.c
