# Tests of the program as a user runs it; a test adds itself to check_PROGRAMS and TESTS.
CLI_RUN = tests/run_cli.c tests/run_cli.h tests/test_main.h
check_PROGRAMS += tests/test_cli
TESTS += tests/test_cli

tests_test_cli_SOURCES = tests/test_cli.c $(CLI_RUN)
tests_test_cli_CFLAGS = $(TEST_CFLAGS)
tests_test_cli_LDADD = $(TEST_LIBS)
