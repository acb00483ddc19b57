# Tests of sim/baseline; a test adds itself to check_PROGRAMS and TESTS.
BASELINE_TESTS = tests/test_baseline tests/test_baseline_results tests/test_compare
check_PROGRAMS += $(BASELINE_TESTS)
TESTS += $(BASELINE_TESTS)

tests_test_baseline_SOURCES = tests/test_baseline.c tests/test_main.h
tests_test_baseline_CFLAGS = $(TEST_CFLAGS)
tests_test_baseline_LDADD = $(TEST_LIBS)

tests_test_baseline_results_SOURCES = tests/test_baseline_results.c tests/test_main.h tests/temporary.h
tests_test_baseline_results_CFLAGS = $(TEST_CFLAGS)
tests_test_baseline_results_LDADD = $(TEST_LIBS)

tests_test_compare_SOURCES = tests/test_compare.c tests/run_cli.c tests/run_cli.h tests/test_main.h
tests_test_compare_CFLAGS = $(TEST_CFLAGS)
tests_test_compare_LDADD = $(TEST_LIBS)
