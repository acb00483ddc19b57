# Files of sim/sweep.
libsystole_core_la_SOURCES += \
	sim/sweep/merge.c \
	sim/sweep/neighbours.c sim/sweep/neighbours.h \
	sim/sweep/networks.c sim/sweep/networks.h \
	sim/sweep/point.c sim/sweep/scope.h \
	sim/sweep/query.c sim/sweep/query.h \
	sim/sweep/recall.c sim/sweep/recall.h \
	sim/sweep/run.c sim/sweep/run.h \
	sim/sweep/schema.c sim/sweep/schema.h \
	sim/sweep/store.c sim/sweep/store.h \
	sim/sweep/sweep.h sim/sweep/sweep_yaml.c

# What simulated a point: a content hash of the sources, so that a changed simulator reuses no figures.
nodist_libsystole_core_la_SOURCES += sim/sweep/source_hash.c
CLEANFILES += sim/sweep/source_hash.c sim/sweep/source_hash.c-t
sim/sweep/source_hash.c: $(libsystole_core_la_SOURCES) $(nobase_sainclude_HEADERS) scripts/source-hash
	$(AM_V_GEN)$(MKDIR_P) sim/sweep && $(srcdir)/scripts/source-hash $(srcdir) > $@-t && mv $@-t $@

# Shipped sweeps.
nobase_dist_pkgdata_DATA += \
	models/sweep/resnet50-arrays.yaml

# make bench: 1,000 points with one worker and two
EXTRA_PROGRAMS += tests/bench_sweep
tests_bench_sweep_SOURCES = tests/bench_sweep.c
CLEANFILES += tests/bench_sweep
BENCH += bench-sweep
.PHONY: bench-sweep
bench-sweep: tests/bench_sweep systole
	SYSTOLE_MODELS=$(srcdir)/models tests/bench_sweep
