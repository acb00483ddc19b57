# Files of sim/sweep.
libsystole_core_la_SOURCES += \
	sim/sweep/expr.c sim/sweep/expr.h \
	sim/sweep/merge.c \
	sim/sweep/point.c sim/sweep/scope.h \
	sim/sweep/query.c sim/sweep/query.h \
	sim/sweep/run.c sim/sweep/run.h \
	sim/sweep/schema.c sim/sweep/schema.h \
	sim/sweep/store.c sim/sweep/store.h \
	sim/sweep/sweep.h sim/sweep/sweep_yaml.c

# Shipped sweeps.
nobase_dist_pkgdata_DATA += \
	models/sweep/resnet50-arrays.yaml
