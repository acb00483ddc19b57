# The machine in Verilog, one module a file, and its test bench; scripts/rtl-build builds them, from
# the source tree or from where `make install` puts them, with what they need of sim/.
nobase_dist_pkgdata_DATA += \
	rtl/accumulator.v \
	rtl/accumulators.v \
	rtl/accumulators_flat.v \
	rtl/arbiter.v \
	rtl/array_flat.v \
	rtl/array_grid.v \
	rtl/burst_walker.v \
	rtl/counters.v \
	rtl/delay_line.v \
	rtl/divider_pipe.v \
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
	rtl/sqrt_pipe.v \
	rtl/store.v \
	rtl/systole.v \
	rtl/tokens.v \
	rtl/ub_bank.v \
	rtl/ub_lines.v \
	rtl/ub_read_port.v \
	rtl/ub_write_port.v \
	rtl/unified_buffer.v \
	rtl/vector.v \
	rtl/vector_lanes.v \
	rtl/vector_rows.v \
	rtl/vector_walk.v \
	rtl/weight_bank.v \
	rtl/weight_fifo.v \
	rtl/weight_shift.v \
	rtl/wload.v \
	rtl/systole_isa.vh rtl/systole_latency.vh rtl/vector_kind.vh \
	rtl/bench/dram_target.h \
	rtl/bench/image.cpp \
	rtl/bench/image.h \
	rtl/bench/main.cpp \
	rtl/bench/options.cpp \
	rtl/bench/options.h \
	rtl/bench/port_adapter.h \
	sim/dram/dram.c sim/dram/dram.h sim/dram/dram_inline.h \
	sim/machine/counters.def
nobase_dist_pkgdata_SCRIPTS += scripts/rtl-build
EXTRA_DIST += scripts/latency-vh scripts/synth rtl/synth/array_pins.v

# make bench: the RTL beside the C engine
EXTRA_PROGRAMS += tests/bench_rtl
tests_bench_rtl_SOURCES = tests/bench_rtl.c
tests_bench_rtl_LDADD = libsystole-core.la
CLEANFILES += tests/bench_rtl
BENCH += bench-rtl
.PHONY: bench-rtl
bench-rtl: tests/bench_rtl
	SYSTOLE_MODELS=$(srcdir)/models tests/bench_rtl

# The pages of the blocks against the code; the machine as hardware.
dist_check_SCRIPTS += tests/check-block-docs tests/check-synth
TESTS += tests/check-block-docs tests/check-synth

# The whole machine through Yosys, for two families of FPGAs: many minutes.
CHECK_LONG += check-long-synth
.PHONY: check-long-synth
check-long-synth: all
	srcdir=$(srcdir) $(srcdir)/tests/check-synth --long
