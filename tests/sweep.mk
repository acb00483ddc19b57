# Tests of sweeps and their stores.
check_PROGRAMS += tests/test_sweep
TESTS += tests/test_sweep
tests_test_sweep_SOURCES = tests/test_sweep.c tests/store_dump.c tests/store_dump.h $(CLI_RUN)
tests_test_sweep_CFLAGS = $(TEST_CFLAGS)
tests_test_sweep_LDADD = $(TEST_LIBS) $(SQLITE_LIBS)

check_PROGRAMS += tests/test_store
TESTS += tests/test_store
tests_test_store_SOURCES = tests/test_store.c tests/store_dump.c tests/store_dump.h $(CLI_RUN)
tests_test_store_CFLAGS = $(TEST_CFLAGS)
tests_test_store_LDADD = $(TEST_LIBS) $(SQLITE_LIBS)

check_PROGRAMS += tests/test_search
TESTS += tests/test_search
tests_test_search_SOURCES = tests/test_search.c tests/test_main.h
tests_test_search_CFLAGS = $(TEST_CFLAGS)
tests_test_search_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/test_advice
TESTS += tests/test_advice
tests_test_advice_SOURCES = tests/test_advice.c tests/store_dump.c tests/store_dump.h $(CLI_RUN)
tests_test_advice_CFLAGS = $(TEST_CFLAGS)
tests_test_advice_LDADD = $(TEST_LIBS) $(JANSSON_LIBS) $(SQLITE_LIBS)

dist_check_SCRIPTS += tests/check-source-hash tests/check-slurm tests/check-full-disk
TESTS += tests/check-source-hash tests/check-slurm tests/check-full-disk
check_PROGRAMS += tests/dump_store
tests_dump_store_SOURCES = tests/dump_store.c
tests_dump_store_LDADD = $(SQLITE_LIBS)

# A hundred kills.
CHECK_LONG += check-sweep-kills
check-sweep-kills: $(check_PROGRAMS) systole
	SA_KILLS=100 tests/test_sweep
