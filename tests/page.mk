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
