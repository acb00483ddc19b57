# The machine in Verilog, one module a file, and its test bench; scripts/rtl-build builds them. The
# vector unit is listed in tests/vector.mk.
EXTRA_DIST += \
	rtl/accumulator.v \
	rtl/accumulators.v \
	rtl/accumulators_flat.v \
	rtl/arbiter.v \
	rtl/array_flat.v \
	rtl/array_grid.v \
	rtl/burst_walker.v \
	rtl/counters.v \
	rtl/delay_line.v \
	rtl/fifo.v \
	rtl/in_flight.v \
	rtl/load.v \
	rtl/matmul.v \
	rtl/matmul_cause.v \
	rtl/memory_port.v \
	rtl/pe.v \
	rtl/ram_1r1w.v \
	rtl/sequencer.v \
	rtl/skew.v \
	rtl/store.v \
	rtl/systole.v \
	rtl/tokens.v \
	rtl/ub_bank.v \
	rtl/ub_lines.v \
	rtl/ub_read_port.v \
	rtl/ub_write_port.v \
	rtl/unified_buffer.v \
	rtl/weight_bank.v \
	rtl/weight_fifo.v \
	rtl/weight_shift.v \
	rtl/wload.v \
	rtl/systole_isa.vh rtl/systole_latency.vh
EXTRA_DIST += \
	rtl/bench/dram_target.h \
	rtl/bench/image.cpp \
	rtl/bench/image.h \
	rtl/bench/main.cpp \
	rtl/bench/options.cpp \
	rtl/bench/options.h \
	rtl/bench/port_adapter.h
EXTRA_DIST += scripts/latency-vh scripts/rtl-build

# make bench: the RTL beside the C engine
EXTRA_PROGRAMS += tests/bench_rtl
tests_bench_rtl_SOURCES = tests/bench_rtl.c
tests_bench_rtl_LDADD = libsystole-core.la
CLEANFILES += tests/bench_rtl
BENCH += bench-rtl
.PHONY: bench-rtl
bench-rtl: tests/bench_rtl
	SYSTOLE_MODELS=$(srcdir)/models tests/bench_rtl
