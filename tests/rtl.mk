# Tests of rtl: the whole machine in Verilog against the engine. Skipped without Verilator or SystemC.
rtl_tests = tests/test_crosscheck tests/test_random_pair tests/test_rtl_random
check_PROGRAMS += $(rtl_tests)
TESTS += $(rtl_tests)
tests_test_rtl_random_SOURCES = tests/test_rtl_random.c tests/rtl_replay.c tests/rtl_replay.h \
	tests/engine_random.c tests/engine_random.h
tests_test_rtl_random_CFLAGS = $(TEST_CFLAGS)
tests_test_rtl_random_LDADD = $(TEST_LIBS)
tests_test_crosscheck_SOURCES = tests/test_crosscheck.c tests/run_cli.c tests/run_cli.h tests/test_main.h
tests_test_crosscheck_CFLAGS = $(TEST_CFLAGS)
tests_test_crosscheck_LDADD = $(TEST_LIBS)
tests_test_random_pair_SOURCES = tests/test_random_pair.c tests/test_main.h
tests_test_random_pair_CFLAGS = $(TEST_CFLAGS)
tests_test_random_pair_LDADD = $(TEST_LIBS)
EXTRA_DIST += tests/replay.v tests/data/transformer.yaml tests/data/bert-layer.yaml tests/data/chain.yaml

dist_check_SCRIPTS += tests/check-rtl
TESTS += tests/check-rtl

# make check-long: whole networks, the recorded timelines, a waveform, 10,000 random pairs.
dist_check_SCRIPTS += tests/check-networks tests/check-wave
CHECK_LONG += check-long-networks check-long-traces check-long-wave check-long-pairs
check-long-networks: all
	srcdir=$(srcdir) $(srcdir)/tests/check-networks || test $$? = 77
check-long-traces: all
	srcdir=$(srcdir) $(srcdir)/tests/check-traces --rtl
check-long-wave: all
	srcdir=$(srcdir) $(srcdir)/tests/check-wave || test $$? = 77
check-long-pairs: all
	./systole check --random 10000 --seed 1 --builds 64
