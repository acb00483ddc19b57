# Tests of sweeps and their stores.
check_PROGRAMS += tests/test_sweep
TESTS += tests/test_sweep
tests_test_sweep_SOURCES = tests/test_sweep.c tests/store_dump.c tests/store_dump.h $(CLI_RUN)
tests_test_sweep_CFLAGS = $(TEST_CFLAGS)
tests_test_sweep_LDADD = $(TEST_LIBS) $(SQLITE_LIBS)

# A hundred kills.
CHECK_LONG += check-sweep-kills
check-sweep-kills: $(check_PROGRAMS) systole
	SA_KILLS=100 tests/test_sweep
