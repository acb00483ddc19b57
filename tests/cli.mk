# Tests of the program as a user runs it; a test adds itself to check_PROGRAMS and TESTS.
CLI_RUN = tests/run_cli.c tests/run_cli.h tests/test_main.h
check_PROGRAMS += tests/test_cli
TESTS += tests/test_cli

tests_test_cli_SOURCES = tests/test_cli.c $(CLI_RUN)
tests_test_cli_CFLAGS = $(TEST_CFLAGS)
tests_test_cli_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/test_run
TESTS += tests/test_run
tests_test_run_SOURCES = tests/test_run.c $(CLI_RUN)
tests_test_run_CFLAGS = $(TEST_CFLAGS)
tests_test_run_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/test_physics
TESTS += tests/test_physics
tests_test_physics_SOURCES = tests/test_physics.c tests/test_main.h
tests_test_physics_CFLAGS = $(TEST_CFLAGS)
tests_test_physics_LDADD = $(TEST_LIBS)
