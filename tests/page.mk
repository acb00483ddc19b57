# Tests of the wavefront and of the report's page; a test adds itself to TESTS.
page_tests = tests/test_wavefront tests/test_page
check_PROGRAMS += $(page_tests)
TESTS += $(page_tests)

tests_test_wavefront_SOURCES = tests/test_wavefront.c $(CLI_RUN)
tests_test_wavefront_CFLAGS = $(TEST_CFLAGS)
tests_test_wavefront_LDADD = $(TEST_LIBS)

tests_test_page_SOURCES = tests/test_page.c $(CLI_RUN)
tests_test_page_CFLAGS = $(TEST_CFLAGS)
tests_test_page_LDADD = $(TEST_LIBS)

# The pages in a browser.
dist_check_SCRIPTS += tests/check-page
EXTRA_DIST += tests/browser.py
TESTS += tests/check-page

# The wavefront against the inputs of every PE in Verilog. Skipped without Verilator, SystemC, Icarus Verilog.
check_PROGRAMS += tests/test_wavefront_rtl
TESTS += tests/test_wavefront_rtl
tests_test_wavefront_rtl_SOURCES = tests/test_wavefront_rtl.c tests/rtl_replay.c tests/rtl_replay.h
tests_test_wavefront_rtl_CFLAGS = $(TEST_CFLAGS)
tests_test_wavefront_rtl_LDADD = $(TEST_LIBS)
EXTRA_DIST += tests/wavefront_probe.v

# make check-long: with one weight register a PE too.
CHECK_LONG += check-long-wavefront
check-long-wavefront: tests/test_wavefront_rtl
	srcdir=$(srcdir) SA_TEST_BUILDS=2 CK_FORK=no tests/test_wavefront_rtl
