# Tests of engine; a test adds itself to check_PROGRAMS and TESTS.
engine_tests = tests/test_engine tests/test_engine_equal tests/test_engine_repeat
check_PROGRAMS += $(engine_tests)
TESTS += $(engine_tests)

both_engines = tests/both_engines.c tests/both_engines.h
tests_test_engine_SOURCES = tests/test_engine.c tests/kit.c tests/kit.h $(both_engines) \
	tests/engine_random.c tests/engine_random.h
tests_test_engine_CFLAGS = $(TEST_CFLAGS)
tests_test_engine_LDADD = $(TEST_LIBS)
tests_test_engine_equal_SOURCES = tests/test_engine_equal.c $(both_engines) \
	tests/engine_random.c tests/engine_random.h
tests_test_engine_equal_CFLAGS = $(TEST_CFLAGS)
tests_test_engine_equal_LDADD = $(TEST_LIBS)
tests_test_engine_repeat_SOURCES = tests/test_engine_repeat.c tests/engine_random.c \
	tests/engine_random.h
tests_test_engine_repeat_CFLAGS = $(TEST_CFLAGS)
tests_test_engine_repeat_LDADD = $(TEST_LIBS)

# make check-long: many more random programs
CHECK_LONG += check-long-engine
check-long-engine: tests/test_engine_equal tests/test_engine_repeat
	SA_TEST_PROGRAMS=100000 CK_FORK=no tests/test_engine_equal
	SA_TEST_PROGRAMS=50000 CK_FORK=no tests/test_engine_repeat
