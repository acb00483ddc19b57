# Files of sim/map.
libsystole_core_la_SOURCES += \
	sim/map/attention.c sim/map/bounds.c sim/map/bounds.h sim/map/box.c sim/map/cell.c sim/map/cell.h sim/map/choose.c \
	sim/map/cost.c sim/map/drain.c sim/map/emit.c sim/map/emit.h sim/map/folds.c sim/map/gemm.c sim/map/groups.c \
	sim/map/gru.c sim/map/image.c sim/map/join.c sim/map/layout.c sim/map/lstm.c sim/map/map.c sim/map/map.h \
	sim/map/mapper.h sim/map/operand.c sim/map/place.c sim/map/place.h sim/map/plan.c \
	sim/map/pool.c sim/map/random_net.c sim/map/random_net.h sim/map/repeat.c sim/map/rnn.c sim/map/slices.c sim/map/tiles.c sim/map/vecops.c \
	sim/map/vecpass.c sim/map/vecpass.h sim/map/walk.c

# make bench: the largest networks
EXTRA_PROGRAMS += tests/bench_scale
tests_bench_scale_SOURCES = tests/bench_scale.c
CLEANFILES += tests/bench_scale
BENCH += bench-scale
.PHONY: bench-scale
bench-scale: tests/bench_scale systole
	SYSTOLE_MODELS=$(srcdir)/models tests/bench_scale ./systole
