# Tests of the wavefront and of the report's page; a test adds itself to TESTS.
page_tests = tests/test_wavefront
check_PROGRAMS += $(page_tests)
TESTS += $(page_tests)

tests_test_wavefront_SOURCES = tests/test_wavefront.c $(CLI_RUN)
tests_test_wavefront_CFLAGS = $(TEST_CFLAGS)
tests_test_wavefront_LDADD = $(TEST_LIBS)
