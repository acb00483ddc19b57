# Files of sim/engine.
libsystole_core_la_SOURCES += \
  sim/engine/coverage.c sim/engine/coverage.def sim/engine/coverage.h \
  sim/engine/engine.c sim/engine/engine.h \
  sim/engine/exec.c sim/engine/exec.h sim/engine/exec_vector.c sim/engine/exec_vector.h \
  sim/engine/fast.h sim/engine/fast_account.c sim/engine/fast_banks.c sim/engine/fast_compute.c \
  sim/engine/fast_port.c sim/engine/fast_repeat.c sim/engine/fast_repeat.h sim/engine/fast_state.c \
  sim/engine/fast_stream.c sim/engine/fast_stuck.c \
  sim/engine/fast_units.c \
  sim/engine/plain.c sim/engine/plain.h sim/engine/plain_compute.c sim/engine/plain_port.c \
  sim/engine/plain_report.c \
  sim/engine/random.h sim/engine/random_build.h sim/engine/random_config.c \
  sim/engine/random_emit.c sim/engine/random_instr.c sim/engine/random_program.c

# make bench: the engine alone
EXTRA_PROGRAMS += tests/bench_engine
tests_bench_engine_SOURCES = tests/bench_engine.c
tests_bench_engine_LDADD = libsystole-core.la
CLEANFILES += tests/bench_engine
EXTRA_DIST += scripts/bench-engine
BENCH += bench-engine
.PHONY: bench-engine
bench-engine: tests/bench_engine systole
	SYSTOLE_MODELS=$(srcdir)/models $(srcdir)/scripts/bench-engine
